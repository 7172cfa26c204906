// How much traffic goes over an asset, and in how many hours anything was heard there.

import { h, table } from "../../lib/dom.js";
import { many, number, time } from "../../lib/format.js";
import { shipClass } from "../../lib/names.js";

/** Crossings by class, and the hours they were counted in. */
export function exposure(found) {
  const classes = Object.entries(found.by_class ?? {}).map(([name, told]) => ({ name, n: typeof told === "number" ? told : told.crossings })).sort((a, b) => b.n - a.n);
  const all = classes.reduce((sum, one) => sum + one.n, 0), slow = (found.km ?? []).reduce((sum, one) => sum + one.slow_crossings, 0);
  const gone = found.unheard ?? [], blind = found.hours_asked - found.hours_heard;
  return [h("p", null, h("strong", null, many(all, "crossing")), slow ? `, ${slow} of them slow,` : "", ` from ${time(found.from, { day: true, seconds: false })} to ${time(found.to, { day: true, seconds: false })}.`),
    blind > 0 ? h("p.caution", null, `In ${blind} of ${many(found.hours_asked, "hour")} no ship was heard near it, so nothing is known of them: ${gone.slice(0, 5).map((one) => `${time(one.from, { day: true, seconds: false })} to ${time(one.to, { day: true, seconds: false })}`).join("; ")}${gone.length > 5 ? " and more" : ""}.`)
      : h("p.quiet", null, "Ships were heard near it in every hour of these."), busiest(found.km ?? []),
    table("Crossings by kind of ship", [{ title: "Kind of ship", cell: (one) => shipClass(one.name) },
      { title: "Crossings", class: "number", cell: (one) => one.n.toLocaleString("en-GB") },
      { title: "Share", cell: (one) => h("meter", { min: 0, max: Math.max(all, 1), value: one.n, "aria-label": `${one.n} of ${all}` }) }], classes, { empty: "No ship heard crossed it in this period." })];
}

/** The kilometre over which most went. */
function busiest(bars) {
  const most = bars.reduce((best, one) => (one.crossings > (best?.crossings ?? 0) ? one : best), null);
  return most ? h("p.quiet", null, `Most crossed between km ${number(most.from_km)} and ${number(most.to_km)}: ${most.crossings}. The strip above shows all.`) : null;
}
