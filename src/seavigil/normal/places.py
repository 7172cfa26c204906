"""Places with their own normal: anchorages, ports, pilot boarding places, traffic lanes, and land.

Nothing here says what is not there: a place is known because somebody gave it. ``knows`` tells "no
anchorage here" from "no anchorages were given".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from seavigil import geodesy
from seavigil.assets.index import AssetIndex
from seavigil.assets.model import Asset
from seavigil.normal.nearest import Points

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

ANCHORAGE, PORT, PILOT, LANE, ZONE, LAND = (
    "anchorage",
    "port",
    "pilot_boarding",
    "traffic_lane",
    "separation_zone",
    "land",
)
#: Kinds and, where a place of that kind is given as a point or line, how far it reaches. Own choices: half
#: a nautical mile holds a large ship on ten shackles (275 m and her own 250 m) and her neighbour; a
#: boarding place and half a lane are about a mile wide in European schemes; a port's approach is 5 km.
REACHES_M: Mapping[str, float] = {
    ANCHORAGE: 926.0,
    PORT: 5_000.0,
    PILOT: 1_852.0,
    LANE: 1_852.0,
    ZONE: 0.0,
    LAND: 0.0,
}
#: Beyond this no port is looked for.
PORT_WITHIN_M = 100_000.0
#: Bearings in which land must go on for a place to lie inland.
_AROUND_DEG = np.arange(0.0, 360.0, 45.0)


@dataclass(frozen=True)
class Place:
    """One place. ``geometry``: WGS 84 longitude and latitude, points, lines or polygons.

    A place reaches ``reach_m`` beyond its geometry. ``direction_deg``: the way traffic goes in a
    lane, if given; a lane drawn as a line goes the way it is drawn. ``also``: other names it goes by, its
    UN/LOCODE say.
    """

    kind: str
    name: str
    geometry: BaseGeometry
    reach_m: float
    direction_deg: float | None = None
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in REACHES_M:
            raise ValueError(f"{self.name}: kind {self.kind!r} is none of {', '.join(REACHES_M)}")
        if not (np.isfinite(self.reach_m) and self.reach_m >= 0):
            raise ValueError(f"{self.name}: reach_m must be 0 or more")
        if self.kind == LAND and shapely.get_dimensions(self.geometry) != 2:
            raise ValueError(f"{self.name}: land must be an area")


@dataclass(frozen=True)
class Places:
    """All places known. Queries take latitudes and longitudes (degrees) and give one value for each.

    A missing position (NaN) is nowhere.
    """

    places: tuple[Place, ...] = ()

    def knows(self, kind: str) -> bool:
        """Tell whether any place of that kind was given."""
        return any(place.kind == kind for place in self.places)

    def in_anchorage(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> Bool:
        """Tell which positions lie in an anchorage."""
        return self._in(ANCHORAGE, lat_deg, lon_deg)

    def in_pilot_area(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> Bool:
        """Tell which positions lie at a pilot boarding place."""
        return self._in(PILOT, lat_deg, lon_deg)

    def in_lane(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> Bool:
        """Tell which positions lie in a traffic lane."""
        return self._in(LANE, lat_deg, lon_deg)

    def lane_direction_deg(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> F64:
        """Give the way traffic goes in the nearest lane; NaN outside lanes and where nothing tells it."""
        lat, lon = _columns(lat_deg, lon_deg)
        direction = np.full(len(lat), np.nan)
        lanes = self._search.get(LANE)
        if lanes is None:
            return direction
        row, edge, metres = lanes.near(lat, lon)
        order = np.lexsort((edge, metres, row))
        first = order[np.unique(row[order], return_index=True)[1]]
        direction[row[first]] = lanes.direction_deg[edge[first]]
        return direction

    def port_distance_m(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> F64:
        """Give the distance to the nearest port within 100 km; infinite where none is known."""
        return self._ports.nearest(lat_deg, lon_deg, within_m=PORT_WITHIN_M)[1]

    def ports_named(self, text: str) -> list[tuple[float, float]]:
        """Give the places (latitude, longitude) of the ports that a name or UN/LOCODE stands for.

        Case, spaces and punctuation do not count; of ``FIHEL>EETLL`` the last is meant (IMO SN/Circ.244, on
        UN/LOCODE in the destination field of AIS).
        """
        return self._port_names.get(_letters(text.rpartition(">")[2]), [])

    def in_port_approach(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> Bool:
        """Tell which positions lie within a port's own reach."""
        return self._in(PORT, lat_deg, lon_deg)

    def on_land(self, lat_deg: ArrayLike, lon_deg: ArrayLike, *, inland_m: float = 0.0) -> Bool:
        """Tell which positions lie on land, with land ``inland_m`` away on all sides (in 8 directions).

        False where no land was given: ask ``knows("land")``. Take ``inland_m`` larger than the
        error of the coast given (some kilometres for a 1:50 million map).
        """
        lat, lon = _columns(lat_deg, lon_deg)
        found = self._land(lat, lon)
        if inland_m > 0 and found.any():
            at = np.flatnonzero(found)
            around_lat, around_lon = geodesy.destination(
                lat[at, None], lon[at, None], _AROUND_DEG[None, :], inland_m
            )
            found[at] = self._land(around_lat.ravel(), around_lon.ravel()).reshape(len(at), -1).all(axis=1)
        return found

    def _in(self, kind: str, lat_deg: ArrayLike, lon_deg: ArrayLike) -> Bool:
        lat, lon = _columns(lat_deg, lon_deg)
        found = np.zeros(len(lat), dtype=np.bool_)
        search = self._search.get(kind)
        if search is not None:
            found[search.candidates(lat, lon)[0]] = True
        return found

    def _land(self, lat: F64, lon: F64) -> Bool:
        found = np.zeros(len(lat), dtype=np.bool_)
        tree = self._land_tree
        if tree is not None:
            known = np.flatnonzero(np.isfinite(lat + lon))
            east = geodesy.turn_deg(lon[known])
            for turned in (east, east + 360.0):  # an area may be drawn on beyond 180
                row, _ = tree.query(shapely.points(turned, lat[known]), predicate="intersects")
                found[known[row]] = True
        return found

    @cached_property
    def _search(self) -> dict[str, _Search]:
        kinds = {p.kind for p in self.places} - {LAND}
        return {kind: _Search.of([p for p in self.places if p.kind == kind]) for kind in sorted(kinds)}

    @cached_property
    def _ports(self) -> Points:
        spots = [p.geometry.representative_point() for p in self.places if p.kind == PORT]
        return Points(np.array([s.y for s in spots]), np.array([s.x for s in spots]))

    @cached_property
    def _port_names(self) -> dict[str, list[tuple[float, float]]]:
        names: dict[str, list[tuple[float, float]]] = {}
        for place in self.places:
            if place.kind == PORT:
                spot = place.geometry.representative_point()
                for name in {_letters(name) for name in (place.name, *place.also)} - {""}:
                    names.setdefault(name, []).append((spot.y, spot.x))
        return names

    @cached_property
    def _land_tree(self) -> shapely.STRtree | None:
        parts = [g for p in self.places if p.kind == LAND for g in shapely.get_parts(p.geometry)]
        return shapely.STRtree(parts) if parts else None


@dataclass(frozen=True)
class _Search:
    """Places of one kind, lanes cut into their edges, in an index of nearness."""

    index: AssetIndex
    reach_m: F64
    direction_deg: F64

    @classmethod
    def of(cls, places: Iterable[Place]) -> _Search:
        pieces = [piece for place in places for piece in _pieces(place)]
        shapes = [Asset(str(i), p.name, "other", p.geometry, 0.0, "") for i, p in enumerate(pieces)]
        told = [np.nan if p.direction_deg is None else p.direction_deg % 360.0 for p in pieces]
        return cls(AssetIndex(shapes), np.array([p.reach_m for p in pieces]), np.array(told))

    def candidates(self, lat: F64, lon: F64) -> tuple[I64, I64]:
        return self.index.candidates(lat, lon, lat, lon, within_m=self.reach_m)

    def near(self, lat: F64, lon: F64) -> tuple[I64, I64, F64]:
        """Give the pairs (row, piece) within reach, and their distances."""
        row, piece = self.candidates(lat, lon)
        return row, piece, self.index.measure(lat[row], lon[row], piece).distance_m


def _pieces(place: Place) -> list[Place]:
    """Cut a lane drawn as a line into its edges, each with its own direction; leave the rest whole."""
    if place.kind != LANE or shapely.get_dimensions(place.geometry) != 1:
        return [place]
    found = []
    for line in shapely.get_parts(place.geometry):
        lon, lat = shapely.get_coordinates(line).T
        course = geodesy.bearing_deg(lat[:-1], lon[:-1], lat[1:], lon[1:])
        for i in np.flatnonzero(np.isfinite(course)).tolist():
            edge = shapely.LineString([(lon[i], lat[i]), (lon[i + 1], lat[i + 1])])
            told = float(course[i]) if place.direction_deg is None else place.direction_deg
            found.append(Place(LANE, place.name, edge, place.reach_m, told))
    return found


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _columns(*values: ArrayLike) -> list[F64]:
    return [np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in values]


NO_PLACES = Places()
