"""Segments: one ship's rows between the gaps in which it was not heard."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from seavigil.records import SECOND_US

I64 = NDArray[np.int64]


def segments(time_us: I64, *, gap_s: float) -> list[slice]:
    """Cut one ship's rows, in order of time, where two are more than ``gap_s`` apart.

    Gives one slice a segment; none for no rows. Raises ``ValueError`` for times out of order.
    """
    steps = np.diff(time_us)
    if (steps < 0).any():
        raise ValueError("segments wants rows in order of time")
    if len(time_us) == 0:
        return []
    cuts = [0, *(np.flatnonzero(steps > gap_s * SECOND_US) + 1).tolist(), len(time_us)]
    return [slice(begin, end) for begin, end in pairwise(cuts)]
