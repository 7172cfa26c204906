"""The unsteadiness of ordinary ships: engine and helm wander, and they make way for one another.

Speed wanders by a percent or two over a quarter of an hour, the course steered by about a degree over some
minutes (own choices; real autopilots do worse in a following sea). A few times a day a ship alters
course by 8 to 25 degrees for some minutes, or eases her engine for a quarter of an hour, for another.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises.itinerary import Luck
from seavigil.exercises.orders import Unrest
from seavigil.exercises.traffic import Part

F64 = NDArray[np.float64]

KNOT_S = 60.0
#: Manoeuvres for others, per day: alterations of course, and of speed.
TURNS_A_DAY, EASINGS_A_DAY = 4.0, 1.5


class Draw(IntEnum):
    """Second key of every number drawn here; the first is the ship's."""

    SPEED = 421
    COURSE = 422
    TURN = 423
    EASE = 424


@dataclass(frozen=True)
class Manners:
    """How unsteady a ship is (standard deviations of speed and course) and how often she makes way."""

    speed_share: float = 0.012
    course_deg: float = 0.8
    makes_way: float = 1.0


def unrest(luck: Luck, seconds: int, manners: Manners) -> tuple[Unrest, tuple[Part, ...]]:
    """Give a ship's unrest and the parts of it that slow her."""
    count = int(seconds / KNOT_S) + 2
    speed = manners.speed_share * _wander(luck, Draw.SPEED, count, 900.0)
    course = manners.course_deg * _wander(luck, Draw.COURSE, count, 240.0)
    days = seconds / 86_400.0
    for i in range(_how_many(luck, TURNS_A_DAY * manners.makes_way * days, Draw.TURN)):
        first, last = _when(luck, seconds, 240.0, 720.0, Draw.TURN, i)
        side = 1.0 if luck.happens(0.75, Draw.TURN, i, 3) else -1.0  # to starboard, as the rules want
        course[first:last] += side * luck.between(8.0, 25.0, Draw.TURN, i, 4)
    parts = []
    for i in range(_how_many(luck, EASINGS_A_DAY * manners.makes_way * days, Draw.EASE)):
        first, last = _when(luck, seconds, 360.0, 1500.0, Draw.EASE, i)
        speed[first:last] -= luck.between(0.08, 0.3, Draw.EASE, i, 3)
        says = "She eases her engine for another ship."
        parts.append(Part("giving_way", says, first * KNOT_S, last * KNOT_S + 600.0))
    return Unrest(KNOT_S, speed, course), tuple(parts)


def _how_many(luck: Luck, mean: float, what: int) -> int:
    """Draw how often something happens that happens so often on average: whole part, and odds of the rest."""
    return int(mean * luck.between(0.3, 1.7, what, 901) + luck.between(0.0, 1.0, what, 902))


def _when(luck: Luck, seconds: int, least_s: float, most_s: float, what: int, i: int) -> tuple[int, int]:
    at_s = luck.between(0.0, seconds, what, i, 1)
    return int(at_s / KNOT_S), int((at_s + luck.between(least_s, most_s, what, i, 2)) / KNOT_S) + 1


def _wander(luck: Luck, what: int, count: int, tau_s: float) -> F64:
    """Give an Ornstein-Uhlenbeck process of unit variance at the knots."""
    kept = float(np.exp(-KNOT_S / tau_s))
    drawn = (np.sqrt(1.0 - kept**2) * luck.chance.normal(luck.key, what, np.arange(count))).tolist()
    out = [drawn[0] / float(np.sqrt(1.0 - kept**2))]
    for number in drawn[1:]:
        out.append(kept * out[-1] + number)
    return np.array(out)
