// The one map of the page, and what other parts of the page may ask of it.

import { fill, h } from "../lib/dom.js";

const nothing = () => {};
const WITHOUT = {
  ml: null, focus: nothing, select: nothing, track: nothing, tracks: nothing, pointer: nothing, onTrack: () => nothing,
  marks: nothing, fan: nothing, fault: nothing, refresh: nothing, bounds: () => null,
};
const LIBRARY = "/static/vendor/maplibre-gl.mjs";

/**
 * Make the map in `container`. Gives what views use:
 *
 * focus({lat_deg, lon_deg, zoom} | {bounds: [w, s, e, n]})  show a place
 * select({kind: "ship" | "asset" | "alert" | "fault", id} | null)  highlight it and keep it in view
 * track(columns | null)  the answer of /api/ships/{id}/track as a line coloured by speed
 * tracks([{id, label, columns, rank}] | null)  several at once
 * pointer({lat_deg, lon_deg, label} | null)  the point that a plot is at
 * onTrack(fn) -> off  the pointer over the drawn track: fn({index, time_us} | null)
 * marks([{lat_deg, lon_deg, label, kind, title}] | null)  points with words; kind "crossing", "mark", "fault"
 * fan(forecast | null)  the answer of /api/ships/{id}/forecast
 * fault({lat_deg, lon_deg, error_km, label} | null)  where a fault is told to be
 * refresh()  ask for everything again; bounds() -> [w, s, e, n] shown; ml: the MapLibre map (null where there is none)
 *
 * Where the map cannot be drawn it says why in its place; everything but the map works.
 */
export async function makeMap(container, app) {
  try {
    const { chart } = await import("./chart.js");
    return await chart(container, app);
  } catch (fault) {
    fill(container, h("div.map-missing", { role: "alert" }, h("h2", null, "The map cannot be drawn"), h("p", null, await why(fault)),
      h("p", null, "Everything else works: lists, alerts, times and positions are in the panel.")));
    return WITHOUT;
  }
}

/** The service's own words where the library is not there, else what the browser says. */
async function why(fault) {
  console.error(fault);
  const answer = await fetch(LIBRARY).catch(() => null);
  if (!answer) return "The service does not answer.";
  if (answer.ok) return `This browser says: ${fault.message}`;
  return (await answer.json().catch(() => ({}))).detail ?? `${LIBRARY}: ${answer.status}`;
}
