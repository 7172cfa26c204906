// How she went: speed and course over time, tied to her track on the map.

import { fill, h, table } from "../../lib/dom.js";
import { bearing, duration, many, number, position, time } from "../../lib/format.js";
import { paced } from "../../lib/pace.js";
import { plotTime, TimePlot } from "../../lib/plot.js";
import { firstFrom, nearest } from "../../lib/scale.js";
import { runOn, turned } from "../../map/geo.js";
import { Section } from "../../lib/section.js";

const H = 3_600_000;
const PERIODS = [["1 h", H], ["6 h", 6 * H], ["24 h", 24 * H], ["7 d", 168 * H], ["All", null]];
/** Reasons whose expected value is the ship's own usual speed. */
const USUAL = ["slower_than_usual", "slow_over"];
const FAR_ZOOM = 7, PAD_DEG = 0.05, MAP_MS = 500, TABLE_ROWS = 60;
/** The service gives so much of one ship at once. */
const MOST = 31 * 24 * H - 1000;
const LANES = [
  { key: "sog_kn", title: "Speed over ground", unit: "kn", height: 110, normal: true },
  { key: "cog_deg", also: "heading_deg", title: "Course (thin: heading)", unit: "°", height: 84, low: 0, high: 360, ticks: [0, 90, 180, 270, 360], turns: true }];

/** The columns of the API's answer with times in ms. */
export const inMs = (found) => ({ ...found, time_ms: found.time_us.map((us) => us / 1000) });

/** Her gaps for the plot. */
export const gapsOf = (found) => (found.gaps ?? []).map((gap) => {
  const from = Date.parse(gap.from), to = gap.to ? Date.parse(gap.to) : (found.to ?? found.time_ms.at(-1));
  return { from, to, label: gap.to ? `not heard for ${duration(to - from)}` : `not heard since ${time(from)}` };
});

/** What a track says at a report, in words. */
export function valuesAt(track, index) {
  if (index < 0) return "No report.";
  return [number(track.sog_kn[index], "kn"), `COG ${bearing(track.cog_deg[index])}`, `heading ${bearing(track.heading_deg?.[index])}`].join(" · ");
}

/** The part of the page with the plot, and the track on the map. */
export class Voyage {
  #off; #asked = null; #whole = null; #usual = null; #spans = []; #drawn = -1; #told = false;

  constructor(path, app) {
    Object.assign(this, { path, app, track: null, detail: null, zoomed: null });
    this.length = PERIODS.find(([name]) => name === app.pref("ship.period", "24 h"))?.[1] ?? null;
    this.anchor = app.clock.now();
    this.plot = new TimePlot({ label: "Speed and course over time. Arrow keys read values, plus and minus change the time shown, Enter shows that moment.",
      lanes: LANES, read: (index, at) => this.#read(index, at), onpoint: (at) => this.#point(at),
      onpick: (at) => app.clock.set(at), onzoom: (from, to) => this.#zoom(from, to) });
    this.table = h("details", { ontoggle: () => this.#table() }, h("summary", null, "The plot as a table"), h("div", null));
    this.part = new Section("ship-voyage", "How she went", (signal) => this.#ask(signal), (found) => this.#draw(found));
    this.thinned = h("p.legend.quiet", null);
    this.empty = h("p.caution", { hidden: true });
    this.element = this.part.element;
    this.part.title.after(this.#periods(), this.empty);
    const map = paced(() => this.#onMap(), MAP_MS);
    this.#off = [app.clock.on((clock, why) => { this.#moved(why); map.ask(); }), app.map.onTrack((there) => this.plot.point(there ? there.time_us / 1000 : null)), map.end];
  }

  /** Show all of her way in the period on the map. */
  focus() {
    const lat = this.track?.lat_deg.filter((deg) => deg !== null) ?? [], lon = runOn(this.track?.lon_deg ?? []).filter((deg) => deg !== null);
    if (lat.length) this.app.map.focus({ bounds: [least(lon) - PAD_DEG, least(lat) - PAD_DEG, most(lon) + PAD_DEG, most(lat) + PAD_DEG] });
  }

  /** Ask again; the period ends at the newest, or where the moment shown was when the page was opened. */
  load() {
    const now = this.app.clock.now();
    if (this.app.clock.at === null || now > this.anchor || (this.length && now < this.anchor - this.length)) this.anchor = now;
    const { from, to } = this.#window(), asked = `${from} ${to} ${this.zoomed?.from} ${this.zoomed?.to}`;
    if (asked === this.#asked && this.track) return undefined; // what is there is what would come
    this.#asked = asked;
    return this.part.load();
  }

  /** Mark what was seen of her. */
  events(found) {
    this.#spans = found.filter((one) => one.crossed_at || one.began).map((one) => {
      const crossing = one.behaviour === "crossing" && one.crossed_at;
      const from = Date.parse(crossing ? one.crossed_at : one.began);
      return { from, to: crossing ? from : one.ended ? Date.parse(one.ended) : this.app.clock.now(), kind: crossing ? "crossing" : "event",
        label: `${one.behaviour_words ?? one.behaviour}${one.asset_name ? ` ${one.asset_name}` : ""}` };
    });
    if (this.track) this.#set();
    this.#marks();
  }

  /** Her own normal speed, where an alert of hers says what it was held against. */
  usual(alerts) {
    const told = alerts.flatMap((one) => one.reasons ?? []).find((one) => USUAL.includes(one.code) && one.unit === "kn" && one.expected > 0);
    this.#usual = told ? { low: told.expected, high: told.expected, label: `usual for her: ${number(told.expected, "kn")}` } : null;
    if (this.track) this.#set();
  }

  /** Where she crossed an asset, on the map. */
  #marks() {
    const crossed = this.#spans.filter((one) => one.kind === "crossing" && one.from <= this.app.clock.now());
    const there = crossed.map((one) => ({ ...placeThen(this.track, one.from), kind: "crossing", title: one.label, label: "" }));
    this.app.map.marks(there.filter((one) => Number.isFinite(one.lat_deg)));
  }

  leave() {
    for (const off of this.#off) off?.();
    this.part.leave();
    this.plot.leave();
    this.app.map.track(null);
    this.app.map.marks(null);
    this.app.map.pointer(null);
  }

  #window() {
    const began = Math.min(this.app.clock.began ?? this.anchor - H, this.anchor - 60_000);
    const wanted = this.length === null ? began : Math.max(this.anchor - this.length, began);
    return { from: Math.max(wanted, this.anchor - MOST), to: this.anchor };
  }

  async #ask(signal) {
    const { from, to } = this.#window();
    const asked = (a, b) => this.app.api.get(`${this.path}/track`, { from: iso(a), to: iso(b), max_points: 5000 }, { signal });
    try {
      const whole = this.#whole?.from === from && this.#whole.to === to ? this.#whole.found : await asked(from, to);
      this.#whole = { from, to, found: whole };
      const thinned = whole.total_points > whole.time_us.length;
      return { from, to, whole, detail: thinned && this.zoomed ? await asked(this.zoomed.from, this.zoomed.to) : null };
    } catch (fault) {
      this.#asked = null;
      throw fault;
    }
  }

  #draw({ from, to, whole, detail }) {
    this.track = { ...inMs(whole), from, to };
    this.detail = detail ? { ...inMs(detail), to } : null;
    const { total_points: all } = this.track, shown = this.track.time_ms.length, none = shown === 0;
    fill(this.thinned, all > shown ? `${shown.toLocaleString("en-GB")} of ${many(all, "report")} are drawn, evenly in time: zoom in to see them all.` : null);
    this.empty.hidden = !none;
    fill(this.empty, none ? "No report of hers in this period. That she was not heard does not say that she was not there: choose a longer one." : null);
    this.#set();
    this.#drawn = -1;
    this.#onMap();
    this.#marks();
    this.#table();
    if (this.#told) return undefined;
    this.#told = true;
    if (this.app.map.ml?.getZoom() < FAR_ZOOM) this.focus();
    return [this.plot.element, this.thinned, this.legend(), this.table];
  }

  /** What the marks mean. */
  legend() {
    return h("p.legend.quiet", null, h("span.key.cross", null, "◆ crossed an asset"), "  ", h("span.key.event", null, "▬ seen of her"), "  ",
      h("span.key.gap", null, "▨ not heard"), h("br", null), "Drag to zoom, click to show that moment; what is later than it is pale.");
  }

  #set() {
    const shown = this.detail ?? this.track;
    this.plot.set({ from: this.track.from, to: this.track.to, time_ms: shown.time_ms, columns: shown, gaps: gapsOf(shown), spans: this.#spans,
      shades: [], normal: this.#usual, moment: this.app.clock.now() });
  }

  #read(index, at) {
    const shown = this.detail ?? this.track, { from, to } = this.track;
    const gap = gapsOf(shown).find((one) => at > one.from && at < one.to);
    const near = (to - from) / 150;
    const seen = this.#spans.filter((one) => at >= one.from - near && at <= one.to + near).map((one) => one.label);
    const values = gap ? gap.label : index < 0 ? "no report" : valuesAt(shown, index);
    return `${plotTime(gap || index < 0 ? at : shown.time_ms[index], this.track)} · ${values}${seen.length ? `\n${[...new Set(seen)].join(", ")}` : ""}`;
  }

  #point(at) {
    const shown = this.detail ?? this.track, index = at === null ? -1 : nearest(shown.time_ms, at);
    if (index < 0 || shown.lat_deg[index] === null) return this.app.map.pointer(null);
    return this.app.map.pointer({ lat_deg: shown.lat_deg[index], lon_deg: shown.lon_deg[index], label: `${time(shown.time_ms[index])} ${number(shown.sog_kn[index], "kn")}` });
  }

  #zoom(from, to) {
    const whole = from <= this.track.from && to >= this.track.to;
    this.zoomed = whole ? null : { from, to };
    this.#table();
    if (this.track.total_points > this.track.time_us.length) this.part.load();
  }

  #moved(why) {
    this.plot.moment(this.app.clock.now());
    if (why === "newest") this.load();
  }

  /** Her way up to the moment shown, not beyond. */
  #onMap() {
    if (!this.track) return;
    const n = firstFrom(this.track.time_ms, this.app.clock.now() + 1);
    if (n === this.#drawn) return;
    this.#drawn = n;
    this.app.map.track(n ? upTo(this.track, n) : null);
  }

  #periods() {
    const buttons = PERIODS.map(([name, length]) => h("button", { type: "button", "aria-pressed": String(length === this.length), onclick: () => {
      this.length = length;
      this.zoomed = null;
      this.app.choose("ship.period", name);
      for (const [i, one] of buttons.entries()) one.setAttribute("aria-pressed", String(PERIODS[i][1] === length));
      this.anchor = this.app.clock.now();
      this.plot.whole();
      this.part.reload();
    } }, name));
    return h("div.row.periods", { role: "group", "aria-label": "Period before the moment shown" }, buttons);
  }

  #table() {
    const [, body] = this.table.children;
    if (!this.table.open || !this.track) return;
    const shown = this.detail ?? this.track, { from, to } = this.zoomed ?? this.track;
    const low = firstFrom(shown.time_ms, from), high = firstFrom(shown.time_ms, to + 1), step = Math.max(Math.ceil((high - low) / TABLE_ROWS), 1);
    const rows = [];
    for (let i = low; i < high; i += step) rows.push(i);
    const found = gapsOf(shown).filter((gap) => gap.to > from && gap.from < to);
    fill(body, h("p.quiet", null, step > 1 ? `Every ${step}th report of ${many(high - low, "report")}.` : null, " ",
      found.length ? `Gaps: ${found.map((gap) => `${time(gap.from)} to ${time(gap.to)}`).join("; ")}.` : "No gap."),
      table("Speed and course", [{ title: "Time", cell: (i) => plotTime(shown.time_ms[i], this.track) },
        { title: "Speed", class: "number", cell: (i) => number(shown.sog_kn[i], "kn") },
        { title: "Course", class: "number", cell: (i) => bearing(shown.cog_deg[i]) },
        { title: "Heading", class: "number", cell: (i) => bearing(shown.heading_deg?.[i]) },
        { title: "Position", cell: (i) => position(shown.lat_deg[i], shown.lon_deg[i]) }], rows));
  }
}

const least = (values) => values.reduce((a, b) => Math.min(a, b)), most = (values) => values.reduce((a, b) => Math.max(a, b));
const iso = (ms) => new Date(ms).toISOString();

/** The first `n` rows of a track. */
function upTo(track, n) {
  const last = track.time_ms[n - 1];
  const column = (name, value) => Array.isArray(value) && value.length === track.time_ms.length && name !== "gaps";
  const cut = Object.fromEntries(Object.entries(track).map(([name, value]) => [name, column(name, value) ? value.slice(0, n) : value]));
  return { ...cut, gaps: (track.gaps ?? []).filter((gap) => gap.to && Date.parse(gap.to) <= last + 1) };
}

/** Where she was at a moment, straight between her reports; nothing outside of them. */
function placeThen(track, at) {
  const after = track ? firstFrom(track.time_ms, at) : 0;
  if (!track || after === 0 || after >= track.time_ms.length) return {};
  const share = (at - track.time_ms[after - 1]) / (track.time_ms[after] - track.time_ms[after - 1] || 1);
  const between = (column) => column[after - 1] + share * turned(column[after - 1], column[after]);
  return { lat_deg: between(track.lat_deg), lon_deg: between(track.lon_deg) };
}
