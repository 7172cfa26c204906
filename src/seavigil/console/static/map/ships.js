// The ships of the shown moment: symbols, names, where they will be, and where they have been.

import { get } from "../lib/api.js";
import { number, time } from "../lib/format.js";
import { pref } from "../lib/prefs.js";
import { Asking } from "./asking.js";
import { wanted } from "./layers.js";
import { ahead, collection, feature, lineOn, NM_M } from "./geo.js";
import { CLASSES, PRIORITIES } from "./palette.js";

/** Pictures are asked for so often while time runs: as fast as this machine draws them. */
const LEAST_MS = 500, MOST_MS = 2_000;
const STILL_KN = 0.5; // below it a course is noise of the receiver
const MOORED = ["at anchor", "moored", "aground"];
const OLD_S = 600; // own choice: three times the three minutes in which a ship at anchor reports
const OUTLINE_ZOOM = 12.5; // closer than that her size can be seen
const TRAIL_MIN = 30;
const TRAIL_POINTS = 20_000;
/** Half an hour changes little in seconds: trails are asked for that seldom while time runs, and live. */
const TRAILS_MS = 2_000, TRAILS_LIVE_MS = 10_000;
const HEADING_M = 600; // length of a heading line, own choice

/** Ask for ships and their trails and draw them; `list()` gives the ships drawn, `one(id)` a ship. */
export function ships(on) {
  const { app } = on;
  let list = [];
  let byId = new Map();
  let moment = null;
  let close = false;
  let trailed = -Infinity;
  let drawnInMs = 0;
  const trails = new Asking((signal) => get("/api/trails", { at: app.clock.iso(), minutes: TRAIL_MIN, max_points: TRAIL_POINTS }, { signal }),
    (found) => on.set("trails", collection(found.features.map(unbroken))), () => {});
  const picture = new Asking((signal) => get("/api/picture", { at: app.clock.iso() }, { signal }), take, (problem) => on.tell?.("ships", problem && `Ships: ${problem.message} What is drawn may be old.`),
    () => Math.min(Math.max(1.5 * drawnInMs, LEAST_MS), MOST_MS));

  function take(found) {
    const began = performance.now();
    on.ml.once("idle", () => { drawnInMs = performance.now() - began; });
    moment = found.as_of ?? app.clock.iso();
    list = found.features.map(drawn);
    byId = new Map(list.map((ship) => [ship.properties.vessel_id, ship]));
    draw();
    on.tell?.("nobody", list.length ? null : `${silence(moment)}: the map shows who is heard, not who is there.`);
    on.told("ships");
  }

  function draw() {
    const courses = list.flatMap((ship) => vectors(ship, pref("vector_min", 6)));
    close = on.ml.getZoom() >= OUTLINE_ZOOM;
    on.set("ships", collection([...list, ...courses, ...(close ? list.map(outline).filter(Boolean) : [])]));
  }
  on.ml.on("zoomend", () => { if (close !== on.ml.getZoom() >= OUTLINE_ZOOM) draw(); });

  return {
    want(how) {
      picture.want(how);
      const every = app.clock.at === null ? TRAILS_LIVE_MS : TRAILS_MS;
      if (!wanted("trails") || (!how?.now && performance.now() - trailed < every)) return;
      trailed = performance.now();
      trails.want(how);
    },
    list: () => list, one: (id) => byId.get(id) ?? null, asOf: () => moment, draw,
  };
}

const unbroken = (trail) => ({ ...trail, geometry: { ...trail.geometry, coordinates: lineOn(trail.geometry.coordinates) } });

const silence = (moment) => (moment ? `No ship was heard in the 20 minutes before ${time(moment, { day: true, seconds: false })}` : "No ship was heard yet");

/** What a symbol needs, worked out once for each picture. */
function drawn({ geometry, properties: p }) {
  const kind = p.ship_class in CLASSES ? p.ship_class : "unknown";
  const still = isStill(p), turn = p.heading_deg ?? (still ? null : p.cog_deg);
  const pose = still ? "still" : turn === null || turn === undefined ? "blind" : "hull";
  const rank = (PRIORITIES.indexOf(p.alert) + 1) * 1000 + Math.min(p.length_m ?? 0, 500) + (still ? 0 : 100);
  return { type: "Feature", geometry, properties: { ...p, part: "ship", icon: `ship-${kind}-${pose}`, turn: pose === "hull" ? turn : 0, size: sized(p.length_m), rank, still, old: (p.age_s ?? 0) > OLD_S, label: label(p, still) } };
}

function isStill(p) {
  if (p.sog_kn !== null && p.sog_kn !== undefined) return p.sog_kn < STILL_KN;
  return MOORED.includes(String(p.nav_status).replaceAll("_", " "));
}

/** 0.8 for a boat, 1.25 for a ship of 300 m and more. */
const sized = (lengthM) => (lengthM ? 0.8 + 0.45 * Math.min(lengthM / 300, 1) : 0.9);

function label(p, still) {
  const name = p.name || String(p.mmsi ?? p.vessel_id);
  return still || p.sog_kn === null || p.sog_kn === undefined ? name : `${name}\n${number(p.sog_kn, "kn")}`;
}

function vectors({ geometry, properties: p }, minutes) {
  if (p.still || p.old) return [];
  const [lon, lat] = geometry.coordinates, found = [];
  if (p.cog_deg !== null && p.cog_deg !== undefined && p.sog_kn) {
    found.push(feature("LineString", [[lon, lat], ahead(lon, lat, p.cog_deg, (p.sog_kn * NM_M * minutes) / 60)], { part: "course" }));
  }
  if (p.heading_deg !== null && p.heading_deg !== undefined) {
    found.push(feature("LineString", [[lon, lat], ahead(lon, lat, p.heading_deg, HEADING_M)], { part: "heading" }));
  }
  return found;
}

const BEAM_OF_LENGTH = 0.16; // of a usual merchant ship, about 1 to 6; her own beam is not in the picture

/** Her size to scale, for the closest zooms: the antenna is taken to be amidships. */
function outline({ geometry, properties: p }) {
  const turn = p.heading_deg ?? null;
  if (!p.length_m || turn === null) return null;
  const [lon, lat] = geometry.coordinates, half = p.length_m / 2, side = (p.length_m * BEAM_OF_LENGTH) / 2;
  const spot = (alongM, acrossM) => ahead(...ahead(lon, lat, turn, alongM), turn + 90, acrossM);
  return feature("LineString", [spot(half, 0), spot(half * 0.6, side), spot(-half, side), spot(-half, -side), spot(half * 0.6, -side), spot(half, 0)], { part: "outline" });
}
