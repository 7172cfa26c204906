"""An anchor that does not hold is told from one that does, whatever the ship does about it."""

from __future__ import annotations

import pytest

from seavigil.behaviours.dragging_at_anchor import BEHAVIOUR, DraggingAtAnchorParams
from seavigil.records import MINUTE_US, VESSELS, table
from tests.cases.judge import judge
from tests.cases.sail import Sail, sail

ROADS = (57.0, 19.0)
#: The wind comes from the west: ships at anchor head 270 and drag to 90.
WIND_TO = 90.0
LAY_MIN = 180.0


def at_anchor(*, nav_status: int = 1, every_s: float = 30.0, minutes: float = LAY_MIN) -> Sail:
    """Draw a ship that yaws at her anchor, head to the west."""
    ship = sail(ROADS, at_kn=0.3, course_deg=270, every_s=every_s, nav_status=nav_status)
    return ship.anchor(350, for_min=minutes, arc_deg=30, period_min=12).status(nav_status)


def drag(ship: Sail, kn: float, *, minutes: float) -> Sail:
    """Let her drag down the wind, head to it."""
    return ship.drift(kn, WIND_TO, for_min=minutes, heading_deg=270)


def found(ship: Sail, **more):
    """Give first revisions, of her reports with usual noise."""
    events = judge(BEHAVIOUR, ship.noisy(seed=4, heading_deg=1.0).reports(), **more)
    return [e for e in events if e.revision == 1]


@pytest.mark.parametrize(("kn", "within_min"), [(0.7, 25), (1.2, 15), (2.5, 8)])
@pytest.mark.parametrize("every_s", [10.0, 180.0])
def test_an_anchor_that_drags_is_told(kn, within_min, every_s):
    """APLSYD-2008 (0.7 kn), SANPEDRO-2021 (about 1.2) and CATS-2007 (up to 3 kn), status at anchor."""
    events = found(drag(at_anchor(every_s=every_s), kn, minutes=60))
    rungs = DraggingAtAnchorParams().rungs
    told = [max(r for r in rungs if r <= event.peak_score) for event in events]
    assert told == sorted(set(told))  # each rung once, and in order
    began_us = sail(ROADS).start_us + LAY_MIN * MINUTE_US
    assert events[0].detected_at_us - began_us <= (within_min + every_s / 60) * MINUTE_US
    codes = {r.code: r for r in events[0].reasons}
    assert codes["left_swing"].observed > codes["left_swing"].expected
    assert "status_at_anchor" in codes


def test_lain_still_is_as_good_as_a_status():
    """She says nothing but "under way" and has lain still for hours: a drag all the same."""
    still = sail(ROADS, course_deg=270, every_s=60, nav_status=0).stop(for_min=120)
    assert found(drag(still, 1.0, minutes=45))


def test_without_a_heading_a_longer_way_is_asked_for():
    """She may have swung right round: told only beyond twice chain and hull."""
    ship = drag(at_anchor(), 1.6, minutes=60).without_heading()
    events = found(ship)
    assert len(events) == 1
    params = DraggingAtAnchorParams()
    asked_m = 2 * (params.chain_m + params.usual_length_m)
    assert next(r for r in events[0].reasons if r.code == "left_swing").expected > asked_m


def test_swinging_round_with_the_tide_is_no_drag():
    """Near miss: the tide turns, and within the hour she lies on the other side of her anchor."""
    ship = sail(ROADS, at_kn=0.3, course_deg=270, every_s=60).anchor(
        400, for_min=720, arc_deg=180, period_min=360
    )
    assert not found(ship)


def test_yawing_in_a_gale_is_no_drag():
    """Near miss: she sheers 50 degrees to either side every few minutes."""
    ship = sail(ROADS, at_kn=0.3, course_deg=270, every_s=30).anchor(
        420, for_min=240, arc_deg=100, period_min=10
    )
    assert not found(ship)


def test_veering_chain_is_no_drag():
    """Near miss: five shackles more are paid out, and she drops down the wind by so much and lies there."""
    ship = at_anchor().drift(0.6, WIND_TO, for_min=7.4, heading_deg=270)
    assert not found(ship.stop(for_min=120))


def test_weighing_and_leaving_is_no_drag():
    """Near miss: she leaves under power with the status forgotten."""
    assert not found(at_anchor().on(270, for_min=10, at_kn=2).on(300, for_min=60, at_kn=10))


def test_moored_ships_are_left_alone():
    """A ship moored to a floating terminal moves with it."""
    assert not found(drag(at_anchor(nav_status=5), 1.0, minutes=40).status(5))


def test_a_longer_ship_swings_farther():
    """Her length, once told, widens the circle: what is a drag for a coaster may be a swing for a giant."""
    ship = drag(at_anchor(), 1.4, minutes=60).without_heading()
    columns = {"report_id": [1], "time_us": [ship.start_us], "mmsi": [299_100_001]}
    short, long = (
        found(ship, vessels=table(VESSELS, {**columns, "length_m": [length_m]}, rows=1))
        for length_m in (60.0, 400.0)
    )
    assert short
    assert not long
