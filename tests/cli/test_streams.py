"""The ends of the pipes: a full disk, a reader that goes away, a signal, standard input."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.conftest import Hour, Said

Run = Callable[..., Said]
Start = Callable[..., "subprocess.Popen[bytes]"]

FULL = Path("/dev/full")
TIMEOUT_S = 180  # on a machine busy with other tests
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here: Linux has it")


def left_in(folder: Path) -> list[str]:
    """Give everything under ``folder``, hidden too."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def limit_files_to(size_bytes: int) -> Callable[[], None]:
    """Give what makes a new process unable to write more than this into any file, as on a full disk."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))

    return limit


@pytest.mark.parametrize(("size_bytes", "memory_rows"), [(200_000, 2_000_000), (20_000, 10_000)])
def test_disk_fills_up(size_bytes: int, memory_rows: int, hour: Hour, tmp_path: Path, start: Start) -> None:
    """Results, or the rows put aside on the way, meet a full disk: one line, and no trace of either."""
    out = tmp_path / "new" / "results"
    done = start(
        *("watch", hour.nmea, "--assets", hour.assets, "--out", out, "--format", "ndjson"),
        *("--memory-rows", memory_rows),
        preexec_fn=limit_files_to(size_bytes),
        stdout=subprocess.DEVNULL,
    )
    _, err = done.communicate(timeout=TIMEOUT_S)
    assert (done.returncode, err.decode()) == (1, f"seavigil: {out}: File too large\n")
    assert left_in(tmp_path) == []


def test_disk_fills_up_over_old_results(hour: Hour, tmp_path: Path, start: Start) -> None:
    """The results of an earlier run survive a run that fails."""
    old = tmp_path / "alerts.parquet"
    old.write_text("earlier")
    done = start(
        *("watch", hour.nmea, "--out", tmp_path),
        preexec_fn=limit_files_to(200_000),
        stdout=subprocess.DEVNULL,
    )
    done.communicate(timeout=TIMEOUT_S)
    assert done.returncode == 1
    assert left_in(tmp_path) == ["alerts.parquet"]
    assert old.read_text() == "earlier"


def test_memory_runs_out(hour: Hour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seavigil: Run) -> None:
    """A machine too small gives one line that names the way out, and no results."""

    def too_much(*_: object, **_named: object) -> None:
        raise MemoryError("Unable to allocate 3.94 MiB")

    monkeypatch.setattr("seavigil.tracks.Tracker.add", too_much)
    said = seavigil("watch", hour.nmea, "--out", tmp_path / "out")
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert "--memory-rows" in said.err
    assert left_in(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_out_is_read_only(hour: Hour, tmp_path: Path, start: Start) -> None:
    """A folder that may not be written is named."""
    tmp_path.chmod(0o555)
    done = start("watch", hour.nmea, "--out", tmp_path / "out")
    out, err = done.communicate(timeout=TIMEOUT_S)
    tmp_path.chmod(0o755)
    assert (done.returncode, out) == (1, b"")
    assert err.decode() == f"seavigil: {tmp_path / 'out'}: Permission denied\n"


def test_out_on_a_read_only_system(hour: Hour, start: Start) -> None:
    """A file system that takes no folders gives one line."""
    if not Path("/proc/self").exists():
        pytest.skip("there is no /proc here")
    done = start("watch", hour.nmea, "--out", "/proc/seavigil")
    out, err = done.communicate(timeout=TIMEOUT_S)
    assert (done.returncode, out) == (1, b"")
    assert err.startswith(b"seavigil: /proc/seavigil: ")
    assert err.count(b"\n") == 1


@needs_full
@pytest.mark.parametrize(
    "arguments", [["--format", "table"], ["--format", "ndjson"], ["--format", "geojson"]]
)
def test_stdout_is_full(arguments: list[str], hour: Hour, tmp_path: Path, start: Start) -> None:
    """What cannot be printed fails with one line."""
    with FULL.open("wb") as full:
        done = start("watch", hour.nmea, "--assets", hour.assets, *arguments, stdout=full)
        _, err = done.communicate(timeout=TIMEOUT_S)
    assert done.returncode == 1
    assert b"Traceback" not in err
    assert err.splitlines()[-1] == b"seavigil: output: No space left on device"


@pytest.mark.parametrize("form", ["table", "ndjson", "geojson"])
def test_reader_goes_away(form: str, hour: Hour, start: Start) -> None:
    """`| head` is no fault: exit code 0 and not a word about it."""
    done = start("watch", hour.nmea, "--assets", hour.assets, "--format", form)
    assert done.stdout is not None
    done.stdout.close()
    done.stdout = None
    _, err = done.communicate(timeout=TIMEOUT_S)
    assert done.returncode == 0
    assert [li for li in err.decode().splitlines() if "pipe" in li.lower() or "Traceback" in li] == []


def test_files_are_written_though_the_reader_goes_away(hour: Hour, tmp_path: Path, start: Start) -> None:
    """With --out the run goes on to its end when nobody reads the lines any more."""
    done = start("watch", hour.nmea, "--assets", hour.assets, "--format", "ndjson", "--out", tmp_path)
    assert done.stdout is not None
    done.stdout.close()
    done.stdout = None
    done.communicate(timeout=TIMEOUT_S)
    assert done.returncode == 0
    assert len(left_in(tmp_path)) == 7


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_stopped_by_a_signal(
    number: signal.Signals, code: int, word: str, hour: Hour, tmp_path: Path, start: Start
) -> None:
    """Ctrl-C or a supervisor's stop while waiting for more input: one line, nothing half-written."""
    out = tmp_path / "out"
    running = start("watch", "-", "--assets", hour.assets, "--out", out)
    assert running.stdin is not None
    running.stdin.write(hour.nmea.read_bytes()[:500_000])
    running.stdin.flush()
    waited_s = 0.0
    while not list(out.glob(".seavigil-*")) and waited_s < 30:
        time.sleep(0.1)
        waited_s += 0.1
    assert list(out.glob(".seavigil-*")) != []
    running.send_signal(number)
    printed, err = running.communicate(timeout=TIMEOUT_S)
    assert (running.returncode, printed, err.decode()) == (code, b"", f"seavigil: {word}\n")
    assert left_in(tmp_path) == []


def test_standard_input(hour: Hour, tmp_path: Path, start: Start) -> None:
    """`-` reads a pipe and prints what the file would have given."""
    options = ("--assets", hour.assets, "--format", "ndjson")
    piped, filed = start("watch", "-", *options), start("watch", hour.nmea, *options)
    lines, _ = piped.communicate(hour.nmea.read_bytes(), timeout=TIMEOUT_S)
    assert lines == filed.communicate(timeout=TIMEOUT_S)[0]
    assert lines.count(b"\n") > 30


def children_of(pid: int) -> set[int]:
    """Give the processes that ``pid`` has started."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            parent = stat.read_text().rpartition(")")[2].split()[1]
            found |= {int(stat.parent.name)} if int(parent) == pid else set()
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc here")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_scorecard_leaves_no_process(number: signal.Signals, start: Start) -> None:
    """However the command is stopped, its workers do not play on for nobody."""
    running = start("scorecard", "--quick")
    until_s = time.monotonic() + TIMEOUT_S
    while len(workers := children_of(running.pid)) < 3:  # two that play, one that keeps count of semaphores
        assert time.monotonic() < until_s
        time.sleep(0.1)
    running.send_signal(number)
    running.communicate(timeout=TIMEOUT_S)
    assert running.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}.get(number, -number)
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < until_s
        time.sleep(0.1)
