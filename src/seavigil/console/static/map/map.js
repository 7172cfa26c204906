// The one map of the page, and what other parts of the page may ask of it.

const nothing = () => {};

/**
 * Make the map in `container`. Gives what views use:
 *
 * focus({lat_deg, lon_deg, zoom} | {bounds: [w, s, e, n]})  show a place
 * select({kind: "ship" | "asset" | "alert" | "fault", id} | null)  highlight it and keep it in view
 * track(columns | null)  the answer of /api/ships/{id}/track as a line coloured by speed
 * tracks([{id, label, columns, rank}] | null)  several at once
 * pointer({lat_deg, lon_deg, label} | null)  the point that a plot is at
 * onTrack(fn) -> off  the pointer over the drawn track: fn({index, time_us} | null)
 * marks([{lat_deg, lon_deg, label, kind, title}] | null)  points with words
 * fan(forecast | null)  the answer of /api/ships/{id}/forecast
 * fault({lat_deg, lon_deg, error_km, label} | null)  where a fault is told to be
 * refresh()  ask for everything again; bounds() -> [w, s, e, n] shown; ml: the MapLibre map (null where there is none)
 */
export async function makeMap(container, app) {
  return {
    ml: null, focus: nothing, select: nothing, track: nothing, tracks: nothing, pointer: nothing,
    onTrack: () => nothing, marks: nothing, fan: nothing, fault: nothing, refresh: nothing, bounds: () => null,
  };
}
