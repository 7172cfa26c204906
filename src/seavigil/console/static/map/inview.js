// The ships in view as a table: the map in words.

import { fill, h, table } from "../lib/dom.js";
import { bearing, duration, many, number, position, time, words } from "../lib/format.js";
import { link } from "../lib/route.js";
import { CLASSES, PRIORITIES } from "./palette.js";

const MOST = 300;
const EVERY_MS = 2_000; // a table that changes faster cannot be read

/** Give {toggle}: a panel over the map with the ships that lie in it, alerts first, then by name. */
export function shipsInView(on, button) {
  const panel = h("section.map-list", { hidden: true, "aria-label": "Ships in view", tabindex: "-1" });
  on.container.append(panel);
  let drawnAt = 0;
  const draw = () => { drawnAt = performance.now(); fill(panel, content(on, () => toggle(false))); };
  const soon = () => { if (!panel.hidden && performance.now() - drawnAt > EVERY_MS && !panel.contains(document.activeElement)) draw(); };
  on.hear((kind) => { if (kind === "ships") soon(); });
  on.ml.on("moveend", () => { if (!panel.hidden) draw(); });
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") toggle(false); });
  function toggle(open = panel.hidden) {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) { draw(); panel.focus(); } else button.focus();
  }
  return { toggle };
}

function content(on, close) {
  const bounds = on.ml.getBounds();
  const here = on.parts.ships.list().filter(({ geometry }) => bounds.contains(geometry.coordinates)).map(({ geometry, properties }) => ({ ...properties, at: geometry.coordinates }));
  here.sort((a, b) => PRIORITIES.indexOf(b.alert) - PRIORITIES.indexOf(a.alert) || String(a.name ?? "~").localeCompare(String(b.name ?? "~")));
  const more = here.length > MOST ? ` The first ${MOST} are listed: move closer for all.` : "";
  return [h("header", null, h("h2", null, `${many(here.length, "ship")} in view`), h("button", { type: "button", onclick: close }, "Close")),
    h("p.quiet", null, `As of ${time(on.parts.ships.asOf(), { day: true })}.${more}`),
    table("Ships in view", COLUMNS(on), here.slice(0, MOST), { empty: "No ship was heard here in the 20 minutes before this moment. That does not mean that there is none." })];
}

const COLUMNS = (on) => [
  { title: "Ship", cell: (p) => h("a", { href: link("ships", p.vessel_id, { at: on.app.clock.iso() }) }, p.name || `MMSI ${p.mmsi}`) },
  { title: "Class", cell: (p) => CLASSES[p.ship_class] ?? "–" },
  { title: "Speed", class: "number", cell: (p) => number(p.sog_kn, "kn") },
  { title: "Course", class: "number", cell: (p) => bearing(p.cog_deg) },
  { title: "Status", cell: (p) => words(p.nav_status) || "–" },
  { title: "Position", cell: (p) => position(p.at[1], p.at[0]) },
  { title: "Heard before", class: "number", cell: (p) => (p.age_s === null || p.age_s === undefined ? "–" : duration(p.age_s * 1000)) },
  { title: "Alert", cell: (p) => p.alert ?? "" },
];
