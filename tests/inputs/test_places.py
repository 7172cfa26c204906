"""Files of places: real ones counted by hand, invented ones understood, broken ones told."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.inputs import UnreadableSurroundings, read_places
from seavigil.normal.places import ANCHORAGE, LAND, LANE, PORT, ZONE


def geojson(path: Path, *features: tuple[dict[str, Any], dict[str, Any] | None]) -> Path:
    """Write features (properties, geometry) as GeoJSON."""
    made = [{"type": "Feature", "properties": told, "geometry": shape} for told, shape in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}))
    return path


SPOT = {"type": "Point", "coordinates": [24.8, 59.5]}
BOX = {"type": "Polygon", "coordinates": [[[24, 59], [25, 59], [25, 60], [24, 60], [24, 59]]]}
LINE = {"type": "LineString", "coordinates": [[24, 59], [25, 59]]}


def test_the_world_port_index_is_read_whole(shared_data: Path) -> None:
    """Every row of NGA's table is a port; Helsinki's is where the table says, nothing rejected."""
    path = shared_data / "ports/world-port-index.csv.gz"
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    read = read_places(path)
    assert (len(read.places.places), read.findings) == (len(rows), ())
    helsinki = next(r for r in rows if r["Main Port Name"] == "Helsinki")
    at = [float(helsinki["Latitude"])], [float(helsinki["Longitude"])]
    assert read.places.port_distance_m(*at) == pytest.approx([0.0])
    assert read.places.in_port_approach(*at).all()


def test_the_lanes_of_the_gulf_of_finland_run_as_ships_must(shared_data: Path) -> None:
    """Off Kallbada the northern lane goes west and the southern east: ships keep to starboard at sea."""
    read = read_places(shared_data / "assets/osm_tss.geojson")
    lanes = [p for p in read.places.places if p.kind == LANE]
    assert len(lanes) == 150  # 149 lanes and a roundabout, counted in the file by json alone
    assert sum(p.kind == ZONE for p in read.places.places) == 51
    assert read.unused == 126 + 34 + 10  # boundaries and lines around them
    assert read.findings == ()
    west, east = read.places.lane_direction_deg([59.914, 59.865], [25.748, 25.773])
    assert 225 < west < 315
    assert 45 < east < 135


def test_anchorages_of_openstreetmap_are_points_lines_and_areas(shared_data: Path) -> None:
    """All 583 are read; off Tallinn a ship in the middle of one of the areas lies in an anchorage."""
    read = read_places(shared_data / "assets/osm_anchorages.geojson")
    areas = [p for p in read.places.places if p.geometry.geom_type == "Polygon"]
    assert (len(read.places.places), len(areas), read.findings) == (583, 163, ())
    inside = areas[0].geometry.representative_point()
    assert read.places.in_anchorage([inside.y], [inside.x]).all()


def test_countries_are_land_and_open_coastlines_are_told(shared_data: Path) -> None:
    """Lahti lies inland, the middle of the gulf does not; the two open coastlines are left out by name."""
    lat, lon = [60.98, 59.8], [25.66, 24.8]
    for name, errors in (("ne_countries_50m", 0), ("ne_coastline_10m", 2)):
        read = read_places(shared_data / f"assets/{name}.geojson")
        assert len(read.findings) == errors
        assert all("open coastline" in f.message for f in read.findings)
        assert read.places.knows(LAND)
    countries = read_places(shared_data / "assets/ne_countries_50m.geojson").places
    assert countries.on_land(lat, lon, inland_m=5_000).tolist() == [True, False]


def test_own_kinds_and_reaches_are_taken(tmp_path: Path) -> None:
    """A ``kind`` of one's own goes before tags; ``reach_m`` and ``direction_deg`` are taken as given."""
    path = geojson(
        tmp_path / "own.geojson",
        ({"kind": "anchorage", "reach_m": 300, "name": "roads"}, SPOT),
        ({"kind": "traffic lane", "direction_deg": 90}, BOX),
        ({"seamark:type": "pilot_boarding"}, SPOT),
        ({"natural": "tree"}, SPOT),
    )
    read = read_places(path)
    kinds = [(p.kind, p.name, p.reach_m, p.direction_deg) for p in read.places.places]
    assert kinds[0] == ("anchorage", "roads", 300.0, None)
    assert kinds[1][0] == LANE
    assert kinds[1][2:] == (0.0, 90.0)
    assert kinds[2][0] == "pilot_boarding"
    assert (read.unused, read.findings) == (1, ())


def test_broken_features_are_told_and_the_others_used(tmp_path: Path) -> None:
    """No geometry, an unknown kind, a zone that is no area, a reach that is no number: each by name."""
    path = geojson(
        tmp_path / "broken.geojson",
        ({"kind": "port", "name": "sound"}, SPOT),
        ({"kind": "port", "name": "nowhere"}, None),
        ({"kind": "reef", "name": "unknown"}, SPOT),
        ({"kind": "separation_zone", "name": "thin"}, LINE),
        ({"kind": "port", "name": "vague", "reach_m": "far"}, SPOT),
        ({"kind": "port", "name": "outside"}, {"type": "Point", "coordinates": [24.8, 95.0]}),
    )
    read = read_places(path)
    assert [p.name for p in read.places.places] == ["sound"]
    assert [f.asset for f in read.findings] == ["nowhere", "unknown", "thin", "vague", "outside"]


def test_a_csv_of_places(tmp_path: Path) -> None:
    """Own columns, semicolons as well; a row without a position is told with its line."""
    path = tmp_path / "ports.csv"
    path.write_text("name;kind;lat_deg;lon_deg;reach_m\nA;port;59.4;24.7;2000\nB;anchorage;;24;\nC;;59;24;\n")
    read = read_places(path)
    assert [(p.name, p.kind, p.reach_m) for p in read.places.places] == [
        ("A", PORT, 2000.0),
        ("C", PORT, 5000.0),
    ]
    assert [(f.asset, f.message) for f in read.findings] == [("line 3", "no position")]


def test_ports_of_the_world_port_index_are_found_as_ships_name_them(shared_data: Path) -> None:
    """By the table's own columns: its name, its UN/LOCODE with or without the blank, its other name."""
    path = shared_data / "ports/world-port-index.csv.gz"
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    places = read_places(path).places
    (row,) = [r for r in rows if r["UN/LOCODE"].replace(" ", "") == "FIHEL"]
    spot = (float(row["Latitude"]), float(row["Longitude"]))
    for text in ("FIHEL", "FI HEL", "EETLL>FIHEL", row["Main Port Name"].upper()):
        assert places.ports_named(text) == [spot]
    coded = [r for r in rows if r["UN/LOCODE"].strip()]
    found = sum(
        (float(r["Latitude"]), float(r["Longitude"])) in places.ports_named(r["UN/LOCODE"]) for r in coded
    )
    assert found == len(coded) > 1000


def test_the_columns_of_an_index_of_ports_name_them(tmp_path: Path) -> None:
    """An invented table with the index's columns: all three names; an empty one stands for nothing."""
    path = tmp_path / "wpi.csv"
    head = "Main Port Name,Alternate Port Name,UN/LOCODE,Latitude,Longitude,Harbor Size\n"
    path.write_text(head + "Northport,Old Quay,ZZ NPT,59.5,24.5,Small\nSouthport,,,58.5,24.5,Small\n")
    places = read_places(path).places
    for text in ("NORTHPORT", "oldquay", "ZZNPT"):
        assert places.ports_named(text) == [(59.5, 24.5)]
    assert places.ports_named("Southport") == [(58.5, 24.5)]
    assert places.ports_named("") == []
    assert [p.also for p in places.places] == [("ZZ NPT", "Old Quay"), ()]


def test_own_tables_and_features_may_tell_a_un_locode(tmp_path: Path) -> None:
    """A column ``unlocode``, and OpenStreetMap's ``ref:unlocode`` or a plain ``unlocode``."""
    table = tmp_path / "ports.csv"
    table.write_text("name,unlocode,lat_deg,lon_deg\nRotterdam,NL RTM,51.95,4.05\nNowhere,,10,10\n")
    assert read_places(table).places.ports_named("NLRTM") == [(51.95, 4.05)]
    for tag in ("unlocode", "ref:unlocode"):
        path = geojson(tmp_path / "port.geojson", ({"kind": "port", "name": "Tallinn", tag: "EETLL"}, SPOT))
        assert read_places(path).places.ports_named("EE TLL") == [(59.5, 24.8)]
    bare = geojson(tmp_path / "bare.geojson", ({"kind": "port", "name": "Tallinn"}, SPOT))
    assert read_places(bare).places.ports_named("EETLL") == []
    assert read_places(bare).places.ports_named("Tallinn") == [(59.5, 24.8)]


def test_features_without_a_kind_take_the_default(tmp_path: Path) -> None:
    """A file of plain polygons is land when the caller says so, and a file of nothing otherwise."""
    path = geojson(tmp_path / "plain.geojson", ({}, BOX))
    assert read_places(path, default_kind=LAND).places.on_land([59.5], [24.5]).all()
    with pytest.raises(UnreadableSurroundings, match="no places"):
        read_places(path)


def test_a_folder_stands_for_the_files_in_it(tmp_path: Path) -> None:
    """Both files are read, a note beside them is not; an empty folder or a missing file is an error."""
    geojson(tmp_path / "a.geojson", ({"kind": "port"}, SPOT))
    (tmp_path / "b.csv").write_text("lat_deg,lon_deg\n59,24\n")
    (tmp_path / "note.txt").write_text("not for reading")
    assert len(read_places(tmp_path).places.places) == 2
    (tmp_path / "empty").mkdir()
    for nothing in ("empty", "missing.csv", "missing.geojson"):
        with pytest.raises(UnreadableSurroundings, match=nothing):
            read_places(tmp_path / nothing)


told = (
    st.none()
    | st.booleans()
    | st.integers(-(2**31), 2**31)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
)
keys = st.sampled_from(["kind", "seamark:type", "natural", "reach_m", "direction_deg", "name", "featurecla"])
kinds = st.sampled_from(["port", "land", "separation_zone", "traffic_lane", "separation_lane", "coastline"])
shapes = st.sampled_from([SPOT, BOX, LINE, None])


@settings(max_examples=25)
@given(st.lists(st.tuples(st.dictionaries(keys, told | kinds, max_size=4), shapes), max_size=4))
def test_any_properties_make_a_place_a_finding_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, features: list[tuple[dict[str, Any], dict[str, Any] | None]]
) -> None:
    """Every feature is accounted for: a place, left out with a reason, or of no use here."""
    path = tmp_path_factory.mktemp("any") / "x.geojson"
    read = read_places(geojson(path, ({"kind": "port"}, SPOT), *features))
    assert len(read.places.places) + len(read.findings) + read.unused == 1 + len(features)
    assert not np.isnan(read.places.port_distance_m([59.5], [24.8])).any()


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bnot gzip", b"name,lat\nA,1\n", b"\xff\xfe\x00"])
def test_an_unreadable_table_is_one_line(tmp_path: Path, content: bytes) -> None:
    """Empty, broken gzip, missing columns and no text: each an error that names the file."""
    path = tmp_path / "ports.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableSurroundings, match=r"ports\.csv: ") as fault:
        read_places(path)
    assert "\n" not in str(fault.value)


@given(st.binary(max_size=300))
def test_any_bytes_give_places_or_one_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever a table holds, it is read or refused in one way."""
    path = tmp_path_factory.mktemp("any") / "x.csv"
    path.write_bytes(b"lat_deg,lon_deg,name,kind\n59,24,ok,\n" + content)
    try:
        kinds = {p.kind for p in read_places(path).places.places}
    except UnreadableSurroundings:
        kinds = set()
    assert kinds <= {PORT, ANCHORAGE, LANE, "pilot_boarding", ZONE}
