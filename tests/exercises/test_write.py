"""An exercise on disk: three files, whole or not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seavigil.exercises import gulf_of_finland
from seavigil.exercises.incidents import incident
from seavigil.exercises.scenario import read_scenario
from seavigil.exercises.staging import staged
from seavigil.exercises.write import truth_json, write_exercise, write_play
from seavigil.records import rfc3339


@pytest.fixture(scope="module")
def exercise():
    """Give the demo once."""
    return gulf_of_finland()


def test_the_files_hold_the_exercise(exercise, tmp_path):
    """The recording is the exercise's bytes, the assets GeoJSON, the truth has the drag's crossings."""
    nmea, assets, truth = write_exercise(exercise, tmp_path / "new" / "folder")
    assert nmea.read_bytes() == exercise.nmea
    assert len(json.loads(assets.read_text())["features"]) == 4
    told = json.loads(truth.read_text())
    assert (told["began"], told["ended"]) == ("2025-11-20T04:00:00Z", "2025-11-20T05:15:00Z")
    (drag,) = [inject for inject in told["injects"] if inject["kind"] == "anchor_drag"]
    assert [c["asset"] for c in drag["crossings"]] == ["Demo Link 1", "Demo Fibre 2"]
    assert drag["crossings"][0]["crossed_at"].startswith("2025-11-20T04:2")
    assert len(told["crossings"]) == len(exercise.crossings)


def test_a_failed_write_leaves_nothing_half_done(exercise, tmp_path, monkeypatch):
    """When the disk is full the old file stays as it was and no temporary file is left."""
    nmea, _, _ = write_exercise(exercise, tmp_path)
    nmea.write_bytes(b"before")
    monkeypatch.setattr(Path, "write_bytes", _disk_full)
    with pytest.raises(OSError, match="No space left"):
        write_exercise(exercise, tmp_path)
    monkeypatch.undo()
    assert nmea.read_bytes() == b"before"
    assert {path.name for path in tmp_path.iterdir()} == {nmea.name, "assets.geojson", "truth.json"}


def _disk_full(path: Path, body: bytes) -> int:
    with path.open("wb") as half:
        half.write(body[:100])
    raise OSError(28, "No space left on device")


@pytest.fixture(scope="module")
def short_play():
    """Give half an hour of six ships."""
    return staged(read_scenario('name = "half-hour"\nhours = 0.5\n[traffic]\ncargo = 6\n'))


def test_a_play_on_disk_is_the_play(short_play, tmp_path):
    """Sentences, rows, places, weather and depths are those of the play, and its truth is told."""
    paths = {path.name: path.read_bytes() for path in write_play(short_play, tmp_path)}
    assert paths["half-hour.nmea"] == short_play.sentences()
    assert paths["half-hour.csv"].decode().splitlines() == list(short_play.dma_rows())
    assert json.loads(paths["places.geojson"]) == json.loads(short_play.places_geojson)
    assert json.loads(paths["weather.json"]) == short_play.weather
    assert len(paths["depths.csv"].splitlines()) == len(short_play.depths) + 1
    assert len(json.loads(paths["truth.json"])["injects"]) == len(short_play.truth)


@pytest.mark.parametrize("form", ["nmea", "dma_csv"])
def test_one_form_alone_can_be_written(short_play, tmp_path, form):
    """With one form switched off the other is there, and everything that is known."""
    names = {path.name for path in write_play(short_play, tmp_path, **{form: False})}
    assert names & {"half-hour.nmea", "half-hour.csv"} == {
        "half-hour.csv" if form == "nmea" else "half-hour.nmea"
    }
    assert len(names) == 6


def test_the_truth_tells_an_incident(tmp_path):
    """Which documented case, when the anchor went down, and how much it slowed her."""
    play = incident("samus-swan", 2)
    (told,) = [i for i in json.loads(truth_json(play))["injects"] if i["incident"] == "samus-swan"]
    (truth,) = [i for i in play.truth if i.incident == "samus-swan"]
    assert told["slows_by"] == pytest.approx(truth.slows_by, abs=1e-4)
    assert told["drag_began"] == rfc3339(truth.drag_began_us)
    assert [c["asset"] for c in told["crossings"]] == [c.asset for c in truth.crossings]
