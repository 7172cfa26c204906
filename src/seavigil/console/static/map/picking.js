// Pointing at things: a card with the essentials, a click to their page, a list where several lie together.

import { fill, h } from "../lib/dom.js";
import { bearing, distance, duration, number, time, words } from "../lib/format.js";
import { link } from "../lib/route.js";
import { CLASSES } from "./palette.js";
import { HIT } from "./style.js";

const REACH_PX = { mouse: 5, touch: 16 };
const MOST_LISTED = 8;

/** Listen for the pointer. */
export function picking(on) {
  const { ml, container } = on;
  const card = h("div.map-card", { hidden: true });
  const chooser = h("div.map-chooser", { hidden: true, role: "dialog", "aria-label": "What lies here" });
  container.append(card, chooser);
  const close = () => { chooser.hidden = true; };
  on.showCard = (what) => (what ? put(on, card, essentials(what, on), ml.project(what.geometry.coordinates)) : (card.hidden = true));
  let frame = null;
  ml.on("mousemove", (event) => {
    if (on.busy) return void (card.hidden = true);
    frame ??= requestAnimationFrame(() => {
      frame = null;
      const [first] = found(ml, event.point, REACH_PX.mouse);
      ml.getCanvas().style.cursor = first ? "pointer" : "";
      if (first && !ml.isMoving()) put(on, card, essentials(first, on), event.point); else card.hidden = true;
    });
  });
  ml.on("mouseout", () => { card.hidden = true; });
  ml.on("movestart", () => { card.hidden = true; close(); });
  ml.on("click", (event) => {
    if (on.busy) return;
    const touch = event.originalEvent.pointerType === "touch" || event.originalEvent.sourceCapabilities?.firesTouchEvents;
    const here = found(ml, event.point, touch ? REACH_PX.touch : REACH_PX.mouse).filter(({ kind }) => kind !== "mark" || touch);
    card.hidden = true;
    if (here.length > 1) choose(on, chooser, here, event.point); else { close(); if (here.length) visit(on, here[0]); }
  });
  container.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || chooser.hidden) return;
    close();
    ml.getCanvas().focus();
  });
}

/** What is under a point, each thing once, the most wanted first. */
function found(ml, { x, y }, reach) {
  const layers = HIT.filter((id) => ml.getLayoutProperty(id, "visibility") !== "none");
  const seen = new Map();
  for (const one of ml.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers })) {
    const what = known(one);
    if (!seen.has(what.key)) seen.set(what.key, what);
  }
  return [...seen.values()].sort((a, b) => a.order - b.order).slice(0, MOST_LISTED);
}

function known({ layer, properties, geometry }) {
  if (layer.id === "marks-sign") return { kind: "mark", key: `mark ${geometry.coordinates}`, properties, geometry, order: HIT.indexOf(layer.id) };
  const kind = properties.alert_id ? "alert" : properties.vessel_id ? "ship" : "asset";
  const id = properties.alert_id ?? properties.vessel_id ?? properties.asset_id;
  return { kind, id, key: `${kind} ${id}`, properties, geometry, order: HIT.indexOf(layer.id) };
}

/** Go to its page, at the moment shown. */
export function visit({ app }, { kind, id, properties }) {
  if (kind === "mark") return app.say(properties.title || properties.label);
  app.go(link({ alert: "alerts", ship: "ships", asset: "assets" }[kind], id, { at: app.clock.iso() }));
}

function choose(on, chooser, here, point) {
  const go = (what) => { chooser.hidden = true; visit(on, what); };
  put(on, chooser, [h("ul", null, here.map((what) => h("li", null, h("button", { type: "button", onclick: () => go(what) },
    h("strong", null, title(what, on)), h("span", null, kindOf(what, on))))))], point);
  chooser.querySelector("button").focus();
}

function title({ kind, id, properties: p }, on) {
  if (kind === "alert") return on.parts.alerts.one(id)?.headline ?? "Alert";
  if (kind === "mark") return p.title || p.label;
  return p.name || (kind === "ship" ? `MMSI ${p.mmsi ?? id}` : words(p.kind));
}

function kindOf({ kind, id, properties: p }, on) {
  if (kind === "mark") return "";
  if (kind === "alert") return `${on.parts.alerts.one(id)?.priority ?? p.priority} alert`;
  return kind === "ship" ? CLASSES[p.ship_class] ?? "Ship" : words(p.kind);
}

function essentials(what, on) {
  const p = what.properties;
  const rows = { alert: () => alertRows(on.parts.alerts.one(what.id) ?? p), ship: () => shipRows(p), asset: () => assetRows(p), mark: () => [] }[what.kind]();
  return [h("strong", null, title(what, on)), h("dl", null, rows.filter(([, text]) => text).map(([term, text]) => [h("dt", null, term), h("dd", null, text)]))];
}

const shipRows = (p) => [
  ["MMSI", String(p.mmsi ?? "")], ["Class", CLASSES[p.ship_class]], ["Flag", p.flag], ["Length", p.length_m ? number(p.length_m, "m", 0) : null],
  ["Speed", `${number(p.sog_kn, "kn")}, course ${bearing(p.cog_deg)}`], ["Status", words(p.nav_status)],
  ["Heard", p.age_s === null || p.age_s === undefined ? null : `${duration(p.age_s * 1000)} before`], ["Alert", p.alert], ["", p.exercise ? "EXERCISE" : null],
];

const assetRows = (p) => [
  ["Kind", words(p.kind)], ["Length", p.length_km ? number(p.length_km, "km") : null],
  ["Route sure to", p.position_uncertainty_m ? `${distance(p.position_uncertainty_m)} (95 %)` : null], ["Operator", p.operator],
  ["Alerts", p.alerts ? `${p.alerts} standing, most pressing: ${p.risk}` : null],
];

const alertRows = (a) => [
  ["Priority", a.priority], ["Status", a.status], ["Ship", a.vessel?.name ?? a.vessel?.mmsi], ["Since", time(a.detected_at, { day: true })],
  ["", a.exercise ? "EXERCISE" : null],
];

/** Put a card beside a point, inside the map. */
function put({ container }, card, content, { x, y }) {
  fill(card, content);
  card.hidden = false;
  const width = card.offsetWidth, height = card.offsetHeight;
  card.style.left = `${Math.max(8, Math.min(x + 14, container.clientWidth - width - 8))}px`;
  card.style.top = `${y + 14 + height > container.clientHeight - 8 ? Math.max(8, y - 14 - height) : y + 14}px`;
}
