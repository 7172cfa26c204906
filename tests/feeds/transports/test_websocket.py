"""Websockets: AISStream's manners, played by a server here, and servers that want nothing."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from seavigil.feeds.formats.aisstream import AisstreamReceiver
from seavigil.feeds.transports.contract import FeedState
from seavigil.feeds.transports.secrets import Secret
from seavigil.feeds.transports.tls import TlsParams
from seavigil.feeds.transports.websocket import AisstreamSubscription, WebsocketClient, WebsocketParams
from tests.certificates import authority
from tests.feeds.transports.sinks import SOON, RecordingSink, play, running, until

KEY = "0123456789abcdef0123456789abcdef01234567"
#: As the documentation of AISStream lays a message out (values invented).
MESSAGE = {
    "MessageType": "PositionReport",
    "MetaData": {"MMSI": 299000001, "ShipName": "ALDER", "time_utc": "2025-11-20 04:21:00.1 +0000 UTC"},
    "Message": {
        "PositionReport": {
            "MessageID": 1,
            "UserID": 299000001,
            "Latitude": 59.9,
            "Longitude": 25.4,
            "Valid": True,
        }
    },
}

Handler = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler, **given: Any) -> AsyncIterator[str]:
    """Serve websockets here; gives the address."""

    async def quietly(socket: ServerConnection) -> None:
        try:
            await handler(socket)
        except ConnectionClosed:
            return

    server = await serve(quietly, "127.0.0.1", 0, **given)
    scheme = "wss" if "ssl" in given else "ws"
    try:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v0/stream"
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Secret:
    """Put a key into the environment."""
    monkeypatch.setenv("AISSTREAM_TEST_KEY", KEY)
    return Secret("env:AISSTREAM_TEST_KEY")


async def stay(socket: ServerConnection) -> None:
    """Say nothing until the other side goes."""
    await socket.wait_closed()


def bring(
    handler: Handler,
    done: Callable[[RecordingSink], object],
    subscription: AisstreamSubscription | None = None,
    **given: Any,
) -> RecordingSink:
    """Run a client against a server until something is so."""
    sink = RecordingSink()

    async def story() -> None:
        async with serving(handler) as url:
            feed = WebsocketClient(url, subscription=subscription, retry=SOON, **given)
            await running(feed, sink, lambda: until(lambda: done(sink)))

    play(story())
    return sink


def test_messages_become_lines() -> None:
    """Text or bytes, with or without a line break; what has several lines keeps them."""

    async def speak(socket: ServerConnection) -> None:
        for message in ("!AIVDM,1", b"!AIVDM,2\r\n", "", "!AIVDM,3\n!AIVDM,4"):
            await socket.send(message)
        await stay(socket)

    sink = bring(speak, lambda s: s.data().count(b"\n") == 4)
    assert sink.data() == b"!AIVDM,1\n!AIVDM,2\r\n!AIVDM,3\n!AIVDM,4\n"
    assert [state for state, _ in sink.states] == [FeedState.CONNECTING, FeedState.CONNECTED]


def test_aisstream_is_asked_at_once_for_what_is_wanted(key: Secret) -> None:
    """The key goes in the message, corners are latitude first; what comes back is what the format reads."""
    asked: list[Any] = []

    async def speak(socket: ServerConnection) -> None:
        asked.append(json.loads(await asyncio.wait_for(socket.recv(), 3.0)))  # their limit: 3 s
        await socket.send(json.dumps(MESSAGE).encode())
        await stay(socket)

    wanted = AisstreamSubscription(
        key=key, boxes=[(59.0, 22.0, 60.5, 30.0)], mmsi=["299000001"], kinds=["PositionReport"]
    )
    sink = bring(speak, lambda s: s.total_bytes, wanted)
    assert asked == [
        {
            "APIKey": KEY,
            "BoundingBoxes": [[[59.0, 22.0], [60.5, 30.0]]],
            "FiltersShipMMSI": ["299000001"],
            "FilterMessageTypes": ["PositionReport"],
        }
    ]
    (row,) = AisstreamReceiver("a").receive(sink.data(), received_us=0).reports.to_pylist()
    assert row["mmsi"] == 299000001


def test_all_ships_of_the_world_are_asked_for_without_filters(key: Secret) -> None:
    """A box over the 180th meridian is asked for in two parts."""
    assert json.loads(AisstreamSubscription(key=key).message("k")) == {
        "APIKey": "k",
        "BoundingBoxes": [[[-90.0, -180.0], [90.0, 180.0]]],
    }
    over = AisstreamSubscription(key=key, boxes=[(50.0, 170.0, 60.0, -160.0)])
    assert json.loads(over.message("k"))["BoundingBoxes"] == [
        [[50.0, 170.0], [60.0, 180.0]],
        [[50.0, -180.0], [60.0, -160.0]],
    ]


@pytest.mark.parametrize("box", [(60.0, 20.0, 59.0, 30.0), (-91.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 181.0)])
def test_a_box_that_is_none_is_an_error(key: Secret, box: tuple[float, float, float, float]) -> None:
    """Longitude first, say."""
    with pytest.raises(ValueError, match="south,west,north,east"):
        AisstreamSubscription(key=key, boxes=[box])


def test_a_wrong_key_is_refused_in_words_without_it(key: Secret, caplog: pytest.LogCaptureFixture) -> None:
    """Even if the server repeats it; nothing of it is in a state, a message, a log, or the client."""

    async def speak(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(json.dumps({"error": f"Api Key Is Not Valid: {KEY}"}))
        await socket.close()

    with caplog.at_level("DEBUG", logger="seavigil"):
        sink = bring(speak, lambda s: s.last() is FeedState.REFUSED, AisstreamSubscription(key=key))
    (why,) = set(sink.said(FeedState.REFUSED))
    assert why.endswith("the server says: Api Key Is Not Valid: ***")
    feed = WebsocketClient(f"wss://h/x?token={KEY}", subscription=AisstreamSubscription(key=key))
    assert KEY not in repr(sink) + caplog.text + feed.shown + repr(feed) + repr(
        AisstreamSubscription(key=key)
    )


@pytest.mark.parametrize(
    ("error", "state"),
    [
        ("Subscription Object Is Malformed", FeedState.REFUSED),
        ("concurrent connections per user exceeded", FeedState.REFUSED),
        ("request throttled", FeedState.WAITING),
    ],
)
def test_what_the_server_complains_of_is_said(key: Secret, error: str, state: FeedState) -> None:
    """What passes by itself is waited for; for the rest somebody must look."""

    async def speak(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(json.dumps({"error": error}))
        await socket.close()

    sink = bring(speak, lambda s: s.said(state), AisstreamSubscription(key=key))
    assert error in sink.said(state)[0]


def test_a_server_that_hangs_up_before_the_first_message_hints_at_the_key(key: Secret) -> None:
    """It sometimes does so without a word."""

    async def speak(socket: ServerConnection) -> None:
        await socket.recv()

    sink = bring(speak, lambda s: s.said(FeedState.WAITING), AisstreamSubscription(key=key))
    assert "a wrong key" in sink.said(FeedState.WAITING)[0]


def test_a_missing_key_is_refused_and_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put in its place, it works without a restart."""
    monkeypatch.delenv("LATE_KEY", raising=False)
    sink = RecordingSink()

    async def speak(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(json.dumps(MESSAGE))
        await stay(socket)

    async def story() -> None:
        async with serving(speak) as url:
            wanted = AisstreamSubscription(key=Secret("env:LATE_KEY"))

            async def during() -> None:
                await until(lambda: sink.last() is FeedState.REFUSED)
                monkeypatch.setenv("LATE_KEY", KEY)
                await until(lambda: sink.total_bytes)

            await running(WebsocketClient(url, subscription=wanted, retry=SOON), sink, during)

    play(story())
    assert sink.said(FeedState.REFUSED) == ["env:LATE_KEY: no such environment variable"]


def test_a_key_never_travels_in_the_clear(key: Secret) -> None:
    """Only to a server on this machine."""
    with pytest.raises(ValueError, match="use wss://"):
        WebsocketClient("ws://stream.example/v0", subscription=AisstreamSubscription(key=key))


def test_a_secret_of_the_address_or_a_header_is_filled_in_on_the_way(key: Secret) -> None:
    """The server sees it, nobody else."""
    seen: list[tuple[str, str | None]] = []

    async def speak(socket: ServerConnection) -> None:
        assert socket.request is not None
        seen.append((socket.request.path, socket.request.headers.get("X-Key")))
        await stay(socket)

    sink = RecordingSink()

    async def story() -> None:
        async with serving(speak) as url:
            feed = WebsocketClient(f"{url}?k={key}", headers={"X-Key": str(key)}, retry=SOON)
            assert KEY not in feed.shown
            await running(feed, sink, lambda: until(lambda: seen))

    play(story())
    assert seen == [(f"/v0/stream?k={KEY}", KEY)]


def test_a_connection_that_broke_is_made_again() -> None:
    """The second is a stream of its own."""
    times = 0

    async def speak(socket: ServerConnection) -> None:
        nonlocal times
        times += 1
        await socket.send(f"!AIVDM,{times}")
        if times == 1:
            socket.transport.abort()
        await stay(socket)

    sink = bring(speak, lambda s: s.data(2))
    assert sink.data(2) == b"!AIVDM,2\n"
    assert "broke off" in sink.said(FeedState.WAITING)[0]


@pytest.mark.parametrize(
    ("status", "state"),
    [(401, FeedState.REFUSED), (404, FeedState.REFUSED), (429, FeedState.WAITING), (503, FeedState.WAITING)],
)
def test_an_http_answer_in_place_of_a_websocket_is_said(status: int, state: FeedState) -> None:
    """Not you, not here; or not now."""
    sink = RecordingSink()

    async def story() -> None:
        async with serving(stay, process_request=lambda socket, request: socket.respond(status, "")) as url:
            feed = WebsocketClient(url, retry=SOON)
            await running(feed, sink, lambda: until(lambda: sink.said(state)))

    play(story())
    assert f"HTTP {status}" in sink.said(state)[0]


@pytest.mark.parametrize(
    ("answer", "says"), [(b"220 mail.example ESMTP\r\n\r\n", "no websocket is spoken"), (b"", "")]
)
def test_what_is_no_websocket_server_is_said(answer: bytes, says: str) -> None:
    """Garbage, or nothing at all."""
    sink = RecordingSink()

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        try:
            while await reader.read(1_000):
                pass
        except OSError:
            pass
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(act, "127.0.0.1", 0)
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        feed = WebsocketClient(url, params=WebsocketParams(connect_timeout_s=0.3), retry=SOON)
        await running(feed, sink, lambda: until(lambda: sink.said(FeedState.WAITING)))
        server.close()

    play(story())
    assert (says or "no answer in time") in sink.said(FeedState.WAITING)[0]


def test_a_message_beyond_the_limit_ends_the_connection_in_words() -> None:
    """Memory stays bounded."""

    async def speak(socket: ServerConnection) -> None:
        await socket.send("x" * 5_000)
        await stay(socket)

    sink = bring(speak, lambda s: s.said(FeedState.WAITING), params=WebsocketParams(max_message_bytes=1_000))
    assert "larger than the limit" in sink.said(FeedState.WAITING)[0]


def test_a_slow_sink_makes_the_server_wait() -> None:
    """Little is held here, all of it comes: 40 MB, which no buffer of the system holds."""
    said = [os.urandom(10_000).hex() for _ in range(2_000)]
    sent: list[int] = []
    servers: list[ServerConnection] = []
    sink = RecordingSink(gate=asyncio.Event())

    async def speak(socket: ServerConnection) -> None:
        servers.append(socket)
        for number, message in enumerate(said):
            await socket.send(message)
            sent.append(number)
        await stay(socket)

    async def during() -> None:
        await until(lambda: sink.waiting_bytes)
        await until(lambda: servers[0].transport.get_write_buffer_size() > 32_768)
        assert len(sent) < 2_000
        assert sink.waiting_bytes == 20_001
        assert sink.gate is not None
        sink.gate.set()
        await until(lambda: sink.total_bytes == 2_000 * 20_001)

    async def story() -> None:
        async with serving(speak, compression=None) as url:
            await running(WebsocketClient(url, retry=SOON), sink, during)

    play(story())
    assert sink.data() == "".join(message + "\n" for message in said).encode()


def test_tls_failures_are_said(tmp_path: Path) -> None:
    """An unknown authority is refused; a known one is not."""
    ours = authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ours.issue("server"))
    good, strange = RecordingSink(), RecordingSink()

    async def story() -> None:
        async with serving(stay, ssl=context) as url:
            trusting = WebsocketClient(url, tls=TlsParams(ca_file=ours.certificate), retry=SOON)
            await running(trusting, good, lambda: until(lambda: good.last() is FeedState.CONNECTED))
            other = WebsocketClient(url, retry=SOON)
            await running(other, strange, lambda: until(lambda: strange.last() is FeedState.REFUSED))

    play(story())
    assert "unknown authority" in strange.said(FeedState.REFUSED)[0]


@pytest.mark.parametrize("url", ["http://h/x", "ws://", f"wss://me:{KEY}@h/x"])
def test_an_address_that_is_none_is_an_error_without_secrets(url: str) -> None:
    """Passwords have no place in an address."""
    with pytest.raises(ValueError, match="address") as fault:
        WebsocketClient(url)
    assert KEY not in str(fault.value)


def test_a_header_of_several_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would become several headers."""
    monkeypatch.setenv("ODD", "a\nb")
    sink = RecordingSink()
    feed = WebsocketClient("ws://127.0.0.1:9", headers={"X": "env:ODD"}, retry=SOON)
    play(running(feed, sink, lambda: until(lambda: sink.last() is FeedState.REFUSED)))
    assert sink.said(FeedState.REFUSED) == ["headers: the value of X must be one line"]
