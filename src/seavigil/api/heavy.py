"""Requests that take seconds to reckon: few at a time, so that others are answered and the watch goes on."""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seavigil.api.problems import problem

#: So many at a time (own choice): each takes a core while it reckons, and the watch needs one.
AT_ONCE = min(4, max(2, os.cpu_count() or 2))
#: So many wait, of one who asks so many (own choice: some open pages); more are told to come again.
_WAITING, _OF_ONE = 200, 40
_AGAIN_S = 5
_PATHS = re.compile(
    r"/api/trails"
    r"|/api/ships/[^/]+/(track|reports|forecast)"
    r"|/api/assets/(bands|[^/]+/(closest|exposure|passages))"
    r"|/ogc/collections/[^/]+/items(/.*)?"
)


def is_heavy(path: str) -> bool:
    """Tell whether a request for a path may take seconds.

    >>> is_heavy("/api/trails"), is_heavy("/api/assets/link-1/exposure"), is_heavy("/api/picture")
    (True, True, False)
    """
    return _PATHS.fullmatch(path) is not None


class Heavy:
    """Lets few heavy requests through at a time; one that is answered makes room before it is sent."""

    def __init__(self, app: ASGIApp, at_once: int = AT_ONCE) -> None:
        self._app = app
        self._free = at_once
        self._turns: list[asyncio.Future[None]] = []
        self._of: Counter[object] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, a heavy one when there is room; 503 where too many wait."""
        if scope["type"] != "http" or not is_heavy(scope["path"]):
            await self._app(scope, receive, send)
            return
        who = _who(scope)
        if len(self._turns) >= _WAITING or self._of[who] >= _OF_ONE:
            answer = problem(503, "too many requests that take long wait already")
            answer.headers.update({"Retry-After": str(_AGAIN_S), "Cache-Control": "no-store"})
            await answer(scope, receive, send)
            return
        self._of[who] += 1
        try:
            await self._in_turn(scope, receive, send)
        finally:
            self._of -= Counter({who: 1})  # drops what has come to nothing

    async def _in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._turn()
        held = True

        async def sent(message: Message) -> None:
            nonlocal held
            if held:  # all of it is reckoned: whoever takes it slowly keeps nobody waiting
                held = False
                self._give_way()
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            if held:
                self._give_way()

    async def _turn(self) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self._turns:
                self._turns.remove(turn)
            elif turn.done() and not turn.cancelled():
                self._give_way()
            raise

    def _give_way(self) -> None:
        while self._turns:
            turn = self._turns.pop(0)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def _who(scope: Scope) -> object:
    identity = scope.get("state", {}).get("identity")
    client = scope.get("client")
    # where nobody need sign in, all at this machine are one
    return identity.key if identity is not None else client and client[0]
