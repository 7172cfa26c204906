"""Loitering: the ship stays near an asset, under way but going nowhere.

In a sailor's words: she dawdles, circles or goes up and down by the cable instead of passing.

The rule: for half an hour all her reports lie within a nautical mile of the asset (plus its
uncertainty) at 0.5 to 5 kn, and she ends up no farther from where she was than half the way she
made. 5 kn and below is manoeuvring speed, at which a ship on passage is not found in open water;
the half hour is the observation time of the published low-speed-near-cable rule; the straightness
of 0.5 parts circling and zigzag from a slow straight passage.

What it misses: ships that pass slowly in a straight line, visits shorter than half an hour.

Innocent readings: waiting for a pilot, berth or tide; fishing; survey, cable and guard vessels at
work; training. Loitering near an asset is usually innocent (SGV Flot, 51 h, 2025).

Cases: tests/behaviours/test_loitering.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.detect import Behaviour, Detail, Quiet
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.surroundings import Surroundings
from seavigil.behaviours.trades import HELD_TO_THE_GROUND
from seavigil.behaviours.windows import displacement_m, held_from_us, held_us, path_m, window_first_row
from seavigil.events import Reason
from seavigil.records import SECOND_US
from seavigil.track import Track

Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class LoiteringParams:
    """``within_m`` is added to the asset's uncertainty. See the module text for the sources.

    Own choices: ``share``, so that one odd report in ten breaks nothing; ``max_gap_s``, one missed
    class B report (3 min, ITU-R M.1371-5 table 2), after which nothing is known of her way.
    """

    within_m: float = 1852.0
    min_sog_kn: float = 0.5
    max_sog_kn: float = 5.0
    window_s: float = 1800.0
    max_straightness: float = 0.5
    share: float = 0.9
    max_gap_s: float = 400.0


def score(track: Track, surroundings: Surroundings, params: LoiteringParams) -> Iterable[Scores]:
    """Score 1 where she has dawdled near the asset over the whole window and got nowhere."""
    slow = _slow(track, params)
    if not slow.any():
        return
    window_us = int(params.window_s * SECOND_US)
    for rows in surroundings.near(track):
        reach_m = params.within_m + surroundings.asset(rows.asset).position_uncertainty_m
        dawdles = slow & (rows.distance_m <= reach_m)
        if not dawdles.any():
            continue
        held = held_us(
            dawdles, track.time_us, window_us=window_us, max_gap_us=int(params.max_gap_s * SECOND_US)
        )
        yield Scores(
            track.time_us, np.minimum(held / (params.share * window_us), _nowhere(track, params)), rows.asset
        )


def _slow(track: Track, params: LoiteringParams) -> Bool:
    slow = (track.sog_kn >= params.min_sog_kn) & (track.sog_kn <= params.max_sog_kn)
    return np.asarray(slow & ~np.isin(track.nav_status, HELD_TO_THE_GROUND))


def quiet(track: Track, surroundings: Surroundings, params: LoiteringParams) -> Quiet:
    """She must have dawdled near one asset for most of the window."""
    near = np.zeros(len(track), dtype=np.bool_)
    for rows in surroundings.near(track):
        near |= rows.distance_m <= params.within_m + surroundings.asset(rows.asset).position_uncertainty_m
    until_us = held_from_us(
        near & _slow(track, params),
        track.time_us,
        window_us=int(params.window_s * SECOND_US),
        max_gap_us=int(params.max_gap_s * SECOND_US),
        share=params.share,
    )
    return Quiet(until_us)


def _nowhere(track: Track, params: LoiteringParams) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Give 1 where the way made good is at most ``max_straightness`` of the way made, less beyond."""
    window_us = int(params.window_s * SECOND_US)
    straight = displacement_m(track, window_us) / np.maximum(path_m(track, window_us), 1.0)
    return np.minimum(1.0, params.max_straightness / np.maximum(straight, 1e-9))


def detail(
    track: Track, surroundings: Surroundings, params: LoiteringParams, scores: Scores, first: int, upto: int
) -> Detail:
    """Say how slow, how near and for how long up to row ``upto``."""
    begin = int(window_first_row(track.time_us, int(params.window_s * SECOND_US))[first])
    near = next(r for r in surroundings.near(track) if r.asset == scores.asset)
    rows = slice(begin, upto + 1)
    lasted_s = (track.time_us[upto] - track.time_us[begin]) / SECOND_US
    nearest_m = float(near.distance_m[rows].min())
    reasons = (
        Reason("stayed_near_for", round(float(lasted_s)), params.window_s, "s"),
        Reason("loiter_speed", round(float(np.nanmedian(track.sog_kn[rows])), 1), params.max_sog_kn, "kn"),
        Reason("nearest", round(nearest_m), params.within_m, "m", 0.5),
    )
    return Detail(reasons, nearest_m, began_us=int(track.time_us[begin]))


BEHAVIOUR = Behaviour(
    name="loitering",
    params=LoiteringParams(),
    history_s=LoiteringParams.window_s + LoiteringParams.max_gap_s,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=3600.0, max_duration_s=12 * 3600.0),
    score=score,
    detail=detail,
    about_assets=True,
    least_s=LoiteringParams.share * LoiteringParams.window_s - 1.0,
    quiet=quiet,
)
