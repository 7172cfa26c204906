// Reads the alerts of the inbox: all that stand, and of those that are over as many as are wanted.

import { STANDING } from "../../lib/names.js";

const PAGE = 500;
/** More standing ones nobody goes through: then it is said that there are more. */
const MOST_STANDING = 2000;
const ABOVE_INFO = ["urgent", "warning", "advisory"];

/**
 * Read what the inbox shows: {standing, over, candidates, moreStanding, moreOver}. `wanted` says which statuses
 * of those that are over, how many, whether the ordinary ones (info) are among them, and whether candidates are.
 */
export async function readAlerts(api, at, wanted) {
  const [standing, over, candidates] = await Promise.all([
    upTo(api, { at, status: STANDING }, MOST_STANDING),
    wanted.over.length ? upTo(api, { at, status: wanted.over, ...(wanted.info ? {} : { priority: ABOVE_INFO }), ...wanted.query }, wanted.most) : none,
    wanted.candidates ? upTo(api, { at, status: ["candidate"], ...wanted.query }, wanted.most) : none,
  ]);
  return { standing: standing.rows, moreStanding: standing.more, over: over.rows, moreOver: over.more || candidates.more, candidates: candidates.rows };
}

const none = { rows: [], more: false };

async function upTo(api, query, most) {
  const rows = [];
  let after = null;
  do {
    const page = await api.get("/api/alerts", { ...query, limit: Math.min(PAGE, most - rows.length), after });
    rows.push(...page.alerts);
    after = page.next;
  } while (after && rows.length < most);
  return { rows, more: Boolean(after) };
}

/** Who answered an alert last ({what, who, at}), or since when it asks for an answer ({since}); asked once for each revision. */
export class Answers {
  #known = new Map();

  constructor(api) {
    this.api = api;
  }

  of(alert) {
    return this.#known.get(key(alert)) ?? null;
  }

  /** Ask for those not known yet, some at a time; tells whether anything new came. */
  async learn(alerts, at) {
    const unknown = alerts.filter((one) => (answered(one) || waits(one)) && !this.#known.has(key(one))).slice(0, 6);
    for (const alert of unknown) {
      this.#known.set(key(alert), null);
      const told = await this.api.get(`/api/alerts/${encodeURIComponent(alert.alert_id)}`, { at }).catch(() => null);
      if (told) this.#known.set(key(alert), answered(alert) ? lastByPerson(told.transitions) : { since: waitsSince(told.revisions) });
    }
    return unknown.length > 0;
  }
}

const key = (alert) => `${alert.alert_id} ${alert.revision} ${alert.status}`;
/** What rose from an ordinary passage waits from when it rose, which its first revision does not tell. */
const waits = (alert) => alert.status === "open" && alert.priority !== "info" && alert.revision > 1;

/** When the last stretch began in which it stood, unanswered, as more than an ordinary passage. */
export function waitsSince(revisions) {
  const quiet = revisions.findLastIndex((one) => one.status !== "open" || one.priority === "info");
  return revisions[quiet + 1]?.revised_at ?? null;
}

const answered = (alert) => alert.status === "acknowledged" || alert.status === "escalated" || Boolean(alert.outcome);

/** The last answer: a person's, or that it escalated by itself because there was none. */
export function lastByPerson(transitions) {
  const steps = transitions.filter((one) => PAST[one.what]);
  const last = steps.at(-1);
  return last ? { what: PAST[last.what], who: last.who, at: last.data_at ?? last.at } : null;
}

const PAST = { acknowledge: "acknowledged", escalate: "escalated", close: "closed", retract: "retracted", reopen: "reopened", unanswered: "escalated, unanswered," };
