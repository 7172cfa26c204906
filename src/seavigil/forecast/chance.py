"""How often some ship would fit as well by chance: the same question asked of other moments.

For one fault the moments of all assets serve, each with the traffic of the asset concerned: a passage
elsewhere shows as well as one here how often ordinary ships look as bad. A suspect's own time window counts
as one such moment, so that a fault of which only the hour is known, in a day of data, is never too sure.
For several faults each of them is moved by itself, over the hours looked at, on its own asset: without a ship
that did all of them, nothing but chance would bring one ship to each at its time.
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
I64 = NDArray[np.int64]

#: Moments looked at for several faults, and bins of what is worth how much then.
STEP_US = 60_000_000
BIN_NATS = 0.1
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
    code = "silent_then" if one.dark else "time_fits" if one.crossed else "near_then"
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
    """Give how many ships fit all faults as well, each fault at any moment; more than one is one."""
    ships = sorted({one.presence.vessel_id for found in fits for one in found})
    own = [
        {ship: [one for one in found if one.presence.vessel_id == ship] for ship in ships} for found in fits
    ]
    moments = [np.arange(sight.began_us, sight.ended_us, STEP_US) for sight in sights]
    expected = 0.0
    for ship in ships:
        spread = np.ones(1)
        for passages, at_us in zip(own, moments, strict=True):
            spread = np.convolve(spread, _spread(passages[ship], at_us, misses_nats))
        least = int((score - EQUAL_NATS - len(sights) * misses_nats) / BIN_NATS)
        expected += float(spread[max(least, 0) :].sum())
    return min(expected, 1.0)


def _spread(passages: Sequence[Fitted], at_us: I64, misses_nats: float) -> F64:
    """Give the share of moments by what the best of her passages is worth then, in bins above the least."""
    best = np.full(max(len(at_us), 1), misses_nats)
    for one in passages:
        nats = one.window.all_nats((at_us - one.presence.crossed_at_us) / 1e6)
        best = np.maximum(best, nats + one.rest_nats + total(one.place))
    bins = np.ceil((best - misses_nats) / BIN_NATS).astype(np.int64)
    return np.bincount(bins) / len(bins)
