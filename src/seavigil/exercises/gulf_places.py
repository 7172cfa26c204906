"""What a console of the demo's hour shows beside ships and cables: places, and word of an outage.

Roads, pilot grounds, ports and lanes lie where the demo's ships lie and go; their shapes are our own.
"""

from __future__ import annotations

import json
from typing import Any

from seavigil.exercises.gulf import EASTBOUND, FIBRE, WESTBOUND
from seavigil.exercises.motion import Place
from seavigil.exercises.traffic import NOTE

#: Half the width of a lane as drawn, in degrees of latitude: a little over half a mile.
_HALF_LANE_DEG = 0.009
#: Middle of each road, and how far it reaches to each side.
_ROADS = {"Exercise North Road": (60.1245, 25.339), "Exercise South Road": (59.5565, 24.939)}
_ROAD_DEG = (0.014, 0.027)
_PILOTS = {"Exercise Pilot North": (60.000, 24.960), "Exercise Pilot South": (59.590, 24.720)}
_PORTS = {
    "Exercise Port North": (60.155, 24.920),
    "Exercise Port East": (60.209, 25.193),
    "Exercise Port South": (59.449, 24.764),
}


def gulf_places_geojson() -> str:
    """Give the places of the demo as a file that ``--places`` reads."""
    roads = (_polygon("anchorage", name, _box(*at)) for name, at in _ROADS.items())
    spots = [("pilot_boarding", *one) for one in _PILOTS.items()] + [("port", *one) for one in _PORTS.items()]
    points = (_point(kind, name, at) for kind, name, at in spots)
    lanes = [
        _lane("Exercise lane east", EASTBOUND[:-1], 75.0),
        _lane("Exercise lane west", WESTBOUND[1:], 255.0),
    ]
    features = [*roads, *points, *lanes]
    return json.dumps({"type": "FeatureCollection", "note": NOTE, "features": features}, indent=1) + "\n"


def gulf_fault_json() -> str:
    """Give the notice of an outage that comes in a quarter of an hour after the second cable is crossed."""
    notice = {
        "id": "exercise-outage",
        "asset": FIBRE,
        "time": "2025-11-20T04:43:00Z",
        "within": "60s",
        "noticed": "2025-11-20T04:58:00Z",
        "source": "exercise: the fibre's own alarm",
    }
    return json.dumps(notice, indent=1) + "\n"


def _box(lat_deg: float, lon_deg: float) -> list[Place]:
    high, wide = _ROAD_DEG
    corners = ((-1, -1), (-1, 1), (1, 1), (1, -1))
    return [(lat_deg + up * high, lon_deg + right * wide) for up, right in corners]


def _lane(name: str, route: tuple[Place, ...], towards_deg: float) -> dict[str, Any]:
    over = [(lat + _HALF_LANE_DEG, lon) for lat, lon in route]
    under = [(lat - _HALF_LANE_DEG, lon) for lat, lon in reversed(route)]
    return _polygon("traffic_lane", name, over + under, direction_deg=towards_deg)


def _polygon(kind: str, name: str, corners: list[Place], **more: Any) -> dict[str, Any]:
    ring = [[lon, lat] for lat, lon in (*corners, corners[0])]
    return _feature(kind, name, {"type": "Polygon", "coordinates": [ring]}, **more)


def _point(kind: str, name: str, at: Place) -> dict[str, Any]:
    return _feature(kind, name, {"type": "Point", "coordinates": [at[1], at[0]]})


def _feature(kind: str, name: str, geometry: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"kind": kind, "name": name, **more}, "geometry": geometry}
