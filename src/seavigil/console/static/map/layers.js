// Which layers are shown, and what their signs mean.

import { h } from "../lib/dom.js";
import { choose, pref } from "../lib/prefs.js";
import { CLASSES, PRIORITIES, palette } from "./palette.js";
import { GROUPS } from "./style.js";
import { images, PIXEL_RATIO } from "./symbols.js";

const MINUTES = [3, 6, 12];

const USUAL = Object.fromEntries(GROUPS.map(([name, , usual]) => [name, usual]));

/** Whether this person wants to see a group of layers. */
export const wanted = (group) => pref("layers", {})[group] ?? USUAL[group] ?? true;

/** Show the layers that this person wants and in which there is something: one that draws nothing still costs. */
export function showLayers({ ml, data }) {
  for (const { id, source, metadata } of ml.getStyle().layers) {
    const there = wanted(metadata?.group) && data.get(source)?.features.length !== 0;
    if ((ml.getLayoutProperty(id, "visibility") !== "none") !== there) ml.setLayoutProperty(id, "visibility", there ? "visible" : "none");
  }
}

/** The panel with switches and the legend. */
export function layersPanel(on) {
  const panel = h("section.map-layers", { hidden: true, "aria-label": "Layers and legend" },
    h("h2", null, "Layers"), h("div.map-switches", null, GROUPS.map(([name, text]) => toggle(on, name, text))), courses(on),
    h("h2", null, "Signs"), h("div.map-legend", null));
  const draw = () => legend(panel.querySelector(".map-legend"));
  document.addEventListener("theme", draw);
  draw();
  return panel;
}

function toggle(on, name, text) {
  const box = h("input", { type: "checkbox", checked: wanted(name), onchange: () => {
    choose("layers", { ...pref("layers", {}), [name]: box.checked });
    showLayers(on);
    for (const part of Object.values(on.parts)) part.want({ now: true });
    on.parts.alerts.draw();
  } });
  return h("label", null, box, h("span", null, text));
}

function courses(on) {
  const list = h("select", { onchange: () => { choose("vector_min", Number(list.value)); on.parts.ships.draw(); } },
    MINUTES.map((n) => h("option", { value: n, selected: pref("vector_min", 6) === n }, `${n} min`)));
  return h("label.map-course", null, h("span", null, "Course line: way of"), list);
}

const LINES = [["power", "Power cable", []], ["telecom", "Telecom cable", [5, 2]], ["cable", "Other cable", [2, 2]], ["pipeline", "Pipeline", "double"],
  ["plant", "Wind farm, plant (area)", [5, 2, 1, 2]], ["lane", "Traffic lane", [8, 4]], ["band", "Band of a route (95 %)", [3, 3]]];
const PLANT_WORDS = { wind_farm: "Wind farm", platform: "Platform", substation: "Substation", plant: "Plant", refinery: "Refinery", lng_terminal: "LNG terminal", landing_point: "Landing point" };

function legend(place) {
  const colours = palette(), drawn = images(colours);
  const sign = (name, text) => row(picture(drawn[name]), text);
  place.replaceChildren(
    h("h3", null, "Ships"), ...Object.entries(CLASSES).map(([kind, text]) => sign(`ship-${kind}-hull`, text)),
    sign("ship-cargo-still", "Stopped, moored or at anchor"), sign("ship-cargo-blind", "Moving, heading not told"), row(null, "Pale: last heard more than 10 min before"),
    h("h3", null, "Alerts"), ...PRIORITIES.toReversed().map((priority) => sign(`alert-${priority}`, priority)),
    h("h3", null, "Assets"), ...LINES.map(([colour, text, dash]) => row(stroke(colours[colour], dash), text)), ...Object.entries(PLANT_WORDS).map(([kind, text]) => sign(`plant-${kind}`, text)),
    h("h3", null, "Areas and places"), row(picture(drawn["hatch-gnss"]), "GNSS degraded: positions not to be trusted"), row(picture(drawn["hatch-lost"]), "Ships not heard any more"),
    sign("spot-port", "Port"), sign("spot-anchorage", "Anchorage"), sign("spot-pilot_boarding", "Pilot boarding place"));
}

const row = (sign, text) => h("p", null, h("span.map-sign", null, sign), text);

function picture(image) {
  const canvas = h("canvas", { width: image.width, height: image.height, "aria-hidden": "true" });
  canvas.style.width = `${image.width / PIXEL_RATIO}px`;
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function stroke(colour, dash) {
  const canvas = h("canvas", { width: 56, height: 28, "aria-hidden": "true" }), pen = canvas.getContext("2d");
  canvas.style.width = "28px";
  pen.strokeStyle = colour;
  pen.lineWidth = dash === "double" ? 2 : 4;
  if (dash !== "double") pen.setLineDash(dash.map((n) => n * 3));
  for (const y of dash === "double" ? [10, 18] : [14]) { pen.beginPath(); pen.moveTo(2, y); pen.lineTo(54, y); pen.stroke(); }
  return canvas;
}
