"""Repeated crossing: the ship goes back and forth over one cable or pipeline.

In a sailor's words: over the line, round, and over it again, and again: trawling to and fro, looking
for it, or trying to catch it. Before the Svalbard cable broke in January 2022 a trawler had crossed it
again and again.

The rule: three traversals of one line within six hours and within one voyage. A traversal leads from one
side of the line to the other and clear of it (0.67 standard deviations of its charted position, so that
she was as likely as not over the true one each time, and 200 m at least, so that neither a swing at anchor
nor jitter of the position is one). She ends no farther from where the first of the three ended than half
the way she made between them: a winding line under a straight course, or a straight line under a winding
fairway, is crossed often but not back and forth. A rest parts voyages: five minutes without way, or, for a
passenger ship or fast craft, any stop.

What it misses: turns within five minutes; what goes on for over 18 hours without a calm; a ship that comes
to rest between her crossings (a ferry on her timetable does so, and is meant to be missed).

Innocent readings: fishing; a dredger between her field and the dumping ground; survey, cable and guard
ships at work; a pilot boat or tug in waiting; exercises and trials; sailing craft beating to windward.

Cases: tests/behaviours/test_repeated_crossing.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.behaviours.detect import ALIVE, Behaviour, Detail, by_rung, logged
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.legs import AssetLegs, ShipLegs, ship_legs, ships_that_crossed
from seavigil.behaviours.surroundings import Surroundings
from seavigil.behaviours.trades import ON_A_TIMETABLE
from seavigil.events import Reason
from seavigil.records import SECOND_US
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

_MOORED = 5


@dataclass(frozen=True)
class RepeatedCrossingParams:
    """All own choices. ``crossings``: there and back is a return voyage, a third is none. ``rungs``:
    told again at so many times as many. ``window_s``: a tow of the trawl takes three hours and seldom
    more than five. ``calm_s``: so long after the last it is over. ``rest_sog_kn``: below the noise of a
    GNSS fix of a ship at her berth. ``band_sigmas``, ``band_m``: see the module text; half of the true
    lines lie within 0.6745 sigma.
    """

    crossings: int = 3
    rungs: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0)
    window_s: float = 6 * 3600.0
    calm_s: float = 3 * 3600.0
    max_straightness: float = 0.5
    rest_sog_kn: float = 0.5
    band_sigmas: float = 0.6745
    band_m: float = 200.0


@dataclass(frozen=True)
class _Traversals:
    """Rows of the log at which a traversal was complete, and how many of a chain each one is."""

    row: I64
    of_chain: I64


def score(track: Track, surroundings: Surroundings, params: RepeatedCrossingParams) -> Iterable[Scores]:
    """Score the traversals of the window, as a share of those that the rule wants, until it is calm."""
    legs = ship_legs(track, surroundings)
    if legs is None:
        return
    for about in legs.about:
        if surroundings.asset(about.asset).shape != "line" or about.crossings.sum() < params.crossings:
            continue
        made = _traversals(track, legs, about, surroundings, params)
        if (made.of_chain >= params.crossings).any():
            for value in by_rung(_value(legs, made, params), params.rungs, 1.0 / params.rungs[-1]):
                yield logged(track, legs.log, value, about.asset)


def screen_log(surroundings: Surroundings, rows: I64, params: RepeatedCrossingParams) -> Bool:
    """She must have been over one line often enough."""
    return ships_that_crossed(surroundings, rows, params.crossings)


def _value(legs: ShipLegs, made: _Traversals, params: RepeatedCrossingParams) -> F64:
    row = np.arange(len(legs.log))
    latest = np.searchsorted(made.row, row, side="right") - 1
    at = np.maximum(latest, 0)
    since_us = legs.log.last_us - legs.log.last_us[made.row[at]]
    lively = (latest >= 0) & (since_us <= params.calm_s * SECOND_US)
    return np.where(lively, made.of_chain[at] / params.crossings, 0.0)


def _traversals(
    track: Track, legs: ShipLegs, about: AssetLegs, surroundings: Surroundings, params: RepeatedCrossingParams
) -> _Traversals:
    """Find the traversals of one line; ``of_chain`` is 0 where the last three were not back and forth."""
    log = legs.log
    row = _complete(about, max(params.band_sigmas * surroundings.sigma_m(about.asset), params.band_m))
    voyages, kind = _voyages(track, legs, row, surroundings, params)
    nth = np.arange(len(row))
    third = nth - (params.crossings - 1)
    first = np.maximum(third, 0)
    way_mm = legs.path_mm[row] - legs.path_mm[row[first]]
    start, end = row[first], row
    made_m = geodesy.distance_m(log.lat_deg[start], log.lon_deg[start], log.lat_deg[end], log.lon_deg[end])
    window_us = int(params.window_s * SECOND_US)
    chained = (third >= 0) & (voyages[kind, nth] == voyages[kind, first])
    chained &= log.last_us[end] - log.last_us[start] <= window_us
    chained &= made_m * 1000.0 <= params.max_straightness * way_mm
    oldest = np.searchsorted(log.last_us[row], log.last_us[row] - window_us)
    of_voyage = np.stack([np.searchsorted(v, v) for v in voyages])[kind, nth]
    count = nth - np.maximum(oldest, of_voyage) + 1
    return _Traversals(row, np.where(chained, count, 0))


def _complete(about: AssetLegs, band_m: float) -> I64:
    """Give the rows at which she had come clear of the line on the other side."""
    clear = about.end_m > band_m
    stretch: I64 = np.cumsum(clear) - clear
    crossings = np.bincount(stretch, weights=about.crossings).astype(np.int64)
    return np.flatnonzero(clear & (crossings[stretch] % 2 == 1))


def _voyages(
    track: Track, legs: ShipLegs, row: I64, surroundings: Surroundings, params: RepeatedCrossingParams
) -> tuple[I64, I64]:
    """Number the voyage of each traversal, parted by rests or by any stop, and say which of both counts."""
    log = legs.log
    rests = np.cumsum((log.sog_most_kn <= params.rest_sog_kn) | (log.nav_status == _MOORED))
    stops = np.cumsum(log.sog_least_kn <= params.rest_sog_kn)
    known = [surroundings.statics.known(track.mmsi, int(at_us)).ship_type for at_us in log.visible_us[row]]
    by_timetable = np.array([kind in ON_A_TIMETABLE for kind in known], dtype=np.int64)
    return np.stack([rests[row], stops[row]]), by_timetable


def detail(
    track: Track,
    surroundings: Surroundings,
    params: RepeatedCrossingParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say how often, in how long and how fast she went over it up to score ``upto``."""
    legs = ship_legs(track, surroundings)
    assert legs is not None
    about = next(a for a in legs.about if a.asset == scores.asset)
    made = _traversals(track, legs, about, surroundings, params)
    begin, last = (len(legs.log) - len(scores.value) + at for at in (first, upto))
    opening = int(np.searchsorted(made.row, begin, side="right")) - 1
    earliest = opening - int(made.of_chain[opening]) + 1
    rows = made.row[earliest : int(np.searchsorted(made.row, last, side="right"))]
    log = legs.log
    lasted_s = (log.last_us[rows[-1]] - log.last_us[rows[0]]) / SECOND_US
    reasons = [
        Reason("crossed_times", len(rows), params.crossings, "times", 2.0),
        Reason("crossed_within", round(float(lasted_s)), params.window_s, "s"),
    ]
    if np.isfinite(log.sog_kn[rows]).any():
        sog_kn = float(np.nanmedian(log.sog_kn[rows]))
        reasons.append(Reason("crossing_speed", round(sog_kn, 1), None, "kn", 0.5))
    return Detail(tuple(reasons), 0.0, began_us=int(log.first_us[rows[0]]))


BEHAVIOUR = Behaviour(
    name="repeated_crossing",
    params=RepeatedCrossingParams(),
    history_s=900.0,
    rule=lambda p: Rule(on=p.rungs[0], off=ALIVE / 2, max_gap_s=p.calm_s, max_duration_s=18 * 3600.0),
    score=score,
    detail=detail,
    about_assets=True,
    of_log=True,
    screen_log=screen_log,
)
