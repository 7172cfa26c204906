"""Boats that come alongside: pilots to ships that slow down for them, bunkers to ships at anchor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot

import numpy as np

from seavigil.exercises import fleet, sea
from seavigil.exercises.fleet import Register
from seavigil.exercises.itinerary import Itinerary, Luck
from seavigil.exercises.motion import Tracks
from seavigil.exercises.orders import MOORED, Handling, Lies
from seavigil.exercises.sea import PORTS, Port, Spot
from seavigil.exercises.traffic import Actor
from seavigil.exercises.unrest import Manners
from seavigil.exercises.voyages import handling, sailing

BOAT_KN = 18.0
#: She runs beside the ship for so long, half of it before the middle of the slow stretch.
BESIDE_S = 360.0
#: She is at the place so long before the ship: slowing down takes her about five minutes of it.
EARLY_S = 420.0
#: With less than this to the next ship she stays out; two ships closer in time are one boat's too many.
STAYS_OUT_S, TURN_ROUND_S = 5400.0, 1500.0
#: Two in five ships that lie at anchor for three hours or more are bunkered (own choice).
BUNKERS, BUNKERS_FROM_S, BUNKER_KN = 0.4, 3.0 * 3600.0, 8.5
SWIFT_BOAT = Handling(speed_tau_s=20.0, turn_tau_s=3.0, turn_rate_max_deg_s=4.0, sea_pull=0.04, windage=0.004)


def pilot_boats(
    actors: Sequence[Actor], tracks: Tracks, register: Register, luck: Luck, seconds: int
) -> Iterator[Actor]:
    """Give a boat for each port where ships want pilots; row ``i`` of ``tracks`` is ``actors[i]``."""
    for number, port in enumerate(PORTS):
        meets = sorted(_meets(actors, tracks, port))
        if meets:
            own = Luck(luck.chance, luck.key + number)
            plan = _plan(port, meets, tracks)
            ship = register.enter(fleet.PILOT, destination="EXERCISE PILOT")
            yield sailing(own, ship, plan, seconds, SWIFT_BOAT, Manners(0.02, 1.0, makes_way=0.0))


def bunker_boats(
    actors: Sequence[Actor], tracks: Tracks, register: Register, luck: Luck, seconds: int
) -> Iterator[Actor]:
    """Give a small tanker for some of the ships that lie at anchor long enough: an hour or two alongside."""
    for row, actor in enumerate(actors):
        own = Luck(luck.chance, luck.key + 100 + row)
        for stretch in actor.stretches:
            began, ended = tracks.reached_s[row, [stretch.from_at, stretch.to_at]]
            ended = min(ended, tracks.seconds) if not np.isnan(ended) else tracks.seconds
            waits = stretch.kind == "waiting_for_berth" and "anchor" in stretch.says
            if waits and ended - began > BUNKERS_FROM_S and own.happens(BUNKERS, stretch.from_at):
                ship = register.enter(fleet.TANKER, scale=0.4, destination="EXERCISE BUNKER")
                plan = _bunkering(own, _spot(tracks, row, began + 3600.0), began + 3600.0)
                yield sailing(own, ship, plan, seconds, handling(ship), Manners(makes_way=0.0))


def _bunkering(luck: Luck, spot: Spot, from_s: float) -> Itinerary:
    """Go from the nearest quay to a spot, lie there, and go home."""
    port = min(PORTS, key=lambda port: hypot(port.anchorage[0] - spot[0], port.anchorage[1] - spot[1]))
    plan = Itinerary([port.quay], BUNKER_KN)
    out = [port.quay, *port.fairway, spot]
    plan.lie(Lies.ALONGSIDE, 0.0, MOORED, until_s=max(from_s - _runs_s(out) * BOAT_KN / BUNKER_KN, 0.0))
    plan.go(*port.fairway, spot)
    first = plan.here
    plan.lie(Lies.ALONGSIDE, luck.between(1.0, 2.5, 1) * 3600.0, MOORED)
    plan.go(port.fairway[-1])
    plan.told("bunkering", "A small tanker lies alongside a ship at anchor and bunkers her.", first)
    plan.go(port.quay)
    plan.lie(Lies.ALONGSIDE, 1e9, MOORED)
    return plan


def _meets(actors: Sequence[Actor], tracks: Tracks, port: Port) -> Iterator[tuple[float, int]]:
    """Give when ships want a pilot off a port, and which row they are."""
    for row, actor in enumerate(actors):
        for stretch in actor.stretches:
            if stretch.kind == "pilot_boarding" and port.name in stretch.says:
                began, ended = tracks.reached_s[row, [stretch.from_at, stretch.to_at]]
                if began > 0.0 and not np.isnan(ended):
                    yield float(began + ended) / 2.0, row


def _plan(port: Port, meets: Sequence[tuple[float, int]], tracks: Tracks) -> Itinerary:
    plan = Itinerary([port.quay], BOAT_KN)
    free_s, at_quay = 0.0, True
    for number, (meet_s, row) in enumerate(meets):
        begin_s, end_s = meet_s - BESIDE_S / 2.0, meet_s + BESIDE_S / 2.0
        out = port.fairway if at_quay else ()
        first, last = _spot(tracks, row, begin_s), _spot(tracks, row, end_s)
        leaves_s = begin_s - _runs_s([plan.spots[-1], *out, first]) - EARLY_S
        if leaves_s < free_s:
            continue
        plan.lie(
            Lies.ALONGSIDE if at_quay else Lies.ADRIFT, 0.0, MOORED if at_quay else None, until_s=leaves_s
        )
        plan.go(*out, first)
        plan.lie(Lies.ALONGSIDE, 0.0, None, until_s=begin_s)
        plan.pace(_kn(first, last))
        plan.go(last)
        plan.pace(BOAT_KN)
        following = [at_s for at_s, _ in meets[number + 1 :]]
        at_quay = not following or following[0] - end_s > STAYS_OUT_S
        plan.go(*((*port.fairway, port.quay) if at_quay else (port.pilot,)))
        free_s = end_s + (_runs_s([last, *port.fairway, port.quay]) if at_quay else TURN_ROUND_S / 2.0)
    plan.lie(Lies.ALONGSIDE, 1e9, MOORED)
    return plan


def _spot(tracks: Tracks, row: int, at_s: float) -> Spot:
    """Give a place thirty metres off a ship at a time."""
    at_s = float(np.clip(at_s, 0.0, tracks.seconds))
    lat, lon = tracks.at(np.array([row]), np.array([at_s])).place
    east, north = sea.spot((float(lat[0]), float(lon[0])))
    return east + 0.016, north


def _runs_s(spots: Sequence[Spot]) -> float:
    return sum(hypot(u - x, v - y) for (x, y), (u, v) in pairwise(spots)) / BOAT_KN * 3600.0


def _kn(first: Spot, last: Spot) -> float:
    """Give the speed that takes her from one spot to the other while she is alongside."""
    return max(2.0, hypot(last[0] - first[0], last[1] - first[1]) / BESIDE_S * 3600.0)
