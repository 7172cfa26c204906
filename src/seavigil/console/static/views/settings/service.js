// What the service runs with: every key of its settings, secrets cut.

import { h } from "../../lib/dom.js";
import { UNKNOWN } from "../../lib/format.js";
import { Section } from "../../lib/section.js";

/** The service's part of the page. */
export function service(app) {
  return new Section("service", "What the service runs with", () => app.api.get("/api/settings"), draw);
}

function draw(told) {
  if (!Object.keys(told.settings).length) return h("p.quiet", null, `${told.recording ?? "This watch"}: no file of settings.`);
  const tables = Object.entries(told.settings).flatMap(([name, values]) => named(name, values));
  return [h("p.quiet", null, "As in seavigil.toml and the environment; changed there, and taken up at the next start. Passwords and keys are never shown."),
    h("div.keys", null, tables.map(([name, values]) => h("section", { "aria-label": name }, h("h3", null, `[${name}]`),
      h("dl", null, Object.entries(values).map(([key, value]) => [h("dt", null, key), h("dd", null, plain(value))])))))];
}

/** Tables of feeds, channels and other houses have names of their own. */
function named(name, values) {
  if (!["feeds", "channels", "oidc"].includes(name)) return [[name, values]];
  return Object.entries(values).map(([called, inner]) => [`${name}.${called}`, inner]);
}

function plain(value) {
  if (value === null || value === undefined || value === "") return UNKNOWN;
  if (Array.isArray(value)) return value.length ? value.map(plain).join(", ") : UNKNOWN;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
