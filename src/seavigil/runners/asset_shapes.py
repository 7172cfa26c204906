"""Assets as they are drawn: their routes, the bands in which the true ones lie, and their kilometres."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from seavigil.assets.edges import gather
from seavigil.assets.model import Asset
from seavigil.geodesy import edge_length_m, metres_per_degree, turn_deg, unwrap_deg

F64 = NDArray[np.float64]

#: 0.1 m of latitude.
_DIGITS = 6
#: A band is put together of pieces so high: within one a degree of longitude changes by 0.5 % at 60 N.
_PIECE_DEG = 0.15
#: A quarter of a circle in so many steps lies within 0.5 % of it.
_QUARTER = 8
#: What is drawn may be off by this part of a band's width.
_DRAWN = 1 / 20
#: A route has at most so many marks, at one of these steps.
_MOST_MARKS = 60
_STEPS_KM = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


def geometry_json(geometry: BaseGeometry) -> str:
    """Write a geometry as GeoJSON, to 0.1 m."""
    return json.dumps(_rounded(shapely.geometry.mapping(geometry)), separators=(",", ":"))


def _rounded(told: Any) -> Any:
    if isinstance(told, float):
        return round(told, _DIGITS)
    if isinstance(told, dict):
        return {key: _rounded(value) for key, value in told.items()}
    return [_rounded(item) for item in told] if isinstance(told, list | tuple) else told


def band(asset: Asset) -> BaseGeometry | None:
    """Give the area within ``position_uncertainty_m`` of an asset as charted; None where that is nothing.

    In it 95 % of the true route lie. Right within 1 %, then simplified by a twentieth of its width.
    Longitudes go on beyond 180 where the route does.
    """
    reach_m = asset.position_uncertainty_m
    if not reach_m > 0:
        return None
    pieces = [band for part in _pieces(asset) for band in [_around(part, reach_m)] if not band.is_empty]
    whole = shapely.union_all(pieces) if len(pieces) > 1 else pieces[0]
    lat = (whole.bounds[1] + whole.bounds[3]) / 2
    tolerance = 2 * reach_m * _DRAWN / float(metres_per_degree(lat)[0])
    drawn = shapely.simplify(whole, tolerance, preserve_topology=True)
    return whole if drawn.is_empty else drawn


def _pieces(asset: Asset) -> Iterable[BaseGeometry]:
    """Cut routes into pieces of little height; areas and points stay whole."""
    for part in shapely.get_parts(asset.geometry):
        if asset.shape == "line":
            lon, lat = shapely.get_coordinates(part).T
            way = shapely.linestrings(unwrap_deg(lon), lat)
            yield from _cut(shapely.get_coordinates(shapely.segmentize(way, _PIECE_DEG)))
        else:
            yield part


def _cut(places: F64) -> Iterable[BaseGeometry]:
    lon, lat = places.T
    begin = 0
    for row in range(1, len(lat)):
        if abs(lat[row] - lat[begin]) > _PIECE_DEG or row == len(lat) - 1:
            yield shapely.linestrings(lon[begin : row + 1], lat[begin : row + 1])
            begin = row


def _around(geometry: BaseGeometry, reach_m: float) -> BaseGeometry:
    lat = (geometry.bounds[1] + geometry.bounds[3]) / 2
    per_lat, per_lon = (float(m) for m in metres_per_degree(np.clip(lat, -89.0, 89.0)))
    scale = np.array([per_lon, per_lat])
    plane = shapely.transform(geometry, lambda places: places * scale)
    plane = shapely.simplify(plane, reach_m / 200.0)
    return shapely.transform(shapely.buffer(plane, reach_m, quad_segs=_QUARTER), lambda p: p / scale)


def kilometres(asset: Asset) -> list[dict[str, float]]:
    """Give where the kilometres of a route lie, at a round step, from its first vertex on; ends included.

    They are those of crossings (`assets.index`): the pieces of one cable count on, one after another.
    """
    if asset.shape != "line" or not asset.length_km:
        return []
    step = next((s for s in _STEPS_KM if asset.length_km / s <= _MOST_MARKS), _STEPS_KM[-1])
    at_km = np.append(np.arange(0.0, asset.length_km, step), asset.length_km)
    lat, lon = places_at(asset, at_km)
    rows = zip(at_km.tolist(), lon.tolist(), lat.tolist(), strict=True)
    return [
        {"km": round(km, 3), "lon_deg": round(x, _DIGITS), "lat_deg": round(y, _DIGITS)} for km, x, y in rows
    ]


def places_at(asset: Asset, km: F64) -> tuple[F64, F64]:
    """Give latitude and longitude at kilometres along a route, to some centimetres."""
    edges = gather([asset])
    at = np.clip(np.searchsorted(edges.km_a, km, side="right") - 1, 0, len(edges) - 1)
    a_lat, a_lon = edges.lat_a[at], edges.lon_a[at]
    d_lat, d_lon = edges.lat_b[at] - a_lat, edges.lon_b[at] - a_lon
    along_m = (km - edges.km_a[at]) * 1000.0
    whole_m = edge_length_m(a_lat, a_lon, a_lat + d_lat, a_lon + d_lon)
    share = np.clip(along_m / whole_m, 0.0, 1.0)
    for _ in range(2):  # metres do not grow quite evenly along an edge
        made_m = edge_length_m(a_lat, a_lon, a_lat + share * d_lat, a_lon + share * d_lon)
        share = np.clip(share + (along_m - made_m) / whole_m, 0.0, 1.0)
    return a_lat + share * d_lat, turn_deg(a_lon + share * d_lon)
