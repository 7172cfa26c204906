// What views lay over the map: tracks, marks, the pointer of a plot, where a ship may be, where a fault is told to be.

import { percent, time } from "../lib/format.js";
import { collection, feature, ring, runOn, turned } from "./geo.js";

const REACH_PX = 14; // how near the pointer must be to a track to be on it
const MOST_PIECES = 5_000;

/** Give the methods about it; see map.js. */
export function overlays(on) {
  const told = new Set();
  let columns = null, own = [], others = [];
  const draw = () => on.set("track", collection([...others, ...own]));
  listenToTrack(on, () => columns, (found) => { for (const one of told) one(found); });
  return {
    track(asked) { columns = asked; own = asked ? drawn(asked) : []; draw(); },
    tracks(list) { others = (list ?? []).flatMap(ranked); draw(); },
    onTrack(fn) { told.add(fn); return () => told.delete(fn); },
    pointer(at) { on.set("pointer", collection(at ? [feature("Point", [at.lon_deg, at.lat_deg], { label: at.label ?? "" })] : [])); },
    marks(list) { on.set("marks", collection((list ?? []).filter((m) => Number.isFinite(m.lat_deg)).map(marked))); },
    fan(forecast) { on.set("fan", collection(forecast ? fanned(on, forecast) : [])); },
    fault(at) { on.set("fault", collection(at ? faulted(at) : [])); },
  };
}

/** Her way and what is not known of it; over the 180th meridian it goes on, never back around the world. */
function drawn(asked) {
  const columns = { ...asked, lon_deg: runOn(asked.lon_deg) };
  return [...pieces(columns), ...gaps(columns)];
}

const there = (columns, i) => columns.lat_deg[i] !== null && columns.lon_deg[i] !== null;
const place = (columns, i) => [columns.lon_deg[i], columns.lat_deg[i]];
const asUs = (at) => Date.parse(at) * 1000;

/** Whether nothing was heard between two points of a track. */
const silent = (columns) => {
  const quiet = (columns.gaps ?? []).map((gap) => [asUs(gap.from), asUs(gap.to)]);
  return (i, j) => quiet.some(([from, to]) => columns.time_us[i] <= from + 1e6 && columns.time_us[j] >= to - 1e6);
};

/** A track in pieces of one speed each; speeds are drawn in steps of half a knot, so that few pieces do. */
function pieces(columns) {
  const inGap = silent(columns), found = [];
  let last = null, open = null;
  for (let i = 0; i < columns.time_us.length; i++) {
    if (!there(columns, i)) continue;
    if (last !== null && !inGap(last, i)) {
      const sog = stepped(columns.sog_kn?.[i]);
      if (open && open.properties.sog === sog) open.geometry.coordinates.push(place(columns, i));
      else found.push(open = feature("LineString", [place(columns, last), place(columns, i)], { part: "way", sog }));
    } else open = null;
    last = i;
  }
  return found.slice(-MOST_PIECES); // of more than can be drawn the newest
}

const stepped = (sog) => (sog === null || sog === undefined ? null : Math.round(sog * 2) / 2);

/** Where nothing was heard: straight and dashed; which way she went is not known. */
function gaps(columns) {
  const inGap = silent(columns), found = [];
  let last = null;
  for (let i = 0; i < columns.time_us.length; i++) {
    if (!there(columns, i)) continue;
    if (last !== null && inGap(last, i)) found.push(feature("LineString", [place(columns, last), place(columns, i)], { part: "gap" }));
    last = i;
  }
  return found;
}

function ranked({ columns, label, rank }) {
  return drawn(columns).map((one) => ({ ...one, properties: { colour: Math.max(0, (rank ?? 1) - 1), label: label ?? "", part: one.properties.part === "gap" ? "other-gap" : "other" } }));
}

const ICONS = { crossing: "spot-crossing", fault: "spot-fault", next: "spot-next" };

function marked(mark) {
  return feature("Point", [mark.lon_deg, mark.lat_deg], { label: mark.label ?? "", title: mark.title ?? "", icon: ICONS[mark.kind] ?? "spot-mark" });
}

/** Polygons with their hour, widest first, and the next assets with the times at which she may be there. */
function fanned(on, forecast) {
  const areas = [...(forecast.fan?.features ?? [])].sort((a, b) => b.properties.hours - a.properties.hours);
  const hours = areas.map((area) => feature("Point", farthest(area, forecast.position), { icon: "", label: hourWords(area.properties) }));
  return [...areas, ...hours, ...(forecast.next_assets ?? []).map((next) => nextMark(on, next, forecast.position)).filter(Boolean)];
}

const hourWords = ({ hours, probability }) => `within ${hours} h${probability ? ` (${percent(probability)})` : ""}`;

function farthest(area, from) {
  const ring = area.geometry.type === "Polygon" ? area.geometry.coordinates[0] : area.geometry.coordinates[0][0];
  const away = ([lon, lat]) => (from ? (lon - from.lon_deg) ** 2 * 0.3 + (lat - from.lat_deg) ** 2 : lat);
  return ring.reduce((best, spot) => (away(spot) > away(best) ? spot : best));
}

function nextMark(on, next, from) {
  const spot = next.position ? [next.position.lon_deg, next.position.lat_deg] : nearest(on.parts.assets.one(next.asset_id)?.geometry, from);
  return spot && feature("Point", spot, { icon: "spot-next", label: nextWords(next) });
}

/** "Demo Fibre 2 70 %, 04:31 to 04:50Z, call by 04:21Z". */
function nextWords(next) {
  const form = { seconds: false, day: time(next.eta_earliest, { day: true }).slice(0, 10) !== time(next.eta_latest, { day: true }).slice(0, 10) };
  const told = (at) => time(at, form).replace(/^\d{4}-/, "");
  return `${next.name} ${percent(next.probability)}\n${told(next.eta_earliest)} to ${told(next.eta_latest)}${next.call_by ? `\ncall by ${told(next.call_by)}` : ""}`;
}

/** The place of a line that is nearest to a position: along its edges, in the plane of the chart. */
function nearest(geometry, from) {
  if (!geometry || !from) return null;
  const wide = Math.cos((from.lat_deg * Math.PI) / 180);
  let best = null, least = Infinity;
  for (const line of linesOf(geometry)) {
    line.forEach((spot, i) => {
      const near = i ? onEdge(line[i - 1], spot, from, wide) : spot;
      const away = ((near[0] - from.lon_deg) * wide) ** 2 + (near[1] - from.lat_deg) ** 2;
      if (away < least) { least = away; best = near; }
    });
  }
  return best;
}

function linesOf({ type, coordinates }) {
  if (type === "Point") return [[coordinates]];
  if (type === "LineString" || type === "MultiPoint") return [coordinates];
  return type === "MultiPolygon" ? coordinates.flat() : coordinates;
}

function onEdge([x1, y1], [x2, y2], { lon_deg: x, lat_deg: y }, wide) {
  const dx = (x2 - x1) * wide, dy = y2 - y1, long = dx * dx + dy * dy;
  const share = long ? Math.min(1, Math.max(0, ((x - x1) * wide * dx + (y - y1) * dy) / long)) : 0;
  return [x1 + (x2 - x1) * share, y1 + (y2 - y1) * share];
}

function faulted({ lat_deg, lon_deg, error_km, label }) {
  const sign = feature("Point", [lon_deg, lat_deg], { label: label ?? "" });
  return error_km ? [feature("Polygon", [ring(lon_deg, lat_deg, error_km * 1000)]), sign] : [sign];
}

/** Tell which point of the drawn track the pointer is at. */
function listenToTrack(on, columnsNow, tell) {
  let was = null;
  const end = () => { if (was !== null) tell(was = null); };
  on.ml.on("mouseout", end);
  on.ml.on("mousemove", ({ point }) => {
    const columns = columnsNow();
    if (!columns) return end();
    const found = closest(on.ml, columns, point);
    if (found === null) return end();
    if (found !== was) tell({ index: (was = found), time_us: columns.time_us[found] });
  });
}

function closest(ml, columns, point) {
  const at = ml.unproject(point), side = ml.unproject([point.x + REACH_PX, point.y + REACH_PX]);
  const lonReach = Math.abs(side.lng - at.lng), latReach = Math.abs(side.lat - at.lat);
  let best = null, least = 2;
  for (let i = 0; i < columns.time_us.length; i++) {
    if (!there(columns, i)) continue;
    const away = (turned(at.lng, columns.lon_deg[i]) / lonReach) ** 2 + ((columns.lat_deg[i] - at.lat) / latReach) ** 2;
    if (away < least) { least = away; best = i; }
  }
  return best;
}
