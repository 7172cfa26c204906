"""Messages of a websocket server, and of AISStream, which wants to be told first what for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from seavigil.feeds.transports.backoff import BackoffParams
from seavigil.feeds.transports.contract import Sink
from seavigil.feeds.transports.lines import whole
from seavigil.feeds.transports.links import Link, filled_headers, keep_connected, revealed
from seavigil.feeds.transports.retrying import Trouble
from seavigil.feeds.transports.secrets import Cutter, Secret, filled_in, shown_url
from seavigil.feeds.transports.sockets import shown_address
from seavigil.feeds.transports.tls import TlsParams
from seavigil.feeds.transports.wires import websocket_faults, websocket_to

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

#: South, west, north, east, in degrees.
Box = tuple[float, float, float, float]
#: AISStream's answers that pass by themselves, in part.
_PASSING = ("throttl", "overload", "try again", "unavailable", "internal")


@dataclass(frozen=True, kw_only=True)
class AisstreamSubscription:
    """What AISStream is asked for at the start: https://aisstream.io/documentation (Subscription messages).

    Boxes may cross the 180th meridian: they are asked for in two parts. No ships and no kinds named: all.
    """

    key: Secret
    boxes: Sequence[Box] = ((-90.0, -180.0, 90.0, 180.0),)
    mmsi: Sequence[str] = ()
    kinds: Sequence[str] = ()  #: PositionReport, ShipStaticData...

    def __post_init__(self) -> None:
        if not self.boxes:
            raise ValueError("boxes: none given")
        for south, west, north, east in self.boxes:
            if not (-90 <= south < north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
                raise ValueError(
                    f"boxes: {south},{west},{north},{east} is not south,west,north,east in degrees"
                )

    def message(self, key: str) -> str:
        """Write it; corners are latitude first, as they ask for."""
        asked: dict[str, Any] = {
            "APIKey": key,
            "BoundingBoxes": [c for box in self.boxes for c in _corners(box)],
        }
        if self.mmsi:
            asked["FiltersShipMMSI"] = list(self.mmsi)
        if self.kinds:
            asked["FilterMessageTypes"] = list(self.kinds)
        return json.dumps(asked)


def _corners(box: Box) -> list[list[list[float]]]:
    south, west, north, east = box
    if west <= east:
        return [[[south, west], [north, east]]]
    return [[[south, west], [north, 180.0]], [[south, -180.0], [north, east]]]


@dataclass(frozen=True, kw_only=True)
class WebsocketParams:
    """How to hold the connection; own choices."""

    connect_timeout_s: float = 10.0
    max_message_bytes: int = 1_048_576
    apart_s: float = 0.0  #: connect no more often than this


class WebsocketClient:
    """Each message becomes a line. A slow sink makes the server wait.

    ``url`` may say in its query where a secret lies (``?token=env:TOKEN``), and so may ``headers``; it is
    filled in on the way.
    """

    def __init__(
        self,
        url: str,
        *,
        subscription: AisstreamSubscription | None = None,
        headers: Mapping[str, str] | None = None,
        tls: TlsParams | None = None,
        params: WebsocketParams | None = None,
        retry: BackoffParams | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise ValueError(f"{shown_url(url)}: no websocket address (ws://HOST or wss://HOST)")
        if "@" in parts.netloc:
            raise ValueError(f"{shown_url(url)}: no user and password in the address, please")
        if subscription is not None and parts.scheme == "ws" and parts.hostname not in _HERE:
            raise ValueError(f"{shown_url(url)}: the key would travel readable by all; use wss://")
        self._url = url
        self._where = shown_address(parts.hostname, parts.port or (443 if parts.scheme == "wss" else 80))
        self._subscription = subscription
        self._headers = dict(headers or {})
        self._tls = (tls or TlsParams()) if parts.scheme == "wss" else None
        self._params = params or WebsocketParams()
        self._retry = retry or BackoffParams()

    @property
    def shown(self) -> str:
        """The URL, with query values cut out that may be secret."""
        return shown_url(self._url)

    async def run(self, sink: Sink) -> None:
        """Bring messages until cancelled."""
        await keep_connected(sink, self._attempt, self._retry, apart_s=self._params.apart_s)

    async def _attempt(self, link: Link) -> None:
        key = "" if self._subscription is None else revealed(self._subscription.key)
        try:
            url = filled_in(self._url)
        except ValueError as fault:
            raise Trouble(str(fault), refused=True) from None
        params = self._params
        opened = websocket_to(
            url,
            tls=self._tls,
            timeout_s=params.connect_timeout_s,
            where=self._where,
            headers=filled_headers(self._headers),
            max_message_bytes=params.max_message_bytes,
        )
        async with opened as socket:
            if self._subscription is None:
                link.connected(self._where)
                await self._receive(socket, link)
            else:
                await self._subscribed(socket, link, self._subscription.message(key), Cutter.of([key]))

    async def _receive(self, socket: ClientConnection, link: Link) -> None:
        while True:
            async with websocket_faults(self._where):
                message = await socket.recv(decode=False)
            if message:
                await link.received(whole(message))

    async def _subscribed(self, socket: ClientConnection, link: Link, message: str, cutter: Cutter) -> None:
        """Ask, and take what comes; whether the key is right shows in the first answer, if at all."""
        async with websocket_faults(self._where):
            await socket.send(message)
        link.connected(self._where)
        heard = False
        while True:
            try:
                async with websocket_faults(self._where):
                    data = await socket.recv(decode=False)
            except Trouble as trouble:
                if heard:
                    raise
                hint = (
                    "before the first message: a wrong key, or too many connections with it, ends like this"
                )
                raise Trouble(f"{trouble}, {hint}", refused=trouble.refused) from None
            if (said := _error_in(data)) is not None:
                passing = any(part in said.lower() for part in _PASSING)
                raise Trouble(f"{self._where}: the server says: {cutter.cut(said)}", refused=not passing)
            heard = True
            if data:
                await link.received(whole(data))


#: Hosts to which nobody can listen on the way: a local server may be asked without TLS.
_HERE = ("127.0.0.1", "::1", "localhost")


def _error_in(data: bytes) -> str | None:
    """Give what AISStream complains of: ``{"error": "Api Key Is Not Valid"}``, say."""
    if b'"error"' not in data[:200] or b'"MessageType"' in data:
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    error = value.get("error") if isinstance(value, dict) else None
    return None if error is None else str(error)
