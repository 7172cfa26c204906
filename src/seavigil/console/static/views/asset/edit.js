// What may be changed about an asset, with the reason, and what was changed before.

import { fill, h, table } from "../../lib/dom.js";
import { distance, time, UNKNOWN, words } from "../../lib/format.js";

const TLP = ["", "CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"];
const CONTACT = [["name", "Name"], ["role", "What for"], ["phone", "Phone"], ["email", "E-mail"], ["vhf", "VHF channel"]];

/** Contacts, the form for who may, and the history. */
export function edits(asset, path, app, changed) {
  const mine = app.can("operator") ? form(asset, path, app, changed) : h("p.quiet", null, "Operators may change these.");
  return [contacts(asset.contacts), label(asset), mine, history(asset.edits ?? [])];
}

function contacts(found) {
  if (!found) return h("p.quiet", null, "Contacts are shown to operators.");
  return table("Contacts", CONTACT.map(([name, title]) => ({ title, cell: (one) => one[name] || UNKNOWN })), found, { empty: "No contact is known." });
}

function label(asset) {
  if (!asset.owner && !asset.tlp) return h("p.quiet", null, "Not labelled: everybody who may sign in sees it.");
  return h("p", null, `Owner ${asset.owner ?? "not named"}, TLP:${asset.tlp ?? "AMBER"}`, asset.shared_with?.length ? `, shared with ${asset.shared_with.join(", ")}` : "");
}

function form(asset, path, app, changed) {
  const metres = input("uncertainty", { type: "number", min: "0", max: "50000", step: "any", value: String(asset.position_uncertainty_m) });
  const rows = h("div.contacts", null, (asset.contacts ?? []).map(contactRow));
  const more = h("button", { type: "button", onclick: () => { rows.append(contactRow({})); rows.lastElementChild.querySelector("input").focus(); } }, "Add a contact");
  const owner = input("owner", { type: "text", value: asset.owner ?? "", maxlength: "200" });
  const tlp = h("select", { name: "tlp" }, TLP.map((one) => h("option", { value: one, selected: one === (asset.tlp ?? "") }, one || "none")));
  const shared = input("shared", { type: "text", value: (asset.shared_with ?? []).join("; "), maxlength: "1000" });
  const why = input("why", { type: "text", required: true, maxlength: "1000", placeholder: "As-laid survey of 2025, say" });
  const said = h("p", { role: "status" });
  const send = h("button.primary", { type: "submit" }, "Change");
  const told = () => ({ ...differing(asset, { metres, rows, owner, tlp, shared }, labels(app)), why: why.value.trim() });
  const submit = async (event) => {
    event.preventDefault();
    const body = told();
    if (Object.keys(body).length === 1) return fill(said, "Nothing is changed.");
    send.disabled = true;
    try {
      await app.api.send("PATCH", path, body);
      app.say("Changed");
      changed();
    } catch (fault) {
      fill(said, h("span.error", null, `Not changed: ${fault.message}`));
    }
    send.disabled = false;
    return undefined;
  };
  return h("details", { id: "asset-change" }, h("summary", null, "Change"), h("form.stack", { onsubmit: submit },
    h("label", null, "Route known to (m): 95 % of the true route lies within", metres), h("fieldset", null, h("legend", null, "Contacts"), rows, more),
    labels(app) ? h("fieldset", null, h("legend", null, "Sharing"), h("label", null, "Owner", owner), h("label", null, "TLP", tlp),
      h("label", null, "Shared with (organisations parted by ;)", shared)) : null,
    h("label", null, "Why (kept with the change)", why), h("div.row", null, send), said));
}

/** Who may see an asset is for the house's admins to say. */
const labels = (app) => app.can("admin") && !app.session.organisation;
const input = (name, more) => h("input", { name, autocomplete: "off", ...more });

function contactRow(one) {
  const row = h("div.contact", null, CONTACT.map(([name, title]) => h("label", null, title, input(name, { type: "text", value: one[name] ?? "", maxlength: "200", required: name === "name" }))),
    h("button", { type: "button", onclick: () => row.remove() }, "Remove"));
  return row;
}

/** What of the form differs from what holds. */
function differing(asset, { metres, rows, owner, tlp, shared }, admin) {
  const found = {}, text = (value) => value.trim() || null;
  if (Number(metres.value) !== asset.position_uncertainty_m) found.position_uncertainty_m = Number(metres.value);
  const listed = [...rows.children].map((row) => Object.fromEntries(CONTACT.map(([name]) => [name, row.querySelector(`[name=${name}]`).value.trim()])));
  const kept = listed.filter((one) => Object.values(one).some(Boolean));
  const before = (asset.contacts ?? []).map((one) => Object.fromEntries(CONTACT.map(([name]) => [name, one[name] ?? ""])));
  if (JSON.stringify(kept) !== JSON.stringify(before)) found.contacts = kept;
  if (!admin) return found;
  if (text(owner.value) !== (asset.owner ?? null)) found.owner = text(owner.value);
  if ((tlp.value || null) !== (asset.tlp ?? null)) found.tlp = tlp.value || null;
  const names = shared.value.split(";").map((name) => name.trim()).filter(Boolean);
  if (JSON.stringify(names) !== JSON.stringify(asset.shared_with ?? [])) found.shared_with = names;
  return found;
}

function history(found) {
  if (!found.length) return h("p.quiet", null, "Nothing was changed yet.");
  const rows = [...found].sort((a, b) => (a.at < b.at ? 1 : -1));
  return h("details", { id: "asset-history" }, h("summary", null, `What was changed (${found.length})`), table("Changes, newest first", [
    { title: "When", cell: (one) => time(one.at, { day: true, seconds: false }) }, { title: "Who", cell: (one) => one.who },
    { title: "What", cell: (one) => words(one.field) }, { title: "From", cell: (one) => value(one.field, one.before) },
    { title: "To", cell: (one) => value(one.field, one.after) }, { title: "Why", cell: (one) => one.why }], rows));
}

function value(field, found) {
  if (found === null || found === undefined) return UNKNOWN;
  if (field === "position_uncertainty_m") return distance(found);
  if (field === "contacts") return found.map((one) => one.name ?? one.phone ?? "?").join(", ") || "none";
  return Array.isArray(found) ? found.join(", ") || "nobody" : String(found);
}
