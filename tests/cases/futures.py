"""Ships before a forecast, said in a few words, and outside authorities on where a course leads."""

from __future__ import annotations

from math import radians, sin, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from seavigil.forecast.motion import State
from seavigil.forecast.ways import Ways, ways
from seavigil.normal.bins import NOTHING_LOGGED
from seavigil.normal.pattern import NO_PATTERN
from seavigil.normal.places import NO_PLACES

F64 = NDArray[np.float64]

WGS84 = Geod(ellps="WGS84")
KN_MS = 1852.0 / 3600.0
_MERCATOR = Transformer.from_crs("EPSG:4326", "EPSG:3395", always_xy=True)
NO_WAYS: Ways = ways(NOTHING_LOGGED, NO_PLACES, NO_PATTERN, 0)


def ship(lat: float, lon: float, kn: float, course_deg: float, **more: float) -> State:
    """Give one ship; ``more``: swing_kn, usual_kn, to_lat_deg, to_lon_deg, where known."""
    return ships((lat, lon, kn, course_deg), **more)


def ships(*each: tuple[float, float, float, float], **more: float) -> State:
    """Give ships of (latitude, longitude, knots, course), ``more`` the same for all."""
    lat, lon, kn, course = np.array(each, dtype=np.float64).reshape(-1, 4).T
    names = ("swing_kn", "usual_kn", "to_lat_deg", "to_lon_deg")
    known = [np.full(len(lat), more.get(name, np.nan)) for name in names]
    return State(lat, lon, kn, course, *known)


def east_of(lat: float, lon: float, metres: float) -> float:
    """Give the longitude so far east along the parallel: its radius is N cos(lat) (WGS 84)."""
    e2 = (2 - 1 / 298.257223563) / 298.257223563
    normal_m = 6_378_137.0 / sqrt(1 - e2 * sin(radians(lat)) ** 2)
    return lon + float(np.degrees(metres / (normal_m * np.cos(radians(lat)))))


def rhumb_course_deg(lat_a: float, lon_a: float, lat_b: Any, lon_b: Any) -> F64:
    """Give the course of the rhumb line from a to b: the straight line on PROJ's Mercator chart."""
    x_a, y_a = _MERCATOR.transform(lon_a, lat_a)
    x_b, y_b = _MERCATOR.transform(lon_b, lat_b)
    return np.asarray(np.degrees(np.arctan2(np.asarray(x_b) - x_a, np.asarray(y_b) - y_a)) % 360.0)


def rhumb_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Give its length: the meridian's arc over the cosine of the course, or the parallel's arc."""
    course = radians(float(rhumb_course_deg(lat_a, lon_a, lat_b, lon_b)))
    if abs(np.cos(course)) < 1e-6:
        return abs(lon_b - lon_a) / east_of(lat_a, 0.0, 1.0)
    return float(WGS84.inv(lon_a, lat_a, lon_a, lat_b)[2] / abs(np.cos(course)))
