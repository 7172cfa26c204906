"""Nothing from elsewhere: no file of the console names another host to ask, and no network is needed."""

from __future__ import annotations

import re
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from seavigil import console
from tests.api.shown import Shown, invented, shown

#: What looks like an address in our files and those of the map library, and is none that is asked.
NAMED_ONLY = {
    "http://www.w3.org/2000/svg": "the name of a language (SVG 1.1, 1.2)",
    "http://www.w3.org/1999/xhtml": "the name of a language (HTML 5, 4.9)",
    "https://maplibre.org/": "a link in the library's own sign, which the console does not show",
    "https://maplibre.invalid/": "a base to read relative addresses with; .invalid is no host (RFC 2606)",
    "https://wiki.openstreetmap.org/wiki/This_map_requires_WebGL": "a link in a message to people",
    "https://github.com/maplibre/maplibre-gl-js/blob/": "where its licence lies",
    "https://github.com/mapbox/mapbox-gl-js/issues/2907": "a link in a message to people",
}
_ADDRESS = re.compile(r"(?:https?|wss?|ftp):\\?/\\?/[^\s\"'`<>)\\]+")
_TEXT = {".html", ".js", ".mjs", ".css", ".json", ".svg", ".webmanifest", ".geojson"}
ROUTES = ("", "ships", "assets", "fault", "feeds", "audit", "settings", "signin", "ships/299000001")


def _files(root: Path) -> list[Path]:
    return [path for path in sorted(root.rglob("*")) if path.is_file()]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Give the invented hour."""
    nmea, assets = invented(tmp_path_factory.mktemp("written"))
    with shown(tmp_path_factory.mktemp("store"), [nmea], assets) as found:
        yield found


@pytest.mark.parametrize("root", [console.STATIC, console.VENDOR], ids=["ours", "made"])
def test_no_file_names_another_host_to_ask(root: Path) -> None:
    """Each address in them is one of those that are names, licences or links for people."""
    found = {
        address: path.name
        for path in _files(root)
        if path.suffix in _TEXT
        for address in _ADDRESS.findall(path.read_text("utf-8"))
        if not address.startswith(tuple(NAMED_ONLY))
    }
    assert found == {}


class _References(HTMLParser):
    """Everything that a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("src", "href") and value]


def test_the_page_fetches_from_here_alone(web: Shown) -> None:
    """Each reference is a path of this service, and there is a file for it."""
    reader = _References()
    reader.feed(web.request("GET", "/").text)
    assert reader.found
    for reference in reader.found:
        if not reference.startswith("#"):
            assert re.match(r"/(?!/)", reference), reference
            assert web.request("GET", reference).status_code == 200


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve on a port of this machine, from a thread of its own."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        app.state.context.service.bulletin.end()
        server.should_exit = True
        thread.join()
        taken.close()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let nothing of this process out of this machine; gives what wanted to go."""
    tried: list[Any] = []

    def held(name: str) -> Any:
        whole = getattr(socket.socket, name)

        def at(self: socket.socket, *told: Any) -> Any:
            address = told[-1]
            if self.family in (socket.AF_INET, socket.AF_INET6) and not ip_address(address[0]).is_loopback:
                tried.append(address)
                raise OSError(101, "no network")
            return whole(self, *told)

        return at

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, held(name))

    def look_up(host: Any, *told: Any, **more: Any) -> Any:
        if host not in (None, "127.0.0.1", "::1", "localhost"):
            tried.append(host)
            raise socket.gaierror(-2, "no network")
        return asked(host, *told, **more)

    asked = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return tried


def test_without_a_network_everything_is_served(web: Shown, no_network: list[Any]) -> None:
    """Each file of the console, and what its views ask for; nothing even tries to leave this machine."""
    with pytest.raises(OSError, match="no network"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    no_network.clear()
    ours = [f"/static/{path.relative_to(console.STATIC).as_posix()}" for path in _files(console.STATIC)]
    made = [path for path in _files(console.VENDOR) if "basemap" not in path.parts]
    made += [path for path in _files(console.VENDOR) if "basemap" in path.parts][:50]
    tiles = [f"/static/vendor/{path.relative_to(console.VENDOR).as_posix()}" for path in made]
    asked = ["session", "extent", "picture", "trails", "ships", "assets", "assets/bands", "areas", "alerts"]
    asked += ["faults", "feeds", "status", "statements", "audit", "settings", "tokens", "users"]
    with served(web.app) as here:
        for path in ["/", *ours, *tiles, *(f"/api/{one}" for one in asked), "/ogc/", "/metrics"]:
            with urllib.request.urlopen(f"{here}{path}", timeout=30) as answer:
                assert answer.status == 200, path
                answer.read()
    assert no_network == []


@pytest.mark.slow
def test_a_browser_asks_nobody_else(web: Shown) -> None:
    """Through all views: each request goes to this service, none breaks the page's own policy."""
    browser = Path("/usr/bin/chromium")
    if not browser.exists():
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    flags = ["--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run", "--disable-sync"]
    flags += ["--disable-background-networking", "--disable-component-update"]
    asked: list[str] = []
    said: list[str] = []
    with served(web.app) as here, sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(browser), chromium_sandbox=False, args=flags)
        page = chromium.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        for route in ROUTES:
            page.goto(f"{here}/#/{route}", wait_until="load", timeout=60_000)
            page.wait_for_timeout(500)
        chromium.close()
    own = (f"{here}/", "data:", f"blob:{here}/")
    assert [url for url in asked if not url.startswith(own)] == []
    assert [text for text in said if "Content Security Policy" in text] == []
    assert any("/api/" in url for url in asked)
