// One's own account, tokens, users, and what the service runs with.

import { h } from "../lib/dom.js";
import { account } from "./settings/account.js";
import { service } from "./settings/service.js";
import { tokens } from "./settings/tokens.js";
import { users } from "./settings/users.js";

/** Show what the one signed in may see and change. */
export async function show(panel, route, app) {
  const { session } = app;
  const admin = app.can("admin");
  const parts = [account(app)];
  if (session.method !== "none") {
    if (session.own_tokens) parts.push(tokens(app));
    if (admin) parts.push(users(app));
  }
  if (admin && !session.organisation) parts.push(service(app));
  panel.append(h("div.settings", null, h("h1", null, "Settings"), parts.map((part) => part.element)));
  for (const part of parts) part.load?.();
  return { leave() { for (const part of parts) part.leave?.(); } };
}
