"""Requests that take long: few at a time, and whether the watch lives is answered all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from httpx import ASGITransport, AsyncClient

from seavigil.api import Access, Context, make_app
from seavigil.api.access import AccessParams
from seavigil.api.heavy import Heavy, is_heavy
from seavigil.store.database import Database
from tests.api.house import House
from tests.api.test_api import Service

TRAILS, PICTURE = "/api/trails", "/api/picture"


class Slow:
    """An app that answers when it is told to, and notes what is being answered."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go_on = asyncio.Event()
        self.taken = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, once it may."""
        self.begun.append(scope["path"])
        await self.go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.taken.wait()
        await send({"type": "http.response.body", "body": b""})


async def ask(app: Any, path: str, who: str = "1.1.1.1") -> int:
    """Ask, and give the status."""
    said: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            said.append(message["status"])

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    await app({"type": "http", "path": path, "client": (who, 1)}, receive, send)
    return said[0]


async def calm() -> None:
    """Let all go as far as they can."""
    for _ in range(50):
        await asyncio.sleep(0)


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Run a story, and never wait for good."""
    asyncio.run(asyncio.wait_for(story(), 60))  # type: ignore[arg-type]


def test_few_at_a_time() -> None:
    """Two of five are reckoned; others are not kept waiting; one that is being sent makes room."""

    async def story() -> None:
        slow = Slow()
        heavy = Heavy(slow, at_once=2)
        asked = [asyncio.create_task(ask(heavy, path)) for path in (*[TRAILS] * 5, PICTURE)]
        await calm()
        assert sorted(slow.begun) == [PICTURE, TRAILS, TRAILS]
        slow.go_on.set()
        await calm()
        assert len(slow.begun) == 6  # though none of the answers has been taken
        slow.taken.set()
        assert await asyncio.gather(*asked) == [200] * 6
        assert heavy._free == 2

    run(story)


def test_too_many_are_told_to_come_again() -> None:
    """Forty of one who asks, two hundred in all; afterwards all is as before."""

    async def story() -> None:
        slow = Slow()
        heavy = Heavy(slow, at_once=2)
        asked = [asyncio.create_task(ask(heavy, TRAILS)) for _ in range(45)]
        asked += [asyncio.create_task(ask(heavy, TRAILS, f"2.2.2.{n}")) for n in range(170)]
        await calm()
        slow.go_on.set()
        slow.taken.set()
        found = await asyncio.gather(*asked)
        assert (found[:45].count(503), found[45:].count(503)) == (5, 8)
        assert await ask(heavy, TRAILS) == 200
        assert heavy._free == 2
        assert not heavy._of

    run(story)


def test_who_is_gone_makes_room() -> None:
    """One that is cut off while it waits, or while it is reckoned, takes nobody's place."""

    async def story() -> None:
        slow = Slow()
        heavy = Heavy(slow, at_once=1)
        asked = [asyncio.create_task(ask(heavy, TRAILS)) for _ in range(4)]
        await calm()
        asked[1].cancel()
        await calm()
        asked[0].cancel()
        await calm()
        assert len(slow.begun) == 2
        slow.go_on.set()
        slow.taken.set()
        assert [await one for one in asked[2:]] == [200, 200]
        assert heavy._free == 1

    run(story)


@pytest.mark.parametrize(
    ("path", "heavy"),
    [
        ("/api/ships/219165000%232/track", True),
        ("/api/assets/bands", True),
        ("/ogc/collections/tracks/items", True),
        ("/api/assets", False),
        ("/api/session", False),
        ("/livez", False),
    ],
)
def test_which_are(path: str, heavy: bool) -> None:
    """By their paths."""
    assert is_heavy(path) == heavy


@pytest.mark.parametrize("required", [False, True])
def test_whether_it_lives_needs_no_thread(tmp_path: Path, required: bool) -> None:
    """All threads that answer are busy: it says that it lives, and who signed in is still known."""

    async def story() -> None:
        limiter = anyio.to_thread.current_default_thread_limiter()
        with Database.open(tmp_path) as store:
            house = House(Service(tmp_path), store, params=AccessParams(required=required))
            app = house.app if required else make_app(Context(house.service, store, Access()))
            sent = {"Authorization": f"Bearer {house.token()}"} if required else {}
            async with AsyncClient(transport=ASGITransport(app), base_url="http://127.0.0.1:8640") as client:
                holders = [object() for _ in range(int(limiter.total_tokens))]
                for holder in holders:
                    limiter.acquire_on_behalf_of_nowait(holder)
                for path in ("/livez", "/healthz"):
                    answer = await asyncio.wait_for(client.get(path, headers=sent), 10)
                    assert answer.status_code == 200
                for holder in holders:
                    limiter.release_on_behalf_of(holder)

    run(story)
