// What the inbox shows of what there is: remembered on this device.

import { fill, h } from "../../lib/dom.js";
import { words } from "../../lib/format.js";
import { choose, pref } from "../../lib/prefs.js";
import { PRIORITIES, priorityBadge } from "./priority.js";

const USUAL = { priorities: PRIORITIES, behaviour: "", asset: "", state: "", ship: "", text: "", inView: false };

const STATES = [
  ["", "Standing and over"], ["standing", "Standing"], ["unanswered", "Not answered"], ["acknowledged", "Acknowledged"],
  ["escalated", "Escalated"], ["over", "Over"], ["retracted", "Retracted"], ["candidate", "Below the bar"],
];

/** Which statuses a choice of state stands for. */
const STATUSES = {
  "": ["open", "escalated", "acknowledged", "closed", "retracted"], standing: ["open", "escalated", "acknowledged"],
  unanswered: ["open", "escalated"], acknowledged: ["acknowledged"], escalated: ["escalated"],
  over: ["closed", "retracted"], retracted: ["retracted"], candidate: ["candidate"],
};

/** The filter with its controls; `changed()` is called when it asks for something else. */
export class Filter {
  constructor(app, changed) {
    this.app = app;
    this.changed = changed;
    this.is = { ...USUAL, ...pref("inbox", {}) };
    this.element = h("section.filter", { id: "inbox-filter", "aria-label": "What is shown" });
    this.behaviours = new Map();
    this.assets = new Map();
    this.#draw();
  }

  /** Which statuses are wanted. */
  get statuses() {
    return STATUSES[this.is.state] ?? STATUSES[""];
  }

  /** What the service is asked for of those that are over. */
  get query() {
    const mmsi = /^\d{9}$/.test(this.is.ship.trim()) ? this.is.ship.trim() : null;
    return { behaviour: this.is.behaviour, asset: this.is.asset, mmsi };
  }

  /** Whether an alert passes. */
  passes(alert) {
    const { priorities, behaviour, asset, ship, text, inView } = this.is;
    return this.statuses.includes(alert.status)
      && priorities.includes(alert.priority)
      && (!behaviour || alert.behaviours.includes(behaviour))
      && (!asset || alert.assets.some((one) => one.asset_id === asset))
      && (!ship || holds(shipText(alert), ship))
      && (!text || holds(JSON.stringify([alert.headline, alert.sentence, alert.behaviours, alert.assets, alert.feed, alert.area]), text))
      && (!inView || this.#inView(alert));
  }

  /** Whether anything is narrowed. */
  get narrows() {
    return Object.keys(USUAL).some((name) => String(this.is[name]) !== String(USUAL[name]));
  }

  /** Take what there is to choose from. */
  learn(alerts, assets = []) {
    const known = this.behaviours.size + this.assets.size;
    for (const one of assets) this.assets.set(one.asset_id, one.name ?? one.asset_id);
    for (const alert of alerts) {
      for (const one of alert.behaviours) this.behaviours.set(one, words(one));
      for (const one of alert.assets) this.assets.set(one.asset_id, one.name ?? one.asset_id);
    }
    if (this.behaviours.size + this.assets.size !== known) this.#options();
  }

  /** Show everything again. */
  reset() {
    this.is = { ...USUAL };
    this.#draw();
    this.#keep();
  }

  #inView(alert) {
    const bounds = this.app.map?.ml?.getBounds?.();
    if (!bounds || !alert.position) return true; // where it is is not known: never hidden for that
    return bounds.contains([alert.position.lon_deg, alert.position.lat_deg]);
  }

  #set(name, value) {
    this.is = { ...this.is, [name]: value };
    this.#keep();
  }

  #keep() {
    choose("inbox", this.is);
    this.changed();
  }

  #draw() {
    this.behaviourChoice = h("select", { onchange: (event) => this.#set("behaviour", event.target.value) });
    this.assetChoice = h("select", { onchange: (event) => this.#set("asset", event.target.value) });
    this.#options();
    const more = h("details", { open: this.is.behaviour || this.is.asset || this.is.state || this.is.inView || this.is.text || this.is.ship ? true : null },
      h("summary", null, "More filters"),
      h("div.fields", null,
        h("label", null, "State", this.#stateChoice()), h("label", null, "Behaviour", this.behaviourChoice),
        h("label", null, "Asset", this.assetChoice), this.#typed("ship", "Ship (name, MMSI, call sign)"),
        this.#typed("text", "Words in it"), this.#onlyInView()),
      h("button", { type: "button", dataset: { action: "show-all" }, onclick: () => this.reset() }, "Show everything"));
    fill(this.element, h("div.priorities", { role: "group", "aria-label": "Priority" },
      PRIORITIES.map((one) => this.#priority(one))), more);
  }

  #priority(one) {
    const button = h("button", { type: "button", "aria-pressed": String(this.is.priorities.includes(one)), dataset: { priority: one } }, priorityBadge(one));
    button.addEventListener("click", () => {
      const on = !this.is.priorities.includes(one);
      button.setAttribute("aria-pressed", String(on));
      this.#set("priorities", PRIORITIES.filter((p) => (p === one ? on : this.is.priorities.includes(p))));
    });
    return button;
  }

  #stateChoice() {
    return h("select", { onchange: (event) => this.#set("state", event.target.value) },
      STATES.map(([value, said]) => h("option", { value, selected: value === this.is.state }, said)));
  }

  #typed(name, said) {
    return h("label", null, said, h("input", { type: "search", value: this.is[name], autocomplete: "off", spellcheck: false,
      oninput: (event) => this.#set(name, event.target.value.trim()) }));
  }

  #onlyInView() {
    return h("label.check", null, h("input", { type: "checkbox", checked: this.is.inView,
      onchange: (event) => this.#set("inView", event.target.checked) }), "Only what the map shows");
  }

  #options() {
    options(this.behaviourChoice, "Any behaviour", this.behaviours, this.is.behaviour);
    options(this.assetChoice, "Any asset", this.assets, this.is.asset);
  }
}

function options(choice, any, known, chosen) {
  const rows = [...known].sort((a, b) => a[1].localeCompare(b[1]));
  if (chosen && !known.has(chosen)) rows.unshift([chosen, words(chosen)]);
  fill(choice, h("option", { value: "" }, any),
    rows.map(([value, said]) => h("option", { value, selected: value === chosen }, said)));
}

function shipText(alert) {
  const ships = [alert.vessel, ...(alert.other_vessels ?? [])].filter(Boolean);
  return ships.map((one) => [one.name, one.vessel_id, one.callsign, one.imo].join(" ")).join(" ");
}

const holds = (text, sought) => text.toLowerCase().includes(sought.toLowerCase());
