// The ground under everything: sea, land, coast, borders, and the lines of latitude and longitude.
// All of it comes from files beside this page; nothing is asked of anybody else.

import { addProtocol } from "../vendor/maplibre-gl.mjs";

const FOLDER = new URL("../vendor/basemap/", import.meta.url);
const SCHEME = "seavigil-base";
const SOURCE = "base";
const LINES = "graticule";

const COLOURS = {
  light: {
    sea: "#dbe7ee", land: "#f4f0e6", coast: "#7f98a6", border: "#b3a890", line: "#a9bcc8", label: "#4d6270", halo: "#eef4f7",
  },
  dark: {
    sea: "#0d1922", land: "#26323b", coast: "#64808f", border: "#525c64", line: "#2c414e", label: "#8ba1ae", halo: "#0d1922",
  },
};

// The deepest tiles are of zoom 6: finer than the coast they are made from (some 200 m).
const DEEPEST = 6;
const ATTRIBUTION = "Coast: Natural Earth 1:10 million, not for navigation";
const EMPTY = { type: "FeatureCollection", features: [] };

let kinds = null;

/** What each tile is: one text for each zoom, one letter for each tile, row by row. */
async function kindOf(z, x, y) {
  kinds ??= fetchChecked("index.json").then((answer) => answer.json());
  kinds.catch(() => { kinds = null; });
  return (await kinds).kinds[z][y * 2 ** z + x];
}

async function fetchChecked(path, signal) {
  const answer = await fetch(new URL(path, FOLDER), { signal });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${answer.statusText}`);
  return answer;
}

/** Give one tile: most of the world is nothing but sea or nothing but land, and needs no file. */
async function tile({ url }, abort) {
  const [z, x, y] = url.slice(SCHEME.length + 3).split("/").map(Number);
  const kind = await kindOf(z, x, y);
  if (kind === ".") return { data: new ArrayBuffer(0) };
  const path = kind === "#" ? "land.mvt" : `${z}/${x}/${y}.mvt`;
  return { data: await (await fetchChecked(path, abort?.signal)).arrayBuffer() };
}

/** The start of a MapLibre style: `sources` and `layers`, lowest first, for `theme` "light" or "dark". */
export function basemapStyle(theme) {
  addProtocol(SCHEME, tile);
  kindOf(0, 0, 0).catch(() => {}); // asked for while the map is made: no tile can be had before it
  const colour = COLOURS[theme] ?? COLOURS.light;
  return {
    sources: {
      [SOURCE]: {
        type: "vector", tiles: [`${SCHEME}://{z}/{x}/{y}`], minzoom: 0, maxzoom: DEEPEST,
        attribution: ATTRIBUTION,
      },
      [LINES]: { type: "geojson", data: EMPTY },
    },
    layers: [
      { id: "base-sea", type: "background", paint: { "background-color": colour.sea } },
      ground("base-land", "fill", "land", { "fill-color": colour.land, "fill-antialias": false }),
      ground("base-border", "line", "border", {
        "line-color": colour.border, "line-dasharray": [3, 2], "line-width": grows(0.6, 1.2),
      }),
      ground("base-coast", "line", "coast", { "line-color": colour.coast, "line-width": grows(0.6, 1.4) }),
      {
        id: "base-graticule", type: "line", source: LINES, filter: ["==", ["geometry-type"], "LineString"],
        paint: { "line-color": colour.line, "line-width": 0.7 },
      },
      {
        id: "base-graticule-label", type: "symbol", source: LINES, filter: ["==", ["geometry-type"], "Point"],
        layout: {
          "text-field": ["get", "label"], "text-size": 11, "text-anchor": ["get", "anchor"], "text-offset": [0.3, -0.2],
          "text-font": ["sans-serif"],
        },
        paint: { "text-color": colour.label, "text-halo-color": colour.halo, "text-halo-width": 1.2 },
      },
    ],
  };
}

function ground(id, type, layer, paint) {
  return { id, type, source: SOURCE, "source-layer": layer, paint };
}

function grows(from, to) {
  return ["interpolate", ["linear"], ["zoom"], 3, from, 9, to];
}

// Distances between lines, in tenths of a minute of arc, so that every position is a whole number of them.
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 300, 600, 1200, 3000, 6000, 9000, 18000];
const TENTHS = 600; // in a degree
const APART_PX = 110;
const TILE_PX = 512;
const NORTHMOST = 85; // the projection ends soon after
const MOST_LINES = 60;

/** The distance between lines at `zoom`, in tenths of a minute: the least that keeps them apart on the screen. */
function step(zoom) {
  const tenthsPerPx = (360 * TENTHS) / (TILE_PX * 2 ** zoom);
  return STEPS.find((tenths) => tenths >= APART_PX * tenthsPerPx) ?? STEPS.at(-1);
}

/**
 * Lines of latitude and longitude over `bounds` [west, south, east, north] (east may pass 180), with
 * labels in degrees and minutes along the west and south edges of the view.
 * Gives a FeatureCollection: LineString {kind, label} and Point {kind, label, anchor}.
 */
export function graticule(bounds, zoom) {
  const [west, east] = [bounds[0], bounds[2]];
  const [south, north] = [Math.max(bounds[1], -NORTHMOST), Math.min(bounds[3], NORTHMOST)];
  const by = step(zoom);
  const features = [];
  for (const tenths of between(west, east, by)) {
    const lon = tenths / TENTHS;
    features.push(...lineAndLabel("meridian", words(wrapped(tenths), "E", "W", 3), [[lon, south], [lon, north]], "bottom-left"));
  }
  for (const tenths of between(south, north, by)) {
    const lat = tenths / TENTHS;
    features.push(...lineAndLabel("parallel", words(tenths, "N", "S", 2), [[west, lat], [east, lat]], "bottom-left"));
  }
  return { type: "FeatureCollection", features };
}

function between(from, to, by) {
  const first = Math.ceil((from * TENTHS) / by);
  const count = Math.min(Math.floor((to * TENTHS) / by) - first + 1, MOST_LINES);
  return Array.from({ length: Math.max(count, 0) }, (_, i) => (first + i) * by);
}

function lineAndLabel(kind, label, coordinates, anchor) {
  const properties = { kind, label, anchor };
  return [
    { type: "Feature", properties, geometry: { type: "LineString", coordinates } },
    { type: "Feature", properties, geometry: { type: "Point", coordinates: coordinates[0] } },
  ];
}

/** Tenths of a minute east of Greenwich, brought to -180° (not included) to 180°. */
function wrapped(tenths) {
  const round = 360 * TENTHS;
  const turned = ((tenths % round) + round) % round;
  return turned > round / 2 ? turned - round : turned;
}

/** 36300 tenths of a minute -> 60°30′N */
function words(tenths, plus, minus, digits) {
  const size = Math.abs(tenths);
  const degrees = String(Math.floor(size / TENTHS)).padStart(digits, "0");
  const rest = size % TENTHS;
  const minutes = String(Math.floor(rest / 10)).padStart(2, "0") + (rest % 10 ? `.${rest % 10}` : "");
  const side = tenths === 0 || size === 180 * TENTHS ? "" : tenths > 0 ? plus : minus;
  return `${degrees}°${minutes}′${side}`;
}

/** Keep the lines of `map` right as it moves. Gives a function that ends it. */
export function keepGraticule(map) {
  const draw = () => {
    const seen = map.getBounds();
    const bounds = [seen.getWest(), seen.getSouth(), seen.getEast(), seen.getNorth()];
    map.getSource(LINES)?.setData(graticule(bounds, map.getZoom()));
  };
  map.on("moveend", draw);
  map.on("style.load", draw);
  draw();
  return () => map.off("moveend", draw).off("style.load", draw);
}
