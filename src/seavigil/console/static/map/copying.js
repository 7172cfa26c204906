// Positions in the forms in which people pass them on.

import { fill, h } from "../lib/dom.js";
import { position } from "../lib/format.js";

const DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "niner"];
const LONG_PRESS_MS = 600;

/** A position as it is spoken on VHF: degrees and minutes digit by digit (IMO SMCP, general rules on figures). */
export function spoken(latDeg, lonDeg) {
  const half = (deg, width, side) => {
    const tenths = Math.round(Math.abs(deg) * 600), whole = String(Math.floor(tenths / 600)).padStart(width, "0");
    const minutes = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
    return `${digits(whole)} degrees ${digits(minutes.slice(0, 2))} decimal ${digits(minutes.slice(3))} minutes ${side}`;
  };
  return `${half(latDeg, 2, latDeg < 0 ? "south" : "north")}, ${half(lonDeg, 3, lonDeg < 0 ? "west" : "east")}`;
}

const digits = (text) => [...text].map((digit) => DIGITS[Number(digit)]).join(" ");

/** Put a text where it can be pasted from, and say so. */
export async function copy(app, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copiedByHand(text)) return app.say(`Could not copy; here it is: ${text}`, "error");
  }
  app.say(`Copied: ${text}`);
}

/** The way without the clipboard's own interface, which a page over plain HTTP has not. */
function copiedByHand(text) {
  const field = h("textarea.unseen", { readonly: true, "aria-hidden": "true" });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

/** The menu of a position: right click, long press, or openAt(lngLat, point). */
export function positionMenu(on) {
  const { ml, container, app } = on;
  const menu = h("div.map-chooser.map-copy", { hidden: true, role: "dialog", "aria-label": "Copy a position" });
  container.append(menu);
  const close = (back) => { if (!menu.hidden) { menu.hidden = true; if (back) ml.getCanvas().focus(); } };
  const open = (lngLat, point) => { show(lngLat.wrap()); place(menu, container, point); menu.querySelector("button").focus(); };
  function show({ lat, lng }) {
    const forms = [["Degrees and minutes", position(lat, lng, "dm")], ["Degrees, minutes, seconds", position(lat, lng, "dms")],
      ["Decimal degrees", position(lat, lng, "deg")], ["To say on VHF", spoken(lat, lng)]];
    fill(menu, h("h2", null, "Copy this position"), h("ul", null, forms.map(([title, text]) =>
      h("li", null, h("button", { type: "button", onclick: () => { close(true); copy(app, text); } }, h("span", null, title), h("strong", null, text))))));
  }
  ml.on("contextmenu", (event) => { event.preventDefault(); open(event.lngLat, event.point); });
  ml.on("movestart", () => close(false));
  ml.on("click", () => close(false));
  container.addEventListener("keydown", (event) => { if (event.key === "Escape") close(true); });
  longPress(ml, open);
  return { atCentre() { const { width, height } = ml.getCanvas().getBoundingClientRect(); open(ml.getCenter(), { x: width / 2, y: height / 2 }); } };
}

function place(menu, container, { x, y }) {
  menu.hidden = false;
  menu.style.left = `${Math.max(8, Math.min(x, container.clientWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, container.clientHeight - menu.offsetHeight - 8))}px`;
}

function longPress(ml, open) {
  let timer = null;
  const end = () => { clearTimeout(timer); timer = null; };
  ml.on("touchstart", (event) => { end(); if (event.points.length === 1) timer = setTimeout(() => open(event.lngLat, event.point), LONG_PRESS_MS); });
  for (const what of ["touchend", "touchmove", "touchcancel", "movestart"]) ml.on(what, end);
}
