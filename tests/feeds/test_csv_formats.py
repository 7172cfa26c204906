"""Danish and American CSV: every column, every "not available", every way a row can be bad."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from seavigil.feeds.formats import UnreadableInput, dma_csv, marinecadastre
from seavigil.hashing import mix
from seavigil.records import Decoded, TimeSource
from tests.feeds.cutting import feed

DMA_COLUMNS = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,"
    "Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,"
    "Data source type"
)
DMA_NEW = DMA_COLUMNS + ",A,B,C,D"
DMA_ROW = (
    "31/12/2023 23:59:59,Class A,219000001,55.921028,-7.320418,Moored,-1.1,12.5,255.5,256,9000001,OXAB2,ANNA,"
    "Cargo,,25,180,GPS,7.1,GDANSK,05/06/2024 12:30:00,AIS,150,30,10,15"
)
NOAA_OLD = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,"
    "Cargo,TransceiverClass"
)
NOAA_NEW = (
    "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,"
    "length,width,draft,cargo,transceiver"
)


def dma(*rows: str, columns: str = DMA_NEW) -> Decoded:
    """Read Danish rows."""
    return feed(dma_csv.open_receiver("dk"), "\n".join([columns, *rows]).encode())


def noaa(*rows: str, columns: str = NOAA_OLD) -> Decoded:
    """Read American rows."""
    return feed(marinecadastre.open_receiver("us"), "\n".join([columns, *rows]).encode())


def changed(row: str, **values: str) -> str:
    """Give a Danish row with other values in some columns (spaces written as underscores)."""
    names = DMA_NEW.split(",")
    fields = row.split(",")
    for name, value in values.items():
        fields[names.index(name.replace("_", " "))] = value
    return ",".join(fields)


def known(table: Any) -> dict[str, Any]:
    """Give the one row of a table without its nulls and ids."""
    (row,) = table.to_pylist()
    return {k: v for k, v in row.items() if v is not None and not k.endswith("_id")}


def test_every_danish_column() -> None:
    """A full row gives a report and a vessel with the values that are in it."""
    decoded = dma(DMA_ROW)
    moment = datetime(2023, 12, 31, 23, 59, 59, tzinfo=UTC)
    common = {
        "time_us": moment,
        "time_source": TimeSource.MESSAGE,
        "source": "dk",
        "offset_bytes": len(DMA_NEW) + 1,
        "mmsi": 219000001,
        "transceiver": 1,
    }
    assert known(decoded.reports) == common | {
        "lat_deg": 55.921028,
        "lon_deg": -7.320418,
        "sog_kn": 12.5,
        "cog_deg": 255.5,
        "heading_deg": 256.0,
        "rot_deg_min": -1.1,
        "nav_status": 5,
    }
    assert known(decoded.vessels) == common | {
        "imo": 9000001,
        "name": "ANNA",
        "callsign": "OXAB2",
        "ship_type": 70,
        "length_m": 180.0,
        "beam_m": 25.0,
        "to_bow_m": 150.0,
        "to_stern_m": 30.0,
        "to_port_m": 10.0,
        "to_starboard_m": 15.0,
        "draught_m": 7.1,
        "destination": "GDANSK",
        "eta": "06-05T12:30",
    }
    assert decoded.counts == {"rows": 1}


def test_ids_are_those_of_the_contract() -> None:
    """payload_id mixes ship, time, position, speed and course; report_id adds station 0 and second."""
    import numpy as np

    table = dma(DMA_ROW).reports
    time_us = table["time_us"].cast("int64").to_numpy()
    floats = (table[n].to_numpy() for n in ("lat_deg", "lon_deg", "sog_kn", "cog_deg"))
    payload = mix(table["mmsi"].to_numpy().astype(np.int64), time_us, *floats)
    assert table["payload_id"].to_pylist() == payload.tolist()
    assert table["report_id"].to_pylist() == mix(payload, np.uint64([0]), time_us // 1_000_000).tolist()


@pytest.mark.parametrize(
    ("column", "text", "ours"),
    [
        ("Latitude", "91.000000", "lat_deg"),
        ("Longitude", "181.000000", "lon_deg"),
        ("Latitude", "", "lon_deg"),
        ("SOG", "102.3", "sog_kn"),
        ("SOG", " ", "sog_kn"),
        ("COG", "360.0", "cog_deg"),
        ("Heading", "511", "heading_deg"),
        ("Heading", "Unknown", "heading_deg"),
        ("Navigational_status", "Unknown value", "nav_status"),
        ("ROT", "720.0", "rot_deg_min"),
    ],
)
def test_not_available_is_null(column: str, text: str, ours: str) -> None:
    """ITU-R M.1371-5's codes for "not available" and the files' own words become null."""
    decoded = dma(changed(DMA_ROW, **{column: text}))
    assert decoded.reports.num_rows == 1
    assert decoded.reports[ours].null_count == 1
    assert decoded.rejects.num_rows == 0


def test_bogus_values_are_kept_for_the_tracks_to_judge() -> None:
    """102.2 kn, latitude 95 and 0, 0 are values, not "not available"."""
    decoded = dma(
        changed(DMA_ROW, SOG="102.2", Latitude="95.5"), changed(DMA_ROW, Latitude="0", Longitude="0")
    )
    assert decoded.reports["sog_kn"].to_pylist()[0] == 102.2
    assert decoded.reports["lat_deg"].to_pylist() == [95.5, 0.0]


@pytest.mark.parametrize(
    ("row", "fault", "detail"),
    [
        (changed(DMA_ROW, MMSI=""), "bad_mmsi", "MMSI: empty"),
        (changed(DMA_ROW, MMSI="0"), "bad_mmsi", "MMSI: '0'"),
        (changed(DMA_ROW, MMSI="1234567890"), "bad_mmsi", "MMSI: '1234567890'"),
        (changed(DMA_ROW, Latitude="north"), "bad_number", "Latitude: 'north'"),
        (changed(DMA_ROW, SOG="nan"), "bad_number", "SOG: 'nan'"),
        (changed(DMA_ROW, COG="1e999"), "bad_number", "COG: '1e999'"),
        (DMA_ROW.replace("31/12", "31/02"), "bad_time", "# Timestamp: '31/02/2023 23:59:59'"),
        (DMA_ROW.replace("31/12/2023 23:59:59", ""), "bad_time", "# Timestamp: empty"),
        (DMA_ROW + ",1", "ragged", "27 fields, not 26"),
        (DMA_ROW[:60], "ragged", "6 fields, not 26"),
        (changed(DMA_ROW, Name='"ANNA'), "bad_quotes", None),
        (changed(DMA_ROW, Name='A"B"C"'), None, None),
    ],
)
def test_bad_row_is_rejected_and_its_neighbours_are_read(
    row: str, fault: str | None, detail: str | None
) -> None:
    """A bad row between good ones costs nothing but itself; what it was is kept."""
    decoded = dma(DMA_ROW, row, DMA_ROW)
    rejects = decoded.rejects.to_pylist()
    if fault is None:
        assert decoded.reports.num_rows == 3
        return
    assert decoded.reports.num_rows == 2
    assert [(r["fault"], r["detail"], r["raw"].decode()) for r in rejects] == [(fault, detail, row)]
    assert rejects[0]["offset_bytes"] == len(DMA_NEW) + len(DMA_ROW) + 2
    assert decoded.counts["rows"] == 3


def test_invalid_utf8_costs_no_position() -> None:
    """A name in Latin-1 is replaced byte by byte and counted; the row, and valid UTF-8 beside it, stay."""
    latin = DMA_ROW.replace("ANNA", "ÅSE").encode("latin-1")
    data = "\n".join([DMA_NEW, DMA_ROW, DMA_ROW.replace("ANNA", "ÅSA"), ""]).encode() + latin
    decoded = feed(dma_csv.open_receiver("dk"), data)
    assert decoded.vessels["name"].to_pylist() == ["ANNA", "ÅSA", "\ufffdSE"]
    assert decoded.reports["lat_deg"].to_pylist() == [55.921028] * 3
    assert decoded.counts == {"rows": 3, "not_utf8": 1}


def test_invalid_utf8_in_a_needed_cell_is_a_reject() -> None:
    """A position that holds a byte of no meaning is not guessed at."""
    bad = DMA_ROW.encode().replace(b"55.921028", b"55.92\xff028")
    decoded = feed(dma_csv.open_receiver("dk"), f"{DMA_NEW}\n{DMA_ROW}\n".encode() + bad)
    assert decoded.rejects["fault"].to_pylist() == ["bad_number"]
    assert decoded.reports.num_rows == 1


def test_quoted_fields_may_hold_commas() -> None:
    """RFC 4180 quotes: a comma inside and a doubled quote belong to the text."""
    decoded = dma(changed(DMA_ROW, Name='"ANNA, ""THE"" 2ND"'), DMA_ROW)
    assert decoded.vessels["name"].to_pylist() == ['ANNA, "THE" 2ND', "ANNA"]
    assert decoded.reports.num_rows == 2


def test_older_danish_header_and_bare_timestamp() -> None:
    """Files without A to D, and with "Timestamp" for "# Timestamp", read alike."""
    row = ",".join(DMA_ROW.split(",")[:22])
    for columns in (DMA_COLUMNS, DMA_COLUMNS.removeprefix("# ")):
        decoded = dma(row, columns=columns)
        assert decoded.vessels["length_m"].to_pylist() == [180.0]
        assert decoded.vessels["to_bow_m"].null_count == 1


def test_only_news_about_a_ship_make_a_vessel_row() -> None:
    """Static data that repeat say nothing new; placeholders neither; a change does, in any block."""
    quiet = changed(
        DMA_ROW,
        IMO="Unknown",
        Callsign="",
        Name=" ",
        Ship_type="Undefined",
        Width="",
        Length="",
        Draught=" ",
        Destination="Unknown",
        ETA="",
        A="",
        B="",
        C="",
        D="",
    )
    other = changed(DMA_ROW, MMSI="219000002")
    new = changed(DMA_ROW, Destination="AARHUS")
    decoded = dma(DMA_ROW, other, DMA_ROW, quiet, DMA_ROW, new, new, other)
    assert decoded.reports.num_rows == 8
    assert decoded.vessels["mmsi"].to_pylist() == [219000001, 219000002, 219000001]
    assert decoded.vessels["destination"].to_pylist() == ["GDANSK", "GDANSK", "AARHUS"]


def test_static_data_that_cannot_be_read_do_not_cost_the_position() -> None:
    """An unreadable draught or an unheard-of status is null and counted; the report stays."""
    decoded = dma(changed(DMA_ROW, Draught="deep", Navigational_status="Flying", Type_of_mobile="Submarine"))
    assert decoded.reports.num_rows == 1
    assert decoded.vessels["draught_m"].null_count == 1
    assert decoded.counts == {
        "rows": 1,
        "unread_draught_m": 1,
        "unread_nav_status": 1,
        "unread_transceiver": 1,
    }


def test_files_put_one_after_another_and_blank_lines() -> None:
    """A header in the middle and empty lines are counted, not rejected."""
    decoded = dma(DMA_ROW, "", DMA_NEW, DMA_ROW)
    assert (decoded.reports.num_rows, decoded.rejects.num_rows) == (2, 0)
    assert decoded.counts == {"rows": 2, "blank_lines": 1, "repeated_headers": 1}


def test_missing_column_is_one_clear_error() -> None:
    """The error names what is missing and what was found."""
    with pytest.raises(UnreadableInput, match=r"^dk: .*without Latitude; found # Timestamp, .*--mapping"):
        dma(columns="# Timestamp,Type of mobile,MMSI,Longitude")


def test_american_names_old_and_new() -> None:
    """Both spellings of the columns give the same report and vessel."""
    old = noaa(
        "367000001,2023-01-11T00:00:05,43.5,-70.5,10.5,12.5,95.0,ANNA,IMO9000001,WDI1,70,8.0,208.0,30.0,8.5,70,A"
    )
    new = noaa(
        "367000001,2023-01-11 00:00:05,-70.5,43.5,10.5,12.5,95,ANNA,IMO9000001,WDI1,70,8,208,30,8.5,70,A",
        columns=NOAA_NEW,
    )
    for table in ("reports", "vessels"):
        one, other = (getattr(d, table).drop_columns(["offset_bytes"]) for d in (old, new))
        assert one.equals(other)
    assert known(new.vessels)["imo"] == 9000001
    assert known(new.reports)["nav_status"] == 8


@pytest.mark.parametrize(
    ("sog", "cog", "want"),
    [
        ("-0.1", "-49.6", (None, None)),  # 102.3 and 360.0: not available
        ("-51.1", "-204.8", (51.3, 204.8)),
        ("102.3", "360.0", (None, None)),
        ("10.0", "-49.7", (10.0, 359.9)),
    ],
)
def test_values_taken_for_signed_are_put_right(sog: str, cog: str, want: tuple[float | None, ...]) -> None:
    """10-bit speed and 12-bit course (M.1371-5, table 48: 0..1023, 0..3600) read as two's complement."""
    decoded = noaa(f"367000001,2017-01-11T00:00:05,43.5,-70.5,{sog},{cog},511.0,,,,,,,,,,")
    assert (decoded.reports["sog_kn"][0].as_py(), decoded.reports["cog_deg"][0].as_py()) == want


def test_real_danish_file_against_the_csv_module(shared_data: Path) -> None:
    """Counts of rows, positions, speeds and ships agree with a plain reading by Python's csv module."""
    data = (shared_data / "ais" / "dk-dma-20180601.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    decoded = feed(dma_csv.open_receiver("dk"), data)
    placed = [r for r in rows if r["Latitude"] != "91.000000" and r["Longitude"] != "181.000000"]
    reports = decoded.reports.to_pydict()
    assert decoded.rejects.num_rows == 0
    assert reports["mmsi"] == [int(r["MMSI"]) for r in rows]
    assert sum(v is not None for v in reports["lat_deg"]) == len(placed)
    assert [v for v in reports["lon_deg"] if v is not None] == [float(r["Longitude"]) for r in placed]
    assert [v for v in reports["sog_kn"] if v is not None] == [
        float(r["SOG"]) for r in rows if r["SOG"].strip()
    ]
    kinds = {"Class A": 1, "Class B": 2, "Base Station": 3, "AtoN": 4}
    assert reports["transceiver"] == [kinds[r["Type of mobile"]] for r in rows]
    named = {(r["MMSI"], r["Name"].strip()) for r in rows if r["Name"].strip()}
    vessels = decoded.vessels.to_pydict()
    told = {(str(m), n) for m, n in zip(vessels["mmsi"], vessels["name"], strict=True) if n}
    assert told == named


def test_real_american_file_against_the_csv_module(shared_data: Path) -> None:
    """Counts of rows, courses, headings and IMO numbers agree with Python's csv module."""
    data = (shared_data / "ais" / "us-noaa-20230111.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    decoded = feed(marinecadastre.open_receiver("us"), data)
    reports = decoded.reports.to_pydict()
    assert (len(rows), decoded.rejects.num_rows) == (500, 0)
    assert [v for v in reports["cog_deg"] if v is not None] == [
        float(r["COG"]) for r in rows if float(r["COG"]) < 360
    ]
    assert [v for v in reports["heading_deg"] if v is not None] == [
        float(r["Heading"]) for r in rows if float(r["Heading"]) != 511
    ]
    numbers = {int(r["IMO"].removeprefix("IMO")) for r in rows if r["IMO"]} - {0}
    assert {v for v in decoded.vessels["imo"].to_pylist() if v} == numbers
