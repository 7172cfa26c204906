"""Answers that are asked for again: sent only where they have changed (RFC 9110, section 13).

An answer's tag is a digest of its body, weak because the same answer may go out compressed or not. It saves
sending, not reckoning: no answer is kept here, so none can be given to whom it does not belong.
"""

from __future__ import annotations

import gzip
from hashlib import blake2b

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What is tagged. Files have tags of their own, streams have none.
_KINDS = (
    "application/json",
    "application/geo+json",
    "application/schema+json",
    "application/vnd.oai.openapi+json",
)
#: Kept by whom it was given to, and asked for again every time: what one viewer may see another may not.
_KEEP = "private, no-cache"
#: Longer bodies are compressed beside the event loop, which feeds and channels share (own choice).
_LONG = 100_000
#: zlib's level: the usual 6 takes twice the time for 8 to 16 % fewer bytes of positions (measured).
_LEVEL = 4


class Conditional:
    """Gives JSON answers a tag, and 304 to who has that answer already; compresses the long ones."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and look at its answer."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        packs = "gzip" in headers.get("accept-encoding", "")
        answer = _Answer(headers.get("if-none-match", ""), send, packs=packs)
        await self._app(scope, receive, answer.send)


class _Answer:
    """One answer on its way: its head waits for the body, where that comes in one piece."""

    def __init__(self, known: str, send: Send, *, packs: bool) -> None:
        self._known = known
        self._packs = packs
        self._send = send
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _tagged(message):
            self._head = message
            return
        head, self._head = self._head, None
        if head is not None:
            whole = message["type"] == "http.response.body" and not message.get("more_body", False)
            body = message.get("body", b"")
            if whole and self._tag(head, body):
                message = {"type": "http.response.body", "body": b""}
            elif whole and self._packs and len(body) > _LONG:
                message = {"type": "http.response.body", "body": await _packed(head, body)}
            await self._send(head)
        await self._send(message)

    def _tag(self, head: Message, body: bytes) -> bool:
        """Write the tag into the head; tell whether the one who asks has this answer already."""
        headers = MutableHeaders(raw=head["headers"])
        headers.setdefault("etag", f'W/"{blake2b(body, digest_size=16).hexdigest()}"')
        headers.setdefault("cache-control", _KEEP)
        if not same(self._known, headers["etag"]):
            return False
        head["status"] = 304
        for name in ("content-length", "content-type"):
            del headers[name]
        return True


async def _packed(head: Message, body: bytes) -> bytes:
    """Compress a body, and say so in its head."""
    headers = MutableHeaders(raw=head["headers"])
    if "content-encoding" in headers:
        return body
    found = await anyio.to_thread.run_sync(lambda: gzip.compress(body, _LEVEL, mtime=0))
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(found))
    headers.add_vary_header("Accept-Encoding")
    return found


def _tagged(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    kind = headers.get("content-type", "").partition(";")[0].strip()
    return message["status"] == 200 and kind in _KINDS and "no-store" not in headers.get("cache-control", "")


def same(known: str, tag: str) -> bool:
    """Tell whether a tag is among those of If-None-Match, by the weak comparison that it asks for.

    >>> same('"b", W/"a"', 'W/"a"'), same("*", 'W/"a"'), same('"b"', 'W/"a"')
    (True, True, False)
    """
    tags = {one.strip().removeprefix("W/") for one in known.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags
