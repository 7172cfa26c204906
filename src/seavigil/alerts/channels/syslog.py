"""A line of syslog (RFC 5424) for each alert.

Over UDP (RFC 5426), TCP (RFC 6587, octets counted), TLS (RFC 5425), or the machine's own socket. Over TCP it
counts as sent when the other side has read to the end and closed; where nobody answers (UDP, TLS, a side that
keeps the connection) when this machine has handed it over.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from seavigil.alerts.channels.compose import each
from seavigil.alerts.channels.contract import Channel, Message, Params, PassingFailure, Sent
from seavigil.alerts.channels.marks import EXERCISE, TEST, clean, marked, one_line, unmarked
from seavigil.alerts.channels.tls import CA_FILE, client_context
from seavigil.records import rfc3339

#: RFC 5424, 6.2.1: alert, warning, notice, informational.
_SEVERITIES = {"urgent": 1, "warning": 4, "advisory": 5, "info": 6}
_FACILITIES = {"user": 1, "daemon": 3, **{f"local{n}": 16 + n for n in range(8)}}
_PORTS = {"udp": 514, "tcp": 601, "tls": 6514}  # RFC 5426; RFC 3195, as Debian's syslog daemons; RFC 5425
#: RFC 5426, 3.2: every receiver should take 2,048 octets in a datagram.
_MOST_OCTETS = 2_048
#: Own choice: so long the other side may take to close when it has read to the end.
_CLOSING_S = 2.0


@dataclass(frozen=True, kw_only=True)
class SyslogParams(Params):
    """Parameters of syslog."""

    url: str = field(
        default="unix:///dev/log", metadata={"says": "udp://HOST:PORT, tcp://, tls:// or unix:///dev/log."}
    )
    facility: str = field(default="local0", metadata={"says": "user, daemon or local0 to local7."})
    app_name: str = field(default="seavigil", metadata={"says": "APP-NAME of each line."})
    hostname: str | None = field(
        default=None, metadata={"says": "HOSTNAME of each line; none: this machine."}
    )
    enterprise: int = field(
        default=32473,
        metadata={"says": "Number after the @ of the structured data: your own of IANA (32473 is nobody's)."},
    )
    ca_file: str | None = field(default=None, metadata=CA_FILE)

    def __post_init__(self) -> None:
        """Check address and names. Raises ``ValueError``."""
        super().__post_init__()
        parts = urlsplit(self.url)
        there = parts.path if parts.scheme == "unix" else parts.hostname
        if parts.scheme not in {*_PORTS, "unix"} or not there:
            raise ValueError(
                "url: write udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT or unix:///dev/log"
            )
        host = "-" if self.hostname is None else self.hostname
        if self.facility not in _FACILITIES:
            raise ValueError(f"facility: {self.facility!r}; there are {', '.join(_FACILITIES)}")
        for name, value, most in (("app_name", self.app_name, 48), ("hostname", host, 255)):
            if not (value.isascii() and value.isprintable() and " " not in value and 0 < len(value) <= most):
                raise ValueError(f"{name}: up to {most} printable ASCII letters without spaces")


class Syslog(Channel[SyslogParams]):
    """Writes a line for each alert."""

    params_type = SyslogParams

    async def deliver(self, message: Message) -> Sent:
        """Write the lines."""
        host = self.params.hostname or socket.gethostname()
        lines = [line(one, self.params, host, os.getpid()) for one in each(message)]
        parts = urlsplit(self.params.url)
        try:
            async with asyncio.timeout(self.params.timeout_s):
                if parts.scheme in {"tcp", "tls"}:
                    return await self._stream(parts, lines)
                return await asyncio.to_thread(_datagrams, parts, lines)
        except TimeoutError as fault:
            raise PassingFailure(f"no end within {self.params.timeout_s:g} s") from fault
        except OSError as fault:
            raise PassingFailure(one_line(f"{type(fault).__name__}: {fault}", 200)) from fault

    async def _stream(self, parts: SplitResult, lines: Sequence[bytes]) -> Sent:
        tls = client_context(self.params.ca_file) if parts.scheme == "tls" else None
        reader, writer = await asyncio.open_connection(
            parts.hostname, parts.port or _PORTS[parts.scheme], ssl=tls
        )
        try:
            writer.write(b"".join(b"%d %s" % (len(one), one) for one in lines))
            await writer.drain()
            return Sent(f"{len(lines)} lines, {await _read_to_the_end(reader, writer)}")
        finally:
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()


async def _read_to_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Say that no more comes, and wait until the other side closes as well: then it has read everything."""
    if not writer.can_write_eof():  # TLS cannot close one half
        return "handed over"
    writer.write_eof()
    try:
        async with asyncio.timeout(_CLOSING_S):
            await reader.read()
    except TimeoutError:
        return "handed over, the other side keeps the connection"
    return "read to the end"


def _datagrams(parts: SplitResult, lines: Sequence[bytes]) -> Sent:
    if parts.scheme == "unix":
        family, to = socket.AF_UNIX, parts.path
    else:
        port = parts.port or _PORTS["udp"]
        family, _, _, _, to = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_DGRAM)[0]  # type: ignore[assignment]
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.connect(to)
        for one in lines:
            sender.send(one)
    return Sent(f"{len(lines)} datagrams sent; nobody answers them")


def line(message: Message, params: SyslogParams, host: str, process: int) -> bytes:
    """Give one line as RFC 5424, section 6, has it: at most 2,048 octets, the mark at its end not cut off."""
    severity = _SEVERITIES[message.priority]
    head = (
        f"<{_FACILITIES[params.facility] * 8 + severity}>1 {rfc3339(message.created_us)} {host}"
        f" {params.app_name} {process} {message.status} {_data(message, params.enterprise)} \ufeff"
    ).encode()
    mark = EXERCISE if message.exercise else TEST if message.test else ""
    room = _MOST_OCTETS - len(head) - (2 * len(mark) + 2 if mark else 0)
    return head + marked(_cut(_told(message, mark), room), mark, " ").encode()


def _told(message: Message, mark: str) -> str:
    """Give the text in one line, its parts divided by semicolons."""
    parts = (" ".join(part.split()) for part in clean(unmarked(message.text, mark)).splitlines())
    return "; ".join(part for part in parts if part)


def _cut(text: str, most: int) -> str:
    """Cut text to so many octets of UTF-8, never within a letter."""
    octets = text.encode()
    return text if len(octets) <= most else octets[: max(0, most - 3)].decode(errors="ignore") + "..."


def _data(message: Message, enterprise: int) -> str:
    values = {"key": message.key, "priority": message.priority, "exercise": str(message.exercise).lower()}
    if len(message.alerts) == 1:
        alert = message.alerts[0]
        mmsi = (alert["vessel"] or {}).get("mmsi")
        values |= {"alert": alert["alert_id"], "status": alert["status"]} | ({"mmsi": mmsi} if mmsi else {})
    said = " ".join(f'{name}="{_escaped(str(value))}"' for name, value in values.items())
    return f"[seavigil@{enterprise} {said}]"


def _escaped(value: str) -> str:
    for letter in ("\\", '"', "]"):  # RFC 5424, 6.3.3
        value = value.replace(letter, f"\\{letter}")
    return value
