// Cables, pipelines, wind farms and plants, with the band in which each route truly lies, and the risk now.

import { get } from "../lib/api.js";
import { Asking } from "./asking.js";
import { boxOf, collection, feature, middle } from "./geo.js";
import { SIGNS } from "./symbols.js";

/** Ask for assets and their bands and draw them; `list()` gives them, `one(id)` one of them. */
export function assets(on) {
  const { app } = on;
  let list = [];
  let byId = new Map();
  let shown = "";
  let bandsOf = [];
  const tell = (problem) => on.tell?.("assets", problem && `Assets: ${problem.message} What is drawn may be old.`);
  const asked = new Asking((signal) => get("/api/assets", { at: app.clock.iso() }, { signal }), take, tell, () => 3_000);
  const bands = new Asking((signal) => get("/api/assets/bands", {}, { signal }), (found) => { bandsOf = found.features.map(band); if (list.length) draw(); }, tell, () => 60_000);
  bands.want();

  function take(found) {
    list = found.features.map(drawn);
    byId = new Map(list.map((asset) => [asset.properties.asset_id, asset]));
    const now = JSON.stringify(list.map(({ properties: p }) => [p.asset_id, p.risk]));
    if (now === shown) return; // only risk changes with the moment: most answers draw nothing new
    shown = now;
    draw();
    on.told("assets");
  }

  function draw() {
    on.set("assets", collection([...bandsOf, ...list, ...list.filter(({ properties: p }) => p.shape !== "line").map(spot)]));
  }

  return { want: (how) => asked.want(how), list: () => list, one: (id) => byId.get(id) ?? null, boxOf: (id) => boxOf(byId.get(id)?.geometry) };
}

const band = ({ geometry, properties: p }) => ({ type: "Feature", geometry, properties: { asset_id: null, part: "band", of: p.asset_id } });

/** Where the sign and the name of a plant stand, once for each. */
const spot = ({ geometry, properties: p }) => feature("Point", middle(geometry), { ...p, part: "spot" });

function drawn({ geometry, properties: p }) {
  const sign = SIGNS.includes(p.kind) ? p.kind : "other";
  const label = p.name && !/^(way|node|relation)\/\d+$/.test(p.name) ? p.name : "";
  return { type: "Feature", geometry, properties: { ...p, sign, label } };
}
