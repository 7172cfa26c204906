"""Alerts as they stood at a moment, events by ship and asset, and what people changed of assets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seavigil.records import END_OF_DATA_US, NEVER_US
from seavigil.store.asset_edits import UNCERTAINTY
from seavigil.store.database import Database
from seavigil.store.found import Span
from seavigil.store.rows import AlertRow, EventRow
from tests.store import batches
from tests.store.batches import NEW_YEAR_US, SECOND_US

ALL = Span(NEVER_US, END_OF_DATA_US)


def at(seconds: float) -> int:
    """Give a time after New Year."""
    return NEW_YEAR_US + round(seconds * SECOND_US)


def life(alert_id: str, *steps: tuple[int, str]) -> list[AlertRow]:
    """Give revisions of an alert: each revised so many seconds after New Year, with a status."""
    first = at(steps[0][0])
    rows = [batches.alert(alert_id, n, at_s=s, status=status) for n, (s, status) in enumerate(steps, start=1)]
    return [replace(row, began_us=first, detected_at_us=first) for row in rows]


@pytest.mark.parametrize(
    ("seconds", "stood"),
    [
        (5, []),
        (10, [("a", 1)]),
        (25, [("a", 2), ("b", 1)]),
        (35, [("b", 1)]),
        (1000, [("b", 2)]),
    ],
)
def test_an_alert_stands_from_its_opening_to_its_close(
    database: Database, seconds: int, stood: list[tuple[str, int]]
) -> None:
    """One opened at 10 s, answered at 20, closed at 30; one opened at 25 and escalated at 40.

    Each as it stood then: the revision of then, although there are newer ones.
    """
    rows = [
        *life("a", (10, "open"), (20, "acknowledged"), (30, "closed")),
        *life("b", (25, "open"), (40, "escalated")),
        *life("c", (1, "candidate")),
    ]
    database.save(batches.batch(alerts=rows))
    assert database.found.standing(at(seconds)) == stood
    lines = database.found.lines(stood)
    assert [lines[one]["revision"] for one in stood] == [number for _, number in stood]


def test_now_is_what_the_newest_revisions_say(database: Database) -> None:
    """Without a moment the same as at the end of time."""
    rows = [*life("a", (10, "open"), (30, "closed")), *life("b", (25, "open"), (40, "acknowledged"))]
    database.save(batches.batch(alerts=rows))
    assert database.found.standing() == database.found.standing(END_OF_DATA_US) == [("b", 2)]


def crossing(event_id: str, began_s: int, ended_s: int | None = None, **more: object) -> EventRow:
    """Give an event of ship 299000001 about link-1."""
    ended_us = None if ended_s is None else at(ended_s)
    return replace(batches.event(event_id, at_s=began_s), ended_us=ended_us, **more)  # type: ignore[arg-type]


def test_events_of_a_ship_lie_in_the_stretch_in_part_at_least(database: Database) -> None:
    """From 100 to 200 s: those that end in it, begin in it, or last over it; the newest first."""
    events = [
        crossing("before", 10, 90),
        crossing("into", 50, 110),
        crossing("over", 60, 300),
        crossing("within", 120, 130),
        crossing("from", 190, 400),
        crossing("after", 201, 220),
        crossing("other ship", 120, 130, vessel_id="299000002"),
    ]
    database.save(batches.batch(events=events))
    found = database.found.events_of_ship("299000001", Span(at(100), at(200)))
    assert [one["event_id"] for one in found] == ["from", "within", "over", "into"]
    assert len(database.found.events_of_ship("299000001", Span(at(100), at(200), limit=2))) == 2


def test_events_of_an_asset_by_behaviour(database: Database) -> None:
    """Those about it, of all behaviours or of some."""
    events = [
        crossing("a", 1, 2),
        crossing("b", 3, 4, behaviour="slow_crossing"),
        crossing("c", 5, 6, asset_id="link-2"),
    ]
    database.save(batches.batch(events=events))
    assert [e["event_id"] for e in database.found.events_of_asset("link-1", ALL)] == ["b", "a"]
    slow = database.found.events_of_asset("link-1", ALL, ["slow_crossing"])
    assert [e["event_id"] for e in slow] == ["b"]
    assert database.found.events_of_asset("link-3", ALL) == []


def test_the_alert_of_an_event_is_found(database: Database) -> None:
    """By the event's id; of an event that is part of none there is none, however many are asked for."""
    database.save(batches.batch(alerts=[batches.alert("a")]))
    many = [f"none-{n}" for n in range(1200)]
    assert database.found.alerts_of_events(["event-of-a", *many]) == {"event-of-a": "a"}


def test_edits_are_kept_in_order_with_what_was_before(database: Database) -> None:
    """Twice changed: the second time from what the first left; the newest of each asset counts."""
    edits = database.asset_edits
    edits.add("link-1", {UNCERTAINTY: 50.0}, {UNCERTAINTY: 500.0}, "otto", "survey", at(1))
    edits.add("link-1", {UNCERTAINTY: 80.0, "owner": "Å\0"}, {UNCERTAINTY: 500.0}, "ada", "better", at(2))
    edits.add("link-2", {"contacts": [{"name": "x"}]}, {}, "ada", "new", at(3))
    told = [(e.field, e.before, e.after, e.who, e.at_us) for e in edits.of("link-1")]
    assert told[0] == (UNCERTAINTY, 500.0, 50.0, "otto", at(1))
    assert (UNCERTAINTY, 50.0, 80.0, "ada", at(2)) in told
    assert edits.newest(UNCERTAINTY) == {"link-1": 80.0}
    assert edits.newest("contacts") == {"link-2": [{"name": "x"}]}


def test_what_is_so_already_is_no_edit(database: Database) -> None:
    """Neither where an edit made it so, nor where it never was otherwise."""
    edits = database.asset_edits
    assert edits.add("link-1", {UNCERTAINTY: 500.0}, {UNCERTAINTY: 500.0}, "otto", "same", at(1)) == []
    assert len(edits.add("link-1", {UNCERTAINTY: 50.0}, {UNCERTAINTY: 500.0}, "otto", "other", at(2))) == 1
    assert edits.add("link-1", {UNCERTAINTY: 50.0}, {UNCERTAINTY: 500.0}, "otto", "again", at(3)) == []


def test_only_what_may_be_changed_is(database: Database) -> None:
    """A route, say, is its file's; nothing is written then."""
    with pytest.raises(ValueError, match="geometry of an asset cannot be changed"):
        database.asset_edits.add("link-1", {"geometry": "x", "owner": "y"}, {}, "otto", "why", at(1))
    assert database.asset_edits.of("link-1") == []
