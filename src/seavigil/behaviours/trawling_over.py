"""Trawling over: the ship tows gear along the bottom over a cable or pipeline.

In a sailor's words: she fishes across it, slow and steady with the net out, turning for the next tow.

The rule: for an hour she keeps 2 to 5 kn, in which she crosses the charted line. Of a fishing vessel (type
30, or status "engaged in fishing") that is enough: under way between grounds she goes much faster. One
that does not say what she is must behave like one: she ends no farther from where she was than seven
tenths of the way she made. A ship of any other type is not taken for a trawler.

2 to 5 kn: bottom trawls are towed at some 2.5 to 4.5 kn, and the ship's way over the ground is that with
the tide added or taken off.

What it misses: tows outside two to five knots, a ship that sends a wrong type, lines whose charted position
is no better than a mile (there a crossing of the charted line says little).

Innocent readings: fishing with gear that does not touch the bottom (pelagic trawl, lines); fishing is lawful
over most cables.

Cases: tests/behaviours/test_trawling_over.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.detect import NO_ROOM, Behaviour, Detail, Quiet
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.steps import Steps
from seavigil.behaviours.surroundings import REACH_M, AssetRows, Surroundings
from seavigil.behaviours.trades import ENGAGED_IN_FISHING, FISHING, HELD_TO_THE_GROUND, UNSAID
from seavigil.behaviours.windows import displacement_m, held_from_us, held_us, path_m, window_first_row
from seavigil.events import Reason
from seavigil.records import SECOND_US
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class TrawlingOverParams:
    """``min_sog_kn``, ``max_sog_kn``: see the module text. The rest are own choices: ``window_s``, within
    which a straight passage would be over; ``max_straightness``, laxer than for loitering, as tows are long;
    ``share`` and ``max_gap_s`` as for loitering.
    """

    min_sog_kn: float = 2.0
    max_sog_kn: float = 5.0
    window_s: float = 3600.0
    max_straightness: float = 0.7
    share: float = 0.9
    max_gap_s: float = 400.0


def score(track: Track, surroundings: Surroundings, params: TrawlingOverParams) -> Iterable[Scores]:
    """Score 1 where she has kept trawling speed over the whole window and been over the line in it."""
    tows = _tows(track, params)
    if not tows.any():
        return
    window_us = int(params.window_s * SECOND_US)
    held = held_us(tows, track.time_us, window_us=window_us, max_gap_us=int(params.max_gap_s * SECOND_US))
    kept = held / (params.share * window_us)
    if not (kept >= 1.0).any():
        return
    value = np.minimum(kept, _fishes(track, surroundings, params))
    for rows in surroundings.near(track):
        over = _crossed_in_window(track, rows, surroundings, params)
        if over.any():
            yield Scores(track.time_us, np.where(over > 0, value, 0.0), rows.asset)


def _tows(track: Track, params: TrawlingOverParams) -> Bool:
    tows = (track.sog_kn >= params.min_sog_kn) & (track.sog_kn <= params.max_sog_kn)
    return np.asarray(tows & ~np.isin(track.nav_status, HELD_TO_THE_GROUND))


def screen(steps: Steps, params: TrawlingOverParams) -> Bool:
    """Only a step that comes near an asset can cross it."""
    return steps.near


def quiet(track: Track, surroundings: Surroundings, params: TrawlingOverParams) -> Quiet:
    """She must have kept trawling speed for most of the window, and been near the asset within it."""
    until_us = held_from_us(
        _tows(track, params),
        track.time_us,
        window_us=int(params.window_s * SECOND_US),
        max_gap_us=int(params.max_gap_s * SECOND_US),
        share=params.share,
    )
    return Quiet(until_us, NO_ROOM if surroundings.near(track) else 0.0)


def _crossed_in_window(
    track: Track, rows: AssetRows, surroundings: Surroundings, params: TrawlingOverParams
) -> I64:
    """Count the crossings of the charted line in the window that ends at each row."""
    counts = np.zeros(len(track), dtype=np.int64)
    asset = surroundings.asset(rows.asset)
    ends = np.flatnonzero(rows.near)
    if asset.shape != "line" or asset.position_uncertainty_m > REACH_M or surroundings.assets is None:
        return counts
    lat, lon, which = track.lat_deg, track.lon_deg, np.full(len(ends), rows.asset)
    crossed = surroundings.assets.crossings(lat[ends - 1], lon[ends - 1], lat[ends], lon[ends], which)
    counts[ends] = crossed.count
    total = np.cumsum(counts)
    return np.asarray(total - total[window_first_row(track.time_us, int(params.window_s * SECOND_US))])


def _fishes(track: Track, surroundings: Surroundings, params: TrawlingOverParams) -> F64:
    """Give 1 for a fishing vessel, for one of unsaid type as far as she turns like one, else 0."""
    kind = _ship_type(track, surroundings)
    window_us = int(params.window_s * SECOND_US)
    straight = displacement_m(track, window_us) / np.maximum(path_m(track, window_us), 1.0)
    turns = np.minimum(1.0, params.max_straightness / np.maximum(straight, 1e-9))
    unsaid = np.isnan(kind) | np.isin(kind, UNSAID)
    says_so = (kind == FISHING) | (track.nav_status == ENGAGED_IN_FISHING)
    return np.where(says_so, 1.0, np.where(unsaid, turns, 0.0))


def _ship_type(track: Track, surroundings: Surroundings) -> F64:
    """Give the type of ship that was known at each row, NaN where none was."""
    heard = surroundings.statics.changes(track.mmsi, "ship_type", int(track.time_us[-1]))
    times = np.array([at_us for at_us, _ in heard], dtype=np.int64)
    values = np.array([np.nan, *(np.nan if value is None else float(value) for _, value in heard)])
    return values[np.searchsorted(times, track.time_us, side="right")]


def detail(
    track: Track,
    surroundings: Surroundings,
    params: TrawlingOverParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say how fast, for how long and how often over the line up to row ``upto``."""
    begin = int(window_first_row(track.time_us, int(params.window_s * SECOND_US))[first])
    near = next(r for r in surroundings.near(track) if r.asset == scores.asset)
    counts = _crossed_in_window(track, near, surroundings, params)
    rows = slice(begin, upto + 1)
    lasted_s = (track.time_us[upto] - track.time_us[begin]) / SECOND_US
    reasons = [
        Reason("trawled_for", round(float(lasted_s)), params.window_s, "s"),
        Reason("trawl_speed", round(float(np.nanmedian(track.sog_kn[rows])), 1), params.max_sog_kn, "kn"),
        Reason("crossed_while_trawling", int(counts[first : upto + 1].max()), 1, "times", 2.0),
    ]
    if (_ship_type(track, surroundings)[rows] == FISHING).any():
        reasons.append(Reason("fishing_vessel", FISHING, None, ""))
    if (track.nav_status[rows] == ENGAGED_IN_FISHING).any():
        reasons.append(Reason("status_fishing", ENGAGED_IN_FISHING, None, ""))
    return Detail(tuple(reasons), 0.0, began_us=int(track.time_us[begin]))


BEHAVIOUR = Behaviour(
    name="trawling_over",
    params=TrawlingOverParams(),
    history_s=TrawlingOverParams.window_s + TrawlingOverParams.max_gap_s,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=3600.0, max_duration_s=12 * 3600.0),
    score=score,
    detail=detail,
    about_assets=True,
    least_s=TrawlingOverParams.share * TrawlingOverParams.window_s - 1.0,
    screen=screen,
    quiet=quiet,
)
