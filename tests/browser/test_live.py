"""A live watch with people who sign in: what is new comes by itself, what is another's is nowhere."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import httpx
import pytest
from playwright.sync_api import Response

from seavigil.exercises.encode import position_a, static_a
from seavigil.exercises.sentences import sentences
from tests.browser.conftest import Open
from tests.browser.screen import Screen
from tests.browser.served import COMMAND, WITHIN_S, Served, console, process, said

#: As hostile as six bits can be; the other as a shore system might pass it on.
SIX_BIT = "<SCRIPT>X=1</SCRIPT>"
CSV_NAME = "<img src=x onerror=alert(1)>\u202egnp"
BEGAN_S = 1_763_611_200  # 2025-11-20 04:00:00 UTC
#: The alert about her is told at 04:21:17: all before is sent at once, what follows when it is asked for.
HALF_S = BEGAN_S + 20 * 60


class _Station(BaseRequestHandler):
    """Sends the first part to who connects, and the rest once it may."""

    def handle(self) -> None:
        self.request.sendall(self.server.first)  # type: ignore[attr-defined]
        while not self.server.go.wait(0.1):  # type: ignore[attr-defined]
            if self.server.over.is_set():  # type: ignore[attr-defined]
                return
        self.request.sendall(self.server.rest)  # type: ignore[attr-defined]
        self.server.over.wait()  # type: ignore[attr-defined]


def hostile() -> bytes:
    """Give a ship off Helsinki whose name is a script."""
    parts = [
        sentences(
            static_a(230_000_001, name=SIX_BIT, destination="<B>//ONERROR=X</B>", ship_type=70),
            time_s=BEGAN_S + 5,
        )
    ]
    for minute in range(19):
        at = position_a(
            230_000_001,
            lat_deg=59.70 + minute * 0.002,
            lon_deg=24.9,
            sog_kn=8.0,
            cog_deg=0.0,
            heading_deg=0,
            nav_status=0,
        )
        parts.append(sentences(at, time_s=BEGAN_S + 60 * minute + 10))
    return b"".join(parts)


def halves(nmea: bytes) -> tuple[bytes, bytes]:
    """Part a recording at twenty past four."""
    first, rest = [], []
    for line in nmea.splitlines(keepends=True):
        stamp = int(line.split(b"c:")[1].split(b"*")[0])
        (first if stamp < HALF_S else rest).append(line)
    return b"".join(first), b"".join(rest)


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, threading.Event]]:
    """Serve a live watch over the first twenty minutes; the event lets the rest of the hour come.

    Demo Link 1 is Northgrid's and for nobody else, the fibre for everybody who may sign in.
    """
    folder = tmp_path_factory.mktemp("watch")
    subprocess.run(
        [*COMMAND, "demo", "--write", str(folder)], check=True, capture_output=True, timeout=WITHIN_S
    )
    assets = json.loads((folder / "assets.geojson").read_text())
    for one in assets["features"]:
        secret = one["properties"]["name"] == "Demo Link 1"
        one["properties"].update({"owner": "Northgrid", "tlp": "RED"} if secret else {})
    (folder / "labelled.geojson").write_text(json.dumps(assets))
    go, over = threading.Event(), threading.Event()
    with ThreadingTCPServer(("127.0.0.1", 0), _Station) as server:
        first, rest = halves(next(folder.glob("*.nmea")).read_bytes())
        server.daemon_threads = True
        server.first, server.rest = first + hostile(), rest  # type: ignore[attr-defined]
        server.go, server.over = go, over  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port, own = server.server_address[1], _free()
        (folder / "seavigil.toml").write_text(
            '[watch]\nassets = ["labelled.geojson"]\n[feeds.coast]\n'
            f'url = "tcp://127.0.0.1:{port}"\n[api]\nport = {own}\n'
        )
        try:
            with process(["serve", "--folder", folder], folder) as running:
                token = said(folder, r"shown this once: (sv_\S+)", running)
                served = Served(f"http://127.0.0.1:{own}", token)
                _until(lambda: served.get("/api/extent")["ships"] > 20)
                yield served, go
        finally:
            over.set()
            server.shutdown()


def _free() -> int:
    """Give a port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _until(holds: object) -> None:
    until_s = time.monotonic() + WITHIN_S
    while time.monotonic() < until_s:
        try:
            if holds():  # type: ignore[operator]
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("the service hangs")


def token_of(served: Served, role: str, organisation: str | None) -> str:
    """Make a token for somebody."""
    asked = {"name": f"{role} {organisation}", "role": role, "days": 1}
    if organisation:
        asked["organisation"] = organisation
    answer = httpx.post(
        f"{served.url}/api/tokens",
        json=asked,
        headers={"Authorization": f"Bearer {served.token}"},
        timeout=WITHIN_S,
    )
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["token"])


def come_in(screen: Screen, token: str) -> Screen:
    """Sign in with a token."""
    screen.forgive("401")
    if not screen.find("input[name=token]").is_visible():
        screen.find(".sign-in details summary").click()
    screen.find("input[name=token]").fill(token)
    screen.find("form:has(input[name=token]) button[type=submit]").click()
    screen.find("#rail a").first.wait_for()
    return screen


def test_nobody_comes_in_without_a_token(watch: tuple[Served, threading.Event], look: Open) -> None:
    """The page asks who one is, and a wrong token is refused; no answer of the service holds any ship."""
    served, _ = watch
    screen = look(served)
    screen.find(".sign-in").wait_for()
    screen.forgive("401")
    if not screen.find("input[name=token]").is_visible():
        screen.find(".sign-in details summary").click()
    screen.find("input[name=token]").fill("sv_nonsense")
    screen.find("form:has(input[name=token]) button[type=submit]").click()
    screen.find(".sign-in .error:not([hidden])").wait_for()
    assert screen.find("#rail a").count() == 0
    for path in ("/api/alerts", "/api/picture", "/api/assets", "/ogc/collections/assets/items"):
        assert httpx.get(served.url + path).status_code == 401


def test_a_script_for_a_name_is_a_name(watch: tuple[Served, threading.Event], look: Open) -> None:
    """On her page, in the list, on the map: letters, nothing else."""
    served, _ = watch
    screen = come_in(look(served, "#/ships/230000001"), served.token or "")
    screen.find("#panel h1").get_by_text(SIX_BIT).wait_for()
    assert "<B>//ONERROR=X</B>" in screen.text("#ship-identity")
    screen.go("#/ships")
    screen.find("#ship-search").fill("SCRIPT")
    screen.find("#ships-found a.line").get_by_text(SIX_BIT).wait_for()
    assert screen.ask("document.querySelectorAll('#panel script, #panel b').length") == 0
    assert screen.ask("globalThis.X") is None


def test_what_is_new_comes_by_itself(watch: tuple[Served, threading.Event], look: Open) -> None:
    """A page that is open shows the alert of a ship that begins to drift, without being loaded again.

    Another, whose organisation must not know of one of the two cables, is not told its name anywhere.
    """
    served, go = watch
    house = come_in(look(served), served.token or "")
    bodies: list[str] = []
    guest = look(served)

    def answered(answer: Response) -> None:
        if "/api/" in answer.url and "/stream" not in answer.url:
            bodies.append(_body(answer))

    guest.page.on("response", answered)
    come_in(guest, token_of(served, "viewer", "Coast Watch"))
    house.ask("globalThis.here = true")
    assert house.find(".alert-card").get_by_text("EXERCISE ALDER").count() == 0
    go.set()
    house.find(".alert-card").get_by_text("EXERCISE ALDER").first.wait_for()
    assert house.ask("globalThis.here") is True
    house.with_map(20)
    house.shot("live")
    _until(
        lambda: any(
            "fibre-2" in str(one["assets"]) for one in served.get("/api/alerts", mmsi="299000001")["alerts"]
        )
    )

    alert = served.get("/api/alerts", mmsi="299000001")["alerts"][0]
    assert "Demo Link 1" in json.dumps(alert)
    guest.find(".alert-card").get_by_text("EXERCISE ALDER").first.wait_for()
    for where in (
        "#/assets",
        "#/ships/299000001",
        f"#/alerts/{alert['alert_id']}",
        "#/assets/demo-link-1",
        "#/feeds",
    ):
        guest.go(where)
        guest.page.wait_for_load_state("networkidle") if where != "#/feeds" else guest.find(
            "#health-feeds"
        ).wait_for()
    guest.forgive("404")
    assert guest.find("#alert-actions [data-action=acknowledge]").count() == 0
    assert len(bodies) > 10
    leaks = [body[:300] for body in bodies if "Demo Link 1" in body or "demo-link-1" in body]
    assert leaks == []
    hidden = [
        one["alert_id"]
        for one in served.get("/api/alerts", limit=200)["alerts"]
        if one["assets"] and all(a["asset_id"] == "demo-link-1" for a in one["assets"])
    ]
    headers = {"Authorization": f"Bearer {token_of(served, 'operator', 'Coast Watch')}"}
    for alert_id in hidden[:3]:
        assert httpx.get(f"{served.url}/api/alerts/{alert_id}", headers=headers).status_code == 404


def _body(answer: object) -> str:
    try:
        return str(answer.text())  # type: ignore[attr-defined]
    except Exception:
        return ""


def test_who_may_only_look_can_only_look(watch: tuple[Served, threading.Event], look: Open) -> None:
    """A viewer finds no button to acknowledge, is told why, and the service refuses it as well."""
    served, go = watch
    go.set()
    _until(lambda: served.get("/api/alerts", mmsi="299000001")["alerts"])
    alert_id = served.get("/api/alerts", mmsi="299000001")["alerts"][0]["alert_id"]
    token = token_of(served, "viewer", None)
    screen = come_in(look(served, f"#/alerts/{alert_id}"), token)
    screen.find("#alert-actions").get_by_text("You are signed in as viewer").wait_for()
    assert screen.find("#alert-actions button").count() == 0
    answer = httpx.post(
        f"{served.url}/api/alerts/{alert_id}/acknowledge",
        json={"why": "", "arguments": {}},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 403


def test_names_that_no_radio_sends_are_letters_too(tmp_path: Path, look: Open) -> None:
    """A table of elsewhere may hold any letter, and marks that turn the reading direction."""
    head = (
        "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,"
        "IMO,Callsign,Name,Ship type"
    )
    rows = [
        f"20/11/2025 04:{minute:02d}:00,Class A,230000002,{59.7 + minute / 500:.4f},24.9,"
        f"Under way using engine,0,8.0,0.0,0,Unknown,,{CSV_NAME},Cargo"
        for minute in range(20)
    ]
    path = tmp_path / "ais.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    with console(tmp_path, "console", path) as served:
        screen = look(served, "#/ships/230000002")
        screen.find("#ship-identity dd").first.wait_for()
        name = screen.find("#panel h1")
        assert name.inner_text() == "<img src=x onerror=alert(1)>gnp"
        assert screen.find("#panel img").count() == 0
        screen.until("globalThis.seavigil?.map?.ml?.loaded()")
        screen.idle()
        assert {one["name"] for one in screen.drawn("ships-hull")} <= {CSV_NAME, name.inner_text()}
