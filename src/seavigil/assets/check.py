"""What is wrong with a route, in one clear line each, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from seavigil.assets import properties
from seavigil.assets.model import KINDS, Asset
from seavigil.geodesy import F64, distance_m, edge_length_m, plane_distance_m, turn_deg, unwrap_deg

ERROR, WARNING = "error", "warning"

#: Words of EMODnet and registers for what is not there yet or no more.
NOT_IN_SERVICE = frozenset(
    {"planned", "approved", "proposed", "dismantled", "decommissioned", "abandoned", "removed"}
)

#: A line shorter than this (11 mm, below the resolution of any source) has no length.
NO_LENGTH_DEG = 1e-7
#: An edge longer than this is looked at.
LONG_EDGE_KM = 50.0
#: A long edge this many times longer than the route's usual one has probably been drawn, not surveyed.
LONG_EDGE_RATIO = 10.0
#: Two long edges that lead back to within this share of their length are a jump and its way back.
RETURNS_WITHIN = 0.2
#: On land within this distance of an end a route is at its landing; coast polygons are coarse.
LANDING_KM = 5.0
#: Less than this on land may be an islet or the coarseness of the coast.
OVER_LAND_KM = 2.0
#: A route whose middle is nearer than this to another of the same name is probably the same.
SAME_PLACE_KM = 10.0
#: Far from all others, and among them once latitude and longitude are exchanged.
FAR_KM, NEAR_KM = 1_500.0, 750.0


@dataclass(frozen=True)
class Finding:
    """One thing found: an ``error`` leaves the asset out, with a ``warning`` it is used."""

    level: str
    code: str
    asset: str  #: id, or the place in the file when it has none yet
    path: str
    message: str
    fix: str

    def line(self) -> str:
        """Give it as one line for a person."""
        return f"{self.level}: {self.code}: {self.asset}: {self.message}; {self.fix}"


Fault = tuple[str, str, str, str]
"""Level, code, message and how to mend it."""


def check_geometry(geometry: BaseGeometry | None, kind: str, claimed: str | None) -> list[Fault]:
    """Find what is wrong with one feature as it stands."""
    if geometry is None or geometry.is_empty:
        return [(ERROR, "no_geometry", "has no geometry", "add one or remove the feature")]
    found = _check_coordinates(shapely.get_coordinates(geometry)) or _check_shape(geometry, kind, claimed)
    if not found and claimed and kind != claimed:
        known = ", ".join(KINDS)
        found = [
            (
                WARNING,
                "unknown_kind",
                f"kind {claimed!r} is not known, taken as {kind!r}",
                f"use one of {known}",
            )
        ]
    if not found and kind == "other" and not claimed:
        found = [(WARNING, "no_kind", "nothing tells its kind, taken as 'other'", "add a property kind")]
    return found


def _check_coordinates(xy: F64) -> list[Fault]:
    if not np.isfinite(xy).all():
        return [(ERROR, "missing_coordinate", "a coordinate is missing or infinite", "correct the vertex")]
    lon, lat = np.abs(xy).max(axis=0)
    if lon <= 540 and lat <= 90:
        return []
    if lon <= 90 and lat <= 180:
        return [(ERROR, "swapped_lat_lon", f"latitude {lat:g} is impossible", "write longitude first")]
    return [
        (
            ERROR,
            "out_of_range",
            f"coordinates up to {max(lon, lat):g} are no degrees",
            "give WGS 84, or name the CRS",
        )
    ]


def _check_shape(geometry: BaseGeometry, kind: str, claimed: str | None) -> list[Fault]:
    shape = shape_of(geometry)
    if shape is None:
        return [(ERROR, "wrong_shape", f"a {geometry.geom_type} is no line, area or point", "split it")]
    if kind == "other" and claimed is None and shape == "point":
        return [
            (ERROR, "wrong_shape", "a point without a kind (cables and pipelines need lines)", "add its kind")
        ]
    if shape not in KINDS[kind]:
        wanted = " or ".join(KINDS[kind])
        return [
            (ERROR, "wrong_shape", f"kind {kind} wants {wanted}, this is {shape}", f"give it as {wanted}")
        ]
    if shape == "line" and geometry.length < NO_LENGTH_DEG:
        return [(ERROR, "zero_length", "the line has no length", "give at least two different vertices")]
    return []


def shape_of(geometry: BaseGeometry) -> str | None:
    """Give ``line``, ``area`` or ``point``, or ``None`` for a mixed collection."""
    kinds = {"LineString": "line", "LinearRing": "line", "Polygon": "area", "Point": "point"}
    return kinds.get(geometry.geom_type.removeprefix("Multi"))


def check(assets: Sequence[Asset], land: BaseGeometry | None = None) -> list[Finding]:
    """Find what is wrong with assets: by themselves, against each other, against the land if given."""
    found = [f for a in assets for f in (*_jumps(a), *_area_faults(a), *_not_in_service(a))]
    found += _exchanged(assets) + _duplicates(assets)
    if land is not None:
        shapely.prepare(land)
        found += [f for a in assets if a.shape == "line" for f in _over_land(a, land)]
    return found


def _finding(asset: Asset, level: str, code: str, message: str, fix: str) -> Finding:
    return Finding(level, code, asset.asset_id, asset.source or "", message, fix)


def _jumps(asset: Asset) -> list[Finding]:
    """A vertex far off with the way back is an error; a long straight edge only a doubt."""
    if asset.shape != "line":
        return []
    found: list[Finding] = []
    edges: list[F64] = []
    for part in shapely.get_parts(asset.geometry):
        lon, lat = shapely.get_coordinates(part).T
        km = edge_length_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) / 1000
        edges.append(km)
        back = plane_distance_m(lat[:-2], lon[:-2], lat[2:], lon[2:]) / 1000
        spike = (np.minimum(km[:-1], km[1:]) > LONG_EDGE_KM) & (back < RETURNS_WITHIN * (km[:-1] + km[1:]))
        for i in np.flatnonzero(spike)[:1]:
            where = f"{km[i]:.0f} km to {lat[i + 1]:.4f}, {lon[i + 1]:.4f} and back"
            found.append(
                _finding(asset, ERROR, "self_jump", f"the line jumps {where}", "remove the stray vertex")
            )
    km = np.concatenate(edges)
    longest, usual = float(km.max(initial=0.0)), float(np.median(km)) if len(km) else 0.0
    if not found and len(km) > 2 and longest > LONG_EDGE_KM and longest > LONG_EDGE_RATIO * usual:
        said = f"one edge of {longest:.0f} km, the others about {usual:.1f} km"
        found.append(
            _finding(asset, WARNING, "long_edge", said, "check it; give a larger position_uncertainty_m")
        )
    return found


def _area_faults(asset: Asset) -> list[Finding]:
    if asset.shape != "area" or asset.geometry.is_valid:
        return []
    why = shapely.is_valid_reason(asset.geometry)
    return [
        _finding(asset, WARNING, "invalid_area", f"the outline is not simple ({why})", "redraw the outline")
    ]


def _not_in_service(asset: Asset) -> list[Finding]:
    status = properties.text(asset.properties, "status") or ""
    if status.casefold() not in NOT_IN_SERVICE:
        return []
    said = f"its status is {status!r}: there may be nothing to harm"
    return [_finding(asset, WARNING, "not_in_service", said, "leave it out of the watch if that is so")]


def _exchanged(assets: Sequence[Asset]) -> list[Finding]:
    """Assets far from all others that fall among them with latitude and longitude exchanged."""
    if len(assets) < 3:
        return []
    middle = np.array([_middle(a) for a in assets])
    lat, lon = np.median(middle, axis=0)
    far = distance_m(lat, lon, middle[:, 0], middle[:, 1]) > FAR_KM * 1000
    swapped = np.where(np.abs(middle[:, 1]) <= 90, distance_m(lat, lon, *middle[:, ::-1].T), np.inf)
    said = "far from the other assets, but among them with latitude and longitude exchanged"
    return [
        _finding(assets[int(i)], ERROR, "swapped_lat_lon", said, "write longitude first")
        for i in np.flatnonzero(far & (swapped < NEAR_KM * 1000))
    ]


def _middle(asset: Asset) -> tuple[float, float]:
    xy = shapely.get_coordinates(asset.geometry)
    return float(np.median(xy[:, 1])), float(turn_deg(np.median(unwrap_deg(xy[:, 0]))))


def _duplicates(assets: Sequence[Asset]) -> list[Finding]:
    """The same geometry twice, or one name twice in one place."""
    found: list[Finding] = []
    seen: dict[bytes, Asset] = {}
    named: dict[tuple[str, str], Asset] = {}
    for asset in assets:
        twin = seen.setdefault(asset.geometry.normalize().wkb, asset)
        if twin is not asset:
            said = f"the same geometry as {twin.asset_id}"
            found.append(_finding(asset, WARNING, "duplicate", said, "keep one of them"))
            continue
        if asset.name.startswith("unnamed "):
            continue
        twin = named.setdefault((asset.kind, asset.name.casefold()), asset)
        lines = twin is not asset and asset.shape == twin.shape == "line"
        if lines and _km_apart(asset, twin) < SAME_PLACE_KM:
            said = f"the name of {twin.asset_id} ({twin.source}) nearby"
            found.append(_finding(asset, WARNING, "duplicate", said, "keep the better one of them"))
    return found


def _km_apart(a: Asset, b: Asset) -> float:
    """Give the distance of the middle of a line to another line."""
    line = max(shapely.get_parts(a.geometry), key=lambda part: part.length)
    middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
    (lon, lat), (lon_b, lat_b) = shapely.get_coordinates(shapely.shortest_line(middle, b.geometry))
    return float(distance_m(lat, lon, lat_b, lon_b)) / 1000


def _over_land(asset: Asset, land: BaseGeometry) -> list[Finding]:
    """Parts of a line on land that are no landing, with what they add up to."""
    lines = shapely.get_parts(asset.geometry)
    ends = [shapely.get_coordinates(line)[[0, -1]] for line in lines]
    inside = shapely.get_parts(shapely.intersection(lines, land))
    inside = [part for part in inside if part.geom_type == "LineString" and not part.is_empty]
    away_km = sum(_beyond_landing_km(part, ends) for part in inside)
    if away_km < OVER_LAND_KM:
        return []
    said = f"{away_km:.0f} of {asset.length_km or 0:.0f} km lie over land away from its landings"
    turned = shapely.transform(asset.geometry, lambda xy: xy[:, ::-1])
    if away_km > 0.9 * (asset.length_km or 0) and not shapely.intersects(turned, land):
        return [_finding(asset, ERROR, "swapped_lat_lon", said, "write longitude first")]
    return [_finding(asset, WARNING, "over_land", said, "check the route, or the coast it is compared with")]


def _beyond_landing_km(part: BaseGeometry, ends: list[F64]) -> float:
    lon, lat = shapely.get_coordinates(part).T
    km = float(edge_length_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum()) / 1000
    touches = any(
        plane_distance_m(lat[[0, -1]], lon[[0, -1]], e[1], e[0]).min() < 1.0 for two in ends for e in two
    )
    return max(0.0, km - LANDING_KM) if touches else km
