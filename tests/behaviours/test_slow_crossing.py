"""Slow crossing: slow for her, with nobody else slow."""

from __future__ import annotations

import pyarrow as pa
import pytest

from seavigil.behaviours.slow_crossing import BEHAVIOUR
from seavigil.events import Event
from tests.cases.judge import cable, judge
from tests.cases.sail import Sail, sail
from tests.cases.vessels import typed

CABLE = cable((58.8, 20.5), (59.2, 20.5))
CARGO, TUG = 70, 52


def found(ship: Sail, *others: pa.Table, ship_type: int = CARGO) -> list[Event]:
    """Give the events of a ship of this type."""
    return judge(BEHAVIOUR, ship.reports(), *others, assets=[CABLE], vessels=typed(ship_type))


def eastbound(cruise_kn: float, over_kn: float, lat: float = 59.0) -> Sail:
    """Draw two hours at cruising speed from the west, then ``over_kn`` from half a mile before the cable."""
    ship = sail((lat, 20.5 - 0.0325 * cruise_kn * 2 - 0.015), at_kn=cruise_kn, every_s=20)
    return ship.on(90, for_min=120).slow_to(over_kn, for_min=90)


def test_fires_on_a_ship_that_slows_to_half_before_the_cable() -> None:
    """From 12 to 5 kn: both speeds are told, and the passage as a crossing tells it."""
    opened, *_ = found(eastbound(12, 5))
    slow = next(r for r in opened.reasons if r.code == "slow_over")
    assert (slow.observed, slow.expected) == (pytest.approx(5, abs=0.2), pytest.approx(12, abs=0.2))
    assert opened.passage is not None
    assert opened.passage.probability_over > 0.5
    assert opened.began_us == opened.passage.crossed_at_us


def test_near_miss_a_ship_that_always_goes_that_slowly() -> None:
    """Five knots are usual for her."""
    assert not found(eastbound(5, 5))


def test_near_miss_a_ship_that_slows_but_keeps_a_sea_speed() -> None:
    """From 16 to 10 kn is much, but 10 kn is a speed to cross at."""
    assert not found(eastbound(16, 10))


def test_near_miss_her_peers_slow_down_as_well() -> None:
    """In a gale everybody makes half; one alone would be told."""
    peers = [eastbound(12, 5, lat=59.05 + 0.02 * i).reports(299_100_010 + i) for i in range(4)]
    steady = [eastbound(12, 12, lat=59.05 + 0.02 * i).reports(299_100_010 + i) for i in range(4)]
    assert not found(eastbound(12, 5), *peers)
    assert found(eastbound(12, 5), *steady)


def test_near_miss_a_tug_at_work() -> None:
    """Slow is what tugs do."""
    assert not found(eastbound(12, 5), ship_type=TUG)


def test_nothing_is_said_of_a_ship_just_heard() -> None:
    """Ten minutes of history are no usual speed."""
    ship = sail((59.0, 20.42), at_kn=12).on(90, for_min=10).slow_to(5, for_min=60)
    assert not found(ship)
