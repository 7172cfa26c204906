"""In which hours anybody was heard near an asset: of the others nothing is known, which is not nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict

import polars as pl

from seavigil.assets.index import AssetIndex
from seavigil.assets.model import Asset
from seavigil.geodesy import metres_per_degree
from seavigil.records import DAY_US, HOUR_US
from seavigil.store.sightings import Box, Sightings

#: An asset is watched in an hour in which somebody was heard within so much of it (own choice: a cell of
#: `normal.coverage` at 60 N).
WITHIN_M = 11_000.0
#: Reports of one hour nearer to each other than a hundredth of a degree tell the same.
_ALIKE = 2
#: Days of assets that are remembered: own choice, some hundred bytes each.
_KEPT = 50_000
#: A day is over for good this long after its end: what comes later of it is marked as late, and not counted.
_OVER_US = HOUR_US


class HeardNear:
    """Reads hours, and remembers those of days that are over; may be asked from any thread."""

    def __init__(self, sightings: Sightings) -> None:
        self._sightings = sightings
        self._days: OrderedDict[tuple[str, int], frozenset[int]] = OrderedDict()
        self._lock = threading.Lock()

    def hours(self, asset: Asset, from_us: int, to_us: int) -> set[int]:
        """Give the hours (since 1970) of a stretch in which anybody was heard near; one report is enough."""
        found: set[int] = set()
        for begin_us in range(from_us - from_us % DAY_US, to_us + 1, DAY_US):
            end_us = begin_us + DAY_US - 1
            if begin_us >= from_us and end_us <= to_us - _OVER_US:
                found |= self._day(asset, begin_us)
            else:
                found |= self._read(asset, max(begin_us, from_us), min(end_us, to_us))
        return found

    def _day(self, asset: Asset, begin_us: int) -> frozenset[int]:
        key = (asset.asset_id, begin_us // DAY_US)
        with self._lock:
            known = self._days.get(key)
        if known is None:
            known = self._read(asset, begin_us, begin_us + DAY_US - 1)
            with self._lock:
                self._days[key] = known
                while len(self._days) > _KEPT:
                    self._days.popitem(last=False)
        return known

    def _read(self, asset: Asset, from_us: int, to_us: int) -> frozenset[int]:
        box, columns = around(asset, WITHIN_M), ("lat_deg", "lon_deg", "flags")
        rows = self._sightings.reports(from_us, to_us, box=box, columns=columns, each=_alike)
        lat, lon = rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy()
        at, _ = AssetIndex([asset]).candidates(lat, lon, lat, lon, within_m=WITHIN_M)
        return frozenset((rows["time_us"].to_numpy()[at] // HOUR_US).tolist())


def _alike(rows: pl.LazyFrame) -> pl.LazyFrame:
    hour = pl.col("time_us").dt.epoch("us") // HOUR_US
    spot = (pl.col("lat_deg").round(_ALIKE).alias("_y"), pl.col("lon_deg").round(_ALIKE).alias("_x"))
    return rows.with_columns(hour.alias("_h"), *spot).unique(["_h", "_y", "_x"]).drop("_h", "_y", "_x")


def around(asset: Asset, reach_m: float) -> Box:
    """Give a box around an asset and so much more; over the antimeridian all the way around."""
    west, south, east, north = asset.geometry.bounds
    farthest = min(max(abs(south), abs(north)) + 1.0, 89.0)
    per_lat, per_lon = (float(m) for m in metres_per_degree(farthest))
    up, side = reach_m / per_lat * 1.01, reach_m / per_lon * 1.01
    west, east = west - side, east + side
    if west < -180.0 or east > 180.0:
        west, east = -180.0, 180.0
    return Box(west, max(south - up, -90.0), east, min(north + up, 90.0))
