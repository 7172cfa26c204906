"""Gone dark: silence among ships that are heard, and silences that mean nothing."""

from __future__ import annotations

import pyarrow as pa
import pytest

from seavigil.behaviours import gone_dark
from seavigil.records import MINUTE_US, Transceiver
from tests.cases.judge import judge
from tests.cases.sail import Sail, sail

BEHAVIOUR = gone_dark.BEHAVIOUR


def neighbours(until_min: float = 150) -> list[pa.Table]:
    """Give five ships that lie about the ship's water the whole time."""
    places = [(59.50, 24.5), (59.52, 24.7), (59.48, 24.9), (59.51, 25.1), (59.50, 25.3)]
    return [
        sail(place, (place[0] + 0.001, place[1]), at_kn=1, every_s=60)
        .stop(for_min=until_min)
        .reports(mmsi=299_100_100 + i)
        for i, place in enumerate(places)
    ]


def eastbound(at_kn: float = 10.0) -> Sail:
    """Give a ship eastbound through them for half an hour."""
    return sail((59.5, 24.5), at_kn=at_kn, course_deg=90).keep_on(for_min=30)


def test_fires_after_half_an_hour_of_silence_among_ships_that_are_heard() -> None:
    """Silent from 00:30: half an hour and one closed time bin later it stands; it ends on her return."""
    ship = eastbound().silent(for_min=60).keep_on(for_min=20)
    opened, ended = judge(BEHAVIOUR, ship.reports(), *neighbours())
    silent_us = ship.start_us + 30 * MINUTE_US
    assert abs(opened.began_us - silent_us) <= MINUTE_US
    assert 30 <= (opened.known_at_us - silent_us) / MINUTE_US <= 37
    assert ended.ended_us == pytest.approx(silent_us + 60 * MINUTE_US, abs=MINUTE_US)
    assert {r.code for r in opened.reasons} >= {"silent_for", "ships_heard_around"}


def test_near_miss_nobody_else_is_heard() -> None:
    """Without coverage silence says nothing: the receiver may be dead."""
    ship = eastbound().silent(for_min=60).keep_on(for_min=20)
    assert not judge(BEHAVIOUR, ship.reports())


def test_near_miss_all_fall_silent_together() -> None:
    """A feed that dies takes all ships with it: nobody has gone dark."""
    ship = eastbound()
    late = sail((59.5, 24.5), at_kn=1, course_deg=0, start=ship.start_us + 140 * MINUTE_US).keep_on(for_min=5)
    others = neighbours(until_min=28)
    assert not judge(BEHAVIOUR, ship.reports(), *others, late.reports(mmsi=299_100_900))


@pytest.mark.parametrize("at_kn", [8.0, 12.0, 35.0])
def test_near_miss_she_sails_out_of_coverage(at_kn: float) -> None:
    """At the edge of what is heard every ship falls silent: that she does too is no wonder."""
    ship = sail((59.5, 25.1), at_kn=at_kn, course_deg=90).keep_on(for_min=30).silent(for_min=90)
    assert not judge(BEHAVIOUR, ship.reports(), *neighbours())


@pytest.mark.parametrize("why", ["twenty minutes", "class B", "moored", "lay still"])
def test_near_misses(why: str) -> None:
    """Short silences, weak sets and ships that lie still are left alone."""
    kind = Transceiver.CLASS_B if why == "class B" else Transceiver.CLASS_A
    ship = {
        "twenty minutes": eastbound().silent(for_min=20).keep_on(for_min=110),
        "class B": eastbound().silent(for_min=60),
        "moored": eastbound().status(5).keep_on(for_min=5).silent(for_min=60),
        "lay still": eastbound(at_kn=0.2).silent(for_min=60),
    }[why]
    assert not judge(BEHAVIOUR, ship.reports(transceiver=kind), *neighbours())
