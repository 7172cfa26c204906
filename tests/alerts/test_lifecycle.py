"""Alerts: revisions are numbered, first times never change, nothing is said twice, each step is recorded."""

from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import product

import pytest

from seavigil.alerts import AlertBook, Area, BookParams, Refused
from seavigil.alerts.transitions import STATUSES, TRANSITIONS
from seavigil.records import MINUTE_US
from tests.alerts.drafts import DRAFT, command, draft, said
from tests.test_docs import rows

#: A service: candidates below advisory, a quarter of an hour to answer what is urgent, a week for all.
SERVICE = BookParams("advisory", "urgent", 900.0, 7 * 86_400.0)


def test_an_alert_opens_grows_closes_and_opens_again() -> None:
    """Status follows the table; each change is one revision."""
    book = AlertBook()
    drafts = [
        DRAFT,
        replace(DRAFT, priority="warning", revised_at_us=20),
        replace(DRAFT, priority="warning", ended_us=25, revised_at_us=30),
        replace(DRAFT, priority="urgent", revised_at_us=40),
    ]
    said = [(a.revision, a.status) for d in drafts for a in book.advance([d], d.revised_at_us)]
    assert said == [(1, "open"), (2, "open"), (3, "closed"), (4, "open")]


def test_an_alert_explained_later_is_retracted_and_opens_with_new_evidence() -> None:
    """Retracted it stays while all is explained, open or ended; what nothing explains opens or closes it."""
    book = AlertBook()
    explained = replace(DRAFT, retracted_because="gnss_degraded")
    drafts = [
        DRAFT,
        replace(explained, revised_at_us=20),
        replace(explained, ended_us=25, revised_at_us=30),
        replace(DRAFT, event_ids=("e", "f"), revised_at_us=40),
        replace(explained, event_ids=("e", "f"), revised_at_us=50),
        replace(DRAFT, event_ids=("e", "f", "g"), ended_us=55, revised_at_us=60),
    ]
    said = [(a.status, a.retracted_because) for d in drafts for a in book.advance([d], d.revised_at_us)]
    assert [status for status, _ in said] == ["open", "retracted", "retracted", "open", "retracted", "closed"]
    assert all((because is not None) == (status == "retracted") for status, because in said)


def test_an_area_has_its_bounds_and_no_ship() -> None:
    """An alert about an area says so in its line; a rate is rounded to three figures."""
    area = Area("area:1", 58.5, 19.5, 59.5, 20.5)
    line = replace(DRAFT, vessel=None, area=area, expected_per_1000_ship_days=12.3456).as_json()
    assert line["vessel"] is None
    assert line["area"] == {
        "area_id": "area:1",
        "south_deg": 58.5,
        "west_deg": 19.5,
        "north_deg": 59.5,
        "east_deg": 20.5,
    }
    assert line["expected_per_1000_ship_days"] == 12.3


def test_detected_at_and_first_seen_never_change() -> None:
    """What first stood when is fixed with the first revision."""
    book = AlertBook()
    later = replace(
        DRAFT, detected_at_us=50, revised_at_us=50, behaviour_first_seen_us={"drifting": 50, "crossing": 50}
    )
    book.advance([DRAFT], 10)
    [alert] = book.advance([later], 50)
    assert alert.detected_at_us == 10
    assert alert.behaviour_first_seen_us == {"drifting": 10, "crossing": 50}


def test_a_draft_that_changes_nothing_is_not_said_again() -> None:
    """The same content at a later time is no revision."""
    book = AlertBook()
    assert len(book.advance([DRAFT, replace(DRAFT, revised_at_us=20, detected_at_us=20)], 20)) == 1


def test_two_ships_have_two_alerts() -> None:
    """Alerts are told apart by their id alone."""
    said = AlertBook().advance([DRAFT, replace(DRAFT, alert_id="b")], 10)
    assert [(a.alert_id, a.revision) for a in said] == [("a", 1), ("b", 1)]


def test_the_line_has_times_in_rfc_3339_and_fixed_keys() -> None:
    """Other tools rely on the keys and their order."""
    line = AlertBook().advance([DRAFT], 10)[0].as_json()
    assert line["detected_at"] == "1970-01-01T00:00:00Z"
    assert list(line)[:5] == ["alert_id", "revision", "status", "priority", "behaviours"]
    assert line["position"] == {"lat_deg": 59.0, "lon_deg": 20.0}
    assert "exercise" not in line
    assert replace(DRAFT, exercise=True).as_json()["exercise"] is True


def test_statuses_in_the_table_are_those_there_are() -> None:
    """No entry of the table leads out of it, and every status can be reached."""
    assert {status for status, _ in TRANSITIONS} | set(TRANSITIONS.values()) == set(STATUSES)
    assert set(TRANSITIONS.values()) == set(STATUSES)


def test_every_step_is_explained() -> None:
    """The page on alerts has each step that can be recorded, and no other."""
    told = {what for _, what in TRANSITIONS} - {"settled"}  # that nothing changes is not recorded
    assert rows("Steps") == told | {"found", "note", "silenced", "silence_ended", "judged_again"}


# Below the bar


def test_a_case_below_the_bar_is_a_candidate_until_it_comes_up_to_it() -> None:
    """It is kept with its revisions; nobody is called for it before it opens."""
    book = AlertBook(SERVICE)
    steps = said(book, draft(1), draft(2, behaviours=("drifting", "crossing")), draft(3, priority="advisory"))
    assert steps == [(1, "found", "candidate"), (3, "opened", "open")]


def test_a_candidate_that_ends_is_closed_and_stirs_as_a_candidate() -> None:
    """It ends and begins again below the bar without having been open."""
    steps = said(
        AlertBook(SERVICE), draft(1), draft(2, ended=True), draft(3), draft(4, retracted_because="x")
    )
    assert [what for _, what, _ in steps] == ["found", "ended", "stirred", "explained"]
    assert [after for *_, after in steps] == ["candidate", "closed", "candidate", "retracted"]


def test_without_a_bar_everything_opens() -> None:
    """As on a recording: the least pressing case is open at once."""
    assert said(AlertBook(), draft(1)) == [(1, "opened", "open")]


def test_what_was_open_is_no_candidate_again() -> None:
    """Its priority may fall, as that of a feed does; people know of it all the same."""
    steps = said(AlertBook(SERVICE), draft(1, priority="warning"), draft(2, ended=True), draft(3))
    assert [after for *_, after in steps] == ["open", "closed", "open"]


def test_what_is_over_when_it_is_first_told_was_opened_all_the_same() -> None:
    """A crossing ends as it is found: one revision, closed, and two steps, for somebody must be told."""
    book = AlertBook(SERVICE)
    [alert] = book.advance([draft(1, priority="warning", ended=True)], MINUTE_US)
    assert (alert.revision, alert.status) == (1, "closed")
    steps = [(t.what, t.before, t.after, t.revision, t.who) for t in book.transitions()]
    assert steps == [("opened", None, "open", 1, "seavigil"), ("ended", "open", "closed", 1, "seavigil")]


# Answered


def test_the_same_wakes_nobody_who_has_acknowledged_it() -> None:
    """Figures change, it ends and begins again: acknowledged it stays."""
    steps = said(
        AlertBook(SERVICE),
        draft(1, priority="warning"),
        (2, command("acknowledge")),
        draft(3, priority="warning", strength=2.0),
        draft(4, priority="warning", ended=True),
        draft(5, priority="warning"),
    )
    assert steps[1:] == [
        (2, "acknowledge", "acknowledged"),
        (4, "ended", "closed"),
        (5, "known", "acknowledged"),
    ]


@pytest.mark.parametrize(
    ("new", "what"),
    [
        ({"priority": "urgent"}, "rose"),
        ({"behaviours": ("drifting", "gone_dark")}, "grew"),
        ({"assets": ["one", "two"]}, "grew"),
        ({"assets": ["one!"]}, "grew"),
        ({"assets": ["one"], "faults": ({"fault_id": "f"},)}, "grew"),
    ],
)
@pytest.mark.parametrize("answer", ["acknowledge", "close", "retract"])
def test_what_is_new_opens_what_was_answered(answer: str, new: dict[str, object], what: str) -> None:
    """Whoever answered it knew less: of more she is told again."""
    first = {"priority": "warning", "assets": ["one"]}
    steps = said(AlertBook(SERVICE), draft(1, **first), (2, command(answer)), draft(3, **{**first, **new}))
    assert steps[-1] == (3, what, "open")


@pytest.mark.parametrize("answer", ["close", "retract"])
def test_what_a_person_closed_or_took_back_stays_so_while_the_same_goes_on(answer: str) -> None:
    """Even when it ends and begins again, or when later data explain what was closed."""
    warned = {"priority": "warning"}
    book = AlertBook(SERVICE)
    more = (draft(3, **warned, strength=2.0), draft(4, **warned, ended=True), draft(5, **warned))
    steps = said(book, draft(1, **warned), (2, command(answer)), *more)
    assert [what for _, what, _ in steps] == ["opened", answer]
    late = said(book, draft(6, **warned, retracted_because="heard_late"), draft(7, **warned))
    assert late == []


def test_an_asset_that_comes_and_goes_ahead_of_her_is_new_once() -> None:
    """What lies ahead within the hour changes with every turn of hers."""
    drafts = [draft(i, priority="warning", assets=["one"] if i % 2 else []) for i in range(1, 9)]
    assert said(AlertBook(SERVICE), *drafts, draft(10, priority="warning", assets=["one!"])) == [
        (1, "opened", "open"),
        (10, "grew", "open"),
    ]


def test_who_did_what_and_why_is_recorded() -> None:
    """A step has its revision, the status before and after, and the words of who took it."""
    book = AlertBook(SERVICE)
    said(book, draft(1, priority="warning"))
    book.obey(command("close", outcome="confirmed", why="seen by the cutter", who="Ada"), 2 * MINUTE_US)
    [step] = book.transitions()
    assert (step.before, step.after, step.who) == ("open", "closed", "Ada")
    assert (step.revision, step.data_us, step.why) == (2, 2 * MINUTE_US, "confirmed: seen by the cutter")


def test_a_closed_alert_tells_how_it_turned_out_until_it_is_taken_up_again() -> None:
    """The outcome stands in the line, may be corrected, and goes with the close."""
    book = AlertBook(SERVICE)
    book.advance([draft(1, priority="warning")], MINUTE_US)
    orders = [command("close"), command("close", outcome="confirmed"), command("reopen")]
    lines = [book.obey(order, 2 * MINUTE_US)[0].as_json() for order in orders]
    assert [line.get("outcome") for line in lines] == ["harmless", "confirmed", None]
    assert [line["status"] for line in lines] == ["closed", "closed", "open"]


def test_a_person_may_take_up_again_what_ended_or_was_explained() -> None:
    """It stays open although nothing more comes of it than a figure."""
    warned = {"priority": "warning"}
    book = AlertBook(SERVICE)
    said(book, draft(1, **warned), draft(2, **warned, ended=True), (3, command("reopen")))
    [alert] = book.advance([draft(4, **warned, ended=2, strength=2.0)], 4 * MINUTE_US)
    assert alert.status == "open"
    explained = {**warned, "retracted_because": "gnss_degraded"}
    said(book, draft(5, **explained), (6, command("reopen")))
    [alert] = book.advance([draft(7, **explained, strength=3.0)], 7 * MINUTE_US)
    assert (alert.status, alert.retracted_because) == ("open", None)


def test_a_note_is_kept_without_a_revision() -> None:
    """It says something about an alert and changes nothing of it."""
    book = AlertBook(SERVICE)
    said(book, draft(1, priority="warning"))
    assert book.obey(command("note", why="called on channel 16, no answer"), 2 * MINUTE_US) == []
    [step] = book.transitions()
    assert (step.what, step.before, step.after, step.why) == (
        "note",
        "open",
        "open",
        "called on channel 16, no answer",
    )


def _stands(status: str) -> AlertBook:
    """Give a book in which alert ``a`` has a status, closed by its end."""
    book = AlertBook(SERVICE)
    said(book, draft(1, priority="info" if status == "candidate" else "warning"))
    if status == "closed":
        said(book, draft(2, priority="warning", ended=True))
    elif status in {"acknowledged", "escalated", "retracted"}:
        kinds = {"acknowledged": "acknowledge", "escalated": "escalate", "retracted": "retract"}
        said(book, (2, command(kinds[status])))
    return book


@pytest.mark.parametrize(
    ("status", "kind"), list(product(STATUSES, ["acknowledge", "escalate", "close", "retract", "reopen"]))
)
def test_a_person_can_do_what_the_table_lists_and_nothing_else(status: str, kind: str) -> None:
    """What is not listed is refused in words that name the status, and changes nothing."""
    book = _stands(status)
    if (status, kind) in TRANSITIONS:
        revisions = book.obey(command(kind), 3 * MINUTE_US)
        assert [a.status for a in revisions] == (
            [TRANSITIONS[status, kind]] if kind != "acknowledge" or status != "closed" else []
        )
    else:
        before = pickle.dumps(book)
        with pytest.raises(Refused, match=f"{kind}: .*{status}"):
            book.obey(command(kind), 3 * MINUTE_US)
        assert pickle.loads(before)._alerts == book._alerts


def test_what_somebody_has_is_not_acknowledged_twice() -> None:
    """The second is told who has it, whether it still goes on or has ended."""
    book = _stands("acknowledged")
    with pytest.raises(Refused, match="Ada has acknowledged it already"):
        book.obey(command("acknowledge", who="Bo"), 3 * MINUTE_US)
    said(book, draft(4, priority="warning", ended=True))
    with pytest.raises(Refused, match="Ada has acknowledged it already"):
        book.obey(command("acknowledge", who="Bo"), 5 * MINUTE_US)


def test_an_unknown_alert_is_refused() -> None:
    """In words that name it."""
    with pytest.raises(Refused, match="alert zz can be answered no more"):
        AlertBook(SERVICE).obey(command("acknowledge", "zz"), MINUTE_US)


# Time


def test_what_is_urgent_and_not_answered_escalates_at_its_own_time() -> None:
    """A quarter of an hour after it opened, to the microsecond, whenever the book is asked."""
    book = AlertBook(SERVICE)
    assert len(book.advance([draft(1, priority="urgent")], 15 * MINUTE_US)) == 1
    revisions = book.advance([], 60 * MINUTE_US)
    assert [(a.revision, a.status, a.revised_at_us) for a in revisions] == [(2, "escalated", 16 * MINUTE_US)]
    assert said(book)[-1] == (16, "unanswered", "escalated")


@pytest.mark.parametrize("kind", ["acknowledge", "close", "retract", "escalate"])
def test_what_is_answered_in_time_does_not_escalate(kind: str) -> None:
    """Whatever the answer is."""
    steps = said(AlertBook(SERVICE), draft(1, priority="urgent"), (15.9, command(kind)), 600)
    assert [what for _, what, _ in steps] == ["opened", kind]


def test_less_than_urgent_does_not_escalate() -> None:
    """Only from the priority set on."""
    assert [w for _, w, _ in said(AlertBook(SERVICE), draft(1, priority="warning"), 600)] == ["opened"]


def test_what_is_over_but_never_answered_escalates_too() -> None:
    """Two cables were crossed and the ship sails on: somebody must know."""
    steps = said(
        AlertBook(SERVICE), draft(1, priority="urgent"), draft(2, priority="urgent", ended=True), 600
    )
    assert steps == [(1, "opened", "open"), (2, "ended", "closed"), (16, "unanswered", "escalated")]


def test_acknowledged_after_its_end_it_does_not_escalate() -> None:
    """An answer counts although it changes no status."""
    book = AlertBook(SERVICE)
    over = (draft(1, priority="urgent", ended=True), (5, command("acknowledge")), 600)
    assert [what for _, what, _ in said(book, *over)] == ["opened", "ended", "acknowledge"]


def test_the_time_to_answer_begins_with_what_is_new() -> None:
    """It rises to urgent, is acknowledged, grows: a quarter of an hour from the last."""
    steps = said(
        AlertBook(SERVICE),
        draft(1, priority="warning"),
        draft(10, priority="urgent"),
        (20, command("acknowledge")),
        draft(30, priority="urgent", assets=["one!"]),
        100,
    )
    assert steps[-2:] == [(30, "grew", "open"), (45, "unanswered", "escalated")]


def test_what_later_data_explain_does_not_escalate() -> None:
    """There is nothing to answer any more."""
    explained = draft(2, priority="urgent", retracted_because="gnss_degraded")
    assert said(AlertBook(SERVICE), draft(1, priority="urgent"), explained, 600)[-1][1] == "explained"


def test_an_escalated_alert_stays_so_until_a_person_has_it() -> None:
    """It grows and ends; whoever it was passed on to is told of both, and closes it."""
    steps = said(
        AlertBook(SERVICE),
        draft(1, priority="warning"),
        (2, command("escalate")),
        draft(3, priority="warning", assets=["one!"]),
        draft(4, priority="warning", assets=["one!"], ended=True),
        (5, command("close", outcome="confirmed")),
    )
    assert [(w, after) for _, w, after in steps[2:]] == [
        ("grew", "escalated"),
        ("ended", "escalated"),
        ("close", "closed"),
    ]


def test_what_ended_long_ago_expires_and_can_be_answered_no_longer() -> None:
    """A week after its last change it is closed, and said to be over."""
    book = AlertBook(SERVICE)
    said(book, draft(0, priority="urgent", ended=True))
    week_min = 7 * 24 * 60
    assert said(book, week_min + 14.9) == [(15, "unanswered", "escalated")]
    assert said(book, week_min + 15.1) == [(week_min + 15, "expired", "closed")]
    with pytest.raises(Refused, match="it is over"):
        said(book, (2 * week_min + 16, command("note")))
    assert said(book, 9 * week_min) == []


def test_a_book_lets_go_of_what_can_neither_change_nor_be_answered() -> None:
    """Of a candidate that ended at once, of what was open after a week: memory stays bounded."""
    book = AlertBook(SERVICE)
    drafts = [
        draft(1, alert_id="candidate", ended=True),
        draft(1, alert_id="told", priority="warning", ended=True),
        draft(1, alert_id="going", priority="warning"),
    ]
    book.advance(drafts, MINUTE_US)
    book.keep({"going"})
    assert [book.knows(a) for a in ("candidate", "told", "going")] == [False, True, True]
    said(book, 7 * 24 * 60 + 2)
    assert [book.knows(a) for a in ("candidate", "told", "going")] == [False, False, True]


def test_on_a_recording_what_is_over_is_let_go_of_at_once() -> None:
    """Nobody answers there: a book by itself keeps only what may still change."""
    book = AlertBook()
    book.advance([draft(1, ended=True), draft(1, alert_id="b")], MINUTE_US)
    book.keep({"b"})
    assert (book.knows("a"), book.knows("b"), book.knows(None)) == (False, True, False)


@pytest.mark.parametrize(
    "wrong",
    [{"open_from": "high"}, {"escalate_from": "x"}, {"escalate_after_s": 0.0}, {"escalate_after_s": 60.0}],
)
def test_parameters_that_do_not_fit_are_refused(wrong: dict[str, object]) -> None:
    """A time to answer that is longer than it can be answered would call nobody."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        BookParams(**wrong)
