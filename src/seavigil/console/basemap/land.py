"""The world's land without a seam: whole over the date line and closed at the pole.

In the files a polygon that reaches over the date line jumps from 180° to -180° between two points,
and Antarctica is a line around the pole without an end. Drawn as they are, such polygons cover half
the world. Here every ring goes on past 180° instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from seavigil.console.basemap.topology import Points

Shapes = NDArray[np.object_]
"""Shapely geometries, shape (n,)."""

ROUND_DEG = 360.0
POLE_DEG = 90.0
AREA, LINE = 2, 1
"""Dimensions of shapes."""

EARTH_KM2 = (146.6e6, 147.3e6)
"""Between what all land, without floating ice shelves, must measure. Own choice: Natural Earth's comes to
146.8 million, and a single large polygon misread is far more than the margin."""

WGS84_A_KM, WGS84_E = 6378.137, 0.0818191908426215
"""Equatorial radius and first eccentricity of the ellipsoid (NIMA TR8350.2)."""


def unwrapped(line: Points) -> Points:
    """Let ``line`` go on past 180° where it jumps to the other side.

    >>> unwrapped(np.array([[179.0, 60.0], [-179.0, 61.0], [178.0, 62.0]]))[:, 0].tolist()
    [179.0, 181.0, 178.0]
    """
    jumps = np.round(np.diff(line[:, 0]) / ROUND_DEG)
    turned = np.concatenate([[0.0], np.cumsum(jumps)]) * ROUND_DEG
    return np.column_stack([line[:, 0] - turned, line[:, 1]])


def closed(ring: Points) -> Points:
    """Close an unwrapped ring that has gone around the world, over the pole that is nearer to it.

    >>> closed(np.array([[-180.0, -80.0], [0.0, -70.0], [180.0, -80.0]]))[-2:].tolist()
    [[180.0, -90.0], [-180.0, -90.0]]
    """
    if abs(ring[-1, 0] - ring[0, 0]) < ROUND_DEG / 2:
        return ring
    pole = np.copysign(POLE_DEG, ring[:, 1].mean())
    return np.vstack([ring, [[ring[-1, 0], pole], [ring[0, 0], pole]]])


def polygon(rings: Sequence[Points]) -> object:
    """Make one valid polygon (or several, where it touched itself) from the rings of a file."""
    outer, *holes = (closed(unwrapped(ring)) for ring in rings)
    beside = [hole + np.array([_turns(hole, outer) * ROUND_DEG, 0.0]) for hole in holes]
    return shapely.make_valid(shapely.Polygon(outer, beside), method="structure")


def _turns(hole: Points, outer: Points) -> float:
    """Give how many rounds east a hole must move to lie within the longitudes of its outer ring."""
    east = outer[:, 0].min() - hole[:, 0].min()
    return float(np.ceil(east / ROUND_DEG - 1e-9))


def polygons(found: Iterable[Sequence[Points]]) -> Shapes:
    """Make valid polygons of all that was ``found``; some reach past 180° or -180°."""
    return parts(np.array([polygon(rings) for rings in found], object), AREA)


def parts(shapes: Shapes, dimension: int) -> Shapes:
    """Take collections apart and keep what has ``dimension`` (2: polygons, 1: lines) and is not empty."""
    single = shapely.get_parts(shapely.get_parts(shapes))
    keep = (shapely.get_dimensions(single) == dimension) & ~shapely.is_empty(single)
    return np.asarray(single[keep], object)


def around(shapes: Shapes, west: float, south: float, east: float, north: float) -> Shapes:
    """Repeat ``shapes`` east and west and cut them to a box in degrees, that may be wider than the world."""
    box = shapely.box(west, south, east, north)
    rounds = [np.array([turn * ROUND_DEG, 0.0]) for turn in (-1, 0, 1)]
    every = [shapely.transform(shapes, lambda at, east=east: at + east) for east in rounds]
    return cut(np.concatenate(every), box)


def cut(shapes: Shapes, box: object) -> Shapes:
    """Cut ``shapes`` (all polygons, or all lines) to ``box``; what is inside stays as it is."""
    if not len(shapes):
        return shapes
    west, south, east, north = shapely.bounds(box)
    low_x, low_y, high_x, high_y = shapely.bounds(shapes).T
    near = (low_x <= east) & (high_x >= west) & (low_y <= north) & (high_y >= south)
    inside = (low_x >= west) & (high_x <= east) & (low_y >= south) & (high_y <= north)
    dimension = int(shapely.get_dimensions(shapes[0]))
    clipped = parts(shapely.intersection(shapes[near & ~inside], box), dimension)
    return np.concatenate([shapes[inside], clipped])


def world(shapes: Shapes) -> Shapes:
    """Give the land once, from -180° to 180°, joined where copies meet."""
    once = around(shapes, -ROUND_DEG / 2, -POLE_DEG, ROUND_DEG / 2, POLE_DEG)
    return parts(np.array([shapely.union_all(once)], object), AREA)


def area_km2(shapes: Shapes) -> float:
    """Give the area of ``shapes`` (degrees, short sides) on the ellipsoid."""
    return float(shapely.area(shapely.transform(shapes, _equal_area)).sum())


def _equal_area(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project to a plane in which areas are right, km (Snyder, Map Projections, 1987, eq. 3-12 and 10-15)."""
    lon, lat = np.radians(degrees).T
    slant = WGS84_E * np.sin(lat)
    q = (1 - WGS84_E**2) * (np.sin(lat) / (1 - slant**2) + np.arctanh(slant) / WGS84_E)
    return np.column_stack([WGS84_A_KM * lon, WGS84_A_KM * q / 2])


def checked(shapes: Shapes) -> Shapes:
    """Give all land once as it is, if it is whole.

    Raises:
        ValueError: a polygon is not valid, or there is more or less land than there is.
    """
    every = world(shapes)
    if not shapely.is_valid(every).all():
        raise ValueError("a polygon of the land crosses itself")
    area = area_km2(every)
    if not EARTH_KM2[0] <= area <= EARTH_KM2[1]:
        raise ValueError(f"the land measures {area / 1e6:.1f} million km2, which is not the Earth's")
    return shapes
