"""Commands: what a person asks is checked before anything is made of it."""

from __future__ import annotations

import json
import re

import pytest

from seavigil.alerts import Command, Refused
from seavigil.alerts.commands import KINDS, OUTCOMES
from seavigil.store import orders
from tests.alerts.drafts import command


def test_a_command_survives_the_log() -> None:
    """Written as JSON and read again it is the same."""
    given = command("close", outcome="confirmed", why="seen by the cutter Ø")
    assert Command.from_json(json.loads(json.dumps(given.as_json()))) == given


def test_the_queue_takes_the_kinds_that_the_watch_knows() -> None:
    """What the store lets through is what the watch can do, and nothing is kept out by mistake."""
    assert set(KINDS) == {*orders.OF_AN_ALERT, *orders.OF_NONE}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"kind": "shout"}, "'shout' is no command; there are acknowledge, escalate"),
        ({}, "'' is no command"),
        ({"kind": "acknowledge", "who": " "}, "acknowledge: say who asks for it"),
        ({"kind": "acknowledge", "command_id": ""}, "say who asks"),
        ({"kind": "acknowledge", "alert_id": None}, "acknowledge: say which alert"),
        ({"kind": "retract", "why": " "}, "retract: say why"),
        ({"kind": "note", "why": ""}, "note: say what to note"),
        ({"kind": "silence", "why": ""}, "silence: say why"),
        ({"kind": "close"}, "say how it turned out: harmless, confirmed"),
        ({"kind": "close", "arguments": {"outcome": "guilty"}}, "say how it turned out"),
        ({"kind": "unsilence"}, "say which silence"),
        ({"kind": "acknowledge", "arguments": [1]}, "its arguments are no object"),
    ],
)
def test_a_command_that_cannot_be_meant_is_refused_in_words(row: dict[str, object], why: str) -> None:
    """Whoever gave it is told what is missing."""
    whole = {"command_id": "c", "alert_id": "a", "who": "Ada", "why": "so", **row}
    with pytest.raises(Refused, match=re.escape(why)):
        Command.from_json(whole)


def test_outcomes_name_what_was_found_and_nobody_s_intent() -> None:
    """An outcome is about the alert: none says that anybody meant it."""
    assert OUTCOMES == ("harmless", "confirmed", "duplicate", "test", "unresolved")
