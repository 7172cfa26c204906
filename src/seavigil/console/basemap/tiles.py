"""Cut the ground into the tiles of a map: at each zoom as fine as its screen can show.

Tiles are those of the web's common map (EPSG:3857, zoom 0 is one tile for the world, y grows to the south).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from seavigil.console.basemap.land import AREA, LINE, Shapes, cut, parts
from seavigil.console.basemap.mvt import EXTENT

Ground = dict[str, Shapes]
"""Layer name to shapes: ``land`` polygons, ``coast`` and ``border`` lines."""

DEEPEST = 6
"""The last zoom with tiles of its own. A unit is then 152 m at the equator; the source (a grid of some
400 m by 190 m there) is not finer, so a further zoom would add bytes and nothing to see."""

BUFFER = 64
"""Units kept beyond each side of a tile, own choice: 8 pixels, more than any line is wide."""

UNITS_IN_PIXEL = EXTENT / 512
"""MapLibre shows a vector tile on 512 pixels."""

TOLERANCE = UNITS_IN_PIXEL / 2
"""How far a simplified line may stray, in units: half a pixel, so nobody sees it. Not at the last
zoom, which is shown enlarged."""

LEAST_AREA = UNITS_IN_PIXEL**2 / 8
"""The least island drawn, in square units: an eighth of a pixel, own choice. At the last zoom all are."""

BEYOND = BUFFER / EXTENT
"""How far the ground must reach beyond the world's edges, as a share of its width: the buffer at zoom 0."""

SEA, LAND, FILE = ".", "#", "c"
"""What a tile is: nothing, nothing but land, or a file of its own."""


@dataclass(frozen=True)
class Tile:
    """One tile of the map, and its ground in its own units (whole numbers, y down)."""

    zoom: int
    x: int
    y: int
    ground: Ground

    @property
    def kind(self) -> str:
        """Say what this tile is: ``SEA``, ``LAND`` or ``FILE``."""
        lines = sum(len(shapes) for name, shapes in self.ground.items() if name != "land")
        land = self.ground["land"]
        if lines or (len(land) and shapely.area(land).sum() < (EXTENT + 2 * BUFFER) ** 2):
            return FILE
        return LAND if len(land) else SEA


def projected(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude and latitude to shares of the world's width, east from -180° and south from 85.05° N."""
    lat = np.radians(degrees[:, 1])
    return np.column_stack([degrees[:, 0] / 360 + 0.5, 0.5 - np.arctanh(np.sin(lat)) / (2 * np.pi)])


def bounds_deg() -> tuple[float, float, float, float]:
    """Give the box (west, south, east, north, degrees) that the ground must fill: the world and ``BEYOND``.

    >>> [round(side, 2) for side in bounds_deg()]
    [-185.62, -85.51, 185.62, 85.51]
    """
    lon = 180.0 + 360.0 * BEYOND
    lat = float(np.degrees(np.arctan(np.sinh(2 * np.pi * (0.5 + BEYOND)))))
    return -lon, -lat, lon, lat


def drawn(land: Shapes, borders: Shapes, zoom: int) -> Ground:
    """Give the whole world's ground in the units of ``zoom``, generalised for it.

    Args:
        land: polygons in shares of the world's width, filling ``bounds_deg``.
        borders: lines alike.
        zoom: 0 to ``DEEPEST``.
    """
    side = EXTENT * 2.0**zoom
    last = zoom == DEEPEST
    scaled = [shapely.transform(shapes, lambda at: at * side) for shapes in (land, borders)]
    filled, lines = scaled if last else (shapely.simplify(shapes, TOLERANCE) for shapes in scaled)
    whole = parts(shapely.set_precision(filled, 1.0), AREA)
    whole = whole if last else whole[shapely.area(whole) >= LEAST_AREA]
    # Where the ground itself was cut, beyond the world's edges, there is no coast.
    margin = BEYOND * side - 2 * TOLERANCE
    inside = shapely.box(-margin, -margin, side + margin, side + margin)
    coast = cut(parts(shapely.boundary(whole), LINE), inside) if len(whole) else whole
    return {"land": whole, "coast": coast, "border": parts(shapely.set_precision(lines, 1.0), LINE)}


def tiles(world: Ground, zoom: int) -> Iterator[Tile]:
    """Give every tile of ``zoom`` that is not all sea, each cut from its parent."""
    yield from _below(world, zoom, (0, 0, 0))


def _below(ground: Ground, zoom: int, at: tuple[int, int, int]) -> Iterator[Tile]:
    level, x, y = at
    here = {name: cut(shapes, _box(zoom, at)) for name, shapes in ground.items()}
    if not any(len(shapes) for shapes in here.values()):
        return
    if level == zoom:
        yield Tile(zoom, x, y, _moved(here, x, y))
        return
    for down in (0, 1):
        for right in (0, 1):
            yield from _below(here, zoom, (level + 1, 2 * x + right, 2 * y + down))


def _box(zoom: int, at: tuple[int, int, int]) -> object:
    """Give the box of the tile ``at`` (level, x, y) with its buffer, in the units of ``zoom``."""
    level, x, y = at
    side = EXTENT * 2.0 ** (zoom - level)
    return shapely.box(x * side - BUFFER, y * side - BUFFER, (x + 1) * side + BUFFER, (y + 1) * side + BUFFER)


def _moved(ground: Ground, x: int, y: int) -> Ground:
    """Bring ``ground`` from the units of the world to those of the tile, whole again where it was cut."""
    corner = [x * EXTENT, y * EXTENT]
    dimensions = {"land": AREA, "coast": LINE, "border": LINE}
    return {
        name: parts(
            shapely.set_precision(shapely.transform(shapes, lambda at: at - corner), 1.0), dimensions[name]
        )
        for name, shapes in ground.items()
    }


def kinds(found: Mapping[tuple[int, int], str], zoom: int) -> str:
    """Write what every tile of ``zoom`` is, one letter each, row by row from the north-west.

    >>> kinds({(1, 0): "c"}, 1)
    '.c..'
    """
    side = 2**zoom
    return "".join(found.get((x, y), SEA) for y in range(side) for x in range(side))
