"""Zigzag: for hours the ship goes to and fro beside an asset, under power.

In a sailor's words: she keeps three or four knots on, turns, comes back, turns again, and after a whole
watch is still beside the cable. So went the ship that then broke Taiwan-Penghu No. 3 (2025): 56 hours
of zigzag half a mile and more off the line before her anchor went down.

The rule: within three hours she turns back four times or more (by 120 degrees against a quarter of an hour
before), at 1.5 to 6 kn all the while, ends no farther from where she was than a quarter of the way she
made, and comes within a mile of the asset (plus its uncertainty). Told from her log, five minutes to a
row. A ship whose engine is stopped goes slower than that, one that steams up and down to wait for a
berth has longer legs; `loitering` is the half hour of it, close by.

What it misses: ships that drift or lie between their turns, legs of an hour or of less than ten minutes,
circles, zigzags that make good more than a quarter.

Innocent readings: fishing, survey, dredging, guard and cable work, sailing and pleasure (by type a
quarter of the weight); sea trials, and steaming to and fro to wait for a berth or a pilot.

Cases: tests/behaviours/test_zigzag.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.behaviours.detect import Behaviour, Detail, logged
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.legs import ShipLegs, ship_legs, ships_near
from seavigil.behaviours.surroundings import REACH_M, Surroundings
from seavigil.behaviours.trades import HELD_TO_THE_GROUND
from seavigil.behaviours.windows import angle_between_deg, window_first_row
from seavigil.events import Reason
from seavigil.records import SECOND_US
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

_BIN_S = 300.0


@dataclass(frozen=True)
class ZigzagParams:
    """All own choices. ``window_s``: longer than ships wait for a pilot. ``min_sog_kn``: below it she drifts,
    ``max_sog_kn``: above it she is on passage. ``share``: so much of the window, as reports are missed.
    ``turns``: waiting ships turn back two or three times; ``turn_deg`` within ``turn_bins`` rows is more than
    a bend. ``max_straightness``: a tack to windward makes good more.
    """

    window_s: float = 3 * 3600.0
    min_sog_kn: float = 1.5
    max_sog_kn: float = 6.0
    share: float = 0.9
    turns: int = 4
    turn_deg: float = 120.0
    turn_bins: int = 3
    max_straightness: float = 0.25


def score(track: Track, surroundings: Surroundings, params: ZigzagParams) -> Iterable[Scores]:
    """Score the turns beside an asset in windows full of to and fro, 1 where they suffice."""
    legs = ship_legs(track, surroundings)
    if legs is None:
        return
    stays = _stays(legs, params)
    for about in legs.about:
        near = np.concatenate([[0], np.cumsum(about.near)])
        value = np.where(near[1:] > near[_window(legs, params)], stays, 0.0)
        if (value >= 1.0).any():
            yield logged(track, legs.log, value, about.asset)


def screen_log(surroundings: Surroundings, rows: I64, params: ZigzagParams) -> Bool:
    """She must have come near an asset and kept slow way on for most of the window."""
    log = surroundings.log
    may = ships_near(surroundings, rows)
    least = int(np.ceil(params.share * params.window_s / _BIN_S - 1e-9))
    earlier, hers = log.earlier(rows, least - 1)
    may &= hers & (log.last_us[earlier] > log.last_us[rows] - int(params.window_s * SECOND_US))
    slow = (log.sog_kn >= params.min_sog_kn) & (log.sog_kn <= params.max_sog_kn)
    at = np.flatnonzero(may)
    count = np.zeros(len(at), dtype=np.int64)
    for back in range(int(params.window_s / _BIN_S) + 1):
        earlier, hers = log.earlier(rows[at], back)
        count += hers & slow[earlier]
    may[at] = count >= least
    return may


def _window(legs: ShipLegs, params: ZigzagParams) -> I64:
    return window_first_row(legs.log.last_us, int(params.window_s * SECOND_US))


def _stays(legs: ShipLegs, params: ZigzagParams) -> F64:
    """Give her turns as a share of those wanted, 1 at most, where she kept slow way on and got nowhere."""
    log, first, row = legs.log, _window(legs, params), np.arange(len(legs.log))
    slow = (log.sog_kn >= params.min_sog_kn) & (log.sog_kn <= params.max_sog_kn)
    slow &= ~np.isin(log.nav_status, HELD_TO_THE_GROUND)
    total = np.concatenate([[0], np.cumsum(slow)])
    kept = (total[row + 1] - total[first]) * _BIN_S >= params.share * params.window_s
    kept &= log.last_us - log.first_us[first] >= int((params.window_s - 2 * _BIN_S) * SECOND_US)
    turned = np.concatenate([[0], np.cumsum(_turns(legs, params))])
    share = np.minimum((turned[row + 1] - turned[first]) / params.turns, 1.0)
    made_m = geodesy.distance_m(log.lat_deg[first], log.lon_deg[first], log.lat_deg, log.lon_deg)
    way_m = (legs.path_mm - legs.path_mm[first]) / 1000.0
    return np.where(kept & (made_m <= params.max_straightness * way_m), share, 0.0)


def _turns(legs: ShipLegs, params: ZigzagParams) -> Bool:
    """Tell the rows in which she had just turned back, against a row shortly before.

    One turn may show in several rows, against the same row before it, or spread over two: it counts once.
    """
    cog_deg, row = legs.log.cog_deg, np.arange(len(legs.log))
    against = np.full(len(row), -1)  # the newest row shortly before in which she went the other way
    for back in range(min(params.turn_bins, len(row) - 1), 0, -1):
        turned = angle_between_deg(cog_deg[back:], cog_deg[:-back]) > params.turn_deg
        against[back:] = np.where(turned, row[:-back], against[back:])
    earlier = np.concatenate([[-1], against[:-1]])
    new = against > earlier
    return np.asarray(new & ~np.concatenate([[False], new[:-1]]))


def detail(
    track: Track, surroundings: Surroundings, params: ZigzagParams, scores: Scores, first: int, upto: int
) -> Detail:
    """Say for how long, how fast and how near she went to and fro up to score ``upto``."""
    legs = ship_legs(track, surroundings)
    assert legs is not None
    about = next(a for a in legs.about if a.asset == scores.asset)
    offset = len(legs.log) - len(scores.value)
    begin, last = int(_window(legs, params)[offset + first]), offset + upto
    log, rows = legs.log, slice(begin, last + 1)
    made_m = geodesy.distance_m(log.lat_deg[begin], log.lon_deg[begin], log.lat_deg[last], log.lon_deg[last])
    way_m = max(float(legs.path_mm[last] - legs.path_mm[begin]) / 1000.0, 1.0)
    nearest_m = float(np.minimum(about.begin_m[rows], about.end_m[rows]).min())
    nearest_m = 0.0 if about.crossings[rows].any() else nearest_m
    lasted_s = (log.last_us[last] - log.first_us[begin]) / SECOND_US
    reasons = (
        Reason("to_and_fro_for", round(float(lasted_s)), params.window_s, "s", 2.0),
        Reason("turned_back", int(_turns(legs, params)[rows].sum()), params.turns, "times", 1.5),
        Reason("made_good_share", round(float(made_m) / way_m, 2), params.max_straightness, "1"),
        Reason("to_and_fro_speed", round(float(np.nanmedian(log.sog_kn[rows])), 1), params.max_sog_kn, "kn"),
        Reason("nearest", round(nearest_m), REACH_M, "m", 0.5),
    )
    return Detail(reasons, nearest_m, began_us=int(log.first_us[begin]))


BEHAVIOUR = Behaviour(
    name="zigzag",
    params=ZigzagParams(),
    history_s=900.0,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=3600.0, max_duration_s=12 * 3600.0),
    score=score,
    detail=detail,
    about_assets=True,
    of_log=True,
    screen_log=screen_log,
)
