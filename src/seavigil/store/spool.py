"""Puts recordings of any size and order into data-time order: a merge sort on disk (Knuth, TAOCP 3, 5.4)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from seavigil.records import Decoded
from seavigil.store.disk import named
from seavigil.store.merging import SCHEMAS, Pair, Run, batches, in_order, merge

#: Rows held in memory before they go to disk: about 400 MB of reports.
MEMORY_ROWS = 2_000_000
#: Rows in a piece that is handed out.
PIECE_ROWS = 250_000
#: Rows in a batch on disk, of which one is held for each run that is merged: fewer in little memory,
#: but so many that a batch costs less than its rows.
BATCH_ROWS, LEAST_BATCH_ROWS = 50_000, 2_000
#: Runs merged at once; where there are more, some are merged into longer ones first.
MERGED_RUNS = 32

_COMPRESSION = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=1))


class Spool:
    """Takes decoded rows in any order and gives them back in order of data time and report id.

    Memory holds about ``memory_rows`` rows and one piece, however the times are scattered; the rest
    lies as sorted runs in a temporary folder, gone when the spool is closed. Raises ``OSError``
    when that folder cannot be written.
    """

    def __init__(self, folder: Path | None = None, memory_rows: int = MEMORY_ROWS) -> None:
        self._folder = folder or Path(tempfile.gettempdir())
        self._memory_rows = memory_rows
        self._batch_rows = min(BATCH_ROWS, max(LEAST_BATCH_ROWS, memory_rows // (2 * MERGED_RUNS)))
        self._disk: tempfile.TemporaryDirectory[str] | None = None
        self._held: tuple[list[pa.Table], list[pa.Table]] = ([], [])
        self._held_rows = 0
        self._runs: list[Path] = []
        self._numbers = count()
        self._rows = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held = ([], [])
        if self._disk is not None:
            self._disk.cleanup()

    @property
    def rows(self) -> int:
        """How many rows were taken, reports and static data together."""
        return self._rows

    def add(self, decoded: Decoded) -> None:
        """Take reports and static data; rejects and counts are the caller's."""
        for held, table in zip(self._held, (decoded.vessels, decoded.reports), strict=True):
            if table.num_rows:
                held.append(table)
                self._held_rows += table.num_rows
                self._rows += table.num_rows
        if self._held_rows > self._memory_rows:
            self._flush()

    def pieces(self) -> Iterator[Decoded]:
        """Give all rows once, in order of time, in pieces of ``PIECE_ROWS``; static data before reports.

        Static data come in the same piece as the reports of their time or in an earlier one. The
        pieces are the same for every ``memory_rows`` and every order in which rows were added,
        except that rows equal in time and report id keep the order in which they came.
        """
        if self._runs and self._held_rows:
            self._flush()
        self._merge_surplus()
        yield from (Decoded(pair[1], pair[0]) for pair in self._merged())

    def _merged(self) -> Iterator[Pair]:
        if not self._runs:
            vessels, reports = (batches(table, BATCH_ROWS) for table in self._sorted_held())
            yield from merge([(vessels, reports)], PIECE_ROWS)
            return
        with _opened(self._runs) as runs:
            yield from merge(runs, PIECE_ROWS)

    def _sorted_held(self) -> Pair:
        held, self._held, self._held_rows = self._held, ([], []), 0
        vessels, reports = (in_order(tables, schema) for tables, schema in zip(held, SCHEMAS, strict=True))
        return vessels, reports

    def _flush(self) -> None:
        self._runs.append(self._write([self._sorted_held()]))

    def _merge_surplus(self) -> None:
        """Merge neighbouring runs, the oldest first, until all can be merged at once."""
        at = 0
        while (surplus := len(self._runs) - MERGED_RUNS) > 0:
            some = self._runs[at : at + min(MERGED_RUNS, surplus + 1)]
            with _opened(some) as runs:
                self._runs[at : at + len(some)] = [self._write(merge(runs, self._batch_rows))]
            for path in (p for run in some for p in _paths(run)):
                path.unlink()
            at = at + 1 if len(self._runs) - at > MERGED_RUNS else 0

    def _write(self, pairs: Iterable[Pair]) -> Path:
        """Write one sorted run; gives the path that its two files begin with."""
        with named(self._folder), ExitStack() as stack:
            if self._disk is None:
                self._disk = tempfile.TemporaryDirectory(prefix=".seavigil-spool-", dir=self._folder)
            run = Path(self._disk.name) / str(next(self._numbers))
            writers = []
            for path, schema in zip(_paths(run), SCHEMAS, strict=True):
                file = stack.enter_context(pa.OSFile(str(path), "wb"))
                writers.append(stack.enter_context(pa.ipc.new_stream(file, schema, options=_COMPRESSION)))
            for pair in pairs:
                for writer, table in zip(writers, pair, strict=True):
                    for batch in batches(table, self._batch_rows):
                        writer.write_table(batch)
        return run


def _paths(run: Path) -> tuple[Path, Path]:
    return run.with_suffix(".vessels"), run.with_suffix(".reports")


@contextmanager
def _opened(runs: Iterable[Path]) -> Iterator[list[Run]]:
    """Open sorted runs, to be read while the context lasts."""
    with ExitStack() as stack:
        opened: list[Run] = []
        for run in runs:
            vessels, reports = (_read(stack.enter_context(pa.OSFile(str(p), "rb"))) for p in _paths(run))
            opened.append((vessels, reports))
        yield opened


def _read(file: pa.OSFile) -> Iterator[pa.Table]:
    for batch in pa.ipc.open_stream(file):
        yield pa.Table.from_batches([batch])
