"""What a behaviour may look at besides the ship's own rows: one frozen bundle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from seavigil.assets.index import AssetIndex
from seavigil.assets.model import Asset
from seavigil.behaviours.steps import Steps
from seavigil.normal.contacts import NO_CONTACTS, Contacts
from seavigil.normal.coverage import NOTHING_HEARD, Clock, Coverage
from seavigil.normal.depth import NO_DEPTH, Depth
from seavigil.normal.gnss import NO_GNSS, GnssState
from seavigil.normal.log import NOTHING_LOGGED, Log
from seavigil.normal.pattern import NO_PATTERN, Pattern
from seavigil.normal.places import NO_PLACES, Places
from seavigil.normal.watchlist import NO_WATCHLIST, Watchlist
from seavigil.normal.weather import NO_WEATHER, Weather
from seavigil.track import Track
from seavigil.vessel import NoStatics, Statics

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
    where sides mean nothing. ``memo``: what behaviours worked out from these rows, so that it is done once.
    """

    asset: int
    near: NDArray[np.bool_]
    distance_m: F64
    signed_m: F64
    km_along: F64
    memo: dict[object, I64] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Surroundings:
    """Assets, coverage, the data clock, every ship's log and static data, as known at one data time.

    ``measured``: what ``near_all`` found for many ships at once, by ship.
    """

    assets: AssetIndex | None = None
    coverage: Coverage = NOTHING_HEARD
    clock: Clock = field(default_factory=Clock)
    log: Log = NOTHING_LOGGED
    statics: Statics = field(default_factory=NoStatics)
    pattern: Pattern = NO_PATTERN
    places: Places = NO_PLACES
    weather: Weather = NO_WEATHER
    depth: Depth = NO_DEPTH
    gnss: GnssState = NO_GNSS
    watchlist: Watchlist = NO_WATCHLIST
    contacts: Contacts = NO_CONTACTS
    measured: dict[str, tuple[Track, list[AssetRows]]] = field(default_factory=dict, compare=False)

    def asset(self, at: int) -> Asset:
        """Give the asset with this index. Raises ``IndexError`` when no assets are loaded."""
        if self.assets is None:
            raise IndexError("no assets are loaded")
        return self.assets.assets[at]

    def sigma_m(self, at: int) -> float:
        """Give the standard deviation of the asset's charted position, in metres."""
        return max(self.asset(at).sigma_m, LEAST_SIGMA_M)

    def near(self, track: Track) -> list[AssetRows]:
        """Give, for each asset that the ship came near, where she was in relation to it."""
        known = self.measured.get(track.vessel_id)
        if known is None or known[0] is not track:
            known = self.measured[track.vessel_id] = near_all(self.assets, [track])[track.vessel_id]
        return known[1]


def near_all(index: AssetIndex | None, tracks: Sequence[Track]) -> dict[str, tuple[Track, list[AssetRows]]]:
    """Give, by ship, her track and her rows about each asset she came near: one search for all ships."""
    found: dict[str, tuple[Track, list[AssetRows]]] = {t.vessel_id: (t, []) for t in tracks}
    begins = np.cumsum([0, *(len(t) for t in tracks)])
    if index is None or not begins[-1]:
        return found
    lat, lon = (np.concatenate([getattr(t, name) for t in tracks]) for name in ("lat_deg", "lon_deg"))
    before = np.maximum(np.arange(len(lat)) - 1, 0)
    first = begins[:-1][np.diff(begins) > 0]
    before[first] = first
    row, asset = index.candidates(lat[before], lon[before], lat, lon, within_m=_reach_m(index))
    step = ~np.isin(row, first)  # a ship's first row ends no step
    for ship, rows in _measure(index, lat, lon, row[step], asset[step], begins):
        found[tracks[ship].vessel_id][1].append(rows)
    return found


def near_steps(index: AssetIndex | None, steps: Steps) -> NDArray[np.bool_]:
    """Tell which steps come within reach of any asset, as ``AssetRows.near`` does for one ship."""
    near = np.zeros(len(steps), dtype=np.bool_)
    at = np.flatnonzero(steps.sound & np.isfinite(steps.before_lat_deg))
    if index is not None and len(at):
        ends = (steps.before_lat_deg, steps.before_lon_deg, steps.lat_deg, steps.lon_deg)
        row, _ = index.candidates(*(column[at] for column in ends), within_m=_reach_m(index))
        near[at[row]] = True
    return near


def _measure(
    index: AssetIndex, lat: F64, lon: F64, row: I64, asset: I64, begins: I64
) -> Iterator[tuple[int, AssetRows]]:
    """Measure both ends of every near step, all at once; gives (ship, rows) for each asset and ship."""
    total = len(lat)
    steps = asset * total + row
    ends = np.unique(np.concatenate([steps, steps - 1]))
    assets, rows = np.divmod(ends, total)
    seen = index.measure(lat[rows], lon[rows], assets)
    near = np.isin(ends, steps, assume_unique=True)
    side_m = np.where(seen.off_end, np.nan, seen.signed_m)
    ship = np.searchsorted(begins, rows, side="right") - 1
    changes = np.diff(assets * len(begins) + ship, prepend=-1) != 0
    for start, end in pairwise([*np.flatnonzero(changes).tolist(), len(ends)]):
        one, at = int(ship[start]), slice(start, end)
        own = rows[at] - begins[one]
        size = int(begins[one + 1] - begins[one])
        is_near = np.zeros(size, dtype=bool)
        is_near[own] = near[at]
        distance_m = _spread(size, own, seen.distance_m[at], np.inf)
        signed_m = _spread(size, own, side_m[at], np.nan)
        km_along = _spread(size, own, seen.km_along[at], np.nan)
        yield one, AssetRows(int(assets[start]), is_near, distance_m, signed_m, km_along)


def _spread(size: int, rows: I64, values: F64, elsewhere: float) -> F64:
    column = np.full(size, elsewhere)
    column[rows] = values
    return column


@lru_cache(maxsize=4)
def _reach_m(index: AssetIndex) -> F64:
    return np.array([a.position_uncertainty_m + REACH_M for a in index.assets])
