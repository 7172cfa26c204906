// Faults: which ships may have caused one, the notices there are, and telling of an outage.

import { h } from "../lib/dom.js";
import { follow } from "../lib/follow.js";
import { Section } from "../lib/section.js";
import { FaultForm } from "./fault/form.js";
import { cameIn, notices } from "./fault/notices.js";
import { Inquiry } from "./fault/inquiry.js";

/** Show the form and the notices; with an id what an inquiry found. */
export async function show(panel, route, app) {
  const inquiry = route.id ? new Inquiry(route.id, app) : null;
  const list = new Section("fault-notices", "Notices of outages",
    async (signal) => cameIn((await app.api.get("/api/faults", {}, { signal })).faults, app.clock.at), (found) => notices(found, app));
  const form = new FaultForm(route.query, app, () => list.load());
  const asking = h("section.part", { id: "fault-ask", "aria-labelledby": "fault-ask-title" });
  const title = "Which ship may have caused a fault?";
  if (inquiry) asking.append(h("details", null, h("summary", { id: "fault-ask-title" }, "Ask about another fault"), form.element));
  else asking.append(h("h2", { id: "fault-ask-title" }, title), form.element);
  panel.append(h("h1", null, "Faults"), ...[inquiry?.element, asking, list.element].filter(Boolean));
  inquiry?.begin((asked) => form.take(asked));
  list.load();
  const off = follow(app, () => list.load());
  return { leave() { off(); inquiry?.leave(); form.leave(); list.leave(); } };
}
