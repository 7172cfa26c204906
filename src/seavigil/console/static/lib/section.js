// A part of a page that is asked for by itself: it waits, fails and grows old by itself.

import { fill, h } from "./dom.js";
import { time } from "./format.js";

/** A titled region. `ask(signal)` gives its data, `draw(data)` the nodes made of them (undefined: those that stand were changed). */
export class Section {
  #ask; #draw; #control = null; #again = false; #text = null; #readAt = null; #left = false;

  constructor(id, title, ask, draw) {
    this.#ask = ask;
    this.#draw = draw;
    this.missing = false; // true: the service knows of none
    this.note = h("div", { role: "status" });
    this.body = h("div", null, h("p.wait", null, "Being read …"));
    this.title = h("h2", { id: `${id}-title` }, title);
    this.element = h("section.part", { id, "aria-labelledby": `${id}-title` }, this.title, this.note, this.body);
  }

  /** Ask again; while an answer is awaited one more round is noted, never two at once. */
  async load() {
    if (this.#control) {
      this.#again = true;
      return;
    }
    do {
      this.#again = false;
      await this.#once();
    } while (this.#again && !this.#left);
  }

  /** What is awaited is no longer wanted: ask anew at once. */
  reload() {
    this.#control?.abort();
    return this.load();
  }

  /** Draw again what is known, because something else changed. */
  redraw() {
    const nodes = this.data === undefined ? undefined : this.#draw(this.data);
    if (nodes !== undefined) fill(this.body, nodes);
  }

  leave() {
    this.#left = true;
    this.#control?.abort();
  }

  async #once() {
    const control = this.#control = new AbortController();
    try {
      const data = await this.#ask(control.signal);
      if (!control.signal.aborted && !this.#left) this.#take(data);
    } catch (fault) {
      if (fault.name !== "AbortError" && !this.#left) this.#failed(fault);
    } finally {
      if (this.#control === control) this.#control = null;
    }
  }

  #take(data) {
    this.#readAt = Date.now();
    this.missing = false;
    fill(this.note);
    const text = JSON.stringify(data);
    if (text === this.#text) return;
    this.#text = text;
    this.data = data;
    const nodes = this.#draw(data);
    if (nodes !== undefined) fill(this.body, nodes);
  }

  #failed(fault) {
    if (fault.status === 404 || (fault.status === 400 && this.#text === null)) return this.#nothing(fault);
    const old = this.#text === null ? null : ` What stands below was read at ${time(this.#readAt)}.`;
    if (this.#text === null) fill(this.body);
    return fill(this.note, h("p.error", null, `Could not be read: ${fault.message}`, old, " ",
      h("button", { type: "button", onclick: () => this.load() }, "Try again")));
  }

  /** The service knows of none: what was shown before holds no more. */
  #nothing(fault) {
    this.missing = true;
    this.#text = null;
    fill(this.note);
    fill(this.body, h("p.caution", null, sentence(fault.message)));
  }
}

const sentence = (text) => `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
