// The inbox: what stands, the most pressing first; what is over below. One alert is a page of its own.

import { fill, h } from "../lib/dom.js";
import { many, time } from "../lib/format.js";
import { card, headline } from "./inbox/card.js";
import { Filter } from "./inbox/filter.js";
import { heardWords, readHeard, unheardLine } from "./inbox/heard.js";
import { keep } from "./inbox/keep.js";
import { keys } from "./inbox/keys.js";
import { order } from "./inbox/order.js";
import { paced } from "../lib/pace.js";
import { OVER, PRIORITIES, byUrgency } from "./inbox/priority.js";
import { Answers, readAlerts } from "./inbox/read.js";
import * as seen from "./inbox/seen.js";
import { running } from "./inbox/when.js";

const PAGE = 100;
const HEARD_MS = 5_000;

export async function show(panel, route, app) {
  if (route.id) return (await import("./alert.js")).show(panel, route, app);
  return new Inbox(panel, app).begin();
}

class Inbox {
  #cards = new Map();
  #ends = [];
  #read = null;
  #failed = null;
  #known = null;
  #over = false;
  #turn = 0;

  constructor(panel, app) {
    this.panel = panel;
    this.app = app;
    this.answers = new Answers(app.api);
    this.most = PAGE;
    this.info = false;
    this.filter = new Filter(app, () => this.#again());
    this.asking = paced(() => this.#load(), 800);
    this.listening = paced(() => this.#listen(), HEARD_MS);
    this.parts = parts();
    fill(panel, this.#head(), this.filter.element, this.parts.fault, this.parts.news, this.parts.unheard, this.parts.waiting, this.parts.hidden,
      this.parts.standing, this.parts.heard, this.parts.over, this.parts.more);
  }

  begin() {
    const { clock, stream, mapped } = this.app;
    this.#ends.push(clock.on((_, why) => this.#moved(why)), stream.on("alert", () => clock.at === null && this.asking.ask()),
      stream.on("hello", () => this.asking.ask()),
      keys({ j: () => this.#step(1), k: () => this.#step(-1) }, []));
    mapped?.then((map) => { if (!this.#over) map.ml?.on("moveend", this.#onMap); });
    this.panel.addEventListener("pointerleave", this.#settle);
    const second = setInterval(() => this.#run(), 1000);
    const minute = setInterval(() => this.asking.ask(), 60_000);
    this.#ends.push(() => clearInterval(second), () => clearInterval(minute));
    this.app.api.get("/api/assets").then((found) => this.filter.learn([], found.features.map((one) => one.properties)), () => {});
    this.asking.ask();
    return this;
  }

  leave() {
    this.#over = true;
    this.asking.end();
    this.listening.end();
    for (const end of this.#ends) end();
    this.app.map?.ml?.off?.("moveend", this.#onMap);
    this.panel.removeEventListener("pointerleave", this.#settle);
  }

  #onMap = () => this.filter.is.inView && this.#draw(true);

  #settle = () => this.#read && this.#draw();

  #head() {
    const all = h("button", { type: "button", hidden: true, dataset: { action: "all-seen" }, onclick: () => this.#allSeen() }, "All seen");
    this.allSeen = all;
    return h("header.inbox-head", null, h("h1", null, "Alerts"), all, this.app.sound?.button());
  }

  #moved(why) {
    this.#run();
    if (why === "paused") return;
    if (why !== "ran") {
      this.#turn += 1;
      this.heard = null;
    }
    this.asking.ask();
  }

  /** Something else is wanted. */
  #again() {
    this.#turn += 1;
    if (this.#read) this.#draw(true);
    this.asking.ask();
  }

  async #load() {
    const turn = this.#turn, at = this.app.clock.iso();
    const over = this.filter.statuses.filter((one) => OVER.includes(one));
    const wanted = { over, candidates: this.filter.statuses.includes("candidate"), info: this.info, most: this.most, query: this.filter.query };
    try {
      const read = await readAlerts(this.app.api, at, wanted);
      if (this.#over || turn !== this.#turn) return;
      this.#failed = null;
      this.#take({ ...read, at: this.app.clock.now() }, turn);
    } catch (fault) {
      if (this.#over) return;
      this.#failed = fault;
      this.#sayFault();
      return;
    }
    if (await this.answers.learn(this.#read.standing, at) && !this.#over) this.#draw();
  }

  #take(read, turn) {
    const all = [...read.standing, ...read.over, ...read.candidates];
    seen.begin(all, this.app.clock.live);
    this.filter.learn(all);
    this.#announce(all);
    this.#read = read;
    this.#draw(turn !== this.drawnTurn);
    this.drawnTurn = turn;
    this.listening.ask();
  }

  /** Tell those who do not see it of what came, or rose, while they were here. */
  #announce(all) {
    const before = this.#known;
    this.#known = new Map([...(before ?? []), ...all.map((one) => [one.alert_id, one.priority])]);
    if (!before || this.app.clock.live) return; // of a live watch it is told on every page: lib/notify.js
    const came = all.filter((one) => one.priority !== "info" && before.get(one.alert_id) !== one.priority);
    if (came.length) this.parts.news.textContent = came.map((one) => `${before.has(one.alert_id) ? "Now" : "New"}: ${one.priority}, ${headline(one)}`).slice(0, 3).join("; ");
  }

  /** Show what was read; where somebody reads or points, the list keeps its place unless `force`. */
  #draw(force = false) {
    this.#sayFault();
    const { standing, over, candidates } = this.#read;
    const passing = [...standing, ...candidates, ...over].filter((one) => this.filter.passes(one)).sort(byUrgency);
    const lists = { standing: passing.filter((one) => !OVER.includes(one.status)), over: passing.filter((one) => OVER.includes(one.status)) };
    if (force || !this.#held()) this.#place(lists);
    else this.#keepPlace(passing);
    this.#tails(lists, standing.filter((one) => !this.filter.passes(one)));
    this.#run();
  }

  /** Whether somebody is in the list just now: by pointer, by keyboard, or scrolled down. */
  #held() {
    const { standing, over } = this.parts;
    return [standing, over].some((one) => one.matches(":hover") || one.contains(document.activeElement)) || this.panel.scrollTop > 80;
  }

  #place({ standing, over }) {
    this.parts.waiting.hidden = true;
    order.ids = [...standing, ...over].map((one) => one.alert_id);
    const kept = new Map();
    for (const [rows, list] of [[standing, this.parts.standingList], [over, this.parts.overList]]) {
      const elements = rows.map((alert) => {
        const one = this.#cards.get(alert.alert_id) ?? card(alert);
        this.#update(one, alert);
        kept.set(alert.alert_id, one);
        return one.element;
      });
      if (!same([...list.children], elements)) list.replaceChildren(...elements);
    }
    this.#cards = kept;
  }

  #keepPlace(passing) {
    const waiting = [];
    for (const alert of passing) {
      const one = this.#cards.get(alert.alert_id);
      if (one) this.#update(one, alert); else waiting.push(alert);
    }
    this.parts.waiting.hidden = !waiting.length;
    const urgent = waiting.filter((one) => one.priority === "urgent").length;
    fill(this.parts.waiting, `${many(waiting.length, "more alert")}${urgent ? `, ${urgent} urgent` : ""}: show`);
    this.parts.waiting.onclick = () => { this.panel.scrollTop = 0; this.#draw(true); };
  }

  /** Draw a card anew only where something of it changed. */
  #update(one, alert) {
    const about = { fresh: seen.fresh(alert), who: this.answers.of(alert) };
    const now = JSON.stringify([alert.revision, alert.status, alert.priority, alert.silenced_by, about]);
    if (one.drawn === now) return;
    one.drawn = now;
    one.alert = alert;
    one.update(alert, about);
  }

  #tails({ standing, over }, hidden) {
    const { parts, filter } = this;
    const read = this.#read;
    fill(parts.hidden, hidden.length > 0 && [`${many(hidden.length, "standing alert")} hidden by the filter${byPriority(hidden)}. `,
      h("button.small", { type: "button", onclick: () => filter.reset() }, "Show everything")]);
    parts.standingTitle.textContent = `Standing (${standing.length}${read.moreStanding ? " and more" : ""})`;
    parts.overTitle.textContent = `Over (${over.length}${read.moreOver ? " and more" : ""})`;
    parts.over.hidden = !filter.statuses.some((one) => OVER.includes(one));
    const none = standing.length ? "" : filter.narrows ? "Nothing that passes the filter stands." : "Nothing stands.";
    parts.standingNone.textContent = none;
    parts.overNone.textContent = over.length ? "" : `No alert above info${filter.narrows ? " that passes the filter" : ""} is over.`;
    this.allSeen.hidden = ![...this.#cards.values()].some((one) => seen.fresh(one.alert));
    this.#more();
    this.nothing = standing.length === 0 && hidden.length === 0;
    this.#hear();
  }

  #more() {
    const buttons = [];
    if (this.#read.moreOver) buttons.push(h("button", { type: "button", dataset: { action: "more" }, onclick: () => this.#want({ most: this.most + PAGE }) }, "More that are over"));
    if (!this.info && this.filter.is.priorities.includes("info") && !this.parts.over.hidden) {
      buttons.push(h("button", { type: "button", dataset: { action: "info" }, onclick: () => this.#want({ info: true }) }, "Ordinary ones that are over (info)"));
    }
    fill(this.parts.more, buttons);
  }

  #want({ most = this.most, info = this.info }) {
    this.most = most;
    this.info = info;
    this.#turn += 1;
    this.asking.ask();
  }

  /** Say what was heard: nothing to tell is no all-clear by itself. Where something stands, only what was not. */
  #hear() {
    const { heard, unheard } = this.parts;
    heard.hidden = !this.nothing;
    keep(heard, this.heard ? heardWords(this.heard, this.heard.now) : h("p.wait", null, "…"));
    keep(unheard, !this.nothing && this.heard ? unheardLine(this.heard) : null);
  }

  async #listen() {
    const turn = this.#turn, now = this.app.clock.now();
    const heard = await readHeard(this.app.api, this.app.clock.iso());
    if (this.#over || turn !== this.#turn) return;
    this.heard = { ...heard, now };
    this.#hear();
  }

  #run() {
    const now = this.app.clock.now();
    running(this.parts.standing, now);
    running(this.parts.over, now);
  }

  #sayFault() {
    const fault = this.#failed;
    this.panel.dataset.old = fault && this.#read ? "yes" : "no";
    if (fault && !this.#read) this.parts.standingNone.textContent = "Not known.";
    fill(this.parts.fault, fault && [
      h("p.error", { role: "alert" }, `The alerts could not be read: ${fault.message.replace(/\.?$/, ".")}`,
        this.#read ? ` What is below is of ${time(this.#read.at, { day: true })}.` : ""),
      h("button", { type: "button", dataset: { action: "again" }, onclick: () => this.asking.ask() }, "Try again")]);
  }

  #allSeen() {
    seen.look([...this.#cards.values()].map((one) => one.alert));
    this.#draw(true);
  }

  #step(by) {
    const links = [...this.panel.querySelectorAll("a.whole")];
    const here = links.indexOf(document.activeElement);
    links[Math.min(Math.max(here + by, 0), links.length - 1)]?.focus();
  }
}

function parts() {
  const title = (id) => h("h2", { id });
  const found = {
    fault: h("div", { id: "inbox-fault" }), news: h("p.unseen", { id: "inbox-news", "aria-live": "polite" }),
    waiting: h("button.waiting.primary", { type: "button", id: "inbox-waiting", hidden: true }), hidden: h("p.quiet", { id: "inbox-hidden" }),
    standingTitle: title("standing-title"), standingList: h("ol.alerts"), standingNone: h("p.empty", null, "Reading the alerts …"),
    overTitle: title("over-title"), overList: h("ol.alerts"), overNone: h("p.empty"),
    heard: h("div", { hidden: true }), unheard: h("p.blind-line", { id: "inbox-unheard", role: "status" }), more: h("p.row", { id: "inbox-more" }),
  };
  found.standing = h("section", { id: "inbox-standing", "aria-labelledby": "standing-title" }, found.standingTitle, found.standingNone, found.standingList);
  found.over = h("section", { id: "inbox-over", "aria-labelledby": "over-title" }, found.overTitle, found.overNone, found.overList);
  return found;
}

const same = (one, other) => one.length === other.length && one.every((element, number) => element === other[number]);

function byPriority(alerts) {
  const counts = PRIORITIES.map((p) => [p, alerts.filter((one) => one.priority === p).length]).filter(([p, n]) => n && p !== "info");
  return counts.length ? `, ${counts.map(([p, n]) => `${n} of them ${p}`).join(", ")}` : "";
}
