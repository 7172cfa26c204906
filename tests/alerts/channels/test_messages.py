"""What every channel is given to send: whole, in words, marked where it is not meant."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.alerts.channels import Channel, Params, PermanentFailure, Sent
from seavigil.alerts.channels.compose import digest_of, each, key_of, message_of, notice, trial
from seavigil.alerts.channels.contract import Message
from seavigil.alerts.channels.marks import EXERCISE, clean, one_line
from tests.alerts.channels.letters import CREATED_US, alert, exercise, message, payload, run, tools

REAL, DRILL = payload("a"), payload("e", exercise=True)


class Heard(Channel[Params]):
    """A channel that only remembers."""

    params_type = Params

    async def deliver(self, told: Message) -> Sent:
        """Say what came."""
        return Sent(told.key)


def test_a_text_says_all_that_must_be_known() -> None:
    """What, who, where, when, why, what else it may be, how often, what next, what was heard."""
    text = message().text
    for said in (
        "What:     drifting, crossed",
        "Who:      ALDER, MMSI 219000001, IMO 9074729, call sign OXAB, flag Denmark, AIS type 70, 150 m long",
        "Where:    59.8844 N 25.3732 E; Link 1 at 04:21Z, km 29.2",
        "When:     2025-11-20 04:21, went on at 04:21 UTC; first known 2025-11-20 04:21",
        "heading 80 deg off her course (rule: over 45) [observed 80 deg, expected 45 deg]",
        "fishing with gear out (this does not fit)",
        "0.44 as strong or stronger in 1,000 ship-days of invented traffic",
        "Pipe 3 07:34 to 15:17Z (62%), call by 07:21Z",
        "12 other ships heard around her in 5 min",
        "3bb711db5a773f21, revision 1, open",
        "Told because: first told of",
    ):
        assert said in text


@pytest.mark.parametrize("word", ["intent", "sabot", "attack", "suspect", "guilt", "hostile", "deliberate"])
def test_no_text_says_what_anybody_wants(word: str) -> None:
    """A message describes behaviour; why it was done nobody can read from AIS."""
    told = message(payload("a"), payload("b", status="closed"), payload("c", priority="urgent"))
    assert word not in (told.subject + told.text).lower()


def test_what_is_not_known_is_no_hindrance() -> None:
    """An alert about an area or a feed, without position, assets, rates or reasons, is put into words too."""
    bare: dict[str, Any] = {
        "vessel": None,
        "lat_deg": None,
        "lon_deg": None,
        "assets": (),
        "reasons": (),
        "innocent_readings": (),
        "next_assets": (),
        "expected_from": None,
        "coverage": {},
    }
    told = message(payload(**bare))
    assert "How often: not known for ordinary traffic" in told.text
    assert "Coverage: not known" in told.text
    assert "alert 3bb711db5a773f21" in told.subject


def test_a_subject_keeps_the_id_however_long_the_names() -> None:
    """What is cut off is words: the alert can still be looked up."""
    long = replace(alert().assets[0], name="An Uncommonly Long Name of a Cable " * 5)
    subject = message(payload(assets=(long,))).subject
    assert subject.endswith("... [3bb711db5a773f21]")
    assert len(subject) <= 160


def test_an_exercise_is_marked_before_and_after() -> None:
    """Subject and text of an exercise begin and end with the mark, whoever makes the message."""
    told = exercise()
    hand_made = Message("k", "adrift", "She drifts.", CREATED_US, alerts=(DRILL,), keys=("k",))
    digest = digest_of(["e:1:x", "f:1:x"], [DRILL, payload("f", exercise=True)], CREATED_US)
    of_itself = notice("k", "Channel mail does not work", "It said: no.", CREATED_US, exercise=True)
    for one in (told, hand_made, digest, of_itself):
        assert one.exercise
        assert one.status == "exercise"
        for words in (one.subject, one.text):
            assert words.startswith(EXERCISE)
            assert words.endswith(EXERCISE)
        assert one.as_json()["exercise"] is True


def test_what_is_marked_already_is_not_marked_twice() -> None:
    """A message made anew of another has one mark at each end."""
    again = replace(exercise(), key="other")
    assert again.text.count(EXERCISE) == again.subject.count(EXERCISE) == 2
    assert again.subject == exercise().subject


def test_a_real_alert_is_not_marked() -> None:
    """Near miss: a ship that calls herself EXERCISE does not make her alert one."""
    vessel = replace(alert().vessel or pytest.fail("no vessel"), name="EXERCISE EXERCISE E")
    told = message(payload(vessel=vessel))
    assert (told.exercise, told.status) == (False, "actual")
    assert not told.text.startswith(EXERCISE)
    assert not told.subject.startswith("EXERCISE")


def test_exercises_and_real_alerts_are_never_in_one_message() -> None:
    """Whoever lays an exercise aside must not lay a real alert aside with it."""
    with pytest.raises(ValueError, match="exercises and real alerts in one message"):
        message_of(["a:1:x", "e:1:x"], [REAL, DRILL], CREATED_US)


@pytest.mark.parametrize(
    ("exercises", "told", "refused"),
    [
        ("never", exercise(), True),
        ("never", message(), False),
        ("never", trial("x", CREATED_US), False),
        ("only", exercise(), False),
        ("only", message(), True),
        ("only", trial("x", CREATED_US), False),
        ("also", exercise(), False),
        ("also", message(), False),
    ],
)
def test_a_channel_refuses_what_it_is_not_for(exercises: str, told: Message, refused: bool) -> None:
    """A channel that takes no exercises never sees one; one for exercises only never sees a real alert."""
    channel = Heard(Params(), tools(exercises=exercises))
    if refused:
        with pytest.raises(PermanentFailure, match="this channel takes"):
            run(lambda: channel.send(told))
    else:
        assert run(lambda: channel.send(told)) == Sent(told.key)


def test_a_test_says_that_it_is_one() -> None:
    """Whoever gets a test message must not act on it."""
    told = trial("mail", CREATED_US)
    assert told.status == "test"
    assert told.subject == "TEST TEST TEST Seavigil channel mail works TEST TEST TEST"
    assert "No ship is concerned" in told.text


def test_each_alert_by_itself_has_its_own_key() -> None:
    """What goes alert by alert is named as the outbox names it; a digest and a test stay whole."""
    both = message(payload("a", 2), payload("b"))
    assert [(one.key, len(one.alerts)) for one in each(both)] == [("a:2:x", 1), ("b:1:x", 1)]
    digest = digest_of(both.keys, both.alerts, CREATED_US)
    assert each(digest) == [digest]
    assert each(trial("x", CREATED_US)) == [trial("x", CREATED_US)]


def test_a_message_is_named_by_what_it_tells() -> None:
    """The same alerts make the same key in whatever order; one more makes another; one is its own."""
    assert key_of(["a:1:x", "b:1:x"]) == key_of(["b:1:x", "a:1:x"])
    assert key_of(["a:1:x", "b:1:x"]) != key_of(["a:1:x", "b:1:x", "c:1:x"])
    assert key_of(["a:1:x"]) == "a:1:x"
    assert re.fullmatch(r"[\w:-]+", key_of(["a:1:x", "b:1:x"]))


def test_a_digest_counts_and_lists() -> None:
    """Every alert of a digest is in its text and its data, in brief."""
    many = [payload(f"alert-{n}", priority="urgent" if n == 2 else "advisory") for n in range(3)]
    told = digest_of([f"{p['alert_id']}:1:x" for p in many], many, CREATED_US)
    assert told.subject == "3 alerts in brief: 1 urgent, 2 advisory"
    assert told.priority == "urgent"
    assert [told.text.count(f"[alert-{n}]") for n in range(3)] == [1, 1, 1]
    assert [one["alert_id"] for one in told.as_json()["alerts"]] == ["alert-0", "alert-1", "alert-2"]
    assert "reasons" not in told.alerts[0]


@given(st.text())
def test_nothing_that_a_ship_sends_breaks_a_line(name: str) -> None:
    """Names come from ships: no control character and no line of theirs gets into a subject or a text."""
    vessel = replace(alert().vessel or pytest.fail("no vessel"), name=name)
    told = message(payload(vessel=vessel))
    assert told.subject.isprintable() or not set(told.subject) & set(map(chr, range(32)))
    assert "\n" not in told.subject
    assert clean(told.text) == told.text
    assert len(told.subject) <= 160


@given(st.text(), st.integers(3, 50))
def test_a_line_is_never_longer_than_asked(text: str, most: int) -> None:
    """One line, cut to length."""
    assert len(one_line(text, most)) <= most
    assert "\n" not in one_line(text, most)
