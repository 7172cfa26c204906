// A small plot over time: lanes of lines on one time axis, gaps, marks, and a pointer that reads values.

import { fill, h, svg } from "./dom.js";
import { time } from "./format.js";
import { crossed, events, gaps, lane, times } from "./plot_parts.js";
import { firstFrom, nearest, scale } from "./scale.js";

const LEFT = 36, RIGHT = 8, TOP = 6, AXIS = 20, EVENT_PX = 11, MOST_EVENTS = 4, TITLE = 16, LANE_GAP = 6;
const DRAG_PX = 6, LEAST_MS = 10_000;

/**
 * Lanes [{key, title, unit, height, low, high, ticks, turns, also}]: `key` names a column of the data, `also` a second
 * one drawn thinner, `turns` a circle of degrees. Data: {from, to, time_ms, columns, gaps [{from, to, label}],
 * spans [{from, to, kind, label}], shades [{from, to, kind, label}], moment, start} (ms; `moment`: what is later is
 * pale; `start`: where reading begins without one). Tells `onpoint(ms|null)`,
 * `onpick(ms)`, `onzoom(from, to)`; `read(index, ms)` says the values there in words.
 */
export class TimePlot {
  #at = null; #view = null; #drag = null; #watch;

  constructor({ label, lanes, read, onpoint, onpick, onzoom }) {
    Object.assign(this, { label, lanes, read, onpoint, onpick, onzoom });
    this.data = null;
    this.svg = svg("svg", { class: "plot", "aria-hidden": "true" });
    this.box = h("div.plotbox", { tabindex: "0", role: "slider", "aria-label": label, "aria-orientation": "horizontal",
      onkeydown: (e) => this.#key(e), onpointermove: (e) => this.#move(e), onpointerdown: (e) => this.#down(e),
      onpointerup: (e) => this.#up(e), onpointercancel: () => { this.#drag = null; this.#draw(); },
      onpointerleave: () => this.#away(), ondblclick: () => this.whole() }, this.svg);
    this.reading = h("p.reading", null, "");
    const tool = (text, title, act) => h("button", { type: "button", "aria-label": title, title, onclick: act }, text);
    this.tools = h("div.plottools", null,
      tool("−", "Show more time", () => this.scaleBy(2)), tool("+", "Show less time", () => this.scaleBy(0.5)),
      tool("◀", "Earlier", () => this.shift(-0.5)), tool("▶", "Later", () => this.shift(0.5)),
      tool("Whole", "Show the whole period", () => this.whole()));
    this.element = h("figure.plotfigure", null, this.reading, this.box, this.tools);
    this.#watch = new ResizeObserver(() => this.#draw());
    this.#watch.observe(this.box);
  }

  /** Draw data; what was zoomed to stays while it lies within. */
  set(data) {
    this.data = data;
    const view = this.#view;
    if (view && (view.to <= data.from || view.from >= data.to)) this.#view = null;
    this.#draw();
  }

  /** The moment shown (ms): what is later is pale. */
  moment(ms) {
    if (!this.data || this.data.moment === ms) return;
    this.data.moment = ms;
    this.#drawMoment();
  }

  /** Point at a moment (ms), null: at none. */
  point(ms) {
    this.#at = ms;
    this.#drawPointer();
  }

  /** Show from..to (ms). */
  zoom(from, to) {
    if (!this.data || to - from < LEAST_MS) return;
    const low = Math.max(from, this.data.from), high = Math.min(to, this.data.to);
    this.#view = low <= this.data.from && high >= this.data.to ? null : { from: low, to: high };
    this.#draw();
    this.onzoom?.(low, high);
  }

  whole() {
    if (this.data) this.zoom(this.data.from, this.data.to);
  }

  scaleBy(times) {
    if (!this.data) return;
    const { from, to } = this.#range(), middle = this.#at ?? (from + to) / 2, half = (to - from) / 2 * times;
    this.zoom(middle - half, middle + half);
  }

  shift(share) {
    if (!this.data) return;
    const { from, to } = this.#range(), by = (to - from) * share;
    const held = Math.min(Math.max(by, this.data.from - from), this.data.to - to);
    this.zoom(from + held, to + held);
  }

  leave() {
    this.#watch.disconnect();
  }

  #range() {
    return this.#view ?? this.data;
  }

  #draw() {
    const width = this.box.clientWidth;
    if (!this.data || width < 80) return;
    const { from, to } = this.#range();
    this.x = scale(from, to, LEFT, width - RIGHT);
    const rows = events(this.data.spans ?? [], this.x, { from, to, top: TOP, rowPx: EVENT_PX, most: MOST_EVENTS });
    const high = Math.max(rows.rows, 1) * EVENT_PX; // one row always: the lanes keep their place while time runs
    let top = TOP + high + 4;
    const seen = { data: this.data, x: this.x, from, to, left: LEFT, right: width - RIGHT };
    const lanes = this.lanes.map((one) => {
      const drawn = lane(one, { ...seen, top: top + TITLE });
      top += one.height + TITLE + LANE_GAP;
      return drawn;
    });
    this.bottom = top - LANE_GAP;
    this.top = TOP;
    const height = this.bottom + AXIS;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", height);
    this.overlay = svg("g", null);
    this.later = svg("g", null);
    const over = { ...seen, top: TOP, bottom: this.bottom };
    fill(this.svg, gaps(this.data.shades ?? [], over), gaps((this.data.gaps ?? []).map((g) => ({ ...g, kind: "gap" })), over),
      crossed(this.data.spans ?? [], over), lanes, rows.nodes, times(over), this.later, this.overlay);
    this.#drawMoment();
    this.#drawPointer();
  }

  #drawMoment() {
    const at = this.data?.moment;
    if (!this.later || at === null || at === undefined) return;
    const { from, to } = this.#range(), right = this.x(to), x = Math.max(this.x(at), LEFT);
    const line = at >= from && at <= to ? svg("line", { class: "moment", x1: x, x2: x, y1: this.top, y2: this.bottom }) : null;
    const pale = x < right - 1 ? svg("rect", { class: "later", x, width: right - x, y: 0, height: this.bottom }) : null;
    fill(this.later, pale, line);
    this.#value();
  }

  #drawPointer() {
    this.#value();
    if (!this.overlay) return;
    const { from, to } = this.#range(), drag = this.#drag;
    const there = this.#at !== null && this.#at >= from && this.#at <= to;
    const x = there ? this.x(this.#at) : 0;
    const chosen = drag && Math.abs(drag.now - drag.start) > DRAG_PX
      ? svg("rect", { class: "chosen", x: Math.min(drag.start, drag.now), width: Math.abs(drag.now - drag.start), y: this.top, height: this.bottom - this.top }) : null;
    fill(this.overlay, chosen, there ? svg("line", { class: "pointer", x1: x, x2: x, y1: this.top, y2: this.bottom }) : null);
  }

  /** Say in words, and to who does not see the plot, where the pointer is. */
  #value() {
    if (!this.data) return;
    const { from, to } = this.data, at = this.#at ?? this.data.moment ?? this.data.start ?? to;
    const text = this.read(nearest(this.data.time_ms, at), at);
    const set = (name, value) => this.box.setAttribute(name, value);
    set("aria-valuemin", Math.round(from));
    set("aria-valuemax", Math.round(to));
    set("aria-valuenow", Math.round(Math.min(Math.max(at, from), to)));
    set("aria-valuetext", text);
    this.reading.textContent = text;
  }

  #ms(event) {
    const place = event.clientX - this.box.getBoundingClientRect().left;
    return { place, at: Math.min(Math.max(this.x.back(place), this.#range().from), this.#range().to) };
  }

  #move(event) {
    if (!this.x) return;
    const { place, at } = this.#ms(event);
    if (this.#drag) this.#drag.now = place;
    this.point(at);
    this.onpoint?.(at);
  }

  #down(event) {
    if (!this.x || event.button !== 0) return;
    const { place } = this.#ms(event);
    this.#drag = { start: place, now: place };
    this.box.setPointerCapture(event.pointerId);
  }

  #up(event) {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag || !this.x) return;
    const { place, at } = this.#ms(event);
    if (Math.abs(place - drag.start) <= DRAG_PX) this.onpick?.(at);
    else this.zoom(this.x.back(Math.min(place, drag.start)), this.x.back(Math.max(place, drag.start)));
    this.#drawPointer();
  }

  #away() {
    if (this.#drag) return;
    this.point(null);
    this.onpoint?.(null);
  }

  #key(event) {
    if (!this.data || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      ArrowLeft: () => this.#step(event.shiftKey ? -10 : -1), ArrowRight: () => this.#step(event.shiftKey ? 10 : 1),
      Home: () => this.#to(this.#range().from), End: () => this.#to(this.#range().to),
      "+": () => this.scaleBy(0.5), "-": () => this.scaleBy(2), 0: () => this.whole(),
      PageUp: () => this.shift(-0.5), PageDown: () => this.shift(0.5),
      Enter: () => this.onpick?.(this.#at ?? this.data.moment ?? this.data.start), Escape: () => (this.#view ? this.whole() : this.#away()),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** To the report so many further on. */
  #step(by) {
    const all = this.data.time_ms, { from, to } = this.#range();
    const here = nearest(all, this.#at ?? this.data.moment ?? this.data.start ?? to);
    const low = firstFrom(all, from), high = Math.max(firstFrom(all, to + 1) - 1, low);
    if (here >= 0) this.#to(all[Math.min(Math.max(here + by, low), Math.min(high, all.length - 1))]);
  }

  #to(at) {
    this.point(at);
    this.onpoint?.(at);
  }
}

/** "04:21:15Z", with the day where the plot is of more than one. */
export const plotTime = (at, data) =>
  time(at, { day: new Date(data.from).toISOString().slice(0, 10) !== new Date(data.to).toISOString().slice(0, 10) });
