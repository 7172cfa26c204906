"""The pattern of life: where ships of each class go, how fast and which way, where they slow and stop.

Learned from history (`normal.pattern_history`), looked up by place. Where nothing was learned every
answer rests on 0: whoever asks falls back on physical priors and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Cells of 0.05 deg of latitude by 0.1 deg of longitude: 5.6 km square at 60 N. Own choice: a ship at 12 kn
#: goes 1.9 km in one bin of the log, so that a fast one, too, leaves a row in each cell she crosses, while
#: the cell and the eight around it, some 17 km, still tell one stretch of water from the next.
CELL_LAT_DEG, CELL_LON_DEG = 0.05, 0.1
_ROWS_PER_DEG, _COLUMNS_PER_DEG, _COLUMNS = 20.0, 10.0, 3600
#: Stops are kept on cells ten times finer, some 560 m: a berth, or a ship at anchor with her swing.
FINE = 10

CLASSES = 16
#: Speeds are kept to half a knot; what is faster than the last step counts in it.
SPEED_STEPS, STEPS_PER_KN = 128, 2.0
#: Courses are kept in sectors of 10 deg; a course is like hers within two sectors to either side.
SECTORS, SECTOR_DEG, LIKE_SECTORS = 36, 10.0, 2
COURSE_STEPS = 64
HOURS = 24


def cell_of(lat_deg: F64, lon_deg: F64, fine: int = 1) -> I64:
    """Number the cell of each position, ``fine`` times finer; arrays of one shape."""
    row = np.floor((lat_deg + 90.0) * (_ROWS_PER_DEG * fine)).astype(np.int64)
    column = np.floor((lon_deg + 180.0) * (_COLUMNS_PER_DEG * fine)).astype(np.int64)
    return row * (_COLUMNS * fine) + column % (_COLUMNS * fine)


def corner_of(cell: I64, fine: int = 1) -> tuple[F64, F64]:
    """Give the south-western corner (latitude, longitude) of each cell in degrees."""
    row, column = np.divmod(cell, _COLUMNS * fine)
    return row / (_ROWS_PER_DEG * fine) - 90.0, column / (_COLUMNS_PER_DEG * fine) - 180.0


def cells_around(lat_deg: F64, lon_deg: F64, fine: int = 1) -> I64:
    """Give the 3 x 3 cells around each position (shape: 9 x positions)."""
    columns = _COLUMNS * fine
    row, column = np.divmod(cell_of(lat_deg, lon_deg, fine), columns)
    steps = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1)]
    return np.stack([(row + r) * columns + (column + c) % columns for r, c in steps])


def speed_step(sog_kn: F64) -> I64:
    """Number the half knot of each speed, the last one for all that is faster."""
    return np.clip(np.floor(sog_kn * STEPS_PER_KN), 0, SPEED_STEPS - 1).astype(np.int64)


def sector(cog_deg: F64) -> I64:
    """Number the sector of each course."""
    return np.asarray(np.floor(cog_deg / SECTOR_DEG).astype(np.int64) % SECTORS)


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts by key: ``keys`` sorted, each once; ``before[i]`` is the sum of the counts before key ``i``."""

    keys: I64
    before: I64

    @classmethod
    def of(cls, keys: I64, counts: I64) -> Tally:
        """Put counts together by key; in any order, a key may come more than once."""
        order = np.argsort(keys, kind="stable")
        ordered, before = keys[order], np.concatenate([[0], np.cumsum(counts[order])])
        first = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
        return cls(ordered[first], before[np.append(first, len(ordered))].astype(np.int64))

    def between(self, low: I64 | np.int64, high: I64 | np.int64) -> I64:
        """Give the sum of the counts with keys from ``low`` up to but not ``high``, element by element."""
        return np.asarray(
            self.before[np.searchsorted(self.keys, high)] - self.before[np.searchsorted(self.keys, low)]
        )

    @property
    def total(self) -> int:
        """Give the sum of all counts."""
        return int(self.before[-1])


NO_TALLY = Tally(np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64))


class Share(NamedTuple):
    """A share for each position, NaN where nothing is known, and how much it rests on."""

    share: F64
    rests_on: I64


@dataclass(frozen=True, eq=False)
class Pattern:
    """What a history of ordinary traffic taught. Positions and answers are arrays of one length.

    A *ship-bin* is one ship heard in one closed bin of the log (5 min), a *visit* one ship in one cell on one
    UTC day, a *ship-day* one ship heard for 24 hours. ``days``: UTC days learned. Tallies by key:
    ``speeds`` and ``courses`` ship-bins by cell, class and step; ``visits`` by cell and class,
    ``class_visits`` by class over all cells; ``judged`` visits by cell in which the ship's own speed was
    known, ``slowed`` those in which she was below 80 % of it; ``heard`` and ``reports`` ship-bins and
    reports by cell and hour of the day; ``anchored`` and ``stopped`` visits by fine cell with an hour's
    stop, said to be at anchor, and of any kind.
    """

    days: int = 0
    ship_days: float = 0.0
    speeds: Tally = NO_TALLY
    courses: Tally = NO_TALLY
    visits: Tally = NO_TALLY
    class_visits: Tally = NO_TALLY
    judged: Tally = NO_TALLY
    slowed: Tally = NO_TALLY
    heard: Tally = NO_TALLY
    reports: Tally = NO_TALLY
    anchored: Tally = NO_TALLY
    stopped: Tally = NO_TALLY

    @property
    def known(self) -> bool:
        """Say whether anything was learned at all."""
        return self.ship_days > 0

    def speed_share_below(self, lat_deg: F64, lon_deg: F64, ship_class: int, sog_kn: F64) -> Share:
        """Give the share of ship-bins of the class, in the 3 x 3 cells, that were at most that fast."""
        base = (cells_around(lat_deg, lon_deg) * CLASSES + ship_class) * SPEED_STEPS
        every = self.speeds.between(base, base + SPEED_STEPS).sum(axis=0)
        below = self.speeds.between(base, base + speed_step(sog_kn) + 1).sum(axis=0)
        return _share(below, every)

    def course_share(
        self, lat_deg: F64, lon_deg: F64, ship_class: int | None, cog_deg: F64, *, around: bool = True
    ) -> Share:
        """Give the share of ship-bins under way whose course was within some 25 deg of hers.

        ``ship_class`` None: of all classes. ``around``: in the 3 x 3 cells, else in her own cell alone, which
        tells the two lanes of a separation scheme apart. A course that is NaN is like no other.
        """
        cells = cells_around(lat_deg, lon_deg) if around else cell_of(lat_deg, lon_deg)[None]
        cells = cells * CLASSES
        classes = range(CLASSES) if ship_class is None else (ship_class,)
        own = sector(np.nan_to_num(cog_deg))
        like, every = np.zeros(len(own), dtype=np.int64), np.zeros(len(own), dtype=np.int64)
        for one in classes:
            base = (cells + one) * COURSE_STEPS
            every += self.courses.between(base, base + COURSE_STEPS).sum(axis=0)
            for turn in range(-LIKE_SECTORS, LIKE_SECTORS + 1):
                at = base + (own + turn) % SECTORS
                like += self.courses.between(at, at + 1).sum(axis=0)
        return _share(np.where(np.isfinite(cog_deg), like, 0), every)

    def slowdown_usual(self, lat_deg: F64, lon_deg: F64) -> Share:
        """Give the share of visits to the 3 x 3 cells in which a ship was below 80 % of her own speed."""
        cells = cells_around(lat_deg, lon_deg)
        slowed, judged = (t.between(cells, cells + 1).sum(axis=0) for t in (self.slowed, self.judged))
        return _share(slowed, judged)

    def visited(self, lat_deg: F64, lon_deg: F64, ship_class: int | None = None) -> I64:
        """Give the visits of a class (None: of all) to the 3 x 3 cells, summed over the cells."""
        low = cells_around(lat_deg, lon_deg) * CLASSES + (ship_class or 0)
        width = CLASSES if ship_class is None else 1
        return np.asarray(self.visits.between(low, low + width).sum(axis=0))

    def visits_of(self, ship_class: int) -> int:
        """Give the visits of a class to all cells."""
        return int(self.class_visits.between(np.int64(ship_class), np.int64(ship_class + 1)))

    def stop_place(self, lat_deg: F64, lon_deg: F64) -> Share:
        """Give how many visits had a stop of an hour or more within some 800 m (``rests_on``), and the
        share of them said to be at anchor; the others are berths and ships that say nothing.
        """
        cells = cells_around(lat_deg, lon_deg, FINE)
        anchored, stopped = (t.between(cells, cells + 1).sum(axis=0) for t in (self.anchored, self.stopped))
        return _share(anchored, stopped)

    def report_interval_s(self, lat_deg: F64, lon_deg: F64, hour: I64, bin_s: float = 300.0) -> Share:
        """Give the mean time between one ship's reports in the 3 x 3 cells at an hour of the day, in s."""
        low = cells_around(lat_deg, lon_deg) * HOURS + hour
        heard, reports = (t.between(low, low + 1).sum(axis=0) for t in (self.heard, self.reports))
        mean = _share(heard, reports)
        return Share(mean.share * bin_s, heard)


def _share(part: I64, whole: I64) -> Share:
    some = whole > 0
    return Share(np.where(some, part / np.where(some, whole, 1), np.nan), np.asarray(whole))


NO_PATTERN = Pattern()
