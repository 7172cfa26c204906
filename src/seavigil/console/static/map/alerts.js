// The standing alerts as signs on the map; an urgent one that nobody has acknowledged pulses.

import { get } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { STANDING } from "../lib/names.js";
import { Asking } from "./asking.js";
import { wanted } from "./layers.js";
import { collection, feature } from "./geo.js";
import { PRIORITIES } from "./palette.js";

const MOST = 500;
const MOST_RINGS = 20; // more would be noise, and cost

/** Ask for alerts and draw them, at their ships (`on.parts.ships` is there already); `list()` gives them as the service told them. */
export function alertsOnMap(on) {
  const { app } = on;
  let list = [];
  let chosen = null;
  let shown = "";
  const rings = new Map();
  const asked = new Asking((signal) => get("/api/alerts", { at: app.clock.iso(), status: STANDING, limit: MOST }, { signal }),
    (found) => { list = found.alerts; draw(); on.told("alerts"); }, (problem) => on.tell?.("alerts", problem && `Alerts: ${problem.message} What is drawn may be old.`), () => 1_000);
  on.hear((kind) => { if (kind === "ships") draw(); });

  function draw() {
    const found = list.map((alert) => sign(alert, on.parts.ships.one(alert.vessel?.vessel_id), chosen)).filter(Boolean);
    const now = JSON.stringify(found);
    if (now !== shown) on.set("alerts", collection(found));
    shown = now;
    ring(found);
  }

  function ring(found) {
    const pulsing = !wanted("alerts") ? [] : found.filter(({ properties: p }) => p.priority === "urgent" && p.status === "open").slice(0, MOST_RINGS);
    const ids = new Set(pulsing.map((one) => one.properties.alert_id));
    for (const [id, marker] of rings) if (!ids.has(id)) { marker.remove(); rings.delete(id); }
    for (const { geometry, properties: p } of pulsing) {
      const marker = rings.get(p.alert_id) ?? new on.library.Marker({ element: h("div.map-ring", { "aria-hidden": "true" }, h("div.map-pulse")) });
      marker.setLngLat(geometry.coordinates);
      if (!rings.has(p.alert_id)) { marker.addTo(on.ml); rings.set(p.alert_id, marker); }
    }
  }

  return {
    want: (how) => asked.want(how), list: () => list, one: (id) => list.find((alert) => alert.alert_id === id) ?? null, draw,
    choose(id) { chosen = id; draw(); },
  };
}

/** At the ship where she is heard now, else where the alert was last revised. */
function sign(alert, ship, chosen) {
  const p = alert.position;
  const place = ship?.geometry.coordinates ?? (p ? [p.lon_deg, p.lat_deg] : null);
  if (!place) return null;
  return feature("Point", place, {
    alert_id: alert.alert_id, priority: alert.priority, status: alert.status, ship: Boolean(alert.vessel), headline: alert.headline ?? "",
    chosen: alert.alert_id === chosen ? "yes" : "no", rank: PRIORITIES.indexOf(alert.priority) + (alert.status === "open" ? 0.5 : 0) + (alert.alert_id === chosen ? 10 : 0),
  });
}
