"""All ships of a store: who they are by what they said, when each was heard, and where the whole lies.

What lies in files is read once; what is new is added whenever somebody asks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from seavigil.records import DAY_US, END_OF_DATA_US, NEVER_US, UNUSABLE_POSITION, Flag
from seavigil.runners.invented import EXERCISE_MID, EXERCISE_STATION
from seavigil.store.sightings import Piece, Sightings, again
from seavigil.tracks import StaticBook
from seavigil.vessel import Static

#: So far back ships are looked for and counted (own choice: a month, of which each day takes some tenths of a
#: second to read, once).
LOOKED_AT_US = 31 * DAY_US
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

        Of the second ship under a number nothing: whose data those are that come under it is not known.
        """
        with self._lock:
            self._take_new()
            return [Static(mmsi) if part else self._book.known(mmsi, at_us) for mmsi, part in ships]

    def book(self) -> StaticBook:
        """Give the static data of all ships, with what is newest."""
        with self._lock:
            self._take_new()
            return self._book

    def changes(self, mmsi: int, field: str, until_us: int) -> list[tuple[int, Any]]:
        """Give when each value of a field was first heard, oldest first, up to ``until_us``."""
        with self._lock:
            self._take_new()
            return self._book.changes(mmsi, field, until_us)

    def heard(self, *, mmsi: int | None = None, until_us: int = END_OF_DATA_US) -> list[Heard]:
        """Give the ships heard in the last month, all or those under one MMSI, in order of number.

        A file whose times reach beyond ``until_us`` is looked at again up to there.
        """
        rows = _together(self._muster(until_us, mmsi))
        return [Heard(*row) for row in rows.select("mmsi", "vessel_part", *_TIMES).iter_rows()]

    def extent(self, since_us: int = NEVER_US) -> Extent:
        """Give what the store holds; positions and ships of pieces that reach beyond ``since_us``."""
        pieces = self._sightings.pieces("reports")
        if not any(one.rows for one in pieces):
            return Extent(None, None, 0, 0, None, exercise=False)
        counted = sum(one.rows for one in pieces)
        lately = [self._of(one) for one in pieces if one.rows and one.last_us >= since_us]
        found = pl.concat(lately)
        ends = found.select(pl.col("first_us").min(), pl.col("last_us").max()).row(0)
        first_us = min(one.first_us for one in pieces if one.rows)
        return Extent(
            min(first_us, ends[0]) if ends[0] is not None else None,
            ends[1],
            counted,
            found.select("mmsi", "vessel_part").n_unique(),
            _bounds(found),
            exercise=bool(found["exercise"].any()),
        )

    def _muster(self, until_us: int, mmsi: int | None) -> list[pl.DataFrame]:
        pieces = [one for one in self._sightings.pieces("reports", NEVER_US, until_us) if one.rows]
        newest_us = max((one.last_us for one in pieces), default=0)
        pieces = [one for one in pieces if one.last_us >= newest_us - LOOKED_AT_US]
        found = [self._of(one) if one.last_us <= until_us else _cut(one, until_us, mmsi) for one in pieces]
        return found if mmsi is None else [one.filter(pl.col("mmsi") == mmsi) for one in found]

    def _of(self, piece: Piece) -> pl.DataFrame:
        """Give the ships of one piece; of a file it is kept."""
        if piece.path is None:
            return _counted(piece.frame())
        with self._lock:
            known = self._musters.get(piece.path)
        if known is None:
            known = again(lambda: _counted(piece.frame()))
            with self._lock:
                self._musters[piece.path] = known
        return known

    def _take_new(self) -> None:
        """Add static data that came since the last time."""
        from_seq, tables = self._sightings.unwritten("vessels")
        if from_seq != self._fresh[0]:  # what was in memory is in files now, and is read from there
            self._fresh = (from_seq, 0)
        for table in tables[self._fresh[1] :]:
            self._book.add(table)
        self._fresh = (from_seq, len(tables))
        for piece in self._sightings.pieces("vessels"):
            if piece.path is not None and piece.path not in self._read:
                self._book.add(again(lambda path=piece.path: pq.read_table(path, partitioning=None)))  # type: ignore[misc]
                self._read.add(piece.path)


_SHIP = ["mmsi", "vessel_part"]
_TIMES = ("first_us", "last_us", "reports")


def _counted(frame: pl.LazyFrame) -> pl.DataFrame:
    """Give for each ship of some rows when she was heard, how often, and the box of her sound positions."""
    sound = (pl.col("flags") & pl.lit(int(UNUSABLE_POSITION), pl.UInt32)) == 0
    time_us = pl.col("time_us").cast(pl.Int64)
    lat, lon = pl.col("lat_deg").filter(sound), pl.col("lon_deg").filter(sound)
    invented = pl.col("station").str.starts_with(EXERCISE_STATION).any() | (
        pl.col("mmsi").first() // _MMSIS_OF_A_MID == EXERCISE_MID
    )
    ships = frame.filter((pl.col("flags") & pl.lit(_LEFT_OUT, pl.UInt32)) == 0)
    return (
        ships.group_by(_SHIP)
        .agg(
            time_us.min().alias("first_us"),
            time_us.max().alias("last_us"),
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
    return again(lambda: _counted(frame if mmsi is None else frame.filter(pl.col("mmsi") == mmsi)))


def _together(musters: list[pl.DataFrame]) -> pl.DataFrame:
    if not musters:
        return pl.DataFrame(schema=dict.fromkeys((*_SHIP, *_TIMES), pl.Int64))
    times = (pl.col("first_us").min(), pl.col("last_us").max(), pl.col("reports").sum())
    return pl.concat(musters).group_by(_SHIP).agg(*times).sort(_SHIP)


def _bounds(found: pl.DataFrame) -> tuple[float, float, float, float] | None:
    edges = (pl.col("west").min(), pl.col("south").min(), pl.col("east").max(), pl.col("north").max())
    west, south, east, north = found.select(*edges).row(0)
    return None if west is None else (round(west, 5), round(south, 5), round(east, 5), round(north, 5))
