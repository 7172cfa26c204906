// A strip along an asset: kilometre 0 to its end, bars on it, and what happened at which kilometre.

import { fill, h, svg } from "./dom.js";
import { niceStep, scale, ticks } from "./scale.js";

const LEFT = 8, RIGHT = 12, TITLE = 15, ROW = 18, BARS = 52, AXIS = 20, LABEL_PX = 56, STEPS = 200;
/** Shapes of marks: colour is never alone. */
const SHAPES = {
  passage: (x, y) => ({ d: `M${x} ${y - 6}v12` }),
  closest: (x, y) => ({ d: `M${x - 4} ${y}a4 4 0 108 0a4 4 0 10-8 0z` }),
  alert: (x, y) => ({ d: `M${x} ${y - 6}l6 11h-12z` }),
  fault: (x, y) => ({ d: `M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10` }),
};

/**
 * Data: {length_km, bars [{from_km, to_km, crossings, slow_crossings}], rows [{title, marks [{km, error_km, kind, label,
 * priority, open()}]}]}. Tells `onpoint(km|null)` and `onpick(km)`; a pick near a mark opens it instead.
 */
export class KmStrip {
  #km = null; #watch;

  constructor({ label, onpoint, onpick }) {
    Object.assign(this, { label, onpoint, onpick, data: null });
    this.svg = svg("svg", { class: "plot", "aria-hidden": "true" });
    this.box = h("div.plotbox", { tabindex: "0", role: "slider", "aria-label": label, "aria-valuemin": "0",
      onpointermove: (e) => this.#over(e, (km) => this.#point(km)), onpointerleave: () => this.#point(null),
      onclick: (e) => this.#over(e, (km) => this.#pick(km)), onkeydown: (e) => this.#key(e) }, this.svg);
    this.reading = h("p.reading.short", null, "");
    this.element = h("figure.plotfigure", null, this.box, this.reading);
    this.#watch = new ResizeObserver(() => this.#draw());
    this.#watch.observe(this.box);
  }

  set(data) {
    this.data = data;
    this.#draw();
  }

  leave() {
    this.#watch.disconnect();
  }

  #draw() {
    const width = this.box.clientWidth;
    if (!this.data || width < 80) return;
    const { length_km: length, bars, rows } = this.data;
    this.x = scale(0, length, LEFT, width - RIGHT);
    let top = 4;
    const nodes = [];
    if (bars?.length) {
      nodes.push(title("Crossings per kilometre (outlined: slow ones)", top), this.#bars(bars, top + TITLE));
      top += TITLE + BARS + 4;
    }
    this.tops = [];
    for (const row of rows) {
      this.tops.push(top);
      nodes.push(title(row.title, top), svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: top + TITLE + ROW / 2, y2: top + TITLE + ROW / 2 }),
        row.marks.map((one) => this.#mark(one, top + TITLE + ROW / 2)));
      top += TITLE + ROW;
    }
    this.bottom = top;
    this.overlay = svg("g", null);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${top + AXIS}`);
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", top + AXIS);
    fill(this.svg, nodes, this.#axis(width, top), this.overlay);
    this.#pointer();
  }

  #bars(bars, top) {
    const most = Math.max(1, ...bars.map((bar) => bar.crossings)), y = scale(0, most, top + BARS, top);
    const box = (bar, n, kind) => svg("rect", { class: kind, x: this.x(bar.from_km) + .3, width: Math.max(this.x(bar.to_km) - this.x(bar.from_km) - .6, .8),
      y: y(n), height: top + BARS - y(n) });
    return [bars.filter((bar) => bar.crossings).map((bar) => [box(bar, bar.crossings, "bar"), bar.slow_crossings ? box(bar, bar.slow_crossings, "bar slow") : null]),
      svg("text", { class: "tick", x: this.x(this.data.length_km), y: top - 3, "text-anchor": "end" }, `most ${most}`)];
  }

  #mark(one, y) {
    const x = this.x(one.km), half = one.error_km ? this.x(one.error_km) - this.x(0) : 0;
    return svg("g", { class: `mark ${one.kind} ${one.priority ?? ""}` },
      half > 3 ? svg("rect", { class: "error", x: x - half, width: 2 * half, y: y - 3, height: 6 }) : null,
      svg("path", SHAPES[one.kind](x, y)), svg("title", null, one.label));
  }

  #axis(width, y) {
    const { length_km: length } = this.data, n = Math.max(Math.floor(width / LABEL_PX), 2);
    return [svg("line", { class: "axis", x1: LEFT, x2: width - RIGHT, y1: y, y2: y }),
      ticks(0, length, n).map((km) => [svg("line", { class: "grid", x1: this.x(km), x2: this.x(km), y1: y, y2: y + 4 }),
        svg("text", { class: "tick", x: km === 0 ? 2 : this.x(km), y: y + 15, "text-anchor": km === 0 ? "start" : "middle" }, km === 0 ? "km 0" : String(km))])];
  }

  /** Do something at the kilometre under the pointer; the row under it comes first where several have marks there. */
  #over(event, act) {
    if (!this.x) return;
    const { left, top } = this.box.getBoundingClientRect(), y = event.clientY - top;
    this.row = this.data.rows.find((_, i) => y >= this.tops[i] && y < this.tops[i] + TITLE + ROW) ?? null;
    act(Math.min(Math.max(this.x.back(event.clientX - left), 0), this.data.length_km));
  }

  #point(km) {
    this.#km = km;
    this.#pointer();
    this.onpoint?.(km);
  }

  #pick(km) {
    if (km === null) return;
    const near = this.#near(km);
    if (near?.open) near.open(); else this.onpick?.(km);
  }

  /** The mark next to a kilometre, no farther than a finger's width. */
  #near(km) {
    const within = this.x.back(LEFT + 7);
    const first = (marks) => marks.map((one) => ({ one, off: Math.abs(one.km - km) })).filter(({ off }) => off <= within).sort((a, b) => a.off - b.off)[0]?.one;
    return first(this.row?.marks ?? []) ?? first(this.data.rows.flatMap((row) => row.marks)) ?? null;
  }

  #pointer() {
    if (!this.overlay) return;
    const km = this.#km;
    fill(this.overlay, km === null ? null : svg("line", { class: "pointer", x1: this.x(km), x2: this.x(km), y1: 0, y2: this.bottom }));
    const near = km === null ? null : this.#near(km), digits = this.data.length_km < 20 ? 2 : 1;
    const text = km === null ? `0 to ${this.data.length_km.toFixed(1)} km` : `km ${km.toFixed(digits)}${near ? `: ${near.label}` : ""}`;
    this.reading.textContent = text;
    for (const [name, value] of [["aria-valuemax", this.data.length_km.toFixed(2)], ["aria-valuenow", (km ?? 0).toFixed(2)], ["aria-valuetext", text]]) this.box.setAttribute(name, value);
  }

  #key(event) {
    if (!this.data || event.ctrlKey || event.metaKey || event.altKey) return;
    const length = this.data.length_km, step = niceStep(length, STEPS) * (event.shiftKey ? 10 : 1);
    this.row = null;
    const to = { ArrowLeft: (this.#km ?? 0) - step, ArrowRight: (this.#km ?? 0) + step, Home: 0, End: length }[event.key];
    if (to !== undefined) this.#point(Math.min(Math.max(to, 0), length));
    else if (event.key === "Enter") this.#pick(this.#km);
    else if (event.key === "Escape") this.#point(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const title = (text, top) => svg("text", { class: "lanetitle", x: LEFT, y: top + 11 }, text);

/** Where kilometre `km` lies, between the points that the service gives: {lat_deg, lon_deg}, null off the route. */
export function placeAt(kilometres, km) {
  const after = kilometres.findIndex((one) => one.km >= km);
  if (after < 0 || !kilometres.length) return kilometres.at(-1) ?? null;
  if (after === 0) return kilometres[0];
  const a = kilometres[after - 1], b = kilometres[after], share = (km - a.km) / (b.km - a.km || 1);
  return { lat_deg: a.lat_deg + share * (b.lat_deg - a.lat_deg), lon_deg: a.lon_deg + share * (b.lon_deg - a.lon_deg) };
}

/** The kilometre nearest to a place, and how far off it lies (m, on a plane: good to 1 % within 50 km). */
export function kmAt(kilometres, { lat_deg: lat, lon_deg: lon }) {
  const k = Math.cos((lat * Math.PI) / 180), M = 111_195;
  const flat = kilometres.map((one) => ({ km: one.km, x: (one.lon_deg - lon) * k * M, y: (one.lat_deg - lat) * M }));
  let best = flat.length ? { km: flat[0].km, off_m: Math.hypot(flat[0].x, flat[0].y) } : null;
  for (let i = 1; i < flat.length; i++) {
    const a = flat[i - 1], b = flat[i], dx = b.x - a.x, dy = b.y - a.y;
    const share = Math.min(Math.max(-(a.x * dx + a.y * dy) / (dx * dx + dy * dy || 1), 0), 1);
    const off = Math.hypot(a.x + share * dx, a.y + share * dy);
    if (off < best.off_m) best = { km: a.km + share * (b.km - a.km), off_m: off };
  }
  return best;
}
