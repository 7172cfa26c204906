"""`seavigil status`: what is wrong first and in words, exit code 2; of a service that runs, or has run."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from seavigil.records import HOUR_US, SECOND_US
from seavigil.runners.settings import NAME
from seavigil.runners.status import STATUS_FILE, StatusSnapshot, StoreStatus, write_status
from seavigil.runners.told import status_json
from seavigil.store.database import Database
from seavigil.store.rawlog import RawLog
from seavigil.store.rows import Batch, StatementRow
from tests.cli.conftest import Said
from tests.runners.statuses import COAST, MUTE, NOW_US, WELL, but

Run = Callable[..., Said]


def now() -> int:
    """Give the time of day: the command goes by it."""
    return time.time_ns() // 1000


def put(folder: Path, status: StatusSnapshot, *, age_s: float = 1.0) -> None:
    """Write a status so old into a folder."""
    write_status(folder, replace(status, taken_us=now() - round(age_s * SECOND_US)))


def test_all_well(tmp_path: Path, seavigil: Run) -> None:
    """One glance: all well, and the figures below it; exit code 0."""
    put(tmp_path, WELL)
    said = seavigil("status", "--folder", tmp_path)
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "all well"
    assert lines[2].startswith("service   running (process 4711, up ")
    assert "39.5 reports/s (usual 41)" in said.out
    assert "1.2 s late, 340 ships, 12 rejected, 3 kernel drops" in said.out
    assert "judging   at record 998 of 1,000, 0.5 s behind" in said.out
    assert "alerts    1 urgent standing; 231 in the store" in said.out
    assert "messages  0 waiting, 12 sent, 0 given up" in said.out
    assert "last said 2026-11-22 13:00 to 14:00: nothing above info seen; blind: none" in said.out


def test_what_is_wrong_comes_first(tmp_path: Path, seavigil: Run) -> None:
    """In words, the worst first; exit code 2."""
    put(tmp_path, but(feeds=(COAST, MUTE), judge={"alive": False, "why": "KeyError: 'x'"}))
    said = seavigil("status", "--folder", tmp_path)
    assert said.code == 2
    assert said.out.splitlines()[:3] == [
        "2 things wrong:",
        "  judging has ended: KeyError: 'x'",
        "  feed sky is mute: connected, but nothing came since 2026-11-22T13:58:00Z",
    ]
    assert "sky: mute, 0 reports/s (usual not known yet)" in said.out


def test_an_old_status_is_of_a_service_that_does_not_run(tmp_path: Path, seavigil: Run) -> None:
    """It says how old it is, that the service does not run, and what was last known."""
    put(tmp_path, WELL, age_s=3 * 3600)
    said = seavigil("status", "--folder", tmp_path)
    assert said.code == 2
    assert "the last status is 3.0 h old: the service is not running, or hangs" in said.out
    assert "service   not running; what follows was last known, as of 3.0 h ago" in said.out
    assert "coast: connected" in said.out


def test_json(tmp_path: Path, seavigil: Run) -> None:
    """One object with the same: running, age, problems, and all figures."""
    put(tmp_path, but(feeds=(MUTE,)))
    said = seavigil("status", "--folder", tmp_path, "--json")
    told = json.loads(said.out)
    assert said.code == 2
    assert told["running"] is True
    assert 0 <= told["age_s"] < 30
    assert [p["code"] for p in told["problems"]] == ["all_feeds_dead", "feed_dead"]
    assert told["feeds"][0]["alive"] is False
    assert told["feeds"][0]["last_report_at"] == "2026-11-22T13:58:00Z"


def test_without_a_status_the_store_tells(tmp_path: Path, seavigil: Run) -> None:
    """A folder whose service never wrote its status, or of which it was lost: what the store last knew."""
    said_row = StatementRow(NOW_US - HOUR_US, NOW_US, "nothing above info seen", {})
    with Database.open(tmp_path) as store:
        store.save(Batch(1, NOW_US, feeds=[COAST], statements=[said_row]))
    said = seavigil("status", "--folder", tmp_path)
    assert said.code == 2
    assert "not running" in said.out
    assert "coast: connected" in said.out
    assert "last said nothing above info seen" in said.out


@contextmanager
def answering(status: StatusSnapshot) -> Iterator[int]:
    """Have a service tell its status on a port of this machine."""

    class Tells(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/api/status"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(status_json(status)).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Tells) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("content", ["old", "{", None])
@pytest.mark.parametrize("own", [True, False])
def test_a_service_whose_disk_is_full_is_asked_itself(
    tmp_path: Path, seavigil: Run, content: str | None, *, own: bool
) -> None:
    """Its file is old or broken, but it answers; one of another store on that port is not believed."""
    store = f"sqlite:///{tmp_path if own else tmp_path / 'other'}/seavigil.sqlite"
    full = but(log={"writable": False, "why": "No space left"}, store=StoreStatus(store))
    if content == "old":
        put(tmp_path, WELL, age_s=3600)
    elif content is not None:
        (tmp_path / STATUS_FILE).write_text(content)
    with answering(replace(full, taken_us=now())) as port:
        (tmp_path / NAME).write_text(f"[api]\nport = {port}\n")
        said = seavigil("status", "--folder", tmp_path)
    assert ("nothing can be written down: No space left" in said.out) is own
    assert ("running (process 4711" in said.out) is own
    if not own:
        assert (said.code, "not running, or hangs" in said.out) == (
            (2, True) if content == "old" else (1, False)
        )


@pytest.mark.parametrize("running", [True, False])
def test_a_folder_in_which_only_a_watch_worked_says_whether_it_does(
    tmp_path: Path, seavigil: Run, *, running: bool
) -> None:
    """`watch --out` writes no status: that all was well a moment ago says not that anything is watched."""
    with Database.open(tmp_path) as store:
        store.save(Batch(1, now(), feeds=[COAST]))
    with RawLog(tmp_path / "log") if running else nullcontext():
        said = seavigil("status", "--folder", tmp_path)
    if running:
        assert (said.code, said.out.splitlines()[0]) == (0, "all well")
        assert f"running (process {os.getpid()})" in said.out
    else:
        nobody = "  nothing is watched now: no service or watch runs in this folder"
        assert (said.code, said.out.splitlines()[:2]) == (2, ["1 thing wrong:", nobody])


@pytest.mark.parametrize("command", [["status"], ["alert", "list"]])
def test_a_service_that_was_not_started_yet_is_said_to_be_so(
    tmp_path: Path, seavigil: Run, command: list[str]
) -> None:
    """Its settings lie there, and nothing else."""
    (tmp_path / NAME).write_text("")
    said = seavigil(*command, "--folder", tmp_path)
    assert (said.code, said.out) == (1, "")
    assert said.err == f"seavigil: {tmp_path}: not started yet (seavigil serve --folder {tmp_path})\n"


@pytest.mark.parametrize("content", [None, "{", '{"taken_us": 1}'])
def test_nothing_to_tell_is_one_line(tmp_path: Path, seavigil: Run, content: str | None) -> None:
    """No service here, or a file that is no status: exit code 1 and one line that names the place."""
    if content is not None:
        (tmp_path / STATUS_FILE).write_text(content)
    said = seavigil("status", "--folder", tmp_path)
    assert (said.code, said.out) == (1, "")
    assert len(said.err.splitlines()) == 1
    assert str(tmp_path) in said.err
    assert seavigil("status", "--folder", tmp_path / "none").code == 1
