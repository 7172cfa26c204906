// The time bar: which moment is shown, and ways to another one.

import { get } from "../lib/api.js";
import { SPEEDS } from "../lib/clock.js";
import { fill, h, svg } from "../lib/dom.js";
import { duration, time } from "../lib/format.js";
import { copy } from "../map/copying.js";
import { ticks } from "./timeticks.js";

const MINUTE_MS = 60_000, HOUR_MS = 3_600_000;
const STEPS = { ArrowLeft: -MINUTE_MS, ArrowDown: -MINUTE_MS, ArrowRight: MINUTE_MS, ArrowUp: MINUTE_MS, PageDown: -10 * MINUTE_MS, PageUp: 10 * MINUTE_MS };
/** Spans that the slider may hold; null: all there is. */
const SPANS = [[null, "All"], [24, "24 h"], [6, "6 h"], [1, "1 h"]];
const ALERTS_EVERY_MS = 30_000;
const SLIDE_MS = 1_000;

const ICONS = { back: "M15 6l-6 6 6 6M18 6v12", forth: "M9 6l6 6-6 6M6 6v12", play: "M8 5l11 7-11 7z", pause: "M8 5v14M16 5v14",
  link: "M10 14a4 4 0 006 0l3-3a4 4 0 00-6-6l-1 1M14 10a4 4 0 00-6 0l-3 3a4 4 0 006 6l1-1" };
const icon = (name) => svg("svg", { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true", class: "icon" }, svg("path", { d: ICONS[name] }));

/** Show the moment that the page is about, and move it. */
export function timebar(bar, app) {
  const { clock } = app;
  if (clock.began === null && !clock.live) {
    bar.classList.add("empty-time");
    fill(bar, h("p", null, "Nothing has been heard yet: there is no time to show."));
    return;
  }
  const parts = made(app);
  const marks = ticks(parts.slider, parts.canvas);
  fill(bar, parts.back, parts.play, parts.forth, parts.speed, h("div.time-slider", null, parts.canvas, parts.slider), parts.span, parts.now, parts.newest, parts.link, parts.jump);
  const draw = (_clock, why) => drawn(app, parts, marks, why);
  clock.on(draw);
  app.stream.on("picture", () => draw(clock, "picture"));
  if (clock.live) setInterval(() => draw(clock, "tick"), 1_000);
  listen(app, parts, draw);
  alertMarks(app, marks, () => draw(clock, "marks"));
  draw(clock, "moved");
}

function made(app) {
  const { clock } = app;
  const button = (name, title, onclick, ...content) => h("button", { type: "button", class: `time-${name}`, title, "aria-label": title, onclick }, content);
  return {
    back: button("back", "One minute back", () => step(clock, -MINUTE_MS), icon("back")),
    play: button("play", "Play (space)", () => turn(clock)),
    forth: button("forth", "One minute on", () => step(clock, MINUTE_MS), icon("forth")),
    speed: h("select", { "aria-label": "Speed", title: "Speed", onchange: (event) => faster(clock, Number(event.target.value)) }, SPEEDS.map((n) => h("option", { value: n, selected: n === clock.speed }, `${n}×`))),
    slider: h("input", { type: "range", "aria-label": "Moment shown", min: "0", max: "1", step: "1" }),
    canvas: h("canvas", { "aria-hidden": "true" }),
    span: h("select", { "aria-label": "Span of the slider", title: "Span of the slider" }, SPANS.map(([hours, text]) => h("option", { value: hours ?? "" }, text))),
    now: button("now", "Jump to a time", null),
    newest: button("newest", "Show the newest", () => clock.newest()),
    link: button("link", "Copy a link to this moment and place", () => copyLink(app), icon("link")),
    jump: h("div.time-jump", { hidden: true, role: "dialog", "aria-label": "Jump to a time" }),
  };
}

function step(clock, ms) {
  clock.pause();
  clock.set(clock.now() + ms);
}

const turn = (clock) => (clock.playing ? clock.pause() : clock.play(clock.speed));

function faster(clock, speed) {
  clock.speed = speed;
  if (clock.playing) clock.play(speed);
}

/** A link that shows the same again: also where the newest is shown now. */
function copyLink(app) {
  const [path, query] = location.hash.split("?"), asked = new URLSearchParams(query);
  asked.set("at", new Date(app.clock.now()).toISOString().replace(/\.\d+Z$/, "Z"));
  copy(app, `${location.origin}${location.pathname}${path || "#/alerts"}?${asked}`);
}

function whole(clock) {
  const ended = clock.head();
  return [clock.began ?? ended - HOUR_MS, ended];
}

/** What the slider holds: all, or a span around the moment shown, moved on only when the moment leaves its middle. */
function spanned(clock, parts) {
  const [began, ended] = whole(clock), hours = Number(parts.span.value) || null;
  parts.span.hidden = ended - began <= 6 * HOUR_MS;
  if (!hours || ended - began <= hours * HOUR_MS) return [began, ended];
  const at = clock.now(), long = hours * HOUR_MS, [low, high] = parts.window ?? [0, 0];
  const keeps = high - low === long && high <= ended && at > low + long * 0.1 && at < high - long * 0.1;
  if (keeps) return parts.window;
  const first = Math.min(Math.max(at - long / 2, began), ended - long);
  return (parts.window = [first, first + long]);
}

function drawn(app, parts, marks, why) {
  const { clock } = app, [low, high] = spanned(clock, parts), at = clock.now();
  const { slider } = parts;
  Object.assign(slider, { min: String(Math.floor(low / 1000)), max: String(Math.ceil(high / 1000)) });
  if (!parts.held) slider.value = String(Math.round(at / 1000));
  slider.setAttribute("aria-valuetext", time(at, { day: true }));
  if (why !== "ran" && why !== "tick") { play(clock, parts); past(app); }
  parts.now.replaceChildren(time(at, { day: true }));
  marks.draw(low, high, why);
}

function play(clock, { play: button, newest, speed }) {
  const title = clock.playing ? "Pause (space)" : "Play (space)";
  fill(button, icon(clock.playing ? "pause" : "play"));
  button.title = title;
  button.setAttribute("aria-label", title);
  speed.value = String(clock.speed);
  const isNewest = clock.at === null;
  newest.classList.toggle("live", isNewest && clock.live);
  newest.setAttribute("aria-pressed", String(isNewest));
  newest.replaceChildren(clock.live ? (isNewest ? "● LIVE" : "Go live") : "Newest");
}

/** Who looks at the past of a running watch is told so, always. */
function past(app) {
  const { clock } = app, is = clock.live && clock.at !== null;
  document.body.dataset.past = is ? "yes" : "no";
  const text = clock.playing ? `Replaying the past at ${clock.speed}×` : `Showing the past: ${time(clock.at, { day: true })}, ${duration(clock.head() - clock.at)} ago`;
  app.banner("past", is ? text : null, "past");
}

function listen(app, parts, draw) {
  const { clock } = app, { slider } = parts;
  let waiting = null;
  const slid = () => { waiting = null; clock.set(Number(slider.value) * 1000); };
  slider.addEventListener("pointerdown", () => { parts.held = true; clock.pause(); });
  slider.addEventListener("input", () => { parts.now.replaceChildren(time(Number(slider.value) * 1000, { day: true })); waiting ??= setTimeout(slid, SLIDE_MS / 4); });
  slider.addEventListener("change", () => { parts.held = false; clearTimeout(waiting); slid(); });
  slider.addEventListener("keydown", (event) => {
    const ms = STEPS[event.key];
    if (ms === undefined) return;
    event.preventDefault();
    step(clock, ms);
  });
  parts.span.addEventListener("change", () => { parts.window = null; draw(clock, "moved"); });
  parts.now.addEventListener("click", () => jump(app, parts));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, button, a, summary, [contenteditable], [role=option]");
    if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey || (typing && event.target !== slider)) return;
    event.preventDefault();
    turn(clock);
  });
  new ResizeObserver(() => draw(clock, "marks")).observe(slider);
  document.addEventListener("theme", () => draw(clock, "marks"));
}

/** Ask for a time, UTC; a time of the day alone means the day shown. */
function jump(app, { jump: box, now }) {
  const { clock } = app;
  const close = () => { box.hidden = true; now.focus(); };
  if (!box.hidden) return close();
  const field = h("input", { type: "text", value: time(clock.now(), { day: true }).replace("Z", ""), "aria-describedby": "time-fault", autocomplete: "off", size: "20" });
  const fault = h("p.error", { id: "time-fault", role: "alert" });
  const go = (event) => {
    event.preventDefault();
    const at = parsed(field.value, clock.now());
    if (at === null) return fill(fault, "Write a time as 2013-11-12 12:03 or 12:03:30 (UTC).");
    clock.pause();
    clock.set(at);
    close();
    if (clock.at !== at) app.say(`There are no data of that time: ${time(clock.at, { day: true })} is shown.`);
  };
  fill(box, h("form", { onsubmit: go }, h("label", null, "Time (UTC)", field), h("button.primary", { type: "submit" }, "Show"), h("button", { type: "button", onclick: close }, "Cancel")), fault);
  box.onkeydown = (event) => { if (event.key === "Escape") close(); };
  box.hidden = false;
  field.select();
}

/** "2013-11-12 12:03[:04][Z]" or "12:03[:04]" -> ms; null for anything else. */
export function parsed(text, now) {
  const found = /^(?:(\d{4}-\d\d-\d\d)[ T]+)?(\d{1,2}):?(\d\d)(?::?(\d\d))?\s*(?:Z|UTC)?$/i.exec(text.trim());
  if (!found) return null;
  const [, day = new Date(now).toISOString().slice(0, 10), hour, minute, second = "00"] = found;
  const at = Date.parse(`${day}T${hour.padStart(2, "0")}:${minute}:${second}Z`);
  return Number.isNaN(at) ? null : at;
}

/** The moments at which alerts first stood, as marks on the slider. */
function alertMarks(app, marks, draw) {
  let last = 0;
  const ask = async () => {
    if (performance.now() - last < ALERTS_EVERY_MS && last) return;
    last = performance.now();
    const found = await get("/api/alerts", { limit: 500 }).catch(() => null);
    if (!found) return;
    marks.alerts = found.alerts.map((alert) => ({ at: Date.parse(alert.detected_at), priority: alert.priority }));
    draw();
  };
  app.stream.on("alert", ask);
  ask();
}
