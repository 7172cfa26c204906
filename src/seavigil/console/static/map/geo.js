// Distances and bearings on the ellipsoid, and small sums with positions. Degrees in, metres out.

const A_M = 6_378_137, F = 1 / 298.257223563, B_M = A_M * (1 - F); // WGS 84
export const NM_M = 1852;
const RAD = Math.PI / 180;

/**
 * The geodesic between two positions {lat_deg, lon_deg}: {m, bearing_deg (at the first)}.
 * Vincenty's inverse formula (Survey Review 176, 1975), good to a millimetre; nearly opposite points, for
 * which it does not settle, are given by the sphere.
 */
export function between(one, other) {
  if (one.lat_deg === other.lat_deg && one.lon_deg === other.lon_deg) return { m: 0, bearing_deg: 0 };
  const u1 = Math.atan((1 - F) * Math.tan(one.lat_deg * RAD)), u2 = Math.atan((1 - F) * Math.tan(other.lat_deg * RAD));
  const l = (other.lon_deg - one.lon_deg) * RAD;
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = l;
  for (let i = 0; i < 100; i++) {
    const sl = Math.sin(lambda), cl = Math.cos(lambda);
    const ss = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl), cs = s1 * s2 + c1 * c2 * cl, sigma = Math.atan2(ss, cs);
    const sa = (c1 * c2 * sl) / ss, ca2 = 1 - sa * sa, cm = ca2 === 0 ? 0 : cs - (2 * s1 * s2) / ca2;
    const c = (F / 16) * ca2 * (4 + F * (4 - 3 * ca2));
    const before = lambda;
    lambda = l + (1 - c) * F * sa * (sigma + c * ss * (cm + c * cs * (2 * cm * cm - 1)));
    if (Math.abs(lambda - before) < 1e-12) {
      const m = length(ca2, ss, cs, cm, sigma);
      return { m, bearing_deg: round360(Math.atan2(c2 * sl, c1 * s2 - s1 * c2 * cl) / RAD) };
    }
  }
  return onSphere(one, other);
}

function length(ca2, ss, cs, cm, sigma) {
  const u = (ca2 * (A_M * A_M - B_M * B_M)) / (B_M * B_M);
  const a = 1 + (u / 16384) * (4096 + u * (-768 + u * (320 - 175 * u)));
  const b = (u / 1024) * (256 + u * (-128 + u * (74 - 47 * u)));
  const inner = cs * (2 * cm * cm - 1) - (b / 6) * cm * (4 * ss * ss - 3) * (4 * cm * cm - 3);
  return B_M * a * (sigma - b * ss * (cm + (b / 4) * inner));
}

const MEAN_M = 6_371_008.8; // mean radius (IUGG)

function onSphere(one, other) {
  const [p1, p2, dl] = [one.lat_deg * RAD, other.lat_deg * RAD, (other.lon_deg - one.lon_deg) * RAD];
  const h = Math.sin((p2 - p1) / 2) ** 2 + Math.cos(p1) * Math.cos(p2) * Math.sin(dl / 2) ** 2;
  const y = Math.sin(dl) * Math.cos(p2), x = Math.cos(p1) * Math.sin(p2) - Math.sin(p1) * Math.cos(p2) * Math.cos(dl);
  return { m: 2 * MEAN_M * Math.asin(Math.min(1, Math.sqrt(h))), bearing_deg: round360(Math.atan2(y, x) / RAD) };
}

/** A bearing in 0 to 360. */
export const round360 = (deg) => ((deg % 360) + 360) % 360;

/** [lon, lat] that lies `m` metres from a position on a bearing: on the sphere, for drawing only (within 0.6 %). */
export function ahead(lon, lat, bearingDeg, m) {
  const d = m / MEAN_M, p = lat * RAD, b = bearingDeg * RAD;
  const there = Math.asin(Math.sin(p) * Math.cos(d) + Math.cos(p) * Math.sin(d) * Math.cos(b));
  const turned = Math.atan2(Math.sin(b) * Math.sin(d) * Math.cos(p), Math.cos(d) - Math.sin(p) * Math.sin(there));
  return [lon + turned / RAD, there / RAD];
}

/** A ring around a position, radius in metres, as coordinates for drawing. */
export function ring(lon, lat, m, points = 48) {
  return Array.from({ length: points + 1 }, (_, i) => ahead(lon, lat, (i * 360) / points, m));
}

/** The shorter way from one longitude to another, -180 to 180. */
export const turned = (from, to) => to - from - 360 * Math.round((to - from) / 360);

/** Longitudes one after another, each the shorter way from the one before: over the 180th meridian they run on. Nulls stay. */
export function runOn(lons) {
  let last = null;
  return lons.map((lon) => (lon === null ? null : (last = last === null ? lon : last + turned(last, lon))));
}

/** The places of a line, drawn the shorter way from one to the next. */
export function lineOn(coordinates) {
  const lons = runOn(coordinates.map(([lon]) => lon));
  return coordinates.map(([, ...rest], i) => [lons[i], ...rest]);
}

/** The box [w, s, e, n] of all positions in a GeoJSON geometry, null for none. */
export function boxOf(geometry) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const part of geometry?.type === "GeometryCollection" ? geometry.geometries : [geometry]) {
    for (const [lon, lat] of positions(part?.coordinates ?? [])) {
      box[0] = Math.min(box[0], lon); box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lon); box[3] = Math.max(box[3], lat);
    }
  }
  return box[0] <= box[2] ? box : null;
}

/** Each [lon, lat] in nested coordinates. */
export function* positions(nested) {
  if (typeof nested[0] === "number") yield nested;
  else for (const one of nested) yield* positions(one);
}

/** Where the words of an area stand: the centroid of its largest ring, [lon, lat]. Of other shapes: their first position. */
export function middle({ type, coordinates }) {
  if (!type.endsWith("Polygon")) return positions(coordinates).next().value;
  const rings = type === "Polygon" ? [coordinates[0]] : coordinates.map((polygon) => polygon[0]);
  return rings.map(centroid).reduce((best, one) => (one.area > best.area ? one : best)).at;
}

function centroid(ring) {
  const [x0, y0] = ring[0];
  let twice = 0, x = 0, y = 0;
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = [ring[i - 1][0] - x0, ring[i - 1][1] - y0], [bx, by] = [ring[i][0] - x0, ring[i][1] - y0], cross = ax * by - bx * ay;
    twice += cross; x += (ax + bx) * cross; y += (ay + by) * cross;
  }
  return { area: Math.abs(twice), at: twice ? [x0 + x / (3 * twice), y0 + y / (3 * twice)] : [x0, y0] };
}

/** The box around several boxes; nulls are left out. */
export function boxAround(boxes) {
  const there = boxes.filter((box) => box && box.every(Number.isFinite));
  if (!there.length) return null;
  return [Math.min(...there.map((b) => b[0])), Math.min(...there.map((b) => b[1])),
    Math.max(...there.map((b) => b[2])), Math.max(...there.map((b) => b[3]))];
}

export const feature = (type, coordinates, properties = {}) => ({ type: "Feature", properties, geometry: { type, coordinates } });
export const collection = (features = []) => ({ type: "FeatureCollection", features });
