// The kilometre axis of an asset with all that is known of it.

import { h } from "../../lib/dom.js";
import { distance, many, number, time } from "../../lib/format.js";
import { shipName } from "../../lib/names.js";
import { KmStrip } from "../../lib/strip.js";
import { headline } from "../ship/found.js";

/** Gathers what the parts of the page found and draws it in one strip. */
export class Along {
  #marks = { alert: [], fault: [], passage: [], closest: [] };
  #bars = []; #length = null;

  constructor(onpoint, onpick) {
    this.strip = new KmStrip({ label: "Along the asset by kilometre. Arrow keys move, Enter opens what is there or shows the place.", onpoint, onpick });
    this.note = h("p.legend.quiet", null, "| crossed ○ came close △ alert ✕ fault. The map shows the place; kilometres run from the route's first point.");
    this.element = h("section.part", { id: "asset-along", "aria-label": "Along the asset", hidden: true }, h("h2", null, "Along it"), this.strip.element, this.note);
  }

  asset({ length_km: length, shape }) {
    this.#length = shape === "line" && length > 0 ? length : null;
    this.element.hidden = this.#length === null;
    this.#draw();
  }

  passages(found, app) {
    this.#take("passage", found, (one) => ({ km: one.km_along, label: `${shipName(one)} crossed ${time(one.crossed_at, { day: true })} at ${number(one.sog_kn, "kn")}`,
      open: () => app.go(app.link("ships", one.vessel_id, { at: one.crossed_at })) }));
  }

  closest(found, app) {
    this.#take("closest", found.filter((one) => one.distance_m > 0), (one) => ({ km: one.km_along,
      label: `${shipName(one)} ${distance(one.distance_m)} off, ${time(one.at, { day: true })}`,
      open: () => app.go(app.link("ships", one.vessel_id, { at: one.at })) }));
  }

  alerts(found, id, app) {
    const own = found.flatMap((alert) => (alert.assets ?? []).filter((one) => one.asset_id === id).map((one) => ({ alert, km: one.km_along })));
    this.#take("alert", own, ({ alert, km }) => ({ km, priority: alert.priority, label: `${alert.priority}, ${alert.status}: ${headline(alert)}`,
      open: () => app.go(app.link("alerts", alert.alert_id)) }));
  }

  faults(found, app) {
    this.#take("fault", found.filter((one) => !one.withdrawn), (one) => ({ km: one.km_along, error_km: one.km_error_km, label: `fault ${time(one.at, { day: true })}`,
      open: () => app.go(app.link("fault", null, { asset: one.asset_id, time: one.at, km: one.km_along })) }));
  }

  exposure(bars) {
    this.#bars = bars;
    this.#draw();
  }

  leave() {
    this.strip.leave();
  }

  #take(kind, found, made) {
    this.#marks[kind] = found.map((one) => ({ kind, ...made(one) })).filter((one) => one.km !== null && one.km !== undefined);
    this.#draw();
  }

  #draw() {
    if (this.#length === null) return;
    const m = this.#marks;
    const rows = [[`Faults (${m.fault.length})`, m.fault], [`Alerts (${m.alert.length})`, m.alert], [`Crossed: ${many(m.passage.length, "time")}`, m.passage],
      [`Came close: ${many(m.closest.length, "ship")}`, m.closest]].map(([title, marks]) => ({ title, marks }));
    this.strip.set({ length_km: this.#length, bars: this.#bars, rows: rows.filter((row) => row.marks.length || row.title.startsWith("Crossed")) });
  }
}
