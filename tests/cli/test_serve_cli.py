"""`seavigil config` and `seavigil serve` as a user runs them: what is wrong is told first, nothing twice."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import pytest

from seavigil.assets.read import load
from seavigil.cli.serving import opened, serving
from seavigil.records import MINUTE_US
from seavigil.runners.settings import NAME
from seavigil.store.database import Database
from tests.cli.conftest import Hour, Said

Run = Callable[..., Said]
Start = Callable[..., "subprocess.Popen[bytes]"]
#: A service that has not got so far by then hangs.
_WITHIN_S = 60.0


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("SEAVIGIL_")]:
        monkeypatch.delenv(name)


def put(folder: Path, text: str) -> Path:
    """Write settings into a folder."""
    folder.mkdir(exist_ok=True)
    path = folder / NAME
    path.write_text(text)
    return path


# --- config -----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["serve"], ["config"], ["config", "example"], ["config", "check"]])
def test_help_has_an_example(seavigil: Run, command: list[str]) -> None:
    """Whoever asks for help sees a line that can be typed."""
    said = seavigil(*command, "--help")
    assert said.code == 0
    assert "Example: seavigil " in said.out


def test_the_example_is_sound(seavigil: Run, tmp_path: Path) -> None:
    """What `config example` prints, `config check` takes; it says that it watches nothing, for nobody."""
    path = put(tmp_path, seavigil("config", "example").out)
    said = seavigil("config", "check", tmp_path)
    assert (said.code, said.err) == (0, "")
    without = "no assets: no alert about a cable or plant can come; no feed; no channel: nobody is told"
    assert said.out == f"{path}: sound; {without}\n"


def test_what_is_watched_is_said(seavigil: Run, tmp_path: Path, hour: Hour) -> None:
    """Assets are read, feeds are named with their addresses, channels by name; passwords are not among it."""
    put(
        tmp_path,
        f"""
        [watch]
        assets = ["{hour.assets}"]
        [feeds.coast]
        url = "tcp://127.0.0.1:1"
        [feeds.sky]
        url = "wss://h.example/x?token=hunter2"
        [channels.desk]
        kind = "file"
        """,
    )
    said = seavigil("config", "check", tmp_path)
    assert (said.code, said.err) == (0, "")
    assert "4 assets; coast (tcp://127.0.0.1:1), sky (wss://h.example/x?token=***); desk" in said.out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[stroe]", "there is no table [stroe]; did you mean 'store'?"),
        ("[feeds.a]\nurl = 'tpc://h:1'", "[feeds.a] tpc://h:1: no live feed; did you mean tcp?"),
        (
            "[feeds.a]\nurl = 'tcp://h:1'\nfirst_lin = 'x'",
            "[feeds.a] tcp://h:1: no option first_lin; did",
        ),
        ("[feeds.a]\npreset = 'kystverk'", "[feeds.a] no preset kystverk; did you mean kystverket?"),
        ("[feeds.a]\nformat = 'nmea'", "[feeds.a] neither url nor preset is given"),
        ("[feeds.a]\nurl = '-'\nformat = 'nema'", "nema"),
        ("[channels.a]\nkind = 'webhok'", "[channels.a] there is no kind of channel 'webhok'; did you mean"),
        (
            "[channels.a]\nkind = 'file'\npaht = 'x'",
            "[channels.a] a channel of kind file has no key",
        ),
        ("[channels.a]\nkind = 'file'\nsteps = ['opend']", "[channels.a] steps: 'opend' is none of"),
        ("[channels.a]\nkind = 'webhook'\nurl='https://h'\nsecret='hunter2'", "give env:NAME or file:PATH"),
        ("[watch]\nassets = ['nowhere.geojson']", "nowhere.geojson"),
        ("[store]\nurl = 'mysql://u:hunter2@h/d'", "mysql: not a kind of store"),
        ("[feeds.f1623]\nurl = 'tcp://h:1'\n[feeds.f8000]\nurl = 'tcp://h:1'", "cannot tell feeds"),
        ("[alerts]\nexpire_after_h = 0.1", "escalate_after_min must be less than expire_after_h"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(seavigil: Run, tmp_path: Path, text: str, told: str) -> None:
    """`serve` would say the same at its start; no secret is among it."""
    put(tmp_path, text)
    for command in (["config", "check"], ["serve", "--folder"]):
        said = seavigil(*command, tmp_path)
        assert (said.code, said.out) == (1, "")
        assert said.err.count("\n") == 1
        assert "hunter2" not in said.err
        assert told in said.err or (command[0] == "serve" and "nothing to watch" in said.err)


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ('behaviours = ["drift"]', "[channels.desk] there is no behaviour 'drift'; did you mean 'drifting'?"),
        ('behaviours = ["feed_daed"]', "[channels.desk] there is no behaviour 'feed_daed'; did you mean"),
        ('assets = ["demo-link-9"]', "[channels.desk] there is no asset 'demo-link-9'; did you mean 'demo"),
    ],
)
def test_a_channel_that_waits_for_what_there_is_not_is_an_error(
    seavigil: Run, tmp_path: Path, hour: Hour, filters: str, told: str
) -> None:
    """It would tell nobody anything, and nobody would know."""
    feed = '[feeds.a]\nurl = "tcp://127.0.0.1:1"\n[channels.desk]\nkind = "file"\n'
    put(tmp_path, f'[watch]\nassets = ["{hour.assets}"]\n{feed}{filters}')
    for command in (["config", "check"], ["serve", "--folder"]):
        said = seavigil(*command, tmp_path)
        assert (said.code, said.err.count("\n")) == (1, 1)
        assert told in said.err


def test_a_channel_may_wait_for_feeds_and_assets_of_the_watch(
    seavigil: Run, tmp_path: Path, hour: Hour
) -> None:
    """What no ship does has a name as well."""
    name = next(iter(load(hour.assets).assets)).asset_id
    filters = f'behaviours = ["feed_dead", "fault_match", "coverage_lost"]\nassets = ["{name}"]\n'
    put(tmp_path, f'[watch]\nassets = ["{hour.assets}"]\n[channels.desk]\nkind = "file"\n{filters}')
    assert seavigil("config", "check", tmp_path).code == 0


def test_nothing_to_watch(seavigil: Run, tmp_path: Path) -> None:
    """A service without a feed would be blind for ever: it does not start. Nor does one without settings."""
    put(tmp_path, "")
    assert "no table [feeds.NAME]: nothing to watch" in seavigil("serve", "--folder", tmp_path).err
    assert seavigil("serve", "--folder", tmp_path / "nowhere").code == 1


# --- serve ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "goes_on"),
    [
        ("", True),
        ("[alerts]\nopen_from = 'urgent'", False),
        ("[health]\nstatement_every_min = 30", False),
        ("[log]\nsync_s = 2", True),
    ],
)
def test_a_change_holds_from_the_next_start(tmp_path: Path, changed: str, goes_on: bool) -> None:
    """What a judge goes by is as the settings are now: one kept under others is no place to go on from."""
    feed = "[feeds.coast]\nurl = 'tcp://127.0.0.1:1'\n[api]\nenabled = false\n"
    put(tmp_path, feed)
    with opened(serving(tmp_path)) as service:
        service.stop()  # as soon as it has begun
        asyncio.run(service.run())
        kept_to = service.keeper.judge.position
    assert kept_to > 0

    put(tmp_path, feed + changed)
    found = serving(tmp_path)
    with opened(found) as service:
        judge = service.keeper.judge
        assert (judge.position == kept_to) is goes_on
        assert judge.feed_alerts.params.open_from == found.settings.alerts.open_from
        assert judge.statements.params.every_us == found.settings.health.statement_every_min * MINUTE_US


def test_the_store_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one would hold connections that nobody uses."""
    put(tmp_path, "[feeds.coast]\nurl = 'tcp://127.0.0.1:1'\n[api]\nenabled = false\n")
    opens: list[str] = []
    first = Database.open

    def counted(place: str) -> Database:
        opens.append(place)
        return first(place)

    monkeypatch.setattr(Database, "open", counted)
    with opened(serving(tmp_path)):
        assert opens == [str(tmp_path)]


class _Sends(BaseRequestHandler):
    """Sends the whole hour to who connects, and keeps the connection."""

    def handle(self) -> None:
        self.request.sendall(self.server.hour)  # type: ignore[attr-defined]
        self.request.recv(1)


@pytest.fixture
def station(hour: Hour) -> Iterator[int]:
    """Give the port of a coast station that sends the demo's hour."""
    with ThreadingTCPServer(("127.0.0.1", 0), _Sends) as server:
        server.daemon_threads = True
        server.hour = hour.nmea.read_bytes()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def told(folder: Path) -> list[dict[str, Any]]:
    """Give the messages that the channel wrote."""
    path = folder / "told.ndjson"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def served(start: Start, folder: Path, ready: Callable[[], bool]) -> str:
    """Run the service until ``ready``, end it as systemd does, and give what it said."""
    service = start("serve", "--folder", folder.name, cwd=folder.parent)
    try:
        until_s = time.monotonic() + _WITHIN_S
        while service.poll() is None and not ready() and time.monotonic() < until_s:
            time.sleep(0.1)
        service.send_signal(signal.SIGTERM)
        _, err = service.communicate(timeout=_WITHIN_S)
    finally:
        service.kill()
    assert service.returncode == 0, err.decode()
    assert ready(), err.decode()
    return err.decode()


def judged(folder: Path) -> int:
    """Give how far judging was when the status was last written."""
    path = folder / "status.json"
    return int(json.loads(path.read_text())["judge"]["position"]) if path.exists() else 0


@pytest.mark.slow
def test_a_service_from_nothing(
    start: Start, seavigil: Run, tmp_path: Path, hour: Hour, station: int
) -> None:
    """Started twice over a feed that sends the same again, it tells each alert once, and ends in order."""
    put(
        tmp_path,
        f"""
        [watch]
        assets = ["{hour.assets}"]
        [feeds.coast]
        url = "tcp://127.0.0.1:{station}"
        [channels.desk]
        kind = "file"
        path = "told.ndjson"
        [api]
        enabled = false
        """,
    )
    said = served(start, tmp_path, lambda: any("ALDER" in m["subject"] for m in told(tmp_path)))
    assert said.splitlines()[0] == "watching coast"
    assert "coast: connected" in said
    assert said.splitlines()[-1] == "ended in good order"
    first = [message["key"] for message in told(tmp_path) if "ALDER" in message["subject"]]
    assert all(message["exercise"] for message in told(tmp_path) if "ALDER" in message["subject"])

    before = judged(tmp_path)
    served(start, tmp_path, lambda: judged(tmp_path) > before + 1)
    again = [message["key"] for message in told(tmp_path)]
    assert len(set(again)) == len(again)
    assert set(first) <= set(again)

    status = seavigil("status", "--folder", tmp_path)
    assert status.code == 2  # nothing is watched any more
    assert "not running" in status.out
    assert re.search(r"feeds +coast: ", status.out)
