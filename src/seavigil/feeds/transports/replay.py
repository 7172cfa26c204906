"""Recordings sent as if they came now, at any multiple of their own pace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from seavigil.feeds.transports.compressed import DamagedStream
from seavigil.feeds.transports.contract import FeedState, Sink
from seavigil.feeds.transports.files import Stream, UnreadableFile, expand, open_streams
from seavigil.feeds.transports.lines import LineBlocks
from seavigil.feeds.transports.sockets import STOPPED

_US = 1_000_000
#: So many first bytes are given to ``open_pace``.
HEAD_BYTES = 65_536

#: Takes the bytes of one recording block by block; gives the newest time in each, us UTC, or None.
Pace = Callable[[bytes], int | None]
#: Gives the pace of a recording by its name and first bytes; raises `ValueError` where it finds no times.
OpenPace = Callable[[str, bytes], Pace]
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class ReplayParams:
    """How a recording is cut and paced; all are own choices."""

    #: Without a pace: so much at once.
    block_bytes: int = 1_048_576
    max_line_bytes: int = 65_536
    #: With a pace blocks are made as large as what comes within this.
    step_s: float = 0.1
    least_block_bytes: int = 1_024
    #: No wait is longer; a recording that is silent for longer, or leaps in time, goes on from there.
    longest_wait_s: float = 300.0

    def __post_init__(self) -> None:
        if not 0 < self.least_block_bytes <= self.block_bytes or self.step_s <= 0:
            raise ValueError("blocks and steps must be above 0, the least block no larger than the others")


class Pacer:
    """Tells how long to wait for a moment of the data: ``speed`` times as fast as it was recorded."""

    def __init__(self, speed: float, longest_wait_s: float) -> None:
        self._speed = speed
        self._longest_s = longest_wait_s
        self._anchor: tuple[float, int] | None = None

    def wait_s(self, now_s: float, data_us: int) -> float:
        """Give the wait, in seconds, until what was recorded at ``data_us`` is due.

        What is overdue by more than the longest wait (the sink was slow, or the recording leapt back) is not
        caught up with: time goes on from there. The same with what lies too far ahead, after a wait.
        """
        due_s = now_s
        if self._anchor is not None:
            at_s, at_us = self._anchor
            due_s = at_s + (data_us - at_us) / _US / self._speed
        wait_s = min(max(due_s - now_s, 0.0), self._longest_s)
        if self._anchor is None or abs(due_s - now_s) > self._longest_s:
            self._anchor = now_s + wait_s, data_us
        return wait_s


class BlockSize:
    """How large a block must be to hold what was recorded within ``step_us``."""

    def __init__(self, params: ReplayParams, step_us: float) -> None:
        self._params = params
        self._step_us = step_us
        self._newest_us: int | None = None
        self.size_bytes = params.least_block_bytes

    def held(self, newest_us: int) -> None:
        """Learn from the newest time of a block of this size: doubled or halved at most."""
        if self._newest_us is not None:
            step_us = max(newest_us - self._newest_us, 0)
            change = min(max(self._step_us / max(step_us, 1), 0.5), 2.0)
            size = round(self.size_bytes * change)
            self.size_bytes = min(max(size, self._params.least_block_bytes), self._params.block_bytes)
        self._newest_us = max(newest_us, self._newest_us or newest_us)


class Replay:
    """Sends recordings (files, folders, globs; unpacked by what they are), each a stream of its own.

    ``speed`` None: as fast as the sink takes it. Otherwise ``open_pace`` must tell the times in it. Blocks
    end at line ends. What cannot be read is counted (``unreadable_recordings``, ``damaged_recordings``) and
    told in the end, and the others are sent. Raises `ValueError` for a speed that is none.
    """

    def __init__(
        self,
        sources: Sequence[str],
        *,
        speed: float | None = None,
        open_pace: OpenPace | None = None,
        params: ReplayParams | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if speed is not None and not 0 < speed < float("inf"):
            raise ValueError(f"speed must be above 0, not {speed:g}")
        if speed is not None and open_pace is None:
            raise ValueError("a speed needs to know the times in the recording")
        self._sources = list(sources)
        self._speed = speed
        self._open_pace = open_pace
        self._params = params or ReplayParams()
        self._pacer = None if speed is None else Pacer(speed, self._params.longest_wait_s)
        self._sleep = sleep
        self._faults: list[str] = []

    @property
    def shown(self) -> str:
        """What is replayed, and how fast."""
        speed = "" if self._speed is None else f" at {self._speed:g} times its speed"
        return f"replay of {', '.join(self._sources)}{speed}"

    async def run(self, sink: Sink) -> None:
        """Send everything; then the feed has ended."""
        sink.state(FeedState.CONNECTED, self.shown)
        for file in await _in_thread(lambda: expand(self._sources)):
            try:
                await self._send_file(file, sink)
            except UnreadableFile as fault:
                self._fault(sink, "unreadable_recordings", str(fault))
        more = f" ({len(self._faults)} could not be read in full)" if len(self._faults) > 1 else ""
        sink.state(FeedState.ENDED, f"{self._faults[0]}{more}" if self._faults else "")

    def _fault(self, sink: Sink, what: str, says: str) -> None:
        self._faults.append(says)
        sink.count(what)

    async def _send_file(self, file: str, sink: Sink) -> None:
        streams = _generator(open_streams(file, head_bytes=HEAD_BYTES))
        try:
            while (stream := await _in_thread(lambda: next(streams, None))) is not None:
                await self._send_stream(stream, sink)
        finally:
            streams.close()

    async def _send_stream(self, recorded: Stream, sink: Sink) -> None:
        stream, why = sink.opened(recorded.name), STOPPED
        try:
            await self._send_blocks(recorded, stream, sink)
            why = ""
        except DamagedStream as fault:
            why = f"{recorded.name}: {fault}"
            self._fault(sink, "damaged_recordings", why)
        except UnreadableFile as fault:
            why = str(fault)
            self._fault(sink, "unreadable_recordings", why)
        finally:
            sink.closed(stream, why)

    async def _send_blocks(self, recorded: Stream, stream: int, sink: Sink) -> None:
        blocks = self._blocks(recorded)
        loop = asyncio.get_running_loop()
        while (found := await _in_thread(lambda: next(blocks, None))) is not None:
            block, newest_us = found
            if self._pacer is not None and newest_us is not None:
                await self._sleep(self._pacer.wait_s(loop.time(), newest_us))
            await sink.received(stream, block)

    def _blocks(self, recorded: Stream) -> Iterator[tuple[bytes, int | None]]:
        """Give blocks of lines and, if it matters, the newest time in each; reads and decodes as it goes."""
        if recorded.table_file is not None:
            raise UnreadableFile(f"{recorded.name}: Parquet holds rows, not the bytes of a feed")
        most, longest = self._params.block_bytes, self._params.max_line_bytes
        cutter = LineBlocks(recorded.chunks, block_bytes=most, max_line_bytes=longest)
        if self._speed is None or self._open_pace is None:
            yield from ((block, None) for block in cutter)
            return
        pace = _opened(self._open_pace, recorded)
        size = BlockSize(self._params, self._speed * self._params.step_s * _US)
        cutter.block_bytes = size.size_bytes
        for block in cutter:
            newest_us = pace(block)
            if newest_us is not None:
                size.held(newest_us)
                cutter.block_bytes = size.size_bytes
            yield block, newest_us


def _opened(open_pace: OpenPace, recorded: Stream) -> Pace:
    try:
        return open_pace(recorded.name, recorded.chunks.head)
    except ValueError as fault:
        raise UnreadableFile(str(fault)) from None


def _generator(streams: Iterator[Stream]) -> Generator[Stream, None, None]:
    """Take streams as what they are: closing them closes the file."""
    return cast(Generator[Stream, None, None], streams)


async def _in_thread(work: Callable[[], _Found]) -> _Found:
    """Do what blocks in a thread; cancelled, wait for its end: nobody else may close what it reads."""
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.gather(doing, return_exceptions=True)
        raise
