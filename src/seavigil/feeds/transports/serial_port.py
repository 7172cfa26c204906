"""A receiver at a serial port, or at USB that looks like one."""

from __future__ import annotations

import errno
import fcntl
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from seavigil.feeds.transports.backoff import BackoffParams
from seavigil.feeds.transports.contract import Sink
from seavigil.feeds.transports.lines import LineGauge
from seavigil.feeds.transports.retrying import Attempts, Trouble
from seavigil.feeds.transports.sockets import STOPPED, above_nothing, readable

if TYPE_CHECKING:
    from serial import Serial

#: Ask a port of Linux what it lost (tty_ioctl(4), TIOCGICOUNT): struct serial_icounter_struct, 20 ints.
_TIOCGICOUNT = 0x545D
_COUNTERS = struct.Struct("=20i")
_FRAME, _OVERRUN, _PARITY, _BREAK, _BUFFER_OVERRUN = 6, 7, 8, 9, 10


@dataclass(frozen=True)
class SerialParams:
    """How a port is read; limits are own choices."""

    #: More than comes in a second at the fastest rate in use (921,600 baud).
    read_bytes: int = 131_072
    max_line_bytes: int = 65_536
    backoff: BackoffParams = field(default_factory=BackoffParams)

    def __post_init__(self) -> None:
        above_nothing(self, "read_bytes", "max_line_bytes")


class SerialPort:
    """Reads ``device`` at ``baud`` (38,400 is that of AIS: IEC 61162-2), and again when it was unplugged.

    Where the driver tells, bytes that the port lost are counted as ``serial_overruns``, damaged ones as
    ``serial_errors``: the rate may be wrong.
    """

    def __init__(self, device: str, baud: int = 38_400, *, params: SerialParams | None = None) -> None:
        if baud <= 0:
            raise ValueError(f"{device}: the rate must be above 0 baud, not {baud}")
        self._device, self._baud = device, baud
        self._params = params or SerialParams()

    @property
    def shown(self) -> str:
        """The URL, which holds no secrets."""
        return f"serial:{self._device}?baud={self._baud}"

    async def run(self, sink: Sink) -> None:
        """Bring bytes until cancelled."""
        attempts = Attempts(sink, self._params.backoff)
        await attempts.run(lambda: self._plugged(sink, attempts))

    async def _plugged(self, sink: Sink, attempts: Attempts) -> str:
        with self._words():
            port = self._open()
        try:
            stream = sink.opened(self._device)
            attempts.connected()
            why = STOPPED
            try:
                await self._pour(port, stream, sink)
            except Trouble as trouble:
                why = str(trouble)
                raise
            finally:
                sink.closed(stream, why)
        finally:
            port.close()
        return why

    def _open(self) -> Serial:
        from serial import Serial

        path = Path(self._device)
        if path.exists() and not path.is_char_device():
            raise ValueError("not a serial port")
        return Serial(self._device, self._baud, timeout=0, exclusive=True)

    async def _pour(self, port: Serial, stream: int, sink: Sink) -> None:
        gauge, losses = LineGauge(self._params.max_line_bytes), _Losses(port.fileno())
        while True:
            await readable(port.fileno())
            with self._words():
                data = port.read(self._params.read_bytes)
            losses.tell(sink)
            if over := gauge.take(data):
                sink.count("overlong_lines", over)
            if data:
                await sink.received(stream, data)

    @contextmanager
    def _words(self) -> Iterator[None]:
        """Say what went wrong with the port, and what to do about it."""
        try:
            yield
        except ValueError as fault:  # no port, or a rate that it cannot do
            raise Trouble(f"{self._device}: {fault}", refused=True) from None
        except OSError as fault:  # pyserial's own errors are OSErrors too
            raise self._trouble(fault) from None

    def _trouble(self, fault: OSError) -> Trouble:
        if fault.errno == errno.ENOENT:
            return Trouble(f"{self._device}: no such device; is it plugged in?")
        if fault.errno == errno.EACCES:
            says = "this user may not read it (on Debian: add the user to the group dialout)"
            return Trouble(f"{self._device}: {says}", refused=True)
        if fault.errno in (errno.EAGAIN, errno.EBUSY):
            return Trouble(f"{self._device}: another program uses it")
        says = fault.strerror or str(fault).partition(" (")[0]
        return Trouble(f"{self._device}: unplugged, or it fails ({says})")


class _Losses:
    """What a port lost or got damaged since that was last told; nothing where the driver does not tell."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._told = _losses(fd)

    def tell(self, sink: Sink) -> None:
        """Count what is new."""
        now = _losses(self._fd)
        for name, number in now.items():
            if number > self._told.get(name, 0):
                sink.count(name, number - self._told.get(name, 0))
        self._told = now


def _losses(fd: int) -> dict[str, int]:
    try:
        told = _COUNTERS.unpack(fcntl.ioctl(fd, _TIOCGICOUNT, bytes(_COUNTERS.size)))
    except OSError:
        return {}
    return {
        "serial_overruns": told[_OVERRUN] + told[_BUFFER_OVERRUN],
        "serial_errors": told[_FRAME] + told[_PARITY] + told[_BREAK],
    }
