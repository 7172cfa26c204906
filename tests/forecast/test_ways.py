"""Ways: what ships before, lanes and history tell of whoever comes after, and of nobody else."""

from __future__ import annotations

from dataclasses import replace
from math import atan2, degrees
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from seavigil.forecast.ways import Ways, ways
from seavigil.normal.bins import NOTHING_LOGGED, Log
from seavigil.normal.pattern import CLASSES, COURSE_STEPS, NO_PATTERN, SECTORS, Pattern, Tally, cell_of
from seavigil.normal.places import LANE, NO_PLACES, Place, Places
from seavigil.records import HOUR_US, MINUTE_US, parse_time_us
from tests.cases.futures import NO_WAYS
from tests.cases.sail import Sail, sail
from tests.normal.logs import log_of

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
LATE_US = BEGIN_US + 12 * HOUR_US
SMALL = {"every_s": 30.0, "start": BEGIN_US}


class Record(NamedTuple):
    """One record."""

    step_deg: float
    next_deg: float
    sog_kn: float
    stops: bool
    rough: bool


def records(known: Ways, lat: float, lon: float, cog: float, *, rests: bool = False) -> list[Record]:
    """Give the records that a ship there, so going or at rest, may follow."""
    (first,), (count,) = known.at(np.array([lat]), np.array([lon]), np.array([cog]), np.array([rests]))
    names = ("step_deg", "next_deg", "sog_kn", "stops", "rough")
    columns = (getattr(known, name)[first : first + count].tolist() for name in names)
    return [Record(*row) for row in zip(*columns, strict=True)]


def of_ships(log: Log, at_us: int = LATE_US) -> Ways:
    """Give the ways of a log alone."""
    return ways(log, NO_PLACES, NO_PATTERN, at_us)


def of_places(*places: Place) -> Ways:
    """Give the ways of places alone."""
    return ways(NOTHING_LOGGED, Places(places), NO_PATTERN, LATE_US)


def off_deg(a: float, b: float) -> float:
    """Give by how much two courses differ."""
    return abs((a - b + 180.0) % 360.0 - 180.0)


def bend(lat: float = 59.02, lon: float = 24.0, **more: float) -> Sail:
    """Draw a ship that goes east for an hour with 12 kn, then north for an hour."""
    return sail((lat, lon), at_kn=12, **(SMALL | more)).on(90, for_min=60).on(0, for_min=60)


#: Where she was at the end of the bin that ends at minute 55, five minutes (one mile) before the bend.
BEFORE_BEND = (59.02, 24.0 + 10.9 / 60 / np.cos(np.radians(59.02)))


def test_who_comes_to_a_bend_may_turn_as_ships_before_did() -> None:
    """From 54:30 she went 5:30 east and 9:30 north until 69:30: course made good 30 deg, then north."""
    found = records(of_ships(log_of(bend())), *BEFORE_BEND, 90.0)
    turned = [one for one in found if off_deg(one.next_deg, 0.0) < 1.0]
    assert min(off_deg(one.step_deg, degrees(atan2(5.5, 9.5))) for one in turned) < 1.0
    assert {round(one.sog_kn, 3) for one in found} == {12.0}
    assert not any(one.stops or one.rough for one in found)


def test_who_comes_the_other_way_or_elsewhere_follows_none_of_them() -> None:
    """Same water on the opposite course, a course two sectors off, and the next cell to the north."""
    known = of_ships(log_of(bend()))
    assert records(known, *BEFORE_BEND, 270.0) == []
    assert records(known, *BEFORE_BEND, 125.0) == []
    assert records(known, 59.07, BEFORE_BEND[1], 90.0) == []
    assert records(known, *BEFORE_BEND, 81.0)  # the near miss of the first two: 80 to 100 is one sector


def test_a_row_that_became_visible_later_is_not_used() -> None:
    """The record needs the bin at minute 65: there at the moment it became visible, not just before."""
    log = log_of(bend())
    (visible_us,) = log.visible_us[log.start_us == BEGIN_US + 65 * MINUTE_US].tolist()
    before, then = of_ships(log, visible_us - 1), of_ships(log, visible_us)
    assert (before.heard, then.heard) == (10, 11)  # bins 0, 5 .. 45 have a third after them, then 50, too
    turned = degrees(atan2(5.5, 9.5))
    last = [
        [off_deg(r.step_deg, turned) < 1.0 for r in records(w, *BEFORE_BEND, 90.0)] for w in (before, then)
    ]
    assert [sum(few) for few in last] == [0, 1]


def test_what_later_rows_say_changes_nothing() -> None:
    """Courses, places and speeds of rows not visible yet may be anything."""
    log = log_of(bend(), bend(lat=59.4))
    at_us = BEGIN_US + 80 * MINUTE_US
    later = log.visible_us > at_us
    assert later.any()
    spoilt = {name: np.where(later, 33.0, getattr(log, name)) for name in ("cog_deg", "lat_deg", "sog_kn")}
    one, other = of_ships(log, at_us), of_ships(replace(log, **spoilt), at_us)
    for name in ("keys", "count", "step_deg", "next_deg", "sog_kn"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_what_is_older_than_a_day_is_forgotten() -> None:
    """The first bin counts for 24 hours to the microsecond."""
    log, day_us = log_of(bend()), 24 * HOUR_US
    assert of_ships(log, BEGIN_US + day_us).heard == len(log) - 3  # the last three lead nowhere yet
    assert of_ships(log, BEGIN_US + day_us + 1).heard == len(log) - 4


def test_a_ship_that_stops_and_one_at_rest_say_so() -> None:
    """Into the roads with 10 kn, an hour there, then north-east: stopping, resting and leaving records."""
    came = sail((59.02, 24.0), at_kn=10, **SMALL).on(90, for_min=60)
    lon = came.place[1]
    known = of_ships(log_of(came.stop(for_min=60).on(45, for_min=40)))
    into = records(known, 59.02, lon - 0.01, 90.0)
    assert any(one.stops for one in into)
    rested = records(known, came.place[0], lon, 0.0, rests=True)
    leaves = [one for one in rested if not one.stops]
    # of the twelve bins at rest the last three have their third after them under way
    assert (len(rested), len(leaves)) == (12, 3)
    assert all(off_deg(one.next_deg, 45.0) < 1.0 for one in leaves)
    assert {round(one.sog_kn, 2) for one in leaves} == {10.0}
    assert records(known, came.place[0], lon, 0.0) == []  # who goes there is not at rest


def test_a_ship_that_drifts_between_rest_and_way_tells_no_course() -> None:
    """At 0.7 kn the course is noise: no record; at 1.5 kn there are some, at 0.3 kn she rests."""
    drawn = {kn: sail((59.02, 24.0), at_kn=kn, **SMALL).on(90, for_min=60) for kn in (0.3, 0.7, 1.5)}
    known = {kn: of_ships(log_of(one)) for kn, one in drawn.items()}
    assert known[0.7].heard == 0
    assert records(known[1.5], 59.02, 24.005, 90.0)
    assert len(records(known[0.3], 59.02, 24.005, 0.0, rests=True)) == known[0.3].heard > 0


def test_across_the_antimeridian_east_is_east() -> None:
    """She makes good 90 deg over it, and is found by a longitude in either turn."""
    known = of_ships(log_of(sail((51.02, 179.9), at_kn=12, **SMALL).on(90, for_min=90)))
    for lon in (179.95, -179.95, 180.05):
        found = records(known, 51.02, lon, 90.0)
        assert found
        assert all(off_deg(one.step_deg, 90.0) < 1.0 for one in found)


def lane(*through: tuple[float, float]) -> Place:
    """Give a lane drawn through (latitude, longitude)."""
    return Place(LANE, "lane", shapely.LineString([(lon, lat) for lat, lon in through]), 1852.0)


def test_a_lane_is_followed_the_way_it_is_drawn() -> None:
    """As if three ships had gone there; against it, across it and a cell beside it nobody did."""
    known = of_places(lane((59.525, 24.0), (59.525, 25.0)))
    along = records(known, 59.525, 24.45, 90.0)
    assert len(along) == 3
    assert all(off_deg(x, 90.0) < 1.0 for one in along for x in (one.step_deg, one.next_deg))
    assert all(np.isnan(one.sog_kn) and not one.stops for one in along)
    assert records(known, 59.525, 24.45, 270.0) == records(known, 59.525, 24.45, 0.0) == []
    assert records(known, 59.575, 24.45, 90.0) == []
    assert (known.heard, of_places().heard) == (0, 0)


def test_a_lane_is_as_wide_as_lanes_are() -> None:
    """A mile to either side: a ship half a mile off, in the next cell, is in it; at 4 km none is."""
    known = of_places(lane((59.545, 24.0), (59.545, 25.0)))
    assert len(records(known, 59.545 + 0.5 / 60, 24.45, 90.0)) == 3
    middle = of_places(lane((59.525, 24.0), (59.525, 25.0)))
    assert records(middle, 59.525 + 4.0 / 111.4, 24.45, 90.0) == []


def test_a_lane_s_bend_is_told_before_it() -> None:
    """Within 5 km of it the way on leads round the corner; a good way before and after it does not."""
    known = of_places(lane((59.525, 24.0), (59.525, 24.45), (60.0, 24.45)))
    assert all(off_deg(one.next_deg, 0.0) < 1.0 for one in records(known, 59.525, 24.43, 90.0))
    assert all(off_deg(one.next_deg, 90.0) < 1.0 for one in records(known, 59.525, 24.15, 90.0))
    assert all(off_deg(one.step_deg, 0.0) < 1.0 for one in records(known, 59.725, 24.45, 0.0))
    assert [len(records(known, *at)) for at in ((59.525, 24.43, 90.0), (59.725, 24.45, 0.0))] == [3, 3]


def test_a_lane_leads_on_at_its_end_and_over_the_antimeridian() -> None:
    """Its last stretch keeps its course; from 179.5 E to 179.5 W it goes east, not round the world."""
    known = of_places(lane((51.525, 179.5), (51.525, -179.5)))
    for lon in (179.95, -179.95, -179.55):
        assert all(off_deg(one.next_deg, 90.0) < 1.0 for one in records(known, 51.525, lon, 90.0))
        assert len(records(known, 51.525, lon, 90.0)) == 3
    assert records(known, 51.525, 0.0, 90.0) == []


def test_a_lane_drawn_as_an_area_has_the_way_it_is_told() -> None:
    """Of traffic to the south-west, in the two cells of 0.1 deg that it covers and not beyond."""
    area = Place(LANE, "area", shapely.box(24.01, 59.01, 24.19, 59.04), 0.0, direction_deg=225.0)
    known = of_places(area)
    for lon in (24.05, 24.15):
        along = records(known, 59.02, lon, 225.0)
        assert [(one.step_deg, one.next_deg) for one in along] == [(225.0, 225.0)] * 3
        assert records(known, 59.02, lon, 45.0) == []
    assert records(known, 59.02, 24.25, 225.0) == records(known, 59.07, 24.05, 225.0) == []


def test_a_lane_drawn_against_its_traffic_is_followed_with_it() -> None:
    """Drawn eastward, its direction told as 270: ships go west."""
    line = shapely.LineString([(24.0, 59.525), (25.0, 59.525)])
    known = of_places(Place(LANE, "lane", line, 1852.0, direction_deg=270.0))
    assert all(off_deg(one.next_deg, 270.0) < 1.0 for one in records(known, 59.525, 24.45, 270.0))
    assert len(records(known, 59.525, 24.45, 270.0)) == 3
    assert records(known, 59.525, 24.45, 90.0) == []


def test_a_lane_drawn_as_an_area_tells_no_way_unless_it_is_said() -> None:
    """Nor does a line of no length, and neither is an error."""
    area = Place(LANE, "area", shapely.box(24.0, 59.0, 24.2, 59.1), 0.0)
    dot = Place(LANE, "dot", shapely.LineString([(24.0, 59.0), (24.0, 59.0)]), 0.0)
    assert len(of_places(area, dot).keys) == 0


def history(*seen: tuple[int, int, int], lat: float = 59.52, lon: float = 24.05) -> Ways:
    """Give the ways of a history of (class, course step, ship-bins) in the cell of a place."""
    cell = int(cell_of(np.array([lat]), np.array([lon]))[0])
    keys = np.array([(cell * CLASSES + kind) * COURSE_STEPS + step for kind, step, _ in seen])
    pattern = Pattern(days=30, ship_days=1000.0, courses=Tally.of(keys, np.array([n for *_, n in seen])))
    return ways(NOTHING_LOGGED, NO_PLACES, pattern, LATE_US)


def test_a_sector_of_a_learned_pattern_counts_from_three_ship_bins_on() -> None:
    """Three are one record in the middle of 90 to 100 deg, two are none, six hundred are six."""
    assert records(history((1, 9, 2)), 59.52, 24.05, 95.0) == []
    (one,) = records(history((1, 9, 3)), 59.52, 24.05, 95.0)
    assert (one.step_deg, one.next_deg, one.stops, one.rough) == (95.0, 95.0, False, True)
    assert len(records(history((1, 9, 600)), 59.52, 24.05, 95.0)) == 6
    assert records(history((1, 9, 600)), 59.52, 24.05, 275.0) == []


def test_ships_of_all_classes_count_together_and_those_at_rest_do_not() -> None:
    """Two cargo ships and a tanker are three; what stands beyond the 36 sectors is no course."""
    assert len(records(history((1, 9, 2), (2, 9, 1)), 59.52, 24.05, 95.0)) == 1
    assert len(history((1, SECTORS, 600)).keys) == 0


@given(st.floats(-85, 85), st.floats(-180, 179.999), st.integers(0, 35))
def test_what_a_cell_s_history_tells_is_found_all_over_the_cell(lat: float, lon: float, step: int) -> None:
    """Whatever place and course the ships had, who comes there on that course finds them."""
    (one,) = records(history((1, step, 3), lat=lat, lon=lon), lat, lon, 10.0 * step + 5.0)
    assert one.step_deg == 10.0 * step + 5.0


def test_ships_lanes_and_history_stand_side_by_side() -> None:
    """One ship's records, three of the lane, one of the history, in one list."""
    log = log_of(sail((59.525, 24.0), at_kn=12, **SMALL).on(90, for_min=60))
    cell = int(cell_of(np.array([59.525]), np.array([24.15]))[0])
    courses = Tally.of(np.array([(cell * CLASSES + 1) * COURSE_STEPS + 9]), np.array([3]))
    pattern = Pattern(days=1, ship_days=1.0, courses=courses)
    places = Places((lane((59.525, 24.0), (59.525, 25.0)),))
    each = [ways(log, NO_PLACES, NO_PATTERN, LATE_US), ways(NOTHING_LOGGED, places, NO_PATTERN, LATE_US)]
    each.append(ways(NOTHING_LOGGED, NO_PLACES, pattern, LATE_US))
    counts = [len(records(one, 59.525, 24.15, 91.0)) for one in each]
    assert counts[1:] == [3, 1]
    assert len(records(ways(log, places, pattern, LATE_US), 59.525, 24.15, 91.0)) == sum(counts)


def test_where_nothing_is_known_there_is_nothing_to_follow() -> None:
    """No log, no lanes, no history: the count is 0 everywhere, for any number of ships."""
    empty = np.zeros(0)
    for lat in (np.array([59.0, -80.0]), empty):
        first, count = NO_WAYS.at(lat, lat, lat, lat > 0)
        assert (len(first), count.tolist()) == (len(lat), [0] * len(lat))


@pytest.mark.parametrize("pieces", [(0.5,), (0.1, 0.11, 0.6, 0.95)])
def test_it_does_not_matter_in_which_pieces_ships_were_heard(pieces: tuple[float, ...]) -> None:
    """The log of a stream cut anywhere gives the same records in the same order."""
    drawn = [bend(), bend(lat=59.03), bend(lon=24.01).noisy(3)]
    whole, cut = of_ships(log_of(*drawn)), of_ships(log_of(*drawn, pieces=pieces))
    for name in ("keys", "first", "count", "step_deg", "next_deg", "sog_kn", "stops"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(cut, name))


def test_it_does_not_matter_which_ship_has_which_number() -> None:
    """The same three ships under one another's MMSIs leave the same records."""
    drawn = [bend(), bend(lat=59.03), bend(lon=24.01).noisy(3)]
    one, other = (of_ships(log_of(*order)) for order in (drawn, drawn[::-1]))
    assert sorted(records(one, *BEFORE_BEND, 90.0)) == sorted(records(other, *BEFORE_BEND, 90.0))
    np.testing.assert_array_equal(one.keys, other.keys)
