"""Whoever was told of something is told that it is over, whatever it is about by then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seavigil.alerts import Alert, AlertBook
from seavigil.alerts.notify import Telling
from seavigil.runners.judge import Step
from seavigil.runners.telling import Desk
from seavigil.store.rows import OutboxRow
from tests.alerts.drafts import draft

ESTLINK = Desk({"estlink": Telling(assets=frozenset({"estlink"}))})


def told(
    desk: Desk, book: AlertBook, one: Alert, *ahead: str, before: tuple[OutboxRow, ...] = ()
) -> list[OutboxRow]:
    """Play a draft of a ship with assets ahead of her; gives the letters."""
    step = Step(1, one.revised_at_us)
    step.alerts = [
        replace(a, next_assets=tuple({"asset_id": name, "probability": 0.9} for name in ahead))
        for a in book.advance([one], one.revised_at_us)
    ]
    step.transitions = book.transitions()
    assert desk.asks(step) <= {"a"}
    return desk.messages(step, [(row.alert_id, row.revision, row.channel) for row in before])


def test_who_was_told_of_a_ship_coming_is_told_when_that_is_over() -> None:
    """By then nothing lies ahead of her; across a restart, because the outbox says who was told."""
    book = AlertBook()
    opened = told(ESTLINK, book, draft(0), "estlink")
    assert [row.what for row in opened] == ["opened"]
    ended = told(ESTLINK, book, draft(20, ended=True), before=tuple(opened))
    assert [(row.what, row.revision) for row in ended] == [("ended", 2)]


def test_in_one_step_as_well() -> None:
    """What opens and ends in one stretch of the log, as after a pause."""
    book, step = AlertBook(), Step(1, 1)
    first = [
        replace(a, next_assets=({"asset_id": "estlink", "probability": 0.9},))
        for a in book.advance([draft(0)], 0)
    ]
    step.alerts = first + book.advance([draft(20, ended=True)], 1 << 40)
    step.transitions = book.transitions()
    assert [row.what for row in ESTLINK.messages(step)] == ["opened", "ended"]


@pytest.mark.parametrize("revision", [2, 3])
def test_near_miss_who_was_not_told_before_is_not_told_that_it_is_over(revision: int) -> None:
    """Nor because of a letter that came later: judged again after a crash it is the same."""
    book = AlertBook()
    assert told(ESTLINK, book, draft(0), "other") == []
    later = OutboxRow(f"a:{revision}:estlink", "estlink", "a", revision, "info", "ended", 0, {})
    assert told(ESTLINK, book, draft(20, ended=True), before=(later,)) == []


def test_near_miss_a_channel_that_wants_no_ends_gets_none() -> None:
    """It said which steps it takes."""
    desk = Desk({"estlink": replace(ESTLINK.channels["estlink"], steps=frozenset({"opened"}))})
    book = AlertBook()
    opened = told(desk, book, draft(0), "estlink")
    assert told(desk, book, draft(20, ended=True), before=tuple(opened)) == []


def test_who_has_an_asset_ahead_of_a_ship_later_is_told_then_and_once() -> None:
    """She opened as somebody else's matter, and turns; the next revision tells nothing else that is new."""
    book = AlertBook()
    assert told(ESTLINK, book, draft(0)) == []
    coming = told(ESTLINK, book, draft(20, strength=2.0), "other", "estlink")
    assert [(row.what, row.revision) for row in coming] == [("grew", 2)]
    assert coming[0].payload["transition"]["why"] == "ahead other, estlink"
    assert told(ESTLINK, book, draft(30, strength=3.0), "estlink", before=tuple(coming)) == []
    ended = told(ESTLINK, book, draft(40, ended=True), before=tuple(coming))
    assert [row.what for row in ended] == ["ended"]


def test_near_miss_one_that_takes_all_assets_is_not_told_again_of_where_a_ship_goes() -> None:
    """It was told when she opened; nor is who is told of what she will hardly meet."""
    book, desk = AlertBook(), Desk({"all": Telling(), **ESTLINK.channels})
    opened = told(desk, book, draft(0))
    assert [row.channel for row in opened] == ["all"]
    assert told(desk, book, draft(20, strength=2.0), "other", before=tuple(opened)) == []
