"""What marks the sea at a moment: where ships are heard, where something disturbs, and places with a use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from seavigil.normal.coverage import cell_of
from seavigil.normal.places import LAND, Places
from seavigil.records import HOUR_US, rfc3339
from seavigil.runners.asset_shapes import geometry_json
from seavigil.store.sightings import Sightings

Feature = dict[str, Any]

#: Kinds that may be asked for.
COVERAGE, GNSS, LOST, PLACE = "coverage", "gnss_degraded", "coverage_lost", "place"
KINDS = (COVERAGE, GNSS, LOST, PLACE)
#: Of more cells those with most ships are given (own choice: a cell is 11 km high, so that is a whole sea).
MOST_CELLS = 5_000
_COLUMNS = 1800
_SHIP = ["mmsi", "vessel_part"]


def coverage(sightings: Sightings, at_us: int) -> list[Feature]:
    """Give the cells of `normal.coverage` in which ships were heard in the hour before a moment.

    ``ships``: how many different ones; ``since``: the first of them in that hour.
    """
    rows = sightings.reports(at_us - HOUR_US, at_us, columns=(*_SHIP, "lat_deg", "lon_deg", "flags"))
    cells = cell_of(rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy())
    found = (
        rows.with_columns(pl.Series("cell", cells))
        .group_by("cell")
        .agg(pl.struct(_SHIP).n_unique().alias("ships"), pl.col("time_us").min())
        .sort(["ships", "cell"], descending=[True, False])
        .head(MOST_CELLS)
        .sort("cell")
    )
    return [_cell(*row) for row in found.iter_rows()]


def _cell(cell: int, ships: int, since_us: int) -> Feature:
    row, column = divmod(cell, _COLUMNS)
    south, west = row / 10 - 90, column / 5 - 180
    corners = _box(west, south, west + 0.2, south + 0.1)
    return _feature(corners, kind=COVERAGE, name=None, ships=ships, since=rfc3339(since_us))


def disturbed(alerts: Iterable[Mapping[str, Any]], kinds: Iterable[str]) -> list[Feature]:
    """Give the areas of the alerts about areas that stand; ``since``: when it began."""
    found = []
    for line in alerts:
        area, kind = line["area"], next((k for k in kinds if k in line["behaviours"]), None)
        if kind is not None and area is not None and area["south_deg"] is not None:
            corners = _box(area["west_deg"], area["south_deg"], area["east_deg"], area["north_deg"])
            more = {"alert_id": line["alert_id"], "priority": line["priority"]}
            told = {"kind": kind, "name": area["area_id"], "ships": None, "since": line["began"], **more}
            found.append(_feature(corners, **told))
    return found


def places(known: Places) -> list[str]:
    """Write the places that were given as features; land is on the map."""
    return [
        f'{{"type":"Feature","geometry":{geometry_json(place.geometry)},"properties":{_properties(place)}}}'
        for place in known.places
        if place.kind != LAND
    ]


def _properties(place: Any) -> str:
    import json

    told = {"kind": place.kind, "name": place.name, "ships": None, "since": None, "reach_m": place.reach_m}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    east = east + 360.0 if east < west else east
    lon, lat = np.round([west, east], 6).tolist(), np.round([south, north], 6).tolist()
    return [[lon[0], lat[0]], [lon[1], lat[0]], [lon[1], lat[1]], [lon[0], lat[1]], [lon[0], lat[0]]]


def _feature(corners: list[list[float]], **properties: Any) -> Feature:
    geometry = {"type": "Polygon", "coordinates": [corners]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}
