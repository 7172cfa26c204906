"""A judge that begins anew tells what is news to who was told before, and nothing of it twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seavigil.alerts import Alert, AlertBook, BookParams
from seavigil.alerts.notify import Telling
from seavigil.alerts.standing import Earlier, told_by
from seavigil.records import SECOND_US
from seavigil.runners.catching_up import CatchingUp, Stored
from seavigil.runners.feed_health import FeedHealth
from seavigil.runners.judge import Judge, Step
from seavigil.runners.keeper import Keeper
from seavigil.runners.kept import batch_of
from seavigil.runners.telling import Desk
from seavigil.store.checkpoints import Checkpoints
from seavigil.store.database import Database
from seavigil.store.days import DayFiles
from seavigil.store.rawlog import Kind
from tests.alerts.drafts import draft
from tests.replay.streaming import plan_of
from tests.runners.test_keeper import Log

NEWS = Desk({"all": Telling()})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give an empty store."""
    with Database.open(tmp_path) as database:
        yield database


def keeper(folder: Path, log: Any, database: Database, *, again: bool, **more: Any) -> Keeper:
    """Give a keeper; ``again``: one that judges anew what was judged before."""
    book = more.pop("book", BookParams())
    desk = more.pop("desk", NEWS)
    judge = Judge(plan_of(None).watch(book), None, FeedHealth(), book)
    parts = (DayFiles(folder), Checkpoints(folder / "checkpoints"), "tested", desk)
    again_to = database.position() if again else 0
    given = {"now_us": lambda: log.now_us, "again_s": 0.001, "again_to": again_to, "again_us": 1 << 60}
    return Keeper(log, judge, database, *parts, **{**given, **more})


def letters(database: Database) -> list[tuple[str, int, str]]:
    """Give what was told: alert, revision, step."""
    return [(item.alert_id, item.revision, item.what) for item in database.due(1 << 60)]


def mute() -> Log:
    """Give the log of a feed that never brings anything, for a quarter of an hour."""
    log = Log()
    log.feeds = (log.records[0],)
    for _ in range(180):
        log.now_us += 5 * SECOND_US
        log.write(Kind.TICK)
    return log


def test_a_lower_bar_tells_what_is_above_it_now(tmp_path: Path, database: Database) -> None:
    """It was a candidate, of which nobody knew."""
    log = mute()
    keeper(tmp_path, log, database, again=False, book=BookParams("urgent")).work()
    assert (len(database.alerts()), letters(database)) == (1, [])
    lower = keeper(tmp_path, log, database, again=True)
    lower._catch_up()
    (alert,) = database.alerts()
    assert letters(database) == [(alert["alert_id"], alert["revision"], "opened")]
    (letter,) = database.due(1 << 60)
    assert letter.payload["transition"]["before"] == "candidate"


def told(database: Database, *drafts: Alert) -> None:
    """Let an earlier judge have found and told something."""
    judge, step = Judge(plan_of(None).watch(BookParams()), None, FeedHealth(), BookParams()), Step(10, 20)
    step.alerts = judge.watch.book.advance(drafts, drafts[-1].revised_at_us)
    step.transitions = judge.watch.book.transitions()
    database.save(batch_of(step, (), NEWS.messages(step)))


def settled(tmp_path: Path, database: Database, *drafts: Alert, desk: Desk = NEWS) -> Keeper:
    """Let another judge find something in the same data, and settle it; the store is away at first."""
    other = keeper(tmp_path, mute(), database, again=False, desk=desk)
    other.judge.watch.book.advance(drafts, max((d.revised_at_us for d in drafts), default=0))
    found, tries = CatchingUp().settled(other.judge, Stored.of(database)), list[int]()

    def away() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError(28, "the disk is full")
        other._settle(found)

    other._insist(away)
    return other


WARNED = draft(0, priority="warning")


def test_what_is_more_pressing_now_is_told_under_the_next_number(tmp_path: Path, database: Database) -> None:
    """One number on, however often the store was away meanwhile."""
    told(database, WARNED)
    settled(tmp_path, database, replace(WARNED, priority="urgent"))
    assert letters(database) == [("a", 1, "opened"), ("a", 2, "rose")]
    assert [line["priority"] for line in database.revisions("a")] == ["warning", "urgent"]


def test_near_miss_what_is_less_pressing_now_is_stored_and_not_told(
    tmp_path: Path, database: Database
) -> None:
    """Nobody is woken by that."""
    told(database, WARNED)
    settled(tmp_path, database, replace(WARNED, priority="advisory"))
    assert letters(database) == [("a", 1, "opened")]
    assert [line["priority"] for line in database.revisions("a")] == ["warning", "advisory"]


@pytest.mark.parametrize("knows", [True, False], ids=["found as over", "not found"])
def test_what_stands_no_more_is_told_as_over_to_who_was_told_of_it(
    tmp_path: Path, database: Database, knows: bool
) -> None:
    """Nobody else; and nobody is left with an alert that stands in no store."""
    told(database, WARNED)
    desk = Desk({"new": Telling(), **NEWS.channels} if not knows else NEWS.channels)
    found = [replace(WARNED, ended_us=1)] if knows else []
    settled(tmp_path, database, *found, desk=desk)
    assert letters(database) == [("a", 1, "opened"), ("a", 2, "ended")]
    assert {item.channel for item in database.due(1 << 60)} == {"all"}
    ended = database.due(1 << 60)[1].payload
    assert (ended["status"], ended["transition"]["what"]) == ("closed", "ended")


def test_feeds_are_those_of_before_this_run(tmp_path: Path, database: Database) -> None:
    """What this run writes while the hours before are judged is no part of them."""
    log = mute()
    first = keeper(tmp_path, log, database, again=False)
    first.work()
    again = keeper(tmp_path, log, database, again=True, again_us=0)
    renamed = json.loads(log.records[0].payload) | {"name": "of this run", "feed": 2}
    log.feeds = (
        *log.feeds,
        replace(log.records[0], seq=log.seq + 1, feed=2, payload=json.dumps(renamed).encode()),
    )
    again._catch_up()
    assert [row.name for row in again.feeds] == ["coast"]


@pytest.mark.parametrize("ended", [False, True], ids=["holds", "near miss: ended by a person"])
def test_a_silence_older_than_what_is_judged_again_still_holds(
    tmp_path: Path, database: Database, ended: bool
) -> None:
    """It was for a week; a change of settings a quarter of an hour later ends no silence."""
    log = Log()
    log.feeds = (log.records[0],)

    def asked(kind: str, **arguments: Any) -> None:
        told = {"command_id": kind, "kind": kind, "alert_id": None, "who": "Ada", "why": "works"}
        database.submit({**told, "arguments": arguments})
        log.write(Kind.COMMAND, json.dumps({**told, "arguments": arguments}).encode())

    asked("silence", feeds=["coast"], for_s=604_800)
    if ended:
        asked("unsilence", silence_id="silence")
    for _ in range(180):
        log.now_us += 5 * SECOND_US
        log.write(Kind.TICK)
    keeper(tmp_path, log, database, again=False, book=BookParams("urgent")).work()
    again = keeper(tmp_path, log, database, again=True, again_us=600 * SECOND_US)
    again._catch_up()
    holding = [s.silence_id for s in again.judge.feed_alerts.silences()]
    marks = {alert.silenced_by for alert in again.judge.feed_alerts.standing()}
    told = [what for _, _, what in letters(database)]
    assert (holding, marks, "opened" in told) == (
        ([], {None}, True) if ended else (["silence"], {"silence"}, False)
    )
    assert again.judge.watch.book.silences() == ()


@pytest.mark.parametrize("kind", ["acknowledge", "close", None])
def test_an_answer_older_than_what_is_judged_again_still_stands(
    tmp_path: Path, database: Database, kind: str | None
) -> None:
    """A feed was dead and somebody said so; judged again nothing more is told of it."""
    log = mute()
    first = keeper(tmp_path, log, database, again=False)
    first.work()
    (alert,) = database.alerts()
    if kind is not None:
        told = {"command_id": kind, "kind": kind, "alert_id": alert["alert_id"], "who": "Ada", "why": "mast"}
        database.submit({**told, "arguments": {"outcome": "harmless"} if kind == "close" else {}})
        log.write(Kind.COMMAND, json.dumps(database.waiting_commands()[0]).encode())
        first.work()
    for _ in range(400):
        log.now_us += 5 * SECOND_US
        log.write(Kind.TICK)
    first.work()
    before = letters(database)
    again = keeper(tmp_path, log, database, again=True, again_us=1200 * SECOND_US)
    again._catch_up()
    standing = {a.status for a in again.judge.feed_alerts.standing()}
    more = [what for _, _, what in letters(database)[len(before) :]]
    assert (standing, more) == {
        "acknowledge": ({"acknowledged"}, []),
        "close": (set(), []),
        None: ({"open"}, []),
    }[kind]


def test_an_answer_holds_for_the_same_matter_under_another_name() -> None:
    """A ship that lay there before what is judged again is found anew: no more of her than was answered."""
    about = str(WARNED.vessel and WARNED.vessel.vessel_id)
    said = Earlier("a", "acknowledged", "acknowledged", "Ada", told_by(WARNED), "warning")
    again = replace(WARNED, alert_id="b")
    grown = replace(draft(0, priority="warning", assets=["one!"]), alert_id="b")
    for found, known, status in (
        (again, {"a"}, "acknowledged"),
        (again, {"a", "b"}, "open"),
        (grown, {"a"}, "open"),
        (replace(again, priority="urgent"), {"a"}, "open"),
    ):
        book = AlertBook()
        book.recall({about: said}, known)
        (alert,) = book.advance([found], 0)
        assert alert.status == status
