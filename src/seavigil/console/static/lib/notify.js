// Tells of what must not be missed, on whatever page one is: urgent alerts by sound and notification, how many
// are not answered in the title, that something is an exercise, and that the watch cannot see.

import { h } from "./dom.js";
import { time, words } from "./format.js";
import { choose, pref } from "./prefs.js";
import { problemWords } from "./problems.js";
import { link } from "./route.js";
import { Tone } from "./tone.js";

const ABOVE_INFO = ["urgent", "warning", "advisory"];
const EVERY_MS = 30_000;
const AGAIN_MS = 2_000;
const MUTE_MS = 10 * 60_000;
const REPEAT_MS = 4_000;
const SILENCES_MS = 300_000;
const ALL_INVENTED = "EXERCISE: the ships and alerts shown are invented or part of an exercise";
const SOME_INVENTED = "EXERCISE: some of what is shown is invented; what is marked EXERCISE is not real";
/** These say that something cannot be seen; other problems stand on the health page alone. */
const BLIND = ["feed_dead", "feed_troubled", "no_assets"];
/** Exercises that had their one tone. */
const drilled = new Set();

/** Begin to tell. Gives `sound`: what the inbox' button works with. */
export function notify(app) {
  const teller = new Teller(app);
  teller.begin();
  return teller;
}

class Teller {
  #tone = new Tone();
  #timer = null;
  #mutedUntil = 0;
  #muted = new Set();
  #urgent = [];
  #buttons = new Set();
  #asked = 0;
  #waiting = null;
  #busy = false;
  #first = true;
  #known = new Map();

  constructor(app) {
    this.app = app;
    this.news = h("p.unseen", { id: "news-polite", "aria-live": "polite" });
    this.alarm = h("p.unseen", { id: "news-assertive", "aria-live": "assertive" });
  }

  begin() {
    const { stream, clock } = this.app;
    document.body.append(this.news, this.alarm);
    stream.on("alert", () => this.#soon());
    stream.on("status", (said) => this.#blind(said.problems));
    stream.on("hello", () => this.#soon());
    clock.on((_, why) => {
      if (!clock.live && why !== "paused") this.#soon();
      this.#deaf();
    });
    window.addEventListener("hashchange", () => this.#title());
    setInterval(() => this.#soon(), EVERY_MS);
    this.#soon();
    this.#status();
    setInterval(() => this.#status(), EVERY_MS);
    this.#silences();
    setInterval(() => this.#silences(), SILENCES_MS);
  }

  /** A button that turns the sound on and off; the browser asks for permission at the click. */
  button() {
    const button = h("button", { type: "button", dataset: { action: "sound" }, onclick: () => this.#turn() });
    this.#buttons.add(button);
    this.#label();
    return button;
  }

  async #turn() {
    choose("sound", !pref("sound", false));
    if (pref("sound")) {
      this.#tone.play(false);
      if ("Notification" in globalThis && Notification.permission === "default") await Notification.requestPermission().catch(() => null);
    }
    this.#label();
    this.#ring();
  }

  #label() {
    for (const button of this.#buttons) {
      button.textContent = pref("sound", false) ? "Sound on" : "Sound off";
      button.setAttribute("aria-pressed", String(Boolean(pref("sound", false))));
      button.title = "A tone and a notification for urgent alerts of a live watch that nobody has answered";
      button.hidden = !this.app.clock.live;
    }
  }

  /** Ask again soon, and never twice at a time. */
  #soon() {
    if (this.#waiting !== null) return;
    this.#waiting = setTimeout(() => this.#look(), Math.max(0, this.#asked + AGAIN_MS - Date.now()));
  }

  async #look() {
    if (this.#busy) return;
    this.#busy = true;
    this.#asked = Date.now();
    const { api, clock } = this.app, at = clock.live ? null : clock.iso();
    try {
      const found = await api.get("/api/alerts", { at, status: ["open", "escalated"], priority: ABOVE_INFO, limit: 500 });
      const all = await api.get("/api/alerts", { at, limit: 100 });
      this.#take(found.alerts, all.alerts);
    } catch {
      // the page that shows alerts says that they cannot be read; what was known stays
    } finally {
      this.#busy = false;
      this.#waiting = null;
    }
  }

  #take(unanswered, all) {
    const told = unanswered.filter((one) => !one.silenced_by);
    this.count = told.length;
    this.#title();
    this.#exercise([...unanswered, ...all]);
    if (this.app.clock.live) this.#announce(told);
    this.#urgent = this.app.clock.live ? told.filter((one) => one.priority === "urgent") : [];
    this.#first = false;
    this.#ring();
  }

  /** Say what is new, or more pressing than before, to those who do not look at the list. */
  #announce(alerts) {
    for (const one of alerts) {
      const before = this.#known.get(one.alert_id);
      this.#known.set(one.alert_id, one.priority);
      if (this.#first || before === one.priority) continue;
      const said = `${before ? "Now" : "New"}: ${saidOf(one)}`;
      (one.priority === "urgent" ? this.alarm : this.news).textContent = said;
      if (one.priority === "urgent") this.#notification(one);
    }
  }

  #notification(alert) {
    if (!pref("sound", false) || !("Notification" in globalThis) || Notification.permission !== "granted") return;
    try {
      const note = new Notification(`${alert.exercise ? "EXERCISE, " : ""}URGENT`, { body: plain(alert), tag: alert.alert_id });
      note.onclick = () => { window.focus(); this.app.go(link("alerts", alert.alert_id)); };
    } catch {
      // some browsers have none outside of a service worker: the sound and the page say it
    }
  }

  /** Sound while an urgent alert is not answered; of an exercise one tone, told as such. */
  #ring() {
    clearInterval(this.#timer);
    const real = this.#urgent.filter((one) => !one.exercise);
    const drill = this.#urgent.find((one) => one.exercise && !drilled.has(one.alert_id));
    this.#alarmBanner(real);
    if (!pref("sound", false) || this.#quiet(real)) return;
    if (real.length) {
      this.#tone.play(false);
      this.#timer = setInterval(() => this.#tone.play(false), REPEAT_MS);
    } else if (drill) {
      drilled.add(drill.alert_id);
      this.#tone.play(true);
    }
  }

  /** While it sounds: what for, and how to have quiet. */
  #alarmBanner(real) {
    const quiet = this.#quiet(real);
    const sounds = pref("sound", false) && real.length > 0;
    const key = sounds ? `${quiet}${real.map((one) => one.alert_id)}` : null;
    if (key === this.alarmed) return;
    this.alarmed = key;
    if (!sounds) return this.app.banner("alarm", null);
    const button = quiet ? `Quiet until ${time(this.#mutedUntil, { seconds: false })}. ` : h("button.small", { type: "button", dataset: { action: "mute" }, onclick: () => this.#mute() }, "Quiet for 10 min");
    return this.app.banner("alarm", [`${real.length === 1 ? "An urgent alert is" : `${real.length} urgent alerts are`} not answered. `,
      h("a", { href: link("alerts", real.length === 1 ? real[0].alert_id : null) }, "Show"), " ", button], "bad");
  }

  /** Muted, and nothing urgent has come since. */
  #quiet(real) {
    return Date.now() < this.#mutedUntil && real.every((one) => this.#muted.has(one.alert_id));
  }

  #mute() {
    this.#mutedUntil = Date.now() + MUTE_MS;
    this.#muted = new Set(this.#urgent.map((one) => one.alert_id));
    this.#ring();
    setTimeout(() => this.#ring(), MUTE_MS + 100);
  }

  #title() {
    const bare = document.title.replace(/^(EXERCISE )?\(\d+\) |^EXERCISE /, "");
    const mark = this.drill ? "EXERCISE " : "";
    document.title = `${mark}${this.count ? `(${this.count}) ` : ""}${bare}`;
    badge(this.count ?? 0);
  }

  /** What is invented must not be taken for real: a banner, a striped edge, a word in the title. */
  #exercise(alerts) {
    const { clock } = this.app;
    const whole = clock.extent.exercise && !clock.live;
    this.drill = whole || clock.extent.exercise || alerts.some((one) => one.exercise);
    document.body.dataset.exercise = this.drill ? "yes" : "no";
    const text = whole ? ALL_INVENTED : this.drill ? SOME_INVENTED : null;
    if (text !== this.exerciseTold) this.app.banner("exercise", text, "exercise");
    this.exerciseTold = text;
    this.#title();
  }

  async #status() {
    try {
      const status = await this.app.api.get("/api/status");
      this.#blind(status.problems, status.feeds);
    } catch {
      // without an answer the connection's own banner stands
    }
  }

  /** Read when nobody was heard: it must be said when that time is shown. */
  async #silences() {
    const told = await this.app.api.get("/api/statements", { since: this.app.clock.live ? null : new Date(0).toISOString() }).catch(() => null);
    if (told) this.silent = told.statements.flatMap(silencesOf);
    this.#deaf();
  }

  /** An empty map of a time in which nobody was heard is no quiet sea. */
  #deaf() {
    const { at } = this.app.clock;
    const here = at === null ? null : (this.silent ?? []).find((one) => Date.parse(one.from) <= at && at < Date.parse(one.to));
    const key = here ? here.from : null;
    if (key === this.deafTold) return;
    this.deafTold = key;
    this.app.banner("deaf", here && `The watch was blind from ${time(here.from, { day: true })} to ${time(here.to, { day: true })}: ${here.why}.`, "bad");
  }

  /** A watch that cannot see is never quiet about it. */
  #blind(problems, feeds = []) {
    const found = problems.filter((one) => one.severity !== "warning" || BLIND.includes(one.code));
    const said = found.map((one) => since(one, feeds)).join("; ");
    if (said === this.blindTold) return;
    this.blindTold = said;
    this.app.banner("blind", said ? [`The watch cannot see everything: ${said}. `, h("a", { href: link("feeds") }, "Health")] : null, "bad");
  }
}

/** The times in which nobody was heard, of a statement: of a recording, or of an hour of a live watch. */
const silencesOf = ({ figures }) => [...(figures?.quiet ?? []).map((one) => ({ ...one, why: "nothing was heard of anybody" })), ...(figures?.blind ?? [])];

/** The words of a problem, with since when where they do not say it. */
function since(problem, feeds) {
  const feed = feeds.find((one) => problem.words.startsWith(`feed ${one.name} `)), words = problemWords(problem);
  const known = /since \d{4}-/.test(words) || !feed?.since_at;
  return known ? words : `${words} (since ${time(feed.since_at, { day: true, seconds: false })})`;
}

const plain = (alert) => alert.sentence ?? alert.headline ?? alert.behaviours.map(words).join(", ");
const saidOf = (alert) => `${alert.exercise ? "exercise, " : ""}${alert.priority}, ${plain(alert)}`;

/** How many are not answered, at the view's name in the rail. */
function badge(count) {
  const place = document.querySelector('#rail a[data-view="alerts"]');
  if (!place) return;
  let mark = place.querySelector(".count");
  if (!mark) place.append(mark = h("span.count"));
  mark.hidden = !count;
  mark.textContent = String(count);
  mark.setAttribute("aria-label", `${count} not answered`);
}
