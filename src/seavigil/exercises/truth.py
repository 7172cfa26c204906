"""The truth of an exercise or a recording, read back from its truth.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seavigil.exercises.traffic import Crossing, Inject
from seavigil.records import parse_time_us


def read_truth(path: Path) -> list[Inject]:
    """Read the parts played from a truth.json as ``write_play`` makes it.

    Raises ``ValueError`` that names the file and what is wrong with it.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return [_inject(row) for row in told["injects"]]
    except OSError as fault:
        raise ValueError(f"{path}: {fault.strerror or fault}") from fault
    except KeyError as fault:
        raise ValueError(f"{path}: no {fault} where one is needed in a truth.json") from fault
    except UnicodeDecodeError as fault:
        raise ValueError(f"{path}: not UTF-8 text") from fault
    except (TypeError, ValueError) as fault:
        raise ValueError(f"{path}: {fault}") from fault


def _inject(row: Mapping[str, Any]) -> Inject:
    drag_began = row.get("drag_began")
    return Inject(
        kind=str(row["kind"]),
        mmsi=int(row["mmsi"]),
        name=str(row.get("name", "")),
        says=str(row.get("says", "")),
        began_us=parse_time_us(row["began"]),
        ended_us=parse_time_us(row["ended"]),
        expects=tuple(row.get("expects", ())),
        assets=tuple(row.get("assets", ())),
        crossings=tuple(_crossing(c) for c in row.get("crossings", ())),
        incident=row.get("incident"),
        slows_by=row.get("slows_by"),
        drag_began_us=None if drag_began is None else parse_time_us(drag_began),
        other_mmsis=tuple(int(mmsi) for mmsi in row.get("other_mmsis", ())),
    )


def _crossing(row: Mapping[str, Any]) -> Crossing:
    return Crossing(
        mmsi=int(row["mmsi"]),
        asset=str(row["asset"]),
        crossed_at_us=parse_time_us(row["crossed_at"]),
        lat_deg=float(row["lat_deg"]),
        lon_deg=float(row["lon_deg"]),
        sog_kn=float(row["sog_kn"]),
        heard=bool(row.get("heard", True)),
    )
