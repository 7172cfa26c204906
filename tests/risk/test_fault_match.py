"""Outside evidence in risk: as pressing as the notice makes her, whatever her conduct, and taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seavigil.events import Event, Reason
from seavigil.risk import Assessor, Draft, Knowledge, Policy, Rates
from tests.risk.drawn import event


def match(
    at_min: float, says: str, *, known_min: float | None = None, daily: float = 5.0, others: int = 0
) -> Event:
    """Give a match of the asset "a" crossed at ``at_min``."""
    reasons = (
        Reason(f"fault_fits_{says}", 0.6, None, "1", 2.0),
        Reason("asset_crossed_daily", daily, None, "times", 0.25),
        *((Reason("others_fit_fault", others, 0, "ships", 0.5),) if others else ()),
    )
    one = event("fault_match", at_min, asset="a", reasons=reasons, peak_score=4.0)
    known_us = round((at_min + 5 if known_min is None else known_min) * 60_000_000)
    return replace(one, known_at_us=known_us, detected_at_us=known_us)


def assessed(*events: Event, known: Knowledge | None = None, policy: Policy | None = None) -> list[Draft]:
    """Give the drafts that events lead to."""
    return Assessor(policy or Policy()).assess((e, known or Knowledge()) for e in events)


@pytest.mark.parametrize(("says", "priority"), [("likely", "urgent"), ("possibly", "warning")])
def test_outside_evidence_counts_whatever_its_rarity(says: str, priority: str) -> None:
    """In traffic where alerts as strong come by the thousand a crossing is info, and she is not."""
    common = Policy(Rates(1000.0, (9_000,) * 200))
    crossed = event("crossing", 10, until_min=11, asset="a")
    assert assessed(crossed, policy=common)[-1].priority == "info"
    assert assessed(crossed, match(10, says), policy=common)[-1].priority == priority


def test_neither_innocence_nor_an_alarm_budget_hides_her() -> None:
    """A ferry on her run, where no alarm is wanted any more: the fault is told all the same."""
    none = Policy(Rates(1000.0, (9_000,) * 200), alarms_per_day=0.0)
    ferry = Knowledge(ship_type=60, own_sog_kn=3.0)
    again = event("repeated_crossing", 8, asset="a")
    assert assessed(again, match(10, "likely"), known=ferry, policy=none)[-1].priority == "urgent"


def test_only_the_operator_s_own_cap_holds_her_down() -> None:
    """Who caps fault matches gets no more than he asked for; a cap of other conduct does nothing."""
    capped = Policy(caps={"fault_match": "advisory"})
    assert assessed(match(10, "likely"), policy=capped)[-1].priority == "advisory"
    other = Policy(caps={"crossing": "info"})
    assert assessed(match(10, "likely"), policy=other)[-1].priority == "urgent"


def test_a_match_hours_later_joins_the_case_of_its_crossing() -> None:
    """She crossed at 10 min and drifted elsewhere at 600: the notice of 700 min belongs to the first."""
    first = event("crossing", 10, until_min=11, asset="a")
    later = event("drifting", 600, until_min=640)
    drafts = assessed(first, later, match(10, "likely", known_min=700))
    assert drafts[-1].case_id == drafts[0].case_id
    assert {d.case_id for d in drafts} == {drafts[0].case_id, drafts[1].case_id}
    assert drafts[1].case_id != drafts[0].case_id


def test_a_match_of_a_ship_without_a_case_makes_one() -> None:
    """Nothing odd was seen of her at that time: she gets an alert of her own, not the newest she has."""
    later = event("drifting", 600, until_min=640)
    drafts = assessed(later, match(10, "likely", known_min=700))
    assert drafts[-1].case_id != drafts[0].case_id
    assert drafts[-1].priority == "urgent"


def test_what_she_does_while_she_is_sought_belongs_to_it() -> None:
    """The next crossing three hours later grows the same alert."""
    drafts = assessed(match(10, "likely"), event("crossing", 190, until_min=191, asset="b"))
    assert len({d.case_id for d in drafts}) == 1


@pytest.mark.parametrize(("daily", "fits"), [(24.0, True), (5.0, None)])
def test_where_ships_cross_all_day_another_cause_is_read(daily: float, fits: bool | None) -> None:
    """A ship an hour: somebody is always near in time. It lowers nothing."""
    draft = assessed(match(10, "likely", daily=daily))[-1]
    (reading,) = [i for i in draft.innocent_readings if i.code == "other_cause"]
    assert reading.fits is fits
    assert draft.priority == "urgent"


def test_another_ship_that_fits_is_read_only_where_there_is_one() -> None:
    """With two of them it is said, with none it is not."""
    codes = [{i.code for i in assessed(match(10, "likely", others=n))[-1].innocent_readings} for n in (0, 2)]
    assert "another_ship" not in codes[0]
    assert "another_ship" in codes[1]


@pytest.mark.parametrize("code", ["fault_fits_no_more", "fault_withdrawn"])
def test_who_fits_no_more_is_retracted_but_what_else_she_did_stands(code: str) -> None:
    """A match alone is explained away, by a second look or with its notice; beside a drift it is not."""
    first = match(10, "possibly")
    gone = replace(
        first,
        revision=2,
        known_at_us=first.known_at_us + 600_000_000,
        ended_us=first.known_at_us + 600_000_000,
        reasons=(Reason(code, 0.02, 0.2, "1"),),
    )
    assert assessed(first, gone)[-1].retracted_because == code
    assert assessed(event("drifting", 8), first, gone)[-1].retracted_because is None
