"""A ship's own normal: how fast and how steadily she went in the hours before, by herself.

For each closed bin, from her earlier bins only. The newest half hour is left out and the speed is an
upper quartile of half a day, so that a slowdown becomes "usual" only after it has lasted for nine of the
twelve hours; stops, anchorages and turns take no part.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seavigil.normal.bins import F64, I64, Log
from seavigil.records import SECOND_US

#: Half a day: own choice, because two watches of six hours hold a sea passage and not last week's cargo.
WINDOW_S = 12 * 3600
#: The newest half hour is what is being judged: own choice, because a drag should be known within it.
LAG_S = 1800
#: Bins needed before anything is called usual: half an hour under way (own choice, as above).
LEAST_BINS = 6
#: Slower than this she is not on passage: steerage way of a merchant ship (own choice).
UNDER_WAY_KN = 3.0
#: Upper quartile: three hours of twelve at sea speed suffice, so that slow fairways do not count as usual.
SPEED_QUANTILE = 0.75
#: Her bow is compared with bins on courses so near: wind and current come from elsewhere on others.
SAME_COURSE_DEG = 20.0
#: A bin in which the course spreads or changes by more is a turn; an autopilot yaws by 1 to 5 degrees.
TURN_DEG = 12.0
_HELD_TO_THE_GROUND = (1, 5, 6)


def under_way(log: Log) -> NDArray[np.bool_]:
    """Say in which bins the ship was on passage: steerage way at least, not said to be held to the ground."""
    return np.asarray((log.sog_kn >= UNDER_WAY_KN) & ~np.isin(log.nav_status, _HELD_TO_THE_GROUND))


def unsteady(log: Log, at: I64) -> dict[str, F64]:
    """Give ``step_kn`` of rows ``at``; rows in order of ship and bin.

    It is the change of speed from bin to bin that neither an even change nor one step explains:
    the lesser of the first difference (over sqrt 2) and the second (over sqrt 6), which for
    independent errors both give their standard deviation.
    """
    one, two = before(log, at, 1), before(log, at, 2)
    first = log.sog_kn[at] - log.sog_kn[one]
    second = first - (log.sog_kn[one] - log.sog_kn[two])
    known = (one < at) & (two < one)
    step = np.minimum(np.abs(first) / np.sqrt(2.0), np.abs(second) / np.sqrt(6.0))
    return {"step_kn": np.where(known, step, np.nan)}


def before(log: Log, at: I64, bins: int) -> I64:
    """Give the row of the same ship so many bins earlier; where one is missing, the row after the gap."""
    row = at
    for _ in range(bins):
        earlier = np.maximum(row - 1, 0)
        next_to = log.start_us[row] - log.start_us[earlier] <= _BIN_US
        next_to &= log.ship[earlier] == log.ship[row]
        row = np.where(next_to, earlier, row)
    return row


def usual(log: Log, at: I64) -> dict[str, F64]:
    """Give what is usual for rows ``at`` (columns ``own_*``); NaN where her history is too short."""
    names = ("own_sog_kn", "own_bins", "own_swing_kn", "own_step_kn", "own_cog_spread_deg", "own_bow_off_deg")
    out = {name: np.full(len(at), np.nan) for name in names}
    moving = under_way(log)
    begins, ends = _window(log, at)
    judged = np.flatnonzero(moving[at] & (ends - begins >= LEAST_BINS))
    for part in np.array_split(judged, max(1, len(judged) // _ROWS_AT_ONCE)):
        if len(part):
            columns = _usual(log, at[part], begins[part], ends[part], moving)
            for name, column in zip(names, columns, strict=True):
                out[name][part] = column
    return out


_BIN_US = 300 * SECOND_US
_BINS = WINDOW_S // 300
_ROWS_AT_ONCE = 1024
_BIN_BITS = 24


def _window(log: Log, at: I64) -> tuple[I64, I64]:
    """Give [begin, end) of the rows that each of ``at`` is compared with."""
    key = (log.ship << _BIN_BITS) + log.start_us // _BIN_US
    ends = np.searchsorted(key, key[at] - LAG_S // 300)
    return np.searchsorted(key, key[at] - _BINS), ends


def _usual(log: Log, at: I64, begins: I64, ends: I64, moving: NDArray[np.bool_]) -> tuple[F64, ...]:
    rows = begins[:, None] + np.arange(_BINS - LAG_S // 300)
    there = rows < ends[:, None]
    rows = np.minimum(rows, len(log) - 1)
    there &= moving[rows]
    straight = there & ~(log.cog_spread_deg[rows] > TURN_DEG)
    off_course = np.abs((log.cog_deg[rows] - log.cog_deg[at][:, None] + 180.0) % 360.0 - 180.0)
    alike = straight & (off_course <= SAME_COURSE_DEG)
    speed, bins = _quantile(log.sog_kn[rows], there, SPEED_QUANTILE)
    middles = (
        _quantile(getattr(log, name)[rows], fits, 0.5)[0]
        for name, fits in (
            ("swing_kn", straight),
            ("step_kn", straight),
            ("cog_spread_deg", straight),
            ("bow_off_deg", alike),
        )
    )
    return (speed, bins, *middles)


def _quantile(values: F64, fits: NDArray[np.bool_], share: float) -> tuple[F64, F64]:
    """Give the order statistic at ``share`` of each row's fitting values (NaN of too few), and how many."""
    ordered = np.sort(np.where(fits, values, np.nan), axis=1)
    known = np.isfinite(ordered).sum(axis=1)
    at = np.floor(share * np.maximum(known - 1, 0)).astype(np.int64)
    found = ordered[np.arange(len(ordered)), at]
    return np.where(known >= LEAST_BINS, found, np.nan), known.astype(np.float64)
