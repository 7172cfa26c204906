"""How much traffic was watched: ship-days, counted from what was heard."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.records import DAY_US, SECOND_US, UNUSABLE_POSITION

_UNUSABLE = np.uint32(UNUSABLE_POSITION)
#: A ship heard in five minutes was there for these five minutes: the bins of the coverage and of the log.
_BIN_US = 300 * SECOND_US


@dataclass
class ShipDays:
    """Counts (ship, five minutes) in which she was heard; reports come in time order, cut anywhere."""

    bins: int = 0
    _open: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))

    def add(self, tracked: pa.Table) -> None:
        """Take released reports (TRACKED)."""
        usable = (tracked["flags"].to_numpy() & _UNUSABLE) == 0
        bins = tracked["time_us"].cast(pa.int64()).to_numpy()[usable] // _BIN_US
        ships = tracked["mmsi"].to_numpy().astype(np.int64) * 256 + tracked["vessel_part"].to_numpy()
        if not len(bins):
            return
        seen = np.unique(np.concatenate([self._open, np.stack([bins, ships[usable]], axis=1)]), axis=0)
        newest = seen[-1, 0]
        self.bins += int((seen[:, 0] < newest).sum())
        self._open = seen[seen[:, 0] == newest]

    @property
    def ship_days(self) -> float:
        """One ship heard for 24 hours is one ship-day."""
        return (self.bins + len(self._open)) * _BIN_US / DAY_US
