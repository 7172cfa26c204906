"""Asset following: the ship goes along a cable or pipeline instead of over it.

In a sailor's words: her track lies on the charted line for miles, bend by bend, as if she were
looking for it or laying something along it.

The rule: leg after leg of her log (five minutes each) lies within the line's corridor (two standard
deviations of its charted position, 250 m at least) and goes along it, and these legs add up to
5 km at no more than 6 kn, or to 20 km at any speed; a slow kilometre counts as four fast ones.

Where a shipping lane lies along the line every ship does so: at sea speed it is a weak sign, and its
reason weighs half.

What it misses: lines known to no better than a mile, beside which a parallel course means nothing;
steps of more than 15 minutes between reports; a ship that follows at more than the corridor's width.

Innocent readings: a lane or fairway along the line; cable, survey and guard ships at work; dredging.

Cases: tests/behaviours/test_asset_following.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.detect import Behaviour, Detail, logged
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.legs import AssetLegs, ShipLegs, rows_along, ship_legs
from seavigil.behaviours.surroundings import REACH_M, Surroundings
from seavigil.behaviours.windows import window_first_row
from seavigil.events import Reason
from seavigil.records import SECOND_US
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class AssetFollowingParams:
    """All own choices. ``band_sigmas``, ``band_m``: 95 % of the offsets, and no less than ships keep a
    course to. ``max_angle_deg``: steering and bends within a leg. ``slow_sog_kn``: cable and survey ships
    work at up to 6 kn, no merchant ship's sea speed is as low. ``slow_m``, ``fast_m``: a straight lane
    seldom stays in a corridor of 500 m for so long. ``window_s``: how long ago counts.
    """

    band_sigmas: float = 2.0
    band_m: float = 250.0
    max_angle_deg: float = 15.0
    slow_sog_kn: float = 6.0
    slow_m: float = 5000.0
    fast_m: float = 20_000.0
    window_s: float = 6 * 3600.0


def score(track: Track, surroundings: Surroundings, params: AssetFollowingParams) -> Iterable[Scores]:
    """Score the way made along the line without a break, as a share of what the rule wants."""
    legs = ship_legs(track, surroundings)
    if legs is None:
        return
    for about in legs.about:
        along = _along(legs, about, surroundings, params)
        if along.any():
            value = _followed_mm(legs, along, params) / (params.fast_m * 1000.0)
            yield logged(track, legs.log, value, about.asset)


def screen_log(surroundings: Surroundings, rows: I64, params: AssetFollowingParams) -> Bool:
    """Only a row whose leg lies in the corridor scores."""
    if surroundings.assets is None:
        return np.zeros(len(rows), dtype=bool)
    assets = range(len(surroundings.assets.assets))
    band_m = [max(params.band_sigmas * surroundings.sigma_m(at), params.band_m) for at in assets]
    return rows_along(surroundings, rows, np.array(band_m))


def _along(
    legs: ShipLegs, about: AssetLegs, surroundings: Surroundings, params: AssetFollowingParams
) -> Bool:
    """Tell which legs lie in the corridor and go along it."""
    if surroundings.asset(about.asset).shape != "line":
        return np.zeros(len(legs.log), dtype=bool)
    band_m = max(params.band_sigmas * surroundings.sigma_m(about.asset), params.band_m)
    inside = (about.begin_m <= band_m) & (about.end_m <= band_m) & (band_m <= REACH_M)
    made_m = np.abs(about.end_km - about.begin_km) * 1000.0
    straight_m = np.cos(np.radians(params.max_angle_deg)) * legs.length_m
    return np.asarray(inside & (made_m > 0) & (made_m >= straight_m))


def _followed_mm(legs: ShipLegs, along: Bool, params: AssetFollowingParams) -> I64:
    """Give the way of the legs along the line since the last that was not, within the window.

    A slow leg counts as much longer as the rule wants less of it.
    """
    slow = legs.log.sog_kn <= params.slow_sog_kn
    times = np.where(slow, round(params.fast_m / params.slow_m), 1)
    total = np.cumsum(np.where(along, np.rint(legs.length_m * 1000.0).astype(np.int64) * times, 0))
    row = np.arange(len(along))
    broken = np.maximum.accumulate(np.where(along, -1, row))
    earlier = window_first_row(legs.log.last_us, int(params.window_s * SECOND_US)) - 1
    before = np.maximum(broken, earlier)
    return np.asarray(total - np.where(before >= 0, total[before], 0))


def detail(
    track: Track,
    surroundings: Surroundings,
    params: AssetFollowingParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say how far and how fast she followed the line up to score ``upto``."""
    legs = ship_legs(track, surroundings)
    assert legs is not None
    about = next(a for a in legs.about if a.asset == scores.asset)
    offset = len(legs.log) - len(scores.value)
    last = offset + upto
    along = _along(legs, about, surroundings, params)
    begin = _begin(along, offset + first, legs, params)
    rows = np.flatnonzero(along[begin : last + 1]) + begin
    followed_m = float(np.rint(legs.length_m[rows] * 1000.0).sum() / 1000.0)
    sog_kn = float(np.nanmedian(legs.log.sog_kn[rows]))
    nearest_m = float(about.end_m[rows].min())
    slow = sog_kn <= params.slow_sog_kn
    wanted_m = params.slow_m if slow else params.fast_m
    reasons = (
        Reason("followed_for", round(followed_m), wanted_m, "m", 2.0 if slow else 0.5),
        Reason("follow_speed", round(sog_kn, 1), params.slow_sog_kn, "kn", 1.0 if slow else 0.5),
    )
    return Detail(reasons, nearest_m, began_us=int(legs.log.first_us[begin]))


def _begin(along: Bool, row: int, legs: ShipLegs, params: AssetFollowingParams) -> int:
    """Give the first leg of the run that ``row`` stands in, within the window."""
    broken = np.flatnonzero(~along[:row])
    earliest = int(window_first_row(legs.log.last_us, int(params.window_s * SECOND_US))[row])
    return max(int(broken[-1]) + 1 if len(broken) else 0, earliest)


BEHAVIOUR = Behaviour(
    name="asset_following",
    params=AssetFollowingParams(),
    history_s=900.0,
    rule=lambda p: Rule(on=1.0, off=0.25, max_gap_s=3600.0, max_duration_s=6 * 3600.0),
    score=score,
    detail=detail,
    about_assets=True,
    of_log=True,
    screen_log=screen_log,
)
