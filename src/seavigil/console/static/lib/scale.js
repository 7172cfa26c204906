// Scales and ticks of the small plots.

import { time } from "./format.js";

const S = 1000, MIN = 60 * S, HOUR = 60 * MIN, DAY = 24 * HOUR;
const STEPS = [S, 5 * S, 10 * S, 30 * S, MIN, 2 * MIN, 5 * MIN, 10 * MIN, 15 * MIN, 30 * MIN, HOUR, 2 * HOUR, 3 * HOUR,
  6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY];

/** A straight scale: value -> place, with `.back` for place -> value. */
export function scale(low, high, from, to) {
  const slope = high === low ? 0 : (to - from) / (high - low);
  const found = (value) => from + (value - low) * slope;
  found.back = (place) => (slope ? low + (place - from) / slope : low);
  return found;
}

/** Round steps of a value: 1, 2 or 5 times a power of ten, about `n` of them. */
export function niceStep(span, n) {
  const rough = Math.max(span, 1e-9) / n, power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((m) => m * power).find((step) => step >= rough * 0.999);
}

/** Round values from `low` to `high`, about `n` steps apart. */
export function ticks(low, high, n = 4) {
  const step = niceStep(high - low, n), found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(Number((k * step).toPrecision(12)));
  return found;
}

/** Moments (ms) from `low` to `high` for so many labels at most, as {at, text}. */
export function timeTicks(low, high, most) {
  const step = STEPS.find((one) => (high - low) / one <= most) ?? STEPS.at(-1);
  const found = [];
  let day = null;
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) {
    const today = new Date(at).toISOString().slice(5, 10);
    const dated = step >= DAY || (day !== null && today !== day);
    found.push({ at, text: dated ? today : time(at, { seconds: step < MIN }).replace("Z", "") });
    day = today;
  }
  return found;
}

/** Index of the first of sorted `values` that is not below `value`. */
export function firstFrom(values, value) {
  let low = 0, high = values.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (values[mid] < value) low = mid + 1; else high = mid;
  }
  return low;
}

/** Index of the sorted value nearest to `value`; -1 where there is none. */
export function nearest(values, value) {
  if (!values.length) return -1;
  const at = firstFrom(values, value);
  if (at === 0) return 0;
  if (at === values.length) return at - 1;
  return value - values[at - 1] <= values[at] - value ? at - 1 : at;
}
