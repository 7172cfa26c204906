// What was found of a ship: alerts and events.

import { h, table } from "../../lib/dom.js";
import { distance, number, percent, time, words } from "../../lib/format.js";

/** Shape and word of each priority: colour is never alone. */
const SHAPES = { urgent: "▲", warning: "◆", advisory: "●", info: "•" };
const SHORT = 25;

/** A priority as a badge; nothing for none. */
export const badge = (priority) => (priority ? h("span.badge", { class: priority }, `${SHAPES[priority] ?? ""} ${priority}`) : null);

/** Alerts as lines that lead to their pages. */
export function alertLines({ alerts, more }, app) {
  if (!alerts.length) return h("p.empty", null, "No alert about her up to the moment shown.");
  return [h("ul.lines", null, alerts.map((one) => h("li", null,
    h("a.line", { href: app.link("alerts", one.alert_id), dataset: { alertId: one.alert_id } },
      h("strong", null, badge(one.priority), " ", headline(one)),
      h("span.side", null, one.status), h("span.more", null, one.sentence ?? time(one.began, { day: true })))))),
    more ? h("p.quiet", null, "There are more: see Alerts.") : null];
}

/** Without the priority's word: the badge says it. */
export const headline = (one) => (one.headline ?? one.behaviours.map(words).join(", ")).replace(/^(closed: |retracted: )?(URGENT|WARNING|ADVISORY|INFO): /, "");

/** Events as far as they were known at a moment (ms): of what ended later nothing is known but that it goes on. */
export function asOf(events, now) {
  const later = (at) => Boolean(at) && Date.parse(at) > now;
  return events.filter((one) => !later(one.detected_at)).map((one) => (later(one.ended) || (later(one.known_at) && one.behaviour !== "crossing")
    ? { ...one, ended: later(one.ended) ? null : one.ended, sog_kn: one.behaviour === "crossing" ? one.sog_kn : null } : one));
}

/** Events as a table; a time leads to that moment. */
export function eventTable(events, app) {
  if (!events.length) return h("p.empty", null, "Nothing out of the ordinary, and no crossing, was seen of her up to the moment shown.");
  const shown = [...events].sort((a, b) => (a.began < b.began ? 1 : -1));
  const columns = [
    { title: "When (UTC)", cell: (one) => momentLink(one.crossed_at ?? one.began, app) },
    { title: "What", cell: (one) => [one.behaviour_words ?? words(one.behaviour), one.asset_name ? [" ", h("a", { href: app.link("assets", one.asset_id) }, one.asset_name)] : null] },
    { title: "Lasted", cell: (one) => (one.behaviour === "crossing" ? "–" : lasted(one)) },
    { title: "Speed", class: "number", cell: (one) => number(one.sog_kn, "kn") },
    { title: "Where", cell: (one) => whereabouts(one) }];
  const all = table("What was seen of her, newest first", columns, shown.slice(0, SHORT));
  if (shown.length <= SHORT) return all;
  const rest = h("button", { type: "button", onclick: () => rest.parentNode.replaceChildren(table("What was seen of her, newest first", columns, shown)) },
    `Show all ${shown.length}`);
  return h("div", null, all, rest);
}

/** A moment as a button that shows it on the whole page: the time, and its day below unless `day` is false. */
export function momentLink(at, app, { day = true } = {}) {
  if (!at) return "–";
  return h("button.moment", { type: "button", title: "Show this moment", onclick: () => app.clock.set(Date.parse(at)) }, time(at), day ? h("small", null, at.slice(0, 10)) : null);
}

function lasted(one) {
  if (!one.ended) return "goes on";
  const s = (Date.parse(one.ended) - Date.parse(one.began)) / 1000;
  return s < 90 ? `${Math.round(s)} s` : s < 5400 ? `${Math.round(s / 60)} min` : `${(s / 3600).toFixed(1)} h`;
}

function whereabouts(one) {
  const km = one.km_along === null || one.km_along === undefined ? null : `km ${number(one.km_along)}`;
  const over = one.probability_over === null || one.probability_over === undefined ? null : `over it: ${percent(one.probability_over)}`;
  const off = one.distance_m ? distance(one.distance_m) : null;
  return [km, over ?? off].filter(Boolean).join(", ") || "–";
}
