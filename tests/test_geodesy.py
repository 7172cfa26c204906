"""Geodesy against published geodesics, PROJ and exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from seavigil import geodesy as g

GEOD = Geod(ellps="WGS84")
LAT = st.floats(-85, 85)
LON = st.floats(-180, 180)
NEAR = st.floats(-0.3, 0.3)


def test_direct_problem_of_karney_2013() -> None:
    """Karney, "Algorithms for geodesics" (2013), table 2: 10,000 km from 40 N at azimuth 30."""
    lat, lon = g.destination(40.0, 0.0, 30.0, 10_000_000.0)
    assert lat == pytest.approx(41.79331020506, abs=1e-9)
    assert lon == pytest.approx(137.84490004377, abs=1e-9)


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ((-30.12345, 0.0), (-30.12344, 0.00005), 4.944208),  # Karney 2013, table 3
        ((-30.0, 0.0), (29.9, 179.8), 19_989_832.827610),  # Karney 2013, table 4
        ((-41.32, 174.81), (40.96, -5.50), 19_959_679.267),  # geographiclib documentation
    ],
)
def test_inverse_problem_of_karney(a: tuple[float, float], b: tuple[float, float], metres: float) -> None:
    """Distances agree with published ones, also nearly antipodal and over the antimeridian."""
    assert g.distance_m(*a, *b) == pytest.approx(metres, abs=1e-3)


def test_bearing_of_karney() -> None:
    """geographiclib documentation: Wellington to Salamanca starts at 161.06766998616 degrees."""
    assert g.bearing_deg(-41.32, 174.81, 40.96, -5.50) == pytest.approx(161.06766998616, abs=1e-9)


def test_bearing_from_a_point_to_itself_is_missing() -> None:
    """No direction is NaN, never north."""
    assert np.isnan(g.bearing_deg(60.0, 20.0, 60.0, 20.0))


@given(LAT, LON, st.floats(0, 360, exclude_max=True), st.floats(1, 1e6))
def test_destination_and_back(lat: float, lon: float, bearing: float, metres: float) -> None:
    """What the direct problem gives, the inverse gives back."""
    lat_b, lon_b = g.destination(lat, lon, bearing, metres)
    assert g.distance_m(lat, lon, lat_b, lon_b) == pytest.approx(metres, abs=1e-6)
    back = g.bearing_deg(lat, lon, lat_b, lon_b)
    assert 0 <= back < 360
    assert abs(g.turn_deg(back - bearing)) * metres < 0.01


@given(LAT, LON, st.floats(0, 360), st.sampled_from([(1_000.0, 1e-6), (10_000.0, 1e-4)]))
def test_plane_distance_keeps_its_documented_error(
    lat: float, lon: float, bearing: float, case: tuple[float, float]
) -> None:
    """The cheap distance stays within the error stated in the module."""
    lon_b, lat_b, _ = GEOD.fwd(lon, lat, bearing, case[0])
    if abs(lat_b) <= 85:
        assert g.plane_distance_m(lat, lon, lat_b, lon_b) == pytest.approx(case[0], rel=case[1])


@settings(max_examples=40)
@given(st.floats(-84, 84), LON, st.floats(-1, 1), st.floats(-5, 5))
def test_edge_length_is_the_sum_of_short_geodesics(lat: float, lon: float, dlat: float, dlon: float) -> None:
    """An edge straight in longitude and latitude is as long as PROJ says its 2,000 pieces are."""
    t = np.linspace(0, 1, 2001)
    lats, lons = lat + dlat * t, lon + dlon * t
    pieces = GEOD.inv(lons[:-1], lats[:-1], lons[1:], lats[1:])[2].sum()
    assert g.edge_length_m(lat, lon, lat + dlat, lon + dlon) == pytest.approx(pieces, abs=1e-3)


def test_km_axis_runs_over_the_antimeridian() -> None:
    """One degree along the equator is 111.3195 km (a * pi / 180), also from 179.5 to -179.5."""
    assert g.km_axis([0, 0, 0], [179.0, 179.5, -179.5]) == pytest.approx([0, 55.6597, 166.9792], abs=1e-3)
    assert g.km_axis([], []).size == 0


@settings(max_examples=60)
@given(st.floats(-80, 80), LON, NEAR, NEAR, NEAR, NEAR)
def test_cross_track_is_the_least_distance_to_the_line(
    lat: float, lon: float, dlat: float, dlon: float, plat: float, plon: float
) -> None:
    """Its size is the least PROJ distance to any point of the edge's line; its sign is the side."""
    if np.hypot(dlat, dlon) < 0.01:
        return
    args = (lat + plat, lon + plon, lat, lon, lat + dlat, lon + dlon)
    cross, along = g.cross_track(*args), g.along_track(*args)
    middle = along / g.edge_length_m(lat, lon, lat + dlat, lon + dlon)
    t = middle + np.linspace(-0.02, 0.02, 4001)
    n = np.ones_like(t)
    dist = GEOD.inv(n * (lon + plon), n * (lat + plat), lon + t * dlon, lat + t * dlat)[2]
    assert abs(cross) <= dist.min() * (1 + 1e-4) + 0.5
    side = plon * dlat - plat * dlon
    if abs(side) > 1e-9:
        assert np.sign(cross) == np.sign(side)


def test_starboard_is_positive() -> None:
    """Steering north, a place to the east is to starboard; a place behind has a negative way."""
    assert g.cross_track(60.0, 20.01, 59.9, 20.0, 60.1, 20.0) > 0
    assert g.cross_track(60.0, 19.99, 59.9, 20.0, 60.1, 20.0) < 0
    assert g.along_track(59.8, 20.01, 59.9, 20.0, 60.1, 20.0) < 0
    assert np.isnan(g.cross_track(60.0, 20.0, 59.9, 20.0, 59.9, 20.0))


def test_a_long_edge_is_straight_in_longitude_and_latitude() -> None:
    """A place at 60 N midway on a 200 km edge along 60 N lies on it, not 1.4 km beside it."""
    assert abs(g.cross_track(60.0, 21.8, 60.0, 20.0, 60.0, 23.6)) < 1e-6


@pytest.mark.parametrize("lat", [0.0, 59.6, 80.0])
def test_crossing_over_the_antimeridian(lat: float) -> None:
    """A track over 180 crosses a cable lying along it in the middle, at the angle of the plane."""
    found = g.segment_crossings(lat - 0.1, 179.9, lat + 0.1, -179.9, [lat, lat], [179.0, -179.0])
    assert found.fraction == pytest.approx([0.5])
    assert abs(found.lon_deg[0]) == pytest.approx(180.0)
    azimuth = GEOD.inv(179.9999, lat - 0.0001, -179.9999, lat + 0.0001)[0]
    assert found.angle_deg == pytest.approx([90 - azimuth], abs=0.01)


GRID = st.integers(-3, 3)
POINTS = st.lists(st.tuples(GRID, GRID), min_size=2, max_size=7)


def _exact_crossings(track: list[tuple[int, int]], line: list[tuple[int, int]]) -> int:
    """Count in exact fractions, after moving the track by a tiny step (so nothing touches)."""
    east, north = Fraction(1, 10**6), Fraction(1, 10**13)
    moved = [(Fraction(x) + east, Fraction(y) + north) for x, y in track]

    def left(a, b, p):  # type: ignore[no-untyped-def]
        return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0

    return sum(
        left(c, d, a) != left(c, d, b) and left(a, b, c) != left(a, b, d)
        for a, b in pairwise(moved)
        for c, d in pairwise(line)
    )


@settings(max_examples=400)
@given(POINTS, POINTS, st.sampled_from([0, 180, 358]))
def test_crossings_are_counted_once_at_every_vertex(
    track: list[tuple[int, int]], line: list[tuple[int, int]], lon0: int
) -> None:
    """A track on the same small grid as the line (touching all the time) crosses as exact arithmetic says."""
    lon, lat = np.array(track, dtype=float).T
    vlon, vlat = np.array(line, dtype=float).T
    lon, vlon = g.turn_deg(lon + lon0), g.turn_deg(vlon + lon0)
    found = g.segment_crossings(lat[:-1], lon[:-1], lat[1:], lon[1:], vlat, vlon)
    assert len(found.row) == _exact_crossings(track, line)


def test_missing_positions_stay_missing() -> None:
    """NaN in, NaN out; no crossing."""
    assert np.isnan(g.distance_m(np.nan, 1.0, 2.0, 3.0))
    assert g.segment_crossings(np.nan, 20.0, 60.0, 20.0, [59, 61], [19, 21]).row.size == 0
