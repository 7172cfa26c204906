// The moment that is shown: the newest, or a moment of the past, standing still or running.

const TICK_MS = 200;
export const SPEEDS = [1, 10, 60, 120, 300, 1000];

/** Knows the moment shown (`at`, ms; null: the newest) and tells listeners when it changes. */
export class Clock {
  #listeners = new Set();
  #timer = null;
  #last = 0;

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
    this.asOf = extent.as_of ? Date.parse(extent.as_of) : this.ended;
  }

  /** The moment that counts as now, ms: the one shown, else that of the data (live: of the wall). */
  now() {
    return this.at ?? (this.live ? Date.now() : (this.asOf ?? Date.now()));
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
    const low = this.began ?? at, high = this.live ? Date.now() : (this.ended ?? at);
    this.at = Math.min(Math.max(at, low), high);
    if (why === "ran" && this.at >= high) this.pause();
    this.#tell(why);
  }

  /** Show the newest again. */
  newest() {
    this.pause();
    this.at = null;
    this.#tell("newest");
  }

  play(speed = this.speed) {
    this.speed = speed;
    if (this.at === null) this.at = this.live ? Date.now() - 3_600_000 : this.began;
    if (!this.live && this.at >= this.ended) this.at = this.began;
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
