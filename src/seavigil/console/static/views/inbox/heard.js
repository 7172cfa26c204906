// What was heard: beside "nothing to tell" it says whether anybody listened.

import { h } from "../../lib/dom.js";
import { duration, many, time } from "../../lib/format.js";
import { problemWords } from "../../lib/problems.js";
import { link } from "../../lib/route.js";

/** An asset counts as heard along, or as not, where so much and so little of it lies in cells with ships (own choice). */
const WHOLE = 0.9, NONE = 0.02;
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

/** In a line, beside alerts that stand: along what nobody was heard. Null where all is heard. */
export function unheardLine({ assets, areas }) {
  if (!assets || !areas) return [bad("Along which assets anybody was heard could not be read."), " ", health("Health")];
  const cells = areas.features.filter((one) => one.properties.kind === "coverage"), all = assets.features.length;
  const none = coverageOf(assets.features, cells).none.length;
  const said = [none > 0 && `Nobody was heard along ${none} of ${many(all, "asset")} in the hour before.`, ...areaWords(areas)].filter(Boolean);
  return said.length ? [bad(said.join(" ")), " ", health("Health")] : null;
}

/** Say it, as the body of an empty list. */
export function heardWords({ extent, status, assets, areas }, now) {
  const lines = [heardLine(extent, now), ...problemLines(status), ...assetLines(assets, areas, status), ...areaLines(areas)];
  return h("div.heard", { id: "inbox-heard" }, h("h3", null, "What was heard"), h("ul", null, lines.map((line) => h("li", null, line))),
    h("p", null, health("How the feeds do, hour by hour")));
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
  return status.problems.map((one) => bad(`${capital(problemWords(one))}.`));
}

function assetLines(assets, areas, status) {
  if (!assets) return [bad("Which assets are watched could not be read.")];
  if (!assets.features.length) {
    const told = status?.problems.some((one) => one.code === "no_assets");
    return told ? [] : [bad("No asset is watched: no alert about a cable or plant can come.")];
  }
  if (!areas) return [bad("Where ships were heard could not be read.")];
  const { whole, part, none } = coverageOf(assets.features, areas.features.filter((one) => one.properties.kind === "coverage"));
  const said = [heardAlong(assets.features.length, whole, part)];
  if (none.length) said.push(bad(`Blind, or nobody there: ${named(none.map((one) => one.name))}.`));
  return said;
}

/** Say along how many assets ships were heard in the hour before. */
export const heardAlong = (all, whole, part) => `Ships were heard in the hour before along all of ${whole.length} and along a part of ${part.length} of ${many(all, "asset")}.`;

const areaLines = (areas) => areaWords(areas).map(bad);

function areaWords(areas) {
  const of = (kind) => (areas?.features ?? []).filter((one) => one.properties.kind === kind).length;
  const said = [];
  if (of("coverage_lost")) said.push(`Reception is lost in ${many(of("coverage_lost"), "area")}.`);
  if (of("gnss_degraded")) said.push(`Positions cannot be trusted in ${many(of("gnss_degraded"), "area")}.`);
  return said;
}

const bad = (text) => h("strong", null, text);
const health = (said) => h("a", { href: link("feeds") }, said);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const named = (names) => names.slice(0, MOST_NAMED).join(", ") + (names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "");

/** How much of each asset lies in cells where ships were heard: {whole, part, none} of {name, share}. */
export function coverageOf(features, cells) {
  const boxes = cells.map((one) => boxOf(one.geometry));
  const within = ([lon, lat]) => boxes.some(([w, s, e, n]) => lon >= w && lon <= e && lat >= s && lat <= n);
  const found = { whole: [], part: [], none: [] };
  for (const { geometry, properties } of features) {
    const points = pointsOf(geometry);
    const share = points.length ? points.filter(within).length / points.length : 0;
    found[share >= WHOLE ? "whole" : share > NONE ? "part" : "none"].push({ name: properties.name ?? properties.asset_id, share });
  }
  return found;
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
