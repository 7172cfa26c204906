"""The nearest of many points: ports, weather points and soundings are found alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seavigil.geodesy import plane_distance_m

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: A degree of latitude is never shorter than this on WGS 84 (110 574 m at the equator).
_LEAST_M_PER_DEG = 110_574.0
#: Pairs compared at once: bounds the memory.
_PAIRS = 1 << 20


@dataclass(frozen=True)
class Points:
    """Points in WGS 84 degrees, in arrays of one length; point ``i`` is named by its position."""

    lat_deg: F64
    lon_deg: F64

    def __len__(self) -> int:
        return len(self.lat_deg)

    def nearest(self, lat_deg: ArrayLike, lon_deg: ArrayLike, *, within_m: float) -> tuple[I64, F64]:
        """Give, for each place, the nearest point within reach (-1: none) and its distance (inf: none).

        Distances are those of the middle-latitude plane: good to 1e-4 up to some 10 km, to 1 % at
        100 km and 60 N. Of points equally far the first is taken; a missing place has none.
        """
        lat, lon = (np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in (lat_deg, lon_deg))
        index, distance_m = np.full(len(lat), -1), np.full(len(lat), np.inf)
        reach_deg = within_m / _LEAST_M_PER_DEG
        first = np.searchsorted(self._lat, lat - reach_deg)
        count = np.where(
            np.isfinite(lat + lon), np.searchsorted(self._lat, lat + reach_deg, side="right") - first, 0
        )
        for begin, end in _blocks(count):
            some = begin + np.flatnonzero(count[begin:end])
            if len(some):
                index[some], distance_m[some] = self._best(lat[some], lon[some], first[some], count[some])
        near = distance_m <= within_m
        return np.where(near, index, -1), np.where(near, distance_m, np.inf)

    def _best(self, lat: F64, lon: F64, first: I64, count: I64) -> tuple[I64, F64]:
        """Give the nearest of each place's candidates (at least one each), by position and distance."""
        begin = np.cumsum(count) - count
        place = np.repeat(np.arange(len(lat)), count)
        at = np.arange(len(place)) - begin[place] + first[place]
        metres = plane_distance_m(lat[place], lon[place], self._lat[at], self._lon[at])
        order = np.lexsort((self._order[at], metres, place))
        best = order[begin]
        return self._order[at[best]], metres[best]

    @cached_property
    def _order(self) -> I64:
        return np.argsort(self.lat_deg, kind="stable")

    @cached_property
    def _lat(self) -> F64:
        return self.lat_deg[self._order]

    @cached_property
    def _lon(self) -> F64:
        return self.lon_deg[self._order]


def _blocks(count: I64) -> list[tuple[int, int]]:
    """Cut rows so that each block has about ``_PAIRS`` pairs."""
    total = np.cumsum(count)
    edges = np.searchsorted(total, np.arange(0, int(total[-1]) if len(total) else 0, _PAIRS), side="right")
    cuts = sorted({0, *edges.tolist(), len(count)})
    return list(pairwise(cuts))
