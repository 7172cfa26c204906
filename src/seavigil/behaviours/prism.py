"""Where a ship can have been while nobody heard her: the space-time prism.

Between a last report at A and the next at B a ship of known top speed has a budget of way. She can have
been at P if A to P to B is no longer than the budget: an ellipse with A and B as foci; while B is not
known yet, a circle around A. (Hägerstrand, "What about people in regional science?", 1970; the ellipse:
Pfoser and Jensen, "Capturing the uncertainty of moving-object representations", 1999.)
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from seavigil import geodesy
from seavigil.assets.index import AssetIndex

#: Corners of the polygon that stands for the ellipse; it is drawn around it, not within (1 part in 800).
_CORNERS = 64

Place = tuple[float, float]


def area(a: Place, b: Place, budget_m: float) -> BaseGeometry | None:
    """Give the area (WGS 84, longitude first, in pieces at 180 degrees) that a way of ``budget_m`` reaches.

    ``a``, ``b``: (latitude, longitude) in degrees; equal for a circle of radius ``budget_m`` / 2. None
    where the budget does not suffice to go from a to b, or there is none. Good to some 0.5 % up to 500 km.
    """
    apart_m = float(geodesy.distance_m(*a, *b))
    if not budget_m > 0 or apart_m > budget_m:
        return None
    half_m, off = budget_m / 2.0, apart_m / budget_m
    course_deg = float(np.nan_to_num(geodesy.bearing_deg(*a, *b)))
    mid_lat, mid_lon = geodesy.destination(*a, course_deg, apart_m / 2.0)
    turn_deg = np.linspace(0.0, 360.0, _CORNERS, endpoint=False)
    reach_m = half_m * np.sqrt((1 - off**2) / (1 - (off * np.cos(np.radians(turn_deg))) ** 2))
    around = 1.0 / np.cos(np.pi / _CORNERS)
    lat, lon = geodesy.destination(mid_lat, mid_lon, course_deg + turn_deg, reach_m * around)
    east = float(mid_lon) + geodesy.turn_deg(lon - mid_lon)
    return _within_180(shapely.Polygon(np.stack([east, lat], axis=1)))


def _within_180(polygon: BaseGeometry) -> BaseGeometry:
    """Bring the parts beyond 180 degrees back to where charts have them."""
    west, _, east, _ = polygon.bounds
    if west >= -180.0 and east <= 180.0:
        return polygon
    edges = (-540.0, -180.0, 180.0, 540.0)
    bands = [polygon.intersection(shapely.box(a, -90.0, b, 90.0)) for a, b in pairwise(edges)]
    turned = [
        shapely.transform(band, lambda xy, by=by: xy + np.array([by, 0.0]))
        for band, by in zip(bands, (360.0, 0.0, -360.0), strict=True)
    ]
    return shapely.union_all([band for band in turned if not band.is_empty])


def assets_over(index: AssetIndex | None, a: Place, b: Place, budget_m: float) -> list[int]:
    """Give the numbers of the assets that a ship can have gone over from ``a`` to ``b`` within the budget.

    Charted places; the assets' own uncertainty is not added.
    """
    reached = area(a, b, budget_m) if index is not None else None
    if index is None or reached is None:
        return []
    return sorted(_tree(index).query(reached, predicate="intersects").tolist())


@lru_cache(maxsize=4)
def _tree(index: AssetIndex) -> shapely.STRtree:
    return shapely.STRtree([asset.geometry for asset in index.assets])
