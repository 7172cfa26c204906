"""Every check finds what it is for, and leaves the real routes alone."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon, mapping

from seavigil.assets import UnreadableAssets
from seavigil.assets.read import load
from seavigil.assets.uncertainty import CLASSES, uncertainty

GOOD = LineString([(20, 59), (20.5, 59.2), (21, 59.5), (21.5, 59.6)])


def write(path: Path, *features: tuple[Any, dict[str, Any]]) -> Path:
    """Write features as GeoJSON, with a good cable beside them."""
    both = [(GOOD, {"name": "Good", "kind": "power_cable"}), *features]
    rows = [{"type": "Feature", "geometry": g and mapping(g), "properties": p} for g, p in both]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return path


CABLE = {"name": "Bad", "kind": "power_cable"}


@pytest.mark.parametrize(
    ("geometry", "told", "code"),
    [
        (LineString([(59, 100), (59.5, 101)]), CABLE, "swapped_lat_lon"),
        (LineString([(500_000, 6_600_000), (510_000, 6_600_000)]), CABLE, "out_of_range"),
        (LineString([(20, 59), (20, 59)]), CABLE, "zero_length"),
        (LineString([(20, 59), (20.1, 59), (23, 60), (20.2, 59), (20.3, 59)]), CABLE, "self_jump"),
        (None, CABLE, "no_geometry"),
        (Point(20, 59), CABLE, "wrong_shape"),
        (Point(20, 59), {"name": "Bad"}, "wrong_shape"),
        (GOOD, {"kind": "wind_farm"}, "wrong_shape"),
    ],
)
def test_errors_leave_out_only_the_broken_asset(
    tmp_path: Path, geometry: Any, told: dict[str, Any], code: str
) -> None:
    """The broken asset is told and left out; the good one beside it goes on."""
    loaded = load(write(tmp_path / "a.geojson", (geometry, told)))
    assert [a.name for a in loaded.assets] == ["Good"]
    assert [(f.level, f.code) for f in loaded.findings] == [("error", code)]
    assert loaded.findings[0].fix
    assert "\n" not in loaded.findings[0].line()


@pytest.mark.parametrize(
    ("geometry", "told", "code"),
    [
        (LineString([(22, 59), (23, 59)]), {"name": "B", "kind": "hyperloop"}, "unknown_kind"),
        (LineString([(22, 59), (23, 59)]), {"name": "B"}, "no_kind"),
        (LineString([(22, 59), (22.01, 59), (22.02, 59), (24, 60), (24.01, 60)]), CABLE, "long_edge"),
        (GOOD, CABLE, "duplicate"),
        (Polygon([(22, 59), (23, 60), (22, 60), (23, 59)]), {"kind": "wind_farm"}, "invalid_area"),
    ],
)
def test_doubts_are_told_and_the_asset_is_used(
    tmp_path: Path, geometry: Any, told: dict[str, Any], code: str
) -> None:
    """A warning leaves the asset in."""
    loaded = load(write(tmp_path / "a.geojson", (geometry, told)))
    assert len(loaded.assets) == 2
    assert [(f.level, f.code) for f in loaded.findings] == [("warning", code)]


def test_exchanged_coordinates_within_range_are_found(tmp_path: Path) -> None:
    """Among Baltic cables one at 20 N 59 E, in Arabia, is a Baltic one written the wrong way round."""
    others = [
        (LineString([(20 + i, 58), (20.5 + i, 58.2)]), {"name": f"C{i}", "kind": "cable"}) for i in range(3)
    ]
    swapped = shapely.transform(GOOD, lambda xy: xy[:, ::-1])
    loaded = load(write(tmp_path / "a.geojson", *others, (swapped, CABLE)))
    assert [(f.code, f.asset) for f in loaded.findings] == [("swapped_lat_lon", "bad")]


def test_one_asset_read_twice_is_used_once(tmp_path: Path) -> None:
    """The same file given twice gives each asset once and says so."""
    path = write(tmp_path / "a.geojson")
    loaded = load([path, path])
    assert len(loaded.assets) == 1
    assert [(f.level, f.code) for f in loaded.findings] == [("error", "duplicate")]


def test_routes_over_land(tmp_path: Path) -> None:
    """A route through an island in mid-sea is told; its landings are not; without land it is not checked."""
    land = tmp_path / "land.geojson"
    coast = [
        shapely.box(19, 58, 20.03, 60),
        shapely.box(20.4, 59, 20.6, 59.3),
        shapely.box(21.47, 59, 23, 60),
    ]
    rows = [{"type": "Feature", "geometry": mapping(g), "properties": {}} for g in coast]
    land.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    path = write(tmp_path / "a.geojson")
    found = load(path, land=land)
    assert [f.code for f in found.findings] == ["over_land"]
    assert found.land_checked
    assert not load(path).land_checked
    island = json.loads(land.read_text())
    del island["features"][1]
    land.write_text(json.dumps(island))
    assert load(path, land=land).findings == ()


def test_a_line_on_land_that_lies_at_sea_the_other_way_round(tmp_path: Path) -> None:
    """All on land, and at sea with latitude and longitude exchanged: an error, even for a single cable."""
    land = tmp_path / "land.geojson"
    box = {"type": "Feature", "geometry": mapping(shapely.box(50, 15, 65, 30)), "properties": {}}
    land.write_text(json.dumps({"type": "FeatureCollection", "features": [box]}))
    path = tmp_path / "a.geojson"
    swapped = {"type": "Feature", "geometry": mapping(LineString([(59, 20), (60, 21)])), "properties": CABLE}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [swapped]}))
    with pytest.raises(UnreadableAssets, match="lie over land"):
        load(path, land=land)


def test_real_routes_raise_no_false_error(shared_data: Path) -> None:
    """Routes that other tools have used for years have no errors, and their doubts are few and true."""
    folder = shared_data / "assets"
    names = (
        "submarine_power_cables",
        "telecom_cables_baltic",
        "pipelines_schematic",
        "emodnet_windfarmspoly",
    )
    loaded = load([folder / f"{n}.geojson" for n in names], land=folder / "ne_countries_50m.geojson")
    assert loaded.errors == 0
    codes = Counter(f.code for f in loaded.findings)
    planned = codes.pop("not_in_service")  # by their own column: 127 Planned, 11 Approved, 2 Dismantled
    assert planned == 127 + 11 + 2
    assert codes == {"long_edge": 3, "over_land": 2, "duplicate": 1}
    assert {f.asset for f in loaded.findings if f.code == "duplicate"} == {"bornholm-cable"}


@pytest.mark.parametrize(
    ("told", "text", "osm", "metres", "name"),
    [
        ({"position_uncertainty_m": 120}, "", False, 120.0, "given"),
        ({"position_uncertainty_m": "0"}, "", False, 0.0, "given"),
        ({"position_uncertainty_m": -5}, "as-laid route", False, 50.0, "surveyed"),
        ({"position_uncertainty_m": "x"}, "ENC", False, 500.0, "charted"),
        ({}, "drawn, NOT a surveyed route", False, 20_000.0, "schematic"),
        ({}, "", True, 500.0, "mapped"),
        ({}, "", False, 2_000.0, "unknown"),
    ],
)
def test_uncertainty_is_given_or_says_its_class(
    told: dict[str, Any], text: str, osm: bool, metres: float, name: str
) -> None:
    """A sound number given is taken; else the class by IHO zones of confidence (B 50 m, C 500 m) is named."""
    got, source = uncertainty(told, text, shape="line", osm=osm)
    assert got == metres
    assert source.startswith(name)
    assert len({c.name for c in CLASSES}) == len(CLASSES)
