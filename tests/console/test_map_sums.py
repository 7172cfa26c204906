"""What the page works out by itself: distances, positions in words, times that are typed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from seavigil.console import STATIC

NODE = shutil.which("node")
WGS84 = Geod(ellps="WGS84")
pytestmark = pytest.mark.skipif(NODE is None, reason="there is no node here to run the page's modules")

_RUN = """
import { readFileSync } from "node:fs";
const { module, name, calls } = JSON.parse(readFileSync(0, "utf8"));
const does = (await import(module))[name];
console.log(JSON.stringify(calls.map((given) => does(...given))));
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the page's modules in a folder that node takes for modules."""
    root = tmp_path_factory.mktemp("page")
    for folder in ("lib", "map", "views"):
        shutil.copytree(STATIC / folder, root / folder)
    (root / "package.json").write_text('{"type": "module"}')
    return root


def run(page: Path, module: str, name: str, calls: list[list[Any]]) -> Any:
    """Call a function of a module once for each list of arguments."""
    given = json.dumps({"module": str(page / module), "name": name, "calls": calls})
    command = [str(NODE), "--input-type=module", "-e", _RUN]
    return json.loads(
        subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=60).stdout
    )


lat = st.floats(-84, 84)
lon = st.floats(-180, 180)


@settings(max_examples=4, deadline=None)
@given(st.lists(st.tuples(lat, lon, lat, lon), min_size=60, max_size=60))
def test_distance_and_bearing_are_those_of_the_geodesic(page: Path, pairs: list[tuple[float, ...]]) -> None:
    """To a centimetre, and to a thousandth of a degree where a bearing means something; checked by PROJ."""
    calls = [
        [{"lat_deg": a, "lon_deg": b}, {"lat_deg": c, "lon_deg": d}]
        for a, b, c, d in pairs
        if not nearly_opposite(a, b, c, d)
    ]
    for (one, other), found in zip(calls, run(page, "map/geo.js", "between", calls), strict=True):
        towards, _, metres = WGS84.inv(one["lon_deg"], one["lat_deg"], other["lon_deg"], other["lat_deg"])
        assert found["m"] == pytest.approx(metres, abs=0.01)
        if metres > 100:
            assert abs((found["bearing_deg"] - towards + 180) % 360 - 180) < 1e-3


def nearly_opposite(a: float, b: float, c: float, d: float) -> bool:
    """Tell of points for which Vincenty's formula may not settle: nobody measures half around the world."""
    return abs(a + c) < 3 and abs(abs(b - d) - 180) < 3


def test_opposite_points_are_measured_all_the_same(page: Path) -> None:
    """Where the formula does not settle the sphere stands in: within half a per cent of what PROJ says."""
    found = run(
        page, "map/geo.js", "between", [[{"lat_deg": 0, "lon_deg": 0}, {"lat_deg": 0.3, "lon_deg": 179.7}]]
    )
    assert found[0]["m"] == pytest.approx(WGS84.inv(0, 0, 179.7, 0.3)[2], rel=0.005)


@settings(max_examples=3, deadline=None)
@given(st.lists(st.tuples(lon, lat, st.floats(0, 359.9), st.floats(1, 200_000)), min_size=40, max_size=40))
def test_a_point_ahead_is_near_enough_for_drawing(page: Path, ways: list[tuple[float, ...]]) -> None:
    """The sphere differs from the ellipsoid by at most 0.6 per cent of the way."""
    for (x, y, bearing, metres), (east, north) in zip(
        ways, run(page, "map/geo.js", "ahead", [list(way) for way in ways]), strict=True
    ):
        x_there, y_there, _ = WGS84.fwd(x, y, bearing, metres)
        assert WGS84.inv(x_there, y_there, east, north)[2] <= 0.006 * metres + 0.01


def test_a_position_is_spoken_digit_by_digit(page: Path) -> None:
    """Degrees and minutes, with the sides in words; 59.9999 minutes are the next degree, never 60."""
    found = run(page, "map/copying.js", "spoken", [[59.852, 25.35408], [-0.5, -9.99999]])
    assert found[0] == (
        "five niner degrees five one decimal one minutes north, "
        "zero two five degrees two one decimal two minutes east"
    )
    assert found[1] == (
        "zero zero degrees three zero decimal zero minutes south, "
        "zero one zero degrees zero zero decimal zero minutes west"
    )


NOON = 1_384_257_600_000  # 2013-11-12T12:00:00Z


@pytest.mark.parametrize(
    ("typed", "after_s"),
    [
        ("2013-11-12 12:03", 180),
        ("2013-11-12T12:03:04Z", 184),
        ("12:03:04", 184),
        ("1203", 180),
        (" 9:00 utc ", -10_800),
        ("2013-11-11 12:00", -86_400),
    ],
)
def test_a_typed_time_is_utc(page: Path, typed: str, after_s: int) -> None:
    """A time of day alone means the day that is shown."""
    assert run(page, "views/timebar.js", "parsed", [[typed, NOON]]) == [NOON + after_s * 1000]


@pytest.mark.parametrize(
    "typed", ["", "noon", "25:00", "12:60", "2013-02-30x 12:00", "2013-13-01 12:00", "12"]
)
def test_what_is_no_time_is_refused(page: Path, typed: str) -> None:
    """It never becomes some other moment."""
    assert run(page, "views/timebar.js", "parsed", [[typed, NOON]]) == [None]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("9.50,59.80000,24.95000", {"zoom": 9.5, "lat_deg": 59.8, "lon_deg": 24.95}),
        ("", None),
        (None, None),
        ("9,91,0", None),
        ("99,59,24", None),
        ("a,b,c", None),
        ("9,59", None),
    ],
)
def test_the_place_in_a_link_is_sound_or_not_taken(page: Path, text: str | None, place: Any) -> None:
    """An address that somebody typed cannot throw the map off the world."""
    assert run(page, "map/hash.js", "placeOf", [[text]]) == [place]


def test_a_way_over_the_180th_meridian_goes_on(page: Path) -> None:
    """From 179.98 E to 179.99 W are 0.03 degrees, not once around the world; back again, and over gaps."""
    assert run(page, "map/geo.js", "runOn", [[[179.98, None, -179.99, 179.97]]])[0] == pytest.approx(
        [179.98, None, 180.01, 179.97]
    )
    assert run(page, "map/geo.js", "lineOn", [[[[-179.9, 60], [179.9, 61]]]])[0] == [
        pytest.approx([-179.9, 60]),
        pytest.approx([-180.1, 61]),
    ]
    assert run(page, "map/geo.js", "turned", [[170, -170], [-170, 170], [10, 20]]) == pytest.approx(
        [20, -20, 10]
    )
