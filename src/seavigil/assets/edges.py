"""The edges of all assets in flat arrays, and short runs of them with their boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from seavigil.assets.model import Asset
from seavigil.geodesy import F64, I64, edge_length_m, metres_per_degree, turn_deg, unwrap_deg

#: Edges in one run: a box for every few edges discards most of a long route at once.
RUN_EDGES = 16


_Chain = tuple[I64, F64, F64, F64, F64, F64, I64, I64, float]


@dataclass(frozen=True)
class Edges:
    """All edges, asset by asset, in the order of the route; a point is an edge of no length.

    ``lon_b`` continues from ``lon_a`` (it may pass 180). ``before`` and ``after`` are the edges
    that share the vertex, -1 at an end of the line; ``km_a`` is NaN for areas and points.
    """

    asset: I64
    lat_a: F64
    lon_a: F64
    lat_b: F64
    lon_b: F64
    km_a: F64
    before: I64
    after: I64

    def __len__(self) -> int:
        """Give the number of edges."""
        return len(self.asset)


@dataclass(frozen=True)
class Runs:
    """Runs of up to ``RUN_EDGES`` edges of one asset, with the box around each."""

    first_of: I64  #: asset ``i`` has the runs ``first_of[i]`` up to ``first_of[i + 1]``
    edge: I64  #: first edge
    edges: I64  #: how many
    south: F64
    north: F64
    west: F64  #: unwrapped: ``east`` may pass 180
    east: F64

    def may_be_nearest(self, run: I64, row: I64, lat: F64, lon: F64) -> I64:
        """Keep of the pairs (``run``, place ``row``; sorted by row) those that may hold the nearest edge.

        A run is out when its box is further away than another run of the row can be.
        """
        per_lat, per_lon = (v[row] for v in metres_per_degree(lat))
        x = turn_deg(lon[row] - (self.west[run] + self.east[run]) / 2)
        half = (self.east[run] - self.west[run]) / 2
        low, high = np.maximum(np.abs(x) - half, 0.0) * per_lon, (np.abs(x) + half) * per_lon
        below, above = self.south[run] - lat[row], lat[row] - self.north[run]
        near = np.hypot(low, np.maximum(np.maximum(below, above), 0.0) * per_lat)
        far = np.hypot(high, np.maximum(np.abs(below), np.abs(above)) * per_lat)
        limit = np.full(len(lat), np.inf)
        np.minimum.at(limit, row, far)
        return np.flatnonzero(near <= limit[row] * 1.02 + 1.0)

    def overlap(self, run: I64, alat: F64, alon: F64, blat: F64, blon: F64) -> I64:
        """Keep of the pairs (``run``, segment a -> b) those whose boxes overlap."""
        step = turn_deg(blon - alon)
        middle, half = (self.west[run] + self.east[run]) / 2, (self.east[run] - self.west[run]) / 2
        apart = np.abs(turn_deg(alon + step / 2 - middle))
        north, south = np.maximum(alat, blat), np.minimum(alat, blat)
        meets = (
            (apart <= half + np.abs(step) / 2 + 1e-9)
            & (south <= self.north[run])
            & (north >= self.south[run])
        )
        return np.flatnonzero(meets)


def gather(assets: Sequence[Asset]) -> Edges:
    """Lay out the edges of ``assets``; repeated vertices make no edge."""
    chains: list[_Chain] = []
    count = 0
    for number, asset in enumerate(assets):
        km = 0.0 if asset.shape == "line" else np.nan
        for lat, lon in _chains(asset):
            chain = _chain_edges(number, lat, lon, km, count, ring=asset.shape == "area")
            chains.append(chain)
            km, count = chain[-1], count + len(chain[0])
    floats = [np.concatenate([np.empty(0), *(c[i] for c in chains)]) for i in range(1, 6)]
    whole = [np.concatenate([np.empty(0, np.int64), *(c[i] for c in chains)]) for i in (0, 6, 7)]
    return Edges(whole[0], *floats, *whole[1:])


def _chains(asset: Asset) -> Iterator[tuple[F64, F64]]:
    """Every line, ring or point of the asset as latitudes and continuous longitudes."""
    for part in shapely.get_parts(asset.geometry):
        for chain in shapely.get_rings(part) if asset.shape == "area" else [part]:
            lon, lat = shapely.get_coordinates(chain).T
            lon = unwrap_deg(lon)
            keep = np.concatenate([[True], (np.diff(lat) != 0) | (np.diff(lon) != 0)])
            yield lat[keep], lon[keep]


def _chain_edges(number: int, lat: F64, lon: F64, km: float, first: int, *, ring: bool) -> _Chain:
    """Give the edges of one chain, numbered from ``first``, and the kilometre at its end."""
    if len(lat) == 1:
        lat, lon = np.repeat(lat, 2), np.repeat(lon, 2)
    steps_km = edge_length_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) / 1000
    kms = km + np.concatenate([[0.0], np.cumsum(steps_km)])
    edge = np.arange(first, first + len(steps_km), dtype=np.int64)
    before, after = edge - 1, edge + 1
    closed = len(edge) > 1 and lat[0] == lat[-1] and (lon[0] - lon[-1]) % 360 == 0
    before[0], after[-1] = (edge[-1], first) if ring or closed else (-1, -1)
    asset = np.full(len(edge), number, dtype=np.int64)
    return asset, lat[:-1], lon[:-1], lat[1:], lon[1:], kms[:-1], before, after, float(kms[-1])


def runs(edges: Edges, assets: int) -> Runs:
    """Cut the edges of each of ``assets`` assets into runs."""
    count = np.bincount(edges.asset, minlength=assets)
    start = np.cumsum(count) - count
    per_asset = -(-count // RUN_EDGES)
    owner, k = expand(np.zeros(assets, np.int64), per_asset)
    first = start[owner] + k * RUN_EDGES
    length = np.minimum(RUN_EDGES, start[owner] + count[owner] - first)
    shift = _shift_to_first(edges, first, length)
    west, east = np.minimum(edges.lon_a, edges.lon_b) + shift, np.maximum(edges.lon_a, edges.lon_b) + shift
    south, north = np.minimum(edges.lat_a, edges.lat_b), np.maximum(edges.lat_a, edges.lat_b)
    box = (f.reduceat(v, first) if len(first) else np.empty(0) for f, v in _box(south, north, west, east))
    return Runs(np.concatenate([[0], np.cumsum(per_asset)]), first, length, *box)


def _box(south: F64, north: F64, west: F64, east: F64) -> tuple[tuple[np.ufunc, F64], ...]:
    return (np.minimum, south), (np.maximum, north), (np.minimum, west), (np.maximum, east)


def _shift_to_first(edges: Edges, first: I64, length: I64) -> F64:
    """Turns (of 360) that bring each edge next to the first edge of its run."""
    lead = np.repeat(edges.lon_a[first], length) if len(first) else np.empty(0)
    return np.asarray(-360.0 * np.round((edges.lon_a - lead) / 360.0))


def expand(start: I64, count: I64) -> tuple[I64, I64]:
    """List ``start[i], start[i] + 1, ..`` (``count[i]`` of them) for every i, with i beside each."""
    owner = np.repeat(np.arange(len(count)), count)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    return owner, offset + start[owner]


def blocks(count: I64, limit: int) -> Iterator[slice]:
    """Cut rows into slices whose counts add up to about ``limit``, so that memory stays bounded."""
    total = np.cumsum(count)
    begin = 0
    while begin < len(count):
        done = total[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, done + limit, side="right")))
        yield slice(begin, end)
        begin = end
