"""Loitering: going nowhere near an asset, and passing it slowly."""

from __future__ import annotations

from seavigil.behaviours import loitering
from seavigil.records import MINUTE_US
from tests.cases.judge import cable, judge
from tests.cases.sail import sail

BEHAVIOUR = loitering.BEHAVIOUR
CABLE = cable((59.0, 20.0), (59.0, 21.0))


def test_fires_on_a_ship_that_circles_by_the_cable_for_an_hour() -> None:
    """Circles of 300 m at 3 kn by the cable: loitering after half an hour, dated back to the first."""
    ship = sail((59.1, 20.5), (59.005, 20.5), at_kn=12)
    came_us = ship.end_us
    circling = ship.circle(300, for_min=60, at_kn=3).on(0, for_min=20, at_kn=12)
    events = judge(BEHAVIOUR, circling.reports(), assets=[CABLE])
    assert [e.revision for e in events] == [1, 2]
    assert 26 <= (events[0].detected_at_us - came_us) / MINUTE_US <= 31
    assert -4 <= (events[0].began_us - came_us) / MINUTE_US <= 1
    assert events[0].asset_id == "cable"


def test_near_miss_a_slow_ship_that_passes_straight_along() -> None:
    """4 kn along the cable for an hour is slow, but she gets somewhere."""
    ship = sail((59.005, 20.1), (59.005, 20.3), at_kn=4)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])


def test_near_miss_circling_for_twenty_minutes() -> None:
    """Less than half an hour is no loitering."""
    ship = sail((59.1, 20.5), (59.005, 20.5), at_kn=12).circle(300, for_min=20, at_kn=3)
    assert not judge(BEHAVIOUR, ship.on(0, for_min=30, at_kn=12).reports(), assets=[CABLE])


def test_near_miss_circling_two_miles_off() -> None:
    """Beyond a mile and the asset's uncertainty it is no matter of the cable."""
    ship = sail((59.1, 20.5), (59.035, 20.5), at_kn=12).circle(300, for_min=60, at_kn=3)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])


def test_the_same_circles_count_where_the_route_is_uncertain_by_that_much() -> None:
    """An asset known to 5 km is near from two miles off."""
    ship = sail((59.1, 20.5), (59.035, 20.5), at_kn=12).circle(300, for_min=60, at_kn=3)
    vague = cable((59.0, 20.0), (59.0, 21.0), uncertainty_m=5000)
    assert judge(BEHAVIOUR, ship.reports(), assets=[vague])
