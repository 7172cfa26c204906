"""Where each ship was last heard, and how she went, at any moment of the newest reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.normal.log import ship_key
from seavigil.records import HOUR_US, MINUTE_US, NEVER_US, UNUSABLE_POSITION, Flag, vessel_id

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Her speed and course now are the mean over so long: three minutes even out the yaw of a ship in a seaway.
MEAN_US = 3 * MINUTE_US
#: Slower than this the course is noise (as in the log): she lies still.
_MOVES_KN = 0.5
#: Longer ago nobody's last report tells anything of where she is (see `runners.ships`).
_FORGET_US = 50 * HOUR_US
#: Rows that tell nothing of where a ship is.
LEFT_OUT = np.uint32(UNUSABLE_POSITION | Flag.NOT_A_SHIP | Flag.LATE | Flag.WRONG_CLOCK)
#: So many rows, some tens of megabytes, in so many pieces may wait to be put away.
_MOST_ROWS, _MOST_PIECES = 500_000, 64
_FLOATS = ("lat_deg", "lon_deg", "sog_kn", "cog_deg")


@dataclass(frozen=True, eq=False)
class Fix:
    """One element for each that was asked; NaN (and 0 for the time) where nothing was heard.

    ``sog_kn, cog_deg``: means over ``MEAN_US`` before the moment, or of her last report where that is older;
    0 and NaN for a ship that lies still.
    """

    time_us: I64
    lat_deg: F64
    lon_deg: F64
    sog_kn: F64
    cog_deg: F64


@dataclass(frozen=True, eq=False)
class _Rows:
    ship: I64
    time_us: I64
    lat_deg: F64
    lon_deg: F64
    sog_kn: F64
    cog_deg: F64

    def take(self, keep: I64 | NDArray[np.bool_] | slice) -> _Rows:
        return _Rows(*(getattr(self, f.name)[keep] for f in fields(self)))


@dataclass
class Fixes:
    """Keeps the newest reports, piece by piece in order of ship, and of what is older each ship's last.

    ``_old``: one row a ship. ``_begins_us``: when each piece begins. Older pieces are put to the old once
    they are many, or have many rows; no moment that may still be asked for needs more of them.
    """

    _old: _Rows = field(default_factory=lambda: _joined([]))
    _pieces: list[_Rows] = field(default_factory=list)
    _begins_us: list[int] = field(default_factory=list)
    _newest_us: int = NEVER_US

    def add(self, reports: pa.Table) -> None:
        """Take released reports (TRACKED), later than all before; of these only the newest stay."""
        sound = np.flatnonzero((reports["flags"].to_numpy() & LEFT_OUT) == 0)
        if not len(sound):
            return
        time_us = reports["time_us"].cast(pa.int64()).to_numpy()[sound]
        floats = (reports[n].cast(pa.float64()).to_numpy()[sound] for n in _FLOATS)
        rows = _Rows(ships_of(reports)[sound], time_us, *floats)
        self._pieces.append(rows.take(np.lexsort((time_us, rows.ship))))
        self._begins_us.append(int(time_us.min()))
        self._newest_us = max(self._newest_us, int(time_us.max()))
        self._put_away()

    def _put_away(self) -> None:
        """Put the pieces to the old that end before any moment's mean begins, once there are enough."""
        if len(self._pieces) < 2:
            return
        until_us = self._begins_us[-2] - MEAN_US
        done = sum(begin_us <= until_us for begin_us in self._begins_us[1:])  # the next begins by then
        if done >= _MOST_PIECES or sum(len(one.ship) for one in self._pieces[:done]) >= _MOST_ROWS:
            rows = _joined([self._old, *self._pieces[:done]])
            rows = rows.take(np.argsort(rows.ship, kind="stable"))
            last = np.diff(rows.ship, append=-1) != 0
            self._old = rows.take(last & (rows.time_us > self._newest_us - _FORGET_US))
            del self._pieces[:done], self._begins_us[:done]

    def at(self, asked: Sequence[tuple[str, int]]) -> Fix:
        """Give where each ship (her id) was last heard by a moment (us), and how she went.

        Moments lie no earlier than the reports of the call of ``add`` before the last.
        """
        each = self._of(np.array([key_of(ship) for ship, _ in asked], dtype=np.int64))
        found = [_fix(rows, at_us) for rows, (_, at_us) in zip(each, asked, strict=True)]
        times_us = np.array([time_us for time_us, *_ in found], dtype=np.int64)
        lat, lon, sog, cog = np.array([rest for _, *rest in found], dtype=np.float64).reshape(-1, 4).T
        return Fix(times_us, lat, lon, sog, cog)

    def last_us(self, vessel: str) -> int | None:
        """Give when a ship (her id) was last heard."""
        (rows,) = self._of(np.array([key_of(vessel)], dtype=np.int64))
        known = len(rows.ship) and rows.time_us[-1] > self._newest_us - _FORGET_US
        return int(rows.time_us[-1]) if known else None

    def heard(self, since_us: int, until_us: int) -> list[str]:
        """Give the ids of the ships heard after one moment and up to another; both as in ``at``."""
        rows = _joined([self._old, *self._pieces])
        within = (rows.time_us > since_us) & (rows.time_us <= until_us)
        return [_id_of(ship) for ship in np.unique(rows.ship[within]).tolist()]

    def _of(self, ships: I64) -> list[_Rows]:
        """Give the rows of each ship, oldest first."""
        found: list[list[_Rows]] = [[] for _ in ships]
        for piece in (self._old, *self._pieces):
            begins, ends = (
                np.searchsorted(piece.ship, ships),
                np.searchsorted(piece.ship, ships, side="right"),
            )
            for at in np.flatnonzero(ends > begins).tolist():
                found[at].append(piece.take(slice(int(begins[at]), int(ends[at]))))
        return [_joined(rows) for rows in found]


def _id_of(ship: int) -> str:
    return vessel_id(*divmod(ship, ship_key(1, 0)))


def ships_of(reports: pa.Table) -> I64:
    """Number the ship of each report as the log does."""
    mmsi = reports["mmsi"].to_numpy().astype(np.int64)
    return np.asarray(mmsi * ship_key(1, 0) + reports["vessel_part"].to_numpy())


def key_of(vessel: str) -> int:
    """Number a ship by her id, as the log does."""
    mmsi, _, part = vessel.partition("#")
    return ship_key(int(mmsi), int(part or 1) - 1)


def _fix(rows: _Rows, at_us: int) -> tuple[int, float, float, float, float]:
    last = int(np.searchsorted(rows.time_us, at_us, side="right")) - 1
    if last < 0:
        return 0, np.nan, np.nan, np.nan, np.nan
    lately = int(np.searchsorted(rows.time_us[: last + 1], at_us - MEAN_US, side="right"))
    sog_kn, cog_deg = _mean(rows, slice(min(lately, last), last + 1))
    return int(rows.time_us[last]), float(rows.lat_deg[last]), float(rows.lon_deg[last]), sog_kn, cog_deg


def _mean(rows: _Rows, of: slice) -> tuple[float, float]:
    """Give mean speed and the direction of the mean velocity."""
    sog, cog = rows.sog_kn[of], np.radians(rows.cog_deg[of])
    known = np.isfinite(sog)
    if not known.any():
        return np.nan, np.nan
    sog_kn = float(sog[known].mean())
    if sog_kn < _MOVES_KN:
        return 0.0, np.nan
    known &= np.isfinite(cog)
    east, north = (sog * np.sin(cog))[known].sum(), (sog * np.cos(cog))[known].sum()
    return sog_kn, float(np.degrees(np.arctan2(east, north)) % 360.0) if known.any() else np.nan


def _joined(pieces: Sequence[_Rows]) -> _Rows:
    """Put pieces one after another."""
    none, number = np.zeros(0, dtype=np.int64), np.zeros(0)
    every = [_Rows(none, none, number, number, number, number), *pieces]
    return _Rows(*(np.concatenate([getattr(piece, f.name) for piece in every]) for f in fields(_Rows)))
