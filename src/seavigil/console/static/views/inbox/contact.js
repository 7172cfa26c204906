// What somebody needs who wants to call the ship. Nothing is ever sent by Seavigil.

import { h } from "../../lib/dom.js";
import { position, time } from "../../lib/format.js";
import { ran, short } from "./when.js";

const OLD_MS = 2 * 60_000;

/** Draw the sheet; `app.say` tells that something was copied. */
export function contactSheet(sheet, app) {
  if (!sheet?.vessel) return h("p.empty", null, "There is no ship to call.");
  return [
    h("p.never", null, sheet.note ?? "Prepared for a person to use. Nothing is transmitted to any ship."),
    vesselFacts(sheet), people(sheet.contacts ?? []),
    sheet.vhf && copied(`Say on VHF channel ${sheet.vhf.channel}`, sheet.vhf.words, app, "copy-vhf"),
    sheet.dsc && copied(`DSC call, channel ${sheet.dsc.channel}, ${sheet.dsc.category}`, [sheet.dsc.mmsi], app, "copy-dsc"),
    message(sheet.ais_text?.addressed, "AIS text to her alone", app), message(sheet.ais_text?.broadcast, "AIS text to all around", app),
  ];
}

function vesselFacts({ vessel, position: place }) {
  const rows = [["MMSI", vessel.vessel_id ?? vessel.mmsi], ["Call sign", vessel.callsign], ["IMO", vessel.imo], ["Flag", vessel.flag],
    ["Last position", place && [`${position(place.lat_deg, place.lon_deg)} at ${time(place.at, { day: true })}`, aged(place.at)]]];
  return h("dl", null, rows.map(([name, value]) => [h("dt", null, name), h("dd", null, value ?? "not sent")]));
}

/** A position that is not of now is told with its age: she may have gone since. */
const aged = (at) => ran("span", (now) => (now - Date.parse(at) > OLD_MS ? `, ${short(now - Date.parse(at))} ago` : ""));

/** Who is to be called about the assets. */
function people(contacts) {
  if (!contacts.length) return h("p.quiet", null, "No contact is kept with the assets concerned; the asset's page takes them.");
  return h("ul.people", null, contacts.map((one) => h("li", null,
    h("strong", null, one.name ?? one.role ?? "contact"), one.role && one.name ? ` (${one.role})` : "", one.asset_name ? ` for ${one.asset_name}` : "",
    ": ", ways(one))));
}

function ways(one) {
  const found = [one.phone && h("a", { href: `tel:${String(one.phone).replace(/[^+\d]/g, "")}` }, one.phone), one.vhf && `VHF ${one.vhf}`,
    one.email && h("a", { href: `mailto:${encodeURIComponent(one.email)}` }, one.email)].filter(Boolean);
  return found.length ? found.map((way, number) => [number ? ", " : "", way]) : "no number kept";
}

function message(one, title, app) {
  if (!one) return null;
  return copied(`${title} (message ${one.message}, ${one.characters} of ${one.most} characters)`, [one.text], app, `copy-ais-${one.message}`);
}

/** Words with a button that copies them. */
function copied(title, lines, app, action) {
  return h("figure.words", null, h("figcaption", null, title),
    h("blockquote", null, lines.map((line) => h("p", null, line))), copyButton(lines.join("\n"), app, action));
}

/** A button that copies a text, and says so. */
export function copyButton(text, app, action, said = "Copy") {
  return h("button.small", { type: "button", dataset: { action }, onclick: () => copy(text, app) }, said);
}

async function copy(text, app) {
  try {
    await navigator.clipboard.writeText(text);
    app.say("Copied.");
  } catch {
    const field = h("textarea.unseen", { value: text });
    document.body.append(field);
    field.select();
    app.say(document.execCommand("copy") ? "Copied." : "This browser lets nothing be copied: mark the words and copy them.", "info");
    field.remove();
  }
}

