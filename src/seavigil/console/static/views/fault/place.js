// Where along an asset a fault lies: typed, taken from a strip of kilometres, or picked on the map.

import { h } from "../../lib/dom.js";
import { distance, number } from "../../lib/format.js";
import { kmAt, KmStrip, placeAt } from "../../lib/strip.js";
import { pickPlace } from "./pick.js";

/** The kilometre of the fault, with its error; both may stay empty. */
export class Place {
  #asset = null; #kilometres = []; #leavePick = null;

  constructor(app) {
    this.app = app;
    const field = (name, more) => h("input", { name, id: `fault-${name}`, type: "number", min: "0", step: "any", autocomplete: "off", oninput: () => this.show(), ...more });
    this.km = field("km");
    this.error = field("error");
    this.strip = new KmStrip({ label: "Kilometre of the fault. Arrow keys move, Enter takes it.", onpoint: (km) => this.#point(km), onpick: (km) => this.#take(km) });
    this.along = h("div", { hidden: true }, this.strip.element);
    this.pick = h("button", { type: "button", hidden: true, "aria-pressed": "false", onclick: () => this.#pick() }, "Pick on the map");
    this.element = h("div.stack", null,
      h("div.pair", null, h("label", null, "Kilometre, if known", this.km), h("label", null, "± km", this.error)), this.along, h("div.row", null, this.pick));
  }

  /** What is sent: nothing where no kilometre is known. */
  told() {
    if (this.km.value === "") return {};
    return { km_along: Number(this.km.value), km_error: this.error.value === "" ? undefined : Number(this.error.value) };
  }

  /** The asset was chosen (null: none that is known): its kilometres can be picked. */
  async of(asset) {
    this.#asset = asset;
    this.#kilometres = [];
    this.along.hidden = this.pick.hidden = true;
    if (!asset) return;
    // where it cannot be read the kilometre can be typed all the same
    const page = await this.app.api.get(`/api/assets/${encodeURIComponent(asset.asset_id)}`).catch(() => null);
    if (this.#asset !== asset) return;
    this.#kilometres = page?.kilometres ?? [];
    this.along.hidden = this.pick.hidden = !(asset.length_km && this.#kilometres.length > 1);
    this.app.map.select({ kind: "asset", id: asset.asset_id });
    this.show();
  }

  /** Draw the kilometre on the strip and on the map. */
  show() {
    const km = this.km.value === "" ? null : Number(this.km.value), error = Number(this.error.value) || null;
    if (!this.#asset?.length_km || !this.#kilometres.length) return;
    const marks = km === null ? [] : [{ km, error_km: error, kind: "fault", label: `the fault, km ${number(km)}` }];
    const title = km === null ? "Click to say where it is" : `The fault at km ${number(km)}`;
    this.strip.set({ length_km: this.#asset.length_km, bars: [], rows: [{ title, marks }] });
    this.app.map.fault(km === null ? null : { ...placeAt(this.#kilometres, km), error_km: error, label: `km ${number(km)}` });
  }

  leave() {
    this.#asset = null;
    this.#leavePick?.();
    this.strip.leave();
    for (const what of ["pointer", "fault", "select"]) this.app.map[what](null);
  }

  #point(km) {
    const known = km !== null && this.#kilometres.length > 0;
    this.app.map.pointer(known ? { ...placeAt(this.#kilometres, km), label: `km ${km.toFixed(1)}` } : null);
  }

  #take(km) {
    this.km.value = km.toFixed(2);
    this.show();
  }

  #pick() {
    this.#leavePick?.();
    this.pick.setAttribute("aria-pressed", "true");
    this.#leavePick = pickPlace(this.app, (place) => {
      this.#leavePick = null;
      this.pick.setAttribute("aria-pressed", "false");
      const near = place && kmAt(this.#kilometres, place);
      if (!near) return;
      this.#take(near.km);
      this.app.say(`km ${near.km.toFixed(1)}, ${distance(near.off_m)} from the place picked`);
    });
  }
}
