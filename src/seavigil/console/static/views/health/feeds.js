// How each feed does, and the sources of a recording.

import { h, svg } from "../../lib/dom.js";
import { duration, many, number, percent, time, words } from "../../lib/format.js";
import { short } from "../inbox/when.js";
import { STATES, sign } from "./words.js";

const MOST_LATE_S = 300;

/** One card for each feed, those in trouble first. */
export function feedCards(feeds, taken, recording) {
  if (!feeds.length) return h("p.error", null, recording ? "No file was read: nothing was heard." : "There is no feed: nothing can be heard.");
  const rank = (one) => ["urgent", "warning", "info", "good"].indexOf(stateOf(one).kind);
  return h("div.feeds", null, feeds.toSorted((one, other) => rank(one) - rank(other)).map((one) => feedCard(one, taken, recording)));
}

const stateOf = (feed) => STATES[feed.state] ?? { said: words(feed.state), kind: feed.alive ? "good" : "urgent" };

function feedCard(feed, taken, recording) {
  const { said, kind, means, todo } = stateOf(feed);
  return h("article.card.feed", { dataset: { feed: feed.name, state: feed.state } },
    h("h3", null, feed.name, " ", sign(kind, said)),
    feed.why && h("p", null, feed.why), !feed.why && means && kind !== "good" && h("p", null, means),
    todo && h("p", null, h("strong", null, "What to do: "), todo),
    h("dl", null, (recording ? recordingFacts(feed) : liveFacts(feed, taken)).map(([name, value]) => [h("dt", null, name), h("dd", null, value)])));
}

function recordingFacts(feed) {
  return [["First report", time(feed.since_at, { day: true })], ["Last report", feed.last_report_at ? time(feed.last_report_at, { day: true }) : "none"], ["Reports", counted(feed.reports)],
    ["Positions of", `${counted(feed.ships)} MMSIs, base stations and aids among them`], ["Not readable", rejects(feed)]];
}

function liveFacts(feed, taken) {
  const since = (at) => (at ? `${short(taken - Date.parse(at))} ago (${time(at)})` : "never");
  return [["So since", `${time(feed.since_at, { day: true, seconds: false })} (${duration(taken - Date.parse(feed.since_at))})`],
    ["Last report", since(feed.last_report_at)], ["Last sign of life", since(feed.last_bytes_at)], ["Reports", rate(feed)], ["Delay", delay(feed)],
    ["Ships", `${counted(feed.ships)} in the last ten minutes`], ["In all", `${many(feed.reports, "report")}`], ["Not readable", rejects(feed)],
    ["Address", h("span.mono", null, feed.url)], ...lost(feed.counts ?? {})];
}

const counted = (n) => number(n, "", 0);

/** Reports a second beside what is usual at this hour: a bar with a mark, and both in figures. */
function rate({ reports_per_s: now, usual_reports_per_s: usual }) {
  if (now === null) return "rate not known yet";
  const said = usual === null ? "what is usual is not known yet" : `usual at this hour ${number(usual, "", 1)}`;
  const most = Math.max(now, usual ?? now, 0.001) * 1.15, width = 110;
  const bar = usual === null ? null : svg("svg", { viewBox: `0 0 ${width} 12`, width, height: 12, "aria-hidden": "true", class: "rate" },
    svg("rect.ground", { x: 0, y: 3, width, height: 6 }), svg("rect.seen", { x: 0, y: 3, width: (now / most) * width, height: 6 }),
    svg("path.mark", { d: `M${(usual / most) * width} 0v12` }));
  const low = usual !== null && now < usual / 2 ? h("strong", null, " less than half") : null;
  return [bar, ` ${number(now, "", 1)} in a second; ${said}`, low];
}

function delay({ delay_s_median: middle, delay_s_p95: most, reports_per_s: now }) {
  if (middle === null) return now ? "not known: reports carry no time" : "not known: nothing came in the last minute";
  const side = middle < -1 ? "from the future" : "late";
  const said = `${seconds(middle)} ${side}; ${seconds(most)} for one in twenty`;
  return Math.abs(middle) > MOST_LATE_S ? h("strong", null, said) : said;
}

const seconds = (s) => (Math.abs(s) < 10 ? number(Math.abs(s), "s") : duration(s * 1000));

function rejects({ rejects: n, reports }) {
  if (!n) return "none";
  const share = n / (n + reports);
  return `${counted(n)} (${percent(share)} of what came)`;
}

/** What was lost or cut, where anything was. */
function lost(counts) {
  const skip = ["alive", "connections", "minute_bytes", "minute_reports", "minute_rejects", "minute_s"];
  const found = Object.entries(counts).filter(([name, n]) => n && !skip.includes(name));
  return found.length ? [["Lost or cut", found.map(([name, n]) => `${words(name)} ${counted(n)}`).join(", ")]] : [];
}
