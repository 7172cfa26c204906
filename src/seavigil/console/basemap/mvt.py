"""Write Mapbox Vector Tiles: layers of shapes in the whole numbers of a tile.

Of the specification (version 2.1, https://github.com/mapbox/vector-tile-spec) only what the basemap
needs: one feature in each layer, without properties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from seavigil.console.basemap.land import AREA, Shapes

EXTENT = 4096
"""Units along the side of a tile: what the specification recommends."""

VERSION = 2
MOVE_TO, LINE_TO, CLOSE_PATH = 1, 2, 7
LINES, POLYGONS = 2, 3
# Field numbers and wire types of the protobuf messages Tile, Layer and Feature.
TILE_LAYER = 3 << 3 | 2
LAYER_VERSION, LAYER_NAME, LAYER_FEATURE, LAYER_EXTENT = 15 << 3, 1 << 3 | 2, 2 << 3 | 2, 5 << 3
FEATURE_TYPE, FEATURE_GEOMETRY = 3 << 3, 4 << 3 | 2


def tile(layers: Mapping[str, Shapes]) -> bytes:
    """Write one tile: layer names to polygons or lines in its units (whole, y down), without empty layers."""
    return b"".join(
        _field(TILE_LAYER, _layer(name, shapes)) for name, shapes in layers.items() if len(shapes)
    )


def _layer(name: str, shapes: Shapes) -> bytes:
    filled = int(shapely.get_dimensions(shapes[0])) == AREA
    feature = varints([FEATURE_TYPE, POLYGONS if filled else LINES]) + _field(
        FEATURE_GEOMETRY, varints(np.concatenate(list(_commands(shapes, filled))))
    )
    return b"".join(
        (
            varints([LAYER_VERSION, VERSION]),
            _field(LAYER_NAME, name.encode()),
            _field(LAYER_FEATURE, feature),
            varints([LAYER_EXTENT, EXTENT]),
        )
    )


def _field(key: int, held: bytes) -> bytes:
    return varints([key, len(held)]) + held


def _commands(shapes: Shapes, filled: bool) -> Iterable[NDArray[np.uint64]]:
    """Give each path's commands; a path begins where the last ended. Outer rings are clockwise on screen."""
    lines = shapely.get_rings(shapely.orient_polygons(shapely.normalize(shapes))) if filled else shapes
    at = np.zeros(2, np.int64)
    for line in lines:
        points = shapely.get_coordinates(line).astype(np.int64)
        points = points[:-1] if filled else points
        steps = np.diff(points, axis=0, prepend=[at])
        at = points[-1]
        yield _path(steps, filled)


def _path(steps: NDArray[np.int64], filled: bool) -> NDArray[np.uint64]:
    numbers = ((steps << 1) ^ (steps >> 63)).astype(np.uint64).ravel()
    start, rest = numbers[:2], numbers[2:]
    end = [1 << 3 | CLOSE_PATH] if filled else []
    return np.concatenate(
        [_one(1 << 3 | MOVE_TO), start, _one((len(steps) - 1) << 3 | LINE_TO), rest, np.array(end, np.uint64)]
    )


def _one(number: int) -> NDArray[np.uint64]:
    return np.array([number], np.uint64)


def varints(numbers: Iterable[int] | NDArray[np.uint64]) -> bytes:
    """Write whole numbers below 2**35 the way protobuf does: seven bits a byte, the lowest first.

    >>> varints([1, 300]).hex()
    '01ac02'
    """
    values = np.array(numbers if isinstance(numbers, np.ndarray) else list(numbers), np.uint64)
    groups = (values[:, None] >> np.arange(0, 35, 7, dtype=np.uint64)) & np.uint64(0x7F)
    left = values[:, None] >> np.arange(7, 42, 7, dtype=np.uint64)
    used = np.column_stack([np.ones(len(values), bool), left[:, :-1] > 0])
    coded = groups | np.where(left > 0, np.uint64(0x80), np.uint64(0))
    return bytes(coded[used].astype(np.uint8))
