"""All ships of a store: who they are by what they said, when each was heard, and where the whole lies.

What lies in files is read once; what is new is added whenever somebody asks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from seavigil.records import DAY_US, END_OF_DATA_US, NEVER_US, UNUSABLE_POSITION, Flag
from seavigil.runners.invented import EXERCISE_MID, EXERCISE_STATION
from seavigil.store.sightings import Piece, Sightings, again
from seavigil.tracks import StaticBook
from seavigil.vessel import Static

#: So far back ships are looked for and counted (own choice: a month, of which each day takes some tenths of a
#: second to read, once).
LOOKED_AT_US = 31 * DAY_US
#: A ship says who she is every six minutes (ITU-R M.1371-5, annex 1, 4.2.1): who was heard in the last day
#: has said it within two, or she does not say it.
_SAID_US = 2 * DAY_US
#: Rows of static data looked at together (own choice: some 20 MB).
_AT_ONCE = 100_000
_MMSIS_OF_A_MID = 1_000_000
_LEFT_OUT = int(Flag.NOT_A_SHIP | Flag.WRONG_CLOCK)
Ship = tuple[int, int]


@dataclass(frozen=True)
class Heard:
    """One ship as she was heard: from when to when, in how many reports."""

    mmsi: int
    part: int
    first_us: int
    last_us: int
    reports: int


@dataclass(frozen=True)
class Extent:
    """What a store holds: times of the first and last report, reports and ships, where they were."""

    first_us: int | None
    last_us: int | None
    reports: int
    ships: int
    bounds_deg: tuple[float, float, float, float] | None
    exercise: bool


class ShipsSeen:
    """Static data and times of all ships of one store; may be asked from any thread."""

    def __init__(self, sightings: Sightings) -> None:
        self._sightings = sightings
        self._book, self._lock = StaticBook(), threading.RLock()
        self._read: set[Path] = set()
        self._fresh = (NEVER_US, 0)
        self._musters: dict[Path, pl.DataFrame] = {}

    def known(self, ships: Iterable[Ship], at_us: int) -> list[Static]:
        """Give what each ship (MMSI, part) had said of herself by a time.

        Looked for in the two days before it, and in all that was read for other questions. Of the second ship
        under a number nothing: whose data those are that come under it is not known.
        """
        return self.known_then((ship, at_us) for ship in ships)

    def known_then(self, asked: Iterable[tuple[Ship, int]]) -> list[Static]:
        """Give what each ship had said by a time of its own, as `known` does."""
        every = list(asked)
        times_us = [at_us for _, at_us in every]
        if not every:
            return []
        self._take(max(min(times_us) - _SAID_US, NEVER_US), max(times_us))
        with self._lock:
            return [Static(mmsi) if part else self._book.known(mmsi, at) for (mmsi, part), at in every]

    def history(self, mmsi: int, fields: Sequence[str], until_us: int) -> dict[str, list[tuple[int, Any]]]:
        """Give of each field when each of its values was first heard, oldest first, up to ``until_us``.

        Looked for in the month before, and kept nowhere: of all ships it would be hundreds of MB.
        """
        book = StaticBook()
        from_us = min(until_us, self._newest_us(self._pieces())) - LOOKED_AT_US
        book.add(self._sightings.vessels(max(from_us, NEVER_US), until_us, mmsi=mmsi).to_arrow())
        return {name: book.changes(mmsi, name, until_us) for name in fields}

    def changes(self, mmsi: int, field: str, until_us: int) -> list[tuple[int, Any]]:
        """Give when each value of a field was first heard, oldest first, up to ``until_us``."""
        return self.history(mmsi, (field,), until_us)[field]

    def warm(self) -> None:
        """Read what lies there of the last month, so that nobody has to wait for it later."""
        self._take(max(self._newest_us(self._pieces()) - LOOKED_AT_US, NEVER_US), END_OF_DATA_US)
        self.heard()

    def heard(self, *, mmsi: int | None = None, until_us: int = END_OF_DATA_US) -> list[Heard]:
        """Give the ships heard in the last month, all or those under one MMSI, in order of number.

        A file whose times reach beyond ``until_us`` is looked at again up to there.
        """
        rows = again(lambda: _together(self._muster(until_us, mmsi)))
        return [Heard(*row) for row in rows.select("mmsi", "vessel_part", *_TIMES).iter_rows()]

    def extent(self, since_us: int = NEVER_US) -> Extent:
        """Give what the store holds; positions and ships of pieces that reach beyond ``since_us``."""
        return again(lambda: self._extent(since_us))

    def _extent(self, since_us: int) -> Extent:
        pieces = [one for one in self._pieces() if one.rows]
        lately = [one for one in pieces if one.last_us >= since_us] or pieces
        found = pl.concat([self._of(one) for one in lately]) if lately else pl.DataFrame()
        if not found.height:
            return Extent(None, None, 0, 0, None, exercise=False)
        earliest = next(one for one in sorted(pieces, key=lambda one: one.first_us) if self._of(one).height)
        ends = self._of(earliest)["first_us"].min(), found["first_us"].min(), found["last_us"].max()
        return Extent(
            min(int(ends[0]), int(ends[1])),  # type: ignore[arg-type]
            int(ends[2]),  # type: ignore[arg-type]
            sum(one.rows for one in pieces),
            found.select(_SHIP).n_unique(),
            _bounds(found),
            exercise=bool(found["exercise"].any()),
        )

    def _muster(self, until_us: int, mmsi: int | None) -> list[pl.DataFrame]:
        pieces = [one for one in self._pieces() if one.rows and one.first_us <= until_us]
        from_us = self._newest_us(pieces) - LOOKED_AT_US
        pieces = [one for one in pieces if one.last_us >= from_us]
        found = [self._of(one) if one.last_us <= until_us else _cut(one, until_us, mmsi) for one in pieces]
        return found if mmsi is None else [one.filter(pl.col("mmsi") == mmsi) for one in found]

    def _newest_us(self, pieces: list[Piece]) -> int:
        """Give when a ship was heard last; times of wrong clocks, far ahead, are none."""
        for piece in sorted(pieces, key=lambda one: one.last_us, reverse=True):
            if (found := self._of(piece)).height:
                return int(found["last_us"].max())  # type: ignore[arg-type]
        return 0

    def _pieces(self) -> list[Piece]:
        """Give all pieces of reports; what was counted of files that are no more is let go of."""
        pieces = self._sightings.pieces("reports")
        with self._lock:
            for gone in self._musters.keys() - {one.path for one in pieces}:
                del self._musters[gone]
        return pieces

    def _of(self, piece: Piece) -> pl.DataFrame:
        """Give the ships of one piece; of a file it is kept."""
        if piece.path is None:
            return _counted(piece.frame())
        with self._lock:
            known = self._musters.get(piece.path)
        if known is None:
            known = _counted(piece.frame())
            with self._lock:
                self._musters[piece.path] = known
        return known

    def _take(self, from_us: int, to_us: int) -> None:
        """Add static data of a stretch of time that was not read before; nobody waits for another's file."""
        self._take_unwritten()
        again(lambda: self._take_files(from_us, to_us))

    def _take_unwritten(self) -> None:
        with self._lock:
            from_seq, tables = self._sightings.unwritten("vessels")
            if from_seq != self._fresh[0]:  # what was in memory is in files now, and is read from there
                self._fresh = (from_seq, 0)
            for table in tables[self._fresh[1] :]:
                self._book.add(table)
            self._fresh = (from_seq, len(tables))

    def _take_files(self, from_us: int, to_us: int) -> None:
        paths = [
            one.path for one in self._sightings.pieces("vessels", from_us, to_us) if one.path is not None
        ]
        for path in paths:
            if path not in self._read:
                with pq.ParquetFile(path) as file:  # as Python's objects a busy day would take hundreds of MB
                    for rows in file.iter_batches(_AT_ONCE):
                        with self._lock:
                            self._book.add(pa.Table.from_batches([rows]))
                with self._lock:
                    self._read.add(path)


_SHIP = ["mmsi", "vessel_part"]
_TIMES = ("first_us", "last_us", "reports")


def _counted(frame: pl.LazyFrame) -> pl.DataFrame:
    """Give for each ship of some rows when she was heard, how often, and the box of her sound positions."""
    sound = (pl.col("flags") & pl.lit(int(UNUSABLE_POSITION), pl.UInt32)) == 0
    time_us = pl.col("time_us").cast(pl.Int64)
    in_time = time_us.filter((pl.col("flags") & pl.lit(int(Flag.LATE), pl.UInt32)) == 0)
    lat, lon = pl.col("lat_deg").filter(sound), pl.col("lon_deg").filter(sound)
    invented = pl.col("station").str.starts_with(EXERCISE_STATION).any() | (
        pl.col("mmsi").first() // _MMSIS_OF_A_MID == EXERCISE_MID
    )
    ships = frame.filter((pl.col("flags") & pl.lit(_LEFT_OUT, pl.UInt32)) == 0)
    return (
        ships.group_by(_SHIP)
        .agg(
            pl.coalesce(in_time.min(), time_us.min()).alias("first_us"),
            pl.coalesce(in_time.max(), time_us.max()).alias("last_us"),
            pl.len().cast(pl.Int64).alias("reports"),
            lon.min().alias("west"),
            lat.min().alias("south"),
            lon.max().alias("east"),
            lat.max().alias("north"),
            invented.fill_null(False).alias("exercise"),
        )
        .collect()
    )


def _cut(piece: Piece, until_us: int, mmsi: int | None) -> pl.DataFrame:
    frame = piece.frame().filter(pl.col("time_us").cast(pl.Int64) <= until_us)
    return _counted(frame if mmsi is None else frame.filter(pl.col("mmsi") == mmsi))


def _together(musters: list[pl.DataFrame]) -> pl.DataFrame:
    if not musters:
        return pl.DataFrame(schema=dict.fromkeys((*_SHIP, *_TIMES), pl.Int64))
    times = (pl.col("first_us").min(), pl.col("last_us").max(), pl.col("reports").sum())
    return pl.concat(musters).group_by(_SHIP).agg(*times).sort(_SHIP)


def _bounds(found: pl.DataFrame) -> tuple[float, float, float, float] | None:
    edges = (pl.col("west").min(), pl.col("south").min(), pl.col("east").max(), pl.col("north").max())
    west, south, east, north = found.select(*edges).row(0)
    return None if west is None else (round(west, 5), round(south, 5), round(east, 5), round(north, 5))
