// What is chosen: highlighted on the map and kept in view.

import { get } from "../lib/api.js";
import { boxOf } from "./geo.js";

const MARGIN_PX = 60;
const CLOSE_ZOOM = 10;

/** Give select(); see map.js. */
export function selection(on) {
  const { ml, parts } = on;
  let chosen = null;
  let moved = false; // a hand that moves the map after choosing is not fought
  let come = false; // whether it has been brought into view
  const marked = {};

  function select(what) {
    chosen = what;
    moved = come = false;
    mark(what);
    show();
  }

  function mark(what) {
    const ship = what?.kind === "ship" ? what.id : parts.alerts.one(what?.kind === "alert" ? what.id : null)?.vessel?.vessel_id;
    only("ships-chosen", "vessel_id", ship ?? "");
    only("assets-chosen", "asset_id", what?.kind === "asset" ? what.id : "");
    const alert = what?.kind === "alert" ? what.id : null;
    if (marked.alert !== alert) parts.alerts.choose(marked.alert = alert);
  }

  /** A filter set again would draw everything again. */
  function only(layer, field, id) {
    if (marked[layer] !== id) ml.setFilter(layer, ["==", ["get", field], marked[layer] = id]);
  }

  /** Bring it into view: at first always, then only while nobody has moved the map since. */
  function show() {
    if (!chosen || moved) return;
    const box = place(on, chosen), first = !come;
    come ||= Boolean(box);
    if (!box || inView(ml, box) || (chosen.kind === "asset" && !first)) return;
    const point = box[0] === box[2] && box[1] === box[3];
    if (point) ml.easeTo({ center: [box[0], box[1]], zoom: first ? Math.max(ml.getZoom(), CLOSE_ZOOM) : ml.getZoom(), duration: 500 });
    else ml.fitBounds(box, { padding: MARGIN_PX, maxZoom: 12, duration: 500 });
  }

  ml.on("dragstart", () => { moved = true; });
  on.hear(() => { mark(chosen); show(); });
  return { select: (what) => { select(what); if (what && !place(on, what)) look(what); }, chosen: () => chosen };

  /** Not among what is drawn: a ship last heard before the picture, an alert that is closed. */
  async function look(what) {
    const path = { ship: `/api/ships/${encodeURIComponent(what.id)}/track`, alert: `/api/alerts/${encodeURIComponent(what.id)}` }[what.kind];
    if (!path) return;
    const found = await get(path, what.kind === "ship" ? { max_points: 2, to: on.app.clock.iso() } : { at: on.app.clock.iso() }).catch(() => null);
    const spot = what.kind === "alert" ? found?.alert?.position : lastOf(found);
    if (spot && chosen === what && !place(on, what)) ml.easeTo({ center: [spot.lon_deg, spot.lat_deg], zoom: Math.max(ml.getZoom(), CLOSE_ZOOM), duration: 500 });
  }
}

function lastOf(columns) {
  const last = columns?.lat_deg?.findLastIndex((lat) => lat !== null) ?? -1;
  return last < 0 ? null : { lat_deg: columns.lat_deg[last], lon_deg: columns.lon_deg[last] };
}

/** The box of what is chosen, null where it is not drawn. */
function place({ parts, data }, { kind, id }) {
  if (kind === "ship") return boxOf(parts.ships.one(id)?.geometry);
  if (kind === "asset") return boxOf(parts.assets.one(id)?.geometry);
  if (kind === "alert") return boxOf(data.get("alerts")?.features.find((one) => one.properties.alert_id === id)?.geometry);
  return boxOf(data.get("fault")?.features.at(-1)?.geometry);
}

function inView(ml, [west, south, east, north]) {
  const { width, height } = ml.getCanvas().getBoundingClientRect();
  return [[west, north], [east, south]].every((spot) => {
    const at = ml.project(spot);
    return at.x > MARGIN_PX && at.y > MARGIN_PX && at.x < width - MARGIN_PX && at.y < height - MARGIN_PX;
  });
}
