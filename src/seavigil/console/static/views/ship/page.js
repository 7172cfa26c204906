// One ship: who she is, how she went, what was seen of her, where she goes.

import { fill, h } from "../../lib/dom.js";
import { follow } from "../../lib/follow.js";
import { time } from "../../lib/format.js";
import { shipName } from "../../lib/names.js";
import { Section } from "../../lib/section.js";
import { alertLines, asOf, eventTable } from "./found.js";
import { forecast } from "./forecast.js";
import { heading, identity } from "./identity.js";
import { reports } from "./reports.js";
import { Voyage } from "./voyage.js";

/** Show the page of one ship. */
export async function shipPage(panel, route, app) {
  const id = route.id, at = () => app.clock.iso();
  const path = `/api/ships/${encodeURIComponent(id)}`;
  const head = h("header.pagehead", null, h("h1", null, `Ship ${id}`));
  const ship = new Section("ship-identity", "Who she is", (signal) => app.api.get(path, { at: at() }, { signal }),
    (found) => { fill(head, heading(found, app)); document.title = `${shipName(found.vessel)} · Seavigil`; return identity(found, app); });
  const voyage = new Voyage(path, app);
  const alerts = new Section("ship-alerts", "Her alerts", (signal) => herAlerts(id, app, signal), (found) => { voyage.usual(found.alerts); return alertLines(found, app); });
  const events = new Section("ship-events", "What was seen of her",
    async (signal) => {
      const now = app.clock.now(), found = await app.api.get(`${path}/events`, { to: new Date(now).toISOString() }, { signal });
      return asOf(found.events, now);
    }, (found) => { voyage.events(found); return eventTable(found, app); });
  const ahead = new Section("ship-forecast", "Where she goes", (signal) => app.api.get(`${path}/forecast`, { at: at() }, { signal }),
    (found) => { app.map.fan(found); return forecast(found, app); });
  const rows = reports(path, id, app);
  const rest = [tools(id, app, voyage), ...[voyage, alerts, ahead, events].map((one) => one.element)];
  panel.append(h("p", null, h("a", { href: app.link("ships") }, "All ships")), head, ...rest, ship.element, rows.element);
  app.map.select({ kind: "ship", id });
  const parts = [ship, alerts, events, ahead];
  /** Of a ship that nobody knows, one word of that is enough. */
  const known = () => { for (const element of [...rest, rows.element]) element.hidden = ship.missing; };
  const all = () => { for (const part of parts) part.load().then(known); voyage.load(); };
  all();
  const off = follow(app, all);
  return { leave() { off(); for (const part of [...parts, voyage, rows]) part.leave(); app.map.fan(null); app.map.select(null); } };
}

/** Alerts that name her as she stood then. */
async function herAlerts(id, app, signal) {
  const found = await app.api.get("/api/alerts", { mmsi: Number(id.split("#")[0]), at: app.clock.iso(), limit: 200 }, { signal });
  const hers = found.alerts.filter((one) => one.vessel?.vessel_id === id || one.other_vessels?.some((o) => (o.vessel_id ?? o) === id));
  return { alerts: hers, more: Boolean(found.next) };
}

function tools(id, app, voyage) {
  const copy = async () => {
    const moment = new Date(app.clock.now()).toISOString();
    const text = new URL(app.link("ships", id, { at: moment }), location.href).href;
    try {
      await navigator.clipboard.writeText(text);
      app.say(`Link to this ship at ${time(moment, { day: true })} copied`);
    } catch {
      app.say(text);
    }
  };
  return h("div.row", null, h("button", { type: "button", onclick: copy }, "Copy link to this moment"),
    h("button", { type: "button", onclick: () => voyage.focus() }, "Show her way"));
}
