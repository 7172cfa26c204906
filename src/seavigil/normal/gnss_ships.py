"""Ship by ship: does her satellite navigation work in this time bin, and where was she before?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.records import UNUSABLE_POSITION, Flag

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: Areas in a row round the earth.
COLUMNS = 360
_UNUSABLE = np.uint32(UNUSABLE_POSITION)
_LEAPT = np.uint32(Flag.JUMP | Flag.SPEED_DISAGREES | Flag.IMPOSSIBLE_POSITION)
_NO_POSITION = np.uint32(Flag.NO_POSITION)
_PARTS = 256
_NOWHERE = -1
_LONG_AGO = -(1 << 40)


@dataclass(frozen=True)
class GnssParams:
    """All own choices, but for the count of three: one or two ships may share a fault or a maker.

    A ship is disturbed by two bad reports in a bin: one may be a bit error of the radio. ``share``: of the
    ships there, and four times what is usual in this feed (its median over a day), at most
    ``share_most``. Accuracy lost (the AIS position accuracy flag) is a weaker sign, as a differential beacon
    that goes off air does the same: more ships, a larger share. ``hold_bins``: an area stays degraded
    for half an hour after it was last seen disturbed; jammers come and go. ``remembers_bins``: two hours, for
    where a ship was and whether her positions were accurate. ``silent_bins``: missed for so
    long a ship has fallen silent, which class A at anchor (3 min) and class B do not do by chance.
    """

    ships: int = 3
    bad_reports: int = 2
    share: float = 0.3
    times_usual: float = 4.0
    share_most: float = 0.8
    blurred_ships: int = 5
    blurred_share: float = 0.6
    hold_bins: int = 6
    remembers_bins: int = 24
    silent_bins: int = 3
    silent_for_bins: int = 6
    usual_bins: int = 288
    keep_s: int = 40 * 3600


def area_of(lat_deg: F64, lon_deg: F64) -> I64:
    """Number the area of each position: half a degree of latitude by one of longitude."""
    row = np.minimum(np.floor((lat_deg + 90.0) * 2.0).astype(np.int64), 359)
    # the sum comes last: just below 180 degrees it would round up
    column = np.floor(lon_deg).astype(np.int64) + 180
    return np.asarray(row * COLUMNS + column % COLUMNS)


@dataclass(frozen=True)
class Seen:
    """The ships of one bin, by number (MMSI and part), each with the area she stands for.

    ``last_area``: that of her last sound position in the bin (-1: none). ``accurate``: her positions
    were said to be accurate, most of them.
    """

    ship: I64
    area: I64
    last_area: I64
    leapt: Bool
    blurred: Bool
    accurate: Bool


def heard_in(rows: pa.Table, known: Known, number: int, params: GnssParams) -> Seen:
    """Put the rows of bin ``number`` together, ship by ship; one whose place nobody knows is left out."""
    flags = rows["flags"].to_numpy()
    ship = rows["mmsi"].to_numpy().astype(np.int64) * _PARTS + rows["vessel_part"].to_numpy()
    ships, of = np.unique(ship, return_inverse=True)
    sound = (flags & _UNUSABLE) == 0
    first, last = _first_and_last_area(rows, sound, of, len(ships))
    high = rows["position_accuracy_high"].cast(pa.float64()).to_numpy()
    accurate = _sum(high == 1.0, of, len(ships)) > _sum(high == 0.0, of, len(ships))
    told = _sum(np.isfinite(high), of, len(ships)) > 0
    area_before, accurate_before = known.before(ships, number, params)
    lost = _sum((flags & _NO_POSITION) != 0, of, len(ships)) >= params.bad_reports
    leapt = _sum((flags & _LEAPT) != 0, of, len(ships)) >= params.bad_reports
    leapt |= lost & (area_before != _NOWHERE)
    area = np.where(area_before != _NOWHERE, area_before, first)
    seen = Seen(ships, area, last, leapt, accurate_before & told & ~accurate & ~leapt, accurate)
    return _placed(seen)


def _placed(seen: Seen) -> Seen:
    keep = seen.area != _NOWHERE
    return Seen(*(getattr(seen, name)[keep] for name in Seen.__dataclass_fields__))


def _sum(holds: Bool, of: I64, ships: int) -> I64:
    return np.bincount(of, weights=holds, minlength=ships).astype(np.int64)


def _first_and_last_area(rows: pa.Table, sound: Bool, of: I64, ships: int) -> tuple[I64, I64]:
    first, last = np.full(ships, _NOWHERE), np.full(ships, _NOWHERE)
    at = np.flatnonzero(sound)
    area = area_of(rows["lat_deg"].to_numpy()[at], rows["lon_deg"].to_numpy()[at])
    last[of[at]] = area
    first[of[at[::-1]]] = area[::-1]
    return first, last


@dataclass(frozen=True)
class Known:
    """What is remembered of ships, in order of their numbers, in numbers of bins.

    ``heard``: last bin in which she was heard. ``placed``: last bin in which her place
    was believed, and ``area`` that place.
    ``accurate``: last bin in which her positions were accurate.
    """

    ship: I64
    heard: I64
    placed: I64
    area: I64
    accurate: I64

    def before(self, ships: I64, number: int, params: GnssParams) -> tuple[I64, Bool]:
        """Give the area each ship was in, -1 if that is too long ago, and whether she was accurate."""
        at = self._at(ships)
        since = number - params.remembers_bins
        area = np.where((at >= 0) & (self._of("placed", at) >= since), self._of("area", at), _NOWHERE)
        return area, (at >= 0) & (self._of("accurate", at) >= since)

    def after(self, seen: Seen, number: int, params: GnssParams) -> Known:
        """Give what is remembered after bin ``number``; a place leapt to is not believed for two hours."""
        at = self._at(seen.ship)
        stale = self._of("placed", at) < number - params.remembers_bins
        believed = (seen.last_area != _NOWHERE) & (~seen.leapt | stale)
        fresh = Known(
            seen.ship,
            np.full(len(at), number),
            np.where(believed, number, self._of("placed", at)),
            np.where(believed, seen.last_area, self._of("area", at)),
            np.where(seen.accurate, number, self._of("accurate", at)),
        )
        forget = number - max(params.silent_bins + params.silent_for_bins, params.remembers_bins)
        kept = self.heard >= forget
        kept[at[at >= 0]] = False
        both = (
            np.concatenate([getattr(self, name)[kept], getattr(fresh, name)])
            for name in Known.__dataclass_fields__
        )
        joined = Known(*both)
        order = np.argsort(joined.ship)
        return Known(*(getattr(joined, name)[order] for name in Known.__dataclass_fields__))

    def silent(self, number: int, params: GnssParams) -> I64:
        """Give the areas of the ships that have fallen silent lately, one for each ship."""
        missed = number - self.heard
        lately = (missed >= params.silent_bins) & (missed < params.silent_bins + params.silent_for_bins)
        at = np.flatnonzero(lately & (self.area != _NOWHERE))
        mmsi = self.ship // _PARTS
        elsewhere = np.isin(mmsi[at], mmsi[missed < params.silent_bins]) if len(at) else at > 0
        return np.asarray(self.area[at[~elsewhere]])  # not those heard as another ship under their number

    def _at(self, ships: I64) -> I64:
        """Give the position of each ship, -1 for one that is not known."""
        at = np.minimum(np.searchsorted(self.ship, ships), max(len(self.ship) - 1, 0))
        return np.where(self.ship[at] == ships, at, -1) if len(self.ship) else np.full(len(ships), -1)

    def _of(self, name: str, at: I64) -> I64:
        """Give a field at these positions; of an unknown ship: never, nowhere."""
        unknown = _NOWHERE if name == "area" else _LONG_AGO
        values = np.append(getattr(self, name), unknown)
        return np.asarray(values[at])


NOBODY = Known(*[np.zeros(0, dtype=np.int64)] * 5)
