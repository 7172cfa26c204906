"""What feeds bring, written into the raw log before anything is made of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

from seavigil.feeds.transports.contract import FeedState
from seavigil.records import SECOND_US
from seavigil.runners.wall import WallClock
from seavigil.store.rawlog import Entry, Kind

#: Bytes that come within so long are written together: one call for many feeds (own choice).
LINGER_S = 0.02
#: The wall clock is written into the log so often: what is judged by silence needs to know of it.
TICK_S = 5.0
#: Where the disk takes nothing, it is tried again so often.
_AGAIN_S = 1.0
#: No record is longer than this (own choice: 1 MiB).
RECORD_BYTES = 1 << 20
#: What only tells how things stand is left out, and counted, where so much waits for the disk already.
_MOST_WAITING = 10_000
_CAN_BE_MISSED = frozenset({Kind.STATE, Kind.TICK})
#: While so much waits for the disk, who brings more waits too (own choice: seconds of the busiest feed).
HELD_BYTES = 32 << 20


#: Kind, feed, stream, when it came, payload.
_Piece = tuple[Kind, int, int, int, bytes]


class Log(Protocol):
    """The raw log, as far as it is written."""

    def append(self, records: Sequence[Entry]) -> int:
        """Write records down; gives the number of the last."""

    def notices(self) -> list[str]:
        """Give what there is to say of the log since the last call, in words."""


@dataclass
class Intake:
    """Gathers what all feeds bring and writes it in one order. ``heard`` is called after each writing.

    While the log cannot be written, ``trouble`` says why, feeds wait, and what they cannot hold is counted.
    """

    log: Log
    clock: WallClock
    heard: Callable[[], None] = lambda: None
    tick_s: float = TICK_S
    again_s: float = _AGAIN_S
    trouble: str | None = None
    #: The newest record written.
    position: int = 0

    #: How each feed's connection does, by its number: state and why.
    states: dict[int, tuple[str, str]] = field(default_factory=dict)
    #: The same as it came, for who tells it one after another and takes it away.
    news: deque[tuple[int, str, str]] = field(default_factory=lambda: deque(maxlen=1_000))

    def __post_init__(self) -> None:
        self._waiting: list[_Piece] = []
        self._written: list[asyncio.Future[None]] = []
        self._counted: Counter[tuple[int, str]] = Counter()
        self._work, self._room = asyncio.Event(), asyncio.Event()
        self._held_bytes = 0
        self._stopping = False
        self._streams = 0
        # a thread of its own: where the store is locked, threads that wait for it take all that others share
        self._writer = ThreadPoolExecutor(1, "intake")

    def sink(self, feed: int) -> FeedSink:
        """Give the sink of one feed."""
        return FeedSink(self, feed)

    def note(self, kind: Kind, content: Mapping[str, Any] | None = None, *, feed: int = 0) -> None:
        """Write down something that is no data."""
        payload = b"" if content is None else json.dumps(content).encode()
        self._put(kind, feed, 0, payload)

    async def noted(self, kind: Kind, content: Mapping[str, Any]) -> None:
        """Write down something that is no data; on return it is written."""
        self.note(kind, content)
        await self._next_writing()

    async def run(self) -> None:
        """Write until told to `stop`, and then what is left."""
        ticking = asyncio.create_task(self._tick())
        try:
            while not self._stopping:
                await self._work.wait()
                await asyncio.sleep(LINGER_S)
                await self._write()
        finally:
            ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticking
        await self._write()
        self._writer.shutdown(wait=False)

    def stop(self) -> None:
        """Let `run` write what waits, and end; nothing may be brought any more."""
        self._stopping = True
        self._work.set()

    async def _tick(self) -> None:
        """Tell the time; not while nothing can be written: feeds that wait for us are not mute."""
        while True:
            self.tell_clock()
            if self.trouble is None:
                for told in self.log.notices():
                    self.note(Kind.STATE, {"state": "log", "why": told})
                self.note(Kind.TICK)
            await asyncio.sleep(self.tick_s)

    def tell_clock(self) -> None:
        """Write down what there is to say of the clock."""
        for told in self.clock.tell():
            self.note(Kind.STATE, {"state": "clock", "why": told})

    async def _write(self) -> None:
        """Write what waits; should the log not take it, say so and try again."""
        self._work.clear()
        counted, self._counted = self._counted, Counter()
        for (feed, what), number in counted.items():
            self.note(Kind.COUNT, {"what": what, "n": number}, feed=feed)
        if not self._waiting:
            return
        (taken, self._waiting), (written, self._written) = (self._waiting, []), (self._written, [])
        if not await self._append(
            [Entry(k, us, feed, stream, data) for k, feed, stream, us, data in _joined(taken)]
        ):
            return
        self._held_bytes -= sum(len(piece[-1]) for piece in taken)
        self._room.set()
        for done in written:
            if not done.done():
                done.set_result(None)
        self.heard()

    async def _append(self, entries: Sequence[Entry]) -> bool:
        """Write until it is written; gives false where we are to end and the log still takes nothing."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                self.position = await loop.run_in_executor(self._writer, self.log.append, entries)
            except OSError as fault:
                self.trouble = str(fault)
                if self._stopping:
                    return False
                await asyncio.sleep(self.again_s)
            else:
                break
        if self.trouble is not None:
            why = f"the log can be written again; before: {self.trouble}"
            self.trouble = None
            self.note(Kind.STATE, {"state": "log", "why": why})
        return True

    def opened(self, feed: int, peer: str) -> int:
        """Number a new connection: by the time, so that no number of an earlier run comes again."""
        self._streams = max(self._streams + 1, self.clock.now_us() // SECOND_US)
        payload = json.dumps({"peer": peer}).encode()
        self._put(Kind.OPENED, feed, self._streams, payload)
        return self._streams

    async def received(self, feed: int, stream: int, data: bytes) -> None:
        """Write down what a connection brought; on return it is written."""
        while data and self._held_bytes >= HELD_BYTES:
            self._room.clear()
            await self._room.wait()
        if data:
            self._put(Kind.DATA, feed, stream, data)
            await self._next_writing()

    def closed(self, feed: int, stream: int, why: str) -> None:
        """Write down that a connection is over."""
        self._put(Kind.CLOSED, feed, stream, json.dumps({"why": why}).encode())

    def count(self, feed: int, what: str, number: int) -> None:
        """Count what a feed lost; written with what comes next."""
        self._counted[feed, what] += number
        self._work.set()

    def _next_writing(self) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._written.append(done)
        return done

    def _put(self, kind: Kind, feed: int, stream: int, payload: bytes) -> None:
        if kind in _CAN_BE_MISSED and len(self._waiting) >= _MOST_WAITING:
            self._counted[feed, "notes_dropped"] += 1
            return
        self._waiting.append((kind, feed, stream, self.clock.now_us(), payload))
        self._held_bytes += len(payload)
        self._work.set()


def _joined(taken: Sequence[_Piece]) -> Iterator[_Piece]:
    """Put pieces of one connection that follow each other into one record, of the time of the first."""
    for (kind, feed, stream), pieces in groupby(taken, key=itemgetter(0, 1, 2)):
        if kind != Kind.DATA:
            yield from pieces
            continue
        parts: list[bytes] = []
        began_us = size = 0
        for came_us, data in _sliced(pieces):
            if parts and size + len(data) > RECORD_BYTES:
                yield kind, feed, stream, began_us, b"".join(parts)
                parts, size = [], 0
            began_us = began_us if parts else came_us
            parts.append(data)
            size += len(data)
        yield kind, feed, stream, began_us, b"".join(parts)


def _sliced(pieces: Iterable[_Piece]) -> Iterator[tuple[int, bytes]]:
    """Cut pieces that are longer than a record: a connection's bytes are decoded the same however cut."""
    for *_, came_us, data in pieces:
        for at in range(0, len(data), RECORD_BYTES):
            yield came_us, data[at : at + RECORD_BYTES]


@dataclass(frozen=True)
class FeedSink:
    """Where one feed's transport puts what it brings (`feeds.transports.contract.Sink`)."""

    intake: Intake
    feed: int

    def opened(self, peer: str) -> int:
        """Tell of a new connection; gives its number."""
        return self.intake.opened(self.feed, peer)

    async def received(self, stream: int, data: bytes) -> None:
        """Write bytes down; on return they are with the operating system."""
        await self.intake.received(self.feed, stream, data)

    def closed(self, stream: int, why: str = "") -> None:
        """Tell that a connection is over."""
        self.intake.closed(self.feed, stream, why)

    def state(self, state: FeedState, why: str = "") -> None:
        """Tell how the feed does."""
        self.intake.states[self.feed] = (str(state), why)
        self.intake.news.append((self.feed, str(state), why))
        self.intake.note(Kind.STATE, {"state": str(state), "why": why}, feed=self.feed)

    def count(self, what: str, number: int = 1) -> None:
        """Count what was lost or cut."""
        self.intake.count(self.feed, what, number)
