// One alert in the inbox.

import { fill, h } from "../../lib/dom.js";
import { many, percent, time, words } from "../../lib/format.js";
import { STANDING } from "../../lib/names.js";
import { link } from "../../lib/route.js";
import { UNANSWERED, exerciseBadge, priorityBadge, statusBadge } from "./priority.js";
import { callWords, clockOf, lasted, ran, short, toCallAbout } from "./when.js";

const MOST_ASSETS = 3;

/** Make a card: {element, update(alert, {fresh, who})}. It is kept as long as its alert is listed. */
export function card(alert) {
  const body = h("article.alert-card", { dataset: { alertId: alert.alert_id } });
  const element = h("li", null, body);
  return { element, update: (newer, about) => draw(body, newer, about), alert };
}

function draw(body, alert, { fresh, who }) {
  const focused = body.contains(document.activeElement);
  body.className = `alert-card ${alert.priority}${STANDING.includes(alert.status) ? "" : " over"}`;
  body.dataset.fresh = fresh ? "yes" : "no";
  body.dataset.status = alert.status;
  fill(body,
    h("p.head", null, priorityBadge(alert.priority), statusBadge(alert), waiting(alert, who), exerciseBadge(alert),
      fresh && h("span.new", null, "New"), alert.silenced_by && h("span.status", null, "silenced")),
    h("h3", null, h("a.whole", { href: link("alerts", alert.alert_id) }, headline(alert))),
    about(alert),
    callLine(alert),
    answer(who?.what && who));
  if (focused) body.querySelector("a.whole").focus({ preventScroll: true });
}

/** What is told beside it by badges: how it stands, how pressing it is, that it is an exercise. */
const BADGES = /^(RETRACTED: |closed: )?((URGENT|WARNING|ADVISORY|INFO): )?(EXERCISE: )?/;

/** What a person would say of it. */
export const headline = (alert) => (alert.headline || alert.sentence || plain(alert)).replace(BADGES, "");

function plain(alert) {
  const doing = alert.behaviours.map(words).join(", ");
  return `${shipName(alert) ?? alert.feed?.name ?? alert.area?.area_id ?? "Alert"}: ${doing}`;
}

/** The ship's name, else her number; null where it is about none. */
export const shipName = ({ vessel }) => (vessel ? vessel.name || `MMSI ${vessel.vessel_id}` : null);

function about(alert) {
  const assets = alert.assets ?? [];
  const more = assets.length - MOST_ASSETS;
  const named = assets.slice(0, MOST_ASSETS).map((one, number) => [number ? ", " : "", assetLink(one)]);
  return h("p.about", null,
    h("span", null, `since ${time(alert.began, { seconds: false })}, `, lasted(alert.began, alert.ended)),
    alert.vessel && h("a", { href: link("ships", alert.vessel.vessel_id), "aria-label": `Ship ${shipName(alert)}` }, "Ship"),
    assets.length > 0 && h("span", null, named, more > 0 && ` and ${more} more`),
    alert.withheld?.assets > 0 && h("span", null, `${many(alert.withheld.assets, "asset")} not shown to you`));
}

/** A link to an asset's page. */
export const assetLink = (one) => h("a", { href: link("assets", one.asset_id) }, one.name ?? one.asset_id);

/** Older than this, what was reckoned is said with its time: she may have turned since (own choice). */
const OLD_MS = 2 * 60_000;

/** Which asset is next, and how long there is to call about it; as reckoned at the alert's last revision. */
export function callLine(alert, of = alert.revised_at) {
  if (!STANDING.includes(alert.status) || alert.priority === "info" || !alert.next_assets?.length) return null;
  return ran("p", (now) => {
    const next = toCallAbout(alert, now);
    if (!next) return { text: "", kind: "none" };
    const { text, kind } = callWords(next.call_by, now);
    const from = clockOf(next.eta_earliest, now);
    const as = now - Date.parse(of) > OLD_MS ? `, as known at ${clockOf(of, now)}` : "";
    return { text: `${text} (${next.name} from ${from}, ${percent(next.probability)}${as})`, kind };
  }, { class: "call" });
}

/** How long nobody has answered what is more than an ordinary passage. */
function waiting(alert, known) {
  const since = known?.since ?? (alert.revision > 1 && alert.status === "open" ? null : alert.detected_at);
  if (!since || !UNANSWERED.includes(alert.status) || alert.priority === "info") return null;
  return ran("span", (now) => `for ${short(now - Date.parse(since))}`, { class: "status" });
}

const answer = (who) => who && h("p.answer", null, `${words(who.what)} by ${who.who}, ${time(who.at, { seconds: false })}`);
