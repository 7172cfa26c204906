"""The picture of a moment: where each ship was last heard by then, and how she came there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from seavigil.geodesy import unwrap_deg
from seavigil.normal.ship_kinds import nav_status_words, ship_kind
from seavigil.records import DAY_US, SECOND_US, rfc3339, vessel_id
from seavigil.runners.event_rows import rounded
from seavigil.runners.invented import EXERCISE_MID, EXERCISE_STATION
from seavigil.runners.ships_seen import ShipsSeen
from seavigil.store.sightings import Box, Sightings, within
from seavigil.vessel import Static

_SHIP = ["mmsi", "vessel_part"]
_PICTURE = (
    *_SHIP,
    "lat_deg",
    "lon_deg",
    "sog_kn",
    "cog_deg",
    "heading_deg",
    "nav_status",
    "station",
    "flags",
)
#: A step of so much latitude is 0.1 m, less than AIS tells (1/10,000 minute: 0.19 m); of trails 1.1 m.
_FINE, _COARSE = 6, 5
#: One trail needs no more points than this to be drawn (own choice: a screen is some 1,000 pixels wide).
_MOST_OF_ONE = 400
#: Steps between a trail's points are tried from here up, doubled each time (own choice: a class A ship under
#: way reports every 2 to 10 s, ITU-R M.1371-5 table 1).
_FIRST_STEP_US, _LAST_STEP_US = 10 * SECOND_US, 2 * DAY_US

Feature = dict[str, Any]


def picture(
    sightings: Sightings,
    ships: ShipsSeen,
    at_us: int,
    *,
    max_age_us: int,
    box: Box | None = None,
    alerts: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Give the ships heard within ``max_age_us`` before a moment as GeoJSON points, in order of number.

    Each where she was last soundly heard; ``box``: of these only those in it. ``alerts``: the priority of the
    most pressing alert about a ship, by her id. Nothing later than ``at_us`` is in it.
    """
    rows = sightings.reports(at_us - max_age_us, at_us, columns=_PICTURE)
    rows = rows.unique(_SHIP, keep="last", maintain_order=True).sort(_SHIP)
    if box is not None:
        rows = rows.filter(within(box))
    known = ships.known(rows.select(_SHIP).iter_rows(), at_us)
    told = zip(rows.iter_rows(named=True), known, strict=True)
    features = [_point(row, said, at_us, alerts or {}) for row, said in told]
    return {"type": "FeatureCollection", "as_of": rfc3339(at_us), "features": features}


def _point(row: Mapping[str, Any], said: Static, at_us: int, alerts: Mapping[str, str]) -> Feature:
    ship = vessel_id(row["mmsi"], row["vessel_part"])
    place = [round(row["lon_deg"], _FINE), round(row["lat_deg"], _FINE)]
    return {
        "type": "Feature",
        "id": ship,
        "geometry": {"type": "Point", "coordinates": place},
        "properties": {
            "vessel_id": ship,
            "mmsi": row["mmsi"],
            "name": said.name,
            "ship_class": ship_kind(said.ship_type),
            "ship_type": said.ship_type,
            "sog_kn": rounded(row["sog_kn"], 1),
            "cog_deg": rounded(row["cog_deg"], 1),
            "heading_deg": rounded(row["heading_deg"], 1),
            "length_m": said.length_m,
            "nav_status": nav_status_words(row["nav_status"]),
            "age_s": (at_us - row["time_us"]) // SECOND_US,
            "flag": said.flag,
            "exercise": invented(row["mmsi"], row["station"]),
            "alert": alerts.get(ship),
        },
    }


def trails(
    sightings: Sightings, ships: ShipsSeen, at_us: int, *, over_us: int, most_points: int, box: Box | None
) -> dict[str, Any]:
    """Give how ships went in ``over_us`` before a moment as GeoJSON lines, at most ``most_points`` in all.

    Where there would be more, points are left out evenly in time; a ship's last one stays. ``box``: ships
    that were in it, with the whole of their way. Longitudes go on beyond 180 where a way does.
    """
    columns = (*_SHIP, "lat_deg", "lon_deg", "flags")
    step_us = max(over_us // _MOST_OF_ONE, _FIRST_STEP_US)
    rows = sightings.reports(at_us - over_us, at_us, columns=columns, each=lambda f: apart(f, step_us))
    if box is not None:
        rows = rows.join(rows.filter(within(box)).select(_SHIP).unique(), on=_SHIP, how="semi")
    found = thinned(rows, most_points).group_by(_SHIP, maintain_order=True).agg("lat_deg", "lon_deg")
    found = found.filter(pl.col("lat_deg").list.len() > 1).sort(_SHIP)
    known = ships.known(found.select(_SHIP).iter_rows(), at_us)
    lines = [_line(row, said) for row, said in zip(found.iter_rows(), known, strict=True)]
    return {"type": "FeatureCollection", "as_of": rfc3339(at_us), "features": lines}


def apart(rows: pl.LazyFrame, step_us: int) -> pl.LazyFrame:
    """Leave of each ship the last row in every ``step_us``."""
    step = pl.col("time_us").dt.epoch("us") // step_us
    return rows.with_columns(step.alias("_")).unique([*_SHIP, "_"], keep="last").drop("_")


def thinned(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """Leave rows of many ships out so that at most ``most`` stay, evenly in time; each ship's last one stays.

    Of more ships than that, those with most rows stay.
    """
    last = pl.col("time_us") == pl.col("time_us").max().over(_SHIP)
    found, step_us = rows, _FIRST_STEP_US
    while found.height > most and step_us < _LAST_STEP_US:
        step = pl.col("time_us") // step_us
        found = found.filter((step != step.shift(1).over(_SHIP)).fill_null(value=True) | last)
        step_us *= 2
    if found.height <= most:
        return found
    by_size = found.group_by(_SHIP).len().sort("len", *_SHIP, descending=[True, False, False])
    few = by_size.filter(pl.col("len").cum_sum() <= most).select(_SHIP)
    return found.join(few, on=_SHIP, how="semi")


def _line(row: tuple[Any, ...], said: Static) -> Feature:
    mmsi, part, lat_deg, lon_deg = row
    ship = vessel_id(mmsi, part)
    places = np.column_stack([unwrap_deg(np.asarray(lon_deg)), np.asarray(lat_deg)])
    return {
        "type": "Feature",
        "id": ship,
        "geometry": {"type": "LineString", "coordinates": places.round(_COARSE).tolist()},
        "properties": {"vessel_id": ship, "ship_class": ship_kind(said.ship_type)},
    }


def invented(mmsi: int, station: str | None) -> bool:
    """Tell whether a report is of an exercise: by a number that nobody has, or its station's name."""
    return (station or "").startswith(EXERCISE_STATION) or mmsi // 1_000_000 == EXERCISE_MID
