// The list of ships, the last heard first, with a search.

import { fill, h } from "../../lib/dom.js";
import { follow } from "../../lib/follow.js";
import { duration, many, time, UNKNOWN } from "../../lib/format.js";
import { arrowKeys } from "../../lib/listkeys.js";
import { shipClass, shipName } from "../../lib/names.js";
import { paced } from "../../lib/pace.js";
import { Section } from "../../lib/section.js";

const FIRST = 50, MOST = 500, TYPING_MS = 250, CLOCK_MS = 2_500, HOUR_MIN = 60;

/** Show the search and who was heard last. */
export function shipList(panel, route, app) {
  let asked = route.query.q ?? "", limit = FIRST;
  const part = new Section("ships-found", titled(asked, app),
    async (signal) => ({ asked, limit, at: app.clock.at, ships: await found(app, asked.trim(), limit, signal) }),
    (answer) => drawn(answer, app, () => { limit = MOST; part.reload(); }));
  const typed = paced(() => { limit = FIRST; part.reload(); }, TYPING_MS);
  const box = h("input", { type: "search", id: "ship-search", value: asked, autocomplete: "off", spellcheck: "false",
    placeholder: "Name, MMSI, IMO or call sign", "aria-describedby": "ships-found-title",
    oninput: () => { asked = box.value; fill(part.title, titled(asked, app)); typed.ask(); } });
  panel.append(h("h1", null, "Ships"),
    h("form.search", { role: "search", onsubmit: (e) => { e.preventDefault(); first(part); } }, h("label", null, "Search a ship", box)), part.element);
  arrowKeys(part.element, box);
  const off = follow(app, () => { fill(part.title, titled(asked, app)); part.load(); }, CLOCK_MS);
  part.load();
  return { leave() { off(); typed.end(); part.leave(); } };
}

const titled = (asked, app) => (asked.trim() ? "Found" : app.clock.at === null ? "Heard last" : "Heard in the hour before");

/** Ships by a search, the last heard; of a moment of the past those of the hour before it. */
async function found(app, q, limit, signal) {
  if (q || app.clock.at === null) return (await app.api.get("/api/ships", { q, limit }, { signal })).ships;
  const picture = await app.api.get("/api/picture", { at: app.clock.iso(), max_age_min: HOUR_MIN }, { signal });
  const ships = picture.features.map((one) => one.properties).sort((a, b) => a.age_s - b.age_s).slice(0, limit);
  return ships.map((one) => ({ ...one, last_seen: new Date(app.clock.at - one.age_s * 1000).toISOString() }));
}

/** Enter goes to the one ship found, else into the list. */
function first(part) {
  const found = part.body.querySelectorAll("a.line");
  if (found.length > 1) found[0].focus();
  else found[0]?.click();
}

function drawn({ ships, asked, limit }, app, more) {
  if (!ships.length) return h("p.empty", null, nobody(asked, app.clock));
  return [h("ul.lines", null, ships.map((ship) => line(ship, app))),
    ships.length >= limit ? h("p.row", null, h("span.quiet", null, `The first ${many(ships.length, "ship")}.`),
      limit < MOST ? h("button", { type: "button", onclick: more }, "Show more") : null) : null];
}

/** An empty list says what was heard: it must not be read as an empty sea. */
function nobody(asked, clock) {
  const { reports, ships } = clock.extent;
  const heard = reports ? `${many(reports, "report")} of ${many(ships ?? 0, "ship")} were heard from ${time(clock.began, { day: true })} on.` : "Nothing at all was heard yet.";
  return asked.trim() ? `No ship heard goes by “${asked.trim()}”. ${heard}` : heard;
}

function line(ship, app) {
  const ago = ship.last_seen ? app.clock.now() - Date.parse(ship.last_seen) : null;
  const heard = ago === null ? "never heard" : ago >= 0 ? `heard ${duration(ago)} ago` : null; // later than the moment shown: not told
  return h("li", null, h("a.line", { href: app.link("ships", ship.vessel_id), dataset: { vesselId: ship.vessel_id } },
    h("strong", null, h("bdi", null, ship.name ? shipName(ship) : "unnamed")), h("span.side", null, heard),
    h("span.more", null, [ship.vessel_id, ship.flag, shipClass(ship.ship_class), ship.callsign && `call sign ${ship.callsign}`,
      ship.imo && `IMO ${ship.imo}`].filter(Boolean).join(" · ") || UNKNOWN)));
}
