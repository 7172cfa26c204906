// The form about a fault: which asset, when, where along it; to ask who it was, or to tell of it.

import { fill, h } from "../../lib/dom.js";
import { Place } from "./place.js";

/** A fault whose time is not known better than this names nobody (inputs/faults.py). */
const MOST_MIN = 2880;
const TIME = "\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?Z?";

/** Holds what is asked or told; `take` fills it, `told()` is called when an outage was told of. */
export class FaultForm {
  #assets = [];

  constructor(query, app, told) {
    Object.assign(this, { app, told });
    const field = (name, more) => h("input", { name, id: `fault-${name}`, required: true, autocomplete: "off", ...more });
    this.asset = field("asset", { type: "search", list: "fault-assets", placeholder: "Name or id", onchange: () => this.place.of(this.#found()) });
    this.choices = h("datalist", { id: "fault-assets" });
    this.at = field("time", { type: "text", spellcheck: "false", placeholder: "2025-11-20 04:21:30", pattern: TIME, title: "Day and time in UTC: 2025-11-20 04:21:30" });
    this.within = field("within", { type: "number", min: "0.1", max: String(MOST_MIN), step: "any", value: "30" });
    this.source = field("source", { type: "text", required: false, maxlength: "200", placeholder: "Control room, say" });
    this.place = new Place(app);
    this.said = h("div", { role: "status", "aria-live": "polite" });
    this.may = app.can("operator");
    this.buttons = [h("button.primary", { type: "submit", id: "fault-send", disabled: !this.may }, "Who was it?"),
      h("button", { type: "button", id: "fault-tell", disabled: !this.may, onclick: () => this.#tell() }, "Tell of this outage")];
    this.element = this.#drawn();
    this.take({ ...query, at: undefined });
    this.#read();
  }

  /** Fill in what a link or an inquiry says. */
  take(asked) {
    if (asked.asset) this.asset.value = asked.asset;
    const at = asked.time ?? asked.at, within = asked.within_s ?? asked.within;
    if (at) this.at.value = plain(at);
    if (within) this.within.value = String(Math.round((Number.parseFloat(within) / 60) * 100) / 100);
    this.place.km.value = asked.km_along ?? asked.km ?? "";
    this.place.error.value = asked.km_error ?? asked.error ?? "";
    this.#named();
  }

  leave() {
    this.place.leave();
  }

  #drawn() {
    const now = h("button", { type: "button", id: "fault-now", onclick: () => { this.at.value = plain(this.app.clock.now()); } }, "Take the moment shown");
    return h("form.stack", { id: "fault-form", onsubmit: (event) => this.#ask(event) }, h("label", null, "Asset that failed", this.asset), this.choices,
      h("div.pair", null, h("label", null, "When (UTC)", this.at), h("label", null, "± minutes", this.within)), h("div.row", null, now),
      this.place.element, h("div.row", null, this.buttons[0]),
      h("details", null, h("summary", null, "Tell the watch of it too"),
        h("p.quiet", null, "A notice is kept; the watch then looks for the ship by itself, and alerts say whom it fits."),
        h("label", null, "Who says so", this.source), h("div.row", null, this.buttons[1])),
      this.may ? null : h("p.quiet", null, "Operators may ask and tell; you are signed in as a viewer."), this.said);
  }

  async #read() {
    try {
      const all = await this.app.api.get("/api/assets");
      this.#assets = all.features.map((one) => one.properties);
      fill(this.choices, this.#assets.map((one) => h("option", { value: this.#label(one) })));
      this.#named();
    } catch (fault) {
      fill(this.said, h("p.error", null, `The assets could not be read (${fault.message}): an id can be typed.`));
    }
  }

  #found() {
    const text = this.asset.value.trim().toLowerCase();
    const by = (name) => this.#assets.find((one) => one[name].toLowerCase() === text);
    return by("asset_id") ?? by("name") ?? null;
  }

  /** An id is shown by the asset's name once that is known. */
  #named() {
    const one = this.#found();
    if (!one) return;
    this.asset.value = this.#label(one);
    this.place.of(one);
  }

  /** By name; by id where several have one name. */
  #label(one) {
    return this.#assets.filter((other) => other.name === one.name).length > 1 ? one.asset_id : one.name;
  }

  #body() {
    const asset = this.#found()?.asset_id ?? this.asset.value.trim();
    return { asset, within: `${Math.round(Number(this.within.value) * 60)}s`, ...this.place.told() };
  }

  async #ask(event) {
    event.preventDefault();
    await this.#sent(async () => {
      const answer = await this.app.api.send("POST", "/api/suspects", { ...this.#body(), at: utc(this.at.value) });
      fill(this.said);
      this.app.go(this.app.link("fault", answer.inquiry_id, { at: this.app.clock.iso() }));
    });
  }

  async #tell() {
    if (!this.element.reportValidity()) return;
    await this.#sent(async () => {
      const source = this.source.value.trim() || this.app.session.user;
      const answer = await this.app.api.send("POST", "/api/faults", { ...this.#body(), time: utc(this.at.value), source });
      fill(this.said, h("p", null, `Kept as notice ${answer.fault_id}: the watch looks for the ships that fit, and an alert tells of one.`));
      this.told();
    });
  }

  async #sent(act) {
    fill(this.said, h("p.wait", null, "Being sent …"));
    for (const one of this.buttons) one.disabled = true;
    try {
      await act();
    } catch (fault) {
      fill(this.said, h("p.error", { role: "alert" }, fault.message));
    }
    for (const one of this.buttons) one.disabled = !this.may;
  }
}

/** "2025-11-20 04:21:30", of what is no time nothing. */
const plain = (at) => (Number.isNaN(new Date(at).getTime()) ? "" : new Date(at).toISOString().slice(0, 19).replace("T", " "));
const utc = (text) => `${text.trim().replace(" ", "T").replace(/Z$/, "")}Z`;
