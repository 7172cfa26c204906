// The ship of an alert on the map: her way of the last hours, and where she may go.

import { runOn } from "../../map/geo.js";
import { paced } from "../../lib/pace.js";

const HOURS_MS = 6 * 3_600_000;
const MARGIN_DEG = 0.05;

/** Shows one alert on the map; `told` gets the forecast of its ship, as known at the moment shown. */
export class OnMap {
  #over = false;
  #alert = null;
  #focused = false;

  constructor(app, told) {
    this.app = app;
    this.told = told;
    this.asking = paced(() => this.#load(), 1500);
  }

  show(alert) {
    const other = this.#alert?.alert_id !== alert.alert_id;
    this.#alert = alert;
    if (other) this.#select();
    if (alert.vessel) this.asking.ask();
    else this.#focus(alert.area ? areaBounds(alert.area) : null);
  }

  clear() {
    this.#alert = null;
    const { map } = this.app;
    map?.select?.(null);
    map?.track?.(null);
    map?.fan?.(null);
  }

  leave() {
    this.#over = true;
    this.asking.end();
    this.clear();
  }

  #select() {
    const { vessel, alert_id: id } = this.#alert;
    this.app.map?.select?.(vessel ? { kind: "ship", id: vessel.vessel_id } : { kind: "alert", id });
  }

  async #load() {
    const alert = this.#alert, now = this.app.clock.now(), at = this.app.clock.iso();
    if (!alert?.vessel) return;
    const ship = `/api/ships/${encodeURIComponent(alert.vessel.vessel_id)}`;
    const from = new Date(Math.min(now - HOURS_MS, Date.parse(alert.began))).toISOString();
    const [track, forecast] = await Promise.all([
      this.app.api.get(`${ship}/track`, { from, to: new Date(now).toISOString() }).catch(() => null),
      this.app.api.get(`${ship}/forecast`, { at }).catch(() => null),
    ]);
    if (this.#over || this.#alert?.alert_id !== alert.alert_id) return;
    this.app.map?.track?.(track);
    this.app.map?.fan?.(forecast);
    this.told(forecast);
    this.#focus(track?.lat_deg.some((one) => one !== null) ? trackBounds(track) : placeBounds(alert.position));
  }

  /** Once: afterwards the map is the person's. */
  #focus(bounds) {
    if (this.#focused || !bounds) return;
    this.#focused = true;
    this.app.map?.focus?.({ bounds });
  }
}

function trackBounds({ lat_deg, lon_deg }) {
  const lat = lat_deg.filter((one) => one !== null), lon = runOn(lon_deg).filter((one) => one !== null);
  return [Math.min(...lon) - MARGIN_DEG, Math.min(...lat) - MARGIN_DEG, Math.max(...lon) + MARGIN_DEG, Math.max(...lat) + MARGIN_DEG];
}

const placeBounds = (place) => (place ? [place.lon_deg - 0.2, place.lat_deg - 0.1, place.lon_deg + 0.2, place.lat_deg + 0.1] : null);

const areaBounds = (area) => (area.south_deg === null ? null : [area.west_deg, area.south_deg, area.east_deg, area.north_deg]);
