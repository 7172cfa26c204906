"""Rendezvous: two alone, slow and close, against all those who lie close for other reasons."""

from __future__ import annotations

import pytest

from seavigil.behaviours.rendezvous import BEHAVIOUR
from seavigil.records import SECOND_US
from tests.cases.judge import judge
from tests.cases.sail import AT_ANCHOR, Sail, sail
from tests.cases.vessels import typed

ONE, OTHER = 299_100_001, 299_100_002
HERE, ALONGSIDE = (59.0, 20.5), (59.001, 20.502)


def adrift(
    place: tuple[float, float] = HERE, *, for_min: float = 150, kn: float = 0.7, status: int = 0
) -> Sail:
    """Draw a ship that comes up, lies adrift and goes on."""
    ship = sail((place[0] - 0.1, place[1]), place, at_kn=10, nav_status=status, every_s=30)
    return ship.drift(kn, 70, for_min=for_min).on(0, for_min=20, at_kn=10)


def test_fires_on_two_ships_adrift_together() -> None:
    """Each of the two gets the event and names the other; distance and duration are told."""
    one, other = adrift().reports(ONE), adrift(ALONGSIDE).reports(OTHER)
    opened, ended = judge(BEHAVIOUR, one, other)
    assert opened.others == ("299100002",)
    assert judge(BEHAVIOUR, other, one)[0].others == ("299100001",)
    observed = {r.code: r.observed for r in ended.reasons}
    assert observed["met_within"] == pytest.approx(160, abs=15)
    assert observed["met_for"] == pytest.approx(150 * 60, abs=900)
    assert opened.detected_at_us - opened.began_us >= 50 * 60 * SECOND_US


def test_near_miss_too_short() -> None:
    """A pilot boat's twenty minutes, or forty, are no rendezvous."""
    for minutes in (20, 40):
        ships = adrift(for_min=minutes).reports(ONE), adrift(ALONGSIDE, for_min=minutes).reports(OTHER)
        assert not judge(BEHAVIOUR, *ships)


def test_near_miss_a_mile_apart() -> None:
    """Two that wait for orders in sight of each other do not meet."""
    assert not judge(BEHAVIOUR, adrift().reports(ONE), adrift((59.01, 20.5)).reports(OTHER))


def test_near_miss_at_anchor() -> None:
    """Neighbours in an anchorage say so."""
    ships = (adrift(place, status=AT_ANCHOR) for place in (HERE, ALONGSIDE))
    one, other = ships
    assert not judge(BEHAVIOUR, one.reports(ONE), other.reports(OTHER))


def test_near_miss_at_berths() -> None:
    """Ships that do not move at all lie fast, whatever status they send."""
    one, other = (adrift(place, kn=0.01) for place in (HERE, ALONGSIDE))
    assert not judge(BEHAVIOUR, one.reports(ONE), other.reports(OTHER))


def test_near_miss_in_a_crowd() -> None:
    """With three more around it is an anchorage or a fleet."""
    crowd = [adrift((59.0 + 0.006 * i, 20.49)).reports(299_100_010 + i) for i in range(3)]
    assert not judge(BEHAVIOUR, adrift().reports(ONE), adrift(ALONGSIDE).reports(OTHER), *crowd)


def test_near_miss_tug_and_tow() -> None:
    """A tow makes more than 2 kn; a tug that holds a ship is at her work."""
    one, other = (adrift(place, kn=4) for place in (HERE, ALONGSIDE))
    assert not judge(BEHAVIOUR, one.reports(ONE), other.reports(OTHER))
    tug = typed(52, mmsi=OTHER)
    assert not judge(BEHAVIOUR, adrift().reports(ONE), adrift(ALONGSIDE).reports(OTHER), vessels=tug)


def test_near_miss_overtaking() -> None:
    """One passes the other 200 m off."""
    slow = sail((59.0, 20.0), (59.0, 20.4), at_kn=8).reports(ONE)
    fast = sail((59.002, 19.9), (59.002, 20.6), at_kn=14).reports(OTHER)
    assert not judge(BEHAVIOUR, slow, fast)
