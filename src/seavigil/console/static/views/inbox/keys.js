// Keys for who works without a mouse; they can be turned off, and stay silent where one types.

import { h } from "../../lib/dom.js";
import { choose, pref } from "../../lib/prefs.js";

const ALWAYS = [["j", "next alert"], ["k", "previous alert"], ["?", "this list"]];

/**
 * Listen for single keys: `doing` maps each to what it does. Gives what ends that. `help` names those that are
 * not known everywhere.
 */
export function keys(doing, help = []) {
  let open = null;
  const show = () => {
    open ??= helpDialog([...help, ...ALWAYS], () => { open = null; });
  };
  const listen = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || open) return;
    if (event.key === "?") return take(event, show);
    if (pref("keys", true) && doing[event.key]) take(event, doing[event.key]);
  };
  document.addEventListener("keydown", listen);
  return () => {
    document.removeEventListener("keydown", listen);
    open?.close();
  };
}

function take(event, act) {
  event.preventDefault();
  act();
}

const typing = (element) => Boolean(element?.closest?.("input, textarea, select, [contenteditable], dialog"));

function helpDialog(rows, closed) {
  const dialog = h("dialog.keys", { "aria-label": "Keys" }, h("h2", null, "Keys"),
    h("dl", null, rows.map(([key, does]) => [h("dt", null, h("kbd", null, key)), h("dd", null, does)])),
    h("label.check", null, h("input", { type: "checkbox", checked: pref("keys", true), onchange: (event) => choose("keys", event.target.checked) }), "Single keys do this"),
    h("button", { type: "button", onclick: () => dialog.close() }, "Close"));
  dialog.addEventListener("close", () => { dialog.remove(); closed(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
