"""Trailing windows over a track, exact in integers: the same whether a row before them is kept or not.

A rolling mean made by cumulative sums of floats differs in its last bits with where the rows
begin; sums of integer microseconds and millimetres do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.records import NEVER_US, SECOND_US
from seavigil.track import Track

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]


def held_us(holds: NDArray[np.bool_], time_us: I64, *, window_us: int, max_gap_us: int) -> I64:
    """Say for how much of the window that ends at each row ``holds`` was true.

    The state of a row covers the time since the row before it, unless that is longer ago than
    ``max_gap_us``: nothing is known of a silence.
    """
    if not len(time_us):
        return np.zeros(0, dtype=np.int64)
    step_us = np.diff(time_us, prepend=time_us[:1])
    counted_us = np.where(holds & (step_us <= max_gap_us), step_us, 0)
    first = window_first_row(time_us, window_us)
    total_us = np.cumsum(counted_us)
    cut_us = np.minimum(counted_us[first], time_us[first] - (time_us - window_us))
    return np.asarray(total_us - total_us[first] + np.where(first > 0, cut_us, counted_us[first]))


def held_from_us(
    holds: NDArray[np.bool_], time_us: I64, *, window_us: int, max_gap_us: int, share: float
) -> int:
    """Give a time before which no row's window can be held to ``share``, whatever comes after these rows.

    It cannot hold more than it does now and all the time since. A second is allowed for rounding.
    """
    if not len(time_us):
        return NEVER_US
    now_us = 0
    if holds.any():
        now_us = int(held_us(holds, time_us, window_us=window_us, max_gap_us=max_gap_us)[-1])
    return int(time_us[-1]) + int(share * window_us) - now_us - SECOND_US


def window_first_row(time_us: I64, window_us: int) -> I64:
    """Give, for each row, the first row later than ``window_us`` before it (itself at the latest)."""
    return np.searchsorted(time_us, time_us - window_us, side="right")


def displacement_m(track: Track, window_us: int) -> F64:
    """Give the distance from where the ship was when each row's window began, in metres."""
    first = window_first_row(track.time_us, window_us)
    return geodesy.distance_m(track.lat_deg[first], track.lon_deg[first], track.lat_deg, track.lon_deg)


def path_m(track: Track, window_us: int) -> F64:
    """Give the length of the way made in the window that ends at each row, in metres."""
    step_mm = np.zeros(len(track), dtype=np.int64)
    if len(track) > 1:
        lat, lon = track.lat_deg, track.lon_deg
        step_mm[1:] = np.rint(geodesy.distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) * 1000.0)
    total_mm = np.cumsum(step_mm)
    return np.asarray((total_mm - total_mm[window_first_row(track.time_us, window_us)]) / 1000.0)


def made_good_m(track: Track, counts: NDArray[np.bool_], window_us: int) -> F64:
    """Give how far apart the steps that count, put together, leave a ship at each row's window, in metres."""
    north_mm, east_mm = np.zeros(len(track), dtype=np.int64), np.zeros(len(track), dtype=np.int64)
    if len(track) > 1:
        lat, lon = track.lat_deg, track.lon_deg
        per_lat, per_lon = geodesy.metres_per_degree((lat[:-1] + lat[1:]) / 2)
        north_mm[1:] = np.rint(np.diff(lat) * per_lat * 1000.0)
        east_mm[1:] = np.rint(geodesy.turn_deg(lon[1:] - lon[:-1]) * per_lon * 1000.0)
    first = window_first_row(track.time_us, window_us)
    sums = (np.cumsum(np.where(counts, mm, 0)) for mm in (north_mm, east_mm))
    north_m, east_m = ((total - total[first]) / 1000.0 for total in sums)
    return np.asarray(np.hypot(north_m, east_m))


def angle_between_deg(a_deg: F64, b_deg: F64) -> F64:
    """Give the smaller angle between two directions, 0 to 180."""
    return np.abs((a_deg - b_deg + 180.0) % 360.0 - 180.0)
