// Measuring: each click adds a leg; distance and bearing are those of the geodesic on WGS 84.

import { bearing, number } from "../lib/format.js";
import { between, collection, feature, lineOn, NM_M } from "./geo.js";

/** Give {start, stop, active}; `changed(text | null)` tells what is measured so far. */
export function measuring(on, changed) {
  const { ml } = on;
  let spots = null;
  const draw = () => { on.set("measure", collection(spots ? drawn(spots) : [])); changed(spots && said(spots)); };
  ml.on("click", ({ lngLat }) => {
    if (!spots) return;
    spots.push({ lat_deg: lngLat.lat, lon_deg: lngLat.wrap().lng });
    draw();
  });
  return {
    active: () => spots !== null,
    start() { spots = []; on.busy = true; ml.getCanvas().style.cursor = "crosshair"; ml.doubleClickZoom.disable(); draw(); },
    /** Add the middle of the map: for who has no pointer. */
    addCentre() { const { lat, lng } = ml.getCenter(); spots?.push({ lat_deg: lat, lon_deg: lng }); draw(); },
    stop() { spots = null; on.busy = false; ml.getCanvas().style.cursor = ""; ml.doubleClickZoom.enable(); draw(); },
  };
}

const legs = (spots) => spots.slice(1).map((spot, i) => between(spots[i], spot));
const way = (m) => `${number(m / NM_M, "NM", m < 18_520 ? 2 : 1)} · ${number(m / 1000, "km", m < 10_000 ? 2 : 1)}`;

function drawn(spots) {
  const each = legs(spots), place = ({ lon_deg, lat_deg }) => [lon_deg, lat_deg];
  const dots = spots.map((spot, i) => feature("Point", place(spot), { label: i ? `${way(each[i - 1].m)}\n${bearing(each[i - 1].bearing_deg)}` : "" }));
  return spots.length > 1 ? [feature("LineString", lineOn(spots.map(place))), ...dots] : dots;
}

function said(spots) {
  const each = legs(spots);
  if (!each.length) return "Click places on the map, or press Enter for its centre. Escape ends.";
  const last = each.at(-1), total = each.reduce((sum, leg) => sum + leg.m, 0);
  return `${way(last.m)}, bearing ${bearing(last.bearing_deg)}${each.length > 1 ? ` · in all ${way(total)}` : ""}`;
}
