"""Reading every format and vocabulary; expectations from json, PROJ and the tags themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import LineString, Point, mapping, shape

from seavigil.assets import KINDS, Assets, UnknownAsset, UnreadableAssets
from seavigil.assets.read import load, read
from seavigil.assets.sources import write

GEOD = Geod(ellps="WGS84")
Features = Callable[[str], list[dict[str, Any]]]
LINE = LineString([(20, 59), (21, 59.5)])


def geojson(path: Path, *features: tuple[Any, dict[str, Any]], **more: Any) -> Path:
    """Write features as GeoJSON."""
    rows = [{"type": "Feature", "geometry": g and mapping(g), "properties": p, **more} for g, p in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return path


def length_km(coordinates: Any) -> float:
    """Give PROJ's length of a line whose edges are cut into a hundred pieces in longitude and latitude."""
    xy = shapely.get_coordinates(shapely.segmentize(LineString(coordinates), 0.002))
    return float(GEOD.line_length(*xy.T)) / 1000


def test_every_real_power_cable_is_read(shared_data: Path, features: Features) -> None:
    """All 610 ways are there: by their own id or as a piece, and no kilometre is lost."""
    raw = features("submarine_power_cables.geojson")
    assets = read(shared_data / "assets" / "submarine_power_cables.geojson")
    assert {a.kind for a in assets} == {"power_cable"}
    ids = {i for a in assets for i in (a.piece_ids or (a.asset_id,))}
    assert ids == {f["properties"]["osm_id"] for f in raw}
    total = sum(length_km(f["geometry"]["coordinates"]) for f in raw)
    assert sum(a.length_km or 0 for a in assets) == pytest.approx(total, rel=1e-6)


def test_pieces_of_one_name_are_one_cable(shared_data: Path, features: Features) -> None:
    """The eight ways named HVDC Konti-Skan are one asset, found by its name and any way's number."""
    assets = read(shared_data / "assets" / "submarine_power_cables.geojson")
    raw = [
        f
        for f in features("submarine_power_cables.geojson")
        if f["properties"].get("name") == "HVDC Konti-Skan"
    ]
    cable = assets.find("HVDC Konti-Skan")
    assert cable.asset_id == "hvdc-konti-skan"
    assert cable.piece_ids == tuple(f["properties"]["osm_id"] for f in raw)
    assert all(assets.find(f["properties"]["osm_id"]) is cable for f in raw)
    assert assets.find("98356251") is cable
    assert cable.voltage_kv == 300.0  # tagged 285000;300000
    assert len(shapely.get_parts(cable.geometry)) == 2


def test_two_cables_of_one_landing_are_not_strung_together(shared_data: Path) -> None:
    """Fenno-Skan 1 and 2 share an end: they stay two pieces, laid the same way, not one loop out and back."""
    cable = read(shared_data / "assets" / "submarine_power_cables.geojson").find("Fenno-Skan")
    one, two = shapely.get_parts(cable.geometry)
    lon = [shapely.get_coordinates(p)[[0, -1], 0] for p in (one, two)]
    assert np.sign(lon[0][1] - lon[0][0]) == np.sign(lon[1][1] - lon[1][0])


def test_one_way_keeps_its_osm_id_and_a_nameless_one_stands_alone(shared_data: Path) -> None:
    """A cable of one way is known by the way; a nameless one says what and which it is."""
    assets = read(shared_data / "assets" / "submarine_power_cables.geojson")
    assert assets.find("Estlink 1").asset_id == "way/174097214"
    assert assets.find("way/103575518").name == "unnamed power cable (way/103575518)"


def test_own_properties_are_taken_as_given(shared_data: Path, features: Features) -> None:
    """Kind, countries, voltage and uncertainty of the telecom file come through unchanged."""
    assets = read(shared_data / "assets" / "telecom_cables_baltic.geojson")
    for f in features("telecom_cables_baltic.geojson"):
        told, got = f["properties"], assets.find(f["properties"]["name"])
        assert (got.name, got.kind, list(got.countries)) == (told["name"], told["kind"], told["countries"])
        assert (got.position_uncertainty_m, got.uncertainty_source) == (
            told["position_uncertainty_m"],
            "given",
        )
        assert got.voltage_kv == told.get("voltage_kv")
    assert assets.find("c-lion1").length_km == pytest.approx(
        length_km(features("telecom_cables_baltic.geojson")[0]["geometry"]["coordinates"]), rel=1e-6
    )
    assert assets.find("C-Lion1").sigma_m == pytest.approx(500 / 1.96)


def test_other_real_files(shared_data: Path, features: Features) -> None:
    """Pipelines, wind farms and platforms are what their tags say, none lost."""
    folder = shared_data / "assets"
    assert [a.kind for a in read(folder / "pipelines_schematic.geojson")] == ["gas_pipeline"] * 2
    farms = read(folder / "emodnet_windfarmspoly.geojson")
    assert len(farms) == len(features("emodnet_windfarmspoly.geojson"))
    assert {a.kind for a in farms} == {"wind_farm"}
    assert farms.find("Anholt").asset_id == "windfarmspoly.46"
    assert farms.find("Anholt").countries == ("Denmark",)
    platforms = read(folder / "offshore_platforms.geojson")
    assert {a.kind for a in platforms} == {"platform"}
    assert platforms.find("OSS Baltic 1").voltage_kv == 150.0
    assert platforms.find("node/3135730227").name == "Petro Giant"  # seamark:name, it has no other
    assert all(a.length_km is None for a in (*farms, *platforms))


@pytest.mark.parametrize("driver", ["GPKG", "ESRI Shapefile", "FlatGeobuf", "GeoJSON"])
def test_every_format_gives_the_same(tmp_path: Path, driver: str) -> None:
    """GeoPackage, Shapefile, FlatGeobuf and GeoJSON of one cable read alike."""
    ending = {"GPKG": "gpkg", "ESRI Shapefile": "shp", "FlatGeobuf": "fgb", "GeoJSON": "geojson"}[driver]
    path = tmp_path / f"cables.{ending}"
    values = [np.array([v], dtype=object) for v in ("Nord", "telecom_cable", "300")]
    names = ["NAME", "kind", "position_uncertainty_m"[: 10 if ending == "shp" else None]]
    wkb = np.array([LINE.wkb], dtype=object)
    pyogrio.raw.write(path, wkb, values, names, geometry_type="LineString", crs="EPSG:4326", driver=driver)
    cable = read(path)[0]
    assert (cable.asset_id, cable.name, cable.kind) == ("nord", "Nord", "telecom_cable")
    assert cable.position_uncertainty_m == 300.0
    assert cable.geometry.equals(LINE)


@pytest.mark.parametrize("column", ["WKT", "wkt", "geometry", "the_geom"])
def test_csv_with_wkt(tmp_path: Path, column: str) -> None:
    """A CSV with its geometry as WKT, whatever the column is called."""
    path = tmp_path / "c.csv"
    path.write_text(f'name,kind,position_uncertainty_m,{column}\nNord,power cable,250,"{LINE.wkt}"\n')
    cable = read(path)[0]
    assert (cable.kind, cable.position_uncertainty_m, cable.geometry.equals(LINE)) == (
        "power_cable",
        250.0,
        True,
    )


def test_projected_coordinates_come_to_wgs84(tmp_path: Path) -> None:
    """A GeoPackage in UTM 33N reads as longitude and latitude (500 000 E, 0 N is 15 E on the equator)."""
    path = tmp_path / "utm.gpkg"
    wkb = np.array([LineString([(500_000, 0), (500_000, 6_651_411.190)]).wkb], dtype=object)
    pyogrio.raw.write(
        path,
        wkb,
        [np.array(["x"], object)],
        ["name"],
        geometry_type="LineString",
        crs="EPSG:32633",
        driver="GPKG",
    )
    xy = shapely.get_coordinates(read(path)[0].geometry)
    assert xy == pytest.approx(
        np.array([[15, 0], [15, 60]]), abs=1e-6
    )  # 60 N: meridian arc 6654072.819 m * 0.9996


@pytest.mark.parametrize(
    ("tags", "geometry", "kind"),
    [
        ({"power": "cable"}, LINE, "power_cable"),
        (
            {"seamark:type": "cable_submarine", "seamark:cable_submarine:category": "power"},
            LINE,
            "power_cable",
        ),
        (
            {"seamark:type": "cable_submarine", "seamark:cable_submarine:category": "fibre_optic"},
            LINE,
            "telecom_cable",
        ),
        ({"seamark:type": "cable_submarine"}, LINE, "cable"),
        ({"communication": "line"}, LINE, "telecom_cable"),
        ({"telecom": "line"}, LINE, "telecom_cable"),
        ({"man_made": "pipeline", "substance": "gas"}, LINE, "gas_pipeline"),
        ({"man_made": "pipeline"}, LINE, "pipeline"),
        ({"man_made": "offshore_platform", "power": "substation"}, Point(20, 59), "platform"),
        ({"power": "plant", "plant:source": "wind"}, LINE.buffer(0.1), "wind_farm"),
        ({"power": "plant"}, LINE.buffer(0.1), "plant"),
        ({"power": "substation"}, Point(20, 59), "substation"),
        ({"industrial": "refinery"}, LINE.buffer(0.1), "refinery"),
        ({"is_tbd": "false", "color": "#939597"}, LINE, "telecom_cable"),
        ({"is_tbd": "false"}, Point(20, 59), "landing_point"),
        ({"medium": "Gas"}, LINE, "gas_pipeline"),
        ({"n_turbines": 10}, Point(20, 59), "wind_farm"),
        ({"kind": "Wind farm"}, Point(20, 59), "wind_farm"),
        ({}, LINE, "other"),
    ],
)
def test_kinds_by_tag(tmp_path: Path, tags: dict[str, Any], geometry: Any, kind: str) -> None:
    """Tags of OpenStreetMap's wiki and columns of EMODnet and TeleGeography tell the kind."""
    assert read(geojson(tmp_path / "x.geojson", (geometry, {"osm_id": "way/1", **tags})))[0].kind == kind
    assert kind in KINDS


def test_telegeography(tmp_path: Path) -> None:
    """Pieces of one TeleGeography id keep that id; their stylised routes are 7 to 24 km off in places."""
    told = {"id": "north-link", "name": "North Link", "color": "#1", "is_tbd": "false"}
    path = geojson(
        tmp_path / "telegeography-cables.geojson", (LINE, told), (LineString([(21, 59.5), (22, 60)]), told)
    )
    cable = read(path)[0]
    assert (cable.asset_id, cable.geometry.geom_type) == ("north-link", "LineString")
    assert cable.position_uncertainty_m == 20_000.0
    assert cable.uncertainty_source.startswith("schematic")


def test_pieces_join_over_the_antimeridian(tmp_path: Path) -> None:
    """A route cut at 180 degrees, as RFC 7946 asks, is one line again, its second piece turned round."""
    west, east = LineString([(179, 60), (180, 60)]), LineString([(-179, 60), (-180, 60)])
    cable = read(geojson(tmp_path / "x.geojson", (west, {"name": "A"}), (east, {"name": "A"})))[0]
    assert cable.geometry.geom_type == "LineString"
    assert cable.length_km == pytest.approx(length_km([(179, 60), (181, 60)]), rel=1e-9)


def test_pieces_apart_run_on_in_order(tmp_path: Path) -> None:
    """Pieces that do not touch are ordered along the route and laid the way of the longest."""
    pieces = [
        LineString([(24, 59), (23, 59)]),
        LineString([(20, 59), (22.5, 59)]),
        LineString([(19.5, 59), (19, 59)]),
    ]
    cable = read(geojson(tmp_path / "x.geojson", *((p, {"name": "A", "kind": "cable"}) for p in pieces)))[0]
    assert [p.coords[0][0] for p in cable.geometry.geoms] == [19.0, 20.0, 23.0]


def test_same_name_in_two_files_stays_two(tmp_path: Path) -> None:
    """One name in two files is two assets, told as a likely duplicate; its name alone is not enough."""
    a = geojson(tmp_path / "a.geojson", (LINE, {"name": "Nord", "kind": "power_cable"}))
    b = geojson(
        tmp_path / "b.geojson",
        (LineString([(20, 59.01), (21, 59.5)]), {"name": "Nord", "kind": "power_cable"}),
    )
    loaded = load([a, b])
    assert [x.asset_id for x in loaded.assets] == ["nord", "nord-2"]
    assert {f.code for f in loaded.findings} == {"duplicate_id", "duplicate"}
    assert loaded.assets.find("nord").asset_id == "nord"
    with pytest.raises(UnknownAsset, match="no asset has the id or name 'sud'"):
        loaded.assets.find("sud")


def test_find_helps(tmp_path: Path) -> None:
    """A part of a name is enough when it is one asset's; else the error names the nearest."""
    features = [
        (LineString([(20, 59 + i), (21, 59 + i)]), {"name": n})
        for i, n in enumerate(("HVDC Nord 1", "Nord 2"))
    ]
    assets = read(geojson(tmp_path / "x.geojson", *features))
    assert assets.find("nord 1").name == "HVDC Nord 1"
    with pytest.raises(UnknownAsset, match="did you mean 'HVDC Nord 1', 'Nord 2'"):
        assets.find("Nord")
    with pytest.raises(UnknownAsset, match="did you mean 'Nord 2'"):
        assets.find("Nrod 2")


@pytest.mark.parametrize("ending", ["parquet", "geojson"])
def test_what_is_written_reads_back(shared_data: Path, tmp_path: Path, ending: str) -> None:
    """Real assets written and read again are the same, and nothing else is left in the folder."""
    names = ("submarine_power_cables", "emodnet_windfarmspoly", "offshore_platforms", "telecom_cables_baltic")
    assets = read([shared_data / "assets" / f"{n}.geojson" for n in names])
    out = tmp_path / f"a.{ending}"
    write(assets, out)
    assert read(out) == assets
    assert Assets.from_table(assets.to_table()) == assets
    assert [p.name for p in tmp_path.iterdir()] == [out.name]


def test_write_refuses_other_endings(tmp_path: Path) -> None:
    """Only .parquet and .geojson are written."""
    with pytest.raises(ValueError, match=r"\.parquet or \.geojson"):
        write(Assets(), tmp_path / "a.kml")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.geojson", b"", "empty file"),
        ("binary.geojson", bytes(range(256)), "not readable as GeoJSON"),
        ("other.json", b'{"a": 1}', "not readable as GeoJSON"),
        (
            "cut.geojson",
            b'{"type": "FeatureCollection", "features": [{"type": "Fea',
            "not readable as GeoJSON",
        ),
        ("none.geojson", b'{"type": "FeatureCollection", "features": []}', "no features"),
        ("no.csv", b"name,kind\nA,power_cable\n", "a CSV needs a column WKT"),
        ("not.gpkg", b"SQLite format 3\0 but not", "not readable as GeoPackage"),
        ("not.parquet", b"PAR1", "not readable as Parquet"),
    ],
)
def test_unreadable_files_say_so_in_one_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """Every kind of broken file gives one line that names it."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableAssets) as error:
        read(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_path_and_folder_without_assets(tmp_path: Path) -> None:
    """A path that is not there and a folder without assets are told apart."""
    with pytest.raises(UnreadableAssets, match="no such file"):
        read(tmp_path / "x.geojson")
    with pytest.raises(UnreadableAssets, match="no asset files in this folder"):
        read(tmp_path)
    geojson(tmp_path / "x.geojson", (LINE, {"name": "A"}))
    assert len(read(tmp_path)) == 1


def test_points_where_lines_are_wanted(tmp_path: Path) -> None:
    """A file of nameless points cannot be watched and says what is wanted."""
    path = geojson(
        tmp_path / "p.geojson", (Point(20, 59), {"name": "A"}), (Point(21, 59), {"power": "cable"})
    )
    with pytest.raises(UnreadableAssets, match=r"nothing usable in it, 2 errors.*need lines"):
        read(path)


@given(st.binary(max_size=200), st.sampled_from(["geojson", "csv", "fgb", "gpkg", "shp", "parquet"]))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, ending: str
) -> None:
    """Whatever the bytes, the answer is assets or one clear refusal."""
    path = tmp_path_factory.mktemp("any") / f"a.{ending}"
    path.write_bytes(content)
    with pytest.raises(UnreadableAssets):
        read(path)


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8))
KEYS = st.sampled_from(
    ["name", "kind", "voltage", "voltage_kv", "countries", "operator", "osm_id", "source", "x"]
)
COORDINATES = st.lists(st.lists(st.floats(-200, 200), min_size=2, max_size=3), min_size=2, max_size=5)


@given(
    st.dictionaries(
        KEYS | st.just("position_uncertainty_m"), VALUES | st.lists(st.text(max_size=3), max_size=2)
    ),
    COORDINATES,
)
def test_any_properties_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, told: dict[str, Any], coordinates: list[list[float]]
) -> None:
    """Odd values in any property never break the reading; what is read is sound."""
    path = tmp_path_factory.mktemp("odd") / "a.geojson"
    feature = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": coordinates},
        "properties": told,
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    try:
        assets = read(path)
    except UnreadableAssets:
        return
    assert assets[0].kind in KINDS
    assert assets[0].position_uncertainty_m >= 0
    assert shape(mapping(assets[0].geometry)).length > 0
    assert Assets.from_table(assets.to_table()) == assets
