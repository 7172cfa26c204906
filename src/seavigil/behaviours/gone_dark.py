"""Gone dark: a ship under way falls silent where other ships are still heard.

In a sailor's words: she was there, making way, and then her AIS was gone, though the ships around
her were not.

Silence counts only with coverage. The rule: she was under way when last heard; since then, for at
least 30 minutes and ten times her usual report interval, nothing; and in four of five closed
time bins since, the last of them included, at least three ships were heard around where she was
last and around where her course would have taken her, and at least one more beyond, 22 km farther
on: at the edge of reception every ship falls silent. Where a history was learned, the ships usually heard
there at that hour serve for the one beyond. A ship whose number is also heard from another place (a false
position, a ship that shares it) is not judged: which of them fell silent nobody can tell.
30 minutes is ten times the longest class A interval (3 min, ITU-R M.1371-5 table 1). Judged for class A, and
where the source does not tell the class: a class B set of 2 or 5 W is lost too easily.

While she is silent the assets she can have gone over by now count (space-time prism, see ``prism``). Once
she is back: those she can have gone over on the way to there, and how far that way is off what her own
speed would have made of the time (Ornstein-Uhlenbeck test, see ``mean_reverting``). A ship that a
receiver merely lost is where she would be, 1 or so; one that stopped or made a detour is not.

What it misses: ships whose number was heard from several places within a day, ships in thin traffic, heading
for the edge of reception or into port, moored or at anchor when they fell silent; silences under half an
hour; class B.

Innocent readings: a set switched off in port approaches, a set or antenna broken, a receiver that
has lost that one side, a naval ship on duty.

Cases: tests/behaviours/test_gone_dark.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.behaviours import mean_reverting, prism
from seavigil.behaviours.detect import Behaviour, Detail
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.steps import Steps
from seavigil.behaviours.surroundings import Surroundings
from seavigil.behaviours.trades import HELD_TO_THE_GROUND
from seavigil.events import Reason
from seavigil.normal.coverage import Coverage
from seavigil.records import HOUR_US, SECOND_US, UNUSABLE_POSITION, Flag, Transceiver
from seavigil.track import Track

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

_UNUSABLE = np.uint32(UNUSABLE_POSITION)
_SPEEDLESS = np.uint32(UNUSABLE_POSITION | Flag.IMPOSSIBLE_SPEED)
_METRES_PER_SECOND = 1852.0 / 3600.0
#: Score of the report that breaks a silence: not silence, but the last that is said of it.
_BACK = 0.75


@dataclass(frozen=True)
class GoneDarkParams:
    """See the module text for the sources of the first three. Own choices: three ships, because one
    or two may go together; four bins of five, because thin traffic leaves one empty; 22 km, two cells;
    six bins of the hour's twelve with a ship there on a usual day; 12 kn, because most merchant ships
    can, and a fifth more than she made lately; half a knot and half an hour of wavering, because ships in
    weather and fairways change speed by so much within so long; 500 m for both fixes, receipt times
    included.
    """

    min_silence_s: float = 1800.0
    usual_intervals: float = 10.0
    interval_window_s: float = 1800.0
    min_sog_kn: float = 1.0
    min_ships_around: int = 3
    covered_share: float = 0.8
    beyond_m: float = 22_000.0
    max_silence_s: float = 24 * 3600.0
    learned_bins_per_day: float = 6.0
    least_top_kn: float = 12.0
    top_ratio: float = 1.2
    wavers_kn: float = 0.5
    wavers_for_s: float = 1800.0
    position_m: float = 500.0
    off_way_sd: float = 3.0


def score(track: Track, surroundings: Surroundings, params: GoneDarkParams) -> Iterable[Scores]:
    """Score each silence at the times when coverage of another time bin became visible."""
    if not len(track):
        return
    last_us = int(track.time_us[-1])
    times, values, rows = [track.time_us], [np.zeros(len(track))], [np.arange(len(track))]
    for row in _silences(track, surroundings.coverage, params):
        at_us, value = _judge(track, row, surroundings, params)
        times.append(at_us)
        values.append(value)
        rows.append(np.full(len(at_us), row))
        if value.any() and row + 1 < len(track):  # the report that breaks it belongs to the silence
            times.append(track.time_us[row + 1 : row + 2])
            values.append(np.array([_BACK]))
            rows.append(np.array([row + 1]))
    time_us, row_of = np.concatenate(times), np.concatenate(rows)
    order = np.lexsort((-np.concatenate(values), row_of, time_us))
    yield Scores(time_us[order], np.concatenate(values)[order], None, last_us, row_of[order])


def screen(steps: Steps, params: GoneDarkParams) -> Bool:
    """Only a row after a long silence can end one."""
    return steps.silent_us >= params.min_silence_s * SECOND_US


def silent_from(track: Track, surroundings: Surroundings, params: GoneDarkParams) -> int | None:
    """Give from when on the silence after the last row is long enough; None where none is judged."""
    last = len(track) - 1
    if last < 0 or not _counts(track.rows(slice(last, None)), params)[0]:
        return None
    left_us, visible_us = int(track.time_us[last]), surroundings.coverage.visible_us
    if len(visible_us) and visible_us[-1] >= left_us + int(params.max_silence_s * SECOND_US):
        return None
    needed_s = max(params.min_silence_s, params.usual_intervals * _usual_interval_s(track, last, params))
    return left_us + int(needed_s * SECOND_US)


def _silences(track: Track, coverage: Coverage, params: GoneDarkParams) -> Iterable[int]:
    """Give the rows after which a class A ship under way was silent for long enough to ask why."""
    end_us = coverage.visible_us[-1] if len(coverage.visible_us) else track.time_us[-1]
    silent_us = np.diff(track.time_us, append=max(int(end_us), int(track.time_us[-1])))
    rows = np.flatnonzero(silent_us >= params.min_silence_s * SECOND_US)
    if not len(rows):
        return []
    return [int(row) for row in rows[_counts(track.rows(rows), params)]]


def _counts(last: Track, params: GoneDarkParams) -> Bool:
    """Tell after which of these rows a silence is judged: a class A ship's under way, at a sure place."""
    usable = (last.flags & (_UNUSABLE | np.uint32(Flag.SHARED_MMSI))) == 0
    class_a = np.isnan(last.transceiver) | (last.transceiver == Transceiver.CLASS_A)
    moving = (last.sog_kn >= params.min_sog_kn) & ~np.isin(last.nav_status, HELD_TO_THE_GROUND)
    return np.asarray(usable & class_a & moving)


def _judge(
    track: Track, row: int, surroundings: Surroundings, params: GoneDarkParams
) -> tuple[I64, NDArray[np.float64]]:
    """Give the times at which the silence after ``row`` can be judged, and 1 from where it stands."""
    coverage, left_us = surroundings.coverage, int(track.time_us[row])
    back_us = int(track.time_us[row + 1]) if row + 1 < len(track) else np.iinfo(np.int64).max
    until_us = min(back_us, left_us + int(params.max_silence_s * SECOND_US))
    first = int(np.searchsorted(coverage.starts_us, left_us))
    bins = np.arange(first, int(np.searchsorted(coverage.visible_us, until_us)))
    covered = _heard_around(track, row, surroundings, bins, params)
    at_us = coverage.visible_us[bins]
    share = np.cumsum(covered) / np.arange(1, len(bins) + 1)
    silent_s = (coverage.starts_us[bins] + coverage.bin_us - left_us) / SECOND_US
    needed_s = max(params.min_silence_s, params.usual_intervals * _usual_interval_s(track, row, params))
    stands = covered & (share >= params.covered_share) & (silent_s >= needed_s)
    return at_us, np.maximum.accumulate(stands).astype(np.float64)


def _heard_around(
    track: Track, row: int, surroundings: Surroundings, bins: I64, params: GoneDarkParams
) -> NDArray[np.bool_]:
    """Say, for each bin, whether ships were heard both where she was last and where she would be then."""
    coverage = surroundings.coverage
    lat_deg, lon_deg, cog_deg = track.lat_deg[row], track.lon_deg[row], track.cog_deg[row]
    heard = coverage.ships_around(bins, lat_deg, lon_deg) >= params.min_ships_around
    if np.isnan(cog_deg) or not heard.any():
        return heard
    run_s = (coverage.starts_us[bins] + coverage.bin_us / 2 - track.time_us[row]) / SECOND_US
    run_m = track.sog_kn[row] * _METRES_PER_SECOND * run_s
    lat, lon = geodesy.destination(lat_deg, lon_deg, cog_deg, run_m)
    heard &= coverage.ships_around(bins, lat, lon) >= params.min_ships_around
    lat, lon = geodesy.destination(lat_deg, lon_deg, cog_deg, run_m + params.beyond_m)
    beyond = coverage.ships_around(bins, lat, lon) >= 1
    return np.asarray(heard & (beyond | _usually_heard(surroundings, bins, lat, lon, params)))


def _usually_heard(
    surroundings: Surroundings, bins: I64, lat_deg: F64, lon_deg: F64, params: GoneDarkParams
) -> NDArray[np.bool_]:
    """Say, for each bin, whether history has ships heard there at that hour of the day."""
    pattern, starts_us = surroundings.pattern, surroundings.coverage.starts_us[bins]
    heard = pattern.report_interval_s(lat_deg, lon_deg, starts_us // HOUR_US % 24).rests_on
    return np.asarray((heard > 0) & (heard >= params.learned_bins_per_day * pattern.days))


def _usual_interval_s(track: Track, row: int, params: GoneDarkParams) -> float:
    """Give the median report interval in the window before the silence, in seconds."""
    first = int(np.searchsorted(track.time_us, track.time_us[row] - params.interval_window_s * SECOND_US))
    intervals = np.diff(track.time_us[first : row + 1])
    return float(np.median(intervals) / SECOND_US) if len(intervals) else 0.0


def detail(
    track: Track, surroundings: Surroundings, params: GoneDarkParams, scores: Scores, first: int, upto: int
) -> Detail:
    """Say how she was when last heard, who was heard there since, and where she can have been meanwhile."""
    assert scores.row is not None
    row, coverage = int(scores.row[first]), surroundings.coverage
    newest = int(np.searchsorted(coverage.visible_us, scores.time_us[upto], side="right")) - 1
    around = int(coverage.ships_around(np.array([newest]), track.lat_deg[row], track.lon_deg[row])[0])
    silent_s = float(scores.time_us[upto] - track.time_us[row]) / SECOND_US
    reasons = [
        Reason("silent_for", round(silent_s), round(_usual_interval_s(track, row, params)), "s", 2.0),
        Reason("last_speed", round(float(track.sog_kn[row]), 1), params.min_sog_kn, "kn", 0.5),
        Reason("ships_heard_around", around, params.min_ships_around, "ships"),
    ]
    back = int(scores.row[upto])
    is_back = back > row and not track.flags[back] & _UNUSABLE
    reasons += _reached(track, surroundings, row, back if is_back else row, silent_s, params)
    if is_back:
        reasons += _off_way(track, row, back, silent_s, params)
    return Detail(tuple(reasons))


def _reached(
    track: Track, surroundings: Surroundings, row: int, back: int, silent_s: float, params: GoneDarkParams
) -> list[Reason]:
    """Count the assets she can have gone over; ``back`` is ``row`` while she is silent."""
    recent = track.sog_kn[_before(track, row, params)]
    top_kn = max(params.least_top_kn, params.top_ratio * float(np.nanmedian(recent)))
    budget_m = top_kn * _METRES_PER_SECOND * silent_s
    last, next_ = ((float(track.lat_deg[at]), float(track.lon_deg[at])) for at in (row, back))
    # as long as she is away the whole budget may be spent outward: a circle's radius, not its diameter
    over = prism.assets_over(surroundings.assets, last, next_, budget_m if back > row else 2.0 * budget_m)
    if not over:
        return []
    spare_km = round((budget_m - float(geodesy.distance_m(*last, *next_))) / 1000.0, 1)
    return [
        Reason("assets_in_reach", len(over), 0, "assets", 1.5),
        Reason("way_to_spare", spare_km, 0, "km", 0.5),
    ]


def _off_way(track: Track, row: int, back: int, silent_s: float, params: GoneDarkParams) -> list[Reason]:
    """Say how far off her own way she is when she is back, in standard deviations."""
    recent = _before(track, row, params)
    before = _velocities(track, np.arange(recent.start, recent.stop))
    after = _velocities(track, np.array([back]))
    if not len(before) or not len(after):
        return []
    usual, now = before.mean(axis=0), after[0]
    spread = max(float(before.std(axis=0).max()), params.wavers_kn * _METRES_PER_SECOND)
    way = mean_reverting.expected_way(
        (before[-1][0], before[-1][1]),
        (now[0], now[1]),
        mean_m_s=((usual[0] + now[0]) / 2, (usual[1] + now[1]) / 2),
        lasted_s=silent_s,
        spread_m_s=spread,
        returns_in_s=params.wavers_for_s,
    )
    sd = mean_reverting.off_by(
        way,
        _made_m(track, row, back),
        turn_m_s=float(np.hypot(*(now - usual))),
        lasted_s=silent_s,
        position_m=params.position_m,
    )
    return [
        Reason("off_her_way", round(sd, 1), params.off_way_sd, "sd", 2.5 if sd >= params.off_way_sd else 0.5)
    ]


def _before(track: Track, row: int, params: GoneDarkParams) -> slice:
    """Give the rows of the window that ends with the last report before the silence."""
    begin_us = track.time_us[row] - int(params.interval_window_s * SECOND_US)
    return slice(int(np.searchsorted(track.time_us, begin_us)), row + 1)


def _velocities(track: Track, rows: I64) -> F64:
    """Give east and north velocity in m/s of the sound rows among them; shape: rows x 2."""
    known = ((track.flags[rows] & _SPEEDLESS) == 0) & np.isfinite(track.sog_kn[rows] + track.cog_deg[rows])
    speed_m_s = track.sog_kn[rows[known]] * _METRES_PER_SECOND
    course = np.radians(track.cog_deg[rows[known]])
    return np.stack([speed_m_s * np.sin(course), speed_m_s * np.cos(course)], axis=1)


def _made_m(track: Track, row: int, back: int) -> tuple[float, float]:
    """Give the way made good over the silence, east and north in metres."""
    ends = (track.lat_deg[row], track.lon_deg[row], track.lat_deg[back], track.lon_deg[back])
    metres, bearing = float(geodesy.distance_m(*ends)), np.radians(np.nan_to_num(geodesy.bearing_deg(*ends)))
    return metres * float(np.sin(bearing)), metres * float(np.cos(bearing))


BEHAVIOUR = Behaviour(
    name="gone_dark",
    params=GoneDarkParams(),
    history_s=GoneDarkParams.interval_window_s,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=p.max_silence_s, max_duration_s=p.max_silence_s * 2),
    score=score,
    detail=detail,
    of_silence=True,
    least_s=GoneDarkParams.min_silence_s,
    screen=screen,
    silent_from=silent_from,
)
