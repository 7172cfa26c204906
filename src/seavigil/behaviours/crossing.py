"""Crossing: the ship goes over a cable or pipeline.

In a sailor's words: she passed over the charted line, or so close to it that, charts being what
they are, she more likely than not passed over the real one.

An event is one passage: it needs that the track crosses the charted line. The true route lies
beside it by an unknown offset, taken as normal with the asset's stated uncertainty (95 %, so
sigma = uncertainty / 1.96, and 10 m at least for fix and antenna). The ship sweeps the band between
her farthest distances on both sides of the line, before and after the crossing; the probability
that she was over the true line is the share of offsets in that band, Phi(one / sigma) -
Phi(-other / sigma). A ship that comes from afar and goes on beyond gets 1, one that turns back on
the charted line 0.5. A ship that does not cross the charted line swept less than half of the
offsets, however close she came, and makes no event.

A passage lasts while she is within two sigma (at least 200 m) of the line; crossing again within
that band is the same passage, crossing again after she left it is the next.

What it misses: assets that are not lines; steps of more than three hours between reports, over
which a straight track is a guess (that is the matter of `gone_dark`).

Innocent readings: nearly all of them. Ships cross cables all day; a crossing alone is `info`.

Cases: tests/behaviours/test_crossing.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.assets.index import Crossed
from seavigil.behaviours.detect import Behaviour, Detail
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.steps import Steps
from seavigil.behaviours.surroundings import AssetRows, Surroundings
from seavigil.events import Passage, Reason
from seavigil.records import SECOND_US
from seavigil.track import Track

F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]
I64 = NDArray[np.int64]

_phi = np.vectorize(lambda z: 0.5 * (1.0 + erf(z / sqrt(2.0))), otypes=[np.float64])


@dataclass(frozen=True)
class CrossingParams:
    """``min_probability``: more likely than not. ``band_sigmas``, ``band_m``: how far a passage
    reaches; beyond two sigma 2 % of the offsets are left. ``before_s``: how long before the crossing
    her distance on the near side counts. ``max_step_s``: longer steps are not taken as straight.
    ``max_stay_s``: a stay in the band is cut at multiples of it, so that it needs bounded rows.
    """

    min_probability: float = 0.5
    band_sigmas: float = 2.0
    band_m: float = 200.0
    before_s: float = 1200.0
    max_step_s: float = 3 * 3600.0
    max_stay_s: float = 6 * 3600.0


def screen(steps: Steps, params: CrossingParams) -> Bool:
    """Only a step that comes near an asset can be part of a passage."""
    return steps.near


def score(track: Track, surroundings: Surroundings, params: CrossingParams) -> Iterable[Scores]:
    """Score, for each passage of each line, the probability so far that she has been over it."""
    for rows in surroundings.near(track):
        if surroundings.asset(rows.asset).shape != "line":
            continue
        crossed = times_crossed(track, surroundings, rows, params)
        if not crossed.any():
            continue
        sigma_m = surroundings.sigma_m(rows.asset)
        band_m = max(params.band_sigmas * sigma_m, params.band_m)
        nearest_m = np.minimum(rows.distance_m[1:], rows.distance_m[:-1])
        inside = crossed > 0
        inside[1:] |= rows.near[1:] & (nearest_m <= band_m)
        for begin, end in _stays(inside, track.time_us, params):
            hits = np.flatnonzero(crossed[begin:end])
            if len(hits):
                yield _passage(track, rows, crossed, begin + int(hits[0]), end, sigma_m, params)


def times_crossed(track: Track, surroundings: Surroundings, rows: AssetRows, params: CrossingParams) -> I64:
    """Count how often the step that ends at each row crosses the charted line."""
    if params not in rows.memo:
        rows.memo[params] = _times_crossed(track, surroundings, rows, params)
    return rows.memo[params]


def _times_crossed(track: Track, surroundings: Surroundings, rows: AssetRows, params: CrossingParams) -> I64:
    lat, lon = track.lat_deg, track.lon_deg
    counts = np.zeros(len(track), dtype=np.int64)
    ends = np.flatnonzero(rows.near[1:] & (np.diff(track.time_us) <= params.max_step_s * SECOND_US)) + 1
    step_m = geodesy.distance_m(lat[ends - 1], lon[ends - 1], lat[ends], lon[ends])
    # a step that crosses is at least as long as its ends are away from the line together
    ends = ends[rows.distance_m[ends] + rows.distance_m[ends - 1] <= 1.02 * step_m + 5.0]
    if len(ends) and surroundings.assets is not None:
        counts[ends] = meetings(track, surroundings, rows.asset, ends).count
    return counts


def meetings(track: Track, surroundings: Surroundings, asset: int, ends: I64) -> Crossed:
    """Give where the steps that end at rows ``ends`` meet the asset's charted line."""
    assert surroundings.assets is not None
    lat, lon = track.lat_deg, track.lon_deg
    assets = np.full(len(ends), asset)
    return surroundings.assets.crossings(lat[ends - 1], lon[ends - 1], lat[ends], lon[ends], assets)


def _stays(inside: NDArray[np.bool_], time_us: I64, params: CrossingParams) -> Iterable[tuple[int, int]]:
    """Give [begin, end) of each stretch of rows inside the band, cut at multiples of ``max_stay_s``."""
    part = time_us // int(params.max_stay_s * SECOND_US)
    new = inside & (np.diff(part, prepend=part[:1]) != 0)
    begins = np.flatnonzero(inside & (new | ~np.concatenate([[False], inside[:-1]])))
    ends = np.flatnonzero(inside & np.concatenate([new[1:] | ~inside[1:], [True]])) + 1
    return zip(begins.tolist(), ends.tolist(), strict=True)


def _passage(
    track: Track, rows: AssetRows, crossed: I64, hit: int, end: int, sigma_m: float, params: CrossingParams
) -> Scores:
    """Score one passage from its first crossing (the step that ends at row ``hit``) on."""
    from_us = track.time_us[hit] - params.before_s * SECOND_US
    begin = min(int(np.searchsorted(track.time_us, from_us, side="right")), hit - 1)
    earlier = np.flatnonzero(crossed[begin:hit])
    begin += int(earlier[-1]) if len(earlier) else 0
    before_m = float(rows.distance_m[begin:hit].max())
    side = np.where(np.cumsum(crossed[hit:end]) % 2, -1.0, 1.0)
    after_m = side * rows.distance_m[hit:end]
    low = np.minimum.accumulate(np.minimum(after_m, 0.0)) / sigma_m
    high = np.maximum.accumulate(np.maximum(after_m, before_m)) / sigma_m
    value = np.zeros(len(track))
    value[hit:end] = _phi(high) - _phi(low)
    open_since_us = int(track.time_us[hit]) if end == len(track) else None
    return Scores(track.time_us, value, rows.asset, open_since_us, at_row=hit)


def detail(
    track: Track, surroundings: Surroundings, params: CrossingParams, scores: Scores, first: int, upto: int
) -> Detail:
    """Say when, where and at what angle she crossed the charted line, and how surely the true one."""
    assert scores.asset is not None
    assert scores.at_row is not None
    hit = scores.at_row
    met = meetings(track, surroundings, scores.asset, np.array([hit]))
    step_us = int(track.time_us[hit] - track.time_us[hit - 1])
    crossed_at_us = int(track.time_us[hit - 1]) + round(step_us * float(met.fraction[0]))
    passage = Passage(
        float(scores.value[first : upto + 1].max()),
        crossed_at_us,
        step_us / 2 / SECOND_US,
        float(met.km_along[0]),
        float(met.angle_deg[0]),
    )
    return Detail(_reasons(track, hit, passage.probability_over), 0.0, passage, crossed_at_us)


def _reasons(track: Track, at: int, probability: float) -> tuple[Reason, ...]:
    reasons = [Reason("probability_over", round(probability, 3), 0.5, "1")]
    if np.isfinite(track.sog_kn[at]):
        reasons.append(Reason("crossing_speed", round(float(track.sog_kn[at]), 1), None, "kn", 0.5))
    return tuple(reasons)


BEHAVIOUR = Behaviour(
    name="crossing",
    params=CrossingParams(),
    history_s=CrossingParams.before_s,
    rule=lambda p: Rule(on=p.min_probability, off=p.min_probability, max_gap_s=p.max_stay_s),
    score=score,
    detail=detail,
    about_assets=True,
    screen=screen,
)
