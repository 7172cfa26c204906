"""Unusual route: where ships of her kind hardly ever go though many others do, or against the lane.

In a sailor's words: what is a tanker doing in there? Or: she goes the wrong way up the lane.

Against the learned pattern of life only (`seavigil normal learn`): without one it does not score, because
nobody can say what is usual. Two measures, kept up for half an hour: of the visits to the cells around
her, in a week or more, hardly any were by her class, though many by others; or, for merchant ships,
hardly any ship in her cell steered a course like hers.

What it misses: everything where no history was learned or traffic is thin; a route that others of her
class take but that is odd for her; ships that send no type; the wrong lane where both lanes share one
cell of 5.6 km.

Innocent readings: sheltering from weather, a first call at a small port, a diversion for rescue or traffic,
work at sea, a new route or season that the history does not hold, a type keyed in wrongly.

Cases: tests/behaviours/test_unusual_route.py (fires: a tanker among the fishing fleet, a ship against the
lane; near miss: the same with a class that goes there, with the lane, with too little history).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.detect import Behaviour, Detail, logged
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.surroundings import Surroundings
from seavigil.events import Reason
from seavigil.normal.log import Log
from seavigil.normal.pattern_class import ShipClass, ship_class
from seavigil.records import SECOND_US
from seavigil.track import Track

B = NDArray[np.bool_]
I64 = NDArray[np.int64]

#: Ships that keep to lanes; others fish, board pilots and sail to windward on any course.
_MERCHANT = (ShipClass.CARGO, ShipClass.TANKER, ShipClass.PASSENGER, ShipClass.HIGH_SPEED)


@dataclass(frozen=True)
class UnusualRouteParams:
    """Own choices, all of them. ``min_days``: a week holds every weekday's ferry. ``min_visits`` and
    ``min_class_visits``: one visit in ``rare_share`` (1 in 200) means something only where hundreds came,
    and of a class that was learned at all. ``min_ship_bins`` and ``odd_course_share``: the same for courses.
    ``min_sog_kn``: under way. ``min_duration_s``: half an hour is two to three cells at 12 kn.
    """

    min_days: int = 7
    min_visits: int = 400
    min_class_visits: int = 100
    rare_share: float = 0.005
    min_ship_bins: int = 400
    odd_course_share: float = 0.005
    min_sog_kn: float = 3.0
    min_duration_s: float = 1800.0
    max_gap_s: float = 1800.0


def score(track: Track, surroundings: Surroundings, params: UnusualRouteParams) -> Iterable[Scores]:
    """Score 1 where her class hardly ever goes, or almost nobody on her course."""
    if surroundings.pattern.days < params.min_days or not len(track) or track.vessel_part:
        return
    log = _own_rows(track, surroundings)
    if len(log):
        rare, against = _unusual(track, surroundings, log, params)
        yield logged(track, log, (rare | against).astype(np.float64))


def screen_log(surroundings: Surroundings, rows: I64, params: UnusualRouteParams) -> B:
    """Only a row under way scores, and only where enough was learned."""
    if surroundings.pattern.days < params.min_days:
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(surroundings.log.sog_kn[rows] >= params.min_sog_kn)


def _own_rows(track: Track, surroundings: Surroundings) -> Log:
    """Give the rows of her log that the track covers."""
    log = surroundings.log.of(track.mmsi, track.vessel_part)
    return log.rows(log.last_us >= track.time_us[0])


def _unusual(track: Track, surroundings: Surroundings, log: Log, params: UnusualRouteParams) -> tuple[B, B]:
    """Tell the rows where her class is rare, and those on a course that almost nobody steers there."""
    rare, against = np.zeros(len(log), dtype=bool), np.zeros(len(log), dtype=bool)
    pattern = surroundings.pattern
    known = (surroundings.statics.known(track.mmsi, t).ship_type for t in log.visible_us.tolist())
    classes = np.array([int(ship_class(t)) for t in known])
    for one in sorted(set(classes.tolist()) - {ShipClass.UNKNOWN, ShipClass.OTHER}):
        rows = np.flatnonzero((classes == one) & (log.sog_kn >= params.min_sog_kn))
        lat, lon, cog = (getattr(log, name)[rows] for name in ("lat_deg", "lon_deg", "cog_deg"))
        every, hers = pattern.visited(lat, lon), pattern.visited(lat, lon, one)
        if pattern.visits_of(one) >= params.min_class_visits:
            rare[rows] = (every >= params.min_visits) & (hers <= params.rare_share * every)
        if one in _MERCHANT:
            like = pattern.course_share(lat, lon, None, cog, around=False)
            enough = (like.rests_on >= params.min_ship_bins) & np.isfinite(cog)
            against[rows] = enough & (like.share <= params.odd_course_share)
    return rare, against


def detail(
    track: Track,
    surroundings: Surroundings,
    params: UnusualRouteParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say how often her class came there, how many steered like her, and what that rests on."""
    assert scores.row is not None  # scores of the log stand on rows
    log = _own_rows(track, surroundings)
    log = log.rows(np.isin(log.last_us, track.time_us[scores.row[first : upto + 1]]))
    rare, against = _unusual(track, surroundings, log, params)
    pattern = surroundings.pattern
    lasted_s = round(float(log.last_us[-1] - log.first_us[0]) / SECOND_US)
    reasons = [Reason("off_route_for", lasted_s, params.min_duration_s, "s", 0.5)]
    if rare.any():
        static = surroundings.statics.known(track.mmsi, int(log.visible_us[-1]))
        lat, lon = log.lat_deg[rare], log.lon_deg[rare]
        hers = pattern.visited(lat, lon, int(ship_class(static.ship_type)))
        share = float(np.median(hers / pattern.visited(lat, lon)))
        reasons.append(Reason("class_share_here", round(share, 4), params.rare_share, "1", 1.5))
    if against.any():
        at = log.rows(against)
        like = pattern.course_share(at.lat_deg, at.lon_deg, None, at.cog_deg, around=False).share
        share = round(float(np.median(like)), 4)
        reasons.append(Reason("course_share_here", share, params.odd_course_share, "1", 2.0))
    reasons.append(Reason("learned_days", float(pattern.days), None, "days", 0.5))
    return Detail(tuple(sorted(reasons, key=lambda r: -r.weight)), began_us=int(log.first_us[0]))


BEHAVIOUR = Behaviour(
    name="unusual_route",
    params=UnusualRouteParams(),
    history_s=900.0,
    rule=lambda p: Rule(on=1.0, off=0.5, min_duration_s=p.min_duration_s, max_gap_s=p.max_gap_s),
    score=score,
    detail=detail,
    of_log=True,
    screen_log=screen_log,
)
