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
    done = subprocess.run(
        [str(NODE), "run.js"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
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


def test_a_link_that_asks_for_no_moment_says_so(tmp_path: Path) -> None:
    """A moment there are data of is shown without a word; one outside, or none at all, is told."""
    told = node(
        tmp_path,
        """
const { Clock } = await import("./lib/clock.js");
const extent = { mode: "recording", began_at: "2025-11-20T03:59:59.500Z", ended_at: "2025-11-20T05:15:01Z" };
const sound = ["2025-11-20T04:30:00Z", "2025-11-20 04:30", "2025-11-20T03:59:59Z"];
const asked = [...sound, "9999-01-01T00:00:00Z", "9999", "garbage"];
console.log(JSON.stringify(asked.map((text) => new Clock(extent).follow(text))));""",
    )
    assert told[:3] == [None, None, None]
    assert told[3] == (
        "There are no data of 9999-01-01 00:00:00Z, the time in the link: 2025-11-20 05:15:01Z is shown."
    )
    assert told[4:] == [
        f"The time in the link, “{text}”, cannot be read: the newest is shown."
        for text in ("9999", "garbage")
    ]


def test_an_alert_waits_for_an_answer_from_when_it_rose(tmp_path: Path) -> None:
    """An ordinary passage asks for none: what rises from one waits from then, and anew after it was over."""
    steps = [
        ("info", "open"),
        ("info", "closed"),
        ("info", "open"),
        ("advisory", "open"),
        ("warning", "open"),
    ]
    rows = [{"priority": p, "status": s, "revised_at": str(n)} for n, (p, s) in enumerate(steps)]
    told = node(
        tmp_path,
        f"""
const {{ waitsSince }} = await import("./views/inbox/read.js");
console.log(JSON.stringify([waitsSince({json.dumps(rows)}), waitsSince({json.dumps(rows[3:])})]));""",
    )
    assert told == ["3", "3"]
