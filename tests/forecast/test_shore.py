"""Shore: land by cells of a hundredth of a degree, the same as the places say, drawn once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from seavigil.forecast.shore import Shore
from seavigil.normal.places import LAND, NO_PLACES, Place, Places


def land(*boxes: tuple[float, float, float, float]) -> Places:
    """Give land in boxes of west, south, east, north."""
    return Places(tuple(Place(LAND, "land", shapely.box(*box), 0.0) for box in boxes))


ISLAND = land((24.0, 59.0, 24.5, 59.2))
#: Kept, so that its tiles are drawn once.
SHORE = Shore(ISLAND)


def on_land(shore: Shore, *places: tuple[float, float]) -> list[bool]:
    """Ask for places (lat, lon)."""
    lat, lon = np.array(places, dtype=np.float64).reshape(-1, 2).T
    return shore(lat, lon).tolist()


def test_an_island_is_land_and_the_sea_around_it_is_not() -> None:
    """A cell inside and one outside each of its four edges."""
    west, east = [(59.1, 24.005), (59.1, 23.995)], [(59.1, 24.495), (59.1, 24.505)]
    south, north = [(59.005, 24.2), (58.995, 24.2)], [(59.195, 24.2), (59.205, 24.2)]
    assert on_land(Shore(ISLAND), *west, *east, *south, *north) == [True, False] * 4


def test_a_place_is_judged_by_the_middle_of_its_cell() -> None:
    """Land up to 24.003 E leaves the cell from 24.00 to 24.01 water, up to 24.007 E makes it land."""
    for edge, found in ((24.003, False), (24.007, True)):
        shore = Shore(land((23.0, 59.0, edge, 60.0)))
        assert on_land(shore, (59.505, 24.001), (59.505, 24.009)) == [found, found]


def test_longitudes_of_another_turn_are_the_same_place() -> None:
    """Land from 179 E to 179 W is found by 180.5 as by -179.5; 0.5 on the other side is none."""
    shore = Shore(land((179.0, 66.0, 181.0, 67.0)))
    places = [(66.5, lon) for lon in (179.5, 180.0, -180.0, 180.5, -179.5, 539.5, -180.5)]
    assert on_land(shore, *places) == [True] * 7
    assert on_land(shore, (66.5, -178.5), (66.5, 181.5), (66.5, 0.5)) == [False] * 3


def test_places_in_many_tiles_come_back_in_their_order() -> None:
    """Asked in one call and one by one: the same, north and south of the equator, east and west."""
    shore = Shore(land((24.0, 59.0, 24.5, 59.2), (-70.5, -33.5, -70.0, -33.0)))
    places = [(59.1, 24.2), (0.0, 0.0), (-33.2, -70.2), (59.1, 24.6), (-33.2, -69.9), (89.99, 10.0)]
    assert on_land(shore, *places) == [True, False, True, False, False, False]
    assert [on_land(shore, place)[0] for place in places] == on_land(Shore(shore.places), *places)


def test_a_tile_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred places in one square degree and again: the polygons are asked one time."""
    drawn: list[int] = []
    whole = Places.on_land

    def counted(self: Places, lat: Any, lon: Any) -> Any:
        drawn.append(len(lat))
        return whole(self, lat, lon)

    monkeypatch.setattr(Places, "on_land", counted)
    shore, lat = Shore(ISLAND), np.linspace(59.01, 59.99, 100)
    first, again = shore(lat, lat - 35.0), shore(lat, lat - 35.0)
    assert drawn == [100 * 100]
    np.testing.assert_array_equal(first, again)


def test_without_land_all_is_water_and_no_place_is_no_error() -> None:
    """Nowhere is land where none was given; no places asked about give no answers."""
    assert on_land(Shore(NO_PLACES), (59.1, 24.2)) == [False]
    assert on_land(Shore(ISLAND)) == []


@given(st.lists(st.tuples(st.floats(57.5, 60.5), st.floats(22.5, 25.5)), max_size=20))
def test_cells_away_from_the_shore_are_what_the_places_say(places: list[tuple[float, float]]) -> None:
    """More than a cell off every edge the answer is that of the polygon itself."""
    edge = shapely.box(24.0, 59.0, 24.5, 59.2).exterior
    far = [p for p in places if edge.distance(shapely.Point(p[1], p[0])) > 0.015]
    lat, lon = [p[0] for p in far], [p[1] for p in far]
    assert on_land(SHORE, *far) == ISLAND.on_land(lat, lon).tolist()
