"""Puts recordings of any size and order into data-time order: hour by hour, on disk when they are large."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from seavigil.records import HOUR_US, REPORTS, VESSELS, Decoded, empty
from seavigil.store.disk import named

#: Rows held in memory before they go to disk: about 400 MB of reports.
MEMORY_ROWS = 2_000_000


class Spool:
    """Takes decoded rows in any order and gives them back by hour, in order of data time and report id.

    Memory holds at most ``memory_rows`` rows and one hour; the rest lies in a temporary folder,
    gone when the spool is closed. Raises ``OSError`` when that folder cannot be written.
    """

    def __init__(self, folder: Path | None = None, memory_rows: int = MEMORY_ROWS) -> None:
        self._folder = folder
        self._memory_rows = memory_rows
        self._disk: tempfile.TemporaryDirectory[str] | None = None
        self._held: dict[int, list[tuple[pa.Table, pa.Table]]] = defaultdict(list)
        self._files: dict[int, int] = defaultdict(int)
        self._rows = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.clear()
        if self._disk is not None:
            self._disk.cleanup()

    def add(self, decoded: Decoded) -> None:
        """Take reports and static data; rejects and counts are the caller's."""
        reports, vessels = _by_hour(decoded.reports), _by_hour(decoded.vessels)
        for hour in sorted(reports.keys() | vessels.keys()):
            part = reports.get(hour, empty(REPORTS)), vessels.get(hour, empty(VESSELS))
            self._held[hour].append(part)
            self._rows += part[0].num_rows + part[1].num_rows
        if self._rows > self._memory_rows:
            self._flush()

    def hours(self) -> Iterator[Decoded]:
        """Give the rows of each hour in which there are any, in order of time."""
        for hour in sorted(self._held.keys() | self._files.keys()):
            yield self._hour(hour)

    @property
    def count_hours(self) -> int:
        """How many hours there are to come."""
        return len(self._held.keys() | self._files.keys())

    def _hour(self, hour: int) -> Decoded:
        parts = [self._read(hour, number) for number in range(self._files.get(hour, 0))]
        parts += self._held.pop(hour, [])
        return Decoded(_in_order([p[0] for p in parts]), _in_order([p[1] for p in parts]))

    def _flush(self) -> None:
        folder = self._folder or Path(tempfile.gettempdir())
        with named(folder):
            if self._disk is None:
                self._disk = tempfile.TemporaryDirectory(prefix=".seavigil-spool-", dir=folder)
            self._write()

    def _write(self) -> None:
        for hour, parts in self._held.items():
            number = self._files[hour]
            for kind, at in (("reports", 0), ("vessels", 1)):
                whole = pa.concat_tables([p[at] for p in parts])
                pq.write_table(whole, self._path(hour, number, kind), compression="zstd", compression_level=1)
            self._files[hour] = number + 1
        self._held.clear()
        self._rows = 0

    def _read(self, hour: int, number: int) -> tuple[pa.Table, pa.Table]:
        reports = pq.read_table(self._path(hour, number, "reports"), schema=REPORTS)
        return reports, pq.read_table(self._path(hour, number, "vessels"), schema=VESSELS)

    def _path(self, hour: int, number: int, kind: str) -> Path:
        assert self._disk is not None
        return Path(self._disk.name) / f"{kind}-{hour}-{number}.parquet"


def _in_order(parts: list[pa.Table]) -> pa.Table:
    whole = pa.concat_tables(parts)
    time_us = whole["time_us"].cast(pa.int64()).to_numpy()
    report_id = whole["report_id"].to_numpy()
    return whole.take(pa.array(np.lexsort((report_id, time_us))))


def _by_hour(rows: pa.Table) -> dict[int, pa.Table]:
    if rows.num_rows == 0:
        return {}
    hour = rows["time_us"].cast(pa.int64()).to_numpy() // HOUR_US
    if hour.min() == hour.max():
        return {int(hour[0]): rows}
    order = np.argsort(hour, kind="stable")
    edges = [0, *(np.flatnonzero(np.diff(hour[order])) + 1).tolist(), len(order)]
    sorted_rows = rows.take(pa.array(order))
    return {int(hour[order[a]]): sorted_rows.slice(a, b - a) for a, b in pairwise(edges)}
