"""Lists of ships: own tables and those of others, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seavigil.inputs import UnreadableSurroundings
from seavigil.inputs.watchlists import read_watchlists

OWN_CSV = "imo,mmsi,name,callsign,reason\n9329760,518998865,EAGLE S,E5U4497,own list\n,,FREJA,,seen before\n"
SIMPLE_CSV = (
    '"id","schema","name","aliases","countries","identifiers","sanctions","dataset"\n'
    '"x-1","Vessel","EAGLE S","Norstar;E. S.","ck","IMO9329760;518998865;E5U4497","EU 17th","EU list"\n'
    '"x-2","Person","Jane Doe","","xx","12345","",""\n'
)
ENTITIES = "\n".join(
    json.dumps(e)
    for e in (
        {
            "id": "x-1",
            "schema": "Vessel",
            "caption": "EAGLE S",
            "properties": {
                "name": ["EAGLE S"],
                "imoNumber": ["IMO9329760"],
                "mmsi": ["518998865"],
                "callSign": ["E5U4497"],
                "topics": ["sanction"],
            },
        },
        {"id": "x-2", "schema": "Company", "caption": "Owner Ltd", "properties": {"name": ["Owner Ltd"]}},
    )
)


def written(folder: Path, text: str, name: str = "list.csv") -> Path:
    """Write a file to read."""
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "unused"),
    [
        (OWN_CSV, 0),
        (OWN_CSV.replace(",", ";"), 0),
        (SIMPLE_CSV, 1),
        (ENTITIES, 1),
        (json.dumps([{"imo": 9329760, "mmsi": 518998865, "name": "EAGLE S"}]), 0),
        (json.dumps({"ships": [{"IMO": "IMO 9329760", "MMSI": "518998865", "name": "EAGLE S"}]}), 0),
    ],
)
def test_every_form_gives_the_same_ship(tmp_path: Path, text: str, unused: int) -> None:
    """Own CSV and JSON, the table of targets, lines of entities: IMO number, MMSI and name are read."""
    read = read_watchlists(written(tmp_path, text))
    first = read.watchlist.entries[0]
    assert (first.imo, first.mmsis, first.names[0]) == (9329760, (518998865,), "EAGLE S")
    assert (read.findings, read.unused) == ((), unused)


@pytest.mark.parametrize(
    "row", ["9329761,,X,,", "12,,X,,", ",51899886,X,,", ",,,E5U4497,why", "IMO 9329760 9074729,,X,,"]
)
def test_a_faulty_row_is_told_and_the_others_are_taken(tmp_path: Path, row: str) -> None:
    """A wrong check digit, too few digits, nothing that tells which ship: left out, with its line."""
    read = read_watchlists(written(tmp_path, OWN_CSV + row + "\n"))
    assert len(read.watchlist) == 2
    assert [(f.code, f.asset) for f in read.findings] == [("bad_entry", "line 4")]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "[]", "{}", '[{"schema": "Person", "name": "Jane"}]'])
def test_a_file_without_ships_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    """Empty, no columns, nobody listed: one line that names the file."""
    path = written(tmp_path, text)
    with pytest.raises(UnreadableSurroundings) as fault:
        read_watchlists(path)
    assert str(fault.value).startswith(str(path))
    assert "\n" not in str(fault.value)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    ["imo", "mmsi", "name", "callsign", "schema", "properties", "identifiers", "ships", "id"]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=80), st.lists(st.dictionaries(_KEYS, _VALUES, max_size=5)).map(json.dumps)))
def test_nothing_crashes_the_reader(tmp_path: Path, text: str) -> None:
    """Any text is read, or refused with a reason."""
    try:
        read = read_watchlists(written(tmp_path, text.replace("\r", " ").encode("utf-8", "replace").decode()))
    except UnreadableSurroundings:
        return
    assert len(read.watchlist) >= 1
