"""Write an exercise to a folder: what was heard, what is known, the truth (the only I/O here)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seavigil.exercises.plays import Play
from seavigil.exercises.traffic import NOTE, Crossing, Exercise, Inject, geojson
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


def write_play(play: Play, folder: Path, *, nmea: bool = True, dma_csv: bool = True) -> tuple[Path, ...]:
    """Write what was heard (``<name>.nmea``, ``<name>.csv``) and what is known, and give the paths.

    Always written: ``assets.geojson``, ``places.geojson``, ``weather.json``, ``depths.csv`` and
    ``truth.json``. The folder is made if need be. Each file appears whole or not at all; ``OSError``
    passes through.
    """
    files = {
        "assets.geojson": geojson(play.assets),
        "places.geojson": play.places_geojson,
        "weather.json": json.dumps(play.weather, indent=1) + "\n",
        "depths.csv": _depths(play),
        "truth.json": truth_json(play),
    }
    if dma_csv:
        files = {f"{play.name}.csv": "".join(f"{row}\n" for row in play.dma_rows()), **files}
    if nmea:
        files = {f"{play.name}.nmea": play.sentences().decode("ascii"), **files}
    return write_texts(folder, files)


def write_texts(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write texts under their names in ``folder``, each whole or not at all; gives the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        _write(folder / name, text.encode())
    return tuple(folder / name for name in texts)


def truth_json(exercise: Exercise | Play) -> str:
    """Write who did what and when, times in RFC 3339: the parts played, then every true crossing."""
    whole = {
        "exercise": exercise.name,
        "note": NOTE,
        "seed": exercise.seed,
        "began": rfc3339(exercise.began_us),
        "ended": rfc3339(exercise.ended_us),
        "injects": [_inject(inject) for inject in exercise.truth],
        "crossings": _crossings(exercise.crossings),
    }
    return json.dumps(whole, indent=1) + "\n"


def _inject(inject: Inject) -> dict[str, Any]:
    return {
        "kind": inject.kind,
        "mmsi": inject.mmsi,
        "other_mmsis": inject.other_mmsis,
        "name": inject.name,
        "says": inject.says,
        "began": rfc3339(inject.began_us),
        "ended": rfc3339(inject.ended_us),
        "expects": inject.expects,
        "assets": inject.assets,
        "incident": inject.incident,
        "drag_began": rfc3339(inject.drag_began_us),
        "slows_by": None if inject.slows_by is None else round(inject.slows_by, 4),
        "crossings": _crossings(inject.crossings),
    }


def _depths(play: Play) -> str:
    rows = (f"{lat:.6f},{lon:.6f},{depth_m:.1f}\n" for lat, lon, depth_m in play.depths.tolist())
    return "lat_deg,lon_deg,depth_m\n" + "".join(rows)


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
