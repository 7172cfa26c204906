"""The console's files: what a browser gets, what it may do with it, and what nobody gets."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from hypothesis import given
from hypothesis import strategies as st

from seavigil import console
from seavigil.api import pages
from seavigil.api.pages import HEADERS, Headers

#: What a page could do harm with were it allowed.
_NEVER = ("unsafe-inline", "unsafe-eval", "http:", "https:", "*")


@dataclass(frozen=True)
class Browser:
    """A browser, without a network between."""

    app: FastAPI

    def get(self, path: str, **more: Any) -> Response:
        """Ask, and give the answer."""

        async def ask() -> Response:
            transport = ASGITransport(self.app)
            async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8640") as client:
                return await client.get(path, **more)

        return asyncio.run(ask())


def files_alone() -> Browser:
    """Give a browser before the files alone."""
    app = FastAPI()
    app.include_router(pages.pages_routes(None))  # type: ignore[arg-type]  # it takes nothing from it
    app.add_middleware(Headers)
    return Browser(app)


@pytest.fixture
def browser() -> Browser:
    """Give a browser before the files alone."""
    return files_alone()


def test_the_page(browser: Browser) -> None:
    """The address alone gives the page: HTML without script or style in it."""
    answer = browser.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    text = answer.text.casefold()
    assert "<script>" not in text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text


def test_nothing_of_elsewhere_may_run(browser: Browser) -> None:
    """The policy names our own files alone; no page may hold ours in a frame; kinds are not guessed."""
    for path in ("/", "/static/app.js", "/static/none.js"):
        headers = browser.get(path).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert not any(word in HEADERS["Content-Security-Policy"] for word in _NEVER)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("app.js", "text/javascript"), ("styles/tokens.css", "text/css"), ("icon.svg", "image/svg+xml")],
)
def test_files_have_their_kind(browser: Browser, name: str, kind: str) -> None:
    """A browser told not to guess runs a module and takes a style only under its own kind."""
    answer = browser.get(f"/static/{name}")
    assert answer.content == (console.STATIC / name).read_bytes()
    assert answer.headers["content-type"].partition(";")[0] == kind


def test_what_a_browser_has_is_not_sent_again(browser: Browser) -> None:
    """A file that has not changed is answered with its mark alone; one that has is sent."""
    first = browser.get("/static/app.js")
    mark = first.headers["etag"]
    again = browser.get("/static/app.js", headers={"If-None-Match": mark})
    assert (again.status_code, again.content) == (304, b"")
    assert browser.get("/static/app.js", headers={"If-None-Match": '"other"'}).status_code == 200
    assert first.headers["cache-control"] == "no-cache"


def test_text_travels_compressed(browser: Browser) -> None:
    """Who takes gzip gets it, with a mark of its own; who does not gets the file as it is."""
    packed = browser.get("/static/app.js", headers={"Accept-Encoding": "gzip"})
    plain = browser.get("/static/app.js", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == "Accept-Encoding"


def test_a_changed_file_is_read_anew(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who works on the page sees each change at once."""
    monkeypatch.setattr(console, "STATIC", tmp_path)
    (file := tmp_path / "app.js").write_text("one", encoding="utf-8")
    assert browser.get("/static/app.js").text == "one"
    file.write_text("another", encoding="utf-8")
    assert browser.get("/static/app.js").text == "another"


_OUT = (
    "../__init__.py",
    "..%2f__init__.py",
    "%2e%2e/%2e%2e/api/app.py",
    "....//....//etc/passwd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "..\\__init__.py",
    "app.js%00.png",
    "app.js/../../__init__.py",
    "vendor/../../__init__.py",
    "",
    "lib",
)


@pytest.mark.parametrize("name", _OUT)
def test_nobody_gets_out_of_the_folder(browser: Browser, name: str) -> None:
    """No way of writing a path leads to a file beside those of the page."""
    for folder in ("/static/", "/static/vendor/"):
        answer = browser.get(folder + name)
        assert answer.status_code == 404
        assert "import" not in answer.text


def test_a_link_out_of_the_folder_is_not_followed(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is served by where it truly lies, not by what it is called."""
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (static := tmp_path / "static").mkdir()
    (static / "open.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr(console, "STATIC", static)
    assert browser.get("/static/open.txt").status_code == 404


@given(name=st.text(max_size=60))
def test_any_name_is_answered(name: str) -> None:
    """Whatever is asked for, there is a file of ours or there is none: nothing else happens."""
    answer = files_alone().get(f"/static/{quote(name, safe='')}")
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert (console.STATIC / name).resolve().is_relative_to(console.STATIC)


def test_without_the_map_it_is_said_why(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the map library was not made, who asks for it is told what mends it."""
    monkeypatch.setattr(console, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(console, "missing", lambda: "not here; run: mend it")
    answer = browser.get("/static/vendor/maplibre-gl.mjs")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "not here; run: mend it"


def test_the_first_view_is_small() -> None:
    """The page, its modules and styles and the map library are under 1.5 MB on the way."""
    if console.missing() is not None:
        pytest.skip("the map library was not made here")
    ours = [p for p in console.STATIC.rglob("*") if p.suffix in (".html", ".js", ".css", ".svg")]
    made = [
        console.VENDOR / name for name in ("maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css")
    ]
    sizes = [len(gzip.compress(path.read_bytes(), 6)) for path in (*ours, *made)]
    assert sum(sizes) < 1_500_000
