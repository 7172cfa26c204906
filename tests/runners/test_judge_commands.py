"""What a person asks comes through the log: to the book that it concerns, once, done or refused in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seavigil.alerts import BookParams
from seavigil.records import SECOND_US
from seavigil.runners.feed_health import FeedHealth
from seavigil.runners.judge import Judge, Step
from seavigil.runners.live import Watch
from seavigil.store.rawlog import Kind, Record

NOON_US = 1_795_348_800 * SECOND_US  # 2026-11-22T12:00:00Z


class Log:
    """A log of one feed that is mute, judged record by record."""

    def __init__(self) -> None:
        book = BookParams("info", "urgent", 900.0, 86_400.0)
        self.judge = Judge(Watch(book=book), None, FeedHealth(), book)
        self.seq, self.wall_us = 0, NOON_US
        self.write(Kind.FEED, feed=1, name="coast", url="tcp://coast:1")
        self.alerts = [a for _ in range(24) for a in self.tick().alerts]

    def write(self, what: Kind, /, *, feed: int = 0, **content: Any) -> Step:
        """Write one record, and have it judged."""
        self.seq += 1
        payload = json.dumps(content | ({"feed": feed} if feed else {})).encode()
        return self.judge.step([Record(self.seq, what, self.wall_us, feed, 0, payload)])

    def tick(self) -> Step:
        """Let five seconds go by."""
        self.wall_us += 5 * SECOND_US
        return self.write(Kind.TICK)

    def ask(self, kind: str, alert_id: str | None = None, **arguments: Any) -> Step:
        """Let a person ask something."""
        told = {"command_id": f"{kind}-{self.seq}", "kind": kind, "alert_id": alert_id}
        return self.write(Kind.COMMAND, **told, who="Ada", why="tried", arguments=arguments)


@pytest.fixture
def log() -> Log:
    """Give a log whose feed was told to be dead."""
    log = Log()
    assert [(a.behaviours, a.status) for a in log.alerts] == [(("feed_dead",), "open")]
    return log


def test_an_alert_about_a_feed_is_answered(log: Log) -> None:
    """By wall time, its own."""
    step = log.ask("acknowledge", log.alerts[0].alert_id)
    assert [(a.status, a.revised_at_us) for a in step.alerts] == [("acknowledged", log.wall_us)]
    assert [(t.what, t.who) for t in step.transitions] == [("acknowledge", "Ada")]
    assert [(c.state, c.why) for c in step.commands] == [("done", "")]


@pytest.mark.parametrize("of", ["feeds", "alerts"])
def test_a_feed_is_silenced_and_told_again(log: Log, of: str) -> None:
    """By its name or by the alert; the end of the silence goes to the same book."""
    about = {"feeds": ["coast"]} if of == "feeds" else {"alerts": [log.alerts[0].alert_id]}
    step = log.ask("silence", **about, for_s=3600)
    (silenced,) = step.alerts
    assert silenced.silenced_by is not None
    (alert,) = log.ask("unsilence", silence_id=silenced.silenced_by).alerts
    assert alert.silenced_by is None


def test_what_cannot_be_done_is_refused_in_words(log: Log) -> None:
    """And the watch goes on."""
    step = log.ask("acknowledge", "nobody")
    (done,) = step.commands
    assert done.state == "refused"
    assert "nothing has been heard yet" in done.why
    assert log.tick().commands == []


def test_a_command_that_a_crash_wrote_twice_is_done_once(log: Log) -> None:
    """By its id."""
    told = {"command_id": "c", "kind": "note", "alert_id": log.alerts[0].alert_id, "who": "Ada", "why": "x"}
    said = [log.write(Kind.COMMAND, **told).transitions for _ in range(2)]
    assert [len(steps) for steps in said] == [1, 0]
