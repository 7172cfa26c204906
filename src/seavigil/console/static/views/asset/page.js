// One asset: what it is, what happened along it, who crossed it, and what may be changed about it.

import { fill, h } from "../../lib/dom.js";
import { follow } from "../../lib/follow.js";
import { assetKind } from "../../lib/names.js";
import { placeAt } from "../../lib/strip.js";
import { Section } from "../../lib/section.js";
import { cameIn } from "../fault/notices.js";
import { alertLines } from "../ship/found.js";
import { Along } from "./along.js";
import { closestTable, faultList, passageTable } from "./crossings.js";
import { edits } from "./edit.js";
import { exposure } from "./exposure.js";
import { boundsOf, facts } from "./facts.js";

const H = 3_600_000;
const PERIODS = [["24 h", 24 * H], ["7 d", 168 * H], ["30 d", 720 * H], ["All", null]];
/** The service gives so much at once: of crossings, and of ships that came close. */
const MOST = 2207 * H, WEEK = 168 * H - 1000;
/** What is counted from stored days is asked for no more often than this while time runs. */
const COUNTED_MS = 2_500;
const STANDING = ["candidate", "open", "acknowledged", "escalated"];

/** Show the page of one asset. */
export async function assetPage(panel, route, app) {
  const id = route.id, path = `/api/assets/${encodeURIComponent(id)}`;
  const know = { asset: null, kilometres: [] };
  let length = PERIODS.find(([name]) => name === app.pref("asset.period", "24 h"))?.[1] ?? null;
  const head = h("header.pagehead", null, h("h1", null, `Asset ${id}`));
  const get = (what, more = {}, most = MOST) => (signal) => app.api.get(`${path}${what}`, { ...window(app.clock, length, most), ...more }, { signal });
  const place = (km) => app.map.pointer(km === null ? null : pointed(know, km));
  const along = new Along(place, (km) => { const at = placeAt(know.kilometres, km); if (at) app.map.focus({ ...at, zoom: 11 }); });
  const about = new Section("asset-facts", "What it is", (signal) => app.api.get(path, { at: app.clock.iso() }, { signal }), (found) => {
    const asset = { ...found.properties, ...found };
    Object.assign(know, { asset, kilometres: found.kilometres ?? [] });
    along.asset(asset);
    fill(head, heading(asset, app));
    document.title = `${asset.name} · Seavigil`;
    return facts(asset);
  });
  const change = new Section("asset-edits", "Uncertainty, contacts, sharing", (signal) => app.api.get(path, {}, { signal }),
    (found) => edits({ ...found.properties, ...found }, path, app, () => { change.load(); about.load(); }));
  const crossed = new Section("asset-passages", "Who crossed it", get("/passages", { limit: 500 }),
    (found) => { along.passages(found.passages, app); return passageTable(found.passages, app, place); });
  const near = new Section("asset-closest", "Who came closest", get("/closest", { within_m: 5000 }, WEEK),
    (found) => { along.closest(found.closest, app); return [h("p.quiet", null, "Within 5 km, nearest first; of 7 days at most."), closestTable(found.closest, app, place)]; });
  const alerts = new Section("asset-alerts", "Alerts about it", (signal) => app.api.get("/api/alerts", { asset: id, at: app.clock.iso(), limit: 100 }, { signal }),
    (found) => { along.alerts(found.alerts, id, app); return alertsOf(found, app); });
  const faults = new Section("asset-faults", "Faults told of",
    async (signal) => cameIn((await app.api.get("/api/faults", {}, { signal })).faults, app.clock.at).filter((one) => one.asset_id === id),
    (own) => { along.faults(own, app); return faultList(own, app); });
  const exposed = new Section("asset-exposure", "Traffic over it", get("/exposure"),
    (found) => { along.exposure(found.km ?? []); return exposure(found); });
  const parts = [about, alerts, crossed, near, faults, exposed];
  panel.append(h("p", null, h("a", { href: app.link("assets") }, "All assets")), head, actions(know, id, app), along.element,
    periods(length, (name, chosen) => { length = chosen; app.choose("asset.period", name); for (const part of [crossed, near, exposed]) part.reload(); }),
    alerts.element, crossed.element, near.element, faults.element, exposed.element, about.element, change.element);
  app.map.select({ kind: "asset", id });
  change.load();
  const load = (some) => () => { for (const part of some) part.load(); };
  about.load().then(() => {
    for (const part of [...parts.slice(1), change]) part.element.hidden = about.missing;
    const bounds = boundsOf(know.asset?.geometry);
    if (bounds && !fits(bounds, app.map.bounds())) app.map.focus({ bounds });
  });
  for (const part of parts.slice(1)) part.load();
  const off = [follow(app, load([about, alerts, faults])), follow(app, load([crossed, near, exposed]), COUNTED_MS)];
  return { leave() { for (const end of off) end(); along.leave(); for (const part of [...parts, change]) part.leave(); app.map.select(null); app.map.pointer(null); } };
}

/** Whether a box can be seen in what the map shows, and is not a mere dot in it. */
const fits = (a, b) => !b || (a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1] && Math.max((a[2] - a[0]) / (b[2] - b[0]), (a[3] - a[1]) / (b[3] - b[1])) > 0.15);

/** The period before the moment shown, no longer than there are data and than the service gives at once. */
function window(clock, length, most) {
  const to = clock.now(), began = Math.min(clock.began ?? to - H, to - 60_000);
  const from = Math.max(length === null ? began : to - length, began, to - most);
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

function pointed({ kilometres }, km) {
  const at = placeAt(kilometres, km);
  return at && { ...at, label: `km ${km.toFixed(1)}` };
}

function heading(asset, app) {
  return [h("h1", null, h("bdi", null, asset.name)), h("p.quiet", null, [assetKind(asset.kind), asset.operator, asset.asset_id].filter(Boolean).join(" · ")),
    asset.pending ? h("p.caution", null, "A changed uncertainty is not in force yet: the watch takes it at its next start.") : null,
    app.session.exercise && /exercise/i.test(JSON.stringify(asset.properties_of_source ?? {})) ? h("p", null, h("span.badge.exercise", null, "EXERCISE")) : null];
}

function actions(know, id, app) {
  const show = () => { const bounds = boundsOf(know.asset?.geometry); if (bounds) app.map.focus({ bounds }); };
  return h("div.row", null, h("button", { type: "button", onclick: show }, "Show the whole of it"),
    h("a.button", { href: app.link("fault", null, { asset: id }) }, "It failed: who was it?"));
}

function periods(length, chosen) {
  const buttons = PERIODS.map(([name, ms]) => h("button", { type: "button", "aria-pressed": String(ms === length), onclick: () => {
    for (const [i, one] of buttons.entries()) one.setAttribute("aria-pressed", String(PERIODS[i][0] === name));
    chosen(name, ms);
  } }, name));
  return h("div.row.periods", { role: "group", "aria-label": "Period before the moment shown" }, buttons);
}

function alertsOf({ alerts, next }, app) {
  const standing = alerts.filter((one) => STANDING.includes(one.status));
  const rest = alerts.filter((one) => !standing.includes(one));
  const over = rest.length ? h("details", null, h("summary", null, `Over: ${rest.length}`), alertLines({ alerts: rest, more: next }, app)) : null;
  return [standing.length ? alertLines({ alerts: standing, more: null }, app) : h("p.empty", null, "No alert about it stands."), over];
}
