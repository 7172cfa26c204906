"""One ship's rows as NumPy arrays: what behaviours look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise

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

    @classmethod
    def of(cls, key: int, rows: F64) -> Track:
        """Give the track of the ship numbered ``key`` from rows of ``Tracks``."""
        time_us, report_id, *floats, flags = np.ascontiguousarray(rows.T)
        mmsi, part = divmod(key, PARTS)
        columns = dict(zip(_FLOATS, floats, strict=True))
        numbers = (time_us.view(np.int64), report_id.view(np.uint64))
        return cls(mmsi, part, *numbers, **columns, flags=flags.view(np.int64).astype(np.uint32))


_ARRAYS = tuple(f.name for f in fields(Track))[2:]
#: Where each field lies in the rows of ``Tracks``.
FIELD = {name: at for at, name in enumerate(_ARRAYS)}
#: Ships under one MMSI are told apart by a number below this.
PARTS = 256


@dataclass(frozen=True)
class Tracks:
    """Rows of many ships in one block, by ship and in order of time; iterating gives one Track a ship.

    ``keys``: MMSI times 256 plus part, one a ship; ``begins``: her first row, and after the last ship the
    number of rows. ``rows``: rows x fields of ``Track``; whole numbers lie in it bit by bit as int64.
    """

    keys: I64
    begins: I64
    rows: F64

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Track]:
        for key, (begin, end) in zip(self.keys.tolist(), pairwise(self.begins.tolist()), strict=True):
            yield Track.of(key, self.rows[begin:end])


def whole(rows: F64, name: str) -> I64:
    """Give a column of whole numbers of rows of ``Tracks``."""
    return rows[:, FIELD[name]].view(np.int64)


def split(tracked: pa.Table) -> Tracks:
    """Cut TRACKED rows, in order of time, into one Track a ship, by MMSI and part."""
    key = _ints(tracked, "mmsi") * PARTS + _ints(tracked, "vessel_part")
    order = np.argsort(key, kind="stable")
    key = key[order]
    rows = np.empty((len(order), len(_ARRAYS)))
    whole(rows, "time_us")[:] = _ints(tracked, "time_us")[order]
    whole(rows, "report_id")[:] = tracked["report_id"].to_numpy()[order].view(np.int64)
    whole(rows, "flags")[:] = tracked["flags"].to_numpy()[order]
    for name in _FLOATS:
        rows[:, FIELD[name]] = _floats(tracked, name)[order]
    firsts = np.flatnonzero(np.diff(key, prepend=-1))
    return Tracks(key[firsts], np.append(firsts, len(key)), rows)


def _ints(rows: pa.Table, name: str) -> I64:
    return np.asarray(rows[name].cast(pa.int64()).to_numpy(), dtype=np.int64)


def _floats(rows: pa.Table, name: str) -> F64:
    return np.asarray(rows[name].cast(pa.float64()).to_numpy(), dtype=np.float64)
