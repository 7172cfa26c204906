"""Anchored near: the ship lies at anchor, or lies still, close to a subsea asset.

In a sailor's words: she has let go her anchor where a cable or pipeline lies within her swing.

The rule: for 20 minutes her reports lie within half a nautical mile of the asset (plus its
uncertainty), she makes less than 1 kn or says "at anchor" at less than 3 kn, and she has not
moved more than 500 m. Half a nautical mile is what charted cable areas commonly keep clear on
either side; 1 kn is about what yawing at anchor shows; 500 m is the swing of a large ship on
eight shackles of chain (8 x 27.4 m, plus her length, to both sides of her anchor).

What it misses: ships that drag (see `drifting`), ships moored (status "moored") at a berth.

Innocent readings: a charted anchorage beside the route, a berth with the wrong status sent, a
guard, dive, cable or wind-farm service vessel, a fishing boat at rest.

Cases: tests/behaviours/test_anchored_near.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.detect import Behaviour, Detail, Quiet
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.surroundings import Surroundings
from seavigil.behaviours.windows import displacement_m, held_from_us, held_us, window_first_row
from seavigil.events import Reason
from seavigil.records import SECOND_US
from seavigil.track import Track

Bool = NDArray[np.bool_]

AT_ANCHOR, MOORED = 1, 5


@dataclass(frozen=True)
class AnchoredNearParams:
    """``within_m`` is added to the asset's uncertainty. See the module text for the sources.

    Own choices: ``share``, so that one odd report in ten breaks nothing; ``max_gap_s``, four missed
    reports of a ship at anchor (3 min, ITU-R M.1371-5 table 1), which lies there meanwhile.
    """

    within_m: float = 926.0
    still_sog_kn: float = 1.0
    at_anchor_sog_kn: float = 3.0
    window_s: float = 1200.0
    swing_m: float = 500.0
    share: float = 0.9
    max_gap_s: float = 900.0


def score(track: Track, surroundings: Surroundings, params: AnchoredNearParams) -> Iterable[Scores]:
    """Score 1 where she has lain still near a subsea line over the whole window."""
    still = _still(track, params)
    if not still.any():
        return
    window_us = int(params.window_s * SECOND_US)
    for rows in surroundings.near(track):
        asset = surroundings.asset(rows.asset)
        lies = still & (rows.distance_m <= params.within_m + asset.position_uncertainty_m)
        if asset.shape != "line" or not lies.any():
            continue
        held = held_us(lies, track.time_us, window_us=window_us, max_gap_us=int(params.max_gap_s * SECOND_US))
        stays = params.swing_m / np.maximum(displacement_m(track, window_us), 1.0)
        yield Scores(track.time_us, np.minimum(held / (params.share * window_us), stays), rows.asset)


def _still(track: Track, params: AnchoredNearParams) -> Bool:
    anchored = track.nav_status == AT_ANCHOR
    still = (track.sog_kn < params.still_sog_kn) | (anchored & (track.sog_kn < params.at_anchor_sog_kn))
    return np.asarray(still & (track.nav_status != MOORED))


def quiet(track: Track, surroundings: Surroundings, params: AnchoredNearParams) -> Quiet:
    """She must have lain still near one line for most of the window."""
    near = np.zeros(len(track), dtype=np.bool_)
    for rows in surroundings.near(track):
        near |= rows.distance_m <= params.within_m + surroundings.asset(rows.asset).position_uncertainty_m
    until_us = held_from_us(
        near & _still(track, params),
        track.time_us,
        window_us=int(params.window_s * SECOND_US),
        max_gap_us=int(params.max_gap_s * SECOND_US),
        share=params.share,
    )
    return Quiet(until_us)


def detail(
    track: Track,
    surroundings: Surroundings,
    params: AnchoredNearParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say how near and for how long up to row ``upto``."""
    begin = int(window_first_row(track.time_us, int(params.window_s * SECOND_US))[first])
    near = next(r for r in surroundings.near(track) if r.asset == scores.asset)
    rows = slice(begin, upto + 1)
    nearest_m = float(near.distance_m[rows].min())
    lasted_s = (track.time_us[upto] - track.time_us[begin]) / SECOND_US
    reasons = [
        Reason("lay_near_for", round(float(lasted_s)), params.window_s, "s"),
        Reason("nearest", round(nearest_m), params.within_m, "m"),
    ]
    if (track.nav_status[rows] == AT_ANCHOR).any():
        reasons.append(Reason("status_at_anchor", AT_ANCHOR, None, ""))
    return Detail(tuple(reasons), nearest_m, began_us=int(track.time_us[begin]))


BEHAVIOUR = Behaviour(
    name="anchored_near",
    params=AnchoredNearParams(),
    history_s=AnchoredNearParams.window_s + AnchoredNearParams.max_gap_s,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=3600.0, max_duration_s=12 * 3600.0),
    score=score,
    detail=detail,
    about_assets=True,
    least_s=AnchoredNearParams.share * AnchoredNearParams.window_s - 1.0,
    quiet=quiet,
)
