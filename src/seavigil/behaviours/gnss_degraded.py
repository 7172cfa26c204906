"""GNSS degraded: satellite navigation is jammed or spoofed for the ships of an area.

In a sailor's words: on this water everybody's position is jumping about or gone; do not believe the
plot, look out of the window.

The state is that of `normal.gnss`: in closed time bins of five minutes several ships of the area, and a
far larger share of them than usual, had positions that leapt or were lost. An event begins when two
of the last six bins were so: one alone may be a stumbling receiver.

What it misses: see `normal.gnss`. Innocent readings: a receiver or provider with a faulty clock, an
exercise announced in a notice to mariners, interference from the sun.

Cases: tests/behaviours/test_areas.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.area_states import AreaBehaviour, AreaDetail, AreaState, detect_areas
from seavigil.behaviours.episodes import Rule
from seavigil.behaviours.surroundings import Surroundings
from seavigil.events import Reason

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class GnssDegradedParams:
    """Own choices: twice in half an hour, because jammers come and go; a day is a new event."""

    bins: int = 2
    of_bins: int = 6
    max_duration_s: float = 12 * 3600.0


def score(surroundings: Surroundings, params: GnssDegradedParams) -> Iterable[tuple[int, F64]]:
    """Score the disturbed bins among the last ones, 1 where there were enough of them."""
    gnss = surroundings.gnss
    rows = np.flatnonzero(gnss.disturbed)
    number = np.searchsorted(gnss.bin_start_us, gnss.start_us[rows])
    for area in np.unique(gnss.area[rows]).tolist():
        disturbed = np.zeros(len(gnss.bin_start_us), dtype=np.int64)
        disturbed[number[gnss.area[rows] == area]] = 1
        total = np.concatenate([np.zeros(params.of_bins, dtype=np.int64), np.cumsum(disturbed)])
        recent = total[params.of_bins :] - total[: -params.of_bins]
        yield area, recent / params.bins


def detail(
    surroundings: Surroundings, params: GnssDegradedParams, areas: tuple[int, ...], bins: slice
) -> AreaDetail:
    """Say how many ships were disturbed at most, in one bin, and of how many; the bins before count in."""
    gnss = surroundings.gnss
    span = gnss.bin_start_us[max(bins.start - params.of_bins + 1, 0) : bins.stop]
    here = np.isin(gnss.area, areas) & (gnss.start_us >= span[0]) & (gnss.start_us <= span[-1])
    number = np.searchsorted(span, gnss.start_us[here])
    ships, bad = np.zeros(len(span), dtype=np.int64), np.zeros(len(span), dtype=np.int64)
    np.add.at(ships, number, gnss.ships[here])
    np.add.at(bad, number, gnss.leapt[here] + gnss.blurred[here])
    worst = int(np.argmax(bad))
    usual = float(gnss.usual[here][-1])
    reasons = (
        Reason("ships_disturbed", int(bad[worst]), 0, "ships", 2.0),
        Reason(
            "share_disturbed", round(float(bad[worst] / max(ships[worst], 1)), 2), round(usual, 3), "1", 2.0
        ),
    )
    return AreaDetail(reasons, int(bad.sum()))


_STATE = AreaState(
    "gnss_degraded",
    rule=lambda p: Rule(on=1.0, off=0.5, max_duration_s=p.max_duration_s),
    score=score,
    detail=detail,
)

BEHAVIOUR = AreaBehaviour(name=_STATE.name, params=GnssDegradedParams(), detect=partial(detect_areas, _STATE))
