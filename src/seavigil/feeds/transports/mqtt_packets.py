"""The subscriber's half of MQTT 3.1.1 and 5 as bytes: no sockets, no clock; packets may be cut anywhere.

OASIS standards: https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html (called 3 below) and
https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html (called 5). The libraries at hand acknowledge
a message before it is written down, or connect in a thread that cannot be stopped, or take packets of any
size; this half of the protocol is small enough to say what is needed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Packet types (5: 2.1.2).
_CONNECT, _CONNACK, _PUBLISH, _PUBACK = 1, 2, 3, 4
_SUBSCRIBE, _SUBACK, _PINGREQ, _PINGRESP, _DISCONNECT = 8, 9, 12, 13, 14
#: What a broker sends to one who only subscribes, and for QoS 1 at most.
_FROM_BROKER = (_CONNACK, _PUBLISH, _SUBACK, _PINGRESP, _DISCONNECT)
#: Properties (5: 2.2.2.2) we send or read.
_SESSION_EXPIRY, _SERVER_KEEP_ALIVE, _REASON, _RECEIVE_MAXIMUM, _MAXIMUM_PACKET = 0x11, 0x13, 0x1F, 0x21, 0x27
#: How long the values of properties are: bytes, or "s" text or binary, "p" a pair of texts, "v" varying.
_PROPERTY_SIZES: dict[int, int | str] = {
    **dict.fromkeys((0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A), 1),
    **dict.fromkeys((0x13, 0x21, 0x22, 0x23), 2),
    **dict.fromkeys((0x02, 0x11, 0x18, 0x27), 4),
    **dict.fromkeys((0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F), "s"),
    0x0B: "v",
    0x26: "p",
}


class MalformedPacket(ValueError):
    """The bytes are no MQTT, or a packet larger than agreed."""


@dataclass(frozen=True)
class Accepted:
    """CONNACK: the answer to connecting; ``code`` 0 is a yes."""

    code: int
    session_present: bool = False
    keep_alive_s: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Subscribed:
    """SUBACK: for each topic the QoS granted, or a refusal of 128 and above."""

    codes: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """PUBLISH; ``packet_id`` is 0 for QoS 0."""

    topic: str
    payload: bytes
    qos: int
    packet_id: int = 0
    again: bool = False
    retained: bool = False


@dataclass(frozen=True)
class Pong:
    """PINGRESP."""


@dataclass(frozen=True)
class Goodbye:
    """DISCONNECT by the broker, with why (5 only)."""

    code: int
    reason: str = ""


Packet = Accepted | Subscribed | Message | Pong | Goodbye


@dataclass(frozen=True, kw_only=True)
class Connect:
    """What we say at first. ``version`` is 3 (that is 3.1.1) or 5."""

    version: int
    client_id: str
    keep_alive_s: int
    clean: bool
    session_expiry_s: int = 0
    receive_maximum: int = 0
    maximum_packet_bytes: int = 0
    user: str | None = None
    password: str | None = None


def connect(say: Connect) -> bytes:
    """Write CONNECT (3 and 5: 3.1)."""
    flags = (say.user is not None) << 7 | (say.password is not None) << 6 | say.clean << 1
    level = 5 if say.version == 5 else 4
    body = _text("MQTT") + bytes([level, flags]) + struct.pack(">H", say.keep_alive_s)
    if say.version == 5:
        properties = struct.pack(">BI", _SESSION_EXPIRY, say.session_expiry_s)
        properties += struct.pack(">BH", _RECEIVE_MAXIMUM, say.receive_maximum)
        properties += struct.pack(">BI", _MAXIMUM_PACKET, say.maximum_packet_bytes)
        body += _varying(len(properties)) + properties
    body += _text(say.client_id)
    body += b"".join(_text(given) for given in (say.user, say.password) if given is not None)
    return _packet(_CONNECT, 0, body)


def subscribe(version: int, packet_id: int, topics: Sequence[str], qos: int) -> bytes:
    """Write SUBSCRIBE (3 and 5: 3.8)."""
    body = struct.pack(">H", packet_id) + (b"\x00" if version == 5 else b"")
    return _packet(_SUBSCRIBE, 2, body + b"".join(_text(t) + bytes([qos]) for t in topics))


def acknowledge(message: Message) -> bytes:
    """Write PUBACK (3 and 5: 3.4); nothing for QoS 0. QoS 2 is never asked for, so never comes."""
    return _packet(_PUBACK, 0, struct.pack(">H", message.packet_id)) if message.qos else b""


PING = bytes([_PINGREQ << 4, 0])


def _packet(kind: int, flags: int, body: bytes) -> bytes:
    return bytes([kind << 4 | flags]) + _varying(len(body)) + body


def _varying(number: int) -> bytes:
    """Write a variable byte integer (5: 1.5.5)."""
    out = bytearray()
    while True:
        number, low = divmod(number, 128)
        out.append(low | (128 if number else 0))
        if not number:
            return bytes(out)


def _text(text: str) -> bytes:
    data = text.encode()
    if len(data) > 65_535:
        raise ValueError("MQTT texts are at most 65,535 bytes long")
    return struct.pack(">H", len(data)) + data


class Decoder:
    """Makes packets of bytes that come in pieces; keeps at most one packet."""

    def __init__(self, version: int, maximum_bytes: int) -> None:
        self._version = version
        self._maximum_bytes = maximum_bytes
        self._held = bytearray()

    def receive(self, data: bytes) -> Iterator[Packet]:
        """Give the packets that are whole now; raises `MalformedPacket`."""
        self._held += data
        at = 0
        while (sized := self._size(at)) is not None:
            begin, end = sized
            if end > len(self._held):
                break
            packet = self._decode(self._held[at], bytes(self._held[begin:end]))
            at = end
            yield packet
        del self._held[:at]

    def _size(self, at: int) -> tuple[int, int] | None:
        """Give where the body of the packet that begins ``at`` begins and ends, once that is known."""
        if at < len(self._held) and self._held[at] >> 4 not in _FROM_BROKER:
            raise MalformedPacket("no MQTT: what comes begins like no packet of a broker")
        size = 0
        for step in range(4):
            if at + 1 + step >= len(self._held):
                return None
            byte = self._held[at + 1 + step]
            size |= (byte & 127) << 7 * step
            if byte < 128:
                begin = at + 2 + step
                if begin + size - at > self._maximum_bytes:
                    raise MalformedPacket(f"a packet of {size} bytes, over {self._maximum_bytes}")
                return begin, begin + size
        raise MalformedPacket("no MQTT: a length of more than four bytes")

    def _decode(self, first: int, body: bytes) -> Packet:
        kind, flags = first >> 4, first & 15
        try:
            if kind == _PUBLISH:
                return self._message(flags, body)
            return self._answer(kind, body)
        except (IndexError, struct.error, UnicodeDecodeError) as fault:
            raise MalformedPacket(f"no MQTT: a packet of type {kind} that cannot be read") from fault

    def _message(self, flags: int, body: bytes) -> Message:
        qos = flags >> 1 & 3
        if qos > 1:
            raise MalformedPacket(f"a message of QoS {qos}, which was not asked for")
        topic, at = _read_text(body, 0)
        packet_id = 0
        if qos:
            packet_id, at = _unsigned(body, at, 2), at + 2
        if self._version == 5:
            size, at = _read_varying(body, at)
            if at + size > len(body):
                raise IndexError(at)
            at += size
        return Message(topic, body[at:], qos, packet_id, bool(flags & 8), bool(flags & 1))

    def _answer(self, kind: int, body: bytes) -> Packet:
        if kind == _CONNACK:
            said = _properties(body, 2) if self._version == 5 else {}
            alive_s, reason = said.get(_SERVER_KEEP_ALIVE), said.get(_REASON, "")
            whole = alive_s if isinstance(alive_s, int) else None
            return Accepted(body[1], bool(body[0] & 1), whole, str(reason))
        if kind == _SUBACK:
            if self._version != 5:
                return Subscribed(tuple(body[2:]))
            size, begin = _read_varying(body, 2)
            return Subscribed(tuple(body[begin + size :]), str(_properties(body, 2).get(_REASON, "")))
        if kind == _PINGRESP:
            return Pong()
        said = _properties(body, 1) if len(body) > 1 else {}
        return Goodbye(body[0] if body else 0, str(said.get(_REASON, "")))


def _unsigned(body: bytes, at: int, size: int) -> int:
    if at + size > len(body):
        raise IndexError(at)
    return int.from_bytes(body[at : at + size], "big")


def _read_text(body: bytes, at: int) -> tuple[str, int]:
    begin = at + 2
    end = begin + _unsigned(body, at, 2)
    if end > len(body):
        raise IndexError(end)
    return body[begin:end].decode(), end


def _read_varying(body: bytes, at: int) -> tuple[int, int]:
    number = 0
    for step in range(4):
        byte = body[at + step]
        number |= (byte & 127) << 7 * step
        if byte < 128:
            return number, at + step + 1
    raise IndexError(at)


def _properties(body: bytes, at: int) -> dict[int, int | str]:
    """Read properties (5: 2.2.2): those with numbers and texts; of what may come twice the last."""
    if at >= len(body):
        return {}
    size, at = _read_varying(body, at)
    end = at + size
    if end > len(body):
        raise IndexError(end)
    found: dict[int, int | str] = {}
    while at < end:
        name, at = _read_varying(body, at)
        found[name], at = _property(body, at, _PROPERTY_SIZES.get(name))
    return found


def _property(body: bytes, at: int, size: int | str | None) -> tuple[int | str, int]:
    if isinstance(size, int):
        return _unsigned(body, at, size), at + size
    if size == "v":
        return _read_varying(body, at)
    if size == "s":
        end = at + 2 + _unsigned(body, at, 2)
        return body[at + 2 : end].decode(errors="replace"), end
    if size == "p":
        _, at = _read_text(body, at)
        return _read_text(body, at)
    raise MalformedPacket("no MQTT 5: a property that does not exist")
