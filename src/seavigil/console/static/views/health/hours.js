// What was seen and heard, hour by hour: a strip for the eye, the words below.

import { h, svg } from "../../lib/dom.js";
import { percent, time } from "../../lib/format.js";

const CELL = 26, HEIGHT = 30, LOW = 0.7;
/** Shorter blind times are counted, not named (as in the statements). */
const NAMED_S = 60;

/** The statements of the last day, the newest first, with a strip of how much was heard. */
export function hours(statements, recording) {
  if (!statements.length) return h("p.empty", null, recording ? "Nothing is said of this recording." : "No hour is over yet since the service began.");
  const rows = statements.toSorted((one, other) => Date.parse(one.wall_at) - Date.parse(other.wall_at));
  return [recording ? null : strip(rows), h("ol.statements", null, rows.toReversed().map((one) => line(one)))];
}

const kindOf = ({ figures }) => {
  if (figures?.blind_s >= NAMED_S) return "blind";
  if (figures?.share !== null && figures?.share !== undefined && figures.share < LOW) return "low";
  return "heard";
};
const KIND_WORDS = { blind: "blind for a while", low: "heard less than usual", heard: "heard as usual" };

function strip(rows) {
  const cells = rows.map((one, number) => cell(one, number * CELL));
  return h("figure.hours", null,
    svg("svg", { viewBox: `0 0 ${rows.length * CELL} ${HEIGHT + 14}`, width: rows.length * CELL, height: HEIGHT + 14, role: "img", "aria-label": spoken(rows) }, cells),
    h("figcaption.quiet", null, "Each bar is one statement, an hour unless set otherwise; its height is how much of the usual was heard. With a cross: blind for a while. A dot: alerts above info."));
}

function cell(one, x) {
  const kind = kindOf(one), share = Math.min(1, one.figures?.share ?? (one.figures?.reports ? 1 : 0));
  const tall = Math.max(3, share * HEIGHT), hour = time(one.figures?.from ?? one.wall_at, { seconds: false }).slice(0, 2);
  const alerts = Object.keys(one.figures?.alerts ?? {}).length > 0;
  return svg("g", { class: kind }, svg("title", null, one.text), svg("rect", { x: x + 2, y: HEIGHT - tall, width: CELL - 4, height: tall }),
    kind === "blind" && svg("path", { d: `M${x + 4} 4l${CELL - 8} ${HEIGHT - 8}M${x + CELL - 4} 4l${8 - CELL} ${HEIGHT - 8}` }),
    alerts && svg("circle", { cx: x + CELL / 2, cy: 5, r: 3.5 }), svg("text", { x: x + CELL / 2, y: HEIGHT + 11, "text-anchor": "middle" }, hour));
}

function spoken(rows) {
  const of = (kind) => rows.filter((one) => kindOf(one) === kind).length;
  return `${rows.length} hours: ${of("heard")} heard as usual, ${of("low")} less than usual, ${of("blind")} blind for a while`;
}

function line(one) {
  const kind = kindOf(one), { figures } = one;
  const mark = kind === "heard" ? null : h("strong", { class: kind === "blind" ? "error" : null }, `${KIND_WORDS[kind]}${kind === "low" ? ` (${percent(figures.share)})` : ""}: `);
  return h("li", { dataset: { kind } }, mark, one.text);
}
