// What an asset is, and what its source says of it.

import { h } from "../../lib/dom.js";
import { distance, number, UNKNOWN, words } from "../../lib/format.js";
import { assetKind } from "../../lib/names.js";

/** Facts about an asset. */
export function facts(asset) {
  const known = [["Kind", assetKind(asset.kind)], ["Id", asset.asset_id], ["Operator", asset.operator], ["Countries", asset.countries?.join(", ")],
    ["Length", asset.length_km ? number(asset.length_km, "km") : null], ["Voltage", asset.voltage_kv ? number(asset.voltage_kv, "kV", 0) : null],
    ["Route known to", `${distance(asset.position_uncertainty_m)} (95 % of the true route lies within)`],
    ["How that is known", asset.uncertainty_source === "given" ? "told by its source" : words(asset.uncertainty_source)]];
  return [pairs(known.filter(([, value]) => value)), source(asset)];
}

/** What the source itself says. */
export function source(asset) {
  const said = Object.entries(asset.properties_of_source ?? {});
  return h("details", { id: "asset-source" }, h("summary", null, "Source and its own properties"),
    h("p", null, `From ${asset.source ?? "a source that is not named"}.`),
    said.length ? pairs(said.map(([name, value]) => [name, plainly(value)])) : null);
}

const pairs = (rows) => h("dl", null, rows.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]));

function plainly(value) {
  if (value === null) return UNKNOWN;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** West, south, east, north of a geometry; null of none. */
export function boundsOf(geometry) {
  if (!geometry) return null;
  const flat = geometry.coordinates.flat(Infinity);
  const lon = flat.filter((_, i) => i % 2 === 0), lat = flat.filter((_, i) => i % 2 === 1);
  const low = (values) => values.reduce((a, b) => Math.min(a, b)), high = (values) => values.reduce((a, b) => Math.max(a, b));
  return flat.length >= 2 ? [low(lon), low(lat), high(lon), high(lat)] : null;
}
