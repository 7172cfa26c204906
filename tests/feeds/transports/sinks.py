"""A sink that keeps what it is told, and waiting for something without sleeping for a fixed time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from seavigil.feeds.transports.backoff import BackoffParams
from seavigil.feeds.transports.contract import FeedState, Transport

#: Waits so short that no test notices them.
SOON = BackoffParams(first_s=0.001, most_s=0.01, refused_s=0.01)
#: Nothing in these tests takes this long unless it hangs.
LIMIT_S = 30.0


@dataclass
class RecordingSink:
    """Keeps streams, states and counts. ``gate`` closed: `received` waits, as on a full disk."""

    peers: dict[int, str] = field(default_factory=dict)
    pieces: dict[int, list[bytes]] = field(default_factory=dict)
    ends: dict[int, str] = field(default_factory=dict)
    states: list[tuple[FeedState, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    gate: asyncio.Event | None = None
    waiting_bytes: int = 0  #: given to `received`, which has not returned

    def opened(self, peer: str) -> int:
        stream = len(self.peers) + 1
        self.peers[stream] = peer
        self.pieces[stream] = []
        return stream

    async def received(self, stream: int, data: bytes) -> None:
        assert stream in self.peers
        assert stream not in self.ends, "bytes after the end"
        assert data
        if self.gate is not None:
            self.waiting_bytes += len(data)
            await self.gate.wait()
            self.waiting_bytes -= len(data)
        self.pieces[stream].append(data)
        await asyncio.sleep(0)

    def closed(self, stream: int, why: str = "") -> None:
        assert stream in self.peers
        assert stream not in self.ends, "closed twice"
        self.ends[stream] = why

    def state(self, state: FeedState, why: str = "") -> None:
        assert not self.states or self.states[-1] != (state, why), "told twice"
        self.states.append((state, why))

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] += number

    def data(self, stream: int = 1) -> bytes:
        """Give all bytes of one stream."""
        return b"".join(self.pieces.get(stream, []))

    @property
    def total_bytes(self) -> int:
        return sum(len(piece) for pieces in self.pieces.values() for piece in pieces)

    def last(self) -> FeedState | None:
        return self.states[-1][0] if self.states else None

    def said(self, state: FeedState) -> list[str]:
        """Give the reasons told with ``state``."""
        return [why for told, why in self.states if told == state]


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition; fail when it does not come."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():
            await asyncio.sleep(0.002)


async def stopped(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def running(transport: Transport, sink: RecordingSink, during: Callable[[], Awaitable[None]]) -> None:
    """Run a transport while ``during`` lasts; then cancel it: no task may be left, every stream closed."""
    before = asyncio.all_tasks()
    task = asyncio.create_task(transport.run(sink))
    try:
        await during()
    finally:
        if task.done():
            task.result()
        else:
            await stopped(task)
    await until(lambda: asyncio.all_tasks() <= before)
    assert set(sink.ends) == set(sink.peers)


def play(story: Coroutine[Any, Any, None]) -> None:
    """Run a test's story; an error that asyncio only logs fails it too."""
    logged: list[dict[str, Any]] = []

    async def told() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: logged.append(context))
        await asyncio.wait_for(story, LIMIT_S)

    asyncio.run(told())
    assert logged == []
