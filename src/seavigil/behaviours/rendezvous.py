"""Rendezvous: two ships lie close together at sea and go nowhere.

In a sailor's words: two ships stopped alongside or within hail of each other, away from port and
anchorage, long enough to hand over people, oil, fish or gear.

The rule follows the published one for encounters at sea (Miller, Roan, Hochberg, Amos and Kroodsma,
"Identifying global patterns of transshipment behavior", Frontiers in Marine Science 5, 2018: within
500 m for two hours or more at a median speed under 2 kn, at least 10 km from an anchorage), but stands after
one hour, as a watch must tell while it lasts. Where no anchorages are known, a crowd is taken for one: with
three or more other ships within a mile or two that hardly move it is a harbour, an anchorage, a regatta
or a fleet, not a meeting. Ships at anchor, moored or aground by their own word do not meet, nor does one that
stays within 200 m (she lies at a berth or to an anchor without saying so), nor tugs, pilots and other
craft whose work it is to go alongside.

What it misses: ships handed over to at anchor or at more than 2 kn; a partner whose AIS is off; meetings
of less than an hour; partners who meet in a crowd.

Innocent readings: bunkering and provisioning, crew change, ship-to-ship transfer by permit, one ship
standing by another in trouble, fishing vessels in company.

Cases: tests/behaviours/test_rendezvous.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.behaviours.detect import Behaviour, Detail, logged
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.surroundings import Surroundings
from seavigil.behaviours.trades import AT_WORK, HELD_TO_THE_GROUND
from seavigil.events import Reason
from seavigil.normal.log import Log
from seavigil.records import SECOND_US, vessel_id
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: Cells in which a crowd is counted: 1 nautical mile of latitude, 2 minutes of longitude.
_CELLS_A_DEG = (60.0, 30.0)
_COLUMNS = 10_800


@dataclass(frozen=True)
class RendezvousParams:
    """``within_m``, ``max_sog_kn``: the published criteria. Own choices: ``window_s``, half of the published
    two hours; ``share``, one bin of twelve may be missing; ``parted_s``, three bins apart end it; ``crowd``,
    so many others are no meeting; ``min_drift_m``, in an hour a ship adrift goes farther than one swings.
    """

    within_m: float = 500.0
    max_sog_kn: float = 2.0
    window_s: float = 3600.0
    share: float = 0.9
    parted_s: float = 900.0
    crowd: int = 3
    min_drift_m: float = 200.0


@dataclass
class _Meetings:
    """Who lies close to whom in each bin of one log, found when asked for."""

    log: Log
    params: RendezvousParams
    _bins: dict[int, dict[int, list[tuple[int, float]]]] = field(default_factory=dict)

    def partners(self, ship: int, start_us: int) -> list[tuple[int, float]]:
        """Give the ships close to ``ship`` in the bin that begins at ``start_us``, with their distances."""
        if start_us not in self._bins:
            self._bins[start_us] = _pairs(self.log.during(start_us), self.params)
        return self._bins[start_us].get(ship, [])


def _meetings(log: Log, params: RendezvousParams) -> _Meetings:
    meetings: _Meetings = log.memo.setdefault(params, _Meetings(log, params))
    return meetings


def _pairs(log: Log, params: RendezvousParams) -> dict[int, list[tuple[int, float]]]:
    """Find the pairs of one bin: slow, loose from the ground, close, and not in a crowd."""
    log = log.rows(log.sog_kn <= params.max_sog_kn)
    log = log.rows(_loose(log) & (_ships_around(log) <= params.crowd))
    lat = (log.first_lat_deg + log.lat_deg) / 2
    lon = log.lon_deg + geodesy.turn_deg(log.first_lon_deg - log.lon_deg) / 2
    one, other = _level(lat, params.within_m / 110_000.0)
    metres = geodesy.plane_distance_m(lat[one], lon[one], lat[other], lon[other])
    near: dict[int, list[tuple[int, float]]] = {}
    for a, b, m in zip(one.tolist(), other.tolist(), metres.tolist(), strict=True):
        if a != b and m <= params.within_m:
            near.setdefault(int(log.ship[a]), []).append((int(log.ship[b]), m))
    return near


def _level(lat_deg: F64, within_deg: float) -> tuple[I64, I64]:
    """Give all pairs that lie on latitudes so near, each both ways."""
    order = np.argsort(lat_deg, kind="stable")
    ordered = lat_deg[order]
    begin = np.searchsorted(ordered, ordered - 1.01 * within_deg)
    count = np.searchsorted(ordered, ordered + 1.01 * within_deg, side="right") - begin
    one = np.repeat(np.arange(len(order)), count)
    other = np.arange(len(one)) - np.repeat(np.cumsum(count) - count - begin, count)
    level = np.abs(ordered[one] - ordered[other]) <= within_deg
    return order[one[level]], order[other[level]]


def _loose(log: Log) -> Bool:
    return ~np.isin(log.nav_status, HELD_TO_THE_GROUND)


def _ships_around(log: Log) -> I64:
    """Count the rows in the 3 x 3 cells around each row, itself included."""
    row = np.floor((log.lat_deg + 90.0) * _CELLS_A_DEG[0]).astype(np.int64)
    column = np.floor((log.lon_deg + 180.0) * _CELLS_A_DEG[1]).astype(np.int64)
    cells = np.sort(row * _COLUMNS + column % _COLUMNS)
    around = np.zeros(len(log), dtype=np.int64)
    for r, c in [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1)]:
        cell = (row + r) * _COLUMNS + (column + c) % _COLUMNS
        around += np.searchsorted(cells, cell, side="right") - np.searchsorted(cells, cell)
    return around


def score(track: Track, surroundings: Surroundings, params: RendezvousParams) -> Iterable[Scores]:
    """Score the share of the window spent close to one partner, less if she hardly moved."""
    log = surroundings.log.of(track.mmsi, track.vessel_part)
    slow = (log.sog_kn <= params.max_sog_kn) & _loose(log)
    if not len(track) or not slow[log.last_us >= track.time_us[0]].any():
        return
    met = _met(track, surroundings, log, slow, params)
    if met:
        yield logged(
            track, log, np.max([_together(log, rows, surroundings, params) for rows in met.values()], axis=0)
        )


def screen_log(surroundings: Surroundings, rows: I64, params: RendezvousParams) -> Bool:
    """She must have been slow for most of the window, and close to somebody in one of the newest two bins."""
    log = surroundings.log
    bins = int(params.window_s * SECOND_US / surroundings.coverage.bin_us)
    slow = (log.sog_kn <= params.max_sog_kn) & _loose(log)
    count = np.zeros(len(rows), dtype=np.int64)
    for back in range(bins):
        earlier, hers = log.earlier(rows, back)
        hers &= log.start_us[earlier] > log.start_us[rows] - int(params.window_s * SECOND_US)
        count += hers & slow[earlier]
    may = count >= params.share * bins
    for at in np.flatnonzero(may).tolist():
        may[at] = _has_partner(surroundings, int(rows[at]), params)
    return may


def _has_partner(surroundings: Surroundings, row: int, params: RendezvousParams) -> bool:
    log, meetings = surroundings.log, _meetings(surroundings.log, params)
    newest = (at for at in (row, row - 1) if at >= 0 and log.ship[at] == log.ship[row])
    return any(meetings.partners(int(log.ship[at]), int(log.start_us[at])) for at in newest)


def _met(
    track: Track, surroundings: Surroundings, log: Log, slow: Bool, params: RendezvousParams
) -> dict[int, dict[int, float]]:
    """Give, by partner, the rows of the ship's log in which both lay close together, with the distance."""
    meetings = _meetings(surroundings.log, params)
    from_us = track.time_us[0] - (params.window_s + 600) * SECOND_US
    met: dict[int, dict[int, float]] = {}
    for row in np.flatnonzero(slow & (log.last_us >= from_us)).tolist():
        for ship, metres in meetings.partners(int(log.ship[row]), int(log.start_us[row])):
            if not _by_trade(surroundings, (track.mmsi, ship // 256), int(log.visible_us[row])):
                met.setdefault(ship, {})[row] = metres
    return met


def _by_trade(surroundings: Surroundings, ships: tuple[int, int], at_us: int) -> bool:
    return any(surroundings.statics.known(mmsi, at_us).ship_type in AT_WORK for mmsi in ships)


def _together(log: Log, rows: Iterable[int], surroundings: Surroundings, params: RendezvousParams) -> F64:
    """Score the share of the window spent with one partner: less if she hardly moved, 0 once they parted."""
    close = np.zeros(len(log), dtype=np.int64)
    close[list(rows)] = 1
    total = np.concatenate([[0], np.cumsum(close)])
    first = _first(log, params.window_s)
    bins = params.window_s * SECOND_US / surroundings.coverage.bin_us
    share = (total[1:] - total[first]) / (params.share * bins)
    moved = np.minimum(1.0, _moved_m(log, np.flatnonzero(close), first) / params.min_drift_m)
    lately = total[1:] > total[_first(log, params.parted_s)]
    return np.where(lately, np.minimum(share, moved), 0.0)


def _first(log: Log, window_s: float) -> I64:
    """Give the first row of the window that ends with each row."""
    return np.searchsorted(log.start_us, log.start_us - int(window_s * SECOND_US), side="right")


def _moved_m(log: Log, close: I64, first: I64) -> F64:
    """Give how far she went from the end of the window's first bin with the partner to the latest's begin."""
    a = close[np.minimum(np.searchsorted(close, first), len(close) - 1)]
    b = close[np.maximum(np.searchsorted(close, np.arange(len(log)), side="right") - 1, 0)]
    return geodesy.distance_m(log.lat_deg[a], log.lon_deg[a], log.first_lat_deg[b], log.first_lon_deg[b])


def detail(
    track: Track, surroundings: Surroundings, params: RendezvousParams, scores: Scores, first: int, upto: int
) -> Detail:
    """Say with whom, how close and for how long up to score ``upto``."""
    log = surroundings.log.of(track.mmsi, track.vessel_part)
    opening, last = (len(log) - len(scores.value) + at for at in (first, upto))
    slow = (log.sog_kn <= params.max_sog_kn) & _loose(log)
    begin = int(_first(log, params.window_s)[opening])
    met = {
        ship: {row: metres for row, metres in rows.items() if begin <= row <= last}
        for ship, rows in _met(track, surroundings, log, slow, params).items()
    }
    partner = max(met, key=lambda ship: (len(met[ship]), -ship))
    rows = sorted(met[partner])
    lasted_s = (log.last_us[rows[-1]] - log.first_us[rows[0]]) / SECOND_US
    reasons = (
        Reason("met_for", round(float(lasted_s)), params.window_s, "s", 2.0),
        Reason("met_within", round(float(np.median(list(met[partner].values())))), params.within_m, "m"),
        Reason("met_speed", round(float(np.median(log.sog_kn[rows])), 1), params.max_sog_kn, "kn"),
    )
    others = (vessel_id(*divmod(partner, 256)),)
    return Detail(reasons, began_us=int(log.first_us[rows[0]]), others=others)


BEHAVIOUR = Behaviour(
    name="rendezvous",
    params=RendezvousParams(),
    history_s=900.0,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=3600.0, max_duration_s=12 * 3600.0),
    score=score,
    detail=detail,
    of_log=True,
    screen_log=screen_log,
)
