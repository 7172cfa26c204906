"""Contacts of other sensors: tables, points, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seavigil.inputs import UnreadableSurroundings
from seavigil.inputs.contacts import read_contacts
from seavigil.records import parse_time_us

CSV = "id,time,lat,lon,error_m,length_m,sensor,confidence\na,2025-01-01T01:02:00Z,59.6,22.3,200,120,SAR,0.9\n"
POINTS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "a",
            "geometry": {"type": "Point", "coordinates": [22.3, 59.6]},
            "properties": {
                "time": "2025-01-01T01:02:00Z",
                "error_m": 200,
                "length_m": 120,
                "sensor": "sar",
                "confidence": 0.9,
            },
        }
    ],
}


@pytest.mark.parametrize("text", [CSV, CSV.replace(",", ";"), json.dumps(POINTS)])
def test_table_and_points_give_the_same(tmp_path: Path, text: str) -> None:
    """Time, place, error, length, sensor and confidence are read from both forms."""
    path = tmp_path / "contacts"
    path.write_text(text)
    read = read_contacts(path)
    (one,) = read.contacts.contacts
    assert one.time_us == parse_time_us("2025-01-01T01:02:00Z")
    assert (one.contact_id, one.lat_deg, one.lon_deg, one.error_m) == ("a", 59.6, 22.3, 200.0)
    assert (one.length_m, one.sensor, one.confidence) == (120.0, "sar", 0.9)
    assert read.findings == ()


@pytest.mark.parametrize(
    "row",
    [
        "b,yesterday,59,22,200,,,",
        "b,2025-01-01T01:02:00Z,91,22,200,,,",
        "b,2025-01-01T01:02:00Z,,,200,,,",
        "b,2025-01-01T01:02:00Z,59,22,,,,",
        "b,2025-01-01T01:02:00Z,59,22,nan,,,",
        "b,2025-01-01T01:02:00Z,59,22,200,9000,,",
        "b,2025-01-01T01:02:00Z,59,22,200,,sar,7",
        "a,2025-01-01T01:02:00Z,59,22,200,,,",
    ],
)
def test_a_faulty_contact_is_told_and_the_others_are_taken(tmp_path: Path, row: str) -> None:
    """No time, place or error, values that cannot be, an id taken: left out, with its line."""
    path = tmp_path / "contacts.csv"
    path.write_text(CSV + row + "\n")
    read = read_contacts(path)
    assert len(read.contacts) == 1
    assert [(f.code, f.asset) for f in read.findings] == [("bad_contact", "line 3")]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "{}", '{"features": 7}', "{", '{"features": [1, null]}'])
def test_a_file_without_contacts_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    """Empty, other columns, no points: one line that names the file."""
    path = tmp_path / "contacts.csv"
    path.write_text(text)
    with pytest.raises(UnreadableSurroundings) as fault:
        read_contacts(path)
    assert str(fault.value).startswith(str(path))
    assert "\n" not in str(fault.value)


_CELLS = st.sampled_from(["", "59.6", "1e999", "nan", "2025-01-01T00:00Z", "-200", "sar", "0.5", "ü"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=80), st.lists(st.lists(_CELLS, max_size=9).map(",".join)).map("\n".join)))
def test_nothing_crashes_the_reader(tmp_path: Path, text: str) -> None:
    """Any text below the header is read, or refused with a reason."""
    path = tmp_path / "contacts.csv"
    path.write_bytes((CSV + text).encode("utf-8", "replace"))
    try:
        read = read_contacts(path)
    except UnreadableSurroundings:
        return
    assert len(read.contacts) >= 1
