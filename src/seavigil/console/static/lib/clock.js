// The moment that is shown: the newest, or a moment of the past, standing still or running.

import { time } from "./format.js";

const TICK_MS = 200;
/** A live watch whose data are older than this is fed a recording: its time is that of the data. */
const OF_TODAY_MS = 24 * 3_600_000;
export const SPEEDS = [1, 10, 60, 120, 300, 1000];

const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?$/i;

/** A moment as links write it -> ms, UTC where nothing else is said; null for anything else. */
export function momentOf(text) {
  const [, day, hour, zone = "Z"] = MOMENT.exec(text.trim()) ?? [];
  const at = day ? Date.parse(`${day}T${hour}${zone}`) : NaN;
  return Number.isNaN(at) ? null : at;
}

/** Knows the moment shown (`at`, ms; null: the newest) and tells listeners when it changes. */
export class Clock {
  #listeners = new Set();
  #timer = null;
  #last = 0;
  #heardMs = 0;

  constructor(extent) {
    this.at = null;
    this.speed = 60;
    this.playing = false;
    this.take(extent);
  }

  /** Take what the service says of the time there are data of. */
  take(extent) {
    this.extent = extent;
    this.live = extent.mode === "live";
    this.began = extent.began_at ? Date.parse(extent.began_at) : null;
    this.ended = extent.ended_at ? Date.parse(extent.ended_at) : null;
    this.heard(extent.as_of ?? extent.ended_at);
  }

  /** Take note of the data time (RFC 3339) that the watch has come to. */
  heard(iso) {
    this.asOf = iso ? Date.parse(iso) : null;
    if (this.live && this.asOf !== null) this.ended = this.asOf;
    this.#heardMs = performance.now();
  }

  /** The newest moment, ms: of the wall where the watch is live, else of the data. Silence does not stop it. */
  head() {
    if (this.asOf === null) return Date.now();
    if (!this.live) return this.asOf;
    const old = Date.now() - this.asOf > OF_TODAY_MS;
    return old ? this.asOf + performance.now() - this.#heardMs : Date.now();
  }

  /** The moment that counts as now, ms: the one shown, else the newest. */
  now() {
    return this.at ?? this.head();
  }

  /** For requests: the moment shown as RFC 3339, null for the newest. */
  iso() {
    return this.at === null ? null : new Date(this.at).toISOString();
  }

  /** Call `told(clock, why)` at each change; gives what ends that. `why`: "moved" by hand, "ran", "newest". */
  on(told) {
    this.#listeners.add(told);
    return () => this.#listeners.delete(told);
  }

  /** Show a moment (ms). */
  set(at, why = "moved") {
    const low = this.began ?? at, high = this.asOf === null ? at : this.head();
    this.at = Math.min(Math.max(at, low), high);
    if (why === "ran" && this.at >= high) this.pause();
    this.#tell(why);
  }

  /** Show the moment that a link asks for. Gives words where something else is shown, null where it is that. */
  follow(text) {
    const at = momentOf(text);
    if (at === null) return `The time in the link, “${text}”, cannot be read: ${this.#shown()} is shown.`;
    this.set(at);
    return Math.abs(this.at - at) < 1000 ? null : `There are no data of ${time(at, { day: true })}, the time in the link: ${this.#shown()} is shown.`;
  }

  #shown() {
    return this.at === null ? "the newest" : time(this.at, { day: true });
  }

  /** Show the newest again. */
  newest() {
    this.pause();
    this.at = null;
    this.#tell("newest");
  }

  play(speed = this.speed) {
    this.speed = speed;
    if (this.at === null) this.at = this.live ? this.head() - 3_600_000 : this.began;
    if (!this.live && this.at >= this.head()) this.at = this.began;
    this.playing = true;
    this.#last = performance.now();
    this.#timer ??= setInterval(() => this.#run(), TICK_MS);
    this.#tell("moved");
  }

  pause() {
    clearInterval(this.#timer);
    this.#timer = null;
    if (this.playing) {
      this.playing = false;
      this.#tell("paused");
    }
  }

  #run() {
    const now = performance.now(), passed = now - this.#last;
    this.#last = now;
    this.set(this.at + passed * this.speed, "ran");
  }

  #tell(why) {
    for (const told of [...this.#listeners]) told(this, why);
  }
}
