"""Ways that ships go: at a place and on a course, which course came next, and who stopped or left.

One store of *records*, whatever they were learned from: ships heard in the last day (their logs), the lanes
of a chart, a learned pattern of life. A record is filed under its cell (`normal.pattern`) and the
sector of its course, or as one at rest; whoever comes there in such a way may go on as the record did.
Ships follow each other: that is what is known of where they turn (Pallotta, Vespe and Bryan, "Vessel
pattern knowledge discovery from AIS data", Entropy 15, 2013, learn their turning points from the same).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from seavigil import geodesy
from seavigil.normal.bins import Log
from seavigil.normal.pattern import (
    CELL_LAT_DEG,
    CELL_LON_DEG,
    CLASSES,
    COURSE_STEPS,
    SECTOR_DEG,
    SECTORS,
    Pattern,
    cell_of,
    corner_of,
)
from seavigil.normal.places import LANE, Places
from seavigil.records import HOUR_US, SECOND_US

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: A record tells of so long a stretch: three bins of the log, at 12 kn one cell of the store.
STEP_S = 900.0
_BINS, _BIN_US = 3, 300 * SECOND_US
#: Courses are filed in sectors of 20 deg: own choice, twice what yaw and leeway make of one course.
_SECTORS, _SECTOR_DEG = 18, 20.0
#: Ships at rest are filed after them.
_REST, _FILES = _SECTORS, _SECTORS + 1
#: Slower than this the course is noise, and a ship that was faster has stopped (own choices, as in the log).
_MOVES_KN, _STOPPED_KN = 1.0, 0.5
#: The log of so long before is looked at: one day has every ferry and every watch of it.
LOOK_BACK_US = 24 * HOUR_US
#: A charted lane counts as so many ships; it is followed at so many metres along and to either side of it,
#: half a lane being about a mile wide in European schemes, and leads so far on in one stretch (own choices).
_LANE_COUNTS, _LANE_STEP_M, _LANE_STRETCH_M = 3, 1000.0, 5000.0
_LANE_SIDES_M = (-1500.0, -500.0, 500.0, 1500.0)
#: A sector of a learned pattern counts from so many ship-bins on, and as at most so many records.
_PATTERN_LEAST, _PATTERN_MOST = 3, 6


@dataclass(frozen=True, eq=False)
class Ways:
    """Records in order of ``key`` (cell and sector); arrays of one length.

    ``step_deg``: the course made good over the stretch, ``next_deg`` the course at its end; ``stops``: she
    was at rest by then, or still. ``sog_kn``: her speed at its end, NaN where only the course is known.
    ``rough``: known to its sector of 10 degrees only. ``keys``: each key once, with ``first`` and ``count``
    of its records. ``heard``: how many records are of ships heard lately.
    """

    step_deg: F64
    next_deg: F64
    sog_kn: F64
    stops: Bool
    rough: Bool
    keys: I64
    first: I64
    count: I64
    heard: int

    def at(self, lat_deg: F64, lon_deg: F64, cog_deg: F64, rests: Bool) -> tuple[I64, I64]:
        """Give the first record and the number of them (0: none) for each place and course, or rest."""
        if not len(self.keys):
            return np.zeros(len(lat_deg), dtype=np.int64), np.zeros(len(lat_deg), dtype=np.int64)
        key = _key(lat_deg, lon_deg, cog_deg, rests)
        at = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        return self.first[at], np.where(self.keys[at] == key, self.count[at], 0)


@dataclass(frozen=True, eq=False)
class _Records:
    key: I64
    step_deg: F64
    next_deg: F64
    sog_kn: F64
    stops: Bool
    rough: Bool


def ways(log: Log, places: Places, pattern: Pattern, at_us: int) -> Ways:
    """Give the ways known at ``at_us``: nothing that became visible later is looked at."""
    return of_log_and(log, at_us, fixed(places, pattern))


def fixed(places: Places, pattern: Pattern) -> tuple[_Records, _Records]:
    """Give the records of the charted lanes and of a learned pattern: they do not change with time."""
    return _of_lanes(places), _of_pattern(pattern)


def of_log_and(log: Log, at_us: int, known: Sequence[_Records]) -> Ways:
    """Give what ``ways`` gives, with the ``fixed`` records already made."""
    lately = _of_log(log, at_us)
    whole = _joined([lately, *known])
    order = np.argsort(whole.key, kind="stable")
    key = whole.key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    count = np.diff(np.append(first, len(key)))
    return Ways(
        whole.step_deg[order],
        whole.next_deg[order],
        whole.sog_kn[order],
        whole.stops[order],
        whole.rough[order],
        key[first],
        first,
        count,
        len(lately.key),
    )


def _of_log(log: Log, at_us: int) -> _Records:
    """Make a record of every bin of every ship, from that bin and the third after it."""
    seen = (log.visible_us <= at_us) & (log.start_us >= at_us - LOOK_BACK_US) & np.isfinite(log.sog_kn)
    ship, start_us = log.ship[seen], log.start_us[seen]
    lat, lon, cog, sog = (getattr(log, name)[seen] for name in ("lat_deg", "lon_deg", "cog_deg", "sog_kn"))
    if not len(ship):
        return _none()
    bins = (start_us - start_us.min()) // _BIN_US
    row_key = ship * (int(bins.max()) + _BINS + 1) + bins
    then = np.minimum(np.searchsorted(row_key, row_key + _BINS), len(ship) - 1)
    rests, moves = sog < _STOPPED_KN, np.isfinite(cog) & (sog >= _MOVES_KN)
    told = (rests | moves) & (row_key[then] == row_key + _BINS)
    now, then, rests = np.flatnonzero(told), then[told], rests[told]
    stops = ~(sog[then] >= _STOPPED_KN)
    made_deg, made_m = _made(lat[now], lon[now], lat[then], lon[then])
    far = rests | (made_m >= _MOVES_KN * 1852.0 * STEP_S / 3600.0)
    step = np.where(far, made_deg, cog[now])
    later = np.where(stops | ~np.isfinite(cog[then]), step, cog[then])
    key = _key(lat[now], lon[now], cog[now], rests)
    return _Records(key, step, later, sog[then], stops, np.zeros(len(now), dtype=np.bool_))


def _of_lanes(places: Places) -> _Records:
    """Make records along the lanes of the chart, several abreast; a lane without a direction tells none."""
    parts = []
    for lane in (place for place in places.places if place.kind == LANE):
        for part in shapely.get_parts(lane.geometry):
            if part.geom_type == "LineString" and part.length > 0:
                parts.append(_of_line(*_drawn(part, lane.direction_deg)))
            elif part.geom_type == "Polygon" and lane.direction_deg is not None:
                parts.append(_of_area(part, lane.direction_deg))
    return _joined(parts)


def _drawn(line: BaseGeometry, direction_deg: float | None) -> tuple[F64, F64]:
    """Give latitudes and longitudes of a lane in the direction of its traffic, if that is told."""
    lon, lat = shapely.get_coordinates(line).T
    if direction_deg is not None:
        made_deg, _ = _made(lat[:1], lon[:1], lat[-1:], lon[-1:])
        if abs(geodesy.turn_deg(made_deg - direction_deg)[0]) > 90.0:
            lat, lon = lat[::-1], lon[::-1]
    return lat, lon


def _of_area(area: BaseGeometry, direction_deg: float) -> _Records:
    """Make the records of a lane drawn as an area: its direction in every cell that it covers."""
    west, south, east, north = area.bounds
    rows = np.arange(np.floor(south / CELL_LAT_DEG) + 0.5, north / CELL_LAT_DEG + 0.5) * CELL_LAT_DEG
    columns = np.arange(np.floor(west / CELL_LON_DEG) + 0.5, east / CELL_LON_DEG + 0.5) * CELL_LON_DEG
    lat, lon = (axis.ravel() for axis in np.meshgrid(rows, columns))
    half = np.array([-0.5, 0.5])
    covers = shapely.intersects(
        area,
        shapely.box(
            lon + half[0] * CELL_LON_DEG,
            lat + half[0] * CELL_LAT_DEG,
            lon + half[1] * CELL_LON_DEG,
            lat + half[1] * CELL_LAT_DEG,
        ),
    )
    course = np.full(int(covers.sum()) * _LANE_COUNTS, direction_deg % 360.0)
    key = np.repeat(_key(lat[covers], lon[covers], course[: int(covers.sum())]), _LANE_COUNTS)
    none, unknown = np.zeros(len(key), dtype=np.bool_), np.full(len(key), np.nan)
    return _Records(key, course, course, unknown, none, none)


def _of_line(lat: F64, lon: F64) -> _Records:
    """Make the records of one lane drawn as a line, in the direction in which it is drawn."""
    lon = geodesy.unwrap_deg(lon)
    km_m = 1000.0 * geodesy.km_axis(lat, lon)
    along_m = np.arange(0.0, km_m[-1], _LANE_STEP_M)
    here, there, beyond = (
        np.stack([np.interp(along_m + off_m, km_m, axis) for axis in (lat, lon)])
        for off_m in (0.0, _LANE_STRETCH_M, _LANE_STRETCH_M + _LANE_STEP_M)
    )
    ahead = np.stack([np.interp(along_m + 1.0, km_m, axis) for axis in (lat, lon)])
    now_deg = geodesy.bearing_deg(here[0], here[1], ahead[0], ahead[1])
    step_deg = geodesy.bearing_deg(here[0], here[1], there[0], there[1])
    later_deg = geodesy.bearing_deg(there[0], there[1], beyond[0], beyond[1])
    step_deg = np.where(np.isfinite(step_deg), step_deg, now_deg)
    later_deg = np.where(np.isfinite(later_deg), later_deg, step_deg)  # at its end a lane leads on
    abreast = [geodesy.destination(here[0], here[1], now_deg + 90.0, off_m) for off_m in _LANE_SIDES_M]
    key = np.concatenate([_key(at_lat, at_lon, now_deg) for at_lat, at_lon in abreast])
    # a cell holds several of a lane's points: each key once, so that lanes weigh alike however they lie
    key, one = np.unique(key, return_index=True)
    at = np.repeat(one % len(along_m), _LANE_COUNTS)
    none, unknown = np.zeros(len(at), dtype=np.bool_), np.full(len(at), np.nan)
    return _Records(np.repeat(key, _LANE_COUNTS), step_deg[at], later_deg[at], unknown, none, none)


def _of_pattern(pattern: Pattern) -> _Records:
    """Make records of the sectors in which a learned pattern has ships of any class, cell by cell."""
    if not pattern.known:
        return _none()
    cell_class, step = np.divmod(pattern.courses.keys, COURSE_STEPS)
    counts = np.diff(pattern.courses.before)
    under_way = step < SECTORS
    cell_sector = (cell_class // CLASSES * SECTORS + step)[under_way]
    keys, inverse = np.unique(cell_sector, return_inverse=True)
    ships = np.bincount(inverse, weights=counts[under_way], minlength=len(keys))
    often = ships >= _PATTERN_LEAST
    cell, sector = np.divmod(keys[often], SECTORS)
    times = np.minimum(ships[often] // _PATTERN_LEAST, _PATTERN_MOST).astype(np.int64)
    middle_deg = np.repeat((sector + 0.5) * SECTOR_DEG, times)
    south, west = corner_of(np.repeat(cell, times))
    rough = np.ones(len(middle_deg), dtype=np.bool_)
    key, unknown = _key(south + 1e-6, west + 1e-6, middle_deg), np.full(len(middle_deg), np.nan)
    return _Records(key, middle_deg, middle_deg, unknown, ~rough, rough)


def _made(lat_a: F64, lon_a: F64, lat_b: F64, lon_b: F64) -> tuple[F64, F64]:
    """Give course and distance made good, in the local plane."""
    north_m, east_m = geodesy.metres_per_degree((lat_a + lat_b) / 2.0)
    north, east = (lat_b - lat_a) * north_m, geodesy.turn_deg(lon_b - lon_a) * east_m
    return np.degrees(np.arctan2(east, north)) % 360.0, np.hypot(east, north)


def _key(lat_deg: F64, lon_deg: F64, cog_deg: F64, rests: Bool | None = None) -> I64:
    sector = np.floor(np.nan_to_num(cog_deg) % 360.0 / _SECTOR_DEG).astype(np.int64) % _SECTORS
    return cell_of(lat_deg, lon_deg) * _FILES + (sector if rests is None else np.where(rests, _REST, sector))


def _joined(parts: Sequence[_Records]) -> _Records:
    if not parts:
        return _none()
    return _Records(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(_Records)))


def _none() -> _Records:
    number, yes = np.zeros(0), np.zeros(0, dtype=np.bool_)
    return _Records(np.zeros(0, dtype=np.int64), number, number, number, yes, yes)
