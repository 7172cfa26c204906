"""Bytes to and from a broker, over TCP, TLS or a websocket, with the network's faults in words."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from seavigil.feeds.transports.links import network_faults
from seavigil.feeds.transports.retrying import Trouble
from seavigil.feeds.transports.sockets import shown_address
from seavigil.feeds.transports.tls import TlsParams, client_context

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

_READ_BYTES = 65_536
#: HTTP answers that say "not you" or "not here", rather than "not now" (RFC 9110, 15.5).
_HTTP_REFUSED = (400, 401, 403, 404, 405, 407, 410, 426)


class Wire(Protocol):
    """A connection that carries bytes."""

    async def read(self) -> bytes:
        """Give some bytes, none at the end; raises `Trouble`."""

    async def write(self, data: bytes) -> None:
        """Send bytes; waits while the other side does not take them; raises `Trouble`."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where to connect to, and how."""

    host: str
    port: int
    tls: TlsParams | None = None
    websocket_path: str | None = None  #: speak over a websocket at this path

    @property
    def shown(self) -> str:
        """Host and port, as errors name them."""
        return shown_address(self.host, self.port)


@asynccontextmanager
async def wire_to(
    address: Address, *, timeout_s: float, protocol: str = "", headers: Mapping[str, str] | None = None
) -> AsyncIterator[Wire]:
    """Connect, and close in the end. ``protocol`` and ``headers`` are for websockets. Raises `Trouble`."""
    if address.websocket_path is not None:
        scheme = "ws" if address.tls is None else "wss"
        url = f"{scheme}://{address.shown}{address.websocket_path}"
        async with websocket_to(
            url, tls=address.tls, timeout_s=timeout_s, protocol=protocol, headers=headers, where=address.shown
        ) as socket:
            yield _WebsocketWire(socket, address.shown)
        return
    context = None if address.tls is None else _context(address.tls)
    async with network_faults(address.shown):
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(address.host, address.port, ssl=context)
    try:
        yield _StreamWire(reader, writer, address.shown)
    finally:
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        async with asyncio.timeout(1.0):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        writer.transport.abort()


def _context(tls: TlsParams) -> ssl.SSLContext:
    try:
        return client_context(tls)
    except ValueError as fault:
        raise Trouble(str(fault), refused=True) from None


@dataclass(frozen=True)
class _StreamWire:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    where: str

    async def read(self) -> bytes:
        async with network_faults(self.where):
            return await self.reader.read(_READ_BYTES)

    async def write(self, data: bytes) -> None:
        async with network_faults(self.where):
            self.writer.write(data)
            await self.writer.drain()


@asynccontextmanager
async def websocket_to(
    url: str,
    *,
    tls: TlsParams | None,
    timeout_s: float,
    where: str,
    protocol: str = "",
    headers: Mapping[str, str] | None = None,
    max_message_bytes: int = 1_048_576,
) -> AsyncIterator[ClientConnection]:
    """Open a websocket, and close it in the end; pings go by themselves. Raises `Trouble`.

    ``where`` stands for the URL in errors: the URL may hold a key.
    """
    from websockets.asyncio.client import connect

    context = None if tls is None else _context(tls)
    async with _opening_faults(where):
        socket = await connect(
            url,
            ssl=context,
            open_timeout=timeout_s,
            close_timeout=1.0,
            max_size=max_message_bytes,
            subprotocols=[protocol] if protocol else None,  # type: ignore[list-item]
            additional_headers=headers,
        )
    try:
        yield socket
    finally:
        await socket.close()


@asynccontextmanager
async def _opening_faults(where: str) -> AsyncIterator[None]:
    from websockets.exceptions import InvalidStatus, InvalidURI, WebSocketException

    async with network_faults(where):
        try:
            yield
        except InvalidStatus as fault:
            code = fault.response.status_code
            words = f"{where}: the server answers HTTP {code} instead of opening a websocket"
            raise Trouble(words, refused=code in _HTTP_REFUSED) from None
        except InvalidURI:
            raise Trouble(f"{where}: this is no websocket address", refused=True) from None
        except WebSocketException as fault:
            raise Trouble(f"{where}: no websocket is spoken there ({type(fault).__name__})") from None


@asynccontextmanager
async def websocket_faults(where: str) -> AsyncIterator[None]:
    """Turn the end of a websocket into `Trouble`."""
    from websockets.exceptions import ConnectionClosed

    async with network_faults(where):
        try:
            yield
        except ConnectionClosed as fault:
            raise Trouble(f"{where}: {_closing_words(fault.rcvd, fault.sent)}") from None


def _closing_words(received: object, sent: object) -> str:
    code = getattr(sent, "code", None)
    if code == 1009:
        return "a message larger than the limit came; the connection was closed"
    if received is None and code == 1011:
        return "no answer to pings"
    if received is None:
        return "the connection broke off"
    return f"the other side closed the connection (code {getattr(received, 'code', '?')})"


@dataclass(frozen=True)
class _WebsocketWire:
    socket: ClientConnection
    where: str

    async def read(self) -> bytes:
        async with websocket_faults(self.where):
            return await self.socket.recv(decode=False)

    async def write(self, data: bytes) -> None:
        async with websocket_faults(self.where):
            await self.socket.send(data)
