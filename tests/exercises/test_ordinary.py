"""Ordinary traffic: hard, honest about what looks odd, and the same for the same seed."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from seavigil.exercises import fleet, sea
from seavigil.exercises.chance import Chance
from seavigil.exercises.fleet import Register
from seavigil.exercises.itinerary import Itinerary, Luck
from seavigil.exercises.orders import Lies
from seavigil.exercises.ordinary import ROLES, background, mix, ordinary, stage
from seavigil.exercises.water import weather
from seavigil.records import parse_time_us


@cache
def day():
    """Give one day of a hundred and twenty ships (a training seed: below 1000)."""
    return ordinary(5, ships=120)


def spells(kind):
    """Give, for each ordinary part of a kind, the ship's row and the steps it covers."""
    play = day()
    row = {ship.mmsi: i for i, ship in enumerate(play.ships)}
    for inject in play.truth:
        if inject.kind == kind:
            steps = [(at - play.began_us) // 10_000_000 for at in (inject.began_us, inject.ended_us)]
            yield row[inject.mmsi], slice(int(steps[0]), int(steps[1]) + 1)


def sog_kn(row, steps=slice(None)):
    """Give a ship's speed."""
    tracks = day().tracks
    return np.hypot(tracks.east_kn[row, steps], tracks.north_kn[row, steps])


def test_the_same_seed_gives_the_same_play():
    """Two runs agree in every report and in the truth; another seed differs."""
    one, two, other = (ordinary(seed, ships=12, days=0.1) for seed in (4, 4, 6))
    reports = [[piece.reports for piece in play.pieces()] for play in (one, two, other)]
    assert all(a.equals(b) for a, b in zip(reports[0], reports[1], strict=True))
    assert one.truth == two.truth
    assert not reports[0][0].equals(reports[2][0])


def test_one_more_ship_leaves_the_others_their_way():
    """Luck hangs on role and number in it: with one cargo ship more the first ones sail the same."""
    casts = [background(Chance(3), Register(), {"cargo": n}, 7200) for n in (3, 4)]
    for one, other in zip(casts[0], casts[1], strict=False):
        assert one.motion.route == other.motion.route
        assert one.motion.calls == other.motion.calls


def test_the_mix_adds_up_and_holds_every_role():
    """A hundred ships are a hundred, shares sum to one, and each role is there."""
    assert sum(role.share for role in ROLES.values()) == pytest.approx(1.0)
    for ships in (1, 7, 100, 333):
        assert sum(mix(ships).values()) == ships
    assert all(mix(100).values())


def test_nothing_ordinary_expects_an_alert():
    """Every part has its true reading as its kind, expects nothing and belongs to no incident."""
    truth = day().truth
    assert all(inject.expects == () and inject.incident is None for inject in truth)
    kinds = Counter(inject.kind for inject in truth)
    assert {"pilot_boarding", "fishing", "waiting_for_berth", "giving_way", "cable_work"} <= kinds.keys()


def test_ships_keep_to_what_ships_can_do():
    """No ship goes over 35 kn, none leaves the sea and its approaches, and none jumps."""
    tracks = day().tracks
    speed = np.hypot(tracks.east_kn, tracks.north_kn)
    assert speed.max() < 35.0
    way_m = np.hypot(np.diff(tracks.lat_deg) * 111_400.0, np.diff(tracks.lon_deg) * 58_400.0)
    assert (way_m / 10.0 * 3600.0 / 1852.0).max() < 36.0
    east, north = (tracks.lon_deg - sea.MIDDLE[1]) * 31.4, (tracks.lat_deg - sea.MIDDLE[0]) * 60.0
    assert np.abs(east).max() < 215.0
    assert np.abs(north).max() < 150.0


def test_ships_of_a_class_have_speeds_of_their_own():
    """Merchant ships at sea make 7 to 19 kn, and their cruising speeds are spread by 1 kn or more."""
    rows = [i for i, ship in enumerate(day().ships) if ship.ship_type in (fleet.CARGO, fleet.TANKER)]
    cruising = np.array(
        [np.median(sog_kn(row)[sog_kn(row) > 6.0]) for row in rows if sog_kn(row).max() > 7.0]
    )
    assert cruising.min() > 6.0
    assert cruising.max() < 19.0
    assert cruising.std() > 1.0


def test_a_pilot_boat_comes_alongside_a_ship_that_slowed_down_for_it():
    """Most ships that slow to 6 to 8.5 kn have a boat within 150 m for some minutes meanwhile."""
    tracks, ships = day().tracks, day().ships
    boats = [i for i, ship in enumerate(ships) if ship.ship_type == fleet.PILOT]
    met, slow_kn = [], []
    for row, steps in spells("pilot_boarding"):
        if steps.start == 0 or steps.stop >= tracks.lat_deg.shape[1]:
            continue
        north = (tracks.lat_deg[boats, steps] - tracks.lat_deg[row, steps]) * 111_400.0
        east = (tracks.lon_deg[boats, steps] - tracks.lon_deg[row, steps]) * 58_400.0
        met.append(((np.hypot(east, north) < 150.0).sum(axis=1) >= 12).any())
        slow_kn.append(np.median(sog_kn(row, steps)))
    assert len(met) >= 5
    assert 5.5 < np.median(slow_kn) < 9.0
    assert np.mean(met) > 0.5


def test_trawlers_go_over_lines_at_trawling_speed():
    """Fishing vessels cross cables at 2 to 5 kn, again and again: the hardest innocent reading."""
    trawlers = {ship.mmsi for ship in day().ships if ship.ship_type == fleet.FISHING}
    slow = [c for c in day().crossings if c.mmsi in trawlers and 2.0 <= c.sog_kn <= 5.0]
    assert len(slow) >= 5


def test_a_cable_ship_stays_on_her_line():
    """At work she makes under 2 kn within a kilometre of one line, restricted in her ability to manoeuvre."""
    for row, steps in spells("cable_work"):
        assert np.median(sog_kn(row, steps)) < 2.0
        assert (day().tracks.nav_status[row, steps] == 3).mean() > 0.9


def test_a_gale_slows_most_ships_on_that_water():
    """The same ships at the same place make less way after two hours of gale than of calm, some far less."""
    made = []
    for gale in (False, True):
        register = Register()
        cast = background(Chance(11), register, {"cargo": 30}, 7200)
        began_us, water = parse_time_us("2025-01-01T00:00Z"), weather(Chance(11), 2, gale=gale)
        play = stage("gale", cast, register, seed=11, began_us=began_us, seconds=7200, water=water)
        made.append(np.hypot(play.tracks.east_kn, play.tracks.north_kn)[:30, 240:].mean(axis=1))
    under_way = made[0] > 8.0
    lost = 1.0 - made[1][under_way] / made[0][under_way]
    assert under_way.sum() >= 10
    assert np.median(lost) > 0.0
    assert lost.max() > 0.08


def test_an_itinerary_cut_in_the_middle_goes_on_as_before():
    """Cut while she lies at anchor: she lies there for the rest of the time, then goes on at her speed."""
    plan = Itinerary([(0.0, 0.0)], 10.0)
    plan.go((10.0, 0.0))
    plan.lie(Lies.AT_ANCHOR, 7200.0, 1)
    first = plan.here
    plan.go((20.0, 0.0))
    plan.told("waiting_for_berth", "She waits.", first)
    rest = plan.cut(3600.0 + 1800.0)
    assert rest.spots[0] == (10.0, 0.0)
    assert rest.calls[0].for_s == pytest.approx(5400.0)
    assert rest.calls[0].speed_kn == 10.0
    assert (rest.stretches[0].from_at, rest.stretches[0].to_at) == (0, 1)
    under_way = plan.cut(1800.0)
    assert under_way.spots[0] == pytest.approx((5.0, 0.0))


def test_luck_by_one_number_is_luck_by_arrays():
    """The fast way to one number gives what the array way gives, bit by bit."""
    luck = Luck(Chance(9), 77)
    for what in range(50):
        assert luck.between(0.0, 1.0, what) == Chance(9).uniform(77, what)[0]
        assert luck.normal(0.0, 1.0, what) == pytest.approx(
            float(np.clip(Chance(9).normal(77, what)[0], -2.5, 2.5)), abs=1e-12
        )


def test_thousands_of_ships_have_names_that_fit():
    """Six thousand names are all different, at most 20 characters (M.1371-5), and all say EXERCISE."""
    register = Register()
    ships = [register.enter(fleet.CARGO) for _ in range(6000)]
    assert len({ship.name for ship in ships}) == len({ship.mmsi for ship in ships}) == 6000
    assert max(len(ship.name) for ship in ships) <= 20
    assert all(ship.name.startswith("EXERCISE ") and ship.mmsi // 1_000_000 == 299 for ship in ships)
    for _ in range(63 * 99 - 6000):
        register.enter(fleet.CARGO)
    with pytest.raises(ValueError, match="all 6237 names are taken"):
        register.enter(fleet.CARGO)
