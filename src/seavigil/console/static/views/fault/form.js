// The form about a fault: which asset, when, where along it.

import { fill, h } from "../../lib/dom.js";
import { distance, number } from "../../lib/format.js";
import { kmAt, KmStrip, placeAt } from "../../lib/strip.js";
import { pickPlace } from "./pick.js";

/** A fault whose time is not known better than this names nobody (inputs/faults.py). */
const MOST_MIN = 2880;

/** The form; `told()` is called when an outage was told of. `take(asked)` fills it. */
export function faultForm(query, app, told) {
  let assets = [], kilometres = [], leavePick = null;
  const field = (name, more) => h("input", { name, id: `fault-${name}`, autocomplete: "off", ...more });
  const asset = field("asset", { type: "search", required: true, list: "fault-assets", placeholder: "Name or id", onchange: () => chosen() });
  const choices = h("datalist", { id: "fault-assets" });
  const at = field("time", { type: "text", required: true, spellcheck: "false", placeholder: "2025-11-20 04:21:30", pattern: "\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?Z?", title: "Day and time in UTC: 2025-11-20 04:21:30" });
  const within = field("within", { type: "number", required: true, min: "0.1", max: String(MOST_MIN), step: "any", value: "30" });
  const km = field("km", { type: "number", min: "0", step: "any", oninput: () => shown() });
  const error = field("error", { type: "number", min: "0", step: "any" });
  const source = field("source", { type: "text", maxlength: "200", placeholder: "Control room, say" });
  const said = h("div", { role: "status", "aria-live": "polite" });
  const strip = new KmStrip({ label: "Kilometre of the fault. Arrow keys move, Enter takes it.", onpoint: (k) => app.map.pointer(k === null || !kilometres.length ? null : { ...placeAt(kilometres, k), label: `km ${k.toFixed(1)}` }),
    onpick: (k) => { km.value = k.toFixed(2); shown(); } });
  const along = h("div", { hidden: true }, strip.element);
  const pick = h("button", { type: "button", hidden: true, "aria-pressed": "false", onclick: () => picking() }, "Pick on the map");

  const id = () => found()?.asset_id ?? asset.value.trim();
  const found = () => { const text = asset.value.trim().toLowerCase(); return assets.find((one) => one.asset_id.toLowerCase() === text) ?? assets.find((one) => one.name.toLowerCase() === text) ?? null; };
  const body = () => ({ asset: id(), at: utc(at.value), within: `${Math.round(Number(within.value) * 60)}s`, km_along: km.value === "" ? undefined : Number(km.value), km_error: km.value === "" || error.value === "" ? undefined : Number(error.value) });

  /** The asset was chosen: its kilometres can be picked. */
  async function chosen() {
    const one = found();
    kilometres = [];
    along.hidden = pick.hidden = true;
    if (!one) return;
    try {
      const page = await app.api.get(`/api/assets/${encodeURIComponent(one.asset_id)}`);
      if (found() !== one) return;
      kilometres = page.kilometres ?? [];
    } catch {
      return; // the kilometre can be typed all the same
    }
    along.hidden = pick.hidden = !(one.length_km && kilometres.length > 1);
    app.map.select({ kind: "asset", id: one.asset_id });
    shown();
  }

  /** Draw the kilometre on the strip and on the map. */
  function shown() {
    const one = found(), k = km.value === "" ? null : Number(km.value);
    if (!one?.length_km || !kilometres.length) return;
    const mark = { km: k, error_km: Number(error.value) || null, kind: "fault", label: `the fault, km ${k}` };
    strip.set({ length_km: one.length_km, bars: [], rows: [{ title: k === null ? "Click to say where it is" : `The fault at km ${number(k)}`, marks: k === null ? [] : [mark] }] });
    app.map.fault(k === null ? null : { ...placeAt(kilometres, k), error_km: Number(error.value) || null, label: `km ${number(k)}` });
  }

  function picking() {
    leavePick?.();
    pick.setAttribute("aria-pressed", "true");
    leavePick = pickPlace(app, (place) => {
      leavePick = null;
      pick.setAttribute("aria-pressed", "false");
      const near = place && kmAt(kilometres, place);
      if (!near) return;
      km.value = near.km.toFixed(2);
      app.say(`km ${near.km.toFixed(1)}, ${distance(near.off_m)} from the place picked`);
      shown();
    });
  }

  async function ask(event) {
    event.preventDefault();
    await sent("Asked", async () => {
      const answer = await app.api.send("POST", "/api/suspects", body());
      app.go(app.link("fault", answer.inquiry_id, { at: app.clock.iso() }));
    });
  }

  async function tell() {
    if (!element.reportValidity()) return;
    const { at: time, ...more } = body();
    await sent("Told", async () => {
      const answer = await app.api.send("POST", "/api/faults", { ...more, time, source: source.value.trim() || app.session.user });
      fill(said, h("p", null, `Kept as notice ${answer.fault_id}: the watch looks for the ships that fit, and an alert tells of one.`));
      told();
    });
  }

  async function sent(what, act) {
    fill(said, h("p.wait", null, "Being sent …"));
    for (const one of buttons) one.disabled = true;
    try {
      await act();
      if (what === "Asked") fill(said);
    } catch (fault) {
      fill(said, h("p.error", { role: "alert" }, fault.message));
    }
    for (const one of buttons) one.disabled = !app.can("operator");
  }

  const may = app.can("operator");
  const buttons = [h("button.primary", { type: "submit", id: "fault-send", disabled: !may }, "Who was it?"), h("button", { type: "button", id: "fault-tell", disabled: !may, onclick: tell }, "Tell of this outage")];
  const element = h("form.stack", { id: "fault-form", onsubmit: ask },
    h("label", null, "Asset that failed", asset), choices,
    h("div.pair", null, h("label", null, "When (UTC)", at), h("label", null, "± minutes", within)),
    h("div.row", null, h("button", { type: "button", onclick: () => { at.value = plain(app.clock.now()); } }, "The moment shown")),
    h("div.pair", null, h("label", null, "Kilometre, if known", km), h("label", null, "± km", error)), along, h("div.row", null, pick),
    h("div.row", null, buttons[0]),
    h("details", null, h("summary", null, "Tell the watch of it too"), h("p.quiet", null, "A notice is kept; the watch then looks for the ship by itself, and alerts say whom it fits."),
      h("label", null, "Who says so", source), h("div.row", null, buttons[1])),
    may ? null : h("p.quiet", null, "Operators may ask and tell. You are signed in as a viewer."), said);

  const take = (asked) => {
    if (asked.asset) asset.value = asked.asset;
    if (asked.time ?? asked.at) at.value = plain(asked.time ?? asked.at);
    const s = asked.within_s ?? asked.within;
    if (s) within.value = String(Math.round((Number.parseFloat(s) / 60) * 100) / 100);
    km.value = asked.km_along ?? asked.km ?? "";
    error.value = asked.km_error ?? asked.error ?? "";
    named();
  };
  /** An id is shown by the asset's name once that is known. */
  const named = () => { const one = found(); if (one) { asset.value = label(one, assets); chosen(); } };
  take({ ...query, at: undefined });
  app.api.get("/api/assets").then((all) => {
    assets = all.features.map((one) => one.properties);
    fill(choices, assets.map((one) => h("option", { value: label(one, assets) })));
    named();
  }).catch((fault) => fill(said, h("p.error", null, `The assets could not be read (${fault.message}): an id can be typed.`)));
  return { element, take, leave() { leavePick?.(); strip.leave(); app.map.pointer(null); app.map.fault(null); app.map.select(null); } };
}

/** By name; by id where several have one name. */
const label = (one, all) => (all.filter((other) => other.name === one.name).length > 1 ? one.asset_id : one.name);
const plain = (at) => { const text = new Date(at).toISOString(); return Number.isNaN(Date.parse(at)) ? "" : text.slice(0, 19).replace("T", " "); };
const utc = (text) => `${text.trim().replace(" ", "T").replace(/Z$/, "")}Z`;
