"""Dips at crossings: a ship on passage checks where she goes over an asset, and makes way again.

An anchor that meets a cable or pipe holds her for some minutes until it comes free: EAGLES-1 lost half a
knot of 9.3 within two minutes, NNPB-2 a knot and a half of 11 within five. What tells such a dip from
an engine eased for another ship is its moment: it begins at the asset to the minute, falls within two
minutes and is being made up again ten minutes later, while a ship that gives way goes on slower.

For each crossing of a charted line medians of her speed are taken: before, at the bottom, and after.
The true line lies beside the charted one, so the bottom is looked for as far off as the asset's standard
deviation, in steps of a minute; each further place where it may be found makes it say less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.crossing import BEHAVIOUR as CROSSING
from seavigil.behaviours.crossing import meetings, times_crossed
from seavigil.behaviours.surroundings import AssetRows, Surroundings
from seavigil.behaviours.windows import angle_between_deg
from seavigil.records import NEVER_US, SECOND_US
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
_KN_MS = 1852.0 / 3600.0


@dataclass(frozen=True)
class DipParams:
    """Windows in seconds from the crossing. ``least_nats, nats_per_size, most_nats``: what a dip says, by its
    size in her own changes of speed over such a time; set so that ordinary ships reach such a score at
    crossings no more often than a sum of rows of the same height (seeds below 1000, decisions 9 and 12).

    Own choices: ``before_s`` and ``earlier_s``, five minutes and the ten before; ``bottom_s``, two minutes
    after the crossing a ship of the cases had lost most of what she lost; ``after_s``, the sixth to the
    tenth minute; ``usual_s``, half an hour of her own changes; ``step_kn``, what SOG in tenths of a knot
    tells apart; ``most_share``, a ship that loses more has stopped her engine; ``turn_deg``, more is a turn;
    ``port_m``, where engines are eased; ``most_steps``, beyond so many minutes the chart says too little.
    """

    before_s: tuple[float, float] = (-330.0, -15.0)
    earlier_s: tuple[float, float] = (-900.0, -330.0)
    bottom_s: tuple[float, float] = (100.0, 230.0)
    after_s: tuple[float, float] = (400.0, 640.0)
    usual_s: tuple[float, float] = (-2100.0, -350.0)
    usual_every_s: float = 120.0
    step_s: float = 60.0
    most_steps: int = 7
    least_sog_kn: float = 5.0
    step_kn: float = 0.12
    least_lost_kn: float = 0.2
    most_share: float = 0.3
    turn_deg: float = 12.0
    port_m: float = 5000.0
    least_nats: float = 2.0
    nats_per_size: float = 5.0
    most_nats: float = 18.0
    nats_per_place: float = 1.0

    @property
    def history_s(self) -> float:
        """Give how far back of the row that confirms a dip the rows must go."""
        reach_s = self.most_steps * self.step_s
        return 2.0 * reach_s + self.after_s[1] - self.usual_s[0] - self.before_s[0]


@dataclass(frozen=True)
class Dip:
    """One dip: the asset, when she crossed its charted line, the row that confirms it, and what it says."""

    asset: int
    crossed_at_us: int
    row: int
    lost_kn: float
    share: float
    size: float
    nats: float


def dips(track: Track, surroundings: Surroundings, params: DipParams) -> Iterator[Dip]:
    """Give the dips of a ship's rows, by asset and in order of time."""
    for rows in surroundings.near(track):
        if surroundings.asset(rows.asset).shape != "line":
            continue
        hits = np.flatnonzero(times_crossed(track, surroundings, rows, CROSSING.params))
        for crossed_at_us in _times_us(track, surroundings, rows, hits):
            dip = _dip(track, surroundings, rows.asset, crossed_at_us, params)
            if dip is not None:
                yield dip


def _times_us(track: Track, surroundings: Surroundings, rows: AssetRows, hits: I64) -> list[int]:
    """Give when each step that crosses did so."""
    if not len(hits):
        return []
    part = meetings(track, surroundings, rows.asset, hits).fraction
    begin_us, step_us = track.time_us[hits - 1], track.time_us[hits] - track.time_us[hits - 1]
    return [int(t) for t in begin_us + np.rint(step_us * part).astype(np.int64)]


def _dip(
    track: Track, surroundings: Surroundings, asset: int, crossed_at_us: int, params: DipParams
) -> Dip | None:
    """Judge one crossing once she is far enough beyond it; None where there is no dip, or not yet."""
    before_kn = _median(track, crossed_at_us, 0.0, params.before_s)
    if not before_kn >= params.least_sog_kn or _eased_there(track, surroundings, crossed_at_us, params):
        return None
    reach = _reach(before_kn, surroundings, asset, params)
    row = int(np.searchsorted(track.time_us, _due_us(crossed_at_us, reach, params)))
    if row == len(track):
        return None
    if (
        not _least_kn(track, crossed_at_us, reach * params.step_s, params)
        <= before_kn - params.least_lost_kn / 2
    ):
        return None
    best_kn, at_kn = 0.0, before_kn
    for step in range(-reach, reach + 1):
        lost_kn, from_kn = _lost(track, crossed_at_us, step * params.step_s, params)
        if lost_kn > best_kn:
            best_kn, at_kn = lost_kn, from_kn
    if best_kn == 0.0:
        return None
    size = best_kn / max(_usual_kn(track, crossed_at_us, params), params.step_kn)
    nats = min(params.least_nats + params.nats_per_size * size, params.most_nats)
    nats -= params.nats_per_place * log(2 * reach + 1)
    return Dip(asset, crossed_at_us, row, best_kn, best_kn / at_kn, size, nats)


def _reach(before_kn: float, surroundings: Surroundings, asset: int, params: DipParams) -> int:
    """Give how many steps before and after the charted line the true one may be passed."""
    off_s = surroundings.sigma_m(asset) / (before_kn * _KN_MS)
    return min(int(off_s / params.step_s), params.most_steps)


def _due_us(crossed_at_us: int, reach: int, params: DipParams) -> int:
    """Give from when on a row confirms a dip."""
    return crossed_at_us + int((reach * params.step_s + params.after_s[1]) * SECOND_US)


def confirmed_from_us(track: Track, surroundings: Surroundings, params: DipParams) -> tuple[int, bool]:
    """Give a time before which no later row confirms a dip, and whether one of a crossing so far may then."""
    last_us = int(track.time_us[-1]) if len(track) else NEVER_US
    from_us = _due_us(last_us, 0, params)
    due_us = [due for due in _all_due_us(track, surroundings, params) if due > last_us]
    return min([from_us, *due_us]), bool(due_us)


def _all_due_us(track: Track, surroundings: Surroundings, params: DipParams) -> Iterator[int]:
    """Give when each crossing that she made at some speed is due."""
    for rows in surroundings.near(track):
        if surroundings.asset(rows.asset).shape != "line":
            continue
        hits = np.flatnonzero(times_crossed(track, surroundings, rows, CROSSING.params))
        for crossed_at_us in _times_us(track, surroundings, rows, hits):
            before_kn = _median(track, crossed_at_us, 0.0, params.before_s)
            if before_kn >= params.least_sog_kn:
                yield _due_us(crossed_at_us, _reach(before_kn, surroundings, rows.asset, params), params)


def _least_kn(track: Track, crossed_at_us: int, reach_s: float, params: DipParams) -> float:
    """Give her least speed wherever the bottom of a dip may lie; NaN where none was heard."""
    window = (params.bottom_s[0] - reach_s, params.bottom_s[1] + reach_s)
    sog_kn = track.sog_kn[_rows(track, crossed_at_us, window)]
    return float(np.nanmin(sog_kn)) if np.isfinite(sog_kn).any() else np.nan


def _lost(track: Track, crossed_at_us: int, shift_s: float, params: DipParams) -> tuple[float, float]:
    """Give what she lost in a dip that begins ``shift_s`` after the charted line, 0 for none, and of what."""
    windows = (params.earlier_s, params.before_s, params.bottom_s, params.after_s)
    earlier, before, bottom, after = (_median(track, crossed_at_us, shift_s, w) for w in windows)
    lost = before - bottom
    made_up = after >= bottom
    steady = abs(before - earlier) <= max(0.5 * lost, params.least_lost_kn)
    deep = params.least_lost_kn <= lost <= params.most_share * before
    return (lost, before) if made_up and steady and deep else (0.0, before)


def _usual_kn(track: Track, crossed_at_us: int, params: DipParams) -> float:
    """Give how much her speed usually changes over such a time: root mean square of the half hour before."""
    squares = []
    for shift_s in np.arange(params.usual_s[0], params.usual_s[1], params.usual_every_s).tolist():
        change = _median(track, crossed_at_us, shift_s, params.before_s)
        change -= _median(track, crossed_at_us, shift_s, params.bottom_s)
        if np.isfinite(change):
            squares.append(change**2)
    return float(np.sqrt(np.mean(squares))) if squares else params.step_kn


def _eased_there(track: Track, surroundings: Surroundings, crossed_at_us: int, params: DipParams) -> bool:
    """Whether she turned there, or is where ships ease their engines: at a pilot's place or off a port."""
    first, last = _rows(track, crossed_at_us, params.before_s), _rows(track, crossed_at_us, params.bottom_s)
    turned = angle_between_deg(_course_deg(track.cog_deg[first]), _course_deg(track.cog_deg[last]))
    row = slice(min(last.start, len(track) - 1), None)
    lat, lon = track.lat_deg[row][:1], track.lon_deg[row][:1]
    places = surroundings.places
    eased = places.in_pilot_area(lat, lon) | places.in_anchorage(lat, lon)
    eased |= places.port_distance_m(lat, lon) < params.port_m
    return bool((turned > params.turn_deg).any() or eased.any())


def _course_deg(cog_deg: F64) -> F64:
    """Give the mean course, as an array of one; NaN of none."""
    angle = np.radians(cog_deg[np.isfinite(cog_deg)])
    mean = np.degrees(np.arctan2(np.sin(angle).sum(), np.cos(angle).sum()))
    return np.array([mean if len(angle) else np.nan])


def _median(track: Track, at_us: int, shift_s: float, window_s: tuple[float, float]) -> float:
    """Give her median speed in a window; NaN of less than two reports."""
    window = (window_s[0] + shift_s, window_s[1] + shift_s)
    sog_kn = track.sog_kn[_rows(track, at_us, window)]
    sog_kn = sog_kn[np.isfinite(sog_kn)]
    return float(np.median(sog_kn)) if len(sog_kn) >= 2 else np.nan


def _rows(track: Track, at_us: int, window_s: tuple[float, float]) -> slice:
    ends_us = [at_us + int(s * SECOND_US) for s in window_s]
    begin, end = np.searchsorted(track.time_us, ends_us)
    return slice(int(begin), int(end))
