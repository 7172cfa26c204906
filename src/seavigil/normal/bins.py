"""The rows of the log, and how reports of closed bins are put together into them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.normal.coverage import Coverage

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Below this speed over ground the course is that of noise, not of the ship.
_COURSE_FROM_KN = 0.5
_PARTS = 256


def ship_key(mmsi: int, part: int) -> int:
    """Number a ship: MMSI and which of the ships under it."""
    return mmsi * _PARTS + part


@dataclass(frozen=True)
class Log:
    """Rows in order of ship and bin; arrays of one length, missing is NaN.

    ``ship``: see ``ship_key``. ``start_us``: the bin's begin. ``visible_us``: from when on the row may be
    looked at. ``reports``: sound rows in the bin, from ``first_us`` to ``last_us``, the last being
    ``last_report_id`` at ``lat_deg, lon_deg``. ``sog_kn`` is the median of the bin, ``sog_least_kn`` and
    ``sog_most_kn`` its ends. ``cog_deg`` is the mean course while under way, ``cog_spread_deg`` the circular
    standard deviation around it, ``bow_off_deg`` the mean of heading minus course, -180..180.

    ``swing_kn`` is by how much the speed went up and down within the bin, beyond its net change.

    From earlier bins of the same ship (`normal.own`): ``step_kn`` says how unsteady her speed is from bin to
    bin, ``own_sog_kn`` is her usual speed under way, from ``own_bins`` bins, and ``own_swing_kn,
    own_step_kn, own_cog_spread_deg, own_bow_off_deg`` are her usual unsteadiness.
    From other ships (`normal.peers`): ``peers`` of them under way on the same water in the same bin, making
    ``peers_sog_share`` of their usual speed and swinging ``peers_swing_share`` as much as usual; of
    ``place_ships`` that came through the same cell in the last day ``place_slow_ships`` were slow there.
    """

    ship: I64
    start_us: I64
    visible_us: I64
    reports: I64
    first_us: I64
    last_us: I64
    last_report_id: NDArray[np.uint64]
    first_lat_deg: F64
    first_lon_deg: F64
    lat_deg: F64
    lon_deg: F64
    sog_kn: F64
    sog_least_kn: F64
    sog_most_kn: F64
    cog_deg: F64
    cog_spread_deg: F64
    bow_off_deg: F64
    nav_status: F64
    transceiver: F64
    swing_kn: F64
    step_kn: F64
    own_sog_kn: F64
    own_bins: F64
    own_swing_kn: F64
    own_step_kn: F64
    own_cog_spread_deg: F64
    own_bow_off_deg: F64
    peers: F64
    peers_sog_share: F64
    peers_swing_share: F64
    place_ships: F64
    place_slow_ships: F64

    def __len__(self) -> int:
        return len(self.ship)

    def __getstate__(self) -> dict[str, Any]:
        """Give the columns alone: what was worked out from them is worked out again."""
        return {name: getattr(self, name) for name in COLUMNS}

    def rows(self, keep: NDArray[np.bool_] | slice | I64) -> Log:
        """Give the rows in ``keep`` only."""
        return Log(*[getattr(self, name)[keep] for name in COLUMNS])

    def of(self, mmsi: int, part: int) -> Log:
        """Give one ship's rows, oldest first."""
        key = ship_key(mmsi, part)
        begin, end = np.searchsorted(self.ship, [key, key + 1])
        return self.rows(slice(int(begin), int(end)))

    def under_her_number(self, mmsi: int, part: int) -> Log:
        """Give the rows of the other ships, or places, that send her number, by ship and oldest first."""
        begin, end = np.searchsorted(self.ship, [ship_key(mmsi, 0), ship_key(mmsi + 1, 0)])
        rows = np.arange(int(begin), int(end))
        return self.rows(rows[self.ship[rows] != ship_key(mmsi, part)])

    def during(self, start_us: int) -> Log:
        """Give the rows of all ships in the bin that begins at ``start_us``."""
        begin, end = np.searchsorted(self._starts, [start_us, start_us + 1])
        return self.rows(self._by_start[begin:end])

    def earlier(self, rows: I64, bins: int) -> tuple[I64, NDArray[np.bool_]]:
        """Give the rows so many before these, and whether they are of the same ship."""
        at = np.maximum(rows - bins, 0)
        return at, (self.ship[at] == self.ship[rows]) & (rows >= bins)

    @cached_property
    def memo(self) -> dict[object, Any]:
        """What behaviours made of these rows, so that it is made once for every closed bin."""
        return {}

    @cached_property
    def _by_start(self) -> I64:
        return np.argsort(self.start_us, kind="stable")

    @cached_property
    def _starts(self) -> I64:
        return self.start_us[self._by_start]


COLUMNS = tuple(f.name for f in fields(Log))
#: Columns that take earlier bins or other ships to know; NaN until `normal.log` has filled them in.
LEARNED = COLUMNS[COLUMNS.index("step_kn") :]


def _empty() -> Log:
    kinds: dict[str, Any] = {"I64": np.int64, "F64": np.float64, "NDArray[np.uint64]": np.uint64}
    none: list[Any] = [np.zeros(0, dtype=kinds[str(f.type)]) for f in fields(Log)]
    return Log(*none)


NOTHING_LOGGED = _empty()


TAKEN = [
    "time_us",
    "report_id",
    "mmsi",
    "vessel_part",
    "lat_deg",
    "lon_deg",
    "sog_kn",
    "cog_deg",
    "heading_deg",
    "nav_status",
    "transceiver",
]


def put_together(rows: pa.Table, coverage: Coverage) -> Log:
    """Put rows of closed bins together, by ship and bin."""
    time_us = rows["time_us"].cast(pa.int64()).to_numpy()
    ship = rows["mmsi"].to_numpy().astype(np.int64) * _PARTS + rows["vessel_part"].to_numpy()
    start_us = time_us // coverage.bin_us * coverage.bin_us
    order = np.lexsort((np.arange(len(ship)), start_us, ship))
    names = ("lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "transceiver")
    floats = (rows[name].cast(pa.float64()).to_numpy()[order] for name in names)
    lat, lon, sog, cog, heading, status, transceiver = floats
    ship, start_us, time_us = ship[order], start_us[order], time_us[order]
    report_id = rows["report_id"].to_numpy()[order]
    begin = np.flatnonzero(np.diff(ship, prepend=-1) | np.diff(start_us, prepend=-1))
    last = np.append(begin[1:], len(ship)) - 1
    course, spread = _mean_deg(np.where(sog >= _COURSE_FROM_KN, cog, np.nan), begin)
    least, middle, most = _middle(sog, begin, last)
    bow_off, _ = _mean_deg(np.where(sog >= _COURSE_FROM_KN, heading - cog, np.nan), begin)
    return Log(
        ship=ship[begin],
        start_us=start_us[begin],
        visible_us=coverage.visible_us[np.searchsorted(coverage.starts_us, start_us[begin])],
        reports=last - begin + 1,
        first_us=time_us[begin],
        last_us=time_us[last],
        last_report_id=report_id[last],
        first_lat_deg=lat[begin],
        first_lon_deg=lon[begin],
        lat_deg=lat[last],
        lon_deg=lon[last],
        sog_kn=middle,
        sog_least_kn=least,
        sog_most_kn=most,
        cog_deg=course % 360.0,
        cog_spread_deg=spread,
        bow_off_deg=bow_off,
        nav_status=status[last],
        transceiver=transceiver[last],
        swing_kn=most - least - np.nan_to_num(np.abs(sog[last] - sog[begin])),
        **{name: np.full(len(begin), np.nan) for name in LEARNED},
    )


def _middle(values: F64, begin: I64, last: I64) -> tuple[F64, F64, F64]:
    """Give least, median and most of each group; NaN does not count."""
    group = np.repeat(np.arange(len(begin)), last - begin + 1)
    ordered = values[np.lexsort((values, group))]  # NaN goes last
    known = np.add.reduceat(np.isfinite(values).astype(np.int64), begin)
    low, high = begin + np.maximum(known - 1, 0) // 2, begin + known // 2
    top = begin + np.maximum(known - 1, 0)
    some = known > 0
    middle = np.where(some, (ordered[low] + ordered[np.minimum(high, top)]) / 2, np.nan)
    return np.where(some, ordered[begin], np.nan), middle, np.where(some, ordered[top], np.nan)


def _mean_deg(angle_deg: F64, begin: I64) -> tuple[F64, F64]:
    """Give each group's mean direction, -180..180, and circular standard deviation, in degrees.

    Standard deviation after Mardia and Jupp, Directional Statistics (2000), section 2.3:
    sqrt(-2 ln R). One direction alone has none.
    """
    angle = np.radians(angle_deg)
    known = np.isfinite(angle)
    n = np.add.reduceat(known.astype(np.float64), begin)
    with np.errstate(invalid="ignore", divide="ignore"):
        east = np.add.reduceat(np.where(known, np.sin(angle), 0.0), begin) / n
        north = np.add.reduceat(np.where(known, np.cos(angle), 0.0), begin) / n
        length = np.clip(np.hypot(east, north), 1e-12, 1.0)
        spread = np.degrees(np.sqrt(-2.0 * np.log(length)))
        mean = np.degrees(np.arctan2(east, north))
    return np.where(n > 0, mean, np.nan), np.where(n > 1, spread, np.nan)
