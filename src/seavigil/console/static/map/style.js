// What the map shows above its ground: sources and layers, lowest first, each in a group that can be switched off.

import { collection } from "./geo.js";
import { PRIORITIES, palette } from "./palette.js";

const FONT = ["sans-serif"];
// Few sources: for each one that has lines or areas the whole screen is masked anew in every frame, which costs more than
// drawing what is in it. So bands lie in the source of their assets, courses and outlines in that of their ships.
export const SOURCES = ["areas", "assets", "trails", "fan", "track", "ships", "alerts", "marks", "fault", "pointer", "measure"];

/** The groups that can be switched: name, words, and whether they are shown at first. */
export const GROUPS = [
  ["ships-names", "Names and speeds of ships", true], ["vectors", "Course and heading lines", true], ["trails", "Trails of 30 minutes", true],
  ["cables", "Cables", true], ["pipelines", "Pipelines", true], ["plants", "Wind farms, platforms, plants", true],
  ["bands", "Bands of routes (95 %)", true], ["assets-names", "Names of assets", true],
  ["alerts", "Alerts", true], ["fan", "Forecast of the chosen ship", true], ["gnss", "GNSS degraded, unheard", true],
  ["coverage", "Heard in the last hour", false], ["lanes", "Traffic lanes and zones", true],
  ["places", "Anchorages, ports, pilots", true], ["graticule", "Latitude and longitude", true],
];

/** Layers that a pointer can hit, the most wanted first. */
export const HIT = ["alerts-sign", "marks-sign", "ships-hull", "plants-sign", "cables-power", "cables-telecom", "cables-other", "pipelines-line", "lines-other", "plants-area"];

export const sources = () => Object.fromEntries(SOURCES.map((name) => [name, { type: "geojson", data: collection() }]));

/** All layers in a theme's colours. */
export function layers(theme) {
  const c = palette(theme);
  return [...areaLayers(c), ...assetLayers(c), ...wayLayers(c), ...shipLayers(c), ...assetNames(c), ...topLayers(c)];
}

const get = (name) => ["get", name];
const part = (name) => ["==", ["get", "part"], name];
const is = (name, ...values) => ["in", get(name), ["literal", values]];
const zoomed = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];
const byPriority = (name, c, usual) => ["match", get(name), ...PRIORITIES.flatMap((p) => [p, c.priority[p]]), usual];

function layer(group, id, type, source, { filter, minzoom, layout = {}, paint = {} }) {
  const made = { id, type, source, layout, paint, metadata: { group } };
  if (filter) made.filter = filter;
  if (minzoom) made.minzoom = minzoom;
  return made;
}

function words(c, size, more = {}) {
  return { layout: { "text-font": FONT, "text-size": size, ...more }, paint: { "text-color": c.label, "text-halo-color": c.halo, "text-halo-width": 1.6 } };
}

function areaLayers(c) {
  const zone = is("kind", "gnss_degraded", "coverage_lost");
  return [
    layer("coverage", "coverage-fill", "fill", "areas", { filter: is("kind", "coverage"), paint: { "fill-color": c.coverage, "fill-opacity": 0.13, "fill-antialias": false } }),
    layer("places", "places-area", "fill", "areas", { filter: ["all", is("kind", "anchorage"), polygon()], minzoom: 6, paint: { "fill-color": c.place, "fill-opacity": 0.08 } }),
    layer("places", "places-edge", "line", "areas", { filter: ["all", is("kind", "anchorage"), polygon()], minzoom: 6, paint: { "line-color": c.place, "line-width": 1, "line-dasharray": [4, 3] } }),
    layer("lanes", "lanes-zone", "fill", "areas", { filter: ["all", is("kind", "separation_zone"), polygon()], minzoom: 5, paint: { "fill-color": c.lane, "fill-opacity": 0.14 } }),
    layer("lanes", "lanes-line", "line", "areas", { filter: ["any", is("kind", "traffic_lane"), ["all", is("kind", "separation_zone"), ["!", polygon()]]], minzoom: 5, paint: { "line-color": c.lane, "line-width": 1.1, "line-opacity": 0.7, "line-dasharray": [8, 4] } }),
    layer("lanes", "lanes-way", "symbol", "areas", { filter: ["all", is("kind", "traffic_lane"), ["!", polygon()]], minzoom: 7, layout: { "symbol-placement": "line", "symbol-spacing": 160, "icon-image": "lane-way", "icon-size": 0.7, "icon-padding": 0, "icon-rotation-alignment": "map" }, paint: { "icon-opacity": 0.85 } }),
    layer("gnss", "gnss-fill", "fill", "areas", { filter: is("kind", "gnss_degraded"), paint: { "fill-pattern": "hatch-gnss", "fill-opacity": 0.42 } }),
    layer("gnss", "lost-fill", "fill", "areas", { filter: is("kind", "coverage_lost"), paint: { "fill-pattern": "hatch-lost", "fill-opacity": 0.42 } }),
    layer("gnss", "zones-edge", "line", "areas", { filter: zone, paint: { "line-color": ["match", get("kind"), "gnss_degraded", c.gnss, c.lost], "line-width": 1.8 } }),
    layer("places", "places-sign", "symbol", "areas", { filter: ["all", part("spot"), is("kind", "port", "pilot_boarding", "anchorage")], minzoom: 8,
      layout: { "icon-image": ["concat", "spot-", get("kind")], "icon-size": 0.75, "icon-allow-overlap": true, "text-font": FONT, "text-field": ["step", ["zoom"], "", 10, get("words")], "text-size": 11, "text-anchor": "top", "text-offset": [0, 0.9], "text-optional": true },
      paint: { "text-color": c.place, "text-halo-color": c.halo, "text-halo-width": 1.4 } }),
  ];
}

const polygon = () => ["in", ["geometry-type"], ["literal", ["Polygon", "MultiPolygon"]]];
const PIPES = ["pipeline", "gas_pipeline", "oil_pipeline"];
const CABLES = ["power_cable", "telecom_cable", "cable"];
const route = (...kinds) => ["all", is("shape", "line"), is("kind", ...kinds)];

function assetLayers(c) {
  const thick = zoomed(4, 1, 8, 1.7, 12, 2.6);
  const line = (group, id, kinds, color, paint) => layer(group, id, "line", "assets", { filter: route(...kinds), layout: { "line-join": "round" }, paint: { "line-color": color, "line-width": thick, ...paint } });
  const rest = ["all", is("shape", "line"), ["!", is("kind", ...PIPES, ...CABLES)]];
  return [
    layer("bands", "bands-fill", "fill", "assets", { filter: part("band"), minzoom: 7, paint: { "fill-color": c.band, "fill-opacity": 0.1 } }),
    layer("bands", "bands-edge", "line", "assets", { filter: part("band"), minzoom: 9, paint: { "line-color": c.band, "line-width": 0.8, "line-opacity": 0.55, "line-dasharray": [3, 3] } }),
    layer("assets", "assets-risk", "line", "assets", { filter: ["to-boolean", get("risk")], layout: { "line-join": "round", "line-cap": "round" },
      paint: { "line-color": byPriority("risk", c, c.quiet), "line-opacity": 0.45, "line-width": ["interpolate", ["linear"], ["zoom"], 4, ["match", get("risk"), "urgent", 7, "warning", 5, 3], 10, ["match", get("risk"), "urgent", 14, "warning", 11, 7]] } }),
    layer("assets", "assets-chosen", "line", "assets", { filter: ["==", get("asset_id"), ""], layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-color": c.select, "line-opacity": 0.6, "line-width": zoomed(4, 6, 10, 11) } }),
    layer("plants", "plants-area", "fill", "assets", { filter: is("shape", "area"), paint: { "fill-color": c.plant, "fill-opacity": 0.16 } }),
    layer("plants", "plants-edge", "line", "assets", { filter: is("shape", "area"), paint: { "line-color": c.plant, "line-width": zoomed(5, 0.6, 9, 1.3), "line-dasharray": [5, 2, 1, 2] } }),
    line("cables", "cables-power", ["power_cable"], c.power, {}),
    line("cables", "cables-telecom", ["telecom_cable"], c.telecom, { "line-dasharray": [5, 2] }),
    line("cables", "cables-other", ["cable"], c.cable, { "line-dasharray": [2, 2] }),
    line("pipelines", "pipelines-line", PIPES, c.pipeline, { "line-width": zoomed(4, 0.8, 10, 1.4), "line-gap-width": zoomed(4, 0.8, 10, 2.6) }),
    layer("cables", "lines-other", "line", "assets", { filter: rest, paint: { "line-color": c.quiet, "line-width": thick, "line-dasharray": [1, 2] } }),
    layer("plants", "plants-sign", "symbol", "assets", { filter: part("spot"), minzoom: 5, layout: { "icon-image": ["concat", "plant-", get("sign")], "icon-size": zoomed(5, 0.45, 9, 0.8, 12, 1), "icon-allow-overlap": true, "icon-ignore-placement": true } }),
  ];
}

/** Above the ships: which cable it is matters more than who passes it, and what lies higher is placed first. */
function assetNames(c) {
  return [
    layer("assets-names", "assets-name", "symbol", "assets", { filter: is("shape", "line"), minzoom: 7, ...words(c, zoomed(7, 11, 11, 13), { "text-field": get("label"), "symbol-placement": "line", "symbol-spacing": 420, "text-offset": [0, -0.9], "text-max-angle": 28, "text-padding": 6 }) }),
    layer("assets-names", "plants-name", "symbol", "assets", { filter: part("spot"), minzoom: 8, ...words(c, 11, { "text-field": get("label"), "text-anchor": "top", "text-offset": [0, 1], "text-max-width": 9 }) }),
  ];
}

function wayLayers(c) {
  const speed = ["case", ["==", get("sog"), null], c.gap, ["interpolate", ["linear"], get("sog"), 0, c.slow, 4, c.slow, 8, c.mid, 16, c.fast]];
  const rank = ["match", ["%", get("colour"), c.ranks.length], ...c.ranks.flatMap((colour, i) => [i, colour]), c.quiet];
  const way = { "line-join": "round", "line-cap": "round" };
  return [
    layer("trails", "trails-line", "line", "trails", { minzoom: 6, layout: { "line-join": "round" }, paint: { "line-color": c.trail, "line-width": zoomed(6, 0.6, 11, 1.8), "line-opacity": 0.45 } }),
    layer("fan", "fan-fill", "fill", "fan", { filter: polygon(), paint: { "fill-color": c.fan, "fill-opacity": 0.08 } }),
    layer("fan", "fan-edge", "line", "fan", { filter: polygon(), paint: { "line-color": c.fan, "line-width": 1.2, "line-opacity": 0.7, "line-dasharray": [6, 3] } }),
    layer("track", "tracks-line", "line", "track", { filter: part("other"), layout: way, paint: { "line-color": rank, "line-width": 2.4 } }),
    layer("track", "tracks-gap", "line", "track", { filter: part("other-gap"), paint: { "line-color": rank, "line-width": 1.6, "line-dasharray": [2, 3] } }),
    layer("track", "track-under", "line", "track", { filter: part("way"), layout: way, paint: { "line-color": c.halo, "line-width": 5, "line-opacity": 0.8 } }),
    layer("track", "track-line", "line", "track", { filter: part("way"), layout: way, paint: { "line-color": speed, "line-width": 3 } }),
    layer("track", "track-gap", "line", "track", { filter: part("gap"), paint: { "line-color": c.gap, "line-width": 2, "line-dasharray": [2, 3] } }),
  ];
}

function shipLayers(c) {
  const nobody = ["==", get("vessel_id"), ""];
  const size = ["interpolate", ["linear"], ["zoom"], 4, ["*", 0.34, get("size")], 8, ["*", 0.62, get("size")], 11, ["*", 0.92, get("size")], 15, ["*", 1.15, get("size")]];
  return [
    layer("vectors", "vectors-line", "line", "ships", { minzoom: 9, filter: part("course"), paint: { "line-color": c.vector, "line-width": 1.2, "line-opacity": 0.8 } }),
    layer("vectors", "vectors-head", "line", "ships", { minzoom: 10, filter: part("heading"), paint: { "line-color": c.vector, "line-width": 1, "line-dasharray": [2, 2] } }),
    layer("ships", "ships-alert", "circle", "ships", { filter: ["to-boolean", get("alert")], paint: { "circle-radius": zoomed(4, 7, 11, 15), "circle-color": byPriority("alert", c, c.quiet), "circle-opacity": 0.22, "circle-stroke-width": 1.6, "circle-stroke-color": byPriority("alert", c, c.quiet) } }),
    layer("ships", "ships-chosen", "circle", "ships", { filter: nobody, paint: { "circle-radius": zoomed(4, 10, 11, 19), "circle-color": c.select, "circle-opacity": 0.12, "circle-stroke-width": 2.6, "circle-stroke-color": c.select } }),
    layer("ships", "ships-outline", "line", "ships", { minzoom: 13, filter: part("outline"), paint: { "line-color": c.vector, "line-width": 1.2 } }),
    layer("ships", "ships-hull", "symbol", "ships", { filter: part("ship"), layout: { "icon-image": get("icon"), "icon-rotate": get("turn"), "icon-rotation-alignment": "map", "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": size, "icon-padding": 0, "symbol-sort-key": get("rank") }, paint: { "icon-opacity": ["case", ["get", "old"], 0.55, 1] } }),
    layer("ships-names", "ships-name", "symbol", "ships", { minzoom: 9, filter: part("ship"), ...words(c, zoomed(9, 11, 13, 13), { "text-field": get("label"), "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 1.1, "text-justify": "auto", "text-max-width": 14, "text-padding": 3, "symbol-sort-key": ["-", 0, get("rank")] }) }),
  ];
}

function topLayers(c) {
  const dot = (color, radius) => ({ "circle-color": color, "circle-radius": radius, "circle-stroke-color": c.paper, "circle-stroke-width": 2 });
  const point = ["==", ["geometry-type"], "Point"];
  const beside = { "text-font": FONT, "text-field": get("label"), "text-size": 12, "text-justify": "auto", "text-max-width": 16, "text-optional": true };
  return [
    layer("gnss", "zones-name", "symbol", "areas", { filter: is("kind", "gnss_degraded", "coverage_lost"), ...words(c, 13, { "text-field": get("words"), "text-max-width": 9, "text-allow-overlap": true }) }),
    layer("alerts", "alerts-sign", "symbol", "alerts", { layout: { "icon-image": ["concat", "alert-", get("priority")], "icon-size": ["match", get("chosen"), "yes", 1, 0.8], "icon-offset": ["case", get("ship"), ["literal", [0, -24]], ["literal", [0, 0]]], "icon-allow-overlap": true, "icon-ignore-placement": true, "symbol-sort-key": get("rank") } }),
    layer("fault", "fault-area", "fill", "fault", { filter: polygon(), paint: { "fill-color": c.fault, "fill-opacity": 0.12 } }),
    layer("fault", "fault-edge", "line", "fault", { filter: polygon(), paint: { "line-color": c.fault, "line-width": 1.4, "line-dasharray": [4, 3] } }),
    layer("fault", "fault-sign", "symbol", "fault", { filter: point, layout: { ...beside, "icon-image": "spot-fault", "icon-allow-overlap": true, "text-anchor": "left", "text-offset": [1.2, 0] }, paint: { "text-color": c.fault, "text-halo-color": c.halo, "text-halo-width": 1.8 } }),
    layer("marks", "marks-sign", "symbol", "marks", { layout: { ...beside, "icon-image": get("icon"), "icon-size": 0.8, "icon-allow-overlap": true, "text-anchor": "left", "text-offset": [1, 0] }, paint: words(c, 12).paint }),
    layer("fan", "fan-words", "symbol", "fan", { filter: point, layout: { ...beside, "icon-image": get("icon"), "icon-size": 0.8, "icon-allow-overlap": true, "text-variable-anchor": ["left", "right", "bottom", "top"], "text-radial-offset": 1 }, paint: words(c, 12).paint }),
    layer("pointer", "pointer-dot", "circle", "pointer", { paint: dot(c.pointer, 6) }),
    layer("pointer", "pointer-words", "symbol", "pointer", { ...words(c, 12, { "text-field": get("label"), "text-anchor": "bottom", "text-offset": [0, -0.8], "text-allow-overlap": true }) }),
    layer("measure", "measure-line", "line", "measure", { filter: ["!", point], paint: { "line-color": c.measure, "line-width": 2, "line-dasharray": [3, 2] } }),
    layer("measure", "measure-dot", "circle", "measure", { filter: point, paint: dot(c.measure, 4) }),
    layer("measure", "measure-words", "symbol", "measure", { filter: point, ...words(c, 13, { "text-field": get("label"), "text-anchor": "left", "text-offset": [0.8, 0], "text-allow-overlap": true, "text-justify": "left" }) }),
  ];
}
