"""A serial port, played by a pseudo-terminal: read, unplugged, plugged in again."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import struct
import tty
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from seavigil.feeds.transports import serial_port
from seavigil.feeds.transports.contract import FeedState
from seavigil.feeds.transports.serial_port import SerialParams, SerialPort
from tests.feeds.transports.sinks import SOON, RecordingSink, play, running, until

QUICK = SerialParams(backoff=SOON)


@dataclass
class Plug:
    """A device that can be pulled and put back: a link to one pseudo-terminal after another."""

    device: Path
    ends: list[int]

    def put_in(self) -> int:
        """Put in a new device; gives the end that a receiver would write to."""
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        self.ends += [ours, theirs]
        self.device.symlink_to(os.ttyname(theirs))
        return ours

    def pull(self) -> None:
        """Pull it: reading fails, the device is gone."""
        self.device.unlink(missing_ok=True)
        for end in self.ends:
            os.close(end)
        self.ends.clear()


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Plug]:
    """Give a socket for devices, empty."""
    found = Plug(tmp_path / "ttyAIS", [])
    yield found
    found.pull()


def port(plug: Plug) -> SerialPort:
    """Give the transport of the device, trying again quickly."""
    return SerialPort(str(plug.device), params=QUICK)


def test_bytes_arrive_as_they_come(plug: Plug) -> None:
    """All 256 bytes pass unchanged, in pieces of any size."""
    sink, data = RecordingSink(), bytes(range(256)) * 8

    async def during() -> None:
        receiver = plug.put_in()
        await until(lambda: sink.last() == FeedState.CONNECTED)
        for begin in range(0, len(data), 100):
            os.write(receiver, data[begin : begin + 100])
            await asyncio.sleep(0)
        await until(lambda: sink.total_bytes == len(data))

    play(running(port(plug), sink, during))
    assert sink.data() == data
    assert sink.peers == {1: str(plug.device)}
    assert sink.ends == {1: "stopped here"}


def test_unplugged_and_plugged_in_again(plug: Plug) -> None:
    """Pulled it waits, told once; put back it is read again, as a new stream."""
    sink = RecordingSink()

    async def during() -> None:
        receiver = plug.put_in()
        await until(lambda: sink.last() == FeedState.CONNECTED)
        os.write(receiver, b"before\n")
        await until(lambda: sink.data(1) == b"before\n")
        plug.pull()
        await until(lambda: any("is it plugged in" in why for why in sink.said(FeedState.WAITING)))
        receiver = plug.put_in()
        await until(lambda: sink.last() == FeedState.CONNECTED)
        os.write(receiver, b"after\n")
        await until(lambda: sink.data(2) == b"after\n")

    play(running(port(plug), sink, during))
    assert "unplugged" in sink.ends[1]
    assert sink.last() == FeedState.CONNECTED


def test_silent_port_can_be_stopped(plug: Plug) -> None:
    """A receiver that hears nothing keeps nobody waiting: stopping takes no time."""
    sink = RecordingSink()

    async def during() -> None:
        plug.put_in()
        await until(lambda: sink.last() == FeedState.CONNECTED)

    play(running(port(plug), sink, during))
    assert sink.total_bytes == 0


def test_slow_sink_reads_no_further(plug: Plug) -> None:
    """While the sink waits nothing is read; what the port held meanwhile arrives afterwards."""
    sink = RecordingSink(gate=asyncio.Event())

    async def during() -> None:
        receiver = plug.put_in()
        await until(lambda: sink.last() == FeedState.CONNECTED)
        os.write(receiver, b"first\n")
        await until(lambda: sink.waiting_bytes)
        os.write(receiver, b"second\n")
        assert sink.waiting_bytes == len(b"first\n")
        assert sink.gate is not None
        sink.gate.set()
        await until(lambda: sink.data() == b"first\nsecond\n")

    play(running(port(plug), sink, during))


def failing(sink: RecordingSink, transport: SerialPort) -> tuple[FeedState, str]:
    """Run until it failed; gives what was told."""

    async def during() -> None:
        await until(lambda: sink.last() in (FeedState.WAITING, FeedState.REFUSED))

    play(running(transport, sink, during))
    return sink.states[-1]


def test_a_port_in_use_is_told(plug: Plug) -> None:
    """Two programs would take each other's bytes: the second one waits, and says why."""
    plug.put_in()
    held = os.open(plug.device, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(held, fcntl.LOCK_EX)
    state, why = failing(RecordingSink(), port(plug))
    os.close(held)
    assert (state, why) == (FeedState.WAITING, f"{plug.device}: another program uses it")


def test_a_port_without_permission_is_refused(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that this user may not read is refused, with what to do about it."""

    def forbidden(self: SerialPort) -> object:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(SerialPort, "_open", forbidden)
    state, why = failing(RecordingSink(), port(plug))
    assert state == FeedState.REFUSED
    assert "dialout" in why


def test_a_file_is_no_serial_port(tmp_path: Path) -> None:
    """A plain file given for a port is refused in words."""
    file = tmp_path / "file"
    file.write_text("x")
    state, why = failing(RecordingSink(), SerialPort(str(file), params=QUICK))
    assert (state, why) == (FeedState.REFUSED, f"{file}: not a serial port")


def test_a_rate_of_nothing_is_an_error() -> None:
    """A rate must be above 0; the usual one of AIS is shown."""
    with pytest.raises(ValueError, match="above 0 baud"):
        SerialPort("/dev/ttyUSB0", 0)
    assert SerialPort("/dev/ttyUSB0").shown == "serial:/dev/ttyUSB0?baud=38400"


def test_what_the_port_lost_is_counted(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that tells 3 overruns and 2 damaged characters more than before: they are counted, once."""
    sink, told = RecordingSink(), [0] * 20

    def ioctl(fd: int, request: int, argument: bytes) -> bytes:
        assert (request, len(argument)) == (0x545D, 80)
        return struct.pack("20i", *told)

    async def during() -> None:
        receiver = plug.put_in()
        await until(lambda: sink.last() == FeedState.CONNECTED)
        told[6], told[7], told[10] = 2, 1, 2  # frame, overrun, buffer overrun
        for begin in range(3):
            os.write(receiver, b"x\n")
            await until(partial(arrived, begin + 1))

    def arrived(lines: int) -> bool:
        return sink.data() == b"x\n" * lines

    monkeypatch.setattr(serial_port, "fcntl", SimpleNamespace(ioctl=ioctl))
    play(running(port(plug), sink, during))
    assert sink.counts == {"serial_overruns": 3, "serial_errors": 2}
