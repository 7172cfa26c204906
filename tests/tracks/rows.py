"""Reports for tests of tracks: from a few columns, and from the real recordings."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from seavigil.feeds.formats import nmea
from seavigil.hashing import mix
from seavigil.records import REPORTS, SECOND_US, Decoded, join, parse_time_us, table
from seavigil.tracks import Tracker, TrackParams

T0_US = 1_400_000_000 * SECOND_US
Row = tuple[int, float, float | None, float | None, float | None]


def reports(rows: Sequence[Row], *, time_source: int = 1, payload: Sequence[int] | None = None) -> pa.Table:
    """Give REPORTS from (mmsi, seconds after T0, latitude, longitude, SOG)."""
    mmsi = np.array([r[0] for r in rows], dtype=np.uint32)
    time_us = np.array([T0_US + round(r[1] * SECOND_US) for r in rows], dtype=np.int64)
    lat, lon, sog = (_floats(r[i] for r in rows) for i in (2, 3, 4))
    payload_id = mix(mmsi, time_us, lat, lon, sog) if payload is None else np.array(payload, dtype=np.uint64)
    columns = {
        "report_id": mix(payload_id, time_us // SECOND_US),
        "payload_id": payload_id,
        "time_us": time_us,
        "time_source": np.full(len(rows), time_source, dtype=np.uint8),
        "mmsi": mmsi,
        "lat_deg": lat,
        "lon_deg": lon,
        "sog_kn": sog,
    }
    return table(REPORTS, columns, len(rows))


def track(table: pa.Table, *, params: TrackParams | None = None, cuts: Iterable[int] = ()) -> pa.Table:
    """Run a table through a tracker, cut before the given rows; give all that was released."""
    tracker = Tracker(params)
    edges = [0, *sorted(cuts), table.num_rows]
    parts = [tracker.add(Decoded(table.slice(begin, end - begin))) for begin, end in pairwise(edges)]
    parts.append(tracker.add(Decoded(), final=True))
    return pa.concat_tables([p.reports for p in parts])


def column(tracked: pa.Table, name: str) -> list[object]:
    """Give one column as a list."""
    values: list[object] = tracked[name].to_pylist()
    return values


def solent(shared_data: Path) -> pa.Table:
    """Give the Solent harbour recording."""
    with gzip.open(shared_data / "ais" / "uk-solent-20160112-1302.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    return reports(
        [
            (
                int(r["MMSI"]),
                (parse_time_us(r["Time"] + "Z") - T0_US) / SECOND_US,
                float(r["Latitude_degrees"]),
                float(r["Longitude_degrees"]),
                float(r["SOG_knots"]) if r["SOG_knots"] else None,
            )
            for r in rows
        ]
    )


def one_mmsi(shared_data: Path, mmsi: int) -> tuple[pa.Table, dict[int, str]]:
    """Give a recording of one MMSI, and the outside label of each report where it has one."""
    lines = (shared_data / "ais" / "shared-mmsi" / f"tests_data_{mmsi}.json").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    table = reports(
        [
            (mmsi, (parse_time_us(r["timestamp"]) - T0_US) / SECOND_US, r["lat"], r["lon"], r["speed"])
            for r in rows
        ]
    )
    labels = {
        i: r["expected"] for i, r in zip(table["report_id"].to_pylist(), rows, strict=True) if "expected" in r
    }
    return table, labels


def danish(shared_data: Path, name: str) -> Decoded:
    """Give one of the Danish NMEA recordings, decoded, as if received today."""
    raw = (shared_data / "ais" / name).read_bytes()
    receiver = nmea.FORMAT.open(name)
    received_us = parse_time_us("2026-01-01T00:00:00Z")
    text = gzip.decompress(raw) if name.endswith(".gz") else raw
    return join([receiver.receive(text, received_us=received_us), receiver.finish(received_us=received_us)])


def _floats(values: Iterable[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
