"""A route with its length: where a ship is after so many metres, and where it goes over which line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises.orders import Place
from seavigil.exercises.traffic import DemoAsset, line_crossings
from seavigil.geodesy import bearing_deg, destination, distance_m

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Over:
    """A route goes over a line asset after ``along_m``."""

    along_m: float
    asset: str


@dataclass(frozen=True)
class Course:
    """A route of two places or more; its edges are straight in longitude and latitude."""

    route: tuple[Place, ...]

    @cached_property
    def marks_m(self) -> F64:
        """Give the length from the start to each place of the route."""
        lat, lon = np.array(self.route).T
        edges = distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
        return np.concatenate([[0.0], np.cumsum(edges)])

    @property
    def length_m(self) -> float:
        """Give the length of the whole route."""
        return float(self.marks_m[-1])

    def at(self, along_m: float) -> Place:
        """Give the place after so many metres; beyond its ends, the end."""
        lat, lon = np.array(self.route).T
        return float(np.interp(along_m, self.marks_m, lat)), float(np.interp(along_m, self.marks_m, lon))

    def rest(self, along_m: float) -> tuple[Place, ...]:
        """Give the route from there on."""
        left = np.flatnonzero(self.marks_m > along_m + 1.0)
        return (self.at(along_m), *(self.route[i] for i in left.tolist()))

    def beside(self, off_m: float) -> Course:
        """Give the route so far to starboard of this one (negative: to port), corner by corner."""
        lat, lon = np.array(self.route).T
        before, after = (
            np.maximum(np.arange(len(lat)) - 1, 0),
            np.minimum(np.arange(len(lat)) + 1, len(lat) - 1),
        )
        along = bearing_deg(lat[before], lon[before], lat[after], lon[after])
        to_lat, to_lon = destination(lat, lon, along + 90.0, off_m)
        return Course(tuple(zip(to_lat.tolist(), to_lon.tolist(), strict=True)))

    def over(self, assets: Sequence[DemoAsset]) -> tuple[Over, ...]:
        """Give where the route goes over line assets, in order."""
        lat, lon = np.array(self.route).T
        marks = np.arange(len(self.route), dtype=np.float64)
        found = [
            Over(float(np.interp(at, marks, self.marks_m)), asset.name)
            for asset in assets
            if not asset.area
            for at in line_crossings(lat, lon, asset.route).tolist()
        ]
        return tuple(sorted(found, key=lambda over: (over.along_m, over.asset)))
