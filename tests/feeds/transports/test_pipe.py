"""Standard input: a pipe, a file, a terminal's end; read to its end, stopped at any time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from seavigil.feeds.transports.contract import FeedState
from seavigil.feeds.transports.pipe import Pipe, PipeParams
from tests.feeds.transports.sinks import RecordingSink, play, running, until

LINES = b"".join(b"line %d\n" % number for number in range(20_000))


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Give both ends of a pipe; what a test leaves open is closed."""
    ends = os.pipe()
    yield ends
    for fd in ends:
        try:
            os.close(fd)
        except OSError:
            continue


def test_pipe_is_read_to_its_end(pipe: tuple[int, int]) -> None:
    """What another program writes arrives as it was written; its end is the feed's end."""
    sink, (ours, theirs) = RecordingSink(), pipe

    async def story() -> None:
        task = asyncio.create_task(Pipe(ours).run(sink))
        await asyncio.to_thread(write_all, theirs, LINES)
        os.close(theirs)
        await task

    play(story())
    assert sink.data() == LINES
    assert sink.states == [
        (FeedState.CONNECTED, ""),
        (FeedState.ENDED, "standard input is at its end"),
    ]
    assert sink.peers == {1: "standard input"}


def write_all(fd: int, data: bytes) -> None:
    """Write everything, as another program would: waiting where the pipe is full."""
    while data:
        data = data[os.write(fd, data) :]


def test_a_silent_pipe_can_be_stopped(pipe: tuple[int, int]) -> None:
    """Nothing comes, and nobody waits in a thread for it: stopping takes no time."""
    sink = RecordingSink()

    async def during() -> None:
        await until(lambda: sink.last() == FeedState.CONNECTED)

    play(running(Pipe(pipe[0]), sink, during))
    assert sink.ends == {1: "stopped here"}
    assert len(sink.states) == 1


def test_slow_sink_makes_the_program_wait(pipe: tuple[int, int]) -> None:
    """While the sink waits the pipe fills up, and whoever writes is stopped; nothing is lost."""
    sink, (ours, theirs) = RecordingSink(gate=asyncio.Event()), pipe
    os.set_blocking(theirs, False)

    async def during() -> None:
        os.write(theirs, b"first\n")
        await until(lambda: sink.waiting_bytes)
        sent = os.write(theirs, LINES)  # as much as a pipe holds
        with pytest.raises(BlockingIOError):
            os.write(theirs, LINES)
        assert sent < len(LINES)
        assert sink.gate is not None
        sink.gate.set()
        await until(lambda: sink.total_bytes == len(b"first\n") + sent)

    play(running(Pipe(ours), sink, during))


def test_file_instead_of_a_pipe(tmp_path: Path) -> None:
    """``seavigil ... - < file`` works as well: files cannot be waited for, but read."""
    file, sink = tmp_path / "lines", RecordingSink()
    file.write_bytes(LINES)

    async def story() -> None:
        with file.open("rb") as opened:
            await Pipe(opened.fileno(), params=PipeParams(read_bytes=1_000)).run(sink)

    play(story())
    assert sink.data() == LINES
    assert sink.last() == FeedState.ENDED


def test_nothing_there_is_an_end_with_a_reason() -> None:
    """No standard input at all (closed by whoever started it): ended, and told so."""
    sink, ends = RecordingSink(), os.pipe()
    for fd in ends:
        os.close(fd)
    play(Pipe(ends[0]).run(sink))
    assert sink.last() == FeedState.ENDED
    assert "cannot be read" in sink.states[-1][1]


def test_long_lines_are_counted(pipe: tuple[int, int]) -> None:
    """A line of a megabyte passes, and is counted."""
    sink, (ours, theirs) = RecordingSink(), pipe

    async def story() -> None:
        task = asyncio.create_task(Pipe(ours).run(sink))
        await asyncio.to_thread(write_all, theirs, b"x" * 1_000_000 + b"\n")
        os.close(theirs)
        await task

    play(story())
    assert sink.counts == {"overlong_lines": 1}
    assert sink.total_bytes == 1_000_001


def test_a_real_program_on_standard_input(repository: Path) -> None:
    """The other end of a shell's pipe: `Pipe()` reads file descriptor 0, and the process ends by itself."""
    code = """
import asyncio
from seavigil.feeds.transports.pipe import Pipe
from tests.feeds.transports.sinks import RecordingSink
sink = RecordingSink()
asyncio.run(Pipe().run(sink))
print(sink.total_bytes, sink.last(), Pipe().shown)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=repository, input=LINES, capture_output=True, check=False)
    assert done.stdout.split() == [b"%d" % len(LINES), b"ended", b"-"], done.stderr
