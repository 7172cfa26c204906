"""The book by itself: drafts and commands cut anywhere, put away and taken out, give what the whole gives."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.alerts import Alert, AlertBook, BookParams, Command, Refused
from seavigil.alerts.alert import PRIORITIES
from seavigil.alerts.notify import worth_telling
from seavigil.alerts.transitions import CANDIDATE, RETRACTED, STATUSES
from seavigil.records import MINUTE_US
from tests.alerts.drafts import command, draft

BOOKS = (
    BookParams(),
    BookParams("advisory", "urgent", 900.0, 5400.0),
    BookParams("warning", "advisory", 300.0, 3600.0),
    BookParams("urgent", "info", None, 1800.0),
)
ALERTS = ("a", "b", "c")


@dataclass(frozen=True)
class At:
    """Something that happens at a minute: a draft or a command."""

    minute: float
    what: Alert | Command

    @property
    def time_us(self) -> int:
        """Data time of it."""
        return round(self.minute * MINUTE_US)


drafted = st.fixed_dictionaries(
    {
        "alert_id": st.sampled_from(ALERTS),
        "priority": st.sampled_from(PRIORITIES),
        "behaviours": st.sampled_from([("drifting",), ("drifting", "crossing"), ("gone_dark",)]),
        "assets": st.sampled_from([(), ("one",), ("one!",), ("one", "two!")]),
        "ended": st.booleans(),
        "retracted_because": st.sampled_from([None, None, None, "gnss_degraded"]),
        "strength": st.sampled_from([0.0, 1.0]),
    }
)
asked = st.one_of(
    st.tuples(
        st.sampled_from(["acknowledge", "escalate", "close", "retract", "reopen", "note"]),
        st.sampled_from([*ALERTS, "zz"]),
        st.just({}),
    ),
    st.tuples(
        st.just("silence"),
        st.none(),
        st.fixed_dictionaries(
            {
                "for_s": st.sampled_from([60, 600, 7200]),
                "alerts": st.lists(st.sampled_from(ALERTS), min_size=1, max_size=2),
                "at_most_priority": st.sampled_from(PRIORITIES),
            }
        ),
    ),
    st.tuples(st.just("unsilence"), st.none(), st.fixed_dictionaries({"silence_id": st.just("c1")})),
)
#: Minutes since the one before, and what comes: more drafts than commands, many at one time.
happenings = st.lists(
    st.tuples(st.sampled_from([0, 0, 1, 2, 5, 10, 30, 300]), st.one_of(drafted, drafted, asked)), max_size=25
)


def in_time(chosen: list[tuple[int, Any]]) -> list[At]:
    """Give what hypothesis chose as drafts and commands at their times; commands are numbered."""
    found, minute = [], 1
    for number, (wait, what) in enumerate(chosen):
        minute += wait
        if isinstance(what, dict):
            found.append(At(minute, draft(minute, **what)))
        else:
            kind, alert_id, arguments = what
            found.append(At(minute, command(kind, alert_id, command_id=f"c{number}", **arguments)))
    return found


def play(
    story: list[At], params: BookParams, cuts: frozenset[int] = frozenset(), every_min: float | None = None
) -> list[str]:
    """Play a story; gives revisions, transitions and refusals as text, in order.

    Without ``cuts`` all drafts between two commands come at once. At a cut (the number of a happening) the
    book is asked for what there is, told what can still change, and put away and taken out again.
    ``every_min``: asked as often as that besides, though nothing came.
    """
    book, told = AlertBook(params), list[str]()
    waiting: list[Alert] = []
    for number, one in enumerate(story):
        if number and every_min is not None:
            later = story[number - 1].minute + every_min
            while later < one.minute:
                told += _asked(book, waiting, round(later * MINUTE_US))
                waiting, later = [], later + every_min
        if isinstance(one.what, Alert):
            waiting.append(one.what)
        else:
            told += _asked(book, waiting, one.time_us)
            waiting = []
            told += _obeyed(book, one.what, one.time_us)
        if number in cuts:
            told += _asked(book, waiting, one.time_us)
            waiting = []
            book.keep(_can_change(book, story[number + 1 :]))
            book = pickle.loads(pickle.dumps(book))
    return told + _asked(book, waiting, (story[-1].time_us if story else 0) + 500 * MINUTE_US)


def _asked(book: AlertBook, drafts: list[Alert], as_of_us: int) -> list[str]:
    revisions = book.advance(drafts, as_of_us)
    return [repr(a) for a in revisions] + [repr(t) for t in book.transitions()]


def _obeyed(book: AlertBook, given_: Command, at_us: int) -> list[str]:
    try:
        revisions = book.obey(given_, at_us)
    except Refused as why:
        return [f"{given_.command_id} refused: {why}"]
    return [repr(a) for a in revisions] + [repr(t) for t in book.transitions()]


def _can_change(book: AlertBook, rest: list[At]) -> set[str]:
    """Give the alerts that go on, and those of which drafts will come: a case that lives on."""
    coming = {one.what.alert_id for one in rest if isinstance(one.what, Alert)}
    return coming | {name for name, s in book._alerts.items() if s.newest.ended_us is None}


def alike(told: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Give revisions, transitions and refusals, each in order."""
    revisions = [line for line in told if line.startswith("Alert(")]
    steps = [line for line in told if line.startswith("Transition(")]
    return revisions, steps, [line for line in told if " refused: " in line]


@settings(max_examples=300)
@given(happenings, st.sampled_from(BOOKS), st.sets(st.integers(0, 24)), st.sampled_from([None, 1.0, 7.3]))
def test_a_book_cut_anywhere_is_the_whole(
    chosen: list[tuple[int, Any]], params: BookParams, cuts: set[int], every_min: float | None
) -> None:
    """Revisions, transitions and refusals, every field and their order."""
    story = in_time(chosen)
    assert alike(play(story, params, frozenset(cuts), every_min)) == alike(play(story, params))


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from([0, 1, 5]), drafted), max_size=25))
def test_where_nobody_answers_the_data_alone_say_the_status(chosen: list[tuple[int, Any]]) -> None:
    """As on a recording: retracted while all is explained, else closed when all has ended, else open."""
    book = AlertBook()
    for one in in_time(chosen):
        assert isinstance(one.what, Alert)
        for alert in book.advance([one.what], one.time_us):
            over = "closed" if alert.ended_us is not None else "open"
            assert alert.status == ("retracted" if alert.retracted_because else over)
            assert alert.silenced_by is None
            assert alert.outcome is None


@settings(max_examples=200)
@given(happenings, st.sampled_from(BOOKS))
def test_revisions_and_steps_hang_together(chosen: list[tuple[int, Any]], params: BookParams) -> None:
    """Numbers go up by one, times never go back, each step begins where the one before ended."""
    book = AlertBook(params)
    newest: dict[str, Alert] = {}
    status: dict[str | None, str | None] = {}
    last_us = 0
    for one in in_time(chosen):
        try:
            if isinstance(one.what, Alert):
                revisions = book.advance([one.what], one.time_us)
            else:
                revisions = book.obey(one.what, one.time_us)
        except Refused:
            continue
        transitions = book.transitions()
        for alert in revisions:
            before = newest.get(alert.alert_id)
            assert alert.revision == (before.revision + 1 if before else 1)
            assert alert.status in STATUSES
            assert (alert.retracted_because is None) == (alert.status != RETRACTED)
            assert before is None or replace(alert, revision=0, revised_at_us=0) != replace(
                before, revision=0, revised_at_us=0
            )
            newest[alert.alert_id] = alert
        for step in transitions:
            assert step.data_us >= last_us
            last_us = step.data_us
            if step.alert_id is not None:
                assert step.before == status.get(step.alert_id)
                assert newest[step.alert_id].revision >= step.revision
                status[step.alert_id] = step.after
        assert all(status[name] == alert.status for name, alert in newest.items())
        told = worth_telling(transitions, revisions, open_from=params.open_from)
        assert all(n.alert.silenced_by is None and n.alert.status != CANDIDATE for n in told)
