"""NATS against a real server: nothing acknowledged is lost, and what is missing is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats as library
import pytest
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig

from seavigil.feeds.transports.backoff import BackoffParams
from seavigil.feeds.transports.contract import FeedState
from seavigil.feeds.transports.nats import NatsConsumer, NatsLogin, NatsParams
from seavigil.feeds.transports.secrets import Secret
from seavigil.feeds.transports.tls import TlsParams
from tests.brokers import Broker, nats_broker
from tests.certificates import authority
from tests.feeds.transports.sinks import SOON, RecordingSink, play, running, stopped, until

#: So short that a test sees a message come again.
ACK_WAIT_S = 1.0

#: Never while a test runs.
LATER = BackoffParams(first_s=600.0, most_s=600.0)


@pytest.fixture
def broker() -> Iterator[Broker]:
    """Run a server that lets everybody in."""
    with nats_broker() as running_broker:
        yield running_broker


def consumer(broker: Broker, **given: Any) -> NatsConsumer:
    """Make a consumer of a stream AIS, unless a subject is given."""
    if "subject" not in given:
        given = {"stream": "AIS", "consumer": "watch", **given}
    params = given.pop("params", NatsParams(fetch_wait_s=0.5))
    return NatsConsumer("127.0.0.1", broker.ports["nats"], params=params, retry=SOON, **given)


@asynccontextmanager
async def jetstream(broker: Broker) -> AsyncIterator[JetStreamContext]:
    """Connect to it by the library itself."""
    client = await library.connect(broker.url("nats"))
    try:
        yield client.jetstream()
    finally:
        await client.close()


async def create(broker: Broker, **given: Any) -> None:
    """Create the stream and its durable consumer."""
    async with jetstream(broker) as stream:
        await stream.add_stream(name="AIS", subjects=["ais.>"])
        own = {"durable_name": "watch", "ack_policy": AckPolicy.EXPLICIT, "ack_wait": ACK_WAIT_S, **given}
        await stream.add_consumer("AIS", ConsumerConfig(**own))


async def publish(broker: Broker, said: Sequence[bytes]) -> None:
    """Publish; on return the stream has them."""
    async with jetstream(broker) as stream:
        for payload in said:
            await stream.publish("ais.a", payload)


async def left(broker: Broker) -> tuple[int, int]:
    """Give how many messages wait to be sent, and how many to be acknowledged."""
    async with jetstream(broker) as stream:
        info = await stream.consumer_info("AIS", "watch")
        return info.num_pending or 0, info.num_ack_pending or 0


async def all_acknowledged(broker: Broker) -> None:
    """Wait until the server has every acknowledgement."""
    async with asyncio.timeout(20):
        while await left(broker) != (0, 0):
            await asyncio.sleep(0.01)


def test_messages_become_lines_and_are_acknowledged(broker: Broker) -> None:
    """Also those from before; with several lines they keep them; an empty one is none."""
    sink = RecordingSink()

    async def during() -> None:
        await until(lambda: sink.data().count(b"\n") == 1)
        await publish(broker, [b"!AIVDM,2\r\n", b"", b"!AIVDM,3\n!AIVDM,4"])
        await until(lambda: sink.data().count(b"\n") == 4)
        await all_acknowledged(broker)

    async def story() -> None:
        await create(broker)
        await publish(broker, [b"!AIVDM,1"])
        await running(consumer(broker), sink, during)

    play(story())
    assert sink.data() == b"!AIVDM,1\n!AIVDM,2\r\n!AIVDM,3\n!AIVDM,4\n"
    assert [state for state, _ in sink.states] == [FeedState.CONNECTING, FeedState.CONNECTED]


def test_a_message_is_acknowledged_only_once_it_is_written_down(broker: Broker) -> None:
    """Whoever dies before that gets it again."""
    first, second = RecordingSink(gate=asyncio.Event()), RecordingSink()
    said = [f"!AIVDM,{number}".encode() for number in range(100)]

    async def story() -> None:
        await create(broker)
        await publish(broker, said)
        task = asyncio.create_task(consumer(broker).run(first))
        await until(lambda: first.waiting_bytes)
        assert await left(broker) == (0, 100)
        await stopped(task)
        task = asyncio.create_task(consumer(broker).run(second))
        await until(lambda: second.data().count(b"\n") == 100)
        await all_acknowledged(broker)
        await stopped(task)

    play(story())
    assert first.total_bytes == 0
    assert second.data() == b"".join(payload + b"\n" for payload in said)


def test_while_the_sink_is_slow_nothing_comes_twice(broker: Broker) -> None:
    """The server is told to wait, for longer than it would otherwise; no more than a batch is held."""
    sink = RecordingSink(gate=asyncio.Event())

    async def during() -> None:
        await until(lambda: sink.waiting_bytes)
        assert sink.waiting_bytes <= 10 * 2
        await asyncio.sleep(2.5)  # that time passes is what is shown
        assert sink.gate is not None
        sink.gate.set()
        await all_acknowledged(broker)

    async def story() -> None:
        await create(broker, ack_wait=2.0)
        await publish(broker, [b"%d" % (number % 10) for number in range(50)])
        feed = consumer(broker, params=NatsParams(batch=10, fetch_wait_s=0.5))
        await running(feed, sink, during)

    play(story())
    assert sink.data() == b"".join(b"%d\n" % (number % 10) for number in range(50))


def test_a_server_that_was_killed_is_connected_to_again(broker: Broker) -> None:
    """The stream lies on its disk: what was published comes once the server is back."""
    sink = RecordingSink()

    async def during() -> None:
        await until(lambda: sink.last() is FeedState.CONNECTED)
        await asyncio.to_thread(broker.stop, kill=True)
        await until(lambda: sink.last() is FeedState.WAITING)
        await asyncio.to_thread(broker.start)
        await until(lambda: sink.last() is FeedState.CONNECTED)
        await publish(broker, [b"two"])
        await until(lambda: sink.data(2))

    async def story() -> None:
        await create(broker)
        await running(consumer(broker), sink, during)

    play(story())
    assert sink.data(2) == b"two\n"
    assert "closed the connection" in sink.said(FeedState.WAITING)[0]


async def missing_stream(broker: Broker) -> None:
    """Create nothing."""


async def missing_consumer(broker: Broker) -> None:
    """Create a stream without the consumer."""
    await create(broker, durable_name="another")


async def pushing(broker: Broker) -> None:
    """Create a consumer that pushes."""
    await create(broker, deliver_subject="somewhere")


async def forgetful(broker: Broker) -> None:
    """Create a consumer without acknowledgements."""
    await create(broker, ack_policy=AckPolicy.NONE, ack_wait=None)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (missing_stream, "there is no stream AIS; create it: nats stream add AIS --subjects SUBJECT"),
        (
            missing_consumer,
            "has no consumer watch; create it: nats consumer add AIS watch --pull --ack explicit",
        ),
        (pushing, "consumer watch pushes; one to pull from is needed: nats consumer add AIS watch --pull"),
        (forgetful, "consumer watch waits for no acknowledgement: nats consumer add AIS watch --pull"),
    ],
)
def test_what_is_missing_is_said_with_the_command_that_makes_it(broker: Broker, make: Any, says: str) -> None:
    """Somebody must create it; it is looked for again."""
    sink = RecordingSink()

    async def story() -> None:
        await make(broker)
        await running(consumer(broker), sink, lambda: until(lambda: sink.last() is FeedState.REFUSED))

    play(story())
    assert says in sink.said(FeedState.REFUSED)[0]


def test_a_server_without_jetstream_is_said() -> None:
    """A plain subject would do there."""
    sink = RecordingSink()
    with nats_broker(jetstream=False) as plain:
        feed = consumer(plain)
        play(running(feed, sink, lambda: until(lambda: sink.last() is FeedState.REFUSED)))
    assert "JetStream is not switched on" in sink.said(FeedState.REFUSED)[0]


def test_a_consumer_that_is_taken_away_is_missed(broker: Broker) -> None:
    """While it is fetched from."""
    sink = RecordingSink()

    async def during() -> None:
        await until(lambda: sink.last() is FeedState.CONNECTED)
        async with jetstream(broker) as stream:
            await stream.delete_consumer("AIS", "watch")
        await until(lambda: sink.last() is FeedState.REFUSED)

    async def story() -> None:
        await create(broker)
        feed = consumer(broker, params=NatsParams(fetch_wait_s=0.2, look_s=0.2))
        await running(feed, sink, during)

    play(story())
    assert "has no consumer watch" in sink.said(FeedState.REFUSED)[0]


def test_a_plain_subject_is_followed(broker: Broker) -> None:
    """Wildcards included; there is nothing to acknowledge."""
    sink = RecordingSink()

    async def during() -> None:
        await until(lambda: sink.last() is FeedState.CONNECTED)
        client = await library.connect(broker.url("nats"))
        for number in range(1_000):
            await client.publish("ais.a.b", b"%d" % number)
        await client.publish("ais.a", b"")
        await client.publish("other", b"x")
        await client.close()
        await until(lambda: sink.data().count(b"\n") == 1_000)

    play(running(consumer(broker, subject="ais.>"), sink, during))
    assert sink.data() == b"".join(b"%d\n" % number for number in range(1_000))


def test_of_a_plain_subject_what_does_not_fit_is_shed_and_counted(broker: Broker) -> None:
    """What is written and what is counted is all that came."""
    sink = RecordingSink(gate=asyncio.Event())

    async def during() -> None:
        await until(lambda: sink.last() is FeedState.CONNECTED)
        client = await library.connect(broker.url("nats"))
        for _ in range(300):
            await client.publish("ais", b"x" * 1_000)
        await client.close()
        await until(lambda: sink.counts["shed_messages"] > 100)
        assert sink.gate is not None
        sink.gate.set()
        await until(lambda: sink.data().count(b"\n") + sink.counts["shed_messages"] == 300)

    feed = consumer(broker, subject="ais", params=NatsParams(waiting_bytes=20_000))
    play(running(feed, sink, during))


USERS = """
authorization { users: [
  { user: watch, password: "open sesame" }
  { user: guest, password: guest, permissions: { subscribe: "public.>" } }
] }
"""


@pytest.mark.parametrize("where", [{"subject": "ais"}, {}])
def test_a_wrong_password_is_refused_in_words_without_it(tmp_path: Path, where: dict[str, str]) -> None:
    """Mended in the file, it works without a restart."""
    place = tmp_path / "password"
    place.write_text("letmein-wrong")
    place.chmod(0o600)
    sink = RecordingSink()
    with nats_broker(config=USERS) as guarded:
        login = NatsLogin(user="watch", password=Secret(f"file:{place}"))
        feed = consumer(guarded, login=login, **where)

        async def during() -> None:
            await until(lambda: sink.last() is FeedState.REFUSED)
            place.write_text("open sesame")
            await until(lambda: "wrong user" not in sink.states[-1][1])

        play(running(feed, sink, during))
    assert "wrong user, password, token or credentials" in sink.said(FeedState.REFUSED)[0]
    assert "letmein" not in repr(sink) + feed.shown + repr(feed)


def test_a_subject_we_may_not_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server names it."""
    monkeypatch.setenv("GUEST", "guest")
    sink = RecordingSink()
    with nats_broker(config=USERS) as guarded:
        login = NatsLogin(user="guest", password=Secret("env:GUEST"))
        feed = consumer(guarded, login=login, subject="secret.>")
        play(running(feed, sink, lambda: until(lambda: sink.last() is FeedState.REFUSED)))
    assert 'subscription to "secret.>"' in sink.said(FeedState.REFUSED)[0].lower()


def test_tls_to_a_server(tmp_path: Path) -> None:
    """With its authority named; without it refused in words."""
    ours = authority(tmp_path)
    certificate = ours.issue("server")
    config = f'tls {{ cert_file: "{certificate}", key_file: "{certificate}" }}'
    good, strange = RecordingSink(), RecordingSink()
    with nats_broker(config=config) as secured:
        trusting = consumer(secured, subject="ais", tls=TlsParams(ca_file=ours.certificate))
        play(running(trusting, good, lambda: until(lambda: good.last() is FeedState.CONNECTED)))
        other = consumer(secured, subject="ais", tls=TlsParams())
        play(running(other, strange, lambda: until(lambda: strange.last() is FeedState.REFUSED)))
    assert "unknown authority" in strange.said(FeedState.REFUSED)[0]


def test_a_password_is_not_sent_where_tls_was_asked_for_and_is_not_spoken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server says before that whether it speaks TLS; whoever stands between may have changed that."""
    monkeypatch.setenv("PASSWORD", "open sesame")
    heard, sink = bytearray(), RecordingSink()

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b'INFO {"server_id":"x","version":"2.9.0","max_payload":1048576,"auth_required":true}\r\n'
        )
        while data := await reader.read(1_000):
            heard.extend(data)
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(act, "127.0.0.1", 0)
        login = NatsLogin(user="watch", password=Secret("env:PASSWORD"))
        port = server.sockets[0].getsockname()[1]
        feed = NatsConsumer("127.0.0.1", port, subject="a", login=login, tls=TlsParams(), retry=SOON)
        await running(feed, sink, lambda: until(lambda: sink.last() is FeedState.REFUSED))
        server.close()

    play(story())
    assert "speaks no TLS; nothing secret was sent" in sink.said(FeedState.REFUSED)[0]
    assert b"sesame" not in heard


@pytest.mark.parametrize(
    ("answer", "says"), [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "INFO"), (b"", "in time")]
)
def test_what_is_no_nats_server_is_said(answer: bytes, says: str) -> None:
    """Garbage, or nothing at all."""
    sink = RecordingSink()

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        while await reader.read(1_000):
            pass
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(act, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        params = NatsParams(connect_timeout_s=1.0)
        feed = NatsConsumer("127.0.0.1", port, subject="a", params=params, retry=LATER)
        await running(feed, sink, lambda: until(lambda: sink.said(FeedState.WAITING)))
        server.close()

    play(story())
    assert says in sink.said(FeedState.WAITING)[0]


@pytest.mark.parametrize(
    "given", [{}, {"stream": "A"}, {"consumer": "c"}, {"stream": "A", "consumer": "c", "subject": "s"}]
)
def test_what_to_follow_is_one_thing(given: dict[str, str]) -> None:
    """A stream with its consumer, or a subject."""
    with pytest.raises(ValueError, match="stream and consumer"):
        NatsConsumer("h", **given)


def test_credentials_without_the_package_for_them_are_refused(broker: Broker, tmp_path: Path) -> None:
    """The message names it; with it a bad file is said."""
    (tmp_path / "creds").write_text("nonsense")
    sink = RecordingSink()
    feed = consumer(broker, subject="a", login=NatsLogin(credentials_file=str(tmp_path / "creds")))
    told = (FeedState.WAITING, FeedState.REFUSED, FeedState.CONNECTED)
    play(running(feed, sink, lambda: until(lambda: sink.last() in told)))
    try:
        import nkeys  # noqa: F401
    except ImportError:
        assert sink.said(FeedState.REFUSED) == ["credentials_file needs the Python package nkeys"]
