"""How often ordinary traffic raises an alert as strong: counts of the past, and a tail beyond them.

The a-contrario question (Desolneux, Moisan and Morel, From Gestalt Theory to Image Analysis, 2008):
what is found means something only as far as chance alone would seldom bring it about. Here "chance" is
ordinary traffic: the watch was run over so many ship-days of it, and each alert counted by the greatest
strength it reached. A ship-day is one ship heard for 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, isfinite
from typing import Any

import numpy as np

#: Strengths are counted in steps of so much; two alerts in one step are equally strong. Own choice:
#: finer than any single reason is worth, coarse enough that tables of two histories add up.
STEP = 0.25
#: Own choice: of ten or more counted alerts the count itself is the estimate (its standard error is then
#: a third); of fewer, the tail through the ten strongest.
TAIL_OF = 10
#: Own choice: nothing is called rarer than a tenth of one alert in all the ship-days behind it, because
#: farther out the tail is a guess.
LEAST_COUNT = 0.1
#: Expected count where not a single alert was seen: the mean of the posterior of a Poisson rate after no
#: event under Jeffreys' prior, Gamma(1/2).
NOTHING_SEEN = 0.5

PRIOR, LEARNED = "prior", "learned"


@dataclass(frozen=True)
class Rates:
    """Alerts of ordinary traffic by greatest strength: ``counts[i]`` of them in the ``i``-th STEP.

    ``normal``: ``prior`` (learned from invented traffic, shipped) or ``learned`` (from history). Raises
    ``ValueError`` for counts or ship-days that cannot be.
    """

    ship_days: float
    counts: tuple[int, ...] = ()
    normal: str = LEARNED

    def __post_init__(self) -> None:
        """Refuse what no history can give."""
        if not (isfinite(self.ship_days) and self.ship_days > 0):
            raise ValueError(f"ship_days must be above 0, not {self.ship_days}")
        if any(n < 0 for n in self.counts) or self.normal not in {PRIOR, LEARNED}:
            raise ValueError("counts must not be below 0, and normal must be prior or learned")

    def __add__(self, other: Rates) -> Rates:
        """Give the rates of both histories together. Raises ``ValueError`` for a prior with a learned."""
        if self.normal != other.normal:
            raise ValueError("rates of invented and of real traffic do not add up")
        size = max(len(self.counts), len(other.counts))
        mine, others = (np.pad(r.counts, (0, size - len(r.counts))).astype(int) for r in (self, other))
        return Rates(self.ship_days + other.ship_days, tuple((mine + others).tolist()), self.normal)

    def expected_per_1000_ship_days(self, strength: float) -> float:
        """Give how many alerts at least as strong 1,000 ship-days of ordinary traffic raise.

        Never rises with strength and is never 0. Where fewer than TAIL_OF were counted, an exponential
        tail through the TAIL_OF strongest (mean excess over the threshold, the maximum-likelihood fit),
        but never less than what was counted.
        """
        at = _step(strength)
        counted = sum(self.counts[at:])
        expected = counted if counted >= TAIL_OF else max(counted, self._tail(at), LEAST_COUNT)
        return 1000.0 * expected / self.ship_days

    def strength_at(self, per_1000_ship_days: float) -> float:
        """Give the least strength that is expected at most so often."""
        at = 0
        while self.expected_per_1000_ship_days(at * STEP) > per_1000_ship_days and at < 4 * len(self.counts):
            at += 1
        return at * STEP

    def _tail(self, at: int) -> float:
        total = sum(self.counts)
        if not total:
            return NOTHING_SEEN
        beyond = np.cumsum(self.counts[::-1])[::-1]
        from_step = int(np.flatnonzero(beyond >= min(TAIL_OF, total))[-1])
        above = np.asarray(self.counts[from_step:])
        mean_excess = float((above * (np.arange(len(above)) + 0.5)).sum() / above.sum())
        return float(above.sum()) * exp(-max(at - from_step, 0) / mean_excess)

    def origin(self) -> dict[str, Any]:
        """Say which normal this is and how many ship-days are behind it."""
        return {"normal": self.normal, "ship_days": round(self.ship_days)}

    def as_json(self) -> dict[str, Any]:
        """Give plain values: ``normal``, ``ship_days``, ``step`` and the counts from strength 0 on."""
        return {
            "normal": self.normal,
            "ship_days": self.ship_days,
            "step": STEP,
            "counts": list(self.counts),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Rates:
        """Read what ``as_json`` gave; more keys do no harm. Raises ``ValueError`` that says what is wrong."""
        try:
            if content["step"] != STEP:
                raise ValueError(f"rates are counted in steps of {content['step']}, not of {STEP}")
            counts = tuple(int(n) for n in content["counts"])
            return cls(float(content["ship_days"]), counts, str(content["normal"]))
        except (KeyError, TypeError) as fault:
            raise ValueError(f"rates want normal, ship_days, step and counts: {fault}") from fault


def count(strengths: Iterable[float], ship_days: float, normal: str = LEARNED) -> Rates:
    """Give the rates of one history: the greatest strength of each of its alerts, and its ship-days."""
    steps = [_step(s) for s in strengths]
    counts = np.bincount(steps).tolist() if steps else []
    return Rates(ship_days, tuple(counts), normal)


def _step(strength: float) -> int:
    return int(max(strength, 0.0) / STEP + 1e-9)  # a sum of quarters may fall short of one by its last bit
