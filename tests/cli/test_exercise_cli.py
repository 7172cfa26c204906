"""`seavigil exercise`: a scenario becomes files that the other commands take, marked to the end."""

from __future__ import annotations

import csv
import io
import json

import pytest

from seavigil.exercises.incidents import INCIDENTS
from seavigil.exercises.ordinary import ROLES

SMALL = """\
name = "small"
hours = 2.0
[traffic]
cargo = 6
yacht = 2
"""


@pytest.fixture
def small(tmp_path):
    """Give a small scenario on disk."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


def test_a_scenario_becomes_files(seavigil, small, tmp_path):
    """Recording in both forms, assets, places, weather, depths and truth; the paths are printed."""
    said = seavigil("exercise", "run", small, "--out", tmp_path / "out", "--format", "both")
    assert (said.code, said.err) == (0, "")
    names = [line.rpartition("/")[2] for line in said.out.splitlines()]
    known = ["assets.geojson", "places.geojson", "weather.json", "depths.csv", "truth.json"]
    assert names == ["small.nmea", "small.csv", *known]
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(names)


def test_every_line_of_every_file_says_exercise(seavigil, small, tmp_path):
    """Whatever is cut out of the files can be told from the sea."""
    seavigil("exercise", "run", small, "--out", tmp_path, "--format", "both")
    lines = (tmp_path / "small.nmea").read_bytes().splitlines()
    assert lines
    assert all(line.startswith(b"\\s:EXERCISE-") for line in lines)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "small.csv").read_text())))
    assert rows
    assert all(row["Name"].startswith("EXERCISE ") and row["MMSI"].startswith("299") for row in rows)
    for name in ("assets.geojson", "places.geojson"):
        features = json.loads((tmp_path / name).read_text())["features"]
        assert all(feature["properties"]["exercise"] is True for feature in features)
    assert json.loads((tmp_path / "weather.json").read_text())["exercise"] is True
    assert json.loads((tmp_path / "truth.json").read_text())["exercise"] == "small"


def test_the_watch_takes_both_forms_and_marks_them(seavigil, tmp_path):
    """Alerts on either form say `exercise`, though Danish CSV has no column for stations."""
    path = tmp_path / "night.toml"
    path.write_text('name = "night"\nhours = 8.0\n[traffic]\ncargo = 2\n[[inject]]\nkind = "samus-swan"\n')
    seavigil("exercise", "run", path, "--out", tmp_path, "--format", "both")
    for ending in ("nmea", "csv"):
        recording, assets = tmp_path / f"night.{ending}", tmp_path / "assets.geojson"
        said = seavigil("watch", recording, "--assets", assets, "--format", "ndjson", "--final")
        alerts = [json.loads(line) for line in said.out.splitlines()]
        assert said.code == 0
        assert alerts
        assert all(alert["exercise"] is True for alert in alerts)


def test_the_seed_can_be_given(seavigil, small, tmp_path):
    """The same seed writes the same bytes, another one does not."""
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert seavigil("exercise", "run", small, "--seed", seed, "--out", tmp_path / folder).code == 0
    a, b, c = ((tmp_path / folder / "small.nmea").read_bytes() for folder in "abc")
    assert a == b != c


def test_the_example_is_a_scenario(seavigil, tmp_path):
    """What --example prints is commented and is read without complaint."""
    from seavigil.exercises.scenario import read_scenario

    said = seavigil("exercise", "run", "--example")
    assert said.code == 0
    assert said.out.count("#") > 10
    assert read_scenario(said.out).injects


def test_the_list_names_everything(seavigil):
    """Every incident, every role and every port that a scenario may name."""
    said = seavigil("exercise", "list")
    assert said.code == 0
    assert all(f"  {name} " in said.out for name in (*INCIDENTS, *ROLES))
    assert "Exercise Eastport" in said.out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"hours = 99", "hours: expected a number from 0.1 to 48, found 99"),
        (b"[traffic]\ncargos = 1", "[traffic] cargos: no such key"),
        (b"\xff\xfe", "not UTF-8 text"),
        (b"", "nobody sails"),
    ],
)
def test_a_mistake_is_one_line(seavigil, tmp_path, text, says):
    """Exit code 1 and one line that names the file and what is wrong; nothing is written."""
    path = tmp_path / "wrong.toml"
    path.write_bytes(text)
    said = seavigil("exercise", "run", path, "--out", tmp_path / "out")
    assert said.code == 1
    assert says in said.err
    assert said.err.startswith(f"seavigil: {path}: ")
    assert said.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_missing_scenario_is_one_line(seavigil, tmp_path):
    """No file, and no argument at all."""
    assert "No such file" in seavigil("exercise", "run", tmp_path / "none.toml").err
    assert "--example" in seavigil("exercise", "run").err
