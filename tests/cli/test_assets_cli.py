"""`seavigil assets`: what is printed, where, and with which exit code."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from seavigil.assets.read import read
from seavigil.assets.sources import write as write_assets
from seavigil.cli.main import run
from seavigil.records import REPORTS

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


SENTENCE = b"!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24\n"
TABLE = b"time,mmsi,lat,lon\n2024-12-31 10:00:00,219000001,55.5,11.5\n"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.nmea", SENTENCE, "nmea"),
        ("a.nmea.gz", gzip.compress(SENTENCE * 2000), "nmea"),
        ("a.log", b"# receiver log\n\\s:north,c:1600000000*4A\\" + SENTENCE, "nmea"),
        ("a.csv", TABLE, "csv"),
        ("a.json", b'{"MessageType": "PositionReport", "MetaData": {"MMSI": 1}}\n' * 2, "json"),
    ],
)
def test_a_recording_given_as_assets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, data: bytes, kind: str
) -> None:
    """Swapped arguments are the likeliest reason, so the one line asks for them."""
    path = tmp_path / name
    path.write_bytes(data)
    assert run(["assets", "list", str(path)]) == 1
    said = f"seavigil: {path}: looks like an AIS recording ({kind}): are the arguments swapped?\n"
    assert capsys.readouterr().err == said


def test_a_table_of_reports_given_as_assets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The Parquet that a watch writes is known too."""
    path = tmp_path / "reports.parquet"
    pq.write_table(REPORTS.empty_table(), path)
    assert run(["assets", "list", str(path)]) == 1
    assert "looks like an AIS recording (parquet)" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp", "a.fgb", "a.parquet", "a.csv", "a.bin"])
def test_foreign_content_is_told_in_short(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Whatever the library says at length, the line names the file once and ends with a whole word."""
    path = tmp_path / name
    path.write_bytes(b"\x01\x02 no map " * 50)
    assert run(["assets", "list", str(path)]) == 1
    err = capsys.readouterr().err
    assert err.count(str(path)) == 1
    assert len(err) < len(str(path)) + 220
    assert "<DRIVER>" not in err


def test_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table names id, kind and uncertainty; the JSON holds the same as data."""
    path = str(write(tmp_path / "a.geojson", LINE))
    assert run(["assets", "list", path]) == 0
    out = capsys.readouterr().out
    assert "cable-0" in out
    assert "power_cable" in out
    assert "Uncertainty from" in out
    assert "unknown" in out
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
    assert err[1] == f"seavigil: {tmp_path}/no/b.parquet: no folder {tmp_path}/no to write it in"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.geojson", "c.parquet"]


@pytest.mark.parametrize("ending", ["parquet", "geojson"])
def test_a_disk_that_fills_up(tmp_path: Path, ending: str) -> None:
    """When the device is full in the middle the error comes through and no part of the file stays."""
    assets = read(write(tmp_path / "a.geojson", LINE))
    (tmp_path / f"b.{ending}.partial").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as caught:
        write_assets(assets, tmp_path / f"b.{ending}")
    assert (caught.value.strerror, caught.value.filename) == (
        "No space left on device",
        str(tmp_path / f"b.{ending}"),
    )
    assert [p.name for p in tmp_path.iterdir()] == ["a.geojson"]


@pytest.mark.parametrize("command", ["check", "list", "import"])
def test_help_has_an_example(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Every command explains itself with an example."""
    assert run(["assets", command, "--help"]) == 0
    assert f"Example: seavigil assets {command}" in capsys.readouterr().out
