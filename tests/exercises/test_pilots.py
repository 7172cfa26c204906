"""Boats that come alongside ships."""

from __future__ import annotations

import numpy as np

from seavigil.exercises import fleet, sea
from seavigil.exercises.chance import Chance
from seavigil.exercises.fleet import Register
from seavigil.exercises.itinerary import Itinerary, Luck
from seavigil.exercises.motion import move
from seavigil.exercises.orders import AT_ANCHOR, Handling, Lies
from seavigil.exercises.pilots import BUNKERS, bunker_boats, pilot_boats
from seavigil.exercises.traffic import Actor
from seavigil.exercises.unrest import Manners
from seavigil.exercises.voyages import sailing
from seavigil.exercises.water import weather

SECONDS = 10 * 3600
PORT = sea.PORTS[2]


def waiting(hours):
    """Give a ship that comes to the roads off a port, anchors for so long, and goes on."""
    plan = Itinerary([(PORT.anchorage[0], PORT.anchorage[1] - 3.0)], 8.0)
    plan.go(PORT.anchorage)
    first = plan.here
    plan.lie(Lies.AT_ANCHOR, hours * 3600.0, AT_ANCHOR, swing_m=100.0)
    plan.go((PORT.anchorage[0], PORT.anchorage[1] + 0.2))
    plan.told("waiting_for_berth", "She waits at anchor for a berth.", first)
    plan.go(PORT.pilot)
    ship = Register().enter(fleet.CARGO)
    return sailing(Luck(Chance(1), 5), ship, plan, SECONDS, Handling(), Manners(0.0, 0.0, 0.0))


def boats_for(actor, key):
    """Give the bunker boats that come to a ship, by luck of a key, with the tracks of both."""
    water = weather(Chance(1), 10, gale=False)
    tracks = move([actor.motion], SECONDS, 10, water)
    boats = list(bunker_boats([actor], tracks, Register(), Luck(Chance(1), key), SECONDS))
    return boats, tracks, [move([boat.motion], SECONDS, 10, water) for boat in boats]


def test_some_ships_at_anchor_are_bunkered_and_some_are_not():
    """Of fifty long waits about as many bring a boat as asked for; a short wait brings none."""
    actor = waiting(6.0)
    tracks = move([actor.motion], SECONDS, 10, weather(Chance(1), 10, gale=False))
    came = [
        bool(list(bunker_boats([actor], tracks, Register(), Luck(Chance(1), key), SECONDS)))
        for key in range(50)
    ]
    assert abs(np.mean(came) - BUNKERS) < 0.2
    assert not any(boats_for(waiting(2.0), key)[0] for key in range(10))


def test_a_bunker_boat_lies_alongside_for_an_hour_or_more():
    """She lies still within 300 m of the ship at anchor for at least fifty minutes, then goes home."""
    boats, hers, theirs = next(found for key in range(50) if (found := boats_for(waiting(7.0), key))[0])
    assert boats[0].ship.ship_type == fleet.TANKER
    boat = theirs[0]
    north = (boat.lat_deg[0] - hers.lat_deg[0]) * 111_400.0
    east = (boat.lon_deg[0] - hers.lon_deg[0]) * 58_400.0
    beside = (np.hypot(east, north) < 300.0) & (np.hypot(boat.east_kn[0], boat.north_kn[0]) < 0.2)
    assert beside.sum() >= 300
    assert not beside[-1]


def test_a_pilot_boat_meets_the_ship_where_she_slows():
    """The boat is within 150 m of the ship for at least three minutes of her slow stretch, both under way."""
    spot = PORT.pilot
    plan = Itinerary([(spot[0], spot[1] - 12.0)], 12.0)
    plan.go((spot[0], spot[1] - 1.8))
    first = plan.here
    plan.pace(7.0)
    plan.go(spot, (spot[0], spot[1] + 1.0))
    plan.told("pilot_boarding", f"A pilot boards or leaves off {PORT.name}.", first)
    plan.go((spot[0], spot[1] + 5.0))
    ship = sailing(
        Luck(Chance(1), 5), Register().enter(fleet.CARGO), plan, SECONDS, Handling(), Manners(0.01, 0.5)
    )
    water = weather(Chance(2), 10, gale=False)
    hers = move([ship.motion], SECONDS, 10, water)
    (boat,) = pilot_boats([ship], hers, Register(), Luck(Chance(2), 7), SECONDS)
    assert isinstance(boat, Actor)
    its = move([boat.motion], SECONDS, 10, water)
    north = (its.lat_deg[0] - hers.lat_deg[0]) * 111_400.0
    east = (its.lon_deg[0] - hers.lon_deg[0]) * 58_400.0
    under_way = np.hypot(its.east_kn[0], its.north_kn[0]) > 3.0
    assert ((np.hypot(east, north) < 150.0) & under_way).sum() >= 18
