"""Crossing: where, when, at what angle, and how surely over the true line."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import affinity

from seavigil.behaviours import crossing
from seavigil.records import SECOND_US, parse_time_us
from tests.cases.judge import cable, judge
from tests.cases.sail import sail

NORTH_SOUTH = ((59.5, 25.0), (60.1, 25.0))
GEOD = Geod(ellps="WGS84")


def test_fires_with_time_place_and_angle_of_the_crossing() -> None:
    """A ship eastbound over a north-south cable crosses at its longitude, at the time her speed gives."""
    ship = sail((59.8, 24.9), (59.8, 25.1), at_kn=12, start="2025-01-01T00:00:00Z")
    opened, ended = judge(crossing.BEHAVIOUR, ship.reports(), assets=[cable(*NORTH_SOUTH)])
    metres = GEOD.inv(24.9, 59.8, 25.0, 59.8)[2]
    expected_us = parse_time_us("2025-01-01T00:00:00Z") + metres / (12 * 1852 / 3600) * SECOND_US
    assert ended.passage is not None
    assert ended.passage.crossed_at_us == pytest.approx(expected_us, abs=SECOND_US)
    assert ended.passage.km_along == pytest.approx(GEOD.inv(25.0, 59.5, 25.0, 59.8)[2] / 1000, abs=0.02)
    assert ended.passage.angle_deg == pytest.approx(90, abs=0.5)
    assert ended.passage.probability_over == pytest.approx(1.0, abs=1e-3)
    assert (opened.revision, ended.revision) == (1, 2)
    assert opened.detected_at_us - ended.passage.crossed_at_us < 60 * SECOND_US


def test_a_crossing_between_two_distant_reports_is_found_with_its_time_error() -> None:
    """Reports an hour apart on both sides of the cable cross it, and the time says how loosely."""
    ship = sail((59.8, 24.6), (59.8, 25.4), at_kn=10, every_s=3600)
    ended = judge(crossing.BEHAVIOUR, ship.reports(), assets=[cable(*NORTH_SOUTH)])[-1]
    assert ended.passage is not None
    assert ended.passage.crossed_within_s == pytest.approx(1800)


def test_near_miss_a_parallel_course_outside_the_uncertainty() -> None:
    """A ship that keeps 500 m off a cable known to 50 m does not cross it."""
    ship = sail((59.6, 25.009), (60.0, 25.009), at_kn=12)
    assert not judge(crossing.BEHAVIOUR, ship.reports(), assets=[cable(*NORTH_SOUTH)])


def test_near_miss_a_ship_that_turns_back_before_the_line() -> None:
    """Turning round 300 m short of a cable known to 50 m is no crossing."""
    ship = sail((59.8, 24.9), (59.8, 24.9945), (59.8, 24.9), at_kn=12)
    assert not judge(crossing.BEHAVIOUR, ship.reports(), assets=[cable(*NORTH_SOUTH)])


def test_probability_is_the_normal_share_of_the_band_swept() -> None:
    """Turning back one sigma beyond the charted line leaves the offsets beyond: Phi(1) = 0.8413.

    Value of the normal distribution: Abramowitz and Stegun, table 26.1.
    """
    sigma_deg = 1000 / GEOD.inv(25.0, 59.8, 26.0, 59.8)[2]
    ship = sail((59.8, 24.8), (59.8, 25.0 + sigma_deg), (59.8, 24.8), at_kn=12, every_s=5)
    assets = [cable(*NORTH_SOUTH, uncertainty_m=1960)]
    ended = judge(crossing.BEHAVIOUR, ship.reports(), assets=assets)[-1]
    assert ended.passage is not None
    assert ended.passage.probability_over == pytest.approx(0.8413, abs=0.005)


@pytest.mark.parametrize("off_deg", [0.003, 0.01])
def test_a_ship_that_rounds_the_end_of_a_cable_does_not_cross_it(off_deg: float) -> None:
    """Past the end, and all round it at 170 or 560 m: the side changes, the line is not crossed."""
    west, east, south = 25.0 - off_deg, 25.0 + off_deg, 59.5 - off_deg
    past = sail((59.49, 24.9), (59.49, 25.1), at_kn=12)
    round_it = sail((59.7, west), (south, west), (south, east), (59.7, east), at_kn=12)
    for ship in (past, round_it):
        assert not judge(crossing.BEHAVIOUR, ship.reports(), assets=[cable(*NORTH_SOUTH)])


@given(
    st.lists(st.tuples(st.floats(59.55, 59.65), st.floats(24.9, 25.1)), min_size=2, max_size=6),
    st.lists(st.tuples(st.floats(59.55, 59.65), st.floats(24.9, 25.1)), min_size=2, max_size=5),
)
@settings(max_examples=60)
def test_an_event_stands_exactly_where_a_track_from_afar_crosses_the_line(
    through: list[tuple[float, float]], route: list[tuple[float, float]]
) -> None:
    """Against shapely: a track that comes from beyond reach has an event if and only if it crosses."""
    ship = sail((59.9, 24.5), *through, (59.9, 25.5), at_kn=15, every_s=20)
    line = shapely.LineString([(lon, lat) for lat, lon in route])
    assume(line.length > 0.001)
    columns = ship.columns()
    track = shapely.LineString(np.column_stack([columns["lon_deg"], columns["lat_deg"]]))
    events = judge(crossing.BEHAVIOUR, ship.reports(), assets=[cable(*route)])
    assume(track.distance(line) == 0 or track.distance(line) > 1e-6)
    assume(not track.touches(line))
    # nor touches it but for the last bits: a centimetre to any side must make no difference
    beside = (affinity.translate(line, *by) for by in ((1e-7, 0), (-1e-7, 0), (0, 1e-7), (0, -1e-7)))
    assume(all(track.intersects(moved) == track.intersects(line) for moved in beside))
    assert bool(events) == track.intersects(line)


def test_crossing_again_after_leaving_the_band_is_a_passage_of_its_own() -> None:
    """To and fro over the line a kilometre to each side: every crossing is told, each with its time."""
    turns = [(59.8, 25.0 + (0.02 if i % 2 else -0.02)) for i in range(7)]
    ship = sail(*turns, at_kn=12)
    events = judge(crossing.BEHAVIOUR, ship.reports(), assets=[cable(*NORTH_SOUTH)])
    times = [e.passage.crossed_at_us for e in events if e.revision == 1 and e.passage is not None]
    assert len(times) == 6
    assert times == sorted(times)


def test_a_gap_of_hours_is_no_crossing() -> None:
    """Reports four hours apart on both sides say nothing of the way between; that is for `gone_dark`."""
    ship = sail((59.8, 24.0), (59.8, 26.0), at_kn=10, every_s=4 * 3600)
    assert not judge(crossing.BEHAVIOUR, ship.reports(), assets=[cable(*NORTH_SOUTH)])


def test_a_cable_across_the_antimeridian_is_crossed_like_any_other() -> None:
    """Longitude 180 is no edge of the world."""
    line = cable((52.0, 179.9), (52.0, -179.9))
    ship = sail((51.9, 180.0), (52.1, 180.0), at_kn=12)
    ended = judge(crossing.BEHAVIOUR, ship.reports(), assets=[line])[-1]
    assert ended.passage is not None
    assert ended.passage.probability_over > 0.99


def test_each_passage_is_an_event_of_its_own() -> None:
    """There and back far beyond the cable: two crossings."""
    ship = sail((59.8, 24.8), (59.8, 25.2), (59.8, 24.8), at_kn=15)
    events = judge(crossing.BEHAVIOUR, ship.reports(), assets=[cable(*NORTH_SOUTH)])
    assert len({e.event_id for e in events}) == 2
