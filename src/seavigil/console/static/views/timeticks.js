// What is drawn behind the slider of the time bar: hours, and when alerts first stood.

import { palette, PRIORITIES } from "../map/palette.js";

const MINUTE_MS = 60_000;
const STEPS_MIN = [1, 5, 10, 15, 30, 60, 180, 360, 720, 1440, 2880, 10_080, 43_200, 129_600, 525_600, 5_256_000];
const APART_PX = 66;
const YEAR_MIN = 525_600;
const THUMB_PX = 8; // half the thumb of a slider: its ends stand that far in
const LENGTH_PX = { urgent: 15, warning: 12, advisory: 9, info: 6 };

/** Give {draw(low, high, why), alerts}: draws on `canvas` under `slider`, only when something changed. */
export function ticks(slider, canvas) {
  let shown = "";
  const marks = { alerts: [], draw };
  return marks;

  function draw(low, high, why) {
    const width = slider.clientWidth, now = `${Math.round(low / 1000)} ${Math.round(high / 10_000)} ${width} ${marks.alerts.length}`;
    if (!width || (now === shown && why !== "marks")) return;
    shown = now;
    const ratio = devicePixelRatio || 1, colours = palette();
    canvas.width = width * ratio;
    canvas.height = 44 * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const x = (at) => THUMB_PX + ((at - low) / Math.max(high - low, 1)) * (width - 2 * THUMB_PX);
    hours(pen, colours, low, high, width, x);
    for (const priority of PRIORITIES) alertTicks(pen, colours.priority[priority], LENGTH_PX[priority], marks.alerts.filter((one) => one.priority === priority && one.at >= low && one.at <= high).map((one) => x(one.at)));
  }
}

function alertTicks(pen, colour, long, places) {
  pen.fillStyle = colour;
  for (const place of places) pen.fillRect(place - 1.25, 15 - long, 2.5, long);
}

function hours(pen, colours, low, high, width, x) {
  const every = (STEPS_MIN.find((n) => ((n * MINUTE_MS) / (high - low)) * width >= APART_PX) ?? STEPS_MIN.at(-1)) * MINUTE_MS;
  pen.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  pen.textAlign = "center";
  pen.fillStyle = pen.strokeStyle = colours.quiet;
  for (let at = Math.ceil(low / every) * every; at <= high; at += every) {
    const place = x(at), text = new Date(at).toISOString();
    pen.fillRect(place - 0.5, 31, 1, 3);
    if (place > 18 && place < width - 18) pen.fillText(said(text, at, high - low), place, 43);
  }
}

/** A day, with its year where the span is long, or an hour of it. */
function said(text, at, long) {
  if (at % (24 * 60 * MINUTE_MS)) return text.slice(11, 16);
  return long > YEAR_MIN * MINUTE_MS ? text.slice(0, 10) : text.slice(5, 10);
}
