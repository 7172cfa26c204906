// Elements from plain values. Text is always text: nothing here parses HTML.

const SVG = "http://www.w3.org/2000/svg";
/** Marks that turn the direction of all that stands behind them: a ship's name may hold them, no word of ours does. */
const TURNING = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g;

/** Make an element: h("button.primary", {onclick, "aria-label": "Close"}, "Close", child, ...). */
export function h(tag, attributes, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name || "div");
  if (classes.length) element.className = classes.join(" ");
  return filled(element, attributes, children);
}

/** Make an SVG element the same way. */
export function svg(tag, attributes, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElementNS(SVG, name);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  return filled(element, attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.classList.add(...String(value).split(" ").filter(Boolean));
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name in element && !(element instanceof SVGElement) && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...flat(children));
  return element;
}

function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : plain(child)));
}

/** Text as it may stand among other text. */
export const plain = (text) => String(text).replace(TURNING, "");

/** Put these children in place of what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

/** A table with a caption for those who do not see it: columns [{title, cell(row), class}]. */
export function table(caption, columns, rows, { empty = "Nothing here.", onrow } = {}) {
  if (!rows.length) return h("p.empty", null, empty);
  const head = h("tr", null, columns.map((c) => h("th", { scope: "col", class: c.class }, c.title)));
  const body = rows.map((row) =>
    h("tr", onrow ? { onmouseenter: () => onrow(row, true), onmouseleave: () => onrow(row, false) } : null,
      columns.map((c) => h("td", { class: c.class }, c.cell(row)))));
  return h("div.scroll", { tabindex: "0", role: "region", "aria-label": caption },
    h("table", null, h("caption.unseen", null, caption), h("thead", null, head), h("tbody", null, body)));
}
