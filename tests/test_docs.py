"""What the pages show is what the program does, and the built site asks nobody else for anything."""

from __future__ import annotations

import ast
import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from seavigil.alerts import Alert, AlertAsset, VesselFacts
from seavigil.alerts.channels import CHANNELS
from seavigil.alerts.channels import described as of_channel
from seavigil.alerts.lifecycle import TRANSITIONS
from seavigil.behaviours import CATALOGUE
from seavigil.reasons import REASONS
from seavigil.risk import innocent
from seavigil.risk.assess import PRIORITIES
from seavigil.risk.cases import FAULT_MATCH
from seavigil.runners.settings import described
from seavigil.runners.summary import Summary

ROOT = Path(__file__).resolve().parents[1]

FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
#: What makes a browser fetch: everything with a source, and links other than <a>.
LOADS = re.compile(
    r"""<(?!a\s)[a-z]+[^>]*\s(?:src|href|srcset|data|poster)\s*=\s*["']?((?:https?:)?//[^"'\s>]+)
    |(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""",
    re.VERBOSE | re.IGNORECASE,
)


def blocks(page: Path, language: str) -> list[str]:
    """Give the fenced blocks of ``language`` on ``page``, in order."""
    return [body for name, body in FENCE.findall(page.read_text()) if name == language]


def pages_with(language: str) -> list[str]:
    """Give the pages (by path in the repository) that have a fenced block of ``language``."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [str(page.relative_to(ROOT)) for page in pages if blocks(page, language)]


@pytest.mark.parametrize("page", pages_with("pycon"))
def test_python_on_a_page(page: str) -> None:
    """Every Python session on the page gives what the page shows."""
    session = "\n".join(blocks(ROOT / page, "pycon"))
    test = doctest.DocTestParser().get_doctest(session, {}, page, page, 0)
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    report: list[str] = []
    runner.run(test, out=report.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(report)


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one command line as a reader would, with this Python's seavigil and no terminal."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "COLUMNS": "110", "NO_COLOR": "1", "TERM": "dumb"}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=env,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with("console"))
def test_commands_on_a_page(page: str, tmp_path: Path) -> None:
    """Every command on the page succeeds, one after another in one folder, and prints what is shown."""
    checker = doctest.OutputChecker()
    for block in blocks(ROOT / page, "console"):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, expected = re.match(r"(.*\n(?:> .*\n)*)((?:.*\n)*)", step).groups()
            command = command.replace("\n> ", "\n")
            done = shell(command, tmp_path)
            assert done.returncode == 0, f"{command}\n{done.stdout}"
            if expected.strip():
                assert checker.check_output(expected, done.stdout, FLAGS), f"{command}\n{done.stdout}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the documentation once, with every warning an error (--quiet would hide them from --strict)."""
    pytest.importorskip("mkdocs", reason="pip install seavigil[docs] to test the built pages")
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_site_loads_nothing_from_outside(site: Path) -> None:
    """The pages can be read with no network: no script, font, style or picture comes from elsewhere."""
    outside = [
        f"{file.relative_to(site)}: {''.join(match.groups(default=''))}"
        for file in site.rglob("*")
        if file.suffix in {".html", ".css", ".svg"}
        for match in LOADS.finditer(file.read_text(encoding="utf-8"))
    ]
    assert outside == []


def test_outside_loads_would_be_seen() -> None:
    """The pattern above finds each way in which a page can fetch, and leaves plain links alone."""
    fetching = (
        '<script src="https://cdn.example/x.js">',
        "<link rel=stylesheet href=//fonts.example/css>",
        "<img alt='' src='http://e.example/a.png'>",
        "@import 'https://e.example/a.css'",
        "src: url(https://e.example/a.woff2)",
    )
    assert all(LOADS.search(text) for text in fetching)
    assert not LOADS.search('<a class="x" href="https://example.org/">')


def test_reference_is_generated(site: Path) -> None:
    """The pages made from the code are there: commands, tables and modules."""
    names = ("reference/cli.html", "reference/records.html", "reference/api.html", "reference/settings.html")
    assert [name for name in names if not (site / name).is_file()] == []
    assert "position_uncertainty_m" in (site / "reference/records.html").read_text()


def test_every_setting_is_explained(site: Path) -> None:
    """The page of settings has each key of each table, options of transports, and keys of channels."""
    page = (site / "reference/settings.html").read_text()
    names = {key.key for key in described()} | {name for kind in CHANNELS for name, *_ in of_channel(kind)}
    assert {
        name for name in names | {"retry_most_s", "ca_file"} if f"<code>{name}</code>" not in page
    } == set()


def test_numbers_have_meanings(site: Path) -> None:
    """The page of the tables says what the numbers in `flags`, `time_source` and `transceiver` mean."""
    page = (site / "reference/records.html").read_text()
    for name in ("wrong_clock", "instruments", "sar_aircraft"):
        assert f"<code>{name}</code>" in page
    assert 'href="#flag"' in page


def rows(heading: str) -> set[str]:
    """Give what the tables under one heading of the page on alerts name in their first column."""
    page = (ROOT / "docs/reference/alerts.md").read_text()
    part = re.split(r"^#+ ", page.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    firsts = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return {name for first in firsts for name in re.findall(r"`(\w+)`", first)}


def reason_codes() -> set[str]:
    """Give every code that the source passes to Reason, and every code that has words."""
    files = [file for part in ("behaviours", "risk") for file in (ROOT / "src/seavigil" / part).glob("*.py")]
    calls = [n for file in files for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.Call)]
    made = [c.args[0] for c in calls if isinstance(c.func, ast.Name) and c.func.id == "Reason"]
    assert all(isinstance(code, ast.Constant) for code in made)
    return {code.value for code in made if isinstance(code, ast.Constant)} | set(REASONS)


def test_every_key_of_an_alert_line_is_explained() -> None:
    """The page on alerts has each key that a line has, no other, and so for its ship and its assets."""
    line = Alert(
        alert_id="",
        revision=1,
        status="open",
        priority="info",
        behaviours=(),
        behaviour_first_seen_us={},
        vessel=VesselFacts(0, ""),
        assets=(AlertAsset("", "", ""),),
        began_us=0,
        ended_us=None,
        detected_at_us=0,
        revised_at_us=0,
        lat_deg=None,
        lon_deg=None,
        reasons=(),
        innocent_readings=(),
        coverage={},
        data_quality={},
        event_ids=(),
        exercise=True,
        silenced_by="s",
        outcome="harmless",
    ).as_json()
    assert rows("The line") == set(line)
    assert rows("Vessel") == set(line["vessel"])
    assert rows("Assets") == set(line["assets"][0])


def test_every_code_of_an_alert_is_explained() -> None:
    """The page on alerts has each reason, reading, status, priority and behaviour, and no other."""
    assert rows("Reasons") == reason_codes()
    assert rows("Innocent readings") == {reading.code for reading in innocent._READINGS}
    assert rows("Priority") == set(PRIORITIES)
    assert rows("Status") >= {status for status, _ in TRANSITIONS} | set(TRANSITIONS.values())
    assert rows("When it began") == {behaviour.name for behaviour in CATALOGUE} | {FAULT_MATCH}


def test_every_key_of_the_summary_is_explained() -> None:
    """The page on alerts has each key of summary.json and no other."""
    assert rows("summary.json") == set(Summary().as_json())
