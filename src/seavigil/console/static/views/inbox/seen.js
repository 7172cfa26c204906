// Which alerts are new to whoever looks here.

import { choose, pref } from "../../lib/prefs.js";

const MOST_KEPT = 400;
const ids = new Set(pref("seen", []));
let first = true;

/** Take the first list: in a live watch what stood when one last looked is not new, in a recording nothing is. */
export function begin(alerts, live) {
  if (!first) return;
  first = false;
  const until = live ? pref("looked", 0) : Infinity;
  for (const one of alerts) if (!until || Date.parse(one.detected_at) <= until) ids.add(one.alert_id);
}

/** Whether an alert is new. */
export const fresh = (alert) => !ids.has(alert.alert_id);

/** These have been looked at. */
export function look(alerts) {
  for (const one of alerts) ids.add(one.alert_id);
  choose("seen", [...ids].slice(-MOST_KEPT));
  const newest = Math.max(pref("looked", 0), ...alerts.map((one) => Date.parse(one.detected_at)));
  choose("looked", newest);
}
