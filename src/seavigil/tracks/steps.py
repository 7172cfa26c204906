"""Can a ship have made this step? The same rules for arrays and, ship by ship, for single rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.geodesy import EQUATORIAL_RADIUS_M, FLATTENING, distance_m, plane_distance_m
from seavigil.records import SECOND_US
from seavigil.tracks.params import TrackParams

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: International nautical mile an hour.
KN_MS = 1852 / 3600
#: Below this an implied speed is noise: class A sends at most every 2 s.
SHORTEST_S = 1.0
#: SOG and place are held against each other for standing still only in steps of such length.
STILL_FROM_S, STILL_TO_S = 60.0, 600.0
_E2 = FLATTENING * (2 - FLATTENING)
_PLANE_TO_M, _PLANE_TO_LAT_DEG = 20_000.0, 85.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a ship was, and its SOG (NaN: missing or impossible)."""

    time_us: int
    lat_deg: float
    lon_deg: float
    sog_kn: float


def way_m(lat_a: F64, lon_a: F64, lat_b: F64, lon_b: F64) -> F64:
    """Give distances: in the local plane to 20 km, beyond it and near the poles on the ellipsoid."""
    metres = plane_distance_m(lat_a, lon_a, lat_b, lon_b)
    far = (metres > _PLANE_TO_M) | (np.abs(lat_b) > _PLANE_TO_LAT_DEG)
    if far.any():
        metres[far] = distance_m(lat_a[far], lon_a[far], lat_b[far], lon_b[far])
    return metres


def way_between_m(a: Place, b: Place) -> float:
    """Give the distance as ``way_m`` does, for one pair, without the cost of arrays."""
    phi = math.radians((a.lat_deg + b.lat_deg) / 2)
    w2 = 1 - _E2 * math.sin(phi) ** 2
    vertical = EQUATORIAL_RADIUS_M / math.sqrt(w2)
    turn = b.lon_deg - a.lon_deg
    turn -= 360.0 * round(turn / 360.0)
    north = math.radians(b.lat_deg - a.lat_deg) * vertical * (1 - _E2) / w2
    metres = math.hypot(north, math.radians(turn) * vertical * math.cos(phi))
    if metres > _PLANE_TO_M or abs(b.lat_deg) > _PLANE_TO_LAT_DEG:
        return float(distance_m(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg))
    return metres


def explained(metres: F64, seconds: F64, sog_a: F64, sog_b: F64, top_kn: F64, params: TrackParams) -> Bool:
    """Tell steps that the reported speeds explain, with the slack in place and time."""
    usual = params.usual_top_kn
    a, b = np.where(np.isnan(sog_a), usual, sog_a), np.where(np.isnan(sog_b), usual, sog_b)
    fastest = np.maximum(np.maximum(a, b), np.where(seconds > params.gap_s, usual, 0.0))
    speed_kn = np.minimum(params.sog_ratio * fastest + params.sog_margin_kn, top_kn)
    return np.asarray(metres <= params.position_slack_m + speed_kn * KN_MS * (seconds + params.time_slack_s))


def is_explained(metres: float, a: Place, b: Place, top_kn: float, params: TrackParams) -> bool:
    """Tell as ``explained`` does, for one step."""
    usual, seconds = params.usual_top_kn, (b.time_us - a.time_us) / SECOND_US
    fastest = max(usual if math.isnan(p.sog_kn) else p.sog_kn for p in (a, b))
    if seconds > params.gap_s:
        fastest = max(fastest, usual)
    speed_kn = min(params.sog_ratio * fastest + params.sog_margin_kn, top_kn)
    return metres <= params.position_slack_m + speed_kn * KN_MS * (seconds + params.time_slack_s)


def is_reachable(metres: float, a: Place, b: Place, top_kn: float, params: TrackParams) -> bool:
    """Tell whether any craft of that class could have made the step."""
    seconds = (b.time_us - a.time_us) / SECOND_US
    return metres <= params.position_slack_m + top_kn * KN_MS * (seconds + params.time_slack_s)


def stands_still(metres: F64, seconds: F64, sog_a: F64, sog_b: F64, params: TrackParams) -> Bool:
    """Tell steps far shorter than half of what the lesser SOG at their ends would make (NaN: no)."""
    made = 0.5 * np.minimum(sog_a, sog_b) * KN_MS * seconds
    judged = (seconds >= STILL_FROM_S) & (seconds <= STILL_TO_S)
    return np.asarray(judged & (metres + params.position_slack_m < made))


def is_still(metres: float, a: Place, b: Place, params: TrackParams) -> bool:
    """Tell as ``stands_still`` does, for one step."""
    seconds = (b.time_us - a.time_us) / SECOND_US
    if math.isnan(a.sog_kn) or math.isnan(b.sog_kn) or not STILL_FROM_S <= seconds <= STILL_TO_S:
        return False
    return metres + params.position_slack_m < 0.5 * min(a.sog_kn, b.sog_kn) * KN_MS * seconds


def implied_kn(metres: F64, seconds: F64) -> F64:
    """Give the speed a step implies; NaN for one too short to tell."""
    told = seconds >= SHORTEST_S
    return np.where(told, metres / np.where(told, seconds, 1.0) / KN_MS, np.nan)


def misfit_kn(metres: float, a: Place, b: Place, params: TrackParams) -> float:
    """Give by how much the step is longer or shorter than the SOG at its ends makes, past the slack."""
    seconds = (b.time_us - a.time_us) / SECOND_US
    told = [p.sog_kn for p in (a, b) if not math.isnan(p.sog_kn)] or [metres / max(seconds, 1.0) / KN_MS]
    made = sum(told) / len(told) * KN_MS * seconds
    return max(0.0, abs(metres - made) - params.position_slack_m) / (seconds + params.time_slack_s) / KN_MS


def implied_between_kn(metres: float, a: Place, b: Place) -> float:
    """Give as ``implied_kn`` does, for one step."""
    seconds = (b.time_us - a.time_us) / SECOND_US
    return metres / seconds / KN_MS if seconds >= SHORTEST_S else math.nan
