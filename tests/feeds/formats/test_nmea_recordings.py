"""Real recordings: what is in them, counted."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from seavigil.feeds.formats.nmea import NmeaReceiver
from seavigil.records import Decoded, TimeSource
from tests.feeds.cutting import feed


def read(path: Path) -> Decoded:
    """Give what a recording decodes to."""
    raw = path.read_bytes()
    return feed(NmeaReceiver(path.name), gzip.decompress(raw) if path.suffix == ".gz" else raw)


def test_danish_network(shared_data: Path) -> None:
    """Each of 80,246 lines is accounted for, none rejected; every report has its base station's time."""
    decoded = read(shared_data / "ais/dk-network-20131112.nmea.gz")
    counts = decoded.counts
    lines = sum(counts[n] for n in ("sentences", "other_sentences", "pghp", "tag_blocks"))
    assert (lines, decoded.rejects.num_rows, counts["messages"]) == (80_246, 0, 26_077)
    assert "pghp_of_another_sentence" not in counts
    assert set(decoded.reports["time_source"].to_pylist()) == {TimeSource.PGHP}
    times = decoded.reports["time_us"].cast("int64").to_numpy()
    assert 0 <= times.min() - 1384257600_000_000 < 1_000_000
    assert times.max() - times.min() < 301_000_000


def test_danish_network_fixes(shared_data: Path) -> None:
    """24,518 fixes of 1,438 vessels: ships' reports (types 1, 3, 18) that differ in what they say.

    The same fix sent twice (two slots, or again by a moored ship in the same second of another
    minute) differs in its communication state only.
    """
    reports = pl.from_arrow(read(shared_data / "ais/dk-network-20131112.nmea.gz").reports)
    assert isinstance(reports, pl.DataFrame)
    ships = reports.filter(pl.col("msg_type").is_in([1, 2, 3, 18]), pl.col("lat_deg").is_not_null())
    says = ["mmsi", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "utc_second"]
    assert ships.height == 24_688
    assert ships["mmsi"].n_unique() == 1_438
    assert ships.select(says).n_unique() == 24_518


@pytest.mark.parametrize(
    ("name", "messages", "rejects"),
    [
        ("dk-frio-20140928.nmea.gz", 5_252, 0),
        ("dk-lotus-20141005.nmea", 80, 0),
        ("nl-onboard-nmea0183.log.gz", 1_459, 0),
    ],
)
def test_other_recordings(shared_data: Path, name: str, messages: int, rejects: int) -> None:
    """The drift, the glitch and the yacht's log are read whole."""
    decoded = read(shared_data / "ais" / name)
    assert (decoded.counts["messages"], decoded.rejects.num_rows) == (messages, rejects)


def test_the_bogus_speed_is_kept_as_sent(shared_data: Path) -> None:
    """LOTUS' 102.2 kn, one message at five stations, is no "not available": tracks must judge it."""
    rows = read(shared_data / "ais/dk-lotus-20141005.nmea").reports.to_pylist()
    bogus = [row for row in rows if row["sog_kn"] == 102.2]
    assert (len(bogus), len({row["payload_id"] for row in bogus})) == (5, 1)


def test_drifting_ship_is_named(shared_data: Path) -> None:
    """FRIO's static data come through type 5 in two parts, with the time of the line before them."""
    decoded = read(shared_data / "ais/dk-frio-20140928.nmea.gz")
    vessels = decoded.vessels.to_pylist()
    assert {(v["mmsi"], v["name"], v["imo"]) for v in vessels} == {(538004030, "FRIO", 9596985)}
    assert TimeSource.RECEIVED not in {v["time_source"] for v in vessels}


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("gpsd/sample.aivdm", {"not_nmea": 1}),
        ("gpsd/ais-18-27.log", {"unknown_part": 69}),
        ("libais/typeexamples.nmea", {}),
        ("pyais/mixed.txt", {"not_nmea": 2, "tag_block": 3, "no_checksum": 1, "checksum": 1}),
        ("pyais/nmea_data_sample.txt", {"empty_payload": 100, "part_missing": 20}),
    ],
)
def test_other_decoders_samples(shared_data: Path, name: str, faults: dict[str, int]) -> None:
    """What is rejected in the samples of other projects, by fault."""
    found = read(shared_data / "decoder" / name).rejects["fault"].value_counts().to_pylist()
    assert {f["values"]: f["counts"] for f in found} == faults
