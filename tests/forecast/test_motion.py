"""Tries: straight where nothing speaks against it, unsteady as stated, by ways, round land, into port."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import exp, sqrt

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seavigil.forecast.motion import MotionParams, Paths, State, ahead, paths
from seavigil.forecast.shore import Shore
from seavigil.forecast.ways import STEP_S, Ways, ways
from seavigil.geodesy import distance_m
from seavigil.normal.bins import NOTHING_LOGGED
from seavigil.normal.pattern import NO_PATTERN
from seavigil.normal.places import LAND, LANE, NO_PLACES, Place, Places
from seavigil.records import HOUR_US, parse_time_us
from seavigil.runners.forecast_plays import STRAIGHT
from tests.cases.futures import KN_MS, NO_WAYS, WGS84, east_of, rhumb_course_deg, rhumb_m, ship, ships
from tests.cases.sail import Sail, sail
from tests.forecast.test_ways import history
from tests.normal.logs import log_of

F64 = NDArray[np.float64]

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
#: Many tries that all do the same; each test switches on what it is about.
CALM = replace(STRAIGHT, tries=20)
#: For as long as tests with land take: each tile of it is drawn.
SOON = replace(CALM, horizon_s=8 * 3600.0)
UNSTEADY = replace(MotionParams(), horizon_s=6 * 3600.0)
HOUR = round(3600 / STEP_S)
NM_M = 1852.0


def end(gone: Paths, hours: float) -> tuple[F64, F64]:
    """Give where every try of the first ship is after so many hours."""
    at = round(hours * HOUR)
    return gone.lat_deg[0, :, at], gone.lon_deg[0, :, at]


@pytest.mark.parametrize("course", [0.0, 50.0, 90.0, 180.0, 222.0, 359.0])
def test_with_nothing_else_known_a_ship_keeps_course_and_speed(course: float) -> None:
    """After six hours at 10 kn she is 60 miles on, on the rhumb line of her course, by PROJ's chart."""
    gone = paths(ship(59.0, 20.0, 10.0, course), NO_WAYS, STRAIGHT)
    assert gone.lat_deg.shape == (1, 1, 24 * HOUR + 1)
    (lat,), (lon,) = end(gone, 6)
    off = (rhumb_course_deg(59.0, 20.0, lat, lon) - course + 180.0) % 360.0 - 180.0
    assert abs(off) < 0.05
    assert rhumb_m(59.0, 20.0, lat, lon) == pytest.approx(60 * NM_M, rel=5e-4)


def test_straight_means_straight_for_a_ship_that_has_slowed_too() -> None:
    """Her usual speed is 14 kn, now she makes 6: 6 miles an hour, neither faster nor slower yet."""
    gone = paths(ship(59.0, 20.0, 6.0, 0.0, usual_kn=14.0, swing_kn=2.0), NO_WAYS, STRAIGHT)
    (lat,), _ = end(gone, 5)
    assert WGS84.inv(20.0, 59.0, 20.0, lat)[2] == pytest.approx(30 * NM_M, rel=5e-4)


def run_m(gone: Paths, hours: float) -> F64:
    """Give how far north every try has come."""
    lat, lon = end(gone, hours)
    return distance_m(np.full(len(lat), gone.lat_deg[0, 0, 0]), lon, lat, lon)


def test_speed_wavers_about_its_mean_and_comes_back_to_it() -> None:
    """An Ornstein-Uhlenbeck speed: no bias, and a spread by the sum of its steps, not of constant errors."""
    params = replace(CALM, tries=1000, wavers_share=1.0)
    gone = paths(ship(0.0, 20.0, 12.0, 0.0, swing_kn=2.0), NO_WAYS, params)
    kept = exp(-STEP_S / params.swing_s)
    for hours in (3, 12):
        steps = np.arange(1, hours * HOUR + 1)
        # a kick of the n-th step from the end goes on with kept, kept ** 2, ... of itself
        kicks = (1 - kept**steps) / (1 - kept)
        sd_m = 2.0 * KN_MS * STEP_S * sqrt(1 - kept**2) * sqrt(float(np.square(kicks).sum()))
        assert run_m(gone, hours).std() == pytest.approx(sd_m, rel=0.1)
        assert run_m(gone, hours).mean() == pytest.approx(12 * hours * NM_M, rel=0.01)
    assert run_m(gone, 12).std() < 3 * run_m(gone, 3).std()  # constant errors would make it four times


def test_speeds_that_differ_for_good_spread_evenly_with_time() -> None:
    """A standard deviation of 8 % of the way, but for the time in which the speed settles."""
    gone = paths(ship(0.0, 20.0, 12.0, 0.0), NO_WAYS, replace(CALM, tries=1000, speed_share=0.08))
    # of the first hours' way one settling time (1 h) is still sailed at the speed of now
    for hours in (6, 24):
        assert np.log(run_m(gone, hours) - NM_M * 12).std() == pytest.approx(0.08, rel=0.1)


def test_who_has_lost_way_may_get_back_to_her_own_speed() -> None:
    """Of a ship at 6 kn that usually makes 12, a third of the tries go twice as far in the end."""
    params = replace(CALM, tries=300, regains_share=1 / 3, speed_settles_s=1.0)
    slow = run_m(paths(ship(0.0, 20.0, 6.0, 0.0, usual_kn=12.0), NO_WAYS, params), 10)
    assert sorted(set(np.round(slow / NM_M).tolist())) == [60.0, 120.0]
    assert (slow > 90 * NM_M).mean() == pytest.approx(1 / 3, abs=0.01)
    usual = run_m(paths(ship(0.0, 20.0, 12.0, 0.0, usual_kn=6.0), NO_WAYS, params), 10)
    assert usual == pytest.approx(120 * NM_M, rel=1e-3)  # who is faster than usual does not slow down


def test_who_has_lost_way_is_less_sure_of_her_speed() -> None:
    """Half her way lost adds half of that half: hypot(0.08, 0.25) of her speed; at full speed it is 0.08."""
    params = replace(CALM, tries=1000, speed_share=0.08, lost_share=0.5, speed_settles_s=1.0)
    for kn, sd in ((6.0, np.hypot(0.08, 0.25)), (12.0, 0.08)):
        gone = paths(ship(0.0, 20.0, kn, 0.0, usual_kn=12.0), NO_WAYS, params)
        assert np.log(run_m(gone, 12)).std() == pytest.approx(sd, rel=0.05)


def test_who_lies_still_has_not_lost_way() -> None:
    """A ship at rest that leaves goes at her usual 14 kn with the common spread of 8 %, not of half of it."""
    params = replace(CALM, tries=400, leaves_per_h=1e9, speed_share=0.08, lost_share=0.5)
    gone = paths(ship(0.0, 20.0, 0.0, np.nan, usual_kn=14.0), NO_WAYS, params)
    first = distance_m(0.0, 20.0, *end(gone, 0.25)) / (14 * NM_M / 8)
    assert np.log(first).std() == pytest.approx(0.08, rel=0.1)


def test_turns_come_as_often_as_stated_and_to_both_sides() -> None:
    """Half a turn an hour: after two hours exp(-1) of the tries have held their course."""
    params = replace(CALM, tries=400, turns_per_h=0.5, turn_deg=40.0)
    _, lon = end(paths(ship(0.0, 20.0, 12.0, 0.0), NO_WAYS, params), 2)
    assert (np.abs(lon - 20.0) < 1e-9).mean() == pytest.approx(exp(-1.0), abs=0.03)
    assert np.sign(lon - 20.0).mean() == pytest.approx(0.0, abs=0.1)


def test_a_ship_at_rest_stays_unless_she_leaves() -> None:
    """At 0.1 departures an hour exp(-2.4) are still there after a day; at none all are."""
    rests = ship(59.0, 20.0, 0.0, np.nan)
    stay = paths(rests, NO_WAYS, CALM)
    assert set(stay.lat_deg.ravel().tolist()) == {59.0}
    assert set(stay.lon_deg.ravel().tolist()) == {20.0}
    lat, lon = end(paths(rests, NO_WAYS, replace(CALM, tries=200, leaves_per_h=0.1)), 24)
    there = (lat == 59.0) & (lon == 20.0)
    assert there.mean() == pytest.approx(exp(-2.4), abs=0.03)


def test_who_leaves_goes_at_her_usual_speed_or_a_common_one() -> None:
    """Whoever leaves within the first step has gone for half of it: 14 kn her own, else 10."""
    params = replace(CALM, leaves_per_h=1e9)
    for more, kn in (({"usual_kn": 14.0}, 14.0), ({}, 10.0)):
        gone = paths(ship(0.0, 20.0, 0.0, np.nan, **more), NO_WAYS, params)
        first = distance_m(0.0, 20.0, *end(gone, 0.25))
        np.testing.assert_allclose(first, kn * NM_M / 8, rtol=5e-3)
    assert len(np.unique(np.round(end(gone, 0.25)[1], 6))) > 10  # on any course


def test_ships_stop_as_often_as_stated_and_stay() -> None:
    """At 0.5 stops an hour exp(-2) still go after four hours; who stopped is where she was an hour later."""
    gone = paths(ship(0.0, 20.0, 12.0, 0.0), NO_WAYS, replace(CALM, tries=400, stops_per_h=0.5))
    goes = end(gone, 5)[0] > end(gone, 4)[0]
    assert goes.mean() == pytest.approx(exp(-2.0), abs=0.03)


def test_a_ship_of_unknown_speed_stays_where_she_is() -> None:
    """Even among settings under which all others leave at once."""
    gone = paths(ship(59.0, 20.0, np.nan, 90.0), NO_WAYS, replace(CALM, leaves_per_h=1e9))
    assert set(gone.lat_deg.ravel().tolist()) == {59.0}
    assert set(gone.lon_deg.ravel().tolist()) == {20.0}


def test_a_ship_bound_for_a_known_port_arrives_and_stays() -> None:
    """Forty miles abeam: within five miles of it after six hours and for good; who heeds not is not."""
    to = {"to_lat_deg": 59.0, "to_lon_deg": east_of(59.0, 20.0, 40 * NM_M)}
    bound = ship(59.0, 20.0, 10.0, 0.0, **to)
    gone = paths(bound, NO_WAYS, replace(CALM, heeds_share=1.0))
    for hours in (6, 12, 24):
        lat, lon = end(gone, hours)
        assert (distance_m(lat, lon, to["to_lat_deg"], to["to_lon_deg"]) <= 9260.0).all()
    np.testing.assert_array_equal(end(gone, 6), end(gone, 24))
    lat, lon = end(paths(bound, NO_WAYS, CALM), 6)
    assert (distance_m(lat, lon, to["to_lat_deg"], to["to_lon_deg"]) > 50 * NM_M).all()


def test_as_many_tries_make_for_the_port_as_heed_it() -> None:
    """Seven of ten turn to the port abeam; the others go on as they go."""
    bound = ship(59.0, 20.0, 10.0, 0.0, to_lat_deg=59.1, to_lon_deg=21.5)
    _, lon = end(paths(bound, NO_WAYS, replace(CALM, heeds_share=0.7)), 12)
    assert (lon > 21.0).mean() == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("to_lat", "why"), [(58.9, "right astern: the last voyage's"), (59.04, "ahead, within a port's approach")]
)
def test_a_port_left_behind_or_reached_is_heeded_no_more(to_lat: float, why: str) -> None:
    """Northbound from 59 N at 10 kn she goes on as without a destination."""
    bound = ship(59.0, 20.0, 10.0, 0.0, to_lat_deg=to_lat, to_lon_deg=20.0)
    gone = paths(bound, NO_WAYS, replace(CALM, heeds_share=1.0))
    alone = paths(ship(59.0, 20.0, 10.0, 0.0), NO_WAYS, CALM)
    np.testing.assert_allclose(gone.lat_deg, alone.lat_deg, err_msg=why)


def test_the_helm_is_put_over_no_further_than_stated_in_one_step() -> None:
    """For a port a little before the beam the course changes by 15 deg every quarter of an hour."""
    bound = ship(0.0, 20.0, 10.0, 0.0, to_lat_deg=0.5, to_lon_deg=25.0)
    gone = paths(bound, NO_WAYS, replace(CALM, heeds_share=1.0))
    made = np.degrees(np.arctan2(np.diff(gone.lon_deg[0, 0]), np.diff(gone.lat_deg[0, 0])))[:14]
    assert made[:5] == pytest.approx(15.0 * np.arange(1, 6), abs=1.0)
    assert made[13] == pytest.approx(86.0, abs=3.0)  # bears 84 deg at first, and more as she comes north


def test_a_port_beyond_the_antimeridian_is_made_for_the_short_way() -> None:
    """From 179.5 E to a port at 179.5 W she goes east, her longitudes running on beyond 180."""
    bound = ship(0.0, 179.5, 10.0, 90.0, to_lat_deg=0.0, to_lon_deg=-179.5)
    gone = paths(bound, NO_WAYS, replace(CALM, heeds_share=1.0))
    assert end(gone, 24)[1] == pytest.approx(180.45, abs=0.05)  # stopped within five miles of 180.5
    assert (np.diff(gone.lon_deg[0, 0]) >= 0).all()


ISLAND = shapely.box(20.5, 58.95, 20.8, 59.05)
#: A bay open to the west: a ship that goes in finds land ahead and on both sides.
BAY = shapely.union_all(
    [
        shapely.box(20.0, 59.02, 21.0, 59.5),
        shapely.box(20.0, 58.5, 21.0, 58.98),
        shapely.box(20.6, 58.5, 21, 59.5),
    ]
)


@cache
def shore(shape: shapely.Polygon) -> Shore:
    """Give land of one shape; its tiles are drawn once for all tests."""
    return Shore(Places((Place(LAND, "land", shape, 0.0),)))


def ashore(gone: Paths, land: Shore) -> bool:
    """Tell whether any try is on land at any step."""
    return bool(land(gone.lat_deg.ravel(), gone.lon_deg.ravel()).any())


def test_land_ahead_is_turned_away_from() -> None:
    """An island right ahead: over it without a chart; with one she turns off and goes on as fast."""
    coming, land = ship(59.0, 20.0, 10.0, 90.0), shore(ISLAND)
    assert ashore(paths(coming, NO_WAYS, SOON), land)
    gone = paths(coming, NO_WAYS, SOON, land)
    assert not ashore(gone, land)
    np.testing.assert_allclose(distance_m(*end(gone, 4), *end(gone, 8)), 40 * NM_M, rtol=0.01)


#: Narrower than a step of a fast ship, which is 5 miles long at 20 kn: 2.3 km at 59 N.
SPIT = shapely.box(20.50, 58.0, 20.54, 60.0)


def test_no_step_leaps_over_a_spit() -> None:
    """At 20 kn a step is 9.3 km long and the spit 2.3 km broad: she stays to the west of it."""
    gone = paths(ship(59.0, 20.0, 20.0, 90.0), NO_WAYS, SOON, shore(SPIT))
    assert (gone.lon_deg < 20.54).all()
    assert (paths(ship(59.0, 20.0, 20.0, 90.0), NO_WAYS, SOON).lon_deg > 20.54).any()


def test_a_quay_that_a_coarse_coast_has_on_land_is_left() -> None:
    """She lies 500 m inside a coast drawn too far out, and goes to sea."""
    gone = paths(ship(59.0, 20.53, 10.0, 90.0), NO_WAYS, SOON, shore(SPIT))
    assert (end(gone, 4)[1] > 20.6).all()


def test_land_before_her_port_is_gone_round() -> None:
    """Her port lies behind the island: every try comes there, none over land."""
    land = shore(ISLAND)
    bound = ship(59.0, 20.0, 10.0, 90.0, to_lat_deg=59.0, to_lon_deg=21.4)
    gone = paths(bound, NO_WAYS, replace(SOON, heeds_share=1.0, horizon_s=12 * 3600.0), land)
    assert not ashore(gone, land)
    assert (distance_m(*end(gone, 12), 59.0, 21.4) <= 9260.0).all()


def test_a_ship_in_a_bay_stops_and_is_never_ashore() -> None:
    """Two miles wide, a step being two and a half: no course tried leads out, so she lies there."""
    land = shore(BAY)
    gone = paths(ship(59.0, 20.1, 10.0, 90.0), NO_WAYS, SOON, land)
    assert not ashore(gone, land)
    np.testing.assert_array_equal(end(gone, 6), end(gone, 8))
    assert (end(gone, 8)[1] < 20.6).all()
    assert (end(gone, 8)[1] > 20.4).all()


def test_unsteady_ships_are_never_ashore_either() -> None:
    """With all defaults among islands: no try is on land at any step."""
    land = shore(shapely.union_all([ISLAND, BAY, shapely.box(19.0, 59.3, 20.0, 59.4)]))
    state = ships((59.0, 20.1, 12.0, 90.0), (59.2, 19.5, 15.0, 0.0), (59.0, 21.5, 8.0, 270.0))
    assert not ashore(paths(state, NO_WAYS, UNSTEADY, land), land)


FOLLOWS = replace(CALM, follows_from=0.0)


def bent(lat: float) -> Sail:
    """Draw a ship that goes east for two hours with 12 kn, then north for three."""
    return sail((lat, 24.0), at_kn=12, every_s=60, start=BEGIN_US).on(90, for_min=120).on(0, for_min=180)


def of_ships(*drawn: Sail) -> Ways:
    """Give the ways of drawn ships."""
    return ways(log_of(*drawn), NO_PLACES, NO_PATTERN, BEGIN_US + 8 * HOUR_US)


def test_ships_turn_where_ships_before_turned() -> None:
    """After four hours the followers are two hours' way north; the one nobody went before is due east."""
    known = of_ships(*(bent(59.01 + 0.01 * i) for i in range(4)))
    lat, lon = end(paths(ship(59.025, 24.05, 12.0, 90.0), known, FOLLOWS), 4)
    corner = east_of(59.02, 24.0, 24 * NM_M)
    assert (np.abs(lon - corner) < 0.3).all()
    assert (lat > 59.02 + 12 / 60).all()
    lat, lon = end(paths(ship(59.025, 24.05, 12.0, 90.0), NO_WAYS, FOLLOWS), 4)
    np.testing.assert_allclose(lat, 59.025)
    against, _ = end(paths(ship(59.025, 24.6, 12.0, 270.0), known, FOLLOWS), 3)
    np.testing.assert_allclose(against, 59.025)  # who comes the other way follows nobody


def test_the_surer_the_more_of_them_there_were() -> None:
    """Of so many ways known as ``follows_from`` half are followed, of nine times as many nine of ten."""
    lane = Place(LANE, "lane", shapely.LineString([(24.05, 58.0), (24.05, 59.025), (25.5, 59.025)]), 1852.0)
    known = ways(NOTHING_LOGGED, Places((lane,)), NO_PATTERN, 0)  # as three ships
    start = ship(59.005, 24.05, 12.0, 0.0)
    for follows_from, share in ((3.0, 1 / 2), (1 / 3, 9 / 10)):
        _, lon = end(paths(start, known, replace(CALM, tries=200, follows_from=follows_from)), 0.25)
        assert (lon > 24.051).mean() == pytest.approx(share, abs=0.03)


def test_of_two_ways_those_bound_somewhere_take_the_better() -> None:
    """Lanes part north and south: without a port half go each way, with one to the north three of four."""
    north = shapely.LineString([(24.0, 59.025), (24.45, 59.025), (24.45, 60.0)])
    south = shapely.LineString([(24.0, 59.025), (24.45, 59.025), (24.45, 58.0)])
    places = Places(tuple(Place(LANE, "lane", line, 1852.0) for line in (north, south)))
    known = ways(NOTHING_LOGGED, places, NO_PATTERN, 0)
    params = replace(FOLLOWS, tries=400)

    def share(state: State) -> float:
        return float((end(paths(state, known, params), 2.5)[0] > 59.025).mean())

    assert share(ship(59.025, 24.1, 12.0, 90.0)) == pytest.approx(0.5, abs=0.1)
    bound = ship(59.025, 24.1, 12.0, 90.0, to_lat_deg=61.0, to_lon_deg=24.45)
    params = replace(params, heeds_share=1.0)
    assert share(bound) > 0.7


def test_a_wide_sector_is_no_reason_to_alter_course() -> None:
    """History says 90 to 100 deg: who steers 91 holds 91."""
    known = history((1, 9, 600), lat=0.02, lon=20.05)
    gone = paths(ship(0.02, 20.01, 8.0, 91.0), known, FOLLOWS)
    (lat, *_), (lon, *_) = end(gone, 0.25)
    assert rhumb_course_deg(0.02, 20.01, lat, lon) == pytest.approx(91.0, abs=0.01)


def test_over_the_antimeridian_longitudes_run_on() -> None:
    """From 179.9 E due east at 12 kn: the way is that of any other meridian, shifted."""
    over = paths(ship(51.0, 179.9, 12.0, 80.0), NO_WAYS, MotionParams())
    other = paths(ship(51.0, 9.9, 12.0, 80.0), NO_WAYS, MotionParams())
    np.testing.assert_allclose(over.lon_deg - 170.0, other.lon_deg, atol=1e-9)
    assert over.lon_deg.max() > 180.0


@cache
def known_and_land() -> tuple[Ways, Shore]:
    """Give ways and land that speak to ships about 59 N 24 E."""
    return of_ships(*(bent(59.01 + 0.01 * i) for i in range(3))), shore(shapely.box(24.9, 59.2, 25.2, 59.3))


MANY = [
    (59.02 + 0.003 * i, 24.0 + 0.02 * i, (11.0, 0.0, 14.0, np.nan, 7.5)[i % 5], 90.0 + 7 * i)
    for i in range(9)
]


def test_the_same_state_gives_the_same_paths_twice() -> None:
    """To the last bit: nothing is drawn from a clock or a running number."""
    known, land = known_and_land()
    one, other = (paths(ships(*MANY, swing_kn=0.4, usual_kn=12.0), known, UNSTEADY, land) for _ in range(2))
    np.testing.assert_array_equal(one.lat_deg, other.lat_deg)
    np.testing.assert_array_equal(one.lon_deg, other.lon_deg)


def test_alone_or_among_others_a_ship_has_the_same_paths() -> None:
    """Each of nine ships by herself goes as she does in the batch, and in a batch turned round."""
    known, land = known_and_land()
    more = {"swing_kn": 0.4, "usual_kn": 12.0, "to_lat_deg": 60.0, "to_lon_deg": 25.0}
    whole = paths(ships(*MANY, **more), known, UNSTEADY, land)
    turned = paths(ships(*MANY[::-1], **more), known, UNSTEADY, land)
    np.testing.assert_allclose(turned.lat_deg[::-1], whole.lat_deg, atol=1e-9, rtol=0)
    for i, one in enumerate(MANY):
        alone = paths(ships(one, **more), known, UNSTEADY, land)
        np.testing.assert_allclose(alone.lat_deg[0], whole.lat_deg[i], atol=1e-9, rtol=0)
        np.testing.assert_allclose(alone.lon_deg[0], whole.lon_deg[i], atol=1e-9, rtol=0)


def test_a_minute_later_is_a_minute_s_worth() -> None:
    """Where no ways are known, asked a minute later all tries have moved on by that minute."""
    step_m = 12 * NM_M / 60
    now, then = ship(0.0, 20.0, 12.0, 0.0), ship(0.0 + step_m / 110_574.0, 20.0, 12.0, 0.0)
    one, other = (paths(state, NO_WAYS, MotionParams()) for state in (now, then))
    np.testing.assert_allclose(other.lat_deg - one.lat_deg, step_m / 110_574.0, atol=1e-4)
    np.testing.assert_allclose(other.lon_deg, one.lon_deg, atol=1e-3)


def test_ahead_is_the_rhumb_line_and_never_over_the_pole() -> None:
    """Ten miles on 60 deg by PROJ's chart; at the pole it stays below 89.9 deg."""
    lat, lon = ahead(np.array([59.0]), np.array([20.0]), np.array([60.0]), np.array([10 * NM_M]))
    assert rhumb_course_deg(59.0, 20.0, lat[0], lon[0]) == pytest.approx(60.0, abs=0.02)
    assert rhumb_m(59.0, 20.0, lat[0], lon[0]) == pytest.approx(10 * NM_M, rel=1e-4)
    assert ahead(np.array([89.8]), np.array([0.0]), np.array([0.0]), np.array([1e6]))[0] == 89.9


angles = st.floats(-180, 180)
speeds = st.one_of(st.just(np.nan), st.floats(0, 110))
states = st.tuples(
    st.floats(-90, 90), angles, speeds, st.one_of(st.just(np.nan), st.floats(0, 360)), st.floats(0, 20)
)


@settings(max_examples=60)
@given(
    st.lists(states, min_size=1, max_size=4),
    st.floats(0.5, 60) | st.just(np.nan),
    st.tuples(st.floats(-90, 90), angles) | st.just((np.nan, np.nan)),
)
def test_any_state_has_finite_paths_on_the_globe(
    chosen: list[tuple[float, float, float, float, float]], usual_kn: float, to: tuple[float, float]
) -> None:
    """Whatever ships send, near the poles and at impossible speeds: finite, and no latitude beyond 90."""
    lat, lon, kn, course, swing = (np.array(column) for column in zip(*chosen, strict=True))
    n = len(lat)
    more = (np.full(n, value) for value in (usual_kn, *to))
    gone = paths(State(lat, lon, kn, course, swing, *more), NO_WAYS, replace(MotionParams(), tries=8))
    assert np.isfinite(gone.lat_deg).all()
    assert np.isfinite(gone.lon_deg).all()
    assert (np.abs(gone.lat_deg) <= 90).all()
