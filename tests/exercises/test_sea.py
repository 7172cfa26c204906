"""The invented sea: what lies on it, and that it can be taken for no real one."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from pyproj import Geod

from seavigil.exercises import sea
from seavigil.exercises.chance import Chance
from seavigil.exercises.course import Course
from seavigil.exercises.water import open_meteo, weather
from seavigil.normal.places import REACHES_M

WGS84 = Geod(ellps="WGS84")


def test_the_sea_is_where_no_land_is(shared_data):
    """No place of it comes within 300 km of any land on Natural Earth's coast at 1:10 million."""
    coast = json.loads((shared_data / "assets/ne_coastline_10m.geojson").read_text())
    box = shapely.box(-36.0, 55.0, -20.0, 62.0)
    near = [f for f in coast["features"] if shapely.intersects(shapely.geometry.shape(f["geometry"]), box)]
    assert near == []


def test_nautical_miles_are_nautical_miles():
    """A hundred miles east or north of the middle are 185.2 km on WGS 84, within half a percent."""
    for spot in ((100.0, 0.0), (0.0, 50.0)):
        lat, lon = sea.place(*spot)
        metres = WGS84.inv(sea.MIDDLE[1], sea.MIDDLE[0], lon, lat)[2]
        assert metres == pytest.approx(1852.0 * max(spot), rel=0.005)
        assert sea.spot((lat, lon)) == pytest.approx(spot, abs=1e-9)


def test_every_lane_crosses_a_dozen_lines_some_of_them_close():
    """A ship in a lane goes over ten lines or more; the gaps run from under 10 km to over 50 km."""
    for lane in sea.LANES:
        marks = np.array([over.along_m for over in Course(lane).over(sea.ASSETS)])
        assert len(marks) >= 10
        gaps_km = np.diff(marks) / 1000.0
        assert gaps_km.min() < 10.0
        assert gaps_km.max() > 50.0


def test_assets_are_of_every_kind_and_of_any_certainty():
    """Power, telecom and gas lines, uncertain by up to 2 km, and two wind farms, each named once."""
    lines = [asset for asset in sea.ASSETS if not asset.area]
    assert {asset.kind for asset in lines} == {"power_cable", "telecom_cable", "gas_pipeline"}
    assert len(lines) >= 12
    assert max(asset.position_uncertainty_m for asset in lines) == 2000.0
    assert sum(asset.area for asset in sea.ASSETS) == 2
    assert len({asset.name for asset in sea.ASSETS}) == len(sea.ASSETS)


def test_places_are_of_kinds_that_a_watch_knows():
    """Every feature is marked, valid, and of a kind that `normal.places` reads."""
    features = json.loads(sea.places_geojson())["features"]
    for feature in features:
        assert feature["properties"]["exercise"] is True
        assert feature["properties"]["kind"] in REACHES_M
        assert shapely.is_valid(shapely.geometry.shape(feature["geometry"]))
    kinds = [feature["properties"]["kind"] for feature in features]
    assert kinds.count("port") >= 4
    assert kinds.count("anchorage") == kinds.count("pilot_boarding") == kinds.count("port")


def test_it_is_as_deep_as_the_baltic_and_shoal_at_the_shores():
    """Soundings: no deeper than the Baltic (459 m), over 60 m in the main lane, under 30 m off the quays."""
    samples = sea.depth_samples()
    assert samples[:, 2].min() > 0.0
    assert samples[:, 2].max() < 459.0
    lane = np.array(sea.EASTBOUND[1:6])
    assert sea.depth_m(lane[:, 0], lane[:, 1]).min() > 60.0
    quays = np.array([port.quay for port in sea.PORTS])
    assert sea.depth_m(quays[:, 0], quays[:, 1]).max() < 30.0


def test_lanes_are_heard_and_their_western_end_is_not():
    """Within the sea some receiver is in range of every lane; where ships come from there is none."""
    stations = sea.stations()

    def nearest(spot):
        lat, lon = sea.place(*spot)
        return min(WGS84.inv(lon, lat, s.lon_deg, s.lat_deg)[2] / 1000.0 - s.range_km for s in stations)

    assert max(nearest(spot) for spot in sea.EASTBOUND[2:]) < 15.0
    assert nearest(sea.EASTBOUND[0]) > 30.0


def test_waves_grow_with_wind_and_fetch_and_no_further():
    """Pierson and Moskowitz (1964): no sea is higher than 0.24 U2 / g of the strongest wind there was."""
    for seed in range(1, 20):
        water = weather(Chance(seed), 72)
        grown = 0.24 * np.maximum.accumulate(water.wind_ms) ** 2 / 9.81
        assert (water.wave_height_m <= grown + 1e-9).all()


def test_a_gale_blows_when_asked_for_and_not_when_not():
    """Beaufort 8 begins at 17.2 m/s: with a gale it comes near or over that, without it stays below."""
    most = [weather(Chance(seed), 24, gale=True).wind_ms.max() for seed in range(1, 30)]
    calm = [weather(Chance(seed), 24, gale=False).wind_ms.max() for seed in range(1, 30)]
    assert np.median(most) > 15.0
    assert max(calm) < 17.2
    assert np.median(calm) < np.median(most) - 4.0


def test_weather_has_the_shape_of_open_meteo():
    """Hours, units and columns as Open-Meteo gives them, wind from where it comes, marked as invented."""
    water = weather(Chance(3), 24)
    answer = open_meteo(water, 1_735_689_600_000_000, lat_deg=58.5, lon_deg=-27.5)
    assert answer["exercise"] is True
    assert answer["marine"]["hourly"]["time"][:2] == ["2025-01-01T00:00", "2025-01-01T01:00"]
    assert answer["marine"]["hourly_units"]["wave_height"] == "m"
    wind = answer["atmosphere"]
    assert wind["hourly_units"]["wind_speed_10m"] == "km/h"
    assert wind["hourly"]["wind_speed_10m"] == pytest.approx(water.wind_ms * 3.6, abs=0.06)
    off = (np.array(wind["hourly"]["wind_direction_10m"]) - water.wind_from_deg + 180.0) % 360.0 - 180.0
    assert np.abs(off).max() <= 0.5 + 1e-9
