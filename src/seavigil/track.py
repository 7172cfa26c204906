"""One ship's rows as NumPy arrays: what behaviours look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.records import UNUSABLE_POSITION, vessel_id

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_UNUSABLE = np.uint32(UNUSABLE_POSITION)
_FLOATS = ("lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "transceiver")


@dataclass(frozen=True)
class Track:
    """Rows of one ship in time order; missing values are NaN, arrays are of one length and read-only.

    ``vessel_part`` tells ships apart that share an MMSI (0 is the first).
    """

    mmsi: int
    vessel_part: int
    time_us: I64
    report_id: NDArray[np.uint64]
    lat_deg: F64
    lon_deg: F64
    sog_kn: F64
    cog_deg: F64
    heading_deg: F64
    nav_status: F64
    transceiver: F64
    flags: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.time_us)

    @property
    def vessel_id(self) -> str:
        """The ship's id: its MMSI, with ``#2``, ``#3`` where ships share one."""
        return vessel_id(self.mmsi, self.vessel_part)

    def rows(self, keep: NDArray[np.bool_] | slice | I64) -> Track:
        """Give the same ship with only the rows in ``keep``."""
        return Track(self.mmsi, self.vessel_part, *(getattr(self, name)[keep] for name in _ARRAYS))

    @cached_property
    def sound(self) -> Track:
        """The rows whose position a behaviour may use (see ``records.UNUSABLE_POSITION``)."""
        unusable = (self.flags & _UNUSABLE) != 0
        return self.rows(~unusable) if unusable.any() else self

    def then(self, later: Track) -> Track:
        """Give these rows followed by ``later`` rows of the same ship."""
        joined = (np.concatenate([getattr(self, name), getattr(later, name)]) for name in _ARRAYS)
        return Track(self.mmsi, self.vessel_part, *joined)

    def since(self, from_us: int) -> Track:
        """Give the rows from ``from_us`` on and back to the last sound one before: a step has two ends."""
        first = int(np.searchsorted(self.time_us, from_us))
        sound = np.flatnonzero((self.flags[:first] & _UNUSABLE) == 0)
        keep = int(sound[-1]) if len(sound) else max(first - 1, 0)
        return self.rows(slice(keep, None)) if keep else self

    def alone(self) -> Track:
        """Give the same rows in arrays of their own if they are a small part of larger ones."""
        whole = self.time_us.base
        shared = isinstance(whole, np.ndarray) and whole.size > 2 * len(self)
        return self.rows(np.arange(len(self))) if shared else self


_ARRAYS = tuple(f.name for f in fields(Track))[2:]


def split(tracked: pa.Table) -> Iterator[Track]:
    """Cut TRACKED rows, in order of time, into one Track a ship, by MMSI and part."""
    if tracked.num_rows == 0:
        return
    mmsi = _ints(tracked, "mmsi")
    part = _ints(tracked, "vessel_part")
    time_us = _ints(tracked, "time_us")
    report_id = tracked["report_id"].to_numpy()
    key = mmsi * 256 + part
    order = np.argsort(key, kind="stable")
    columns = [time_us, report_id, *(_floats(tracked, name) for name in _FLOATS), tracked["flags"].to_numpy()]
    arrays = [column[order] for column in columns]
    edges = np.flatnonzero(np.diff(key[order])) + 1
    starts = [0, *edges.tolist()]
    ends = [*edges.tolist(), len(order)]
    for start, end in zip(starts, ends, strict=True):
        at = order[start]
        yield Track(int(mmsi[at]), int(part[at]), *(a[start:end] for a in arrays))


def _ints(rows: pa.Table, name: str) -> I64:
    return np.asarray(rows[name].cast(pa.int64()).to_numpy(), dtype=np.int64)


def _floats(rows: pa.Table, name: str) -> F64:
    return np.asarray(rows[name].cast(pa.float64()).to_numpy(), dtype=np.float64)
