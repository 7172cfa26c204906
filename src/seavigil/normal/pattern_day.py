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

#: Her own speed, once known, stands for half an hour after she last made way: a ship that slows to a crawl
#: or stops has slowed, one that has lain there since is not judged again. Own choice: a pilot takes less.
_STANDS_S = 1800
#: A stop: under half a knot (a ship at anchor swings slower than that) for an hour, heard at least every
#: half an hour; own choice: long enough for a berth or an anchorage, longer than a lock or a pilot takes.
STOP_KN, STOP_S, STOP_GAP_S = 0.5, 3600, 1800
_AT_ANCHOR = 1


def own_speed_kn(log: Log) -> F64:
    """Give the usual speed of each row's ship (`normal.own`); while she makes no way, the last known."""
    row = np.arange(len(log))
    last = np.maximum.accumulate(np.where(np.isfinite(log.own_sog_kn), row, 0))
    ago_s = (log.start_us - log.start_us[last]) / SECOND_US
    return np.where((log.ship[last] == log.ship) & (ago_s <= _STANDS_S), log.own_sog_kn[last], np.nan)


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
