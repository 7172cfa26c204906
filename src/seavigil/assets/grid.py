"""A grid of cells in latitude and longitude that tells which edges may be near a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seavigil.assets.edges import expand
from seavigil.geodesy import F64, I64, Bool, metres_per_degree

#: Cell size: about 5.6 km north to south, a few times the usual step between two reports.
CELL_DEG = 0.05
COLUMNS = round(360 / CELL_DEG)
ROWS = round(180 / CELL_DEG)
_SLACK_DEG = 1e-9


def cell_of(lat: F64, lon: F64) -> I64:
    """Give the cell of each place (finite, latitude within -90..90)."""
    row = np.minimum(((lat + 90.0) / CELL_DEG).astype(np.int64), ROWS - 1)
    return np.asarray(row * COLUMNS + np.floor((lon + 180.0) / CELL_DEG).astype(np.int64) % COLUMNS)


def middle_lat(cell: I64) -> F64:
    """Give the latitude of the middle of each cell."""
    return np.asarray((cell // COLUMNS + 0.5) * CELL_DEG - 90.0, dtype=np.float64)


def cells_along(
    lat_a: F64, lon_a: F64, lat_b: F64, lon_b: F64, pad_lat: F64, pad_lon: F64
) -> tuple[I64, I64]:
    """List (edge, cell) for all cells that a -> b (``lon_b`` unwrapped), padded on all sides, touches.

    Row of cells by row of cells: the part of the edge that is within the padded row, and the
    columns from its westernmost to its easternmost place. None is missed; a few too many come.
    """
    pad_lat, pad_lon = pad_lat + _SLACK_DEG, pad_lon + _SLACK_DEG
    south, north = np.minimum(lat_a, lat_b) - pad_lat, np.maximum(lat_a, lat_b) + pad_lat
    low = np.clip(np.floor((south + 90.0) / CELL_DEG), 0, ROWS - 1).astype(np.int64)
    high = np.clip(np.floor((north + 90.0) / CELL_DEG), 0, ROWS - 1).astype(np.int64)
    item, row = expand(low, high - low + 1)
    bottom = row * CELL_DEG - 90.0 - pad_lat[item]
    top = bottom + CELL_DEG + 2 * pad_lat[item]
    dlat, dlon = (lat_b - lat_a)[item], (lon_b - lon_a)[item]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.clip([(bottom - lat_a[item]) / dlat, (top - lat_a[item]) / dlat], 0.0, 1.0)
    t = np.where(dlat == 0, [[0.0], [1.0]], t)
    lons = lon_a[item] + t * dlon
    west = np.floor((lons.min(axis=0) - pad_lon[item] + 180.0) / CELL_DEG).astype(np.int64)
    east = np.floor((lons.max(axis=0) + pad_lon[item] + 180.0) / CELL_DEG).astype(np.int64)
    band, column = expand(west, np.minimum(east - west + 1, COLUMNS))
    return item[band], row[band] * COLUMNS + column % COLUMNS


def padding_deg(lat_a: F64, lat_b: F64, within_m: F64) -> tuple[F64, F64]:
    """Give degrees of latitude and longitude that hold ``within_m`` anywhere around an edge."""
    pad_lat = within_m / metres_per_degree(0.0)[0] * 1.001
    furthest = np.maximum(np.abs(lat_a), np.abs(lat_b)) + pad_lat
    per_lon = metres_per_degree(np.minimum(furthest, 90.0))[1]
    return pad_lat, np.minimum(within_m * 1.001 / np.maximum(per_lon, 1.0), 180.0)


@dataclass(frozen=True)
class Grid:
    """Which codes (edges, insides of areas) are filed under which cell."""

    cell: I64  #: sorted, each once
    first: I64
    count: I64
    code: I64
    lowest: int  #: cell number of ``occupied[0]``
    occupied: Bool

    @classmethod
    def file(cls, code: I64, cell: I64) -> Grid:
        """File each code under its cell."""
        order = np.lexsort((code, cell))
        code, cell = code[order], cell[order]
        unique, first, count = np.unique(cell, return_index=True, return_counts=True)
        lowest = int(unique[0]) if len(unique) else 0
        occupied = np.zeros(int(unique[-1]) - lowest + 1 if len(unique) else 0, dtype=np.bool_)
        occupied[unique - lowest] = True
        return cls(unique, first.astype(np.int64), count.astype(np.int64), code, lowest, occupied)

    def occupied_at(self, cell: I64) -> I64:
        """Give the positions in ``cell`` of those that hold anything."""
        at = np.flatnonzero((cell >= self.lowest) & (cell < self.lowest + len(self.occupied)))
        return at[self.occupied[cell[at] - self.lowest]]

    def slot(self, cell: I64) -> I64:
        """Give the slot of each occupied cell: an index into ``first`` and ``count``."""
        return np.searchsorted(self.cell, cell).astype(np.int64)
