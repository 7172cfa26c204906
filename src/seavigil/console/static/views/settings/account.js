// Who one is here, and how one leaves.

import { fill, h } from "../../lib/dom.js";

/** The account's part of the page. */
export function account(app) {
  const { session } = app;
  const nobody = session.method === "none";
  const element = h("section.account", { "aria-labelledby": "account-title" }, h("h2", { id: "account-title" }, "You"),
    h("dl", null,
      h("dt", null, "Signed in as"), h("dd", null, nobody ? "whoever sits at this machine (nobody need sign in)" : session.user),
      h("dt", null, "Role"), h("dd", null, session.role),
      h("dt", null, "Organisation"), h("dd", null, session.organisation ?? "the house itself"),
      h("dt", null, "Version"), h("dd", null, session.version ?? "–")),
    session.method === "session" ? h("div.row", null, h("button", { type: "button", onclick: () => leave(app) }, "Sign out")) : null,
    session.own_password ? h("details", null, h("summary", null, "Change password"), password(app)) : null);
  return { element };
}

async function leave(app) {
  try {
    await app.api.send("DELETE", "/api/session");
    location.hash = "#/signin";
    location.reload();
  } catch (fault) {
    app.say(`Could not sign out: ${fault.message}`, "error");
  }
}

function password(app) {
  const field = (name, complete) => h("input", { name, type: "password", autocomplete: complete, required: true, minlength: name === "password" ? "1" : "12", maxlength: "256" });
  const [old, one, two] = [field("password", "current-password"), field("new", "new-password"), field("again", "new-password")];
  const note = h("p", { role: "status", "aria-live": "polite" });
  const onsubmit = async (event) => {
    event.preventDefault();
    if (one.value !== two.value) return fill(note, h("span.error", null, "The two new ones are not the same."));
    try {
      await app.api.send("PATCH", "/api/session", { password: old.value, new_password: one.value });
      location.reload();
    } catch (fault) {
      fill(note, h("span.error", null, `Not changed: ${fault.message}.`));
    }
    return undefined;
  };
  return h("form", { onsubmit }, h("label", null, "Password now", old), h("label", null, "New password (12 letters or more)", one),
    h("label", null, "New password again", two), h("button.primary", { type: "submit" }, "Change it"),
    h("p.quiet", null, "You stay signed in here; everywhere else you are signed out. Your own tokens stay valid: revoke them below where the old password may be known to others."), note);
}
