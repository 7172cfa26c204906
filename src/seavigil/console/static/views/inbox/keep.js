import { fill, h } from "../../lib/dom.js";

const drawn = new WeakMap();

/** Draw anew only what is other than drawn last: what is open stays open, what is marked stays marked. */
export function keep(element, ...children) {
  const next = fill(h("div"), ...children);
  if (drawn.get(element)?.isEqualNode(next)) return;
  drawn.set(element, next.cloneNode(true));
  element.replaceChildren(...next.childNodes);
}
