"""Server-sent events: what is new reaches all who may know it, and nobody who listens holds the watch up."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.datastructures import Headers

from seavigil.api import Access, Context, make_app, stream
from seavigil.api.identity import identify
from seavigil.api.labels import Sees
from seavigil.api.serve import bound, serve
from seavigil.runners.bulletin import KEPT, Bulletin, Note
from seavigil.sharing import Label, Viewer
from seavigil.store.database import Database
from tests.api.house import House
from tests.api.test_api import Service, line


@dataclass(frozen=True)
class Event:
    """One event as it came over the wire."""

    kind: str
    number: str
    content: Mapping[str, Any]


class Listener:
    """A client on a plain socket: nothing between that could hide what was sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.head = ""

    @classmethod
    async def of(cls, port: int, path: str = "/api/stream", *headers: str) -> Listener:
        """Ask for the stream, and take the head of the answer; a server that just begins is waited for."""
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
            else:
                break
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode())
        await writer.drain()
        found = cls(reader, writer)
        found.head = (await reader.readuntil(b"\r\n\r\n")).decode()
        return found

    async def next(self) -> Event:
        """Give the next event; comments are no events."""
        found: dict[str, str] = {}
        while True:
            text = (await self.reader.readuntil(b"\n")).decode().strip("\r\n")
            name, colon, value = text.partition(": ")
            if colon and name in ("event", "data", "id"):
                found[name] = value
            elif not text and "data" in found:
                return Event(found["event"], found["id"], json.loads(found["data"]))

    async def ended(self) -> bool:
        """Wait for the end of the answer: its last chunk is empty."""
        rest = await self.reader.readuntil(b"\r\n0\r\n\r\n")
        return rest.endswith(b"0\r\n\r\n")

    def leave(self) -> None:
        """Go without a word."""
        self.writer.transport.abort()


class Quiet(uvicorn.Server):
    """Leaves signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@dataclass
class Door:
    """Where the watch is reached; all who came in through it are gone in the end."""

    port: int
    came: list[Listener] = field(default_factory=list)

    async def listen(self, path: str = "/api/stream", *headers: str) -> Listener:
        """Give one more listener."""
        self.came.append(await Listener.of(self.port, path, *headers))
        return self.came[-1]


@asynccontextmanager
async def served(context: Context) -> AsyncIterator[Door]:
    """Serve on a port of this machine."""
    taken = bound("127.0.0.1", 0)
    config = uvicorn.Config(make_app(context), log_level="error", lifespan="off")
    server = Quiet(config)
    serving = asyncio.create_task(server.serve(sockets=[taken]))
    while not server.started:
        await asyncio.sleep(0.01)
    door = Door(taken.getsockname()[1])
    try:
        yield door
    finally:
        for one in door.came:
            one.leave()
        context.service.bulletin.end()
        server.should_exit = True
        await serving
        taken.close()


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """Give a watch that says what it is told to say."""
    with Database.open(tmp_path) as store:
        yield Context(Service(tmp_path), store, Access())


def alert_note(n: int = 1, **changed: Any) -> dict[str, Any]:
    """Give what is published of an alert."""
    told = line(n, **changed)
    short = {name: told.get(name) for name in ("alert_id", "revision", "status", "priority", "behaviours")}
    return {
        **short,
        "headline": f"SHIP {n}: drifting over Link 1",
        "revised_at": told["detected_at"],
        "exercise": False,
        "assets": told["assets"],
    }


def run(coroutine: Any) -> None:
    """Run it, and never wait for good."""
    asyncio.run(asyncio.wait_for(coroutine, 60))


def test_hello_then_what_is_new(context: Context) -> None:
    """The first event says how far the watch is; an alert follows in its short form, without its line."""

    async def listens() -> None:
        async with served(context) as door:
            one = await door.listen()
            assert "content-type: text/event-stream" in one.head.lower()
            assert "content-encoding" not in one.head.lower()
            hello = await one.next()
            assert (hello.kind, hello.content) == (
                "hello",
                {"as_of": "2026-11-22T14:00:00Z", "whole": True},
            )
            context.service.bulletin.publish("alert", alert_note())
            context.service.bulletin.publish("picture", {"as_of": "2026-11-22T14:00:02Z"})
            alert, picture = await one.next(), await one.next()
            assert (alert.kind, alert.content["alert_id"]) == ("alert", "a1")
            assert "assets" not in alert.content
            assert (picture.kind, picture.content) == ("picture", {"as_of": "2026-11-22T14:00:02Z"})
            one.leave()

    run(listens())


@pytest.mark.parametrize("way", ["header", "parameter"])
def test_who_was_away_is_told_what_he_missed(context: Context, way: str) -> None:
    """Every alert since, of pictures the newest only; by Last-Event-ID, as browsers ask, or `after`."""

    async def comes_back() -> None:
        bulletin = context.service.bulletin
        async with served(context) as door:
            one = await door.listen()
            await one.next()
            bulletin.publish("alert", alert_note(1))
            last = (await one.next()).number
            one.leave()
            for n in (2, 3):
                bulletin.publish("picture", {"as_of": f"2026-11-22T14:00:0{n}Z"})
                bulletin.publish("alert", alert_note(n))
            again = ("?after=" + last, ()) if way == "parameter" else ("", (f"Last-Event-ID: {last}",))
            two = await door.listen("/api/stream" + again[0], *again[1])
            told = [await two.next() for _ in range(4)]
            assert [e.kind for e in told] == ["hello", "alert", "picture", "alert"]
            assert told[0].content["whole"] is True
            assert [e.content.get("alert_id") for e in told] == [None, "a2", None, "a3"]

    run(comes_back())


@pytest.mark.parametrize("number", ["00000000-1", "nonsense", "{run}-999999", "{run}-0"])
def test_who_was_away_too_long_is_told_so(context: Context, number: str) -> None:
    """An id of another run, of no run, of the future, or older than what is kept: not whole, ask anew."""

    async def comes_back() -> None:
        bulletin = context.service.bulletin
        for n in range(KEPT + 1):
            bulletin.publish("picture", {"n": n})
        async with served(context) as door:
            one = await door.listen("/api/stream", f"Last-Event-ID: {number.format(run=bulletin.run)}")
            assert (await one.next()).content["whole"] is False
            one.leave()

    run(comes_back())


def test_a_silent_line_is_kept_open(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment now and then, which is no event, so that no proxy between takes the line for dead."""
    monkeypatch.setattr(stream, "PING_S", 0.05)

    async def waits() -> None:
        async with served(context) as door:
            one = await door.listen()
            await one.next()
            assert b": ping\n" in await one.reader.readuntil(b"ping\n")

    run(waits())


def test_an_id_that_is_none_is_refused(context: Context) -> None:
    """A parameter is somebody's own writing: it is refused, where a browser's header is not."""

    async def asks() -> None:
        async with served(context) as door:
            one = await door.listen("/api/stream?after=yesterday")
            assert one.head.startswith("HTTP/1.1 400")
            one.leave()

    run(asks())


def test_two_hundred_hear_of_an_alert_within_a_second(context: Context) -> None:
    """Published from another thread, as the judging thread does; when they go nothing of them is left."""

    async def many_listen() -> None:
        bulletin = context.service.bulletin
        async with served(context) as door:
            them = [await door.listen() for _ in range(200)]
            for one in them:
                assert (await one.next()).kind == "hello"
            loop = asyncio.get_running_loop()
            while bulletin.listeners < 200:
                await asyncio.sleep(0.01)
            began_s = loop.time()
            await asyncio.to_thread(bulletin.publish, "alert", alert_note())
            told = await asyncio.gather(*(one.next() for one in them))
            took_s = loop.time() - began_s
            print(f"200 streams told in {took_s:.3f} s")
            assert {event.content["alert_id"] for event in told} == {"a1"}
            assert took_s < 10.0  # a second on a machine that does nothing else; see bench for the figure
            for one in them:
                one.leave()
            while bulletin.listeners:
                await asyncio.sleep(0.01)

    run(many_listen())


def test_streams_end_with_the_watch(context: Context) -> None:
    """Then the answer is complete, and who comes later is let go at once."""

    async def ends() -> None:
        async with served(context) as door:
            one = await door.listen()
            await one.next()
            context.service.bulletin.end()
            assert await one.ended()
            late = await door.listen()
            assert (await late.next()).kind == "hello"
            assert await late.ended()

    run(ends())


def test_a_watch_that_ends_does_not_wait_for_listeners(context: Context) -> None:
    """Cancelled as a service cancels what runs beside it; streams end whole, well within two seconds."""

    async def ends() -> None:
        taken = bound("127.0.0.1", 0)
        serving = asyncio.create_task(serve(context, taken))
        door = Door(taken.getsockname()[1])
        them = [await door.listen() for _ in range(20)]
        for one in them:
            await one.next()
        began_s = asyncio.get_running_loop().time()
        serving.cancel()
        assert await asyncio.gather(*(one.ended() for one in them)) == [True] * 20
        await asyncio.gather(serving, return_exceptions=True)
        assert serving.cancelled()
        assert asyncio.get_running_loop().time() - began_s < 2.0
        for one in them:
            one.leave()

    run(ends())


def test_who_takes_nothing_is_cut_off(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """His buffers fill, then he is let go; another who listens beside him is told all."""
    monkeypatch.setattr(stream, "CUT_AFTER_S", 0.3)

    async def floods() -> None:
        bulletin = context.service.bulletin
        async with served(context) as door:
            slow = socket.create_connection(("127.0.0.1", door.port))
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(f"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:{door.port}\r\n\r\n".encode())
            while not bulletin.listeners:
                await asyncio.sleep(0.01)
            quick = await door.listen()
            await quick.next()
            while bulletin.listeners < 2:
                await asyncio.sleep(0.01)
            heard = 0
            while bulletin.listeners > 1:
                bulletin.publish("status", {"problems": ["x" * 100_000]})
                heard += (await quick.next()).kind == "status"
            assert heard
            bulletin.publish("picture", {})
            assert (await quick.next()).kind == "picture"
            slow.close()

    run(floods())


def test_who_may_listen_no_more_is_let_go(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed out or revoked meanwhile: asked again every so often, also where nothing is new."""
    monkeypatch.setattr(stream, "ASK_AGAIN_S", 0.05)

    async def signed_out(self: Any) -> bool:
        return False

    async def loses() -> None:
        async with served(context) as door:
            one = await door.listen()
            await one.next()
            monkeypatch.setattr(stream._Listener, "_may_listen", signed_out)
            assert await one.ended()

    run(loses())


def test_no_more_than_there_is_room_for(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many is told to come again."""
    monkeypatch.setattr(stream, "MOST_STREAMS", 1)

    async def comes() -> None:
        async with served(context) as door:
            one = await door.listen()
            await one.next()
            while not context.service.bulletin.listeners:
                await asyncio.sleep(0.01)
            two = await door.listen()
            assert two.head.startswith("HTTP/1.1 503")
            assert "retry-after" in two.head.lower()

    run(comes())


def test_an_alert_about_a_hidden_asset_is_told_to_nobody_of_elsewhere() -> None:
    """Of one about a hidden asset among others the words do not name it."""
    hidden = {"link-1": Label("Northgrid", "RED")}
    guest = Sees(Viewer("kai", organisation="Coast Guard"), hidden, {"link-1": "Link 1"})
    assert stream.told_of(Note(1, "alert", alert_note()), guest) is None
    both = alert_note(assets=[{"asset_id": "link-1"}, {"asset_id": "link-2"}])
    told = stream.told_of(Note(1, "alert", both), guest)
    assert told is not None
    assert "Link 1" not in json.dumps(told)
    house = stream.told_of(Note(1, "alert", both), Sees(Viewer("jo"), hidden))
    assert house is not None
    assert house["headline"] == "SHIP 1: drifting over Link 1"


def test_a_listener_too_far_behind_is_let_go() -> None:
    """Of what he would have missed nothing is left out unsaid: the stream ends, and he comes back."""

    async def falls_behind() -> None:
        bulletin = Bulletin()
        notes = bulletin.listen(0)
        bulletin.publish("alert", {})
        assert (await anext(notes)).number == 1
        for _ in range(2_000):
            bulletin.publish("alert", {})
        await asyncio.sleep(0)
        heard = [note.number async for note in notes]
        assert heard == list(range(2, 1_002))
        assert bulletin.listeners == 0

    run(falls_behind())


def test_a_stream_is_for_who_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else is let in; a token that is revoked meanwhile ends its stream, another's goes on."""
    monkeypatch.setattr(stream, "ASK_AGAIN_S", 0.05)

    async def revoked(house: House) -> None:
        async with served(house.context) as door:
            assert (await door.listen()).head.startswith("HTTP/1.1 401")
            first, other = (f"Authorization: Bearer {house.token(name=name)}" for name in ("a", "b"))
            one, two = await door.listen("/api/stream", first), await door.listen("/api/stream", other)
            await one.next(), await two.next()
            (token,) = [token for token in house.store.people.tokens() if token.name == "a"]
            house.store.people.revoke(token.token_id, house.clock.now_us())
            assert await one.ended()
            house.service.bulletin.publish("picture", {"as_of": "2026-11-22T14:00:00Z"})
            assert (await two.next()).kind == "picture"

    with Database.open(tmp_path) as store:
        run(revoked(House(Service(tmp_path), store)))


def test_one_keeps_no_other_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who listens as often as one may is told to come again; another comes in, he as well when one ends."""
    monkeypatch.setattr(stream, "MOST_OF_ONE", 1)

    async def listens(house: House) -> None:
        async with served(house.context) as door:
            first, other = (f"Authorization: Bearer {house.token(name=name)}" for name in ("a", "b"))
            one = await door.listen("/api/stream", first)
            await one.next()
            assert (await door.listen("/api/stream", first)).head.startswith("HTTP/1.1 503")
            two = await door.listen("/api/stream", other)
            assert (await two.next()).kind == "hello"
            one.leave()
            while house.service.bulletin.listeners > 1:
                await asyncio.sleep(0.01)
            again = await door.listen("/api/stream", first)
            assert (await again.next()).kind == "hello"

    with Database.open(tmp_path) as store:
        run(listens(House(Service(tmp_path), store)))


@pytest.mark.parametrize("how", ["signed out", "idle for a day"])
def test_a_session_that_is_over_hears_no_more(tmp_path: Path, how: str) -> None:
    """To listen is no use of a session: an open page alone does not keep it from ending."""
    with Database.open(tmp_path) as store:
        house = House(Service(tmp_path), store)
        house.user("jo")
        browser = house.browser()
        assert browser.sign_in("jo").status_code == 200
        headers = Headers({"cookie": f"seavigil_session={browser.cookies['seavigil_session']}"})
        identity = identify(house.context.access, store, headers)
        assert identity is not None
        assert stream.still_in(house.context, identity)
        if how == "signed out":
            assert browser.send("DELETE", "/api/session").status_code == 204
        else:
            house.clock.at_s += 86_400.0
        assert not stream.still_in(house.context, identity)
