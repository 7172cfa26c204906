// The ships of an inquiry, best first, with what speaks for and against each.

import { h } from "../../lib/dom.js";
import { distance, duration, number, percent, time, words } from "../../lib/format.js";
import { shipName } from "../../lib/names.js";

const OPEN = 3, FIRST = 12;
const SAYS = { likely: "warning", possible: "advisory", unlikely: "info" };

/** The ranking; a ship's speed about the fault is drawn when it is asked for. */
export function ranking(found, fault, app, ways) {
  const all = found.findings ?? [];
  if (!all.length) return h("p.empty", null, "No ship heard was there. That is no proof that there was none: see what is not known.");
  const said = new Map((found.words ?? []).map((one) => [one.rank, one]));
  const cards = all.map((one) => card(one, said.get(one.rank), fault, app, ways));
  const list = h("ol.ranking", { id: "ranking" }, cards.slice(0, FIRST));
  const rest = cards.slice(FIRST);
  const more = rest.length ? h("button", { type: "button", onclick: () => { list.append(...rest); more.remove(); } }, `Show ${rest.length} more who hardly fit`) : null;
  return h("div", null, list, more, h("p.quiet", null, "“Likely” is said only where hardly any ship fits as well by chance; of ships marked silent it is not known where they were. ",
    "In brackets: how much a thing weighs. +1 makes her 2.7 times as likely, −1 as much less, 0 says nothing either way."));
}

function card(one, said, fault, app, ways) {
  const { vessel } = one, id = vessel.vessel_id;
  const plot = h("div", null);
  const speed = h("button", { type: "button", "aria-expanded": "false", onclick: () => ways.plot(one, plot, speed) }, "Her speed about then");
  const facts = [vessel.flag, vessel.length_m && number(vessel.length_m, "m", 0), vessel.callsign && `call sign ${vessel.callsign}`, id];
  return h("li.card.suspect", { dataset: { vesselId: id, rank: String(one.rank) } },
    h("header", null, h("span.rank", null, String(one.rank)),
      h("div", null, h("a.name", { href: app.link("ships", id, { at: one.crossed_at ?? one.silent_from }) }, h("bdi", null, shipName(vessel))),
        h("p.quiet", null, facts.filter(Boolean).join(" · "))),
      h("span.badge", { class: SAYS[one.says] ?? "info" }, one.says), h("strong.share", { title: "Probability that it was she" }, percent(one.probability))),
    h("p", null, there(one)), h("details", { open: one.rank <= OPEN }, h("summary", null, "For and against"),
      side("For", one.for, said?.for), side("Against", one.against, said?.against),
      h("p.quiet", null, `All weights together: ${number(one.score, "", 2)}. At ${percent(one.chance)} of other moments some ship fits as well by chance. ${last(one)}`),
      one.dark ? null : h("div.row", null, speed), plot));
}

/** When and where she was there. */
function there(one) {
  if (one.dark) return `Silent from ${time(one.silent_from, { day: true })} to ${time(one.silent_to)}; could have reached it meanwhile (over it: ${percent(one.probability_over)}).`;
  const sure = one.crossed_within_s >= 20 ? ` ± ${duration(one.crossed_within_s * 1000)}` : "";
  const offset = `${duration(one.time_offset_s * 1000)} ${one.time_offset_s >= 0 ? "after" : "before"} the fault`;
  const km = one.km_along === null ? "" : `, km ${number(one.km_along)}`;
  const how = one.crossed ? `Crossed ${time(one.crossed_at, { day: true })}${sure}` : `Nearest ${time(one.crossed_at, { day: true })}${sure}, ${distance(one.distance_m)} off`;
  return `${how}${km}, ${offset}; over the true route: ${percent(one.probability_over)}.`;
}

function side(title, lines, said) {
  const texts = said ?? (lines ?? []).map((one) => `${words(one.code)} ${number(one.observed, one.unit === "1" ? "" : one.unit)} (${one.nats > 0 ? "+" : ""}${one.nats})`);
  return h("div.side", null, h("h3", null, `${title} (${texts.length})`), texts.length ? h("ul", null, texts.map((text) => h("li", null, text))) : h("p.quiet", null, "nothing"));
}

const last = ({ last: seen }) => (seen ? `Last heard ${time(seen.at, { day: true })}.` : "");
