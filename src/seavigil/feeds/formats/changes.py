"""Which rows say something new about a ship: static data repeats with every position in CSV files."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seavigil.hashing import U64


class Changes:
    """Remembers, per MMSI, the hash last seen; eight bytes a ship, whatever the stream's length."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}

    def new(self, mmsi: NDArray[np.int64], hashes: U64) -> NDArray[np.bool_]:
        """Tell per row whether its hash differs from the ship's row before it, here or earlier."""
        if not len(mmsi):
            return np.zeros(0, dtype=bool)
        # MMSIs have 30 bits: sorting them with the row number below is several times faster than argsort.
        order = np.sort((mmsi << 32) | np.arange(len(mmsi))) & 0xFFFFFFFF
        ship, value = mmsi[order], hashes[order]
        first = np.concatenate([[True], ship[1:] != ship[:-1]])
        changed = np.concatenate([[True], value[1:] != value[:-1]]) | first
        last = np.concatenate([np.flatnonzero(first)[1:], [len(ship)]]) - 1
        for begin, end in zip(np.flatnonzero(first).tolist(), last.tolist(), strict=True):
            key = int(ship[begin])
            changed[begin] = self._last.get(key) != int(value[begin])
            self._last[key] = int(value[end])
        result = np.empty(len(order), dtype=bool)
        result[order] = changed
        return result
