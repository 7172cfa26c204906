"""Risk: what belongs together, how pressing it is, and what else it may be."""

from __future__ import annotations

import pytest

from seavigil.events import Event, Passage, Reason
from seavigil.records import MINUTE_US
from seavigil.risk import Assessor, Draft, Knowledge
from seavigil.risk.innocent import readings
from tests.risk.drawn import ended, event


def assess(*events: tuple[Event, Knowledge] | Event) -> list[Draft]:
    """Assess events that all are known from the start."""
    return Assessor().assess([e if isinstance(e, tuple) else (e, Knowledge()) for e in events])


def test_an_ordinary_crossing_is_info() -> None:
    """Ships cross cables all day."""
    crossing = event("crossing", 0, asset="a", passage=Passage(1.0))
    assert [d.priority for d in assess(crossing)] == ["info"]


def test_drifting_over_an_asset_is_a_warning_and_over_two_urgent() -> None:
    """Each hit makes the one alert more pressing."""
    drafts = assess(event("drifting", 0), event("crossing", 10, asset="a"), event("crossing", 20, asset="b"))
    assert [d.priority for d in drafts] == ["info", "warning", "urgent"]
    assert len({d.case_id for d in drafts}) == 1


def test_near_miss_two_cables_of_one_bundle_are_one_hit() -> None:
    """Assets crossed within five minutes of one another are one place, not two hits."""
    drafts = assess(event("drifting", 0), event("crossing", 10, asset="a"), event("crossing", 12, asset="b"))
    assert drafts[-1].priority == "warning"


def test_near_miss_a_crossing_well_before_the_drift_does_not_raise_it() -> None:
    """A cable crossed at passage half an hour before she began to drift was not crossed adrift."""
    crossing = event("crossing", 0, asset="a")
    drafts = assess(crossing, ended(crossing, 5), event("drifting", 40))
    assert drafts[-1].priority == "info"
    assert len({d.case_id for d in drafts}) == 1


def test_near_miss_a_crossing_long_after_the_drift_is_a_new_passage() -> None:
    """She drifted, got under way, and crosses a cable an hour later: another case."""
    drafts = assess(event("drifting", 0, until_min=30), event("crossing", 90, asset="a"))
    assert [d.priority for d in drafts] == ["info", "info"]
    assert len({d.case_id for d in drafts}) == 2


@pytest.mark.parametrize("behaviour", ["drifting", "gone_dark"])
def test_on_a_course_over_an_asset_is_advisory_while_it_lasts(behaviour: str) -> None:
    """Drifting, or dark, towards a cable within the hour: said with the time left."""
    draft = assess((event(behaviour, 0), Knowledge(ahead=(("a", 600.0),))))[0]
    assert draft.priority == "advisory"
    assert draft.ahead == (("a", 600.0),)
    assert Reason("asset_ahead_in", 600, 3600.0, "s", 1.5) in draft.reasons


def test_lying_close_is_advisory_and_farther_off_info() -> None:
    """The true line within 463 m, more likely than not, is fouling; beyond that it is lying by."""
    near = event("anchored_near", 0, asset="a", distance_m=300.0)
    off = event("anchored_near", 0, asset="a", distance_m=900.0)
    assert assess((near, Knowledge(sigma_m=100.0)))[0].priority == "advisory"
    assert assess((off, Knowledge(sigma_m=100.0)))[0].priority == "info"


def test_a_worse_chart_makes_no_more_alarms() -> None:
    """Where the route may lie anywhere within 8 km nobody can say that she lies on it."""
    one = event("anchored_near", 0, asset="a", distance_m=300.0)
    assert assess((one, Knowledge(sigma_m=4_000.0)))[0].priority == "info"


def test_small_craft_foul_no_cable() -> None:
    """A class B yacht in a marina beside the landing is no advisory."""
    one = event("anchored_near", 0, asset="a", distance_m=300.0)
    assert assess((one, Knowledge(sigma_m=100.0, small_craft=True)))[0].priority == "info"


def test_work_that_her_kind_does_is_one_step_less_pressing() -> None:
    """A tug (type 52, ITU-R M.1371-5) adrift over a cable is an advisory, not a warning."""
    knowledge = Knowledge(ship_type=52)
    drafts = assess((event("drifting", 0), knowledge), (event("crossing", 10, asset="a"), knowledge))
    assert drafts[-1].priority == "advisory"


def test_an_alert_keeps_the_highest_priority_it_had() -> None:
    """An advisory that ended is still what the officer should have seen."""
    drift = event("drifting", 0)
    drafts = assess((drift, Knowledge(ahead=(("a", 600.0),))), (ended(drift, 30), Knowledge()))
    assert [d.priority for d in drafts] == ["advisory", "advisory"]


def test_a_crossing_after_the_drift_ended_is_not_made_adrift() -> None:
    """She lay at anchor after her drift; a cable crossed when she left again is no hit."""
    drift, lying = event("drifting", 0), event("anchored_near", 25, asset="a")
    crossing = event("crossing", 70, asset="b")
    drafts = assess(drift, ended(drift, 20), lying, crossing)
    assert drafts[-1].priority == "advisory"


def test_an_event_that_ends_late_ends_in_its_own_case() -> None:
    """A crossing still open when a new case begins closes the case it belongs to."""
    first = event("crossing", 0, asset="a")
    drift = event("drifting", 200, until_min=210)
    assessor = Assessor()
    drafts = assessor.assess([(first, Knowledge()), (drift, Knowledge()), (ended(first, 300), Knowledge())])
    assert drafts[-1].case_id == drafts[0].case_id


def test_what_becomes_known_at_one_time_is_one_draft() -> None:
    """Two behaviours seen with the same report change the case once."""
    drafts = assess(event("drifting", 0), event("loitering", 0, asset="a"))
    assert len(drafts) == 1
    assert drafts[0].priority == "advisory"


def test_a_case_is_open_until_everything_in_it_ended() -> None:
    """One behaviour that ends while another goes on leaves the case open."""
    drift = event("drifting", 0)
    loiter = event("loitering", 5, asset="a")
    drafts = assess(drift, loiter, ended(drift, 10), ended(loiter, 20))
    assert [d.open for d in drafts] == [True, True, True, False]


def test_a_case_that_can_no_longer_grow_is_forgotten() -> None:
    """State stays bounded: after its link time an ended case goes, an open one stays."""
    assessor = Assessor()
    assessor.assess([(event("drifting", 0, until_min=30), Knowledge())])
    assessor.forget(600 * MINUTE_US)
    assert not assessor.live_cases
    assessor.assess([(event("drifting", 0), Knowledge())])
    assessor.forget(600 * MINUTE_US)
    assert len(assessor.live_cases) == 1


def test_innocent_readings_that_fit_the_ship_stand_first_and_those_that_do_not_last() -> None:
    """A tug that drifts may be at work; for a tanker that reading does not fit. Types: ITU-R M.1371-5."""
    tug, tanker = (readings([event("drifting", 0)], Knowledge(ship_type)) for ship_type in (52, 80))
    assert tug[0].code == "towing_or_tug"
    assert tug[0].fits is True
    assert {i.code for i in tanker if i.fits is False} >= {"fishing", "towing_or_tug"}
    assert tanker[0].code == "engine_stopped"


def test_odd_conduct_is_not_explained_by_ordinary_passage() -> None:
    """Once a ship drifts, 'she just passed over' is no reading of it."""
    events = [event("drifting", 0), event("crossing", 1, asset="a")]
    assert "passage" not in {i.code for i in readings(events, Knowledge())}
