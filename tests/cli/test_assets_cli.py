"""`seavigil assets`: what is printed, where, and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seavigil.assets.read import read
from seavigil.assets.sources import write as write_assets
from seavigil.cli.main import run

LINE = {"type": "LineString", "coordinates": [[20, 59], [21, 59.5]]}
POINT = {"type": "Point", "coordinates": [20, 59]}


def write(path: Path, *geometries: dict[str, object]) -> Path:
    """Write power cables of these geometries."""
    rows = [
        {"type": "Feature", "geometry": g, "properties": {"name": f"Cable {i}", "kind": "power_cable"}}
        for i, g in enumerate(geometries)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return path


def test_check_of_sound_assets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing wrong: exit code 0, and what was not checked is said."""
    assert run(["assets", "check", str(write(tmp_path / "a.geojson", LINE))]) == 0
    out = capsys.readouterr().out
    assert "1 assets usable, 0 errors, 0 warnings" in out
    assert "not checked: routes over land" in out


def test_check_of_a_broken_asset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One broken among sound ones: exit code 2, and the finding as a line and as JSON."""
    path = str(write(tmp_path / "a.geojson", LINE, POINT))
    assert run(["assets", "check", path]) == 2
    assert (
        "error: wrong_shape: Cable 1: kind power_cable wants line, this is point" in capsys.readouterr().out
    )
    assert run(["assets", "check", path, "--json"]) == 2
    facts = json.loads(capsys.readouterr().out)
    assert (facts["assets"], facts["errors"], facts["land_checked"]) == (1, 1, False)
    assert [f["code"] for f in facts["findings"]] == ["wrong_shape"]


@pytest.mark.parametrize("command", ["check", "list"])
def test_unusable_input_is_one_line_and_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """A missing file, and points where lines are wanted: one line on stderr."""
    points = str(write(tmp_path / "p.geojson", POINT))
    for path, said in ((str(tmp_path / "none.geojson"), "no such file"), (points, "nothing usable in it")):
        assert run(["assets", command, path]) == 1
        err = capsys.readouterr().err
        assert said in err
        assert err.count("\n") == 1


def test_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table names id, kind and uncertainty; the JSON holds the same as data."""
    path = str(write(tmp_path / "a.geojson", LINE))
    assert run(["assets", "list", path]) == 0
    out = capsys.readouterr().out
    assert "cable-0" in out
    assert "power_cable" in out
    assert run(["assets", "list", path, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts[0]["asset_id"] == "cable-0"
    assert facts[0]["uncertainty_source"].startswith("unknown")


@pytest.mark.parametrize("ending", ["parquet", "geojson"])
def test_import_writes_what_read_reads(tmp_path: Path, ending: str) -> None:
    """Imported assets are read back the same; the broken one left out gives code 2."""
    path, out = write(tmp_path / "a.geojson", LINE, POINT), tmp_path / f"b.{ending}"
    assert run(["assets", "import", str(path), "--out", str(out)]) == 2
    assert read(out) == read(path)


def test_import_where_nothing_can_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be written is one line and code 1, and nothing half-written stays."""
    path = str(write(tmp_path / "a.geojson", LINE))
    assert run(["assets", "import", path, "--out", str(tmp_path / "b.kml")]) == 1
    assert run(["assets", "import", path, "--out", str(tmp_path / "no" / "b.parquet")]) == 1
    (tmp_path / "c.parquet").symlink_to("/dev/full")
    assert run(["assets", "import", path, "--out", str(tmp_path / "c.parquet")]) == 1
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 3
    assert "written as .parquet or .geojson" in err[0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.geojson", "c.parquet"]


@pytest.mark.parametrize("ending", ["parquet", "geojson"])
def test_a_disk_that_fills_up(tmp_path: Path, ending: str) -> None:
    """When the device is full in the middle the error comes through and no part of the file stays."""
    assets = read(write(tmp_path / "a.geojson", LINE))
    (tmp_path / f"b.{ending}.partial").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write_assets(assets, tmp_path / f"b.{ending}")
    assert [p.name for p in tmp_path.iterdir()] == ["a.geojson"]


@pytest.mark.parametrize("command", ["check", "list", "import"])
def test_help_has_an_example(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Every command explains itself with an example."""
    assert run(["assets", command, "--help"]) == 0
    assert f"Example: seavigil assets {command}" in capsys.readouterr().out
