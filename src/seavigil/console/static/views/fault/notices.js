// Outage notices: what was told, what came of it, and the way to an inquiry.

import { h, table } from "../../lib/dom.js";
import { duration, time } from "../../lib/format.js";
import { asked, where } from "../asset/crossings.js";

/** All notices, newest first. */
export function notices(faults, app) {
  const rows = faults.filter((one) => app.clock.at === null || !one.noticed_at || Date.parse(one.noticed_at) <= app.clock.at).sort((a, b) => (a.at < b.at ? 1 : -1));
  if (!rows.length) return h("p.empty", null, "No outage was told of up to the moment shown.");
  return table("Notices of outages, newest first", [
    { title: "Asset", cell: (one) => [h("a", { href: app.link("assets", one.asset_id) }, one.asset_name ?? one.asset_id), h("br", null), h("span.quiet", null, where(one))] },
    { title: "When (UTC)", cell: (one) => [time(one.at, { day: true }), h("br", null), h("span.quiet", null, `± ${duration(one.within_s * 1000)}`)] },
    { title: "What came of it", cell: (one) => became(one, app) }], rows);
}

function became(one, app) {
  const ships = (one.named ?? []).map((ship, i) => [i ? ", " : ": ", h("a", { href: app.link("ships", ship, { at: one.at }) }, ship)]);
  return [one.withdrawn ? h("strong", null, one.says ?? "withdrawn") : one.says ?? "", ships, one.refused ? h("span.error", null, ` ${one.refused}`) : null,
    one.source ? h("span.quiet", null, ` (${one.source})`) : null, one.withdrawn ? null : [h("br", null), h("a", { href: asked(one, app) }, "Who was it?")]];
}
