"""MQTT as bytes: what the standards show, cut anywhere, and garbage."""

from __future__ import annotations

import contextlib
import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from seavigil.feeds.transports import mqtt_packets as packets
from seavigil.feeds.transports.mqtt_packets import Accepted, Decoder, Goodbye, Message, Pong, Subscribed

LIMIT = 1_048_576


def read(data: bytes, version: int = 3) -> list[packets.Packet]:
    """Read whole bytes."""
    return list(Decoder(version, LIMIT).receive(data))


def publish(topic: str, payload: bytes, qos: int, *, version: int = 3, more: bytes = b"\x00") -> bytes:
    """Write a PUBLISH as section 3.3 of both standards lays it out."""
    body = struct.pack(">H", len(topic.encode())) + topic.encode()
    body += (struct.pack(">H", 7) if qos else b"") + (more if version == 5 else b"") + payload
    length = b""
    size = len(body)
    while True:
        size, low = divmod(size, 128)
        length += bytes([low | (128 if size else 0)])
        if not size:
            return bytes([0x30 | qos << 1]) + length + body


def test_connect_is_written_as_the_standard_shows() -> None:
    """Figure 3.6 of 3.1.1: protocol name, level 4, flags, keep alive 10; then id, user, password."""
    said = packets.Connect(
        version=3, client_id="ab", keep_alive_s=10, clean=True, user="u", password="p", receive_maximum=9
    )
    header = bytes([0x10, 20]) + b"\x00\x04MQTT" + bytes([4, 0b11000010])
    assert packets.connect(said) == header + b"\x00\x0a\x00\x02ab\x00\x01u\x00\x01p"


def test_connect_of_version_5_carries_the_properties_as_another_library_writes_them() -> None:
    """Session expiry, receive maximum and the largest packet we take."""
    theirs = Properties(PacketTypes.CONNECT)
    theirs.SessionExpiryInterval = 86_400
    theirs.ReceiveMaximum = 100
    theirs.MaximumPacketSize = 1_048_576
    written = packets.connect(
        packets.Connect(
            version=5,
            client_id="",
            keep_alive_s=30,
            clean=False,
            session_expiry_s=86_400,
            receive_maximum=100,
            maximum_packet_bytes=1_048_576,
        )
    )
    ours, at = Properties(PacketTypes.CONNECT).unpack(written[12:])
    assert at == len(theirs.pack())
    assert ours.json() == theirs.json()


def test_subscribe_is_written_as_the_standard_shows() -> None:
    """Figure 3.23 of 3.1.1: two topics, a/b and c/d (here both for QoS 1)."""
    assert packets.subscribe(3, 10, ["a/b", "c/d"], 1) == (
        b"\x82\x0e" + b"\x00\x0a" + b"\x00\x03a/b\x01" + b"\x00\x03c/d\x01"
    )
    assert packets.subscribe(5, 10, ["a/b"], 0) == b"\x82\x09" + b"\x00\x0a\x00" + b"\x00\x03a/b\x00"


def test_only_messages_that_want_it_are_acknowledged() -> None:
    """QoS 0 has no packet id and no answer."""
    assert packets.acknowledge(Message("t", b"", 1, 0x1234)) == b"\x40\x02\x12\x34"
    assert packets.acknowledge(Message("t", b"", 0)) == b""


def test_answers_of_a_broker_are_read() -> None:
    """One after another in one piece."""
    data = b"\x20\x02\x01\x00" + b"\x90\x04\x00\x01\x01\x80" + b"\xd0\x00" + publish("a", b"x", 1)
    assert read(data) == [Accepted(0, True), Subscribed((1, 128)), Pong(), Message("a", b"x", 1, 7)]


def test_answers_of_version_5_are_read_with_their_reasons() -> None:
    """Server keep alive (0x13) and reason string (0x1F); other properties are stepped over."""
    refused = b"\x00\x87" + b"\x09" + b"\x13\x00\x0f" + b"\x1f\x00\x03no!"
    user_property = b"\x26\x00\x01k\x00\x01v"
    suback = b"\x00\x01" + bytes([len(user_property)]) + user_property + b"\x87"
    data = b"\x20" + bytes([len(refused)]) + refused + b"\x90" + bytes([len(suback)]) + suback
    data += b"\xe0\x01\x8e" + b"\xe0\x00" + publish("a", b"x", 0, version=5, more=b"\x02\x01\x01")
    assert read(data, 5) == [
        Accepted(0x87, False, 15, "no!"),
        Subscribed((0x87,)),
        Goodbye(142),
        Goodbye(0),
        Message("a", b"x", 0),
    ]


@given(
    st.lists(
        st.tuples(st.text(max_size=200), st.binary(max_size=20_000), st.sampled_from([0, 1])), max_size=5
    ),
    st.sampled_from([3, 5]),
    st.lists(st.integers(0, 100_000), max_size=10),
)
def test_messages_are_the_same_wherever_the_bytes_are_cut(
    said: list[tuple[str, bytes, int]], version: int, cuts: list[int]
) -> None:
    """Also between the two bytes of a length."""
    data = b"".join(publish(topic, payload, qos, version=version) for topic, payload, qos in said)
    decoder = Decoder(version, LIMIT)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    found = [p for a, b in pairwise(edges) for p in decoder.receive(data[a:b])]
    assert found == [Message(topic, payload, qos, 7 if qos else 0) for topic, payload, qos in said]


def test_byte_by_byte_nothing_is_different() -> None:
    """A message of 300 bytes has a length of two bytes."""
    data = publish("vessels-v2/230000001/location", b"x" * 300, 1) + b"\xd0\x00"
    decoder = Decoder(3, LIMIT)
    found = [p for byte in data for p in decoder.receive(bytes([byte]))]
    assert found == read(data)
    assert len(found) == 2


@given(st.binary(max_size=500), st.sampled_from([3, 5]))
def test_garbage_is_a_malformed_packet_and_nothing_else(data: bytes, version: int) -> None:
    """A web server, say, that was taken for a broker."""
    with contextlib.suppress(packets.MalformedPacket):
        list(Decoder(version, 1_000).receive(data))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "no MQTT"),
        (b"\x30\xff\xff\xff\xff\x01", "length of more than four bytes"),
        (b"\x30\xff\xff\xff\x7f", "over 1048576"),
        (publish("t", b"x", 2), "QoS 2"),
        (b"\x30\x02\x00\x09", "cannot be read"),
        (b"\x30\x04\x00\x02\xff\xfe", "cannot be read"),
        (b"\x20\x00", "cannot be read"),
    ],
)
def test_what_is_no_mqtt_is_said(data: bytes, says: str) -> None:
    """A packet too large is known by its length, before it has come."""
    with pytest.raises(packets.MalformedPacket, match=says):
        read(data)


def test_a_property_that_does_not_exist_is_malformed() -> None:
    """Its length cannot be known, so what follows cannot be read."""
    with pytest.raises(packets.MalformedPacket, match="property"):
        read(b"\x20\x05\x00\x00\x02\x7e\x00", 5)


def test_a_text_too_long_for_mqtt_is_an_error() -> None:
    """Lengths have two bytes."""
    with pytest.raises(ValueError, match="65,535"):
        packets.subscribe(3, 1, ["t" * 70_000], 0)


def test_messages_have_what_another_library_gives() -> None:
    """Topic, payload, QoS, whether it is a repetition and whether it was kept by the broker."""
    theirs = MQTTMessage(7, b"a/b")
    ours = read(b"\x3b\x08\x00\x03a/b\x00\x07x")[0]
    assert isinstance(ours, Message)
    assert (ours.topic, ours.packet_id) == (theirs.topic, theirs.mid)
    assert (ours.payload, ours.qos, ours.again, ours.retained) == (b"x", 1, True, True)
