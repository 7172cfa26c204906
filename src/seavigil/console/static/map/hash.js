// The address keeps what is shown: `z=zoom,lat,lon` and `at=moment`, so that a copied link shows the same.

import { link, read } from "../lib/route.js";

const RUNNING_MS = 2_000; // how often the address follows a running clock

/** "9.00,59.50000,24.50000" -> {zoom, lat_deg, lon_deg}; null for anything else. */
export function placeOf(text) {
  const [zoom, lat_deg, lon_deg] = String(text ?? "").split(",").map(Number);
  const sound = zoom >= 0 && zoom <= 22 && Math.abs(lat_deg) <= 85 && Math.abs(lon_deg) <= 540;
  return sound ? { zoom, lat_deg, lon_deg } : null;
}

const noPlace = (app) => app.say("The place in the link cannot be read: where ships are heard is shown.", "error");

/** Keep the address up to date, and follow one that somebody writes or clicks. */
export function keepHash({ ml, app }) {
  const { clock } = app;
  let timer = null;
  const asked = () => {
    const { lng, lat } = ml.getCenter();
    return { z: `${ml.getZoom().toFixed(2)},${lat.toFixed(5)},${lng.toFixed(5)}`, at: clock.iso()?.replace(/\.\d+Z$/, "Z") ?? null };
  };
  const write = () => {
    timer = null;
    const { view, id, query } = read();
    if (view === "signin") return;
    const now = link(view, id, { ...query, at: null, z: null, ...asked() });
    if (now !== location.hash) history.replaceState(history.state, "", now);
  };
  ml.on("moveend", write);
  clock.on((_clock, why) => { if (why === "ran") timer ??= setTimeout(write, RUNNING_MS); else write(); });
  addEventListener("hashchange", () => { follow(ml, app, asked()); write(); });
  if (read().query.z && !placeOf(read().query.z)) noPlace(app);
  write();
}

function follow(ml, app, before) {
  const { z, at } = read().query, place = placeOf(z);
  if (z && !place) noPlace(app);
  if (place && z !== before.z) ml.jumpTo({ center: [place.lon_deg, place.lat_deg], zoom: place.zoom });
  if (at && at !== before.at) app.follow(at);
}
