// Numbers, times and positions as sailors write them. Unknown is always "–", never 0.

export const UNKNOWN = "–";
const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE;

const known = (value) => value !== null && value !== undefined && !Number.isNaN(value);

/** 2013-11-12T12:03:04Z -> "12:03:04Z"; with the day: "2013-11-12 12:03:04Z". Takes text, ms or null. */
export function time(at, { day = false, seconds = true } = {}) {
  if (!known(at)) return UNKNOWN;
  const text = new Date(at).toISOString();
  return `${day ? `${text.slice(0, 10)} ` : ""}${text.slice(11, seconds ? 19 : 16)}Z`;
}

/** Milliseconds as "5 h 38 min", "12 min 05 s", "48 s"; below zero "… ago" is the caller's to say. */
export function duration(ms) {
  if (!known(ms)) return UNKNOWN;
  const past = Math.abs(ms);
  if (past >= 48 * HOUR) return `${Math.floor(past / (24 * HOUR))} d ${Math.floor((past / HOUR) % 24)} h`;
  if (past >= HOUR) return `${Math.floor(past / HOUR)} h ${pad(Math.floor((past / MINUTE) % 60))} min`;
  if (past >= MINUTE) return `${Math.floor(past / MINUTE)} min ${pad(Math.floor((past / SECOND) % 60))} s`;
  return `${Math.round(past / SECOND)} s`;
}

const pad = (n) => String(n).padStart(2, "0");

/** A number with its unit: number(9.31, "kn") -> "9.3 kn". */
export function number(value, unit = "", digits = 1) {
  if (!known(value)) return UNKNOWN;
  return `${value.toLocaleString("en-GB", { minimumFractionDigits: 0, maximumFractionDigits: digits })}${unit ? ` ${unit}` : ""}`;
}

/** A course or bearing: "045°". */
export const bearing = (deg) => (known(deg) ? `${String(Math.round(deg) % 360).padStart(3, "0")}°` : UNKNOWN);

/** A share of 1 in per cent; what is not sure is not called so: "> 99 %". */
export function percent(share) {
  if (!known(share)) return UNKNOWN;
  if (share > 0.99 && share < 1) return "> 99 %";
  if (share < 0.01 && share > 0) return "< 1 %";
  return `${Math.round(share * 100)} %`;
}

/** A distance: metres below a kilometre, else kilometres and nautical miles. */
export function distance(m) {
  if (!known(m)) return UNKNOWN;
  return m < 1000 ? `${Math.round(m)} m` : `${number(m / 1000)} km (${number(m / 1852)} NM)`;
}

/** A position in the ways people write it: "dm" 59°45.12′N 024°30.50′E, "dms", "deg" 59.75200, 24.50833. */
export function position(lat, lon, form = "dm") {
  if (!known(lat) || !known(lon)) return UNKNOWN;
  if (form === "deg") return `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  return `${half(lat, 2, "N", "S", form)} ${half(lon, 3, "E", "W", form)}`;
}

function half(deg, width, plus, minus, form) {
  const side = deg < 0 ? minus : plus;
  const unit = form === "dms" ? 36000 : 6000; // tenths of a second, hundredths of a minute
  const whole = Math.round(Math.abs(deg) * unit);
  const d = String(Math.floor(whole / unit)).padStart(width, "0");
  if (form === "dms") {
    const m = Math.floor((whole % 36000) / 600), s = (whole % 600) / 10;
    return `${d}°${pad(m)}′${s.toFixed(1).padStart(4, "0")}″${side}`;
  }
  return `${d}°${((whole % 6000) / 100).toFixed(2).padStart(5, "0")}′${side}`;
}

/** Words for a snake_case code: "gone_dark" -> "gone dark". */
export const words = (code) => String(code ?? "").replaceAll("_", " ");

/** "1 ship", "3 ships". */
export const many = (n, one, more = `${one}s`) => `${n.toLocaleString("en-GB")} ${n === 1 ? one : more}`;
