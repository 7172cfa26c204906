"""Drifting: the ship moves slowly and not where she points, or says she is not under command.

In a sailor's words: engine stopped or lost, the ship is set down by wind and current, beam on,
her head well off the way she makes; or her lights and AIS say "not under command".

Source of the rule and of its defaults: the drift test of the Danish Maritime Authority's
abnormal-behaviour system (AisAbnormal): SOG 1 to 5 kn, course and heading more than 45 degrees
apart, kept up for 10 minutes and 500 m. As there, the event begins when all of that has been
kept up, not when the ship first slowed; the reason ``drifted_for`` says how long it had lasted.

What it misses: ships that send no heading (most class B), ships that drift with their head near
the course made good, anything faster than 5 kn, and a ship that drifts back and forth within 500 m.

Innocent readings: a ship waiting for a berth or orders with engines stopped, one fishing with
lines or nets out, a tug working sideways, a sailing vessel hove to, a survey or cable ship on
dynamic positioning.

Cases: tests/behaviours/test_drifting.py (fires: FRIO, Kattegat 2014; near miss: a crabbing ferry).
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
from seavigil.behaviours.windows import (
    angle_between_deg,
    held_from_us,
    held_us,
    made_good_m,
    window_first_row,
)
from seavigil.events import Reason
from seavigil.records import SECOND_US
from seavigil.track import Track

NOT_UNDER_COMMAND = 2


@dataclass(frozen=True)
class DriftingParams:
    """Defaults are those of the DMA drift rule, but for the last three.

    ``way_window_s``: the 500 m may be made within half an hour, which 1 kn needs 16 min for.
    ``share``: part of the window that must fulfil the rule; one odd heading in ten may not break
    it. ``max_gap_s``: six missed class A reports at the slow rate of 10 s or a class B gap of
    3 min and some (ITU-R M.1371-5 table 1), then nothing is known of what lies between.
    """

    min_sog_kn: float = 1.0
    max_sog_kn: float = 5.0
    min_split_deg: float = 45.0
    window_s: float = 600.0
    min_displacement_m: float = 500.0
    way_window_s: float = 1800.0
    share: float = 0.9
    max_gap_s: float = 240.0


def score(track: Track, surroundings: Surroundings, params: DriftingParams) -> Iterable[Scores]:
    """Score 1 where the rule has been kept up over the whole window, less as it is less so."""
    window_us = int(params.window_s * SECOND_US)
    drifts = _drifts(track, params)
    if not drifts.any():
        return
    max_gap_us = int(params.max_gap_s * SECOND_US)
    held = held_us(drifts, track.time_us, window_us=window_us, max_gap_us=max_gap_us)
    adrift = drifts & (np.diff(track.time_us, prepend=track.time_us[:1]) <= max_gap_us)
    made_m = made_good_m(track, adrift, int(params.way_window_s * SECOND_US))
    yield Scores(
        track.time_us, np.minimum(held / (params.share * window_us), made_m / params.min_displacement_m)
    )


def _drifts(track: Track, params: DriftingParams) -> NDArray[np.bool_]:
    slow = (track.sog_kn >= params.min_sog_kn) & (track.sog_kn <= params.max_sog_kn)
    split = angle_between_deg(track.cog_deg, track.heading_deg) > params.min_split_deg
    loose = ~np.isin(track.nav_status, HELD_TO_THE_GROUND)
    return np.asarray(slow & loose & (split | (track.nav_status == NOT_UNDER_COMMAND)))


def quiet(track: Track, surroundings: Surroundings, params: DriftingParams) -> Quiet:
    """She must have drifted for most of the window."""
    until_us = held_from_us(
        _drifts(track, params),
        track.time_us,
        window_us=int(params.window_s * SECOND_US),
        max_gap_us=int(params.max_gap_s * SECOND_US),
        share=params.share,
    )
    return Quiet(until_us)


def detail(
    track: Track, surroundings: Surroundings, params: DriftingParams, scores: Scores, first: int, upto: int
) -> Detail:
    """Say how fast, how far off her heading and for how long she drifted up to row ``upto``."""
    begin = int(window_first_row(track.time_us, int(params.window_s * SECOND_US))[first])
    rows = slice(begin, upto + 1)
    split_deg = angle_between_deg(track.cog_deg[rows], track.heading_deg[rows])
    lasted_s = (track.time_us[upto] - track.time_us[begin]) / SECOND_US
    reasons = [
        Reason("drift_speed", round(float(np.nanmedian(track.sog_kn[rows])), 1), params.max_sog_kn, "kn"),
        Reason("drifted_for", round(float(lasted_s)), params.window_s, "s"),
    ]
    if np.isfinite(split_deg).any():
        reasons.insert(
            0,
            Reason(
                "course_heading_split",
                round(float(np.nanmedian(split_deg))),
                params.min_split_deg,
                "deg",
                2.0,
            ),
        )
    if (track.nav_status[rows] == NOT_UNDER_COMMAND).any():
        reasons.append(Reason("status_not_under_command", 2, None, "", 2.0))
    return Detail(tuple(reasons))


BEHAVIOUR = Behaviour(
    name="drifting",
    params=DriftingParams(),
    history_s=DriftingParams.way_window_s + DriftingParams.max_gap_s,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=p.max_gap_s * 5),
    score=score,
    detail=detail,
    least_s=DriftingParams.share * DriftingParams.window_s - 1.0,
    quiet=quiet,
)
