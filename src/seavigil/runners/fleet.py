"""Rows that came in and are not yet looked at ship by ship, and what one call brought of each ship.

A ship reports every few seconds, and hardly a report begins anything. So rows wait in one block for all
ships until somebody looks at their ship; each knows the row of its ship before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.steps import Steps
from seavigil.records import NEVER_US, UNUSABLE_POSITION
from seavigil.track import FIELD, Tracks, whole

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

_NONE = -1
_STEPPED = ("lat_deg", "lon_deg", "sog_kn", "cog_deg", "nav_status")
_WIDTH = len(FIELD)
_LEAST_ROWS = 4096


@dataclass
class WaitingRows:
    """Rows in the order in which they came, numbered from the first ever on; the oldest are let go of.

    ``_head``: by ship's place the number of her newest row that waits, -1: none.
    """

    _rows: F64 = field(default_factory=lambda: np.empty((_LEAST_ROWS, _WIDTH)))
    _before: I64 = field(default_factory=lambda: np.empty(_LEAST_ROWS, dtype=np.int64))
    _first: int = 0
    _end: int = 0
    _head: I64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _oldest: I64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def make_room(self, ships: int) -> None:
        """Let there be as many places for ships."""
        more = np.full(ships - len(self._head), _NONE)
        self._head = np.concatenate([self._head, more])
        self._oldest = np.concatenate([self._oldest, more])

    def add(self, tracks: Tracks, places: I64) -> None:
        """Put rows after those that wait; ``places``: one for each ship of ``tracks``."""
        n = len(tracks.rows)
        self._reserve(n)
        begin = self._end - self._first
        firsts, lasts = tracks.begins[:-1], tracks.begins[1:] - 1
        self._rows[begin : begin + n] = tracks.rows
        self._before[begin : begin + n] = self._end - 1 + np.arange(n)
        self._before[begin + firsts] = self._head[places]
        none = self._head[places] == _NONE
        self._oldest[places[none]] = self._end + firsts[none]
        self._head[places] = self._end + lasts
        self._end += n

    def take(self, place: int) -> F64:
        """Give, and let go of, the rows that wait of the ship at this place, oldest first."""
        row, rows = int(self._head[place]), []
        while row != _NONE:
            row -= self._first
            rows.append(row)
            row = int(self._before[row])
        self._head[place] = self._oldest[place] = _NONE
        return self._rows[rows[::-1]]

    def since_us(self) -> I64:
        """Give, by place, the time of the oldest row that waits; the end of time where none does."""
        out = np.full(len(self._oldest), np.iinfo(np.int64).max)
        held = np.flatnonzero(self._oldest != _NONE)
        out[held] = whole(self._rows, "time_us")[self._oldest[held] - self._first]
        return out

    def _reserve(self, n: int) -> None:
        """Make room for ``n`` rows more: let go of what nobody waits for, or take twice the room."""
        if self._end - self._first + n <= len(self._rows):
            return
        held = self._oldest[self._oldest != _NONE]
        first = int(held.min()) if len(held) else self._end
        kept, size = slice(first - self._first, self._end - self._first), len(self._rows)
        while self._end - first + n > size // 2:
            size *= 2
        rows, before = np.empty((size, _WIDTH)), np.empty(size, dtype=np.int64)
        rows[: self._end - first], before[: self._end - first] = self._rows[kept], self._before[kept]
        self._rows, self._before, self._first = rows, before, first


def steps(tracks: Tracks, last: F64, last_us: I64) -> Steps:
    """Lay every row against the last sound one before it.

    ``last``: by ship of ``tracks`` her last sound row of earlier calls (NaN: none), ``last_us`` when her
    last row of any kind came (``NEVER_US``: none did). All are said to be near.
    """
    rows, n = tracks.rows, len(tracks.rows)
    ship = np.repeat(np.arange(len(tracks)), np.diff(tracks.begins))
    sound = (whole(rows, "flags") & int(UNUSABLE_POSITION)) == 0
    at = np.where(sound, np.arange(n), _NONE)
    at = np.concatenate([[_NONE], np.maximum.accumulate(at)[:-1]]) if n else at
    within = at >= tracks.begins[ship]
    before = np.where(within[:, None], rows[at], last[ship])
    time_us = whole(rows, "time_us")
    one_before_us = np.concatenate([time_us[:1], time_us[:-1]])
    firsts = tracks.begins[:-1]
    one_before_us[firsts] = np.where(last_us == NEVER_US, time_us[firsts], last_us)
    known = np.isfinite(before[:, FIELD["lat_deg"]])
    new = {name: rows[:, FIELD[name]] for name in (*_STEPPED, "transceiver")}
    old = {f"before_{name}": before[:, FIELD[name]] for name in _STEPPED}
    return Steps(
        sound=sound,
        near=np.ones(n, dtype=np.bool_),
        silent_us=time_us - one_before_us,
        time_us=time_us,
        flags=whole(rows, "flags"),
        before_us=np.where(known, whole(before, "time_us"), time_us),
        **new,
        **old,
    )


def last_sound(tracks: Tracks, last: F64) -> F64:
    """Give each ship's last sound row: of ``tracks``, else of ``last``."""
    sound = (whole(tracks.rows, "flags") & int(UNUSABLE_POSITION)) == 0
    at = np.maximum.accumulate(np.where(sound, np.arange(len(sound)), _NONE))[tracks.begins[1:] - 1]
    return np.where((at >= tracks.begins[:-1])[:, None], tracks.rows[at], last)
