"""Fault notices in a watch: who is named, when, in which alert, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pytest

from seavigil.alerts import Alert
from seavigil.assets import Assets
from seavigil.fault import Fault, Notice, Withdrawal
from seavigil.forecast.suspects import LIKELY, POSSIBLE, UNLIKELY, Findings, Suspect
from seavigil.records import HOUR_US, MINUTE_US, SECOND_US, Decoded, parse_time_us
from seavigil.runners import batch, fault_watch
from seavigil.runners.fault_watch import FaultWatch
from seavigil.runners.live import Outcome, Watch
from seavigil.vessel import Static
from tests.cases.judge import cable, in_order
from tests.cases.sail import sail

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
ASSETS = Assets([cable((58.9, 20.2), (59.1, 20.2)), cable((58.9, 21.0), (59.1, 21.0), asset_id="other")])
CULPRIT, PASSER, EARLY = 299_000_001, 299_000_002, 299_000_003


def at(minute: float) -> int:
    """Give a data time in minutes from the begin."""
    return BEGIN_US + round(minute * MINUTE_US)


def fault(minute: float, *, noticed: float | None = None, within_s: float = 60.0, name: str = "f") -> Fault:
    """Give a notice of the cable."""
    return Fault(name, "cable", at(minute), at(minute + 2 if noticed is None else noticed), within_s)


#: She goes over the cable (at 20.2 E) some 19 min after she began at 20.1 E with 10 kn, slows down and drags
#: on; of two others one crossed two hours before, one never does and was heard all the day before.
SCENE = in_order(
    sail((59.0, 20.1), at_kn=10, every_s=20, start=at(120))
    .on(90, for_min=18)
    .slow_to(6, for_min=60, over_min=1)
    .on(90, for_min=60, at_kn=10)
    .reports(mmsi=CULPRIT),
    sail((59.02, 20.15), at_kn=12, every_s=20, start=at(0)).on(90, for_min=260).reports(mmsi=EARLY),
    sail((59.01, 20.0), at_kn=0.2, every_s=120, start=at(-1200)).stop(for_min=1460).reports(mmsi=PASSER),
)
CROSSED_MIN = 138.6


def pieces(reports: pa.Table, every: int) -> Iterator[Decoded]:
    """Cut reports into pieces of so many rows."""
    return (Decoded(reports=reports.slice(i, every)) for i in range(0, reports.num_rows, every))


def watched(notices: Iterable[Notice], every: int = 10_000, reports: pa.Table = SCENE) -> list[Outcome]:
    """Watch the scene with notices given from the start."""
    one = Watch(ASSETS)
    one.notices.notice(notices)
    return [*map(one.take, pieces(reports, every)), one.take(Decoded(), final=True)]


def alerts(outcomes: Sequence[Outcome], mmsi: int = CULPRIT) -> list[Alert]:
    """Give one ship's alert revisions, and make sure nothing failed."""
    assert not [f for o in outcomes for f in o.faults]
    return [a for o in outcomes for a in o.alerts if a.vessel is not None and a.vessel.mmsi == mmsi]


def test_who_was_over_it_then_is_named_at_the_notice_s_data_time() -> None:
    """The alert stands at the minute the notice came in, urgent though crossings alone are info."""
    found = alerts(watched([fault(CROSSED_MIN + 1)]))
    before = [a for a in found if "fault_match" not in a.behaviours]
    named = [a for a in found if "fault_match" in a.behaviours]
    assert {a.priority for a in before} == {"info"}
    assert named[0].priority == "urgent"
    assert named[0].revised_at_us == at(CROSSED_MIN + 3)
    assert named[0].alert_id == before[0].alert_id
    assert {r.code for r in named[0].reasons} >= {"fault_fits_likely", "fault_time_offset", "fault_chance"}
    assert {i["code"] for i in named[0].innocent_readings} >= {"other_cause"}


def test_who_crossed_two_hours_before_is_not_named() -> None:
    """The near miss: over the same cable, at another time."""
    found = alerts(watched([fault(CROSSED_MIN + 1)]), EARLY)
    assert found
    assert not [a for a in found if "fault_match" in a.behaviours]


def test_nobody_is_named_for_a_fault_at_another_time() -> None:
    """No ship was over it at 60 min: no alert says so, the notice does."""
    one = Watch(ASSETS)
    one.notices.notice([fault(60)])
    outcomes = [one.take(Decoded(reports=SCENE)), one.take(Decoded(), final=True)]
    assert not [e for o in outcomes for e in o.events if e.behaviour == "fault_match"]
    (told,) = one.notices.as_json()
    assert told["state"] == "nobody_fits"
    assert told["named"] == []


@pytest.mark.parametrize("every", [29, 150])
def test_the_cut_of_the_stream_changes_nothing(every: int) -> None:
    """In pieces of 29 rows, or of a hundred and fifty: the same alerts, every field."""
    notices = [fault(CROSSED_MIN + 1), fault(CROSSED_MIN, within_s=1800.0, name="g", noticed=CROSSED_MIN)]
    whole = [repr(a) for a in alerts(watched(notices))]
    assert [repr(a) for a in alerts(watched(notices, every))] == whole
    assert len(whole) > 3


def test_a_notice_is_looked_into_once_more_when_its_window_is_over() -> None:
    """Known to within 20 min and noticed at once: a second look 30 min after it (10 for the anchor)."""
    outcomes = watched([fault(CROSSED_MIN + 2, noticed=CROSSED_MIN + 3, within_s=1200.0)])
    looks = [e for o in outcomes for e in o.events if e.behaviour == "fault_match" and e.mmsi == CULPRIT]
    assert [(e.revision, e.known_at_us) for e in looks] == [
        (1, at(CROSSED_MIN + 3)),
        (2, at(CROSSED_MIN + 2 + 20 + 10)),
    ]
    assert {e.event_id for e in looks} == {looks[0].event_id}


def test_a_late_notice_joins_her_case_of_then() -> None:
    """Noticed an hour after the crossing: her alert of then gains the fault, no new one is made."""
    found = alerts(watched([fault(CROSSED_MIN + 1, noticed=CROSSED_MIN + 61)]))
    assert len({a.alert_id for a in found if a.began_us <= at(CROSSED_MIN + 1)}) == 1
    named = [a for a in found if "fault_match" in a.behaviours]
    assert named[0].revised_at_us == at(CROSSED_MIN + 61)
    assert len(named[0].behaviours) > 1


def test_a_notice_that_comes_in_while_the_watch_runs_is_taken_up_at_the_next_piece() -> None:
    """The watch is at 180 min when the notice of 140 min arrives: known then, not later."""
    late, early = [fault(CROSSED_MIN + 1)], SCENE["time_us"].cast(pa.int64()).to_numpy() <= at(180)
    one = Watch(ASSETS)
    one.notices.notice([])
    one.take(Decoded(reports=SCENE.filter(pa.array(early))))
    one.notices.notice(late)
    found = alerts([one.take(Decoded(reports=SCENE.filter(pa.array(~early))))])
    named = [a for a in found if "fault_match" in a.behaviours]
    assert at(170) < named[0].revised_at_us <= at(180)
    one.notices.notice(late)  # the same once more changes nothing
    assert not [a for a in alerts([one.take(Decoded(), final=True)]) if a.behaviours == ("fault_match",)]


def run(notices: Sequence[Notice]) -> list[dict[str, object]]:
    """Give what a batch's summary says of notices."""
    given = [list(notices)]
    job = batch.Job(["drawn"], ASSETS, notices=lambda: given.pop() if given else [])
    return batch.run(job, lambda _: pieces(SCENE, 10_000)).as_json()["fault_notices"]


def test_the_summary_says_what_came_of_every_notice() -> None:
    """Matched, nobody fits, noticed only after the data end, and of another year."""
    told = run(
        [
            fault(CROSSED_MIN + 1, name="a"),
            fault(60, name="b"),
            fault(CROSSED_MIN + 1, noticed=600, name="c"),
            fault(500_000, name="d"),
        ]
    )
    assert {n["id"]: n["state"] for n in told} == {
        "a": "matched",
        "b": "nobody_fits",
        "c": "noticed_after_the_data",
        "d": "outside_of_the_data",
    }
    (named,) = told[[n["id"] for n in told].index("a")]["named"]  # type: ignore[misc]
    assert (named["mmsi"], named["says"]) == (CULPRIT, "likely")


def test_without_notices_no_events_are_kept() -> None:
    """Whoever gives none pays nothing."""
    one = Watch(ASSETS)
    one.take(Decoded(reports=SCENE), final=True)
    assert one.notices._events == []
    assert one.notices.as_json() == []


def test_events_are_kept_for_thirty_hours_and_no_longer() -> None:
    """A ship that goes to and fro for three days leaves no more than an inquiry asks for."""
    ship = sail((59.0, 20.1), at_kn=12, every_s=120, start=at(0))
    for _ in range(30):
        ship = ship.on(90, for_min=70).on(270, for_min=70)
    one = Watch(ASSETS)
    one.notices.notice([])
    for piece in pieces(ship.reports(mmsi=CULPRIT), 200):
        one.take(piece)
    kept_us = [e.known_at_us for e in one.notices._events]
    assert kept_us
    assert min(kept_us) > max(kept_us) - 31 * HOUR_US


def suspect(vessel_id: str, says: str, probability: float, rank: int = 1) -> Suspect:
    """Give a suspect who crossed half a minute before the fault."""
    return Suspect(
        rank=rank,
        score=1.0,
        probability=probability,
        chance=0.01,
        says=says,
        vessel=Static(int(vessel_id[:9])),
        vessel_id=vessel_id,
        crossed_at_us=at(138.5),
        crossed_within_s=10.0,
        time_offset_s=-30.0,
        distance_m=0.0,
        probability_over=1.0,
        km_along=10.0,
        dark=False,
        fits=("f",),
        lines_for=(),
        lines_against=(),
    )


def looked(
    monkeypatch: pytest.MonkeyPatch, *each: Sequence[Suspect], within_s: float = 600.0
) -> list[Outcome]:
    """Watch with what each look is to find."""
    finds = list(each)

    def inquire(faults: Sequence[Fault], *_: object) -> Findings:
        return Findings(tuple(faults), 0, tuple(finds.pop(0)), (), 0.1)

    monkeypatch.setattr(fault_watch, "inquire", inquire)
    return watched([fault(139, noticed=140, within_s=within_s)])


def matches(outcomes: Sequence[Outcome]) -> list[tuple[int | None, int, str]]:
    """Give ship, revision and first reason of each match."""
    found = [e for o in outcomes for e in o.events if e.behaviour == "fault_match"]
    return [(e.mmsi, e.revision, e.reasons[0].code) for e in found]


def test_no_more_than_three_are_named_and_none_below_one_in_five(monkeypatch: pytest.MonkeyPatch) -> None:
    """Likely, or possible from 0.2 on; the fourth is one of many."""
    ships = [str(299_000_001 + i) for i in range(6)]
    says = [LIKELY, POSSIBLE, POSSIBLE, UNLIKELY, POSSIBLE, POSSIBLE]
    fits = [0.6, 0.19, 0.2, 0.2, 0.3, 0.4]
    found = [suspect(*one, rank=n) for n, one in enumerate(zip(ships, says, fits, strict=True), start=1)]
    assert matches(looked(monkeypatch, found, found))[:3] == [
        (299_000_001, 1, "fault_fits_likely"),
        (299_000_003, 1, "fault_fits_possibly"),
        (299_000_005, 1, "fault_fits_possibly"),
    ]


def test_who_fits_no_more_at_the_second_look_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Her match says so, her alert is retracted; the one who fits better now is named."""
    passer, other = str(PASSER), str(CULPRIT)
    outcomes = looked(monkeypatch, [suspect(passer, POSSIBLE, 0.3)], [suspect(other, LIKELY, 0.9)])
    assert matches(outcomes) == [
        (PASSER, 1, "fault_fits_possibly"),
        (CULPRIT, 1, "fault_fits_likely"),
        (PASSER, 2, "fault_fits_no_more"),
    ]
    last = alerts(outcomes, PASSER)[-1]
    assert (last.status, last.retracted_because) == ("retracted", "fault_fits_no_more")


def test_a_possible_one_is_a_warning_and_becomes_urgent_when_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Priority follows what is said of her at each look."""
    one = str(CULPRIT)
    outcomes = looked(monkeypatch, [suspect(one, POSSIBLE, 0.3)], [suspect(one, LIKELY, 0.9)])
    named = [a.priority for a in alerts(outcomes) if "fault_match" in a.behaviours]
    assert named[0] == "warning"
    assert named[-1] == "urgent"


def test_a_ship_named_is_sought_for_a_day() -> None:
    """What she does meanwhile belongs to her alert; a day after the last look it is over."""
    more = (
        sail((59.0, 20.9), at_kn=0.3, every_s=300, start=at(260)).stop(for_min=30 * 60).reports(mmsi=PASSER)
    )
    outcomes = watched([fault(CROSSED_MIN + 1)], reports=in_order(SCENE, more))
    found = [e for o in outcomes for e in o.events if e.behaviour == "fault_match"]
    assert [e.ended_us is None for e in found] == [True] * (len(found) - 1) + [False]
    assert found[-1].ended_us == at(CROSSED_MIN + 1 + 1 + 10) + 24 * HOUR_US


def test_a_look_that_fails_costs_the_watch_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is told, the ships have their alerts."""

    def broken(*_: object) -> Findings:
        raise RuntimeError("cannot be")

    monkeypatch.setattr(fault_watch, "inquire", broken)
    outcomes = watched([fault(CROSSED_MIN + 1)])
    assert {(f.step, f.error) for o in outcomes for f in o.faults} == {("fault", "RuntimeError: cannot be")}
    assert [a for o in outcomes for a in o.alerts]


def test_a_notice_of_a_place_says_how_far_off_she_crossed() -> None:
    """Located at the kilometre where she crossed, and unsurely: both stand among the reasons."""
    located = replace(fault(CROSSED_MIN + 1), km_along=11.1, km_error=1.0, confidence=0.9)
    named = [a for a in alerts(watched([located])) if "fault_match" in a.behaviours]
    reasons = {r.code: r for r in named[0].reasons}
    assert reasons["fault_place_offset"].observed < 0.2
    assert reasons["fault_confidence"].observed == 0.9
    assert reasons["fault_time_offset"].observed == pytest.approx(-60, abs=15)


def test_nothing_is_due_before_its_data_time() -> None:
    """The watch of a feed that has not come to the notice's time looks into nothing."""
    notices = FaultWatch()
    notices.notice([fault(100)])
    assert notices._due(at(101)) == []
    assert [t for t, _ in notices._due(at(102) + SECOND_US)] == [at(102)]


def test_the_alert_says_which_notice_of_which_asset_she_fits() -> None:
    """Id, asset, time and how well: all that whoever is woken by it must know of the fault."""
    named = [a for a in alerts(watched([fault(CROSSED_MIN + 1, name="n-7")])) if a.faults]
    (told,) = named[0].as_json()["faults"]
    assert (told["fault_id"], told["asset_id"], told["name"]) == ("n-7", "cable", ASSETS[0].name)
    assert (told["at"], told["within_s"], told["says"]) == ("2025-01-01T02:19:36Z", 60.0, "likely")
    assert 0.5 < told["probability"] <= 1.0
    assert not [a for a in alerts(watched([])) if a.faults]


def test_a_notice_withdrawn_later_named_her_until_then() -> None:
    """From its own data time on the alert is retracted and says why; before, it stood."""
    found = alerts(watched([fault(CROSSED_MIN + 1), Withdrawal("f", at(CROSSED_MIN + 20))]))
    named = [a for a in found if a.faults]
    assert named[0].faults[0]["says"] == "likely"
    gone = next(a for a in named if a.faults[0]["says"] == "withdrawn")
    assert gone.revised_at_us == at(CROSSED_MIN + 20)
    assert gone.faults[0]["probability"] is None
    assert all(a.faults[0]["says"] == "withdrawn" for a in named[named.index(gone) :])


def test_a_match_alone_is_retracted_with_its_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else was odd about her: the alert is taken back, because the notice was."""
    found = [suspect(str(PASSER), LIKELY, 0.9)]

    def inquire(faults: Sequence[Fault], *_: object) -> Findings:
        return Findings(tuple(faults), 0, tuple(found), (), 0.1)

    monkeypatch.setattr(fault_watch, "inquire", inquire)
    last = alerts(watched([fault(139, noticed=140), Withdrawal("f", at(160))]), PASSER)[-1]
    assert (last.status, last.retracted_because, last.ended_us) == ("retracted", "fault_withdrawn", at(160))


def test_a_notice_withdrawn_from_the_first_names_nobody() -> None:
    """Whichever of the two is read first."""
    notices: list[Notice] = [fault(CROSSED_MIN + 1), Withdrawal("f")]
    for order in (notices, notices[::-1]):
        assert not [a for a in alerts(watched(order)) if a.faults]
    (told,) = run(notices)
    assert (told["state"], told["named"]) == ("withdrawn", [])


def test_a_notice_that_is_replaced_counts_once() -> None:
    """Corrected to another time at 20 min: the first is taken back then, the second looked into."""
    better = replace(fault(60, name="g", noticed=CROSSED_MIN + 20), replaces="f")
    told = {n["id"]: n for n in run([fault(CROSSED_MIN + 1), better])}
    assert (told["f"]["state"], told["f"]["replaced_by"]) == ("replaced", "g")
    assert told["g"]["state"] == "nobody_fits"
    events = [e for o in watched([fault(CROSSED_MIN + 1), better]) for e in o.events if e.fault]
    assert [(e.reasons[0].code, e.ended_us is None) for e in events][-1] == ("fault_withdrawn", False)
    assert events[-1].known_at_us == at(CROSSED_MIN + 20)


@pytest.mark.parametrize("every", [29, 150])
def test_the_cut_of_the_stream_changes_nothing_about_withdrawals(every: int) -> None:
    """In pieces or whole: who is named, and taken back at the data time of the withdrawal, is the same."""
    notices = [
        fault(CROSSED_MIN + 1),
        Withdrawal("f", at(CROSSED_MIN + 5)),
        replace(fault(CROSSED_MIN, name="g", noticed=CROSSED_MIN + 8), replaces="f"),
        Withdrawal("g", at(CROSSED_MIN + 30)),
    ]
    whole = [repr(a) for a in alerts(watched(notices))]
    assert [repr(a) for a in alerts(watched(notices, every))] == whole
    assert sum("'withdrawn'" in text for text in whole) > 1


def test_a_withdrawal_that_comes_in_while_the_watch_runs_holds_from_the_next_piece() -> None:
    """The watch is at 150 min when it is told that the notice never held: from then on, not before."""
    one, early = Watch(ASSETS), SCENE["time_us"].cast(pa.int64()).to_numpy() <= at(150)
    one.notices.notice([fault(CROSSED_MIN + 1)])
    before = alerts([one.take(Decoded(reports=SCENE.filter(pa.array(early))))])
    assert [a.faults[0]["says"] for a in before if a.faults][-1] == "likely"
    one.notices.notice([Withdrawal("f")])
    after = alerts([one.take(Decoded(reports=SCENE.filter(pa.array(~early))))])
    assert {a.faults[0]["says"] for a in after if a.faults} == {"withdrawn"}
    assert next(a for a in after if a.faults).revised_at_us > at(140)


def test_who_was_silent_then_is_not_said_to_have_crossed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a silence no time of crossing is known: the reason is the silence."""
    dark = replace(suspect(str(PASSER), LIKELY, 0.9), dark=True, crossed_within_s=1200.0)
    (first, *_) = [e for o in looked(monkeypatch, [dark], [dark]) for e in o.events if e.fault]
    codes = {r.code for r in first.reasons}
    assert "silent_at_fault" in codes
    assert "fault_time_offset" not in codes
