"""Memory stays bounded: more input takes hardly more of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.bench_watch import write_traffic
from tests.runners.conftest import Hour

ROWS, SHIPS = 750_000, 200
MEMORY_ROWS = 25_000
#: From some pieces on; before that the allocators' own stores still fill up.
MORE = 10 / 3


def peak_mb(recording: Path, out: Path) -> float:
    """Watch a recording in a process of its own and give the most memory it had."""
    program = "import sys; from seavigil.cli.main import run; sys.exit(run(sys.argv[1:]))"
    options = ["--out", str(out), "--memory-rows", str(MEMORY_ROWS), "--format", "ndjson"]
    watch = subprocess.Popen(
        [sys.executable, "-c", program, "watch", str(recording), *options], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(watch.pid, 0)
    watch.returncode = os.waitstatus_to_exitcode(status)
    assert watch.returncode == 0
    return usage.ru_maxrss / 1024


@pytest.mark.slow
def test_a_hundred_times_the_rows_allowed_in_memory(tmp_path: Path) -> None:
    """A hundred times the rows allowed in memory take hardly more memory than thirty times."""
    some, more = tmp_path / "some.csv", tmp_path / "more.csv"
    write_traffic(some, ROWS, SHIPS)
    write_traffic(more, round(MORE * ROWS), SHIPS)
    small, large = peak_mb(some, tmp_path / "small"), peak_mb(more, tmp_path / "large")
    assert large < 1.25 * small
    told = json.loads((tmp_path / "large/summary.json").read_text())
    assert told["reports"] == round(MORE * ROWS)


def test_invented_traffic_is_what_it_says(tmp_path: Path, hour: Hour) -> None:
    """The rows that memory and speed are measured with are read without a reject, all of them."""
    from seavigil.runners import batch
    from tests.runners.conftest import read

    write_traffic(tmp_path / "traffic.csv", 4_000, SHIPS)
    summary = batch.run(batch.Job([str(tmp_path / "traffic.csv")], hour.assets), read)
    assert (summary.reports, sum(summary.rejects.values()), summary.flags) == (4_000, 0, {})
    assert len(summary.vessels) == SHIPS
