// Who did what: the newest first, page by page.

import { fill, h, table } from "../lib/dom.js";
import { many, time } from "../lib/format.js";

const PAGE = 100;
const SINCE = { "": "any time", 1: "the last hour", 24: "the last day", 168: "the last week" };

/** Show the trail; operators see what they did themselves. */
export async function show(panel, route, app) {
  const all = app.can("admin");
  const who = h("input", { name: "who", value: route.query.who ?? "", maxlength: "300", autocomplete: "off" });
  const since = h("select", { name: "since" }, Object.entries(SINCE).map(([hours, text]) => h("option", { value: hours, selected: hours === (route.query.hours ?? "") }, text)));
  const only = h("select", { name: "outcome" }, h("option", { value: "" }, "whatever came of it"), h("option", { value: "refused" }, "what was refused"));
  const list = h("div");
  const note = h("p.quiet", { role: "status", "aria-live": "polite" });
  const more = h("button", { type: "button", hidden: true, onclick: () => read(true) }, "Show earlier");
  const filters = h("form.row", { onsubmit: (event) => { event.preventDefault(); read(false); } },
    all ? h("label", null, "By", who) : null, h("label", null, "Since", since), h("label", null, "Show", only),
    h("button.primary", { type: "submit" }, "Show"));
  panel.append(h("div.audit", null, h("h1", null, "Audit trail"),
    h("p.quiet", null, all ? "What people and programs did here, the newest first. Nothing in it can be changed." : "What you did here, the newest first."),
    filters, note, list, more));
  only.addEventListener("change", draw);
  since.addEventListener("change", () => read(false));

  let entries = [], next = null, turn = 0;

  async function read(further) {
    const mine = ++turn;
    more.disabled = true;
    const hours = Number(since.value) || null;
    const query = { limit: PAGE, after: further ? next : null, who: all ? who.value.trim() : null,
      since: hours ? new Date(Date.now() - hours * 3600_000).toISOString() : null };
    try {
      const told = await app.api.get("/api/audit", query);
      if (mine !== turn) return;
      entries = further ? [...entries, ...told.entries] : told.entries;
      next = told.next;
      draw();
    } catch (fault) {
      if (mine === turn) fill(note, h("span.error", null, `Could not be read: ${fault.message}`));
    } finally {
      if (mine === turn) more.disabled = false;
    }
  }

  function draw() {
    const shown = entries.filter((one) => !only.value || one.outcome === only.value);
    fill(note, `${many(shown.length, "entry", "entries")}${next === null ? "" : ", and earlier ones"}`);
    fill(list, table("Audit trail", COLUMNS, shown, { empty: "Nothing was done." }));
    list.querySelectorAll("tbody tr").forEach((row, index) => row.classList.toggle("refused", shown[index].outcome === "refused"));
    more.hidden = next === null;
  }

  await read(false);
  return { leave() { turn += 1; } };
}

const COLUMNS = [
  { title: "When", cell: (e) => h("time", { datetime: e.at }, time(e.at, { day: true })) },
  { title: "Who", cell: (e) => [e.who, e.organisation ? h("div.quiet", null, e.organisation) : null] },
  { title: "Role", cell: (e) => e.role ?? "–" },
  { title: "What", cell: (e) => e.what },
  { title: "About", cell: (e) => e.about ?? "–", class: "mono" },
  { title: "Came of it", cell: (e) => e.outcome },
  { title: "From", cell: (e) => e.address ?? "–", class: "mono" },
  { title: "More", cell: (e) => Object.entries(e.detail).map(([key, value]) => `${key}: ${plain(value)}`).join(", "), class: "detail" },
];

const plain = (value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : String(value));
