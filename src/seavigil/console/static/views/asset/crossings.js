// Who crossed an asset, who came close, and which faults were told of.

import { h, table } from "../../lib/dom.js";
import { bearing, distance, duration, number, percent, time } from "../../lib/format.js";
import { shipClass, shipName } from "../../lib/names.js";
import { momentLink } from "../ship/found.js";

const SHORT = 20;
const NOBODY = "No ship heard crossed it in this period. A ship that was not heard may have: see what was heard under Traffic and Health.";

const shipLink = (one, app, at) =>
  h("a", { href: app.link("ships", one.vessel_id, { at }), dataset: { vesselId: one.vessel_id } }, h("bdi", null, shipName(one)));
const sure = (within) => (within >= 20 ? h("small.quiet", null, `± ${duration(within * 1000)}`) : null);
const onMap = (place) => (row, in_) => place(in_ && row.km_along !== null ? row.km_along : null);

/** Who crossed, newest first. */
export function passageTable(passages, app, place) {
  const rows = [...passages].sort((a, b) => (a.crossed_at < b.crossed_at ? 1 : -1));
  return short("Who crossed it, newest first", [
    { title: "UTC", cell: (one) => [momentLink(one.crossed_at, app), sure(one.crossed_within_s)] },
    { title: "Ship", cell: (one) => [shipLink(one, app, one.crossed_at), h("br", null), h("span.quiet", null, shipClass(one.ship_class)),
      one.alert_id ? [" · ", h("a", { href: app.link("alerts", one.alert_id) }, "alert")] : null] },
    { title: "km", class: "number", cell: (one) => number(one.km_along) },
    { title: "kn", class: "number", cell: (one) => number(one.sog_kn) },
    { title: "Angle", class: "number", cell: (one) => (one.angle_deg === null ? "–" : bearing(one.angle_deg).replace(/^0+(?=\d)/, "")) },
    { title: "Over", class: "number", cell: (one) => percent(one.probability_over) }], rows, { empty: NOBODY, onrow: onMap(place) });
}

/** Who came close, nearest first. */
export function closestTable(closest, app, place) {
  return short("Who came closest, nearest first", [
    { title: "Distance", class: "number", cell: (one) => distance(one.distance_m) },
    { title: "Ship", cell: (one) => shipLink(one, app, one.at) },
    { title: "UTC", cell: (one) => momentLink(one.at, app) },
    { title: "km", class: "number", cell: (one) => number(one.km_along) },
    { title: "kn", class: "number", cell: (one) => number(one.sog_kn) }], closest, { empty: "No ship heard came within 5 km in this period.", onrow: onMap(place) });
}

/** Notices about it, newest first. */
export function faultList(faults, app) {
  if (!faults.length) return h("p.empty", null, "No outage of it was told of.");
  const rows = [...faults].sort((a, b) => (a.at < b.at ? 1 : -1));
  return table("Notices, newest first", [
    { title: "When (UTC)", cell: (one) => [time(one.at, { day: true }), h("span.quiet", null, ` ± ${duration(one.within_s * 1000)}`)] },
    { title: "Where", cell: (one) => where(one) },
    { title: "Source", cell: (one) => [one.source ?? "–", one.withdrawn ? h("strong", null, " withdrawn") : null] },
    { title: "Inquiry", cell: (one) => (one.withdrawn ? null : h("a", { href: asked(one, app) }, "Who was it?")) }], rows);
}

/** The link that fills the form with a notice. */
export const asked = (one, app) => app.link("fault", null, { asset: one.asset_id, time: one.at, within: one.within_s, km: one.km_along, error: one.km_error_km ?? one.km_error });

export const where = (one) => (one.km_along === null || one.km_along === undefined ? "not known"
  : `km ${number(one.km_along)}${one.km_error_km ?? one.km_error ? ` ± ${number(one.km_error_km ?? one.km_error)}` : ""}`);

/** A long table begins short. */
export function short(caption, columns, rows, options) {
  if (rows.length <= SHORT) return table(caption, columns, rows, options);
  const more = h("button", { type: "button", onclick: () => box.replaceChildren(table(caption, columns, rows, options)) }, `Show all ${rows.length}`);
  const box = h("div", null, table(caption, columns, rows.slice(0, SHORT), options), more);
  return box;
}
