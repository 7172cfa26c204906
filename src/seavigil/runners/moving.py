"""Tracks as moving features: how one ship went on one day, in MF-JSON (OGC 19-045r3, clause 7.2).

Sound positions alone; every one of them, none thinned. Between two of them a line is a guess: the longest
silence stands beside it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from seavigil.normal.ship_kinds import ship_kind
from seavigil.records import DAY_US, SECOND_US, UNUSABLE_POSITION, rfc3339, vessel_id
from seavigil.runners.sea import Sea
from seavigil.runners.ships_seen import Ship
from seavigil.store.sightings import Piece, again, moment
from seavigil.vessel import Static

#: Loaded at once: own choice, some megabytes; and so many are passed over before those found are given.
_POINTS_AT_ONCE, _SHIPS_AT_ONCE, _PASSED_AT_ONCE = 25_000, 15, 500
#: Days whose ships are kept in mind (own choice: a page of a week turns fast).
_DAYS_KEPT = 8
#: Days that rows in no file yet are looked for in (`days.MOST_DAYS`).
_MOST_DAYS = 40
_EPOCH = date(1970, 1, 1)
_SHIP = ["mmsi", "vessel_part"]
_BOX = ("west", "south", "east", "north")
#: What is told of each report besides its place: unit by UN/CEFACT Recommendation 20, and what lies between.
_TOLD = {"sog_kn": ("KNT", "Linear"), "cog_deg": ("DD", "Discrete"), "heading_deg": ("DD", "Discrete")}
_COLUMNS = (*_SHIP, "time_us", "lat_deg", "lon_deg", *_TOLD)
Box = tuple[float, float, float, float]


@dataclass(frozen=True, order=True)
class Key:
    """One ship on one day; in this order tracks are told."""

    day: date
    mmsi: int
    part: int

    @property
    def ship(self) -> Ship:
        """The ship."""
        return self.mmsi, self.part

    @property
    def feature_id(self) -> str:
        """Its id: ``219165000@2013-11-12``."""
        return f"{vessel_id(self.mmsi, self.part)}@{self.day.isoformat()}"


@dataclass(frozen=True)
class Track:
    """One ship's day: its rows in order of time, each time once."""

    key: Key
    said: Static
    rows: pl.DataFrame
    geometry: BaseGeometry = field(compare=False)

    @property
    def properties(self) -> dict[str, Any]:
        """What is told of it as a whole."""
        time_us = self.rows["time_us"]
        return {
            **facts(self.key, self.said, time_us[0], time_us[-1]),
            "positions": len(time_us),
            "longest_gap_s": int(time_us.diff().max() or 0) / SECOND_US,  # type: ignore[arg-type]
        }

    def feature(self) -> dict[str, Any]:
        """Give it as MF-JSON, which is GeoJSON with more in it."""
        properties = self.properties
        times = _times(self.rows["time_us"])
        places = self.rows.select("lon_deg", "lat_deg").to_numpy().round(6).tolist()
        moving = {"type": "MovingPoint", "datetimes": times, "coordinates": places, "interpolation": "Linear"}
        return {
            "type": "Feature",
            "id": self.key.feature_id,
            "geometry": mapping(shapely.set_precision(self.geometry, 1e-6, mode="pointwise")),
            "properties": properties,
            "time": [properties["began"], properties["ended"]],
            "temporalGeometry": moving,
            "temporalProperties": [found for name in _TOLD if (found := self._measured(name, times))],
        }

    def _measured(self, name: str, times: Sequence[str]) -> dict[str, Any] | None:
        """Give one value by time, where it was told at all; a list of its own, for it knows no null."""
        values = self.rows[name]
        there = values.is_not_null()
        if not there.any():
            return None
        form, between = _TOLD[name]
        told = {"type": "Measure", "form": form, "values": values.filter(there).round(1).to_list()}
        at = times if there.all() else [times[i] for i in there.arg_true().to_list()]
        return {"datetimes": at, name: {**told, "interpolation": between}}


def facts(key: Key, said: Static, first_us: int, last_us: int) -> dict[str, Any]:
    """Give what is told of a track that can be said without its rows."""
    names = ("mmsi", "imo", "name", "callsign", "flag", "ship_type", "length_m", "destination")
    return {
        "vessel_id": vessel_id(*key.ship),
        **{name: getattr(said, name) for name in names},
        "ship_class": ship_kind(said.ship_type),
        "day": key.day.isoformat(),
        "began": rfc3339(first_us),
        "ended": rfc3339(last_us),
    }


@dataclass
class _Pending:
    """Ships of a day in their order, of which some are to be loaded (those with rows), at once."""

    keys: list[Key] = field(default_factory=list)
    wanted: dict[Ship, int] = field(default_factory=dict)

    def full(self, most: int) -> bool:
        """Tell whether it is enough."""
        points = sum(self.wanted.values())
        passed = len(self.keys) - len(self.wanted)
        return points >= _POINTS_AT_ONCE or len(self.wanted) >= most or passed >= _PASSED_AT_ONCE


class Tracks:
    """The tracks of one store, day by day; may be asked from any thread."""

    def __init__(self, sea: Sea) -> None:
        self._sea = sea
        self._musters: dict[tuple[date, tuple[Any, ...]], pl.DataFrame] = {}
        self._lock = threading.Lock()

    def days(self) -> list[date]:
        """Give the days of which there are reports, in order."""
        found: set[date] = set()
        for piece in self._sea.sightings.pieces("reports"):
            found |= _days_of(piece)
        return sorted(found)

    def walk(
        self,
        from_us: int,
        to_us: int,
        boxes: Sequence[Box] = (),
        after: Key | None = None,
        *,
        early: Callable[[dict[str, Any]], bool] = lambda told: True,
        most: int = _SHIPS_AT_ONCE,
    ) -> Iterator[Track | Key]:
        """Give tracks that go on between two times and may lie in one of some boxes (none: anywhere).

        ``early`` says of what `facts` gives whether a track is wanted at all; of one that is not, and is not
        loaded, the key alone is given. ``most``: so many are loaded at once.
        """
        for day in self.days():
            first_us = _day_us(day)
            if first_us > to_us or first_us + DAY_US <= from_us or (after is not None and day < after.day):
                continue
            ships = self._muster(day).filter(pl.col("last_us") >= from_us, pl.col("first_us") <= to_us)
            if boxes:
                ships = ships.filter(pl.any_horizontal(*(_near(box) for box in boxes)))
            if after is not None and day == after.day:
                beyond = (pl.col("mmsi") > after.mmsi) | (
                    (pl.col("mmsi") == after.mmsi) & (pl.col("vessel_part") > after.part)
                )
                ships = ships.filter(beyond)
            yield from self._of_day(day, ships, early, min(most, _SHIPS_AT_ONCE))

    def _of_day(
        self, day: date, ships: pl.DataFrame, early: Callable[[dict[str, Any]], bool], most: int
    ) -> Iterator[Track | Key]:
        who = list(ships.select(_SHIP).iter_rows())
        known = self._sea.ships.known(who, _day_us(day) + DAY_US - 1)
        times = ships.select("first_us", "last_us", "rows").iter_rows()
        pending = _Pending()
        for ship, said, (first_us, last_us, rows) in zip(who, known, times, strict=True):
            key = Key(day, *ship)
            pending.keys.append(key)
            if early(facts(key, said, first_us, last_us)):
                pending.wanted[ship] = rows
            if pending.full(most):
                yield from self._loaded(pending)
                pending = _Pending()
        yield from self._loaded(pending)

    def _loaded(self, pending: _Pending) -> Iterator[Track | Key]:
        found: dict[Key, Track] = {}
        if pending.wanted:
            found = {one.key: one for one in self._load(pending.keys[0].day, list(pending.wanted))}
        for key in pending.keys:
            yield found.get(key, key)

    def one(self, key: Key) -> Track | None:
        """Give one track, None where she was not heard on that day."""
        return next(iter(self._load(key.day, [key.ship])), None)

    def _load(self, day: date, ships: Sequence[Ship]) -> list[Track]:
        numbers = pl.col("mmsi").is_in([mmsi for mmsi, _ in ships])
        first_us = _day_us(day)
        asked = [_SOUND, numbers]
        rows = self._sea.sightings.rows("reports", first_us, first_us + DAY_US - 1, asked, _COLUMNS)
        known = dict(zip(ships, self._sea.ships.known(ships, first_us + DAY_US - 1), strict=True))
        found = []
        for ship in ships:
            hers = rows.filter(pl.col("mmsi") == ship[0], pl.col("vessel_part") == ship[1])
            hers = hers.unique("time_us", keep="first", maintain_order=True)
            if hers.height:
                found.append(Track(Key(day, *ship), known[ship], hers, line(hers)))
        return found

    def _muster(self, day: date) -> pl.DataFrame:
        """Give who was heard on a day, from when to when and where; in order of number."""

        def read() -> pl.DataFrame:
            first_us = _day_us(day)
            pieces = self._sea.sightings.pieces("reports", first_us, first_us + DAY_US - 1)
            key = (day, tuple((one.path, one.rows) for one in pieces))
            with self._lock:
                known = self._musters.get(key)
            if known is None:
                known = _mustered(pieces, first_us)
                with self._lock:
                    self._musters[key] = known
                    while len(self._musters) > _DAYS_KEPT:
                        del self._musters[next(iter(self._musters))]
            return known

        return again(read)


_SOUND = (pl.col("flags") & pl.lit(int(UNUSABLE_POSITION), pl.UInt32)) == 0


def _mustered(pieces: Sequence[Piece], first_us: int) -> pl.DataFrame:
    on_day = pl.col("time_us").is_between(moment(first_us), moment(first_us + DAY_US - 1))
    lon, lat, time_us = pl.col("lon_deg"), pl.col("lat_deg"), pl.col("time_us").cast(pl.Int64)
    counted = (
        time_us.min().alias("first_us"),
        time_us.max().alias("last_us"),
        pl.len().cast(pl.Int64).alias("rows"),
        *(
            lon.min().alias("west"),
            lat.min().alias("south"),
            lon.max().alias("east"),
            lat.max().alias("north"),
        ),
    )
    asked = [one.frame().filter(on_day, _SOUND).group_by(_SHIP).agg(*counted) for one in pieces]
    kinds = dict.fromkeys((*_SHIP, "first_us", "last_us", "rows"), pl.Int64)
    empty = pl.DataFrame(schema=kinds | dict.fromkeys(_BOX, pl.Float64))
    found = [one.with_columns(pl.col(_SHIP).cast(pl.Int64)) for one in pl.collect_all(asked)]
    together = (
        *(pl.col(name).min() for name in ("first_us", "west", "south")),
        *(pl.col(name).max() for name in ("last_us", "east", "north")),
        pl.col("rows").sum(),
    )
    return pl.concat([empty, *found], how="diagonal").group_by(_SHIP).agg(*together).sort(_SHIP)


def _near(box: Box) -> pl.Expr:
    west, south, east, north = box
    high = (pl.col("south") <= north) & (pl.col("north") >= south)
    return high & (pl.col("west") <= east) & (pl.col("east") >= west)


def _days_of(piece: Piece) -> set[date]:
    if piece.path is not None:
        return {date.fromisoformat(piece.path.parent.name.removeprefix("day="))}
    first, last = piece.first_us // DAY_US, piece.last_us // DAY_US
    days = range(max(first, last - _MOST_DAYS), last + 1)
    return {_EPOCH + timedelta(days=day) for day in days if 0 <= day < 2_900_000}


def _day_us(day: date) -> int:
    return (day - _EPOCH).days * DAY_US


def _times(time_us: pl.Series) -> list[str]:
    """Write times in RFC 3339, all with milliseconds where any has them."""
    whole = not (time_us % SECOND_US != 0).any()
    form = "%Y-%m-%dT%H:%M:%SZ" if whole else "%Y-%m-%dT%H:%M:%S%.3fZ"
    return time_us.cast(pl.Datetime("us")).dt.strftime(form).to_list()


def line(rows: pl.DataFrame) -> BaseGeometry:
    """Give the line through positions; over the antimeridian it goes on at the other side."""
    lon, lat = rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy()
    over = np.flatnonzero(np.abs(np.diff(lon)) > 180.0) + 1
    if len(lon) == 1:
        return shapely.points(lon[0], lat[0])
    if not len(over):
        return shapely.linestrings(np.column_stack((lon, lat)))
    return shapely.multilinestrings([shapely.linestrings(part) for part in _sides(lon, lat, over)])


def _sides(lon: np.ndarray[Any, Any], lat: np.ndarray[Any, Any], over: Any) -> Iterator[Any]:
    """Cut a path where it goes over the antimeridian, each side up to it (RFC 7946, 3.1.9)."""
    begin: list[tuple[float, float]] = []
    at = 0
    for to in over:
        edge = 180.0 if lon[to - 1] > 0 else -180.0
        east_a, east_b = lon[to - 1], lon[to] + 2 * edge
        share = (edge - east_a) / (east_b - east_a) if east_b != east_a else 0.0
        high = lat[to - 1] + share * (lat[to] - lat[to - 1])
        yield [*begin, *zip(lon[at:to], lat[at:to], strict=True), (edge, high)]
        begin, at = [(-edge, high)], int(to)
    yield [*begin, *zip(lon[at:], lat[at:], strict=True)]


def key_of(feature_id: str) -> Key | None:
    """Read a track's id; None for what is none.

    >>> key_of("219165000#2@2013-11-12")
    Key(day=datetime.date(2013, 11, 12), mmsi=219165000, part=1)
    """
    from seavigil.records import ship_named

    ship, _, day = feature_id.rpartition("@")
    try:
        mmsi, part = ship_named(ship)
        found = Key(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).date(), mmsi, part or 0)
    except ValueError:
        return None
    return found if found.feature_id == feature_id else None
