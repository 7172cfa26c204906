"""The map: what is charted lies where it is, and looks as it should."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

from tests.browser import near
from tests.browser.conftest import Open
from tests.browser.screen import Screen, away, hex_of
from tests.browser.served import Served

WGS84 = Geod(ellps="WGS84")
#: In the open Gulf of Finland; north of Helsinki; south of Tallinn.
SEA, NORTH, SOUTH = (24.95, 59.72), (24.94, 60.45), (24.9, 59.15)
#: Colours of the ground, as map/basemap.js has them.
GROUND = {"light": ("#dbe7ee", "#f4f0e6"), "dark": ("#0d1922", "#26323b")}
#: What lies over the ground where it is looked at.
OVER = ("graticule", "ships-names", "assets-names", "trails", "places", "lanes")


def metres_per_pixel(lat_deg: float, zoom: float) -> float:
    """Give the length of a pixel: the equator is 512 pixels at zoom 0 in web Mercator (radius 6378137 m)."""
    return float(2 * np.pi * 6_378_137 * np.cos(np.radians(lat_deg)) / (512 * 2**zoom))


def ship(served: Served, vessel_id: str) -> Any:
    """Give a ship of the newest picture."""
    return next(one for one in served.get("/api/picture")["features"] if one["id"] == vessel_id)


def test_land_is_land_and_sea_is_sea(hour: Served, look: Open) -> None:
    """Known places have the colours of the ground, in light and in dark."""
    screen = look(hour, "#/").with_map()
    for group in OVER:
        screen.layer(group, shown=False)
    screen.page.keyboard.press("Escape")
    screen.view(24.9, 59.8, 7.5)
    for theme, (sea, land) in GROUND.items():
        screen.theme(theme).idle()
        picture = screen.picture()
        for place, colour in ((SEA, sea), (NORTH, land), (SOUTH, land)):
            x, y = screen.pixel(*place)
            assert hex_of(picture[round(y), round(x)]) == colour, (theme, place)


def test_the_first_view_holds_the_ships_heard(network: Served, look: Open) -> None:
    """Assets may lie half a continent away from where anybody is heard."""
    screen = look(network, "#/").with_map(1_000)
    west, south, east, north = screen.told("/api/extent")["bounds"]
    shown = screen.ask("seavigil.map.bounds()")
    assert shown[0] < west < east < shown[2]
    assert shown[1] < south < north < shown[3]
    assert (east - west) / (shown[2] - shown[0]) > 0.5 or (north - south) / (shown[3] - shown[1]) > 0.5
    screen.shot("network-first")


def test_what_the_map_is_not_for_stands_on_it(hour: Served, look: Open) -> None:
    """So does where its coast is from; both within the map, neither over the position nor the scale."""
    screen = look(hour, "#/", viewport={"width": 1024, "height": 768}).with_map()
    said = screen.find(".map-source")
    assert said.inner_text() == "Not for navigation. Coast: Natural Earth, public domain."
    boxes = [
        one.bounding_box()
        for one in (said, screen.find(".map-readout"), screen.find(".maplibregl-ctrl-scale"))
    ]
    for one, other in itertools.combinations(boxes, 2):
        assert not near.overlap(one, other)
    assert near.within(boxes[0], screen.map_box())


@pytest.mark.parametrize(("lat_deg", "zoom"), [(59.8, 8.0), (59.8, 11.3), (5.0, 6.0)])
def test_the_scale_is_in_nautical_miles_and_right(
    hour: Served, look: Open, lat_deg: float, zoom: float
) -> None:
    """Its length is that of so many miles at the middle of the map."""
    screen = look(hour, f"#/?z={zoom},{lat_deg},25.0").with_map()
    box = screen.find(".maplibregl-ctrl-scale").bounding_box()
    number, unit = re.split(r"\s+", screen.text(".maplibregl-ctrl-scale").replace("\xa0", " "))
    assert unit == "NM"
    assert box is not None
    # the scale's sphere (6371 km) and Mercator's differ by a tenth of a per cent; its edges are two pixels
    assert box["width"] * metres_per_pixel(lat_deg, zoom) == pytest.approx(float(number) * 1852, rel=0.04)


def test_lines_of_latitude_and_longitude_lie_on_round_figures(hour: Served, look: Open) -> None:
    """Each is labelled with where it lies: degrees and minutes."""
    screen = look(hour, "#/?z=8,59.8,25.0").with_map()
    lines = [one for one in screen.drawn("base-graticule") if one["kind"] == "parallel"]
    assert lines
    for line in lines:
        degrees, minutes = map(float, re.match(r"(\d+)°([\d.]+)′N", line["label"]).groups())  # type: ignore[union-attr]
        at = {coordinates[1] for coordinates in line["geometry"]["coordinates"]}
        assert all(abs(lat - (degrees + minutes / 60)) < 0.002 for lat in at)  # tiles round to 1/4096
    assert {one["label"] for one in screen.drawn("base-graticule-label")} >= {
        line["label"] for line in lines[:1]
    }


def test_assets_are_drawn_where_they_are_charted(hour: Served, look: Open) -> None:
    """The middle of each leg of a route is on its line, three kilometres beside is not."""
    screen = look(hour, "#/?z=9,59.8,25.0").with_map()
    layer = {
        "power_cable": "cables-power",
        "telecom_cable": "cables-telecom",
        "gas_pipeline": "pipelines-line",
    }
    lines = [one for one in screen.told("/api/assets")["features"] if one["properties"]["shape"] == "line"]
    assert {one["properties"]["kind"] for one in lines} == set(layer)
    for asset in lines:
        name = layer[asset["properties"]["kind"]]
        for (lon, lat), (lon_to, lat_to) in itertools.pairwise(asset["geometry"]["coordinates"]):
            middle = ((lon + lon_to) / 2, (lat + lat_to) / 2)
            found = {one["asset_id"] for one in screen.drawn(name, screen.around(*middle))}
            assert asset["properties"]["asset_id"] in found, middle
            beside = screen.around(middle[0] + 0.06, middle[1])
            assert asset["properties"]["asset_id"] not in {
                one["asset_id"] for one in screen.drawn(name, beside)
            }
    plants = screen.drawn("plants-area", screen.around(25.8, 60.0))
    assert [one["asset_id"] for one in plants] == ["demo-wind-farm-4"]
    screen.shot("map-assets")


def test_a_band_is_as_wide_as_the_route_is_uncertain(hour: Served, look: Open) -> None:
    """95 % of the true route of Demo Fibre 2 lie within 150 m of the one charted: the band is 300 m wide."""
    at, zoom = (25.215, 59.65), 13.0  # halfway between two of its vertices
    screen = look(hour, f"#/?z={zoom},{at[1]},{at[0]}").with_map()
    screen.hide("assets-risk", "bands-edge", "cables-telecom", "assets-name")
    with_band = screen.picture()
    screen.hide("bands-fill")
    without = screen.picture()
    x, y = screen.pixel(*at)
    differs = (with_band != without).any(axis=-1)
    across = near.stretch(differs[round(y)], round(x))  # from west to east: longer than straight across
    azimuth, _, _ = WGS84.inv(25.27, 59.7, 25.16, 59.6)
    width_m = across * abs(np.cos(np.radians(azimuth))) * metres_per_pixel(at[1], zoom)
    assert width_m == pytest.approx(300.0, rel=0.1)  # what is drawn may be off by a twentieth of the width


def test_a_ship_lies_where_she_is_and_points_where_she_heads(hour: Served, look: Open) -> None:
    """The longest way through her symbol is that of her heading."""
    screen = look(hour, "#/").with_map()
    for group in (*OVER, "cables", "bands", "vectors", "alerts"):
        screen.layer(group, shown=False)
    screen.page.keyboard.press("Escape")
    for vessel_id in ("299000001", "299000004"):
        one = ship(hour, vessel_id)
        screen.view(*one["geometry"]["coordinates"], 14.0)
        screen.hide("assets-risk", "ships-alert", "ships-outline")
        x, y = screen.pixel(*one["geometry"]["coordinates"])
        found = screen.drawn("ships-hull", (x - 2, y - 2, x + 2, y + 2))
        assert [hull["vessel_id"] for hull in found] == [vessel_id]
        picture = screen.picture()[round(y) - 24 : round(y) + 25, round(x) - 24 : round(x) + 25]
        hull = away(picture, GROUND["light"][0]) > 60
        assert 100 < hull.sum() < 700
        rows, columns = np.nonzero(hull)
        assert (columns.mean() - 24, rows.mean() - 24) == pytest.approx((0, 0), abs=2.5)
        _, vectors = np.linalg.eigh(np.cov(columns, -rows))
        east, north = vectors[:, -1]
        heading = np.degrees(np.arctan2(east, north))
        apart = (heading - one["properties"]["heading_deg"] + 90) % 180 - 90
        assert abs(apart) < 6, (vessel_id, heading)


def test_the_line_ahead_is_the_way_of_six_minutes(hour: Served, look: Open) -> None:
    """At 7.5 knots six minutes are three quarters of a mile, along the course."""
    alder = ship(hour, "299000001")
    lon, lat = alder["geometry"]["coordinates"]
    screen = look(hour, f"#/?z=13,{lat},{lon}").with_map()
    way_m = alder["properties"]["sog_kn"] * 1852 / 10
    for share, there in ((0.5, True), (0.96, True), (1.06, False), (1.5, False)):
        east, north, _ = WGS84.fwd(lon, lat, alder["properties"]["cog_deg"], way_m * share)
        assert bool(screen.drawn("vectors-line", screen.around(east, north, 4))) is there, share


def test_the_trail_is_where_she_was(hour: Served, look: Open) -> None:
    """A ship's positions of the last half hour lie on it; those before do not."""
    screen = look(hour, "#/?z=10,59.85,25.2").with_map()
    screen.until("seavigil.map.ml.queryRenderedFeatures({layers: ['trails-line']}).length > 0")
    track = screen.told(
        "/api/ships/299000013/track", **{"from": "2025-11-20T04:20:00Z", "to": "2025-11-20T05:15:00Z"}
    )
    ended_us = track["time_us"][-1]
    rows = list(zip(track["time_us"], track["lon_deg"], track["lat_deg"], strict=True))
    for back_min, there in ((3, True), (14, True), (26, True), (36, False)):
        _, lon, lat = min(rows, key=lambda row: abs(row[0] - (ended_us - back_min * 60_000_000)))
        found = {one["vessel_id"] for one in screen.drawn("trails-line", screen.around(lon, lat, 4))}
        assert ("299000013" in found) is there, back_min


def test_names_are_there_and_none_lies_on_another(hour: Served, look: Open) -> None:
    """Of the boxes that the map keeps for words and signs, no two that must not meet do."""
    screen = look(hour, "#/?z=10,59.88,25.2").with_map()
    assert len(screen.drawn("ships-name")) > 8
    assert {"Demo Link 1", "Demo Fibre 2"} <= {one["label"] for one in screen.drawn("assets-name")}
    grid = screen.ask("""() => {
        const { bboxes, boxKeys } = seavigil.map.ml.style.placement.collisionIndex.grid;
        return { bboxes: [...bboxes], never: boxKeys.map((key) => key.overlapMode === "never") }; }""")
    boxes = np.reshape(grid["bboxes"], (-1, 4))[np.array(grid["never"], dtype=bool)]
    assert len(boxes) > 10
    west, north, east, south = boxes.T
    meet = (
        (west[:, None] < east) & (west < east[:, None]) & (north[:, None] < south) & (north < south[:, None])
    )
    np.fill_diagonal(meet, False)
    assert not meet.any()
    screen.shot("map-names")


def test_alerts_have_their_signs_above_their_ships(hour: Served, look: Open) -> None:
    """Each standing alert is drawn at the ship where she is now, with the sign of its priority."""
    screen = look(hour, "#/").with_map()
    drawn = {one["alert_id"]: one for one in screen.drawn("alerts-sign")}
    standing = [one for one in screen.told("/api/alerts", limit=100)["alerts"] if one["status"] == "open"]
    assert {one["alert_id"]: one["priority"] for one in standing} == {
        one["alert_id"]: one["priority"] for one in drawn.values()
    }
    places = {one["id"]: one["geometry"]["coordinates"] for one in screen.told("/api/picture")["features"]}
    for alert in standing:
        if alert["vessel"]["vessel_id"] not in places:
            continue  # gone dark: drawn where she was last
        x, y = screen.pixel(*places[alert["vessel"]["vessel_id"]])
        above = screen.drawn("alerts-sign", (x - 4, y - 26, x + 4, y - 12))
        assert alert["alert_id"] in {one["alert_id"] for one in above}


def test_where_she_may_be_is_drawn(hour: Served, look: Open) -> None:
    """On an alert's page the areas of the forecast lie where the service says, the next assets at her way."""
    alert = next(one for one in hour.get("/api/alerts", priority="warning")["alerts"])
    screen = look(hour, f"#/alerts/{alert['alert_id']}").with_map()
    fan = screen.told("/api/ships/299000001/forecast")["fan"]["features"]
    widest = max(fan, key=lambda one: one["properties"]["hours"])
    ring = np.array(near.rings(widest["geometry"])[0])
    screen.ask(
        "(box) => seavigil.map.ml.fitBounds(box, {animate: false, padding: 40})", [*ring.min(0), *ring.max(0)]
    )
    screen.until("seavigil.map.ml.queryRenderedFeatures({layers: ['fan-fill']}).length > 0")
    screen.idle()
    for lon, lat in ring[:: max(len(ring) // 6, 1)]:
        assert screen.drawn("fan-edge", screen.around(lon, lat, 4)), (lon, lat)
    outside = screen.around(ring[:, 0].min() - 0.05, ring[:, 1].max() + 0.02, 2)
    assert not screen.drawn("fan-fill", outside)
    screen.shot("alert")


def test_heard_areas_and_lanes_lie_where_they_are(hour: Served, look: Open) -> None:
    """Cells that were heard are drawn once asked for; lanes at once."""
    screen = look(hour, "#/").with_map()
    assert screen.drawn("coverage-fill") == []
    screen.layer("coverage", shown=True)
    screen.page.keyboard.press("Escape")
    screen.view(25.0, 59.8, 8.0)
    cells = screen.told("/api/areas", kinds="coverage")["features"]
    assert len(cells) > 20
    for cell in cells[::5]:
        ring = np.array(near.rings(cell["geometry"])[0])
        middle = (ring.min(0) + ring.max(0)) / 2
        assert screen.drawn("coverage-fill", screen.around(*middle))
    lanes = [
        one
        for one in screen.told("/api/areas", kinds="place")["features"]
        if one["properties"]["kind"] == "traffic_lane"
    ]
    assert lanes
    for lane in lanes:
        corners = np.array(near.rings(lane["geometry"])[0])
        name = {
            one["name"]
            for one in screen.drawn("lanes-line", screen.around(*(corners[0] + corners[1]) / 2, 3))
        }
        assert lane["properties"]["name"] in name
    screen.shot("map-coverage")


def test_real_lanes_and_cables_are_drawn(network: Served, look: Open) -> None:
    """The traffic separation off Denmark, and the power cables across it."""
    screen = look(network, "#/?z=8,55.6,12.2").with_map(1_000)
    assert (
        len(
            {one["name"] for one in screen.drawn("lanes-line")}
            | {one["kind"] for one in screen.drawn("lanes-zone")}
        )
        > 1
    )
    assert len({one["asset_id"] for one in screen.drawn("cables-power")}) >= 3
    west, south, east, north = screen.ask("seavigil.map.bounds()")
    by_east, by_north = (east - west) / 25, (north - south) / 25  # hulls at the edge reach in from without
    within, around = set(), set()
    for one in screen.told("/api/picture")["features"]:
        lon, lat = one["geometry"]["coordinates"]
        if west < lon < east and south < lat < north:
            within.add(one["id"])
        if west - by_east < lon < east + by_east and south - by_north < lat < north + by_north:
            around.add(one["id"])
    assert len(within) > 200
    assert within <= {one["vessel_id"] for one in screen.drawn("ships-hull")} <= around
    screen.shot("network-close")


def test_blind_areas_are_hatched_and_named(hour: Served, look: Open) -> None:
    """Where positions cannot be trusted, or ships are not heard any more, the map says so and since when."""
    square = {
        "type": "Polygon",
        "coordinates": [[[24.8, 59.7], [25.0, 59.7], [25.0, 59.8], [24.8, 59.8], [24.8, 59.7]]],
    }
    areas = [
        {
            "type": "Feature",
            "geometry": near.moved(square, by),
            "properties": {"kind": kind, "name": None, "ships": 7, "since": "2025-11-20T05:01:00Z"},
        }
        for by, kind in ((0.0, "gnss_degraded"), (0.6, "coverage_lost"))
    ]
    screen = look(
        hour, "#/?z=9,59.75,25.1", answers={"/api/areas": {"type": "FeatureCollection", "features": areas}}
    ).with_map()
    screen.until("seavigil.map.ml.queryRenderedFeatures({layers: ['gnss-fill']}).length > 0")
    screen.idle()
    said = {one["words"] for one in screen.drawn("zones-name")}
    assert said == {"GNSS degraded\nsince 05:01Z", "Not heard any more\nsince 05:01Z"}
    picture = screen.picture()
    (west, south), (east, north) = screen.pixel(24.81, 59.705), screen.pixel(24.99, 59.795)
    inside = picture[round(north) : round(south), round(west) : round(east)]
    hatched = (away(inside, GROUND["light"][0]) > 40).mean()
    assert 0.1 < hatched < 0.7  # lines, not a flood: what lies below can be read
    screen.shot("map-blind")


def test_each_layer_can_be_switched_off(hour: Served, look: Open) -> None:
    """Whatever has something to show shows nothing when it is switched off, and shows it again after."""
    screen = look(hour, "#/?z=10,59.85,25.2").with_map()
    screen.layer("coverage", shown=True)
    screen.until("seavigil.map.ml.queryRenderedFeatures({layers: ['trails-line']}).length > 0")
    screen.idle()
    groups: dict[str, list[str]] = screen.ask("""async () => {
        const { GROUPS } = await import("/static/map/style.js");
        const all = seavigil.map.ml.getStyle().layers;
        const of = (name) => all.filter((one) => one.metadata?.group === name).map((one) => one.id);
        return Object.fromEntries(GROUPS.map(([name]) => [name, of(name)]));
    }""")
    assert all(groups.values())
    count = "(ids) => seavigil.map.ml.queryRenderedFeatures({ layers: ids }).length"
    shows = {group: screen.ask(count, ids) for group, ids in groups.items()}
    assert {group for group, number in shows.items() if number == 0} <= {
        "fan",
        "gnss",
        "plants",
        "places",
        "pipelines",
    }
    for group, ids in groups.items():
        screen.layer(group, shown=False)
        assert screen.ask(count, ids) == 0, group
    assert {one["vessel_id"] for one in screen.drawn("ships-hull")}  # ships themselves cannot be lost
    for group in groups:
        screen.layer(group, shown=True)
    assert all(screen.ask(count, ids) >= min(shows[group], 1) for group, ids in groups.items())


def test_a_distance_is_that_of_the_ellipsoid(hour: Served, look: Open) -> None:
    """Two clicks give miles, kilometres and the bearing, within a tenth of a per cent."""
    screen = look(hour, "#/?z=7,59.8,25.0").with_map()
    screen.page.get_by_role("button", name="Measure distance and bearing").click()
    places = []
    for x, y in ((760, 240), (1140, 560)):
        screen.page.mouse.click(x, y)
        places.append(screen.unproject(x, y))
    azimuth, _, length_m = WGS84.inv(*places[0], *places[1])
    said = screen.text(".map-told")
    miles, kilometres, bearing = map(
        float, re.match(r"([\d.]+) NM · ([\d.]+) km, bearing (\d+)°", said).groups()
    )  # type: ignore[union-attr]
    assert miles == pytest.approx(length_m / 1852, rel=0.001)
    assert kilometres == pytest.approx(length_m / 1000, rel=0.001)
    assert bearing == pytest.approx(azimuth % 360, abs=0.6)
    assert len(screen.idle().drawn("measure-line")) >= 1
    screen.page.keyboard.press("Escape")
    assert screen.idle().drawn("measure-line") == []


def test_a_position_is_copied_in_each_form(hour: Served, look: Open) -> None:
    """A right click offers four ways to write it; what is copied is the place that was clicked."""
    screen = look(hour, "#/?z=9,59.8,25.0", permissions=["clipboard-read", "clipboard-write"]).with_map()
    lon, lat = screen.unproject(820, 420)
    for form in range(4):
        screen.page.mouse.click(820, 420, button="right")
        screen.find(".map-copy button").nth(form).click()
        screen.find("#notices p").filter(has_text="Copied").last.wait_for()
        text = screen.ask("navigator.clipboard.readText()")
        found = near.position(text)
        assert found == pytest.approx((lat, lon), abs=0.001 if form == 3 else 0.0001), text


def test_nothing_is_a_flood(hour: Served, look: Open) -> None:
    """A drawn map is neither empty nor one colour: ships, sea, land and lines are all among its pixels."""
    screen: Screen = look(hour, "#/").with_map()
    colours = {hex_of(one) for one in screen.picture()[::7, ::7].reshape(-1, 3)}
    assert set(GROUND["light"]) <= colours
    assert len(colours) > 30
