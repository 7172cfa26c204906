"""Where and when ships were heard: the ground on which silence may be called silence.

Ships heard are counted per cell and time bin. A bin becomes visible only when it has closed and
the reordering delay has passed, at the time of the first report after that: so a batch over a
whole recording, a live feed and a recording cut at any time see the same bins at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.records import SECOND_US, UNUSABLE_POSITION, Flag

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

_LON_CELLS = 1800
_UNUSABLE = np.uint32(UNUSABLE_POSITION)
_MISPLACED = np.uint32(Flag.LATE | Flag.WRONG_CLOCK)  # their times are not those of the feed
_CELLS = 1 << 22  # more than there are cells
_LEAST_OPEN = 1 << 16


@dataclass(frozen=True)
class CoverageParams:
    """Cells of 0.1 deg of latitude by 0.2 deg of longitude (11 km square at 60 N, 22 km wide at the
    equator), bins of 5 min.

    A class A ship under way is heard every 2 to 10 s (ITU-R M.1371-5 table 1), so 5 min of
    nothing in a cell with ships is no chance matter; 11 km is well under a shore station's reach.
    """

    bin_s: int = 300
    delay_s: int = 60
    keep_s: int = 80 * 3600


@dataclass(frozen=True)
class Clock:
    """Data time: it moves only when a report is heard. ``ticks_us`` holds the first report of each second.

    With ``ticks_us=None`` every moment is a tick (for a track looked at alone).
    """

    ticks_us: I64 | None = None

    def first_tick_us(self, from_us: int, as_of_us: int) -> int | None:
        """Give the first tick at or after ``from_us``, or None if there is none up to ``as_of_us``."""
        tick = from_us
        if self.ticks_us is not None:
            at = int(np.searchsorted(self.ticks_us, from_us))
            if at == len(self.ticks_us):
                return None
            tick = int(self.ticks_us[at])
        return tick if tick <= as_of_us else None


@dataclass(frozen=True)
class Coverage:
    """Closed bins, and the ships heard in them by cell.

    ``starts_us``, ``visible_us``: one for each bin, without gaps but where the feed was silent for days.
    ``keys`` (sorted) name a bin and a cell each, ``ships`` says how many were heard there.
    """

    starts_us: I64
    visible_us: I64
    keys: I64
    ships: I64
    bin_us: int

    def ships_around(self, bins: I64, lat_deg: F64 | float, lon_deg: F64 | float) -> I64:
        """Count the ships heard in the 3 x 3 cells around a position, for each of ``bins``.

        ``bins`` are positions in ``starts_us``; the position is one for all or one for each.
        """
        lat, lon = np.broadcast_to(lat_deg, bins.shape), np.broadcast_to(lon_deg, bins.shape)
        wanted = _key(self.starts_us[bins] // self.bin_us, _around(lat, lon))
        at = np.minimum(np.searchsorted(self.keys, wanted), max(len(self.keys) - 1, 0))
        if not len(self.keys):
            return np.zeros(len(bins), dtype=np.int64)
        return np.asarray(np.where(self.keys[at] == wanted, self.ships[at], 0).sum(axis=0))

    def ships_by_bin(self) -> I64:
        """Count the ships heard in each bin; one that changed cells in a bin counts in both."""
        begins_us = np.append(self.starts_us, self.starts_us[-1:] + self.bin_us)
        edges = _key(begins_us // self.bin_us, np.zeros(1, dtype=np.int64))
        counted = np.concatenate([[0], np.cumsum(self.ships)])
        return np.asarray(np.diff(counted[np.searchsorted(self.keys, edges)]))


def cell_of(lat_deg: F64, lon_deg: F64) -> I64:
    """Number the cell of each position; arrays of one shape."""
    row = np.floor((lat_deg + 90.0) * 10.0).astype(np.int64)
    column = np.floor((lon_deg + 180.0) * 5.0).astype(np.int64) % _LON_CELLS
    return row * _LON_CELLS + column


def _key(bin_number: I64, cell: I64) -> I64:
    return bin_number * _CELLS + cell


def _around(lat_deg: F64, lon_deg: F64) -> I64:
    """Give the 3 x 3 cells around each position (shape: 9 x positions)."""
    row, column = np.divmod(cell_of(lat_deg, lon_deg), _LON_CELLS)
    steps = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1)]
    return np.stack([(row + r) * _LON_CELLS + (column + c) % _LON_CELLS for r, c in steps])


def _distinct(columns: I64) -> tuple[I64, I64]:
    """Give the distinct columns in order, and how often each was there."""
    ordered = columns[:, np.lexsort(columns[::-1])]
    new = np.ones(ordered.shape[1], dtype=bool)
    new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    at = np.flatnonzero(new)
    return ordered[:, at], np.diff(at, append=ordered.shape[1])


_NONE = np.zeros(0, dtype=np.int64)
NOTHING_HEARD = Coverage(_NONE, _NONE, _NONE, _NONE, 300 * SECOND_US)


@dataclass
class CoverageLearner:
    """Gathers coverage and the data clock from reports in time order; state is bounded by ``keep_s``."""

    params: CoverageParams = field(default_factory=CoverageParams)
    _ticks_us: I64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _open: I64 = field(default_factory=lambda: np.zeros((3, 0), dtype=np.int64))
    _closed: Coverage = NOTHING_HEARD
    _next_bin: int | None = None
    #: What was heard again and again is put together only when so many rows have come: that takes time.
    _most_open: int = 1 << 16

    def add(self, tracked: pa.Table) -> None:
        """Take released reports (TRACKED, in time order, each call later than the last)."""
        flags = tracked["flags"].to_numpy()
        time_us = tracked["time_us"].cast(pa.int64()).to_numpy()
        self._tick(time_us[(flags & _MISPLACED) == 0])
        usable = (flags & _UNUSABLE) == 0
        if usable.any():
            names = ("lat_deg", "lon_deg", "mmsi", "vessel_part")
            lat, lon, mmsi, part = (tracked[name].to_numpy()[usable] for name in names)
            ship = mmsi.astype(np.int64) * 256 + part
            self._count(np.stack([time_us[usable] // self._bin_us, cell_of(lat, lon), ship]))
        self._close()

    @property
    def _bin_us(self) -> int:
        return self.params.bin_s * SECOND_US

    def _tick(self, time_us: I64) -> None:
        if not len(time_us):
            return
        second = time_us // SECOND_US
        last = self._ticks_us[-1] // SECOND_US if len(self._ticks_us) else second[0] - 1
        first = np.flatnonzero(np.diff(second, prepend=last) > 0)
        ticks = np.concatenate([self._ticks_us, time_us[first]])
        kept = np.searchsorted(ticks, ticks[-1] - self.params.keep_s * SECOND_US)
        self._ticks_us = ticks[kept:]

    def _count(self, seen: I64) -> None:
        """Take rows of (bin, cell, ship); each that was there already counts once."""
        if self._next_bin is None:
            self._next_bin = int(seen[0].min())
        self._open = np.concatenate([self._open, seen], axis=1)
        if self._open.shape[1] > self._most_open:
            self._open = _distinct(self._open)[0]
            self._most_open = max(2 * self._open.shape[1], _LEAST_OPEN)

    def _close(self) -> None:
        if self._next_bin is None or not len(self._ticks_us):
            return
        bin_us = self._bin_us
        ready = int((self._ticks_us[-1] - self.params.delay_s * SECOND_US) // bin_us)
        if ready <= self._next_bin:
            return
        bins = np.arange(max(self._next_bin, self._after_gap()), ready)
        self._open = self._open[:, self._open[0] >= bins[0]]
        now = self._open[0] < ready
        counted, ships = _distinct(_distinct(self._open[:, now])[0][:2])
        self._open = self._open[:, ~now]
        due_us = (bins + 1) * bin_us + self.params.delay_s * SECOND_US
        visible_us = self._ticks_us[np.searchsorted(self._ticks_us, due_us)]
        new = Coverage(bins * bin_us, visible_us, _key(counted[0], counted[1]), ships, bin_us)
        self._closed = self._join(new)
        self._next_bin = ready

    def _after_gap(self) -> int:
        """Give the bin from which on bins are made: none that was too old when the next report was heard."""
        assert self._next_bin is not None
        due_us = (self._next_bin + 1) * self._bin_us + self.params.delay_s * SECOND_US
        heard_us = self._ticks_us[np.searchsorted(self._ticks_us, due_us)]
        return int(heard_us - self.params.keep_s * SECOND_US) // self._bin_us

    def _join(self, new: Coverage) -> Coverage:
        """Put new bins after the old ones; let go of those older than ``keep_s`` before the newest old one.

        So what was kept before a silence of the whole feed is still there for the first heard after it.
        """
        old = self._closed
        from_us = (old if len(old.starts_us) else new).starts_us[-1] - self.params.keep_s * SECOND_US
        bins = int(np.searchsorted(old.starts_us, from_us))
        keys = int(np.searchsorted(old.keys, _key(np.asarray(from_us // new.bin_us), np.asarray(0))))
        return Coverage(
            np.concatenate([old.starts_us[bins:], new.starts_us]),
            np.concatenate([old.visible_us[bins:], new.visible_us]),
            np.concatenate([old.keys[keys:], new.keys]),
            np.concatenate([old.ships[keys:], new.ships]),
            new.bin_us,
        )

    def learned(self) -> tuple[Coverage, Clock]:
        """Give what has become visible so far."""
        return self._closed, Clock(self._ticks_us)
