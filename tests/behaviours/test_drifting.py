"""Drifting: the DMA rule kept up, and the ships that only look like it."""

from __future__ import annotations

import pytest

from seavigil.behaviours import drifting
from seavigil.records import MINUTE_US
from tests.cases.judge import judge
from tests.cases.sail import sail

BEHAVIOUR = drifting.BEHAVIOUR


def test_fires_ten_minutes_after_a_ship_begins_to_be_set_beam_on() -> None:
    """Underway, then 2 kn sideways: the drift is established ten minutes later, not before."""
    ship = sail((57.0, 11.0), (57.1, 11.0), at_kn=10)
    began_us = ship.end_us
    drifter = ship.drift(2.0, 90, for_min=30).on(0, for_min=20, at_kn=10)
    opened, ended = judge(BEHAVIOUR, drifter.reports())
    assert 8.5 <= (opened.began_us - began_us) / MINUTE_US <= 10.5
    assert ended.ended_us is not None
    assert 28 <= (ended.ended_us - began_us) / MINUTE_US <= 37
    codes = {r.code: r.observed for r in ended.reasons}
    assert codes["course_heading_split"] == pytest.approx(90, abs=1)
    assert codes["drift_speed"] == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("kn", "split_deg", "minutes", "why"),
    [
        (2.0, 90, 8, "too short"),
        (2.0, 40, 30, "head within 45 degrees of her course"),
        (0.5, 90, 30, "hardly moves: at anchor or moored"),
        (6.0, 90, 30, "too fast: a ship crabbing under engine"),
    ],
)
def test_near_misses(kn: float, split_deg: float, minutes: float, why: str) -> None:
    """Each part of the rule is needed."""
    ship = sail((57.0, 11.0), (57.1, 11.0), at_kn=10)
    near = ship.drift(kn, 90, for_min=minutes, heading_deg=90 - split_deg).on(90, for_min=20, at_kn=10)
    assert not judge(BEHAVIOUR, near.reports()), why


def test_a_ship_that_goes_back_and_forth_within_500_m_is_not_drifting_away() -> None:
    """The rule wants 500 m made good."""
    ship = sail((57.0, 11.0), (57.02, 11.0), at_kn=10)
    for _ in range(4):
        ship = ship.drift(1.2, 90, for_min=5).drift(1.2, 270, for_min=5)
    assert not judge(BEHAVIOUR, ship.reports())


def test_a_ship_at_anchor_by_her_own_word_is_not_drifting() -> None:
    """What a ship at anchor does is another behaviour's matter."""
    ship = sail((57.0, 11.0), (57.02, 11.0), at_kn=10).status(1).drift(2.0, 90, for_min=30)
    assert not judge(BEHAVIOUR, ship.reports())


def test_not_under_command_counts_without_a_heading() -> None:
    """A ship that says so needs no heading to be believed."""
    ship = sail((57.0, 11.0), (57.02, 11.0), at_kn=10).status(2).drift(2.0, 90, for_min=30)
    events = judge(BEHAVIOUR, ship.without_heading().reports())
    assert any(r.code == "status_not_under_command" for r in events[0].reasons)


def test_without_heading_or_status_nothing_is_claimed() -> None:
    """No heading, no split: the behaviour says in its text that it misses these."""
    ship = sail((57.0, 11.0), (57.02, 11.0), at_kn=10).drift(2.0, 90, for_min=30)
    assert not judge(BEHAVIOUR, ship.without_heading().reports())


@pytest.mark.parametrize("kn", [1.1, 1.5])
def test_a_slow_drift_counts_once_it_has_made_500_m(kn: float) -> None:
    """At 1.1 kn half a kilometre takes a quarter of an hour: found then, however slow."""
    ship = sail((57.0, 11.0), at_kn=0.5).stop(for_min=30).drift(kn, 90, for_min=40)
    assert judge(BEHAVIOUR, ship.reports())
