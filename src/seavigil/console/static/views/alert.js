// One alert: what is seen, why, what else it may be, who is next, whom to call, what was done.

import { fill, h } from "../lib/dom.js";
import { position, time, words } from "../lib/format.js";
import { link } from "../lib/route.js";
import { Actions } from "./inbox/actions.js";
import { callLine, headline, shipName } from "./inbox/card.js";
import { ahead, concerned } from "./inbox/concerned.js";
import { contactSheet, copyButton } from "./inbox/contact.js";
import { timeline } from "./inbox/history.js";
import { keep } from "./inbox/keep.js";
import { keys } from "./inbox/keys.js";
import { OnMap } from "./inbox/onmap.js";
import { order } from "./inbox/order.js";
import { STANDING } from "../lib/names.js";
import { paced } from "../lib/pace.js";
import { byUrgency, exerciseBadge, priorityBadge, statusBadge } from "./inbox/priority.js";
import { lastByPerson, readAlerts } from "./inbox/read.js";
import * as seen from "./inbox/seen.js";
import { clockOf, lasted, running, toCallAbout } from "./inbox/when.js";
import { howOften, innocent, quality, reasons } from "./inbox/why.js";

export async function show(panel, route, app) {
  return new AlertPage(panel, route.id, app).begin();
}

class AlertPage {
  #ends = [];
  #over = false;
  #told = null;
  #full = null;
  #turn = 0;

  constructor(panel, id, app) {
    Object.assign(this, { panel, id, app });
    this.actions = new Actions(app, () => this.#changed());
    this.map = new OnMap(app, (found) => this.#forecast(found));
    this.asking = paced(() => this.#load(), 500);
    this.fault = h("div", { id: "alert-fault" }, h("p.wait", null, "Reading the alert …"));
    this.parts = Object.fromEntries(PARTS.map(([name]) => [name, h("div")]));
    this.sections = h("div", { hidden: true }, PARTS.map(([name, title]) => (title
      ? h("section", { id: `alert-${name}`, "aria-labelledby": `alert-${name}-title` }, h("h2", { id: `alert-${name}-title` }, title), this.parts[name])
      : name === "actions" ? this.actions.element : this.parts[name])));
    fill(panel, this.#way(), this.fault, h("div", { id: "alert", dataset: { alertId: id } }, this.sections));
  }

  begin() {
    const { clock, stream } = this.app;
    this.#ends.push(clock.on((_, why) => this.#moved(why)), stream.on("alert", (told) => told.alert_id === this.id && this.#changed()),
      stream.on("hello", () => this.#changed()),
      keys({ a: () => this.actions.open("acknowledge"), n: () => this.actions.open("note"), j: () => this.#step(1), k: () => this.#step(-1) },
        [["a", "acknowledge"], ["n", "note"]]));
    const second = setInterval(() => this.#run(), 1000);
    this.#ends.push(() => clearInterval(second));
    this.asking.ask();
    if (!order.ids.includes(this.id)) this.#findOrder();
    return this;
  }

  /** Come to by a link: what stands is what comes next and before. */
  async #findOrder() {
    const found = await readAlerts(this.app.api, this.app.clock.iso(), { over: [] }).catch(() => null);
    if (!found || this.#over) return;
    order.ids = found.standing.sort(byUrgency).map((one) => one.alert_id);
    this.panel.querySelector("nav.way")?.replaceWith(this.#way());
  }

  leave() {
    this.#over = true;
    this.asking.end();
    this.actions.leave();
    this.map.leave();
    for (const end of this.#ends) end();
  }

  #way() {
    const here = order.ids.indexOf(this.id);
    const step = (by, said) => h("button", { type: "button", dataset: { action: said.toLowerCase() }, disabled: !order.ids[here + by], onclick: () => this.#step(by) }, said);
    return h("nav.way", { "aria-label": "Alerts" }, h("a.button", { href: link("alerts") }, "‹ All alerts"),
      here >= 0 && order.ids.length > 1 && [step(-1, "Previous"), step(1, "Next")]);
  }

  #step(by) {
    const next = order.ids[order.ids.indexOf(this.id) + by];
    if (next && order.ids.includes(this.id)) this.app.go(link("alerts", next));
  }

  #moved(why) {
    this.#run();
    if (why === "paused") return;
    if (why !== "ran") this.#turn += 1;
    this.asking.ask();
  }

  /** Something was done or came: what is known of its whole life is old. */
  #changed() {
    this.#full = null;
    this.asking.ask();
  }

  async #load() {
    const turn = this.#turn, path = `/api/alerts/${encodeURIComponent(this.id)}`, at = this.app.clock.iso();
    try {
      const told = await this.app.api.get(path, { at });
      if (this.#over || turn !== this.#turn) return;
      this.#full = at === null ? told : (this.#full ?? (await this.app.api.get(path)));
      if (!this.#over) this.#show(told);
    } catch (fault) {
      if (!this.#over && turn === this.#turn) await this.#cannot(fault, at);
    }
  }

  /** An alert that did not stand yet at the moment shown is no fault. */
  async #cannot(fault, at) {
    const whole = fault.status === 404 && at ? await this.app.api.get(`/api/alerts/${encodeURIComponent(this.id)}`).catch(() => null) : null;
    if (this.#over) return;
    if (!whole) {
      fill(this.fault, h("p.error", { role: "alert" }, fault.status === 404 ? "There is no such alert, or none that you may see." : `The alert could not be read: ${fault.message.replace(/\.?$/, ".")}`),
        this.#told && h("p.quiet", null, `What is below is of ${time(this.readAt, { day: true })}.`),
        h("button", { type: "button", dataset: { action: "again" }, onclick: () => this.asking.ask() }, "Try again"));
      return;
    }
    this.sections.hidden = true;
    this.#told = null;
    this.map.clear();
    const first = Date.parse(whole.alert.detected_at);
    fill(this.fault, h("p", { role: "status" }, `At the moment shown this alert did not stand yet. It first stood at ${time(first, { day: true })}.`),
      h("button", { type: "button", onclick: () => this.app.clock.set(first) }, "Show that moment"));
  }

  #show(told) {
    fill(this.fault);
    const same = this.#told && JSON.stringify(told) === JSON.stringify(this.#told) && this.drawnAt === this.app.clock.at;
    this.#told = told;
    this.readAt = this.app.clock.now();
    this.sections.hidden = false;
    this.actions.update(told.alert);
    if (this.app.clock.at === null || !this.app.clock.live) seen.look([told.alert]);
    if (!same) this.#draw(told);
    this.map.show(told.alert);
    this.#run();
  }

  #draw(told) {
    const { alert } = told, { parts, app } = this;
    this.drawnAt = app.clock.at;
    fill(parts.head, head(told, app));
    this.#drawAhead();
    keep(parts.why, reasons(told.because ?? alert.reasons));
    keep(parts.innocent, innocent(told.innocent ?? alert.innocent_readings));
    keep(parts.often, h("p", null, howOften(alert)));
    keep(parts.assets, concerned(alert));
    keep(parts.contact, contactSheet(told.contact_sheet, app));
    keep(parts.coverage, quality(alert));
    keep(parts.history, timeline(this.#full.revisions, this.#full.transitions, app.clock.at, (at) => app.clock.set(at)));
    keep(parts.events, events(told.events ?? []));
    for (const name of ["ahead", "contact"]) parts[name].parentElement.hidden = !alert.vessel;
    for (const name of ["often", "events"]) parts[name].parentElement.hidden = Boolean(alert.feed);
    parts.assets.parentElement.hidden = Boolean(alert.feed) && !alert.assets.length;
  }

  #forecast(found) {
    this.found = found;
    if (this.#told) this.#drawAhead();
  }

  /** What comes next as known at the moment shown; where that is not to be had, as known at the last revision. */
  #drawAhead() {
    const { alert } = this.#told, now = this.app.clock.now(), stands = STANDING.includes(alert.status);
    const newer = this.found && this.found.vessel_id === alert.vessel?.vessel_id && this.found.next_assets;
    const [rows, of] = newer ? [this.found.next_assets, this.found.at] : [alert.next_assets ?? [], alert.revised_at];
    fill(this.parts.ahead, ahead(rows, of, now, stands), newer && stands && listed(alert, now));
    // one deadline on one page: that of the list
    this.parts.head.querySelector("p.call")?.replaceWith(callLine({ ...alert, next_assets: rows }, of) ?? "");
    this.#run();
  }

  #run() {
    running(this.sections, this.app.clock.now());
  }
}

/** The parts of the page in order; those without a title are no section. */
const PARTS = [
  ["head", null], ["actions", null], ["ahead", "Where she goes next"], ["why", "Why"], ["innocent", "What else it may be"], ["often", "How often that comes of nothing"],
  ["assets", "Assets concerned"], ["contact", "To call her"], ["coverage", "What was heard"], ["history", "How it became so"], ["events", "Events"],
];

function head(told, app) {
  const { alert } = told;
  const person = lastByPerson(told.transitions ?? []);
  const place = alert.position;
  return h("header.alert-head", { class: alert.priority }, h("p.head", null, priorityBadge(alert.priority), statusBadge(alert), exerciseBadge(alert)),
    h("h1", null, title({ ...alert, headline: told.headline ?? alert.headline })), h("p.sentence", null, told.sentence), callLine(alert),
    h("dl", null,
      alert.vessel && [h("dt", null, "Ship"), h("dd", null, h("a", { href: link("ships", alert.vessel.vessel_id) }, shipName(alert)))],
      alert.feed && [h("dt", null, "Feed"), h("dd", null, h("a", { href: link("feeds") }, alert.feed.name), alert.feed.why ? `: ${alert.feed.why}` : "")],
      h("dt", null, "Since"), h("dd", null, `${time(alert.began, { day: true })}, `, lasted(alert.began, alert.ended)),
      h("dt", null, "Known since"), h("dd", null, time(alert.detected_at, { day: true })),
      h("dt", null, "Last changed"), h("dd", null, `${time(alert.revised_at, { day: true })} (revision ${alert.revision})`),
      place && [h("dt", null, "Position"), h("dd", null, position(place.lat_deg, place.lon_deg), " ", copyButton(position(place.lat_deg, place.lon_deg), app, "copy-position"))],
      person && [h("dt", null, "Answered"), h("dd", null, `${words(person.what)} by ${person.who} at ${time(person.at)}`)],
      alert.silenced_by && [h("dt", null, "Silenced"), h("dd", null, "nobody is told of it (silence ", h("span.mono", null, alert.silenced_by.slice(0, 8)), ")")]));
}

/** Who and what; the assets stand in the sentence below. */
function title(alert) {
  const said = headline(alert), about = said.lastIndexOf(": ");
  return alert.assets.length && about > 0 ? said.slice(0, about) : said;
}

/** What the list tells of the call, where this page knows newer: nobody shall wonder which holds. */
function listed(alert, now) {
  const next = alert.priority === "info" ? null : toCallAbout(alert, now);
  return next && h("p.quiet", null, `The list of alerts tells it as known at ${clockOf(alert.revised_at, now)}: ${next.name}, call by ${clockOf(next.call_by, now)}.`);
}

function events(rows) {
  if (!rows.length) return h("p.empty", null, "None is kept.");
  return h("ul.events", null, rows.map((one) => h("li", null,
    `${one.behaviour_words ?? words(one.behaviour)}${one.asset_name ?? one.asset_id ? `, ${one.asset_name ?? one.asset_id}` : ""}: `,
    `${time(one.began ?? one.began_at)} to ${one.ended ?? one.ended_at ? time(one.ended ?? one.ended_at) : "now"}`)));
}
