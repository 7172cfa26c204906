"""What a behaviour may look at besides the ship's own rows: one frozen bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from seavigil.assets.index import AssetIndex
from seavigil.assets.model import Asset
from seavigil.normal.coverage import NOTHING_HEARD, Clock, Coverage
from seavigil.track import Track

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

#: A GNSS fix and the offset between antenna and keel are seldom better than this.
LEAST_SIGMA_M = 10.0
#: Farther than this beyond an asset's uncertainty nothing about that asset is judged: 1 nautical mile.
REACH_M = 1852.0


@dataclass(frozen=True)
class AssetRows:
    """Where one ship was in relation to one asset; arrays are as long as the track.

    ``near``: the step that ends at this row comes within reach; the first row ends no step. Elsewhere
    distances are infinite and the rest NaN. ``signed_m`` is positive to starboard of the route, NaN
    where sides mean nothing.
    """

    asset: int
    near: NDArray[np.bool_]
    distance_m: F64
    signed_m: F64
    km_along: F64


@dataclass(frozen=True)
class Surroundings:
    """Assets, coverage and the data clock, as they were known at one data time.

    ``far``: ships of which it is known already that no row of theirs is near any asset.
    """

    assets: AssetIndex | None = None
    coverage: Coverage = NOTHING_HEARD
    clock: Clock = field(default_factory=Clock)
    far: frozenset[str] = frozenset()
    _last: list[tuple[Track, list[AssetRows]]] = field(default_factory=list, compare=False, repr=False)

    def asset(self, at: int) -> Asset:
        """Give the asset with this index. Raises ``IndexError`` when no assets are loaded."""
        if self.assets is None:
            raise IndexError("no assets are loaded")
        return self.assets.assets[at]

    def sigma_m(self, at: int) -> float:
        """Give the standard deviation of the asset's charted position, in metres."""
        return max(self.asset(at).sigma_m, LEAST_SIGMA_M)

    def near(self, track: Track) -> list[AssetRows]:
        """Give, for each asset that the ship came near, its rows; the last track asked for is kept."""
        if self._last and self._last[0][0] is track:
            return self._last[0][1]
        nothing = self.assets is None or not len(track) or track.vessel_id in self.far
        rows = [] if nothing or self.assets is None else _near(self.assets, track)
        self._last[:] = [(track, rows)]
        return rows


def screen(index: AssetIndex, tracks: Sequence[Track]) -> frozenset[str]:
    """Give the ships of ``tracks`` that are near no asset: one search for all instead of one for each."""
    if not tracks:
        return frozenset()
    begins = np.concatenate([_before(len(t)) + at for t, at in zip(tracks, _offsets(tracks), strict=True)])
    lat, lon = (np.concatenate([getattr(t, name) for t in tracks]) for name in ("lat_deg", "lon_deg"))
    row, _ = index.candidates(lat[begins], lon[begins], lat, lon, within_m=_reach_m(index))
    near = set(np.unique(np.searchsorted(_offsets(tracks), row, side="right") - 1).tolist())
    return frozenset(t.vessel_id for i, t in enumerate(tracks) if i not in near)


def _offsets(tracks: Sequence[Track]) -> I64:
    return np.cumsum([0, *(len(t) for t in tracks[:-1])])


def _before(rows: int) -> I64:
    return np.maximum(np.arange(rows) - 1, 0)


@lru_cache(maxsize=4)
def _reach_m(index: AssetIndex) -> F64:
    return np.array([a.position_uncertainty_m + REACH_M for a in index.assets])


def _near(index: AssetIndex, track: Track) -> list[AssetRows]:
    before = _before(len(track))
    lat, lon = track.lat_deg, track.lon_deg
    row, asset = index.candidates(lat[before], lon[before], lat, lon, within_m=_reach_m(index))
    found = []
    for one in np.unique(asset).tolist():
        near = np.zeros(len(track), dtype=bool)
        near[row[asset == one]] = True
        near[0] = False
        found.append(_measure(index, track, one, near, before))
    return found


def _measure(index: AssetIndex, track: Track, asset: int, near: NDArray[np.bool_], before: I64) -> AssetRows:
    wanted = near.copy()
    wanted[before[near]] = True
    at = np.flatnonzero(wanted)
    seen = index.measure(track.lat_deg[at], track.lon_deg[at], np.full(len(at), asset))
    distance_m, signed_m, km_along = (np.full(len(track), fill) for fill in (np.inf, np.nan, np.nan))
    distance_m[at] = seen.distance_m
    signed_m[at] = np.where(seen.off_end, np.nan, seen.signed_m)
    km_along[at] = seen.km_along
    return AssetRows(asset, near, distance_m, signed_m, km_along)
