"""Each hour it is said what was seen and how well was listened; a time in which nobody did is not quiet."""

from __future__ import annotations

import pickle

import pytest
import shapely

from seavigil.assets import Assets
from seavigil.assets.model import Asset
from seavigil.records import HOUR_US, MINUTE_US, SECOND_US
from seavigil.runners.feed_health import FeedHealth
from seavigil.runners.statements import Statements
from seavigil.store.rawlog import Kind
from tests.runners.test_feed_health import learn
from tests.runners.wire import BEGIN_US, Wire


def two_feeds(usual_per_s: float | None = 2.0) -> Wire:
    """Give a log with two feeds that have such hours all week, at 13:40."""
    wire = Wire()
    for number, name in ((1, "coast"), (2, "sky")):
        wire.feed(number, name)
        if usual_per_s is not None:
            learn(wire, usual_per_s, number)
    return wire


def until(wire: Wire, minute: float, rates: dict[int, float]) -> None:
    """Let feeds send until so many minutes after 13:40."""
    wire.run((BEGIN_US + minute * MINUTE_US - wire.now_us) / SECOND_US, rates)


def test_a_quiet_hour() -> None:
    """Nothing seen stands beside the share of what is usual: 1.9 of 2 a second are 95 %."""
    wire = two_feeds()
    until(wire, 20, {1: 2.0, 2: 2.0})
    until(wire, 80, {1: 2.0, 2: 1.8})  # 9 of 10 in five seconds
    assert len(wire.said) == 2
    row = wire.said[1]
    assert row.wall_us == BEGIN_US + 80 * MINUTE_US
    assert row.text == (
        "2026-11-22 14:00 to 15:00: nothing above info seen; 95% of expected reports heard (13,680 of"
        " 14,400), 2 of 2 feeds alive, blind: none"
    )
    assert row.figures["share"] == pytest.approx(0.95)
    assert (row.figures["reports"], row.figures["expected"], row.figures["blind_s"]) == (13_680, 14_400, 0)


def test_the_first_hour_is_as_long_as_the_watch() -> None:
    """A watch that began at 13:40 says so."""
    wire = two_feeds()
    until(wire, 20, {1: 2.0, 2: 2.0})
    assert wire.said[0].text.startswith("2026-11-22 13:40 to 14:00: nothing above info seen; 100%")


def test_what_is_usual_may_not_be_known() -> None:
    """Then it says so in place of a percentage."""
    wire = two_feeds(None)
    until(wire, 20, {1: 2.0, 2: 2.0})
    assert "4,800 reports heard (what is usual is not known yet)" in wire.said[0].text
    assert (wire.said[0].figures["expected"], wire.said[0].figures["share"]) == (None, None)


def test_what_was_seen_is_counted_by_its_priority() -> None:
    """An alert told in the hour is in its statement, and in no later one; info is none."""
    wire = two_feeds()
    wire.health.sights.told |= {"a": "warning", "b": "warning", "c": "urgent", "d": "info"}
    until(wire, 80, {1: 2.0, 2: 2.0})
    assert ": alerts: 1 urgent, 2 warning; " in wire.said[0].text
    assert ": nothing above info seen; " in wire.said[1].text


def test_a_dead_feed_is_said_though_the_other_lives() -> None:
    """Not blind, but with half of the ears at times."""
    wire = two_feeds()
    until(wire, 30, {1: 2.0, 2: 2.0})
    until(wire, 80, {1: 2.0})
    assert "58% of expected reports heard" in wire.said[1].text  # (60 + 10) of 120 minutes
    assert "at times only 1 of 2 feeds alive, blind: none" in wire.said[1].text


def test_blind_times_are_said_plainly() -> None:
    """All feeds dead for a quarter of an hour: from when to when, and how long it did listen."""
    wire = two_feeds()
    until(wire, 30, {1: 2.0, 2: 2.0})
    until(wire, 45, {})
    until(wire, 80, {1: 2.0, 2: 2.0})
    text = wire.said[1].text
    assert "nothing above info seen in the 45 min in which it listened" in text
    assert "blind: 14:10 to 14:25 (no feed alive)" in text


def test_hours_without_a_watch_are_no_quiet_hours() -> None:
    """Down from 14:10 to 17:20: two hours and two parts are said to have been heard by nobody."""
    wire = two_feeds()
    until(wire, 30, {1: 2.0, 2: 2.0})
    wire.now_us = BEGIN_US + 220 * MINUTE_US
    wire.put(Kind.STATE, 0, {"state": "started"})
    until(wire, 260, {1: 2.0, 2: 2.0})
    parts, hours, later = wire.said[1:]
    assert "blind: 14:10 to 15:00 (the watch did not run)" in parts.text
    assert "17% of expected reports heard" in parts.text  # 10 of 60 minutes
    assert hours.text == (
        "2026-11-22 15:00 to 17:00: nobody listened; blind: 15:00 to 17:00 (the watch did not run)"
    )
    assert "blind: 17:00 to 17:20 (the watch did not run)" in later.text
    assert "67% of expected reports heard" in later.text


def test_an_hour_in_which_no_feed_brought_anything() -> None:
    """Nothing seen by nobody is not called quiet."""
    wire = two_feeds()
    until(wire, 140, {})
    assert wire.said[1].text == (
        "2026-11-22 14:00 to 15:00: nobody listened; blind: 14:00 to 15:00 (no feed alive)"
    )


def test_assets_without_a_ship_near_are_named() -> None:
    """There the watch saw nothing because there was nothing, or because it cannot hear there."""
    line = shapely.LineString([(22.0, 59.8), (22.0, 60.0)])
    west = Asset("west", "West Link", "power_cable", line, 100.0, "given")
    wire = Wire(FeedHealth(assets=Assets([west])))
    wire.feed(1, "coast")
    until(wire, 20, {1: 2.0})
    assert wire.said[0].text.endswith("blind: no ship heard near West Link")
    assert wire.said[0].figures["assets_not_heard"] == ["west"]
    wire.run(HOUR_US / SECOND_US, {1: 2.0}, lon=22.0)
    assert wire.said[1].text.endswith("blind: none")


def test_a_clock_that_was_set_is_told() -> None:
    """What the service says of its clock and log stands in the hour's statement."""
    wire = two_feeds()
    wire.put(Kind.STATE, 0, {"state": "clock", "why": "the system's clock was set back by 3,600 s"})
    until(wire, 20, {1: 2.0, 2: 2.0})
    assert wire.said[0].text.endswith("; the system's clock was set back by 3,600 s")


def test_the_same_wherever_it_is_stored_and_woken() -> None:
    """Stored and woken now and again it says the same."""
    wire = two_feeds()
    until(wire, 30, {1: 2.0, 2: 2.0})
    until(wire, 130, {1: 2.0})
    fresh = two_feeds()
    health, statements, said = fresh.health, Statements(), []
    for n, (record, decoded) in enumerate(wire.records[len(fresh.records) :]):
        health.take(record)
        if decoded is not None:
            health.heard(decoded, record.wall_us, record.feed)
        if record.kind == Kind.TICK:
            said += statements.tick(record.wall_us, health, None)
        if n % 250 == 0:
            health, statements = pickle.loads(pickle.dumps((health, statements)))
    assert said == wire.said
    assert len(said) == 2
