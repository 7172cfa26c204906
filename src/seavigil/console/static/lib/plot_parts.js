// What a plot over time is made of: lanes, gaps, marks and the axis.

import { svg } from "./dom.js";
import { time } from "./format.js";
import { firstFrom, scale, ticks, timeTicks } from "./scale.js";

const LABEL_PX = 58;

/** One lane with its grid, its name and its lines. */
export function lane(one, seen) {
  const { top, left, right, data, x, from, to } = seen;
  const range = bounds(one, data, from, to);
  const y = scale(range.low, range.high, top + one.height, top);
  const steps = one.ticks ?? ticks(range.low, range.high, 3);
  const grid = steps.map((value) => [
    svg("line", { class: "grid", x1: left, x2: right, y1: y(value), y2: y(value) }),
    svg("text", { class: "tick", x: left - 4, y: y(value) + 4, "text-anchor": "end" }, String(value))]);
  const line = (key, kind) => svg("path", { class: kind, d: path(data, key, { x, y, from, to, turns: one.turns }) });
  const usual = one.normal && data.normal ? band(data.normal, y, left, right) : null;
  return svg("g", null, grid, usual, one.also ? line(one.also, "line also") : null, line(one.key, "line"),
    svg("text", { class: "lanetitle", x: left, y: top - 5 }, `${one.title}${one.unit ? `, ${one.unit}` : ""}`));
}

/** What she usually makes, as a pale band. */
function band({ low, high, label }, y, left, right) {
  return svg("g", { class: "usual" }, svg("rect", { x: left, width: right - left, y: y(high) - 1, height: Math.max(y(low) - y(high), 2) },
    svg("title", null, label)), svg("text", { x: right - 2, y: y(high) - 4, "text-anchor": "end" }, label));
}

function bounds(one, data, from, to) {
  if (one.high !== undefined) return { low: one.low ?? 0, high: one.high };
  const values = data.columns[one.key] ?? [];
  let high = one.least ?? 5;
  for (let i = firstFrom(data.time_ms, from); i < values.length && data.time_ms[i] <= to; i++) {
    if (values[i] !== null && values[i] > high) high = values[i];
  }
  return { low: 0, high: high * 1.08 };
}

/** The line of a column: broken where a value is missing, where nothing was heard, and where a circle turns over. */
function path(data, key, { x, y, from, to, turns }) {
  const values = data.columns[key] ?? [], at = data.time_ms;
  const broken = new Set((data.gaps ?? []).map((gap) => firstFrom(at, gap.to - 1)));
  let text = "", down = false, last = null;
  const first = Math.max(firstFrom(at, from) - 1, 0);
  for (let i = first; i < at.length; i++) {
    const value = values[i] ?? null;
    if (value === null || broken.has(i) || (turns && last !== null && Math.abs(value - last) > 180)) down = false;
    if (value !== null) text += `${down ? "L" : "M"}${x(at[i]).toFixed(1)} ${y(value).toFixed(1)}${down ? "" : "h.01"}`;
    down = value !== null;
    last = value;
    if (at[i] > to) break;
  }
  return text;
}

/** Shaded stretches over all lanes: what was not heard, or the time of a fault. */
export function gaps(found, { x, from, to, top, bottom }) {
  return found.filter((one) => one.to >= from && one.from <= to).map((one) => {
    const left = Math.max(x(one.from), x(from)), right = Math.min(x(one.to), x(to)), width = Math.max(right - left, 1);
    const words = width > one.label.length * 6.2
      ? svg("text", { class: "gaplabel", x: (left + right) / 2, y: bottom - 4, "text-anchor": "middle" }, one.label) : null;
    return svg("g", { class: `shade ${one.kind}` },
      svg("rect", { x: left, width, y: top, height: bottom - top }, svg("title", null, one.label)), stripes(one, left, right, top, bottom), words);
  });
}

/** A gap is hatched, so as not to be told by its colour alone. */
function stripes(one, left, right, top, bottom) {
  if (one.kind !== "gap") return null;
  let d = "";
  const height = bottom - top;
  for (let at = left - height; at < right; at += 9) {
    const x1 = Math.max(at, left), x2 = Math.min(at + height, right);
    if (x2 > x1) d += `M${x1} ${bottom - (x1 - at)}L${x2} ${bottom - (x2 - at)}`;
  }
  return svg("path", { class: "hatch", d });
}

/** Bars of what happened, packed in rows; a crossing is a diamond. */
export function events(spans, x, { from, to, top, rowPx, most }) {
  const ends = [], nodes = [];
  for (const one of [...spans].sort((a, b) => a.from - b.from)) {
    if (one.to < from || one.from > to) continue;
    const left = Math.max(x(one.from), x(from)), right = Math.min(x(one.to), x(to));
    let row = ends.findIndex((end) => end < left - 3);
    if (row < 0) row = ends.length < most ? ends.push(0) - 1 : most - 1;
    ends[row] = Math.max(right, left + 9);
    nodes.push(mark(one, left, right, top + row * rowPx + rowPx / 2));
  }
  return { nodes, rows: ends.length };
}

function mark(one, left, right, y) {
  const title = svg("title", null, one.label);
  if (one.kind !== "crossing") {
    return svg("rect", { class: `span ${one.kind}`, x: left, width: Math.max(right - left, 3), y: y - 3, height: 6, rx: 2 }, title);
  }
  return svg("path", { class: "cross", d: `M${left} ${y - 5}l5 5l-5 5l-5 -5z` }, title);
}

/** A thin line through all lanes at each crossing. */
export const crossed = (spans, { x, from, to, top, bottom }) => spans.filter((one) => one.kind === "crossing" && one.from >= from && one.from <= to)
  .map((one) => svg("line", { class: "crossline", x1: x(one.from), x2: x(one.from), y1: top, y2: bottom }));

/** The time axis, with the day where it begins. */
export function times({ x, from, to, left, right, bottom }) {
  const found = timeTicks(from, to, Math.max(Math.floor((right - left) / LABEL_PX), 2));
  const labels = found.filter((one) => x(one.at) > left + 22 && x(one.at) < right - 14).map((one) => [
    svg("line", { class: "grid", x1: x(one.at), x2: x(one.at), y1: bottom, y2: bottom + 4 }),
    svg("text", { class: "tick", x: x(one.at), y: bottom + 15, "text-anchor": "middle" }, one.text)]);
  return [svg("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }), labels,
    svg("text", { class: "tick", x: 3, y: bottom + 15 }, time(from, { day: true }).slice(5, 10))];
}
