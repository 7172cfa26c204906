// What the states and problems of the watch mean, and what to do, in plain words.

import { h, svg } from "../../lib/dom.js";

/** Of each state of a feed: what it means, and what to do. */
export const STATES = {
  connected: { said: "well", kind: "good" },
  ended: { said: "ended", kind: "info", means: "It came to its end. Of a recording that is as it should be." },
  connecting: { said: "not connected yet", kind: "warning", means: "There is no connection; it is tried again by itself.", todo: "See whether the address is right and the other side is up." },
  waiting: { said: "not connected", kind: "urgent", means: "There is no connection; it is tried again by itself.", todo: "See whether the address is right and the other side is up." },
  refused: { said: "refused", kind: "urgent", means: "The other side does not let us in.", todo: "Trying again will not help: mend the key, the certificate or the subscription in the settings." },
  mute: { said: "silent", kind: "urgent", means: "Connected, but no report comes.", todo: "Ask the provider; a receiver may have lost its aerial." },
  garbage: { said: "cannot be read", kind: "urgent", means: "Something comes, but it cannot be read.", todo: "See whether it is another format, another port, or encrypted." },
  clock_off: { said: "wrong clock", kind: "warning", means: "Its times are off by as much all the while.", todo: "Whole half hours are a time zone. If all feeds are off alike, look at this machine's clock." },
  behind: { said: "falling behind", kind: "warning", means: "Its reports come later and later, or a backlog is coming in.", todo: "The provider or the line does not keep up: ask the provider." },
  unreadable: { said: "could not be read", kind: "urgent", means: "This file was left out.", todo: "See whether it is whole, and of a format that is known." },
};

/** Of each problem: what to do. */
export const TODO = {
  not_running: "Start the service again.", stopped: "Start the service again.", judge_ended: "Start the service again; its log says why.",
  judge_stalled: "Start the service again; its log says why.", judge_fails: "Look into the service's log. It tries again at each start.",
  judge_lags: "Wait if a backlog came in; else this machine is too slow for its feeds.", log_not_writable: "See whether the disk is full, and who may write to it.",
  store_not_writable: "See whether the database runs and its disk has room.", no_feed: "Name a feed in the settings.",
  all_feeds_dead: "Nothing is heard: look at this machine's network first, then ask the providers.", 
  feed_dead: "See the feed below.", feed_troubled: "See the feed below.", disk_nearly_full: "Make room on the disk.",
  channel_fails: "See whether the receiver of these messages is up.", dead_letters: "Some messages reached nobody: tell those concerned by other means.",
  outbox_waits: "See whether the receiver of these messages is up.", judge_failed: "Look into the service's log; what was heard then may not have been judged.",
  step_faults: "Look into the service's log; that ship was left out for a while.",
};

const SHAPES = {
  good: "M3 8.5l3.5 3.5L13 4.5", info: "M8 3.5v.1M8 7v6", warning: "M8 3v6M8 12.5v.1", urgent: "M3.5 3.5l9 9M12.5 3.5l-9 9",
};

/** A badge with a sign and a word. */
export const sign = (kind, said) => h("span.badge", { class: kind },
  svg("svg", { viewBox: "0 0 16 16", width: 13, height: 13, "aria-hidden": "true", class: "sign-shape" }, svg("path", { d: SHAPES[kind] })), said);

/** How bad a problem is. */
export const SEVERITY = { dead: ["urgent", "only a restart helps"], unready: ["urgent", "the watch cannot be relied on"], warning: ["warning", "somebody should look"] };
