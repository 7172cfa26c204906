"""A ship that is stopped is told from one that stops."""

from __future__ import annotations

import pytest
import shapely

from seavigil.behaviours.sudden_stop import BEHAVIOUR
from seavigil.normal.places import ANCHORAGE, PILOT, PORT, Place, Places
from seavigil.records import MINUTE_US
from tests.cases.judge import judge
from tests.cases.sail import Sail, sail
from tests.cases.vessels import typed

SEA = (57.0, 19.0)


def passage(at_kn: float = 12.0, every_s: float = 10.0, minutes: float = 60) -> Sail:
    """Draw an hour of passage to the east."""
    return sail(SEA, at_kn=at_kn, course_deg=90, every_s=every_s).on(90, for_min=minutes)


def stopped(over_min: float = 5.0, **more: float) -> Sail:
    """Draw a ship that loses all her way over some minutes and lies there."""
    return passage(**more).slow_to(0.3, for_min=over_min + 20, over_min=over_min)


def found(ship: Sail, *others, **more):
    """Give first revisions."""
    return [e for e in judge(BEHAVIOUR, ship.reports(), *others, **more) if e.revision == 1]


@pytest.mark.parametrize("every_s", [10.0, 60.0])
def test_all_way_lost_in_minutes(every_s):
    """12 kn to nothing in five minutes at sea is told within three minutes of lying still."""
    events = found(stopped(every_s=every_s))
    assert len(events) == 1
    began_us = sail(SEA).start_us + 60 * MINUTE_US
    assert abs(events[0].began_us - began_us) <= 2 * MINUTE_US
    assert events[0].detected_at_us - began_us <= 8 * MINUTE_US
    codes = {r.code: r.observed for r in events[0].reasons}
    assert codes["speed_before"] == pytest.approx(12, abs=0.1)
    assert codes["stopped_in"] < 360


def test_coming_to_a_stop_is_none():
    """Near miss: way taken off over half an hour, as with the engine stopped."""
    assert not found(stopped(over_min=30))


def test_arriving_is_none():
    """Near miss: slow ahead, dead slow, stop: she was slowing already when she stopped."""
    ship = passage().slow_to(8, for_min=15, over_min=8).slow_to(4, for_min=12, over_min=5)
    assert not found(ship.slow_to(0.2, for_min=30, over_min=4))


@pytest.mark.parametrize("kind", [PORT, ANCHORAGE, PILOT])
def test_places_to_stop_at_are_left_out(kind):
    """Near miss: in a known port approach, anchorage or pilot place ships stop."""
    ship = stopped()
    lat, lon = ship.place
    there = Places((Place(kind, "there", shapely.Point(lon, lat), 2000.0),))
    elsewhere = Places((Place(kind, "elsewhere", shapely.Point(lon + 2, lat), 2000.0),))
    assert not found(ship, places=there)
    assert found(ship, places=elsewhere)


def test_where_another_ship_lies_still_ships_stop():
    """Near miss: somebody lies at the same roadstead already."""
    ship = stopped()
    lies = sail(ship.place, at_kn=0.1, every_s=60).stop(for_min=120).reports(mmsi=299_100_100)
    assert not found(ship, lies)
    away = sail((ship.place[0] + 0.2, ship.place[1]), at_kn=0.1, every_s=60).stop(for_min=120)
    assert found(ship, away.reports(mmsi=299_100_100))


@pytest.mark.parametrize(("ship_type", "told"), [(30, 0), (42, 0), (52, 0), (60, 1), (70, 1)])
def test_ships_made_to_stop_are_left_out(ship_type, told):
    """Near miss: fast craft, tugs and fishing boats stop at will; a merchant ship does not."""
    assert len(found(stopped(), vessels=typed(ship_type))) == told


def test_a_ship_that_moors_is_left_out():
    """Near miss: a ferry alongside says she is moored."""
    assert not found(passage().slow_to(0.0, for_min=4, over_min=4).stop(for_min=30, nav_status=5))


def test_silence_before_the_stop_says_nothing():
    """Near miss: she was not heard for a quarter of an hour, and may have slowed down as she liked."""
    ship = passage().silent(for_min=15, at_kn=4).stop(for_min=30)
    assert not found(ship)
