"""What the pages show is what the program does, and the built site asks nobody else for anything."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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
    names = ("reference/cli.html", "reference/records.html", "reference/api.html")
    assert [name for name in names if not (site / name).is_file()] == []
    assert "position_uncertainty_m" in (site / "reference/records.html").read_text()
