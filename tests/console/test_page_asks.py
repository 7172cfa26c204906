"""How the page asks: an answer that never comes is given up and said, never waited on for ever."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from seavigil.console import STATIC

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="there is no node here to run the page's modules")


def node(tmp_path: Path, script: str) -> Any:
    """Run a module's text beside the page's modules and give what it prints."""
    for folder in ("lib", "map", "views"):
        shutil.copytree(STATIC / folder, tmp_path / folder)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "run.js").write_text(script)
    done = subprocess.run([str(NODE), "run.js"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


_SWALLOWED = """
const ended = (signal) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason)));
globalThis.fetch = (_, { signal }) => ended(signal);
const alive = setInterval(() => {}, 1000);
"""


def test_an_answer_that_never_comes_is_given_up(tmp_path: Path) -> None:
    """A line that swallows everything gives a problem in words, as a service that is gone does."""
    told = node(
        tmp_path,
        _SWALLOWED
        + """
const { get } = await import("./lib/api.js");
const fault = await get("/api/alerts", {}, { withinMs: 50 }).catch((fault) => fault);
console.log(JSON.stringify([fault.name, fault.status, fault.message]));
clearInterval(alive);""",
    )
    assert told == ["Error", 0, "The service did not answer within 0.05 s."]


def test_an_answer_that_breaks_off_is_given_up(tmp_path: Path) -> None:
    """The head of an answer alone is no answer."""
    told = node(
        tmp_path,
        _SWALLOWED
        + """
globalThis.fetch = async (_, { signal }) => ({ ok: true, status: 200, json: () => ended(signal) });
const { get } = await import("./lib/api.js");
const fault = await get("/api/alerts", {}, { withinMs: 50 }).catch((fault) => fault);
console.log(JSON.stringify([fault.status, fault.message]));
clearInterval(alive);""",
    )
    assert told == [0, "The service did not answer within 0.05 s."]


def test_what_is_called_off_is_no_fault_of_the_service(tmp_path: Path) -> None:
    """Whoever no longer wants an answer gets what a browser gives then."""
    told = node(
        tmp_path,
        _SWALLOWED
        + """
const { get } = await import("./lib/api.js");
const control = new AbortController();
const asked = get("/api/alerts", {}, { signal: control.signal }).catch((fault) => fault);
control.abort();
console.log(JSON.stringify((await asked).name));
clearInterval(alive);
process.exit(0);""",
    )
    assert told == "AbortError"
