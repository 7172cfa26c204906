"""Anchored near: lying by a cable, and lying elsewhere or passing."""

from __future__ import annotations

from seavigil.behaviours import anchored_near
from seavigil.records import MINUTE_US
from tests.cases.judge import cable, judge
from tests.cases.sail import sail

BEHAVIOUR = anchored_near.BEHAVIOUR
CABLE = cable((59.0, 20.0), (59.0, 21.0))


def test_fires_on_a_ship_that_swings_at_anchor_300_m_from_the_cable() -> None:
    """She comes in, anchors and swings: after twenty minutes it stands, dated back to her coming."""
    ship = sail((59.1, 20.5), (59.0045, 20.5), at_kn=12)
    came_us = ship.end_us
    events = judge(BEHAVIOUR, ship.anchor(150, for_min=60).reports(), assets=[CABLE])
    assert 17 <= (events[0].detected_at_us - came_us) / MINUTE_US <= 21
    assert -3 <= (events[0].began_us - came_us) / MINUTE_US <= 1
    assert events[0].distance_m is not None
    assert events[0].distance_m < 500


def test_fires_on_a_ship_that_lies_still_without_saying_so() -> None:
    """Status 'under way' and no way on her: lying still counts, whatever the status."""
    ship = sail((59.1, 20.5), (59.004, 20.5), at_kn=12).stop(for_min=40)
    events = judge(BEHAVIOUR, ship.reports(), assets=[CABLE])
    assert events
    assert all(r.code != "status_at_anchor" for r in events[0].reasons)


def test_near_miss_anchored_a_mile_off() -> None:
    """Beyond half a mile and the uncertainty no anchor of hers reaches the cable."""
    ship = sail((59.1, 20.5), (59.018, 20.5), at_kn=12).anchor(150, for_min=60)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])


def test_near_miss_a_quarter_of_an_hour() -> None:
    """A stop of fifteen minutes is not lying at anchor."""
    ship = sail((59.1, 20.5), (59.004, 20.5), at_kn=12).stop(for_min=15).on(0, for_min=30, at_kn=12)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])


def test_near_miss_moored_at_the_landing() -> None:
    """A ship that says she is moored lies at a berth, not at anchor."""
    ship = sail((59.1, 20.5), (59.004, 20.5), at_kn=12).status(5).stop(for_min=60)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])
