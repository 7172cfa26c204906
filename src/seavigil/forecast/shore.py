"""Where land is, for many places at once: looked up on tiles that are drawn when first needed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seavigil.normal.places import Places

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: A tile is a degree square of so many cells each way: 1.1 km north to south, a tenth of what a ship at 12 kn
#: goes between two steps (own choice).
_CELLS = 100
_COLUMNS = 360


@dataclass
class Shore:
    """Tells land from water at the middle of the cell in which a place lies. Called with degrees."""

    places: Places
    _tiles: dict[int, Bool] = field(default_factory=dict)

    def __call__(self, lat_deg: F64, lon_deg: F64) -> Bool:
        """Tell which places are on land; arrays of one shape."""
        row, column = _cells(lat_deg + 90.0), _cells((lon_deg + 180.0) % 360.0)
        tile = row // _CELLS * _COLUMNS + column // _CELLS
        found = np.zeros(len(tile), dtype=np.bool_)
        for one in np.unique(tile).tolist():
            at = tile == one
            found[at] = self._tile(one)[row[at] % _CELLS, column[at] % _CELLS]
        return found

    def _tile(self, tile: int) -> Bool:
        if tile not in self._tiles:
            south, west = divmod(tile, _COLUMNS)
            off = (np.arange(_CELLS) + 0.5) / _CELLS
            lat, lon = np.meshgrid(south - 90.0 + off, west - 180.0 + off, indexing="ij")
            drawn = self.places.on_land(lat.ravel(), lon.ravel())
            self._tiles[tile] = drawn.reshape(_CELLS, _CELLS)
        return self._tiles[tile]


def _cells(degrees: F64) -> I64:
    return np.floor(degrees * _CELLS).astype(np.int64)
