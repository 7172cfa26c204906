"""Where ships were seen and what they said: rows of the day files and those not written yet.

Who reads takes no lock: a part may go while it is read, when a day's parts become one, and is read again.
Times are given and taken as int64 microseconds UTC; both ends of a stretch belong to it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from seavigil.records import END_OF_DATA_US, NEVER_US, UNUSABLE_POSITION, Flag
from seavigil.store.days import TABLES, DayFiles, Part

T = TypeVar("T")

#: So often what went while it was read is read again: each time some other day has become one part.
_TRIES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_NOT_A_TRACK = int(Flag.NOT_A_SHIP)


@dataclass(frozen=True)
class Unwritten:
    """Rows that are in no file yet, by table: what records of the log from ``from_seq`` on led to."""

    from_seq: int = 0
    tables: Mapping[str, Sequence[pa.Table]] = field(default_factory=dict)


@runtime_checkable
class Fresh(Protocol):
    """A watch that keeps its newest rows in memory before it writes them."""

    def unwritten(self) -> Unwritten:
        """Give the rows that are in no file yet; called from any thread."""


@dataclass(frozen=True)
class Box:
    """A part of the sea in degrees; ``west_deg`` above ``east_deg`` goes over the antimeridian."""

    west_deg: float
    south_deg: float
    east_deg: float
    north_deg: float


@dataclass(frozen=True)
class Piece:
    """Rows that lie together: a file, or what is in no file yet (``path`` None)."""

    path: Path | None
    rows: int
    first_us: int
    last_us: int
    frame: Callable[[], pl.LazyFrame]


class Sightings:
    """The rows of one store, read; may be asked from any thread."""

    def __init__(self, days: DayFiles, fresh: Fresh | None = None) -> None:
        self._days, self._fresh = days, fresh
        self._spans: dict[Path, tuple[int, int, int]] = {}
        self._lock = threading.Lock()

    def pieces(self, name: str, from_us: int = NEVER_US, to_us: int = END_OF_DATA_US) -> list[Piece]:
        """Give what may hold rows of a table in a stretch of time, in order of the log."""
        found = again(lambda: self._pieces(name))
        return [one for one in found if one.first_us <= to_us and one.last_us >= from_us]

    def unwritten(self, name: str) -> tuple[int, Sequence[pa.Table]]:
        """Give what is in no file yet as it came, and the record of the log from which on it is."""
        fresh = self._fresh.unwritten() if self._fresh is not None else Unwritten()
        return fresh.from_seq, fresh.tables.get(name, ())

    def first_us(self) -> int:
        """Give when the first report was heard; ``END_OF_DATA_US`` where there is none."""
        return min((one.first_us for one in self.pieces("reports") if one.rows), default=END_OF_DATA_US)

    def _pieces(self, name: str) -> list[Piece]:
        fresh = self._fresh.unwritten() if self._fresh is not None else Unwritten()  # first: none is missed
        written = [p for p in self._days.parts(name) if not fresh.tables or p.first_seq < fresh.from_seq]
        found = [self._of_file(part) for part in written]
        self._let_go(name, {part.path for part in written})
        rows = [table for table in fresh.tables.get(name, ()) if table.num_rows]
        return [*found, _of_memory(pa.concat_tables(rows))] if rows else found

    def reports(
        self,
        from_us: int,
        to_us: int,
        *,
        ship: tuple[int, int | None] | None = None,
        box: Box | None = None,
        columns: Sequence[str] | None = None,
        sound: bool = True,
        each: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None,
    ) -> pl.DataFrame:
        """Give reports (TRACKED) in order of time; of ``ship`` (MMSI, part; part None: all under it) alone.

        ``sound``: only those with a position that may be used; else all but base stations and their like.
        """
        asked = [_flags_without(int(UNUSABLE_POSITION) if sound else _NOT_A_TRACK)]
        if box is not None:
            asked.append(within(box))
        if ship is not None:
            asked.append(pl.col("mmsi") == ship[0])
            if ship[1] is not None:
                asked.append(pl.col("vessel_part") == ship[1])
        return self.rows("reports", from_us, to_us, asked, columns, each)

    def vessels(self, from_us: int, to_us: int, *, mmsi: int | None = None) -> pl.DataFrame:
        """Give static data (VESSELS) in order of time."""
        asked = [] if mmsi is None else [pl.col("mmsi") == mmsi]
        return self.rows("vessels", from_us, to_us, asked)

    def rows(
        self,
        name: str,
        from_us: int,
        to_us: int,
        asked: Sequence[pl.Expr] = (),
        columns: Sequence[str] | None = None,
        each: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None,
    ) -> pl.DataFrame:
        """Give rows of a table that are as asked, in order of time; ``time_us`` is an int64.

        ``each``: what is done with rows of files, and with those in none yet, before they are put together.
        """
        names = [n for n in TABLES[name].names if columns is None or n in columns or n == "time_us"]
        times = pl.col("time_us").is_between(moment(from_us), moment(to_us))

        def read() -> pl.DataFrame:
            every = _frames(self.pieces(name, from_us, to_us))
            frames = [frame.filter(times, *asked).select(names) for frame in every]
            frames = frames if each is None else [each(frame) for frame in frames]
            rows = [frame.collect() for frame in frames] or [_nothing(name).select(names)]
            found = pl.concat(rows).with_columns(pl.col("time_us").cast(pl.Int64))
            return found.sort("time_us", maintain_order=True)

        return again(read)

    def _let_go(self, name: str, there: set[Path]) -> None:
        """Forget what was known of files that are no more."""
        with self._lock:
            for path in [p for p in self._spans if p.parts[-3] == name and p not in there]:
                del self._spans[path]

    def _of_file(self, part: Part) -> Piece:
        with self._lock:
            known = self._spans.get(part.path)
        if known is None:
            known = _span(part.path)
            with self._lock:
                self._spans[part.path] = known
        return Piece(part.path, *known, lambda: pl.scan_parquet(part.path, hive_partitioning=False))


def _frames(pieces: Sequence[Piece]) -> list[pl.LazyFrame]:
    """Give all files as one, for that is read much faster, and what is in no file yet."""
    paths = [one.path for one in pieces if one.path is not None]
    memory = [one.frame() for one in pieces if one.path is None]
    return ([pl.scan_parquet(paths, hive_partitioning=False)] if paths else []) + memory


def again(read: Callable[[], T]) -> T:
    """Read; where a file has gone meanwhile, read again. Raises ``OSError`` where it goes again and again."""
    for _ in range(_TRIES - 1):
        try:
            return read()
        except FileNotFoundError:
            continue
    return read()


def moment(time_us: int) -> datetime:
    """Give a time as the files' columns are compared with; what is beyond every calendar is its end."""
    try:
        return min(max(_EPOCH + timedelta(microseconds=time_us), _FIRST), _LAST)
    except OverflowError:
        return _FIRST if time_us < 0 else _LAST


def within(box: Box) -> pl.Expr:
    """Tell which rows lie in a part of the sea."""
    lat, lon = pl.col("lat_deg"), pl.col("lon_deg")
    high = lat.is_between(box.south_deg, box.north_deg)
    if box.west_deg <= box.east_deg:
        return high & lon.is_between(box.west_deg, box.east_deg)
    return high & ((lon >= box.west_deg) | (lon <= box.east_deg))


def _flags_without(flags: int) -> pl.Expr:
    return (pl.col("flags") & pl.lit(flags, pl.UInt32)) == 0


def _nothing(name: str) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(TABLES[name].empty_table()))


def _of_memory(rows: pa.Table) -> Piece:
    time_us = rows["time_us"].cast(pa.int64()).to_numpy()
    frame = pl.DataFrame(pl.from_arrow(rows))
    return Piece(None, rows.num_rows, int(time_us.min()), int(time_us.max()), frame.lazy)


def _span(path: Path) -> tuple[int, int, int]:
    """Give how many rows a file has, and from when to when, by its own statistics."""
    about = pq.read_metadata(path)
    at = about.schema.names.index("time_us")
    ends = []
    for group in range(about.num_row_groups):
        found = about.row_group(group)
        stats = found.column(at).statistics
        if found.num_rows and (stats is None or not stats.has_min_max):
            return about.num_rows, NEVER_US, END_OF_DATA_US
        if found.num_rows:
            ends += [stats.min_raw, stats.max_raw]
    return (about.num_rows, min(ends), max(ends)) if ends else (0, END_OF_DATA_US, NEVER_US)
