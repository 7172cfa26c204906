"""Crossing: where, when, at what angle, and how surely over the true line."""

from __future__ import annotations

import pytest
from pyproj import Geod

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


def test_a_ship_that_sails_round_the_end_of_a_cable_does_not_cross_it() -> None:
    """Beyond the end of a line its sides mean nothing."""
    ship = sail((59.49, 24.9), (59.49, 25.1), at_kn=12)
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
