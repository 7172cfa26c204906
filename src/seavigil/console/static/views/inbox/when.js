// What runs while one looks: how long something lasts, and how long there is to call.

import { h } from "../../lib/dom.js";
import { duration, time } from "../../lib/format.js";

/** Less probable assets are no news (as in the lines for people: own choice). */
const WORTH_SAYING = 0.1;
const SOON_MS = 15 * 60_000;

/** Text that follows the clock: `say(now)` gives it; `running(root, now)` brings all below an element up to date. */
export function ran(tag, say, attributes = null) {
  const element = h(tag, { ...attributes, dataset: { runs: "yes" } });
  element.say = say;
  return element;
}

/** Bring every running text below an element to the moment `now` (ms). */
export function running(root, now) {
  for (const element of root.querySelectorAll("[data-runs]")) {
    const { text, kind } = told(element.say(now));
    if (element.textContent !== text) element.textContent = text;
    if ((element.dataset.kind ?? "") !== kind) element.dataset.kind = kind;
  }
}

const told = (said) => (typeof said === "string" ? { text: said, kind: "" } : said);

/** How long something has lasted at `now`, or lasted: "for 47 min", "lasted 12 min". */
export const lasted = (began, ended) => ran("span", (now) => {
  const from = Date.parse(began);
  return ended ? `lasted ${short(Date.parse(ended) - from)}` : `for ${short(now - from)}`;
});

/** A length of time without seconds above five minutes. */
export function short(ms) {
  const away = Math.abs(ms);
  if (away >= 5 * 60_000 && away < 3_600_000) return `${Math.floor(away / 60_000)} min`;
  return duration(away);
}

/** Say how long there is to call, or since when it is too late: {text, kind: "soon"|"late"|""}. */
export function callWords(callBy, now) {
  const left = Date.parse(callBy) - now;
  if (left <= 0) return { text: `the last moment for a call was ${short(left)} ago`, kind: "late" };
  return { text: `call within ${short(left)}`, kind: left < SOON_MS ? "soon" : "" };
}

/** Of the assets ahead the one to call about: the first that can still be kept clear of, else the last missed. */
export function toCallAbout(alert, now) {
  const likely = (alert.next_assets ?? []).filter((one) =>
    one.probability >= WORTH_SAYING && Date.parse(one.eta_latest) > now);
  const open = likely.filter((one) => Date.parse(one.call_by) > now);
  const first = (rows) => rows.toSorted((a, b) => Date.parse(a.call_by) - Date.parse(b.call_by));
  return first(open)[0] ?? first(likely).at(-1) ?? null;
}

/** A time to the minute, with its day where that is not the day of `now`: "02:21Z", "11-21 02:21Z". */
export function clockOf(at, now) {
  const day = new Date(at).toISOString().slice(5, 10), said = time(at, { seconds: false });
  return day === new Date(now).toISOString().slice(5, 10) ? said : `${day} ${said}`;
}
