"""Files of places: GeoJSON and its like with OpenStreetMap tags or a ``kind``, and tables of ports."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from seavigil.assets import UnreadableAssets, properties, sources
from seavigil.assets.check import Finding
from seavigil.inputs.files import (
    Row,
    UnreadableSurroundings,
    as_paths,
    number,
    position,
    rejected,
    rows_of,
    text_of,
)
from seavigil.normal.places import ANCHORAGE, LAND, LANE, PILOT, PORT, REACHES_M, ZONE, Place, Places

#: OpenStreetMap's ``seamark:type`` (S-57 objects in its spelling).
_SEAMARKS = {
    "anchorage": ANCHORAGE,
    "anchor_berth": ANCHORAGE,
    "harbour": PORT,
    "pilot_boarding": PILOT,
    "separation_lane": LANE,
    "separation_roundabout": LANE,
    "separation_zone": ZONE,
}
#: Parts of a traffic separation scheme that are neither lane nor zone: lines drawn around them.
_OUTLINES = ("separation_boundary", "separation_line", "separation_crossing")
_TAGS = {
    ("natural", "coastline"): LAND,
    ("natural", "land"): LAND,
    ("industrial", "port"): PORT,
    ("landuse", "port"): PORT,
    ("landuse", "harbour"): PORT,
    ("harbour", "yes"): PORT,
    ("amenity", "ferry_terminal"): PORT,
    # Natural Earth
    ("featurecla", "coastline"): LAND,
    ("featurecla", "land"): LAND,
    ("featurecla", "admin-0 country"): LAND,
}
#: Approach of a port by the World Port Index's harbour size. Own choices: about what lies between the
#: pilot's place and the berths of a port of that size.
_SIZES_M = {"very small": 3_000.0, "small": 5_000.0, "medium": 8_000.0, "large": 10_000.0}
_WPI = ("latitude", "longitude", "main port name")
_CLOSED_DEG = 1e-7


@dataclass(frozen=True)
class PlacesRead:
    """The places of some files, what was left out and why, and how many features are of no use here."""

    places: Places
    findings: tuple[Finding, ...]
    unused: int


def read_places(paths: Iterable[str | Path] | str | Path, *, default_kind: str | None = None) -> PlacesRead:
    """Read places from GeoJSON, GeoPackage, Shapefile or FlatGeobuf, and ports from CSV (plain or gzipped).

    ``default_kind``: kind of features that tell none (``land`` for a file of countries, say).
    Raises ``UnreadableSurroundings`` for a file that cannot be read or has nothing usable in it.
    """
    places: list[Place] = []
    findings: list[Finding] = []
    unused = 0
    for path in as_paths(paths):
        table = path.name.casefold().removesuffix(".gz").endswith(".csv")
        found, faults, idle = _ports(path) if table else _features(path, default_kind)
        if not found:
            raise UnreadableSurroundings(_nothing(path, faults))
        places += found
        findings += faults
        unused += idle
    return PlacesRead(Places(tuple(places)), tuple(findings), unused)


def _nothing(path: Path, faults: list[Finding]) -> str:
    first = f"; first: {faults[0].asset}: {faults[0].message}" if faults else ""
    return f"{path}: no places in it, {len(faults)} errors{first}"


_Found = tuple[list[Place], list[Finding], int]


def _ports(path: Path) -> _Found:
    """Read ports: the World Port Index, or columns ``lat_deg, lon_deg`` with ``name, kind, reach_m``."""
    text = text_of(path)
    names = {n.strip().strip('"').casefold() for n in text.split("\n", 1)[0].split(",")}
    world_index = set(_WPI) <= names
    places, findings = [], []
    for line, row in rows_of(path, text, _WPI if world_index else ("lat_deg", "lon_deg")):
        try:
            places.append(_world_port(row) if world_index else _own_place(row))
        except ValueError as fault:
            findings.append(rejected("bad_row", f"line {line}", path, str(fault)))
    return places, findings, 0


def _world_port(row: Row) -> Place:
    lat, lon = position(row, "latitude", "longitude")
    reach_m = _SIZES_M.get(row.get("harbor size", "").casefold(), REACHES_M[PORT])
    also = tuple(name for name in (row.get("un/locode", ""), row.get("alternate port name", "")) if name)
    return Place(PORT, row["main port name"], shapely.Point(lon, lat), reach_m, also=also)


def _own_place(row: Row) -> Place:
    lat, lon = position(row)
    kind = row.get("kind") or PORT
    reach_m = number(row, "reach_m")
    if reach_m is None:
        reach_m = REACHES_M.get(kind, 0.0)
    also = tuple(name for name in (row.get("unlocode", ""),) if name)
    name, spot = row.get("name", ""), shapely.Point(lon, lat)
    return Place(kind, name, spot, reach_m, number(row, "direction_deg"), also)


def _features(path: Path, default_kind: str | None) -> _Found:
    try:
        features = sources.features(path)
    except (UnreadableAssets, OSError) as fault:
        said = str(fault) if isinstance(fault, UnreadableAssets) else f"{path}: {fault.strerror}"
        raise UnreadableSurroundings(said) from fault
    places: list[Place] = []
    findings: list[Finding] = []
    unused = 0
    for feature in features:
        told = feature.properties
        where = properties.name_of(told) or properties.id_of(told) or f"feature {feature.number}"
        kind = _kind(told) or default_kind
        if kind is None:
            unused += 1
            continue
        try:
            places.append(_place(kind, where, feature.geometry, told))
        except ValueError as fault:
            findings.append(rejected("bad_feature", where, path, str(fault)))
    return places, findings, unused


def _kind(told: Mapping[str, Any]) -> str | None:
    """Give the kind that a feature's properties tell, as the file spells it if it is not known."""
    claimed = properties.text(told, "kind")
    if claimed:
        return claimed.casefold().replace(" ", "_")
    seamark = properties.text(told, "seamark:type")
    if seamark in _SEAMARKS or seamark in _OUTLINES:
        return _SEAMARKS.get(seamark)
    tags = ((key.casefold(), str(value).casefold()) for key, value in told.items())
    return next((_TAGS[tag] for tag in tags if tag in _TAGS), None)


def _place(kind: str, name: str, geometry: BaseGeometry | None, told: Mapping[str, Any]) -> Place:
    """Make a place of a feature. Raises ``ValueError`` that says what is wrong with it."""
    if kind not in REACHES_M:
        raise ValueError(f"kind {kind!r} is none of {', '.join(REACHES_M)}")
    shape = _sound(geometry)
    if kind == LAND:
        shape = _land(shape)
    elif kind == ZONE and shapely.get_dimensions(shape) != 2:
        raise ValueError("a separation zone must be an area")
    reach_m, direction = _told_number(told, "reach_m"), _told_number(told, "direction_deg")
    if reach_m is None:
        reach_m = 0.0 if shapely.get_dimensions(shape) == 2 else REACHES_M[kind]
    code = properties.text(told, "unlocode") or properties.text(told, "ref:unlocode")
    return Place(kind, name, shape, reach_m, direction, (code,) if code else ())


def _sound(geometry: BaseGeometry | None) -> BaseGeometry:
    """Give a usable geometry, mended where its outline crosses itself."""
    if geometry is None or geometry.is_empty:
        raise ValueError("has no geometry")
    xy = shapely.get_coordinates(geometry)
    if not np.isfinite(xy).all() or (np.abs(xy) > (540, 90)).any():
        raise ValueError("coordinates are no degrees")
    if shapely.get_dimensions(geometry) == 2 and not geometry.is_valid:
        parts = [g for g in shapely.get_parts(shapely.make_valid(geometry)) if shapely.get_dimensions(g) == 2]
        geometry = shapely.multipolygons([p for part in parts for p in shapely.get_parts(part)])
    if geometry.is_empty or geometry.geom_type == "GeometryCollection":
        raise ValueError("is no point, line or area")
    return geometry


def _land(shape: BaseGeometry) -> BaseGeometry:
    """Give the area of a coast: polygons as they are, closed coastlines filled."""
    if shapely.get_dimensions(shape) == 2:
        return shape
    rings = [shapely.get_coordinates(part) for part in shapely.get_parts(shape)]
    if any(len(r) < 4 or np.abs(r[0] - r[-1]).max() > _CLOSED_DEG for r in rings):
        raise ValueError("an open coastline does not tell on which side the land lies; give areas")
    return _sound(shapely.multipolygons([shapely.Polygon(ring) for ring in rings]))


def _told_number(told: Mapping[str, Any], name: str) -> float | None:
    value = properties.value(told, name)
    if value is None:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"{name} {str(value)[:40]!r} is no number")
    return found
