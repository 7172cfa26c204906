// Asking for what moves with the shown moment: never two at once, not too often, late answers dropped.

import { Problem } from "../lib/api.js";

/** How long an answer that nobody can give is waited for before asking again. */
const AGAIN_MS = 10_000;

/**
 * One kind of request. `ask(signal)` gives a promise, `take(answer)` uses it, `fail(problem | null)` tells what
 * is wrong (null: nothing any more). `want()` asks soon, `leastMs()` after the last at the earliest; `want({now: true})`
 * drops what is under way.
 */
export class Asking {
  #ask; #take; #fail; #leastMs;
  #running = null;
  #wanted = false;
  #began = -Infinity;
  #timer = null;

  constructor(ask, take, fail = () => {}, leastMs = () => 500) {
    this.#ask = ask; this.#take = take; this.#fail = fail; this.#leastMs = leastMs;
  }

  want({ now = false } = {}) {
    this.#wanted = true;
    if (now) this.stop();
    if (this.#running) return;
    const wait = now ? 0 : Math.max(0, this.#began + this.#leastMs() - performance.now());
    this.#timer ??= setTimeout(() => this.#go(), wait);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#running?.abort();
    this.#running = null;
  }

  async #go() {
    this.#timer = null;
    this.#wanted = false;
    const mine = new AbortController();
    this.#running = mine;
    this.#began = performance.now();
    try {
      const answer = await this.#ask(mine.signal);
      if (this.#running !== mine) return;
      this.#take(answer);
      this.#fail(null);
    } catch (fault) {
      if (this.#running !== mine || fault.name === "AbortError") return;
      this.#fail(fault);
      if (fault instanceof Problem && fault.status !== 400 && fault.status !== 404) this.#later(fault);
    }
    this.#running = null;
    if (this.#wanted) this.want();
  }

  #later(problem) {
    this.#timer ??= setTimeout(() => this.#go(), (problem.retryAfterS ?? 0) * 1000 || AGAIN_MS);
  }
}
