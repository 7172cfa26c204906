// What lies over the map: search, zoom, layers, measuring, ships in view, scale, the pointer's position, troubles.

import { fill, h, svg } from "../lib/dom.js";
import { position } from "../lib/format.js";
import { positionMenu } from "./copying.js";
import { shipsInView } from "./inview.js";
import { measuring } from "./measure.js";
import { searchBox } from "./search.js";

const ICONS = { in: "M12 5v14M5 12h14", out: "M5 12h14", layers: "M12 4l9 5-9 5-9-5zM3 14l9 5 9-5", measure: "M4 18L18 4l3 3L7 21zM9 13l2 2M12 10l2 2M15 7l2 2",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.5M4 12h.5M4 18h.5", all: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5", copy: "M12 3v5M12 16v5M3 12h5M16 12h5M12 12h.1" };

/** Put them there and listen for the keys L, C, M, / and Escape. */
export function controls(on, layers) {
  const { ml, container } = on;
  const search = searchBox(on), menu = positionMenu(on);
  const told = h("div.map-told", { role: "status", hidden: true });
  const ruler = measuring(on, (text) => { told.hidden = !text; fill(told, text && [h("span", null, text), h("button", { type: "button", onclick: () => measure(false) }, "End")]); });
  const layerButton = button("layers", "Layers and legend (L)", () => open(layers.hidden));
  const listButton = button("list", "Ships in view, as a table", () => list.toggle(), "Ships in view");
  const rule = button("measure", "Measure distance and bearing (M)", () => measure(!ruler.active()));
  container.append(search.element, layers, told, troubles(on), readout(on), h("p.map-source", null, "Not for navigation. Coast: Natural Earth, public domain."),
    h("div.map-buttons", { role: "toolbar", "aria-label": "Map", "aria-orientation": "vertical" },
      button("in", "Closer", () => ml.zoomIn()), button("out", "Farther", () => ml.zoomOut()), button("all", "Show everything", () => everything(on)),
      layerButton, rule, button("copy", "Copy the position of the centre (C)", () => menu.atCentre()), listButton));
  const list = shipsInView(on, listButton);
  ml.addControl(new on.library.ScaleControl({ unit: "nautical", maxWidth: 120 }), "bottom-left");

  function open(there) {
    layers.hidden = !there;
    layerButton.setAttribute("aria-expanded", String(there));
    if (there) layers.querySelector("input").focus(); else layerButton.focus();
  }
  function measure(there) {
    if (there) ruler.start(); else ruler.stop();
    rule.setAttribute("aria-pressed", String(there));
  }
  layers.addEventListener("keydown", (event) => { if (event.key === "Escape") open(false); });
  keys({ l: () => open(layers.hidden), c: () => menu.atCentre(), m: () => measure(!ruler.active()), "/": () => search.focus(),
    Escape: () => { if (ruler.active()) measure(false); }, Enter: (event) => { if (ruler.active() && event.target === ml.getCanvas()) ruler.addCentre(); } }, container);
}

function button(icon, title, onclick, text = null) {
  return h("button", { type: "button", title, "aria-label": title, onclick },
    svg("svg", { viewBox: "0 0 24 24", width: 22, height: 22, "aria-hidden": "true", class: "icon" }, svg("path", { d: ICONS[icon] })), text && h("span.unseen", null, text));
}

/** Keys of the map, where nobody is typing and the map is there. */
function keys(does, container) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || container.offsetParent === null) return;
    const act = does[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    if (event.key.length === 1) event.preventDefault();
    act(event);
  });
}

/** What could not be read, said where it is missing. */
function troubles(on) {
  const now = new Map();
  const place = h("div.map-trouble", { role: "alert", hidden: true });
  on.tell = (name, text) => {
    if ((now.get(name) ?? null) === (text || null)) return;
    if (text) now.set(name, text); else now.delete(name);
    place.hidden = now.size === 0;
    fill(place, h("div", null, together([...now.values()]).map((one) => h("p", null, one))), h("button", { type: "button", onclick: () => { for (const part of Object.values(on.parts)) part.want({ now: true }); } }, "Try again"));
  };
  return place;
}

/** "Ships: it failed", "Assets: it failed" -> "Ships, assets: it failed". */
function together(texts) {
  const groups = new Map();
  for (const text of texts) {
    const cut = text.indexOf(": "), about = text.slice(0, cut), rest = text.slice(cut);
    groups.set(rest, [...(groups.get(rest) ?? []), about]);
  }
  return [...groups].map(([rest, [first, ...more]]) => [first, ...more.map((one) => one.toLowerCase())].join(", ") + rest);
}

function readout({ ml }) {
  const place = h("output.map-readout.mono", { "aria-live": "off", "aria-label": "Position of the pointer or of the centre" });
  let pointer = null; // where on the map it is; null: elsewhere
  const show = () => {
    const { lat, lng } = (pointer ? ml.unproject(pointer) : ml.getCenter()).wrap();
    fill(place, h("span.quiet", null, pointer ? "pointer " : "centre "), position(lat, lng));
  };
  ml.on("mousemove", ({ point }) => { pointer = point; show(); });
  ml.on("mouseout", () => { pointer = null; show(); });
  ml.on("move", show);
  show();
  return place;
}

function everything({ ml, app, parts }) {
  const { bounds, assets_bounds } = app.clock.extent;
  const boxes = [bounds, assets_bounds].filter((box) => box?.every(Number.isFinite));
  if (!boxes.length) for (const { geometry } of parts.ships.list()) boxes.push([...geometry.coordinates, ...geometry.coordinates]);
  if (!boxes.length) return;
  const side = (i, pick) => pick(...boxes.map((box) => box[i]));
  ml.fitBounds([side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)], { padding: 50, maxZoom: 11, duration: 500 });
}
