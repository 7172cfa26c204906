// Health: whether the watch hears and judges as it should, what was heard hour by hour, what to do.

import { fill, h } from "../lib/dom.js";
import { many, time } from "../lib/format.js";
import { nameAssets, problemWords } from "../lib/problems.js";
import { assetsHeard, recordingFacts, serviceFacts, unheard } from "./health/facts.js";
import { feedCards } from "./health/feeds.js";
import { hours } from "./health/hours.js";
import { SEVERITY, TODO, sign } from "./health/words.js";
import { keep } from "./inbox/keep.js";
import { paced } from "../lib/pace.js";

const EVERY_MS = 10_000;
const DAY_MS = 24 * 3_600_000;

export async function show(panel, route, app) {
  return new Health(panel, app).begin();
}

class Health {
  #over = false;
  #ends = [];

  constructor(panel, app) {
    this.app = app;
    this.recording = !app.clock.live;
    this.asking = paced(() => this.#load(), 2000);
    const part = (id, title) => h("section", { id: `health-${id}`, "aria-labelledby": `health-${id}-title` }, h("h2", { id: `health-${id}-title` }, title), this[id] = h("div", null, h("p.wait", null, "…")));
    this.fault = h("div", { id: "health-fault" });
    this.as_of = h("p.quiet");
    fill(panel, h("div.health", null, h("h1", null, "Health"), this.as_of, this.fault,
      part("problems", "What is wrong"), part("feeds", this.recording ? "What was read" : "Feeds"),
      h("div.columns", null, part("assets", "Assets heard"), part("service", this.recording ? "The watch over it" : "The service")),
      part("hours", this.recording ? "What was said of it" : "The last day, hour by hour")));
  }

  begin() {
    const { stream } = this.app;
    this.#ends.push(stream.on("status", () => this.asking.ask()), stream.on("hello", () => this.asking.ask()));
    const again = setInterval(() => this.asking.ask(), EVERY_MS);
    this.#ends.push(() => clearInterval(again));
    this.asking.ask();
    return this;
  }

  leave() {
    this.#over = true;
    this.asking.end();
    for (const end of this.#ends) end();
  }

  async #load() {
    const { api } = this.app;
    const since = new Date(this.recording ? 0 : Date.now() - DAY_MS).toISOString();
    const ask = (path, query) => api.get(path, query).catch((fault) => ({ fault }));
    const [status, statements, assets, areas, extent] = await Promise.all([ask("/api/status"), ask("/api/statements", { since }), ask("/api/assets"),
      ask("/api/areas", { kinds: "coverage,coverage_lost,gnss_degraded" }), ask("/api/extent")]);
    if (this.#over) return;
    if (status.fault) return this.#cannot(status.fault);
    this.#draw(status, { statements: statements.statements, assets: assets.fault ? null : assets, areas: areas.fault ? null : areas, extent: extent.fault ? null : extent });
  }

  #cannot(fault) {
    fill(this.fault, h("p.error", { role: "alert" }, `How the watch does could not be read: ${fault.message.replace(/\.?$/, ".")}`, this.read ? ` What is below is of ${time(this.read, { day: true })}.` : ""),
      h("button", { type: "button", dataset: { action: "again" }, onclick: () => this.asking.ask() }, "Try again"));
  }

  #draw(status, { statements, assets, areas, extent }) {
    fill(this.fault);
    this.read = Date.parse(status.taken_at);
    this.as_of.textContent = this.recording ? "A recording that was watched to its end; nothing more comes." : `As of ${time(status.taken_at, { day: true })}, by the clock of the service.`;
    keep(this.problems, problems(status.problems, !this.recording), blindLine(assets, areas, status.problems.length > 0));
    keep(this.feeds, this.recording && extent && recordingFacts(extent, statements ?? []), feedCards(status.feeds, this.read, this.recording));
    keep(this.assets, assetsHeard(assets, areas, statements ?? [], this.recording));
    keep(this.service, serviceFacts(status, this.recording));
    keep(this.hours, statements ? hours(statements, this.recording) : h("p.error", null, "What was said of the hours could not be read."));
  }
}

function problems(found, live) {
  return found.length > 0 && h("ul.problems", null, found.map((one) => {
    const [kind, means] = SEVERITY[one.severity] ?? SEVERITY.warning, todo = one.code === "no_assets" ? nameAssets(live) : TODO[one.code];
    return h("li", { dataset: { code: one.code } }, h("p", null, sign(kind, means), " ", h("strong", null, problemWords(one))), todo && h("p.quiet", null, `What to do: ${todo}`));
  }));
}

/** Feeds that do well hear nobody where no receiver is: then it is not said that nothing is wrong. */
function blindLine(assets, areas, others) {
  const none = assets && areas && unheard(assets, areas);
  if (none === 0) return others ? null : h("p", null, sign("good", "nothing known"), " No problem is known of the feeds or the service.");
  const said = none ? `Nobody was heard along ${none} of ${many(assets.features.length, "asset")} in the hour before: no alert can come of what happens there.` : "Along which assets anybody was heard could not be read.";
  return h("p", { id: "health-blind" }, sign("warning", none ? "partly blind" : "not known"), " ", h("strong", null, said), others ? null : " No other problem is known of the feeds or the service.");
}
