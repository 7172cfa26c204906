"""What feeds bring is written before they are told so; while nothing can be written they wait, bounded."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from seavigil.feeds.transports.contract import FeedState
from seavigil.runners import intake as intakes
from seavigil.runners.intake import Intake
from seavigil.store.rawlog import Entry, Kind
from tests.runners.rig import NEVER_S, HandClock, until


class Log:
    """A log in memory, on a disk that can be full. ``full`` is what it says then."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.full: int | None = None
        self.tried = 0
        self.said: list[str] = []

    def append(self, entries: Sequence[Entry]) -> int:
        self.tried += 1
        if self.full is not None:
            raise OSError(self.full, os.strerror(self.full))
        self.entries += entries
        return len(self.entries)

    def notices(self) -> list[str]:
        said, self.said = self.said, []
        return said

    def data(self, stream: int) -> bytes:
        return b"".join(e.payload for e in self.entries if e.kind == Kind.DATA and e.stream == stream)


Story = Callable[[Intake, Log, HandClock], Coroutine[Any, Any, None]]


def play(story: Story, tick_s: float = NEVER_S) -> Log:
    """Run an intake over a log while a story is told; gives the log."""
    log, hand = Log(), HandClock()

    async def told() -> None:
        intake = Intake(log, hand.clock(), tick_s=tick_s, again_s=0.001)
        running = asyncio.create_task(intake.run())
        await story(intake, log, hand)
        intake.stop()
        await running

    asyncio.run(told())
    return log


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_while_the_disk_takes_nothing_feeds_wait_and_then_nothing_is_missing(code: int) -> None:
    """Nobody is told that something was written before it was; what came keeps its order and its time."""

    async def story(intake: Intake, log: Log, hand: HandClock) -> None:
        sink = intake.sink(1)
        stream = sink.opened("peer")
        await sink.received(stream, b"before\n")
        began_us = intake.clock.now_us()
        log.full = code
        hand.pass_s(1)
        waiting = asyncio.create_task(sink.received(stream, b"during\n"))
        await until(lambda: intake.trouble)
        assert os.strerror(code) in str(intake.trouble)
        hand.pass_s(3600)
        assert not waiting.done()
        log.full = None
        await waiting
        assert intake.trouble is None
        await sink.received(stream, b"after\n")
        times = {e.payload: e.wall_us - began_us for e in log.entries if e.kind == Kind.DATA}
        assert times == {b"before\n": 0, b"during\n": 1_000_000, b"after\n": 3_601_000_000}

    log = play(story)
    assert log.data(next(e.stream for e in log.entries if e.stream)) == b"before\nduring\nafter\n"
    assert any(b"can be written again" in e.payload for e in log.entries if e.kind == Kind.STATE)


def test_what_waits_for_the_disk_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many connections bring something, and come again when they were cut off."""
    monkeypatch.setattr(intakes, "HELD_BYTES", 10_000)

    async def story(intake: Intake, log: Log, _: HandClock) -> None:
        log.full = errno.ENOSPC
        sink = intake.sink(1)
        tasks = [asyncio.create_task(sink.received(n, bytes(1_000))) for n in range(1, 101)]
        await until(lambda: intake.trouble)
        tried = log.tried
        await until(lambda: log.tried > tried + 3)
        assert intake._held_bytes <= 11_000
        for task in tasks[:50]:
            task.cancel()
        log.full = None
        await asyncio.gather(*tasks[50:])

    log = play(story)
    assert all(len(log.data(n)) == 1_000 for n in range(51, 101))


def test_the_clock_does_not_tick_while_nothing_can_be_written() -> None:
    """Feeds that have to wait for us are not mute: that time is a pause, as of a watch that was off."""

    async def story(intake: Intake, log: Log, _: HandClock) -> None:
        await until(lambda: any(e.kind == Kind.TICK for e in log.entries))
        log.full = errno.ENOSPC
        await until(lambda: intake.trouble)
        tried, before = log.tried, len(intake._waiting)
        await until(lambda: log.tried > tried + 20)
        assert len(intake._waiting) - before <= 1
        log.full = None
        ticks = sum(e.kind == Kind.TICK for e in log.entries)
        await until(lambda: sum(e.kind == Kind.TICK for e in log.entries) > ticks + 2)

    play(story, tick_s=0.001)


def test_what_was_lost_is_counted_once_it_can_be_written() -> None:
    """A transport that cannot make its senders wait counts what it sheds."""

    async def story(intake: Intake, log: Log, _: HandClock) -> None:
        log.full = errno.ENOSPC
        sink = intake.sink(7)
        waiting = asyncio.create_task(sink.received(1, b"x\n"))
        await until(lambda: intake.trouble)
        for _ in range(1_000):
            sink.count("kernel_drops", 3)
        log.full = None
        await waiting

    log = play(story)
    counted = [e.payload for e in log.entries if e.kind == Kind.COUNT]
    assert counted == [b'{"what": "kernel_drops", "n": 3000}']


def test_what_the_log_says_of_itself_is_written_into_it() -> None:
    """A torn end, a sync that failed: a statement tells of it later."""

    async def story(intake: Intake, log: Log, _: HandClock) -> None:
        log.said = ["12 bytes were cut off"]
        await until(lambda: any(b"12 bytes" in e.payload for e in log.entries))

    play(story, tick_s=0.001)


def test_told_to_stop_while_nothing_can_be_written_it_ends_and_says_what_keeps_it() -> None:
    """Who brought the last bytes was never told that they were written."""
    told: list[Intake] = []

    async def story(intake: Intake, log: Log, _: HandClock) -> None:
        told.append(intake)
        log.full = errno.ENOSPC
        waiting = asyncio.create_task(intake.sink(1).received(1, b"x\n"))
        await until(lambda: intake.trouble)
        assert not waiting.done()
        waiting.cancel()

    assert play(story).data(1) == b""
    assert "No space left" in str(told[0].trouble)


def test_pieces_of_one_connection_become_records_of_bounded_size() -> None:
    """In their order, and those of others between them as they came."""

    async def story(intake: Intake, _: Log, hand: HandClock) -> None:
        sink = intake.sink(1)
        await asyncio.gather(*(sink.received(1, bytes([n]) * 400_000) for n in range(1, 6)))
        hand.pass_s(1)
        await asyncio.gather(sink.received(1, b"a"), sink.received(2, b"b"), sink.received(1, b"c"))

    log = play(story)
    assert log.data(1) == b"".join(bytes([n]) * 400_000 for n in range(1, 6)) + b"ac"
    records = [e for e in log.entries if e.kind == Kind.DATA]
    assert max(len(e.payload) for e in records) <= intakes.RECORD_BYTES
    assert [e.payload for e in records[-3:]] == [b"a", b"b", b"c"]
    assert [e.wall_us for e in records] == sorted(e.wall_us for e in records)


def test_a_piece_longer_than_any_record_is_written_in_several() -> None:
    """What a port or a broker had piled up comes at once; the log takes no record so long."""
    piled_up = bytes(range(256)) * 80_000

    async def story(intake: Intake, _: Log, __: HandClock) -> None:
        await intake.sink(1).received(1, piled_up)

    log = play(story)
    assert log.data(1) == piled_up
    assert max(len(e.payload) for e in log.entries) <= intakes.RECORD_BYTES


def test_what_was_lost_is_counted_however_many_notes_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """States beyond the bound are left out and counted; what is said to be written is."""
    monkeypatch.setattr(intakes, "_MOST_WAITING", 5)

    async def story(intake: Intake, log: Log, _: HandClock) -> None:
        log.full = errno.ENOSPC
        sink = intake.sink(7)
        for _ in range(20):
            sink.state(FeedState.WAITING, "gone")
        sink.count("kernel_drops", 3)
        command = asyncio.create_task(intake.noted(Kind.COMMAND, {"why": "\ud800"}))
        await until(lambda: intake.trouble)
        for _ in range(20):
            sink.state(FeedState.WAITING, "gone")
        log.full = None
        await command

    log = play(story)
    counted = {e.payload for e in log.entries if e.kind == Kind.COUNT}
    assert b'{"what": "kernel_drops", "n": 3}' in counted
    assert any(b"notes_dropped" in payload for payload in counted)
    assert [e.payload for e in log.entries if e.kind == Kind.COMMAND] == [b'{"why": "\\ud800"}']
