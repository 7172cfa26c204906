// Where a ship goes: the assets that she may reach, and until when a call can still come in time.

import { h, table } from "../../lib/dom.js";
import { duration, percent, time } from "../../lib/format.js";

/** The assets ahead with times, or why they are not known. */
export function forecast(found, app) {
  const why = found.why ?? found.reason ?? found.unknown_because ?? null;
  if (!found.position && !found.next_assets?.length) return h("p.empty", null, `Not known${why ? `, because ${lower(why)}` : ": she was not heard lately enough."}`);
  const rows = found.next_assets ?? [];
  return [rows.length ? ahead(rows, app) : h("p.empty", null, "No asset that is watched lies within 24 h of her way."),
    h("p.quiet", null, found.fan ? "The map shows where she may be by then; the areas run over land as well." : `Where she may be is not drawn${why ? `, because ${lower(why)}` : ""}.`,
      " Reckoned from her course and speed and how ships went there before; a forecast, not a plan of hers.")];
}

const lower = (text) => text[0].toLowerCase() + text.slice(1);

/** The table of assets ahead. */
export function ahead(rows, app) {
  const now = app.clock.now(), first = rows.toSorted((a, b) => due(a) - due(b));
  return table("Assets that she may reach within 24 h, the soonest call first", [
    { title: "Asset", cell: (one) => h("a", { href: app.link("assets", one.asset_id) }, one.name) },
    { title: "Chance", class: "number", cell: (one) => percent(one.probability) },
    { title: "There (UTC)", cell: (one) => [h("strong", null, clock(one.eta_likely)), h("br", null), h("span.quiet", null, `${clock(one.eta_earliest)} – ${clock(one.eta_latest)}`)] },
    { title: "Call by", cell: (one) => callBy(one.call_by, now) }], first);
}

const clock = (at) => (at ? time(at, { seconds: false }) : "–");

const due = (one) => (one.call_by ? Date.parse(one.call_by) : Number.MAX_SAFE_INTEGER);

function callBy(at, now) {
  if (!at) return "–";
  const left = Date.parse(at) - now;
  return left >= 0 ? [clock(at), h("br", null), h("span.quiet", null, `in ${duration(left)}`)] : `too late since ${clock(at)}`;
}
