"""Nearest places between tracks, places and edges, pair by pair, in local planes.

Every array is one value per pair. Edges go from c to d, ``dlon`` unwrapped from ``clon``.
"""

from __future__ import annotations

import numpy as np
import shapely

from seavigil.assets import grid
from seavigil.assets.model import Asset
from seavigil.geodesy import (
    EQUATORIAL_RADIUS_M,
    F64,
    I64,
    Bool,
    crosses,
    distance_m,
    foot_fraction,
    metres_per_degree,
    nearest_fraction,
    plane_distance_m,
    turn_deg,
)

_RAD = np.pi / 180


def feet(lat: F64, lon: F64, clat: F64, clon: F64, dlat: F64, dlon: F64) -> tuple[F64, F64]:
    """Give for each place the fraction along its edge of the nearest point, and its distance in metres.

    The fraction is not clamped to 0..1, the distance is that to the clamped point.
    """
    t = foot_fraction(lat, lon, clat, clon, dlat, dlon)
    on = np.clip(t, 0.0, 1.0)
    return t, plane_distance_m(lat, lon, clat + on * (dlat - clat), clon + on * (dlon - clon))


def segments_within(track: list[F64], edge: list[F64], plane_lat: F64, within_m: F64) -> Bool:
    """Tell which segments a -> b come within ``within_m`` of their edge c -> d.

    ``track`` is alat, alon, blat, blon, ``edge`` clat, clon, dlat, dlon; ``plane_lat`` is the
    latitude near which they may be close.
    """
    alat, alon, blat, blon = track
    near = np.zeros(len(alat), dtype=np.bool_)
    moving = (alat != blat) | (alon != blon)
    for rows in (np.flatnonzero(~moving), np.flatnonzero(moving)):
        t, e = [v[rows] for v in track], [v[rows] for v in edge]
        near[rows] = _within(t, e, plane_lat[rows], within_m[rows])
    moving &= ~near
    rows = np.flatnonzero(moving)
    near[rows] = crosses(*(v[rows] for v in (*track, *edge)))
    return near


def _within(track: list[F64], edge: list[F64], plane_lat: F64, within_m: F64) -> Bool:
    """Tell whether an end of either line is near enough to the other line."""
    alat, alon, blat, blon = track
    clat, clon, dlat, dlon = edge
    near = _end_within(alat, alon, edge, plane_lat, within_m)
    if len(alat) and not (np.array_equal(alat, blat) and np.array_equal(alon, blon)):
        unwrapped = [alat, alon, blat, alon + turn_deg(blon - alon)]
        near |= _end_within(blat, blon, edge, plane_lat, within_m)
        near |= _end_within(clat, clon, unwrapped, plane_lat, within_m)
        near |= _end_within(dlat, dlon, unwrapped, plane_lat, within_m)
    return near


def _end_within(lat: F64, lon: F64, line: list[F64], plane_lat: F64, within_m: F64) -> Bool:
    """Tell whether a place is near enough to its line; what the plane leaves in doubt is measured again."""
    clat, clon, dlat, dlon = line
    per_lat, per_lon = metres_per_degree(plane_lat)
    ex, ey = (dlon - clon) * per_lon, (dlat - clat) * per_lat
    x, y = turn_deg(lon - clon) * per_lon, (lat - clat) * per_lat
    zero = np.zeros_like(ex)
    t = np.clip(nearest_fraction(x, y, zero, zero, ex, ey), 0.0, 1.0)
    distance = np.hypot(x - t * ex, y - t * ey)
    near = np.asarray(distance <= within_m)
    # Where the plane's latitude is not that of place and foot, its metre east is off by the tangent.
    away = np.abs(lat - plane_lat) * _RAD + within_m / (2 * EQUATORIAL_RADIUS_M)
    doubt = np.flatnonzero(np.abs(distance - within_m) <= within_m * (1.5 * away * per_lat / per_lon + 1e-5))
    lat, lon, clat, clon, dlat, dlon = (v[doubt] for v in (lat, lon, clat, clon, dlat, dlon))
    on = np.clip(foot_fraction(lat, lon, clat, clon, dlat, dlon), 0.0, 1.0)
    exact = distance_m(lat, lon, clat + on * (dlat - clat), clon + on * (dlon - clon))
    near[doubt] = exact <= within_m[doubt]
    return near


def side_at(lat: F64, lon: F64, foot_lat: F64, foot_lon: F64, east: list[F64], north: list[F64]) -> F64:
    """Give +1 where the place is right of the line at its nearest point, -1 left, 0 on it.

    ``east`` and ``north`` are the steps in degrees of the edge before and the edge after that
    point (twice the same inside an edge). At a vertex the mean of both directions decides, which
    is right for sharp corners too (Baerentzen and Aanaes, "Signed distance computation using the
    angle weighted pseudonormal", IEEE TVCG 11, 2005).
    """
    per_lat, per_lon = metres_per_degree(foot_lat)
    ux, uy = np.zeros_like(lat), np.zeros_like(lat)
    for ex, ey in zip(east, north, strict=True):
        length = np.hypot(ex * per_lon, ey * per_lat)
        with np.errstate(invalid="ignore", divide="ignore"):
            ux, uy = ux + ex * per_lon / length, uy + ey * per_lat / length
    x, y = turn_deg(lon - foot_lon) * per_lon, (lat - foot_lat) * per_lat
    return np.asarray(np.sign(x * uy - y * ux))


class Area:
    """The inside of an area asset, also across the antimeridian."""

    def __init__(self, asset: Asset) -> None:
        self._lon0 = float(shapely.get_coordinates(asset.geometry)[0, 0])
        self._shape = shapely.transform(asset.geometry, self._turned)
        shapely.prepare(self._shape)

    def contains(self, lat: F64, lon: F64) -> Bool:
        """Tell which places lie inside (missing places do not)."""
        x = self._lon0 + turn_deg(lon - self._lon0)
        return np.asarray(shapely.contains_xy(self._shape, x, lat), dtype=np.bool_)

    def cells(self) -> I64:
        """Give the cells whose middle lies inside."""
        west, south, east, north = self._shape.bounds
        size = grid.CELL_DEG
        lat = (np.arange(np.floor(south / size), np.ceil(north / size)) + 0.5) * size
        lon = (np.arange(np.floor(west / size), np.ceil(east / size)) + 0.5) * size
        lats, lons = (v.ravel() for v in np.meshgrid(lat, lon, indexing="ij"))
        inside = self.contains(lats, lons)
        return grid.cell_of(lats[inside], lons[inside])

    def _turned(self, xy: F64) -> F64:
        return np.column_stack([self._lon0 + turn_deg(xy[:, 0] - self._lon0), xy[:, 1]])
