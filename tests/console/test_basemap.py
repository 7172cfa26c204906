"""The ground under the map: read, made whole over the date line, cut into tiles, written and read again."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from seavigil.console import VENDOR, missing
from seavigil.console.basemap import land, mvt, shapes_of, tiles, topology
from tests.console.reader import Layer, read

GEOD = Geod(ellps="WGS84")
EXTENT, BUFFER, DEEPEST = 4096, 64, 6
LOW, HIGH = -BUFFER, EXTENT + BUFFER
PIXEL = EXTENT / 512

# Latitude, longitude: as on any chart. Some pairs lie on both sides of the date line.
SEA = {
    "Gotland Deep": (57.3, 20.0), "Gulf of Finland": (59.85, 25.0), "off Narva": (59.95, 27.3),
    "Bothnian Sea": (61.8, 19.5), "Bothnian Bay": (64.8, 23.0), "Kattegat": (56.8, 11.6),
    "Skagerrak": (58.0, 9.0), "North Sea": (56.0, 3.0), "English Channel": (50.2, -1.0),
    "Gulf of Riga": (57.7, 23.6), "Bornholm Basin": (55.3, 16.0), "Kiel Bight": (54.6, 10.6),
    "Taiwan Strait": (24.5, 119.5), "Red Sea": (20.0, 38.5), "Black Sea": (43.0, 34.0),
    "Persian Gulf": (26.5, 52.0), "Caspian Sea": (41.5, 51.0), "Long Strait": (70.2, 179.0),
    "Chukchi Sea": (69.8, -177.0), "Bering Sea": (60.0, 179.9), "Bering Sea, west": (60.0, -179.9),
    "Pacific": (0.5, 179.9), "Pacific, west": (0.5, -179.9), "Koro Sea": (-17.8, 179.8),
    "Lau Group": (-17.8, -179.5), "Ross Sea": (-75.0, 179.9), "Ross Sea, west": (-75.0, -179.9),
}  # fmt: skip
LAND = {
    "Helsinki": (60.25, 24.9), "south of Tallinn": (59.3, 24.75), "Gotland": (57.45, 18.5),
    "Bornholm": (55.13, 14.9), "Oeland": (56.7, 16.65), "Saaremaa": (58.4, 22.5), "Hiiumaa": (58.9, 22.65),
    "Kaliningrad": (54.6, 21.5), "Jutland": (56.2, 9.2), "Chukotka": (67.0, 179.5),
    "Chukotka, west": (67.0, -178.0), "Wrangel": (71.2, 179.6), "Wrangel, west": (71.2, -179.6),
    "Taveuni": (-16.93, 179.93), "Taveuni, west": (-16.85, -179.97), "Vanua Levu": (-16.6, 179.2),
    "Antarctica": (-84.9, 179.9), "Antarctica, west": (-84.9, -179.9), "Victoria Land": (-81.0, 150.0),
    "Marie Byrd Land": (-82.0, -130.0), "Svalbard": (78.8, 16.0), "Iceland": (64.9, -18.5),
    "Greenland": (72.0, -40.0), "Taiwan": (23.7, 121.0), "South Island": (-43.5, 171.5),
    "Quito": (0.0, -78.0), "Congo": (0.0, 20.0),
}  # fmt: skip

needs_map = pytest.mark.skipif(missing() is not None, reason=str(missing()))


# --- reading -------------------------------------------------------------------------------------


def small() -> bytes:
    """Two countries side by side, 0 to 10 and 10 to 20 E, 0 to 10 N, that share the line at 10 E."""
    return json.dumps(
        {
            "transform": {"scale": [10, 10], "translate": [0, 0]},
            "arcs": [
                [[1, 0], [0, 1]],
                [[1, 1], [-1, 0], [0, -1], [1, 0]],
                [[1, 1], [1, 0], [0, -1], [-1, 0]],
            ],
            "objects": {
                "countries": {
                    "type": "GeometryCollection",
                    "geometries": [
                        {"type": "Polygon", "arcs": [[0, 1]]},
                        {"type": "MultiPolygon", "arcs": [[[2, 0]]]},
                        {"type": None},
                    ],
                }
            },
        }
    ).encode()


def test_lines_are_sums_of_steps_and_meet_once() -> None:
    """The western country is a square: 5 points, the meeting point of its two arcs counted once."""
    west, east = topology.decode(small()).polygons("countries")
    assert west[0].tolist() == [[10, 0], [10, 10], [0, 10], [0, 0], [10, 0]]
    assert shapely.Polygon(east[0]).area == 100.0


def test_a_border_is_what_two_countries_share() -> None:
    """Of three lines only the one at 10 E has a country on each side; coasts are no borders."""
    assert [line.tolist() for line in topology.decode(small()).between("countries")] == [[[10, 0], [10, 10]]]


@pytest.mark.parametrize("text", ["{}", "[]", '{"transform": 3}', "{", '{"transform": {"scale": [1, 1]}}'])
def test_what_is_no_topology_is_refused(text: str) -> None:
    """Whatever else comes is refused with a ValueError, never half read."""
    with pytest.raises(ValueError):  # noqa: PT011  # JSON's own is one too
        topology.decode(text)


# --- the date line and the poles -----------------------------------------------------------------


def ring(*points: tuple[float, float]) -> np.ndarray:
    """Close a drawn ring and bring its longitudes to -180 to 180, as in a file."""
    at = np.array([*points, points[0]], float)
    at[:, 0] = (at[:, 0] + 180) % 360 - 180
    return at


def test_an_island_on_the_date_line_is_one_island() -> None:
    """175 E to 175 W, 0 to 10 N: once around the world it is two halves of 5 by 10 degrees, not a belt."""
    island = land.polygons([[ring((175, 0), (185, 0), (185, 10), (175, 10))]])
    whole = shapely.union_all(land.world(island))
    assert shapely.area(island).sum() == whole.area == 100.0
    assert whole.covers(shapely.points([[179.9, 5], [-179.9, 5]])).all()
    assert not whole.covers(shapely.Point(0, 5))


def test_a_hole_goes_with_its_island() -> None:
    """A lake at 178 W lies on the other side of the file but in the same island, and stays a lake."""
    outer = ring((170, 0), (190, 0), (190, 10), (170, 10))
    lake = ring((181, 4), (183, 4), (183, 6), (181, 6))
    whole = shapely.union_all(land.world(land.polygons([[outer, lake]])))
    assert whole.area == 20 * 10 - 2 * 2
    assert not whole.covers(shapely.Point(-178, 5))


@pytest.mark.parametrize("pole", [-90, 90])
def test_a_coast_around_the_pole_is_closed_over_it(pole: int) -> None:
    """A line around the world at 80 degrees holds the cap beyond it: 360 by 10 square degrees."""
    round_world = ring(*((lon, math.copysign(80, pole)) for lon in range(-170, 190, 10)))
    whole = shapely.union_all(land.world(land.polygons([[round_world]])))
    assert whole.area == pytest.approx(3600)
    assert whole.covers(shapely.points([[-180, pole], [180, pole * 0.9], [0, pole * 0.95]])).all()
    assert whole.is_valid


@given(st.floats(-180, 180), st.floats(-60, 60), st.lists(st.floats(1, 20), min_size=4, max_size=12))
def test_land_is_whole_wherever_it_lies(lon: float, lat: float, radii: list[float]) -> None:
    """A drawn island has the area it was drawn with, at whatever longitude its middle lies."""
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    at = [(r * math.cos(a), r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
    drawn = shapely.Polygon(at)
    made = land.world(land.polygons([[ring(*((lon + x, lat + y) for x, y in at))]]))
    assert shapely.is_valid(made).all()
    assert shapely.area(made).sum() == pytest.approx(drawn.area)
    assert (np.abs(shapely.get_coordinates(made)[:, 0]) <= 180).all()


@given(st.floats(-180, 179), st.floats(-89, 88), st.floats(0.01, 1))
def test_areas_are_those_of_the_ellipsoid(lon: float, lat: float, side: float) -> None:
    """A box of a degree or less has the area that geodesics around it give, within a part in a thousand."""
    box = shapely.segmentize(shapely.box(lon, lat, lon + side, lat + side), side / 20)
    expected = abs(GEOD.geometry_area_perimeter(box)[0]) / 1e6
    assert land.area_km2(np.array([box])) == pytest.approx(expected, rel=1e-3)


def test_land_that_is_not_the_earths_is_refused() -> None:
    """One island of 10 by 10 degrees on the equator (1.2 million km2) is not the world."""
    with pytest.raises(ValueError, match=r"measures 1\.2 million km2"):
        land.checked(land.polygons([[ring((0, 0), (10, 0), (10, 10), (0, 10))]]))


# --- cutting -------------------------------------------------------------------------------------

NO_LINES = np.array([], object)


@st.composite
def islands(draw: st.DrawFn, zoom: int = 2) -> np.ndarray:
    """Draw some islands in whole units of ``zoom``, anywhere on the map."""
    side = EXTENT * 2**zoom
    found = []
    for _ in range(draw(st.integers(1, 4))):
        middle = draw(st.tuples(st.integers(0, side), st.integers(0, side)))
        radii = draw(st.lists(st.integers(20, 5000), min_size=3, max_size=9))
        angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
        rays = np.array(radii)[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
        found.append(shapely.set_precision(shapely.Polygon(rays + middle), 1.0))
    return land.parts(np.array(found, object), 2)


@given(islands())
def test_a_tile_is_the_whole_clipped(drawn: np.ndarray) -> None:
    """Cut from tile to tile, each tile holds what one cut of the whole to its sides holds: rounding,
    which moves a side by less than a unit, is all that may differ.
    """
    made = {(tile.x, tile.y): tile for tile in tiles.tiles({"land": drawn}, 2)}
    whole = shapely.union_all(drawn)
    for x in range(4):
        for y in range(4):
            corner = np.array([x * EXTENT, y * EXTENT])
            sides = shapely.box(0, 0, EXTENT, EXTENT)
            expected = shapely.transform(whole, lambda at, corner=corner: at - corner).intersection(sides)
            ground = made[x, y].ground["land"] if (x, y) in made else NO_LINES
            found = shapely.union_all(ground).intersection(sides)
            assert found.symmetric_difference(expected).area <= 1.0 * expected.length + 1


@given(islands())
def test_nothing_reaches_beyond_the_buffer(drawn: np.ndarray) -> None:
    """Every corner is a whole number, at most 64 units outside of its tile; every polygon is valid."""
    for tile in tiles.tiles({"land": drawn}, 2):
        at = shapely.get_coordinates(tile.ground["land"])
        assert (at == np.round(at)).all()
        assert (at >= LOW).all()
        assert (at <= HIGH).all()
        assert shapely.is_valid(tile.ground["land"]).all()


def test_a_tile_in_the_middle_of_land_needs_no_file() -> None:
    """Land over the north-west quarter: that tile is all land but for its buffer, far ones are all sea."""
    box = shapely.box(-BUFFER, -BUFFER, 2 * EXTENT + 1000, 2 * EXTENT + 1000)
    found = {(tile.x, tile.y): tile.kind for tile in tiles.tiles({"land": np.array([box])}, 2)}
    assert tiles.kinds(found, 2) == "##c." + "##c." + "ccc." + "...."


def test_simplified_land_strays_less_than_a_pixel() -> None:
    """A coast of 1 km teeth at the equator, drawn at zoom 0 where a pixel is 78 km, is a straight line."""
    teeth = [(x / 40_000, 0.5 + (x % 2) / 40_000) for x in range(10_000)]
    saw = shapely.Polygon([(0, 0.25), *teeth, (0.25, 0.25)])
    ground = tiles.drawn(np.array([saw]), np.array([shapely.LineString([(0, 0), (1, 1)])]), 0)
    assert len(shapely.get_coordinates(ground["land"])) < 10
    assert (
        shapely.hausdorff_distance(ground["land"][0], shapely.transform(saw, lambda at: at * EXTENT)) < PIXEL
    )


def test_there_is_no_coast_where_the_world_was_cut() -> None:
    """Land from pole to pole and around the world has no coast at all."""
    west, south, east, north = tiles.bounds_deg()
    world = shapely.transform(np.array([shapely.box(west, south, east, north)]), tiles.projected)
    ground = tiles.drawn(world, NO_LINES, 3)
    assert shapely.area(ground["land"]).sum() > (EXTENT * 8) ** 2
    assert not len(ground["coast"])


# --- writing -------------------------------------------------------------------------------------


@given(islands(zoom=0))
def test_what_is_written_is_read(drawn: np.ndarray) -> None:
    """A reader made from the specification gets back every polygon, outer rings the right way round."""
    layer = read(mvt.tile({"land": drawn}))["land"]
    assert (layer.version, layer.extent, layer.kind) == (2, EXTENT, 3)
    back = [shapely.Polygon(outer, holes) for outer, *holes in layer.polygons()]
    assert [shapely.normalize(p) for p in back] == [shapely.normalize(p) for p in drawn]


def test_a_hole_is_written_the_other_way_round() -> None:
    """An island with a lake comes back as one polygon with one hole."""
    lake = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60))
    (polygon,) = read(mvt.tile({"land": np.array([lake])}))["land"].polygons()
    assert [len(path) for path in polygon] == [4, 4]


@given(st.lists(st.lists(st.tuples(st.integers(LOW, HIGH), st.integers(LOW, HIGH)), min_size=2), min_size=1))
def test_lines_are_read_as_written(paths: list[list[tuple[int, int]]]) -> None:
    """Lines keep every point in order; an empty layer beside them is left out."""
    drawn = np.array([shapely.LineString(path) for path in paths], object)
    layers = read(mvt.tile({"land": NO_LINES, "coast": drawn}))
    assert list(layers) == ["coast"]
    assert [list(path) for path in layers["coast"].paths] == paths
    assert layers["coast"].kind == 2


# --- the map that was made -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def kinds() -> list[str]:
    """Give what every tile is."""
    return json.loads((VENDOR / "basemap" / "index.json").read_text())["kinds"]


def layers_of(zoom: int, x: int, y: int, kinds: list[str]) -> dict[str, Layer]:
    """Read one tile as the page does: most have no file."""
    kind = kinds[zoom][y * 2**zoom + x]
    if kind == ".":
        return {}
    name = "land.mvt" if kind == "#" else f"{zoom}/{x}/{y}.mvt"
    return read((VENDOR / "basemap" / name).read_bytes())


def made_tiles(kinds: list[str]) -> Iterator[tuple[int, int, int, dict[str, Layer]]]:
    """Read every tile that has a file."""
    for zoom, row in enumerate(kinds):
        for n, kind in enumerate(row):
            if kind == "c":
                yield zoom, n % 2**zoom, n // 2**zoom, layers_of(zoom, n % 2**zoom, n // 2**zoom, kinds)


def shape_of(layers: dict[str, Layer]) -> shapely.Geometry:
    """Give the land of a tile in its units."""
    if "land" not in layers:
        return shapely.MultiPolygon()
    return shapely.MultiPolygon(
        [shapely.Polygon(outer, holes) for outer, *holes in layers["land"].polygons()]
    )


def place(lat: float, lon: float, zoom: int) -> tuple[int, int, float, float]:
    """Give the tile of a position and the units within it, by the projection's textbook formula."""
    x = (lon / 360 + 0.5) * 2**zoom
    y = (0.5 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)) * 2**zoom
    return int(x), int(y), x % 1 * EXTENT, y % 1 * EXTENT


def to_coast(lat: float, lon: float, kinds: list[str]) -> float:
    """Give the distance to the nearest coast in units of the deepest zoom; 4096 where none is near."""
    x, y, at_x, at_y = place(lat, lon, DEEPEST)
    side = 2**DEEPEST
    distances = [float(EXTENT)]
    for right in (-1, 0, 1):
        for down in (-1, 0, 1):
            if not 0 <= y + down < side:
                continue
            point = shapely.Point(at_x - right * EXTENT, at_y - down * EXTENT)
            coast = layers_of(DEEPEST, (x + right) % side, y + down, kinds).get("coast")
            if coast is not None:
                distances.append(shapely.MultiLineString(coast.paths).distance(point))
    return min(distances)


@needs_map
@pytest.mark.parametrize(
    ("name", "lat", "lon", "dry"),
    [(n, *at, False) for n, at in SEA.items()] + [(n, *at, True) for n, at in LAND.items()],
    ids=[*SEA, *LAND],
)
def test_known_places_are_land_or_sea(name: str, lat: float, lon: float, dry: bool, kinds: list[str]) -> None:
    """At the deepest zoom, and wherever it is over 2 pixels from a coast, a place is what it is."""
    clear = to_coast(lat, lon, kinds)
    zooms = [z for z in range(DEEPEST + 1) if z == DEEPEST or clear / 2 ** (DEEPEST - z) > 2 * PIXEL]
    for zoom in zooms:
        x, y, at_x, at_y = place(lat, lon, zoom)
        there = shape_of(layers_of(zoom, x, y, kinds)).covers(shapely.Point(at_x, at_y))
        assert there == dry, f"{name} at zoom {zoom}"


@needs_map
@pytest.mark.parametrize("zoom", range(DEEPEST + 1))
def test_the_middle_of_the_baltic_is_sea_at_every_zoom(zoom: int, kinds: list[str]) -> None:
    """57.3 N 20 E, the deep east of Gotland: where stitched polygons drawn as they are show land."""
    x, y, at_x, at_y = place(57.3, 20.0, zoom)
    assert not shape_of(layers_of(zoom, x, y, kinds)).covers(shapely.Point(at_x, at_y))


@needs_map
def test_tiles_hold_no_false_edges(kinds: list[str]) -> None:
    """In every file: nothing beyond the buffer, every polygon valid, and no coast along the edge of a tile's
    buffer longer than a real one may happen to run there (100 units).
    """
    for zoom, x, y, layers in made_tiles(kinds):
        at = [np.array(path) for layer in layers.values() for path in layer.paths]
        assert min(a.min() for a in at) >= LOW, (zoom, x, y)
        assert max(a.max() for a in at) <= HIGH, (zoom, x, y)
        assert shapely.is_valid(shapely.get_parts(shape_of(layers))).all(), (zoom, x, y)
        for path in layers["coast"].paths if "coast" in layers else ():
            line = np.array(path)
            for axis in (0, 1):
                for edge in (LOW, HIGH):
                    along = (line[:-1, axis] == edge) & (line[1:, axis] == edge)
                    assert np.abs(np.diff(line[:, 1 - axis]))[along].sum() <= 100, (zoom, x, y)


@needs_map
@pytest.mark.parametrize("zoom", range(2, DEEPEST + 1))
def test_land_goes_on_over_the_date_line(zoom: int, kinds: list[str]) -> None:
    """Where the last tile ends the first begins: along 180 degrees both have the same land, and no coast runs
    along it. Rounding may move a shore by a unit.
    """
    side = 2**zoom
    for y in range(side):
        east, west = (layers_of(zoom, x, y, kinds) for x in (side - 1, 0))
        line_e, line_w = (
            shapely.LineString([(EXTENT, 0), (EXTENT, EXTENT)]),
            shapely.LineString([(0, 0), (0, EXTENT)]),
        )
        dry_e = shapely.transform(shape_of(east).intersection(line_e), lambda at: at - [EXTENT, 0])
        dry_w = shape_of(west).intersection(line_w)
        assert dry_e.symmetric_difference(dry_w).length <= 8, y
        for path in west["coast"].paths if "coast" in west else ():
            line = np.array(path)
            along = (line[:-1, 0] == 0) & (line[1:, 0] == 0)
            assert np.abs(np.diff(line[:, 1]))[along].sum() < 8, y


@needs_map
def test_the_land_of_the_deepest_tiles_is_the_earths(kinds: list[str]) -> None:
    """All tiles of the last zoom and the cap south of them have 146.6 to 147.3 million km2 of land."""
    side = 2**DEEPEST
    inner = shapely.box(0, 0, EXTENT, EXTENT)
    total = 0.0
    for n, kind in enumerate(kinds[DEEPEST]):
        if kind == ".":
            continue
        x, y = n % side, n // side
        dry = shape_of(layers_of(DEEPEST, x, y, kinds)).intersection(inner)
        # The side of a tile is a parallel, not a geodesic: many short pieces come close.
        degrees = shapely.transform(
            shapely.segmentize(dry, EXTENT / 16), lambda at, x=x, y=y: unprojected(at, x, y)
        )
        total += (
            sum(abs(GEOD.geometry_area_perimeter(p)[0]) for p in shapely.get_parts(degrees) if p.area) / 1e6
        )
    south = shapely.segmentize(shapely.box(-180, -90, 180, -85.0511287798066), 1)
    assert 146.6e6 <= total + abs(GEOD.geometry_area_perimeter(south)[0]) / 1e6 <= 147.3e6


def unprojected(units: np.ndarray, x: int, y: int) -> np.ndarray:
    """Give degrees of units in a deepest tile, by the projection's inverse."""
    share = (units / EXTENT + [x, y]) / 2**DEEPEST
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * share[:, 1]))))
    return np.column_stack([share[:, 0] * 360 - 180, lat])


@needs_map
def test_every_tile_is_where_the_index_says(kinds: list[str]) -> None:
    """A file for every tile that has one, none besides, and one letter for every tile."""
    each = ((z, n, kind) for z, row in enumerate(kinds) for n, kind in enumerate(row))
    named = {f"{z}/{n % 2**z}/{n // 2**z}.mvt" for z, n, kind in each if kind == "c"}
    folder = VENDOR / "basemap"
    assert {path.relative_to(folder).as_posix() for path in folder.glob("*/*/*.mvt")} == named
    assert [len(row) for row in kinds] == [4**z for z in range(DEEPEST + 1)]


@needs_map
def test_the_first_look_at_the_baltic_is_light(kinds: list[str]) -> None:
    """9 to 31 E, 53 to 66 N: at no zoom that a screen shows it in (3 to 6) does it take 300 kB of tiles."""
    for zoom in (3, 4, 5, 6):
        (left, top, *_), (right, bottom, *_) = place(66, 9, zoom), place(53, 31, zoom)
        seen = product(range(left, right + 1), range(top, bottom + 1))
        files = [VENDOR / "basemap" / f"{zoom}/{x}/{y}.mvt" for x, y in seen]
        assert sum(path.stat().st_size for path in files if path.is_file()) < 300_000


@needs_map
def test_all_of_it_is_small() -> None:
    """The library and the basemap together stay under 12 MB."""
    assert sum(path.stat().st_size for path in VENDOR.rglob("*") if path.is_file()) < 12_000_000


def test_files_that_are_not_the_atlas_are_refused(tmp_path) -> None:
    """Other files under the right names are refused before a tile is written."""
    for name in ("land-10m.json", "countries-10m.json"):
        (tmp_path / name).write_bytes(small().replace(b"countries", b"land"))
    with pytest.raises(ValueError, match="not the Earth's"):
        shapes_of(tmp_path)
