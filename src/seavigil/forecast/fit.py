"""How well one passage fits one fault, in nats: how much likelier what is known is if she did it than if not.

Time and place follow from geometry. What conduct is worth follows the ratio of how often it is seen at a
passage with an anchor or gear on the bottom and at one without, over exercise plays of seeds below 1000; it
is capped, for those plays are invented and a real ship has more ways to be innocent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seavigil.fault import Fault
from seavigil.forecast.presence import Presence, Sight, Sign

F64 = NDArray[np.float64]
_KN_MS = 1852.0 / 3600.0
#: A logistic curve with this slope is within 0.01 of the normal distribution's (a common approximation).
_LOGISTIC = 1.702
#: How far behind the stern an anchor may plough: twelve shackles of 27.5 m and a little (own choice).
SCOPE_M = 350.0
#: A ship whose length is not known is taken to be so long (own choice: a common coaster to handysize).
USUAL_LENGTH_M = 150.0
#: Slower than this the way of the anchor to the line is reckoned as at this speed, or it would take for ever.
LEAST_KN = 0.5
#: Clocks and power protection are seldom together to better than this (own choice).
LEAST_FLANK_S = 20.0
#: Beyond the time given its probability falls off over such a share of it (own choice).
FLANK_SHARE = 0.1
#: Where a kilometre comes without its error this is taken: OTDR and impedance methods do better (own choice).
KM_ERROR = 1.0
#: No one thing may speak more against a ship than this: data err too.
LEAST_NATS = -12.0

Curve = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Line:
    """One thing that speaks for a ship (``nats`` above 0) or against her (below), and how much.

    ``fault_id``: which of the faults it is about.
    """

    code: str
    observed: float
    expected: float | None
    unit: str
    nats: float
    fault_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        told = {**vars(self), "nats": round(self.nats, 2)}
        return {**told, "fault": told.pop("fault_id")}


@dataclass(frozen=True)
class Window:
    """When a fault may show for one passage, in seconds after it.

    Half of it evenly between -``near_s`` and ``near_s`` (she is over the line), half between ``low_s``
    and ``far_s`` (something of hers is), falling off over ``flank_s`` beyond. ``hours_s``: the time
    over which ships that did not do it come.
    """

    low_s: float
    near_s: float
    far_s: float
    flank_s: float
    hours_s: float

    def nats(self, offset_s: float) -> float:
        """Give what it is worth that the fault came ``offset_s`` after the passage."""
        return float(self.all_nats(np.array([offset_s]))[0])

    def all_nats(self, offset_s: F64) -> F64:
        """Give the same for many offsets."""
        near = self._even(offset_s, -self.near_s, self.near_s)
        log_odds = np.logaddexp(near, self._even(offset_s, self.low_s, self.far_s))
        return np.asarray(np.maximum(log(self.hours_s / 2.0) + log_odds, LEAST_NATS))

    def width_s(self, least_nats: float) -> float:
        """Give for how long in all the time is worth at least so much."""
        offsets_s, nats = self._drawn
        return float(np.count_nonzero(nats >= least_nats) * (offsets_s[1] - offsets_s[0]))

    def _even(self, offset_s: F64, low_s: float, high_s: float) -> F64:
        """Give the log density of a time even between two, blurred by the flank: in all it is worth one."""
        after_low, after_high = (_LOGISTIC * (offset_s - end_s) / self.flank_s for end_s in (low_s, high_s))
        both = -np.logaddexp(0.0, -after_low) - np.logaddexp(0.0, after_high)
        return np.asarray(
            both + np.log(-np.expm1(-_LOGISTIC * (high_s - low_s) / self.flank_s)) - log(high_s - low_s)
        )

    @cached_property
    def _drawn(self) -> tuple[F64, F64]:
        """Its nats at even steps, as far as they can matter."""
        offsets_s = np.linspace(self.low_s - 5.0 * self.flank_s, self.far_s + 5.0 * self.flank_s, 160)
        return offsets_s, self.all_nats(offsets_s)


def window(fault: Fault, one: Presence, sigma_m: float, hours_s: float) -> Window:
    """Give when the fault may show for this passage.

    The anchor meets the line from a ship's length before her antenna does to a length and SCOPE_M of
    way after it, so with a slow ship it is late; as a rule it is within half her length of the antenna,
    which stands aft of the hawse by about as much as some shackles of chain reach back. The route
    is known to within ``sigma_m``.
    """
    if one.dark:
        off_s = one.crossed_within_s + fault.within_s
        return Window(-off_s, off_s, off_s, _flank(fault, 0.0), max(hours_s, 2.0 * off_s))
    speed = max(one.sog_kn or LEAST_KN, LEAST_KN) * _KN_MS
    length_m = one.ship.length_m or USUAL_LENGTH_M
    known_s = fault.within_s + one.crossed_within_s
    across = 1.0 if one.angle_deg is None else max(np.sin(np.radians(one.angle_deg)), 0.2)
    near_s = length_m / 2.0 / speed + known_s
    low_s, far_s = -length_m / speed - known_s, (length_m + SCOPE_M) / speed + known_s
    flank_s = _flank(fault, sigma_m / across / speed)
    return Window(low_s, near_s, far_s, flank_s, max(hours_s, far_s - low_s))


def _flank(fault: Fault, off_s: float) -> float:
    return float(np.hypot(max(LEAST_FLANK_S, FLANK_SHARE * fault.within_s), min(off_s, 3600.0)))


def offset_s(fault: Fault, one: Presence) -> float:
    """Give how long after her passage the fault came, in seconds."""
    return (fault.at_us - one.crossed_at_us) / 1e6


def place_line(fault: Fault, one: Presence, sight: Sight) -> Iterator[Line]:
    """Say how well the kilometre fits, against one anywhere along the asset; nothing where not known."""
    if fault.km_along is None or one.km_along is None or not sight.length_km:
        return
    error_km = KM_ERROR if fault.km_error is None else fault.km_error
    flank_km = max(0.25 * error_km, sight.sigma_m / 1000.0, 0.1)
    error_km = max(error_km, flank_km)
    places = Window(-error_km, error_km, error_km, flank_km, max(sight.length_km, 2.0 * error_km))
    off_km = one.km_along - fault.km_along
    yield Line("place_fits", round(abs(off_km), 2), error_km, "km", places.nats(off_km))


#: What conduct is worth by how much of it there is; between the points straight, beyond them as at the last.
CURVES: dict[str, Curve] = {
    "drag_evidence": ((0.0, -1.5), (1.0, 0.0), (2.0, 0.5), (8.0, 1.2), (10.0, 2.5), (14.0, 5.0), (20.0, 6.5)),
    "speed_there": ((0.3, 0.5), (0.5, 1.5), (0.8, 1.8), (0.9, 1.2), (0.95, 0.0), (1.0, -0.8)),
    "least_speed_after": ((0.3, 0.8), (0.55, 1.5), (0.9, 1.5), (0.95, 0.3), (0.98, -1.0), (1.0, -1.5)),
    "dip_at_crossing": ((8.0, 3.5), (16.0, 5.0)),
    "dip_elsewhere": ((8.0, 2.0), (16.0, 3.0)),
}
#: What it is worth to have been found doing this about the passage.
WORTH: dict[str, float] = {
    "dragging_at_anchor": 6.0,
    "zigzag": 4.0,
    "repeated_crossing": 2.5,
    "loitering": 2.0,
    "trawling_over": 2.0,
    "slow_crossing": 2.5,
    "sudden_stop": 2.5,
    "drifting": 1.5,
    "gone_dark": 1.5,
    "identity_conflict": 1.5,
    "position_spoofed": 0.5,
    "class_b": -4.0,
    "gnss_degraded": -0.5,
    "position_doubtful": -0.5,
}
#: Signs of one and the same thing: of each group the strongest counts whole, the others half.
GROUPS: tuple[frozenset[str], ...] = (
    frozenset(CURVES) | {"slow_crossing", "sudden_stop"},
    frozenset({"zigzag", "repeated_crossing", "loitering", "trawling_over"}),
)
#: Conduct in all is worth no more than this.
MOST_CONDUCT = 12.0
#: An anchor on five shackles reaches 60 m at up to this speed; faster ships carry it clear of the ground.
TOO_FAST_KN = 14.0
#: Types (ITU-R M.1371-5, table 53) that carry no anchor to harm a cable, or are at work there by right.
_LIGHT = (36, 37, *range(40, 50))
_ON_DUTY = (33, 34, 50, 51, 53, 54, 55, 58)
_PASSENGER = range(60, 70)


def conduct(one: Presence) -> list[Line]:
    """Give what her conduct, her kind and the place say, whatever the time of the fault."""
    lines = [line for sign in one.signs if (line := _of_sign(sign)) is not None]
    lines = _halved(lines)
    lines += _of_kind(one, {sign.code: sign for sign in one.signs})
    spare = MOST_CONDUCT - sum(line.nats for line in lines if line.nats > 0)
    if spare < 0:
        share = MOST_CONDUCT / (MOST_CONDUCT - spare)
        lines = [replace(line, nats=line.nats * share) if line.nats > 0 else line for line in lines]
    if one.probability_over < 0.9:
        nats = max(log(max(one.probability_over, 1e-9)), LEAST_NATS)
        lines.append(Line("over_the_line", round(one.probability_over, 3), 1.0, "1", nats))
    return lines


def _of_sign(sign: Sign) -> Line | None:
    nats = WORTH.get(sign.code)
    if sign.code in CURVES:
        x = sign.observed if sign.expected is None else sign.observed / max(sign.expected, 0.1)
        points = CURVES[sign.code]
        nats = float(np.interp(x, [p[0] for p in points], [p[1] for p in points]))
    if nats is None or nats == 0.0:
        return None
    return Line(sign.code, sign.observed, sign.expected, sign.unit, nats)


def _halved(lines: list[Line]) -> list[Line]:
    """Let the weaker signs of one and the same thing count half."""
    out = list(lines)
    for group in GROUPS:
        speaking = sorted((i for i, line in enumerate(out) if line.code in group), key=lambda i: -out[i].nats)
        for i in speaking[1:]:
            out[i] = replace(out[i], nats=out[i].nats / 2.0)
    return out


def _of_kind(one: Presence, signs: dict[str, Sign]) -> Iterator[Line]:
    """Say what speaks against her: what ship she is, how fast, how deep it is, how often she comes."""
    kind, speed = one.ship.ship_type, one.sog_kn
    if speed is not None and speed > TOO_FAST_KN:
        yield Line("too_fast_to_drag", speed, TOO_FAST_KN, "kn", -3.0)
    if kind is not None and kind in _LIGHT:
        yield Line("light_anchor", float(kind), None, "type", -3.0)
    if kind is not None and kind in _ON_DUTY:
        yield Line("on_duty", float(kind), None, "type", -2.0)
    reach = signs.get("anchor_reach")
    if reach is not None and reach.expected is not None:
        deep = reach.expected > reach.observed
        yield Line("anchor_reach", reach.observed, reach.expected, "m", -5.0 if deep else 0.3)
    to_and_fro = any(code in signs for code in ("zigzag", "repeated_crossing", "dragging_at_anchor"))
    often = signs.get("crosses_routinely")
    if often is not None and not to_and_fro:
        nats = -1.0 - 0.1 * min(often.observed, 10.0) - (0.5 if kind in _PASSENGER else 0.0)
        yield Line("crosses_routinely", often.observed, 0.0, "times", nats)
    lies = signs.get("says_at_anchor")
    if lies is not None and lies.observed == 1.0 and "dragging_at_anchor" not in signs:
        yield Line("lies_in_roads", 1.0, 0.0, "1", -1.5)


def total(lines: Iterable[Line]) -> float:
    """Give the sum of the lines in nats."""
    return sum(line.nats for line in lines)
