"""Silences: for some time of the data nobody is told of what is expected; it is judged and kept as ever."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from seavigil.alerts import AlertBook, Feed, Refused, Silence
from seavigil.alerts.silences import silence_of
from seavigil.events import Bounds
from seavigil.records import DAY_US, MINUTE_US, rfc3339
from tests.alerts.drafts import DRAFT, command, draft, said
from tests.alerts.test_lifecycle import SERVICE

#: The ship of the drafts, for an hour.
HER = {"mmsi": [299_100_001], "for_s": 3600}
WARNED = {"priority": "warning"}


def silence(**told: object) -> Silence:
    """Give a silence from the epoch for a day."""
    return Silence("s", 0, DAY_US, "Ada", "works", **told)


def test_a_silenced_alert_is_marked_judged_and_kept() -> None:
    """It opens, rises and closes with its revisions; each line names the silence."""
    book = AlertBook(SERVICE)
    book.obey(command("silence", None, **HER), 0)
    drafts = [draft(1, priority="advisory"), draft(2, **WARNED), draft(3, **WARNED, ended=True)]
    lines = [a.as_json() for d in drafts for a in book.advance([d], d.revised_at_us)]
    assert [(line["status"], line["silenced_by"]) for line in lines] == [
        ("open", "c-silence"),
        ("open", "c-silence"),
        ("closed", "c-silence"),
    ]
    assert "silenced_by" not in DRAFT.as_json()


def test_an_alert_that_stands_when_its_silence_ends_is_told_then() -> None:
    """At the very end of it by data time, as a step of its own."""
    book = AlertBook(SERVICE)
    book.obey(command("silence", None, **HER), 0)
    said(book, draft(1, **WARNED))
    [alert] = book.advance([], 90 * MINUTE_US)
    assert (alert.revised_at_us, alert.status, alert.silenced_by) == (60 * MINUTE_US, "open", None)
    assert [(t.what, t.alert_id) for t in book.transitions()] == [
        ("silence_ended", "a"),
        ("silence_ended", None),
    ]


def test_an_alert_that_is_over_when_its_silence_ends_says_nothing_more() -> None:
    """What was expected happened and is over."""
    book = AlertBook(SERVICE)
    book.obey(command("silence", None, **HER), 0)
    steps = said(book, draft(1, **WARNED), draft(2, **WARNED, ended=True), 90)
    assert [s for s in steps if s[2]][-1] == (2, "ended", "closed")


def test_a_silence_covers_what_stands_already() -> None:
    """From its beginning on, which may lie ahead."""
    book = AlertBook(SERVICE)
    said(book, draft(1, **WARNED))
    later = {**HER, "from": rfc3339(10 * MINUTE_US), "why": "survey"}
    assert book.obey(command("silence", None, **later), 2 * MINUTE_US) == []
    [alert] = book.advance([], 20 * MINUTE_US)
    assert (alert.revised_at_us, alert.silenced_by) == (10 * MINUTE_US, "c-silence")
    step = next(t for t in book.transitions() if t.what == "silenced")
    assert (step.who, step.why) == ("Ada", "silence c-silence: survey")


def test_what_becomes_urgent_breaks_its_silence() -> None:
    """Unless the silence says urgent, an alert that rises to it is told."""
    book = AlertBook(SERVICE)
    book.obey(command("silence", None, **HER), 0)
    book.obey(command("silence", None, **HER, at_most_priority="urgent", alerts=["b"], command_id="all"), 0)
    said(book, draft(1, **WARNED), draft(1, **WARNED, alert_id="b"))
    urgent = [draft(2, priority="urgent"), draft(2, priority="urgent", alert_id="b")]
    assert [a.silenced_by for a in book.advance(urgent, 2 * MINUTE_US)] == [None, "all"]
    assert [(t.alert_id, t.what) for t in book.transitions()] == [
        ("a", "rose"),
        ("a", "silence_ended"),
        ("b", "rose"),
    ]


def test_nobody_can_answer_what_nobody_was_told() -> None:
    """While it is silenced it does not escalate; the time to answer begins with the end of the silence."""
    book = AlertBook(SERVICE)
    book.obey(command("silence", None, **HER, at_most_priority="urgent"), 0)
    steps = said(book, draft(1, priority="urgent"), 600)
    assert [s for s in steps if s[2]][-1] == (75, "unanswered", "escalated")


def test_what_a_person_escalates_is_told_in_spite_of_a_silence() -> None:
    """And stays so whatever comes."""
    book = AlertBook(SERVICE)
    book.obey(command("silence", None, **HER), 0)
    said(book, draft(1, **WARNED))
    [alert] = book.obey(command("escalate"), 2 * MINUTE_US)
    assert (alert.status, alert.silenced_by) == ("escalated", None)
    [alert] = book.advance([draft(3, **WARNED, assets=["one!"])], 3 * MINUTE_US)
    assert (alert.status, alert.silenced_by) == ("escalated", None)


def test_a_silence_is_ended_before_its_time() -> None:
    """By a command; a second one is refused, and its own end comes to nothing."""
    book = AlertBook(SERVICE)
    book.obey(command("silence", None, **HER), 0)
    said(book, draft(1, **WARNED))
    [alert] = book.obey(command("unsilence", None, silence_id="c-silence"), 2 * MINUTE_US)
    assert alert.silenced_by is None
    assert book.silences() == ()
    with pytest.raises(Refused, match="no silence c-silence holds"):
        book.obey(command("unsilence", None, silence_id="c-silence"), 3 * MINUTE_US)
    assert [what for _, what, _ in said(book, 90)] == ["unsilence", "silence_ended"]


def test_where_two_silences_hold_the_end_of_one_tells_nothing() -> None:
    """The other one holds on."""
    book = AlertBook(SERVICE)
    book.obey(command("silence", None, **HER), 0)
    said(book, draft(1, **WARNED))
    book.obey(command("silence", None, **{**HER, "for_s": 7200}, command_id="longer"), 2 * MINUTE_US)
    [alert] = book.advance([], 70 * MINUTE_US)
    assert (alert.revised_at_us, alert.silenced_by) == (60 * MINUTE_US, "longer")
    assert [s.silence_id for s in book.silences()] == ["longer"]


def test_a_book_tells_which_commands_are_about_what_it_holds() -> None:
    """Of two books, one of ships and one of feeds, a command goes to the one that it concerns."""
    book = AlertBook(SERVICE)
    said(book, draft(1, **WARNED))
    book.obey(command("silence", None, **HER), 2 * MINUTE_US)
    about = [
        command("note"),
        command("note", "b"),
        command("unsilence", None, silence_id="c-silence"),
        command("unsilence", None, silence_id="other"),
        command("silence", None, alerts=["b", "a"], for_s=60),
        command("silence", None, alerts=[["a"], 7], for_s=60),
    ]
    assert [book.concerns(one) for one in about] == [True, False, True, False, True, False]


@pytest.mark.parametrize(
    ("told", "alert", "covered"),
    [
        ({"behaviours": frozenset({"drifting"})}, {}, True),
        ({"behaviours": frozenset({"drifting"})}, {"behaviours": ("drifting", "crossing")}, True),
        ({"behaviours": frozenset({"drifting"})}, {"behaviours": ("drifting", "gone_dark")}, False),
        ({"behaviours": frozenset({"drifting"})}, {"behaviours": ("crossing",)}, False),
        ({"behaviours": frozenset({"crossing"})}, {"behaviours": ("crossing",)}, True),
        ({"assets": frozenset({"one"})}, {"assets": ["one!"]}, True),
        ({"assets": frozenset({"one"})}, {"assets": ["one", "two"]}, False),
        ({"assets": frozenset({"one"})}, {}, False),
        ({"mmsi": frozenset({299_100_001})}, {}, True),
        ({"mmsi": frozenset({299_100_002})}, {}, False),
        ({"mmsi": frozenset({299_100_001})}, {"vessel": None}, False),
        ({"alerts": frozenset({"a"})}, {}, True),
        ({"alerts": frozenset({"b"})}, {}, False),
        ({"feeds": frozenset({"north"})}, {"feed": Feed("north", "tcp://x", "mute")}, True),
        ({"feeds": frozenset({"north"})}, {"feed": Feed("south", "tcp://x", "mute")}, False),
        ({"feeds": frozenset({"north"})}, {}, False),
        ({"area": Bounds(58.0, 19.0, 60.0, 21.0)}, {}, True),
        ({"area": Bounds(58.0, 21.0, 60.0, 22.0)}, {}, False),
        ({"area": Bounds(58.0, 170.0, 60.0, -170.0)}, {"lon_deg": -179.0}, True),
        ({"area": Bounds(58.0, 170.0, 60.0, -170.0)}, {}, False),
        ({"area": Bounds(58.0, 19.0, 60.0, 21.0)}, {"lat_deg": None}, False),
        ({"behaviours": frozenset({"drifting"})}, {"priority": "urgent"}, False),
        ({"behaviours": frozenset({"drifting"}), "at_most_priority": "urgent"}, {"priority": "urgent"}, True),
        ({"behaviours": frozenset({"drifting"}), "mmsi": frozenset({1})}, {}, False),
    ],
)
def test_a_silence_covers_what_it_names_and_nothing_else(
    told: dict[str, object], alert: dict[str, object], covered: bool
) -> None:
    """Everything it names must hold; another asset or conduct is something else."""
    assert silence(**told).covers(draft(1, **alert)) is covered


def test_a_silence_holds_from_its_beginning_to_before_its_end() -> None:
    """By data time."""
    one = replace(silence(), from_us=10, until_us=20)
    assert [one.active(t) for t in (9, 10, 19, 20)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, "say until when, or for how long"),
        ({"for_s": 60, "until": "2025-01-02T00:00:00Z"}, "say until when, or for how long"),
        ({"for_s": 31 * 86_400}, "for 30 days at most"),
        ({"until": "2025-03-01T00:00:00Z"}, "for 30 days at most"),
        ({"until": "2024-12-31T00:00:00Z"}, "over at 2024-12-31T00:00:00Z, before it begins"),
        ({"until": "2025-01-02T00:00:00Z", "from": "2025-01-03T00:00:00Z"}, "before it begins"),
        ({"for_s": 60, "from": "9999-12-31T23:59:59Z"}, "9999-12-31T23:59:59Z is over a year ahead"),
        ({"until": "tomorrow"}, "'tomorrow' is not a time"),
        ({"for_s": -1}, "-1 is no number of seconds"),
        ({"for_s": float("nan")}, "nan is no number of seconds"),
        ({"for_s": True}, "True is no number of seconds"),
        ({"for_s": 60, "mmsi": []}, "of what?"),
        ({"for_s": 60, "mmsi": ["299100001"]}, "mmsi is no list of numbers"),
        ({"for_s": 60, "behaviours": "drifting"}, "behaviours is no list of names"),
        ({"for_s": 60, "area": [60, 20, 59, 21]}, "there is no such area"),
        ({"for_s": 60, "area": [59, 20, float("nan"), 21]}, "there is no such area"),
        ({"for_s": 60, "area": [59, 20]}, "an area is south, west, north, east"),
        ({"for_s": 60, "area": [59, 20, "x", 21]}, "an area is south, west, north, east"),
        ({"for_s": 60, "at_most_priority": "loud"}, "'loud' is no priority"),
        ({"for_s": 60, "ships": [1]}, "'ships' is not known"),
    ],
)
def test_a_silence_without_an_end_or_of_everything_is_refused(told: dict[str, object], why: str) -> None:
    """What is silenced and forgotten is not watched."""
    now_us = 1_735_689_600 * 1_000_000  # 2025-01-01T00:00:00Z
    given = {"mmsi": [299_100_001], **told}
    with pytest.raises(Refused, match=re.escape(why)):
        silence_of(command("silence", None, **given), now_us)


def test_a_silence_is_told_in_one_line() -> None:
    """With its end and who wanted it, lists in order."""
    told = {"behaviours": ["zigzag", "drifting"], "area": [58, 19, 60, 21], "for_s": 60.5}
    line = silence_of(command("silence", None, **told, why="regatta"), 0).as_json()
    assert line == {
        "silence_id": "c-silence",
        "from": "1970-01-01T00:00:00Z",
        "until": "1970-01-01T00:01:00.500Z",
        "who": "Ada",
        "why": "regatta",
        "behaviours": ["drifting", "zigzag"],
        "assets": [],
        "mmsi": [],
        "alerts": [],
        "feeds": [],
        "area": {"south_deg": 58.0, "west_deg": 19.0, "north_deg": 60.0, "east_deg": 21.0},
        "at_most_priority": "warning",
    }
