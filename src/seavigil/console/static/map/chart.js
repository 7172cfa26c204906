// The map itself: ground, layers, and the parts that fill them.

import * as library from "../vendor/maplibre-gl.mjs";
import { h } from "../lib/dom.js";
import { read } from "../lib/route.js";
import { alertsOnMap } from "./alerts.js";
import { areas } from "./areas.js";
import { assets } from "./assets.js";
import { basemapStyle, keepGraticule } from "./basemap.js";
import { controls } from "./controls.js";
import { boxAround, collection } from "./geo.js";
import { keepHash, placeOf } from "./hash.js";
import { layersPanel, showLayers } from "./layers.js";
import { overlays } from "./overlays.js";
import { keepPace } from "./pace.js";
import { palette, themeNow } from "./palette.js";
import { picking } from "./picking.js";
import { selection } from "./selection.js";
import { ships } from "./ships.js";
import { layers, SOURCES, sources } from "./style.js";
import { images, PIXEL_RATIO } from "./symbols.js";

library.setWorkerUrl(new URL("../vendor/maplibre-gl-worker.mjs", import.meta.url).href);

const BALTIC = [9, 53.5, 30.5, 66]; // own choice, where nothing else tells what to show first
const EDGE_PX = 50;
/** Names are placed anew at most so often while the map moves: that is most of the work of a frame. */
const FADE_MS = 250;
/** Live, what is new is told; where the telling fails the map asks all the same, so often. */
const UNTOLD_MS = 15_000;
/** After a hand moved the clock the newest is asked at once; while it runs the parts keep their own pace. */
const AT_ONCE = ["moved", "newest"];

/** Make the map; see map.js for what it gives. */
export async function chart(container, app) {
  const ml = make(container, app);
  const listeners = new Set();
  // What every part is given. `hear(told)` calls told(kind) whenever "ships", "assets", "alerts" or "areas" are new.
  const on = { app, ml, container, library, data: new Map(SOURCES.map((name) => [name, collection()])), set, colours: () => palette(themeNow()),
    hear: (told) => listeners.add(told), told: (kind) => { for (const told of listeners) told(kind); } };
  ml.once("load", () => performance.mark("map")); // its ground is drawn: what bench/bench_console.py measures
  await new Promise((done) => ml.once("style.load", done)); // not for the ground: ships and assets are asked for meanwhile
  addImages(ml, on.colours());
  keepGraticule(ml);
  document.addEventListener("theme", () => recolour(on));
  const parts = (on.parts = { ships: ships(on), assets: assets(on), areas: areas(on) });
  parts.alerts = alertsOnMap(on);
  const over = overlays(on);
  const chosen = selection(on);
  showLayers(on);
  picking(on);
  controls(on, layersPanel(on));
  keepHash(on);
  keepPace(on);
  follow(on);
  const box = () => { const b = ml.getBounds(); return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]; };
  return { ml, parts, focus: (place) => focus(ml, place), bounds: box, refresh: () => refresh(on, { now: true }), ...over, ...chosen };

  function set(name, features) {
    const before = on.data.get(name)?.features.length ?? 0, empty = features.features.length === 0;
    on.data.set(name, features);
    if (empty && !before) return;
    ml.getSource(name).setData(features);
    if (empty !== !before) showLayers(on);
  }
}

function make(container, app) {
  const theme = themeNow(), ground = basemapStyle(theme);
  const room = h("div.map-room");
  container.append(room);
  const place = placeOf(read().query.z);
  const { bounds, assets_bounds } = app.clock.extent; // where ships are heard is what is watched; assets may lie far beyond
  const box = boxAround([bounds]) ?? boxAround([assets_bounds]) ?? BALTIC;
  const ml = new library.Map({
    container: room,
    style: { version: 8, sources: { ...ground.sources, ...sources() }, layers: grouped([...ground.layers, ...layers(theme)]) },
    ...(place ? { center: [place.lon_deg, place.lat_deg], zoom: place.zoom } : { bounds: box, fitBoundsOptions: { padding: EDGE_PX, maxZoom: 11 } }),
    dragRotate: false, pitchWithRotate: false, touchPitch: false, maxPitch: 0, maxZoom: 18, fadeDuration: FADE_MS, attributionControl: false,
    refreshExpiredTiles: false, localIdeographFontFamily: "sans-serif", clickTolerance: 4,
    locale: { "ScaleControl.NauticalMiles": "NM", "Map.Title": "Map. Arrow keys move it, plus and minus zoom." },
  });
  ml.touchZoomRotate.disableRotation();
  ml.keyboard.disableRotation();
  ml.on("error", ({ error }) => console.warn("map:", error?.message ?? error));
  return ml;
}

/** The ground's own lines can be switched as well. */
function grouped(all) {
  return all.map((layer) => (layer.id.startsWith("base-graticule") ? { ...layer, metadata: { group: "graticule" } } : layer));
}

function addImages(ml, colours) {
  for (const [name, image] of Object.entries(images(colours))) {
    if (ml.hasImage(name)) ml.updateImage(name, image);
    else ml.addImage(name, image, { pixelRatio: PIXEL_RATIO });
  }
}

/** Another theme: only colours change, so nothing is taken away and nothing flickers. */
function recolour({ ml }) {
  const theme = themeNow();
  for (const layer of [...basemapStyle(theme).layers, ...layers(theme)]) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) ml.setPaintProperty(layer.id, name, value, { validate: false });
  }
  addImages(ml, palette(theme));
}

function focus(ml, place) {
  const quick = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (place?.bounds) ml.fitBounds(place.bounds, { padding: EDGE_PX, maxZoom: 13, animate: !quick, duration: 600 });
  else if (place) ml.easeTo({ center: [place.lon_deg, place.lat_deg], zoom: place.zoom ?? Math.max(ml.getZoom(), 9), animate: !quick, duration: 600 });
}

/** Whether anybody sees the map now (wide views hide it). */
export const seen = ({ container }) => container.offsetParent !== null && !document.hidden;

function refresh(on, how) {
  for (const part of Object.values(on.parts)) part.want(how);
}

function follow(on) {
  const { app, container } = on;
  app.clock.on((_clock, why) => { if (seen(on)) refresh(on, { now: AT_ONCE.includes(why) }); });
  app.stream.on("picture", () => { if (seen(on) && app.clock.at === null) { on.parts.ships.want(); on.parts.areas.want(); } });
  app.stream.on("alert", () => { if (seen(on)) { on.parts.alerts.want(); on.parts.assets.want(); } });
  new ResizeObserver(() => { if (seen(on)) refresh(on); }).observe(container);
  setInterval(() => { if (seen(on) && app.clock.live && app.clock.at === null) refresh(on); }, UNTOLD_MS);
  document.addEventListener("visibilitychange", () => { if (seen(on)) refresh(on); });
  refresh(on);
}
