"""What a user meets who gives the wrong thing: one line that says so, the exit code, nothing left behind."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Hour, Said

Run = Callable[..., Said]

DMA = "# Timestamp,Type of mobile,MMSI,Latitude,Longitude\n01/06/2018 00:00:00,Class A,219000001,56.0,11.0\n"
NOISE = random.Random(1).randbytes(20_000)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Give a folder of wrong inputs."""
    folder = tmp_path / "inputs"
    (folder / "nothing").mkdir(parents=True)
    (folder / "empty.nmea").write_bytes(b"")
    (folder / "empty.nmea.gz").write_bytes(gzip.compress(b""))
    (folder / "noise.bin").write_bytes(NOISE)
    (folder / "dma.csv").write_text(DMA)
    (folder / "no-mmsi.csv").write_text(DMA.replace(",MMSI", "").replace(",219000001", ""))
    point = {"type": "Point", "coordinates": [25.4, 59.8]}
    features = [{"type": "Feature", "properties": {"name": "x", "power": "cable"}, "geometry": point}]
    (folder / "points.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return folder


def one_line(said: Said, *words: str) -> None:
    """Check for exit code 1, nothing on stdout, and one line on stderr that holds all ``words``."""
    assert said.code == 1
    assert said.out == ""
    assert said.err.startswith("seavigil: ")
    assert said.err.count("\n") == 1
    assert [w for w in words if w not in said.err] == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("empty.nmea", ["empty.nmea", "empty"]),
        ("empty.nmea.gz", ["empty.nmea.gz", "empty"]),
        ("noise.bin", ["noise.bin", "binary data", "nmea", "csv"]),
        ("no-mmsi.csv", ["no-mmsi.csv", "MMSI"]),
        ("missing.nmea", ["missing.nmea", "no such file"]),
        ("*.missing", ["*.missing", "no file matches"]),
        ("nothing", ["nothing", "folder without files"]),
    ],
)
def test_unusable_source(
    source: str, words: list[str], inputs: Path, tmp_path: Path, hour: Hour, seavigil: Run
) -> None:
    """A source that cannot be read is named with the reason, and no folder of results appears."""
    out = tmp_path / "out"
    one_line(seavigil("watch", inputs / source, "--assets", hour.assets, "--out", out), *words)
    assert not out.exists()
    one_line(seavigil("inspect", inputs / source), *words)


def test_truncated_gzip_is_a_counted_reject(hour: Hour, tmp_path: Path, seavigil: Run) -> None:
    """What comes before the break is used; the break is counted, kept and told, and the run is not clean."""
    broken = tmp_path / "broken.nmea.gz"
    whole = gzip.compress(hour.nmea.read_bytes())
    broken.write_bytes(whole[: len(whole) // 2])
    said = seavigil("watch", broken, "--out", tmp_path / "out")
    assert said.code == 2
    assert "rejected: 1 truncated_gzip" in said.err
    assert pq.read_table(tmp_path / "out/rejects.parquet")["fault"].to_pylist() == ["truncated_gzip"]
    assert pq.read_table(tmp_path / "out/reports.parquet").num_rows > 1_000


def test_one_bad_source_among_good_ones(hour: Hour, inputs: Path, seavigil: Run) -> None:
    """The good sources are watched; the bad one is named and makes the exit code 2."""
    said = seavigil("watch", hour.nmea, inputs / "noise.bin", "--format", "ndjson", "--final")
    assert said.code == 2
    assert "left out:" in said.err
    assert "noise.bin" in said.err
    assert said.out.count("\n") > 0


def test_rejects_beyond_the_limit(hour: Hour, tmp_path: Path, seavigil: Run) -> None:
    """More than a twentieth of the lines broken: done, but with exit code 2."""
    lines = hour.nmea.read_bytes().splitlines(keepends=True)[:2_000]
    bad = tmp_path / "bad.nmea"
    bad.write_bytes(
        b"".join(
            li.replace(b"!AIVDM,1,1", b"!AIVDM,1,1,") if i % 10 == 0 else li for i, li in enumerate(lines)
        )
    )
    assert seavigil("watch", bad).code == 2


@pytest.mark.parametrize("text", ["{}", "[{}]", "["])
def test_a_recording_of_nothing_is_not_clean(text: str, tmp_path: Path, seavigil: Run) -> None:
    """JSON without a message is a counted reject and exit code 2, not a calm sea."""
    (tmp_path / "nothing.json").write_text(text)
    said = seavigil("watch", tmp_path / "nothing.json")
    assert said.code == 2
    assert "rejected: 1 no_message" in said.err


@pytest.mark.parametrize(
    ("assets", "words"),
    [
        ("points.geojson", ["points.geojson", "x", "line", "point"]),
        ("missing.geojson", ["missing.geojson", "no such file"]),
        ("noise.bin", ["noise.bin", "GeoJSON"]),
        ("empty.nmea", ["empty.nmea", "empty"]),
    ],
)
def test_unusable_assets(
    assets: str, words: list[str], inputs: Path, tmp_path: Path, hour: Hour, seavigil: Run
) -> None:
    """Assets that cannot be used stop the watch before it starts."""
    out = tmp_path / "out"
    one_line(seavigil("watch", hour.nmea, "--assets", inputs / assets, "--out", out), *words)
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--as-of", "yesterday"], ["yesterday", "2024-12-25T10:26:00Z"]),
        (["--bogus"], ["--bogus", "seavigil watch --help"]),
        (["--format", "xml"], ["xml", "ndjson"]),
        (["--min-priority", "huge"], ["huge", "urgent"]),
        (["--memory-rows", "5"], ["--memory-rows", "10000"]),
        (["--memory-rows", "many"], ["--memory-rows"]),
        (["--input-format", "morse"], ["morse", "nmea", "dma-csv"]),
        (["--mapping", "course=cog"], ["course", "mmsi"]),
        (["--mapping", "missing.toml"], ["missing.toml", "No such file"]),
    ],
)
def test_wrong_option(arguments: list[str], words: list[str], hour: Hour, seavigil: Run) -> None:
    """An option or value that does not exist is named, with what there is."""
    one_line(seavigil("watch", hour.nmea, *arguments), *words)


def test_mapping_to_columns_that_are_not_there(inputs: Path, seavigil: Run) -> None:
    """A mapping that names columns the file does not have is told with those it has."""
    said = seavigil("watch", inputs / "dma.csv", "--mapping", "time=When,mmsi=Who,lat=Lat,lon=Lon")
    one_line(said, "When", "Who", "Latitude")


@pytest.mark.parametrize("feed", ["tcp://host:4001", "udp://:4001", "mqtt://host/ais", "wss://host/feed"])
def test_what_reads_a_recording_to_its_end_takes_no_live_feed(feed: str, seavigil: Run) -> None:
    """A feed's URL is not taken for a file name; who wants to watch it is told how."""
    one_line(seavigil("inspect", feed), feed, "live feed", "seavigil watch")


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        ("tcp://host", ["no port"]),
        ("tpc://host:4001", ["tcp"]),
        ("mqtt://user:word@host/ais", ["password"]),
        ("udp://127.0.0.1:4001?speed=3", ["speed"]),
    ],
)
def test_a_feed_that_makes_no_sense_is_told_before_anything_is_watched(
    feed: str, words: list[str], seavigil: Run
) -> None:
    """What is wrong with an address, in one line, without a password."""
    said = seavigil("watch", feed)
    one_line(said, *words)
    assert ":word@" not in said.err


def test_recordings_and_feeds_are_not_watched_together(seavigil: Run) -> None:
    """A recording has an end."""
    one_line(seavigil("watch", "tcp://127.0.0.1:4001", "hour.nmea"), "hour.nmea", "apart")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frob"], ["frob"]),
        (["watch"], ["sources"]),
        (["--frob"], ["--frob"]),
        (["demo", "--seed", "x"], ["--seed"]),
    ],
)
def test_wrong_usage(arguments: list[str], words: list[str], seavigil: Run) -> None:
    """Usage errors are one line that names the help, with exit code 1."""
    one_line(seavigil(*arguments), *words, "--help")


def test_no_arguments(seavigil: Run) -> None:
    """Without arguments the help is shown, on stderr, and the exit code says that nothing was done."""
    said = seavigil()
    assert said.code == 1
    assert said.out == ""
    assert "Usage: seavigil" in said.err
    assert "watch" in said.err


def test_out_is_a_file(hour: Hour, tmp_path: Path, seavigil: Run) -> None:
    """A file where the folder of results should be stays as it is."""
    there = tmp_path / "results"
    there.write_text("mine")
    one_line(seavigil("watch", hour.nmea, "--out", there), "results", "File exists")
    one_line(seavigil("watch", hour.nmea, "--out", there / "below"), "results", "Not a directory")
    assert there.read_text() == "mine"


def test_results_below_the_sources(hour: Hour, tmp_path: Path, seavigil: Run) -> None:
    """A folder watched again does not take the results of the first run for recordings."""
    (tmp_path / "hour.nmea").write_bytes(hour.nmea.read_bytes())
    first, second = (seavigil("watch", tmp_path, "--out", tmp_path / "out") for _ in range(2))
    assert (first.code, second.code) == (0, 0)
    assert first.err == second.err


def test_unreadable_parquet_is_named(hour: Hour, tmp_path: Path, seavigil: Run) -> None:
    """A Parquet file without the columns of a recording is told by its name."""
    seavigil("watch", hour.nmea, "--out", tmp_path)
    one_line(seavigil("watch", tmp_path / "events.parquet"), "events.parquet", "time", "--mapping")
