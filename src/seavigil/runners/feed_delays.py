"""How long reports take from their own time to their arrival, gathered so that pieces add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from seavigil.records import SECOND_US, TimeSource

I64 = NDArray[np.int64]

#: Bins grow by about 6 % from a tenth of a second on (own choice): a quantile is right to within that, and
#: exact where all delays are alike, because each bin keeps its sum.
_PER_DECADE = 40
_FINEST_US = SECOND_US / 10


@dataclass
class Delays:
    """Counts and sums of delays by bin: adding pieces gives the same in whatever order, however cut."""

    _counts: dict[int, int] = field(default_factory=dict)
    _sums_us: dict[int, int] = field(default_factory=dict)

    def add(self, delays_us: I64) -> None:
        """Take delays in microseconds; below zero where the data's time lies ahead of the arrival."""
        kinds, at = np.unique(_bin(delays_us), return_inverse=True)
        sums_us = np.zeros(len(kinds), dtype=np.int64)
        np.add.at(sums_us, at, delays_us)
        counts = np.bincount(at, minlength=len(kinds))
        for kind, count, sum_us in zip(kinds.tolist(), counts.tolist(), sums_us.tolist(), strict=True):
            self._counts[kind] = self._counts.get(kind, 0) + count
            self._sums_us[kind] = self._sums_us.get(kind, 0) + sum_us

    @property
    def number(self) -> int:
        """How many delays were taken."""
        return sum(self._counts.values())

    def quantile_s(self, share: float) -> float | None:
        """Give the delay in seconds that so great a share of reports does not exceed; None without any."""
        wanted, passed = share * self.number, 0
        for kind in sorted(self._counts):
            passed += self._counts[kind]
            if passed >= wanted:
                return self._sums_us[kind] / self._counts[kind] / SECOND_US
        return None


def together(parts: Iterable[Delays]) -> Delays:
    """Put several together."""
    whole = Delays()
    for part in parts:
        for kind, count in part._counts.items():
            whole._counts[kind] = whole._counts.get(kind, 0) + count
            whole._sums_us[kind] = whole._sums_us.get(kind, 0) + part._sums_us[kind]
    return whole


def delays_us(reports: pa.Table, wall_us: int) -> I64:
    """Give arrival less own time of the reports (REPORTS) that carry a time of their own."""
    timed = reports.filter(pc.not_equal(reports["time_source"], TimeSource.RECEIVED))
    return np.asarray(wall_us - timed["time_us"].cast(pa.int64()).to_numpy())


def _bin(delays: I64) -> I64:
    size = np.log10(1.0 + np.abs(delays) / _FINEST_US) * _PER_DECADE
    return np.asarray(np.sign(delays) * np.rint(size), dtype=np.int64)
