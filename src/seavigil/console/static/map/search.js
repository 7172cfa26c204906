// The search box: ships by name, MMSI or call sign, assets by name; the map jumps there.

import { get } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { position, time, words } from "../lib/format.js";
import { Asking } from "./asking.js";
import { boxOf } from "./geo.js";
import { CLASSES } from "./palette.js";
import { visit } from "./picking.js";

const LEAST_LETTERS = 2;
const MOST = 8;
const TYPED_MS = 200;

/** A combobox as WAI-ARIA describes it: arrows walk through the list, Enter goes there, Escape closes. */
export function searchBox(on) {
  const list = h("ul", { role: "listbox", id: "map-found", "aria-label": "Found", hidden: true });
  const field = h("input", { type: "search", role: "combobox", placeholder: "Ship, MMSI or asset  ( / )", "aria-label": "Search ships and assets", "aria-controls": "map-found",
    "aria-expanded": "false", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", maxlength: "60" });
  let found = [], at = -1;
  const asked = new Asking((signal) => search(on, field.value.trim(), signal), (got) => { found = got; at = got.length ? 0 : -1; draw(); },
    (problem) => { if (problem) say(`Could not search: ${problem.message}`); }, () => TYPED_MS);

  function draw() {
    if (!found.length) return say("Nothing goes by that name.");
    fill(list, found.map((one, i) => h("li", { role: "option", id: `map-found-${i}`, "aria-selected": String(i === at), onpointerdown: (event) => { event.preventDefault(); go(one); } },
      h("strong", null, one.title), h("span", null, one.more))));
    open(true);
    if (at >= 0) field.setAttribute("aria-activedescendant", `map-found-${at}`);
    const ship = found[at]?.kind === "ship" ? on.parts.ships.one(found[at].id) : null;
    on.showCard(ship && on.ml.getBounds().contains(ship.geometry.coordinates) ? { kind: "ship", id: found[at].id, ...ship } : null);
  }

  function say(text) { fill(list, h("li.quiet", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, text)); open(true); }
  function open(there) {
    list.hidden = !there;
    field.setAttribute("aria-expanded", String(there));
    if (!there) { field.removeAttribute("aria-activedescendant"); on.showCard(null); }
  }
  function go(one) { open(false); field.value = ""; found = []; field.blur(); jump(on, one); visit(on, one); }

  field.addEventListener("input", () => { if (field.value.trim().length < LEAST_LETTERS) { asked.stop(); open(false); } else asked.want(); });
  field.addEventListener("blur", () => open(false));
  field.addEventListener("focus", () => { if (found.length && field.value.trim().length >= LEAST_LETTERS) draw(); });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { open(false); field.value = ""; field.blur(); }
    else if (event.key === "Enter" && found[at] && !list.hidden) go(found[at]);
    else if (step && found.length) { event.preventDefault(); at = (at + step + found.length) % found.length; draw(); }
  });
  return { element: h("div.map-search", { role: "search" }, field, list), focus: () => field.focus() };
}

async function search(on, text, signal) {
  const wanted = text.toLocaleLowerCase();
  const assets = on.parts.assets.list().filter(({ properties: p }) => `${p.name} ${p.asset_id}`.toLocaleLowerCase().includes(wanted)).slice(0, MOST / 2)
    .map(({ properties: p }) => ({ kind: "asset", id: p.asset_id, title: p.name, more: words(p.kind) }));
  const { ships } = await get("/api/ships", { q: text, limit: MOST }, { signal });
  return [...ships.map((s) => ({ kind: "ship", id: s.vessel_id, title: s.name || `MMSI ${s.mmsi}`, more: about(on, s) })), ...assets].slice(0, MOST);
}

function about(on, ship) {
  const here = on.parts.ships.one(ship.vessel_id)?.geometry.coordinates;
  const where = here ? position(here[1], here[0]) : `last heard ${time(ship.last_seen, { day: true, seconds: false })}`;
  return [`MMSI ${ship.mmsi}`, CLASSES[ship.ship_class], ship.flag, where].filter(Boolean).join(" · ");
}

function jump(on, { kind, id }) {
  const box = boxOf((kind === "ship" ? on.parts.ships : on.parts.assets).one(id)?.geometry);
  if (!box) return;
  if (kind === "ship") on.ml.easeTo({ center: [box[0], box[1]], zoom: Math.max(on.ml.getZoom(), 10), duration: 500 });
  else on.ml.fitBounds(box, { padding: 60, maxZoom: 12, duration: 500 });
}
