// One inquiry: what was asked, how far it is, and the ships it found.

import { fill, h } from "../../lib/dom.js";
import { duration, number, percent, time } from "../../lib/format.js";
import { placeAt } from "../../lib/strip.js";
import { ranking } from "./ranking.js";
import { Ways } from "./ways.js";

const AGAIN_MS = 1_000;

/** Follows an inquiry until it is done and shows what it found. */
export class Inquiry {
  #timer = null; #left = false;

  constructor(id, app) {
    Object.assign(this, { id, app, ways: null });
    this.body = h("div", { "aria-live": "polite" }, h("p.wait", null, "Being read …"));
    this.title = h("h2", { id: "suspects-title" }, "Ships that may have caused it");
    this.element = h("section.part", { id: "suspects", "aria-labelledby": "suspects-title" }, this.title, this.body);
  }

  /** Ask until there is an answer; `known(asked)` is told what was asked. */
  async begin(known) {
    try {
      const found = await this.app.api.get(`/api/suspects/${encodeURIComponent(this.id)}`);
      if (this.#left) return;
      if (found.asked) known(found.asked);
      if (found.state === "running") this.#wait(found, known);
      else if (found.state === "failed") fill(this.body, h("p.error", { role: "alert" }, `Nothing can be said: ${found.error}`));
      else await this.#done(found);
    } catch (fault) {
      if (!this.#left) fill(this.body, h("p.error", { role: "alert" }, fault.message, " "), h("button", { type: "button", onclick: () => this.begin(known) }, "Try again"));
    }
  }

  leave() {
    this.#left = true;
    clearTimeout(this.#timer);
    this.ways?.leave();
  }

  #wait({ progress }, known) {
    const bar = this.body.querySelector("progress");
    if (bar) bar.value = progress ?? 0;
    else fill(this.body, h("label", null, "The stored hours about the fault are watched again", h("progress", { max: 1, value: progress ?? 0 })));
    this.#timer = setTimeout(() => this.begin(known), AGAIN_MS);
  }

  async #done(found) {
    const asset = await this.app.api.get(`/api/assets/${encodeURIComponent(found.asked.asset)}`).catch(() => null);
    if (this.#left) return;
    const fault = faultOf(found.asked, asset);
    this.ways = new Ways(fault, this.app);
    fill(this.body, this.#asked(fault), proof(), none(found), unknown(found.notes ?? []), ranking(found, fault, this.app, this.ways));
    this.ways.show(found.findings ?? []);
  }

  #asked(fault) {
    const place = fault.km === null ? "place not known" : `km ${number(fault.km)}${fault.km_error ? ` ± ${number(fault.km_error)}` : ""}`;
    return h("div.card", null, h("p", null, h("strong", null, h("a", { href: this.app.link("assets", fault.asset_id) }, fault.name)), `, ${place}`),
      h("p", null, `${time(fault.at, { day: true })} ± ${duration(fault.within_s * 1000)}`),
      h("div.row", null, h("button", { type: "button", onclick: () => this.app.clock.set(fault.at) }, "Show that moment"),
        h("button", { type: "button", onclick: () => this.ways?.focus() }, "Show the place")));
  }
}

/** What was asked, with what is known of its asset. */
function faultOf(asked, asset) {
  const kilometres = asset?.kilometres ?? [], km = asked.km_along ?? null;
  return { asset_id: asked.asset, name: asset?.properties?.name ?? asked.asset, at: Date.parse(asked.time ?? asked.at), within_s: asked.within_s ?? 60,
    km, km_error: asked.km_error ?? null, kilometres, geometry: asset?.geometry ?? null, place: km === null ? null : placeAt(kilometres, km) };
}

const proof = () => h("p.caution", { id: "no-proof" }, h("strong", null, "A ranking is no proof."),
  " It says who fits, not who did it: faults have other causes, routes are charted wrongly, and not every ship is heard. It has happened elsewhere that several ships crossed a cable near the time it broke and none had done it.");

/** How likely it is that none of them did it. */
function none(found) {
  const share = found.limits?.none_probability ?? found.none_probability ?? null;
  return share === null ? null : h("p", { id: "none-of-these" }, "None of these ships (another cause, or a ship that was not heard): ", h("strong", null, percent(share)));
}

function unknown(notes) {
  if (!notes.length) return null;
  return h("div.card.caution", { id: "not-known" }, h("h3", null, "What is not known"), h("ul", null, notes.map((one) => h("li", null, one))));
}
