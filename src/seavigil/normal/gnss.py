"""Areas in which satellite navigation is disturbed, and how many ships were heard or fell silent there.

One ship whose positions leap has a broken set. Many on the same water that leap together, or lose
their position, are being jammed or spoofed. Ships are counted per area of half a degree of latitude
by one of longitude and closed time bin; a bin becomes visible with its coverage
(`normal.coverage`), the same in batch, live and replay.

A ship stands for the area of her last sound position before the bin: where she is said to have
leapt to is nowhere. Silence is no sign of jamming: a set that has lost its position keeps sending
(ITU-R M.1371-5); ships that fall silent together are counted for the reception alone.

What it misses: fewer than three ships on the water; a spoofer who carries all ships to another place
steadily is seen when he begins and ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from seavigil.events import Bounds
from seavigil.normal.coverage import Coverage
from seavigil.normal.gnss_ships import COLUMNS, NOBODY, GnssParams, Known, Seen, area_of, heard_in
from seavigil.records import NEVER_US, SECOND_US, Flag

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

_AREAS = 360 * COLUMNS
_LEFT_OUT = np.uint32(Flag.NOT_A_SHIP | Flag.LATE | Flag.WRONG_CLOCK)


def bounds_of(area: int) -> Bounds:
    """Give the outline of an area."""
    row, column = divmod(area, COLUMNS)
    south, west = row / 2.0 - 90.0, column - 180.0
    return Bounds(south, west, south + 0.5, west + 1.0)


def areas_around(area: I64) -> I64:
    """Give the 3 x 3 areas around each (shape: 9 x areas)."""
    row, column = np.divmod(area, COLUMNS)
    steps = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1)]
    return np.stack([(row + r) * COLUMNS + (column + c) % COLUMNS for r, c in steps])


@dataclass(frozen=True)
class GnssState:
    """Closed bins, oldest first and without gaps, and rows of (bin, area) in that order.

    ``bin_start_us``, ``bin_visible_us``, ``bin_report_id``: one for each bin; ``bin_report_id`` is the last
    report heard up to the bin's end. ``start_us``, ``area``, ``ships``, ``leapt``, ``blurred``, ``silent``,
    ``usual``, ``disturbed``: one for each row: ships heard, those of them whose positions leapt or were lost,
    those that lost only their accuracy, ships that have fallen silent there, the share of ships that leap in
    this feed as a rule, and whether that is far more than usual.
    """

    bin_start_us: I64
    bin_visible_us: I64
    bin_report_id: NDArray[np.uint64]
    start_us: I64
    area: I64
    ships: I64
    leapt: I64
    blurred: I64
    silent: I64
    usual: F64
    disturbed: Bool
    bin_us: int = 300 * SECOND_US
    hold_bins: int = GnssParams.hold_bins

    def degraded(self, lat_deg: ArrayLike, lon_deg: ArrayLike, time_us: ArrayLike) -> Bool:
        """Tell at which places and moments satellite navigation was known to be degraded."""
        lat, lon = (np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in (lat_deg, lon_deg))
        moment = np.broadcast_to(np.asarray(time_us, dtype=np.int64), lat.shape)
        found = np.zeros(len(lat), dtype=np.bool_)
        newest = np.searchsorted(self.bin_visible_us, moment, side="right") - 1
        at = np.flatnonzero(np.isfinite(lat + lon) & (newest >= 0))
        if len(at) and len(self._disturbed_keys):
            number = self.bin_start_us[newest[at]] // self.bin_us
            held = number[:, None] - np.arange(self.hold_bins)
            keys = held * _AREAS + area_of(lat[at], lon[at])[:, None]
            found[at] = np.isin(keys, self._disturbed_keys).any(axis=1)
        return found

    @cached_property
    def _disturbed_keys(self) -> I64:
        rows = np.flatnonzero(self.disturbed)
        return self.start_us[rows] // self.bin_us * _AREAS + self.area[rows]


_NONE = np.zeros(0, dtype=np.int64)
NO_GNSS = GnssState(
    _NONE,
    _NONE,
    np.zeros(0, dtype=np.uint64),
    _NONE,
    _NONE,
    _NONE,
    _NONE,
    _NONE,
    _NONE,
    np.zeros(0),
    np.zeros(0, dtype=np.bool_),
)


@dataclass
class GnssLearner:
    """Gathers the state of satellite navigation from reports in time order; it is kept for ``keep_s``."""

    params: GnssParams = field(default_factory=GnssParams)
    _open: list[pa.Table] = field(default_factory=list)
    _ships: Known = field(default_factory=lambda: NOBODY)
    _bins: list[_Bin] = field(default_factory=list)
    _state: GnssState = NO_GNSS

    def add(self, tracked: pa.Table, coverage: Coverage) -> None:
        """Take released reports (TRACKED); ``coverage`` as it is after them says which bins closed."""
        ship = (tracked["flags"].to_numpy() & _LEFT_OUT) == 0
        self._open.append(tracked.select(_TAKEN).filter(pa.array(ship)))
        done_us = self._bins[-1].start_us if self._bins else NEVER_US
        new = np.flatnonzero(coverage.starts_us > done_us)
        if not len(new):
            return
        rows = pa.concat_tables(self._open)
        # what was kept before a silence of the whole feed is still there for the first heard after it
        self._bins = [one for one in self._bins if one.start_us > done_us - self.params.keep_s * SECOND_US]
        time_us = rows["time_us"].cast(pa.int64()).to_numpy()
        edges = np.append(coverage.starts_us[new], coverage.starts_us[-1] + coverage.bin_us)
        cuts = np.searchsorted(time_us, edges).tolist()
        for at, begin, end in zip(new.tolist(), cuts[:-1], cuts[1:], strict=True):
            self._close(rows.slice(begin, end - begin), coverage, at)
        self._open = [rows.slice(cuts[-1]).combine_chunks()]
        self._state = self._gathered(coverage)

    def _close(self, rows: pa.Table, coverage: Coverage, at: int) -> None:
        """Take the rows of one bin, now closed."""
        start_us = int(coverage.starts_us[at])
        number = start_us // coverage.bin_us
        seen = heard_in(rows, self._ships, number, self.params)
        self._ships = self._ships.after(seen, number, self.params)
        area, counts = _counts(seen, self._ships.silent(number, self.params))
        usual = self._usual()
        last = int(rows["report_id"][-1].as_py()) if rows.num_rows else self._last_report_id
        disturbed = _disturbed(area, counts, usual, self.params)
        visible_us = int(coverage.visible_us[at])
        several = counts[0] >= self.params.ships
        sound = int((several & (counts[1] == 0)).sum())
        told = _Bin(start_us, visible_us, last, area, counts, usual, disturbed, int(several.sum()), sound)
        self._bins.append(told)

    @property
    def _last_report_id(self) -> int:
        return self._bins[-1].report_id if self._bins else 0

    def _usual(self) -> float:
        """Give the median share of ships that leap, over a day of areas with several ships."""
        recent = self._bins[-self.params.usual_bins :]
        if 2 * sum(one.sound for one in recent) > sum(one.several for one in recent):
            return 0.0  # in more than half of them nobody leaps
        ships, leapt = np.concatenate([np.zeros((4, 0), np.int64), *(one.counts for one in recent)], axis=1)[
            :2
        ]
        several = ships >= self.params.ships
        return float(np.median(leapt[several] / ships[several])) if several.any() else 0.0

    def _gathered(self, coverage: Coverage) -> GnssState:
        bins = self._bins
        rows = [len(one.area) for one in bins]
        starts = np.array([one.start_us for one in bins], dtype=np.int64)
        counts = np.concatenate([one.counts for one in bins], axis=1)
        return GnssState(
            starts,
            np.array([one.visible_us for one in bins], dtype=np.int64),
            np.array([one.report_id for one in bins], dtype=np.uint64),
            np.repeat(starts, rows),
            np.concatenate([one.area for one in bins]),
            counts[0],
            counts[1],
            counts[2],
            counts[3],
            np.repeat([one.usual for one in bins], rows),
            np.concatenate([one.disturbed for one in bins]),
            coverage.bin_us,
            self.params.hold_bins,
        )

    def learned(self) -> GnssState:
        """Give what has become visible so far."""
        return self._state


@dataclass(frozen=True)
class _Bin:
    """One closed bin: by area the counts of ships heard, leapt, blurred, silent (4 x areas).

    ``several``: areas with enough ships for a share, ``sound`` of them without any that leapt.
    """

    start_us: int
    visible_us: int
    report_id: int
    area: I64
    counts: I64
    usual: float
    disturbed: Bool
    several: int
    sound: int


_TAKEN = [
    "time_us",
    "report_id",
    "mmsi",
    "vessel_part",
    "flags",
    "lat_deg",
    "lon_deg",
    "position_accuracy_high",
]


def _counts(seen: Seen, silent_area: I64) -> tuple[I64, I64]:
    """Count ships by area: heard, leapt, blurred, silent."""
    area = np.unique(np.concatenate([seen.area, silent_area]))
    groups = (seen.area, seen.area[seen.leapt], seen.area[seen.blurred], silent_area)
    counts = [np.bincount(np.searchsorted(area, group), minlength=len(area)) for group in groups]
    return area, np.stack(counts).astype(np.int64)


def _disturbed(area: I64, counts: I64, usual: float, params: GnssParams) -> Bool:
    """Tell the areas in which far more ships than usual are disturbed, alone or with those around."""
    if int((counts[1] + counts[2]).sum()) < min(params.ships, params.blurred_ships):
        return np.zeros(len(area), dtype=np.bool_)
    limit = min(max(params.share, params.times_usual * usual), params.share_most)
    around = areas_around(area)
    at = np.minimum(np.searchsorted(area, around), len(area) - 1)
    wide = np.where(area[at] == around, counts[:, at], 0).sum(axis=1)
    found = np.zeros(len(area), dtype=np.bool_)
    for ships, leapt, blurred, _ in (counts, wide):
        leap = (leapt >= params.ships) & (leapt >= limit * ships)
        blur_limit = max(params.blurred_share, limit)
        blur = (leapt + blurred >= params.blurred_ships) & (leapt + blurred >= blur_limit * ships)
        found |= leap | blur
    return np.asarray(found & (counts[1] + counts[2] > 0))
