"""While the data are silent time goes on for alerts: who should answer them is told as if they were not."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace

import pytest

from seavigil.alerts import BookParams
from seavigil.records import SECOND_US
from seavigil.runners.feed_health import FeedHealth
from seavigil.runners.judge import Judge, Step
from seavigil.runners.live import Watch
from seavigil.store.rawlog import Kind, Record
from tests.alerts.drafts import draft
from tests.runners.test_keeper import Log

SERVICE = BookParams("info", "urgent", 900.0, 86_400.0)


def urgent() -> tuple[Log, Judge]:
    """Give a log of a minute or so with an urgent alert open at its end, and what judged it."""
    log, judge = Log(), Judge(Watch(book=SERVICE), None, FeedHealth(), SERVICE)
    log.go_on(30)
    judge.step(log.records)
    at_us = judge.watch.as_of_us
    (alert,) = judge.watch.book.advance([replace(draft(0, priority="urgent"), revised_at_us=at_us)], at_us)
    assert (alert.status, len(judge.watch.book.transitions())) == ("open", 1)
    return log, judge


def ticks(log: Log, number: int, every_s: float = 5.0) -> list[Record]:
    """Give what the log has when nothing but the clock goes on."""
    before = len(log.records)
    for _ in range(number):
        log.now_us += round(every_s * SECOND_US)
        log.write(Kind.TICK)
    return log.records[before:]


def escalated(steps: Sequence[Step]) -> list[tuple[str, int]]:
    """Give the steps of the alert, and the revisions."""
    return [(t.what, t.revision) for step in steps for t in step.transitions if t.alert_id == "a"]


def test_what_nobody_answers_escalates_while_the_feed_is_silent() -> None:
    """After its 900 s by the ticks, not when data come again."""
    log, judge = urgent()
    assert escalated([judge.step(ticks(log, 179))]) == []
    assert escalated([judge.step(ticks(log, 1))]) == [("unanswered", 2)]
    (alert,) = judge.watch.book.standing()
    assert (alert.status, alert.revised_at_us) == ("escalated", judge.watch.as_of_us + 900 * SECOND_US)


def test_it_is_the_same_however_the_log_is_cut() -> None:
    """In one step, record by record, and by a judge that was put away now and then."""
    log, judge = urgent()
    whole, single, stored = (pickle.loads(pickle.dumps(judge)) for _ in range(3))
    ticks(log, 200)
    log.go_on(20)
    records = log.records[judge.position :]
    expected = escalated([whole.step(records)])
    assert escalated([single.step([record]) for record in records]) == expected == [("unanswered", 2)]
    found = []
    for at in range(0, len(records), 23):
        found.append(stored.step(records[at : at + 23]))
        stored = pickle.loads(pickle.dumps(stored))
    assert escalated(found) == expected


@pytest.mark.parametrize(("number", "every_s"), [(1, 86_400.0), (10, -5.0)], ids=["set forward", "set back"])
def test_near_miss_a_clock_that_is_set_is_no_time(number: int, every_s: float) -> None:
    """Nobody had a day to answer; nor has a watch that was off for that long told anybody."""
    log, judge = urgent()
    assert escalated([judge.step(ticks(log, number, every_s))]) == []


def test_near_miss_reports_that_come_keep_their_own_time() -> None:
    """A recording that is played faster than it was made, or slower, escalates by its own clock."""
    log, judge = urgent()
    log.go_on(60)
    step = judge.step(log.records[judge.position :])
    assert (judge._quiet_us, escalated([step])) == (0, [])


def test_what_is_heard_later_of_a_time_before_is_taken_as_it_comes() -> None:
    """A feed that kept its reports while it was cut off brings what happened meanwhile."""
    log, judge = urgent()
    as_of_us = judge.watch.as_of_us
    judge.step(ticks(log, 100))
    earlier = replace(draft(0, priority="urgent", assets=["one!"]), revised_at_us=as_of_us + 60 * SECOND_US)
    (alert,) = judge.watch.book.advance([earlier], as_of_us + 90 * SECOND_US)
    assert (alert.status, alert.revision, alert.revised_at_us) == ("open", 2, earlier.revised_at_us)
    assert [t.what for t in judge.watch.book.transitions()] == ["grew"]
