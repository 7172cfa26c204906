// Tokens: for programs, and for oneself; the text of a new one is shown once.

import { fill, h, table } from "../../lib/dom.js";
import { time } from "../../lib/format.js";
import { Section } from "../../lib/section.js";
import { sure } from "../../lib/sure.js";

const ROLES = ["viewer", "operator", "admin"];

/** The tokens' part of the page. */
export function tokens(app) {
  const made = h("div", { role: "status", "aria-live": "polite" });
  const section = new Section("tokens", "Tokens", () => app.api.get("/api/tokens"), (told) => [
    h("p.quiet", null, "A program sends one as “Authorization: Bearer …”. Only a hash is kept: a token that is lost has to be made anew."),
    list(app, told.tokens, () => section.load()),
  ]);
  section.element.append(made, newToken(app, made, () => section.load()));
  return section;
}

function list(app, rows, again) {
  const revoke = (one) => async () => {
    try {
      await app.api.send("DELETE", `/api/tokens/${one.id}`);
      app.say(`${one.name}: revoked`);
      again();
    } catch (fault) {
      app.say(`Not revoked: ${fault.message}`, "error");
    }
  };
  return table("List of tokens", [
    { title: "Name", cell: (t) => t.name },
    { title: "Id", cell: (t) => t.id, class: "mono" },
    { title: "Role", cell: (t) => t.role },
    { title: "Of", cell: (t) => t.owner ?? t.organisation ?? "the house" },
    { title: "Until", cell: (t) => (t.expires_at ? time(t.expires_at, { day: true, seconds: false }) : "for good") },
    { title: "Last used", cell: (t) => t.last_used_at?.slice(0, 10) ?? "never" },
    { title: "State", cell: (t) => h("span.badge", { class: t.state === "valid" ? "good" : "info" }, t.state) },
    { title: h("span.unseen", null, "Revoke"), cell: (t) => (t.state === "valid" ? sure("Revoke", mine(app, t) ? "You are signed in with it: revoke and sign out?" : "Revoke it now?", revoke(t), { "aria-label": `Revoke ${t.name}` }) : null) },
  ], rows, { empty: "There is none." });
}

/** Whether it may be the one that one is signed in with. */
const mine = ({ session }, { name, owner }) => session.method !== "none" && !session.own_password && session.user === (owner ?? `token:${name}`);

function newToken(app, made, again) {
  const { session } = app;
  const admin = app.can("admin");
  const name = h("input", { name: "name", required: true, maxlength: "64", autocomplete: "off" });
  const role = h("select", { name: "role" }, ROLES.filter((one) => app.can(one)).map((one) => h("option", { value: one }, one)));
  const days = h("input", { name: "days", type: "number", min: "1", max: "3650", value: "365", required: true });
  const organisation = h("input", { name: "organisation", maxlength: "100", placeholder: "the house" });
  const own = h("input", { type: "checkbox", name: "own" });
  const onsubmit = async (event) => {
    event.preventDefault();
    const asked = { name: name.value, role: role.value, days: Number(days.value), own: admin ? own.checked : true };
    if (admin && !own.checked && organisation.value.trim()) asked.organisation = organisation.value.trim();
    try {
      const token = await app.api.send("POST", "/api/tokens", asked);
      fill(made, shownOnce(token, made));
      name.value = "";
      again();
    } catch (fault) {
      fill(made, h("p.error", null, `Not made: ${fault.message}`));
    }
  };
  const may = session.method === "session" && session.own_password;
  return h("form.row", { onsubmit, "aria-label": "New token" }, h("label", null, "New token for", name), h("label.short", null, "Role", role),
    h("label.short", null, "Days", days), admin && !session.organisation ? h("label", null, "Organisation", organisation) : null,
    admin && may ? h("label.check", null, own, "my own") : null, h("button.primary", { type: "submit" }, "Make it"));
}

function shownOnce(token, made) {
  const text = h("input", { value: token.token, readOnly: true, "aria-label": "The new token", onfocus: (event) => event.target.select() });
  const copy = h("button.primary", { type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(token.token);
      copy.textContent = "Copied";
    } catch {
      text.focus();
      copy.textContent = "Press Ctrl+C";
    }
  });
  return h("div.new-token", null, h("strong", null, `${token.name}: shown this once. Copy it now.`),
    h("div.row", null, text, copy, h("button", { type: "button", onclick: () => fill(made) }, "Done")));
}
