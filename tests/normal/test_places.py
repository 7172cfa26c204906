"""Places: inside and just outside of each kind, and what is said where nothing was given."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from seavigil.normal.nearest import Points
from seavigil.normal.places import ANCHORAGE, LAND, LANE, NO_PLACES, PILOT, PORT, Place, Places

WGS84 = Geod(ellps="WGS84")


def point(kind: str, lat: float, lon: float, reach_m: float) -> Places:
    """Give one place round a point."""
    return Places((Place(kind, "one", shapely.Point(lon, lat), reach_m),))


def off(lat: float, lon: float, bearing_deg: float, metres: float) -> tuple[float, float]:
    """Give the place (lat, lon) so far away, by PROJ."""
    lon, lat, _ = WGS84.fwd(lon, lat, bearing_deg, metres)
    return lat, lon


def test_an_anchorage_given_as_a_point_reaches_as_far_as_it_says() -> None:
    """A metre within 926 m of the point is in it, a metre beyond is not."""
    places = point(ANCHORAGE, 59.5, 24.8, 926.0)
    (near_lat, near_lon), (far_lat, far_lon) = off(59.5, 24.8, 70, 925), off(59.5, 24.8, 70, 927)
    assert places.in_anchorage([near_lat, far_lat], [near_lon, far_lon]).tolist() == [True, False]


def test_an_anchorage_given_as_an_area_ends_at_its_edge() -> None:
    """Inside the polygon, outside it, and a missing position."""
    places = Places((Place(ANCHORAGE, "area", shapely.box(24.0, 59.0, 24.2, 59.1), 0.0),))
    found = places.in_anchorage([59.05, 59.05, np.nan], [24.1, 24.21, 24.1])
    assert found.tolist() == [True, False, False]


def test_a_lane_goes_the_way_it_is_drawn() -> None:
    """Along the equator eastward, then north: each leg its own direction, none beside it."""
    lane = Places((Place(LANE, "lane", shapely.LineString([(0, 0), (1, 0), (1, 1)]), 1852.0),))
    lat, lon = np.array([0.001, 0.5, 0.5]), np.array([0.5, 1.001, 0.5])
    assert lane.in_lane(lat, lon).tolist() == [True, True, False]
    assert lane.lane_direction_deg(lat, lon) == pytest.approx([90.0, 0.0, np.nan], nan_ok=True, abs=0.01)


def test_a_lane_given_as_an_area_has_the_direction_it_tells_or_none() -> None:
    """An area does not show which way traffic goes; a stated direction does."""
    box = shapely.box(24.0, 59.0, 24.2, 59.1)
    told = Places((Place(LANE, "lane", box, 0.0, 270.0),))
    silent = Places((Place(LANE, "lane", box, 0.0),))
    assert told.lane_direction_deg([59.05], [24.1]).tolist() == [270.0]
    assert np.isnan(silent.lane_direction_deg([59.05], [24.1]))
    assert silent.in_lane([59.05], [24.1]).tolist() == [True]


def test_the_distance_to_a_port_is_that_on_the_ellipsoid() -> None:
    """PROJ's geodesic is the authority; beyond 100 km there is no port."""
    lat, lon = off(59.44, 24.75, 200, 30_000)
    places = point(PORT, 59.44, 24.75, 5_000.0)
    assert places.port_distance_m([lat], [lon]) == pytest.approx([30_000], rel=1e-3)
    assert places.port_distance_m([57.0], [24.75]).tolist() == [np.inf]
    assert places.in_port_approach([lat, 59.45], [lon, 24.75]).tolist() == [False, True]


def test_ports_are_found_across_the_antimeridian() -> None:
    """A port just east of 180 is near a ship just west of it."""
    places = point(PORT, 51.0, -179.9, 5_000.0)
    (expected,) = WGS84.inv([179.9], [51.0], [-179.9], [51.0])[2]
    assert places.port_distance_m([51.0], [179.9]) == pytest.approx([expected], rel=1e-4)


HELSINKI, TALLINN = (60.15, 24.95), (59.44, 24.75)


def port(name: str, spot: tuple[float, float], *also: str, kind: str = PORT) -> Place:
    """Give a port at (lat, lon)."""
    return Place(kind, name, shapely.Point(spot[1], spot[0]), 5_000.0, also=also)


NAMED = Places((port("Helsinki", HELSINKI, "FI HEL", "Helsingfors"), port("Tallinn", TALLINN, "EETLL")))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Helsinki", [HELSINKI]),
        ("HELSINKI", [HELSINKI]),
        ("helsingfors ", [HELSINKI]),
        ("FIHEL", [HELSINKI]),
        ("FI-HEL", [HELSINKI]),
        ("EE TLL", [TALLINN]),
        ("FIHEL>EETLL", [TALLINN]),
        ("FI HEL > EE TLL", [TALLINN]),
        ("EETLL>FIHEL", [HELSINKI]),
        ("RULED>EETLL>FIHEL", [HELSINKI]),
        ("TALLIN", []),
        ("EETLL VIA FIHEL", []),
        ("FIHEL>", []),
        (">", []),
        ("", []),
        ("@@@ --", []),
    ],
)
def test_a_port_is_found_by_any_of_its_names(text: str, found: list[tuple[float, float]]) -> None:
    """Its name, another, its UN/LOCODE; of a voyage the end (IMO SN/Circ.244). Part of a name is none."""
    assert NAMED.ports_named(text) == found


def test_ports_that_share_a_name_are_all_given() -> None:
    """Two towns of one name are two places; a port that says its name twice is one."""
    shared = Places(
        (port("Newport", (51.6, -3.0), "GBNPT"), port("NEW PORT", (41.5, -71.0), "USNPT", "newport"))
    )
    assert shared.ports_named("Newport") == [(51.6, -3.0), (41.5, -71.0)]
    assert shared.ports_named("US NPT") == [(41.5, -71.0)]


def test_only_ports_have_names_to_be_bound_for() -> None:
    """An anchorage of that name is none, and where no ports are known nothing is found."""
    assert Places((port("Helsinki", HELSINKI, kind=ANCHORAGE),)).ports_named("Helsinki") == []
    assert NO_PLACES.ports_named("Helsinki") == []


def test_a_port_given_as_an_area_is_made_for_within_it() -> None:
    """The place that stands for it lies in the area, even in one bent like a horseshoe."""
    bent = shapely.Polygon([(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (1, 1), (1, 4), (0, 4)])
    ((lat, lon),) = Places((Place(PORT, "Bent", bent, 0.0),)).ports_named("bent")
    assert bent.contains(shapely.Point(lon, lat))


@given(st.text(max_size=30))
def test_any_destination_is_a_question(text: str) -> None:
    """Whatever crews type in gives a port of that name or none."""
    assert set(NAMED.ports_named(text)) <= {HELSINKI, TALLINN}


def test_inland_means_land_on_all_sides() -> None:
    """Ten kilometres from the coast is 5 km inland, one kilometre is not; the sea is no land."""
    places = Places((Place(LAND, "land", shapely.box(20.0, 59.0, 22.0, 61.0), 0.0),))
    (deep_lat, deep_lon), (near_lat, near_lon) = off(59.0, 21.0, 0, 10_000), off(59.0, 21.0, 0, 1_000)
    lat, lon = [deep_lat, near_lat, 58.9], [deep_lon, near_lon, 21.0]
    assert places.on_land(lat, lon).tolist() == [True, True, False]
    assert places.on_land(lat, lon, inland_m=5_000).tolist() == [True, False, False]


def test_land_drawn_on_beyond_180_is_land() -> None:
    """An area from 170 to 190 degrees east holds 175 west, too."""
    places = Places((Place(LAND, "land", shapely.box(170.0, 65.0, 190.0, 67.0), 0.0),))
    assert places.on_land([66.0, 66.0], [-175.0, -165.0]).tolist() == [True, False]


def test_nothing_given_is_not_nothing_there() -> None:
    """Without data every query says no, and ``knows`` says why."""
    assert not NO_PLACES.knows(ANCHORAGE)
    assert not NO_PLACES.in_pilot_area([59.0], [24.0]).any()
    assert NO_PLACES.port_distance_m([59.0], [24.0]).tolist() == [np.inf]
    assert not NO_PLACES.on_land([50.0], [10.0]).any()
    assert point(PILOT, 59.0, 24.0, 1_852.0).knows(PILOT)


def test_a_place_says_what_is_wrong_with_it() -> None:
    """An unknown kind, a reach below zero and land without area are refused."""
    with pytest.raises(ValueError, match="none of"):
        Place("reef", "x", shapely.Point(0, 0), 1.0)
    with pytest.raises(ValueError, match="0 or more"):
        Place(PORT, "x", shapely.Point(0, 0), -1.0)
    with pytest.raises(ValueError, match="area"):
        Place(LAND, "x", shapely.LineString([(0, 0), (1, 1)]), 0.0)


spots = st.tuples(st.floats(-85, 85), st.floats(-180, 180))


@given(st.lists(spots, max_size=30), st.lists(spots, min_size=1, max_size=5))
def test_the_nearest_point_is_that_of_brute_force(
    points: list[tuple[float, float]], at: list[tuple[float, float]]
) -> None:
    """Against PROJ over all points: the same distance, or none within reach."""
    found = Points(np.array([p[0] for p in points]), np.array([p[1] for p in points]))
    index, metres = found.nearest([a[0] for a in at], [a[1] for a in at], within_m=50_000)
    for (lat, lon), i, m in zip(at, index.tolist(), metres.tolist(), strict=True):
        exact = [WGS84.inv(lon, lat, x, y)[2] for y, x in points]
        best = min(exact, default=np.inf)
        if i >= 0:
            assert m == pytest.approx(best, rel=0.02, abs=1e-3)
        else:
            assert best > 49_000
