"""Speed out of class: faster than a ship of her kind and length can go, or than any of her class goes there.

In a sailor's words: no coaster does thirty knots. Either she is not what she says she is, or she is
not where she says she is.

Two measures. By physics: the wave a hull makes grows with the Froude number, speed over the root of gravity
and waterline length, and from about 0.4 ("hull speed", 1.34 kn per root foot of waterline) a hull that
does not plane can hardly be pushed faster; merchant hulls are built to go well below. By history, where
a pattern of life was learned: nobody of her class, on many visits, went four fifths of her speed there.
The reasons say which of the two it rests on: ``speed_limit_of_class`` or ``speed_never_seen_here``.

What it misses: a ship that stays within what her kind can do; kinds without a limit of their own (pleasure
craft, naval and law-enforcement ships, pilot boats, those that send no type); bursts shorter than
15 minutes.

Innocent readings: a type or length keyed in wrongly, a fast crew boat that says cargo, a strong current under
her, GNSS jamming or spoofing of her receiver, two ships on one MMSI.

Cases: tests/behaviours/test_speed_out_of_class.py (fires: a coaster at 30 kn; near miss: at 17 kn).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.detect import Behaviour, Detail, logged
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.surroundings import Surroundings
from seavigil.events import Reason
from seavigil.normal.log import Log
from seavigil.normal.pattern_class import ShipClass, ship_class
from seavigil.records import NEVER_US, SECOND_US
from seavigil.track import PARTS, Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

_GRAVITY_MS2 = 9.80665
_KN_MS = 1852.0 / 3600.0


@dataclass(frozen=True)
class Hull:
    """What a kind of ship can do: a Froude number from a length on, and a speed that none of them passes."""

    froude: float
    from_length_m: float
    top_kn: float


#: By ITU-R M.1371-5 type. That a hull is limited by its Froude number, 0.4 being "hull speed", is any
#: textbook's of ship resistance; the numbers are our own choice, each above what such ships are built for.
#: Shorter boats may plane: for them the top speed alone counts.
HULLS: dict[int, Hull] = {
    **dict.fromkeys(range(70, 80), Hull(0.35, 40.0, 30.0)),
    **dict.fromkeys(range(80, 90), Hull(0.30, 40.0, 22.0)),
    **dict.fromkeys(range(60, 70), Hull(inf, 0.0, 50.0)),
    **dict.fromkeys(range(40, 50), Hull(inf, 0.0, 65.0)),
    30: Hull(0.55, 20.0, 25.0),
    **dict.fromkeys((31, 32, 52), Hull(0.60, 20.0, 20.0)),
    33: Hull(0.40, 40.0, 20.0),
}
#: Kinds whose speeds are alike enough that what was never seen says something. Own choice.
_LEARNED = (ShipClass.CARGO, ShipClass.TANKER, ShipClass.PASSENGER, ShipClass.FISHING)


@dataclass(frozen=True)
class SpeedOutOfClassParams:
    """Own choices, all of them. ``current_kn``: taken off before the limit is asked, because currents of
    the open sea seldom run harder. ``min_duration_s``: four bins in a row, because one may be a fix gone
    astray. ``slower_share``, ``min_ship_bins``, ``min_visits``: nobody at four fifths of her speed in 2,000
    ship-bins of 100 visits; with fewer, the fastest ship of the year may just not have come by yet.
    """

    current_kn: float = 2.0
    min_duration_s: float = 900.0
    max_gap_s: float = 1800.0
    slower_share: float = 0.8
    min_ship_bins: int = 2_000
    min_visits: int = 100


def limit_kn(ship_type: int | None, length_m: float | None) -> float:
    """Give the speed through the water that no ship of this type and length passes; infinite where unknown.

    >>> round(limit_kn(70, 90.0), 1), limit_kn(None, 90.0)
    (20.2, inf)
    """
    hull = HULLS.get(ship_type or 0)
    if hull is None:
        return inf
    if length_m is None or length_m < hull.from_length_m or hull.froude == inf:
        return hull.top_kn
    return min(hull.froude * sqrt(_GRAVITY_MS2 * length_m) / _KN_MS, hull.top_kn)


_LEAST_LIMIT_KN = min(limit_kn(kind, hull.from_length_m) for kind, hull in HULLS.items()) - 0.01


def score(track: Track, surroundings: Surroundings, params: SpeedOutOfClassParams) -> Iterable[Scores]:
    """Score 1 where a bin's median speed is above the limit of physics, or was never seen there."""
    log = _own_rows(track, surroundings)
    if len(log):
        value = np.maximum(_over_limit(log, _limits_kn(track, surroundings, log), params), 0.0)
        yield logged(track, log, np.maximum(value, _never_seen(track, surroundings, log, params)))


def screen_log(surroundings: Surroundings, rows: I64, params: SpeedOutOfClassParams) -> Bool:
    """Only a row faster than the slowest limit can be above hers, or one faster than anybody there."""
    log = surroundings.log.rows(rows)
    may = np.zeros(len(rows), dtype=np.bool_)
    for at in np.flatnonzero(log.sog_kn - params.current_kn >= _LEAST_LIMIT_KN).tolist():
        said = surroundings.statics.known(int(log.ship[at]) // PARTS, int(log.visible_us[at]))
        may[at] = log.sog_kn[at] - params.current_kn >= limit_kn(said.ship_type, said.length_m)
    if surroundings.pattern.known:
        known = np.flatnonzero(np.isfinite(log.sog_kn))
        may[known] |= _fastest(surroundings, log.rows(known), params)
    return may


def _fastest(surroundings: Surroundings, log: Log, params: SpeedOutOfClassParams) -> Bool:
    """Tell where nobody of one class at least went nearly as fast, out of enough that did go there."""
    found = np.zeros(len(log), dtype=np.bool_)
    for one in _LEARNED:
        almost_kn = params.slower_share * log.sog_kn
        slower = surroundings.pattern.speed_share_below(log.lat_deg, log.lon_deg, one, almost_kn)
        found |= (slower.rests_on >= params.min_ship_bins) & (slower.share == 1.0)
    return found


def _own_rows(track: Track, surroundings: Surroundings) -> Log:
    """Give the rows of her log that the track covers; of several ships on one MMSI nobody knows the type."""
    log = surroundings.log.of(track.mmsi, track.vessel_part)
    from_us = track.time_us[0] if len(track) and track.vessel_part == 0 else -NEVER_US
    return log.rows(log.last_us >= from_us)


def _over_limit(log: Log, limits_kn: F64, params: SpeedOutOfClassParams) -> F64:
    return np.nan_to_num(log.sog_kn - params.current_kn) / limits_kn


def _limits_kn(track: Track, surroundings: Surroundings, log: Log) -> F64:
    """Give the limit for each row, by what she had said of herself when the row became visible."""
    known = (surroundings.statics.known(track.mmsi, t) for t in log.visible_us.tolist())
    return np.array([limit_kn(s.ship_type, s.length_m) for s in known])


def _never_seen(track: Track, surroundings: Surroundings, log: Log, params: SpeedOutOfClassParams) -> F64:
    """Give 1 where nobody of her class went nearly as fast, out of enough that did go there."""
    found = np.zeros(len(log))
    if not surroundings.pattern.known:
        return found
    classes = np.array([_class_at(track, surroundings, t) for t in log.visible_us.tolist()])
    for one in set(classes.tolist()).intersection(_LEARNED):
        rows = np.flatnonzero((classes == one) & np.isfinite(log.sog_kn))
        lat, lon = log.lat_deg[rows], log.lon_deg[rows]
        almost_kn = params.slower_share * log.sog_kn[rows]
        slower = surroundings.pattern.speed_share_below(lat, lon, one, almost_kn)
        visits = surroundings.pattern.visited(lat, lon, one)
        enough = (slower.rests_on >= params.min_ship_bins) & (visits >= params.min_visits)
        found[rows[enough & (slower.share == 1.0)]] = 1.0
    return found


def _class_at(track: Track, surroundings: Surroundings, at_us: int) -> int:
    return int(ship_class(surroundings.statics.known(track.mmsi, at_us).ship_type))


def detail(
    track: Track,
    surroundings: Surroundings,
    params: SpeedOutOfClassParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say how fast she went, what physics allows her, and what was seen there of her class."""
    assert scores.row is not None  # scores of the log stand on rows
    log = _own_rows(track, surroundings)
    log = log.rows(np.isin(log.last_us, track.time_us[scores.row[first : upto + 1]]))
    speed_kn = round(float(np.nanmedian(log.sog_kn)), 1)
    limits_kn = _limits_kn(track, surroundings, log)
    reasons = [Reason("out_of_class_for", _lasted_s(log), params.min_duration_s, "s", 0.5)]
    if (_over_limit(log, limits_kn, params) >= 1.0).any():
        limit = round(float(limits_kn.min()), 1)
        reasons.append(Reason("speed_limit_of_class", speed_kn, limit, "kn", 2.0))
    if (_never_seen(track, surroundings, log, params) >= 1.0).any():
        almost_kn = round(params.slower_share * speed_kn, 1)
        reasons.append(Reason("speed_never_seen_here", speed_kn, almost_kn, "kn", 1.5))
        one = _class_at(track, surroundings, int(log.visible_us[-1]))
        rests_on = surroundings.pattern.speed_share_below(log.lat_deg, log.lon_deg, one, log.sog_kn).rests_on
        reasons.append(Reason("learned_ship_bins", float(rests_on.min()), None, "ship-bins", 0.5))
    return Detail(tuple(sorted(reasons, key=lambda r: -r.weight)), began_us=int(log.first_us[0]))


def _lasted_s(log: Log) -> float:
    return round(float(log.last_us[-1] - log.first_us[0]) / SECOND_US)


BEHAVIOUR = Behaviour(
    name="speed_out_of_class",
    params=SpeedOutOfClassParams(),
    history_s=900.0,
    rule=lambda p: Rule(on=1.0, off=0.9, min_duration_s=p.min_duration_s, max_gap_s=p.max_gap_s),
    score=score,
    detail=detail,
    of_log=True,
    screen_log=screen_log,
)
