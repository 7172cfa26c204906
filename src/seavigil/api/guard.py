"""Who may ask: only this machine, by its own name, and no page of elsewhere in the user's browser.

The interface listens on a loopback address, but a browser on this machine runs pages of everybody. A page
whose own name is made to point here (DNS rebinding) still sends that name as Host: refused. A form of
another page may post here, but not as JSON without asking first (CORS preflight), which nobody answers.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from seavigil.api.access import HERE, Access
from seavigil.api.problems import problem

#: Longer than any notice or reason that a person writes (own choice).
MOST_BYTES = 65_536
_READING = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Lets through what comes by a loopback name, and of what writes only small JSON of our own pages."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with a problem, or hand it on."""
        refused = _refused(scope) if scope["type"] in ("http", "websocket") else None
        if refused is None:
            scope.setdefault("state", {})["viewer"] = HERE
            await self._app(scope, receive, send)
            return
        status, detail = refused
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": detail})
            return
        await problem(status, detail)(scope, receive, send)


def _refused(scope: Scope) -> tuple[int, str] | None:
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not is_loopback(hosts[0]):
        return 403, "ask by a name of this machine itself: 127.0.0.1, [::1] or localhost"
    origin = headers.get("origin")
    if origin is not None and not is_loopback(urlsplit(origin).netloc):
        return 403, "pages of other sites may not ask here"
    if scope.get("method", "GET") in _READING:
        return None
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return 415, "send Content-Type: application/json"
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers:  # it would go before the length (RFC 9112, 6.3), and says none
        return 411, "send Content-Length, and no Transfer-Encoding"
    if not (length.isascii() and length.isdigit()):
        return 411, "send Content-Length"
    if int(length[:12]) > MOST_BYTES:
        return 413, f"at most {MOST_BYTES:,} bytes"
    return None


def is_loopback(host: str) -> bool:
    """Whether a Host header, with or without a port, names this machine by a loopback name or address.

    >>> [is_loopback(h) for h in ("localhost:8640", "127.0.0.1", "[::1]:80", "evil.example", "127.1.evil")]
    [True, True, True, False, False]
    """
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if name is None or parts.netloc != host or parts.username is not None:
        return False
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
