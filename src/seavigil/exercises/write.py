"""Write an exercise to a folder: the sentences, the assets, and the truth (the only I/O here)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seavigil.exercises.traffic import NOTE, Crossing, Exercise
from seavigil.records import rfc3339


def write_exercise(exercise: Exercise, folder: Path) -> tuple[Path, Path, Path]:
    """Write ``<name>.nmea``, ``assets.geojson`` and ``truth.json`` and give their paths, in that order.

    The folder is made if need be. Each file appears whole or not at all; ``OSError`` passes through.
    """
    folder.mkdir(parents=True, exist_ok=True)
    nmea, assets, truth = folder / f"{exercise.name}.nmea", folder / "assets.geojson", folder / "truth.json"
    _write(nmea, exercise.nmea)
    _write(assets, exercise.assets_geojson.encode())
    _write(truth, truth_json(exercise).encode())
    return nmea, assets, truth


def truth_json(exercise: Exercise) -> str:
    """Write who did what and when, times in RFC 3339: the parts played, then every true crossing."""
    whole = {
        "exercise": exercise.name,
        "note": NOTE,
        "seed": exercise.seed,
        "began": rfc3339(exercise.began_us),
        "ended": rfc3339(exercise.ended_us),
        "injects": [
            {
                "kind": inject.kind,
                "mmsi": inject.mmsi,
                "name": inject.name,
                "says": inject.says,
                "began": rfc3339(inject.began_us),
                "ended": rfc3339(inject.ended_us),
                "expects": inject.expects,
                "assets": inject.assets,
                "crossings": _crossings(inject.crossings),
            }
            for inject in exercise.truth
        ],
        "crossings": _crossings(exercise.crossings),
    }
    return json.dumps(whole, indent=1) + "\n"


def _crossings(crossings: Sequence[Crossing]) -> list[dict[str, Any]]:
    rows = []
    for crossing in crossings:
        row = asdict(crossing)
        rows.append({"crossed_at": rfc3339(row.pop("crossed_at_us")), **row})
    return rows


def _write(path: Path, body: bytes) -> None:
    """Write under a temporary name, then rename: a full disk leaves nothing half-written."""
    half = path.with_name(f".{path.name}.part")
    try:
        half.write_bytes(body)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
