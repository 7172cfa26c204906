"""The invented sea: lanes, ports, roadsteads, cables, pipelines, wind farms, depths, receivers.

It lies in the open Atlantic at 57.5 to 59.5 N, 23 to 32 W, where there is no land, no port and no sea so
shallow: nothing here can be taken for a real place, and nothing of it was copied from one. Its size,
its depths and its density of lines are those of a sea like the Baltic (own choices). Places are laid out
in nautical miles east and north of its middle.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, hypot, pi, radians, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises.orders import Place
from seavigil.exercises.radio import Station
from seavigil.exercises.traffic import NOTE, DemoAsset

F64 = NDArray[np.float64]
Spot = tuple[float, float]

MIDDLE: Place = (58.5, -27.5)
#: Half the sea's length and breadth, in nautical miles; ports lie on its shores.
HALF_EAST_NM, HALF_NORTH_NM = 125.0, 60.0
_LON_PER_NM = 1.0 / (60.0 * cos(radians(MIDDLE[0])))


def place(east_nm: float, north_nm: float) -> Place:
    """Give the place so many nautical miles east and north of the middle."""
    return MIDDLE[0] + north_nm / 60.0, MIDDLE[1] + east_nm * _LON_PER_NM


def places(*spots: Spot) -> tuple[Place, ...]:
    """Give several places."""
    return tuple(place(*spot) for spot in spots)


def spot(at: Place) -> Spot:
    """Give a place in nautical miles east and north of the middle."""
    return (at[1] - MIDDLE[1]) / _LON_PER_NM, (at[0] - MIDDLE[0]) * 60.0


@dataclass(frozen=True)
class Port:
    """A port: its berths, its roadstead, where pilots board, and the way between quay and sea.

    ``fairway`` leads from the berths towards the pilot station, ``waiting`` is where ships drift or go
    slowly until they are called in (nautical miles).
    """

    name: str
    quay: Spot
    fairway: tuple[Spot, ...]
    pilot: Spot
    anchorage: Spot
    waiting: Spot

    def berth(self, share: float) -> Spot:
        """Give a berth along a mile of quay."""
        return self.quay[0] + (share - 0.5) * 1.0, self.quay[1]


PORTS = (
    Port("Exercise Eastport", (121.0, 22.0), ((118.0, 20.0),), (111.0, 17.5), (106.0, 24.0), (88.0, 20.0)),
    Port(
        "Exercise Gulfhaven", (121.0, -22.0), ((118.5, -20.0),), (112.0, -15.0), (108.0, -21.0), (92.0, -14.0)
    ),
    Port("Exercise Northness", (-22.0, 58.0), ((-21.0, 55.0),), (-20.0, 48.0), (-28.0, 47.0), (-22.0, 36.0)),
    Port("Exercise Birchwick", (58.0, 58.0), ((58.0, 54.0),), (56.0, 47.0), (64.0, 46.0), (52.0, 36.0)),
    Port("Exercise Southmole", (22.0, -58.0), ((22.0, -55.0),), (20.0, -47.0), (12.0, -48.0), (24.0, -36.0)),
    Port(
        "Exercise Westhythe",
        (-72.0, -58.0),
        ((-71.0, -54.0),),
        (-69.0, -46.0),
        (-78.0, -46.0),
        (-66.0, -34.0),
    ),
)

#: The main lanes, eastbound to the south: through a strait in the west, a bend and a separation scheme
#: in the middle, to the eastern ports. Ships come from beyond hearing.
EASTBOUND: tuple[Spot, ...] = (
    (-190, -20),
    (-128, -17),
    (-96, -10),
    (-58, -7),
    (-16, -2),
    (24, 4),
    (66, 3),
    (98, 8),
)
WESTBOUND: tuple[Spot, ...] = (
    (99, 13),
    (66, 8.5),
    (23, 9.5),
    (-17, 3.5),
    (-58, -1.5),
    (-97, -4.5),
    (-128, -11.5),
    (-190, -14),
)
#: A side lane to a gulf in the north, and one between south and north.
NORTHBOUND: tuple[Spot, ...] = ((24, 4), (40, 16), (62, 22), (86, 40), (96, 62), (101, 130))
SOUTHBOUND: tuple[Spot, ...] = ((96, 130), (91, 63), (81, 42.5), (59, 26), (38, 20.5), (23, 9.5))

LANES: tuple[tuple[Place, ...], ...] = (
    places(*EASTBOUND, (111, 17)),
    places((111, 19), *WESTBOUND),
    places(*EASTBOUND[:5], *NORTHBOUND),
    places(*SOUTHBOUND, *WESTBOUND[3:]),
)


def _across(
    name: str, kind: str, uncertainty_m: float, east_nm: float, tilt: float, bend_nm: float
) -> DemoAsset:
    """Lay a line from shore to shore; ``tilt``: miles east per mile north, ``bend_nm``: how far it winds."""
    spots = []
    for i in range(11):
        north = -58.0 + 11.6 * i
        wind = bend_nm * sin(pi * (i + 3.0 * tilt) / 3.3) * sin(pi * i / 10.0)
        spots.append((east_nm + tilt * north + wind, north))
    return DemoAsset(name, kind, places(*spots), uncertainty_m)


def _farm(name: str, east_nm: float, north_nm: float) -> DemoAsset:
    corners = ((-4.0, -2.5), (3.5, -3.0), (4.5, 2.5), (-3.0, 3.0))
    route = places(*((east_nm + x, north_nm + y) for x, y in corners))
    return DemoAsset(name, "wind_farm", route, 20.0, area=True)


#: Two wind farms and sixteen lines. On the lanes they lie 5 to 60 km apart.
ASSETS: tuple[DemoAsset, ...] = (
    _across("Exercise Fibre West", "telecom_cable", 2000.0, -118.0, -0.05, 2.0),
    _across("Exercise Fibre Strait", "telecom_cable", 500.0, -104.0, 0.10, 3.0),
    _across("Exercise Link 1", "power_cable", 50.0, -86.0, 0.04, 1.5),
    _across("Exercise Pipe 1", "gas_pipeline", 50.0, -82.0, 0.05, 1.0),
    _across("Exercise Fibre 3", "telecom_cable", 1000.0, -52.0, -0.12, 3.0),
    _across("Exercise Fibre 4", "telecom_cable", 250.0, -46.5, -0.04, 2.0),
    _across("Exercise Link 2", "power_cable", 75.0, -14.0, 0.06, 1.5),
    _across("Exercise Link 3", "power_cable", 75.0, -11.0, 0.06, 1.5),
    _across("Exercise Pipe 2", "gas_pipeline", 100.0, 12.0, -0.08, 1.0),
    _across("Exercise Fibre 5", "telecom_cable", 2000.0, 38.0, 0.10, 4.0),
    _across("Exercise Fibre 6", "telecom_cable", 150.0, 46.0, 0.03, 2.0),
    _across("Exercise Link 4", "power_cable", 50.0, 75.0, 0.05, 1.5),
    _across("Exercise Fibre East", "telecom_cable", 800.0, 95.0, -0.02, 1.5),
    DemoAsset(
        "Exercise Longline",
        "telecom_cable",
        places((-72, -57), (-60, -40), (-30, -30), (10, -26), (55, -24), (95, -22), (119, -24)),
        300.0,
    ),
    DemoAsset(
        "Exercise Diagonal",
        "telecom_cable",
        places((-112, 57), (-84, 40), (-40, 24), (-4, 10), (30, -4), (70, -12), (119, -18)),
        400.0,
    ),
    DemoAsset("Exercise Export", "power_cable", places((-46, 36), (-44, 46), (-42, 57)), 30.0),
    _farm("Exercise Farm North", -46.0, 33.0),
    _farm("Exercise Farm South", 62.0, -36.0),
)

#: Fishing grounds, all of them crossed by a line; a sand bank where a dredger works; trade wind of yachts.
FISHING_GROUNDS: tuple[Spot, ...] = ((-50.0, -28.0), (8.0, 34.0), (44.0, -20.0), (-88.0, 26.0), (84.0, -34.0))
DREDGING_GROUND: Spot = (30.0, -50.0)
FERRY_LINES: tuple[tuple[Spot, ...], ...] = (
    ((-21.0, 57.5), (-20.0, 48.0), (-2.0, 6.0), (18.0, -46.0), (21.5, -57.5)),
    ((57.0, 57.5), (55.0, 48.0), (30.0, 8.0), (23.0, -46.0), (22.5, -57.5)),
    ((-71.0, -57.5), (-68.0, -46.0), (-40.0, 10.0), (-24.0, 48.0), (-23.0, 57.5)),
)


def stations() -> tuple[Station, ...]:
    """Give the receivers: along both shores, at the eastern end, on an island and on two wind farms.

    Half the class A messages are lost 95 to 115 km off (60 miles: a high aerial, own choice).
    """
    north = [(x, 60.0) for x in (-110.0, -60.0, -20.0, 30.0, 80.0)]
    south = [(x, -60.0) for x in (-100.0, -50.0, 0.0, 45.0, 95.0)]
    spots: list[Spot] = [*north, *south, (123.0, 0.0), (-46.0, 33.0), (62.0, -36.0)]
    return tuple(
        Station(
            f"EXERCISE-{number:02d}",
            2_990_100 + number,
            *place(*spot),
            range_km=95.0 + 5.0 * (number % 5),
            clock_error_s=(0.0, -0.4, 0.9, 1.7, -1.2)[number % 5],
            delay_s=0.2 + 0.1 * (number % 4),
        )
        for number, spot in enumerate(spots, start=1)
    )


def depth_m(east_nm: F64, north_nm: F64) -> F64:
    """Give the depth: a basin of some 110 m, banks and a deep; 8 m at the shores."""
    across = np.clip(np.abs(north_nm) / HALF_NORTH_NM, 0.0, 1.0)
    end = np.clip((HALF_EAST_NM - east_nm) / 60.0, 0.05, 1.0)
    basin = 8.0 + 100.0 * (1.0 - across**2.5) * end**0.6
    banks = 14.0 * np.sin(east_nm / 17.0) * np.cos(north_nm / 11.0)
    deep = 45.0 * np.exp(-(((east_nm + 60.0) / 25.0) ** 2) - ((north_nm - 12.0) / 14.0) ** 2)
    depth: F64 = np.maximum(basin + banks * np.minimum(basin, 60.0) / 60.0 + deep, 5.0)
    return depth


@cache
def depth_samples() -> F64:
    """Give soundings every 4 miles east and 3 north: rows of latitude, longitude, depth in metres."""
    east, north = np.meshgrid(
        np.arange(-HALF_EAST_NM, HALF_EAST_NM + 1.0, 4.0), np.arange(-HALF_NORTH_NM, HALF_NORTH_NM + 1.0, 3.0)
    )
    east, north = east.ravel(), north.ravel()
    lat, lon = MIDDLE[0] + north / 60.0, MIDDLE[1] + east * _LON_PER_NM
    samples = np.column_stack([lat, lon, depth_m(east, north).round(1)])
    samples.setflags(write=False)
    return samples


def bearing_deg(from_spot: Spot, to_spot: Spot) -> float:
    """Give the bearing from one spot to another on this small chart."""
    east, north = to_spot[0] - from_spot[0], to_spot[1] - from_spot[1]
    return float(np.degrees(np.arctan2(east, north)) % 360.0)


def beside(route: Sequence[Spot], off_nm: float) -> tuple[Spot, ...]:
    """Give a route so many miles to starboard of another (negative: to port), corner by corner."""
    out = []
    for i, (x, y) in enumerate(route):
        before, after = route[max(i - 1, 0)], route[min(i + 1, len(route) - 1)]
        east, north = after[0] - before[0], after[1] - before[1]
        length = hypot(east, north) or 1.0
        out.append((x + off_nm * north / length, y - off_nm * east / length))
    return tuple(out)


def places_geojson() -> str:
    """Write ports, pilot boarding places, anchorages and lanes as GeoJSON (``kind``, ``name``).

    Where ships fish or dredge is on no list: a watch has to learn it.
    """
    features = [_feature(*told) for told in _told()]
    whole = {"type": "FeatureCollection", "name": "EXERCISE places", "note": NOTE, "features": features}
    return json.dumps(whole, indent=1) + "\n"


def _told() -> Iterator[tuple[str, str, str, tuple[Place, ...]]]:
    for port in PORTS:
        yield "port", port.name, "Point", places(port.quay)
        yield "pilot_boarding", f"{port.name} pilots", "Point", places(port.pilot)
        yield "anchorage", f"{port.name} roads", "Polygon", _disc(port.anchorage, 3.0)
    for number, lane in enumerate(LANES, start=1):
        yield "traffic_lane", f"Exercise lane {number}", "LineString", lane


def _disc(spot: Spot, radius_nm: float) -> tuple[Place, ...]:
    turns = (2.0 * pi * i / 24 for i in range(25))
    return places(*((spot[0] + radius_nm * cos(t), spot[1] + radius_nm * sin(t)) for t in turns))


def _feature(kind: str, name: str, shape: str, route: tuple[Place, ...]) -> dict[str, Any]:
    points = [[round(lon, 6), round(lat, 6)] for lat, lon in route]
    points[-1] = points[0] if shape == "Polygon" else points[-1]
    coordinates: Any = {"Point": points[0], "LineString": points, "Polygon": [points]}[shape]
    return {
        "type": "Feature",
        "properties": {"kind": kind, "name": name, "exercise": True, "note": NOTE},
        "geometry": {"type": shape, "coordinates": coordinates},
    }
