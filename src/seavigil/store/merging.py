"""Merges sorted runs of static data and reports into one order, piece by piece, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from seavigil.records import REPORTS, VESSELS

#: Static data, reports: what is known of a ship comes before what she reports in the same microsecond.
Pair = tuple[pa.Table, pa.Table]
SCHEMAS = (VESSELS, REPORTS)
#: One sorted run, read lazily: static data and reports, each a batch of rows after the other.
Run = tuple[Iterator[pa.Table], Iterator[pa.Table]]
#: Orders all rows of all runs: time_us, kind (0 static data, 1 report), report_id, number of the run.
_Key = tuple[int, int, int, int]
_Times = npt.NDArray[np.int64]


def in_order(tables: list[pa.Table], schema: pa.Schema) -> pa.Table:
    """Sort rows by time and report id, rows equal in both as they came; empties ``tables``.

    Column by column, each let go when it is sorted: it takes little more memory than the rows themselves.
    """
    whole = pa.concat_tables(tables or [schema.empty_table()])
    tables.clear()
    order = np.lexsort((whole["report_id"].to_numpy(), _times(whole)))
    if bool(np.all(order[1:] > order[:-1])):
        return whole
    indices = pa.array(order)
    columns = whole.columns[::-1]
    del whole
    return pa.Table.from_arrays([columns.pop().take(indices) for _ in schema], schema=schema)


def batches(rows: pa.Table, batch_rows: int) -> Iterator[pa.Table]:
    """Give ``rows`` in batches of ``batch_rows``, however many pieces they were put together from."""
    for at in range(0, rows.num_rows, batch_rows):
        yield rows.slice(at, batch_rows).combine_chunks()


def merge(runs: Sequence[Run], piece_rows: int) -> Iterator[Pair]:
    """Give the rows of sorted ``runs`` as one, in pieces of ``piece_rows`` (the last has what is left).

    In order of time, then static data before reports, then report id, then the runs' order. Where
    the pieces are cut depends on the rows alone, not on the runs. Holds one batch of each kind and
    run, and one piece.
    """
    waiting: tuple[list[pa.Table], list[pa.Table]] = ([], [])
    rows = 0
    for vessels, reports in _steps(
        [_Stream(kind, number, run[kind]) for number, run in enumerate(runs) for kind in (0, 1)]
    ):
        waiting[0].append(vessels)
        waiting[1].append(reports)
        rows += vessels.num_rows + reports.num_rows
        if rows >= piece_rows:
            pieces = _cut(_sorted(waiting), piece_rows)
            known, reported = (_copy(table) for table in pieces.pop())
            waiting, rows = ([known], [reported]), known.num_rows + reported.num_rows
            while pieces:
                yield pieces.pop(0)
    if rows:
        yield _sorted(waiting)


class _Stream:
    """The rows of one kind in one run, a batch of them at a time."""

    def __init__(self, kind: int, run: int, batches: Iterator[pa.Table]) -> None:
        self.kind = kind
        self._run = run
        self._batches = batches
        self._batch = SCHEMAS[kind].empty_table()
        self._time_us: _Times = np.empty(0, np.int64)
        self._report_id: npt.NDArray[np.uint64] = np.empty(0, np.uint64)
        self._at = 0

    def fill(self) -> bool:
        """Read the next batch when this one is used up; false at the end."""
        while self._at == len(self._time_us):
            batch = next(self._batches, None)
            if batch is None:
                return False
            self._batch, self._at = batch, 0
            self._time_us = _times(batch)
            self._report_id = batch["report_id"].to_numpy()
        return True

    @property
    def last(self) -> _Key:
        """Order of the last row read: nothing before it is still to come from here."""
        return int(self._time_us[-1]), self.kind, int(self._report_id[-1]), self._run

    def until(self, bound: _Key) -> pa.Table:
        """Hand out what does not come after ``bound``."""
        time_us, kind, report_id, run = bound
        if self._time_us[self._at] > time_us:
            return self._batch.slice(0, 0)
        begin, end = (int(np.searchsorted(self._time_us, time_us, side)) for side in ("left", "right"))
        if self.kind > kind:
            end = begin
        elif self.kind == kind:
            # as uint64: NumPy compares an int with uint64 as floats, and ids would run together
            same_time, last_id = self._report_id[begin:end], np.array([report_id], np.uint64)
            end = begin + int(np.searchsorted(same_time, last_id, "right" if self._run <= run else "left")[0])
        begin, self._at = self._at, end
        return self._batch.slice(begin, self._at - begin)


def _steps(streams: list[_Stream]) -> Iterator[Pair]:
    """Give rows that come before all those of later steps; within a step they are not sorted."""
    while streams := [s for s in streams if s.fill()]:
        bound = min(s.last for s in streams)
        parts: tuple[list[pa.Table], list[pa.Table]] = ([], [])
        for stream in streams:
            parts[stream.kind].append(stream.until(bound))
        vessels, reports = (
            pa.concat_tables([p for p in found if p.num_rows] or [schema.empty_table()])
            for found, schema in zip(parts, SCHEMAS, strict=True)
        )
        yield vessels, reports


def _cut(rows: Pair, piece_rows: int) -> list[Pair]:
    """Cut into pieces of ``piece_rows`` and a rest, which may be empty."""
    vessels, reports = rows
    times = np.concatenate([_times(vessels), _times(reports)])
    is_vessel = np.argsort(times, kind="stable") < vessels.num_rows
    vessels_before = np.concatenate([[0], np.cumsum(is_vessel)])
    edges = [*range(0, len(times) + 1, piece_rows), len(times)]
    cuts = [(int(vessels_before[at]), at - int(vessels_before[at])) for at in edges]
    return [(vessels.slice(v, w - v), reports.slice(r, s - r)) for (v, r), (w, s) in pairwise(cuts)]


def _sorted(waiting: tuple[list[pa.Table], list[pa.Table]]) -> Pair:
    vessels, reports = waiting
    return in_order(vessels, VESSELS), in_order(reports, REPORTS)


def _copy(rows: pa.Table) -> pa.Table:
    """Let go of the table that ``rows`` are a part of."""
    return rows.take(pa.array(np.arange(rows.num_rows)))


def _times(rows: pa.Table) -> _Times:
    times: _Times = rows["time_us"].cast(pa.int64()).to_numpy()
    return times
