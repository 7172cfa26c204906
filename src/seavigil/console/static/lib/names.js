// Codes as people say them.

import { words } from "./format.js";

/** Alerts of these statuses stand. */
export const STANDING = ["open", "escalated", "acknowledged"];

/** ITU-R M.1371-5, table 45. */
const NAV_STATUS = { 0: "under way using engine", 1: "at anchor", 2: "not under command", 3: "restricted manoeuvrability",
  4: "constrained by her draught", 5: "moored", 6: "aground", 7: "engaged in fishing", 8: "under way sailing",
  11: "towing astern", 12: "pushing ahead or towing alongside", 14: "AIS-SART, MOB or EPIRB active" };
const SHIP_CLASS = { cargo: "Cargo", tanker: "Tanker", passenger: "Passenger", fishing: "Fishing", tug: "Tug",
  pilot_sar: "Pilot, rescue or law", service: "Working craft", sailing_pleasure: "Sailing or pleasure",
  high_speed: "High-speed craft", other: "Other", unknown: "Kind not told" };
const ASSET_KIND = { power_cable: "Power cable", telecom_cable: "Telecom cable", cable: "Cable (of unknown use)",
  pipeline: "Pipeline", gas_pipeline: "Gas pipeline", oil_pipeline: "Oil pipeline", wind_farm: "Wind farm",
  platform: "Platform", plant: "Plant", substation: "Substation", refinery: "Refinery", lng_terminal: "LNG terminal",
  landing_point: "Landing point", other: "Other" };

const spelled = (code) => (code ? words(code)[0].toUpperCase() + words(code).slice(1) : "–");

export const navStatus = (code) => (typeof code === "string" ? words(code) : NAV_STATUS[code] ?? "–");
export const shipClass = (code) => SHIP_CLASS[code] ?? spelled(code);
export const assetKind = (code) => ASSET_KIND[code] ?? spelled(code);

/** Marks that turn the direction of what follows: in a name they would turn the page's own words (Unicode TR 9). */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** "EXERCISE ALDER", or "unnamed" with her number. */
export const shipName = (ship) => ship?.name?.replace(TURNS, "") || `unnamed (${ship?.vessel_id ?? ship?.mmsi ?? "?"})`;
