"""Which reports are near which asset, how near, on which side, and where a track crosses.

Pure NumPy (shapely only to tell inside from outside). Ships' tracks between two reports and
routes between two vertices are straight in longitude and latitude. Nearness is found in the
local plane at the middle latitude and measured again on the ellipsoid: within 20 km good to a
millionth of the distance at 60 N.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from seavigil.assets import edges as _edges
from seavigil.assets import grid as _grid
from seavigil.assets import nearest as _nearest
from seavigil.assets.edges import blocks, expand
from seavigil.assets.model import Asset
from seavigil.geodesy import F64, I64, Bool, crosses, crossing_points, distance_m, edge_length_m, turn_deg

#: Rows looked at together, and pairs (row, edge) compared together: bounds the memory.
BLOCK_ROWS = 1 << 18
BLOCK_PAIRS = 1 << 20
#: Grids kept, one for each reach asked for.
_GRIDS = 8


@dataclass(frozen=True)
class Nearness:
    """How pairs of a place and an asset lie to one another; arrays of one length."""

    distance_m: F64  #: least distance, 0 inside an area
    signed_m: F64  #: lines: + right of the route's direction at the nearest point; else NaN
    km_along: F64  #: lines: kilometre of the nearest point from the first vertex; else NaN
    off_end: Bool  #: the nearest point is an end of the line and the place lies beyond: sides mean nothing
    lat_deg: F64  #: nearest point of the asset (of its edge for an area)
    lon_deg: F64


@dataclass(frozen=True)
class Crossed:
    """First crossing of each segment a -> b over its asset; NaN (and count 0) where there is none."""

    fraction: F64  #: 0..1 from a to b
    lat_deg: F64
    lon_deg: F64
    km_along: F64  #: lines: kilometre from the first vertex; areas: NaN
    angle_deg: F64  #: between track and asset, 0..90
    count: I64  #: how many times the segment crosses


class AssetIndex:
    """Search many reports against many assets; asset numbers are positions in ``assets``."""

    def __init__(self, assets: Sequence[Asset]) -> None:
        self.assets = tuple(assets)
        self._edges = _edges.gather(self.assets)
        self._runs = _edges.runs(self._edges, len(self.assets))
        self._is_line = np.array([a.shape == "line" for a in self.assets], dtype=np.bool_)
        self._areas = {i: _nearest.Area(a) for i, a in enumerate(self.assets) if a.shape == "area"}
        self._grids: dict[bytes, _grid.Grid] = {}

    def candidates(
        self, lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike, *, within_m: ArrayLike
    ) -> tuple[I64, I64]:
        """Find the pairs (row, asset) where segment a -> b comes within ``within_m`` of the asset.

        ``within_m`` is one number or one per asset. A segment may be a point (a equals b); rows
        with a missing or impossible position match nothing. Inside an area counts as 0 m. Gives
        two arrays, sorted by asset, then row, each pair once.
        """
        track = _columns(lat_a, lon_a, lat_b, lon_b)
        within = np.broadcast_to(np.asarray(within_m, dtype=np.float64), len(self.assets))
        grid = self._grid_for(within)
        total = max(len(track[0]), 1)
        keys = [np.empty(0, np.int64)]
        for begin in range(0, len(track[0]), BLOCK_ROWS):
            block = [v[begin : begin + BLOCK_ROWS] for v in track]
            row, asset = self._near_block(grid, block, within)
            keys.append(np.unique(asset * total + row + begin))
        key = np.sort(np.concatenate(keys))
        return key % total, key // total

    def measure(self, lat: ArrayLike, lon: ArrayLike, asset: ArrayLike) -> Nearness:
        """Measure place ``i`` against asset number ``asset[i]``; missing places give NaN."""
        lat, lon = _columns(lat, lon)
        number = np.broadcast_to(np.asarray(asset, dtype=np.int64), lat.shape)
        edge, t = self._nearest_edges(lat, lon, number)
        known, e = edge >= 0, self._edges
        k, on = np.where(known, edge, 0), np.where(known, np.clip(t, 0.0, 1.0), np.nan)
        foot_lat = e.lat_a[k] + on * (e.lat_b[k] - e.lat_a[k])
        foot_lon = e.lon_a[k] + on * (e.lon_b[k] - e.lon_a[k])
        distance = distance_m(lat, lon, foot_lat, foot_lon)
        line = self._is_line[number]
        off_end = ((t < 0) & (e.before[k] < 0)) | ((t > 1) & (e.after[k] < 0))
        return Nearness(
            distance_m=np.where(self._inside(lat, lon, number), 0.0, distance),
            signed_m=np.where(line, distance * self._right(lat, lon, foot_lat, foot_lon, k, t), np.nan),
            km_along=np.where(line, self._km(k, foot_lat, foot_lon), np.nan),
            off_end=off_end & line & known,
            lat_deg=foot_lat,
            lon_deg=turn_deg(foot_lon),
        )

    def crossings(
        self, lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike, asset: ArrayLike
    ) -> Crossed:
        """Find where segment ``i`` first crosses asset number ``asset[i]`` (an area: its boundary).

        Exact, as both are straight in longitude and latitude; a vertex met exactly counts once
        (``geodesy.crosses``), so consecutive segments together cross as often as the whole track.
        """
        track = _columns(lat_a, lon_a, lat_b, lon_b)
        number = np.broadcast_to(np.asarray(asset, dtype=np.int64), track[0].shape)
        row, edge = self._crossed_edges(track, number)
        fraction, _, lat, lon, angle = crossing_points(*(v[row] for v in track), *self._edge(edge))
        order = np.lexsort((fraction, row))
        first = order[np.unique(row[order], return_index=True)[1]]
        out = np.full((5, len(number)), np.nan)
        km = self._km(edge[first], lat[first], lon[first])
        out[:, row[first]] = fraction[first], lat[first], lon[first], km, angle[first]
        count = np.bincount(row, minlength=len(number)).astype(np.int64)
        return Crossed(out[0], out[1], out[2], out[3], out[4], count)

    def _grid_for(self, within: F64) -> _grid.Grid:
        """Give the grid for this reach: the same few are asked for again and again."""
        key = within.tobytes()
        if key not in self._grids:
            if len(self._grids) >= _GRIDS:
                self._grids.pop(next(iter(self._grids)))
            self._grids[key] = self._build_grid(within)
        return self._grids[key]

    def _build_grid(self, within: F64) -> _grid.Grid:
        """File edges under all cells in their reach, and (number of edges + asset) where an area is."""
        e = self._edges
        pad = _grid.padding_deg(e.lat_a, e.lat_b, within[e.asset])
        code, cell = _grid.cells_along(e.lat_a, e.lon_a, e.lat_b, e.lon_b, *pad)
        codes, cells = [code], [cell]
        for number, area in self._areas.items():
            inside = np.unique(np.concatenate([area.cells(), cell[e.asset[code] == number]]))
            cells.append(inside)
            codes.append(np.full(len(inside), len(e) + number))
        return _grid.Grid.file(np.concatenate(codes), np.concatenate(cells))

    def _near_block(self, grid: _grid.Grid, track: list[F64], within: F64) -> tuple[I64, I64]:
        """Give the near pairs (row, asset) of one block of segments, some of them repeated."""
        row, cell = _cells_of(track)
        held = grid.occupied_at(cell)
        row, cell = row[held], cell[held]
        slot = grid.slot(cell)
        first, count = grid.first[slot], grid.count[slot]
        rows, found = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for part in blocks(count, BLOCK_PAIRS):
            pair, at = expand(first[part], count[part])
            pair_row, code = row[part][pair], grid.code[at]
            near, asset = self._near_pairs(track, pair_row, code, cell[part][pair], within)
            rows.append(pair_row[near])
            found.append(asset[near])
        return np.concatenate(rows), np.concatenate(found)

    def _near_pairs(self, track: list[F64], row: I64, code: I64, cell: I64, within: F64) -> tuple[Bool, I64]:
        """Tell which pairs (segment, edge or inside of an area) are near, and the asset of each."""
        edges = len(self._edges)
        is_edge = code < edges
        asset = np.where(is_edge, 0, code - edges)
        near = np.zeros(len(code), dtype=np.bool_)
        at = np.flatnonzero(is_edge)
        asset[at] = self._edges.asset[code[at]]
        segment = [v[row[at]] for v in track]
        plane_lat = _grid.middle_lat(cell[at])
        near[at] = _nearest.segments_within(segment, self._edge(code[at]), plane_lat, within[asset[at]])
        at = np.flatnonzero(~is_edge)  # a track that meets no boundary is inside as a whole or not at all
        near[at] = self._inside(track[0][row[at]], track[1][row[at]], asset[at])
        return near, asset

    def _nearest_edges(self, lat: F64, lon: F64, number: I64) -> tuple[I64, F64]:
        """Give the nearest edge of its asset for each place (-1: none), and the fraction along it."""
        r = self._runs
        edge, fraction = np.full(len(lat), -1), np.full(len(lat), np.nan)
        known = np.isfinite(lat) & np.isfinite(lon)
        count = np.where(known, r.first_of[number + 1] - r.first_of[number], 0)
        for part in blocks(count, BLOCK_PAIRS // _edges.RUN_EDGES):
            row, run = expand(r.first_of[number[part]], count[part])
            near = r.may_be_nearest(run, row, lat[part], lon[part])
            row, run = row[near], run[near]
            pair, k = expand(r.edge[run], r.edges[run])
            row = row[pair]
            t, distance = _nearest.feet(lat[part][row], lon[part][row], *self._edge(k))
            best = _least(row, distance)
            edge[part.start + row[best]], fraction[part.start + row[best]] = k[best], t[best]
        return edge, fraction

    def _crossed_edges(self, track: list[F64], number: I64) -> tuple[I64, I64]:
        """Give the pairs (row, edge) that cross."""
        r = self._runs
        rows, edges = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        count = r.first_of[number + 1] - r.first_of[number]
        for part in blocks(count, BLOCK_PAIRS // _edges.RUN_EDGES):
            row, run = expand(r.first_of[number[part]], count[part])
            row += part.start
            touch = r.overlap(run, *(v[row] for v in track))
            pair, k = expand(r.edge[run[touch]], r.edges[run[touch]])
            row = row[touch][pair]
            hit = crosses(*(v[row] for v in track), *self._edge(k))
            rows.append(row[hit])
            edges.append(k[hit])
        return np.concatenate(rows), np.concatenate(edges)

    def _right(self, lat: F64, lon: F64, foot_lat: F64, foot_lon: F64, edge: I64, t: F64) -> F64:
        """Give +1 right, -1 left of the route; at a vertex by the directions of both its edges."""
        e = self._edges
        before = np.where((t <= 0) & (e.before[edge] >= 0), e.before[edge], edge)
        after = np.where((t >= 1) & (e.after[edge] >= 0), e.after[edge], edge)
        both = (before, after)
        east, north = [e.lon_b[k] - e.lon_a[k] for k in both], [e.lat_b[k] - e.lat_a[k] for k in both]
        return _nearest.side_at(lat, lon, foot_lat, foot_lon, east, north)

    def _km(self, edge: I64, lat: F64, lon: F64) -> F64:
        e = self._edges
        return e.km_a[edge] + edge_length_m(e.lat_a[edge], e.lon_a[edge], lat, lon) / 1000

    def _edge(self, edge: I64) -> list[F64]:
        e = self._edges
        return [e.lat_a[edge], e.lon_a[edge], e.lat_b[edge], e.lon_b[edge]]

    def _inside(self, lat: F64, lon: F64, number: I64) -> Bool:
        """Tell which places lie inside their area (False for lines and points)."""
        inside = np.zeros(len(lat), dtype=np.bool_)
        for one in np.unique(number):
            if int(one) in self._areas:
                at = np.flatnonzero(number == one)
                inside[at] = self._areas[int(one)].contains(lat[at], lon[at])
        return inside


def _columns(*values: ArrayLike) -> list[F64]:
    return [np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in values]


def _least(row: I64, value: F64) -> I64:
    """Give the place of the (first) least value of each row; ``row`` is sorted."""
    new = np.concatenate([[True], row[1:] != row[:-1]]) if len(row) else np.empty(0, np.bool_)
    start = np.flatnonzero(new)
    if not len(start):
        return start
    least = np.flatnonzero(value == np.minimum.reduceat(value, start)[np.cumsum(new) - 1])
    return least[np.unique(row[least], return_index=True)[1]]


def _cells_of(track: list[F64]) -> tuple[I64, I64]:
    """List (row, cell) for every cell that a segment passes; rows without sound positions give none."""
    lat_a, lon_a, lat_b, lon_b = track
    with np.errstate(invalid="ignore"):
        row = np.flatnonzero((np.abs(lat_a) <= 90) & (np.abs(lat_b) <= 90) & np.isfinite(lon_a + lon_b))
    lat_a, lon_a, lat_b, lon_b = (v[row] for v in track)
    step = turn_deg(lon_b - lon_a)
    first, last = _grid.cell_of(lat_a, lon_a), _grid.cell_of(lat_b, lon_b)
    short = (first == last) & (np.abs(step) < 1.0)
    far = np.flatnonzero(~short)
    none = np.zeros(len(far))
    item, cell = _grid.cells_along(lat_a[far], lon_a[far], lat_b[far], lon_a[far] + step[far], none, none)
    return np.concatenate([row[short], row[far[item]]]), np.concatenate([first[short], cell])
