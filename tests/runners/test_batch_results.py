"""The files a watch writes: whole, readable elsewhere, of one mind, and the same however the data came."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
import zstandard

from seavigil.records import EVENTS, REJECTS, TRACKED, VESSELS, parse_time_us
from seavigil.runners.summary import Summary
from seavigil.store.results import ALERTS
from tests.runners.conftest import Hour

Watch = Callable[..., Summary]

SCHEMAS = {"reports": TRACKED, "vessels": VESSELS, "events": EVENTS, "alerts": ALERTS, "rejects": REJECTS}
FILES = {*(f"{name}.parquet" for name in SCHEMAS), "alerts.geojson", "summary.json"}
#: Where a row came from differs with how the input was packed; what it says must not.
WHERE_FROM = ("source", "offset_bytes")


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory, hour: Hour) -> Path:
    """Give the folder of results of the invented hour."""
    from seavigil.runners import batch
    from tests.runners.conftest import read

    out = tmp_path_factory.mktemp("results")
    batch.run(batch.Job([str(hour.nmea)], hour.assets, out), read)
    return out


def rows(folder: Path, name: str) -> pl.DataFrame:
    """Read one table without the columns that say where a row came from."""
    frame = pl.read_parquet(folder / f"{name}.parquet")
    return frame.drop([c for c in WHERE_FROM if c in frame.columns])


def assert_same(one: Path, other: Path) -> None:
    """Check that two runs led to the same rows in the same order, and the same alerts on the map."""
    for name in SCHEMAS:
        assert rows(one, name).equals(rows(other, name)), name
    assert (one / "alerts.geojson").read_bytes() == (other / "alerts.geojson").read_bytes()
    assert (one / "summary.json").read_bytes() == (other / "summary.json").read_bytes()


def test_all_files_are_there(results: Path) -> None:
    """The seven promised files and nothing else, hidden folders included."""
    assert {path.name for path in results.iterdir()} == FILES


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_survive(name: str, results: Path) -> None:
    """Names, types and units stand in the file as in the contract."""
    written = pq.read_schema(results / f"{name}.parquet")
    assert written.names == SCHEMAS[name].names
    for field in SCHEMAS[name]:
        found = written.field(field.name)
        assert (found.type, found.nullable) == (field.type, field.nullable)
        assert (found.metadata or {}).items() >= (field.metadata or {}).items()


def test_units_are_told(results: Path) -> None:
    """A reader of the file finds the unit of a speed without our code."""
    assert pq.read_schema(results / "reports.parquet").field("sog_kn").metadata[b"unit"] == b"kn"
    assert pq.read_schema(results / "events.parquet").field("km_along").metadata[b"unit"] == b"km"


def test_reports_are_in_order_of_time(results: Path) -> None:
    """Reports are sorted by time, then id, and no message is there twice."""
    reports = rows(results, "reports")
    assert reports.height > 10_000
    assert reports.select("time_us", "report_id").equals(
        reports.select("time_us", "report_id").sort("time_us", "report_id")
    )
    assert reports["report_id"].is_unique().all()


def test_events_stand_on_reports(results: Path) -> None:
    """Every event begins and ends with a report that is in the reports, of the same ship."""
    events, reports = rows(results, "events"), rows(results, "reports")
    assert events.height > 0
    for column in ("first_report_id", "last_report_id"):
        found = events.join(reports, left_on=[column, "mmsi"], right_on=["report_id", "mmsi"], how="inner")
        assert found.height == events.height
    assert events["params_hash"].str.contains(r"^[0-9a-f]{16}$").all()
    assert events.group_by("behaviour").agg(pl.col("params_hash").n_unique())["params_hash"].max() == 1


def test_alerts_stand_on_events(results: Path) -> None:
    """Every alert names events that are there; the ship's name and the line agree with the row."""
    alerts, events = rows(results, "alerts"), rows(results, "events")
    assert set(alerts["event_ids"].explode()) == set(events["event_id"])
    for row in alerts.iter_rows(named=True):
        line = json.loads(row["json"])
        assert [line[k] for k in ("alert_id", "revision", "priority", "status")] == [
            row[k] for k in ("alert_id", "revision", "priority", "status")
        ]
        assert line["vessel"]["vessel_id"] == row["vessel_id"]
        assert [a["asset_id"] for a in line["assets"]] == row["asset_ids"]
        assert parse_time_us(line["revised_at"]) // 1_000 == int(row["revised_at_us"].timestamp() * 1_000)


def test_map_has_the_last_revision_of_each_alert(results: Path) -> None:
    """alerts.geojson (RFC 7946) shows each alert once, as its last revision in alerts.parquet has it."""
    newest = rows(results, "alerts").sort("revision").group_by("alert_id").last()
    shown = json.loads((results / "alerts.geojson").read_text())
    assert shown["type"] == "FeatureCollection"
    assert {f["id"]: f["properties"] for f in shown["features"]} == {
        a: json.loads(line) for a, line in newest.select("alert_id", "json").iter_rows()
    }
    assert len(shown["features"]) == newest.height


def test_summary_counts_what_is_written(results: Path) -> None:
    """summary.json counts the rows that lie beside it."""
    summary = json.loads((results / "summary.json").read_text())
    assert summary["reports"] == rows(results, "reports").height
    assert sum(summary["rejects"].values()) == rows(results, "rejects").height
    assert sum(summary["events"].values()) == rows(results, "events")["event_id"].n_unique()
    assert sum(summary["alerts"].values()) == rows(results, "alerts")["alert_id"].n_unique()


def test_again(results: Path, hour: Hour, tmp_path: Path, watch: Watch) -> None:
    """A second run into the same folder replaces everything and gives the same bytes."""
    for name in FILES:
        (tmp_path / name).write_text("stale")
    watch([hour.nmea], tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in results.iterdir()
    }


def cut(path: Path, pieces: int, folder: Path) -> list[Path]:
    """Cut a recording into files at line ends."""
    lines = path.read_bytes().splitlines(keepends=True)
    size = -(-len(lines) // pieces)
    parts = [folder / f"part-{i}.nmea" for i in range(pieces)]
    for i, part in enumerate(parts):
        part.write_bytes(b"".join(lines[i * size : (i + 1) * size]))
    return parts


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (3, 1, 4, 0, 2), (4, 3, 2, 1, 0)])
def test_many_files_in_any_order(
    order: Sequence[int], results: Path, hour: Hour, tmp_path: Path, watch: Watch
) -> None:
    """One recording cut into five files, given in any order, is the one recording."""
    parts = cut(hour.nmea, 5, tmp_path)
    watch([parts[i] for i in order], tmp_path / "out")
    assert_same(tmp_path / "out", results)


def test_files_that_overlap_in_time(results: Path, hour: Hour, tmp_path: Path, watch: Watch) -> None:
    """Two receivers' files of the same hour, one read after the other, are the one recording."""
    lines = hour.nmea.read_bytes().splitlines(keepends=True)
    for station in (b"NORTH", b"SOUTH"):
        (tmp_path / station.decode()).write_bytes(b"".join(li for li in lines if station in li))
    watch([tmp_path / "SOUTH", tmp_path / "NORTH"], tmp_path / "out")
    assert_same(tmp_path / "out", results)


def test_the_same_file_twice(results: Path, hour: Hour, tmp_path: Path, watch: Watch) -> None:
    """A file given twice adds nothing but duplicates."""
    watch([hour.nmea, hour.nmea], tmp_path)
    for name in ("reports", "events", "alerts"):
        assert rows(tmp_path, name).equals(rows(results, name))


@pytest.mark.parametrize("packing", ["gz", "zst", "zip"])
def test_packed(packing: str, results: Path, hour: Hour, tmp_path: Path, watch: Watch) -> None:
    """The same bytes packed are the same recording."""
    path, raw = tmp_path / f"packed.{packing}", hour.nmea.read_bytes()
    if packing == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("hour.nmea", raw)
    else:
        path.write_bytes(gzip.compress(raw) if packing == "gz" else zstandard.compress(raw))
    watch([path], tmp_path / "out")
    assert_same(tmp_path / "out", results)


def test_through_the_disk(results: Path, hour: Hour, tmp_path: Path, watch: Watch) -> None:
    """Rows that went to a temporary folder for want of memory come back the same, and the folder goes."""
    watch([hour.nmea], tmp_path, memory_rows=1_000)
    assert_same(tmp_path, results)
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_nothing_left_when_reading_fails(hour: Hour, tmp_path: Path) -> None:
    """A fault in the middle leaves neither results nor the folders made for them."""
    from seavigil.runners import batch
    from tests.runners.conftest import read

    def broken(source: str) -> object:
        yield next(iter(read(source)))
        raise RuntimeError("the cable to the disk is out")

    job = batch.Job([str(hour.nmea)], hour.assets, tmp_path / "new/out", memory_rows=100)
    with pytest.raises(RuntimeError, match="the cable to the disk"):
        batch.run(job, broken)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_no_rows_at_all(tmp_path: Path, hour: Hour, watch: Watch) -> None:
    """A run that looks at nothing writes every table, empty, with its schema."""
    watch([hour.nmea], tmp_path, as_of_us=0)
    assert {path.name for path in tmp_path.iterdir()} == FILES
    for name, schema in SCHEMAS.items():
        table = pq.read_table(tmp_path / f"{name}.parquet")
        assert (table.num_rows, table.schema.types) == (0, schema.types)
