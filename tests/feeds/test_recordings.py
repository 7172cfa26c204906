"""Recordings from disk: packed, damaged, empty, foreign, many; memory stays bounded."""

from __future__ import annotations

import errno
import gzip
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from seavigil.feeds import recordings
from seavigil.feeds.formats import UnknownFormat, UnreadableInput, recognise
from seavigil.records import Decoded, join
from tests.feeds.cutting import RECEIVED_US, same

HEADER = b"# Timestamp,Type of mobile,MMSI,Latitude,Longitude,SOG,COG,Name\n"


def table(rows: int) -> bytes:
    """Write an invented Danish file."""
    lines = (
        f"01/06/2018 00:{i // 60 % 60:02d}:{i % 60:02d},Class A,{219000000 + i % 9},"
        f"55.5,{i / 1e5:.5f},1.5,2.5,A{i % 9}\n"
        for i in range(rows)
    )
    return HEADER + "".join(lines).encode()


def read(path: Path | str, **options: object) -> Decoded:
    """Read everything in ``path``."""
    return join(list(recordings.read(str(path), received_us=RECEIVED_US, **options)))  # type: ignore[arg-type]


def zipped(data: bytes, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("day.csv", data)
    return out.getvalue()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "two gzip members": lambda b: gzip.compress(b[:1000]) + gzip.compress(b[1000:]),
    "gzip with padding": lambda b: gzip.compress(b) + b"\0" * 512,
    "zstd": lambda b: zstandard.ZstdCompressor().compress(b),
    "two zstd frames": lambda b: b"".join(zstandard.ZstdCompressor().compress(p) for p in (b[:999], b[999:])),
    "zip": zipped,
    "stored zip": lambda b: zipped(b, method=zipfile.ZIP_STORED),
    "bzip2 zip": lambda b: zipped(b, method=zipfile.ZIP_BZIP2),
    "gzip in zip": lambda b: zipped(gzip.compress(b)),
    "zip in gzip": lambda b: gzip.compress(zipped(b)),
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_packed_recordings_are_known_by_content(tmp_path: Path, packing: str) -> None:
    """However it is packed, and whatever its name, a recording gives the same rows."""
    path = tmp_path / "recording.bin"
    path.write_bytes(PACKINGS[packing](table(3_000)))
    decoded = read(path, chunk_bytes=10_000)
    assert (decoded.reports.num_rows, decoded.vessels.num_rows, decoded.rejects.num_rows) == (3_000, 9, 0)


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.999])
def test_truncated_gzip_gives_what_is_before_the_cut(tmp_path: Path, keep: float) -> None:
    """All whole lines before the cut are read, and the reject says the file was cut."""
    packed = gzip.compress(table(20_000))
    packed = packed[: int(len(packed) * keep)]
    path = tmp_path / "day.csv.gz"
    path.write_bytes(packed)
    import zlib

    before = zlib.decompressobj(wbits=31).decompress(packed)  # the outside reading: Python's zlib
    decoded = read(path)
    assert decoded.reports.num_rows == before.count(b"\n") - 1
    assert decoded.rejects["fault"].to_pylist() == ["truncated_gzip"]


def test_truncated_gzip_of_a_real_recording(shared_data: Path, tmp_path: Path) -> None:
    """Half of the Solent recording is half of its rows, the last cut line is not half a position."""
    packed = (shared_data / "ais" / "uk-solent-20160112-1302.csv.gz").read_bytes()
    path = tmp_path / "solent.gz"
    path.write_bytes(packed[: len(packed) // 2])
    whole, half = read(shared_data / "ais" / "uk-solent-20160112-1302.csv.gz"), read(path)
    assert 3_000 < half.reports.num_rows < whole.reports.num_rows
    assert (
        half.reports["lon_deg"].to_pylist() == whole.reports["lon_deg"].to_pylist()[: half.reports.num_rows]
    )
    assert half.rejects["fault"].to_pylist() == ["truncated_gzip"]


def test_other_damage_is_a_reject(tmp_path: Path) -> None:
    """Truncated zstd, rubbish after gzip and a wrong checksum in a zip are each named."""
    good = zipped(table(500), method=zipfile.ZIP_STORED)
    damaged = {
        "truncated_zstd": zstandard.ZstdCompressor().compress(table(50_000))[:-2_000],
        "trailing_garbage": gzip.compress(table(500)) + b"rubbish",
        "corrupt_zip": good.replace(b"55.5,0.00011", b"55.5,0.00012"),
    }
    for fault, data in damaged.items():
        (tmp_path / fault).write_bytes(data)
        decoded = read(tmp_path / fault)
        assert decoded.rejects["fault"].to_pylist() == [fault]
        assert decoded.reports.num_rows > 300


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (bytes(range(256)) * 50, "binary data"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "binary data"),
        (b"Dear reader,\nthis is a letter.\n", "matches none"),
        (zipped(table(5))[:-30], "damaged zip"),
        (b"PAR1 and no more", "damaged Parquet"),
        (b"Timestamp,Type of mobile,Latitude,Longitude\n", "without MMSI"),
        (b"when,who,lat,lon\n1,2,3,4\n", "no column for time, mmsi"),
        (b'{"when": 1, "mmsi": 2, "lat": 3, "lon": 4}\n', "no column for time"),
        (b"MMSI,BaseDateTime,LAT\n", "without LON"),
        (",".join(["mmsi", *(f"c{i}" for i in range(20))]).encode() + b"\n1\n", "c10 and 9 more; pass"),
        ("\ufefftime;mmsi;lat;lon\n".encode("utf-16-le"), "UTF-16; save it as UTF-8"),
        ("\ufefftime;mmsi;lat;lon\n".encode("utf-16-be"), "UTF-16; save it as UTF-8"),
        (b'{"type": "FeatureCollection", "features": []}', "looks like assets"),
        (b"SQLite format 3\0" + b"\0" * 99, "looks like assets"),
        (b"name,kind,WKT\nA,power_cable,LINESTRING (1 2, 3 4)\n", "looks like assets"),
    ],
)
def test_unreadable_file_gives_one_clear_line(tmp_path: Path, data: bytes, says: str) -> None:
    """The error names the file and what is wrong with it, on one line."""
    path = tmp_path / "thing"
    path.write_bytes(data)
    with pytest.raises(UnreadableInput) as caught:
        read(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_things_are_named(tmp_path: Path) -> None:
    """A path, a glob and a folder with nothing there are three different sentences."""
    for source, says in ((tmp_path / "no.csv", "no such file"), (tmp_path / "*.csv", "no file matches")):
        with pytest.raises(UnreadableInput, match=says):
            read(source)
    with pytest.raises(UnreadableInput, match="folder without files"):
        read(tmp_path)


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed folder is no empty one: alone it is named with the reason, among others it is a reject."""
    closed = tmp_path / "closed"
    closed.mkdir()
    (tmp_path / "a.csv").write_bytes(table(10))
    look = os.scandir

    def scandir(path: str) -> object:
        if str(path) == str(closed):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(UnreadableInput, match=f"^{closed}: Permission denied$"):
        read(closed)
    both = read(tmp_path)
    assert both.reports.num_rows == 10
    assert both.rejects["detail"].to_pylist() == [f"{closed}: Permission denied"]


def test_own_reports_are_read_back(tmp_path: Path, shared_data: Path) -> None:
    """What was written as REPORTS is a recording again: the same values, stations and sources of time."""
    first = read(shared_data / "ais" / "uk-solent-20160112-1302.csv.gz").reports
    names = pa.array(["", "north", None] * first.num_rows).slice(0, first.num_rows)
    first = first.set_column(first.column_names.index("station"), first.schema.field("station"), names)
    kinds = pa.array([1, 2, 5] * first.num_rows, pa.uint8()).slice(0, first.num_rows)
    first = first.set_column(
        first.column_names.index("time_source"), first.schema.field("time_source"), kinds
    )
    parquet.write_table(first, tmp_path / "reports.parquet")
    again = read(tmp_path / "reports.parquet")
    assert again.rejects.num_rows == 0
    for name in ("time_us", "mmsi", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "time_source"):
        assert again.reports[name].to_pylist() == first[name].to_pylist(), name
    assert set(again.reports["station"].to_pylist()) == {"", "north", None}
    assert len(set(again.reports["report_id"].to_pylist())) >= len(set(first["payload_id"].to_pylist()))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"report_id": [1], "lat": [1.0]}, "no column for time, mmsi, lon; found report_id, lat; pass"),
        ({"time": [1], "mmsi": [1], "lat": [[1.0]], "lon": [1.0]}, "column lat holds List"),
        ({"asset_id": ["a"], "geometry_wkb": [b""]}, "looks like assets"),
    ],
)
def test_an_unreadable_table_is_named(tmp_path: Path, columns: dict[str, list[object]], says: str) -> None:
    """A table without the needed columns, with lists in them, or of assets is named with the reason."""
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table(columns), path)
    with pytest.raises(UnreadableInput) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert says in str(caught.value)


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    """A folder is read in sorted order at any depth; what cannot be read becomes a reject."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.csv").write_bytes(table(20))
    (tmp_path / "a.csv").write_bytes(table(10))
    (tmp_path / "c.bin").write_bytes(b"\0\1\2")
    (tmp_path / ".hidden").write_bytes(b"x")
    assert recordings.expand([str(tmp_path), "-"]) == [
        *(str(tmp_path / p) for p in ("a.csv", "b/2.csv", "c.bin")),
        "-",
    ]
    decoded = read(tmp_path)
    assert decoded.reports.num_rows == 30
    assert decoded.rejects["fault"].to_pylist() == ["unreadable_file"]
    assert read(tmp_path / "*.csv").reports.num_rows == 10
    assert recordings.expand([str(tmp_path / "**" / "*.csv")]) == [
        str(tmp_path / p) for p in ("a.csv", "b/2.csv")
    ]


def test_members_of_a_zip_are_streams_of_their_own(tmp_path: Path) -> None:
    """Each member has its own header and name; a foreign member does not stop the others."""
    path = tmp_path / "month.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.csv", table(5))
        archive.writestr("__MACOSX/1.csv", b"\0")
        archive.writestr("readme.txt", "not a recording\n")
        archive.writestr("2.json", '{"mmsi": 1, "time": 1600000000, "lat": 1, "lon": 2}')
    decoded = read(path)
    assert set(decoded.reports["source"].to_pylist()) == {f"{path}!1.csv", f"{path}!2.json"}
    assert decoded.reports.num_rows == 6
    assert decoded.rejects["source"].to_pylist() == [f"{path}!readme.txt"]


def test_encrypted_member_is_named(tmp_path: Path) -> None:
    """A member that needs a password is a reject that says so."""
    data = bytearray(zipped(table(5)))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + at] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    assert read(tmp_path / "locked.zip").rejects["fault"].to_pylist() == ["encrypted_zip"]


def test_parquet_reads_as_the_csv_it_came_from(tmp_path: Path) -> None:
    """Text, numbers and zoned times in Parquet give the same rows as the same table in CSV."""
    csv = b"time,mmsi,lat,lon,sog,name\n2020-01-02T03:04:05.250Z,219000001,55.5,11.125,1.5,A\n"
    (tmp_path / "a.csv").write_bytes(csv)
    frame = pl.read_csv(csv).with_columns(pl.col("time").str.to_datetime(time_zone="UTC"))
    frame.write_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress((tmp_path / "a.parquet").read_bytes()))
    want = read(tmp_path / "a.csv").reports.drop_columns(["source", "offset_bytes"])
    for name in ("a.parquet", "a.parquet.gz"):
        assert read(tmp_path / name).reports.drop_columns(["source", "offset_bytes"]).equals(want)


def test_parquet_rejects_keep_their_row(tmp_path: Path) -> None:
    """A row of Parquet that is no report is rejected with its number and values."""
    pl.DataFrame({"t": [1.6e9, None], "mmsi": [1, 2], "lat": [1.0, 2.0], "lon": [3.0, 4.0]}).write_parquet(
        tmp_path / "a"
    )
    decoded = read(tmp_path / "a")
    assert decoded.reports.num_rows == 1
    assert decoded.rejects["fault"].to_pylist() == ["bad_time"]
    assert b'"row": 1' in decoded.rejects["raw"].to_pylist()[0]


def test_standard_input_is_read_as_it_comes(tmp_path: Path) -> None:
    """A recording piped in gives the rows of the file, packed or not."""
    code = (
        "from seavigil.feeds import recordings; from seavigil.records import join\n"
        "d = join(list(recordings.read('-', received_us=0)))\n"
        "print(d.reports.num_rows, d.rejects.num_rows, d.reports['source'][0])"
    )
    for data in (table(5_000), gzip.compress(table(5_000)), zipped(table(5_000))):
        done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
        assert done.stdout.startswith(b"5000 0 stdin")


def test_progress_counts_the_bytes_on_disk(tmp_path: Path) -> None:
    """The callback's sum is the size of the file, packed or not."""
    for name, data in (("a.csv", table(30_000)), ("a.csv.gz", gzip.compress(table(30_000)))):
        (tmp_path / name).write_bytes(data)
        seen: list[int] = []
        read(tmp_path / name, on_bytes=seen.append)
        assert sum(seen) == len(data)


@pytest.mark.parametrize("packing", ["gzip", "zip", "zstd"])
def test_swelling_file_stays_in_bounds(tmp_path: Path, packing: str) -> None:
    """Half a gigabyte of one line packed in next to nothing is read in a few pieces of memory."""
    path = tmp_path / "bomb"
    million = b"x" * 1_000_000
    if packing == "gzip":
        with gzip.open(path, "wb", 6) as out:
            out.writelines([HEADER, *[million] * 500])
    elif packing == "zstd":
        with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as writer:
            for part in (HEADER, *[million] * 500):
                writer.write(part)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a", "w") as member:
            member.writelines([HEADER, *[million] * 500])
    code = (
        "import re, sys; from pathlib import Path; from seavigil.feeds import recordings\n"
        "n = [d.rejects.num_rows for d in recordings.read(sys.argv[1], received_us=0)]\n"
        "kib = re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())\n"
        "print(sum(n), int(kib[1]) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, check=True, env=os.environ
    )
    rejects, peak_mib = map(int, done.stdout.split())
    assert rejects >= 1
    assert peak_mib < 450


def test_named_format_is_not_guessed(tmp_path: Path) -> None:
    """--format wins over content, and an unknown name says which there are."""
    (tmp_path / "a").write_bytes(table(3))
    with pytest.raises(UnreadableInput, match="MarineCadastre"):
        read(tmp_path / "a", format_name="marinecadastre-csv")
    with pytest.raises(UnknownFormat, match=r"dma-csv.*csv"):
        read(tmp_path / "a", format_name="excel")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("dk-dma-20180601.csv", "dma-csv"),
        ("us-noaa-20230111.csv", "marinecadastre-csv"),
        ("uk-solent-20160112-1302.csv.gz", "csv"),
        ("shared-mmsi/tests_data_338013000.json", "json"),
        ("fi-digitraffic/locations-20250303.json.gz", "digitraffic"),
        ("fi-digitraffic/locations-metadata-20251212.json.gz", "digitraffic"),
        ("fi-digitraffic/vessel_locations_xprs_276813000", "digitraffic"),
        ("dk-lotus-20141005.nmea", "nmea"),
        ("dk-network-20131112.nmea.gz", "nmea"),
        ("nl-onboard-nmea0183.log.gz", "nmea"),
    ],
)
def test_real_recordings_are_recognised(shared_data: Path, file: str, name: str) -> None:
    """Each real recording is known by its first 64 KiB."""
    data = (shared_data / "ais" / file).read_bytes()
    data = gzip.decompress(data) if file.endswith(".gz") else data
    assert recognise(data[:65_536], file).name == name


def test_chunk_size_does_not_matter(shared_data: Path) -> None:
    """A real recording read in small and large chunks gives the same tables."""
    path = shared_data / "ais" / "uk-solent-20160112-1302.csv.gz"
    assert same(read(path), read(path, chunk_bytes=1_000))
