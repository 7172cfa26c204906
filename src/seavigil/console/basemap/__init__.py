"""The basemap: land, coasts and borders as vector tiles, from the files of world-atlas (Natural Earth)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import shapely

from seavigil.console.basemap import land as lands
from seavigil.console.basemap import mvt, tiles, topology
from seavigil.console.basemap.land import LINE, Shapes

LAND_FILE, COUNTRIES_FILE = "land-10m.json", "countries-10m.json"
INDEX = "index.json"
ALL_LAND = "land.mvt"


def make(source: Path, into: Path) -> None:
    """Make the tiles ``into/{z}/{x}/{y}.mvt`` with an index of what every tile is.

    Args:
        source: folder with ``land-10m.json`` and ``countries-10m.json`` of world-atlas.
        into: folder to fill; made where it is not there.

    Raises:
        ValueError: a file is not what it should be.
        OSError: a file cannot be read or written.
    """
    ground, borders = shapes_of(source)
    into.mkdir(parents=True, exist_ok=True)
    every = [_zoom(ground, borders, zoom, into) for zoom in range(tiles.DEEPEST + 1)]
    (into / ALL_LAND).write_bytes(mvt.tile({"land": _full()}))
    (into / INDEX).write_text(json.dumps({"kinds": every}), encoding="ascii")


def shapes_of(source: Path) -> tuple[Shapes, Shapes]:
    """Read land polygons and border lines, as shares of the world's width, without a seam."""
    found = lands.polygons(topology.decode((source / LAND_FILE).read_bytes()).polygons("land"))
    lands.checked(found)
    borders = topology.decode((source / COUNTRIES_FILE).read_bytes()).between("countries")
    lines = np.array([shapely.LineString(lands.unwrapped(line)) for line in borders], object)
    joined = lands.parts(np.array([shapely.line_merge(shapely.MultiLineString(list(lines)))], object), LINE)
    return drawable(found), drawable(joined)


def drawable(shapes: Shapes) -> Shapes:
    """Fill ``tiles.bounds_deg`` with ``shapes`` in degrees, joined where copies meet, and project them."""
    repeated = lands.around(shapes, *tiles.bounds_deg())
    dimension = int(shapely.get_dimensions(repeated[0]))
    joined = (
        lands.parts(np.array([shapely.union_all(repeated)], object), dimension)
        if dimension == lands.AREA
        else repeated
    )
    return np.asarray(shapely.transform(joined, tiles.projected), object)


def _zoom(ground: Shapes, borders: Shapes, zoom: int, into: Path) -> str:
    found = {}
    for tile in tiles.tiles(tiles.drawn(ground, borders, zoom), zoom):
        found[tile.x, tile.y] = tile.kind
        if tile.kind == tiles.FILE:
            path = into / str(zoom) / str(tile.x) / f"{tile.y}.mvt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(mvt.tile(tile.ground))
    return tiles.kinds(found, zoom)


def _full() -> Shapes:
    low, high = -tiles.BUFFER, mvt.EXTENT + tiles.BUFFER
    return np.array([shapely.box(low, low, high, high)], object)
