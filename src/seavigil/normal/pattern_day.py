"""What a ship's own log says of her: the speed she keeps, and where she stopped."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from seavigil.normal.log import Log
from seavigil.normal.pattern import FINE, cell_of
from seavigil.records import DAY_US, SECOND_US

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Under way, for a pattern of life: 3 kn, from where on ITU-R M.1371-5 (annex 1, table 1) takes a ship that
#: says she is moored or at anchor for one that moves.
UNDER_WAY_KN = 3.0
#: Her own speed is the median of the two hours before, from six bins under way at least, the last of them
#: within half an hour: own choice; half an hour of steady going is the least that deserves the name.
_OWN_BINS, _OWN_S, _LEAST_BINS, _RECENT_S = 24, 7200, 6, 1800
#: A stop: under half a knot (a ship at anchor swings slower than that) for an hour, heard at least every
#: half an hour; own choice: long enough for a berth or an anchorage, longer than a lock or a pilot takes.
STOP_KN, STOP_S, STOP_GAP_S = 0.5, 3600, 1800
_AT_ANCHOR = 1
_PIECE = 50_000


def own_speed_kn(log: Log) -> F64:
    """Give, for each row, the speed the ship had kept before it; NaN where she was not under way."""
    found = np.full(len(log), np.nan)
    for begin in range(0, len(log), _PIECE):
        found[begin : begin + _PIECE] = _own_speed_kn(log, np.arange(begin, min(begin + _PIECE, len(log))))
    return found


def _own_speed_kn(log: Log, rows: I64) -> F64:
    before = rows[:, None] - np.arange(1, _OWN_BINS + 1)
    at = np.maximum(before, 0)
    ago_s = (log.start_us[rows][:, None] - log.start_us[at]) / SECOND_US
    same = (before >= 0) & (log.ship[at] == log.ship[rows][:, None]) & (ago_s <= _OWN_S)
    moving = same & (log.sog_kn[at] >= UNDER_WAY_KN)
    bins = moving.sum(axis=1)
    known = (bins >= _LEAST_BINS) & (moving & (ago_s <= _RECENT_S)).any(axis=1)
    ordered = np.sort(np.where(moving, log.sog_kn[at], np.inf), axis=1)
    row, last = np.arange(len(rows)), np.maximum(bins - 1, 0)
    middle = (ordered[row, last // 2] + ordered[row, (last + 1) // 2]) / 2
    return np.where(known, middle, np.nan)


def stops(log: Log) -> tuple[I64, I64, I64, NDArray[np.bool_]]:
    """Give day, ship, fine cell and whether she said to be at anchor, of each stop of an hour or more."""
    still = log.sog_kn < STOP_KN
    day = log.start_us // DAY_US
    silent = np.diff(log.first_us, prepend=log.first_us[:1]) > STOP_GAP_S * SECOND_US
    other = (np.diff(log.ship, prepend=-1) != 0) | (np.diff(day, prepend=-1) != 0) | silent
    change = np.flatnonzero(other | (np.diff(still, prepend=False) != 0))
    found = []
    for begin, end in pairwise([*change.tolist(), len(log)]):
        lasted_s = (log.last_us[end - 1] - log.first_us[begin]) / SECOND_US
        if still[begin] and lasted_s >= STOP_S:
            lat, lon = np.median(log.lat_deg[begin:end]), np.median(log.lon_deg[begin:end])
            anchored = np.count_nonzero(log.nav_status[begin:end] == _AT_ANCHOR) * 2 > end - begin
            found.append((int(day[begin]), int(log.ship[begin]), float(lat), float(lon), anchored))
    columns = list(zip(*found, strict=True)) if found else [()] * 5
    cell = cell_of(np.array(columns[2], dtype=np.float64), np.array(columns[3], dtype=np.float64), FINE)
    days, ships = (np.array(c, dtype=np.int64) for c in columns[:2])
    return days, ships, cell, np.array(columns[4], dtype=bool)
