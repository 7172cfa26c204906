"""Watchlisted near: a ship on a list comes within reach of an asset.

In a sailor's words: one of those we were told to look out for is over there, by the cable.

A list is context, not evidence: most listed ships pass like all others, and most damage was done by
ships on no list. So the reasons weigh little, and alone it is never more than information. It is told for
each asset she comes within a nautical mile of (its uncertainty added); a namesake only as possible.

What it misses: ships that send another identity than the listed one, and everything not on the list.

Innocent readings: ordinary passage, a namesake, a number that has gone to another ship, a list that is
out of date.

Cases: tests/behaviours/test_watchlisted_near.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.detect import Behaviour, Detail, Quiet
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.steps import Steps
from seavigil.behaviours.surroundings import Surroundings
from seavigil.events import Reason
from seavigil.normal.watchlist import MatchedBy
from seavigil.records import END_OF_DATA_US
from seavigil.track import Track
from seavigil.vessel import Static

_FIELDS = ("imo", "name", "callsign")

Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class WatchlistedNearParams:
    """Own choices: a nautical mile, the reach of everything judged about assets; half an hour unheard
    ends it; under 5 kn a merchant ship is slow, as in the drift rule of the Danish Maritime Authority.
    """

    within_m: float = 1852.0
    slow_kn: float = 5.0
    max_gap_s: float = 1800.0


def screen(steps: Steps, params: WatchlistedNearParams) -> Bool:
    """Only a row that comes near an asset can score."""
    return steps.near


def quiet(track: Track, surroundings: Surroundings, params: WatchlistedNearParams) -> Quiet:
    """Without a list nobody is on it."""
    return Quiet() if len(surroundings.watchlist) else Quiet(END_OF_DATA_US)


def score(track: Track, surroundings: Surroundings, params: WatchlistedNearParams) -> Iterable[Scores]:
    """Score 1 for each row at which she was known as listed and was within reach of the asset."""
    near = surroundings.near(track) if len(surroundings.watchlist) and len(track) else []
    if not near:
        return
    listed = _matched_by(track, surroundings) > 0
    if not listed.any():
        return
    for rows in near:
        reach_m = params.within_m + surroundings.asset(rows.asset).position_uncertainty_m
        within = listed & rows.near & (rows.distance_m <= reach_m)
        if within.any():
            yield Scores(track.time_us, within.astype(np.float64), rows.asset)


def _matched_by(track: Track, surroundings: Surroundings) -> NDArray[np.int64]:
    """Give how she was matched (``MatchedBy``) with what was known at each row; 0: not listed."""
    statics, mmsi = surroundings.statics, track.mmsi
    own = track.vessel_part == 0  # whose static data these are is not known when ships share an MMSI
    until_us = int(track.time_us[-1])
    times = sorted({t for f in _FIELDS for t, _ in statics.changes(mmsi, f, until_us)}) if own else []
    known = [Static(mmsi), *(statics.known(mmsi, t) for t in times)]
    matches = [surroundings.watchlist.match(ship) for ship in known]
    by = np.array([0 if match is None else int(match.by) for match in matches], dtype=np.int64)
    return np.asarray(by[np.searchsorted(times, track.time_us, side="right")])


def detail(
    track: Track,
    surroundings: Surroundings,
    params: WatchlistedNearParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say by what she was matched, how near she came and how slowly she went there."""
    rows = slice(first, upto + 1)
    near = next(n for n in surroundings.near(track) if n.asset == scores.asset)
    nearest_m = float(np.min(near.distance_m[rows]))
    by = MatchedBy(int(_matched_by(track, surroundings)[rows].max()))
    reasons = [_LISTED[by], Reason("nearest", round(nearest_m), params.within_m, "m", 0.5)]
    sog_kn = track.sog_kn[rows]
    if np.isfinite(sog_kn).any() and float(np.nanmedian(sog_kn)) < params.slow_kn:
        slow_kn = round(float(np.nanmedian(sog_kn)), 1)
        reasons.append(Reason("listed_and_slow", slow_kn, params.slow_kn, "kn", 0.5))
    return Detail(tuple(reasons), distance_m=nearest_m)


_LISTED = {
    MatchedBy.IMO: Reason("listed_by_imo", 1, 0, "", 1.0),
    MatchedBy.MMSI: Reason("listed_by_mmsi", 1, 0, "", 0.8),
    MatchedBy.NAME_AND_CALLSIGN: Reason("listed_by_name_and_callsign", 1, 0, "", 0.8),
    MatchedBy.NAME: Reason("possibly_listed_by_name", 1, 0, "", 0.3),
}


BEHAVIOUR = Behaviour(
    name="watchlisted_near",
    params=WatchlistedNearParams(),
    history_s=0.0,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=p.max_gap_s),
    score=score,
    detail=detail,
    about_assets=True,
    screen=screen,
    quiet=quiet,
)
