"""Alerts about feeds are told so that a tired person knows at once what is blind and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from seavigil.alerts import Alert
from seavigil.alerts.channels.compose import digest_of
from seavigil.store.rawlog import Kind
from tests.alerts.channels.letters import CREATED_US, message, payload
from tests.runners.wire import Wire


def two_feeds() -> Wire:
    """Give a log with two feeds that have done well for a minute."""
    wire = Wire()
    wire.feed(1, "coast")
    wire.feed(2, "sky")
    return wire.run(60, {1: 40.0, 2: 2.0})


def told(alert: Alert, status: str = "") -> dict[str, Any]:
    """Give a draft of the health as the outbox has it."""
    status = status or ("open" if alert.ended_us is None else "closed")
    return replace(alert, revision=1, status=status).as_json()


def test_that_nothing_is_heard_at_all_is_said_first() -> None:
    """Of two dead feeds the subject, the text and a digest say that the watch is blind, and how many fell."""
    both = [told(alert) for alert in two_feeds().run(60).told]
    letter = message(*both, payload("e", priority="warning"))
    assert len(both) == 2
    assert letter.subject.startswith("3 alerts, first WARNING: THE WATCH IS BLIND: feed ")
    assert "2 feeds fell silent together" in letter.text
    assert "until a feed is back, watch by other means" in letter.text
    digest = digest_of(["a:1:x", "b:1:x"], both, CREATED_US)
    assert digest.subject == "THE WATCH IS BLIND: 2 alerts in brief: 2 warning"


def test_one_dead_feed_of_two_leaves_no_blind_watch() -> None:
    """Near miss: while another is heard nobody is told of blindness."""
    wire = two_feeds().run(60, {2: 2.0})
    assert "THE WATCH IS BLIND" not in message(told(wire.told[0])).text


def test_a_silent_feed_has_its_address_the_time_and_a_next_step() -> None:
    """Which feed, where it is, what was seen, since when, what to do; and nothing that is said of ships."""
    text = message(told(two_feeds().run(60, {2: 2.0}).told[0])).text
    for said in (
        "Feed:     coast, tcp://coast:1",
        "State:    mute: connected, but nothing came since 2026-11-22T13:41:00Z",
        "When:     2026-11-22 13:41, still so at 13:41 UTC; first told 13:41",
        "no report for 45 s (rule: over 45 s)\n",
        "  - 1 of 2 feeds bring reports\n",
        "before 40 reports/s",
        "ask the provider; of a receiver of your own see to power, antenna and line",
        "This is about the watch itself: no ship is concerned.",
    ):
        assert said in text
    for of_ships in ("Read from AIS", "How often:", "not known for ordinary", "Who:", "[observed", "went on"):
        assert of_ships not in text


def test_the_words_of_the_network_are_kept_while_it_is_tried_again() -> None:
    """A connection that is tried at this very moment still says why the last try failed."""
    wire = two_feeds()
    wire.put(Kind.STATE, 1, {"state": "waiting", "why": "no route to host"})
    wire.run(42.5, {2: 2.0}, step_s=2.5)
    wire.put(Kind.STATE, 1, {"state": "connecting"})
    wire.run(10, {2: 2.0})
    text = message(told(wire.told[0])).text
    assert "State:    connecting: no route to host" in text


def test_garbage_may_be_another_format_or_port_or_encrypted() -> None:
    """These readings come before the general ones."""
    text = message(told(two_feeds().run(60, {2: 2.0}, bad={1: 50}).told[0])).text
    readings = text.split("It may be:")[1].split("Next:")[0]
    assert readings.index("another format, or another port") < readings.index("encrypted")
    assert readings.index("encrypted") < readings.index("maintenance")


def test_times_of_months_ago_are_told_in_days_and_may_be_a_recording() -> None:
    """A year and a day are 366 days; that our own clock is wrong is the last thing to think of."""
    wire = Wire()
    wire.feed(1, "coast")
    wire.run(60, {1: 40.0}, late_s=366 * 86_400.0 + 1000.0)
    text = message(told(wire.told[0])).text
    assert "its times are 366 days late" in text
    readings = [line for line in text.split("It may be:")[1].split("Next:")[0].splitlines() if line]
    assert "a recording, or what was stored, sent as if it were of now (this fits)" in readings[0]
    own = next(n for n, line in enumerate(readings) if "own clock" in line)
    assert own > 0


def test_the_all_clear_says_that_it_is_heard_again() -> None:
    """Nothing of "brings no report" beside "connected", no next step, and the times of the silence."""
    wire = two_feeds().run(60, {2: 2.0}).run(10, {1: 40.0, 2: 2.0})
    letter = message(told(wire.told[-1]))
    began = "closed: feed coast is heard again: it brought no report from 13:41 to 13:42 UTC"
    assert letter.subject.startswith(began)
    assert "State:    connected\n" in letter.text
    assert "Coverage: 2 of 2 feeds alive; assets blind: none" in letter.text
    assert "Seen then:\n  - no report for 45 s" in letter.text
    assert "Next:" not in letter.text
    assert "It may be:" not in letter.text


@pytest.mark.parametrize(
    ("status", "begins"), [("closed", "closed: ADVISORY: feed"), ("retracted", "RETRACTED: ADVISORY: feed")]
)
def test_what_a_person_closes_while_it_lasts_is_no_all_clear(status: str, begins: str) -> None:
    """Near miss: it still brings no report."""
    letter = message(told(two_feeds().run(60, {2: 2.0}).told[0], status))
    assert letter.subject.startswith(f"{begins} coast (mute), brings no report")


def test_a_feed_that_is_taken_out_is_not_heard_again() -> None:
    """Its alert ends because nobody watches it any more."""
    wire = two_feeds().run(60, {2: 2.0})
    wire.put(Kind.STATE, 0, {"state": "started"})
    wire.state(2, "connected")
    wire.run(30, {2: 2.0})
    assert "feed coast is watched no more" in message(told(wire.told[-1])).subject


def test_once_one_feed_is_back_nobody_is_told_of_a_blind_watch() -> None:
    """The alert about the other one says so itself, and the newest of each makes the message."""
    wire = two_feeds().run(60).run(5, {1: 40.0})
    newest = {alert.alert_id: alert for alert in wire.told}
    letter = message(*map(told, newest.values()))
    assert len(newest) == 2
    assert "BLIND" not in letter.subject + letter.text
    assert letter.subject.startswith("2 alerts, first closed: feed coast is heard again")
    assert "ADVISORY: feed sky (mute), brings no report" in letter.text
