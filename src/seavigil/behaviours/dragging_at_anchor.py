"""Dragging at anchor: the ship leaves the circle that her anchor lets her swing on.

In a sailor's words: she lies to her anchor, and her anchor does not hold: she goes astern or sideways
down the wind, her head still up to it.

The rule: a ship at anchor turns about it, so that her place and her heading change together: when she has
swung through the angle ``a`` she is ``2 R sin(a / 2)`` away from where she was, ``R`` being chain and hull at
most. A ship whose anchor drags goes away and keeps her head into the wind. So: over the last 15 or 30
minutes she has come farther than the swing that her change of heading explains and veering more chain
would take her; and not ahead, which is how a ship leaves. At the beginning of that time she said "at
anchor", or had lain still for half an hour and now goes astern (which ships at work do by trade: they
are left out). Without a heading she may have swung right round.

What it misses: drags shorter than the allowance (some 200 m, or a swing right round without a heading)
or slower than some 0.3 kn, ships that lay still for less than half an hour and do not say "at anchor", a
drag ahead on a foul tide.

Innocent readings: shifting berth stern first, a tug pulling her off, anchor aweigh and drifting before the
engine is put ahead, dredging an anchor on purpose in a narrow.

Cases: tests/behaviours/test_dragging_at_anchor.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.behaviours.detect import ALIVE, NO_ROOM, Behaviour, Detail, Quiet, by_rung
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.steps import Steps
from seavigil.behaviours.surroundings import Surroundings
from seavigil.behaviours.trades import AT_WORK, FISHING
from seavigil.behaviours.windows import angle_between_deg, held_from_us, held_us, window_first_row
from seavigil.events import Reason
from seavigil.records import SECOND_US, Transceiver
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

AT_ANCHOR, MOORED, AGROUND = 1, 5, 6
#: "Other" types (ITU-R M.1371-5, table 53): offshore and cable vessels mostly.
OTHER = range(90, 100)

#: Room for all steps that a ship makes who does not lie at anchor.
_NOT_ANCHORED = 1e6


@dataclass(frozen=True)
class DraggingAtAnchorParams:
    """``chain_m``: ten shackles of 27.5 m, which is about what a merchant ship carries on one side.
    ``max_sog_kn``: APLSYD-2008, SANPEDRO-2021 and CATS-2007 dragged at 0.4 to 3 kn. ``veer_m``: six shackles
    more paid out. ``usual_length_m``: of a ship that does not tell her length.

    Own choices: ``windows_s``; ``ahead_deg``, a ship that goes within it of her heading is under way;
    ``astern_deg``, one that only lay still must go beyond it, as drifting ships lie across;
    ``fix_m``, two fixes; ``rungs``, told again when she has come twice and four times as far, over at
    ``off_share`` of each; ``still_sog_kn``, yawing at anchor; ``share``, one odd report in ten breaks
    nothing; ``max_gap_s``, three missed reports of a ship at anchor (ITU-R M.1371-5 table 1).
    """

    windows_s: tuple[float, ...] = (900.0, 1800.0)
    rungs: tuple[float, ...] = (1.0, 2.0, 4.0)
    off_share: float = 0.5
    chain_m: float = 275.0
    usual_length_m: float = 200.0
    veer_m: float = 165.0
    fix_m: float = 40.0
    ahead_deg: float = 60.0
    astern_deg: float = 135.0
    still_sog_kn: float = 0.8
    still_s: float = 1800.0
    max_sog_kn: float = 4.0
    share: float = 0.9
    max_gap_s: float = 600.0


@dataclass(frozen=True)
class _Moved:
    """How each row lies to where she was when its window began."""

    first: I64
    away_m: F64
    allowed_m: F64
    ahead: NDArray[np.bool_]
    astern: NDArray[np.bool_]


def score(track: Track, surroundings: Surroundings, params: DraggingAtAnchorParams) -> Iterable[Scores]:
    """Score how far she has come as a multiple of what swinging and veering allow, in the best window."""
    said = track.nav_status == AT_ANCHOR
    lay = _lay(track, params) & ~_at_work(track, surroundings)
    if not (said | lay).any():
        return
    best = np.zeros(len(track))
    for window_s in params.windows_s:
        moved = _moved(track, surroundings, window_s, params)
        slow = track.sog_kn <= params.max_sog_kn
        loose = ~np.isin(track.nav_status, (MOORED, AGROUND)) & (track.transceiver != Transceiver.CLASS_B)
        counts = (said[moved.first] & ~moved.ahead) | (lay[moved.first] & moved.astern)
        counts &= slow & loose
        best = np.maximum(best, np.where(counts, moved.away_m / moved.allowed_m, 0.0))
    for value in by_rung(np.nan_to_num(best), params.rungs, params.off_share):
        yield Scores(track.time_us, value)


def screen(steps: Steps, params: DraggingAtAnchorParams) -> F64:
    """Weigh a slow row's step by the least that is too far; that she gets fast, or anchors, weighs more."""
    places = (steps.before_lat_deg, steps.before_lon_deg, steps.lat_deg, steps.lon_deg)
    step = np.nan_to_num(geodesy.plane_distance_m(*places)) / (params.veer_m + params.fix_m)
    fast, was_fast = steps.sog_kn > params.max_sog_kn, steps.before_sog_kn > params.max_sog_kn
    anchors = (steps.nav_status == AT_ANCHOR) & (steps.before_nav_status != AT_ANCHOR)
    return np.where(fast, np.where(was_fast, 0.0, 1.0), step) + np.where(anchors, 2.0 * _NOT_ANCHORED, 0.0)


def quiet(track: Track, surroundings: Surroundings, params: DraggingAtAnchorParams) -> Quiet:
    """Without having said so lately, or lain still for long, she lies at no anchor; else she must go far."""
    if not len(track):
        return Quiet()
    lately = track.time_us > track.time_us[-1] - int(max(params.windows_s) * SECOND_US)
    if (track.nav_status[lately] == AT_ANCHOR).any() or _lay(track, params)[lately].any():
        return Quiet(room=_left(track.rows(lately), params))
    lay_us = held_from_us(
        track.sog_kn < params.still_sog_kn,
        track.time_us,
        window_us=int(params.still_s * SECOND_US),
        max_gap_us=int(params.max_gap_s * SECOND_US),
        share=params.share,
    )
    return Quiet(room=_NOT_ANCHORED, again_us=lay_us)


def _left(track: Track, params: DraggingAtAnchorParams) -> float:
    """Give how far she may yet go from any of these rows before it is too far, as a share of that."""
    if track.sog_kn[-1] > params.max_sog_kn:
        return NO_ROOM  # what she goes while fast is not weighed
    away_m = geodesy.plane_distance_m(track.lat_deg, track.lon_deg, track.lat_deg[-1], track.lon_deg[-1])
    return float(max(0.98 - away_m.max() / (params.veer_m + params.fix_m), NO_ROOM))


def _lay(track: Track, params: DraggingAtAnchorParams) -> NDArray[np.bool_]:
    """Say in which rows she had lain still for half an hour."""
    still = track.sog_kn < params.still_sog_kn
    window_us, gap_us = int(params.still_s * SECOND_US), int(params.max_gap_s * SECOND_US)
    held = held_us(still, track.time_us, window_us=window_us, max_gap_us=gap_us)
    return np.asarray(held >= params.share * window_us)


def _at_work(track: Track, surroundings: Surroundings) -> NDArray[np.bool_]:
    """Say in which rows she was known to be a ship that lies still and shifts by trade."""
    out = np.zeros(len(track), dtype=np.bool_)
    for since_us, kind in surroundings.statics.changes(track.mmsi, "ship_type", int(track.time_us[-1])):
        out[track.time_us >= since_us] = kind == FISHING or kind in AT_WORK or kind in OTHER
    return out


def _moved(
    track: Track, surroundings: Surroundings, window_s: float, params: DraggingAtAnchorParams
) -> _Moved:
    first = np.minimum(window_first_row(track.time_us, int(window_s * SECOND_US)), np.arange(len(track)))
    lat, lon = track.lat_deg, track.lon_deg
    away_m = geodesy.distance_m(lat[first], lon[first], lat, lon)
    towards_deg = geodesy.bearing_deg(lat[first], lon[first], lat, lon)
    ahead_deg = angle_between_deg(towards_deg, track.heading_deg)
    swung_deg = angle_between_deg(track.heading_deg, track.heading_deg[first])
    swung_deg = np.where(np.isfinite(swung_deg), swung_deg, 180.0)
    radius_m = params.chain_m + _length_m(track, surroundings, params)
    allowed_m = 2.0 * radius_m * np.sin(np.radians(swung_deg) / 2.0) + params.veer_m + params.fix_m
    ahead, astern = ahead_deg < params.ahead_deg, ahead_deg > params.astern_deg
    return _Moved(first, away_m, allowed_m, ahead, astern)


def _length_m(track: Track, surroundings: Surroundings, params: DraggingAtAnchorParams) -> F64:
    """Give her length as known at each row."""
    out = np.full(len(track), params.usual_length_m)
    for since_us, value in surroundings.statics.changes(track.mmsi, "length_m", int(track.time_us[-1])):
        if value:
            out[track.time_us >= since_us] = value
    return out


def detail(
    track: Track,
    surroundings: Surroundings,
    params: DraggingAtAnchorParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say how far she has come, what swinging explains of it, and how fast she goes."""
    options = [_moved(track, surroundings, window_s, params) for window_s in params.windows_s]
    best = max(options, key=lambda m: _share(m, first))
    now = max(options, key=lambda m: _share(m, upto))
    begin = int(best.first[first])
    rows = slice(begin, upto + 1)
    lasted_s = (track.time_us[upto] - track.time_us[begin]) / SECOND_US
    reasons = [
        Reason("left_swing", round(float(now.away_m[upto])), round(float(now.allowed_m[upto])), "m", 2.0),
        Reason("dragged_at", round(float(np.nanmedian(track.sog_kn[rows])), 1), params.max_sog_kn, "kn"),
        Reason("dragged_for", round(float(lasted_s)), None, "s"),
    ]
    if (track.nav_status[rows] == AT_ANCHOR).any():
        reasons.append(Reason("status_at_anchor", AT_ANCHOR, None, ""))
    return Detail(tuple(reasons), began_us=int(track.time_us[begin]))


def _share(moved: _Moved, row: int) -> float:
    return 0.0 if moved.ahead[row] else float(moved.away_m[row] / moved.allowed_m[row])


BEHAVIOUR = Behaviour(
    name="dragging_at_anchor",
    params=DraggingAtAnchorParams(),
    history_s=max(DraggingAtAnchorParams.windows_s)
    + DraggingAtAnchorParams.still_s
    + DraggingAtAnchorParams.max_gap_s,
    rule=lambda p: Rule(on=p.rungs[0], off=ALIVE / 2, max_gap_s=3600.0, max_duration_s=24 * 3600.0),
    score=score,
    detail=detail,
    least_room=_NOT_ANCHORED,
    again_s=DraggingAtAnchorParams.share * DraggingAtAnchorParams.still_s - 1.0,
    screen=screen,
    quiet=quiet,
)
