"""How invented ships move, against the formulas they follow and against PROJ."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

from seavigil.exercises.chance import Chance
from seavigil.exercises.motion import (
    AT_ANCHOR,
    MOORED,
    Berth,
    Burden,
    Call,
    Handling,
    Lies,
    Order,
    Passage,
    Swing,
    Unrest,
    move,
)
from seavigil.exercises.traffic import line_crossings
from seavigil.exercises.water import Water, weather

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


def sog_kn(track, ship=0):
    """Give a ship's speed over ground."""
    return np.hypot(track.east_kn[ship], track.north_kn[ship])


@pytest.mark.parametrize("step_s", [2, 5, 10])
def test_longer_steps_tell_the_same_passage(step_s):
    """A passage with a turn, a change of speed and a berth ends where it does in steps of a second."""
    route = (HERE, (59.84, 25.05), (59.82, 25.15), (59.87, 25.12))
    ships = [
        Passage(route, (Order(0, 14.0), Order(900, 7.0)), Handling(400.0, 20.0, 0.3)),
        Passage((HERE, (59.84, 25.0)), (Order(0, 12.0),), berths_at_end=True),
    ]
    fine, coarse = move(ships, 3600), move(ships, 3600, step_s)
    n = coarse.lat_deg.shape[1]
    off = WGS84.inv(
        coarse.lon_deg, coarse.lat_deg, fine.lon_deg[:, ::step_s][:, :n], fine.lat_deg[:, ::step_s][:, :n]
    )[2]
    assert off.max() < 20.0 * step_s
    assert sog_kn(coarse)[-1] == pytest.approx(sog_kn(fine)[-1], abs=0.05)


def test_steps_that_do_not_fit_are_refused():
    """An hour is no whole number of steps of 7 s: the error says so."""
    with pytest.raises(ValueError, match="whole number of steps"):
        move([Passage((HERE, NORTH), (Order(0, 5.0),))], 3600, 7)


@pytest.mark.parametrize("step_s", [1, 10])
def test_a_burden_takes_its_share_through_her_inertia(step_s):
    """After one time constant 63 % of the share lost is gone, later all of it; then she recovers."""
    count = 1800 // step_s
    burden = Burden(600.0, np.full(count, 0.3), np.full(count, 4.0))
    ship = Passage((HERE, NORTH), (Order(0, 10.0),), Handling(speed_tau_s=300.0), burdens=(burden,))
    track = move([ship], 4800, step_s)
    sog = sog_kn(track)
    assert sog[590 // step_s] == pytest.approx(10.0, abs=0.01)
    assert sog[900 // step_s] == pytest.approx(10.0 - 3.0 * (1.0 - np.exp(-1)), abs=0.12)
    assert sog[2390 // step_s] == pytest.approx(7.0, abs=0.05)
    assert sog[-1] == pytest.approx(10.0, abs=0.05)
    course = np.degrees(np.arctan2(track.east_kn[0], track.north_kn[0]))
    assert angle_deg(track.heading_deg[0], course)[1500 // step_s] == pytest.approx(4.0, abs=0.01)
    assert angle_deg(track.heading_deg[0], course)[-1] == pytest.approx(0.0, abs=0.01)


def test_calls_stop_a_ship_where_and_as_long_as_asked():
    """She anchors at the waypoint, says so, swings within her radius, and goes on at the new speed."""
    spot = (59.85, 25.0)
    calls = (
        Call(0, 10.0),
        Call(1, 6.0, for_s=3600.0, lies=Lies.AT_ANCHOR, lying_status=AT_ANCHOR, swing_m=150.0),
    )
    track = move([Passage((HERE, spot, NORTH), calls=calls)], 7200, 10, weather(Chance(1), 2))
    came_s = track.reached_s[0, 1]
    lying = slice(int(came_s / 10) + 60, int((came_s + 3600) / 10))
    assert (track.nav_status[0, lying] == AT_ANCHOR).all()
    n = lying.stop - lying.start
    off = WGS84.inv(track.lon_deg[0, lying], track.lat_deg[0, lying], np.full(n, 25.0), np.full(n, 59.85))[2]
    assert off.max() < 150.0 + 60.0 + 10.0
    assert sog_kn(track)[lying].max() < 1.0
    assert track.nav_status[0, -1] == 0
    assert sog_kn(track)[-1] == pytest.approx(6.0, abs=1.0)


@pytest.mark.parametrize("to", [(59.85, 25.0), (59.8, 25.1), (59.75, 25.0), (59.8, 24.9)])
def test_no_current_keeps_a_ship_from_her_berth(to):
    """In any direction, in a gale and through eddies, she is made fast within 75 minutes of 3 miles' way."""
    calls = (Call(0, 10.0), Call(1, 10.0, for_s=9e9, lies=Lies.ALONGSIDE, lying_status=MOORED))
    ship = Passage((HERE, to), calls=calls, handling=Handling(windage=0.004))
    track = move([ship], 7200, 10, weather(Chance(3), 2, gale=True))
    assert track.reached_s[0, 1] < 4500
    assert sog_kn(track)[-1] == 0.0


def test_a_call_lets_go_no_sooner_than_the_timetable():
    """Alongside until 3000 s she does not move; a minute later she is under way."""
    calls = (Call(0, 15.0, for_s=60.0, until_s=3000.0, lies=Lies.ALONGSIDE, lying_status=MOORED),)
    track = move([Passage((HERE, NORTH), calls=calls)], 3600, 10, weather(Chance(1), 1))
    before = slice(0, 300)
    assert (track.nav_status[0, before] == MOORED).all()
    assert sog_kn(track)[before].max() == 0.0
    assert track.lat_deg[0, -1] > HERE[0] + 0.005


def test_a_passage_says_how_fast():
    """Neither an order nor a call that names a speed at the start: refused, with what is missing."""
    with pytest.raises(ValueError, match="how fast"):
        Passage((HERE, NORTH), calls=(Call(1, 5.0),))


def test_head_seas_cost_speed_and_following_seas_do_not():
    """Under constant power a pull of 0.45 of the thrust leaves x of the way where x^3 + 0.45 x = 1."""
    hours = np.full(3, 3.0)
    water = Water(np.full(3, 0.0), np.full(3, 0.0), hours, (0.0, 0.0, 0.0))  # from the north
    ship = Handling(sea_pull=0.05)
    ways = [Passage((HERE, to), (Order(0, 12.0),), ship) for to in (NORTH, (59.3, 25.0))]
    still = [Passage((HERE, to), (Order(0, 12.0),)) for to in (NORTH, (59.3, 25.0))]
    track = move([*ways, *still], 3600, 10, water)
    kept = [sog_kn(track, i)[-1] / sog_kn(track, i + 2)[-1] for i in (0, 1)]
    real = [r.real for r in np.roots([1.0, 0.0, 0.45, -1.0]) if abs(r.imag) < 1e-9]
    assert kept[0] == pytest.approx(real[0], abs=0.01)
    assert kept[1] == pytest.approx(1.0, abs=0.01)


def test_a_ship_adrift_goes_with_wind_and_current():
    """With her engine stopped she ends up as fast as a raft of her windage."""
    calls = (Call(0, 10.0), Call(1, 10.0, for_s=20_000.0, lies=Lies.ADRIFT))
    water = weather(Chance(2), 4, gale=False)
    ship = Passage((HERE, (59.85, 25.0), NORTH), calls=calls, handling=Handling(windage=0.01))
    raft = Passage((HERE,), (Order(0, 0.0),), Handling(windage=0.01))
    track = move([ship, raft], 10_800, 10, water)
    assert sog_kn(track)[-1] == pytest.approx(sog_kn(track, 1)[-1], abs=0.35)
    assert sog_kn(track)[-1] < 1.5


def test_unrest_adds_to_speed_and_course():
    """Five percent more and three degrees to starboard stay that: she makes 10.5 kn on 003 or so."""
    knots = np.full(62, 1.0)
    ship = Passage((HERE, NORTH), (Order(0, 10.0),), unrest=Unrest(60.0, 0.05 * knots, 3.0 * knots))
    track = move([ship], 1800, 10)
    assert sog_kn(track)[-1] == pytest.approx(10.5, abs=0.01)
    course = np.degrees(np.arctan2(track.east_kn[0], track.north_kn[0]))
    assert course[20] == pytest.approx(3.0, abs=0.1)
    # half an hour later she is 0.46 km to starboard, and her waypoint 46 km ahead bears half a degree to port
    assert course[-1] == pytest.approx(3.0 - 0.57, abs=0.1)
