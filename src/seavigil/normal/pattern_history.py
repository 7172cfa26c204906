"""History as tables that add up: what one UTC day's log taught, and days put together.

What is counted once however often it is learned is kept as a set (ship and day; ship, day and cell; ship,
day and stop), with a bitmap of the bins of each ship and day already taken in: the same reports learned
again add nothing. Everything is a whole number, so that the order of learning leaves no trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seavigil.normal.log import Log
from seavigil.normal.own import UNDER_WAY_KN
from seavigil.normal.pattern import (
    CLASSES,
    COURSE_STEPS,
    HOURS,
    SPEED_STEPS,
    Pattern,
    Tally,
    cell_of,
    sector,
    speed_step,
)
from seavigil.normal.pattern_day import own_speed_kn, stops
from seavigil.records import DAY_US, HOUR_US

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]

#: A day has 288 bins of 5 min: five words of 64 bits.
BIN_US = 300_000_000
WORDS = 5
#: More than there are numbers of ships (see ``normal.log.ship_key``).
_SHIPS = 1 << 40
_BITS = tuple(f"bins{i}" for i in range(WORDS))
#: Below this share of her own speed a ship has slowed. Own choice: more than wind and a turn take from a
#: ship on passage, less than she takes off for a pilot.
SLOWED_BELOW = 0.8

#: The tables: columns of the key, then what is kept of it and how two rows of one key become one.
HELD = {"day": pl.Int32, "ship": pl.Int64, "ship_class": pl.UInt8, **dict.fromkeys(_BITS, pl.UInt64)}
VISITS = {"day": pl.Int32, "ship": pl.Int64, "cell": pl.Int64, "judged": pl.Boolean, "slowed": pl.Boolean}
STOPS = {"day": pl.Int32, "ship": pl.Int64, "fine_cell": pl.Int64, "anchored": pl.Boolean}
SPEEDS = {"cell": pl.Int64, "ship_class": pl.UInt8, "half_kn": pl.UInt8, "ship_bins": pl.Int64}
COURSES = {"cell": pl.Int64, "ship_class": pl.UInt8, "sector": pl.UInt8, "ship_bins": pl.Int64}
RECEPTION = {"cell": pl.Int64, "hour": pl.UInt8, "ship_bins": pl.Int64, "reports": pl.Int64}
SCHEMAS: Mapping[str, Mapping[str, type[pl.DataType]]] = {
    "held": HELD,
    "visits": VISITS,
    "stops": STOPS,
    "speeds": SPEEDS,
    "courses": COURSES,
    "reception": RECEPTION,
}
_KEYS = ("day", "ship", "cell", "fine_cell", "half_kn", "sector", "hour")


def _none(name: str) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(SCHEMAS[name]))


@dataclass(frozen=True, eq=False)
class History:
    """Tables by name, see SCHEMAS; each key once, in order of the keys."""

    held: pl.DataFrame = field(default_factory=lambda: _none("held"))
    visits: pl.DataFrame = field(default_factory=lambda: _none("visits"))
    stops: pl.DataFrame = field(default_factory=lambda: _none("stops"))
    speeds: pl.DataFrame = field(default_factory=lambda: _none("speeds"))
    courses: pl.DataFrame = field(default_factory=lambda: _none("courses"))
    reception: pl.DataFrame = field(default_factory=lambda: _none("reception"))

    def tables(self) -> dict[str, pl.DataFrame]:
        """Give the tables by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def equals(self, other: History) -> bool:
        """Say whether both hold the same."""
        return all(table.equals(other.tables()[name]) for name, table in self.tables().items())

    @property
    def ship_days(self) -> float:
        """Give for how many days of 24 hours ships were heard, summed over the ships."""
        return int(self.reception["ship_bins"].sum()) * BIN_US / DAY_US

    def new_rows(self, log: Log) -> NDArray[np.bool_]:
        """Tell the rows of a log whose ship and bin are not held yet."""
        day, at = log.start_us // DAY_US, (log.start_us % DAY_US) // BIN_US
        if not self.held.height:
            return np.ones(len(log), dtype=bool)
        known = _ints(self.held, "day") * _SHIPS + _ints(self.held, "ship")  # in order, as the table is
        wanted = day * _SHIPS + log.ship
        row = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        word = np.stack([self.held[name].to_numpy() for name in _BITS])[at // 64, row]
        taken = (word >> (at % 64).astype(np.uint64)) & np.uint64(1)
        return np.asarray((known[row] != wanted) | (taken == 0))

    def pattern(self) -> Pattern:
        """Give what is looked up of it."""
        ship_class = self.held.select("day", "ship", "ship_class")
        visits = self.visits.join(ship_class, on=["day", "ship"], how="left")
        cell, of_class = _ints(visits, "cell"), _ints(visits, "ship_class")
        judged, slowed = (visits[name].to_numpy() for name in ("judged", "slowed"))
        fine, anchored = _ints(self.stops, "fine_cell"), self.stops["anchored"].to_numpy()
        speed_key = _classed(self.speeds) * SPEED_STEPS + _ints(self.speeds, "half_kn")
        course_key = _classed(self.courses) * COURSE_STEPS + _ints(self.courses, "sector")
        hour_key = _ints(self.reception, "cell") * HOURS + _ints(self.reception, "hour")
        return Pattern(
            days=self.held["day"].n_unique(),
            ship_days=self.ship_days,
            speeds=Tally.of(speed_key, _ints(self.speeds, "ship_bins")),
            courses=Tally.of(course_key, _ints(self.courses, "ship_bins")),
            visits=_count(cell * CLASSES + of_class),
            class_visits=_count(of_class),
            judged=_count(cell[judged]),
            slowed=_count(cell[slowed]),
            heard=Tally.of(hour_key, _ints(self.reception, "ship_bins")),
            reports=Tally.of(hour_key, _ints(self.reception, "reports")),
            anchored=_count(fine[anchored]),
            stopped=_count(fine),
        )


def _ints(table: pl.DataFrame, name: str) -> I64:
    return table[name].cast(pl.Int64).to_numpy()


def _classed(table: pl.DataFrame) -> I64:
    return np.asarray(_ints(table, "cell") * CLASSES + _ints(table, "ship_class"))


def _count(keys: I64) -> Tally:
    return Tally.of(keys, np.ones(len(keys), dtype=np.int64))


def together(parts: Sequence[History]) -> History:
    """Put histories together; those of one key become one row."""
    return History(**{name: _merged(name, [p.tables()[name] for p in parts]) for name in SCHEMAS})


def _merged(name: str, tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Sum counts, join bits, and let true win over false, by key; a class once known stays known."""
    columns = [c for c in SCHEMAS[name] if c in _KEYS or (c == "ship_class" and name != "held")]
    kept = [c for c in SCHEMAS[name] if c not in columns]
    rows = pl.concat([_none(name), *tables])
    joined = rows.group_by(columns).agg(_one(c) for c in kept)
    return joined.select(list(SCHEMAS[name])).sort(columns)


def _one(column: str) -> pl.Expr:
    if column in _BITS:
        return pl.col(column).bitwise_or()
    return pl.col(column).sum() if column in ("ship_bins", "reports") else pl.col(column).max()


def learn(log: Log, ship_class: I64, held: History | None = None) -> History:
    """Give what a log taught: rows of ships and bins not in ``held``.

    ``log``: of whole UTC days, bins of BIN_US. ``ship_class``: ShipClass, one for each row.
    """
    own_kn = own_speed_kn(log)
    keep = np.ones(len(log), dtype=bool) if held is None else held.new_rows(log)
    rows, of_class, own_kn = log.rows(keep), ship_class[keep], own_kn[keep]
    day = (rows.start_us // DAY_US).astype(np.int64)
    cell = cell_of(rows.lat_deg, rows.lon_deg)
    judged = np.isfinite(own_kn) & np.isfinite(rows.sog_kn)
    slowed = judged & (rows.sog_kn < SLOWED_BELOW * own_kn)
    one = np.ones(len(rows), dtype=np.int64)
    timed = np.isfinite(rows.sog_kn)
    turning = timed & (rows.sog_kn >= UNDER_WAY_KN) & np.isfinite(rows.cog_deg)
    hour = rows.start_us % DAY_US // HOUR_US
    return History(
        held=_table("held", day, rows.ship, of_class, *_bitmap(rows)),
        visits=_table("visits", day, rows.ship, cell, judged, slowed),
        stops=_table("stops", *stops(log)),
        speeds=_table("speeds", cell[timed], of_class[timed], speed_step(rows.sog_kn[timed]), one[timed]),
        courses=_table(
            "courses", cell[turning], of_class[turning], sector(rows.cog_deg[turning]), one[turning]
        ),
        reception=_table("reception", cell, hour, one, rows.reports),
    )


def _bitmap(log: Log) -> list[U64]:
    """Give, for each row, the words in which the bit of its bin alone is set."""
    at = (log.start_us % DAY_US) // BIN_US
    bit = np.uint64(1) << (at % 64).astype(np.uint64)
    return [np.where(at // 64 == word, bit, np.uint64(0)) for word in range(WORDS)]


def _table(name: str, *columns: NDArray[np.generic]) -> pl.DataFrame:
    schema = SCHEMAS[name]
    rows = pl.DataFrame(
        [pl.Series(c, np.asarray(v)).cast(kind) for (c, kind), v in zip(schema.items(), columns, strict=True)]
    )
    return _merged(name, [rows])
