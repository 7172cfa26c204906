"""OGC API - Features Part 1 (17-069r4) and Part 3 (19-079r2), and tracks in MF-JSON (19-045r3).

What each document must hold is written out here from the standards' requirements, named where they are asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import numpy as np
import polars as pl
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from seavigil.api.context import sees_of
from seavigil.api.labels import Sees
from seavigil.api.ogc_rows import COLLECTIONS
from seavigil.records import UNUSABLE_POSITION, parse_time_us, vessel_id
from seavigil.runners.moving import Key, key_of, line
from seavigil.sharing import Label, Viewer
from tests.api.shown import Shown, invented, shown
from tests.api.test_offline import served

HERE = "http://127.0.0.1:8640/ogc"
LAYERS = tuple(COLLECTIONS)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Give the invented hour."""
    nmea, assets = invented(tmp_path_factory.mktemp("written"))
    with shown(tmp_path_factory.mktemp("store"), [nmea], assets) as found:
        yield found


def items(web: Shown, layer: str, **asked: Any) -> dict[str, Any]:
    """Ask for a page of features."""
    found: dict[str, Any] = web.get(f"/ogc/collections/{layer}/items", params=asked)
    return found


_ALL: dict[str, list[dict[str, Any]]] = {}


def whole(web: Shown, layer: str) -> list[dict[str, Any]]:
    """Give all features of the hour, asked for once."""
    if layer not in _ALL:
        _ALL[layer] = every(web, layer, limit=10_000)
    return _ALL[layer]


def every(web: Shown, layer: str, **asked: Any) -> list[dict[str, Any]]:
    """Follow the links `next` to the end."""
    page = items(web, layer, **asked)
    found: list[dict[str, Any]] = page["features"]
    while (after := _href(page, "next")) is not None:
        page = web.get(after)
        found += page["features"]
    return found


def _href(document: Mapping[str, Any], rel: str) -> str | None:
    return next((one["href"] for one in document["links"] if one["rel"] == rel), None)


def refused(web: Shown, path: str, **asked: Any) -> str:
    """Ask something that is answered with 400, and give what is told of it."""
    answer = web.request("GET", path, params=asked)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    told: str = answer.json()["detail"]
    return told


# --- what there is --------------------------------------------------------------------------------


def test_the_landing_page_leads_everywhere(web: Shown) -> None:
    """/req/core/root-success: links service-desc, conformance and data; each leads to what it says."""
    for path in ("/ogc", "/ogc/"):
        links = web.get(path)["links"]
        assert {"self", "service-desc", "conformance", "data"} <= {one["rel"] for one in links}
        for one in links:
            answer = web.request("GET", one["href"])
            assert (answer.status_code, answer.headers["content-type"]) == (200, one["type"])


def test_conformance_names_what_is_all_there(web: Shown) -> None:
    """/req/core/conformance-success; not CQL2 in JSON, arithmetic, accents, functions or other systems."""
    declared = web.get("/ogc/conformance")["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in declared
    assert "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text" in declared
    for part in ("cql2-json", "arithmetic", "accent", "conf/functions", "features-2"):
        assert not [one for one in declared if part in one]


def test_each_collection_says_where_its_features_are(web: Shown) -> None:
    """/req/core/fc-md-items: id and links; itemType feature; crs CRS84 alone; alone as in the list."""
    listed = web.get("/ogc/collections")
    assert tuple(one["id"] for one in listed["collections"]) == LAYERS
    assert _href(listed, "self") == f"{HERE}/collections"
    for one in listed["collections"]:
        assert one == web.get(f"/ogc/collections/{one['id']}")
        assert (one["itemType"], one["crs"]) == (
            "feature",
            ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
        )
        assert _href(one, "items") == f"{HERE}/collections/{one['id']}/items"


def test_the_extent_of_assets_holds_all_of_them(web: Shown) -> None:
    """/req/core/fc-md-extent: nothing lies outside of it."""
    (box,) = web.get("/ogc/collections/assets")["extent"]["spatial"]["bbox"]
    assert all(shapely.box(*box).covers(shape(f["geometry"])) for f in every(web, "assets"))


def test_the_description_is_openapi_three_zero(web: Shown) -> None:
    """/req/oas30/oas-definition: it describes each resource; limit has least, most and usual."""
    found = web.get("/ogc/api")
    assert found["openapi"].startswith("3.0.")
    assert found["servers"] == [{"url": HERE}]
    assert {f"/collections/{layer}/items" for layer in LAYERS} <= set(found["paths"])
    for layer in LAYERS:
        parameters = found["paths"][f"/collections/{layer}/items"]["get"]["parameters"]
        schemas = {one["name"]: one["schema"] for one in parameters}
        assert {"bbox", "datetime", "limit", "filter", "filter-lang", "filter-crs"} <= set(schemas)
        assert schemas["limit"] == {
            "type": "integer",
            "minimum": 1,
            "maximum": COLLECTIONS[layer].most,
            "default": COLLECTIONS[layer].usual,
        }


@pytest.mark.parametrize("layer", LAYERS)
def test_queryables_are_a_schema(web: Shown, layer: str) -> None:
    """/req/queryables/get-queryables-response: $schema, $id without a query, an object of properties."""
    answer = web.request("GET", f"/ogc/collections/{layer}/queryables?f=json")
    found = answer.json()
    assert answer.headers["content-type"] == "application/schema+json"
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (found["$id"], found["type"]) == (f"{HERE}/collections/{layer}/queryables", "object")
    assert set(found["properties"]) == set(COLLECTIONS[layer].fields)
    for name in found["properties"]:  # /req/filter/filter-param: each may stand in a filter
        assert items(web, layer, filter=f"{name} IS NOT NULL", limit=1)["type"] == "FeatureCollection"


# --- features -------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_a_page_of_features(web: Shown, layer: str) -> None:
    """/req/core/fc-response, fc-links, fc-timeStamp, fc-numberReturned; GeoJSON (RFC 7946)."""
    answer = web.request("GET", f"/ogc/collections/{layer}/items?limit=3")
    page = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert page["type"] == "FeatureCollection"
    assert page["numberReturned"] == len(page["features"]) == 3
    datetime.strptime(page["timeStamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert _href(page, "self") == f"{HERE}/collections/{layer}/items?limit=3"
    for one in page["features"]:
        assert one["type"] == "Feature"
        assert isinstance(one["properties"], dict)
        assert one["geometry"] is None or shape(one["geometry"]).is_valid


@pytest.mark.parametrize("layer", LAYERS)
def test_pages_give_each_feature_once(web: Shown, layer: str) -> None:
    """Following `next` gives what one large page gives, in the same order; the last page has no next."""
    at_once = whole(web, layer)
    assert len(at_once) > 3
    assert every(web, layer, limit=3 if layer == "assets" else 25) == at_once
    assert len({one["id"] for one in at_once}) == len(at_once)


@pytest.mark.parametrize("layer", LAYERS)
def test_each_feature_is_there_by_its_id(web: Shown, layer: str) -> None:
    """/req/core/f-op, f-success, f-links: the same feature, with links to itself and its collection."""
    for one in items(web, layer, limit=5)["features"]:
        alone = web.get(f"/ogc/collections/{layer}/items/{quote(one['id'], safe='')}")
        links = alone.pop("links")
        assert alone == one
        assert {link["rel"] for link in links} == {"self", "collection"}
        assert web.get(links[0]["href"])["id"] == one["id"]


def test_how_many_there_are_is_told_where_it_is_known(web: Shown) -> None:
    """/req/core/fc-numberMatched: those of the whole, or nothing at all."""
    assert items(web, "assets")["numberMatched"] == 4
    assert "numberMatched" not in items(web, "assets", limit=3)


def test_more_than_there_may_be_is_as_many_as_may_be(web: Shown) -> None:
    """/req/core/fc-limit-response-1."""
    assert items(web, "tracks", limit=10**9)["numberReturned"] == len(whole(web, "tracks"))


BOXES = [
    (25.0, 59.5, 25.4, 59.9),
    (25.40, 59.87, 25.41, 59.94),
    (-180.0, -90.0, 180.0, 90.0),
    (170.0, 50.0, -170.0, 60.0),
    (100.0, -90.0, 25.3, 90.0),
]


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("layer", LAYERS)
def test_a_box_gives_what_meets_it(web: Shown, layer: str, box: tuple[float, ...]) -> None:
    """/req/core/fc-bbox-response: and what has no place; over the antimeridian where west is above east."""
    west, south, east, north = box
    halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    area = shapely.union_all([shapely.box(w, south, e, north) for w, e in halves])
    expected = [
        one["id"]
        for one in whole(web, layer)
        if one["geometry"] is None or shape(one["geometry"]).intersects(area)
    ]
    text = ",".join(map(str, box))
    assert [one["id"] for one in every(web, layer, bbox=text)] == expected
    six = f"{west},{south},-10,{east},{north},10"
    assert [one["id"] for one in every(web, layer, bbox=six)] == expected


STRETCHES = [
    "2025-11-20T04:30:00Z",
    "2025-11-20T04:30:00Z/2025-11-20T04:40:00Z",
    "2025-11-20T06:30:00+02:00/..",
    "/2025-11-20T04:10:00Z",
    "2030-01-01T00:00:00Z/..",
]


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("layer", LAYERS)
def test_a_time_gives_what_goes_on_then(web: Shown, layer: str, stretch: str) -> None:
    """/req/core/fc-time-response: by began and ended; what has no time is of every time."""
    begin, _, end = stretch.partition("/")
    end = end if "/" in stretch else begin
    first = parse_time_us(begin) if begin not in ("", "..") else -(2**62)
    last = parse_time_us(end) if end not in ("", "..") else 2**62

    def goes_on(told: Mapping[str, Any]) -> bool:
        if "began" not in told:
            return True
        ended_us = 2**62 if told["ended"] is None else parse_time_us(told["ended"])
        return parse_time_us(told["began"]) <= last and ended_us >= first

    expected = [one["id"] for one in whole(web, layer) if goes_on(one["properties"])]
    assert [one["id"] for one in every(web, layer, datetime=stretch)] == expected


@pytest.mark.parametrize(
    ("layer", "text", "fits"),
    [
        ("assets", "kind LIKE '%cable' AND length_km > 50", lambda p: p["length_km"] and p["length_km"] > 50),
        ("events", "behaviour = 'crossing' OR behaviour IN ('drifting')", None),
        ("events", "probability_over BETWEEN 0.5 AND 1", None),
        ("alerts", "NOT (priority = 'info')", lambda p: p["priority"] != "info"),
        ("alerts", "A_OVERLAPS(behaviours, ('drifting', 'gone_dark'))", None),
        ("alerts", "exercise", lambda p: p["exercise"]),
        ("tracks", "ship_class = 'tanker' AND positions > 400", lambda p: p["positions"] > 400),
        ("tracks", "mmsi = 299000001", lambda p: p["mmsi"] == 299000001),
    ],
)
def test_a_filter_gives_what_it_is_true_of(web: Shown, layer: str, text: str, fits: Any) -> None:
    """/req/filter/response; together with its contrary and what is unknown it gives all, none twice."""
    found = every(web, layer, filter=text)
    assert found
    assert fits is None or all(fits(one["properties"]) for one in found)
    others = every(web, layer, filter=f"NOT ({text})")
    ids = {one["id"] for one in found}
    assert ids.isdisjoint(one["id"] for one in others)
    assert ids | {one["id"] for one in others} <= {one["id"] for one in whole(web, layer)}


def test_filter_box_time_and_limit_hold_together(web: Shown) -> None:
    """/req/filter/mixing-expressions: all of them are to be true."""
    asked = {"bbox": "25.0,59.5,25.4,59.9", "datetime": "2025-11-20T04:20:00Z/.."}
    text = "behaviour = 'crossing' AND S_INTERSECTS(geometry, BBOX(25.0, 59.5, 25.4, 59.9))"
    both = every(web, "events", **asked, filter=text, limit=2)
    assert both == [
        one for one in every(web, "events", **asked) if one["properties"]["behaviour"] == "crossing"
    ]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"bbox": "1,2,3"}, "write west,south,east,north"),
        ({"bbox": "a,b,c,d"}, "write west,south,east,north"),
        ({"bbox": "nan,0,1,1"}, "beyond longitude 180"),
        ({"bbox": "-181,0,1,1"}, "beyond longitude 180"),
        ({"bbox": "0,2,1,1"}, "write west,south,east,north"),
        ({"datetime": "yesterday"}, "is not a time"),
        ({"datetime": "../.."}, "one may be open"),
        ({"datetime": "2025-11-21T00:00:00Z/2025-11-20T00:00:00Z"}, "the earlier first"),
        ({"limit": "0"}, "a whole number from 1 on"),
        ({"limit": "-1"}, "a whole number from 1 on"),
        ({"limit": "many"}, "a whole number from 1 on"),
        ({"after": "x"}, "follow the link `next`"),
        ({"after": "WzEsMl0"}, "follow the link `next`"),
        ({"filter": "nmae = 'x'"}, "filter, at character 1: there is no field 'nmae'"),
        ({"filter": ""}, "at character 1"),
        ({"filter": "name = 'x'", "filter-lang": "cql2-json"}, "read as cql2-text alone"),
        ({"filter": "name = 'x'", "filter-crs": "EPSG:3857"}, "longitude and latitude alone"),
        ({"crs": "http://www.opengis.net/def/crs/EPSG/0/3857"}, "there is no parameter 'crs'"),
        ({"f": "html"}, "answers are JSON alone"),
    ],
)
def test_what_makes_no_sense_is_refused(web: Shown, asked: dict[str, str], told: str) -> None:
    """/req/core/query-param-invalid and query-param-unknown: 400, and what is wrong in words."""
    assert told in refused(web, "/ogc/collections/assets/items", **asked)


def test_what_is_not_there_is_not_found(web: Shown) -> None:
    """404 for a collection and a feature that there is not (17-069r4, 7.5.1)."""
    for path in ("nothing", "nothing/items", "assets/items/nothing", "tracks/items/219165000@2013-11-12"):
        assert web.request("GET", f"/ogc/collections/{path}").status_code == 404
    for feature_id in ("..%2F..%2Fetc", "x@2025-11-20", "299000001@2025-11-2", "@", "299000001@9999-99-99"):
        assert web.request("GET", f"/ogc/collections/tracks/items/{feature_id}").status_code == 404


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    layer=st.sampled_from(LAYERS),
    asked=st.dictionaries(
        st.sampled_from(["bbox", "datetime", "limit", "after", "filter", "f"]),
        st.text(max_size=30) | st.from_regex(r"-?[0-9.,/TZ:-]{0,30}", fullmatch=True),
        max_size=3,
    ),
)
def test_nothing_that_is_asked_breaks_it(web: Shown, layer: str, asked: dict[str, str]) -> None:
    """Any text in any parameter: an answer or a refusal."""
    asked = {name: value.encode("utf-8", "replace").decode() for name, value in asked.items()}
    answer = web.request("GET", f"/ogc/collections/{layer}/items", params=asked)
    assert answer.status_code in (200, 400)


def test_who_has_the_page_need_not_have_it_again(web: Shown) -> None:
    """304 while nothing has changed, though each answer says when it was given."""
    path = "/ogc/collections/assets/items"
    tag = web.request("GET", path).headers["etag"]
    answer = web.request("GET", path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    other = web.request("GET", f"{path}?limit=1", headers={"If-None-Match": tag})
    assert other.status_code == 200


# --- who may see what -----------------------------------------------------------------------------


def test_nothing_of_a_hidden_asset_is_told(web: Shown) -> None:
    """Not its id, not its name, not in any layer, and no filter finds out whether it is there."""
    labels = {"demo-link-1": Label("Northgrid", "RED")}
    names = {one["id"]: one["properties"]["name"] for one in every(web, "assets")}
    guest = Sees(Viewer("kai", organisation="Coast Guard"), labels, names, names.keys())
    alone = {
        layer: [f["id"] for f in every(web, layer, filter=text)]
        for layer, text in (
            ("assets", "asset_id = 'demo-link-1'"),
            ("events", "asset_id = 'demo-link-1'"),
        )
    }
    assert all(alone.values())
    web.app.dependency_overrides[sees_of] = lambda: guest
    try:
        for layer in ("assets", "events", "alerts"):
            told = str(every(web, layer)) + str(web.get(f"/ogc/collections/{layer}"))
            assert "demo-link-1" not in told
            assert "Demo Link 1" not in told
        for layer, ids in alone.items():
            for one in ids:
                assert web.request("GET", f"/ogc/collections/{layer}/items/{one}").status_code == 404
        for text in ("asset_id = 'demo-link-1'", "asset_name LIKE 'Demo Link%'"):
            assert every(web, "events", filter=text) == []
        assert every(web, "alerts", filter="A_CONTAINS(asset_ids, ('demo-link-1'))") == []
        assert len(every(web, "assets")) == 3
    finally:
        web.app.dependency_overrides.clear()


# --- tracks ---------------------------------------------------------------------------------------


def test_a_track_is_a_moving_feature(web: Shown) -> None:
    """19-045r3, 7.2: a Feature with a MovingPoint, its times as many as its places and in order."""
    for one in items(web, "tracks", limit=5)["features"]:
        moving = one["temporalGeometry"]
        assert (one["type"], moving["type"], moving["interpolation"]) == ("Feature", "MovingPoint", "Linear")
        times = [parse_time_us(at) for at in moving["datetimes"]]
        assert len(times) == len(moving["coordinates"]) == one["properties"]["positions"]
        assert all(a < b for a, b in pairwise(times))
        assert one["time"] == [one["properties"]["began"], one["properties"]["ended"]]
        for measured in one["temporalProperties"]:
            (name,) = set(measured) - {"datetimes"}
            values = measured[name]
            assert (values["type"], len(values["values"])) == ("Measure", len(measured["datetimes"]))
            assert None not in values["values"]
            assert values["form"] == {"sog_kn": "KNT"}.get(name, "DD")


def test_tracks_are_the_reports_that_were_kept(web: Shown) -> None:
    """All ships of the recording with a sound position; of one of them each position and speed."""
    rows = web.get("/api/ships/299000001/track", params={"max_points": 100_000})
    one = web.get("/ogc/collections/tracks/items/299000001@2025-11-20")
    moving = one["temporalGeometry"]
    assert [parse_time_us(at) for at in moving["datetimes"]] == sorted(set(rows["time_us"]))
    assert len(moving["coordinates"]) == len(set(rows["time_us"]))
    assert moving["coordinates"][-1] == pytest.approx([rows["lon_deg"][-1], rows["lat_deg"][-1]], abs=1e-6)
    assert one["temporalProperties"][0]["sog_kn"]["values"][-1] == rows["sog_kn"][-1]
    picture = web.get("/api/picture", params={"max_age_min": 1440})
    heard = {f["properties"]["vessel_id"] for f in picture["features"]}
    assert heard == {f["properties"]["vessel_id"] for f in whole(web, "tracks")}


def test_a_line_goes_on_at_the_other_side() -> None:
    """RFC 7946, 3.1.9: cut where it goes over the antimeridian, at the latitude between (arithmetic)."""
    rows = pl.DataFrame({"lon_deg": [178.0, 179.0, -179.0, -178.0], "lat_deg": [0.0, 1.0, 3.0, 4.0]})
    east, west = shapely.get_parts(line(rows))
    assert shapely.get_coordinates(east).tolist() == [[178.0, 0.0], [179.0, 1.0], [180.0, 2.0]]
    assert shapely.get_coordinates(west).tolist() == [[-180.0, 2.0], [-179.0, 3.0], [-178.0, 4.0]]
    back = line(rows.reverse())
    assert [p.length for p in shapely.get_parts(back)] == pytest.approx([west.length, east.length])
    assert line(rows.head(1)).geom_type == "Point"


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=8))
def test_a_line_never_goes_around_the_globe(points: list[tuple[float, float]]) -> None:
    """Whatever the positions: no step of the line is longer than half of it, all places are on it."""
    lon, lat = np.array(points).T
    found = line(pl.DataFrame({"lon_deg": lon, "lat_deg": lat}))
    for part in shapely.get_parts(found):
        steps = np.abs(np.diff(shapely.get_coordinates(part)[:, 0]))
        assert (steps <= 180.0).all()
    assert {tuple(p) for p in points} <= {tuple(p) for p in shapely.get_coordinates(found).tolist()}


@pytest.mark.parametrize("text", ["219165000@2013-11-12", "219165000#2@2013-11-12"])
def test_a_tracks_id_is_read_as_it_is_written(text: str) -> None:
    """Also of the second ship under a number."""
    found = key_of(text)
    assert found is not None
    assert found.feature_id == text
    assert key_of("219165000#1@2013-11-12") is None  # is written without a number
    assert Key(date(2013, 11, 12), 219165000, 1).feature_id == "219165000#2@2013-11-12"


# --- another reader -------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_gdal_reads_every_layer(web: Shown, layer: str) -> None:
    """A reader that knows nothing of us, as it stands in QGIS: each feature once, its fields and place."""
    with served(web.app) as here:
        about, table = pyogrio.read_arrow(f"OAPIF:{here}/ogc/", layer=layer)
        expected = {one["id"]: one for one in whole(web, layer)}
        rows = {row["id"]: row for row in table.to_pylist()}
        assert rows.keys() == expected.keys()
        assert about["crs"] == "EPSG:4326"
        for key, row in rows.items():
            geometry = expected[key]["geometry"]
            assert (row["wkb_geometry"] is None) is (geometry is None)
            if geometry is not None:
                assert shapely.from_wkb(row["wkb_geometry"]).equals_exact(shape(geometry), 1e-9)
        if layer == "tracks":
            _, near = pyogrio.read_arrow(f"OAPIF:{here}/ogc/", layer=layer, bbox=(25.40, 59.87, 25.41, 59.94))
            box = every(web, layer, bbox="25.40,59.87,25.41,59.94")
            assert {row["id"] for row in near.to_pylist()} == {one["id"] for one in box}


def test_a_real_recording_is_given_whole(network: Shown) -> None:
    """Each sound position that was kept, of five minutes of the Danish shore network, is on one track."""
    told = {
        (one["properties"]["vessel_id"], parse_time_us(at))
        for one in every(network, "tracks", limit=100)
        for at in one["temporalGeometry"]["datetimes"]
    }
    rows = pl.concat([pl.read_parquet(part.path) for part in network.recorded.days.parts("reports")])
    sound = rows.filter((pl.col("flags") & int(UNUSABLE_POSITION)) == 0)
    times = sound["time_us"].dt.epoch("us").to_list()
    ships = zip(sound["mmsi"].to_list(), sound["vessel_part"].to_list(), strict=True)
    assert told == {(vessel_id(*ship), at) for ship, at in zip(ships, times, strict=True)}
    assert len(told) > 1_000
