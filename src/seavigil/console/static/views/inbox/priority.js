// How pressing and how it stands: always a shape and a word, never a colour alone.

import { h, svg } from "../../lib/dom.js";
import { words } from "../../lib/format.js";
import { STANDING } from "../../lib/names.js";

/** The most pressing first. */
export const PRIORITIES = ["urgent", "warning", "advisory", "info"];
/** Those that are over. */
export const OVER = ["closed", "retracted"];

/** Nobody has answered these. */
export const UNANSWERED = ["open", "escalated"];

const SHAPES = {
  urgent: "M8 1.5L15 14.5H1z",
  warning: "M8 1l7 7-7 7-7-7z",
  advisory: "M8 1.5a6.5 6.5 0 100 13a6.5 6.5 0 100-13z",
  info: "M8 4.5a3.5 3.5 0 100 7a3.5 3.5 0 100-7z",
};

const STATUS = {
  candidate: "below the bar", open: "not answered", acknowledged: "acknowledged", escalated: "escalated",
  closed: "over", retracted: "retracted",
};

/** The shape of a priority: triangle, diamond, circle, dot. */
export const shape = (priority) =>
  svg("svg", { viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true", class: `shape ${priority}` },
    svg("path", { d: SHAPES[priority] ?? SHAPES.info }));

/** A badge with shape and word. */
export const priorityBadge = (priority) => h("span.badge", { class: priority }, shape(priority), priority);

/** Say how an alert stands. */
export function statusWords(alert) {
  const { status, outcome, retracted_because: because } = alert;
  if (status === "closed") return outcome ? `closed: ${words(outcome)}` : "over";
  if (status === "retracted" && because) return `retracted: ${because === "by_operator" ? "by a person" : words(because)}`;
  return STATUS[status] ?? words(status);
}

/** A badge of how it stands; what nobody has answered stands out, an ordinary passage aside. */
export function statusBadge(alert) {
  const calls = UNANSWERED.includes(alert.status) && alert.priority !== "info";
  const said = alert.status === "open" && alert.priority === "info" ? "goes on" : statusWords(alert);
  return h("span.status", { class: calls ? "unanswered" : alert.status }, said);
}

/** The badge of what is invented. */
export const exerciseBadge = (alert) => (alert.exercise ? h("span.badge.exercise", null, "EXERCISE") : null);

/** Sort: standing before over, the most pressing first, then what was revised last. */
export function byUrgency(one, other) {
  return rank(one) - rank(other)
    || PRIORITIES.indexOf(one.priority) - PRIORITIES.indexOf(other.priority)
    || Date.parse(other.revised_at) - Date.parse(one.revised_at)
    || one.alert_id.localeCompare(other.alert_id);
}

const rank = (alert) => (STANDING.includes(alert.status) ? 0 : alert.status === "candidate" ? 1 : 2);
