"""Gone dark: a ship under way falls silent where other ships are still heard.

In a sailor's words: she was there, making way, and then her AIS was gone, though the ships around
her were not.

Silence counts only with coverage. The rule: she was under way when last heard; since then, for at
least 30 minutes and ten times her usual report interval, nothing; and in four of five closed
time bins since, the last of them included, at least three ships were heard around where she was
last and around where her course would have taken her, and at least one more beyond, 22 km farther
on: at the edge of reception every ship falls silent. 30 minutes is ten times the longest class A
interval (3 min, ITU-R M.1371-5 table 1). Judged for class A, and where the
source does not tell the class: a class B set of 2 or 5 W is lost too easily.

What it misses: ships in thin traffic, heading for the edge of reception or into port, moored or at
anchor when they fell silent; silences under half an hour; class B.

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
from seavigil.behaviours.detect import Behaviour, Detail
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.surroundings import Surroundings
from seavigil.events import Reason
from seavigil.normal.coverage import Coverage
from seavigil.records import SECOND_US, UNUSABLE_POSITION, Transceiver
from seavigil.track import Track

I64 = NDArray[np.int64]

_UNUSABLE = np.uint32(UNUSABLE_POSITION)
_HELD_TO_THE_GROUND = (1, 5, 6)
_METRES_PER_SECOND = 1852.0 / 3600.0


@dataclass(frozen=True)
class GoneDarkParams:
    """See the module text for the sources of the first three. Own choices: three ships, because one
    or two may go together; four bins of five, because thin traffic leaves one empty; 22 km, two cells.
    """

    min_silence_s: float = 1800.0
    usual_intervals: float = 10.0
    interval_window_s: float = 1800.0
    min_sog_kn: float = 1.0
    min_ships_around: int = 3
    covered_share: float = 0.8
    beyond_m: float = 22_000.0
    max_silence_s: float = 24 * 3600.0


def score(track: Track, surroundings: Surroundings, params: GoneDarkParams) -> Iterable[Scores]:
    """Score each silence at the times when coverage of another time bin became visible."""
    if not len(track):
        return
    last_us = int(track.time_us[-1])
    times, values, rows = [track.time_us], [np.zeros(len(track))], [np.arange(len(track))]
    for row in _silences(track, surroundings.coverage, params):
        at_us, value = _judge(track, row, surroundings.coverage, params)
        times.append(at_us)
        values.append(value)
        rows.append(np.full(len(at_us), row))
    time_us, row_of = np.concatenate(times), np.concatenate(rows)
    order = np.lexsort((row_of, time_us))
    yield Scores(time_us[order], np.concatenate(values)[order], None, last_us, row_of[order])


def _silences(track: Track, coverage: Coverage, params: GoneDarkParams) -> Iterable[int]:
    """Give the rows after which a class A ship under way was silent for long enough to ask why."""
    end_us = coverage.visible_us[-1] if len(coverage.visible_us) else track.time_us[-1]
    silent_us = np.diff(track.time_us, append=max(int(end_us), int(track.time_us[-1])))
    rows = np.flatnonzero(silent_us >= params.min_silence_s * SECOND_US)
    if not len(rows):
        return []
    last = track.rows(rows)
    usable = (last.flags & _UNUSABLE) == 0
    class_a = np.isnan(last.transceiver) | (last.transceiver == Transceiver.CLASS_A)
    moving = (last.sog_kn >= params.min_sog_kn) & ~np.isin(last.nav_status, _HELD_TO_THE_GROUND)
    return [int(row) for row in rows[usable & class_a & moving]]


def _judge(
    track: Track, row: int, coverage: Coverage, params: GoneDarkParams
) -> tuple[I64, NDArray[np.float64]]:
    """Give the times at which the silence after ``row`` can be judged, and 1 from where it stands."""
    left_us = int(track.time_us[row])
    back_us = int(track.time_us[row + 1]) if row + 1 < len(track) else np.iinfo(np.int64).max
    until_us = min(back_us, left_us + int(params.max_silence_s * SECOND_US))
    first = int(np.searchsorted(coverage.starts_us, left_us))
    bins = np.arange(first, int(np.searchsorted(coverage.visible_us, until_us)))
    covered = _heard_around(track, row, coverage, bins, params)
    at_us = coverage.visible_us[bins]
    share = np.cumsum(covered) / np.arange(1, len(bins) + 1)
    silent_s = (coverage.starts_us[bins] + coverage.bin_us - left_us) / SECOND_US
    needed_s = max(params.min_silence_s, params.usual_intervals * _usual_interval_s(track, row, params))
    stands = covered & (share >= params.covered_share) & (silent_s >= needed_s)
    return at_us, np.maximum.accumulate(stands).astype(np.float64)


def _heard_around(
    track: Track, row: int, coverage: Coverage, bins: I64, params: GoneDarkParams
) -> NDArray[np.bool_]:
    """Say, for each bin, whether ships were heard both where she was last and where she would be then."""
    lat_deg, lon_deg, cog_deg = track.lat_deg[row], track.lon_deg[row], track.cog_deg[row]
    heard = coverage.ships_around(bins, lat_deg, lon_deg) >= params.min_ships_around
    if np.isnan(cog_deg) or not heard.any():
        return heard
    run_s = (coverage.starts_us[bins] + coverage.bin_us / 2 - track.time_us[row]) / SECOND_US
    run_m = track.sog_kn[row] * _METRES_PER_SECOND * run_s
    lat, lon = geodesy.destination(lat_deg, lon_deg, cog_deg, run_m)
    heard &= coverage.ships_around(bins, lat, lon) >= params.min_ships_around
    lat, lon = geodesy.destination(lat_deg, lon_deg, cog_deg, run_m + params.beyond_m)
    return np.asarray(heard & (coverage.ships_around(bins, lat, lon) >= 1))


def _usual_interval_s(track: Track, row: int, params: GoneDarkParams) -> float:
    """Give the median report interval in the window before the silence, in seconds."""
    first = int(np.searchsorted(track.time_us, track.time_us[row] - params.interval_window_s * SECOND_US))
    intervals = np.diff(track.time_us[first : row + 1])
    return float(np.median(intervals) / SECOND_US) if len(intervals) else 0.0


def detail(
    track: Track, surroundings: Surroundings, params: GoneDarkParams, scores: Scores, first: int, upto: int
) -> Detail:
    """Say how she was when last heard and how many ships were heard around there since."""
    assert scores.row is not None
    row, coverage = int(scores.row[first]), surroundings.coverage
    newest = int(np.searchsorted(coverage.visible_us, scores.time_us[upto], side="right")) - 1
    around = int(coverage.ships_around(np.array([newest]), track.lat_deg[row], track.lon_deg[row])[0])
    silent_s = (scores.time_us[upto] - track.time_us[row]) / SECOND_US
    reasons = (
        Reason("silent_for", round(float(silent_s)), round(_usual_interval_s(track, row, params)), "s", 2.0),
        Reason("last_speed", round(float(track.sog_kn[row]), 1), params.min_sog_kn, "kn", 0.5),
        Reason("ships_heard_around", around, params.min_ships_around, "ships"),
    )
    return Detail(reasons)


BEHAVIOUR = Behaviour(
    name="gone_dark",
    params=GoneDarkParams(),
    history_s=GoneDarkParams.interval_window_s,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=p.max_silence_s, max_duration_s=p.max_silence_s * 2),
    score=score,
    detail=detail,
    of_silence=True,
)
