// Why an alert stands, what else it may be, how often the like comes of nothing, what was heard around.

import { h, svg } from "../../lib/dom.js";
import { distance, many, number, percent, words } from "../../lib/format.js";
import { short } from "./when.js";

const WIDTH = 120;

/** What was observed, the weightiest first, each held against what is usual or what the rule asks for. */
export function reasons(because) {
  if (!because.length) return h("p.empty", null, "No reason is given.");
  const rows = because.toSorted((one, other) => other.weight - one.weight);
  return h("ul.reasons", null, rows.map((one) => h("li", { dataset: { code: one.code } },
    h("p", { class: one.weight >= 2 ? "telling" : null }, one.text ?? words(one.code)), compared(one))));
}


/** Observed against expected: a bar with a mark, and both in figures. */
function compared({ observed, expected, unit }) {
  if (expected === null || expected === undefined || typeof observed !== "number" || observed === expected || observed < 0) return null; // what is past has no length
  const most = Math.max(Math.abs(observed), Math.abs(expected)) * 1.08 || 1;
  const x = (value) => Math.max(0, (Math.abs(value) / most) * WIDTH);
  return h("p.against", null,
    svg("svg", { viewBox: `0 0 ${WIDTH} 14`, width: WIDTH, height: 14, "aria-hidden": "true" },
      svg("rect.ground", { x: 0, y: 4, width: WIDTH, height: 6 }),
      svg("rect.seen", { x: 0, y: 4, width: x(observed), height: 6 }),
      svg("path.mark", { d: `M${x(expected)} 0v14` })),
    h("span", null, `observed ${figure(observed, unit)}, held against ${figure(expected, unit)}`));
}

/** A figure in its unit as people write it. */
export function figure(value, unit) {
  if (unit === "1") return percent(value);
  if (unit === "s") return value < 0 ? `−${short(value * 1000)}` : short(value * 1000);
  if (unit === "m") return distance(value);
  if (unit === "deg") return `${number(value)}°`;
  return number(value, value === 1 && unit.length > 2 ? unit.replace(/s$/, "") : unit);
}

/** What would make it innocent, each with what speaks for and against it. */
export function innocent(readings) {
  if (!readings.length) return h("p.empty", null, "No innocent reading is known for this.");
  const out = readings.filter((one) => one.fits === false);
  const rest = readings.filter((one) => one.fits !== false);
  return [h("ul.readings", null, rest.map(reading)), out.length > 0 && h("details", null,
    h("summary", null, `${many(out.length, "reading")} ruled out`), h("ul.readings", null, out.map(reading)))];
}

const FITS = { true: "this fits", false: "does not fit", null: "nothing decides" };

function reading(one) {
  return h("li", null, h("p", null, one.text, " ", h("span.status", null, `(${FITS[one.fits ?? null]})`)),
    signs("for it", "+", one.for), signs("against it", "−", one.against));
}

function signs(side, mark, given) {
  if (!given?.length) return null;
  return h("p.sign", null, h("span.mono", { "aria-hidden": "true" }, `${mark} `), `${side}: `, given.map(sign).join(", "));
}

const sign = (one) => (typeof one === "string" ? one : (one.text ?? words(one.code)));

/** How often ordinary ships raise one as strong, in words. */
export function howOften({ expected_per_1000_ship_days: rate, expected_from: from }) {
  if (rate === null || rate === undefined || !from) return "How often ordinary traffic raises the like is not known.";
  const whose = from.normal === "prior" ? "invented ordinary traffic" : "your own history";
  const counted = `counted in ${number(from.ship_days, "", 0)} ship-days of ${whose}`;
  if (rate > 1000) return `Ordinary ships raise one as strong about ${number(rate / 1000)} times in each ship-day (${counted}).`;
  const every = 1000 / rate;
  const said = every >= 1000 ? Number(every.toPrecision(2)) : Math.round(every);
  return `Ordinary ships raise one as strong about once in ${number(said, "", 0)} ship-days (${counted}).`;
}

/** What was heard around her, and what the plausibility check found. */
export function quality({ coverage, data_quality: quality, vessel }) {
  const flags = quality?.flags ?? [];
  const lines = [
    coverage?.statement && `${capital(coverage.statement)}.`,
    coverage?.ships_heard_around === 0 && "Nobody else was heard there: silence means little.",
    coverage?.assets_blind?.length > 0 && `Blind now: ${coverage.assets_blind.join(", ")}.`,
    quality?.reports > 0 && `It rests on ${many(quality.reports, "report")}.`,
    vessel && quality?.depth_known === false && "The depth there is not known; her anchor counts as reaching the ground.",
    flags.length > 0 && `Found odd in the reports: ${flags.map(words).join(", ")}.`,
  ];
  const said = lines.filter(Boolean);
  return said.length ? said.map((line) => h("p", null, line)) : h("p.empty", null, "Nothing is known of it.");
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
