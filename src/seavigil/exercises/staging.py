"""From a scenario to a play: traffic, weather, radio, false positions, and incidents at their hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from seavigil.exercises import sea
from seavigil.exercises.abreast import Abreast
from seavigil.exercises.chance import Chance
from seavigil.exercises.course import Course
from seavigil.exercises.fleet import CARGO, Register
from seavigil.exercises.incidents import AT_ANCHOR_KINDS, INCIDENTS, KINDS_MOST, lanes
from seavigil.exercises.itinerary import Luck
from seavigil.exercises.orders import KN_MS, Call, Handling, Lies, Motion, Order, Passage, Place
from seavigil.exercises.ordinary import background, stage
from seavigil.exercises.plays import STEP_S, Play
from seavigil.exercises.radio import Station
from seavigil.exercises.scenario import HISTORY_H, Scenario, Spell
from seavigil.exercises.scene import Scene
from seavigil.exercises.sets import Faults, Jamming
from seavigil.exercises.traffic import Actor, Part
from seavigil.exercises.voyages import merchant
from seavigil.exercises.water import Water, weather

HOUR_S = 3600.0
#: A false place that a set is made to tell: a ring of this radius, gone round at this speed, as seen in
#: the Black Sea and off Shanghai (own choice of figures).
RING_M, RING_KN = 1800.0, 18.0


#: First key of the places of false rings; keys of the luck of twins begin here.
RING_KEY, TWIN_KEYS = 681, 920_000
#: Where jammed ships that follow false signals believe they are, nautical miles from the sea's middle.
CARRIED_TO = (118.0, 2.0)
NIMBLE = Handling(speed_tau_s=30.0, turn_tau_s=5.0, turn_rate_max_deg_s=2.0)


def staged(scenario: Scenario) -> Play:
    """Play a scenario; the same scenario gives the same play.

    Raises ``ValueError`` when there is no ship, or none left for spoofing or a twin to befall.
    """
    chance, register = Chance(scenario.seed), Register()
    seconds = int(scenario.hours * HOUR_S / STEP_S) * STEP_S
    water = weather(chance, int(np.ceil(scenario.hours)), gale=scenario.gale)
    cast, water = _injected(scenario, chance, register, water)
    traffic = background(chance, register, scenario.traffic, seconds)
    if not cast and not traffic:
        raise ValueError("nobody sails: ask for ships in [traffic] or for an [[inject]]")
    false = list(_spoofed(scenario.spoofing, traffic, chance, seconds))
    twins = _twins(scenario.twins, traffic, chance, register, seconds)
    return stage(
        scenario.name,
        [*cast, *_hushed(traffic, scenario.spoofing), *false, *twins],
        register,
        seed=scenario.seed,
        began_us=scenario.began_us,
        seconds=seconds,
        water=water,
        stations=_stations(scenario),
        faults=Faults(_jamming(scenario), scenario.slips_per_100000 / 1e5),
    )


def _injected(
    scenario: Scenario, chance: Chance, register: Register, water: Water
) -> tuple[list[Actor], Water]:
    """Tell the incidents at their hours; the first that needs a wind turns it to blow her way."""
    actors: list[Actor] = []
    turned, ends_s = False, scenario.hours * HOUR_S
    ordered = sorted(enumerate(scenario.injects), key=lambda one: one[1].kind not in AT_ANCHOR_KINDS)
    for number, inject in ordered:
        hours = inject.at_h - HISTORY_H
        given = _from_hour(water, hours)
        luck = Chance(chance.seed * KINDS_MOST + number)
        told = INCIDENTS[inject.kind](Scene(lanes(luck), sea.ASSETS, luck, register, given))
        if inject.kind in AT_ANCHOR_KINDS and not turned:
            by_deg = told.water.wind_from_deg[0] - given.wind_from_deg[0]
            water, turned = replace(water, wind_from_deg=(water.wind_from_deg + by_deg) % 360.0), True
        actors += [_ending(_later(actor, hours * HOUR_S), ends_s) for actor in told.actors]
    return actors, water


def _from_hour(water: Water, hours: int) -> Water:
    """Give the weather from a later hour on, as long as it is known."""
    left = {name: getattr(water, name)[hours:] for name in ("wind_ms", "wind_from_deg", "wave_height_m")}
    return replace(water, **left)


def _later(actor: Actor, by_s: float) -> Actor:
    """Give an actor whose story begins later; until then her set is off and she lies where she will begin."""
    if by_s == 0.0:
        return actor
    silent = tuple((off + by_s, on + by_s) for off, on in actor.ship.silent_s)
    if isinstance(actor.motion, Passage) and not _lies_first(actor.motion):
        silent = ((0.0, by_s), *silent)
    ship = replace(actor.ship, silent_s=silent)
    part = None if actor.part is None else _part_later(actor.part, by_s)
    more = tuple(_part_later(one, by_s) for one in actor.more)
    return replace(actor, ship=ship, motion=_motion_later(actor.motion, by_s), part=part, more=more)


def _ending(actor: Actor, ends_s: float) -> Actor:
    """Give an actor whose part ends with the exercise, if it would not before."""
    part = actor.part
    if part is None or part.ended_s <= ends_s:
        return actor
    return replace(actor, part=replace(part, ended_s=ends_s))


def _part_later(part: Part, by_s: float) -> Part:
    drag_s = None if part.drag_began_s is None else part.drag_began_s + by_s
    return replace(part, began_s=part.began_s + by_s, ended_s=part.ended_s + by_s, drag_began_s=drag_s)


def _motion_later(motion: Motion, by_s: float) -> Motion:
    """Give a motion that begins later; a ship that lies where it begins goes on lying there."""
    if not isinstance(motion, Passage):
        return motion
    calls = tuple(replace(c, until_s=c.until_s + by_s) if c.until_s > 0.0 else c for c in motion.calls)
    if not _lies_first(motion):
        # she gathers way from rest: that costs her as far as she goes in her time constant
        goes_s = by_s - motion.handling.speed_tau_s
        calls = (Call(0, until_s=goes_s, lies=Lies.ALONGSIDE), *calls)
    orders = (motion.orders[0], *(replace(order, at_s=order.at_s + by_s) for order in motion.orders[1:]))
    burdens = tuple(replace(burden, began_s=burden.began_s + by_s) for burden in motion.burdens)
    unrest = motion.unrest
    if unrest is not None:
        still = np.zeros(int(by_s / unrest.every_s))
        unrest = replace(
            unrest,
            speed_share=np.concatenate([still, unrest.speed_share]),
            course_deg=np.concatenate([still, unrest.course_deg]),
        )
    return replace(motion, calls=calls, orders=orders, burdens=burdens, unrest=unrest)


def _lies_first(motion: Passage) -> bool:
    return any(call.at == 0 and call.lies is not None for call in motion.calls)


def _victims(spells: Sequence[Spell], traffic: Sequence[Actor], what: str) -> Iterator[tuple[int, Spell]]:
    """Give each spell its ship: the first, the second and so on."""
    if len(spells) > len(traffic):
        raise ValueError(
            f"{what}: {len(spells)} ships wanted, [traffic] has {len(traffic)}; ask for more ships there"
        )
    yield from enumerate(spells)


def _spoofed(
    spells: Sequence[Spell], traffic: Sequence[Actor], chance: Chance, seconds: int
) -> Iterator[Actor]:
    """Give the false ships: under the number of a real one, round a ring far from where she is."""
    for number, spell in _victims(spells, traffic, "[[spoofing]]"):
        ring = _ring(chance, number)
        laps = int(spell.for_h * HOUR_S / (2.0 * np.pi * RING_M / (RING_KN * KN_MS))) + 2
        silent = ((0.0, spell.began_s), (spell.ended_s, seconds + 1.0))
        part = Part(
            "position_spoofed",
            "Her set tells of a ring far from where she is.",
            spell.began_s,
            min(spell.ended_s, seconds),
            ("position_spoofed",),
        )
        begins = Call(0, until_s=spell.began_s, lies=Lies.ALONGSIDE)
        motion = Passage(ring[:-1] * laps, (Order(0.0, RING_KN),), NIMBLE, calls=(begins,))
        yield Actor(replace(traffic[number].ship, silent_s=silent), motion, part)


def _ring(chance: Chance, number: int) -> tuple[Place, ...]:
    """Give a ring that no line of the sea goes through."""
    for turn in range(64):
        east, north = (2.0 * float(chance.uniform(RING_KEY, number, turn, i)[0]) - 1.0 for i in (0, 1))
        ring = Abreast(sea.place(100.0 * east, 45.0 * north), 0.0, 90.0).around(RING_M)
        if not Course(ring).over(sea.ASSETS):
            break
    return ring


def _hushed(traffic: Sequence[Actor], spells: Sequence[Spell]) -> list[Actor]:
    """Give the traffic, those spoofed not heard from where they truly are meanwhile."""
    actors = list(traffic)
    for number, spell in enumerate(spells):
        ship = actors[number].ship
        silent = (*ship.silent_s, (spell.began_s, spell.ended_s))
        actors[number] = replace(actors[number], ship=replace(ship, silent_s=silent))
    return actors


def _twins(
    spells: Sequence[Spell], traffic: Sequence[Actor], chance: Chance, register: Register, seconds: int
) -> Iterator[Actor]:
    """Give second ships, under way elsewhere, under the numbers of the last ones in the traffic."""
    for number, spell in _victims(spells, traffic, "[[twin]]"):
        luck = Luck(chance, TWIN_KEYS + number)
        other = merchant(luck, register, seconds, CARGO)
        silent = ((0.0, spell.began_s), (spell.ended_s, seconds + 1.0))
        ship = replace(other.ship, mmsi=traffic[-1 - number].ship.mmsi, silent_s=silent)
        part = Part(
            "mmsi_twin",
            "Two ships send under one number.",
            spell.began_s,
            min(spell.ended_s, seconds),
            ("identity_conflict",),
        )
        yield replace(other, ship=ship, more=(*other.more, part))


def _stations(scenario: Scenario) -> list[Station]:
    """Give the receivers with their ranges, clocks and outages."""
    stations = [
        replace(
            station,
            range_km=station.range_km * scenario.range_share,
            clock_error_s=station.clock_error_s + (1, -1)[number % 2] * scenario.clock_error_s,
        )
        for number, station in enumerate(sea.stations())
    ]
    for outage in scenario.outages:
        deaf = stations[outage.station - 1]
        silent = (*deaf.silent_s, (outage.began_s, outage.ended_s))
        stations[outage.station - 1] = replace(deaf, silent_s=silent)
    return stations


def _jamming(scenario: Scenario) -> tuple[Jamming, ...]:
    spots = {port.name: port.quay for port in sea.PORTS}
    return tuple(
        Jamming(
            *sea.place(*spots[jammed.near]),
            jammed.radius_km,
            jammed.began_s,
            jammed.ended_s,
            sea.place(*CARRIED_TO),
        )
        for jammed in scenario.jamming
    )
