"""An exercise on disk: three files, whole or not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seavigil.exercises import gulf_of_finland
from seavigil.exercises.write import write_exercise


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
