// The service itself, and which assets were heard around.

import { h } from "../../lib/dom.js";
import { duration, many, number, percent, time, words } from "../../lib/format.js";
import { link } from "../../lib/route.js";
import { coverageOf, heardAlong } from "../inbox/heard.js";

const GIB = 2 ** 30, MIB = 2 ** 20;
const MOST_LAG_S = 60;

const facts = (rows) => h("dl", null, rows.filter(Boolean).map(([name, value]) => [h("dt", null, name), h("dd", null, value)]));

/** How judging, writing, keeping and telling do. */
export function serviceFacts(status, recording) {
  const { judge, log, store, outbox } = status;
  const taken = Date.parse(status.taken_at);
  return facts([
    ["Running", `version ${status.version}, since ${time(status.started_at, { day: true, seconds: false })} (${duration(taken - Date.parse(status.started_at))})`],
    ["Assets", status.assets === null ? "not known" : many(status.assets, "asset")], ["Judging", judging(judge, recording)],
    !recording && ["Log", log.writable ? `${bytes(log.bytes)}${log.free_bytes === null ? "" : `, ${bytes(log.free_bytes)} left on its disk`}` : bad(`cannot be written: ${log.why}`)],
    ["Store", store.writable ? h("span.mono", null, store.shown) : bad(`takes nothing: ${store.why}`)], ["Alerts", alerts(status.alerts)],
    !recording && ["Messages", `${number(outbox.sent, "", 0)} sent, ${number(outbox.waiting, "", 0)} waiting${outbox.oldest_s ? ` (the oldest for ${duration(outbox.oldest_s * 1000)})` : ""}, ${number(outbox.dead, "", 0)} given up`],
    ...status.failing.map((one) => [`Channel ${one.name}`, bad(`fails since ${time(one.since_at, { day: true })}: ${one.why}`)]),
    ...Object.entries(status.channels ?? {}).filter(([name]) => !status.failing.some((one) => one.name === name)).map(([name, said]) => [`Channel ${name}`, channel(said)]),
    status.faults > 0 && ["Failed steps", `${many(status.faults, "step")} in the last day, ${number(status.faults_of_all, "", 0)} of them for all ships`],
  ]);
}

const bad = (text) => h("strong.error", null, text);

/** What a channel did: what went out always, the rest where there is any. */
function channel(said) {
  const { sent_total: sent = 0, ...rest } = said;
  const more = Object.entries(rest).filter(([, n]) => n).map(([name, n]) => `${words(name.replace(/_total$/, ""))} ${number(n)}`);
  return [`${number(sent, "", 0)} sent`, ...more].join(", ");
}

function judging(judge, recording) {
  if (!judge.alive) return bad(`has ended: ${judge.why || "the reason is not known"}`);
  if (judge.failing) return bad(`fails for all ships: ${judge.fails_by}`);
  const done = `${many(judge.reports, "report")} judged`;
  if (recording) return `${done}, to the end`;
  const behind = `${number(judge.lag_s, "s")} behind`;
  return judge.lag_s > MOST_LAG_S ? [`${done}, `, bad(duration(judge.lag_s * 1000)), " behind"] : `${done}, ${behind}`;
}

const bytes = (n) => (n >= GIB ? number(n / GIB, "GiB") : number(n / MIB, "MiB"));

function alerts(counts) {
  const said = Object.entries(counts ?? {}).map(([priority, by]) => `${priority}: ${Object.entries(by).map(([status, n]) => `${number(n, "", 0)} ${status}`).join(", ")}`);
  return said.length ? said.map((one) => h("div", null, one)) : "none";
}

/** Along which assets ships were heard, and where nobody was: by the cells of the hour before, and by the newest statement. */
export function assetsHeard(assets, areas, statements, recording) {
  if (!assets) return h("p.error", null, "Which assets are watched could not be read.");
  if (!assets.features.length) return h("p.error", null, "No asset is watched: no alert about a cable or plant can come.");
  const named = new Map(assets.features.map((one) => [one.properties.asset_id, one.properties.name ?? one.properties.asset_id]));
  const unheard = statements.findLast((one) => Array.isArray(one.figures?.assets_not_heard))?.figures.assets_not_heard ?? [];
  const cells = areas?.features.filter((one) => one.properties.kind === "coverage");
  const { whole, part, none } = coverageOf(assets.features, cells ?? []);
  return [
    cells ? h("p", null, heardAlong(named.size, whole, part)) : h("p.error", null, "Where ships were heard could not be read."),
    cells && none.length > 0 && list("Nobody was heard along these: an empty list of alerts says nothing of them", none.map((one) => one.name)),
    cells && part.length > 0 && list("Ships were heard along a part of these", part.map((one) => `${one.name} (${percent(one.share)} of it)`)),
    unheard.length > 0 && list(recording ? "Nobody was heard near these from beginning to end" : "Nobody was heard near these in the last hour told of", unheard.map((id) => named.get(id) ?? id)),
    areaLine(areas, "coverage_lost", "Reception is lost in"), areaLine(areas, "gnss_degraded", "Positions cannot be trusted in"),
    h("p", null, h("a", { href: link("assets") }, "All assets")),
  ];
}

function areaLine(areas, kind, said) {
  const found = areas?.features.filter((one) => one.properties.kind === kind).length ?? 0;
  return found ? h("p.error", null, `${said} ${many(found, "area")}.`) : null;
}

const list = (said, names) => h("details", { open: names.length <= 8 ? true : null }, h("summary", null, `${said} (${names.length})`), h("ul.names", null, names.map((name) => h("li", null, name))));

/** Along how many assets nobody was heard in the hour before. */
export const unheard = (assets, areas) => coverageOf(assets.features, areas.features.filter((one) => one.properties.kind === "coverage")).none.length;

/** What was read of a recording: from when to when, what was rejected, when nothing was heard. */
export function recordingFacts(extent, statements) {
  const figures = statements.at(-1)?.figures ?? {};
  const rejects = Object.entries(figures.rejects ?? {}), quiet = figures.quiet ?? [];
  return [facts([
    ["Read", extent.source ?? "a recording"], ["Reports", reportsOf(extent, figures)],
    ["From", time(extent.began_at, { day: true })], ["To", time(extent.ended_at, { day: true })],
    figures.hours_covered !== undefined && ["Hours covered", `${number(figures.hours_covered, "h", 2)} without the silences`],
    figures.duplicates !== undefined && ["Heard twice", `${many(figures.duplicates, "message")} left out`],
    figures.without_clock > 0 && ["Without a time", `${many(figures.without_clock, "report")} carry none of their own`],
    Object.keys(figures.unreadable ?? {}).length > 0 && ["Left out", bad(Object.entries(figures.unreadable).map(([name, why]) => `${name}: ${why}`).join("; "))],
    figures.shortfalls?.length > 0 && ["Lost", bad(figures.shortfalls.join("; "))],
    rejects.length > 0 && ["Rejected", rejects.map(([name, n]) => `${number(n, "", 0)} ${words(name)}`).join(", ")],
  ]), quiet.length > 0 && list("Nothing was heard of anybody", quiet.map((one) => `${time(one.from, { day: true })} to ${time(one.to, { day: true })} (${duration(one.for_s * 1000)})`))];
}

/** Ships that only told their name, and no position, are ships too. */
function reportsOf({ reports, ships }, { vessels = ships, vessels_with_position: placed = vessels }) {
  return `${many(reports, "report")} of ${many(vessels, "ship")}${placed < vessels ? `, ${placed.toLocaleString("en-GB")} of them with a position` : ""}`;
}
