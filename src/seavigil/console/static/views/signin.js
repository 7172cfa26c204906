// Signing in: with user and password, with a token, or by another house.

import { fill, h } from "../lib/dom.js";

/** Show how one comes in; `to` in the query is where one wanted to go. */
export async function show(panel, route, app) {
  app.api.signedIn(null, () => {}); // what is wrong is told here, not by coming here anew
  const session = await app.api.get("/api/session"); // it may have ended since the page began
  const box = h("div.sign-in");
  panel.append(box);
  if (session.authenticated) {
    fill(box, h("h1", null, "Signed in"), h("p", null, `You are ${session.user} (${session.role}).`),
      h("button.primary", { type: "button", onclick: () => enter(route) }, "To the watch"));
    return { leave() {} };
  }
  const told = h("p.error", { role: "alert", hidden: true });
  const tell = (text) => { told.hidden = !text; fill(told, text); };
  app.session = session;
  const withPassword = session.sign_in === "password";
  const token = tokenForm(app, route, tell);
  fill(box, h("h1", null, "Sign in to Seavigil"), plainText(),
    route.query.failed ? h("p.caution", { role: "alert" }, `${route.query.failed} did not let you in. An admin finds the reason in the audit trail.`) : null,
    told, withPassword ? passwordForm(app, route, tell) : token,
    session.oidc.map((name) => h("a.button", { href: `/api/oidc/${encodeURIComponent(name)}/start` }, `Sign in by ${name}`)),
    withPassword ? h("details", null, h("summary", null, "With a token"), token) : h("p.quiet", null, "The first token was printed when the service started; seavigil access token new makes another."));
  box.querySelector("input")?.focus();
  return { leave() {} };
}

function passwordForm(app, route, tell) {
  const user = h("input", { name: "user", autocomplete: "username", required: true, autocapitalize: "none", spellcheck: "false", maxlength: "64" });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true, maxlength: "256" });
  return form([h("label", null, "User", user), h("label", null, "Password", password)],
    () => ({ user: user.value, password: password.value }), () => { password.value = ""; password.focus(); }, { app, route, tell });
}

function tokenForm(app, route, tell) {
  const token = h("input", { name: "token", type: "password", autocomplete: "off", required: true, spellcheck: "false", placeholder: "sv_…" });
  return form([h("label", null, "Token", token)], () => ({ token: token.value.trim() }), () => token.select(), { app, route, tell });
}

function form(fields, asked, again, { app, route, tell }) {
  const button = h("button.primary", { type: "submit" }, "Sign in");
  const onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    tell("");
    try {
      await app.api.send("POST", "/api/session", asked());
      enter(route);
    } catch (fault) {
      tell(sentence(fault.message));
      again();
      setTimeout(() => { button.disabled = false; }, (fault.retryAfterS ?? 0) * 1000);
    }
  };
  return h("form", { onsubmit }, fields, button);
}

/** Go where one wanted to go, with everything begun anew: another may see other things. */
function enter(route) {
  const to = route.query.to ?? "";
  location.hash = to.startsWith("#/") && !to.startsWith("#/signin") ? to : "#/alerts";
  location.reload();
}

/** What is typed goes over a network as plain text: the browser will not keep a session so. */
function plainText() {
  const near = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  if (location.protocol === "https:" || near) return null;
  return h("p.caution", null, "This page came without https: a session cannot be kept, and what you type can be read on the way. Ask whoever runs it for an https address.");
}

const sentence = (text) => `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}.`;
