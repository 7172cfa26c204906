"""Peers: what other ships do on the same water at the same time, and what they do at this place.

Weather, current, ice and fog slow every ship on the same water; a dragged anchor slows one. And where
others slow down day by day (pilot station, port approach, narrows) slowing down says little. She
herself is left out of both.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from seavigil.normal.bins import F64, I64, Log
from seavigil.normal.coverage import cell_of
from seavigil.normal.own import under_way
from seavigil.records import DAY_US, SECOND_US

#: Cells of the same water: 0.5 by 1 degree, looked at 3 by 3, some 90 nautical miles square at 60 N:
#: own choice, because a gale is larger and a fairway is smaller.
_WATER_PER_DEG_LAT, _WATER_PER_DEG_LON = 2, 1
_WATER_COLUMNS = 360 * _WATER_PER_DEG_LON
_WATER_CELLS = 1 << 18  # more than there are cells
#: Slow at a place: less than this share of her usual speed (own choice: more than wind and current do).
SLOW_SHARE = 0.85
#: Added to swings before they are compared, so that still water does not make ratios of nothing: the step
#: of the speed in AIS (ITU-R M.1371-5, 1/10 knot).
SOG_STEP_KN = 0.1


def swing_share(log: Log) -> F64:
    """Give how much the speed swings within a bin, as a share of what is usual for the ship."""
    return np.asarray((log.swing_kn + SOG_STEP_KN) / (log.own_swing_kn + SOG_STEP_KN))


def peers(log: Log, at: I64) -> dict[str, F64]:
    """Give ``peers``, ``peers_sog_share`` and ``peers_swing_share`` of rows ``at``.

    Medians over the other ships under way in the same bin on the water around; NaN without any.
    """
    rows = log.rows(at)
    share, swing = rows.sog_kn / rows.own_sog_kn, swing_share(rows)
    taken = np.flatnonzero(np.isfinite(share) & under_way(rows))
    columns = {}
    for name, values in (("peers_sog_share", share), ("peers_swing_share", swing)):
        middle, n = _of_others(rows, taken, values)
        columns[name] = np.full(len(at), np.nan)
        columns[name][taken] = middle
    count = np.zeros(len(at))
    count[taken] = n
    return {"peers": count, **columns}


def _of_others(rows: Log, taken: I64, values: F64) -> tuple[F64, I64]:
    """Give, for each row taken, the median of the others' values around it, and how many they are."""
    lat, lon = rows.lat_deg[taken], rows.lon_deg[taken]
    row = np.floor((lat + 90.0) * _WATER_PER_DEG_LAT).astype(np.int64)
    column = np.floor((lon + 180.0) * _WATER_PER_DEG_LON).astype(np.int64)
    time = rows.start_us[taken] // (300 * SECOND_US)
    near = [_water(time, row + r, column + c) for r in (-1, 0, 1) for c in (-1, 0, 1)]
    key, who = np.concatenate(near), np.tile(np.arange(len(taken)), 9)
    value = values[taken][who]
    order = np.lexsort((who, value, key))
    key, who, value = key[order], who[order], value[order]
    own = _water(time, row, column)
    begin, end = np.searchsorted(key, own), np.searchsorted(key, own, side="right")
    rank = np.empty(len(taken), dtype=np.int64)
    at_home = np.flatnonzero(key == own[who])
    rank[who[at_home]] = at_home
    others = end - begin - 1
    low, high = begin + (others - 1) // 2, begin + others // 2
    low, high = low + (low >= rank), high + (high >= rank)
    most = max(len(value) - 1, 0)
    middle = (value[np.clip(low, 0, most)] + value[np.clip(high, 0, most)]) / 2.0 if len(value) else value
    return np.where(others > 0, middle, np.nan), others


def _water(time: I64, row: I64, column: I64) -> I64:
    return time * _WATER_CELLS + row * _WATER_COLUMNS + column % _WATER_COLUMNS


@dataclass
class PlaceBook:
    """Which ships came through each cell in the last day, and which of them were slow there."""

    _seen: dict[int, dict[int, tuple[int, int]]] = field(default_factory=dict)

    def visited(self, log: Log, at: I64) -> dict[str, F64]:
        """Give ``place_ships`` and ``place_slow_ships`` of rows ``at``, then note down those rows too."""
        rows = log.rows(at)
        slow = rows.sog_kn < SLOW_SHARE * rows.own_sog_kn
        cell = cell_of(rows.lat_deg, rows.lon_deg)
        told = np.full((2, len(at)), np.nan)
        moving = np.flatnonzero(under_way(rows) & np.isfinite(rows.own_sog_kn))
        for row in moving[np.argsort(rows.start_us[moving], kind="stable")].tolist():
            here = self._seen.setdefault(int(cell[row]), {})
            ship, now_us = int(rows.ship[row]), int(rows.start_us[row])
            if slow[row]:
                told[:, row] = _others(here, ship, now_us)
            _, slow_us = here.get(ship, (0, 0))
            here[ship] = (now_us, now_us if slow[row] else slow_us)
        if len(at):
            self._forget(int(rows.start_us.max()) - DAY_US)
        return {"place_ships": told[0], "place_slow_ships": told[1]}

    def _forget(self, before_us: int) -> None:
        for cell in list(self._seen):
            kept = {ship: seen for ship, seen in self._seen[cell].items() if seen[0] >= before_us}
            if kept:
                self._seen[cell] = kept
            else:
                del self._seen[cell]


def _others(here: dict[int, tuple[int, int]], ship: int, now_us: int) -> tuple[int, int]:
    """Count the other ships that came in the last day, and those that were slow."""
    others = [seen for other, seen in here.items() if other != ship]
    recent_us = now_us - DAY_US
    came = sum(recent_us <= seen_us for seen_us, _ in others)
    return came, sum(recent_us <= slow_us for _, slow_us in others)
