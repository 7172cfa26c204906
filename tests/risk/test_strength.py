"""Strength: more evidence never lowers it, and every kind of conduct has its weight and reason."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.behaviours import CATALOGUE
from seavigil.events import Event, Passage, Reason
from seavigil.risk import Assessor, Knowledge
from seavigil.risk.cases import found_strength, together
from seavigil.risk.weights import WEIGHTS
from tests.risk.drawn import ended, event

KINDS = sorted(WEIGHTS)


def strengths(*events: tuple[Event, Knowledge] | Event) -> list[float]:
    """Give the strength at each draft."""
    return [
        d.strength
        for d in Assessor().assess([e if isinstance(e, tuple) else (e, Knowledge()) for e in events])
    ]


@pytest.mark.parametrize("behaviour", CATALOGUE, ids=lambda b: b.name)
def test_every_behaviour_has_a_weight_with_its_reason(behaviour: object) -> None:
    """A behaviour added without a word on what it is worth would count for something by accident."""
    assert WEIGHTS[behaviour.name].why  # type: ignore[attr-defined]


def test_an_ordinary_crossing_is_worth_nothing() -> None:
    """Ships cross cables all day."""
    assert strengths(event("crossing", 0, asset="a", passage=Passage(1.0))) == [0.0]


def test_each_hit_adds_as_surely_as_it_was_one() -> None:
    """A crossing adrift counts by the probability that she was over the true line."""
    sure = strengths(event("drifting", 0), event("crossing", 5, asset="a", passage=Passage(1.0)))
    even = strengths(event("drifting", 0), event("crossing", 5, asset="a", passage=Passage(0.5)))
    assert sure[1] - sure[0] == pytest.approx(2 * (even[1] - even[0]))


def test_a_second_hit_adds_less_than_the_first() -> None:
    """A ship in a lane crosses what lies there anyway: each further one counts by half."""
    drift, *hits = event("drifting", 0), *(event("crossing", m, asset=str(m)) for m in (10, 20, 30))
    steps = strengths(drift, *hits)
    first, second, third = (b - a for a, b in pairwise(steps))
    assert first == 2 * second == 4 * third > 0


@pytest.mark.parametrize("ratio_nats", [12.0, 24.0])
def test_what_is_inferred_gains_nothing_by_crossing(ratio_nats: float) -> None:
    """A ship in a lane crosses cables whether she drags or not; one seen adrift over them endangers them."""
    hit = event("crossing", 10, asset="a")
    inferred, crossed = strengths(event("anchor_drag_under_way", 0, peak_score=ratio_nats), hit)
    assert crossed == inferred
    seen, over = strengths(event("drifting", 0), hit)
    assert over > seen


@pytest.mark.parametrize("seen", ["gone_dark", "drifting"])
def test_what_was_crossed_before_is_no_hit_of_what_is_seen_later(seen: str) -> None:
    """A ship that may drag crosses two cables and falls silent, or drifts, an hour later: no hits of that."""
    drag = event("anchor_drag_under_way", 0, peak_score=12.0)
    later = event(seen, 90)
    hits = [event("crossing", minute, asset=str(minute)) for minute in (10, 20)]
    assert strengths(drag, *hits, later)[-1] == strengths(drag, later)[-1]


def test_the_same_reason_fifty_times_is_one_reason() -> None:
    """Two ships that take turns under one number change its name all day."""
    once, often = (
        found_strength(event("identity_conflict", 0, reasons=(Reason("name_changed", 5, None, "", 2.0),) * n))
        for n in (1, 50)
    )
    assert once == often


def test_a_dredger_over_a_cable_is_a_dredger() -> None:
    """Gear that a dredger (type 33, ITU-R M.1371-5) drags makes weaker hits than the anchor of a tanker."""
    made = [event("dragging_at_anchor", 0), event("crossing", 10, asset="a")]
    dredger, tanker = (strengths(*((e, Knowledge(ship_type=t)) for e in made)) for t in (33, 80))
    assert 0 < dredger[1] < tanker[1] / 2


def test_near_miss_a_crossing_without_such_conduct_adds_nothing() -> None:
    """One who loiters and then crosses at speed has hit nothing."""
    alone, crossed = strengths(event("loitering", 0, asset="b"), event("crossing", 5, asset="a"))
    assert crossed == alone


def test_a_dragged_anchor_is_as_strong_as_its_likelihood_ratio() -> None:
    """Evidence in nats grows with the ratio, up to a bound."""
    ratios = [6.0, 12.0, 24.0, 500.0, 900.0]
    worth = [found_strength(event("anchor_drag_under_way", 0, peak_score=r)) for r in ratios]
    assert worth[0] < worth[1] < worth[2] < worth[3] == worth[4]


def test_a_trade_says_less_of_those_who_ply_it() -> None:
    """A trawler (type 30, ITU-R M.1371-5) trawls, a tanker does not; a false position is nobody's trade."""
    trawls, lies = event("trawling_over", 0, asset="a"), event("position_spoofed", 0)
    assert found_strength(trawls, 30) < found_strength(trawls, 80) == found_strength(trawls, None)
    assert found_strength(lies, 30) == found_strength(lies, 80)


def test_two_views_of_one_motion_are_less_than_two_motions() -> None:
    """Loitering and drifting see the same slow ship; drifting and a false position do not."""
    same = together({"drifting": 3.0, "loitering": 3.0})
    other = together({"drifting": 3.0, "position_spoofed": 3.0})
    assert 3.0 < same < other == 6.0


EVENTS = st.builds(
    lambda kind, at, asset, score, weight: event(
        kind, at, asset=asset, peak_score=score, reasons=(Reason("x", 1, None, "", weight),)
    ),
    st.sampled_from([*KINDS, "not_weighed"]),
    st.integers(0, 90),
    st.sampled_from([None, "a", "b"]),
    st.floats(0, 100),
    st.floats(0, 3),
)


@given(st.lists(EVENTS, min_size=1, max_size=6), st.randoms())
def test_more_evidence_never_lowers_it(events: list[Event], order: object) -> None:
    """Along a case, whatever comes, ends, or comes with less: the strength stands or rises."""
    known = [Knowledge(ahead=(("c", 60.0),)) if order.random() < 0.3 else Knowledge() for _ in events]  # type: ignore[attr-defined]
    weaker = [(replace(ended(e, 120), peak_score=0.0, reasons=()), Knowledge()) for e in events]
    drafts = Assessor().assess([*zip(events, known, strict=True), *weaker])
    by_case: dict[str, float] = {}
    for draft in drafts:
        assert draft.strength >= by_case.get(draft.case_id, 0.0)
        by_case[draft.case_id] = draft.strength


@given(st.dictionaries(st.sampled_from(KINDS), st.floats(0, 20)), st.sampled_from(KINDS), st.floats(0, 20))
def test_another_kind_of_conduct_never_lowers_it(found: dict[str, float], kind: str, worth: float) -> None:
    """Families discount, but they never punish."""
    more = {**found, kind: max(found.get(kind, 0.0), worth)}
    assert together(more) >= together(found) - 1e-9
