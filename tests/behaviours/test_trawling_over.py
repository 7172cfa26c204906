"""Trawling over: tows across the line, and slow ships that tow nothing."""

from __future__ import annotations

import pytest

from seavigil.behaviours.trawling_over import BEHAVIOUR
from seavigil.events import Event
from tests.cases.judge import cable, judge
from tests.cases.sail import Sail, sail
from tests.cases.vessels import typed

CABLE = cable((58.8, 20.5), (59.2, 20.5))
FISHING, CARGO, ENGAGED_IN_FISHING = 30, 70, 7


def tows(at_kn: float = 3.5, lon: float = 20.5) -> Sail:
    """Draw tows to and fro, 40 min each, over the meridian ``lon``."""
    ship = sail((59.0, lon - 0.03), at_kn=at_kn)
    for i in range(4):
        ship = ship.on(80 if i % 2 == 0 else 275, for_min=40)
    return ship


def straight(at_kn: float) -> Sail:
    """Draw a straight passage over the line."""
    return sail((59.0, 20.4), (59.0, 20.6), at_kn=at_kn)


def found(ship: Sail, ship_type: int | None = None) -> list[Event]:
    """Give the events of a ship of this type."""
    vessels = None if ship_type is None else typed(ship_type)
    return judge(BEHAVIOUR, ship.reports(), assets=[CABLE], vessels=vessels)


def test_fires_on_a_trawler_at_work_over_the_cable() -> None:
    """At 3.5 kn across the line: told after an hour, with speed and crossings."""
    opened, *_ = found(tows(), FISHING)
    observed = {r.code: r.observed for r in opened.reasons}
    assert observed["trawl_speed"] == pytest.approx(3.5, abs=0.1)
    assert observed["crossed_while_trawling"] >= 1
    assert observed["fishing_vessel"] == FISHING


def test_fires_on_a_ship_of_unsaid_type_that_turns_like_a_trawler() -> None:
    """No static data: the turns tell."""
    assert found(tows())


def test_fires_on_a_straight_tow_of_a_ship_that_says_she_fishes() -> None:
    """Status "engaged in fishing" at 4 kn is a tow, straight or not."""
    assert found(straight(4).status(0)) == []
    assert found(sail((59.0, 20.4), (59.0, 20.6), at_kn=4, nav_status=ENGAGED_IN_FISHING))


def test_near_miss_a_slow_straight_passage() -> None:
    """An unknown ship or a cargo ship that passes at 4 kn on a straight course."""
    assert not found(straight(4))
    assert not found(straight(4), CARGO)


def test_near_miss_a_fishing_vessel_on_passage() -> None:
    """At 9 kn she has no net in the water."""
    assert not found(straight(9), FISHING)


def test_near_miss_fishing_beside_the_corridor() -> None:
    """The same tows three miles west of the cable."""
    assert not found(tows(lon=20.4), FISHING)


def test_near_miss_a_cargo_ship_that_dawdles_there() -> None:
    """To and fro at 3.5 kn over the line is for loitering and repeated crossing, she is no trawler."""
    assert not found(tows(), CARGO)
