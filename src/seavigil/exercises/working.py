"""Ships that do not just go from port to port: ferries, fishermen, dredgers, cable ships, yachts, patrols.

Speeds and habits are own choices, wide on purpose. Fishing vessels trawl at 2.6 to 4.4 kn over whatever
lies on their ground; a cable ship keeps below 1.5 kn along her line; ferries cross several lines on time.
"""

from __future__ import annotations

from enum import IntEnum

from seavigil.exercises import fleet, sea
from seavigil.exercises.fleet import Register
from seavigil.exercises.itinerary import Itinerary, Luck, within
from seavigil.exercises.orders import FISHING, MOORED, RESTRICTED, Handling, Lies
from seavigil.exercises.sea import PORTS, Spot
from seavigil.exercises.sets import Ship
from seavigil.exercises.traffic import Actor
from seavigil.exercises.unrest import Manners
from seavigil.exercises.voyages import HOUR_S, handling, sailing

LIGHT = Handling(speed_tau_s=20.0, turn_tau_s=3.0, turn_rate_max_deg_s=3.0, sea_pull=0.12, windage=0.012)
SMALL = Handling(speed_tau_s=60.0, turn_tau_s=6.0, turn_rate_max_deg_s=1.0, sea_pull=0.1, windage=0.01)
SWIFT = Handling(speed_tau_s=150.0, turn_tau_s=10.0, turn_rate_max_deg_s=0.6, sea_pull=0.02, windage=0.004)


class Draw(IntEnum):
    """Second key of every number drawn here; the first is the ship's."""

    LINE = 461
    PACE = 462
    PLACE = 463
    STAY = 464
    BEGIN = 465
    SET = 466


def ferry(luck: Luck, register: Register, seconds: int) -> Actor:
    """Give a ferry on her timetable, over every line between two shores."""
    line = sea.FERRY_LINES[luck.which(len(sea.FERRY_LINES), Draw.LINE)]
    fast = luck.happens(0.15, Draw.PACE, 1)
    kind, pace_kn = (
        (fleet.HIGH_SPEED, 30.0) if fast else (fleet.PASSENGER, luck.between(16.0, 22.5, Draw.PACE))
    )
    ship = register.enter(kind, scale=luck.between(0.7, 1.1, Draw.SET), destination="EXERCISE FERRY")
    plan = Itinerary([line[0]], pace_kn)
    turn = 0
    while plan.seconds < seconds + 30 * HOUR_S:
        plan.lie(Lies.ALONGSIDE, luck.between(0.8, 1.6, Draw.STAY, turn) * HOUR_S, MOORED)
        plan.pace(pace_kn * luck.between(0.9, 1.02, Draw.PACE, 2, turn))
        line = line if turn == 0 else line[::-1]
        plan.go(*within(line[1:-1], luck, 0.25, Draw.PLACE, turn), line[-1])
        turn += 1
    plan = plan.cut(luck.between(0.0, 20 * HOUR_S, Draw.BEGIN))
    return sailing(luck, ship, plan, seconds, SWIFT, Manners(0.01, 0.5))


def fisherman(luck: Luck, register: Register, seconds: int) -> Actor:
    """Give a trawler: out to a ground, tow after tow over it with a haul between, and home again."""
    ground = sea.FISHING_GROUNDS[luck.which(len(sea.FISHING_GROUNDS), Draw.LINE)]
    port = PORTS[2 + luck.which(4, Draw.LINE, 1)]
    small = luck.happens(0.35, Draw.SET)
    ship = register.enter(
        fleet.FISHING, scale=luck.between(0.5, 1.5, Draw.SET, 1), class_b=small, has_compass=not small
    )
    says_so = luck.happens(0.75, Draw.SET, 2)
    steam_kn, trawl_kn = luck.between(7.5, 10.5, Draw.PACE), luck.between(2.6, 4.4, Draw.PACE, 1)
    plan = Itinerary([port.quay], steam_kn, 0)
    trip = 0
    while plan.seconds < seconds + 40 * HOUR_S:
        plan.lie(Lies.ALONGSIDE, luck.between(4.0, 12.0, Draw.STAY, trip) * HOUR_S, MOORED)
        plan.pace(steam_kn, 0)
        plan.go(*port.fairway, *within([ground], luck, 4.0, Draw.PLACE, trip))
        first = plan.here
        for tow in range(3 + luck.which(8, Draw.STAY, trip, 1)):
            plan.pace(trawl_kn * luck.between(0.92, 1.08, Draw.PACE, trip, tow), FISHING if says_so else None)
            plan.go(*within([ground], luck, 3.5, Draw.PLACE, trip, tow))
            plan.lie(Lies.ADRIFT, luck.between(0.2, 0.7, Draw.STAY, trip, tow, 2) * HOUR_S, None)
        plan.pace(steam_kn, 0)
        plan.go(*port.fairway)
        plan.told("fishing", "A trawler tows over her ground.", first)
        plan.go(port.berth(luck.between(0.0, 1.0, Draw.PLACE, trip, 99)))
        trip += 1
    plan = plan.cut(luck.between(0.0, 30 * HOUR_S, Draw.BEGIN))
    return sailing(luck, ship, plan, seconds, SMALL, Manners(0.05, 3.0, makes_way=0.5))


def dredger(luck: Luck, register: Register, seconds: int) -> Actor:
    """Give a hopper dredger: loads along the bank at 1.5 to 2.5 kn, dumps eight miles off, comes back."""
    ship = register.enter(fleet.DREDGING, destination="EXERCISE BANK")
    bank, dump = sea.DREDGING_GROUND, (38.0, -44.0)
    plan = Itinerary([bank], 10.0)
    turn = 0
    while plan.seconds < seconds + 12 * HOUR_S:
        first = plan.here
        plan.pace(luck.between(1.5, 2.5, Draw.PACE, turn), RESTRICTED)
        plan.go(*within([bank] * 4, luck, 0.7, Draw.PLACE, turn))
        plan.pace(9.5, 0)
        plan.go(*within([dump], luck, 0.6, Draw.PLACE, turn, 9))
        plan.lie(Lies.ADRIFT, luck.between(0.2, 0.5, Draw.STAY, turn) * HOUR_S, RESTRICTED)
        plan.go(bank)
        plan.told("dredging", "A dredger loads on the bank and dumps.", first)
        turn += 1
    plan = plan.cut(luck.between(0.0, 8 * HOUR_S, Draw.BEGIN))
    return sailing(luck, ship, plan, seconds, handling(ship), Manners(0.08, 4.0, makes_way=0.2))


def cable_ship(luck: Luck, register: Register, seconds: int) -> Actor:
    """Give a cable ship at work: along her line at 0.5 to 1.4 kn, restricted in her ability to manoeuvre."""
    ship = register.enter(fleet.OTHER, scale=luck.between(1.3, 2.2, Draw.SET), destination="EXERCISE CABLE")
    return _along(luck, ship, seconds, (0.5, 1.4), "cable_work", "A cable ship works along a line.", lanes=0)


def survey_ship(luck: Luck, register: Register, seconds: int) -> Actor:
    """Give a survey ship: up and down beside a line at 3.8 to 4.6 kn, as pipelines are looked after."""
    ship = register.enter(fleet.OTHER, destination="EXERCISE SURVEY")
    says = "A survey ship runs lines along an asset."
    return _along(luck, ship, seconds, (3.8, 4.6), "survey", says, lanes=5)


def yacht(luck: Luck, register: Register, seconds: int) -> Actor:
    """Give a pleasure craft on class B: out of port by day, under sail, by engine, or adrift for fish."""
    ship = register.enter(
        fleet.PLEASURE,
        scale=luck.between(0.7, 1.6, Draw.SET),
        class_b=True,
        has_compass=luck.happens(0.4, Draw.SET, 1),
        accurate=luck.happens(0.5, Draw.SET, 2),
    )
    port = PORTS[luck.which(len(PORTS), Draw.LINE)]
    pace_kn = (
        luck.between(4.5, 7.0, Draw.PACE)
        if luck.happens(0.7, Draw.PACE, 1)
        else luck.between(14.0, 24.0, Draw.PACE, 2)
    )
    plan = Itinerary([port.quay], pace_kn)
    trip = 0
    while plan.seconds < seconds + 24 * HOUR_S:
        plan.lie(Lies.ALONGSIDE, luck.between(8.0, 16.0, Draw.STAY, trip) * HOUR_S, None)
        plan.go(*port.fairway)
        legs = 1 + luck.which(4, Draw.STAY, trip, 1)
        plan.go(*within([port.pilot] * legs, luck, 5.0, Draw.PLACE, trip))
        if luck.happens(0.35, Draw.STAY, trip, 2):
            plan.lie(Lies.ADRIFT, luck.between(0.5, 3.0, Draw.STAY, trip, 3) * HOUR_S, None)
            first, (x, y) = plan.here, plan.spots[-1]
            plan.go((x, y + 0.2))
            plan.told("angling", "An angler drifts.", first)
        plan.go(*port.fairway[::-1], port.quay)
        trip += 1
    plan = plan.cut(luck.between(0.0, 24 * HOUR_S, Draw.BEGIN))
    return sailing(luck, ship, plan, seconds, LIGHT, Manners(0.12, 6.0, makes_way=0.5))


def patrol(luck: Luck, register: Register, seconds: int) -> Actor:
    """Give a patrol ship: beats at 9 to 14 kn, stretches along a line, hours adrift on watch."""
    ship = register.enter(fleet.LAW_ENFORCEMENT, destination="EXERCISE PATROL")
    plan = Itinerary(
        [(luck.between(-100.0, 90.0, Draw.PLACE), luck.between(-30.0, 30.0, Draw.PLACE, 1))], 12.0
    )
    turn = 0
    while plan.seconds < seconds + 12 * HOUR_S:
        plan.pace(luck.between(9.0, 14.0, Draw.PACE, turn))
        plan.go(
            (luck.between(-100.0, 90.0, Draw.PLACE, 2, turn), luck.between(-32.0, 32.0, Draw.PLACE, 3, turn))
        )
        if luck.happens(0.4, Draw.STAY, turn):
            plan.lie(Lies.ADRIFT, luck.between(0.5, 3.0, Draw.STAY, turn, 1) * HOUR_S, None)
        else:
            first = plan.here
            route = _line(luck, turn)
            plan.pace(luck.between(6.0, 9.0, Draw.PACE, turn, 1))
            plan.go(*route[3:8])
            plan.told("patrol", "A patrol ship runs along a line.", first)
        turn += 1
    plan = plan.cut(luck.between(0.0, 10 * HOUR_S, Draw.BEGIN))
    return sailing(luck, ship, plan, seconds, SWIFT, Manners())


def tender(luck: Luck, register: Register, seconds: int) -> Actor:
    """Give a crew boat of a wind farm: out at 20 kn, from mast to mast, and home in the evening."""
    ship = register.enter(fleet.OTHER, scale=0.4, destination="EXERCISE FARM")
    farm, port = (((-46.0, 33.0), PORTS[2]), ((62.0, -36.0), PORTS[4]))[luck.which(2, Draw.LINE)]
    plan = Itinerary([port.quay], 20.0)
    day = 0
    while plan.seconds < seconds + 24 * HOUR_S:
        plan.lie(Lies.ALONGSIDE, luck.between(9.0, 13.0, Draw.STAY, day) * HOUR_S, MOORED)
        plan.pace(luck.between(18.0, 23.0, Draw.PACE, day))
        plan.go(*port.fairway, farm)
        first = plan.here
        for mast in range(4 + luck.which(4, Draw.STAY, day, 1)):
            plan.go(*within([farm], luck, 1.3, Draw.PLACE, day, mast))
            plan.lie(Lies.ADRIFT, luck.between(0.3, 1.2, Draw.STAY, day, 2, mast) * HOUR_S, None)
        plan.go(*port.fairway[::-1])
        plan.told("wind_farm_work", "A crew boat goes from mast to mast.", first)
        plan.go(port.quay)
        day += 1
    plan = plan.cut(luck.between(0.0, 22 * HOUR_S, Draw.BEGIN))
    return sailing(luck, ship, plan, seconds, LIGHT, Manners(0.06, 2.0))


def _along(
    luck: Luck, ship: Ship, seconds: int, pace_kn: tuple[float, float], kind: str, says: str, *, lanes: int
) -> Actor:
    """Work along a line asset: once slowly on it, or up and down in ``lanes`` lanes 200 m apart beside it."""
    route = _line(luck, 0)
    plan = Itinerary([route[2]], luck.between(*pace_kn, Draw.PACE), RESTRICTED)
    run = 0
    while plan.seconds < seconds + 10 * HOUR_S:
        off_nm = 0.0 if not lanes else 0.11 * (run % lanes - lanes // 2)
        run_route = sea.beside(route[2:9], off_nm)
        plan.go(*(run_route if run % 2 == 0 else run_route[::-1]))
        run += 1
    plan.told(kind, says, 0)
    plan = plan.cut(luck.between(0.0, 8 * HOUR_S, Draw.BEGIN))
    return sailing(luck, ship, plan, seconds, handling(ship), Manners(0.06, 2.0, makes_way=0.0))


def _line(luck: Luck, turn: int) -> list[Spot]:
    """Choose one of the lines from shore to shore and give its corners."""
    lines = [asset for asset in sea.ASSETS if not asset.area and len(asset.route) == 11]
    return [sea.spot(place) for place in lines[luck.which(len(lines), Draw.LINE, 7, turn)].route]
