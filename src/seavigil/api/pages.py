"""The console's own files, and what a browser may do with all that comes from here."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seavigil import console
from seavigil.api.context import Context

#: What a page of ours may load: our own files and data, nothing of elsewhere, no script or style in the page
#: itself. Images may also be made by the page (``data:``, ``blob:``): the map library draws so.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; font-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
#: The kinds of files that there are; any other is not given. Those that are text travel compressed.
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".mvt": "application/vnd.mapbox-vector-tile",
    ".pbf": "application/x-protobuf",
}
_AS_IT_IS = frozenset({".png"})
#: Smaller ones gain nothing; so many compressed files are kept (own choices: all of the page and the tiles
#: of some views, at most some 30 MB).
_LEAST_BYTES, _KEPT = 1_000, 512
#: Land is asked for again only after a day; a page and its modules each time: they must fit each other.
_OURS, _TILES = "no-cache", "public, max-age=86400"


def pages_routes(context: Context) -> APIRouter:  # noqa: ARG001
    """Give the routes to the console's files."""
    routes = APIRouter()

    @routes.get("/", include_in_schema=False)
    def page(request: Request) -> Response:
        return _answer(request, console.STATIC, "index.html", _OURS)

    @routes.get("/static/vendor/{name:path}", include_in_schema=False)
    def made(request: Request, name: str) -> Response:
        return _answer(request, console.VENDOR, name, _TILES if name.startswith("basemap/") else _OURS)

    @routes.get("/static/{name:path}", include_in_schema=False)
    def ours(request: Request, name: str) -> Response:
        return _answer(request, console.STATIC, name, _OURS)

    return routes


@dataclass(frozen=True)
class _File:
    """A file's content, as it lies there and compressed where that is worth it, and the mark of both."""

    plain: bytes
    packed: bytes | None
    mark: str


def _answer(request: Request, root: Path, name: str, keep: str) -> Response:
    """Give a file in ``root``, or that the browser has it already. Raises 404 for anything else."""
    path = _inside(root, name)
    file = _read(path, path.stat().st_mtime_ns, path.stat().st_size)
    packed = file.packed is not None and "gzip" in request.headers.get("accept-encoding", "")
    headers = {"ETag": f'"{file.mark}{"-gz" if packed else ""}"', "Cache-Control": keep}
    headers["Vary"] = "Accept-Encoding"
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(file.packed if packed else file.plain, 200, headers, _KINDS[path.suffix])


def _inside(root: Path, name: str) -> Path:
    """Give the path of a file that truly lies in ``root``. Raises 404."""
    if "\0" not in name:
        path = (root / name).resolve()
        if path.is_relative_to(root.resolve()) and path.suffix in _KINDS and path.is_file():
            return path
    why = console.missing() if root == console.VENDOR else None
    raise HTTPException(404, why or "there is no such file")


@lru_cache(_KEPT)
def _read(path: Path, _written_ns: int, _size: int) -> _File:
    plain = path.read_bytes()
    small = len(plain) < _LEAST_BYTES or path.suffix in _AS_IT_IS
    packed = None if small else gzip.compress(plain, 6, mtime=0)
    better = packed is not None and len(packed) < len(plain)
    return _File(plain, packed if better else None, hashlib.sha256(plain).hexdigest()[:20])


class Headers:
    """Says with every answer what a browser may do with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and add our headers where the answer has none of its own."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sent)
