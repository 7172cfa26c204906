"""Static and voyage data as they were known at a time: name, IMO number, size, destination.

A ship sends each part again and again (type 5 and 24 every 6 minutes, ITU-R M.1371-5, annex 1,
section 4.2.1), so only changes are kept: per MMSI and field the runs of one value with the first
and last time it was heard.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.vessel import Static

#: What is remembered; the names are those of ``records.VESSELS``.
FIELDS = (
    "imo",
    "name",
    "callsign",
    "ship_type",
    "length_m",
    "beam_m",
    "draught_m",
    "destination",
    "eta",
    "transceiver",
)


@dataclass(slots=True)
class _Run:
    first_us: int
    last_us: int
    value: Any


@dataclass(slots=True)
class _Entry:
    heard_us: int
    runs: dict[str, list[_Run]] = field(default_factory=dict)


class StaticBook:
    """The history of static data of many ships; bounded, can be pickled.

    Keeps the last ``max_changes`` values of each field; what was known before those is forgotten
    (``known`` then gives None for that field). Keeps ``max_vessels`` MMSIs, dropping the longest
    silent. Rows may come in any order; where two rows of one time differ, the later to come counts.
    Ships that share an MMSI share an entry: their values alternate.
    """

    def __init__(self, *, max_changes: int = 128, max_vessels: int = 500_000) -> None:
        if max_changes < 1 or max_vessels < 1:
            raise ValueError("max_changes and max_vessels must be at least 1")
        self._max_changes, self._max_vessels = max_changes, max_vessels
        self._entries: dict[int, _Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, vessels: pa.Table) -> None:
        """Take rows of the schema VESSELS."""
        if vessels.num_rows == 0:
            return
        vessels = vessels.filter(pa.array(_worth_reading(vessels)))
        mmsis, times = vessels["mmsi"].to_pylist(), vessels["time_us"].cast(pa.int64()).to_pylist()
        values = [vessels[name].to_pylist() for name in FIELDS]
        for mmsi, time_us, *row in zip(mmsis, times, *values, strict=True):
            self._put(mmsi, time_us, row)
        self._bound()

    def known(self, mmsi: int, at_us: int) -> Static:
        """Give what rows up to and including ``at_us`` told, field by field the latest value."""
        entry = self._entries.get(mmsi)
        if entry is None:
            return Static(mmsi)
        return Static(mmsi, **{name: _value_at(runs, at_us) for name, runs in entry.runs.items()})

    def changes(self, mmsi: int, field: str, until_us: int) -> list[tuple[int, Any]]:
        """Give when each value of a field (of FIELDS) was first heard, up to ``until_us``, oldest first."""
        entry = self._entries.get(mmsi)
        runs = entry.runs.get(field, []) if entry else []
        return [(run.first_us, run.value) for run in runs if run.first_us <= until_us]

    def _put(self, mmsi: int, time_us: int, row: list[Any]) -> None:
        entry = self._entries.setdefault(mmsi, _Entry(time_us))
        entry.heard_us = max(entry.heard_us, time_us)
        for name, value in zip(FIELDS, row, strict=True):
            if value is not None:
                runs = entry.runs.setdefault(name, [])
                _insert(runs, time_us, value)
                del runs[: -self._max_changes]

    def _bound(self) -> None:
        if len(self._entries) > self._max_vessels:
            latest = sorted(self._entries.items(), key=lambda item: item[1].heard_us)
            self._entries = dict(latest[-self._max_vessels * 9 // 10 :])


def _insert(runs: list[_Run], time_us: int, value: Any) -> None:
    """Add one hearing to the runs, which stay in order of time and never overlap."""
    i = bisect_right(runs, time_us, key=lambda run: run.first_us) - 1
    before = runs[i] if i >= 0 else None
    if before is not None and before.value == value:
        before.last_us = max(before.last_us, time_us)
        return
    new = [_Run(time_us, time_us, value)]
    if before is not None and time_us < before.last_us:
        new.append(_Run(before.last_us, before.last_us, before.value))
        before.last_us = before.first_us
    elif i + 1 < len(runs) and runs[i + 1].value == value:
        runs[i + 1].first_us = time_us
        return
    runs[i + 1 : i + 1] = new


def _value_at(runs: list[_Run], at_us: int) -> Any:
    i = bisect_right(runs, at_us, key=lambda run: run.first_us) - 1
    return runs[i].value if i >= 0 else None


def _worth_reading(vessels: pa.Table) -> NDArray[np.bool_]:
    """Tell the rows that are not in the midst of equal ones of their MMSI: those say nothing new."""
    frame = pl.DataFrame(pl.from_arrow(vessels.select(FIELDS)))
    content = frame.hash_rows().to_numpy()
    mmsi, times = vessels["mmsi"].to_numpy(), vessels["time_us"].cast(pa.int64()).to_numpy()
    order = np.argsort(mmsi, kind="stable")
    m, c, t = mmsi[order], content[order], times[order]
    like_last = np.zeros(len(m) + 1, dtype=np.bool_)
    like_last[1:-1] = (m[1:] == m[:-1]) & (c[1:] == c[:-1]) & (t[1:] >= t[:-1])
    worth = np.empty(len(m), dtype=np.bool_)
    worth[order] = ~(like_last[:-1] & like_last[1:])
    return worth
