"""New rows of many ships at once: for a quick look at which of them could make a behaviour score at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class Steps:
    """New rows by ship and in order of time, each with the last sound row of its ship before it.

    ``sound``: the row's own position may be used. ``near``: the step from that row before comes within
    reach of an asset. ``silent_us``: since the last row of any kind, 0 for a ship's first. ``before_*``: of
    the last sound row before; NaN (and the row's own time) where there was none.
    """

    sound: Bool
    near: Bool
    silent_us: I64
    time_us: I64
    lat_deg: F64
    lon_deg: F64
    sog_kn: F64
    cog_deg: F64
    nav_status: F64
    transceiver: F64
    flags: I64
    before_us: I64
    before_lat_deg: F64
    before_lon_deg: F64
    before_sog_kn: F64
    before_cog_deg: F64
    before_nav_status: F64

    def __len__(self) -> int:
        return len(self.time_us)
