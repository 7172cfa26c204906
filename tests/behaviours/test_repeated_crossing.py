"""Repeated crossing: back and forth over one line, and what only looks like it."""

from __future__ import annotations

from seavigil.behaviours.repeated_crossing import BEHAVIOUR
from tests.cases.judge import cable, judge
from tests.cases.sail import MOORED, Sail, sail
from tests.cases.vessels import typed

CABLE = cable((58.8, 20.5), (59.2, 20.5))
WEST, EAST = (59.0, 20.45), (59.01, 20.55)
BEGIN = "2025-01-01T00:00:00Z"


def ferry(berth_min: float) -> Sail:
    """Draw six runs between two berths 3 miles apart over the cable."""
    ship = sail(WEST, at_kn=12, start=BEGIN)
    for i in range(6):
        ship = ship.to((EAST, WEST)[i % 2], at_kn=12).stop(for_min=berth_min)
    return ship


def test_fires_on_the_third_tow_over_the_cable() -> None:
    """A trawler to and fro at 3.5 kn: told at the third traversal, and grows with each."""
    ship = sail(WEST, EAST, WEST, EAST, WEST, at_kn=3.5)
    opened, ended = judge(BEHAVIOUR, ship.stop(for_min=300).reports(), assets=[CABLE])
    assert {r.code: r.observed for r in opened.reasons}["crossed_times"] == 3
    assert {r.code: r.observed for r in ended.reasons}["crossed_times"] == 4
    assert opened.began_us < opened.detected_at_us


def test_a_vague_line_wants_wider_turns() -> None:
    """Turns 3 km off count on a line known to 2 km (sigma 1 km), not on one known to 10 km (sigma 5 km)."""
    ship = sail(WEST, EAST, WEST, EAST, WEST, at_kn=3.5).reports()
    fair, vague = (cable((58.8, 20.5), (59.2, 20.5), uncertainty_m=m) for m in (2000, 10_000))
    assert judge(BEHAVIOUR, ship, assets=[fair])
    assert not judge(BEHAVIOUR, ship, assets=[vague])


def test_near_miss_a_return_voyage() -> None:
    """There and back is what ships do."""
    ship = sail(WEST, EAST, WEST, at_kn=8)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])


def test_near_miss_a_ferry_that_lies_at_her_berths() -> None:
    """Twenty minutes at each end: every run is a voyage of its own, whatever she says she is."""
    assert not judge(BEHAVIOUR, ferry(berth_min=20).reports(), assets=[CABLE])


def test_near_miss_a_ferry_with_short_stops() -> None:
    """Three minutes at the berth are enough where her type says that she carries passengers."""
    ship = ferry(berth_min=3).reports()
    assert not judge(BEHAVIOUR, ship, assets=[CABLE], vessels=typed(60))
    assert judge(BEHAVIOUR, ship, assets=[CABLE], vessels=typed(70))


def test_near_miss_a_line_that_winds_under_a_straight_course() -> None:
    """A cable in zigzag is crossed five times by a ship that goes on straight ahead."""
    winding = cable(*((59.0 + (0.02 if i % 2 else -0.02), 20.3 + 0.1 * i) for i in range(6)))
    ship = sail((59.0, 20.2), (59.0, 21.0), at_kn=10)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[winding])


def test_near_miss_a_ship_that_swings_at_anchor_over_the_line() -> None:
    """A swing of 150 m over the charted line is no traversal."""
    ship = sail((59.0, 20.48), (59.0, 20.4985), at_kn=8).anchor(150, for_min=600, arc_deg=170)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])


def test_near_miss_a_ship_made_fast_between_crossings() -> None:
    """Status "moored" is a rest even where her position keeps moving (a tug alongside)."""
    ship = sail(WEST, EAST, at_kn=8)
    for place in (WEST, EAST, WEST):
        ship = ship.drift(1, 90, for_min=10).status(MOORED).drift(1, 90, for_min=10).status(0)
        ship = ship.to(place, at_kn=8)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])


def test_told_again_at_every_third_traversal() -> None:
    """Nine tows without a rest are told at the third, sixth and ninth, each with what was known then."""
    ship = sail(WEST, *((EAST, WEST)[i % 2] for i in range(9)), at_kn=8)
    events = judge(BEHAVIOUR, ship.stop(for_min=300).reports(), assets=[CABLE])
    opened = [event for event in events if event.revision == 1]
    assert [{r.code: r.observed for r in e.reasons}["crossed_times"] for e in opened] == [3, 6, 9]
    assert [round(event.peak_score, 2) for event in opened] == [1.0, 2.0, 3.0]


def test_it_goes_on_as_long_as_she_does() -> None:
    """To and fro for fifteen hours: the first event stands to the end."""
    ship = sail(WEST, *((EAST, WEST)[i % 2] for i in range(38)), at_kn=8).reports()
    newest = {event.event_id: event for event in judge(BEHAVIOUR, ship, assets=[CABLE])}
    assert any(event.ended_us is None for event in newest.values())
