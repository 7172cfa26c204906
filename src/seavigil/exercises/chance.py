"""Chance by counter: the same seed and keys give the same number, whatever the version of NumPy.

A number depends only on its keys (ship, message number, station ...), so one more ship in a
scenario leaves the luck of all the others as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.hashing import mix

F64 = NDArray[np.float64]
Key = int | NDArray[np.int64]
_MASK = 2**64 - 1


@dataclass(frozen=True)
class Chance:
    """Numbers drawn by ``seed``; keys broadcast against each other, the result is at least 1-d."""

    seed: int

    def uniform(self, *keys: Key) -> F64:
        """Give numbers evenly spread over 0 <= u < 1."""
        bits = mix(*(np.atleast_1d(np.asarray(key, dtype=np.int64)) for key in (self.seed, *keys)))
        return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def one(self, *keys: int) -> float:
        """Give the one number that ``uniform`` gives for whole keys, fifteen times as fast."""
        state = 0
        for key in (self.seed, *keys):
            z = ((state ^ (key & _MASK)) + 0x9E3779B97F4A7C15) & _MASK
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
            state = z ^ (z >> 31)
        return float(state >> 11) * 2.0**-53

    def normal(self, *keys: Key) -> F64:
        """Give numbers of the standard normal distribution (Box and Muller, 1958)."""
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(*keys, 1)))
        spread: F64 = radius * np.cos(2.0 * np.pi * self.uniform(*keys, 2))
        return spread
