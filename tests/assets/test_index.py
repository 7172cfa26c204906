"""Nearness and crossings against brute force with PROJ, shapely, and drawn cases with known answers."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from seavigil.assets import Asset, AssetIndex
from tests.assets.conftest import asset

GEOD = Geod(ellps="WGS84")
F64 = np.ndarray


def pieces(geometry: BaseGeometry, step_deg: float = 0.0005) -> F64:
    """Give closely spaced (lon, lat) along the lines or rings of a geometry, and its vertices."""
    parts = shapely.get_parts(geometry)
    if geometry.geom_type.endswith("Polygon"):
        parts = shapely.get_rings(parts)
    return shapely.get_coordinates(shapely.segmentize(parts, step_deg))


def brute_distance_m(lat: float, lon: float, geometry: BaseGeometry) -> float:
    """Give the least PROJ distance to any closely spaced place of the asset, 0 inside."""
    if geometry.geom_type.endswith("Polygon") and shapely.contains_xy(geometry, lon, lat):
        return 0.0
    xy = pieces(geometry)
    ones = np.ones(len(xy))
    return float(np.min(GEOD.inv(xy[:, 0], xy[:, 1], lon * ones, lat * ones)[2]))


def test_real_assets_measured_against_brute_force(real_assets: list[Asset]) -> None:
    """Distances to real assets are those PROJ finds by trying a place every 55 m."""
    rng = np.random.default_rng(7)
    index = AssetIndex(real_assets)
    lat, lon = rng.uniform(54, 66, 20_000), rng.uniform(9, 30, 20_000)
    row, number = index.candidates(lat, lon, lat, lon, within_m=20_000.0)
    near = index.measure(lat[row], lon[row], number)
    assert near.distance_m.max() <= 20_000.0
    for i in rng.choice(len(row), 150, replace=False):
        expected = brute_distance_m(lat[row[i]], lon[row[i]], real_assets[number[i]].geometry)
        slack = 30.0**2 / (2 * max(expected, 30.0)) + 1e-3  # half a step of 55 m beside the foot
        assert expected - slack <= near.distance_m[i] <= expected * (1 + 1e-6) + 1e-3


STEPS = st.lists(st.tuples(st.floats(-0.15, 0.15), st.floats(-0.3, 0.3)), min_size=1, max_size=5)


@settings(max_examples=60)
@given(st.sampled_from([-80.0, -0.05, 59.6, 80.0]), st.sampled_from([24.0, 180.0]), STEPS, STEPS)
def test_drawn_routes_measured_against_brute_force(
    lat0: float, lon0: float, steps: list[tuple[float, float]], ships: list[tuple[float, float]]
) -> None:
    """At the equator, at 59.6 and 80 degrees, across 180 too: the distance is PROJ's least over the route."""
    scale = 1 / np.cos(np.radians(lat0))
    lat = lat0 + np.concatenate([[0], np.cumsum([s[0] for s in steps])])
    lon = lon0 + scale * np.concatenate([[0], np.cumsum([s[1] for s in steps])])
    assume((np.hypot(np.diff(lat), np.diff(lon)) > 1e-6).all())
    index = AssetIndex([asset(LineString(np.column_stack([lon, lat])))])
    at = np.array([(lat0 + s[0], lon0 + scale * s[1]) for s in ships])
    at[:, 1] = (at[:, 1] + 180) % 360 - 180
    near = index.measure(at[:, 0], at[:, 1], 0)
    for i, (ship_lat, ship_lon) in enumerate(at):
        expected = brute_distance_m(ship_lat, ship_lon, index.assets[0].geometry)
        assert expected - 60.0 <= near.distance_m[i] <= expected * (1 + 2e-5) + 1e-3
    reach = float(np.median(near.distance_m)) * 1.01 + 1.0
    row, _ = index.candidates(at[:, 0], at[:, 1], at[:, 0], at[:, 1], within_m=reach)
    assert set(row) == set(np.flatnonzero(near.distance_m <= reach))


def test_no_near_pair_is_missed_among_real_assets(real_assets: list[Asset]) -> None:
    """Every pair that the full table of distances puts within reach is a candidate, and no other."""
    rng = np.random.default_rng(8)
    index = AssetIndex(real_assets)
    lat, lon = rng.uniform(54, 61, 300), rng.uniform(10, 25, 300)
    reach = rng.choice([300.0, 3_000.0, 15_000.0], len(real_assets))
    row, number = index.candidates(lat, lon, lat, lon, within_m=reach)
    every = np.indices((300, len(real_assets))).reshape(2, -1)
    distance = index.measure(lat[every[0]], lon[every[0]], every[1]).distance_m
    expected = {(r, a) for r, a, d in zip(*every, distance, strict=True) if d <= reach[a]}
    assert set(zip(row, number, strict=True)) == expected
    assert np.array_equal(np.lexsort((row, number)), np.arange(len(row)))


def test_long_segments_are_found_where_they_pass(real_assets: list[Asset]) -> None:
    """A gap of hundreds of kilometres between reports matches what trying 500 places along it says."""
    rng = np.random.default_rng(9)
    index = AssetIndex(real_assets)
    n = 25
    lat_a, lat_b, lon_a, lon_b = rng.uniform(54, 60, (2, n)).tolist() + rng.uniform(11, 22, (2, n)).tolist()
    lat_a, lat_b, lon_a, lon_b = (np.array(v) for v in (lat_a, lat_b, lon_a, lon_b))
    found = set(zip(*index.candidates(lat_a, lon_a, lat_b, lon_b, within_m=2_000.0), strict=True))
    assert found == set(zip(*index.candidates(lat_b, lon_b, lat_a, lon_a, within_m=2_000.0), strict=True))
    t = np.linspace(0, 1, 501)
    lat, lon = lat_a[:, None] + t * (lat_b - lat_a)[:, None], lon_a[:, None] + t * (lon_b - lon_a)[:, None]
    row, number = index.candidates(lat.ravel(), lon.ravel(), lat.ravel(), lon.ravel(), within_m=2_000.0)
    assert found >= set(zip(row // 501, number, strict=True))
    row, number = index.candidates(lat.ravel(), lon.ravel(), lat.ravel(), lon.ravel(), within_m=2_800.0)
    assert found <= set(zip(row // 501, number, strict=True))  # steps of 1.2 km or less


def test_real_crossings_agree_with_shapely(real_assets: list[Asset]) -> None:
    """Segments over real routes cross where and as often as shapely's planar intersection says."""
    rng = np.random.default_rng(10)
    index = AssetIndex(real_assets)
    lat_a, lon_a = rng.uniform(54, 60, 4_000), rng.uniform(10, 25, 4_000)
    lat_b, lon_b = lat_a + rng.normal(0, 0.2, 4_000), lon_a + rng.normal(0, 0.4, 4_000)
    row, number = index.candidates(lat_a, lon_a, lat_b, lon_b, within_m=1.0)
    got = index.crossings(lat_a[row], lon_a[row], lat_b[row], lon_b[row], number)
    checked = 0
    for i, (r, a) in enumerate(zip(row, number, strict=True)):
        if real_assets[a].shape != "line":
            continue
        line = LineString([(lon_a[r], lat_a[r]), (lon_b[r], lat_b[r])])
        places = shapely.get_coordinates(line.intersection(real_assets[a].geometry))
        assert got.count[i] == len(places)
        if len(places):
            first = min(places, key=lambda p: abs(p[0] - lon_a[r]) + abs(p[1] - lat_a[r]))
            assert GEOD.inv(first[0], first[1], got.lon_deg[i], got.lat_deg[i])[2] < 0.01
            checked += 1
    assert checked > 100


def test_sides_and_kilometre_of_a_northbound_route() -> None:
    """East of a northbound route is right (+); the kilometre is PROJ's distance along the meridian."""
    index = AssetIndex([asset(LineString([(20, 58), (20, 59), (20, 60)]))])
    near = index.measure([59.5, 59.5, 60.1, 57.9], [20.1, 19.9, 20.05, 20.0], 0)
    east = GEOD.inv(20, 59.5, 20.1, 59.5)[2]
    assert near.signed_m[:2] == pytest.approx([east, -east], abs=0.5)
    assert near.km_along[0] == pytest.approx(GEOD.inv(20, 58, 20, near.lat_deg[0])[2] / 1000, abs=1e-3)
    assert near.off_end.tolist() == [False, False, True, True]
    assert near.distance_m[3] == pytest.approx(GEOD.inv(20, 57.9, 20, 58)[2], abs=1e-3)


def test_side_at_a_sharp_corner() -> None:
    """Beyond the tip of a hairpin the ship is on the outer side, whichever leg is taken as nearest."""
    hairpin = asset(LineString([(20.00, 59.0), (20.01, 60.0), (20.02, 59.0)]))
    for lon in (20.0, 20.01, 20.02):
        near = AssetIndex([hairpin]).measure(60.05, lon, 0)
        assert near.signed_m[0] < 0  # the route turns right, so outside is to port
        assert not near.off_end[0]


def test_a_long_edge_is_measured_in_longitude_and_latitude() -> None:
    """A place at 60 N midway between vertices 200 km apart on 60 N is on the route, not 1.4 km beside it."""
    near = AssetIndex([asset(LineString([(20, 60), (23.6, 60)]))]).measure(60.0, 21.8, 0)
    assert near.distance_m[0] < 1e-6


@pytest.mark.parametrize("lat", [0.0, 59.6, 80.0, -80.0])
@pytest.mark.parametrize("turn", [0.0, 360.0])
def test_over_the_antimeridian(lat: float, turn: float) -> None:
    """Across 180 degrees distance, side, kilometre, candidates and crossing are as PROJ says."""
    index = AssetIndex([asset(LineString([(179.5, lat), (-179.5 + turn, lat)]))])
    near = index.measure([lat + 0.01, lat - 0.01], [-179.9, 179.9], 0)
    beside = GEOD.inv(-179.9, lat, -179.9, lat + 0.01)[2]
    assert near.distance_m == pytest.approx([beside, beside], rel=2e-3)
    assert np.sign(near.signed_m).tolist() == [-1, 1]
    row, _ = index.candidates(lat + 0.005, 179.99, lat + 0.005, -179.99, within_m=600.0)
    assert row.tolist() == [0]
    got = index.crossings(lat - 0.1, 179.9, lat + 0.1, -179.9, 0)
    assert got.count[0] == 1
    assert got.fraction[0] == pytest.approx(0.5)
    half = GEOD.inv(
        *np.array([np.linspace(179.5, 180, 200)[:-1], np.full(199, lat)]),
        np.linspace(179.5, 180, 200)[1:],
        np.full(199, lat),
    )[2].sum()
    assert got.km_along[0] == pytest.approx(half / 1000, abs=1e-3)


def test_inside_an_area_is_nothing_away() -> None:
    """Inside a wind farm (over the antimeridian, with a hole) the distance is 0 and there are no sides."""
    hole = [(-179.98, 60.02), (-179.96, 60.02), (-179.96, 60.04), (-179.98, 60.04)]
    farm = asset(Polygon([(179.5, 59.8), (-179.5, 59.8), (-179.5, 60.2), (179.5, 60.2)], [hole]))
    index = AssetIndex([farm])
    lat, lon = np.array([60.0, 60.1, 60.03, 60.3, np.nan]), np.array([179.7, -179.7, -179.97, 180.0, 180.0])
    near = index.measure(lat, lon, 0)
    assert near.distance_m[:2].tolist() == [0.0, 0.0]
    assert near.distance_m[2] == pytest.approx(GEOD.inv(-179.97, 60.03, -179.96, 60.03)[2], rel=1e-3)
    assert np.isnan(near.signed_m).all()
    assert np.isnan(near.distance_m[4])
    assert index.candidates(lat, lon, lat, lon, within_m=10.0)[0].tolist() == [0, 1]


def test_points_and_missing_positions() -> None:
    """A platform is a point; rows without a possible position match nothing."""
    index = AssetIndex([asset(Point(18.0, 55.0)), asset(LineString([(18.1, 55), (18.2, 55)]))])
    lat, lon = np.array([55.001, np.nan, 91.0, 55.0]), np.array([18.0, 18.0, 18.0, np.nan])
    row, number = index.candidates(lat, lon, lat, lon, within_m=[200.0, 200.0])
    assert (row.tolist(), number.tolist()) == ([0], [0])
    near = index.measure(lat[row], lon[row], number)
    assert near.distance_m[0] == pytest.approx(GEOD.inv(18, 55, 18, 55.001)[2], abs=1e-3)
    assert np.isnan(near.km_along[0])
    assert not near.off_end[0]


def test_nothing_to_watch() -> None:
    """No assets or no rows give empty answers, not errors."""
    assert AssetIndex([]).candidates([60.0], [20.0], [60.0], [20.0], within_m=100.0)[0].size == 0
    index = AssetIndex([asset(LineString([(18.1, 55), (18.2, 55)]))])
    empty = np.empty(0)
    assert index.candidates(empty, empty, empty, empty, within_m=100.0)[0].size == 0
    assert index.measure(empty, empty, 0).distance_m.size == 0
    assert index.crossings(empty, empty, empty, empty, 0).count.size == 0


def test_pieces_run_on_in_kilometres() -> None:
    """The second piece of a route begins at the kilometre where the first ended."""
    index = AssetIndex([asset(MultiLineString([[(20, 0), (21, 0)], [(21.5, 0), (22, 0)]]))])
    assert index.measure(0.1, 21.75, 0).km_along[0] == pytest.approx(1.25 * 111.3195, abs=1e-3)
    assert index.measure(0.1, 21.1, 0).off_end[0]


COORDINATE = st.integers(-5, 5).map(lambda v: v * 0.02)
TRACK = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=25)


@settings(max_examples=150)
@given(TRACK, TRACK, st.sampled_from([(0.0, 0.0), (179.98, 59.6), (-20.0, 80.0)]), st.randoms())
def test_a_track_cut_into_segments_crosses_as_often_as_the_whole(
    track: list[tuple[float, float]],
    route: list[tuple[float, float]],
    at: tuple[float, float],
    random: object,
) -> None:
    """Off the vertices, the crossings of the segments are shapely's intersections of track and route."""
    lon, lat = np.array(track).T + np.array(at)[:, None] + np.array([[0.00371], [0.00213]])
    vlon, vlat = np.array(route).T + np.array(at)[:, None]
    assume(len(set(route)) > 1 and len(set(track)) > 1)
    index = AssetIndex([asset(LineString(np.column_stack([vlon, vlat])))])
    wrapped = (lon + 180) % 360 - 180
    got = index.crossings(lat[:-1], wrapped[:-1], lat[1:], wrapped[1:], 0)
    expected = 0
    for i in range(len(lon) - 1):
        one = LineString([(lon[i], lat[i]), (lon[i + 1], lat[i + 1])])
        for k in range(len(vlon) - 1):
            edge = LineString([(vlon[k], vlat[k]), (vlon[k + 1], vlat[k + 1])])
            expected += one.length > 0 and edge.length > 0 and one.crosses(edge)
    assert got.count.sum() == expected
    crossed = got.count > 0
    row, _ = index.candidates(lat[:-1], wrapped[:-1], lat[1:], wrapped[1:], within_m=0.5)
    assert set(np.flatnonzero(crossed)) <= set(row)
    on_route = index.measure(got.lat_deg[crossed], got.lon_deg[crossed], 0)
    assert (on_route.distance_m < 1.0).all()


@settings(max_examples=100)
@given(TRACK, TRACK)
def test_parity_holds_when_everything_touches(
    track: list[tuple[float, float]], route: list[tuple[float, float]]
) -> None:
    """A closed track crosses a closed route an even number of times, whatever vertices and edges it meets."""
    assume(len(set(route)) > 1)
    closed = [(-1.0, -1.0), *track, (-1.0, 1.0), (-1.0, -1.0)]
    ring = asset(
        LineString([*route, (1.0, 0.5), (1.0, 3.0), (-3.0, 3.0), (-3.0, -3.0), (1.0, -3.0), route[0]])
    )
    lon, lat = np.array(closed).T
    assert AssetIndex([ring]).crossings(lat[:-1], lon[:-1], lat[1:], lon[1:], 0).count.sum() % 2 == 0
