"""A feed's address and options become its transport. Addresses are what people write on a command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from seavigil.feeds.transports.backoff import BackoffParams
from seavigil.feeds.transports.contract import Transport
from seavigil.feeds.transports.options import Options
from seavigil.feeds.transports.secrets import Secret, shown_url
from seavigil.feeds.transports.tls import TlsParams

#: Listens on every address of this machine.
_ANYWHERE = "0.0.0.0"


@dataclass(frozen=True)
class _Asked:
    """An address, taken apart, and the options beside it."""

    url: str
    parts: SplitResult
    options: Options
    shown: str

    @property
    def host(self) -> str:
        if not self.parts.hostname:
            raise ValueError(f"{self.shown}: no host in the address")
        return self.parts.hostname

    def port(self, default: int | None = None) -> int:
        try:
            port = self.parts.port
        except ValueError:
            raise ValueError(f"{self.shown}: a port is a number up to 65535") from None
        if port is None and default is None:
            raise ValueError(f"{self.shown}: no port in the address ({self.parts.scheme}://HOST:PORT)")
        return port if port is not None else default or 0

    def user(self) -> str | None:
        """Give the user of the address; a password has no place there: everybody sees addresses."""
        if self.parts.password is not None:
            raise ValueError(f"{self.shown}: no password in the address; say password=env:NAME or file:PATH")
        user = self.options.take("user", str)
        return user if self.parts.username is None else unquote(self.parts.username)

    def nobody(self) -> None:
        """Raise where there is a user that nobody asks for."""
        if "@" in self.parts.netloc:
            raise ValueError(f"{self.shown}: no user and password in this address, please")

    def tls(self) -> TlsParams:
        return self.options.make(TlsParams)

    def retry(self) -> BackoffParams:
        return self.options.make(BackoffParams, prefix="retry_")


def transport_of(url: str, options: Mapping[str, Any] | None = None) -> Transport:
    """Make the transport for an address; ``-`` is standard input.

    Options may stand in the address too (``mqtt://host?qos=0``), but for ``ws://``, whose query is the
    server's; those given beside it go before. Raises `ValueError` in one line without secrets: an unknown
    scheme or option, a value of the wrong kind.
    """
    scheme = "-" if url == "-" else url.partition(":")[0].lower()
    make = _SCHEMES.get(scheme)
    if make is None or (":" not in url and url != "-"):
        near = get_close_matches(scheme, _SCHEMES, n=1)
        meant = f" did you mean {near[0]}?" if near and "://" in url else ""
        known = " ".join(_written(name) for name in _SCHEMES)
        raise ValueError(f"{shown_url(url)}: no live feed;{meant} there are {known}")
    shown = shown_url(url)
    try:
        # no live feed has a fragment, but topics of MQTT have a #
        parts = urlsplit(url.replace("#", "%23"))
    except ValueError as fault:
        raise ValueError(f"{shown}: {fault}") from None
    given = {} if scheme in ("ws", "wss") else _query(parts.query)
    asked = _Asked(url, parts, Options({**given, **(options or {})}, shown), shown)
    transport = make(asked)
    asked.options.done()
    return transport


def is_live(source: str) -> bool:
    """Tell whether a source names a live feed rather than a file; ``-`` may be either, and is not."""
    scheme, colon, _ = source.partition(":")
    return bool(colon) and scheme.lower() in _SCHEMES and (scheme.lower() == "serial" or "://" in source)


def _written(scheme: str) -> str:
    return {"-": "-", "serial": "serial:DEVICE"}.get(scheme, f"{scheme}://")


def _query(query: str) -> dict[str, Any]:
    """Read ``a=1&topic=x&topic=y``; unlike in forms a plus is a plus: topics have them."""
    found: dict[str, list[str]] = {}
    for parameter in filter(None, query.split("&")):
        name, _, value = parameter.partition("=")
        found.setdefault(unquote(name), []).append(unquote(value))
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _pipe(_: _Asked) -> Transport:
    from seavigil.feeds.transports.pipe import Pipe

    return Pipe()


def _tcp(asked: _Asked) -> Transport:
    from seavigil.feeds.transports.tcp import TcpClient, TcpParams

    asked.nobody()
    options = asked.options
    return TcpClient(
        asked.host,
        asked.port(),
        tls=asked.tls() if asked.parts.scheme == "tcps" else None,
        first_line=options.take("first_line", str) or "",
        until_closed=options.take("until_closed", bool) or False,
        params=options.make(TcpParams, backoff=asked.retry()),
    )


def _tcp_listen(asked: _Asked) -> Transport:
    from seavigil.feeds.transports.tcp import TcpParams, TcpServer

    params = asked.options.make(TcpParams, backoff=asked.retry())
    return TcpServer(asked.parts.hostname or _ANYWHERE, asked.port(), params=params)


def _udp(asked: _Asked) -> Transport:
    from seavigil.feeds.transports.udp import UdpParams, UdpServer

    return UdpServer(
        asked.parts.hostname or _ANYWHERE,
        asked.port(),
        interface=asked.options.take("interface", str) or "",
        by_host=asked.options.take("by_host", bool) or False,
        params=asked.options.make(UdpParams, backoff=asked.retry()),
    )


def _serial(asked: _Asked) -> Transport:
    from seavigil.feeds.transports.serial_port import SerialParams, SerialPort

    device = unquote(asked.parts.netloc + asked.parts.path)
    if not device:
        raise ValueError(f"{asked.shown}: no device (serial:/dev/ttyUSB0)")
    baud = asked.options.take("baud", int)
    params = asked.options.make(SerialParams, backoff=asked.retry())
    return SerialPort(device, params=params) if baud is None else SerialPort(device, baud, params=params)


#: Default ports: IANA for mqtt, secure-mqtt and nats; RFC 6455 for websockets.
_MQTT_PORTS = {"mqtt": 1883, "mqtts": 8883, "mqtt+ws": 80, "mqtt+wss": 443}
_NATS_PORT = 4222


def _mqtt(asked: _Asked) -> Transport:
    """MQTT; the path is the topic, or over a websocket that of the server."""
    from seavigil.feeds.transports.mqtt import MqttClient, MqttParams
    from seavigil.feeds.transports.wires import Address

    scheme, options = asked.parts.scheme, asked.options
    path = unquote(asked.parts.path)
    over_websocket = scheme.startswith("mqtt+")
    topics = options.take_list("topics") + options.take_list("topic")
    if not over_websocket and path.strip("/"):
        topics.insert(0, path.removeprefix("/"))
    address = Address(
        host=asked.host,
        port=asked.port(_MQTT_PORTS[scheme]),
        tls=asked.tls() if scheme in ("mqtts", "mqtt+wss") else None,
        websocket_path=(path or "/mqtt") if over_websocket else None,
    )
    return MqttClient(
        address,
        topics,
        params=options.make(MqttParams),
        user=asked.user(),
        password=options.take("password", Secret),
        headers=_headers(asked) if over_websocket else None,
        retry=asked.retry(),
    )


def _websocket(asked: _Asked) -> Transport:
    from seavigil.feeds.transports.websocket import AisstreamSubscription, WebsocketClient, WebsocketParams

    options = asked.options
    key, boxes = options.take("key", Secret), _boxes(asked)
    mmsi, kinds = options.take_list("mmsi"), options.take_list("kinds")
    subscription = None
    if key is not None:
        asks = {"boxes": boxes} if boxes else {}
        subscription = AisstreamSubscription(key=key, mmsi=mmsi, kinds=kinds, **asks)
    elif boxes or mmsi or kinds:
        raise ValueError(f"{asked.shown}: boxes, mmsi and kinds go with a key (AISStream)")
    return WebsocketClient(
        asked.url,
        subscription=subscription,
        headers=_headers(asked),
        tls=asked.tls() if asked.parts.scheme == "wss" else None,
        params=options.make(WebsocketParams),
        retry=asked.retry(),
    )


def _nats(asked: _Asked) -> Transport:
    from seavigil.feeds.transports.nats import NatsConsumer, NatsLogin, NatsParams

    options = asked.options
    params = options.make(NatsParams)
    encrypted = asked.parts.scheme == "nats+tls"
    return NatsConsumer(
        asked.host,
        asked.port(_NATS_PORT),
        stream=options.take("stream", str) or "",
        consumer=options.take("consumer", str) or "",
        subject=options.take("subject", str) or "",
        login=options.make(NatsLogin, user=asked.user()),
        tls=asked.tls() if encrypted else None,
        params=params,
        retry=asked.retry(),
    )


def _headers(asked: _Asked) -> dict[str, str]:
    """Read headers: a table, or texts ``Name: value``. A value may say where a secret lies."""
    given = asked.options.take_raw("headers")
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {str(name): str(value) for name, value in given.items()}
    found = {}
    for text in [given] if isinstance(given, str) else given:
        name, colon, value = str(text).partition(":")
        if not colon:
            raise ValueError(f"{asked.shown}: headers are written Name: value")
        found[name.strip()] = value.strip()
    return found


def _boxes(asked: _Asked) -> list[tuple[float, float, float, float]]:
    """Read boxes: lists of four numbers, or ``south,west,north,east`` with a semicolon between two."""
    given = asked.options.take_raw("boxes")
    if given is None:
        return []
    rows = [row.split(",") for row in given.split(";")] if isinstance(given, str) else given
    try:
        if rows and not isinstance(rows[0], (list, tuple)):
            rows = [rows]
        found = [tuple(float(number) for number in row) for row in rows]
        return [(south, west, north, east) for south, west, north, east in found]
    except (TypeError, ValueError):
        raise ValueError(f"{asked.shown}: boxes are south,west,north,east in degrees") from None


_SCHEMES: dict[str, Callable[[_Asked], Transport]] = {
    "tcp": _tcp,
    "tcps": _tcp,
    "tcp-listen": _tcp_listen,
    "udp": _udp,
    "mqtt": _mqtt,
    "mqtts": _mqtt,
    "mqtt+ws": _mqtt,
    "mqtt+wss": _mqtt,
    "ws": _websocket,
    "wss": _websocket,
    "nats": _nats,
    "nats+tls": _nats,
    "serial": _serial,
    "-": _pipe,
}
