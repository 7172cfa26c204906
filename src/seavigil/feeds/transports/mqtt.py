"""Messages of an MQTT broker: over TCP, TLS or a websocket, acknowledged once they are written down."""

from __future__ import annotations

import asyncio
import json
import platform
import re
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from seavigil.feeds.transports import mqtt_packets as packets
from seavigil.feeds.transports.backoff import BackoffParams
from seavigil.feeds.transports.contract import Sink
from seavigil.feeds.transports.lines import whole
from seavigil.feeds.transports.links import Link, filled_headers, first_of, keep_connected, revealed
from seavigil.feeds.transports.retrying import Trouble
from seavigil.feeds.transports.secrets import Cutter, Secret
from seavigil.feeds.transports.wires import Address, Wire, wire_to

#: Topics that say whose message it is, which the message itself does not (feeds.formats.digitraffic).
_NEEDED_TOPIC = re.compile(r"vessels(?:-v2)?/\d{1,9}/(?:locations?|metadata)")
#: What a broker answers that only a person can change, in words (3: 3.2.2.3; 5: 3.2.2.2, 3.14.2.1).
_REFUSALS = {
    1: "it speaks another version of MQTT: try the other one (version 3.1.1 or 5)",
    2: "it does not take this client_id: give another one",
    4: "wrong user or password",
    5: "wrong user or password, or this user may not connect",
    132: "it speaks another version of MQTT: try the other one (version 3.1.1 or 5)",
    133: "it does not take this client_id: give another one",
    134: "wrong user or password",
    135: "wrong user or password, or this user may not do this",
    138: "this client is banned",
    140: "it wants another way of logging in",
    142: "another client came with the same client_id: give each its own",
    156: "it wants us to use another server",
    157: "it has moved to another server",
}
_PASSING = {3: "it is not available now", 136: "it is not available now", 137: "it is busy"}
_PASSING |= {139: "it is shutting down", 141: "it did not hear us in time", 151: "a quota is used up"}
#: Written down at a time: enough that the disk is not asked for every message (own choice).
_BATCH_BYTES = 1_048_576
_SUBSCRIPTION = 1
#: Most brokers do it without a word.
_SAME_ID = "; if it does so again and again, another client may have the same client_id"


@dataclass(frozen=True, kw_only=True)
class MqttParams:
    """How to speak to a broker. Own choices, where nothing else is said."""

    version: str = "3.1.1"  #: or ``5``: each broker speaks the older one
    #: 1: the broker keeps what we have not written down, also while we are away. 0: what is lost is lost.
    qos: int = 1
    client_id: str = ""  #: the broker knows us by it; made of machine, address and topics where it is empty
    #: Write the topic beside the payload; where neither yes nor no is said: for topics that name the ship.
    with_topic: bool | None = None
    keep_alive_s: int = 30
    connect_timeout_s: float = 10.0
    session_expiry_s: int = 86_400  #: MQTT 5: how long the broker keeps messages for us; 3.1.1 has no say
    receive_maximum: int = 1_000  #: MQTT 5: messages that may be under way before the first is acknowledged
    max_message_bytes: int = 1_048_576
    waiting_bytes: int = 16_777_216  #: what may wait for the disk; beyond, QoS 0 is shed and counted
    apart_s: float = 0.0  #: connect no more often than this

    def __post_init__(self) -> None:
        if self.version not in ("3.1.1", "5"):
            raise ValueError(f"version: {self.version} is neither 3.1.1 nor 5")
        if self.qos not in (0, 1):
            raise ValueError("qos: 0 or 1 (nothing is gained by 2: what comes twice is known as such)")
        if not (1 <= self.keep_alive_s <= 65_535 and 1 <= self.receive_maximum <= 65_535):
            raise ValueError("keep_alive_s and receive_maximum: from 1 to 65535")


class MqttClient:
    """A subscription. With QoS 1 nothing is lost while we are away, as long as the broker keeps it."""

    def __init__(
        self,
        address: Address,
        topics: Sequence[str],
        *,
        params: MqttParams | None = None,
        user: str | None = None,
        password: Secret | None = None,
        headers: Mapping[str, str] | None = None,
        retry: BackoffParams | None = None,
    ) -> None:
        if not topics:
            raise ValueError("topics: none given; # stands for all there are")
        for topic in topics:
            _check_topic(topic)
        self._address = address
        self._topics = tuple(topics)
        self._params = params or MqttParams()
        self._user = user
        self._password = password
        self._headers = dict(headers or {})
        self._retry = retry or BackoffParams()
        self._client_id = self._params.client_id or self._own_client_id()

    @property
    def shown(self) -> str:
        """The broker's address, without user and password, and the topics."""
        before = "/" if self._address.websocket_path is None else "?topics="
        return f"{self._broker}{before}{','.join(self._topics)}"

    @property
    def _broker(self) -> str:
        over = "mqtt" if self._address.websocket_path is None else "mqtt+ws"
        scheme = over if self._address.tls is None else f"{over}s"
        return f"{scheme}://{self._address.shown}{self._address.websocket_path or ''}"

    async def run(self, sink: Sink) -> None:
        """Bring messages until cancelled."""
        await keep_connected(sink, self._attempt, self._retry, apart_s=self._params.apart_s)

    def _own_client_id(self) -> str:
        """Make an id of 20 letters and digits: 23 every broker must take (3: 3.1.3.1).

        For QoS 1 always the same for one machine and subscription: by it the broker knows us again.
        """
        if self._params.qos == 0:
            return f"seavigil{uuid.uuid4().hex[:12]}"
        known_by = "\n".join([platform.node(), self._broker, *self._topics])
        return f"seavigil{sha256(known_by.encode()).hexdigest()[:12]}"

    async def _attempt(self, link: Link) -> None:
        password = None if self._password is None else revealed(self._password)
        timeout_s = self._params.connect_timeout_s
        async with wire_to(
            self._address, timeout_s=timeout_s, protocol="mqtt", headers=filled_headers(self._headers)
        ) as wire:
            cutter = Cutter.of([password])
            session = _Session(wire, self._params, link, self._address.shown, cutter)
            await session.begin(self._connect(password), self._topics)
            await session.run()

    def _connect(self, password: str | None) -> packets.Connect:
        params = self._params
        return packets.Connect(
            version=5 if params.version == "5" else 3,
            client_id=self._client_id,
            keep_alive_s=params.keep_alive_s,
            clean=params.qos == 0,
            session_expiry_s=params.session_expiry_s if params.qos else 0,
            receive_maximum=params.receive_maximum,
            maximum_packet_bytes=params.max_message_bytes,
            user=self._user if self._user is not None or password is None else "",
            password=password,
        )


def _check_topic(topic: str) -> None:
    """Raise `ValueError` for what no broker takes (3 and 5: 4.7.1): most would hang up without a word."""
    *parents, last = topic.split("/")
    odd = any("#" in level or ("+" in level and level != "+") for level in parents)
    odd = odd or (last not in ("#", "+") and ("#" in last or "+" in last))
    if odd or not topic or "\0" in topic or len(topic.encode()) > 65_535:
        raise ValueError(f"topics: {topic!r} is none; + stands for one level, # for all below, at the end")


class _Waiting:
    """Messages that came and are not written down yet, within bounds."""

    def __init__(self, bound_bytes: int) -> None:
        self.messages: deque[packets.Message] = deque()
        self._bound_bytes = bound_bytes
        self._held_bytes = 0
        self._no_more = False
        self._any, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()

    @property
    def full(self) -> bool:
        """Whether the next one has to wait, or to be shed."""
        return self._held_bytes >= self._bound_bytes

    async def put(self, message: packets.Message) -> None:
        """Add one, once there is room."""
        while self.full:
            self._room.clear()
            await self._room.wait()
        self.messages.append(message)
        self._held_bytes += _size(message)
        self._any.set()

    async def take(self) -> list[packets.Message]:
        """Give the next ones, in order; none once all are taken and `end` was called."""
        await self._any.wait()
        taken: list[packets.Message] = []
        size = 0
        while self.messages and size < _BATCH_BYTES:
            taken.append(self.messages.popleft())
            size += _size(taken[-1])
        self._held_bytes -= size
        self._room.set()
        if not self.messages and not self._no_more:
            self._any.clear()
        return taken

    def end(self) -> None:
        """Nothing will be added."""
        self._no_more = True
        self._any.set()


def _size(message: packets.Message) -> int:
    """Bytes it takes in memory, roughly: also an empty one takes some."""
    return len(message.payload) + len(message.topic) + 200


class _Session:
    """One connection: reading, writing down, acknowledging, and the pings."""

    def __init__(self, wire: Wire, params: MqttParams, link: Link, where: str, cutter: Cutter) -> None:
        self._wire = wire
        self._params = params
        self._link = link
        self._where = where
        self._cutter = cutter
        self._decoder = packets.Decoder(5 if params.version == "5" else 3, params.max_message_bytes)
        self._waiting = _Waiting(params.waiting_bytes)
        self._came: deque[packets.Packet] = deque()
        self._heard_s = 0.0
        self._hint = ""
        self._keep_alive_s = float(params.keep_alive_s)

    async def begin(self, connect: packets.Connect, topics: Sequence[str]) -> None:
        """Log in and subscribe; raises `Trouble`."""
        try:
            hello = packets.connect(connect)
        except ValueError as fault:  # a password of over 64 KiB, say
            raise Trouble(str(fault), refused=True) from None
        try:
            async with asyncio.timeout(self._params.connect_timeout_s):
                await self._wire.write(hello)
                self._check_accepted(await self._next())
                subscribe = packets.subscribe(connect.version, _SUBSCRIPTION, topics, self._params.qos)
                await self._wire.write(subscribe)
                await self._subscribed(topics)
        except TimeoutError:
            raise Trouble(f"{self._where}: it takes the connection but does not answer as a broker") from None

    async def _next(self) -> packets.Packet:
        while not self._came:
            await self._read_some()
        return self._came.popleft()

    async def _read_some(self) -> None:
        data = await self._wire.read()
        if not data:
            raise Trouble(f"{self._where}: the broker closed the connection{self._hint}")
        self._heard_s = asyncio.get_running_loop().time()
        try:
            self._came.extend(self._decoder.receive(data))
        except packets.MalformedPacket as fault:
            raise Trouble(f"{self._where}: {fault}") from None

    def _check_accepted(self, packet: packets.Packet) -> None:
        if not isinstance(packet, packets.Accepted):
            raise Trouble(f"{self._where}: this is no MQTT broker, its first answer is another one")
        if packet.code:
            raise self._trouble(packet.code, packet.reason)
        if packet.keep_alive_s:
            self._keep_alive_s = float(packet.keep_alive_s)

    async def _subscribed(self, topics: Sequence[str]) -> None:
        """Wait for the answer; a broker that knows us may send messages first."""
        early: list[packets.Packet] = []
        while not isinstance(packet := await self._next(), packets.Subscribed):
            early.append(packet)
        self._came.extendleft(reversed(early))
        refused = [topic for topic, code in zip(topics, packet.codes, strict=False) if code >= 128]
        if refused:
            names = ", ".join(refused)
            raise Trouble(f"{self._where}: the broker does not let us subscribe to {names}", refused=True)
        lower = min(packet.codes, default=0) < self._params.qos
        why = "the broker gives QoS 0 only: what it sends while we are away is lost" if lower else ""
        self._hint = _SAME_ID
        self._link.connected(self._where, why)

    def _trouble(self, code: int, reason: str) -> Trouble:
        words = _REFUSALS.get(code) or _PASSING.get(code) or f"it says no (code {code})"
        said = f" ({self._cutter.cut(reason)})" if reason else ""
        return Trouble(f"{self._where}: the broker refuses: {words}{said}", refused=code in _REFUSALS)

    async def run(self) -> None:
        """Bring messages until the connection is over; what has come by then is still written down."""
        writing = asyncio.create_task(self._write_down())
        try:
            await first_of(self._read(), self._ping(), _failed(writing))
        except Trouble:
            self._waiting.end()
            await writing
            raise
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            self._count_dropped()

    def _count_dropped(self) -> None:
        """What was not written down and will not come again is counted."""
        left = sum(
            isinstance(packet, packets.Message) and packet.qos == 0
            for packet in (*self._waiting.messages, *self._came)
        )
        if left:
            self._link.sink.count("shed_messages", left)

    async def _read(self) -> None:
        while True:
            await self._take_all()
            try:
                await self._read_some()
            except Trouble:
                await self._take_all()
                raise

    async def _take_all(self) -> None:
        while self._came:
            await self._take(self._came.popleft())

    async def _take(self, packet: packets.Packet) -> None:
        if isinstance(packet, packets.Message):
            if packet.qos == 0 and self._waiting.full:
                self._link.sink.count("shed_messages")
            else:
                await self._waiting.put(packet)
        elif isinstance(packet, packets.Goodbye):
            raise self._trouble(packet.code, packet.reason)

    async def _write_down(self) -> None:
        while batch := await self._waiting.take():
            lines = b"".join(line for message in batch if (line := self._line(message)))
            if lines:
                await self._link.received(lines)
            acknowledged = b"".join(map(packets.acknowledge, batch))
            try:
                await self._wire.write(acknowledged)
            except Trouble:  # reading tells why; without the answer the broker sends them again
                continue

    def _line(self, message: packets.Message) -> bytes:
        if not message.payload:
            self._link.sink.count("empty_messages")
            return b""
        wanted = self._params.with_topic
        if wanted or (wanted is None and _NEEDED_TOPIC.fullmatch(message.topic)):
            return topic_line(message.topic, message.payload)
        return whole(message.payload)

    async def _ping(self) -> None:
        """Show that we are there, and notice when the broker is not.

        While what came waits for the disk nothing is read, so silence then says nothing.
        """
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._keep_alive_s / 2)
            await self._wire.write(packets.PING)
            if loop.time() - self._heard_s > self._keep_alive_s * 1.5 and not self._waiting.full:
                raise Trouble(f"{self._where}: the broker does not answer any more")


async def _failed(task: asyncio.Task[None]) -> None:
    """Wait for a task, without stopping it when this stops."""
    await asyncio.shield(task)


def topic_line(topic: str, payload: bytes) -> bytes:
    """Write a message and its topic as one line of JSON: the payload as it is, or, if it is none, as text."""
    try:
        json.loads(payload.decode(), parse_constant=_no_json)
        value = payload.strip().replace(b"\r", b" ").replace(b"\n", b" ")
    except (ValueError, RecursionError):
        value = json.dumps(payload.decode(errors="backslashreplace")).encode()
    return b'{"topic": ' + json.dumps(topic).encode() + b', "payload": ' + value + b"}\n"


def _no_json(constant: str) -> None:
    """NaN and Infinity, which Python would read."""
    raise ValueError(constant)
