// Every report of a ship as it was stored, page by page, and as a file.

import { csv, download } from "../../lib/csv.js";
import { fill, h, table } from "../../lib/dom.js";
import { bearing, many, number, position, words } from "../../lib/format.js";
import { navStatus } from "../../lib/names.js";
import { momentLink } from "./found.js";

const PAGE = 100;
const COLUMNS = ["time_at", "received_at", "mmsi", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "rot_deg_min", "nav_status",
  "msg_type", "station", "source", "time_source", "implied_speed_kn", "flags"];

/** A part that is read when it is opened. */
export function reports(path, id, app) {
  let rows = [], next = null, left = false;
  const body = h("div", null), said = h("p.quiet", { role: "status" });
  const load = async (after) => {
    fill(said, "Being read …");
    try {
      const from = new Date(Math.max(app.clock.began ?? 0, app.clock.now() - 86_400_000)).toISOString();
      const found = await app.api.get(`${path}/reports`, { from, to: new Date(app.clock.now()).toISOString(), after, limit: PAGE });
      rows = after ? [...rows, ...found.reports] : found.reports;
      next = found.next;
      if (!left) draw();
    } catch (fault) {
      fill(said, h("span.error", null, `Could not be read: ${fault.message} `), h("button", { type: "button", onclick: () => load(after) }, "Try again"));
    }
  };
  const draw = () => {
    fill(said, rows.length ? `${many(rows.length, "report")} read${next ? "; there are more" : "; that is all of the last 24 h before the moment shown"}.` : null);
    fill(body, table("Reports as they were stored", columns(app), rows, { empty: "No report of hers in the last 24 h before the moment shown." }),
      h("div.row", null, next ? h("button", { type: "button", id: "reports-more", onclick: () => load(next) }, "Next 100") : null,
        rows.length ? h("button", { type: "button", id: "reports-csv", onclick: () => save() }, "Save these as CSV") : null,
        h("button", { type: "button", onclick: () => load(null) }, "Read again for the moment shown")));
  };
  const save = () => download(`ship-${id.replace("#", "-")}.csv`, csv(names(rows), rows));
  const element = h("details.part", { id: "ship-reports", ontoggle: () => { if (element.open && !rows.length) load(null); } },
    h("summary", null, "Raw reports"), said, body);
  return { element, leave() { left = true; } };
}

/** The columns known first, then whatever else the rows hold. */
function names(rows) {
  const there = new Set(rows.flatMap(Object.keys));
  return [...COLUMNS.filter((name) => there.has(name)), ...[...there].filter((name) => !COLUMNS.includes(name))];
}

function columns(app) {
  return [
    { title: "Time (UTC)", cell: (row) => momentOf(row, app) },
    { title: "Position", class: "fixed", cell: (row) => position(row.lat_deg, row.lon_deg) },
    { title: "SOG", class: "number", cell: (row) => number(row.sog_kn, "kn") },
    { title: "COG", class: "number", cell: (row) => bearing(row.cog_deg) },
    { title: "Heading", class: "number", cell: (row) => bearing(row.heading_deg) },
    { title: "Status", cell: (row) => row.nav_status_words ?? navStatus(row.nav_status) },
    { title: "Found", cell: (row) => flags(row.flags) },
    { title: "Station", cell: (row) => row.station ?? "–" },
    { title: "Source", cell: (row) => row.source ?? "–" }];
}

const momentOf = (row, app) => momentLink(row.time_at, app);

const flags = (found) => (Array.isArray(found) ? found.map(words).join(", ") : String(found ?? "")) || "–";
