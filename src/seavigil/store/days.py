"""Reports, static data and rejects as Parquet, a folder a day; parts are named by the log's records.

A part is whole or not there. Judging the log again writes the same parts in the same places; parts beyond a
checkpoint are taken away first, so that other cuts double nothing. Once a day is over its parts become one.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from seavigil.records import DAY_US, REJECTS, TRACKED, VESSELS
from seavigil.store.disk import named

#: The tables kept by day.
TABLES: Mapping[str, pa.Schema] = {"reports": TRACKED, "vessels": VESSELS, "rejects": REJECTS}

_DAY = re.compile(r"day=(\d{4}-\d{2}-\d{2})")
_PART = re.compile(r"part-(\d{12,})-(\d{12,})\.parquet")
_EPOCH = date(1970, 1, 1)
#: Rows copied at once when parts become one: own choice, about 100 MB of reports.
_ROWS_AT_ONCE = 500_000
#: Days that one part is spread over: own choice, so that a feed of nonsense times makes no heap of folders.
MOST_DAYS = 40


@dataclass(frozen=True, order=True)
class Part:
    """One file: rows of ``day`` that records ``first_seq`` to ``last_seq`` of the log led to."""

    day: date
    first_seq: int
    last_seq: int
    path: Path


class DayFiles:
    """The files of a folder: ``<table>/day=YYYY-MM-DD/part-<first>-<last>.parquet``. One process writes.

    Days are those of the rows' ``time_us``, UTC; rows without one go to the day that is given. Where one part
    holds more than ``MOST_DAYS`` days, rows of the others lie with the day that has most rows.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(
        self, name: str, table: pa.Table, first_seq: int, last_seq: int, wall_us: int | None = None
    ) -> list[Path]:
        """Write what records ``first_seq`` to ``last_seq`` led to; gives the files, one a day.

        A part written again replaces itself. ``wall_us`` says the day of rows that have no time of their
        own (rejects). On return the rows survive a power cut. Raises ``ValueError`` for a table that is
        not kept, or has other columns, ``OSError`` where it cannot be written; then nothing half stays.
        """
        if name not in TABLES:
            raise ValueError(f"{name}: no table kept by day; there are {', '.join(TABLES)}")
        if not table.schema.equals(TABLES[name]):
            raise ValueError(f"{name}: not the columns that are kept by day")
        written = []
        for day, rows in _by_day(table, wall_us):
            path = self._path(name, day, first_seq, last_seq)
            with named(path.parent):
                path.parent.mkdir(parents=True, exist_ok=True)
                _write_whole(path, rows)
                _sync_folder(path.parent.parent)
            written.append(path)
        return written

    def parts(self, name: str) -> list[Part]:
        """Give the parts of a table in order of day, then of the log; none that lies within another."""
        return _outermost(self._lying(name))

    def _lying(self, name: str) -> list[Part]:
        return sorted(_parts(self._folder / name))

    def read(self, name: str, first: date, last: date) -> pl.LazyFrame:
        """Give the rows of a table from one day to another, both included, in order of day and log."""
        paths = [p.path for p in self.parts(name) if first <= p.day <= last]
        empty = pl.from_arrow(TABLES[name].empty_table())
        assert isinstance(empty, pl.DataFrame)
        return pl.scan_parquet(paths, hive_partitioning=False) if paths else empty.lazy()

    def cut_back(self, seq: int) -> list[Path]:
        """Take away what came of records after ``seq``, to be written again; gives the files.

        Do it before judging goes on from a checkpoint at ``seq``. Raises ``ValueError`` where parts from
        before and after it have become one: go on from an earlier checkpoint then.
        """
        beyond = [p for name in TABLES for p in self._lying(name) if p.last_seq > seq]
        for part in beyond:
            if part.first_seq <= seq:
                raise ValueError(
                    f"{part.path}: holds records {part.first_seq} to {part.last_seq} as one;"
                    f" go on from a checkpoint before {part.first_seq}, not from {seq}"
                )
        for part in beyond:
            part.path.unlink()
        self._tidy()
        return [p.path for p in beyond]

    def compact(self, before: date, upto_seq: int) -> list[Path]:
        """Make one part of each day's parts, of days before ``before``; gives the new files.

        Only parts up to ``upto_seq``, a position that no checkpoint in use lies before. Interrupted at any
        moment, a later call finishes it; no row is lost or read twice meanwhile. Who reads a part at the
        very moment in which it goes is told that it is not there, and may read again.
        """
        self._tidy()
        made = []
        for name in TABLES:
            for day, parts in _days(self.parts(name)).items():
                done = [p for p in parts if p.last_seq <= upto_seq]
                if day < before and len(done) > 1:
                    made.append(self._put_together(name, done))
        return made

    def prune(self, before: date) -> dict[str, int]:
        """Take away the days before one; gives how many of each table."""
        gone = dict.fromkeys(TABLES, 0)
        for name in TABLES:
            for folder in _day_folders(self._folder / name):
                if _day_of(folder) < before:
                    shutil.rmtree(folder)
                    gone[name] += 1
        return gone

    def _put_together(self, name: str, parts: list[Part]) -> Path:
        path = self._path(name, parts[0].day, parts[0].first_seq, max(p.last_seq for p in parts))
        with named(path.parent):
            _write_whole(path, _rows_of(parts, TABLES[name]))
            for part in parts:
                if part.path != path:
                    part.path.unlink()
            _sync_folder(path.parent)
        return path

    def _path(self, name: str, day: date, first_seq: int, last_seq: int) -> Path:
        part = f"part-{first_seq:012d}-{last_seq:012d}.parquet"
        return self._folder / name / f"day={day.isoformat()}" / part

    def _tidy(self) -> None:
        """Finish what was interrupted: half files go, and parts that are whole within another."""
        for name in TABLES:
            for half in (self._folder / name).glob("day=*/.*.part"):
                half.unlink()
            for part in set(self._lying(name)) - set(self.parts(name)):
                part.path.unlink()


def _outermost(parts: Iterable[Part]) -> list[Part]:
    """Leave out parts that lie within another of their day: they were put together with it."""
    kept: list[Part] = []
    for part in sorted(parts, key=lambda p: (p.day, p.first_seq, -p.last_seq)):
        if not kept or part.day != kept[-1].day or part.last_seq > kept[-1].last_seq:
            kept.append(part)
    return kept


def _by_day(table: pa.Table, wall_us: int | None) -> Iterator[tuple[date, pa.Table]]:
    if not table.num_rows:
        return
    if "time_us" not in table.column_names:
        if wall_us is None:
            raise ValueError("rows without a time: say of which day they are (wall_us)")
        yield _EPOCH + timedelta(days=wall_us // DAY_US), table
        return
    days = table["time_us"].cast(pa.int64()).to_numpy() // DAY_US
    found, rows = np.unique(days, return_counts=True)
    kept = found[np.argsort(-rows, kind="stable")[:MOST_DAYS]]
    days = np.where(np.isin(days, kept), days, kept[0])
    for day in sorted(kept.tolist()):
        yield _EPOCH + timedelta(days=day), table.filter(pa.array(days == day))


def _write_whole(path: Path, rows: pa.Table | Iterator[pa.Table]) -> None:
    """Write a Parquet file that nobody sees half-written, also after a power cut."""
    half = path.with_name(f".{path.name}.part")
    tables = iter([rows]) if isinstance(rows, pa.Table) else rows
    first = next(tables)
    try:
        with pq.ParquetWriter(half, first.schema, compression="zstd") as writer:
            writer.write_table(first)
            for table in tables:
                writer.write_table(table)
        with half.open("rb") as file:
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _rows_of(parts: list[Part], schema: pa.Schema) -> Iterator[pa.Table]:
    yield schema.empty_table()
    for part in parts:
        with pq.ParquetFile(part.path) as file:
            for batch in file.iter_batches(_ROWS_AT_ONCE):
                yield pa.Table.from_batches([batch]).cast(schema)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _parts(folder: Path) -> Iterator[Part]:
    for day in _day_folders(folder):
        for path in day.iterdir():
            found = _PART.fullmatch(path.name)
            if found is not None:
                yield Part(_day_of(day), int(found[1]), int(found[2]), path)


def _day_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if _DAY.fullmatch(p.name) and p.is_dir())


def _day_of(folder: Path) -> date:
    return date.fromisoformat(folder.name.removeprefix("day="))


def _days(parts: list[Part]) -> dict[date, list[Part]]:
    days: dict[date, list[Part]] = {}
    for part in parts:
        days.setdefault(part.day, []).append(part)
    return days
