"""A ship that sails on with her anchor down is told from one that is slow for a reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import shapely

from seavigil.behaviours.anchor_drag_under_way import BEHAVIOUR, AnchorDragParams
from seavigil.events import Event
from seavigil.normal.places import PORT, Place, Places
from seavigil.records import MINUTE_US, SECOND_US, Transceiver
from tests.cases.judge import cable, in_order, judge
from tests.cases.sail import Sail, sail
from tests.cases.vessels import typed

SEA = (57.0, 19.0)
HOURS_BEFORE = 5.0


def passage(at_kn: float, *, start=SEA, every_s: float = 30.0) -> Sail:
    """Draw hours of ordinary passage to the north-east."""
    return sail(start, at_kn=at_kn, course_deg=30, every_s=every_s).on(30, for_min=HOURS_BEFORE * 60)


def ploughing(ship: Sail, kn: float, *, hours: float, swing_kn: float, seed: int = 1, bow_deg: float = 3.0):
    """Go on at a speed that wanders within minutes, bow pulled off: an anchor that ploughs and skips."""
    draw, off = np.random.default_rng(seed), 0.0
    for _ in range(int(hours * 60)):
        off = 0.9 * off + 0.44 * draw.normal()
        course = 30 + draw.normal()
        heading = course + bow_deg + draw.normal()
        ship = ship.drift(max(kn + swing_kn * off, 1.0), course, for_min=1, heading_deg=heading)
    return ship


def peers(count: int, minutes: float, *, slow_to: float | None = None, at_min: float = 300.0):
    """Draw other ships on the same water, that keep their speed or slow down too."""
    ships = []
    for i in range(count):
        start = (SEA[0] + 0.05 * i, SEA[1] + 0.1)
        ship = sail(start, at_kn=11 + i, course_deg=30, every_s=60)
        if slow_to is None:
            ship = ship.on(30, for_min=minutes)
        else:
            ship = ship.on(30, for_min=at_min).slow_to(slow_to * (11 + i), for_min=minutes - at_min)
        ships.append(ship.noisy(seed=50 + i).reports(mmsi=299_100_100 + i))
    return ships


#: Ports are known, and none is near.
OPEN_SEA = Places((Place(PORT, "far away", shapely.Point(24.0, 62.0), 5000.0),))


def found(ship: Sail, *others: pa.Table, **more) -> list[Event]:
    """Give first revisions of her events in the open sea in order of time, her reports with usual noise."""
    more = {"places": OPEN_SEA, **more}
    events = judge(BEHAVIOUR, ship.noisy(seed=9).reports(), *others, **more)
    return sorted((e for e in events if e.revision == 1), key=lambda e: e.detected_at_us)


def best(events: list[Event]) -> float:
    """Give the highest score, 0 without events."""
    return max((e.peak_score for e in events), default=0.0)


def after_min(event: Event, ship: Sail) -> float:
    """Give when an event stood, in minutes after the ordinary passage."""
    return (event.detected_at_us - ship.start_us) / MINUTE_US - HOURS_BEFORE * 60


@pytest.mark.parametrize(("every_s", "within_min"), [(10.0, 45), (60.0, 120)])
def test_half_her_speed_lost_while_peers_keep_theirs(every_s, within_min):
    """As YP3-1: 9.5 kn, then 5 to 6 (7 and 3 at times), peers as before: told hours before the next cable."""
    ship = ploughing(passage(9.5, every_s=every_s), 5.5, hours=4, swing_kn=1.0)
    events = found(ship, *peers(4, 540))
    assert after_min(events[0], ship) < within_min
    began_min = (events[0].began_us - ship.start_us) / MINUTE_US - HOURS_BEFORE * 60
    assert -15 < began_min < within_min
    assert best(events) > AnchorDragParams().rungs[1]
    codes = {r.code: r for r in events[-1].reasons}
    assert codes["slower_than_usual"].observed == pytest.approx(5.5, abs=0.8)
    assert codes["slower_than_usual"].expected == pytest.approx(9.5, abs=0.3)
    assert codes["speed_reversals"].observed > 3 * codes["speed_reversals"].expected
    assert codes["normal_from_peers"].observed >= 2


def test_a_sixth_of_her_speed_lost():
    """A loss of 15 % is told long before the next cable, 5 h 38 later as from EAGLES-1 to EAGLES-2."""
    ship = ploughing(passage(11), 9.3, hours=4, swing_kn=0.7)
    events = found(ship, *peers(4, 540))
    assert after_min(events[0], ship) < 120
    assert best(events) > 9


def test_every_rung_is_told_once_and_in_order():
    """The alert grows: each rung reached is an event of its own, and the last is the strongest."""
    events = found(ploughing(passage(9.5), 5.5, hours=4, swing_kn=1.0), *peers(4, 540))
    assert len(events) > 2
    assert len({e.event_id for e in events}) == len(events)
    ordered = sorted(events, key=lambda e: e.detected_at_us)
    assert ordered[-1].peak_score == best(events)
    assert ordered[0].peak_score < ordered[-1].peak_score - 5


def test_smooth_slow_steaming_is_no_drag():
    """Near miss: 12 to 8 kn over a quarter of an hour and then as steady as before stays below the rungs."""
    ship = passage(12).slow_to(8, for_min=240, over_min=15)
    assert best(found(ship, *peers(4, 540))) < AnchorDragParams().rungs[1]


def test_weather_that_slows_all_is_no_drag():
    """Near miss: she loses a third of her speed, and so do the ships around her."""
    others = peers(5, 540, slow_to=0.67)
    assert not found(passage(12).slow_to(8, for_min=240), *others)


def test_the_same_slowdown_among_ships_that_keep_their_speed_says_more():
    """Peers matter: what is nothing among slow ships is something among fast ones."""
    ship = ploughing(passage(12), 8.5, hours=2, swing_kn=0.6)
    among_fast, among_slow = found(ship, *peers(5, 420)), found(ship, *peers(5, 420, slow_to=0.7))
    assert best(among_fast) > best(among_slow) + 3


def test_arriving_at_an_anchorage_is_no_drag():
    """Near miss: she slows step by step and anchors."""
    ship = passage(12).slow_to(9, for_min=20, over_min=10).slow_to(6, for_min=20, over_min=10)
    ship = ship.slow_to(2, for_min=15, over_min=10).stop(for_min=5).anchor(150, for_min=120)
    assert best(found(ship)) < AnchorDragParams().rungs[1]


def test_engine_trouble_is_no_drag():
    """Near miss: she loses her way altogether, drifts for an hour, and goes on."""
    ship = passage(12).slow_to(1, for_min=20, over_min=15).drift(1.2, 100, for_min=60).on(30, for_min=120)
    assert best(found(ship)) < AnchorDragParams().rungs[1]


def test_a_turn_is_no_drag():
    """Near miss: speed lost in a turn and made up again."""
    ship = passage(12)
    for course in (60, 90, 120):
        ship = ship.on(course, for_min=6, at_kn=10.5)
    assert not found(ship.on(120, for_min=120, at_kn=12))


def test_steady_going_is_nothing():
    """A ship on passage for ten hours raises nothing at all."""
    assert not found(passage(13).keep_on(for_min=300), *peers(3, 600))


def with_dips(ship: Sail, dips: int, *, lost: float = 0.14) -> tuple[Sail, list]:
    """Go on for an hour over each cable, losing speed within two minutes for some five (NNPB-2)."""
    kn, cables = ship.speed_kn, []
    for i in range(dips):
        ship = ship.on(30, for_min=60, at_kn=kn)
        lat, lon = ship.place
        cables.append(cable((lat + 0.1, lon - 0.2), (lat - 0.1, lon + 0.2), asset_id=f"cable-{i}"))
        ship = ship.slow_to(kn * (1 - lost), for_min=5, over_min=2)
        ship = ship.slow_to(kn, for_min=8, over_min=8)
    return ship.on(30, for_min=60, at_kn=kn), cables


def test_dips_at_cables_are_told_before_the_next_but_one():
    """As NNPB-2: 11 kn kept, but for 14 % lost over five minutes at each of two cables."""
    ship, cables = with_dips(passage(11), 2)
    events = found(ship, assets=cables)
    assert best(events) > AnchorDragParams().rungs[0]
    dipped = [e for e in events if e.asset_id is not None]
    assert {e.asset_id for e in dipped} == {"cable-0", "cable-1"}
    for event in dipped:
        reasons = {r.code: r for r in event.reasons}
        assert reasons["dip_at_crossing"].observed == pytest.approx(0.14, abs=0.04)
        assert event.detected_at_us - event.began_us < 15 * MINUTE_US


def test_dips_elsewhere_say_less():
    """Near miss: the same dips away from any asset are ships giving way."""
    ship, cables = with_dips(passage(11), 2)
    assert best(found(ship, assets=cables)) > best(found(ship)) + 4


@pytest.mark.parametrize("ship_type", [30, 31, 33, 37, 50, 52])
def test_ships_at_work_are_left_alone(ship_type):
    """Fishing, towing, dredging, pleasure, pilots and tugs go up and down by their work."""
    ship = ploughing(passage(9.5), 5.5, hours=2, swing_kn=0.7)
    vessels = typed(ship_type)
    assert not found(ship, vessels=vessels)
    assert found(ship, vessels=typed(80))


def test_class_b_is_left_alone():
    """Yachts and small fishing boats are not judged by this."""
    ship = ploughing(passage(9.5), 5.5, hours=2, swing_kn=0.7)
    assert not judge(BEHAVIOUR, ship.reports(transceiver=Transceiver.CLASS_B))


def test_near_a_known_port_slowing_down_says_less():
    """With a port charted ahead the same unsteady slowdown is an arrival, far from any it is not."""
    ship = ploughing(passage(11), 8, hours=2, swing_kn=0.8)
    lat, lon = ship.place
    near = Places((Place(PORT, "port", shapely.Point(lon, lat), 5000.0),))
    assert best(found(ship)) > best(found(ship, places=near)) + 2


def test_nothing_is_said_without_a_normal():
    """A ship first heard while she drags has no normal to be slower than."""
    ship = sail(SEA, at_kn=6, course_deg=30, every_s=30).on(30, for_min=30)
    assert not found(ploughing(ship, 5.5, hours=0.4, swing_kn=0.7))


def test_the_window_fits_into_the_log():
    """An episode and what its rows look back on are always within the 26 hours kept (see decision 9)."""
    params = AnchorDragParams()
    rule = BEHAVIOUR.rule(params)
    assert params.window_s + rule.max_duration_s + 3 * 3600 <= 26 * 3600


def test_parameters_say_their_own_hash():
    """Another threshold is another behaviour: events of both never share an id."""
    ship = ploughing(passage(9.5), 5.5, hours=2, swing_kn=0.7)
    other = replace(BEHAVIOUR, params=replace(AnchorDragParams(), order_nats=4.5))
    ids = [{e.event_id for e in judge(b, ship.reports())} for b in (BEHAVIOUR, other)]
    assert ids[0]
    assert not ids[0] & ids[1]
    assert ship.end_us > SECOND_US


@pytest.mark.parametrize(("alone", "told"), [(True, True), (False, False)])
def test_nothing_speaks_of_a_ship_that_may_be_elsewhere(alone: bool, told: bool) -> None:
    """What ploughs under a number that was first heard far away may be a position falsified."""
    ship = ploughing(passage(11), 6.5, hours=2.0, swing_kn=0.8).noisy(seed=3)
    reports = ship.reports()
    if not alone:
        first = sail((54.0, 14.0), at_kn=10, course_deg=90, every_s=30, start=ship.start_us - 30 * MINUTE_US)
        reports = in_order(first.on(90, for_min=240).reports(), reports)
    assert bool(judge(BEHAVIOUR, reports, places=OPEN_SEA, part=0 if alone else 1)) == told
