"""Sudden stop: a ship on passage loses nearly all her way within minutes, where ships do not stop.

In a sailor's words: she was making her sea speed, and minutes later she lies there: something holds her, or
she has gone full astern.

The rule: for two minutes her speed is a fifth at most of what she made ten minutes before; that was at
least 6 kn and had been her speed for the twenty minutes before it, within a quarter. A merchant ship takes
twenty minutes and more to lose her way with her engine stopped, and some ten in a crash stop. Known ports,
anchorages and pilot places are left out, and so are places where another ship lies still within two
kilometres, or where ships were learned to stop; and ships whose work it is to stop (`trades`), high-speed
craft and class B, which can.

What it misses: stops over more than ten minutes, ships slower than 6 kn before, and stops beside other
ships that lie still.

Innocent readings: a pilot or a boat to be taken aboard where no place is charted, man overboard, engine
trouble with the propeller stopped, giving way by going astern, a rope in the propeller.

Cases: tests/behaviours/test_sudden_stop.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.behaviours.detect import Behaviour, Detail, Quiet
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.steps import Steps
from seavigil.behaviours.surroundings import Surroundings
from seavigil.behaviours.trades import AT_WORK, FISHING, HELD_TO_THE_GROUND
from seavigil.behaviours.windows import window_first_row
from seavigil.events import Reason
from seavigil.normal.log import ship_key
from seavigil.records import SECOND_US, Transceiver
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: High-speed craft, and "other" types, offshore and cable vessels mostly (ITU-R M.1371-5, table 53).
HIGH_SPEED, OTHER = range(40, 50), range(90, 100)


@dataclass(frozen=True)
class SuddenStopParams:
    """``within_s``: a crash stop from sea speed takes a large ship six to fifteen minutes (IMO resolution
    MSC.137(76) allows her 15 ship lengths, about ten minutes). Own choices: the rest. ``steady_share``:
    a ship that was slowing already comes to a stop as meant; ``stop_sog_kn`` allows for current; ``kept_s``
    is for ferries, that say "moored" once they are. ``still_m``: ships within it lie at one roadstead or
    terminal. ``stop_days``: so often ships were learned to stop there.
    """

    within_s: float = 600.0
    steady_s: float = 1200.0
    least_sog_kn: float = 6.0
    stop_share: float = 0.2
    stop_sog_kn: float = 1.5
    kept_s: float = 120.0
    steady_share: float = 0.75
    least_rows: int = 4
    max_gap_s: float = 240.0
    port_m: float = 10_000.0
    still_m: float = 2_000.0
    still_sog_kn: float = 0.7
    stop_days: int = 2


def score(track: Track, surroundings: Surroundings, params: SuddenStopParams) -> Iterable[Scores]:
    """Score how suddenly she stopped: speed before over speed now, 1 where the rule is just fulfilled."""
    slow = _slow(track.sog_kn, track.nav_status, track.transceiver, params)
    if not slow.any() or not (track.sog_kn >= params.least_sog_kn).any():
        return
    last_us = np.maximum.accumulate(np.where(slow, track.time_us[0] - 1, track.time_us))
    kept = slow & (track.time_us - last_us >= params.kept_s * SECOND_US)
    kept &= track.time_us - _last_fast_us(track, params) <= (params.within_s + params.max_gap_s) * SECOND_US
    value = np.zeros(len(track))
    for row in np.flatnonzero(kept).tolist():
        value[row] = _suddenness(track, row, params)
    for row in np.flatnonzero(value >= 1.0).tolist():
        if _stops_here(track, row, surroundings, params):
            value[row] = 0.0
    yield Scores(track.time_us, value)


def _slow(sog_kn: F64, nav_status: F64, transceiver: F64, params: SuddenStopParams) -> Bool:
    held = np.isin(nav_status, HELD_TO_THE_GROUND)
    return np.asarray((sog_kn <= params.stop_sog_kn) & ~held & (transceiver != Transceiver.CLASS_B))


def screen(steps: Steps, params: SuddenStopParams) -> Bool:
    """Only a row at which she is slow can score."""
    return _slow(steps.sog_kn, steps.nav_status, steps.transceiver, params)


def quiet(track: Track, surroundings: Surroundings, params: SuddenStopParams) -> Quiet:
    """A ship that has not been fast for a while must be so again, for longer than a stop takes.

    Her slow rows lie between her last fast one and the next, and a steady time before a stop has none.
    """
    if not len(track):
        return Quiet()
    now_us = int(track.time_us[-1])
    slow_us = now_us - int(_last_fast_us(track, params)[-1])
    long = slow_us > (params.within_s + params.max_gap_s) * SECOND_US
    return Quiet(now_us + int(params.within_s * SECOND_US)) if long else Quiet()


def _last_fast_us(track: Track, params: SuddenStopParams) -> I64:
    """Give when she last made passage speed, up to each row; long ago where she never did."""
    fast = track.sog_kn >= params.steady_share * params.least_sog_kn
    return np.maximum.accumulate(np.where(fast, track.time_us, np.int64(-(2**62))))


def _before_kn(track: Track, row: int, params: SuddenStopParams) -> tuple[float, float]:
    """Give her median speed in the steady time before the stop, and the least; NaN if not heard well."""
    end_us = track.time_us[row] - int(params.within_s * SECOND_US)
    begin, end = np.searchsorted(track.time_us, [end_us - int(params.steady_s * SECOND_US), end_us])
    speeds = track.sog_kn[begin:end]
    gaps_us = np.diff(track.time_us[begin : row + 1])
    heard = len(speeds) >= params.least_rows and gaps_us.max(initial=0) <= params.max_gap_s * SECOND_US
    if not heard or not np.isfinite(speeds).all():
        return np.nan, np.nan
    return float(np.median(speeds)), float(speeds.min())


def _suddenness(track: Track, row: int, params: SuddenStopParams) -> float:
    before_kn, least_kn = _before_kn(track, row, params)
    steady = least_kn >= params.steady_share * before_kn
    if not (steady and before_kn >= params.least_sog_kn):
        return 0.0
    return float(params.stop_share * before_kn / max(track.sog_kn[row], 0.1))


def _stops_here(track: Track, row: int, surroundings: Surroundings, params: SuddenStopParams) -> bool:
    """Say whether this is a place, or a kind of ship, for which stopping is daily work."""
    kind = surroundings.statics.known(track.mmsi, int(track.time_us[row])).ship_type
    at_will = kind is not None and (kind == FISHING or kind in (*AT_WORK, *HIGH_SPEED, *OTHER))
    if at_will:
        return True
    lat, lon = track.lat_deg[row : row + 1], track.lon_deg[row : row + 1]
    places = surroundings.places
    known = places.port_distance_m(lat, lon) <= params.port_m
    known |= places.in_anchorage(lat, lon) | places.in_pilot_area(lat, lon)
    learned = surroundings.pattern.known and surroundings.pattern.stop_place(lat, lon).rests_on
    if known[0] or np.any(learned >= params.stop_days):
        return True
    return _others_lie(track, row, surroundings, params)


def _others_lie(track: Track, row: int, surroundings: Surroundings, params: SuddenStopParams) -> bool:
    """Say whether another ship lay still close by in the newest closed bin."""
    coverage = surroundings.coverage
    newest = int(np.searchsorted(coverage.visible_us, track.time_us[row], side="right")) - 1
    if newest < 0:
        return False
    log = surroundings.log.during(int(coverage.starts_us[newest]))
    lies = (log.sog_kn < params.still_sog_kn) & (log.ship != ship_key(track.mmsi, track.vessel_part))
    away_m = geodesy.distance_m(track.lat_deg[row], track.lon_deg[row], log.lat_deg[lies], log.lon_deg[lies])
    return bool((away_m <= params.still_m).any())


def detail(
    track: Track,
    surroundings: Surroundings,
    params: SuddenStopParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say how fast she was and in what time she stopped."""
    before_kn, _ = _before_kn(track, first, params)
    begin = int(window_first_row(track.time_us, int(params.within_s * SECOND_US))[first])
    fast = np.flatnonzero(track.sog_kn[begin : first + 1] >= params.steady_share * before_kn)
    left = begin + int(fast[-1]) if len(fast) else begin
    stopped_s = (track.time_us[first] - track.time_us[left]) / SECOND_US
    reasons = (
        Reason("speed_before", round(before_kn, 1), params.least_sog_kn, "kn"),
        Reason("stopped_in", round(float(stopped_s)), params.within_s, "s", 2.0),
        Reason("speed_after", round(float(track.sog_kn[upto]), 1), params.stop_sog_kn, "kn"),
    )
    return Detail(reasons, began_us=int(track.time_us[left]))


BEHAVIOUR = Behaviour(
    name="sudden_stop",
    params=SuddenStopParams(),
    history_s=SuddenStopParams.within_s + SuddenStopParams.steady_s + SuddenStopParams.max_gap_s,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=1800.0, max_duration_s=3600.0),
    score=score,
    detail=detail,
    least_s=SuddenStopParams.within_s,
    screen=screen,
    quiet=quiet,
)
