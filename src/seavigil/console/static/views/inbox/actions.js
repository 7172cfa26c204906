// What a person does about an alert: only what its status allows, with the answer in the service's words.

import { fill, h } from "../../lib/dom.js";
import { time, words } from "../../lib/format.js";
import { choose, pref } from "../../lib/prefs.js";
import { UNANSWERED } from "./priority.js";

/** What may be asked at which status; the service has the last word (the table of steps). */
const ACTIONS = [
  { what: "acknowledge", said: "Acknowledge", from: ["open", "escalated", "closed"], help: "You have it. The same is not told again; what is new is." },
  { what: "escalate", said: "Escalate", from: ["candidate", "open", "acknowledged", "closed"], help: "Somebody else must know: every channel that takes its kind is told." },
  { what: "close", said: "Close", from: ["candidate", "open", "acknowledged", "escalated", "closed"], help: "It is done with. Say how it turned out." },
  { what: "retract", said: "Retract", from: ["candidate", "open", "acknowledged", "escalated", "closed"], why: true, help: "It should not have been raised; whoever was told of it is told." },
  { what: "reopen", said: "Reopen", from: ["candidate", "acknowledged", "escalated", "closed", "retracted"], help: "Take back what was said of it." },
  { what: "silence", said: "Silence", from: ["candidate", "open", "acknowledged", "escalated", "closed"], house: true, when: (alert) => !alert.silenced_by, why: true,
    help: "It is expected: nobody is told of it for a while. It is judged and kept as ever." },
  { what: "unsilence", said: "End the silence", from: null, house: true, when: (alert) => alert.silenced_by, help: "What still stands is told." },
  { what: "note", said: "Note", from: null, why: true, help: "Keep something beside it; nobody is told." },
];
const DONE = { acknowledge: "Done: it is acknowledged.", escalate: "Done: it is escalated, and those concerned are told.", close: "Done: it is closed.",
  retract: "Done: it is retracted; whoever was told of it is told so.", reopen: "Done: it is open again.", silence: "Done: nobody is told of it for that time.",
  unsilence: "Done: the silence is ended.", note: "Done: the note is kept with it." };
const OUTCOMES = [["harmless", "Harmless"], ["confirmed", "Confirmed"], ["duplicate", "Duplicate"], ["test", "Test"], ["unresolved", "Not resolved"]];
const LENGTHS = [["3600", "1 hour"], ["14400", "4 hours"], ["43200", "12 hours"], ["86400", "1 day"], ["604800", "7 days"]];
const URGENT = [["warning", "told all the same"], ["urgent", "silenced as well"]];
const LOOK_MS = 400;
const LONG_MS = 20_000;
const MOST_MS = 180_000;

/** The actions of one alert: {element, update(alert), open(what)}. `done()` is called when one was done. */
export class Actions {
  #asked = null;
  #over = false;

  constructor(app, done) {
    this.app = app;
    this.done = done;
    this.buttons = h("div.row", { role: "group", "aria-label": "What to do" });
    this.form = h("div");
    this.told = h("p", { id: "alert-told", role: "status" });
    this.element = h("section.actions", { id: "alert-actions", "aria-label": "What to do about it" }, this.buttons, this.form, this.told);
  }

  leave() {
    this.#over = true;
  }

  update(alert) {
    this.alert = alert;
    const reason = this.#cannot();
    const possible = ACTIONS.filter((one) => allowed(one, alert, this.app.session));
    const now = JSON.stringify([reason, possible.map((one) => one.what), Boolean(this.#asked)]);
    if (now === this.drawn) return;
    this.drawn = now;
    const past = this.app.clock.at !== null && this.app.can("operator");
    fill(this.buttons, reason ? [h("p.quiet", null, reason), past && h("button", { type: "button", dataset: { action: "newest" }, onclick: () => this.app.clock.newest() }, "Newest")]
      : possible.map((one) => h(one.what === "acknowledge" && UNANSWERED.includes(alert.status) ? "button.primary" : "button",
        { type: "button", dataset: { action: one.what }, title: one.help, disabled: Boolean(this.#asked), onclick: () => this.open(one.what) }, one.said)));
    if (reason) {
      fill(this.form);
      this.#tell("");
    }
  }

  /** Why nothing can be done here; null where it can. */
  #cannot() {
    if (!this.app.can("operator")) return `You are signed in as ${this.app.session.role}: acknowledging and closing take the role operator.`;
    if (this.app.clock.at !== null) return `You are looking at ${time(this.app.clock.at, { day: true, seconds: false })}. To acknowledge or close, go to the newest.`;
    return null;
  }

  /** Open the form of an action; acknowledging needs none. */
  open(what) {
    const action = ACTIONS.find((one) => one.what === what);
    if (!action || this.#cannot() || this.#asked || !allowed(action, this.alert, this.app.session)) return;
    if (what === "acknowledge" && this.#named()) {
      this.#ask(what, "", {});
      return;
    }
    const why = h("textarea", { rows: 2, maxLength: 4000, required: Boolean(action.why), "aria-label": action.why ? "Why" : "Why (if you like)" });
    const fields = fieldsOf(what, this.alert);
    const who = this.#nameField();
    fill(this.form, h("form.card", { dataset: { form: what }, onsubmit: (event) => this.#submit(event, what, { why, fields, who }) },
      h("h2", null, action.said), h("p.quiet", null, action.help), who && h("label", null, "Your name", who),
      fields.map((one) => h("label", null, one.said, one.element)),
      h("label", null, what === "note" ? "Note" : action.why ? "Why" : "Why (if you like)", why),
      h("div.row", null, h("button.primary", { type: "submit" }, action.said), h("button", { type: "button", onclick: () => this.close() }, "Cancel"))));
    this.form.onkeydown = (event) => { if (event.key === "Escape") this.close(); };
    (who ?? fields[0]?.element ?? why).focus();
  }

  close() {
    fill(this.form);
    this.buttons.querySelector("button")?.focus();
  }

  /** Without sign-in people say who they are; it is remembered here. */
  #nameField() {
    return this.#signedIn() ? null : h("input", { type: "text", required: true, maxLength: 200, value: pref("name", ""), autocomplete: "name" });
  }

  #signedIn() {
    return this.app.session.sign_in !== "none";
  }

  #named() {
    return this.#signedIn() || pref("name", "").trim();
  }

  #submit(event, what, { why, fields, who }) {
    event.preventDefault();
    if (who) choose("name", who.value.trim());
    const text = why.value.trim();
    if (why.required && !text) {
      this.#tell("Say why.", true);
      why.focus();
      return;
    }
    this.#ask(what, text, Object.fromEntries(fields.map((one) => [one.name, one.number ? Number(one.element.value) : one.element.value])));
  }

  async #ask(what, why, args) {
    const who = this.#signedIn() ? {} : { who: pref("name", "").trim() };
    this.#asked = what;
    this.update(this.alert);
    this.#tell("Waiting: asked of the watch …");
    try {
      const { command_id: id } = await this.app.api.send("POST", `/api/alerts/${encodeURIComponent(this.alert.alert_id)}/${what}`, { why, arguments: args, ...once(), ...who });
      fill(this.form);
      await this.#follow(id, what);
    } catch (fault) {
      this.#tell(`Not done: ${fault.message}`, true);
    }
    this.#asked = null;
    if (!this.#over) this.done();
    this.update(this.alert);
  }

  /** Look until the service has done it, or refused it. */
  async #follow(id, what) {
    const began = Date.now();
    while (!this.#over && Date.now() - began < MOST_MS) {
      const { state, says, why } = await this.app.api.get(`/api/commands/${encodeURIComponent(id)}`);
      if (state === "done") return this.#tell(DONE[what] ?? `Done: ${words(what)}.`);
      if (state === "refused") return this.#tell(`Refused: ${says || why || "no reason is given"}`, true);
      if (Date.now() - began > LONG_MS) this.#tell("Still waiting: the service does it with the next data it judges.");
      await new Promise((wake) => setTimeout(wake, LOOK_MS));
    }
    return this.#tell("Still waiting; it is kept, and done when the service goes on.");
  }

  #tell(text, bad = false) {
    this.told.className = bad ? "error" : "";
    this.told.textContent = text;
    if (this.#over) this.app.say(text, bad ? "error" : "info");
  }
}

/** What else an action asks for, each a choice. */
function fieldsOf(what, alert) {
  const choice = (name, said, rows, more) => ({ name, said, element: h("select", null, rows.map(([value, text]) => h("option", { value }, text))), ...more });
  if (what === "close") return [choice("outcome", "How it turned out", OUTCOMES)];
  if (what !== "silence") return [];
  const like = alert.feed ? "this feed" : "this ship, doing the same near the same assets";
  return [choice("for_s", "For", LENGTHS, { number: true }), choice("of", "Of", [["alert", "this alert alone"], ...(alert.vessel || alert.feed ? [["like", like]] : [])]),
    choice("at_most_priority", "What is urgent is", URGENT)];
}

const allowed = (action, alert, session) => (action.from === null || action.from.includes(alert.status))
  && !(action.what === "acknowledge" && alert.status === "closed" && alert.outcome) && !(action.house && session.organisation) && (!action.when || action.when(alert));

/** A name of its own for each command: sent again, it is not done twice. Browsers give none where the page is not secure. */
const once = () => (globalThis.crypto?.randomUUID ? { command_id: crypto.randomUUID() } : {});
