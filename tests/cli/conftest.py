"""An invented hour on disk, and the command run as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from seavigil.cli.main import run
from seavigil.exercises import gulf_of_finland
from seavigil.exercises.write import write_exercise

#: The program as installed, but from this interpreter.
PROGRAM = (sys.executable, "-c", "from seavigil.cli.main import main; main()")


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Hour:
    """The demo's recording and assets."""

    nmea: Path
    assets: Path


@pytest.fixture(scope="session")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Hour:
    """Give the invented hour of `seavigil demo`, written to disk."""
    nmea, assets, _ = write_exercise(gulf_of_finland(seed=1), tmp_path_factory.mktemp("demo"))
    return Hour(nmea, assets)


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print as wide as into a pipe, however wide the terminal is in which the tests run."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def seavigil(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run one command in this process."""

    def command(*arguments: object) -> Said:
        code = run([str(a) for a in arguments])
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err)

    return command


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[bytes]]:
    """Start one command in a process of its own."""

    def command(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*PROGRAM, *map(str, arguments)], **{**pipes, **options})

    return command
