// Where ships were heard, where positions cannot be trusted, and the places on a chart.

import { get } from "../lib/api.js";
import { time, words } from "../lib/format.js";
import { Asking } from "./asking.js";
import { wanted } from "./layers.js";
import { collection, feature, middle } from "./geo.js";

const BLIND = "gnss_degraded,coverage_lost";
const SIGNED = ["anchorage", "port", "pilot_boarding"];
const LOOK_EVERY_MS = 5_000; // they change slowly

/** Ask for areas and draw them; `standing()` gives those in which one is blind. */
export function areas(on) {
  const { app } = on;
  let places = [];
  let list = [];
  const tell = (problem) => on.tell?.("areas", problem && `Areas: ${problem.message} What is drawn may be old.`);
  let shown = "";
  const draw = () => {
    const now = JSON.stringify([places.length, list.map(({ properties: p, geometry }) => [p.kind, p.since, p.part, geometry])]);
    if (now !== shown) on.set("areas", collection([...places, ...list]));
    shown = now;
  };
  const asked = new Asking((signal) => get("/api/areas", { at: app.clock.iso(), kinds: wanted("coverage") ? `coverage,${BLIND}` : BLIND }, { signal }),
    (found) => { list = found.features.flatMap(drawn); draw(); on.told("areas"); }, tell, () => LOOK_EVERY_MS);
  const charted = new Asking((signal) => get("/api/areas", { kinds: "place" }, { signal }), (found) => { places = found.features.flatMap(drawn); draw(); }, tell, () => 60_000);
  charted.want();
  return { want: (how) => asked.want(how), standing: () => list.filter(({ properties: p }) => p.kind !== "coverage" && p.part !== "spot") };
}

/**
 * A place has its sign and name once: an area is cut at the edges of tiles and would have them in each. Where one is blind
 * that is wanted: it may fill the view.
 */
function drawn({ geometry, properties: p }) {
  const area = { type: "Feature", geometry, properties: { ...p, part: "area", words: said(p) } };
  return SIGNED.includes(p.kind) ? [area, feature("Point", middle(geometry), { ...area.properties, part: "spot" })] : [area];
}

function said(p) {
  if (p.kind === "gnss_degraded") return `GNSS degraded${since(p)}`;
  if (p.kind === "coverage_lost") return `Not heard any more${since(p)}`;
  return p.name ?? (p.kind === "coverage" ? "" : words(p.kind));
}

const since = (p) => (p.since ? `\nsince ${time(p.since, { seconds: false })}` : "");
