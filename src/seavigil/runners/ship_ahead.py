"""What lies ahead of a ship, from stored rows: the forecast of `ahead`, and where she may be by when."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from seavigil.assets.index import AssetIndex
from seavigil.behaviours import Surroundings
from seavigil.forecast.motion import Paths
from seavigil.forecast.ways import STEP_S
from seavigil.geodesy import metres_per_degree, turn_deg
from seavigil.normal.bins import TAKEN
from seavigil.normal.coverage import CoverageLearner
from seavigil.normal.log import NOTHING_LOGGED, Log, LogLearner
from seavigil.records import HOUR_US, SECOND_US, TIME, TRACKED, UNUSABLE_POSITION, Flag, rfc3339, vessel_id
from seavigil.runners.ahead import SILENT_US, Ahead
from seavigil.runners.event_rows import position
from seavigil.runners.pictures import apart
from seavigil.runners.plan import Plan
from seavigil.runners.ships_seen import Ship, ShipsSeen
from seavigil.store.sightings import Box, Sightings, within
from seavigil.vessel import Static

F64 = NDArray[np.float64]

#: Ways of other ships are learned from so far back (a log keeps 26 h, see `normal.log`).
_LEARNED_US = 26 * HOUR_US
#: Of more reports than this only those of a box around her are looked at, of each ship one in 100 s: three in
#: a bin of the log (own choices; the box reaches 300 miles, 15 hours' way at 20 kn, and as far at 60 N).
MOST_ROWS, _APART_US, _BOX_DEG = 1_000_000, 100 * SECOND_US, 5.0
#: A bin of the log is visible with the first report a minute after it has closed (`normal.coverage`); with so
#: many reports that comes within seconds. Logs that took long are kept for the moments asked for last.
_BIN_US, _VISIBLE_US, _KEPT = 300 * SECOND_US, 65 * SECOND_US, 3
_LEFT_OUT = Flag.NOT_A_SHIP | Flag.LATE | Flag.WRONG_CLOCK
#: Where she may be is drawn for these hours ahead, each as the area with this share of her tries.
FAN_HOURS = (1, 3, 6, 12)
_SHARE = 0.9
#: An area of tries has at least this radius: half a mile, where she lies still.
_LEAST_M = 926.0


class _Statics:
    """Static data of the ships seen, as surroundings hold it."""

    def __init__(self, ships: ShipsSeen) -> None:
        self._ships = ships

    def known(self, mmsi: int, at_us: int) -> Static:
        return self._ships.known([(mmsi, 0)], at_us)[0]

    def changes(self, mmsi: int, field: str, until_us: int) -> list[tuple[int, Any]]:
        return self._ships.changes(mmsi, field, until_us)


class ShipAhead:
    """Forecasts from stored rows; may be asked from any thread, one at a time."""

    def __init__(self, sightings: Sightings, ships: ShipsSeen, plan: Plan) -> None:
        self._sightings, self._ships, self._plan = sightings, ships, plan
        self._index = AssetIndex(plan.assets or ())
        self._known: OrderedDict[tuple[int, int, int], Log] = OrderedDict()
        self._lock = threading.Lock()

    def forecast(self, ship: Ship, at_us: int) -> dict[str, Any]:
        """Look ahead of a ship as known at a moment; ``fan`` is null with a ``reason`` where it is not known.

        ``next_assets`` as in an alert's line; ``fan``: polygons that hold nine of ten tries after some hours.
        """
        own = self._sightings.reports(at_us - SILENT_US, at_us, ship=ship)
        told: dict[str, Any] = {"vessel_id": vessel_id(*ship), "at": rfc3339(at_us), "position": None}
        if not own.height:
            reason = "she was not heard in the six hours before: she may be anywhere"
            return {**told, "last_heard": None, "next_assets": [], "fan": None, "reason": reason}
        last = own.row(-1, named=True)
        told |= {
            "last_heard": rfc3339(last["time_us"]),
            "position": position(last["lat_deg"], last["lon_deg"]),
        }
        with self._lock:
            return told | self._look(_table(own), vessel_id(*ship), at_us)

    def _look(self, own: pa.Table, ship: str, at_us: int) -> dict[str, Any]:
        around = Surroundings(
            assets=self._index,
            log=self._learned(at_us, own),
            statics=_Statics(self._ships),
            places=self._plan.known.places,
            pattern=self._plan.known.pattern,
        )
        ahead = Ahead(self._index, call=self._plan.call)
        ahead.heard(own)
        look = ahead.look([(ship, at_us)], around)
        state, reason = look.state, None
        fan: dict[str, Any] | None = None
        if np.isfinite(state.sog_kn[0]):
            fan = _fan(ahead.tries_of(look.state, at_us, around), at_us)
        else:
            reason = "she tells no speed"
        return {
            "lat_deg": _number(state.lat_deg[0]),
            "lon_deg": _number(state.lon_deg[0]),
            "sog_kn": _number(state.sog_kn[0]),
            "cog_deg": _number(state.cog_deg[0]),
            "next_assets": [dict(one) for one in ahead.lines(look.found[0])],
            "fan": fan,
            "reason": reason,
            "reckoned_from": {
                "ways_of_ships_heard": ahead.ways_heard(at_us, around),
                "history_given": around.pattern.known,
                "destination_known": bool(np.isfinite(state.to_lat_deg[0])),
            },
        }

    def _learned(self, at_us: int, own: pa.Table) -> Log:
        """Give the log of ships as visible at a moment: of all, or where that takes long of those around her.

        What takes long is kept for a while.
        """
        pieces = self._sightings.pieces("reports", at_us - _LEARNED_US, at_us)
        if sum(piece.rows for piece in pieces) <= MOST_ROWS:
            return self._learn(at_us, None)
        row, column = (round(own[name][-1].as_py() / deg) for name, deg in (("lat_deg", 2), ("lon_deg", 4)))
        key = ((at_us - _VISIBLE_US) // _BIN_US, row, column)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._learn(at_us, _box(row * 2.0, column * 4.0))
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found

    def _learn(self, at_us: int, box: Box | None) -> Log:
        heard = (pl.col("flags") & pl.lit(int(_LEFT_OUT), pl.UInt32)) == 0
        sound = (pl.col("flags") & pl.lit(int(UNUSABLE_POSITION), pl.UInt32)) == 0
        rows = self._sightings.rows(
            "reports",
            at_us - _LEARNED_US,
            at_us,
            [heard] if box is None else [sound, within(box)],
            tuple({*TAKEN, "flags"}),
            each=None if box is None else (lambda f: apart(f, _APART_US)),
        )
        if not rows.height:
            return NOTHING_LOGGED
        reports = _table(rows)
        coverage, log = CoverageLearner(), LogLearner()
        coverage.add(reports)
        log.add(reports, coverage.learned()[0])
        return log.learned()


def _box(lat_deg: float, lon_deg: float) -> Box:
    """Give a box around a place, over the antimeridian where it lies there."""
    west, east = (float(turn_deg(lon_deg + side)) for side in (-2 * _BOX_DEG, 2 * _BOX_DEG))
    return Box(west, max(lat_deg - _BOX_DEG, -90.0), east, min(lat_deg + _BOX_DEG, 90.0))


def _table(rows: pl.DataFrame) -> pa.Table:
    """Give rows as a table of the columns of TRACKED that they have."""
    table = rows.to_arrow()
    fields = [TRACKED.field(name) for name in table.column_names]
    table = table.set_column(table.column_names.index("time_us"), "time_us", table["time_us"].cast(TIME))
    return table.cast(pa.schema(fields))


def _fan(gone: Paths, at_us: int) -> dict[str, Any]:
    lat, lon = gone.lat_deg[0], gone.lon_deg[0]
    features = []
    for hours in FAN_HOURS:
        step = round(hours * 3600 / STEP_S)
        corners = _around(lat[:, step], lon[:, step])
        told = {"hours": hours, "probability": _SHARE, "at": rfc3339(at_us + hours * 3600 * SECOND_US)}
        geometry = {"type": "Polygon", "coordinates": [corners]}
        features.append({"type": "Feature", "geometry": geometry, "properties": told})
    return {"type": "FeatureCollection", "features": features}


def _around(lat: F64, lon: F64) -> list[list[float]]:
    """Give the hull of the nine tenths of tries that lie nearest to the middle one, with some room."""
    per_lat, per_lon = (float(m) for m in metres_per_degree(float(np.median(lat))))
    x, y = lon * per_lon, lat * per_lat
    off_m = np.hypot(x - np.median(x), y - np.median(y))
    kept = np.argsort(off_m, kind="stable")[: int(np.ceil(_SHARE * len(off_m)))]
    hull = shapely.convex_hull(shapely.multipoints(np.column_stack([x[kept], y[kept]])))
    area = shapely.simplify(shapely.buffer(hull, _LEAST_M, quad_segs=4), _LEAST_M / 20)
    corners: list[list[float]] = (shapely.get_coordinates(area) / (per_lon, per_lat)).round(5).tolist()
    return corners


def _number(value: float) -> float | None:
    return round(float(value), 5) if np.isfinite(value) else None
