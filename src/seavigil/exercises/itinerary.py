"""Put a ship's voyages together, leg by leg, and begin in the middle of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import cos, hypot, log1p, pi, sqrt

import numpy as np

from seavigil.exercises.chance import Chance
from seavigil.exercises.orders import Call, Lies
from seavigil.exercises.sea import Spot
from seavigil.exercises.traffic import Stretch


@dataclass(frozen=True)
class Luck:
    """One ship's luck: numbers by her own key, so that one more ship leaves that of the others."""

    chance: Chance
    key: int

    def between(self, low: float, high: float, *what: int) -> float:
        """Draw a number evenly."""
        return low + (high - low) * self.chance.one(self.key, *what)

    def normal(self, mean: float, spread: float, *what: int) -> float:
        """Draw a number of a normal distribution, no farther than 2.5 deviations off."""
        radius = sqrt(-2.0 * log1p(-self.chance.one(self.key, *what, 1)))
        drawn = radius * cos(2.0 * pi * self.chance.one(self.key, *what, 2))
        return mean + spread * min(max(drawn, -2.5), 2.5)

    def happens(self, odds: float, *what: int) -> bool:
        """Tell whether something of these odds comes about."""
        return self.between(0.0, 1.0, *what) < odds

    def which(self, count: int, *what: int) -> int:
        """Draw a number from 0 to ``count - 1``."""
        return min(int(self.between(0.0, count, *what)), count - 1)


@dataclass
class Itinerary:
    """Legs one after another; ``took_s`` is about how long they take up to now.

    The calls of one waypoint are one; stretches name waypoints by their number.
    """

    spots: list[Spot]
    pace_kn: float
    nav_status: int | None = None
    calls: dict[int, Call] = field(default_factory=dict)
    stretches: list[Stretch] = field(default_factory=list)
    took_s: list[float] = field(default_factory=lambda: [0.0])

    def __post_init__(self) -> None:
        self.calls.setdefault(0, Call(0, self.pace_kn, nav_status=self.nav_status))

    @property
    def here(self) -> int:
        """The number of the last waypoint."""
        return len(self.spots) - 1

    @property
    def seconds(self) -> float:
        """About how long it all takes."""
        return self.took_s[-1]

    def go(self, *spots: Spot) -> None:
        """Go on through these places."""
        for spot in spots:
            last = self.spots[-1]
            way_nm = hypot(spot[0] - last[0], spot[1] - last[1])
            self.spots.append(spot)
            self.took_s.append(self.took_s[-1] + self._lies_s() + 3600.0 * way_nm / self.pace_kn)

    def pace(self, speed_kn: float, nav_status: int | None = None) -> None:
        """Go on so fast, from the last place."""
        self.pace_kn = speed_kn
        now = self.calls.get(self.here, Call(self.here))
        self.calls[self.here] = replace(now, speed_kn=speed_kn, nav_status=nav_status)

    def lie(
        self, lies: Lies, for_s: float, status: int | None, *, swing_m: float = 0.0, until_s: float = 0.0
    ) -> None:
        """Lie at the last place, at least until ``until_s`` of the exercise."""
        now = self.calls.get(self.here, Call(self.here))
        self.calls[self.here] = replace(
            now, lies=lies, for_s=for_s, lying_status=status, swing_m=swing_m, until_s=until_s
        )

    def told(self, kind: str, says: str, from_at: int) -> None:
        """Name the stretch from a waypoint to the last one."""
        self.stretches.append(Stretch(kind, says, from_at, self.here))

    def cut(self, at_s: float) -> Itinerary:
        """Give what is left after so many seconds, from wherever she is by then."""
        begun = np.array(self.took_s)
        leg = int(np.clip(np.searchsorted(begun, at_s, side="right") - 1, 0, len(self.spots) - 2))
        call = self.calls.get(leg, Call(leg))
        left_s = call.for_s - (at_s - begun[leg])
        past = [c for at, c in sorted(self.calls.items()) if at <= leg]
        pace_kn = [c.speed_kn for c in past if c.speed_kn is not None][-1]
        status = ([None] + [c.nav_status for c in past if c.nav_status is not None])[-1]
        calls = {at - leg: replace(c, at=at - leg) for at, c in self.calls.items() if at > leg}
        first = Call(0, pace_kn, nav_status=status)
        spot = self.spots[leg]
        if call.lies is not None and left_s > 0.0:
            first = replace(call, at=0, for_s=left_s, speed_kn=pace_kn, nav_status=status)
        else:
            spot = self._on_leg(leg, at_s)
        stretches = [
            replace(s, from_at=max(s.from_at - leg, 0), to_at=s.to_at - leg)
            for s in self.stretches
            if s.to_at > leg
        ]
        spots = [spot, *self.spots[leg + 1 :]]
        took = [0.0, *(begun[leg + 1 :] - at_s).tolist()]
        return Itinerary(spots, self.pace_kn, None, {0: first, **calls}, stretches, took)

    def all_calls(self) -> tuple[Call, ...]:
        """Give the calls in order."""
        return tuple(call for _, call in sorted(self.calls.items()))

    def _lies_s(self) -> float:
        call = self.calls.get(self.here)
        return 0.0 if call is None or call.lies is None else call.for_s

    def _on_leg(self, leg: int, at_s: float) -> Spot:
        (x, y), (u, v) = self.spots[leg], self.spots[leg + 1]
        call = self.calls.get(leg)
        lay_s = 0.0 if call is None or call.lies is None else call.for_s
        begins = self.took_s[leg] + lay_s
        share = (at_s - begins) / max(self.took_s[leg + 1] - begins, 1.0)
        share = float(np.clip(share, 0.0, 1.0))
        return x + share * (u - x), y + share * (v - y)


def within(spots: Sequence[Spot], luck: Luck, off_nm: float, *what: int) -> list[Spot]:
    """Give the spots each moved a little at random, on both axes."""
    return [
        (x + luck.normal(0.0, off_nm, *what, i, 0), y + luck.normal(0.0, off_nm, *what, i, 1))
        for i, (x, y) in enumerate(spots)
    ]
