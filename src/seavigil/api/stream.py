"""What is new, as server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from seavigil.api.context import Context, sees_of
from seavigil.api.documented import EVERYWHERE
from seavigil.api.identity import Identity, too_old
from seavigil.api.labels import Sees
from seavigil.api.problems import refuse_unknown
from seavigil.records import NEVER_US, rfc3339
from seavigil.runners.bulletin import Bulletin, Note
from seavigil.runners.credentials import token_viewer

_LOG = logging.getLogger("seavigil.api")

#: A comment so often keeps proxies from closing what is silent (own choice; they wait 60 s by default).
PING_S = 15.0
#: Who takes nothing for so long is cut off (own choice): he comes back and is told what he missed.
CUT_AFTER_S = 20.0
#: Whether a listener may still listen, and what he may see, is asked again so often (own choice).
ASK_AGAIN_S = 20.0
#: More listen to one watch at once than any house has screens (own choice, some 50 kB each).
MOST_STREAMS = 1_000
#: ... and fewer by one name, so that one cannot keep all others out (own choice: a control room's screens).
MOST_OF_ONE = 300
_ID = re.compile(r"([0-9a-f]{8})-([0-9]{1,15})")
#: What is told of an alert; the rest is asked for where it is wanted.
_SHORT = ("alert_id", "revision", "status", "priority", "behaviours", "headline", "revised_at", "exercise")


class _Stream(EventSourceResponse):
    """Events until one side ends; a client that takes nothing is cut off without ado."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            _LOG.info("a listener that took nothing for %.0f s was cut off", CUT_AFTER_S)


def stream_routes(context: Context) -> APIRouter:
    """Give the route about it."""
    routes = APIRouter(dependencies=[Depends(refuse_unknown)])
    listening: Counter[object] = Counter()

    @routes.get(
        "/api/stream",
        summary="What is new, as it comes: server-sent events hello, alert, picture, status",
        response_class=EventSourceResponse,
        responses={**EVERYWHERE, 400: {"description": "`after` is no id of an event"}},
    )
    async def stream(
        request: Request,
        after: Annotated[str | None, Query(description="Go on after this event (its id).")] = None,
    ) -> EventSourceResponse:
        bulletin = context.service.bulletin
        key = _key(request)
        if bulletin.listeners >= MOST_STREAMS or listening[key] >= MOST_OF_ONE:
            raise HTTPException(503, "too many listen at once", {"Retry-After": "30"})
        listener = _Listener(context, request, _start(bulletin, request, after))
        return _Stream(
            _counted(listener.events(), listening, key),
            headers={"Cache-Control": "no-store"},
            ping=PING_S,
            ping_message_factory=_ping,
            sep="\n",
            send_timeout=CUT_AFTER_S,
        )

    return routes


def _key(request: Request) -> object:
    """Give by what those who listen are counted: who is signed in; else from where."""
    identity: Identity = request.state.identity
    if identity.method == "none":
        return request.client.host if request.client is not None else None
    return identity.viewer.name, identity.viewer.organisation


async def _counted(
    events: AsyncGenerator[ServerSentEvent], listening: Counter[object], key: object
) -> AsyncIterator[ServerSentEvent]:
    listening[key] += 1
    try:
        async with aclosing(events):
            async for event in events:
                yield event
    finally:
        listening[key] -= 1
        if not listening[key]:
            del listening[key]


def _ping() -> ServerSentEvent:
    return ServerSentEvent(comment="ping", sep="\n")


@dataclass(frozen=True)
class _Start:
    """Where a stream begins: after which note, and whether nothing is missing between."""

    number: int
    whole: bool


def _start(bulletin: Bulletin, request: Request, after: str | None) -> _Start:
    """Read where the listener was; one from another run, or gone too long, has missed something."""
    told = request.headers.get("last-event-id") or after
    if told is None:
        return _Start(bulletin.number, whole=True)
    found = _ID.fullmatch(told)
    if found is None and after is not None:
        raise HTTPException(400, f"after={after[:40]!r} is no id of an event")
    if found is None or found[1] != bulletin.run or not bulletin.whole(int(found[2])):
        return _Start(bulletin.number, whole=False)
    return _Start(int(found[2]), whole=True)


@dataclass
class _Listener:
    """One who listens. What he may see is looked up again now and then: he may be signed out meanwhile."""

    context: Context
    request: Request
    start: _Start

    async def events(self) -> AsyncGenerator[ServerSentEvent]:
        """Give what he may be told, until the watch ends or he may listen no more."""
        bulletin = self.context.service.bulletin
        sees = await self._sees()
        yield self._hello()
        loop = asyncio.get_running_loop()
        again_s = loop.time() + ASK_AGAIN_S
        async with aclosing(_with_breaks(bulletin.listen(self.start.number))) as notes:
            async for note in notes:
                if loop.time() >= again_s:
                    if not await self._may_listen():
                        return
                    sees = await self._sees()
                    again_s = loop.time() + ASK_AGAIN_S
                content = None if note is None else told_of(note, sees)
                if note is not None and content is not None:
                    yield _event(note.kind, content, f"{bulletin.run}-{note.number}")

    def _hello(self) -> ServerSentEvent:
        as_of_us = self.context.service.as_of_us()
        content = {"as_of": None if as_of_us == NEVER_US else rfc3339(as_of_us), "whole": self.start.whole}
        return _event("hello", content, f"{self.context.service.bulletin.run}-{self.start.number}")

    async def _sees(self) -> Sees:
        return await asyncio.to_thread(sees_of, self.request)

    async def _may_listen(self) -> bool:
        identity: Identity = self.request.state.identity
        try:
            return await asyncio.to_thread(still_in, self.context, identity)
        except OSError:  # the store is away: whoever could listen still may
            return True


def still_in(context: Context, identity: Identity) -> bool:
    """Tell whether who asked once may still ask; to listen is no use of a session that keeps it from ending.

    Waits for the store; raises ``OSError`` where that cannot be asked.
    """
    people, now_us = context.store.people, context.access.now_us()
    if identity.session is not None:
        session = people.session(identity.session)
        if session is None or too_old(context.access, session, now_us):
            return False
    if identity.token_id is not None:
        token = people.token_of_id(identity.token_id)
        owner = people.user(token.owner) if token is not None and token.owner else None
        return token is not None and token_viewer(token, owner, now_us) == identity.viewer
    return True


async def _with_breaks(notes: AsyncGenerator[Note]) -> AsyncGenerator[Note | None]:
    """Give notes as they come, and None where none came for a while."""
    waiting = asyncio.create_task(_next(notes))
    try:
        while True:
            done, _ = await asyncio.wait([waiting], timeout=ASK_AGAIN_S)
            if not done:
                yield None
                continue
            note = waiting.result()
            if note is None:
                return
            waiting = asyncio.create_task(_next(notes))
            yield note
    finally:
        waiting.cancel()
        await asyncio.wait([waiting])
        await notes.aclose()


async def _next(notes: AsyncIterator[Note]) -> Note | None:
    return await anext(notes, None)


def told_of(note: Note, sees: Sees) -> Mapping[str, Any] | None:
    """Give what a viewer is told of a note, None where it is about nothing he may see."""
    if note.kind != "alert":
        told: Mapping[str, Any] = sees.told(note.content)
        return told
    if sees.alert({"assets": note.content["assets"]}) is None:
        return None
    short = {name: note.content.get(name) for name in _SHORT}
    return short | {"headline": sees.text(short["headline"] or "")}


def _event(kind: str, content: Mapping[str, Any], number: str) -> ServerSentEvent:
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return ServerSentEvent(data=data, event=kind, id=number, sep="\n")
