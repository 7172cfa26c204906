"""The ways of ships from one row of their logs to the next, laid against the assets.

What has a memory of hours about a line (back and forth over it, along it, up and down beside it)
reads these legs instead of keeping every report. A leg goes straight from where the ship was last
heard in one time bin to where she was last heard in the next; what she did within a bin is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.assets.index import AssetIndex
from seavigil.behaviours.surroundings import REACH_M, Surroundings
from seavigil.normal.log import Log, ship_key
from seavigil.records import HOUR_US, SECOND_US
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: After a longer silence a leg begins with the bin's own first report: three bins without a word.
MAX_GAP_S = 900
#: Legs are measured, and what came of it remembered, by blocks of an hour: a few days of them.
_BLOCK_US = HOUR_US
_BLOCKS = 100


@dataclass(frozen=True)
class AssetLegs:
    """One ship's legs about one asset; arrays are as long as her log.

    ``near``: the leg that ends in this row comes within reach (the asset's uncertainty and a mile); elsewhere
    distances are infinite, the rest NaN, and crossings 0. ``signed_m`` is that of the leg's end, positive to
    starboard of the route, NaN where sides mean nothing.
    """

    asset: int
    near: Bool
    begin_m: F64
    end_m: F64
    signed_m: F64
    begin_km: F64
    end_km: F64
    crossings: I64


@dataclass(frozen=True)
class ShipLegs:
    """One ship's log and her legs: from ``begin_lat_deg, begin_lon_deg`` to the row's own position."""

    log: Log
    begin_lat_deg: F64
    begin_lon_deg: F64
    about: list[AssetLegs]

    @cached_property
    def length_m(self) -> F64:
        """Give the length of each leg, in metres."""
        log = self.log
        return geodesy.distance_m(self.begin_lat_deg, self.begin_lon_deg, log.lat_deg, log.lon_deg)

    @cached_property
    def path_mm(self) -> I64:
        """Give the way made up to each row, in whole millimetres, so that windows are exact."""
        return np.asarray(np.cumsum(np.rint(self.length_m * 1000.0).astype(np.int64)))


def ship_legs(track: Track, surroundings: Surroundings) -> ShipLegs | None:
    """Give the legs of a ship that came near any asset within the memory of the log, else None."""
    laid = _laid(surroundings)
    return None if laid is None else laid.of(ship_key(track.mmsi, track.vessel_part))


def _laid(surroundings: Surroundings) -> _Legs | None:
    """Give all ships' legs, laid once for every closed bin."""
    if surroundings.assets is None or not len(surroundings.log):
        return None
    memo, key = surroundings.log.memo, ("legs", surroundings.assets)
    if key not in memo:
        memo[key] = _legs(surroundings.log, surroundings.assets)
    laid: _Legs = memo[key]
    return laid


@dataclass(frozen=True)
class _Legs:
    """All ships' legs; ``pairs``: (row of the log, asset) in that order, with a column of ``found`` each."""

    log: Log
    begins: F64
    pairs: I64
    found: F64

    def of(self, ship: int) -> ShipLegs | None:
        first, end = np.searchsorted(self.log.ship, [ship, ship + 1]).tolist()
        a, b = np.searchsorted(self.pairs[0], [first, end]).tolist()
        if a == b:
            return None
        rows, found = slice(first, end), self.found[:, a:b]
        about = list(_by_asset(self.pairs[0, a:b] - first, self.pairs[1, a:b], found, end - first))
        return ShipLegs(self.log.rows(rows), self.begins[0, rows], self.begins[1, rows], about)


def ships_near(surroundings: Surroundings, rows: I64) -> Bool:
    """Tell the rows of the log whose ships came near any asset within its memory."""
    laid = _laid(surroundings)
    if laid is None:
        return np.zeros(len(rows), dtype=np.bool_)
    ship = laid.log.ship[rows]
    near = np.unique(laid.log.ship[laid.pairs[0]])
    at = np.minimum(np.searchsorted(near, ship), max(len(near) - 1, 0))
    return np.asarray(near[at] == ship) if len(near) else np.zeros(len(rows), dtype=np.bool_)


def rows_along(surroundings: Surroundings, rows: I64, band_m: F64) -> Bool:
    """Tell the rows whose leg lies within ``band_m`` (one for each asset) of an asset with both ends."""
    laid, of = _laid(surroundings), np.zeros(len(surroundings.log), dtype=np.bool_)
    if laid is not None:
        inside = laid.found[:2] <= band_m[laid.pairs[1]]
        of[laid.pairs[0][inside.all(axis=0)]] = True
    return of[rows]


def ships_that_crossed(surroundings: Surroundings, rows: I64, times: int) -> Bool:
    """Tell the rows whose ships went over one asset at least so often within the memory of the log."""
    laid = _laid(surroundings)
    if laid is None:
        return np.zeros(len(rows), dtype=np.bool_)
    over = np.flatnonzero(laid.found[5] > 0)
    ship, asset = laid.log.ship[laid.pairs[0, over]], laid.pairs[1, over]
    order = np.lexsort((asset, ship))
    ship, asset, crossed = ship[order], asset[order], laid.found[5, over[order]]
    firsts = np.flatnonzero(np.diff(ship, prepend=-1) | np.diff(asset, prepend=-1))
    counts = np.add.reduceat(crossed, firsts) if len(firsts) else crossed
    return np.isin(laid.log.ship[rows], ship[firsts[counts >= times]])


def _by_asset(row: I64, asset: I64, found: F64, size: int) -> Iterator[AssetLegs]:
    order = np.argsort(asset, kind="stable")
    edges = np.flatnonzero(np.diff(asset[order])) + 1
    for begin, end in pairwise([0, *edges.tolist(), len(order)]):
        at = order[begin:end]
        near = np.zeros(size, dtype=bool)
        near[row[at]] = True
        begin_m, end_m, side_m, begin_km, end_km, crossed = (_spread(size, row[at], f[at]) for f in found)
        begin_m, end_m = np.where(near, begin_m, np.inf), np.where(near, end_m, np.inf)
        crossings = np.where(near, crossed, 0.0).astype(np.int64)
        yield AssetLegs(int(asset[at[0]]), near, begin_m, end_m, side_m, begin_km, end_km, crossings)


def _spread(size: int, rows: I64, values: F64) -> F64:
    column = np.full(size, np.nan)
    column[rows] = values
    return column


def _legs(log: Log, index: AssetIndex) -> _Legs:
    """Lay every leg of a log against the assets, by blocks: one seen before is not measured again."""
    begins = _begins(log)
    block = log.start_us // _BLOCK_US
    order = np.argsort(block, kind="stable")
    edges = np.flatnonzero(np.diff(block[order])) + 1
    legs = np.stack([begins[0], begins[1], log.lat_deg, log.lon_deg])
    pairs, found = [np.zeros((2, 0), dtype=np.int64)], [np.zeros((6, 0))]
    for rows in np.split(order, edges):
        row, asset, columns = _measured(legs[:, rows].tobytes(), index)
        pairs.append(np.stack([rows[row], asset]))
        found.append(columns)
    joined = np.concatenate(pairs, axis=1)
    by_row = np.lexsort((joined[1], joined[0]))
    return _Legs(log, begins, joined[:, by_row], np.concatenate(found, axis=1)[:, by_row])


def _begins(log: Log) -> F64:
    """Give where each leg begins: latitudes and longitudes."""
    before = np.maximum(np.arange(len(log)) - 1, 0)
    follows = (log.ship[before] == log.ship) & (log.first_us - log.last_us[before] <= MAX_GAP_S * SECOND_US)
    follows[:1] = False
    return np.stack(
        [
            np.where(follows, log.lat_deg[before], log.first_lat_deg),
            np.where(follows, log.lon_deg[before], log.first_lon_deg),
        ]
    )


@lru_cache(maxsize=_BLOCKS)
def _measured(legs: bytes, index: AssetIndex) -> tuple[I64, I64, F64]:
    """Give the (leg, asset) pairs within reach, and for each: distances, side, kilometres, crossings."""
    lat_a, lon_a, lat_b, lon_b = np.frombuffer(legs).reshape(4, -1)
    reach_m = np.array([a.position_uncertainty_m + REACH_M for a in index.assets])
    row, asset = index.candidates(lat_a, lon_a, lat_b, lon_b, within_m=reach_m)
    begin = index.measure(lat_a[row], lon_a[row], asset)
    end = index.measure(lat_b[row], lon_b[row], asset)
    crossed = index.crossings(lat_a[row], lon_a[row], lat_b[row], lon_b[row], asset).count
    side_m = np.where(end.off_end, np.nan, end.signed_m)
    columns = (begin.distance_m, end.distance_m, side_m, begin.km_along, end.km_along, crossed)
    return row, asset, np.stack(columns)
