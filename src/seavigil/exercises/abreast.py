"""Places beside a line asset, in metres along and off it, and the zigzags that ships sail there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from seavigil.exercises.orders import Place
from seavigil.exercises.traffic import DemoAsset
from seavigil.geodesy import bearing_deg, destination, distance_m

#: Edges of a line count as near a share of it when their middles are within this share of its edges.
NEAR_SHARE = 0.12


@dataclass(frozen=True)
class Abreast:
    """A point on a line asset, the line's bearing there, and the side that counts as off it."""

    origin: Place
    along_deg: float
    off_deg: float

    @classmethod
    def of(cls, asset: DemoAsset, share: float, *, to_starboard: bool) -> Abreast:
        """Give the middle of the longest edge among those near ``share`` (0 to 1) of the line.

        ``to_starboard``: off the line to the right of its own direction, else to the left.
        """
        edges = list(pairwise(asset.route))
        near = [e for i, e in enumerate(edges) if abs((i + 0.5) / len(edges) - share) <= NEAR_SHARE] or edges
        lengths = [float(distance_m(*a, *b)) for a, b in near]
        (lat_a, lon_a), (lat_b, lon_b) = near[int(np.argmax(lengths))]
        along = float(bearing_deg(lat_a, lon_a, lat_b, lon_b))
        off = (along + (90.0 if to_starboard else -90.0)) % 360.0
        return cls(((lat_a + lat_b) / 2.0, (lon_a + lon_b) / 2.0), along, off)

    def place(self, along_m: float, off_m: float) -> Place:
        """Give the place so far along the line and off it; negative: the other way, the other side."""
        lat, lon = destination(*self.origin, self.along_deg, along_m)
        lat, lon = destination(float(lat), float(lon), self.off_deg, off_m)
        return float(lat), float(lon)

    def zigzag(self, half_m: float, offs_m: Sequence[float]) -> tuple[Place, ...]:
        """Give corners by turns ``half_m`` ahead and astern of the point, each so far off the line."""
        return tuple(self.place(half_m if i % 2 else -half_m, off_m) for i, off_m in enumerate(offs_m))

    def passes(self, half_m: float, step_m: float, count: int) -> tuple[Place, ...]:
        """Give corners of ``count`` passes square over the line, each ``step_m`` farther along it."""
        return tuple(
            self.place(step_m * (i - count / 2.0), half_m if i % 2 else -half_m) for i in range(count + 1)
        )

    def around(self, radius_m: float) -> tuple[Place, ...]:
        """Give a ring of 24 places round the point, closed."""
        turns = [2.0 * np.pi * i / 24 for i in range(24)]
        ring = [self.place(radius_m * float(np.cos(t)), radius_m * float(np.sin(t))) for t in turns]
        return (*ring, ring[0])
