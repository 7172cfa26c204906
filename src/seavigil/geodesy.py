"""Distances, bearings and crossings on the WGS 84 ellipsoid; arrays in, arrays out.

Angles are degrees, lengths metres; longitudes may be given in any turn (190 is -170), so
that nothing special happens at the antimeridian. NaN in gives NaN out.

Two kinds of line are told apart:

* the *geodesic*, the shortest way between two points (``distance_m``, ``bearing_deg``,
  ``destination``), by Karney's algorithms as PROJ has them (C. F. F. Karney, "Algorithms for
  geodesics", J. Geodesy 87, 2013), good to nanometres;
* the *edge*, straight in longitude and latitude, as GeoJSON defines the way between two
  vertices (RFC 7946, section 3.1.1). Routes and ships' tracks between reports are edges. Over
  200 km at 60 N an edge lies up to 1.4 km from the geodesic.

An edge is also straight in every local plane ``x = m_per_deg_lon * dlon, y = m_per_deg_lat *
dlat``, since that is affine. So the cheap path works in the plane of the radii of curvature
(meridian and prime vertical) at the middle latitude of the two points it relates, and what it
finds is measured again on the ellipsoid. Below 85 degrees the middle-latitude plane is off by
less than 1e-6 of the distance at 1 km and 1e-4 at 10 km (by far less at lower latitudes).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: WGS 84 (NIMA TR8350.2, table 3.1): equatorial radius and flattening.
EQUATORIAL_RADIUS_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
_E2 = FLATTENING * (2 - FLATTENING)
_RAD = np.pi / 180
_GEOD = Geod(ellps="WGS84")
# Integer units in which sides are decided: products of two differences fit into 64 bits.
_UNITS = 1e7
_TURN = 3_600_000_000

# Gauss-Legendre points and weights on 0..1: six make an edge of 10 degrees exact to a millimetre.
_NODES, _WEIGHTS = (np.polynomial.legendre.leggauss(6)[0] + 1) / 2, np.polynomial.legendre.leggauss(6)[1] / 2


def turn_deg(lon_deg: ArrayLike) -> F64:
    """Bring a longitude or a difference of longitudes into -180..180 (values within stay exact)."""
    lon = np.asarray(lon_deg, dtype=np.float64)
    return np.asarray(lon - 360.0 * np.round(lon / 360.0), dtype=np.float64)


def metres_per_degree(lat_deg: ArrayLike) -> tuple[F64, F64]:
    """Give metres per degree of latitude and of longitude at a latitude.

    From the meridian and prime-vertical radii of curvature (Snyder, "Map Projections: A Working
    Manual", USGS 1395, equations 4-18 to 4-20).
    """
    sin2 = np.square(np.sin(np.asarray(lat_deg, dtype=np.float64) * _RAD))
    w2 = 1 - _E2 * sin2
    prime_vertical = EQUATORIAL_RADIUS_M * _RAD / np.sqrt(w2)
    meridian = prime_vertical * (1 - _E2) / w2
    return meridian, prime_vertical * np.sqrt(1 - sin2)


def distance_m(lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike) -> F64:
    """Give the geodesic distance from a to b."""
    return _inverse(lat_a, lon_a, lat_b, lon_b)[2]


def bearing_deg(lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike) -> F64:
    """Give the true bearing at a of the geodesic to b, 0..360; NaN where a is b."""
    azimuth, _, length = _inverse(lat_a, lon_a, lat_b, lon_b)
    # An azimuth of -1e-17 would round up to 360.
    return np.where(length > 0, np.mod(azimuth, 360.0) % 360.0, np.nan)


def destination(
    lat_deg: ArrayLike, lon_deg: ArrayLike, bearing_deg: ArrayLike, distance_m: ArrayLike
) -> tuple[F64, F64]:
    """Give latitude and longitude (-180..180) after ``distance_m`` on the geodesic with that bearing."""
    lat, lon, bearing, way = _broadcast(lat_deg, lon_deg, bearing_deg, distance_m)
    lon_out, lat_out, _ = _GEOD.fwd(lon, lat, bearing, way)
    return np.asarray(lat_out, dtype=np.float64), turn_deg(lon_out)


def plane_distance_m(lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike) -> F64:
    """Give the distance in the middle-latitude plane: cheap, for points up to some 100 km apart."""
    a, b = np.asarray(lat_a, dtype=np.float64), np.asarray(lat_b, dtype=np.float64)
    per_lat, per_lon = metres_per_degree((a + b) / 2)
    return np.hypot((b - a) * per_lat, turn_deg(np.subtract(lon_b, lon_a)) * per_lon)


def edge_length_m(lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike) -> F64:
    """Give the length on the ellipsoid of the edge that is straight in longitude and latitude.

    Gauss-Legendre quadrature with six points of the speed along the edge; better than 1 mm for
    edges of up to 10 degrees below 85 degrees of latitude.
    """
    lat, lon, lat_to, lon_to = _broadcast(lat_a, lon_a, lat_b, lon_b)
    dlat, dlon = lat_to - lat, turn_deg(lon_to - lon)
    per_lat, per_lon = metres_per_degree(lat[..., None] + dlat[..., None] * _NODES)
    speed = np.hypot(per_lat * dlat[..., None], per_lon * dlon[..., None])
    return np.asarray((speed * _WEIGHTS).sum(axis=-1), dtype=np.float64)


def km_axis(lat_deg: ArrayLike, lon_deg: ArrayLike) -> F64:
    """Give for each vertex of a polyline its kilometre from the first vertex, along the edges."""
    lat, lon = _broadcast(lat_deg, lon_deg)
    steps = edge_length_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) / 1000
    return np.concatenate([np.zeros(min(1, len(lat))), np.cumsum(steps)])


def nearest_fraction(x: F64, y: F64, ax: F64, ay: F64, bx: F64, by: F64) -> F64:
    """Give where on the plane line a -> b the foot of (x, y) lies: 0 at a, 1 at b, not clamped.

    A line of no length gives 0.
    """
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(square > 0, ((x - ax) * dx + (y - ay) * dy) / square, 0.0)


def cross_track(
    lat: ArrayLike, lon: ArrayLike, lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike
) -> F64:
    """Give metres from the line through edge a -> b, + to starboard (right) of its direction.

    The line goes on beyond a and b, straight in longitude and latitude. The foot is found in
    the local plane (twice), the distance to it is the geodesic one; good to 1e-4 of itself
    within 100 km. NaN where a is b.
    """
    foot_lat, foot_lon, _, right = _foot(lat, lon, lat_a, lon_a, lat_b, lon_b)
    return right * distance_m(lat, lon, foot_lat, foot_lon)


def along_track(
    lat: ArrayLike, lon: ArrayLike, lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike
) -> F64:
    """Give metres along edge a -> b from a to the point nearest the ship; negative before a."""
    foot_lat, foot_lon, fraction, right = _foot(lat, lon, lat_a, lon_a, lat_b, lon_b)
    return np.sign(fraction) * edge_length_m(lat_a, lon_a, foot_lat, foot_lon) + 0.0 * right


def _foot(
    lat: ArrayLike, lon: ArrayLike, lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike
) -> tuple[F64, F64, F64, F64]:
    """Foot on the line (lat, lon), its fraction, and +1 right, -1 left, 0 on it, NaN for no line."""
    plat, plon, alat, alon, blat, blon = _broadcast(lat, lon, lat_a, lon_a, lat_b, lon_b)
    dlat, dlon = blat - alat, turn_deg(blon - alon)
    t = foot_fraction(plat, plon, alat, alon, blat, alon + dlon)
    t = foot_fraction(plat, plon, alat, alon, blat, alon + dlon, start=t)
    side = np.sign(turn_deg(plon - alon) * dlat - (plat - alat) * dlon)
    right = np.where((dlat == 0) & (dlon == 0), np.nan, side)
    return alat + t * dlat, alon + t * dlon, t, right


def foot_fraction(
    lat: F64, lon: F64, alat: F64, alon: F64, blat: F64, blon: F64, *, start: F64 | None = None
) -> F64:
    """Give where along edge a -> b (``blon`` unwrapped) the point nearest the place lies; not clamped.

    From a first guess within the edge, made in the plane at the place (or from ``start``), one Newton
    step on the middle-latitude distance, whose plane changes with the foot: d(N cos phi) / d phi is
    -M sin phi. An edge of no length gives 0.
    """
    ex, ey = blon - alon, blat - alat
    x, y = turn_deg(lon - alon), lat - alat
    if start is None:
        per_lat, per_lon = metres_per_degree(lat)
        zero = np.zeros_like(x)
        guess = nearest_fraction(x * per_lon, y * per_lat, zero, zero, ex * per_lon, ey * per_lat)
        start = np.clip(guess, 0.0, 1.0)
    east, north = start * ex - x, start * ey - y
    middle = lat + north / 2
    per_lat, per_lon = metres_per_degree(middle)
    slope = per_lat**2 * north * ey + per_lon**2 * east * ex
    slope -= per_lon * per_lat * np.sin(middle * _RAD) * _RAD * east**2 * ey / 2
    square = (per_lat * ey) ** 2 + (per_lon * ex) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(square > 0, start - slope / square, 0.0)


@dataclass(frozen=True)
class Crossings:
    """Where segments cross the edges of a polyline; arrays of one length, by row, then fraction."""

    row: I64  #: which segment
    edge: I64  #: which edge: from vertex ``edge`` to ``edge + 1``
    fraction: F64  #: 0..1 along the segment
    edge_fraction: F64  #: 0..1 along the edge
    lat_deg: F64
    lon_deg: F64  #: -180..180
    angle_deg: F64  #: between segment and edge, 0..90


def segment_crossings(
    lat_a: ArrayLike,
    lon_a: ArrayLike,
    lat_b: ArrayLike,
    lon_b: ArrayLike,
    line_lat: ArrayLike,
    line_lon: ArrayLike,
) -> Crossings:
    """Find where each segment a -> b (N of them) crosses the polyline (V vertices): N x V work.

    Both are straight in longitude and latitude, so a crossing is exact. A crossing at a shared
    vertex of either line counts once (see ``crosses``).
    """
    alat, alon, blat, blon = _broadcast(*(np.atleast_1d(v) for v in (lat_a, lon_a, lat_b, lon_b)))
    vlat, vlon = _broadcast(line_lat, line_lon)
    vlon = unwrap_deg(vlon)
    row, edge = (i.ravel().astype(np.int64) for i in np.indices((len(alat), max(len(vlat) - 1, 0))))
    segments = (alat[row], alon[row], blat[row], blon[row])
    edges = (vlat[edge], vlon[edge], vlat[edge + 1], vlon[edge + 1])
    hit = np.flatnonzero(crosses(*segments, *edges))
    points = crossing_points(*(v[hit] for v in segments + edges))
    order = np.lexsort((points[0], row[hit]))
    return Crossings(row[hit][order], edge[hit][order], *(v[order] for v in points))


def unwrap_deg(lon_deg: F64) -> F64:
    """Make the longitudes along a line continuous: 179, -179 becomes 179, 181."""
    steps = np.round(np.diff(lon_deg) / 360.0)
    return np.asarray(lon_deg - 360.0 * np.concatenate([np.zeros(min(1, len(lon_deg))), np.cumsum(steps)]))


def crosses(alat: F64, alon: F64, blat: F64, blon: F64, clat: F64, clon: F64, dlat: F64, dlon: F64) -> Bool:
    """Tell, pair by pair, whether segment a -> b crosses edge c -> d (``dlon`` unwrapped from ``clon``).

    Ties are broken as if every segment were moved by one infinitely small step east and an
    infinitely smaller one north (simulation of simplicity: Edelsbrunner and Muecke, ACM
    Transactions on Graphics 9, 1990). So a track cut into segments crosses a polyline as often
    as the whole: nothing is counted twice or lost at a vertex, and sailing along it is no crossing.
    Sides are exact: places are taken to 1e-7 degree (11 mm; AIS resolves 1.7e-6), in integers.
    """
    values = (alat, alon, blat, blon, clat, clon, dlat, dlon)
    known = np.isfinite(values).all(axis=0)
    ay, ax, by, bx, cy, cx, dy, dx = (
        np.rint(np.where(known, v, 0.0) * _UNITS).astype(np.int64) for v in values
    )
    ex, ey, sx, sy = dx - cx, dy - cy, _turn_units(bx - ax), by - ay
    side_a = _side(ex, ey, _turn_units(ax - cx), ay - cy, 1)
    side_b = _side(ex, ey, _turn_units(bx - cx), by - cy, 1)
    side_c = _side(sx, sy, _turn_units(cx - ax), cy - ay, -1)
    side_d = _side(sx, sy, _turn_units(dx - ax), dy - ay, -1)
    return np.asarray((side_a != side_b) & (side_c != side_d) & known)


def crossing_points(
    alat: F64, alon: F64, blat: F64, blon: F64, clat: F64, clon: F64, dlat: F64, dlon: F64
) -> tuple[F64, F64, F64, F64, F64]:
    """Give fraction along a -> b and along c -> d, latitude, longitude and angle of crossing pairs."""
    ex, ey = dlon - clon, dlat - clat
    sx, sy = turn_deg(blon - alon), blat - alat
    rx, ry = turn_deg(clon - alon), clat - alat
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.clip((rx * ey - ry * ex) / (sx * ey - sy * ex), 0.0, 1.0)
        u = np.clip((rx * sy - ry * sx) / (sx * ey - sy * ex), 0.0, 1.0)
    lat, lon = alat + t * sy, turn_deg(alon + t * sx)
    per_lat, per_lon = metres_per_degree(lat)
    cross = (sx * ey - sy * ex) * per_lat * per_lon
    dot = sx * ex * per_lon**2 + sy * ey * per_lat**2
    return t, u, lat, lon, np.arctan2(np.abs(cross), np.abs(dot)) / _RAD


def _side(ux: I64, uy: I64, px: I64, py: I64, moved: int) -> Bool:
    """Left of the direction u? ``moved`` is the sign with which the infinitesimal step falls on p."""
    cross = ux * py - uy * px
    tie = np.where(uy != 0, -uy, ux) * moved
    return np.asarray(np.where(cross != 0, cross, tie) > 0)


def _turn_units(units: I64) -> I64:
    return np.asarray((units + _TURN // 2) % _TURN - _TURN // 2)


def _inverse(lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike) -> tuple[F64, F64, F64]:
    lat, lon, lat_to, lon_to = _broadcast(lat_a, lon_a, lat_b, lon_b)
    forth, back, length = _GEOD.inv(lon, lat, lon_to, lat_to)
    return np.asarray(forth, dtype=np.float64), np.asarray(back), np.asarray(length, dtype=np.float64)


def _broadcast(*values: ArrayLike) -> list[F64]:
    """Common shape, as fresh float arrays (PROJ writes into what it is given)."""
    return [np.array(v, dtype=np.float64) for v in np.broadcast_arrays(*values)]
