"""Slow crossing: the ship goes over a cable or pipeline far more slowly than she is used to.

In a sailor's words: she has come along at twelve knots all day, and over the cable she makes five, with
nothing around her that slows down too.

The rule: a crossing (see `crossing`: more likely than not over the true line) at no more than seven tenths of
what is usual for her, and at no more than 7 kn. Usual is her own speed under way in the half day before, the
newest half hour left out (`normal.own`); where her peers on the same water are slower than usual
themselves (weather, ice, fog) that much is taken off. Nor does she count where most of the ships that came
through within a day were slow: a fairway, a pilot station, the approach to a port.

What it misses: a ship that hardly slows or goes on at sea speed (most of those that drag an anchor: see
`anchor_drag_under_way`); one that has been slow all day; one heard for less than an hour; craft whose trade
is to go slowly.

Innocent readings: engine trouble, a pilot or helicopter coming, slow steaming to meet a berth time,
giving way, waiting.

Cases: tests/behaviours/test_slow_crossing.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from seavigil.behaviours import crossing
from seavigil.behaviours.detect import Behaviour, Detail
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.surroundings import Surroundings
from seavigil.behaviours.trades import AT_WORK, FISHING, HELD_TO_THE_GROUND
from seavigil.events import Reason
from seavigil.normal.log import Log
from seavigil.records import SECOND_US
from seavigil.track import Track

#: What a passage is does not change here.
_PASSAGE = crossing.CrossingParams()


@dataclass(frozen=True)
class SlowCrossingParams:
    """All own choices. ``max_share``: wind and current seldom take more than a quarter of a ship's
    speed. ``max_sog_kn``: dead slow to slow ahead of a merchant ship; none makes passage at that.
    ``min_sog_kn``: below it she lies. ``over_s``: her speed at the crossing is the median of so long before
    it. ``fresh_s``: what was usual holds for so long. ``least_peers``: so many make a median worth the name.
    ``slow_place_share``: where more than half go slowly it is usual to. ``min_probability``: as `crossing`.
    """

    max_share: float = 0.7
    max_sog_kn: float = 7.0
    min_sog_kn: float = 0.5
    over_s: float = 600.0
    fresh_s: float = 3600.0
    least_peers: int = 3
    slow_place_share: float = 0.5
    min_probability: float = crossing.CrossingParams.min_probability


@dataclass(frozen=True)
class _Speeds:
    """Her speed at a crossing, her usual one, and what her peers make of theirs (1 where not known)."""

    sog_kn: float
    own_sog_kn: float
    peers_share: float


def score(track: Track, surroundings: Surroundings, params: SlowCrossingParams) -> Iterable[Scores]:
    """Score each slow passage with the probability that she has been over the true line."""
    slow = track.sog_kn <= params.max_sog_kn
    if not any((rows.near & slow).any() for rows in surroundings.near(track)):
        return
    log = surroundings.log.of(track.mmsi, track.vessel_part)
    for passage in crossing.score(track, surroundings, _PASSAGE):
        at = passage.at_row
        if at is not None and _is_slow(track, log, surroundings, at, params):
            yield passage


def _is_slow(track: Track, log: Log, surroundings: Surroundings, at: int, params: SlowCrossingParams) -> bool:
    """Tell whether she was slow at row ``at``, for herself, for her peers and for the place."""
    speeds = _speeds(track, log, at, params)
    lies = track.nav_status[at] in HELD_TO_THE_GROUND
    if speeds is None or lies or not track.sog_kn[at] <= params.max_sog_kn:
        return False
    kind = surroundings.statics.known(track.mmsi, int(track.time_us[at])).ship_type
    if kind == FISHING or kind in AT_WORK:
        return False
    expected_kn = speeds.own_sog_kn * min(1.0, speeds.peers_share)
    most_kn = min(params.max_sog_kn, params.max_share * expected_kn)
    return params.min_sog_kn <= speeds.sog_kn <= most_kn


def _speeds(track: Track, log: Log, at: int, params: SlowCrossingParams) -> _Speeds | None:
    """Give her speeds at row ``at``; None where nothing is known of what is usual, or to be slow is."""
    row = int(np.searchsorted(log.visible_us, track.time_us[at], side="right")) - 1
    begin = int(np.searchsorted(track.time_us, track.time_us[at] - params.over_s * SECOND_US))
    sog_kn = track.sog_kn[begin : at + 1]
    if row < 0 or not np.isfinite(log.own_sog_kn[row]) or not np.isfinite(sog_kn).any():
        return None
    stale = track.time_us[at] - log.last_us[row] > params.fresh_s * SECOND_US
    usual = log.place_slow_ships[row] > params.slow_place_share * log.place_ships[row]
    if stale or (usual and log.place_ships[row] >= params.least_peers):
        return None
    share = log.peers_sog_share[row] if log.peers[row] >= params.least_peers else 1.0
    return _Speeds(float(np.nanmedian(sog_kn)), float(log.own_sog_kn[row]), float(share))


def detail(
    track: Track,
    surroundings: Surroundings,
    params: SlowCrossingParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say how slow she was against her own usual speed, with the passage as `crossing` tells it."""
    assert scores.at_row is not None
    told = crossing.detail(track, surroundings, _PASSAGE, scores, first, upto)
    log = surroundings.log.of(track.mmsi, track.vessel_part)
    speeds = _speeds(track, log, scores.at_row, params)
    assert speeds is not None
    reasons = [
        Reason("slow_over", round(speeds.sog_kn, 1), round(speeds.own_sog_kn, 1), "kn", 2.0),
        Reason(
            "probability_over", round(told.passage.probability_over, 3) if told.passage else 0.0, 0.5, "1"
        ),
    ]
    if speeds.peers_share != 1.0:
        reasons.append(Reason("peers_keep_speed", round(speeds.peers_share, 2), 1.0, "1"))
    return replace(told, reasons=tuple(reasons))


BEHAVIOUR = Behaviour(
    name="slow_crossing",
    params=SlowCrossingParams(),
    history_s=_PASSAGE.before_s,
    rule=lambda p: Rule(on=p.min_probability, off=p.min_probability, max_gap_s=_PASSAGE.max_stay_s),
    score=score,
    detail=detail,
    about_assets=True,
    screen=crossing.screen,
)
