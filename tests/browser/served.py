"""Consoles and services as people start them: processes with a port of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

#: The command, run from this tree with the Python that runs the tests.
COMMAND = (sys.executable, "-c", "from seavigil.cli.main import main; main()")
#: A service that has not got so far by then hangs: the machine may be busy.
WITHIN_S = 120.0


@dataclass(frozen=True)
class Served:
    """Something that serves the console at ``url``, and what it is about."""

    url: str
    token: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> Any:
        """Ask the service beside the browser, and give what it says."""
        answer = httpx.get(self.url + path, params=query, headers=self._headers(), timeout=WITHIN_S)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _headers(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


@contextmanager
def process(arguments: Sequence[str | Path], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of seavigil; what it says goes to ``out`` and ``err`` in ``folder``."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("SEAVIGIL_")}
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        running = subprocess.Popen(
            [*COMMAND, *map(str, arguments)], cwd=folder, stdout=out, stderr=err, env=environment
        )
        try:
            yield running
        finally:
            running.send_signal(signal.SIGTERM)
            try:
                running.wait(WITHIN_S)
            finally:
                running.kill()
                running.wait()


def said(folder: Path, pattern: str, running: subprocess.Popen[bytes]) -> str:
    """Wait until a command said something, and give it (the first group)."""
    until_s = time.monotonic() + WITHIN_S
    while time.monotonic() < until_s:
        text = (folder / "out").read_text() + (folder / "err").read_text()
        if found := re.search(pattern, text):
            return found[1]
        assert running.poll() is None, text
        time.sleep(0.1)
    raise AssertionError(f"{pattern} was not said: {text}")


@contextmanager
def console(folder: Path, *arguments: str | Path) -> Iterator[Served]:
    """Show a recording (``seavigil console``), or the invented hour (``seavigil demo --console``)."""
    with process([*arguments, "--port", "0", "--no-browser"], folder) as running:
        yield Served(said(folder, r"(http://127\.0\.0\.1:\d+)/", running))
