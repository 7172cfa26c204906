import { h } from "../lib/dom.js";

export async function show(panel) {
  panel.append(h("h1", null, "Feeds"));
  return { leave() {} };
}
