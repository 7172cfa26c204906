"""Retraction: what later explains an alert takes it back, and says why; new evidence opens it again."""

from __future__ import annotations

from dataclasses import replace

from seavigil.records import MINUTE_US
from seavigil.risk import Assessor, Draft, HeardLate, Knowledge
from tests.risk.drawn import degraded, ended, event

#: A drift that rests on what was seen from minute 10 to minute 20.
DRIFT = replace(event("drifting", 10), detected_at_us=20 * MINUTE_US, known_at_us=20 * MINUTE_US)
SHIP = DRIFT.vessel_id


def assess(*events: object, late: object = ()) -> list[Draft]:
    """Assess events that all are known from the start; gives the drafts of the ship."""
    drafts = Assessor().assess([(e, Knowledge()) for e in events], late)  # type: ignore[arg-type, misc]
    return [d for d in drafts if d.vessel_id == SHIP]


def test_jamming_seen_later_retracts_what_rests_on_positions() -> None:
    """The area became visible after the alert, and was degraded while the ship seemed to drift."""
    told = assess(DRIFT, degraded(5, 30))
    assert [(d.known_at_us // MINUTE_US, d.retracted_because) for d in told] == [
        (20, None),
        (30, "gnss_degraded"),
    ]


def test_near_miss_jamming_elsewhere_or_at_another_time_retracts_nothing() -> None:
    """A degree to the north, or for the last two of the ten minutes only."""
    assert len(assess(DRIFT, degraded(5, 30, south_deg=59.5))) == 1
    assert len(assess(DRIFT, degraded(18, 30))) == 1


def test_jamming_known_before_holds_it_back_instead() -> None:
    """Nothing is retracted that was doubted from the start: it is info with its innocent reading."""
    ahead = Knowledge(ahead=(("a", 600.0),))
    held = Assessor().assess([(degraded(5, 15), Knowledge()), (DRIFT, ahead)])[-1]
    sound = Assessor().assess([(DRIFT, ahead)])[-1]
    assert (held.priority, held.retracted_because) == ("info", None)
    assert held.innocent_readings[0].code == "degraded_gnss"
    assert sound.priority == "advisory"


def test_known_in_the_same_moment_the_area_comes_first() -> None:
    """The order of events known at one time must not depend on their ids."""
    held = assess(DRIFT, degraded(5, 20))
    assert [d.retracted_because for d in held] == [None]


def test_new_evidence_opens_it_again_and_its_own_end_does_not() -> None:
    """A retracted drift that ends stays retracted; another one outside the area stands."""
    other = replace(event("loitering", 40, asset="a"), lat_deg=60.5)
    told = assess(DRIFT, degraded(5, 30), ended(DRIFT, 35), other)
    assert [d.retracted_because for d in told] == [None, "gnss_degraded", "gnss_degraded", None]


def silence(until_min: float) -> object:
    """Give a silence from minute 0, known and still going on at ``until_min``."""
    return replace(event("gone_dark", 0), known_at_us=round(until_min * MINUTE_US))


def late(*minutes: float, known_min: float = 90) -> list[HeardLate]:
    """Give reports of these minutes that came late."""
    return [HeardLate(SHIP, round(m * MINUTE_US), round(known_min * MINUTE_US)) for m in minutes]


def test_heard_all_the_while_after_all() -> None:
    """A feed that lagged brings her reports of the silent hour: she was not dark."""
    told = assess(silence(60), late=late(20, 40))
    assert [d.retracted_because for d in told] == [None, "heard_late"]


def test_near_miss_one_late_report_leaves_a_silence() -> None:
    """From minute 10 to 60 she was silent all the same: no retraction, no revision."""
    assert len(assess(silence(60), late=late(10))) == 1


def test_late_reports_before_the_alert_hold_it_back() -> None:
    """What was known when it was found is a reading that fits strongly."""
    draft = assess(silence(60), late=late(20, 40, known_min=50))[-1]
    assert {i.code: i.fits for i in draft.innocent_readings}["reception"] is True
    assert draft.priority == "info"


def test_what_explained_is_forgotten_with_its_case() -> None:
    """State stays bounded over months of jamming."""
    assessor = Assessor()
    assessor.assess([(ended(DRIFT, 30), Knowledge()), (ended(degraded(5, 30), 60), Knowledge())])
    assessor.assess([], late(40))
    assessor.forget(2000 * MINUTE_US)
    assert assessor == Assessor()
