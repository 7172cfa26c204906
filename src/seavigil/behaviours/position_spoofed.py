"""Position spoofed: one ship's positions cannot be where she is.

In a sailor's words: she leaps about the chart faster than anything floats, goes round in a circle drawn
with compasses, lies in a field, or says ten knots and does not stir.

Signs, each enough alone:

- three leaps to different places within half an hour: rows no craft could reach from her last place, nor
  from the stray place before (a second ship under her number makes one leap, for its rows fit each other;
  a repeated old message lies on her own track and is none; one bogus fix is one);
- a leap, and then over two minutes well inland;
- two full turns on one circle, round to 3 % of its radius, that neither wind nor current shifted;
- course over ground and the way her positions go apart by more than 60 degrees for ten minutes;
- a speed over ground that her positions contradict by half and half a mile in ten minutes.

What it misses: a false track that is smooth and far away from the start; a false place that receivers
could not hear (that needs the receivers' places, which no format here carries); slow shifts. Where many
ships leap together the signals of the satellites are disturbed, which is a state of the area.

Innocent readings: a receiver of satellite signals failing or jammed nearby, a set with a frozen or
wrong sensor or none, several ships under one number, bit errors that pass the checksum, late satellite
messages; for a circle: swinging the compass, sea trials, a survey.

Cases: tests/behaviours/test_position_spoofed.py (near miss: one corrupt fix, Solent 2016).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.behaviours.detect import NO_ROOM, Behaviour, Detail, Quiet
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.steps import Steps
from seavigil.behaviours.surroundings import Surroundings
from seavigil.behaviours.windows import angle_between_deg, held_us, path_m, window_first_row
from seavigil.events import Reason
from seavigil.records import SECOND_US, UNUSABLE_POSITION, Flag
from seavigil.track import Track

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

_KN_MS = 1852.0 / 3600.0
#: Sums of rounded steps and distances in other planes differ by less than this share.
_ROUNDED = 1.02
_UNUSABLE = np.uint32(UNUSABLE_POSITION)
_NOWHERE = np.uint32(UNUSABLE_POSITION & ~Flag.JUMP)


@dataclass(frozen=True)
class PositionSpoofedParams:
    """Own choices, but for the top speed: above what any craft does (see ``TrackParams``, 85 kn and some).

    Three leaps, because an odd receiver makes one and its end another; 1 km and 2 km, because corrected and
    plain fixes of two antennas differ by less; inland 3 km, because coarse coastlines are off by as much;
    circles from 200 m, because boats turn on the spot; 3 %, because a current of 0.3 kn shifts such a
    circle by its radius within an hour; 60 degrees, 3 kn and half of the speed, because leeway, sensor
    errors and receipt times stay far below.
    """

    top_kn: float = 90.0
    leap_slack_m: float = 1_000.0
    own_track_m: float = 2_000.0
    leaps: int = 3
    leaps_within_s: float = 1_800.0
    inland_m: float = 3_000.0
    inland_for_s: float = 120.0
    circle_within_s: float = 3_000.0
    circle_turned_deg: float = 720.0
    circle_min_radius_m: float = 200.0
    circle_max_misfit: float = 0.03
    min_sog_kn: float = 2.0
    course_off_deg: float = 60.0
    course_sog_kn: float = 3.0
    course_over_s: float = 120.0
    contradicted_s: float = 600.0
    contradicted_m: float = 926.0
    contradicted_ratio: float = 2.0
    share: float = 0.9
    max_gap_s: float = 180.0


def score(track: Track, surroundings: Surroundings, params: PositionSpoofedParams) -> Iterable[Scores]:
    """Score the sign that is strongest at each row with a position, be it sound or not."""
    rows = np.flatnonzero((track.flags & _NOWHERE) == 0)
    if not len(rows):
        return
    signs = _signs(track.rows(rows), surroundings, params)
    value = np.max(np.stack(list(signs.values())), axis=0)
    if value.any():
        yield Scores(track.time_us[rows], value, row=rows)


def screen(steps: Steps, params: PositionSpoofedParams) -> F64:
    """Weigh what a row adds: its turn to a circle, its contradiction to a false speed; a leap is enough."""
    seconds = (steps.time_us - steps.before_us) / SECOND_US
    metres = geodesy.plane_distance_m(
        steps.before_lat_deg, steps.before_lon_deg, steps.lat_deg, steps.lon_deg
    )
    told_m = (np.nan_to_num(steps.sog_kn) + np.nan_to_num(steps.before_sog_kn)) / 2 * _KN_MS * seconds
    odd = np.nan_to_num(np.abs(told_m - metres)) / params.contradicted_m
    turn_deg = np.abs(np.nan_to_num(geodesy.turn_deg(steps.cog_deg - steps.before_cog_deg)))
    turn = np.where(steps.sog_kn >= params.min_sog_kn, turn_deg, 0.0) / params.circle_turned_deg
    leap = metres > params.leap_slack_m + params.top_kn * _KN_MS * seconds
    leap |= (steps.flags & int(Flag.JUMP)) != 0
    return np.where(leap, 2.0, np.where(steps.sound, np.maximum(odd, turn) * _ROUNDED, 0.0))


def quiet(track: Track, surroundings: Surroundings, params: PositionSpoofedParams) -> Quiet:
    """After a leap any row counts. Otherwise turns and contradictions must add up, or last."""
    placed = track.rows((track.flags & _NOWHERE) == 0)
    if not len(placed):
        return Quiet()
    lately = placed.time_us > placed.time_us[-1] - int(params.leaps_within_s * SECOND_US)
    if _leaps(placed, params)[lately].any():
        return Quiet(room=NO_ROOM)
    ship = placed.sound
    if not len(ship):
        return Quiet()
    room = min(_turns_left(ship, params), _contradictions_left(ship, params))
    return Quiet(room=room, again_us=_course_from_us(ship, params))


def _turns_left(ship: Track, params: PositionSpoofedParams) -> float:
    """Give what she has yet to turn for two circles, as a share of them."""
    turned_mdeg = _turned_mdeg(ship, params)
    first = int(window_first_row(ship.time_us, int(params.circle_within_s * SECOND_US))[-1])
    most = np.abs(turned_mdeg[-1] - turned_mdeg[first:]).max() / 1000.0
    return float(1.0 - most / params.circle_turned_deg)


def _contradictions_left(ship: Track, params: PositionSpoofedParams) -> float:
    """Give how far told and made way may yet part before they contradict each other, as a share."""
    lat, lon = ship.lat_deg, ship.lon_deg
    seconds = np.diff(ship.time_us) / SECOND_US
    sog_kn = np.nan_to_num(ship.sog_kn)
    told_m = (sog_kn[1:] + sog_kn[:-1]) / 2 * _KN_MS * seconds
    parted_m = told_m - geodesy.plane_distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    total_m = np.concatenate([[0.0], np.cumsum(parted_m)])
    first = int(window_first_row(ship.time_us, int(params.contradicted_s * SECOND_US))[-1])
    return float(1.0 - _ROUNDED * np.abs(total_m[-1] - total_m[first:]).max() / params.contradicted_m)


def _course_from_us(ship: Track, params: PositionSpoofedParams) -> int:
    """Give a time before which her course cannot have contradicted her way for long enough."""
    held = _contradicted_course(ship, params)[-1] * _enough_us(params)
    return int(ship.time_us[-1] + _enough_us(params) - held) - SECOND_US


def _signs(placed: Track, surroundings: Surroundings, params: PositionSpoofedParams) -> dict[str, F64]:
    """Give each sign's strength at each row; 1 is enough."""
    leap = _leaps(placed, params)
    within = _count_within(leap, placed.time_us, params.leaps_within_s)
    signs = {"leaps": within / params.leaps, "inland": _inland(placed, within > 0, surroundings, params)}
    sound = np.flatnonzero((placed.flags & _UNUSABLE) == 0)
    ship = placed.rows(sound)
    steady = within[sound] == 0  # a leap contradicts course and speed too
    found = {
        "circle": _circles(ship, params),
        "course": _contradicted_course(ship, params) * steady,
        "speed": _contradicted_speed(ship, params) * steady,
    }
    # a row that leapt says nothing new of these: it stands as the sound row before it did
    before = np.searchsorted(sound, np.arange(len(placed)), side="right")
    return signs | {name: np.concatenate([[0.0], value])[before] for name, value in found.items()}


def _count_within(holds: Bool, time_us: I64, within_s: float) -> I64:
    """Count the rows that hold in the window that ends at each row."""
    count = np.concatenate([[0], np.cumsum(holds)])
    return np.asarray(count[1:] - count[window_first_row(time_us, int(within_s * SECOND_US))])


def _leaps(placed: Track, params: PositionSpoofedParams) -> Bool:
    """Tell the rows that no craft could have reached, each stray place once."""
    leap = np.zeros(len(placed), dtype=np.bool_)
    stray = (placed.flags & np.uint32(Flag.JUMP)) != 0
    sound = np.flatnonzero(~stray)
    if len(sound) > 1:
        leap[sound[1:]] = ~_reachable(placed, sound[:-1], sound[1:], params)
    strays = np.flatnonzero(stray)
    first = window_first_row(placed.time_us, int(params.leaps_within_s * SECOND_US))
    for at in strays.tolist():
        before = strays[(strays >= first[at]) & (strays < at)]
        own = sound[(sound >= first[at]) & (sound < at)]
        leap[at] = not (_reachable(placed, before, at, params).any() or _near_own(placed, own, at, params))
    return leap


def _reachable(placed: Track, a: I64, b: I64 | int, params: PositionSpoofedParams) -> Bool:
    """Tell whether the fastest craft could have gone from rows ``a`` to ``b``."""
    lat, lon = placed.lat_deg, placed.lon_deg
    metres = geodesy.plane_distance_m(lat[a], lon[a], lat[b], lon[b])
    seconds = (placed.time_us[b] - placed.time_us[a]) / SECOND_US
    return np.asarray(metres <= params.leap_slack_m + params.top_kn * _KN_MS * seconds)


def _near_own(placed: Track, own: I64, at: int, params: PositionSpoofedParams) -> bool:
    """Tell whether a row lies where she was herself: an old message heard again."""
    lat, lon = placed.lat_deg, placed.lon_deg
    metres = geodesy.plane_distance_m(lat[own], lon[own], lat[at], lon[at])
    return bool((metres <= params.own_track_m).any())


def _inland(placed: Track, leapt: Bool, surroundings: Surroundings, params: PositionSpoofedParams) -> F64:
    """Give how long of the last ten minutes she lay inland after a leap, in parts of what is enough."""
    inland = np.zeros(len(placed), dtype=np.bool_)
    if leapt.any():
        at = np.flatnonzero(leapt)
        lat, lon = placed.lat_deg[at], placed.lon_deg[at]
        inland[at] = surroundings.places.on_land(lat, lon, inland_m=params.inland_m)
    held = _held(inland, placed.time_us, params)
    return held / (params.inland_for_s * SECOND_US)


def _held(holds: Bool, time_us: I64, params: PositionSpoofedParams) -> I64:
    window_us, gap_us = int(params.contradicted_s * SECOND_US), int(params.max_gap_s * SECOND_US)
    return held_us(holds, time_us, window_us=window_us, max_gap_us=gap_us)


def _circles(ship: Track, params: PositionSpoofedParams) -> F64:
    """Score 1 where the last two full turns lie on one circle."""
    value = np.zeros(len(ship))
    turned_mdeg = _turned_mdeg(ship, params)
    first = window_first_row(ship.time_us, int(params.circle_within_s * SECOND_US))
    step_mdeg = np.abs(np.diff(turned_mdeg, prepend=turned_mdeg[:1]))
    total_mdeg = np.cumsum(step_mdeg)
    may = (step_mdeg > 0) & (total_mdeg - total_mdeg[first] >= params.circle_turned_deg * 1000.0)
    for at in np.flatnonzero(may).tolist():
        rows = _two_turns(turned_mdeg, int(first[at]), at, params)
        if rows is not None:
            radius_m, misfit_m = _circle(ship, rows)
            regular = misfit_m <= params.circle_max_misfit * radius_m
            value[at] = float(regular and radius_m >= params.circle_min_radius_m)
    return value


def _turned_mdeg(ship: Track, params: PositionSpoofedParams) -> I64:
    """Give how far she has turned under way since the first row, in thousandths of a degree."""
    moves = (ship.sog_kn >= params.min_sog_kn) & np.isfinite(ship.cog_deg)
    turn_deg = np.nan_to_num(geodesy.turn_deg(np.diff(ship.cog_deg, prepend=ship.cog_deg[:1])))
    return np.cumsum(np.where(moves, np.rint(turn_deg * 1000.0), 0.0).astype(np.int64))


def _two_turns(turned_mdeg: I64, first: int, at: int, params: PositionSpoofedParams) -> slice | None:
    """Give the rows of the last two full turns, if ``first`` is not later than their begin."""
    turned = np.abs(turned_mdeg[at] - turned_mdeg[first : at + 1]) >= params.circle_turned_deg * 1000.0
    return slice(first + int(np.flatnonzero(turned)[-1]), at + 1) if turned.any() else None


def _circle(ship: Track, rows: slice) -> tuple[float, float]:
    """Give radius and root mean square misfit of the circle through rows (least squares after Kasa, 1976)."""
    lat, lon = ship.lat_deg[rows], ship.lon_deg[rows]
    per_lat, per_lon = geodesy.metres_per_degree(lat[0])
    east, north = geodesy.turn_deg(lon - lon[0]) * per_lon, (lat - lat[0]) * per_lat
    system = np.stack([2 * east, 2 * north, np.ones(len(east))], axis=1)
    centre_e, centre_n, rest = np.linalg.lstsq(system, east**2 + north**2, rcond=None)[0]
    radius_m = float(np.sqrt(max(rest + centre_e**2 + centre_n**2, 0.0)))
    off_m = np.hypot(east - centre_e, north - centre_n) - radius_m
    return radius_m, float(np.sqrt(np.mean(off_m**2)))


def _contradicted_course(ship: Track, params: PositionSpoofedParams) -> F64:
    """Give for how much of ten minutes her course was not the way her positions went."""
    first = window_first_row(ship.time_us, int(params.course_over_s * SECOND_US))
    east_m, north_m = _made_good_m(ship, first)
    way_m, way_deg = np.hypot(east_m, north_m), np.degrees(np.arctan2(east_m, north_m))
    off_deg = np.minimum(
        angle_between_deg(ship.cog_deg, way_deg), angle_between_deg(ship.cog_deg[first], way_deg)
    )
    fast = np.minimum(ship.sog_kn, ship.sog_kn[first]) >= params.course_sog_kn
    told = (ship.cog_deg != 0) & (ship.cog_deg[first] != 0)  # sets without a course send just that
    far = way_m >= 0.5 * params.course_sog_kn * _KN_MS * params.course_over_s
    return _held(told & fast & far & (off_deg > params.course_off_deg), ship.time_us, params) / _enough_us(
        params
    )


def _made_good_m(ship: Track, first: I64) -> tuple[F64, F64]:
    """Give how far east and north each row is of the row ``first`` names, in the plane between them."""
    lat, lon = ship.lat_deg, ship.lon_deg
    per_lat, per_lon = geodesy.metres_per_degree((lat[first] + lat) / 2.0)
    return geodesy.turn_deg(lon - lon[first]) * per_lon, (lat - lat[first]) * per_lat


def _enough_us(params: PositionSpoofedParams) -> float:
    return params.share * params.contradicted_s * SECOND_US


def _contradicted_speed(ship: Track, params: PositionSpoofedParams) -> F64:
    """Score 1 where her speed and her positions give ways that differ, by ratio and by distance."""
    told_m, least_m = _ways(ship, params)
    lies = (told_m - least_m >= params.contradicted_m) & (told_m >= params.contradicted_ratio * least_m)
    if lies.any():  # it may have been a winding way
        made_m = path_m(ship, int(params.contradicted_s * SECOND_US))
        lies &= (told_m - made_m >= params.contradicted_m) & (told_m >= params.contradicted_ratio * made_m)
    flies = (least_m - told_m >= params.contradicted_m) & (least_m >= params.contradicted_ratio * told_m)
    flies &= told_m > 0  # sets without a speed send just that
    if not (lies | flies).any():
        return np.zeros(len(ship))
    heard = _held(np.isfinite(ship.sog_kn), ship.time_us, params) >= _enough_us(params)
    return (heard & (lies | flies)).astype(np.float64)


def _ways(ship: Track, params: PositionSpoofedParams) -> tuple[F64, F64]:
    """Give the way that her speeds make in ten minutes, and how far her positions then are apart (m)."""
    window_us = int(params.contradicted_s * SECOND_US)
    step_us = np.diff(ship.time_us, prepend=ship.time_us[:1])
    sog = np.nan_to_num(ship.sog_kn)
    before = np.concatenate([sog[:1], sog[:-1]])
    step_mm = np.rint((sog + before) / 2 * _KN_MS * (step_us / SECOND_US) * 1000.0).astype(np.int64)
    total_mm = np.cumsum(step_mm)
    first = window_first_row(ship.time_us, window_us)
    return (total_mm - total_mm[first]) / 1000.0, np.hypot(*_made_good_m(ship, first))


def detail(
    track: Track,
    surroundings: Surroundings,
    params: PositionSpoofedParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Give the signs that sufficed at any of the rows, each with how strong it was."""
    assert scores.row is not None
    placed = track.rows(scores.row[: upto + 1])
    signs = {name: value[first:] for name, value in _signs(placed, surroundings, params).items()}
    reasons = []
    if signs["leaps"].max() >= 1:
        reasons.append(
            Reason("leaps", round(signs["leaps"].max() * params.leaps), params.leaps, "leaps", 3.0)
        )
    if signs["inland"].max() >= 1:
        lay_s = round(float(signs["inland"].max()) * params.inland_for_s)
        reasons.append(Reason("lay_inland_for", lay_s, params.inland_for_s, "s", 3.0))
    for name, say in _SOUND_REASONS.items():
        if signs[name].max() >= 1:
            upto_last = placed.rows(slice(0, first + int(np.flatnonzero(signs[name] >= 1)[-1]) + 1))
            reasons.append(say(upto_last.sound, params))
    return Detail(tuple(reasons))


def _circle_reason(ship: Track, params: PositionSpoofedParams) -> Reason:
    turned_mdeg, last = _turned_mdeg(ship, params), len(ship) - 1
    first = int(window_first_row(ship.time_us, int(params.circle_within_s * SECOND_US))[last])
    rows = _two_turns(turned_mdeg, first, last, params)
    assert rows is not None  # that they are there is why the sign held
    radius_m, misfit_m = _circle(ship, rows)
    allowed_m = params.circle_max_misfit * radius_m
    return Reason("perfect_circle", round(misfit_m, 1), round(allowed_m, 1), "m", 2.0)


def _course_reason(ship: Track, params: PositionSpoofedParams) -> Reason:
    first = int(window_first_row(ship.time_us, int(params.course_over_s * SECOND_US))[-1])
    lat, lon = ship.lat_deg, ship.lon_deg
    way_deg = float(geodesy.bearing_deg(lat[first], lon[first], lat[-1], lon[-1]))
    return Reason("course_against_way", round(float(ship.cog_deg[-1])), round(way_deg), "deg", 2.0)


def _speed_reason(ship: Track, params: PositionSpoofedParams) -> Reason:
    told_m, least_m = (float(way[-1]) for way in _ways(ship, params))
    made_m = float(path_m(ship, int(params.contradicted_s * SECOND_US))[-1]) if told_m > least_m else least_m
    per_kn = _KN_MS * params.contradicted_s
    return Reason("speed_against_way", round(told_m / per_kn, 1), round(made_m / per_kn, 1), "kn", 2.0)


_SOUND_REASONS = {"circle": _circle_reason, "course": _course_reason, "speed": _speed_reason}


BEHAVIOUR = Behaviour(
    name="position_spoofed",
    params=PositionSpoofedParams(),
    history_s=2 * PositionSpoofedParams.leaps_within_s + PositionSpoofedParams.contradicted_s,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=1800.0),
    score=score,
    detail=detail,
    every_row=True,
    least_room=1.0,
    again_s=PositionSpoofedParams.share * PositionSpoofedParams.contradicted_s - 1.0,
    screen=screen,
    quiet=quiet,
)
