"""The house rules that no other tool checks."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import seavigil

# Written in pieces, or this file would break its own rule.
MACHINE_PATHS = re.compile(r"(?<![\w.])/" + r"(?:root|work|home/\w+|Users/\w+|tmp/\w+)/")
REGISTRY_HOSTS = re.compile("pypi" + r"\.org|python" + "hosted|npm" + "js|--index" + "-url")
PIN = re.compile(r'([\w.-]+)==[\w.+-]+(?:; python_version == "3\.\d+")?')
PURE = ("feeds/formats", "tracks", "behaviours", "risk", "alerts", "normal")
PURE_MODULES = ("records.py", "hashing.py", "geodesy.py", "events.py", "track.py")
MAKE = re.compile(r"(?:`|^|\$ )make ([a-z]+)", re.MULTILINE)
HEAVY = ("matplotlib", "numpy", "polars", "pandas", "pyarrow", "shapely", "pyproj", "pyogrio")


def tracked(root: Path) -> list[Path]:
    """Give the tracked text files; outside a clone (a source archive, say) skip."""
    try:
        listing = subprocess.check_output(["git", "ls-files", "-z"], cwd=root, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git clone, or no git: which files are tracked is unknown")
    files = (root / name for name in listing.decode().split("\0") if name)
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()]


def test_no_machine_paths_or_registries(repository: Path) -> None:
    """A clone works anywhere: no tracked file names a folder of one machine or a package registry."""
    found = [
        f"{file.relative_to(repository)}: {match.group()}"
        for file in tracked(repository)
        for pattern in (MACHINE_PATHS, REGISTRY_HOSTS)
        for match in pattern.finditer(file.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_every_dependency_is_pinned_without_addresses(repository: Path) -> None:
    """Each package that pyproject names has its version in constraints.txt, and no line has an address."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(line for extra in extras for line in extra)]
    names = {re.split(r"[^\w.-]", line, maxsplit=1)[0].lower().replace("_", "-") for line in wanted}
    lines = (repository / "constraints.txt").read_text().splitlines()
    pins = {line: PIN.fullmatch(line) for line in lines if not line.startswith("#")}
    assert [line for line, pin in pins.items() if pin is None] == []
    assert names - {pin[1] for pin in pins.values() if pin} == set()


def test_changelog_knows_this_version(repository: Path) -> None:
    """The changelog has an entry for the version that the package says it is."""
    assert f"## {seavigil.__version__}" in (repository / "CHANGELOG.md").read_text()


def test_readme_names_only_make_targets_that_exist(repository: Path) -> None:
    """Whoever types a make command from a page gets what the page promises."""
    targets = set(re.findall(r"^([a-z]+):.*##", (repository / "Makefile").read_text(), re.MULTILINE))
    pages = [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]
    named = {
        name
        for page in pages
        for name in re.findall(r"(?:`|^|\$ )make ([a-z]+)", page.read_text(), re.MULTILINE)
    }
    assert {"demo", "test"} <= named <= targets


def test_links_in_top_pages_lead_somewhere(repository: Path) -> None:
    """README, CONTRIBUTING and CHANGELOG point only at files that are here."""
    broken = [
        f"{page.name}: {target}"
        for page in repository.glob("*.md")
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text())
        if "://" not in target and not (repository / target).exists()
    ]
    assert broken == []


def pure_files(root: Path) -> list[Path]:
    """Give the source files that may do no input or output and know no clock."""
    src = root / "src" / "seavigil"
    return [*(src / name for name in PURE_MODULES), *(f for part in PURE for f in (src / part).rglob("*.py"))]


def forbidden_call(node: ast.AST) -> str | None:
    """Name the call where it touches the world: a builtin by its name, a clock or a writer by its method."""
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Name):
        return node.func.id if node.func.id in {"open", "print", "input", "exec", "eval"} else None
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return (
        method
        if method in {"now", "utcnow", "today", "write_parquet", "sink_parquet", "write_table"}
        else None
    )


def test_pure_parts_open_nothing_and_read_no_clock(repository: Path) -> None:
    """What the import rules cannot see: a call of open or print, or of a clock's or a writer's method."""
    found = [
        f"{file.relative_to(repository)}:{node.lineno} {name}"
        for file in pure_files(repository)
        for node in ast.walk(ast.parse(file.read_text()))
        if (name := forbidden_call(node))
    ]
    assert found == []


def test_command_line_starts_light() -> None:
    """Help comes at once: importing the command line loads no table, array or geometry library."""
    code = f"import sys, seavigil.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
