"""Tables of any naming: synonyms, mappings, times of every look."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.feeds import recordings
from seavigil.feeds.formats import Mapping, UnreadableInput, generic, mapping_from_toml, parse_mapping
from seavigil.hashing import hash_texts, mix
from seavigil.records import Decoded, join
from tests.feeds.cutting import feed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: 1990-01-01 to 2100-01-01 (date -u -d 1990-01-01 +%s).
SECONDS = range(631_152_000, 4_102_444_800)
_FROM, _TO = (datetime(year, 1, 1) for year in (1971, 2199))  # noqa: DTZ001 - hypothesis wants them bare


def table(*lines: str, mapping: Mapping | None = None) -> Decoded:
    """Read lines of CSV."""
    return feed(generic.open_receiver("t", mapping=mapping), "\n".join(lines).encode())


def times(*texts: str, mapping: Mapping | None = None) -> list[datetime]:
    """Read times."""
    decoded = table("time;mmsi;lat;lon", *(f"{t};1;2;3" for t in texts), mapping=mapping)
    assert decoded.rejects.to_pylist() == []
    return decoded.reports["time_us"].to_pylist()


def test_solent_needs_no_mapping(shared_data: Path) -> None:
    """The Solent recording gives, row by row, what Python's csv module reads."""
    data = gzip.decompress((shared_data / "ais" / "uk-solent-20160112-1302.csv.gz").read_bytes())
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    decoded = feed(generic.open_receiver("uk"), data)
    reports = decoded.reports.to_pydict()
    assert decoded.rejects.num_rows == 0
    assert len(rows) == decoded.reports.num_rows == 8_783
    assert reports["mmsi"] == [int(r["MMSI"]) for r in rows]
    assert reports["lat_deg"] == [float(r["Latitude_degrees"]) for r in rows]
    want = [datetime.fromisoformat(r["Time"]).replace(tzinfo=UTC) for r in rows]
    assert reports["time_us"] == want
    spoken = [float(r["SOG_knots"]) for r in rows]
    assert [v for v in reports["sog_kn"] if v is not None] == [v for v in spoken if v != 102.3]


@pytest.mark.parametrize("mmsi", [263576000, 338013000])
def test_json_lines_need_no_mapping(shared_data: Path, mmsi: int) -> None:
    """The tracks under one MMSI give, row by row, what the json module reads."""
    data = (shared_data / "ais" / "shared-mmsi" / f"tests_data_{mmsi}.json").read_bytes()
    rows = [json.loads(line) for line in data.splitlines()]
    reports = feed(generic.open_json_receiver("j"), data).reports.to_pydict()
    assert set(reports["mmsi"]) == {mmsi}
    assert reports["lat_deg"] == [r["lat"] if r["lat"] != 91 else None for r in rows]
    assert reports["time_us"] == [datetime.fromisoformat(r["timestamp"]) for r in rows]


@given(st.datetimes(_FROM, _TO), st.integers(-14 * 60, 14 * 60))
def test_iso_times_agree_with_python(moment: datetime, ahead_min: int) -> None:
    """However ISO 8601 is written, the moment is the one Python's datetime reads."""
    utc = moment.replace(tzinfo=UTC)
    sign, ahead = "-" if ahead_min < 0 else "+", abs(ahead_min)
    local = (moment + timedelta(minutes=ahead_min)).isoformat()
    zoned = f"{local}{sign}{ahead // 60:02d}:{ahead % 60:02d}"
    assert datetime.fromisoformat(zoned) == utc  # the outside reading
    plain = moment.isoformat()
    texts = [
        plain,
        plain + "Z",
        moment.isoformat(" "),
        f"{moment.isoformat(' ')} UTC",
        zoned,
        zoned.replace("T", " "),
    ]
    assert times(*texts) == [utc] * len(texts)


@given(st.integers(SECONDS.start, SECONDS.stop - 1))
def test_numbers_tell_their_unit_by_size(second: int) -> None:
    """Seconds, milliseconds, microseconds and nanoseconds since 1970 are told apart."""
    utc = EPOCH + timedelta(seconds=second)
    assert times(*(str(second * 10**n) for n in (0, 3, 6, 9))) == [utc] * 4
    assert times(f"{second}.5") == [utc + timedelta(seconds=0.5)]


def test_mapping_by_hand() -> None:
    """Given names, formats and units win over what the names seem to say."""
    lines = ("when,id,x1,y1,lat", "02.01.2020 03:04,219000001,11.5,55.5,99")
    mapping = parse_mapping("time=when, mmsi=id, lat=y1, lon=x1, time_format=%d.%m.%Y %H:%M")
    decoded = table(*lines, mapping=mapping)
    assert decoded.reports["lat_deg"].to_pylist() == [55.5]
    assert decoded.reports["time_us"].to_pylist() == [datetime(2020, 1, 2, 3, 4, tzinfo=UTC)]
    second = EPOCH + timedelta(seconds=1_600_000_000)
    assert times("1600000000000", mapping=Mapping(time_unit="ms")) == [second]


@pytest.mark.parametrize("unit", [None, "s", "ms", "us", "ns"])
def test_numbers_that_are_no_time_are_rejected(unit: str | None) -> None:
    """A spreadsheet's serial day, and seconds just outside 1990 to 2099, are no times since 1970."""
    power = {None: 0, "s": 0, "ms": 3, "us": 6, "ns": 9}[unit]
    edges = [str(s * 10**power) for s in (SECONDS.start - 1, SECONDS.stop + 1, SECONDS.start)]
    rows = [f"{text};1;2;3" for text in ("43831.5", "43831", "-5", "0", *edges)]
    decoded = table("time;mmsi;lat;lon", *rows, mapping=Mapping(time_unit=unit))
    assert decoded.rejects["fault"].to_pylist() == ["bad_time"] * 6
    assert decoded.reports.num_rows == 1


@pytest.mark.parametrize(
    ("text", "mapping", "says"),
    [
        ("31/12/2024 10:00:00", Mapping(), "give time_format or time_unit"),
        ("43831.5", Mapping(), "1990 to 2100: give time_format"),
        ("2024-12-31", Mapping(time_format="%d/%m/%Y"), "not of the form time_format=%d/%m/%Y"),
        ("43831.5", Mapping(time_unit="s"), "not s since 1970"),
    ],
)
def test_unread_time_says_how_to_help(text: str, mapping: Mapping, says: str) -> None:
    """A reject of a time names the text and the option that may help; an empty cell has none."""
    decoded = table("time,mmsi,lat,lon", f"{text},1,2,3", ",1,2,3", mapping=mapping)
    detail, empty = decoded.rejects["detail"].to_pylist()
    assert detail.startswith(f"time: '{text}'; ")
    assert says in detail
    assert empty == "time: empty"


@given(st.floats(-89, 89), st.floats(0, 60), st.sampled_from(";\t|"), st.booleans(), st.integers(1, 200))
def test_decimal_commas(lat: float, sog: float, separator: str, told: bool, cut: int) -> None:
    """European tables: decimal commas where the separator is none, with a line sep= or without."""
    cells = [f"{lat:.6f}".replace(".", ","), "-7,25", f"{sog:.1f}".replace(".", ","), "A 1,5"]
    lines = [separator.join(["Time", "MMSI", "LAT", "LON", "SOG", "Name"])]
    lines.append(separator.join(["2024-12-31 10:00:00", "219000001", *cells]))
    text = "\ufeff" + (f"sep={separator}\r\n" if told else "") + "\r\n".join(lines)
    data = text.encode()
    receiver = generic.open_receiver("t")
    parts = [receiver.receive(p, received_us=0) for p in (data[:cut], data[cut:])]
    decoded = join([*parts, receiver.finish(received_us=0)])
    (row,) = decoded.reports.to_pylist()
    assert row["lat_deg"] == float(f"{lat:.6f}")
    assert (row["lon_deg"], row["sog_kn"]) == (-7.25, float(f"{sog:.1f}"))
    assert decoded.vessels["name"].to_pylist() == ["A 1,5"]
    assert generic.looks_like_csv(data)
    begin = row["offset_bytes"]
    assert data[begin:].startswith(b"2024-12-31")


def test_header_in_latin_1_is_a_header() -> None:
    """A column whose name is no UTF-8 does not make the file unreadable."""
    data = "time,mmsi,lat,lon,Größe\n2024-12-31 10:00:00,1,2,3,4".encode("latin-1")
    assert feed(generic.open_receiver("t"), data).reports.num_rows == 1


def test_type_and_station_are_kept() -> None:
    """Message type and station are taken where found; what is no type is null and counted."""
    decoded = table(
        "time,mmsi,lat,lon,msg_type,station,transceiver",
        *(f"2024-12-31 10:00:00,1,2,3,{t}" for t in ("18,north,2", "3.5,,1.5", "300,,300")),
    )
    assert decoded.reports["msg_type"].to_pylist() == [18, None, None]
    assert decoded.reports["transceiver"].to_pylist() == [2, None, None]
    payload = decoded.reports["payload_id"].to_numpy()[:1]
    moment_s = decoded.reports["time_us"].cast("int64").to_numpy()[:1] // 1_000_000
    want = mix(payload, hash_texts(["north"]), moment_s)  # the contract: payload, station, second
    assert decoded.reports["report_id"].to_pylist()[:1] == want.tolist()
    assert decoded.counts == {"rows": 3, "unread_msg_type": 2, "unread_transceiver": 2}


def test_mapping_from_text_and_toml(tmp_path: Path) -> None:
    """Both ways to write a mapping down mean the same."""
    file = tmp_path / "m.toml"
    file.write_text('time_unit = "s"\n[columns]\ntime = "when"\nmmsi = "id"\n')
    want = Mapping({"time": "when", "mmsi": "id"}, time_unit="s")
    assert recordings.load_mapping(str(file)) == want
    assert recordings.load_mapping("time=when,mmsi=id,time_unit=s") == want


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("time", "not of the form"),
        ("tme=x", "known are time, mmsi"),
        ("time_unit=h", "known are s, ms"),
        ("a=", "form"),
    ],
)
def test_wrong_mapping_is_explained(text: str, says: str) -> None:
    """A mapping that cannot be meant says what can."""
    with pytest.raises(UnreadableInput, match=says):
        parse_mapping(text)
    with pytest.raises(UnreadableInput, match="no TOML"):
        mapping_from_toml("= 1")
    with pytest.raises(UnreadableInput, match="cannot be read"):
        recordings.load_mapping("no-such-file.toml")


def test_missing_column_says_how_to_help() -> None:
    """The error names the columns wanted and found, and the option."""
    with pytest.raises(
        UnreadableInput, match=r"^t: no column for lat, lon; found time, mmsi, q; pass --mapping"
    ):
        table("time,mmsi,q")
    with pytest.raises(UnreadableInput, match=r"lat \(nope\)"):
        table("time,mmsi,lat,lon", mapping=Mapping({"lat": "nope"}))


def test_spreadsheet_habits() -> None:
    """Byte order mark, semicolons, tabs, quoted names, 219000001.0 and NULL are understood."""
    data = '\ufeff"Time"\tMMSI\tLAT\tLON\tSOG\r\n1600000000\t219000001.0\t55.5\t11.5\tNULL\r\n'
    decoded = feed(generic.open_receiver("t"), data.encode())
    (row,) = decoded.reports.to_pylist()
    assert (row["mmsi"], row["lat_deg"], row["sog_kn"]) == (219000001, 55.5, None)


def test_column_named_twice_is_refused() -> None:
    """Two columns of one name leave it open which is meant."""
    with pytest.raises(UnreadableInput, match="twice: lat"):
        table("time,mmsi,lat,lon,lat")


def test_json_keys_may_come_later() -> None:
    """A key first seen in a later object counts from there on."""
    data = b'{"t": 1600000001, "mmsi": 1, "lat": 2, "lon": 3}\n'
    data += b'{"t": 1600000002, "mmsi": 1, "lat": 2, "lon": 3, "speed": 4, "name": "A"}'
    decoded = feed(generic.open_json_receiver("j"), data)
    assert decoded.reports["sog_kn"].to_pylist() == [None, 4.0]
    assert decoded.vessels["name"].to_pylist() == ["A"]
