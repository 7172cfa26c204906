"""Merchant ships between ports and the open sea: lanes, waiting, pilots, berths, and what befalls them.

Every share, speed and length of stay is an own choice, in the range that anybody sees who watches the
Baltic for a week: cargo ships at 9 to 18 kn, tankers at 10 to 14, a quarter of the callers waiting at
anchor, some adrift, one in ten slow steaming to arrive just in time, one engine in sixty failing on a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from math import inf
from typing import Any

import numpy as np

from seavigil.exercises import fleet, sea
from seavigil.exercises.encode import UNKNOWN
from seavigil.exercises.fleet import Register
from seavigil.exercises.itinerary import Itinerary, Luck, within
from seavigil.exercises.orders import (
    AT_ANCHOR,
    MOORED,
    NOT_DEFINED,
    NOT_UNDER_COMMAND,
    Burden,
    Handling,
    Lies,
    Order,
    Passage,
)
from seavigil.exercises.sea import PORTS, Port, Spot, places
from seavigil.exercises.sets import Ship
from seavigil.exercises.traffic import Actor, Part
from seavigil.exercises.unrest import Manners, unrest

HOUR_S = 3600.0
#: Speed at which pilots board, and how far before and after the place ships go so slowly.
PILOT_KN, PILOT_BEFORE_NM, PILOT_AFTER_NM = (6.0, 8.5), (1.3, 2.2), (0.6, 1.2)
#: Engines that fail, per ship-day: 0.75 blackouts a ship and year, what IALA's IWRAP Mk II takes for ships
#: other than ferries where nothing better is known of drifting ships (decision 12).
FAILS_A_DAY = 0.75 / 365.25
#: Per ship-day, own choices: an engine that loses power for a while, changes of speed.
LOSES_A_DAY, ADJUSTS_A_DAY, JUST_IN_TIME = 0.03, 0.25, 0.1
#: Officers who forget to change their status; sets without any; sets switched off alongside.
FORGETS, NO_STATUS, OFF_IN_PORT, NO_COMPASS = 0.06, 0.02, 0.25, 0.03
#: Ships with each of three kinds of wrong static data.
GARBLED = 0.012


class Draw(IntEnum):
    """Second key of every number drawn here; the first is the ship's."""

    SIZE = 431
    SPEED = 432
    END = 433
    PATH = 434
    WAIT = 435
    PILOT = 436
    STAY = 437
    BEGIN = 438
    FAULT = 439
    SET = 440


@dataclass(frozen=True)
class Edge:
    """Where ships come from beyond hearing."""

    name: str
    spot: Spot


WEST, NORTH = Edge("EXERCISE WEST", sea.EASTBOUND[0]), Edge("EXERCISE NORTH", sea.SOUTHBOUND[0])
End = Port | Edge


def merchant(luck: Luck, register: Register, seconds: int, ship_type: int) -> Actor:
    """Give a cargo ship or tanker, in the middle of her voyages when the exercise begins."""
    scale = luck.between(0.55, 1.5, Draw.SIZE)
    ship = register.enter(ship_type, scale=scale, **_says(luck))
    service_kn = _service_kn(luck, ship_type, scale)
    plan = _voyages(luck, service_kn, seconds + 40 * HOUR_S)
    plan = plan.cut(luck.between(0.0, 36 * HOUR_S, Draw.BEGIN))
    return sailing(luck, _garbled(luck, ship), plan, seconds, handling(ship), Manners(), faults=True)


def tug(luck: Luck, register: Register, seconds: int) -> Actor:
    """Give a tug with a tow: from port to port at 4.5 to 6.5 kn."""
    ship = register.enter(fleet.TOWING, **_says(luck))
    plan = _voyages(luck, luck.between(4.5, 6.5, Draw.SPEED), seconds + 40 * HOUR_S, short_sea=True)
    plan = plan.cut(luck.between(0.0, 36 * HOUR_S, Draw.BEGIN))
    manners = Manners(speed_share=0.05, course_deg=2.5)
    return sailing(luck, ship, plan, seconds, Handling(120.0, 8.0, 0.8, 0.12, 0.01), manners)


def handling(ship: Ship) -> Handling:
    """Give a merchant ship's handling by her length: long ships answer slowly and heed the sea less."""
    length_m = ship.dimensions.to_bow_m + ship.dimensions.to_stern_m
    return Handling(
        speed_tau_s=150.0 + 1.6 * length_m,
        turn_tau_s=8.0 + 0.08 * length_m,
        turn_rate_max_deg_s=0.5 if length_m < 130 else 0.3,
        sea_pull=0.05 * 100.0 / max(length_m, 20.0),
        windage=0.004,
    )


def sailing(
    luck: Luck,
    ship: Ship,
    plan: Itinerary,
    seconds: int,
    answers: Handling,
    manners: Manners,
    *,
    faults: bool = False,
) -> Actor:
    """Give the actor of a plan, with her unrest and, where asked for, what befalls a merchant ship."""
    wander, makes_way = unrest(luck, seconds, manners)
    orders: tuple[Order, ...] = (Order(0.0, inf),)
    parts: tuple[Part, ...] = makes_way
    burdens: tuple[Burden, ...] = ()
    if faults:
        orders, more = _orders(luck, seconds, plan.pace_kn)
        burdens, failed = _engine(luck, seconds)
        parts = (*makes_way, *more, *failed)
        orders = _with_status(luck, orders, failed)
    motion = Passage(
        places(*plan.spots), orders, answers, burdens=burdens, calls=plan.all_calls(), unrest=wander
    )
    return Actor(ship, motion, None, parts, tuple(plan.stretches))


def path(luck: Luck, begin: End, end: End, *what: int) -> list[Spot]:
    """Give the corners between two ends, each ship a little to her own side of the lane."""
    to_x = end.pilot[0] if isinstance(end, Port) else end.spot[0]
    from_x = begin.pilot[0] if isinstance(begin, Port) else begin.spot[0]
    first: list[Spot] = []
    last: list[Spot] = []
    if begin is NORTH:
        first = list(sea.SOUTHBOUND if to_x < 23.0 else sea.SOUTHBOUND[:2])
        from_x = first[-1][0]
    if end is NORTH:
        last = list(sea.NORTHBOUND[1:] if from_x < 24.0 else sea.NORTHBOUND[-2:])
        to_x = last[0][0]
    lane = sea.EASTBOUND if to_x > from_x else sea.WESTBOUND
    low, high = min(from_x, to_x) + 8.0, max(from_x, to_x) - 8.0
    middle = [spot for spot in lane if low < spot[0] < high]
    ends = [begin.spot] if begin is WEST else []
    outs = [sea.WESTBOUND[-1]] if end is WEST else []
    aside = float(np.clip(luck.normal(0.3, 0.45, Draw.PATH, *what), -0.9, 1.8))
    route = sea.beside([*ends, *first, *middle, *last, *outs], aside)
    return within(route, luck, 0.15, Draw.PATH, *what, 1)


def _voyages(luck: Luck, service_kn: float, long_s: float, *, short_sea: bool = False) -> Itinerary:
    """Go from end to end until so much time is filled."""
    at: End = PORTS[luck.which(len(PORTS), Draw.END, 99)] if short_sea else _end(luck, None, 0)
    start = at.quay if isinstance(at, Port) else at.spot
    plan = Itinerary([start], service_kn)
    voyage = 1
    while plan.seconds < long_s:
        to = _end(luck, at, voyage, short_sea=short_sea)
        pace_kn = service_kn * luck.between(0.95, 1.03, Draw.SPEED, voyage)
        if isinstance(at, Port):
            _leave(plan, luck, at, pace_kn, voyage)
        plan.pace(pace_kn)
        plan.go(*path(luck, at, to, voyage))
        if isinstance(to, Port):
            _enter(plan, luck, to, voyage)
        else:
            plan.lie(Lies.ALONGSIDE, luck.between(1.0, 6.0, Draw.STAY, voyage) * HOUR_S, None)
        at, voyage = to, voyage + 1
    return plan


def _end(luck: Luck, at: End | None, voyage: int, *, short_sea: bool = False) -> End:
    """Choose where to go: from a port mostly out to sea, from the sea mostly to the eastern ports."""
    if short_sea or (isinstance(at, Port) and luck.happens(0.2, Draw.END, voyage, 1)):
        others = [port for port in PORTS if port is not at]
        return others[luck.which(len(others), Draw.END, voyage, 2)]
    if isinstance(at, Port) or at is None:
        return WEST if luck.happens(0.72, Draw.END, voyage, 3) else NORTH
    if luck.happens(0.2, Draw.END, voyage, 4):
        return NORTH if at is WEST else WEST
    weights = np.cumsum([0.34, 0.2, 0.13, 0.1, 0.12, 0.11])
    return PORTS[int(np.searchsorted(weights, luck.between(0.0, 1.0, Draw.END, voyage, 5) * weights[-1]))]


def _enter(plan: Itinerary, luck: Luck, port: Port, voyage: int) -> None:
    """Wait if there is no berth yet, take the pilot, and make fast."""
    pace_kn = plan.pace_kn
    _wait(plan, luck, port, voyage)
    _pilot(plan, luck, port, voyage, inbound=True)
    plan.pace(min(pace_kn, luck.between(9.0, 12.0, Draw.PILOT, voyage, 5)))
    plan.go(*port.fairway, port.berth(luck.between(0.0, 1.0, Draw.STAY, voyage, 1)))
    status = 0 if luck.happens(0.12, Draw.SET, 1) else MOORED
    plan.lie(Lies.ALONGSIDE, luck.between(6.0, 22.0, Draw.STAY, voyage, 2) * HOUR_S, status)


def _leave(plan: Itinerary, luck: Luck, port: Port, pace_kn: float, voyage: int) -> None:
    plan.pace(min(pace_kn, luck.between(8.0, 11.0, Draw.PILOT, voyage, 6)))
    plan.go(*port.fairway)
    _pilot(plan, luck, port, voyage, inbound=False)


def _wait(plan: Itinerary, luck: Luck, port: Port, voyage: int) -> None:
    """Wait for a berth: at anchor, adrift, or going slowly to and fro; most need not."""
    how = luck.between(0.0, 1.0, Draw.WAIT, voyage)
    hours = luck.between(1.5, 14.0, Draw.WAIT, voyage, 1)
    if how < 0.25:
        (spot,) = within([port.anchorage], luck, 1.1, Draw.WAIT, voyage, 2)
        plan.go(spot)
        status = 0 if luck.happens(0.1, Draw.SET, 2) else AT_ANCHOR
        swing_m = luck.between(90.0, 260.0, Draw.WAIT, voyage, 3)
        plan.lie(Lies.AT_ANCHOR, hours * HOUR_S, status, swing_m=swing_m)
        _resume(plan, "waiting_for_berth", "She waits at anchor for a berth.")
    elif how < 0.34:
        (spot,) = within([port.waiting], luck, 2.5, Draw.WAIT, voyage, 4)
        plan.go(spot)
        plan.lie(Lies.ADRIFT, hours / 2.0 * HOUR_S, 0)
        _resume(plan, "drifting_for_orders", "She drifts with her engine stopped until she is called in.")
    elif how < 0.42:
        first = plan.here
        full_kn = plan.pace_kn
        plan.pace(luck.between(3.0, 5.5, Draw.WAIT, voyage, 5))
        (x, y) = port.waiting
        for lap in range(1 + luck.which(3, Draw.WAIT, voyage, 6)):
            plan.go(*within([(x - 3.0, y), (x + 3.0, y)], luck, 0.8, Draw.WAIT, voyage, 7, lap))
        plan.told("waiting_for_berth", "She goes slowly to and fro until she is called in.", first)
        plan.pace(full_kn)


def _resume(plan: Itinerary, kind: str, says: str) -> None:
    """Name a stay after which she goes on at once: it ends a cable's length on."""
    at, (x, y) = plan.here, plan.spots[-1]
    plan.go((x, y + 0.15))
    plan.told(kind, says, at)


def _pilot(plan: Itinerary, luck: Luck, port: Port, voyage: int, *, inbound: bool) -> None:
    """Slow down for the pilot boat and go on when he is on board (or has left)."""
    key = Draw.PILOT, voyage, int(inbound)
    (x, y), (px, py) = plan.spots[-1], port.pilot
    off = float(np.hypot(px - x, py - y)) or 1.0
    ahead = ((px - x) / off, (py - y) / off)
    before, after = luck.between(*PILOT_BEFORE_NM, *key, 1), luck.between(*PILOT_AFTER_NM, *key, 2)
    full_kn = plan.pace_kn
    plan.go((px - before * ahead[0], py - before * ahead[1]))
    first = plan.here
    plan.pace(min(full_kn, luck.between(*PILOT_KN, *key, 3)))
    plan.go(port.pilot, (px + after * ahead[0], py + after * ahead[1]))
    plan.told("pilot_boarding", f"A pilot boards or leaves off {port.name}.", first)
    plan.pace(full_kn)


def _service_kn(luck: Luck, ship_type: int, scale: float) -> float:
    """Give her own cruising speed: tankers alike, some old and slow, container ships fast."""
    if ship_type == fleet.TANKER:
        return luck.normal(11.9, 0.9, Draw.SPEED)
    kind = luck.between(0.0, 1.0, Draw.SPEED, 901)
    if kind < 0.08:
        return luck.between(7.2, 9.0, Draw.SPEED)
    if kind > 0.85 and scale > 0.8:
        return luck.between(14.0, 18.5, Draw.SPEED)
    return luck.normal(11.4 + 0.8 * scale, 1.2, Draw.SPEED)


def _says(luck: Luck) -> dict[str, Any]:
    said: dict[str, Any] = {"destination": f"EXERCISE {luck.which(90, Draw.SET, 3) + 10}"}
    said["accurate"] = luck.happens(0.7, Draw.SET, 4)
    if luck.happens(NO_COMPASS, Draw.SET, 5):
        said["has_compass"] = False
    return said


def _garbled(luck: Luck, ship: Ship) -> Ship:
    """Give some ships static data as it is found: no size, no type, a draught that no ship has."""
    how = luck.between(0.0, 1.0, Draw.SET, 10)
    if how < GARBLED:
        return replace(ship, dimensions=UNKNOWN)
    if how < 2.0 * GARBLED:
        return replace(ship, ship_type=0)
    return replace(ship, draught_m=25.5) if how < 3.0 * GARBLED else ship


def _orders(luck: Luck, seconds: int, service_kn: float) -> tuple[tuple[Order, ...], tuple[Part, ...]]:
    """Give changes of speed that the bridge orders: slow steaming by the hour, and smaller ones."""
    if luck.happens(JUST_IN_TIME * seconds / 86_400.0, Draw.SPEED, 910):
        at_s = luck.between(0.0, seconds, Draw.SPEED, 911)
        for_s = luck.between(2.0, 9.0, Draw.SPEED, 912) * HOUR_S
        kn = service_kn * luck.between(0.6, 0.85, Draw.SPEED, 913)
        slow = (Order(0.0, inf), Order(at_s, kn), Order(at_s + for_s, inf))
        says = "She slows down to arrive just in time."
        return slow, (Part("just_in_time", says, at_s, min(at_s + for_s, float(seconds))),)
    if luck.happens(min(ADJUSTS_A_DAY * seconds / 86_400.0, 0.9), Draw.SPEED, 920):
        at_s = luck.between(0.0, seconds, Draw.SPEED, 921)
        kn = service_kn * luck.between(0.86, 0.96, Draw.SPEED, 922)
        return (Order(0.0, inf), Order(at_s, kn)), (
            Part("speed_change", "She goes a little slower from here on.", at_s, min(at_s + 7200.0, seconds)),
        )
    return (Order(0.0, inf),), ()


def _engine(luck: Luck, seconds: int) -> tuple[tuple[Burden, ...], tuple[Part, ...]]:
    """Give an engine that fails, or loses power for a while: other ships keep their speed meanwhile."""
    burdens: list[Burden] = []
    parts: list[Part] = []
    troubles = (
        (FAILS_A_DAY, (0.3, 4.0), (1.0, 1.0), "Her engine fails; she drifts until it runs again."),
        (LOSES_A_DAY, (0.2, 1.5), (0.3, 0.7), "Her engine loses power for a while."),
    )
    for i, (odds, hours, lost, says) in enumerate(troubles):
        if luck.happens(min(odds * seconds / 86_400.0, 0.9), Draw.FAULT, i):
            at_s = luck.between(0.0, seconds, Draw.FAULT, i, 1)
            for_s = luck.between(*hours, Draw.FAULT, i, 2) * HOUR_S
            share = np.full(int(for_s / 10.0), luck.between(*lost, Draw.FAULT, i, 3))
            burdens.append(Burden(at_s, share, np.zeros(len(share))))
            parts.append(Part("engine_trouble", says, at_s, at_s + for_s))
    return tuple(burdens), tuple(parts)


def _with_status(luck: Luck, orders: tuple[Order, ...], failed: tuple[Part, ...]) -> tuple[Order, ...]:
    """Set the status: some never change it, some never give it; a failed engine is told by half."""
    stuck = None
    if luck.happens(FORGETS, Draw.SET, 6):
        stuck = MOORED if luck.happens(0.6, Draw.SET, 7) else AT_ANCHOR
    elif luck.happens(NO_STATUS, Draw.SET, 8):
        stuck = NOT_DEFINED
    if stuck is not None:
        return tuple(Order(o.at_s, o.speed_kn, nav_status=stuck) for o in orders)
    if failed and luck.happens(0.5, Draw.SET, 9):
        return tuple(sorted(_told_failure(orders, failed[0]), key=lambda order: order.at_s))
    return orders


def _told_failure(orders: tuple[Order, ...], failed: Part) -> Iterator[Order]:
    """Say "not under command" while the engine is down, at whatever speed was ordered meanwhile."""

    def in_force_kn(at_s: float) -> float:
        return [order.speed_kn for order in orders if order.at_s <= at_s][-1]

    for order in orders:
        down = failed.began_s <= order.at_s < failed.ended_s
        yield Order(order.at_s, order.speed_kn, nav_status=NOT_UNDER_COMMAND if down else 0)
    yield Order(failed.began_s, in_force_kn(failed.began_s), nav_status=NOT_UNDER_COMMAND)
    yield Order(failed.ended_s, in_force_kn(failed.ended_s))
