// Who she is by what she says, what else she said before, and what does not fit together.

import { h, table } from "../../lib/dom.js";
import { many, number, time, UNKNOWN, words } from "../../lib/format.js";
import { shipClass, shipName } from "../../lib/names.js";

const FIELDS = { name: "Name", callsign: "Call sign", imo: "IMO number", ship_type: "Type", length_m: "Length", beam_m: "Beam",
  draught_m: "Draught", destination: "Destination", eta: "ETA", flag: "Flag", mmsi: "MMSI" };
/** What else than a false identity explains each, so that nobody is thought of ill for a typing error. */
const OTHERWISE = {
  imo: "A digit typed wrong when the set was put in is the usual cause.",
  callsign: "A ship that changed her flag lately often keeps one of the two for some weeks; call signs are typed by hand.",
  name: "Ships are sold and renamed; some sets take the new name in parts.",
  size: "A set that was exchanged or set up anew tells other measures; tugs and barges change theirs with the tow.",
  two_ships: "Two sets under one number: a second-hand set not set up anew, or a set left at its maker's number.",
  began: "A set exchanged at sea, or a number put right, looks the same.",
  no_state: "A set put in with a wrong number looks so; so do tests and exercises.",
  mid: "The set may have been bought with the number of another state.",
};
const KINDS = [["imo", /imo/], ["callsign", /call_?sign/], ["name", /name/], ["size", /length|beam|size|dimension/],
  ["two_ships", /two_ships|shared|one_mmsi/], ["began", /began|swap/], ["no_state", /no_state/], ["mid", /mid|flag/]];

/** The page's head: her name, what she is, and when she was heard last. */
export function heading({ vessel, last_seen, sharing_mmsi }, app) {
  const quiet = [vessel.vessel_id, vessel.flag, shipClass(vessel.ship_class), vessel.length_m && number(vessel.length_m, "m", 0)];
  const others = (sharing_mmsi ?? []).filter((one) => one !== vessel.vessel_id);
  return [h("h1", null, h("bdi", null, shipName(vessel))), h("p.quiet", null, quiet.filter(Boolean).join(" · ")),
    h("p", null, "Last heard ", h("strong", null, time(last_seen, { day: true }))),
    others.length ? h("p.caution", null, "Shares her MMSI with ", others.map((one, i) =>
      [i ? ", " : null, h("a", { href: app.link("ships", one) }, one)]), ": several ships send under one number.") : null];
}

/** Facts, contradictions, and how they changed. */
export function identity(found) {
  const { vessel, conflicts = [], identity: said = [] } = found;
  const facts = [["MMSI", String(vessel.mmsi)], ["IMO number", vessel.imo], ["Call sign", vessel.callsign], ["Flag", vessel.flag],
    ["Kind", shipClass(vessel.ship_class) + (vessel.ship_type ? ` (AIS type ${vessel.ship_type})` : "")],
    ["Length × beam", vessel.length_m || vessel.beam_m ? `${number(vessel.length_m, "m", 0)} × ${number(vessel.beam_m, "m", 0)}` : null],
    ["Draught", number(vessel.draught_m, "m")], ["Destination", vessel.destination], ["ETA (as sent, UTC)", vessel.eta],
    ["Heard", `${time(found.first_seen, { day: true })} to ${time(found.last_seen, { day: true })}`],
    ["Reports", found.reports?.toLocaleString("en-GB")]];
  return [conflicts.length ? contradictions(conflicts) : null,
    h("dl", null, facts.map(([name, value]) => [h("dt", null, name), h("dd", null, h("bdi", null, value ?? UNKNOWN))])),
    h("p.quiet", null, "As she says herself, by AIS: nobody has checked it."), changes(said)];
}

function contradictions(conflicts) {
  return h("div.card.caution", { id: "ship-conflicts" }, h("h3", null, `What does not fit together (${conflicts.length})`),
    h("ul", null, conflicts.map((one) => h("li", null, h("strong", null, time(one.at, { day: true })), ` ${one.text ?? words(one.code)}. `,
      h("span.quiet", null, otherwise(one.code))))));
}

function otherwise(code) {
  const kind = KINDS.find(([, pattern]) => pattern.test(code ?? ""));
  return kind ? OTHERWISE[kind[0]] : "A set typed wrong explains most of these.";
}

/** Each field that she told in more than one way, oldest first. */
function changes(said) {
  const per = Map.groupBy ? Map.groupBy(said, (one) => one.field) : grouped(said);
  const changed = [...per].filter(([, values]) => values.length > 1).flatMap(([, values]) => values);
  const fixed = per.size - [...per.values()].filter((values) => values.length > 1).length;
  if (!said.length) return h("p.quiet", null, "She has told nothing of herself yet but her number.");
  return h("details", { id: "ship-history", open: changed.length > 0 && changed.length < 12 },
    h("summary", null, changed.length ? `What she changed (${many(changed.length, "value")})` : "What she said, and since when"),
    table("What she said of herself, oldest first", [
      { title: "What", cell: (one) => FIELDS[one.field] ?? words(one.field) },
      { title: "She said", cell: (one) => h("bdi", null, String(one.value ?? UNKNOWN)) },
      { title: "Since", cell: (one) => time(one.since, { day: true, seconds: false }) }], changed.length ? changed : said),
    changed.length && fixed ? h("p.quiet", null, `${many(fixed, "other value")} never changed.`) : null);
}

function grouped(rows) {
  const found = new Map();
  for (const row of rows) found.set(row.field, [...(found.get(row.field) ?? []), row]);
  return found;
}
