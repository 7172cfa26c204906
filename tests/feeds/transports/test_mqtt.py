"""MQTT against a real broker: nothing acknowledged is lost, and what goes wrong is said."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.publish as paho
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.feeds.formats.digitraffic import DigitrafficReceiver
from seavigil.feeds.transports.contract import FeedState
from seavigil.feeds.transports.mqtt import MqttClient, MqttParams, topic_line
from seavigil.feeds.transports.secrets import Secret
from seavigil.feeds.transports.tls import TlsParams
from seavigil.feeds.transports.wires import Address
from tests.brokers import Broker, mosquitto_broker
from tests.certificates import authority
from tests.feeds.transports.sinks import SOON, RecordingSink, play, running, stopped, until

#: CONNACK and SUBACK for QoS 0.
GREETING = b"\x20\x02\x00\x00" + b"\x90\x03\x00\x01\x00"
LOCATION = {"time": 1668075025, "sog": 10.7, "cog": 326.6, "navStat": 0, "lon": 20.345818, "lat": 60.03802}


@pytest.fixture
def broker() -> Iterator[Broker]:
    """Run a broker that lets everybody in."""
    with mosquitto_broker() as running_broker:
        yield running_broker


def client(
    broker: Broker, *topics: str, scheme: str = "mqtt", tls: TlsParams | None = None, **given: Any
) -> MqttClient:
    """Make a client of a broker here."""
    own = {name: given.pop(name) for name in ("user", "password", "headers") if name in given}
    path = "/mqtt" if scheme in ("ws", "wss") else None
    address = Address(host="127.0.0.1", port=broker.ports[scheme], tls=tls, websocket_path=path)
    return MqttClient(address, topics or ("#",), params=MqttParams(**given), retry=SOON, **own)


async def publish(broker: Broker, messages: Sequence[tuple[str, bytes]], qos: int = 1, **more: Any) -> None:
    """Publish through another library; on return the broker has them."""
    packed = [{"topic": topic, "payload": payload, "qos": qos} for topic, payload in messages]
    port = broker.ports["mqtt"]
    await asyncio.to_thread(paho.multiple, packed, hostname="127.0.0.1", port=port, **more)


async def connected(sink: RecordingSink) -> None:
    """Wait until it is."""
    await until(lambda: sink.last() is FeedState.CONNECTED)


@asynccontextmanager
async def answering(answer: bytes, times: list[float] | None = None) -> AsyncIterator[Address]:
    """Serve somebody who says only this, or who hangs up and writes down when he was called."""

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            if times is not None:
                times.append(asyncio.get_running_loop().time())
            writer.write(answer)
            while times is None and await reader.read(1_000):
                pass
        writer.close()

    server = await asyncio.start_server(act, "127.0.0.1", 0)
    try:
        yield Address(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    finally:
        server.close()


@pytest.mark.parametrize("version", ["3.1.1", "5"])
@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.parametrize("scheme", ["mqtt", "ws"])
def test_messages_become_lines(broker: Broker, version: str, qos: int, scheme: str) -> None:
    """With both versions, both qualities, over TCP and over a websocket."""
    sink = RecordingSink()
    feed = client(broker, "ais/#", "other", scheme=scheme, version=version, qos=qos)

    async def story() -> None:
        await connected(sink)
        await publish(
            broker, [("ais/a", b"!AIVDM,1"), ("other", b"!AIVDM,2\r\n"), ("not", b"asked for")], qos
        )
        await publish(broker, [("ais/a/b", b"!AIVDM,3\n!AIVDM,4")], qos)
        await until(lambda: sink.data().count(b"\n") == 4)

    play(running(feed, sink, story))
    assert sink.data() == b"!AIVDM,1\n!AIVDM,2\r\n!AIVDM,3\n!AIVDM,4\n"
    assert [state for state, _ in sink.states] == [FeedState.CONNECTING, FeedState.CONNECTED]
    assert sink.peers[1] == f"127.0.0.1:{broker.ports[scheme]}"


def test_topics_that_name_the_ship_are_kept_beside_the_message(broker: Broker) -> None:
    """The line is what the format reads: a position with its ship's MMSI."""
    sink = RecordingSink()
    payload = json.dumps(LOCATION, indent=1).encode()

    async def story() -> None:
        await connected(sink)
        await publish(broker, [("vessels-v2/230000001/location", payload), ("vessels-v2/status", b"{}")])
        await until(lambda: sink.data().count(b"\n") == 2)

    play(running(client(broker, "vessels-v2/#"), sink, story))
    line, status = sink.data().splitlines()
    assert json.loads(line) == {"topic": "vessels-v2/230000001/location", "payload": LOCATION}
    assert status == b"{}"
    receiver = DigitrafficReceiver("fi")
    (row,) = receiver.receive(line + b"\n", received_us=1_668_075_026_000_000).reports.to_pylist()
    assert (row["mmsi"], row["sog_kn"]) == (230000001, 10.7)


@pytest.mark.parametrize(("with_topic", "line"), [(True, b'{"topic": "a", "payload": 5}\n'), (False, b"5\n")])
def test_topics_can_be_asked_for_and_done_without(broker: Broker, with_topic: bool, line: bytes) -> None:
    """Whatever the topic is."""
    sink = RecordingSink()

    async def story() -> None:
        await connected(sink)
        await publish(broker, [("a", b"5")])
        await until(lambda: sink.total_bytes)

    play(running(client(broker, with_topic=with_topic), sink, story))
    assert sink.data() == line


@given(
    st.text(min_size=1, max_size=20), st.binary(max_size=200) | st.sampled_from([b"[1,\n 2]", b"NaN", b"{"])
)
def test_a_line_with_its_topic_is_always_one_line_of_json(topic: str, payload: bytes) -> None:
    """Whatever the payload is: what is no JSON becomes text, so that it spoils no other line."""
    line = topic_line(topic, payload)
    assert line.count(b"\n") == 1
    read = json.loads(line)
    assert read["topic"] == topic
    try:
        expected = json.loads(payload.decode())
    except ValueError:
        assert isinstance(read["payload"], str)
    else:
        assert read["payload"] == (expected if expected == expected else "NaN")  # noqa: PLR0124


def test_json_is_kept_byte_by_byte() -> None:
    """Numbers are not rounded on the way."""
    assert b'"payload": {"lat":60.0380200}}' in topic_line("t", b'{"lat":60.0380200}')


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_a_message_is_acknowledged_only_once_it_is_written_down(broker: Broker, version: str) -> None:
    """Whoever dies before that gets it again, in the same order; whoever dies after does not."""
    first, second, third = RecordingSink(gate=asyncio.Event()), RecordingSink(), RecordingSink()
    said = [("a", f"!AIVDM,{number}".encode()) for number in range(3)]

    async def dies_before(sink: RecordingSink) -> None:
        task = asyncio.create_task(client(broker, version=version).run(sink))
        await connected(sink)
        await publish(broker, said)
        await until(lambda: sink.waiting_bytes)
        await stopped(task)

    async def story() -> None:
        await dies_before(first)
        assert first.total_bytes == 0
        task = asyncio.create_task(client(broker, version=version).run(second))
        await until(lambda: second.data().count(b"\n") == 3)
        await publish(broker, [("a", b"later")])
        await until(lambda: b"later" in second.data())
        await stopped(task)
        task = asyncio.create_task(client(broker, version=version).run(third))
        await connected(third)
        await publish(broker, [("a", b"last")])
        await until(lambda: b"last" in third.data())
        await stopped(task)

    play(story())
    assert second.data() == b"!AIVDM,0\n!AIVDM,1\n!AIVDM,2\nlater\n"
    assert third.data() in (b"last\n", b"later\nlast\n")  # its acknowledgement may have been on the way


def test_what_comes_while_we_are_away_is_kept_for_us(broker: Broker) -> None:
    """The same machine and subscription have the same client_id, so the broker knows us again."""
    sink = RecordingSink()

    async def story() -> None:
        first = RecordingSink()
        task = asyncio.create_task(client(broker).run(first))
        await connected(first)
        await stopped(task)
        await publish(broker, [("a", b"meanwhile")])
        task = asyncio.create_task(client(broker).run(sink))
        await until(lambda: sink.total_bytes)
        await stopped(task)

    play(story())
    assert sink.data() == b"meanwhile\n"


def test_a_broker_that_was_killed_is_connected_to_again(broker: Broker) -> None:
    """Each state is told once; the second connection is a stream of its own."""
    sink = RecordingSink()

    async def story() -> None:
        await connected(sink)
        await publish(broker, [("a", b"one")])
        await until(lambda: sink.total_bytes)
        await asyncio.to_thread(broker.stop, kill=True)
        await until(lambda: sink.last() is FeedState.WAITING)
        await asyncio.to_thread(broker.start)
        await connected(sink)
        await publish(broker, [("a", b"two")])
        await until(lambda: sink.data(2))

    play(running(client(broker), sink, story))
    assert (sink.data(1), sink.data(2)) == (b"one\n", b"two\n")
    words = sink.said(FeedState.WAITING)
    assert "closed the connection" in words[0]
    assert all("nothing listens there" in why for why in words[1:])


def test_a_slow_sink_makes_the_broker_wait(broker: Broker) -> None:
    """Of QoS 1 all messages come, in order, however little may wait here; meanwhile the line stays up."""
    sink = RecordingSink(gate=asyncio.Event())
    said = [("a", b"%05d" % number + b"x" * 1_000) for number in range(500)]

    async def story() -> None:
        await connected(sink)
        await publish(broker, said)
        await until(lambda: sink.waiting_bytes)
        assert sink.gate is not None
        sink.gate.set()
        await until(lambda: sink.data().count(b"\n") == 500)

    feed = client(broker, version="5", receive_maximum=5, waiting_bytes=3_000)
    play(running(feed, sink, story))
    assert sink.data() == b"".join(payload + b"\n" for _, payload in said)
    assert not sink.counts
    assert len(sink.peers) == 1


def test_qos_0_beyond_the_bound_is_shed_and_counted(broker: Broker) -> None:
    """What is written and what is counted is all that came."""
    sink = RecordingSink(gate=asyncio.Event())

    async def story() -> None:
        await connected(sink)
        await publish(broker, [("a", b"x" * 1_000)] * 300, 0)
        await until(lambda: sink.counts["shed_messages"] > 100)
        assert sink.gate is not None
        sink.gate.set()
        await until(lambda: sink.data().count(b"\n") + sink.counts["shed_messages"] == 300)

    play(running(client(broker, qos=0, waiting_bytes=20_000), sink, story))


def test_an_empty_message_is_counted(broker: Broker) -> None:
    """It clears what a broker keeps; there is nothing to write down."""
    sink = RecordingSink()

    async def story() -> None:
        await connected(sink)
        await publish(broker, [("a", b""), ("a", b"x")])
        await until(lambda: sink.total_bytes)

    play(running(client(broker), sink, story))
    assert sink.data() == b"x\n"
    assert sink.counts == {"empty_messages": 1}


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_a_wrong_password_is_refused_in_words_without_it(tmp_path: Path, version: str) -> None:
    """Mended in the file, it works without a restart."""
    place = tmp_path / "password"
    place.write_text("letmein-wrong")
    place.chmod(0o600)
    sink = RecordingSink()
    with mosquitto_broker(users={"watch": "open sesame"}) as guarded:
        feed = client(guarded, version=version, user="watch", password=Secret(f"file:{place}"))

        async def story() -> None:
            await until(lambda: sink.last() is FeedState.REFUSED)
            place.write_text("open sesame\n")
            await connected(sink)

        play(running(feed, sink, story))
    (why,) = sink.said(FeedState.REFUSED)
    assert "wrong user or password" in why
    assert "letmein" not in repr(sink) + feed.shown + repr(feed)


def test_a_password_that_is_not_there_is_refused(broker: Broker) -> None:
    """The state says where it was looked for."""
    sink = RecordingSink()

    async def story() -> None:
        await until(lambda: sink.last() is FeedState.REFUSED)

    play(running(client(broker, user="me", password=Secret("env:NO_SUCH_PASSWORD")), sink, story))
    assert sink.said(FeedState.REFUSED) == ["env:NO_SUCH_PASSWORD: no such environment variable"]


def test_two_watches_with_one_client_id_are_told_so(broker: Broker) -> None:
    """The broker throws the first out for the second; most say nothing, so it can only be guessed."""
    sink, other = RecordingSink(), RecordingSink()

    async def story() -> None:
        await connected(sink)
        task = asyncio.create_task(client(broker, client_id="same").run(other))
        await until(lambda: sink.said(FeedState.WAITING))
        await stopped(task)

    play(running(client(broker, client_id="same"), sink, story))
    assert "another client may have the same client_id" in sink.said(FeedState.WAITING)[0]


def test_a_broker_that_says_why_it_hangs_up_is_understood() -> None:
    """MQTT 5: code 142, session taken over; what came before is written down."""
    sink = RecordingSink()
    greeting = b"\x20\x03\x00\x00\x00" + b"\x90\x04\x00\x01\x00\x00"
    message = b"\x30\x05\x00\x01a\x00x"

    async def story() -> None:
        async with answering(greeting + message + b"\xe0\x02\x8e\x00") as address:
            feed = MqttClient(address, ["#"], params=MqttParams(qos=0, version="5"), retry=SOON)
            await running(feed, sink, lambda: until(lambda: sink.said(FeedState.REFUSED)))

    play(story())
    assert "another client came with the same client_id" in sink.said(FeedState.REFUSED)[0]
    assert sink.data(1) == b"x\n"


def test_tls_to_a_broker(tmp_path: Path) -> None:
    """With its authority named over TCP and websocket; without it refused in words."""
    ours = authority(tmp_path)
    certificate = ours.issue("broker")
    params = TlsParams(ca_file=ours.certificate)
    with mosquitto_broker(certificate=certificate) as secured:
        for scheme in ("mqtts", "wss"):
            sink = RecordingSink()
            feed = client(secured, scheme=scheme, tls=params)

            async def story(sink: RecordingSink = sink) -> None:
                await connected(sink)
                await publish(secured, [("a", b"x")])
                await until(lambda: sink.total_bytes)

            play(running(feed, sink, story))
        strange = RecordingSink()

        async def refused() -> None:
            await until(lambda: strange.last() is FeedState.REFUSED)

        play(running(client(secured, scheme="mqtts", tls=TlsParams()), strange, refused))
    assert "unknown authority" in strange.said(FeedState.REFUSED)[0]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no MQTT"),
        (b"\xd0\x00", "this is no MQTT broker"),
        (b"\x20\x02\x00\x05", "wrong user or password"),
        (b"\x20\x02\x00\x03", "not available now"),
        (b"\x20\x02\x00\x00" + b"\x90\x03\x00\x01\x80", "does not let us subscribe to #"),
        (GREETING + b"\x30\xff\xff\xff\x7f", "over 1048576"),
        (b"", "does not answer as a broker"),
    ],
)
def test_what_is_no_broker_or_says_no_is_told(answer: bytes, says: str) -> None:
    """A mute one too."""
    sink = RecordingSink()

    async def story() -> None:
        async with answering(answer) as address:
            params = MqttParams(connect_timeout_s=0.5, qos=0)
            feed = MqttClient(address, ["#"], params=params, retry=SOON)
            told = (FeedState.WAITING, FeedState.REFUSED)
            await running(feed, sink, lambda: until(lambda: sink.last() in told))

    play(story())
    assert any(says in why for _, why in sink.states)


def test_a_broker_that_falls_mute_is_noticed_by_its_missing_answers() -> None:
    """It takes the connection, and then nothing comes, not even answers to pings."""
    sink = RecordingSink()

    async def story() -> None:
        async with answering(GREETING) as address:
            feed = MqttClient(address, ["#"], params=MqttParams(qos=0, keep_alive_s=1), retry=SOON)
            await running(feed, sink, lambda: until(lambda: sink.said(FeedState.WAITING)))

    play(story())
    assert "does not answer any more" in sink.said(FeedState.WAITING)[0]


def test_a_lower_quality_than_asked_for_is_said() -> None:
    """A broker that gives QoS 0 only keeps nothing for us."""
    sink = RecordingSink()

    async def story() -> None:
        async with answering(GREETING) as address:
            feed = MqttClient(address, ["#"], retry=SOON)
            await running(feed, sink, lambda: connected(sink))

    play(story())
    assert "QoS 0 only" in sink.said(FeedState.CONNECTED)[0]


def test_connections_are_no_closer_together_than_asked_for() -> None:
    """Some providers count: the second attempt waits."""
    sink, times = RecordingSink(), list[float]()

    async def story() -> None:
        async with answering(b"", times) as address:
            feed = MqttClient(address, ["#"], params=MqttParams(apart_s=0.3), retry=SOON)
            await running(feed, sink, lambda: until(lambda: len(times) == 3))

    play(story())
    assert times[2] - times[0] > 0.3  # without it they would be some milliseconds apart


@pytest.mark.parametrize(
    "given", [{"version": "4"}, {"qos": 2}, {"keep_alive_s": 0}, {"receive_maximum": 70_000}]
)
def test_parameters_that_cannot_be_are_errors(given: dict[str, Any]) -> None:
    """Before anything is connected."""
    with pytest.raises(ValueError, match=next(iter(given))):
        MqttParams(**given)


def test_client_ids_are_what_every_broker_takes() -> None:
    """At most 23 letters and digits; with QoS 1 always the same, with QoS 0 never."""
    address = Address(host="h", port=1)

    def ids(qos: int) -> list[str]:
        return [MqttClient(address, ["t"], params=MqttParams(qos=qos))._client_id for _ in range(2)]

    assert ids(1)[0] == ids(1)[1]
    assert ids(0)[0] != ids(0)[1]
    assert all(len(name) <= 23 and name.isalnum() for name in ids(1) + ids(0))


@pytest.mark.parametrize("topic", ["", "a/#/b", "a#", "a+/b", "a/b+", "a\0b", "x" * 70_000])
def test_a_topic_that_is_none_is_an_error(topic: str) -> None:
    """A broker would hang up without a word."""
    with pytest.raises(ValueError, match="topics"):
        MqttClient(Address(host="h", port=1), [topic])


@pytest.mark.parametrize("topic", ["#", "+", "/", "a/+/b/#", "+/+", "$SYS/#", "a//b", "ö"])
def test_a_topic_that_is_one_is_taken(topic: str) -> None:
    """Wildcards fill a level."""
    assert MqttClient(Address(host="h", port=1), [topic]).shown == f"mqtt://h:1/{topic}"


def test_a_host_that_cannot_be_is_said() -> None:
    """The parts of a name are at most 63 long."""
    sink = RecordingSink()
    feed = MqttClient(Address(host="x" * 70 + ".example", port=1), ["#"], retry=SOON)
    play(running(feed, sink, lambda: until(lambda: sink.said(FeedState.WAITING))))
    assert "no such host name" in sink.said(FeedState.WAITING)[0]


def test_a_password_longer_than_mqtt_allows_is_refused(tmp_path: Path) -> None:
    """Somebody named the wrong file."""
    (tmp_path / "p").write_text("x" * 65_536)
    (tmp_path / "p").chmod(0o600)
    sink = RecordingSink()

    async def story() -> None:
        async with answering(GREETING) as address:
            feed = MqttClient(address, ["#"], password=Secret(f"file:{tmp_path / 'p'}"), retry=SOON)
            await running(feed, sink, lambda: until(lambda: sink.said(FeedState.REFUSED)))

    play(story())
    assert "65,535 bytes" in sink.said(FeedState.REFUSED)[0]
