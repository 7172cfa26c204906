"""Ordinary traffic of the invented sea: what false alarms are measured on.

It is meant to be hard, not tame: ships wait, drift, fail, slow down, forget their status, trawl over cables
and work on them. What looks odd is told in the truth with its true reading and expects nothing.

Held against five minutes of a real national network (Denmark, 2013-11-12, 1,438 ships): the share of class
B (0.16) and the spread of each class's speeds are alike; there seven ships in ten lie still and three in ten
fish, here six in ten move and more than half are cargo ships and tankers. A ship-day here gives a watch more
to go wrong on than one there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises import fleet, sea
from seavigil.exercises.chance import Chance
from seavigil.exercises.fleet import Register
from seavigil.exercises.itinerary import Luck
from seavigil.exercises.motion import Tracks, move
from seavigil.exercises.orders import Lies, Passage
from seavigil.exercises.pilots import bunker_boats, pilot_boats
from seavigil.exercises.plays import STEP_S, Play, perform
from seavigil.exercises.radio import Station
from seavigil.exercises.sets import Faults, Jamming
from seavigil.exercises.traffic import Actor, Part
from seavigil.exercises.voyages import OFF_IN_PORT, merchant, tug
from seavigil.exercises.water import HOUR_S, Water, weather
from seavigil.exercises.working import (
    cable_ship,
    dredger,
    ferry,
    fisherman,
    patrol,
    survey_ship,
    tender,
    yacht,
)
from seavigil.geodesy import metres_per_degree
from seavigil.records import DAY_US, parse_time_us

DAY_S = 86_400
#: Exercises of ordinary traffic begin at midnight on one of the days of this year.
FIRST_DAY_US = parse_time_us("2025-01-01T00:00Z")
#: The first ship's key; others follow. Far from every other key of ``Chance``.
FIRST_KEY = 1_000_000
PILOT_KEY, SEA_KEY = 900_000, 910_000
#: Per day: GNSS jammed somewhere in the east; a receiver out; per 100 ship-days: one number on two ships.
JAMMED_A_DAY, OUT_A_DAY, TWINS = 0.12, 0.3, 0.15
#: One wild fix in 200,000 reports.
SLIP_ODDS = 5e-6
#: Sets as they usually are.
USUAL = Faults(slip_odds=SLIP_ODDS)
#: Waves from this height on are weather that slows ships.
ROUGH_M = 2.2

F64 = NDArray[np.float64]
Maker = Callable[[Luck, Register, int], Actor]


@dataclass(frozen=True)
class Role:
    """A role in ordinary traffic: how such a ship is made, and her share of the ships."""

    make: Maker
    share: float
    says: str


#: Shares are own choices: about what a day in the Baltic proper shows, with more small and slow ships.
ROLES: Mapping[str, Role] = {
    "cargo": Role(partial(merchant, ship_type=fleet.CARGO), 0.42, "cargo ships between ports and the sea"),
    "tanker": Role(partial(merchant, ship_type=fleet.TANKER), 0.16, "tankers likewise"),
    "ferry": Role(ferry, 0.07, "ferries on a timetable"),
    "fishing": Role(fisherman, 0.12, "trawlers, also over cables"),
    "tug": Role(tug, 0.04, "tugs with a tow"),
    "yacht": Role(yacht, 0.10, "pleasure craft on class B"),
    "patrol": Role(patrol, 0.02, "patrol ships"),
    "tender": Role(tender, 0.02, "crew boats of the wind farms"),
    "dredger": Role(dredger, 0.02, "a dredger on a bank"),
    "cable_ship": Role(cable_ship, 0.015, "a cable ship at work"),
    "survey": Role(survey_ship, 0.015, "a survey ship along a line"),
}


class Draw(IntEnum):
    """Second key of every number drawn here."""

    JAMMED = 481
    OUT = 482
    TWIN = 483
    SET_OFF = 484


def ordinary(seed: int, *, ships: int = 100, days: float = 1.0) -> Play:
    """Give ordinary traffic: so many ships for so many days; the same seed gives the same play."""
    chance, seconds = Chance(seed), int(days * DAY_S / STEP_S) * STEP_S
    register = Register()
    cast = background(chance, register, mix(ships), seconds)
    water = weather(chance, -(-seconds // 3600))
    luck = Luck(chance, SEA_KEY)
    return stage(
        f"ordinary-{seed}",
        _twinned(cast, luck, days),
        register,
        seed=seed,
        began_us=FIRST_DAY_US + seed % 360 * DAY_US,
        seconds=seconds,
        water=water,
        stations=_receivers(luck, seconds),
        faults=Faults(_jamming(luck, seconds), SLIP_ODDS),
    )


def mix(ships: int) -> dict[str, int]:
    """Share out so many ships over the roles (largest remainders; every role counts from 100 ships on)."""
    wanted = {name: role.share * ships for name, role in ROLES.items()}
    counts = {name: int(number) for name, number in wanted.items()}
    by_rest = sorted(ROLES, key=lambda name: counts[name] - wanted[name])
    for name in by_rest[: ships - sum(counts.values())]:
        counts[name] += 1
    return counts


def background(chance: Chance, register: Register, counts: Mapping[str, int], seconds: int) -> list[Actor]:
    """Give the actors of so many ships of each role (keys of ROLES); ``KeyError`` for another role.

    A ship's luck hangs on her role and number in it: one more leaves the others as they are.
    """
    actors = []
    for name, count in counts.items():
        role = ROLES[name]
        first = FIRST_KEY + 10_000 * list(ROLES).index(name)
        actors += [role.make(Luck(chance, first + number), register, seconds) for number in range(count)]
    return actors


def stage(
    name: str,
    actors: Sequence[Actor],
    register: Register,
    *,
    seed: int,
    began_us: int,
    seconds: int,
    water: Water,
    stations: Sequence[Station] | None = None,
    faults: Faults = USUAL,
) -> Play:
    """Play the actors on the invented sea; pilots and bunkers come to those who want them.

    What depends on where ships truly were is added to the truth: rough weather, jammed areas, engines
    that failed under way; and some sets are switched off alongside. The actors given come first.
    """
    luck = Luck(Chance(seed), PILOT_KEY)
    tracks = move([actor.motion for actor in actors], seconds, STEP_S, water)
    boats = [
        *pilot_boats(actors, tracks, register, luck, seconds),
        *bunker_boats(actors, tracks, register, luck, seconds),
    ]
    settled = [_settled(actor, tracks, row, luck, water, faults) for row, actor in enumerate(actors)]
    return perform(
        name,
        [*settled, *boats],
        seed=seed,
        began_us=began_us,
        seconds=seconds,
        water=water,
        stations=stations,
        faults=faults,
        moved=tracks,
    )


def _settled(actor: Actor, tracks: Tracks, row: int, luck: Luck, water: Water, faults: Faults) -> Actor:
    """Give an actor with what her track decides: silences alongside, parts that came to nothing, weather."""
    silent = (*actor.ship.silent_s, *_set_off(actor, tracks.reached_s[row], luck))
    kept = tuple(part for part in actor.more if _under_way(tracks, row, part.began_s))
    return replace(
        actor,
        ship=replace(actor.ship, silent_s=silent),
        more=(*kept, *_rough(actor, tracks, water), *_in_jamming(tracks, row, faults)),
    )


def _under_way(tracks: Tracks, row: int, at_s: float) -> bool:
    """Tell whether she went at 3 kn or more when a part of hers began."""
    step = min(int(at_s / tracks.step_s), tracks.lat_deg.shape[1] - 1)
    return bool(np.hypot(tracks.east_kn[row, step], tracks.north_kn[row, step]) >= 3.0)


def _set_off(actor: Actor, reached_s: F64, luck: Luck) -> list[tuple[float, float]]:
    """Give when a set is off alongside: all but a quarter of an hour at either end of a long stay."""
    motion = actor.motion
    if not isinstance(motion, Passage) or not Luck(luck.chance, actor.ship.mmsi).happens(
        OFF_IN_PORT, Draw.SET_OFF
    ):
        return []
    spans = []
    for call in motion.calls:
        if call.lies is Lies.ALONGSIDE and call.lying_status is not None and call.for_s > 2.0 * HOUR_S:
            came_s = float(reached_s[call.at])
            leaves_s = max(came_s + call.for_s, call.until_s)
            if not np.isnan(came_s):
                spans.append((came_s + 900.0, leaves_s - 900.0))
    return spans


def _rough(actor: Actor, tracks: Tracks, water: Water) -> list[Part]:
    """Give the hours of rough weather to a ship that heeds it."""
    motion = actor.motion
    if not isinstance(motion, Passage) or motion.handling.sea_pull == 0.0:
        return []
    rough = np.concatenate([[0], (water.wave_height_m > ROUGH_M).astype(np.int64), [0]])
    edges = np.flatnonzero(np.diff(rough)).reshape(-1, 2) * HOUR_S
    says = "Waves slow every ship on this water."
    return [
        Part("weather", says, float(began), min(float(ended), tracks.seconds))
        for began, ended in edges
        if began < tracks.seconds
    ]


def _in_jamming(tracks: Tracks, row: int, faults: Faults) -> list[Part]:
    parts = []
    for jamming in faults.jamming:
        north_m, east_m = metres_per_degree(np.array([jamming.lat_deg]))
        first, last = (int(at_s / tracks.step_s) for at_s in (jamming.began_s, jamming.ended_s))
        north = (tracks.lat_deg[row, first:last] - jamming.lat_deg) * north_m
        east = (tracks.lon_deg[row, first:last] - jamming.lon_deg) * east_m
        if np.any(np.hypot(east, north) < 1000.0 * jamming.radius_km):
            says = "GNSS is jammed where she is."
            parts.append(Part("gnss_jamming", says, jamming.began_s, min(jamming.ended_s, tracks.seconds)))
    return parts


def _jamming(luck: Luck, seconds: int) -> tuple[Jamming, ...]:
    episodes = []
    for day in range(-(-seconds // DAY_S)):
        if luck.happens(JAMMED_A_DAY, Draw.JAMMED, day):
            began_s = DAY_S * day + luck.between(0.0, min(DAY_S, seconds) - HOUR_S, Draw.JAMMED, day, 1)
            ended_s = began_s + luck.between(1.0, 6.0, Draw.JAMMED, day, 2) * HOUR_S
            spot = (
                luck.between(60.0, 115.0, Draw.JAMMED, day, 3),
                luck.between(-20.0, 25.0, Draw.JAMMED, day, 4),
            )
            radius_km = luck.between(30.0, 75.0, Draw.JAMMED, day, 5)
            episodes.append(Jamming(*sea.place(*spot), radius_km, began_s, ended_s, sea.place(118.0, 2.0)))
    return tuple(episodes)


def _receivers(luck: Luck, seconds: int) -> tuple[Station, ...]:
    """Give the receivers, some of them out for hours."""
    stations = list(sea.stations())
    for day in range(-(-seconds // DAY_S)):
        if luck.happens(OUT_A_DAY, Draw.OUT, day):
            which = luck.which(len(stations), Draw.OUT, day, 1)
            off_s = DAY_S * day + luck.between(0.0, DAY_S, Draw.OUT, day, 2)
            span = (off_s, off_s + luck.between(0.3, 6.0, Draw.OUT, day, 3) * HOUR_S)
            stations[which] = replace(stations[which], silent_s=(*stations[which].silent_s, span))
    return tuple(stations)


def _twinned(cast: Sequence[Actor], luck: Luck, days: float) -> list[Actor]:
    """Now and then give a ship the number of another."""
    actors = list(cast)
    if len(actors) > 1 and luck.happens(min(TWINS * len(actors) * days / 100.0, 0.9), Draw.TWIN):
        first, second = 0, 1 + luck.which(len(actors) - 1, Draw.TWIN, 1)
        ship = replace(actors[second].ship, mmsi=actors[first].ship.mmsi)
        part = Part("mmsi_twin", "Two ships send under one number.", 0.0, days * DAY_S)
        actors[second] = replace(actors[second], ship=ship, more=(*actors[second].more, part))
    return actors
