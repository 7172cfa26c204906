"""Asset following: along the line, bend by bend."""

from __future__ import annotations

import pytest

from seavigil.behaviours.asset_following import BEHAVIOUR
from tests.cases.judge import cable, judge
from tests.cases.sail import sail

ROUTE = ((59.0, 20.0), (59.05, 20.15), (59.03, 20.3), (59.08, 20.45))
CABLE = cable(*ROUTE)


def test_fires_on_a_ship_that_goes_along_every_bend_at_work_speed() -> None:
    """Nine miles on the line at 4 kn: told while she is still at it, with the length she followed."""
    ship = sail((58.95, 19.9), ROUTE[0], at_kn=10).to(*ROUTE[1:], at_kn=4)
    opened, *_ = judge(BEHAVIOUR, ship.keep_on(for_min=60).reports(), assets=[CABLE])
    observed = {r.code: r.observed for r in opened.reasons}
    assert opened.asset_id == "cable"
    assert 5000 <= observed["followed_for"] < 7000
    assert observed["follow_speed"] == pytest.approx(4, abs=0.1)


def test_at_sea_speed_it_takes_a_longer_way_and_weighs_less() -> None:
    """A straight lane on a straight cable: 10 km of it are nothing, 22 km a weak sign."""
    straight = cable((59.0, 20.0), (59.0, 20.6))
    short = sail((59.05, 19.9), (59.0, 20.0), (59.0, 20.17), (58.95, 20.3), at_kn=13)
    long = sail((59.05, 19.9), (59.0, 20.0), (59.0, 20.45), (58.95, 20.6), at_kn=13)
    assert not judge(BEHAVIOUR, short.reports(), assets=[straight])
    opened, *_ = judge(BEHAVIOUR, long.reports(), assets=[straight])
    assert {r.code: r.weight for r in opened.reasons}["followed_for"] < 1


def test_near_miss_a_lane_a_mile_beside_the_cable() -> None:
    """Parallel at 1 nautical mile is outside a corridor of 250 m, however slow and long."""
    straight = cable((59.0, 20.0), (59.0, 20.6))
    ship = sail((59.0167, 19.9), (59.0167, 20.6), at_kn=5)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[straight])


def test_near_miss_a_line_of_which_nobody_knows_where_it_lies() -> None:
    """On a schematic route (20 km) a parallel course says nothing."""
    vague = cable((59.0, 20.0), (59.0, 20.6), uncertainty_m=20_000)
    ship = sail((59.0, 19.9), (59.0, 20.6), at_kn=4)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[vague])


def test_near_miss_a_slow_crossing_at_a_small_angle() -> None:
    """Over the cable at 20 degrees and 3 kn she is in the corridor for 1.5 km, and not along it."""
    straight = cable((59.0, 20.0), (59.0, 20.6))
    ship = sail((59.05, 20.0), at_kn=3).on(110, for_min=240)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[straight])
