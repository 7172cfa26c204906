"""The alarm budget: so many alerts above info a day, and the rarest of them first.

Of N ship-days of traffic a day, alerts that ordinary traffic raises ``r`` times in 1,000 ship-days come
``r * N / 1000`` times a day. So a budget of alarms a day is a cut on ``expected_per_1000_ship_days``, which
moves with the traffic heard, and asks for no threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.records import DAY_US


@dataclass(frozen=True)
class Traffic:
    """How many ships were heard in each closed time bin, and from when on that may be looked at.

    ``visible_us``, ``ships``: one for each bin, oldest first.
    """

    visible_us: NDArray[np.int64]
    ships: NDArray[np.int64]

    def ship_days_a_day(self, at_us: int) -> float | None:
        """Give the ship-days a day of the last 24 h of bins visible at ``at_us``; None before the first."""
        first, upto = np.searchsorted(self.visible_us, [at_us - DAY_US, at_us], side="right")
        bins = int(upto - first)
        return float(self.ships[first:upto].sum()) / bins if bins else None


def within_budget(
    expected_per_1000_ship_days: float | None,
    alarms_per_day: float | None,
    traffic: Traffic | None,
    at_us: int,
) -> bool:
    """Whether an alert of which ordinary traffic raises so many is among the ``alarms_per_day`` rarest.

    True where there is no budget, no rate, or no traffic to go by yet.
    """
    if alarms_per_day is None or expected_per_1000_ship_days is None or traffic is None:
        return True
    ships = traffic.ship_days_a_day(at_us)
    return ships is None or expected_per_1000_ship_days * ships / 1000.0 <= alarms_per_day
