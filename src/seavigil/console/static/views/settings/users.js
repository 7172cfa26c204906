// People who sign in with a password.

import { fill, h, table } from "../../lib/dom.js";
import { time } from "../../lib/format.js";
import { Section } from "../../lib/section.js";
import { sure } from "../../lib/sure.js";

const ROLES = ["viewer", "operator", "admin"];

/** The users' part of the page. */
export function users(app) {
  const section = new Section("users", "Users", () => app.api.get("/api/users"), (told) => list(app, told.users, () => section.load()));
  section.element.append(newUser(app, () => section.load()));
  return section;
}

function list(app, rows, again) {
  const at = (user) => `/api/users/${encodeURIComponent(user.name)}`;
  const change = (user, body, done) => async () => {
    try {
      await (body ? app.api.send("PATCH", at(user), body()) : app.api.send("DELETE", at(user)));
      app.say(`${user.name}: ${done}`);
    } catch (fault) {
      app.say(`${user.name}: ${fault.message}`, "error");
    }
    again();
  };
  const role = (user) => {
    const found = h("select", { "aria-label": `Role of ${user.name}` }, ROLES.map((one) => h("option", { value: one, selected: one === user.role }, one)));
    const set = h("button.primary", { type: "button", hidden: true, "aria-label": `Set the role of ${user.name}` }, "Set");
    found.addEventListener("change", () => { set.hidden = found.value === user.role; });
    set.addEventListener("click", change(user, () => ({ role: found.value }), "has another role; all sessions ended"));
    return h("div.row", null, found, set);
  };
  return table("List of users", [
    { title: "Name", cell: (u) => u.name },
    { title: "Role", cell: role },
    { title: "Organisation", cell: (u) => u.organisation ?? "the house" },
    { title: "Since", cell: (u) => time(u.created_at, { day: true, seconds: false }) },
    { title: "Changed", cell: (u) => time(u.changed_at, { day: true, seconds: false }) },
    { title: h("span.unseen", null, "Change"), cell: (u) => h("div.row", null, newPassword(app, u, change),
      u.name === app.session.user ? null : sure("Take away", "Take away now?", change(u, null, "taken away"), { "aria-label": `Take ${u.name} away` })) },
  ], rows, { empty: "There is none: whoever comes in has a token." });
}

function newPassword(app, user, change) {
  const field = h("input", { type: "password", autocomplete: "new-password", required: true, minlength: "12", maxlength: "256", "aria-label": `New password of ${user.name}` });
  const place = h("span");
  const act = change(user, () => ({ password: field.value }), "has a new password; all sessions ended");
  const begin = () => fill(place, h("form.row", { onsubmit: (event) => { event.preventDefault(); act(); } }, field, h("button.primary", { type: "submit" }, "Set"))) && field.focus();
  fill(place, h("button", { type: "button", onclick: begin, "aria-label": `Set a password for ${user.name}` }, "Password…"));
  return place;
}

function newUser(app, again) {
  const name = h("input", { name: "name", required: true, maxlength: "64", autocomplete: "off" });
  const password = h("input", { name: "password", type: "password", required: true, minlength: "12", maxlength: "256", autocomplete: "new-password" });
  const role = h("select", { name: "role" }, ROLES.map((one) => h("option", { value: one }, one)));
  const organisation = h("input", { name: "organisation", maxlength: "100", placeholder: app.session.organisation ?? "the house", disabled: Boolean(app.session.organisation) });
  const note = h("p", { role: "status", "aria-live": "polite" });
  const onsubmit = async (event) => {
    event.preventDefault();
    try {
      const asked = { name: name.value, password: password.value, role: role.value, organisation: organisation.value.trim() || null };
      const user = await app.api.send("POST", "/api/users", asked);
      for (const field of [name, password, organisation]) field.value = "";
      fill(note, `${user.name} can sign in.`);
      again();
    } catch (fault) {
      fill(note, h("span.error", null, `Not added: ${fault.message}`));
    }
  };
  return h("div", null, h("form.row", { onsubmit, "aria-label": "New user" }, h("label", null, "New user", name), h("label", null, "Password (12 letters or more)", password),
    h("label.short", null, "Role", role), h("label", null, "Organisation", organisation), h("button.primary", { type: "submit" }, "Add")), note);
}
