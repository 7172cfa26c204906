// The list of assets by kind, those with something standing about them first.

import { h } from "../../lib/dom.js";
import { follow } from "../../lib/follow.js";
import { many, number, percent } from "../../lib/format.js";
import { arrowKeys } from "../../lib/listkeys.js";
import { assetKind } from "../../lib/names.js";
import { Section } from "../../lib/section.js";
import { coverageOf, heardAlong } from "../inbox/heard.js";
import { badge } from "../ship/found.js";

const RANK = { urgent: 0, warning: 1, advisory: 2, info: 3 };
const FIRST = 100;

/** Show all assets with a filter. */
export function assetList(panel, route, app) {
  const wanted = { text: route.query.q ?? "", kind: "", standing: false };
  let most = FIRST;
  const part = new Section("assets-found", "Watched",
    async (signal) => {
      const found = await app.api.get("/api/assets", { at: app.clock.iso() }, { signal });
      return { assets: found.features.map((one) => one.properties), heard: await sharesHeard(found.features, app, signal) };
    },
    (found) => drawn(found, wanted, app, most, () => { most = Infinity; part.redraw(); }));
  const kind = h("select", { id: "asset-kind", onchange: () => { wanted.kind = kind.value; part.redraw(); } }, h("option", { value: "" }, "All kinds"));
  const text = h("input", { type: "search", id: "asset-search", value: wanted.text, placeholder: "Name, operator or id", autocomplete: "off",
    oninput: () => { wanted.text = text.value; part.redraw(); } });
  const standing = h("input", { type: "checkbox", id: "asset-standing", onchange: () => { wanted.standing = standing.checked; part.redraw(); } });
  panel.append(h("h1", null, "Assets"), h("div.filters", null, h("label.all", null, "Search an asset", text), h("label", null, "Kind", kind),
    h("label.check", null, standing, "only with standing alerts")), part.element);
  arrowKeys(part.element, text);
  const load = async () => { await part.load(); if (part.data) kinds(kind, part.data.assets); };
  load();
  const off = follow(app, load);
  return { leave() { off(); part.leave(); } };
}

/** Along what share of each asset ships were heard in the hour before the moment shown; null where that could not be read. */
async function sharesHeard(features, app, signal) {
  const areas = await app.api.get("/api/areas", { at: app.clock.iso(), kinds: "coverage" }, { signal }).catch((fault) => {
    if (fault.name === "AbortError") throw fault;
    return null;
  });
  if (!areas) return null;
  const bare = features.map((one) => ({ geometry: one.geometry, properties: { asset_id: one.properties.asset_id } }));
  const { whole, part, none } = coverageOf(bare, areas.features);
  return { whole: whole.length, part: part.length, shares: Object.fromEntries([...part, ...none].map((one) => [one.name, one.share])) };
}

function kinds(select, assets) {
  const there = [...new Set(assets.map((one) => one.kind))].sort();
  if (select.options.length === there.length + 1) return;
  const chosen = select.value;
  select.replaceChildren(h("option", { value: "" }, "All kinds"), ...there.map((one) => h("option", { value: one }, assetKind(one))));
  select.value = chosen;
}

function drawn({ assets, heard }, wanted, app, most, more) {
  const words = wanted.text.trim().toLowerCase();
  const fits = (one) => (!wanted.kind || one.kind === wanted.kind) && (!wanted.standing || one.alerts > 0)
    && [one.name, one.asset_id, one.operator].some((text) => (text ?? "").toLowerCase().includes(words));
  const order = (a, b) => (RANK[a.risk] ?? 9) - (RANK[b.risk] ?? 9) || a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name);
  const found = assets.filter(fits).sort(order);
  if (!assets.length) return h("p.caution", null, "No asset is watched: nothing can be said of what ships do near one. Assets are given with --assets or in the settings.");
  if (!found.length) return h("p.empty", null, `None of ${many(assets.length, "asset")} fits.`);
  const shown = found.slice(0, most);
  const counted = found.length === assets.length ? many(assets.length, "asset") : `${found.length} of ${many(assets.length, "asset")}`;
  return [heard ? null : h("p.caution", null, "Near which assets ships were heard could not be read."), h("p.quiet", null, counted, heard ? `. ${heardAlong(assets.length, { length: heard.whole }, { length: heard.part })}` : null),
    h("ul.lines", null, shown.map((one) => line(one, heard?.shares[one.asset_id], app))),
    shown.length < found.length ? h("button", { type: "button", onclick: more }, `Show all ${found.length}`) : null];
}

function line(one, share, app) {
  return h("li", null, h("a.line", { href: app.link("assets", one.asset_id), dataset: { assetId: one.asset_id } },
    h("strong", null, h("bdi", null, one.name)),
    h("span.side", null, badge(one.risk), one.alerts ? ` ${many(one.alerts, "alert")}` : null),
    h("span.more", null, [assetKind(one.kind), one.length_km && number(one.length_km, "km", 0), one.operator,
      `route known to ${number(one.position_uncertainty_m, "m", 0)}`].filter(Boolean).join(" · "),
      share === undefined ? null : h("span.unheard", null, share > 0 ? ` · ◐ ships heard along ${percent(share)} of it` : " · ⊘ no ship heard along it"))));
}
