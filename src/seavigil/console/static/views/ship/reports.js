// Every report of a ship as it was stored: hour by hour back from the moment shown, and as a file.

import { csv, download } from "../../lib/csv.js";
import { fill, h, table } from "../../lib/dom.js";
import { bearing, many, number, position, time, words } from "../../lib/format.js";
import { navStatus } from "../../lib/names.js";
import { momentLink } from "./found.js";

const HOUR = 3_600_000, PAGE = 1_000, SHOWN = 100;
const COLUMNS = ["time_at", "received_at", "vessel_id", "mmsi", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "rot_deg_min",
  "nav_status", "nav_status_words", "msg_type", "station", "source", "time_source", "implied_speed_kn", "flags"];

/** A part that is read when it is opened: newest reports first. */
export function reports(path, id, app) {
  const state = { rows: [], end: 0, begin: 0, shown: SHOWN, left: false };
  const body = h("div", null), said = h("div", { role: "status" });

  /** One hour more, before what is there. */
  async function earlier() {
    fill(said, h("p.wait", null, "Being read …"));
    try {
      const found = await hour(path, app, state.begin - HOUR, state.begin - 1);
      state.rows.push(...found.reverse());
      state.begin -= HOUR;
      if (!state.left) draw();
    } catch (fault) {
      fill(said, h("p.error", null, `Could not be read: ${fault.message} `, h("button", { type: "button", onclick: earlier }, "Try again")));
    }
  }

  function fresh() {
    Object.assign(state, { rows: [], end: app.clock.now() + 1, begin: app.clock.now() + 1, shown: SHOWN });
    return earlier();
  }

  function draw() {
    const shown = state.rows.slice(0, state.shown), before = app.clock.began !== null && state.begin > app.clock.began;
    const span = `${time(state.begin, { day: true })} to ${time(state.end - 1, { day: true })}`;
    fill(said, h("p.quiet", null, `${many(state.rows.length, "report")} from ${span}, newest first.`));
    fill(body, table("Reports as they were stored, newest first", columns(app), shown, { empty: "No report of hers in this time." }),
      h("div.row", null,
        shown.length < state.rows.length ? h("button", { type: "button", id: "reports-more", onclick: () => { state.shown += SHOWN; draw(); } }, `Show ${SHOWN} more`) : null,
        before ? h("button", { type: "button", id: "reports-earlier", onclick: earlier }, "One hour earlier") : null,
        h("button", { type: "button", onclick: fresh }, "Up to the moment shown"),
        state.rows.length ? h("button", { type: "button", id: "reports-csv", onclick: () => save(id, state.rows) }, "Save these as CSV") : null));
  }

  const element = h("details.part", { id: "ship-reports", ontoggle: () => { if (element.open && !state.end) fresh(); } },
    h("summary", null, "Raw reports"), said, body);
  return { element, leave() { state.left = true; } };
}

const save = (id, rows) => download(`ship-${id.replace("#", "-")}.csv`, csv(names(rows), rows));

/** All reports of a stretch, oldest first. */
async function hour(path, app, from, to) {
  const rows = [];
  let after = null;
  do {
    const found = await app.api.get(`${path}/reports`, { from: new Date(from).toISOString(), to: new Date(to).toISOString(), after, limit: PAGE });
    rows.push(...found.reports);
    after = found.next;
  } while (after);
  return rows;
}

/** The columns known first, then whatever else the rows hold. */
function names(rows) {
  const there = new Set(rows.flatMap(Object.keys));
  return [...COLUMNS.filter((name) => there.has(name)), ...[...there].filter((name) => !COLUMNS.includes(name))];
}

function columns(app) {
  return [
    { title: "Time (UTC)", cell: (row) => momentLink(row.time_at, app, { day: false }) },
    { title: "SOG", class: "number", cell: (row) => number(row.sog_kn, "kn") },
    { title: "COG", class: "number", cell: (row) => bearing(row.cog_deg) },
    { title: "Heading", class: "number", cell: (row) => bearing(row.heading_deg) },
    { title: "Position", class: "fixed", cell: (row) => position(row.lat_deg, row.lon_deg) },
    { title: "Status", class: "fixed", cell: (row) => row.nav_status_words ?? navStatus(row.nav_status) },
    { title: "Doubts", class: "fixed", cell: (row) => flags(row.flags) },
    { title: "Station", class: "fixed", cell: (row) => row.station ?? "–" },
    { title: "Source", class: "path", cell: (row) => row.source ?? "–" }];
}

const flags = (found) => (Array.isArray(found) ? found.map(words).join(", ") : String(found ?? "")) || "–";
