// A button for what cannot be undone: it asks once more, in its own place.

import { h } from "./dom.js";

const MS = 4000;

/** sure("Revoke", "Revoke it now?", () => ...): the second press within four seconds does it. */
export function sure(text, question, act, attributes = {}) {
  let asked = null;
  const back = () => { asked = null; button.textContent = text; };
  const press = async () => {
    if (!asked) {
      button.textContent = question;
      asked = setTimeout(back, MS);
      return;
    }
    clearTimeout(asked);
    back();
    button.disabled = true;
    try { await act(); } finally { button.disabled = false; }
  };
  const button = h("button", { type: "button", onclick: press, ...attributes }, text);
  return button;
}
