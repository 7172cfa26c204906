"""Connections that ask nothing, or never finish asking, hold no file of the watch for long."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from seavigil.api import connections
from seavigil.api.connections import BoundedConnection

_SOON_S = 0.2
_WITHIN_S = 20.0


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer in two parts, the second later than a silent connection may stay."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"one ", "more_body": True})
    await asyncio.sleep(4 * _SOON_S)
    await send({"type": "http.response.body", "body": b"two"})


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[int]:
    """Serve on a free port; gives it."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=BoundedConnection, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve(sockets=[taken]))
    try:
        yield taken.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        taken.close()


def within(doing: Callable[[int], Awaitable[None]]) -> None:
    """Do something with a port that is served, within reason."""

    async def run() -> None:
        async with served() as port:
            await asyncio.wait_for(doing(port), _WITHIN_S)

    asyncio.run(run())


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "ASKS_WITHIN_S", _SOON_S)


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost: x", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"],
    ids=["nothing", "half a head", "half a body"],
)
def test_who_does_not_finish_asking_is_let_go(sent: bytes) -> None:
    """A connection is an open file: it is not held for who never asks."""

    async def ask(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        with contextlib.suppress(ConnectionResetError):
            while await reader.read(100):
                pass
        writer.close()

    within(ask)


def test_a_long_answer_is_not_cut_off() -> None:
    """An event stream stays open as long as somebody reads it."""

    async def ask(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        told = await reader.read()
        assert b"one" in told
        assert b"two" in told
        writer.close()

    within(ask)


def test_too_many_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest is ended at once; those that are there go on."""
    monkeypatch.setattr(connections, "most", lambda: 3)
    monkeypatch.setattr(connections, "ASKS_WITHIN_S", _WITHIN_S)

    async def ask(port: int) -> None:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read(1) == b""
        writer.close()
        held[0][1].write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"two" in await held[0][0].read()
        for _, one in held:
            one.close()

    within(ask)


def test_no_more_than_half_of_the_files_are_for_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes in, the watch can still open its log."""
    monkeypatch.setattr(connections.resource, "getrlimit", lambda _: (1024, 4096))
    assert connections.most() == 512
    monkeypatch.setattr(connections.resource, "getrlimit", lambda _: (65_536, 65_536))
    assert connections.most() == connections.MOST
