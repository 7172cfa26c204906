// Colours of the map by theme. Those of priorities are the page's own (styles/tokens.css).

const SHIPS = {
  light: {
    cargo: "#2c7a4b", tanker: "#8a5233", passenger: "#1d5fae", fishing: "#6b7a00", tug: "#00797a", pilot_sar: "#0a7fb0",
    service: "#5d55a8", sailing_pleasure: "#a04c8c", high_speed: "#b98a00", other: "#566775", unknown: "#ffffff",
  },
  dark: {
    cargo: "#6fcf97", tanker: "#d9a27e", passenger: "#7cb8ff", fishing: "#c0d861", tug: "#4fd6d0", pilot_sar: "#66c7f0",
    service: "#b5b0f5", sailing_pleasure: "#eaa3d8", high_speed: "#ffd54a", other: "#a3b4c0", unknown: "#22303b",
  },
};

const MAP = {
  light: {
    ink: "#16242f", hull: "#10202c", paper: "#ffffff", halo: "#f3f7f9", label: "#1c2b36", quiet: "#4d6270",
    power: "#a3188f", telecom: "#4b45c4", cable: "#7a3d9e", pipeline: "#7a5a14", plant: "#006b66", band: "#a3188f",
    trail: "#3d5566", vector: "#24394a", coverage: "#2a7f4f", gnss: "#b05a00", lost: "#a4002a", place: "#00658a",
    lane: "#8a2f86", select: "#0b5394", fan: "#0b5394", measure: "#16242f", pointer: "#d0004f", fault: "#a4002a",
    slow: "#c2410c", mid: "#0e7490", fast: "#1e40af", gap: "#6b7280",
    ranks: ["#a4002a", "#0b5394", "#00613f", "#8a4b00", "#5d55a8", "#00797a"],
  },
  dark: {
    ink: "#e8eef3", hull: "#060d13", paper: "#16212c", halo: "#0c151d", label: "#dbe5ec", quiet: "#9fb1be",
    power: "#f08be0", telecom: "#a9a4ff", cable: "#cf9df0", pipeline: "#d9b765", plant: "#5fd0c8", band: "#f08be0",
    trail: "#7d95a5", vector: "#b7c8d4", coverage: "#4fae7c", gnss: "#ffb35c", lost: "#ff8fa6", place: "#6fc3e6",
    lane: "#d68ad2", select: "#9bd2ff", fan: "#7cc4ff", measure: "#e8eef3", pointer: "#ff7fae", fault: "#ff8fa6",
    slow: "#fb923c", mid: "#67e8f9", fast: "#93b4ff", gap: "#8b97a3",
    ranks: ["#ff8fa6", "#7cc4ff", "#79dcb0", "#ffbe66", "#b5b0f5", "#4fd6d0"],
  },
};

/** Priorities, least first. */
export const PRIORITIES = ["info", "advisory", "warning", "urgent"];
/** Classes of ships, with the words for them. */
export const CLASSES = {
  cargo: "Cargo", tanker: "Tanker", passenger: "Passenger", fishing: "Fishing", tug: "Tug", pilot_sar: "Pilot, SAR, law",
  service: "Dredger, cable, diving, military", sailing_pleasure: "Sailing, pleasure", high_speed: "High speed", other: "Other",
  unknown: "Not told",
};

/** The theme the page has: "light" or "dark". */
export const themeNow = () => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");

/** All colours of a theme: names of MAP, `ships` by class, `priority` and `ground` by priority. */
export function palette(theme = themeNow()) {
  const page = getComputedStyle(document.documentElement);
  const token = (name) => page.getPropertyValue(`--${name}`).trim() || MAP[theme].ink;
  const by = (suffix) => Object.fromEntries(PRIORITIES.map((priority) => [priority, token(`${priority}${suffix}`)]));
  return { theme, ...MAP[theme], ships: SHIPS[theme], priority: by(""), ground: by("-ground") };
}
