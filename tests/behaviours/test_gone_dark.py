"""Gone dark: silence among ships that are heard, and silences that mean nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from seavigil.behaviours import gone_dark
from seavigil.events import Event, Reason
from seavigil.normal.pattern import Pattern, Tally
from seavigil.normal.pattern import cell_of as pattern_cell
from seavigil.records import MINUTE_US, Transceiver
from tests.cases.judge import cable, in_order, judge
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


def test_near_miss_her_number_is_heard_from_elsewhere() -> None:
    """Two places send her number, and one of them falls silent: nobody can tell who it is."""
    ship = eastbound()
    twin = sail((58.6, 22.0), at_kn=10, start=ship.start_us, course_deg=90).keep_on(for_min=110)
    silent = ship.silent(for_min=60).keep_on(for_min=20).reports()
    assert judge(BEHAVIOUR, silent, *neighbours())
    assert not judge(BEHAVIOUR, in_order(silent, twin.reports()), *neighbours())


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


def reason(event: Event, code: str) -> Reason:
    """Give one reason of an event."""
    return next(r for r in event.reasons if r.code == code)


@pytest.mark.parametrize(
    ("verbs", "off"),
    [
        ("lost by the receiver", False),
        ("turned", False),
        ("stopped for half an hour", True),
        ("went off and came back", True),
    ],
)
def test_back_again_she_is_held_against_her_own_way(verbs: str, off: bool) -> None:
    """Merely unheard she is where her speed takes her; after a stop or a detour she is not."""
    dark = eastbound()
    back = {
        "lost by the receiver": dark.silent(for_min=60).keep_on(for_min=10),
        "turned": replace(dark.silent(for_min=30), course_deg=60.0).silent(for_min=30).keep_on(for_min=10),
        "stopped for half an hour": dark.silent(for_min=30)
        .silent(for_min=30, at_kn=0.01)
        .on(90, at_kn=10, for_min=10),
        "went off and came back": replace(dark.silent(for_min=30), course_deg=270.0)
        .silent(for_min=30)
        .on(90, for_min=10),
    }[verbs]
    ended = judge(BEHAVIOUR, back.noisy().reports(), *neighbours())[1]
    assert ended.revision == 2
    sd = reason(ended, "off_her_way").observed
    assert (sd >= gone_dark.GoneDarkParams.off_way_sd) == off
    if verbs == "lost by the receiver":
        assert sd <= 1


def test_assets_she_can_have_gone_over_are_counted() -> None:
    """Silent for an hour at 10 kn: a cable 5 km off her way is in reach, one 60 km off never is.

    At 12 kn she had 2 nautical miles to spare.
    """
    near, far = (cable((lat, 24.0), (lat, 26.0), asset_id=f"{lat}") for lat in (59.545, 60.04))
    ship = eastbound().silent(for_min=60).keep_on(for_min=20)
    opened, ended = judge(BEHAVIOUR, ship.reports(), *neighbours(), assets=[near, far])
    assert reason(opened, "assets_in_reach").observed == 1
    assert reason(ended, "assets_in_reach").observed == 1
    assert reason(ended, "way_to_spare").observed == pytest.approx(2 * 1.852, abs=0.5)
    opened, ended = judge(BEHAVIOUR, ship.reports(), *neighbours(), assets=[far])
    assert not {"assets_in_reach"} & {r.code for r in (*opened.reasons, *ended.reasons)}


@pytest.mark.parametrize(("days_heard", "fires"), [(10, True), (1, False)])
def test_a_learned_pattern_stands_for_ships_beyond(days_heard: int, fires: bool) -> None:
    """Where ships are heard day by day beyond, a silence towards there counts though nobody is there now."""
    ship = sail((59.5, 25.1), at_kn=8, course_deg=90).keep_on(for_min=30).silent(for_min=60)
    places = [(59.50, 25.2), (59.52, 25.3), (59.48, 25.1), (59.51, 25.2), (59.50, 25.3)]
    others = [
        sail(place, (place[0] + 0.001, place[1]), at_kn=1, every_s=60)
        .stop(for_min=150)
        .reports(mmsi=299_100_100 + i)
        for i, place in enumerate(places)
    ]
    lat, lon = np.meshgrid(np.arange(59.326, 59.7, 0.05), np.arange(25.05, 27.0, 0.1))
    cells = np.unique(pattern_cell(lat.ravel(), lon.ravel()))
    hours = np.arange(24)
    keys = np.sort((cells[:, None] * 24 + hours[None, :]).ravel())
    learned = Pattern(days=10, ship_days=50, heard=Tally.of(keys, np.full(len(keys), days_heard)))
    assert bool(judge(BEHAVIOUR, ship.reports(), *others, pattern=learned)) == fires
