"""What the drag score of new rows of all ships' logs cannot exceed: for a look at all of them at once.

Terms are those of `drag_evidence`; what may only speak against a drag is left out (an arrival, others slowing
down at the same place, GNSS degraded, a number that is shared, speed regained). So no row's score is above
its bound, and where no weather is known it is the sum itself that the other stories are then held against.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.drag_evidence import BIN_US, MILLI, EvidenceParams, Terms, most
from seavigil.normal.bins import Log
from seavigil.records import SECOND_US

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: So many ships at a time: their columns stay in the processor's cache (own choice, measured).
_AT_ONCE = 256
#: A sum of three terms over ten hours, each of which may be rounded the other way in its last thousandth.
_ROUNDING_NATS = 0.5


@dataclass(frozen=True)
class Limits:
    """What bounds a sum: how far back it goes, and what speed and bow can say in all (nats)."""

    window_s: float
    slow_nats: float
    bow_nats: float


def most_nats(log: Log, rows: I64, limits: Limits, params: EvidenceParams, *, weather: bool) -> F64:
    """Give what the score of each of ``rows`` (ascending rows of all ships' log) cannot exceed, in nats.

    ``weather``: what wind and sea cost her may be known, so she may be expected to be slower.
    """
    out = np.zeros(len(rows))
    for part in np.array_split(np.arange(len(rows)), len(rows) // _AT_ONCE + 1):
        if len(part):
            needed = _needed(log, rows[part], limits, params)
            whole = log.rows(needed)
            terms, at = most(whole, params, weather=weather), np.searchsorted(needed, rows[part])
            out[part] = _most_sums(whole, at, terms, limits)
    return out + _ROUNDING_NATS


def _needed(log: Log, rows: I64, limits: Limits, params: EvidenceParams) -> I64:
    """Give the rows that sums up to ``rows`` rest on: a window, and what its first rows look at."""
    around = 2 * params.reversal_bins + params.stopped_bins + 2
    bins = int((limits.window_s + params.still_s) * SECOND_US) // BIN_US + around
    first = np.maximum(np.searchsorted(log.ship, log.ship[rows]), rows - bins)
    lowest = int(first.min())
    edges = np.zeros(int(rows.max()) - lowest + 2, dtype=np.int64)
    np.add.at(edges, first - lowest, 1)
    np.add.at(edges, rows + 1 - lowest, -1)
    return np.flatnonzero(np.cumsum(edges) > 0) + lowest


def _most_sums(log: Log, rows: I64, terms: Terms, limits: Limits) -> F64:
    """Give the greatest sum that ends at each row, over all rows of the window it may have begun at."""
    slow_most, bow_most = (round(nats * MILLI) for nats in (limits.slow_nats, limits.bow_nats))
    best = np.zeros(len(rows), dtype=np.int64)
    slow, unsteady, bow = np.zeros((3, len(rows)), dtype=np.int64)
    for back, which in _backwards(log, rows, terms.ends, int(limits.window_s * SECOND_US)):
        at = rows[which] - back
        unsteady[which] += terms.unsteady[at]
        slow[which] += terms.slow[at]
        bow[which] += terms.bow[at]
        sums = unsteady[which] + np.minimum(slow[which], slow_most) + np.minimum(bow[which], bow_most)
        best[which] = np.maximum(best[which], sums)
    return best / MILLI


def _backwards(log: Log, rows: I64, ends: Bool, window_us: int) -> Iterator[tuple[int, I64]]:
    """Give how many rows back, and for which of ``rows`` a sum may begin there."""
    which, back = np.arange(len(rows)), 0
    while len(which):
        at = np.maximum(rows[which] - back, 0)
        reaches = (rows[which] >= back) & (log.ship[at] == log.ship[rows[which]]) & ~ends[at]
        reaches &= log.start_us[at] > log.start_us[rows[which]] - window_us
        which = which[reaches]
        yield back, which
        back += 1
