"""Crossing: the ship goes over a cable or pipeline.

In a sailor's words: she passed over the charted line, or so close to it that, charts being what
they are, she more likely than not passed over the real one.

The true route lies beside the charted one by an unknown offset, taken as normal with the asset's
stated uncertainty (95 %, so sigma = uncertainty / 1.96, and 10 m at least for fix and antenna).
While a ship is near, she sweeps the band between her farthest positions to port and to starboard
of the charted line; the probability that she was over the true line is the share of offsets in
that band: Phi(farthest starboard / sigma) - Phi(farthest port / sigma). A ship that comes from
afar and goes on beyond gets 1, one that turns back on the charted line 0.5, one that passes
alongside what her distance allows.

Parameters: an event needs a probability of 0.5 (more likely than not).

What it misses: nothing is said of assets that are not lines; sides mean nothing beyond the end of
a line; a bend sharper than the uncertainty is wide makes the probability approximate.

Innocent readings: nearly all of them. Ships cross cables all day; a crossing alone is `info`.

Cases: tests/behaviours/test_crossing.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.detect import Behaviour, Detail
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.surroundings import AssetRows, Surroundings
from seavigil.events import Passage, Reason
from seavigil.records import SECOND_US
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_phi = np.vectorize(lambda z: 0.5 * (1.0 + erf(z / sqrt(2.0))), otypes=[np.float64])


@dataclass(frozen=True)
class CrossingParams:
    """``min_probability``: more likely than not. ``max_visit_s``: a ship that stays near an asset
    for longer is judged anew every so often, which bounds the rows that must be kept.
    """

    min_probability: float = 0.5
    max_visit_s: float = 6 * 3600.0


def score(track: Track, surroundings: Surroundings, params: CrossingParams) -> Iterable[Scores]:
    """Score, for each visit to each line, the probability that she has been over it since she came near."""
    for rows in surroundings.near(track):
        if surroundings.asset(rows.asset).shape != "line":
            continue
        sigma_m = surroundings.sigma_m(rows.asset)
        for begin, end in _visits(rows.near, track.time_us, params):
            value = np.zeros(len(track))
            value[begin:end] = _swept_probability(rows.signed_m[begin - 1 : end] / sigma_m)
            open_since_us = int(track.time_us[begin]) if end == len(track) else None
            yield Scores(track.time_us, value, rows.asset, open_since_us)


def _swept_probability(side_sigmas: F64) -> F64:
    """Give, for each step between the sides given, the probability swept since the first."""
    low = np.fmin.accumulate(side_sigmas)[1:]
    high = np.fmax.accumulate(side_sigmas)[1:]
    known = np.isfinite(low)
    swept = np.zeros(len(low))
    swept[known] = _phi(high[known]) - _phi(low[known])
    return swept


def _visits(near: NDArray[np.bool_], time_us: I64, params: CrossingParams) -> Iterable[tuple[int, int]]:
    """Give [begin, end) of each stretch of near rows, cut where it lasts too long."""
    limit_us = int(params.max_visit_s * SECOND_US)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], near, [False]])))
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        start = begin
        while start < end:
            stop = min(end, int(np.searchsorted(time_us, time_us[start] + limit_us, side="right")))
            yield start, stop
            start = stop


def detail(
    track: Track, surroundings: Surroundings, params: CrossingParams, scores: Scores, first: int, upto: int
) -> Detail:
    """Say when, where and at what angle she crossed the charted line, and how surely the true one."""
    assert scores.asset is not None
    assert surroundings.assets is not None
    rows = next(r for r in surroundings.near(track) if r.asset == scores.asset)
    visits = _visits(rows.near, track.time_us, params)
    begin = next(begin for begin, end in visits if begin <= first < end)
    ends = np.arange(begin, upto + 1)
    before = ends - 1
    met = surroundings.assets.crossings(
        track.lat_deg[before],
        track.lon_deg[before],
        track.lat_deg[ends],
        track.lon_deg[ends],
        np.full(len(ends), scores.asset),
    )
    probability = float(scores.value[first : upto + 1].max())
    hits = np.flatnonzero(np.isfinite(met.fraction))
    if not len(hits):
        return _alongside(track, rows, ends, probability)
    hit = int(hits[0])
    step_us = int(track.time_us[ends[hit]] - track.time_us[before[hit]])
    passage = Passage(
        probability,
        int(track.time_us[before[hit]] + round(step_us * float(met.fraction[hit]))),
        step_us / 2 / SECOND_US,
        float(met.km_along[hit]),
        float(met.angle_deg[hit]),
    )
    return Detail(_reasons(track, int(ends[hit]), probability), 0.0, passage)


def _alongside(track: Track, rows: AssetRows, ends: I64, probability: float) -> Detail:
    nearest = int(ends[np.argmin(rows.distance_m[ends])])
    passage = Passage(probability, None, None, float(rows.km_along[nearest]), None)
    return Detail(_reasons(track, nearest, probability), float(rows.distance_m[nearest]), passage)


def _reasons(track: Track, at: int, probability: float) -> tuple[Reason, ...]:
    reasons = [Reason("probability_over", round(probability, 3), 0.5, "1")]
    if np.isfinite(track.sog_kn[at]):
        reasons.append(Reason("crossing_speed", round(float(track.sog_kn[at]), 1), None, "kn", 0.5))
    return tuple(reasons)


BEHAVIOUR = Behaviour(
    name="crossing",
    params=CrossingParams(),
    history_s=0.0,
    rule=lambda p: Rule(on=p.min_probability, off=p.min_probability, max_gap_s=p.max_visit_s),
    score=score,
    detail=detail,
    about_assets=True,
)
