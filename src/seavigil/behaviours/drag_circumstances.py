"""What a drag is held against besides the ship's own rows: her static data, the weather, the place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.surroundings import Surroundings
from seavigil.normal.bins import Log
from seavigil.normal.weather import expected_speed_share
from seavigil.records import SECOND_US

F64 = NDArray[np.float64]


def said(log: Log, mmsi: int, name: str, surroundings: Surroundings) -> F64:
    """Give what she said of herself, as known at each row; NaN before."""
    out = np.full(len(log), np.nan)
    if len(log):
        for since_us, value in surroundings.statics.changes(mmsi, name, int(log.visible_us[-1])):
            out[log.visible_us >= since_us] = np.nan if value is None else value
    return out


def weather_share(log: Log, mmsi: int, surroundings: Surroundings, window_s: float) -> F64:
    """Give what wind and sea leave her, of the best they left her within the window; NaN if not known."""
    if not len(surroundings.weather):
        return np.full(len(log), np.nan)
    sea = surroundings.weather.at(log.lat_deg, log.lon_deg, log.start_us)
    length_m = said(log, mmsi, "length_m", surroundings)
    left = expected_speed_share(sea, length_m, log.cog_deg, log.own_sog_kn)
    age_us = log.start_us[:, None] - log.start_us
    within = (age_us >= 0) & (age_us < window_s * SECOND_US)
    best = np.where(within, np.nan_to_num(left), 0.0).max(axis=1)
    return np.where(best > 0, left / np.maximum(best, 1e-6), np.nan)


def usual_here(log: Log, surroundings: Surroundings) -> F64:
    """Give how usual a slowdown is at each place, 0..1: by others in the last day, or by the pattern."""
    came, slow = np.nan_to_num(log.place_ships), np.nan_to_num(log.place_slow_ships)
    usual = slow / (came + 1.0)
    if surroundings.pattern.known:
        learned = surroundings.pattern.slowdown_usual(log.lat_deg, log.lon_deg)
        usual = np.fmax(usual, np.where(learned.rests_on >= 5, learned.share, 0.0))
    return usual
