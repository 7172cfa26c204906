// Which assets an alert is about, and which come next.

import { h } from "../../lib/dom.js";
import { bearing, distance, many, number, percent, time, words } from "../../lib/format.js";
import { assetLink } from "./card.js";
import { callWords, clockOf, ran } from "./when.js";

/** The assets concerned: when she crossed, where, and how sure it is that she was over them. */
export function concerned(alert) {
  const faults = alert.faults ?? [];
  const withheld = alert.withheld?.assets ? h("p.quiet", null, `${many(alert.withheld.assets, "asset")} not shown to you.`) : null;
  if (!alert.assets.length) return withheld ?? h("p.empty", null, "It is about no asset.");
  return [withheld, h("ul.assets", null, alert.assets.map((one) => h("li", { dataset: { assetId: one.asset_id } },
    h("p", null, assetLink(one), ` (${words(one.kind)})`), h("p.quiet", null, how(one, alert.revised_at).join("; "))))),
    faults.map((one) => h("p", null, `Fault of ${one.name} at ${time(one.at, { day: true })}: ${words(one.says)}`,
      one.probability === null ? "" : `, probability ${percent(one.probability)}`))];
}

function how(one, of) {
  const said = [];
  if (one.crossed_at) said.push(`crossed at ${time(one.crossed_at)}${one.crossed_within_s ? ` ± ${number(one.crossed_within_s, "s")}` : ""}`);
  if (one.km_along !== null) said.push(`kilometre ${number(one.km_along)}`);
  if (one.angle_deg !== null && one.crossed_at) said.push(`at an angle of ${bearing(one.angle_deg)} to it`);
  if (one.probability_over !== null) said.push(`over the true line with ${percent(one.probability_over)}`);
  if (!one.crossed_at && one.distance_m !== null) said.push(`nearest ${distance(one.distance_m)}`);
  if (one.ahead_in_s !== null) said.push(`${one.ahead_in_s >= 0 ? "ahead, about" : "perhaps crossed about"} ${clockOf(Date.parse(of) + one.ahead_in_s * 1000, Date.parse(of))}, as known at ${clockOf(of, Date.parse(of))}`);
  return said.length ? said : ["near it"];
}

/** The assets ahead and, while the alert stands, how long there is to call, running. `of`: the moment it was reckoned for. */
export function ahead(rows, of, now, stands = true) {
  if (!rows.length) return h("p.empty", null, "She is not expected at any asset within 24 hours.");
  const first = rows.toSorted((a, b) => Date.parse(a.call_by) - Date.parse(b.call_by));
  return [h("ol.ahead", { "aria-label": "Assets she may reach next, the soonest call first" }, first.map((one) => h("li", { dataset: { assetId: one.asset_id } },
    h("p", null, assetLink(one), ` (${words(one.kind)})`, h("strong", null, percent(one.probability))),
    h("p.quiet", null, `enters ${clockOf(one.eta_earliest, now)} to ${clockOf(one.eta_latest, now)}, likely ${clockOf(one.eta_likely, now)}`),
    stands && ran("p", (at) => callOf(one, at), { class: "call" })))),
  h("p.quiet", null, `As known at ${clockOf(of, now)}. Nine of ten such ships enter between these times${stands ? "; the call is reckoned for the earliest" : ""}.`)];
}

function callOf(one, now) {
  if (Date.parse(one.eta_latest) < now) return { text: "that time is past", kind: "late" };
  const { text, kind } = callWords(one.call_by, now);
  return { text: kind === "late" ? text : `${text}, by ${clockOf(one.call_by, now)}`, kind };
}
