"""`seavigil console`: the page is there when the address is printed, and nothing is left when it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.cli.conftest import PROGRAM, Hour, Said

Run = Callable[..., Said]
Start = Callable[..., "subprocess.Popen[str]"]
#: A console that is not there by then hangs.
_WITHIN_S = 90.0


@pytest.fixture(scope="module")
def minutes(hour: Hour, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the first minutes of the invented hour: enough for a page."""
    path = tmp_path_factory.mktemp("minutes") / "minutes.nmea"
    path.write_bytes(b"".join(hour.nmea.read_bytes().splitlines(keepends=True)[:1_500]))
    return path


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a command with a folder of its own for what is temporary; whatever still runs is ended."""
    running: list[subprocess.Popen[str]] = []
    (temporary := tmp_path / "temporary").mkdir()

    def begin(*arguments: object) -> subprocess.Popen[str]:
        environment = {**os.environ, "TMPDIR": str(temporary)}
        command = [*PROGRAM, *(str(a) for a in arguments)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    """Give the address that a console prints."""
    assert process.stdout is not None
    until_s = time.monotonic() + _WITHIN_S
    while line := process.stdout.readline():
        assert time.monotonic() < until_s
        if "http://" in line:
            return "http://" + line.partition("http://")[2].partition(" ")[0].rstrip("/\n")
    raise AssertionError(process.communicate()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_good_order(
    start: Start, minutes: Path, hour: Hour, tmp_path: Path, number: signal.Signals
) -> None:
    """Served on a port of its own until a signal; then no temporary folder is left, and nothing is wrong."""
    process = start("console", minutes, "--assets", hour.assets, "--port", 0, "--no-browser")
    here = address(process)
    with urlopen(f"{here}/api/extent") as answer:
        told = json.load(answer)
    assert (told["mode"], told["source"], told["exercise"]) == ("recording", minutes.name, True)
    with urlopen(f"{here}/") as answer:
        assert b"<title>Seavigil</title>" in answer.read()
    assert list((tmp_path / "temporary").iterdir())
    process.send_signal(number)
    _, said = process.communicate(timeout=_WITHIN_S)
    assert process.returncode == 0
    assert "Traceback" not in said
    assert list((tmp_path / "temporary").iterdir()) == []


def test_ended_while_it_reads(start: Start, hour: Hour, tmp_path: Path) -> None:
    """Ctrl-C before the page is there ends it as any command, and leaves no folder either."""
    process = start("console", hour.nmea, "--assets", hour.assets, "--port", 0, "--no-browser")
    until_s = time.monotonic() + _WITHIN_S
    while not list((tmp_path / "temporary").glob("seavigil-console-*")):
        assert time.monotonic() < until_s
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=_WITHIN_S)
    assert process.returncode in (0, 130)  # 0: the page was there already
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_demo_in_the_console(start: Start, tmp_path: Path) -> None:
    """The invented hour is shown with its places and its outage, said to be invented, and leaves nothing."""
    process = start("demo", "--console", "--port", 0, "--no-browser")
    here = address(process)
    with urlopen(f"{here}/api/faults") as answer:
        (fault,) = json.load(answer)["faults"]
    assert (fault["asset_name"], fault["state"]) == ("Demo Fibre 2", "matched")
    with urlopen(f"{here}/api/areas?kinds=place") as answer:
        kinds = {feature["properties"]["kind"] for feature in json.load(answer)["features"]}
    assert {"anchorage", "port", "pilot_boarding", "traffic_lane"} <= kinds
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=_WITHIN_S)
    assert process.returncode == 0
    assert list((tmp_path / "temporary").iterdir()) == []


def test_out_is_kept(start: Start, minutes: Path, tmp_path: Path, seavigil: Run) -> None:
    """With --out the store and the rows stay, and the next recording does not get mixed with them."""
    kept = tmp_path / "kept"
    process = start("console", minutes, "--port", 0, "--no-browser", "--out", kept)
    address(process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=_WITHIN_S)
    assert (kept / "seavigil.sqlite").is_file()
    assert list((kept / "reports").glob("day=2025-11-20/*.parquet"))
    said = seavigil("console", minutes, "--no-browser", "--port", 0, "--out", kept)
    assert said.code == 1
    assert "not empty" in said.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "seavigil serve"),
        (("none.nmea",), "none.nmea"),
        (("tcp://127.0.0.1:1",), "a live feed"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_line(seavigil: Run, arguments: tuple[str, ...], says: str) -> None:
    """A wrong name, a live feed, or nothing at all ends it with one line that says what to do."""
    said = seavigil("console", *arguments, "--no-browser", "--port", 0)
    assert said.code == 1
    assert len(said.err.splitlines()) == 1
    assert says in said.err


def test_a_taken_port_is_said(start: Start, minutes: Path, seavigil: Run) -> None:
    """Two consoles on one port: the second says so before it reads anything."""
    process = start("console", minutes, "--port", 0, "--no-browser")
    port = address(process).rpartition(":")[2]
    said = seavigil("console", minutes, "--no-browser", "--port", port)
    assert said.code == 1
    assert f"127.0.0.1:{port}" in said.err
    assert "--port 0" in said.err


def test_help_has_an_example(seavigil: Run) -> None:
    """Whoever asks for help sees a line that can be typed."""
    said = seavigil("console", "--help")
    assert said.code == 0
    assert "Example: seavigil console" in said.out
