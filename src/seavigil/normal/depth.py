"""How deep it is, and how deep a ship's anchor reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seavigil.normal.nearest import Points

F64 = NDArray[np.float64]

#: One length of anchor chain: 15 fathoms.
SHACKLE_M = 27.5
#: Total length of chain of both bower anchors by equipment number: IACS UR A1 table (from 205 on) and
#: Recommendation 10 table 1 (below), a few of their steps to within a shackle; between them straight.
_EQUIPMENT_NUMBER = (50.0, 90.0, 175.0, 205.0, 500.0, 1060.0, 2080.0, 4200.0, 6500.0)
_BOTH_CHAINS_M = (180.0, 247.5, 302.5, 302.5, 412.5, 495.0, 605.0, 715.0, 770.0)
#: Equipment number by length squared: displacement to the power 2/3 and the profile both grow so. Own
#: choice: 0.065 gives 2,600 at 200 m and 160 at 50 m, near that of merchant ships of these lengths.
_NUMBER_PER_M2 = 0.065
#: A towed chain hangs aft: five shackles reach 60 m at any speed up to 14 kn, and depth grows with the length
#: of a chain that hangs at its critical angle.
REACH_PER_CHAIN = 60.0 / (5 * SHACKLE_M)
#: ITU-R M.1371 types of craft with short or light ground tackle (fishing, sailing, pleasure, high speed,
#: pilot, rescue), and how much of a merchant ship's chain is taken for theirs (own choice).
_LIGHT_TYPES = frozenset((30, 36, 37, *range(40, 50), 50, 51))
_LIGHT_SHARE = 0.5


@dataclass(frozen=True)
class Depth:
    """Soundings or the cells of a grid: depth below the surface in metres, positive down.

    ``within_m``: a sounding speaks for places up to so far away.
    """

    points: Points
    depth_m: F64
    within_m: float = 500.0

    def __len__(self) -> int:
        return len(self.depth_m)

    def at(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> F64:
        """Give the depth at the nearest sounding, NaN where none is near enough."""
        index, _ = self.points.nearest(lat_deg, lon_deg, within_m=self.within_m)
        return np.where(index >= 0, np.append(self.depth_m, np.nan)[index], np.nan)


NO_DEPTH = Depth(Points(np.zeros(0), np.zeros(0)), np.zeros(0))


def chain_m(length_m: ArrayLike, ship_type: int | None = None) -> F64:
    """Give the chain of one bower anchor of a ship of that length, in metres; NaN for an unknown length.

    The rules share the total out to both anchors, so that half of it is on each.
    """
    length = np.asarray(length_m, dtype=np.float64)
    number = _NUMBER_PER_M2 * np.where(length > 0, length, np.nan) ** 2
    one_m = np.interp(number, _EQUIPMENT_NUMBER, _BOTH_CHAINS_M) / 2.0
    return np.asarray(one_m * (_LIGHT_SHARE if ship_type in _LIGHT_TYPES else 1.0))


def anchor_reach_m(length_m: ArrayLike, ship_type: int | None = None) -> F64:
    """Give how deep the anchor of such a ship under way can reach with all its chain out, in metres.

    NaN for an unknown length. At anchor or drifting it hangs straight and reaches as deep as
    ``chain_m``. What it reaches it may drag over; deeper cables are out of its reach.
    """
    return np.asarray(chain_m(length_m, ship_type) * REACH_PER_CHAIN)
