"""The dispatcher: everything arrives or is given up and told, and one channel holds up no other."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seavigil.alerts.channels import PermanentFailure, Sent, channel_of
from seavigil.runners import dispatch
from seavigil.runners.dispatch import Dispatcher, Line
from seavigil.runners.outgoing import Pace
from seavigil.store.database import Database
from seavigil.store.rows import Batch, OutboxRow
from tests.alerts.channels.letters import CREATED_US, tools
from tests.runners.telling import HOUR_S, Box, Desk, Scripted, away, letter


def desk(*answers: Exception | str, pace: Pace | None = None, **channels: Scripted) -> Desk:
    """Give a dispatcher with a channel ``mail`` that answers so, and others."""
    return Desk(Box(), {"mail": Scripted(*answers), **channels}, pace or Pace())


def test_what_is_due_is_sent_and_marked() -> None:
    """One message, one row, what the other side said is kept."""
    at = desk("thanks")
    at.box.put(letter("a"))
    assert at.at(0).keys == ["a:1:mail"]
    row = at.box.rows["a:1:mail"]
    assert (row.state, row.says, row.attempts) == ("sent", "thanks", 1)
    health = at.dispatcher.health["mail"]
    assert (health.sent, health.failed, health.dead, health.failing_since_us) == (1, 0, 0, None)
    assert at.at(1).keys == ["a:1:mail"]


def test_a_passing_failure_is_tried_again_as_the_same_message() -> None:
    """After 5 s, then 10, with the same key and the same content; then it has arrived."""
    at = desk(away(), away(), "ok")
    at.box.put(letter("a", assets="link"), letter("b", assets="link"))
    assert len(at.at(0).heard) == 1
    assert [len(at.at(now_s).heard) for now_s in (4, 5, 14)] == [1, 2, 2]
    at.box.put(letter("c", assets="link", at_s=14))
    mail = at.at(15)
    assert mail.keys[2] == "c:1:mail"
    assert mail.heard[0] == mail.heard[1] == mail.heard[3]
    assert at.box.states() == {"a:1": "sent", "b:1": "sent", "c:1": "sent"}
    assert at.dispatcher.health["mail"].failed == 2


def test_the_other_side_says_when() -> None:
    """Retry-After goes before our own wait, for the message and for the channel."""
    at = desk(away(retry_after_s=200))
    at.box.put(letter("a"), letter("b"))
    assert [len(at.at(now_s).heard) for now_s in (0, 5, 199)] == [1, 1, 1]
    assert len(at.at(200).heard) == 3


def test_a_channel_rests_after_a_failure() -> None:
    """A server that is away is not asked for each of a hundred messages."""
    at = desk(away())
    at.box.put(*(letter(f"a{n}") for n in range(20)))
    assert len(at.at(0).heard) == 1
    assert len(at.at(1).heard) == 1
    assert len(at.at(5).heard) == 21


def test_one_message_that_fails_again_and_again_holds_up_no_other() -> None:
    """A message at which the server always stumbles comes last; the others arrive after one rest of 5 s."""
    at = desk()
    real = at.channels["mail"].deliver

    async def stumbles(message: Any) -> Sent:
        if message.alerts[0]["alert_id"] == "poison":
            raise away()
        return await real(message)

    at.channels["mail"].deliver = stumbles  # type: ignore[method-assign]
    at.box.put(letter("poison"))
    at.at(0)
    at.box.put(*(letter(f"b{n}", at_s=1) for n in range(5)))
    assert len(at.at(5).heard) == 5
    assert [state for name, state in at.box.states().items() if name != "poison:1"] == ["sent"] * 5
    assert at.box.states()["poison:1"] == "waiting"


def test_what_cannot_be_sent_for_so_long_is_given_up_and_told() -> None:
    """After ``give_up_after_s`` it is dead, and another channel says so."""
    other = Scripted()
    at = desk(*(away() for _ in range(99)), pace=Pace(give_up_after_s=50), other=other)
    at.box.put(letter("a"))
    for now_s in range(0, 200, 5):
        at.at(now_s)
    row = at.box.rows["a:1:mail"]
    assert (row.state, row.last_error) == ("dead", "HTTP 503")
    assert row.done_us is not None
    assert row.done_us >= CREATED_US + 50_000_000
    (told,) = other.heard
    assert told.subject.startswith("Channel mail did not bring: WARNING: ALDER")
    assert "It said: HTTP 503" in told.text
    assert "seavigil channels dead" in told.text
    assert at.dispatcher.health["mail"].dead == 1


def test_a_permanent_failure_is_given_up_at_once_and_told_once_an_hour() -> None:
    """Three alerts at a wrong address: three dead letters, one message about it."""
    other = Scripted()
    wrong = [PermanentFailure("HTTP 404") for _ in range(9)]
    at = desk(*wrong, other=other)
    at.box.put(*(letter(f"a{n}") for n in range(3)))
    assert len(at.at(0).heard) == 3
    assert set(at.box.states().values()) == {"dead"}
    assert len(other.heard) == 1
    at.box.put(letter("b", at_s=HOUR_S))
    at.at(HOUR_S)
    assert len(other.heard) == 2


def test_who_has_no_other_channel_is_told_by_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is given up in silence."""
    at = desk(PermanentFailure("HTTP 404"))
    at.box.put(letter("a"))
    at.at(0)
    assert "1 given up: HTTP 404" in caplog.text
    assert "no other channel to tell it through" in caplog.text


def test_a_channel_in_trouble_is_told_of_before_anything_is_given_up() -> None:
    """After a minute of failures the other channel says so, once an hour."""
    other = Scripted()
    at = desk(*(away() for _ in range(99)), other=other)
    at.box.put(letter("a"))
    for now_s in range(0, 1_200, 10):
        at.at(now_s)
    (told,) = other.heard
    assert told.subject.startswith("Channel mail has failed for ")
    assert 60 <= (told.created_us - CREATED_US) / 1e6 <= 120  # a minute, and the rest between two tries
    assert at.box.states() == {"a:1": "waiting"}
    assert at.dispatcher.health["mail"].failing_since_us == CREATED_US


def test_trouble_with_an_exercise_is_told_as_an_exercise() -> None:
    """A dead letter of an exercise alarms nobody who takes no exercises."""
    never, takes = Scripted(exercises="never"), Scripted()
    at = desk(PermanentFailure("HTTP 404"), never=never, takes=takes)
    at.box.put(letter("a", exercise=True))
    at.at(0)
    assert never.heard == []
    assert [one.status for one in takes.heard] == ["exercise"]


def test_a_channel_that_refuses_exercises_never_sends_one() -> None:
    """What should not have come so far is a dead letter, not a message."""
    at = Desk(Box(), {"mail": Scripted(exercises="never")})
    at.box.put(letter("a", exercise=True))
    assert at.at(0).heard == []
    assert at.box.rows["a:1:mail"].last_error == "this channel takes no exercises"


def test_a_channel_that_hangs_is_cut_off_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hanging one is tried again later; the others have sent long before."""
    monkeypatch.setattr(dispatch, "_LOOK_S", 0.01)
    hangs, works = Scripted("hang", timeout_s=30), Scripted()
    at = Desk(Box(), {"hangs": hangs, "works": works})
    at.box.put(letter("a", "hangs"), letter("b", "works"))

    async def work() -> None:
        running = asyncio.create_task(at.dispatcher.run())
        while at.box.rows["b:1:works"].state != "sent":
            await asyncio.sleep(0.005)
        assert len(hangs.heard) == 1
        monkeypatch.setattr(dispatch, "_LEAVE_S", 0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())
    assert at.box.states() == {"a:1": "waiting", "b:1": "sent"}
    cut = Desk(Box(), {"mail": Scripted("hang", timeout_s=1e-9)})
    monkeypatch.setattr(dispatch, "_CUT_S", 0.01)
    cut.box.put(letter("a"))
    cut.at(0)
    assert cut.box.rows["a:1:mail"].last_error == "no end after 0.01 s: cut off"


def test_a_fault_of_a_channel_may_pass() -> None:
    """What a channel raises that it should not is told, and tried again."""
    at = desk(RuntimeError("oops"), "ok")
    at.box.put(letter("a"))
    at.at(0)
    assert at.box.rows["a:1:mail"].last_error == "RuntimeError: oops"
    at.at(5)
    assert at.box.states() == {"a:1": "sent"}


def test_what_cannot_be_put_into_words_is_given_up_and_holds_up_nobody() -> None:
    """A payload that lacks what a message needs is a dead letter; the next one goes."""
    at = desk()
    bad = letter("a")
    del bad.payload["reasons"]  # type: ignore[attr-defined]
    at.box.put(bad, letter("b"))
    assert at.at(0).keys == ["b:1:mail"]
    assert at.box.rows["a:1:mail"].last_error == "cannot be put into words: KeyError: 'reasons'"


def test_the_rate_is_kept_and_nothing_is_dropped() -> None:
    """Four an hour: two at once, then one each half hour, digests of what has come; all arrive."""
    at = desk(pace=Pace(max_per_hour=4))
    at.box.put(*(letter(f"a{n}") for n in range(10)))
    assert [one.digest for one in at.at(0).heard] == [False, True]
    at.box.put(*(letter(f"b{n}", at_s=60) for n in range(5)))
    assert len(at.at(60).heard) == 2
    assert len(at.at(1_799).heard) == 2
    mail = at.at(1_800)
    assert [one.digest for one in mail.heard] == [False, True, True]
    assert set(at.box.states().values()) == {"sent"}
    told = {alert["alert_id"] for one in mail.heard for alert in one.alerts}
    assert len(told) == 15
    assert at.dispatcher.health["mail"].digests == 2


def test_urgent_alerts_do_not_wait_for_a_turn() -> None:
    """The limit is used up: an urgent alert goes all the same."""
    at = desk(pace=Pace(max_per_hour=1))
    at.box.put(letter("a"))
    at.at(0)
    at.box.put(letter("b", at_s=1), letter("c", at_s=1, priority="urgent"))
    assert at.at(1).keys == ["a:1:mail", "c:1:mail"]


def test_a_restart_gives_no_new_turns() -> None:
    """Four an hour: two at once, then one each half hour, also where it was started anew in between."""
    at = desk(pace=Pace(max_per_hour=4))
    at.box.put(letter("a"), letter("b"))
    assert len(at.at(0).heard) == 2
    for now_s, heard in ((60, 2), (1_799, 2), (1_800, 3), (1_801, 3)):
        at.start()
        at.box.put(letter(f"c{now_s}", at_s=now_s))
        assert len(at.at(now_s).heard) == heard


@pytest.mark.parametrize("moment", ["before sending", "after sending"])
def test_a_crash_around_sending_repeats_the_same_message(
    moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between noting what is about to be sent and that it was: the same key and content come."""
    at = desk()
    at.box.put(letter("a", assets="link"), letter("b", assets="link"))

    class Killed(BaseException):
        pass

    async def killed(message: Any) -> Sent:
        if moment == "after sending":
            at.channels["mail"].heard.append(message)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(at.channels["mail"], "deliver", killed)
        with pytest.raises(Killed):
            at.at(0)
    at.start()
    at.box.put(letter("c", assets="link"))
    mail = at.at(1)
    both = [one for one in mail.heard if one.key != "c:1:mail"]
    assert len(both) == (2 if moment == "after sending" else 1)
    assert both[0] == both[-1]
    assert {alert["alert_id"] for alert in both[0].alerts} == {"a", "b"}
    assert set(at.box.states().values()) == {"sent"}


def test_what_was_sent_and_could_not_be_marked_is_not_sent_again() -> None:
    """The disk is full just when the mark should be written: it is written later, before anything else."""
    at = desk()
    at.box.put(letter("a"), letter("b", at_s=1))
    real = at.channels["mail"].deliver

    async def fills_up(message: Any) -> Sent:
        at.box.shut = True
        return await real(message)

    at.channels["mail"].deliver = fills_up  # type: ignore[method-assign]
    at.at(1)
    assert at.channels["mail"].keys == ["a:1:mail"]
    assert at.dispatcher.health["mail"].last_error == "the outbox: No space left on device"
    at.at(10)
    at.box.shut = False
    at.channels["mail"].deliver = real  # type: ignore[method-assign]
    assert at.at(100).keys == ["a:1:mail", "b:1:mail"]
    assert set(at.box.states().values()) == {"sent"}
    assert at.dispatcher.health["mail"].failing_since_us is None


def test_a_part_that_did_not_arrive_is_told() -> None:
    """One of two recipients is refused for good: sent, and on record as short."""
    at = desk()

    async def partly(message: Any) -> Sent:
        return Sent("taken for 1 of 2", short="b@example.org: 550 unknown")

    at.channels["mail"].deliver = partly  # type: ignore[method-assign]
    at.box.put(letter("a"))
    at.at(0)
    row, health = at.box.rows["a:1:mail"], at.dispatcher.health["mail"]
    assert row.says == "taken for 1 of 2; not arrived: b@example.org: 550 unknown"
    assert (health.sent, health.short) == (1, 1)


def test_health_says_how_much_waits_and_for_how_long() -> None:
    """Of what is due at the last look: how many rows, and the age of the oldest."""
    at = desk(away())
    at.box.put(letter("a"), letter("b", at_s=10))
    at.at(30)
    health = at.dispatcher.health["mail"]
    assert (health.waiting, health.oldest_waiting_s(at.now_us)) == (2, 30.0)


def test_it_is_woken_and_leaves_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """New rows are sent as soon as it is told of them; a message on its way is seen to its end."""
    monkeypatch.setattr(dispatch, "_LOOK_S", 3_600.0)
    at = desk()
    leaving = asyncio.Event()

    async def slow(message: Any) -> Sent:
        leaving.set()
        await asyncio.sleep(0.05)
        return Sent("ok")

    async def work() -> None:
        running = asyncio.create_task(at.dispatcher.run())
        await asyncio.sleep(0)
        at.channels["mail"].deliver = slow  # type: ignore[method-assign]
        while not leaving.is_set():
            at.box.put(letter("a"))
            at.dispatcher.wake()
            await asyncio.sleep(0.001)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())
    assert at.box.states() == {"a:1": "sent"}


def test_with_a_real_store_and_a_real_file_every_alert_arrives_once(tmp_path: Path) -> None:
    """Rows saved twice, a dispatcher started twice: each line once."""
    rows = [OutboxRow(**_row(letter(f"a{n}", "file", at_s=n))) for n in range(5)]
    batch = Batch(position=1, wall_us=CREATED_US, outbox=rows)
    now_us = CREATED_US + 60_000_000
    with Database.open(f"sqlite:///{tmp_path}/seavigil.sqlite") as database:
        for _ in range(2):
            database.save(batch)
            line = Line("file", channel_of("file", {}, tools(tmp_path), str), Pace(max_per_hour=None))
            dispatcher = Dispatcher(database, [line], now_us=lambda: now_us, chance=lambda: 0.5)
            asyncio.run(dispatcher.step("file"))
        assert database.outbox_counts() == {"waiting": 0, "sent": 5, "dead": 0}
    lines = (tmp_path / "alerts.ndjson").read_text().splitlines()
    assert [json.loads(line)["key"] for line in lines] == [f"a{n}:1:file" for n in range(5)]


def _row(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in OutboxRow.__slots__}


def test_a_row_that_was_pruned_stops_nothing() -> None:
    """Its mark has nowhere to go: that is told, and the next message is sent."""
    at = desk()
    at.box.put(letter("a"))
    real = at.box.sent

    def gone(key: Any, now_us: int, says: str = "") -> None:
        if at.box.rows.pop("a:1:mail", None) is not None:
            raise ValueError("no letter 'a:1:mail' in the outbox")
        real(key, now_us, says)

    at.box.sent = gone  # type: ignore[method-assign]
    at.at(0)
    at.box.put(replace(letter("b"), key="b:1:mail"))
    at.at(1)
    assert at.box.states() == {"b:1": "sent"}
