"""Hits of a play's incident asked about as faults, and faults of plays without one."""

from __future__ import annotations

import pyarrow as pa

from seavigil.assets import Assets
from seavigil.exercises.fault_scoring import HOUR, MINUTE
from seavigil.exercises.traffic import Crossing, Inject
from seavigil.records import HOUR_US, MINUTE_US, Decoded, parse_time_us
from seavigil.runners.fault_plays import A_DAY, MOST_HITS, FaultPlay
from seavigil.runners.live import Watch
from tests.cases.judge import cable, in_order
from tests.cases.sail import sail

BEGAN_US = parse_time_us("2025-01-01T00:00:00Z")
LINE = cable((59.5, 25.0), (60.1, 25.0))


def crossing(mmsi: int, minute: float) -> pa.Table:
    """Give a ship at 10 kn that goes over the cable so many minutes after midnight."""
    west_deg = minute * 60.0 * 10.0 * 1852 / 3600 / 56_100.0
    return sail((59.8, 25.0 - west_deg), at_kn=10, every_s=30).on(90.0, for_min=360).reports(mmsi)


def played(incidents: list[Inject], *reports: pa.Table) -> FaultPlay:
    """Give the faults of a play, asked about over a watch of these ships."""
    watch, play = Watch(Assets((LINE,))), FaultPlay(Assets((LINE,)), incidents)
    for decoded, final in ((Decoded(reports=in_order(*reports)), False), (Decoded(), True)):
        outcome = watch.take(decoded, final=final)
        play.add(outcome.events, outcome.surroundings)
    return play


def incident(mmsi: int, *minutes: float) -> Inject:
    """Give a drag that hit the cable at these minutes; the anchor went down an hour after midnight."""
    times_us = [BEGAN_US + int(minute * MINUTE_US) for minute in minutes]
    hits = tuple(Crossing(mmsi, "cable", t, 59.8, 25.0, 10.0, heard=True) for t in times_us)
    ends_us = BEGAN_US + 6 * HOUR_US
    return Inject("drag", mmsi, "", "", BEGAN_US, ends_us, (), (), hits, drag_began_us=BEGAN_US + HOUR_US)


def test_each_hit_is_asked_twice() -> None:
    """Known to the minute she who crossed then is first; known within the hour she is listed."""
    ships = [crossing(1, 120.0), crossing(2, 30.0), crossing(3, 300.0)]
    answers = played([incident(1, 120.0)], *ships).result().answers
    assert sorted(a.known for a in answers) == [HOUR, MINUTE]
    assert next(a for a in answers if a.known == MINUTE).rank == 1
    assert all(a.rank is not None for a in answers)


def test_hits_before_the_drag_and_beyond_the_first_do_not_count() -> None:
    """A crossing before the anchor went down is no hit, and of many hits only the first are asked about."""
    ships = [crossing(1, 120.0), crossing(2, 30.0)]
    early = played([incident(1, 30.0)], *ships).result().answers
    many = played([incident(1, *range(100, 300, 10))], *ships).result().answers
    assert early == []
    assert len(many) == 2 * MOST_HITS


def test_faults_without_a_ship_are_drawn_alike() -> None:
    """Without an incident moments are drawn, the same each time, that no ship is the cause of."""
    ships = [crossing(1, 120.0), crossing(2, 30.0)]
    first, again = (played([], *ships).result().answers for _ in range(2))
    assert first == again
    assert 0 < len(first) <= A_DAY  # those after the end of what was heard are not asked about
    assert {(a.kind, a.rank) for a in first} == {(None, None)}
