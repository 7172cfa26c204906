"""Addresses and options of feeds: each becomes its transport, and what is wrong is one line."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.feeds.transports.mqtt import MqttClient
from seavigil.feeds.transports.nats import NatsConsumer
from seavigil.feeds.transports.pipe import Pipe
from seavigil.feeds.transports.serial_port import SerialPort
from seavigil.feeds.transports.tcp import TcpClient, TcpServer
from seavigil.feeds.transports.udp import UdpServer
from seavigil.feeds.transports.urls import is_live, transport_of
from seavigil.feeds.transports.websocket import WebsocketClient

PASSWORD = "opensesame"


@pytest.mark.parametrize(
    ("url", "kind", "shown"),
    [
        ("-", Pipe, "-"),
        ("tcp://10.0.0.1:5631", TcpClient, "tcp://10.0.0.1:5631"),
        ("TCP://[::1]:5631?until_closed=yes", TcpClient, "tcp://[::1]:5631"),
        ("tcps://feed.example:5631", TcpClient, "tcps://feed.example:5631"),
        ("tcp-listen://:4001", TcpServer, "tcp-listen://0.0.0.0:4001"),
        ("udp://239.1.2.3:10110?by_host=true", UdpServer, "udp://239.1.2.3:10110"),
        ("serial:/dev/ttyUSB0?baud=4800", SerialPort, "serial:/dev/ttyUSB0?baud=4800"),
        ("serial:///dev/ttyS0", SerialPort, "serial:/dev/ttyS0?baud=38400"),
        ("mqtt://me@broker/ais/#", MqttClient, "mqtt://broker:1883/ais/#"),
        ("mqtts://broker?topic=a/+/b&topic=c", MqttClient, "mqtts://broker:8883/a/+/b,c"),
        ("mqtt+wss://broker/mqtt?topics=a,b", MqttClient, "mqtt+wss://broker:443/mqtt?topics=a,b"),
        ("mqtt+ws://broker:9001?topic=%23", MqttClient, "mqtt+ws://broker:9001/mqtt?topics=#"),
        ("wss://h/x?format=json", WebsocketClient, "wss://h/x?format=json"),
        ("ws://h", WebsocketClient, "ws://h"),
        ("nats://h?stream=AIS&consumer=watch", NatsConsumer, "nats://h:4222/AIS/watch"),
        ("nats+tls://h:4223?subject=ais.%3E", NatsConsumer, "nats+tls://h:4223/ais.>"),
    ],
)
def test_an_address_becomes_its_transport(url: str, kind: type, shown: str) -> None:
    """What is shown is the address and what is asked for there, without other options."""
    transport = transport_of(url)
    assert isinstance(transport, kind)
    assert transport.shown == shown


def test_options_may_stand_beside_the_address() -> None:
    """As TOML has them: typed; they go before those in the address."""
    feed = transport_of(
        "mqtt://h/a?qos=1&version=5",
        {"qos": 0, "topics": ["b", "c"], "password": "env:P", "with_topic": True, "retry_most_s": 5},
    )
    assert isinstance(feed, MqttClient)
    assert feed._topics == ("a", "b", "c")
    assert (feed._params.qos, feed._params.version, feed._params.with_topic) == (0, "5", True)
    assert feed._retry.most_s == 5.0


def test_a_plus_in_a_topic_stays_a_plus() -> None:
    """In forms it would be a space."""
    feed = transport_of("mqtt://h?topic=vessels-v2/+/location")
    assert isinstance(feed, MqttClient)
    assert feed._topics == ("vessels-v2/+/location",)


def test_the_query_of_a_websocket_is_the_servers() -> None:
    """Options stand beside it."""
    feed = transport_of("wss://h/x?token=env:T&qos=9", {"connect_timeout_s": 3, "headers": ["A: env:B"]})
    assert isinstance(feed, WebsocketClient)
    assert feed.shown == "wss://h/x?token=env:T&qos=9"


@pytest.mark.parametrize("boxes", ["59,22,60.5,30;54,10,55,11", [[59, 22, 60.5, 30], [54, 10, 55, 11]]])
def test_boxes_are_read_as_text_and_as_lists(boxes: Any) -> None:
    """South, west, north, east."""
    feed = transport_of("wss://h", {"key": "env:K", "boxes": boxes})
    assert isinstance(feed, WebsocketClient)
    assert feed._subscription is not None
    assert list(feed._subscription.boxes) == [(59.0, 22.0, 60.5, 30.0), (54.0, 10.0, 55.0, 11.0)]


@pytest.mark.parametrize(
    ("url", "options", "says"),
    [
        (
            "mqt://h/a",
            {},
            "mqt://h/a: no live feed; did you mean mqtt? there are tcp:// tcps:// tcp-listen://",
        ),
        ("http://h", {}, "http://h: no live feed;"),
        ("recording.nmea", {}, "recording.nmea: no live feed; there are"),
        ("localhost:5631", {}, "no live feed"),
        ("tcp://h", {}, "tcp://h: no port in the address"),
        ("tcp://:1", {}, "tcp://:1: no host in the address"),
        ("tcp://h:99999", {}, "a port is a number up to 65535"),
        ("tcp://h:x", {}, "a port is a number up to 65535"),
        ("tcp://h:1", {"until_close": True}, "tcp://h:1: no option until_close; did you mean until_closed?"),
        ("tcp://h:1", {"zzz": 1}, "no option zzz; there are "),
        ("tcp://h:1", {"until_closed": "maybe"}, "until_closed must be true or false"),
        ("tcp://h:1", {"ca_file": "x"}, "no option ca_file"),
        ("tcp://me:opensesame@h:1", {}, "no user and password in this address"),
        ("mqtt://h", {}, "topics: none given"),
        ("mqtt://h/a", {"qos": 1.5}, "qos must be a whole number"),
        ("mqtt://h/a", {"qos": "x"}, "qos must be a number"),
        ("mqtt://h/a", {"qos": True}, "qos must be a number"),
        ("mqtt://h/a", {"keep_alive_s": "inf"}, "keep_alive_s must be a whole number"),
        ("mqtt://h/a", {"qos": 2}, "qos: 0 or 1"),
        ("mqtt://h/a", {"version": 4}, "version: 4 is neither 3.1.1 nor 5"),
        ("mqtt://h/a", {"topics": 5}, "topics must be a list of texts"),
        ("mqtt://me:opensesame@h/a", {}, "no password in the address; say password=env:NAME"),
        ("mqtt://h/a?password=opensesame", {}, "password: give env:NAME or file:PATH"),
        ("mqtt://h/a", {"password": "opensesame"}, "password: give env:NAME or file:PATH"),
        ("mqtt://h/a", {"client_id": ["x"]}, "client_id must be a text"),
        ("mqtt://h/a", {"retry_first_s": 0}, "waits must be above 0"),
        ("wss://h", {"boxes": "1,2,3", "key": "env:K"}, "boxes are south,west,north,east"),
        ("wss://h", {"boxes": "1,2,3,4"}, "boxes, mmsi and kinds go with a key"),
        ("wss://h", {"headers": "nonsense"}, "headers are written Name: value"),
        ("wss://me:opensesame@h", {}, "no user and password"),
        ("wss://h", {"key": "opensesame"}, "key: give env:NAME or file:PATH"),
        ("nats://h", {}, "give stream and consumer"),
        ("nats://opensesame:opensesame@h?subject=a", {}, "no password in the address"),
        ("serial:", {}, "no device"),
        ("serial:/dev/x?baud=0", {}, "above 0 baud"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_without_secrets(
    url: str, options: dict[str, Any], says: str
) -> None:
    """The nearest name there is comes with an unknown one."""
    with pytest.raises(ValueError) as fault:  # noqa: PT011 - what it says is asked below
        transport_of(url, options)
    assert says in str(fault.value)
    assert "\n" not in str(fault.value)
    assert PASSWORD not in str(fault.value)


@given(st.text(max_size=60) | st.from_regex(r"(mqtts?|wss?|nats|tcp|udp|serial):[/@:\[\]?&=%#a-z0-9]{0,40}"))
def test_any_text_is_a_feed_or_an_error_in_words(url: str) -> None:
    """Nothing else is raised."""
    with contextlib.suppress(ValueError):
        assert transport_of(url).shown


@pytest.mark.parametrize(
    ("source", "live"),
    [
        ("tcp://h:1", True),
        ("serial:/dev/ttyUSB0", True),
        ("MQTT://h/a", True),
        ("-", False),
        ("recording.nmea", False),
        ("tcp:x", False),
        ("http://h", False),
    ],
)
def test_live_feeds_are_told_from_files(source: str, live: bool) -> None:
    """Standard input may be either, so it does not count as live by itself."""
    assert is_live(source) == live
