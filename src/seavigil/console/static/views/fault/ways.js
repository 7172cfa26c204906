// How the first few ships of an inquiry went: on the map, and each one's speed about the fault.

import { fill, h } from "../../lib/dom.js";
import { distance, duration, number, time } from "../../lib/format.js";
import { shipName } from "../../lib/names.js";
import { plotTime, TimePlot } from "../../lib/plot.js";
import { nearest } from "../../lib/scale.js";
import { placeAt } from "../../lib/strip.js";
import { boundsOf } from "../asset/facts.js";
import { gapsOf, inMs, valuesAt } from "../ship/voyage.js";

const SHOWN = 5, AROUND_MS = 3_600_000, POINTS = 1_500;
const LANES = [{ key: "sog_kn", title: "Speed over ground", unit: "kn", height: 100 },
  { key: "cog_deg", title: "Course", unit: "°", height: 60, low: 0, high: 360, ticks: [0, 180, 360], turns: true }];

/** The tracks about one fault. */
export class Ways {
  #tracks = new Map(); #plots = []; #left = false;

  constructor(fault, app) {
    Object.assign(this, { fault, app });
    this.from = fault.at - fault.within_s * 1000 - AROUND_MS;
    this.to = fault.at + fault.within_s * 1000 + AROUND_MS;
  }

  /** Draw the fault, where the ships crossed, and how the first few went. */
  async show(findings) {
    const { fault, app } = this, crossed = findings.filter((one) => !one.dark && one.km_along !== null).slice(0, SHOWN);
    app.map.select({ kind: "asset", id: fault.asset_id });
    app.map.fault(fault.place && { ...fault.place, error_km: fault.km_error, label: `fault, km ${number(fault.km)}` });
    app.map.marks(crossed.map((one) => ({ ...placeAt(fault.kilometres, one.km_along), kind: "crossing", label: String(one.rank),
      title: `${shipName(one.vessel)} ${time(one.crossed_at)}` })));
    this.at = fault.place ?? (crossed.length ? placeAt(fault.kilometres, crossed[0].km_along) : null);
    this.focus();
    const drawn = [];
    for (const one of findings.slice(0, SHOWN)) {
      const columns = await this.#track(one.vessel.vessel_id).catch(() => null);
      if (this.#left) return;
      if (columns?.time_us.length) drawn.push({ id: one.vessel.vessel_id, label: `${one.rank} ${shipName(one.vessel)}`, columns, rank: one.rank });
      app.map.tracks(drawn);
    }
  }

  /** Show the place of the fault; where that is not known the asset. */
  focus() {
    const bounds = boundsOf(this.fault.geometry);
    if (this.at) this.app.map.focus({ ...this.at, zoom: 10 });
    else if (bounds) this.app.map.focus({ bounds });
  }

  /** Open or close one ship's speed about the fault. */
  async plot(one, box, button) {
    if (box.childElementCount) {
      button.setAttribute("aria-expanded", "false");
      fill(box);
      return;
    }
    button.setAttribute("aria-expanded", "true");
    fill(box, h("p.wait", null, "Being read …"));
    try {
      const track = inMs(await this.#track(one.vessel.vessel_id));
      if (this.#left || button.getAttribute("aria-expanded") === "false") return;
      fill(box, track.time_ms.length ? this.#plotted(one, track) : h("p.caution", null, "She was not heard about then."));
    } catch (fault) {
      button.setAttribute("aria-expanded", "false");
      fill(box, h("p.error", null, `Could not be read: ${fault.message}`));
    }
  }

  leave() {
    this.#left = true;
    for (const plot of this.#plots) plot.leave();
    for (const what of ["tracks", "marks", "fault", "pointer", "select"]) this.app.map[what](null);
  }

  async #track(id) {
    const known = this.#tracks.get(id);
    if (known) return known;
    const found = await this.app.api.get(`/api/ships/${encodeURIComponent(id)}/track`, { from: new Date(this.from).toISOString(), to: new Date(this.to).toISOString(), max_points: POINTS });
    this.#tracks.set(id, found);
    return found;
  }

  #plotted(one, track) {
    const { fault, app } = this, data = { from: this.from, to: this.to };
    const plot = new TimePlot({ label: `Speed and course of ${shipName(one.vessel)} about the fault. Arrow keys read values, Enter shows that moment.`, lanes: LANES,
      read: (i, at) => `${plotTime(i < 0 ? at : track.time_ms[i], data)} · ${valuesAt(track, i)}\n${beside(at - fault.at, fault.within_s * 1000)}`,
      onpoint: (at) => app.map.pointer(at === null ? null : pointed(track, nearest(track.time_ms, at))), onpick: (at) => app.clock.set(at) });
    plot.set({ ...data, time_ms: track.time_ms, columns: track, gaps: gapsOf({ ...track, to: Math.min(this.to, app.clock.ended ?? this.to) }), start: fault.at,
      shades: [{ from: fault.at - fault.within_s * 1000, to: fault.at + fault.within_s * 1000, kind: "fault", label: "time of the fault" }],
      spans: one.crossed_at ? [{ from: Date.parse(one.crossed_at), to: Date.parse(one.crossed_at), kind: "crossing", label: `crossed, ${distance(one.distance_m)} off` }] : [] });
    this.#plots.push(plot);
    return plot.element;
  }
}

const pointed = (track, i) => (i < 0 || track.lat_deg[i] === null ? null : { lat_deg: track.lat_deg[i], lon_deg: track.lon_deg[i], label: time(track.time_ms[i]) });

const beside = (off, within) => (Math.abs(off) <= within ? "within the time of the fault" : `${duration(off)} ${off < 0 ? "before" : "after"} the fault`);
