"""The results of a watch as files: all of them, or none."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from seavigil.records import EVENTS, REJECTS, TRACKED, VESSELS
from seavigil.store.disk import named
from seavigil.store.rows import alert_columns

#: One row is one revision of one alert; ``json`` is the ndjson line itself.
ALERTS = pa.schema(
    [
        pa.field("alert_id", pa.string(), nullable=False),
        pa.field("revision", pa.uint16(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("priority", pa.string(), nullable=False),
        pa.field("behaviours", pa.list_(pa.string())),
        pa.field("vessel_id", pa.string()),
        pa.field("mmsi", pa.uint32()),
        pa.field("name", pa.string()),
        pa.field("asset_ids", pa.list_(pa.string())),
        pa.field("began_us", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("ended_us", pa.timestamp("us", tz="UTC")),
        pa.field("detected_at_us", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("revised_at_us", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("lat_deg", pa.float64(), metadata={"unit": "deg"}),
        pa.field("lon_deg", pa.float64(), metadata={"unit": "deg"}),
        pa.field("event_ids", pa.list_(pa.string())),
        pa.field("json", pa.string(), nullable=False),
    ]
)

_TABLES: Mapping[str, pa.Schema] = {
    "reports": TRACKED,
    "vessels": VESSELS,
    "events": EVENTS,
    "alerts": ALERTS,
    "rejects": REJECTS,
}


class Results:
    """Writes into a hidden folder beside the wanted names and renames when all is whole.

    Raises ``OSError`` when the folder cannot be written; then nothing of it is left behind.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = [f for f in (folder, *folder.parents) if not f.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        self._partial = Path(tempfile.mkdtemp(prefix=".seavigil-partial-", dir=folder))
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Results:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing half-written: what was not committed goes."""
        for writer in self._writers.values():
            _close_quietly(writer)
        shutil.rmtree(self._partial, ignore_errors=True)
        if error is not None:
            for folder in self._made:
                _remove_if_empty(folder)

    def add(self, name: str, rows: pa.Table) -> None:
        """Append rows to the table ``name`` (reports, vessels, events, alerts or rejects)."""
        with named(self._folder):
            if name not in self._writers:
                self._writers[name] = pq.ParquetWriter(self._path(name), _TABLES[name], compression="zstd")
            if rows.num_rows:
                self._writers[name].write_table(rows)

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write one JSON file."""
        with named(self._folder), (self._partial / name).open("w", encoding="utf-8") as out:
            json.dump(content, out, ensure_ascii=False, indent=1)
            out.write("\n")

    def write_geojson(self, name: str, features: Iterable[Mapping[str, Any]]) -> None:
        """Write a FeatureCollection (RFC 7946), one feature a line, never all in memory."""
        with named(self._folder), (self._partial / name).open("w", encoding="utf-8") as out:
            out.write('{"type": "FeatureCollection", "features": [')
            for number, feature in enumerate(features):
                out.write(",\n" if number else "\n")
                json.dump(feature, out, ensure_ascii=False)
            out.write("\n]}\n")

    def newest_alerts(self) -> Iterator[dict[str, Any]]:
        """Give the line of each alert's last revision; after it no alert can be added."""
        with named(self._folder):
            self.add("alerts", ALERTS.empty_table())
            self._writers["alerts"].close()
            newest: dict[str, int] = {}
            for rows in self._batches("alerts", "alert_id", "revision"):
                newest.update(zip(rows["alert_id"].to_pylist(), rows["revision"].to_pylist(), strict=True))
            for rows in self._batches("alerts", "alert_id", "revision", "json"):
                for row in rows.to_pylist():
                    if newest[row["alert_id"]] == row["revision"]:
                        yield json.loads(row["json"])

    def _batches(self, name: str, *columns: str) -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(self._path(name)) as file:
            yield from file.iter_batches(batch_size=1_000, columns=list(columns))

    def _path(self, name: str) -> Path:
        return self._partial / f"{name}.parquet"

    def commit(self) -> list[Path]:
        """Close every table, empty ones too, and move all into place; gives the files' paths."""
        for name, schema in _TABLES.items():
            self.add(name, schema.empty_table())
        with named(self._folder):
            for writer in self._writers.values():
                writer.close()
        parts = sorted(self._partial.iterdir())
        for part in parts:
            with part.open("rb") as file:
                os.fsync(file.fileno())
        for part in parts:
            part.replace(self._folder / part.name)
        return [self._folder / part.name for part in parts]


def alerts_table(
    lines: Sequence[Mapping[str, Any]], times_us: Sequence[Mapping[str, int | None]]
) -> pa.Table:
    """Give ndjson lines (and their times in microseconds) as rows of ALERTS."""
    return pa.Table.from_pylist(
        [_alert_row(li, t) for li, t in zip(lines, times_us, strict=True)], schema=ALERTS
    )


def _alert_row(line: Mapping[str, Any], times_us: Mapping[str, int | None]) -> dict[str, Any]:
    return {**alert_columns(line, times_us), "json": json.dumps(line, ensure_ascii=False)}


def _close_quietly(writer: pq.ParquetWriter) -> None:
    # the disk that made the write fail makes the close fail too; that error is on its way up
    with suppress(OSError, pa.ArrowException):
        writer.close()


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # somebody else put something there
        folder.rmdir()
