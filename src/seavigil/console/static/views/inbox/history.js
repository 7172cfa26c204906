// How an alert became what it is: each revision with what changed, each step with who took it.

import { h } from "../../lib/dom.js";
import { many, time, words } from "../../lib/format.js";
import { PRIORITIES, priorityBadge } from "./priority.js";

const STEPS = {
  found: "found, below the bar", opened: "opened", rose: "more pressing than before", grew: "there is more of it", went_on: "goes on again",
  known: "goes on, as acknowledged", settled: "goes on, as closed", stirred: "goes on below the bar", ended: "all of it has ended",
  explained: "later data explain it", unanswered: "escalated: nobody had answered", expired: "closed: it ended long ago",
  judged_again: "judged again at a new start", silenced: "silenced", silence_ended: "the silence ended", note: "noted",
  acknowledge: "acknowledged", escalate: "escalated", close: "closed", retract: "retracted", reopen: "reopened",
};

/** Draw the timeline, the newest on top. `at`: the moment shown, ms or null; `go(ms)` shows another. */
export function timeline(revisions, transitions, at, go) {
  const rows = [...revisions.map((one, number) => revisionRow(one, revisions[number - 1])), ...transitions.map(stepRow)];
  rows.sort((one, other) => Date.parse(other.at) - Date.parse(one.at) || other.number - one.number);
  const shown = newestBy(revisions, at);
  return h("ol.timeline", null, rows.filter((row) => row.said.length).map((row) => entry(row, shown, at, go)));
}

function entry(row, shown, at, go) {
  const later = at !== null && Date.parse(row.at) > at;
  const here = row.revision && row.revision === shown?.revision;
  return h("li", { class: later ? "later" : null, "aria-current": here && at !== null ? "true" : null, dataset: row.revision ? { revision: row.revision } : {} },
    h("p.when", null, time(row.at, { day: true }), later && " (later than the moment shown)", row.who && ` by ${row.who}`),
    row.said.map((one) => h("p", null, one)), row.why && h("p.quiet", null, row.why),
    row.revision && h("button.small", { type: "button", dataset: { action: "show-moment" }, onclick: () => go(Date.parse(row.at)) }, "Show this moment"));
}

/** The revision that stood at a moment. */
const newestBy = (revisions, at) => revisions.findLast((one) => at === null || Date.parse(one.revised_at) <= at);

function revisionRow(one, before) {
  return { at: one.revised_at, number: one.revision, revision: one.revision, said: before ? changed(before, one) : [`first stood: ${doing(one)}`], why: null };
}

const doing = (one) => [one.behaviours.map(words).join(", "), ...one.assets.map((asset) => asset.name)].filter(Boolean).join("; ");

/** What is other in a revision than in the one before. */
function changed(before, after) {
  const added = (name, key) => after[name].filter((one) => !before[name].some((old) => key(old) === key(one)));
  const behaviours = after.behaviours.filter((one) => !before.behaviours.includes(one));
  const crossed = after.assets.filter((one) => one.crossed_at && !before.assets.some((old) => old.asset_id === one.asset_id && old.crossed_at));
  const assets = added("assets", (one) => one.asset_id).filter((one) => !one.crossed_at);
  const faults = added("faults", (one) => one.fault_id);
  const said = [
    after.priority !== before.priority && rose(before, after), behaviours.length > 0 && `also: ${behaviours.map(words).join(", ")}`,
    ...crossed.map((one) => `crossed ${one.name} at ${time(one.crossed_at)}`), assets.length > 0 && `also about ${assets.map((one) => one.name).join(", ")}`,
    faults.length > 0 && `${many(faults.length, "fault")} fit`, after.ended && !before.ended && `ended at ${time(after.ended)}`, !after.ended && before.ended && "goes on again",
    after.silenced_by && !before.silenced_by && "silenced",
  ].filter(Boolean);
  return said.length ? said : figures(before, after);
}

function figures(before, after) {
  const other = after.reasons.filter((one) => !before.reasons.some((old) => old.code === one.code && old.observed === one.observed));
  if (after.status !== before.status) return [];
  return [other.length ? `figures changed: ${other.map((one) => words(one.code)).join(", ")}` : "figures changed"];
}

function rose(before, after) {
  const up = PRIORITIES.indexOf(after.priority) < PRIORITIES.indexOf(before.priority);
  return h("span", null, `${up ? "rose" : "fell"} from ${before.priority} to `, priorityBadge(after.priority));
}

function stepRow(one) {
  const turned = one.after && one.before !== one.after ? ` (now ${words(one.after)})` : "";
  return { at: one.data_at ?? one.at, number: one.revision + 0.5, revision: null, said: [`${STEPS[one.what] ?? words(one.what)}${turned}`],
    who: one.who === "seavigil" ? null : one.who, why: one.why };
}
