"""Standard input: what another program writes."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from seavigil.feeds.transports.contract import FeedState, Sink
from seavigil.feeds.transports.lines import LineGauge
from seavigil.feeds.transports.sockets import STOPPED, above_nothing, readable


@dataclass(frozen=True)
class PipeParams:
    """How a pipe is read; limits are own choices."""

    #: More than a pipe of Linux holds (64 KiB, pipe(7)); files come faster in larger pieces.
    read_bytes: int = 262_144
    max_line_bytes: int = 65_536

    def __post_init__(self) -> None:
        above_nothing(self, "read_bytes", "max_line_bytes")


class Pipe:
    """Reads standard input (or another file descriptor, which stays open) to its end."""

    def __init__(self, fd: int = 0, *, params: PipeParams | None = None) -> None:
        self._fd = fd
        self._params = params or PipeParams()

    @property
    def shown(self) -> str:
        """What stands for standard input on the command line."""
        return "-"

    async def run(self, sink: Sink) -> None:
        """Bring bytes until the other program closes its end."""
        sink.state(FeedState.CONNECTED)
        stream = sink.opened("standard input")
        why = STOPPED
        try:
            await self._pour(stream, sink)
            why = "standard input is at its end"
        except _Broken as fault:
            why = f"standard input cannot be read: {fault}"
        finally:
            sink.closed(stream, why)
        sink.state(FeedState.ENDED, why)

    async def _pour(self, stream: int, sink: Sink) -> None:
        gauge = LineGauge(self._params.max_line_bytes)
        while data := await self._read():
            if over := gauge.take(data):
                sink.count("overlong_lines", over)
            await sink.received(stream, data)

    async def _read(self) -> bytes:
        """Read what is there. A pipe is waited for here: a thread that reads it could not be stopped."""
        try:
            try:
                await readable(self._fd)
            except PermissionError:  # a file: epoll does not wait for those, reading never does for long
                await asyncio.sleep(0)
            return os.read(self._fd, self._params.read_bytes)
        except BlockingIOError:
            return await self._read()
        except OSError as fault:
            raise _Broken(fault.strerror or str(fault)) from None


class _Broken(Exception):
    """It cannot be read any more."""
