"""Where each ship was last heard, and how she went, at any moment of the newest reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.normal.log import ship_key
from seavigil.records import HOUR_US, MINUTE_US, UNUSABLE_POSITION, Flag, vessel_id

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
#: So many rows, some tens of megabytes, in so many pieces may wait to be put in order.
_MOST_ROWS, _MOST_PIECES = 500_000, 256
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

    def take(self, keep: I64 | NDArray[np.bool_]) -> _Rows:
        return _Rows(*(getattr(self, f.name)[keep] for f in fields(self)))


@dataclass
class Fixes:
    """Keeps the newest reports and each ship's last; they are put in order only when somebody asks."""

    _pieces: list[_Rows] = field(default_factory=list)
    _asked: bool = False
    _waiting: int = 0

    def add(self, reports: pa.Table) -> None:
        """Take released reports (TRACKED), later than all before; of these only the newest stay."""
        if self._asked or self._waiting >= _MOST_ROWS or len(self._pieces) >= _MOST_PIECES:
            self._pieces, self._asked, self._waiting = [_newest(_ordered(self._pieces))], False, 0
        sound = (reports["flags"].to_numpy() & LEFT_OUT) == 0
        if not sound.any():
            return
        rows = reports.filter(pa.array(sound))
        time_us = rows["time_us"].cast(pa.int64()).to_numpy()
        floats = (rows[n].cast(pa.float64()).to_numpy() for n in _FLOATS)
        self._pieces.append(_Rows(ships_of(rows), time_us, *floats))
        self._waiting += len(time_us)

    def at(self, asked: Sequence[tuple[str, int]]) -> Fix:
        """Give where each ship (her id) was last heard by a moment (us), and how she went.

        Moments lie no earlier than the reports of the call of ``add`` before the last.
        """
        rows = self._in_order()
        found = [_fix(rows, key_of(ship), at_us) for ship, at_us in asked]
        times_us = np.array([time_us for time_us, *_ in found], dtype=np.int64)
        lat, lon, sog, cog = np.array([rest for _, *rest in found], dtype=np.float64).reshape(-1, 4).T
        return Fix(times_us, lat, lon, sog, cog)

    def last_us(self, vessel: str) -> int | None:
        """Give when a ship (her id) was last heard."""
        rows, ship = self._in_order(), key_of(vessel)
        begin, end = np.searchsorted(rows.ship, [ship, ship + 1]).tolist()
        return int(rows.time_us[end - 1]) if end > begin else None

    def heard(self, since_us: int, until_us: int) -> list[str]:
        """Give the ids of the ships heard after one moment and up to another; both as in ``at``."""
        rows = self._in_order()
        within = (rows.time_us > since_us) & (rows.time_us <= until_us)
        return [_id_of(ship) for ship in np.unique(rows.ship[within]).tolist()]

    def _in_order(self) -> _Rows:
        if not self._asked:
            self._pieces, self._asked = [_ordered(self._pieces)], True
        return self._pieces[0]


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


def _fix(rows: _Rows, ship: int, at_us: int) -> tuple[int, float, float, float, float]:
    begin, end = np.searchsorted(rows.ship, [ship, ship + 1]).tolist()
    last = begin + int(np.searchsorted(rows.time_us[begin:end], at_us, side="right")) - 1
    if last < begin:
        return 0, np.nan, np.nan, np.nan, np.nan
    lately = begin + int(np.searchsorted(rows.time_us[begin : last + 1], at_us - MEAN_US, side="right"))
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


def _ordered(pieces: Sequence[_Rows]) -> _Rows:
    """Put pieces into order of ship and time."""
    if not pieces:
        none, number = np.zeros(0, dtype=np.int64), np.zeros(0)
        return _Rows(none, none, number, number, number, number)
    whole = _Rows(*(np.concatenate([getattr(piece, f.name) for piece in pieces]) for f in fields(_Rows)))
    return whole.take(np.lexsort((whole.time_us, whole.ship)))


def _newest(rows: _Rows) -> _Rows:
    """Keep the reports that a later mean may need, and each ship's last."""
    if not len(rows.ship):
        return rows
    newest_us = int(rows.time_us.max())
    last = np.diff(rows.ship, append=-1) != 0
    return rows.take((rows.time_us > newest_us - MEAN_US) | (last & (rows.time_us > newest_us - _FORGET_US)))
