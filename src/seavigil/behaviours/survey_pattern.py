"""Survey pattern: up and down in parallel lines beside or over an asset, like mowing a lawn.

In a sailor's words: she runs a line at four or five knots, turns, runs it back a cable's length over, and
again, always moving on to the same side: what a ship does that maps the bottom, or looks for something on it.

The rule: four lines of at least a quarter of an hour, each straight and at 2 to 7 kn, the next in the
opposite direction within half an hour and at about the same speed, shifted sideways by 20 m to half its
length, always to the same side and by about the same, all about as long; the two before the newest come
within reach of the asset (its uncertainty and a mile). It is told a quarter of an hour into the fourth.
Ships that fish (by type or status) tow in parallel lines too, and are left out. Read from the ship's log,
in bins of five minutes.

What it misses: ships that say they fish; lines shorter than a quarter of an hour, squares and spirals, a
survey farther off.

Innocent readings: hydrographic, wind-farm and cable survey by permit (nearly always; permits are public),
search and rescue, dredging of a field, minehunting exercises, a ship that goes to and fro to wait.

Cases: tests/behaviours/test_survey_pattern.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.behaviours.detect import Behaviour, Detail, logged
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.legs import AssetLegs, ShipLegs, ship_legs, ships_near
from seavigil.behaviours.surroundings import Surroundings
from seavigil.behaviours.trades import ENGAGED_IN_FISHING, FISHING
from seavigil.behaviours.windows import angle_between_deg
from seavigil.events import Reason
from seavigil.records import SECOND_US
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class SurveyPatternParams:
    """All own choices. ``lines``: three turns that fit by chance are rare, two are not. ``least_bins``:
    shorter lines are turns. ``min_sog_kn``, ``max_sog_kn``: speeds at which sonars are towed or read.
    ``max_spread_deg``, ``max_bend_deg``: a line is steered straighter than that. ``max_skew_deg``: parallel.
    ``max_turn_s``: from the end of a line to the next. ``speed_ratio`` (a current along and against),
    ``length_ratio``, ``spacing_ratio``: as alike as lines of one field are. ``min_spacing_m``: less is the
    same line again. ``window_s``: how long ago counts. ``calm_s``: so long after a line it is over.
    """

    lines: int = 4
    least_bins: int = 3
    min_sog_kn: float = 2.0
    max_sog_kn: float = 7.0
    max_spread_deg: float = 12.0
    max_bend_deg: float = 15.0
    max_skew_deg: float = 20.0
    max_turn_s: float = 1800.0
    speed_ratio: float = 1.5
    length_ratio: float = 1.5
    spacing_ratio: float = 2.0
    min_spacing_m: float = 20.0
    window_s: float = 8 * 3600.0
    calm_s: float = 2700.0


@dataclass(frozen=True)
class _Line:
    """Rows ``first`` to ``last`` of the log; it is told once row ``told`` is there."""

    first: int
    last: int
    told: int


@dataclass(frozen=True)
class _Turn:
    """From one line to the next: how far to starboard of the old one the new one lies."""

    shift_m: float
    old_m: float


def score(track: Track, surroundings: Surroundings, params: SurveyPatternParams) -> Iterable[Scores]:
    """Score the lines in a row that fit together, as a share of those that the rule wants."""
    legs = ship_legs(track, surroundings)
    if legs is None:
        return
    lines = _lines(legs, params)
    in_row = _in_row(legs, lines, params)
    in_row = [0 if _fishes(track, legs, lines[k], surroundings) else n for k, n in enumerate(in_row)]
    if max(in_row, default=0) < params.lines:
        return
    for about in legs.about:
        counted = [n if _near(about, lines, k) else 0 for k, n in enumerate(in_row)]
        if max(counted) >= params.lines:
            yield logged(track, legs.log, _value(legs, lines, counted, params), about.asset)


def screen_log(surroundings: Surroundings, rows: I64, params: SurveyPatternParams) -> Bool:
    """A line is told at a row of it; she must have come near an asset, and the lines need their rows."""
    log = surroundings.log
    may = ships_near(surroundings, rows) & (log.sog_kn[rows] >= params.min_sog_kn)
    may &= log.sog_kn[rows] <= params.max_sog_kn
    _, hers = log.earlier(rows, params.lines * params.least_bins - 1)
    return np.asarray(may & hers)


def _lines(legs: ShipLegs, params: SurveyPatternParams) -> list[_Line]:
    """Find the straight lines: rows in a row, steady in course, at survey speed."""
    log = legs.log
    steady = (log.sog_kn >= params.min_sog_kn) & (log.sog_kn <= params.max_sog_kn)
    steady &= np.isfinite(log.cog_deg) & ~(log.cog_spread_deg > params.max_spread_deg)
    lines: list[_Line] = []
    first = last = -1
    for row in np.flatnonzero(steady).tolist():
        goes_on = last >= 0 and row == last + 1 and log.first_us[row] - log.last_us[last] <= 900 * SECOND_US
        if not (goes_on and _bend(log.cog_deg, first, row) <= params.max_bend_deg):
            first = row
        last = row
        if row - first + 1 == params.least_bins:
            lines.append(_Line(first, row, row))
        elif row - first + 1 > params.least_bins:
            lines[-1] = _Line(first, row, lines[-1].told)
    return lines


def _bend(cog_deg: F64, first: int, row: int) -> float:
    return float(angle_between_deg(cog_deg[first : first + 1], cog_deg[row : row + 1])[0])


def _in_row(legs: ShipLegs, lines: list[_Line], params: SurveyPatternParams) -> list[int]:
    """Give, for each line, how many lines up to it fit together, as could be told when it was told."""
    found: list[int] = []
    turns: list[_Turn | None] = []
    for k, line in enumerate(lines):
        turns.append(_turn(legs, lines[k - 1], line, params) if k else None)
        count = 1
        if turns[k] is not None:
            count = found[-1] + 1 if _alike(turns[k - 1], turns[k], params) else 2
        from_us = legs.log.last_us[line.told] - params.window_s * SECOND_US
        recent = sum(1 for earlier in lines[: k + 1] if legs.log.first_us[earlier.first] >= from_us)
        found.append(min(count, recent))
    return found


def _turn(legs: ShipLegs, old: _Line, new: _Line, params: SurveyPatternParams) -> _Turn | None:
    """Give the turn from one line to the next, None where the next does not fit."""
    log = legs.log
    ends = (*_place(legs, old.first, old.last), *_place(legs, new.first, new.told))
    lat_a, lon_a, lat_b, lon_b, lat_c, lon_c, lat_d, lon_d = ends
    old_m = float(geodesy.distance_m(lat_a, lon_a, lat_b, lon_b))
    course, back = geodesy.bearing_deg([lat_a, lat_c], [lon_a, lon_c], [lat_b, lat_d], [lon_b, lon_d])
    skew_deg = 180.0 - float(angle_between_deg(np.array([course]), np.array([back]))[0])
    shift_m = float(geodesy.cross_track(lat_d, lon_d, lat_a, lon_a, lat_b, lon_b))
    speeds = (np.median(log.sog_kn[one.first : end + 1]) for one, end in ((old, old.last), (new, new.told)))
    fits = (
        skew_deg <= params.max_skew_deg
        and log.first_us[new.first] - log.last_us[old.last] <= params.max_turn_s * SECOND_US
        and _ratio(*speeds) <= params.speed_ratio
        and params.min_spacing_m <= abs(shift_m) <= old_m / 2
    )
    return _Turn(shift_m, old_m) if fits else None


def _place(legs: ShipLegs, first: int, last: int) -> tuple[float, float, float, float]:
    """Give latitude and longitude of both ends of a line: where its first and its last bin ended."""
    log = legs.log
    return log.lat_deg[first], log.lon_deg[first], log.lat_deg[last], log.lon_deg[last]


def _ratio(one: float, other: float) -> float:
    return max(one, other) / max(min(one, other), 1e-9)


def _alike(before: _Turn | None, now: _Turn | None, params: SurveyPatternParams) -> bool:
    """Tell whether two turns in a row move on to the same side by about the same, between lines as long."""
    if before is None or now is None or before.shift_m * now.shift_m > 0:
        return False
    spacing, length = _ratio(abs(before.shift_m), abs(now.shift_m)), _ratio(before.old_m, now.old_m)
    return spacing <= params.spacing_ratio and length <= params.length_ratio


def _fishes(track: Track, legs: ShipLegs, line: _Line, surroundings: Surroundings) -> bool:
    """Tell whether she says that she fishes when a line is told."""
    kind = surroundings.statics.known(track.mmsi, int(legs.log.visible_us[line.told])).ship_type
    return kind == FISHING or bool(legs.log.nav_status[line.told] == ENGAGED_IN_FISHING)


def _near(about: AssetLegs, lines: list[_Line], k: int) -> bool:
    """Tell whether the two lines before line ``k`` both come near the asset."""
    return k > 1 and all(about.near[one.first : one.last + 1].any() for one in lines[k - 2 : k])


def _value(legs: ShipLegs, lines: list[_Line], in_row: list[int], params: SurveyPatternParams) -> F64:
    """Give each row the count of the newest line told, until it is calm."""
    value = np.zeros(len(legs.log))
    for k, line in enumerate(lines):
        until = lines[k + 1].told if k + 1 < len(lines) else len(value)
        calm_us = legs.log.last_us[line.last] + params.calm_s * SECOND_US
        end = min(until, int(np.searchsorted(legs.log.last_us, calm_us, side="right")))
        value[line.told : end] = in_row[k] / params.lines
    return value


def detail(
    track: Track,
    surroundings: Surroundings,
    params: SurveyPatternParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say how many lines, how far apart and how fast up to score ``upto``."""
    legs = ship_legs(track, surroundings)
    assert legs is not None
    log = legs.log
    opening, last = (len(log) - len(scores.value) + at for at in (first, upto))
    lines = _lines(legs, params)
    told = [k for k, line in enumerate(lines) if line.told <= opening][-1]
    begin = told - _in_row(legs, lines, params)[told] + 1
    run = [line for line in lines[begin:] if line.told <= last]
    turns = [_turn(legs, old, new, params) for old, new in pairwise(run)]
    spacing_m = float(np.median([abs(turn.shift_m) for turn in turns if turn is not None]))
    about = next(a for a in legs.about if a.asset == scores.asset)
    rows = slice(run[0].first, last + 1)
    reasons = (
        Reason("survey_lines", len(run), params.lines, "lines", 2.0),
        Reason("line_spacing", round(spacing_m), None, "m", 0.5),
        Reason("survey_speed", round(float(np.nanmedian(log.sog_kn[rows])), 1), params.max_sog_kn, "kn"),
    )
    nearest_m = float(np.minimum(about.begin_m[rows], about.end_m[rows]).min())
    nearest_m = 0.0 if about.crossings[rows].any() else nearest_m
    return Detail(reasons, nearest_m, began_us=int(log.first_us[run[0].first]))


BEHAVIOUR = Behaviour(
    name="survey_pattern",
    params=SurveyPatternParams(),
    history_s=900.0,
    rule=lambda p: Rule(on=1.0, off=1.0, max_gap_s=p.calm_s, max_duration_s=4 * 3600.0),
    score=score,
    detail=detail,
    about_assets=True,
    of_log=True,
    screen_log=screen_log,
)
