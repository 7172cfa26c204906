"""How often some ship would fit as well by chance: the same question asked of other moments.

For one fault the moments of all assets serve, each with the traffic of the asset concerned: a passage
elsewhere shows as well as one here how often ordinary ships look as bad. A suspect's own time window counts
as one such moment, so that a fault of which only the hour is known, in a day of data, is never too sure.
For several faults all of them are moved together, by up to the hours looked at, over their own assets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp

import numpy as np
from numpy.typing import NDArray

from seavigil.forecast.fit import Line, Window, conduct, offset_s, place_line, total, window
from seavigil.forecast.presence import Presence, Sight

F64 = NDArray[np.float64]

#: Several faults are moved in steps of this.
STEP_S = 60.0
#: Passages within so much of one another fit equally well: a factor of e (own choice).
EQUAL_NATS = 1.0


@dataclass(frozen=True)
class Fitted:
    """One passage and its fit: ``time`` by when, ``rest`` by conduct and kind, ``place`` by the kilometre."""

    presence: Presence
    window: Window
    time: Line
    rest: tuple[Line, ...]
    place: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """All that speaks for and against."""
        return (self.time, *self.place, *self.rest)

    @cached_property
    def rest_nats(self) -> float:
        """What conduct and kind are worth."""
        return total(self.rest)

    @cached_property
    def score(self) -> float:
        """What all lines are worth."""
        return total(self.lines)


def fitted(sight: Sight, one: Presence) -> Fitted:
    """Hold one passage against the fault."""
    fault = sight.fault
    when = window(fault, one, sight.sigma_m, sight.hours_s)
    after_s = offset_s(fault, one)
    code = "silent_then" if one.dark else "time_fits"
    time = Line(code, round(after_s), fault.within_s, "s", when.nats(after_s))
    return Fitted(one, when, time, tuple(conduct(one)), tuple(place_line(fault, one, sight)))


def single_chance(sight: Sight, fits: Sequence[Fitted], own: Fitted) -> float:
    """Give the share of moments and places at which some passage fits as well as this one.

    Hers at other times are among them: who goes to and fro over an asset all day fits any fault of it.
    """
    elsewhere = [fitted(sight, one) for one in sight.elsewhere]
    wanted = own.score - total(own.place) - EQUAL_NATS
    as_well_s = sum(one.window.width_s(wanted - one.rest_nats) for one in (*fits, *elsewhere))
    here = len(fits) / (len(fits) + len(elsewhere))
    expected = as_well_s / max(sight.hours_s, 1.0) * here * _of_place(sight)
    return 1.0 - exp(-expected)


def _of_place(sight: Sight) -> float:
    """Give the share of the asset that lies as near to the kilometre given as that is known."""
    if sight.fault.km_along is None or not sight.length_km:
        return 1.0
    return min(1.0, 2.0 * max(sight.fault.km_error or 1.0, 0.5) / sight.length_km)


def shared_chance(
    sights: Sequence[Sight], fits: Sequence[Sequence[Fitted]], score: float, misses_nats: float
) -> float:
    """Give the share of moments, all faults moved alike, at which one ship, she or another, fits as well."""
    hours_s = max(sight.hours_s for sight in sights)
    moved_s = np.arange(-hours_s // STEP_S, hours_s // STEP_S + 1) * STEP_S
    by_ship: dict[str, list[F64]] = {}
    for at, found in enumerate(fits):
        for one in found:
            name = one.presence.vessel_id
            rows = by_ship.setdefault(name, [np.full(len(moved_s), misses_nats) for _ in sights])
            np.maximum(rows[at], _moved(one, moved_s), out=rows[at])
    as_well = np.zeros(len(moved_s), dtype=np.bool_)
    for rows in by_ship.values():
        as_well |= np.sum(rows, axis=0) >= score - EQUAL_NATS
    inside = _inside(sights, moved_s)
    return float((as_well & inside).sum() / max(inside.sum(), 1))


def _moved(one: Fitted, moved_s: F64) -> F64:
    """Give what the passage is worth with the fault moved by so much."""
    time_nats = one.window.all_nats(float(one.time.observed) + moved_s)
    return np.asarray(time_nats + one.rest_nats + total(one.place))


def _inside(sights: Sequence[Sight], moved_s: F64) -> NDArray[np.bool_]:
    """Tell which moves leave every fault within the hours looked at."""
    inside = np.ones(len(moved_s), dtype=np.bool_)
    for sight in sights:
        at_us = sight.fault.at_us + moved_s * 1e6
        inside &= (at_us >= sight.began_us) & (at_us <= sight.ended_us)
    return inside
