// What was heard: beside "nothing to tell" it says whether anybody listened.

import { fill, h } from "../../lib/dom.js";
import { duration, many, time } from "../../lib/format.js";
import { link } from "../../lib/route.js";

/** An asset counts as heard along where at least so much of it lies in cells with ships (own choice). */
const HEARD_SHARE = 0.5;
const STEP_DEG = 0.05;
const MOST_NAMED = 6;

/** Ask all that tells how well was listened; what cannot be read is null, and said. */
export async function readHeard(api, at) {
  const ask = (path, query) => api.get(path, query).catch(() => null);
  const [extent, status, assets, areas] = await Promise.all([
    ask("/api/extent"), ask("/api/status"), ask("/api/assets", { at }),
    ask("/api/areas", { at, kinds: "coverage,coverage_lost,gnss_degraded" }),
  ]);
  return { extent, status, assets, areas };
}

/** Say it, as the body of an empty list. */
export function heardWords({ extent, status, assets, areas }, now) {
  const lines = [heardLine(extent, now), ...problemLines(status), ...assetLines(assets, areas), ...areaLines(areas)];
  return h("div.heard", { id: "inbox-heard" }, h("h3", null, "What was heard"), h("ul", null, lines.map((line) => h("li", null, line))),
    h("p", null, h("a", { href: link("feeds") }, "How the feeds do, hour by hour")));
}

function heardLine(extent, now) {
  if (!extent) return bad("How much was heard could not be read.");
  if (!extent.began_at) return bad("Nothing was heard at all: the watch is blind.");
  const began = Date.parse(extent.began_at);
  const until = Math.min(now, Date.parse(extent.ended_at));
  const all = now < Date.parse(extent.ended_at) - 1000 ? " (in all of it)" : "";
  return `${many(extent.reports, "report")} of ${many(extent.ships, "ship")}${all}; up to here ${duration(until - began)}, `
    + `from ${time(began, { day: true, seconds: false })} to ${time(until, { day: true, seconds: false })}.`;
}

function problemLines(status) {
  if (!status) return [bad("How the feeds do could not be read.")];
  if (!status.problems.length) return ["No problem is known of the feeds or the service."];
  return status.problems.map((one) => bad(`${one.words}.`));
}

function assetLines(assets, areas) {
  if (!assets) return [bad("Which assets are watched could not be read.")];
  if (!assets.features.length) return [bad("No asset is watched: no alert about a cable or plant can come.")];
  if (!areas) return [bad("Where ships were heard could not be read.")];
  const { heard, blind } = coverageOf(assets.features, areas.features.filter((one) => one.properties.kind === "coverage"));
  const said = [`Ships were heard along ${heard.length} of ${many(assets.features.length, "asset")} in the hour before.`];
  if (blind.length) said.push(bad(`Blind, or nobody there: ${named(blind)}.`));
  return said;
}

function areaLines(areas) {
  const of = (kind) => (areas?.features ?? []).filter((one) => one.properties.kind === kind).length;
  const said = [];
  if (of("coverage_lost")) said.push(bad(`Reception is lost in ${many(of("coverage_lost"), "area")}.`));
  if (of("gnss_degraded")) said.push(bad(`Positions cannot be trusted in ${many(of("gnss_degraded"), "area")}.`));
  return said;
}

const bad = (text) => h("strong", null, text);

const named = (names) => names.slice(0, MOST_NAMED).join(", ") + (names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "");

/** Tell assets along which ships were heard from those along which hardly any were, by the cells with ships. */
export function coverageOf(features, cells) {
  const boxes = cells.map((one) => boxOf(one.geometry));
  const heard = [], blind = [];
  for (const feature of features) {
    const points = pointsOf(feature.geometry);
    const inside = points.filter(([lon, lat]) => boxes.some(([w, s, e, n]) => lon >= w && lon <= e && lat >= s && lat <= n)).length;
    const { name, asset_id: id } = feature.properties;
    (points.length && inside / points.length >= HEARD_SHARE ? heard : blind).push(name ?? id);
  }
  return { heard, blind };
}

function boxOf(geometry) {
  const points = flat(geometry.coordinates);
  const lon = points.map((one) => one[0]), lat = points.map((one) => one[1]);
  return [Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)];
}

/** Points along a geometry, no farther apart than a step. */
function pointsOf(geometry) {
  const lines = { Point: (c) => [[c]], LineString: (c) => [c], Polygon: (c) => c, MultiPoint: (c) => c.map((one) => [one]),
    MultiLineString: (c) => c, MultiPolygon: (c) => c.flat() }[geometry?.type]?.(geometry.coordinates) ?? [];
  return lines.flatMap((line) => line.flatMap((point, number) => (number ? between(line[number - 1], point) : [point])));
}

function between([lon, lat], [toLon, toLat]) {
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(toLon - lon), Math.abs(toLat - lat)) / STEP_DEG));
  return Array.from({ length: steps }, (_, n) => [lon + ((toLon - lon) * (n + 1)) / steps, lat + ((toLat - lat) * (n + 1)) / steps]);
}

const flat = (coordinates) => (typeof coordinates[0] === "number" ? [coordinates] : coordinates.flatMap(flat));

/** Put the words into an element as soon as they are known. */
export async function tellHeard(element, app) {
  const heard = await readHeard(app.api, app.clock.iso());
  fill(element, heardWords(heard, app.clock.now()));
}
