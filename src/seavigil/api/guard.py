"""Who may ask at all: by which name, from which page, signed in or not, and how often.

A browser runs pages of everybody. A page whose own name is made to point here (DNS rebinding) still sends
that name as Host: refused. A page of elsewhere may post here, but not as JSON without asking first (CORS
preflight), which nobody answers; its Origin is not ours; and it cannot know what our own pages send with
each change (`credentials.csrf_of`). Every route is closed to who is not known, unless it is in the short
list here, and takes an operator to change anything, unless it is in the other.
"""

from __future__ import annotations

from ipaddress import ip_address
from math import ceil
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from seavigil.api.context import Context
from seavigil.api.identity import OF_HERE, Identity, identify, session_id
from seavigil.api.problems import problem
from seavigil.runners.credentials import same

#: Longer than any notice or reason that a person writes (own choice).
MOST_BYTES = 65_536
#: Threads for who asks, apart from those that answer: these may all be busy (own choice: a look-up is short).
_ASKING = 8
_READING = ("GET", "HEAD", "OPTIONS")
#: Open to everybody, and the same for all.
_PLAIN = ("/", "/livez")
_FILES = "/static/"
#: Open to everybody, and more for who is known.
_OPEN = ("/healthz", "/api/session")
_SIGN_IN = "/api/oidc/"
#: What a viewer may change: the own session and tokens.
_OWN = ("/api/session", "/api/tokens")
#: What proxies add.
_PROXIED = ("x-forwarded-for", "x-real-ip", "forwarded")
_TOLD = "sign in, or send Authorization: Bearer with a token"


class _Refused(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}


class Guard:
    """Hands on what may be asked, with who asks in ``state``: ``identity``, ``viewer`` (None: nobody)."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context
        self._access = context.access
        self._asking: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with a problem, or hand it on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            identity = await self._identity(scope)
        except _Refused as fault:
            await _refuse(fault, scope, receive, send)
            return
        known = {"identity": identity, "viewer": None if identity is None else identity.viewer}
        scope.setdefault("state", {}).update(known)
        await self._app(scope, receive, send)

    async def _identity(self, scope: Scope) -> Identity | None:
        headers = Headers(scope=scope)
        path, method = scope["path"], scope.get("method", "GET")
        host = self._checked_host(scope, headers)
        _check_origin(headers, host, secure=scope.get("scheme") in ("https", "wss"))
        if method not in _READING:
            _check_body(headers)
        if _is_plain(path) and method in _READING:
            return None
        if not self._access.required:
            _check_near(headers)
            return OF_HERE
        identity = await self._known(headers, path)
        self._count(identity, scope)
        if identity is None:
            if _is_open(path):
                return None
            raise _Refused(401, _TOLD, {"WWW-Authenticate": "Bearer"})
        if method not in _READING:
            _check_change(identity, headers, path, method)
        return identity

    async def _known(self, headers: Headers, path: str) -> Identity | None:
        if "authorization" not in headers and session_id(headers) is None:
            return None
        if self._asking is None:
            self._asking = anyio.CapacityLimiter(_ASKING)
        asked = (self._access, self._context.store, headers)
        try:
            return await anyio.to_thread.run_sync(identify, *asked, limiter=self._asking)
        except OSError as fault:
            if _is_open(path):  # whether it can be relied on is told without the store
                return None
            raise _Refused(503, fault.strerror or "the store cannot be asked now") from None

    def _checked_host(self, scope: Scope, headers: Headers) -> str:
        hosts = headers.getlist("host")
        names = self._access.params.names
        if len(hosts) == 1 and (is_named(hosts[0], names) or self._is_of_here(hosts[0], scope)):
            return hosts[0]
        if self._access.params.here:
            told = "ask by a name of this machine itself: 127.0.0.1, [::1] or localhost"
        else:
            told = "ask by a name that stands in [api] names"
        raise _Refused(403, told)

    def _is_of_here(self, host: str, scope: Scope) -> bool:
        """Whether who asks by a loopback name is at this machine: bound there, or come from there."""
        client = scope.get("client")
        near = self._access.params.here or (client is not None and is_loopback(_bracketed(client[0])))
        return near and is_loopback(host)

    def _count(self, identity: Identity | None, scope: Scope) -> None:
        client = scope.get("client")
        key = ("address", client[0] if client else "") if identity is None else identity.key
        wait_s = self._access.buckets.spend(key)
        if wait_s:
            raise _Refused(429, "too many requests", {"Retry-After": str(ceil(wait_s))})


async def _refuse(fault: _Refused, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": fault.detail})
        return
    answer = problem(fault.status, fault.detail)
    answer.headers.update({**fault.headers, "Cache-Control": "no-store"})
    await answer(scope, receive, send)


def _is_plain(path: str) -> bool:
    return path in _PLAIN or (path.startswith(_FILES) and _is_straight(path))


def _is_open(path: str) -> bool:
    return path in _OPEN or (path.startswith(_SIGN_IN) and _is_straight(path))


def _is_straight(path: str) -> bool:
    """Whether a path leads nowhere but down: no step up, no empty step, no other kind of slash."""
    return ".." not in path and "//" not in path and "\\" not in path


def _check_near(headers: Headers) -> None:
    """Refuse what came through a proxy where nobody need sign in: it may be from anywhere."""
    if any(name in headers for name in _PROXIED):
        raise _Refused(403, "this came through a proxy; without authentication only this machine may ask")


def _check_origin(headers: Headers, host: str, *, secure: bool) -> None:
    """Refuse pages of other sites; over TLS also those that came without, which anybody may have made."""
    for origin in headers.getlist("origin"):
        scheme, _, name = origin.partition("://")
        if name.lower() != host.lower() or (secure and scheme.lower() != "https"):
            raise _Refused(403, "pages of other sites may not ask here")


def _check_body(headers: Headers) -> None:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise _Refused(415, "send Content-Type: application/json")
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers:  # it would go before the length (RFC 9112, 6.3), and says none
        raise _Refused(411, "send Content-Length, and no Transfer-Encoding")
    if not (length.isascii() and length.isdigit()):
        raise _Refused(411, "send Content-Length")
    if int(length[:12]) > MOST_BYTES:
        raise _Refused(413, f"at most {MOST_BYTES:,} bytes")


def _check_change(identity: Identity, headers: Headers, path: str, method: str) -> None:
    signs_in = (path, method) == ("/api/session", "POST")
    if identity.method == "session" and not signs_in:
        given = headers.getlist("x-csrf-token")
        if len(given) != 1 or not same(given[0], identity.csrf or ""):
            raise _Refused(403, "send X-CSRF-Token with what GET /api/session gives as csrf")
    own = any(path == one or path.startswith(f"{one}/") for one in _OWN)
    if not own and not identity.viewer.can("operator"):
        raise _Refused(403, f"this takes the role operator; {identity.viewer.name} is {identity.viewer.role}")


def is_named(host: str, names: tuple[str, ...]) -> bool:
    """Whether a Host header, with or without a port, is one of these names.

    >>> [is_named(h, ("watch.example",)) for h in ("Watch.Example:8640", "watch.example.", "x.watch.example")]
    [True, False, False]
    """
    return _name(host) in names


def is_loopback(host: str) -> bool:
    """Whether a Host header, with or without a port, names this machine by a loopback name or address.

    >>> [is_loopback(h) for h in ("localhost:8640", "127.0.0.1", "[::1]:80", "evil.example", "127.1.evil")]
    [True, True, True, False, False]
    """
    name = _name(host)
    if name is None or name == "localhost":
        return name is not None
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str | None:
    """Give the name out of a Host header, None for anything else."""
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return None
    return None if parts.netloc != host or parts.username is not None else name


def _bracketed(address: Any) -> str:
    return f"[{address}]" if ":" in str(address) else str(address)
