// Outage notices: what was told, what came of it, and the way to an inquiry.

import { h, table } from "../../lib/dom.js";
import { duration, time } from "../../lib/format.js";
import { asked, where } from "../asset/crossings.js";

/** All notices, newest first. */
export function notices(faults, app) {
  const rows = [...faults].sort((a, b) => (a.at < b.at ? 1 : -1));
  if (!rows.length) return h("p.empty", null, "No outage was told of up to the moment shown.");
  return table("Notices of outages, newest first", [
    { title: "Asset", cell: (one) => [h("a", { href: app.link("assets", one.asset_id) }, one.asset_name ?? one.asset_id), h("br", null), h("span.quiet", null, where(one))] },
    { title: "When (UTC)", cell: (one) => [time(one.at, { day: true }), h("br", null), h("span.quiet", null, `± ${duration(one.within_s * 1000)}`)] },
    { title: "What came of it", cell: (one) => became(one, app) }], rows);
}

/** Notices that had come in by the moment shown (ms; null: all). */
export const cameIn = (faults, at) => faults.filter((one) => at === null || !one.noticed_at || Date.parse(one.noticed_at) <= at);

/** What the service says of a command line makes no sense on a page. */
const said = (one) => (one.state === "noticed_after_the_data" ? "told after the data ended: ask who it was" : one.says ?? "");

function became(one, app) {
  const ships = (one.named ?? []).map((ship, i) => [i ? ", " : ": ", h("a", { href: app.link("ships", ship, { at: one.at }) }, ship)]);
  return [one.withdrawn ? h("strong", null, one.says ?? "withdrawn") : said(one), ships, one.refused ? h("span.error", null, ` ${one.refused}`) : null,
    one.source ? h("span.quiet", null, ` (${one.source})`) : null, one.withdrawn ? null : [h("br", null), h("a", { href: asked(one, app) }, "Who was it?")]];
}
