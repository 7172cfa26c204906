"""How invented ships move, against the formulas they follow and against PROJ."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

from seavigil.exercises.motion import MOORED, Berth, Handling, Order, Passage, Swing, move
from seavigil.exercises.traffic import line_crossings

WGS84 = Geod(ellps="WGS84")
HERE = (59.8, 25.0)
NORTH = (60.3, 25.0)


def angle_deg(a, b):
    """Give the angle between two directions, 0..180."""
    return np.abs((a - b + 180) % 360 - 180)


@pytest.mark.parametrize("place", [(59.8, 25.0), (-33.0, 151.0), (80.0, 10.0)])
def test_speed_and_way_agree_with_the_ellipsoid(place):
    """Ten minutes at 12 kn are 3,704 m on WGS 84 as PROJ measures them, at any latitude."""
    ship = Passage((place,), (Order(0, 12.0, heading_deg=57.0),))
    track = move([ship], 600)
    lat, lon = track.lat_deg[0], track.lon_deg[0]
    _, _, metres = WGS84.inv(lon[0], lat[0], lon[-1], lat[-1])
    assert metres == pytest.approx(12 * 1852 / 6, abs=1.0)


def test_a_ship_loses_speed_by_her_time_constant():
    """After one time constant 1 - 1/e (63 %) of the way to the speed ordered is done."""
    ship = Passage((HERE, NORTH), (Order(0, 12.0), Order(100, 2.0)), Handling(speed_tau_s=300.0))
    track = move([ship], 500)
    sog = np.hypot(track.east_kn[0], track.north_kn[0])
    assert sog[100] == pytest.approx(12.0, abs=0.1)
    assert sog[400] == pytest.approx(2.0 + 10.0 * np.exp(-1), abs=0.1)


def test_the_autopilot_passes_every_waypoint():
    """She comes within two cables' lengths (370 m) of each waypoint, and turns no faster than allowed."""
    route = (HERE, (59.84, 25.05), (59.82, 25.15), (59.87, 25.12))
    track = move([Passage(route, (Order(0, 14.0),))], 3600)
    for lat, lon in route:
        n = track.lat_deg.shape[1]
        off = WGS84.inv(track.lon_deg[0], track.lat_deg[0], np.full(n, lon), np.full(n, lat))[2]
        assert off.min() < 370
    turned = angle_deg(track.heading_deg[0][1:], track.heading_deg[0][:-1])
    assert turned.max() <= 0.5 + 1e-9


def test_wind_sets_a_stopped_ship_down():
    """Without way the course over ground is that of the set while the bow stays where it was put."""
    order = Order(0, 0.0, heading_deg=40.0, set_kn=1.5, set_deg=140.0)
    track = move([Passage((HERE,), (order,))], 600)
    cog = np.degrees(np.arctan2(track.east_kn[0], track.north_kn[0]))
    assert cog == pytest.approx(140.0, abs=1e-6)
    assert track.heading_deg[0] == pytest.approx(40.0)


def test_a_ferry_ends_at_her_berth():
    """She slows down by herself, stops within 60 m of her berth, and then says that she is moored."""
    route = (HERE, (59.84, 25.0))
    track = move([Passage(route, (Order(0, 12.0),), berths_at_end=True)], 3600)
    off = WGS84.inv(track.lon_deg[0, -1], track.lat_deg[0, -1], 25.0, 59.84)[2]
    assert off < 60
    assert track.nav_status[0, -1] == MOORED
    assert np.hypot(track.east_kn[0, -1], track.north_kn[0, -1]) < 0.1


def test_a_ship_at_anchor_keeps_to_her_circle():
    """Every position is the swing radius from the anchor, and the bow points at it within the yaw."""
    swing = Swing(HERE, radius_m=120.0, towards_deg=200.0, arc_deg=60.0, period_s=900.0)
    track = move([swing], 1800)
    n = track.lat_deg.shape[1]
    to, _, off = WGS84.inv(track.lon_deg[0], track.lat_deg[0], np.full(n, HERE[1]), np.full(n, HERE[0]))
    assert off == pytest.approx(120.0, abs=0.1)
    assert angle_deg(to, track.heading_deg[0]).max() < 12


def test_ships_keep_their_rows():
    """Row i of the result is ship i, however passages, swings and berths are mixed."""
    berth, ship = Berth((59.0, 24.0), 90.0), Passage((HERE, NORTH), (Order(0, 5.0),))
    swing = Swing((58.0, 23.0), 100.0, 0.0, 10.0, 600.0)
    track = move([berth, ship, swing, ship], 10)
    assert track.lat_deg[:, 0] == pytest.approx([59.0, 59.8, 58.0 + 100 / 111_360, 59.8], abs=1e-4)


def test_crossing_times_by_hand():
    """A track due east at a hundredth of a degree a step meets the meridian of 25.055 after 5.5 steps."""
    lon = 25.0 + 0.01 * np.arange(11)
    times = line_crossings(np.full(11, 59.8), lon, ((59.0, 25.055), (60.0, 25.055)))
    assert times == pytest.approx([5.5])


def test_a_track_along_a_point_of_the_line_crosses_once():
    """Meeting the line at one of its own vertices, or at a point of the track, counts once."""
    lon = 25.0 + 0.01 * np.arange(11)
    bend = ((59.0, 25.05), (59.8, 25.05), (60.0, 25.05))
    assert line_crossings(np.full(11, 59.8), lon, bend) == pytest.approx([5.0])
