// How much traffic goes over an asset, and in how many hours anything was heard there.

import { h, table } from "../../lib/dom.js";
import { many, number, time } from "../../lib/format.js";
import { shipClass } from "../../lib/names.js";

const FIRST = 5;
const minute = (at) => time(at, { day: true, seconds: false });

/** Crossings by class, and the hours they were counted in. */
export function exposure(found) {
  const classes = Object.entries(found.by_class ?? {}).map(([name, n]) => ({ name, n })).sort((a, b) => b.n - a.n);
  const all = classes.reduce((sum, one) => sum + one.n, 0);
  const slow = (found.km ?? []).reduce((sum, one) => sum + one.slow_crossings, 0);
  return [h("p", null, h("strong", null, many(all, "crossing")), slow ? `, ${slow} of them slow,` : "", ` from ${minute(found.from)} to ${minute(found.to)}.`),
    blind(found), busiest(found.km ?? []),
    classes.length > 0 && table("Crossings by kind of ship", [{ title: "Kind of ship", cell: (one) => shipClass(one.name) },
      { title: "Crossings", class: "number", cell: (one) => one.n.toLocaleString("en-GB") },
      { title: "Share", cell: (one) => h("meter", { min: 0, max: Math.max(all, 1), value: one.n, "aria-label": `${one.n} of ${all}` }) }],
    classes)];
}

/** Hours in which nobody was heard there: of them nothing is known, which is not nothing. */
function blind({ hours_asked: hours, hours_heard: heard, unheard = [] }) {
  if (!(hours > heard)) return h("p.quiet", null, "Ships were heard near it in every hour of these.");
  const spans = unheard.slice(0, FIRST).map((one) => `${minute(one.from)} to ${minute(one.to)}`).join("; ");
  return h("p.caution", null, `In ${hours - heard} of ${many(hours, "hour")} no ship was heard near it, so nothing is known of them: `,
    spans, unheard.length > FIRST ? " and more." : ".");
}

/** The kilometre over which most went. */
function busiest(bars) {
  const most = bars.reduce((best, one) => (one.crossings > (best?.crossings ?? 0) ? one : best), null);
  if (!most) return null;
  return h("p.quiet", null, `Most crossed between km ${number(most.from_km)} and ${number(most.to_km)}: ${most.crossings}. The strip above shows all.`);
}
