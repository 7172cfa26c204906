"""Tables of what the receivers heard of a whole fleet, without writing and reading sentences.

The same reports, at the same times and with the same errors, as ``radio`` writes as sentences; only who
heard them is drawn more cheaply: of each message by the two receivers most likely to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.exercises.chance import Chance
from seavigil.exercises.orders import NOT_DEFINED, Tracks
from seavigil.exercises.radio import (
    LONGEST_INTERVAL_S,
    Station,
    odds_heard,
    report_times_s,
    silent,
    static_times_s,
)
from seavigil.exercises.sets import Draw, Faults, Said, Sets, Ship
from seavigil.hashing import mix
from seavigil.records import REPORTS, SECOND_US, TIME, VESSELS, Decoded, TimeSource, Transceiver, table

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

SOURCE = "exercise"
#: A ship's best receivers are looked up this often.
LOOK_S = 300.0
#: With reports thinned, static data is kept no oftener than this.
STATIC_EVERY_S = 1800.0
#: Positions are sent in 1/10,000 minute (ITU-R M.1371-5, annex 8).
_PLACE_UNITS = 600_000.0
_TURN_SCALE, _FASTEST_TURN = 4.733, 126.0


@dataclass(frozen=True)
class Heard:
    """Messages as they were heard, in order of ``time_us``: ships by row, when sent, by which receiver."""

    row: I64
    sent_s: F64
    interval_s: F64
    station: I64
    time_us: I64

    def sorted(self) -> Heard:
        """Give them in order of time, then ship, then time sent."""
        order = np.lexsort((self.sent_s, self.row, self.time_us))
        return self.part(order)

    def part(self, keep: I64 | slice | Bool) -> Heard:
        """Give some of them."""
        return Heard(*(values[keep] for values in vars(self).values()))


@dataclass(frozen=True)
class Reception:
    """A fleet on the air: its tracks, its receivers, and what is wrong with either."""

    ships: Sequence[Ship]
    tracks: Tracks
    stations: Sequence[Station]
    faults: Faults
    chance: Chance
    began_us: int

    def pieces(self, every_s: float | None, rows: int) -> Iterator[Decoded]:
        """Give what was heard in order of time, ``rows`` reports at a time.

        With ``every_s`` at most one report a ship and such a span, and each heard once.
        """
        sets = Sets(self.ships, self.chance, self.faults)
        reports, statics = self._reports(every_s), self._statics(every_s)
        names = pa.array([station.name for station in self.stations])
        stated, of_ship = _stated(self.ships)
        begin = 0
        for first in range(0, max(len(reports.row), 1), rows):
            part = reports.part(slice(first, first + rows))
            last = first + rows >= len(reports.row)
            until = len(statics.row) if last else int(np.searchsorted(statics.time_us, part.time_us[-1]))
            vessels = self._vessels(statics.part(slice(begin, until)), stated, of_ship)
            begin = until
            yield Decoded(self._table(part, sets, names), vessels, counts={"messages": len(part.row)})

    def ship_days(self) -> float:
        """Give for how long ships were on the air within hearing, in ship-days."""
        odds = self._best[1][..., 0]
        clock = np.asarray(LOOK_S * np.arange(odds.shape[1]), dtype=np.float64)
        on = np.array([~silent(ship.silent_s, clock) for ship in self.ships])
        return float(np.count_nonzero(on & (odds > 0.25)) * LOOK_S / 86_400.0)

    def _reports(self, every_s: float | None) -> Heard:
        times, intervals = [], []
        for row, ship in enumerate(self.ships):
            sent, interval = report_times_s(ship, row, self.tracks, self.chance)
            times.append(sent)
            intervals.append(interval)
        return self._heard(times, intervals, every_s, Draw.HEARD)

    def _statics(self, every_s: float | None) -> Heard:
        times = [static_times_s(ship, self.tracks.seconds, self.chance) for ship in self.ships]
        thin_s = None if every_s is None else max(every_s, STATIC_EVERY_S)
        return self._heard(times, [np.full(len(t), np.nan) for t in times], thin_s, Draw.STATIC)

    def _heard(self, times: list[F64], intervals: list[F64], every_s: float | None, what: int) -> Heard:
        row = np.repeat(np.arange(len(times)), [len(t) for t in times])
        sent_s, interval_s = np.concatenate(times), np.concatenate(intervals)
        best, odds = self._best
        look = (sent_s / LOOK_S).astype(np.int64)
        mmsi = np.array([ship.mmsi for ship in self.ships], dtype=np.int64)[row]
        found, earlier = [], np.zeros(len(row), dtype=bool)
        for choice in (0, 1):
            station = best[row, look, choice]
            luck = self.chance.uniform(what, mmsi, (sent_s * 1000.0).astype(np.int64), choice)
            hears = (luck < odds[row, look, choice]) & ~self._deaf(station, sent_s)
            if every_s is not None:
                hears &= ~earlier
                earlier |= hears
            found.append(self._at(row, sent_s, interval_s, station, np.flatnonzero(hears)))
        both = Heard(*(np.concatenate(pair) for pair in zip(*(vars(h).values() for h in found), strict=True)))
        return (both if every_s is None else _thinned(both, every_s)).sorted()

    def _at(self, row: I64, sent_s: F64, interval_s: F64, station: I64, keep: I64) -> Heard:
        """Give the messages in ``keep`` with the whole second of the receiver's clock."""
        error_s = np.array([s.clock_error_s for s in self.stations])
        clock_s = np.floor(self.began_us // SECOND_US + sent_s[keep] + error_s[station[keep]])
        return Heard(
            row[keep], sent_s[keep], interval_s[keep], station[keep], clock_s.astype(np.int64) * SECOND_US
        )

    def _deaf(self, station: I64, sent_s: F64) -> Bool:
        deaf = np.zeros(len(station), dtype=bool)
        for number, one in enumerate(self.stations):
            if one.silent_s:
                rows = np.flatnonzero(station == number)
                deaf[rows] = silent(one.silent_s, sent_s[rows])
        return deaf

    @cached_property
    def _best(self) -> tuple[I64, F64]:
        """Give the two likeliest receivers of each ship every LOOK_S, and their odds."""
        steps = np.arange(0, self.tracks.lat_deg.shape[1], max(1, round(LOOK_S / self.tracks.step_s)))
        lat, lon = self.tracks.lat_deg[:, steps], self.tracks.lon_deg[:, steps]
        class_b = np.array([ship.class_b for ship in self.ships])[:, None]
        odds = np.stack([odds_heard(station, lat, lon, class_b) for station in self.stations], axis=-1)
        best = np.argsort(-odds, axis=-1, kind="stable")[..., :2]
        return best, np.take_along_axis(odds, best, axis=-1)

    def _table(self, heard: Heard, sets: Sets, names: pa.Array) -> pa.Table:
        fix = heard.sent_s.astype(np.int64)
        said = sets.measure(self.tracks, heard.row, fix)
        columns = _rounded(said)
        class_b = np.array([ship.class_b for ship in self.ships], dtype=bool)[heard.row]
        mmsi = np.array([ship.mmsi for ship in self.ships], dtype=np.uint32)[heard.row]
        kind = np.where(np.isin(heard.interval_s, (LONGEST_INTERVAL_S, 10.0 / 3.0)), 3, 1)
        payload = mix(mmsi, fix, *(columns[n] for n in ("lat_deg", "lon_deg", "sog_kn", "cog_deg")))
        status = said.nav_status.astype(np.uint8)
        columns["rot_deg_min"] = np.where(class_b, np.nan, columns["rot_deg_min"])
        second = (self.began_us // SECOND_US + fix) % 60
        return table(
            REPORTS,
            columns
            | _named(heard)
            | {
                "report_id": mix(payload, heard.station, heard.time_us // SECOND_US),
                "payload_id": payload,
                "station": names.take(pa.array(heard.station)),
                "mmsi": mmsi,
                "msg_type": np.where(class_b, 18, kind).astype(np.uint8),
                "transceiver": np.where(class_b, Transceiver.CLASS_B, Transceiver.CLASS_A).astype(np.uint8),
                "nav_status": pa.array(status, mask=class_b | (status == NOT_DEFINED)),
                "position_accuracy_high": said.accurate,
                "raim": np.zeros(len(fix), dtype=bool),
                "utc_second": second.astype(np.uint8),
            },
        )

    def _vessels(self, heard: Heard, stated: pa.Table, of_ship: I64) -> pa.Table:
        """Give static data: a class A ship says all at once, a class B ship in two messages."""
        first, count = of_ship[heard.row, 0], of_ship[heard.row, 1]
        which = np.repeat(np.arange(len(first)), count)
        turn = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        rows = stated.take(pa.array(first[which] + turn))
        part = heard.part(which)
        mmsi = rows["mmsi"].to_numpy()
        message = mix(mmsi, turn, heard.time_us[which] // SECOND_US)
        columns = {name: rows[name].combine_chunks() for name in rows.column_names}
        ids = {"report_id": mix(message, part.station)}
        return table(VESSELS, columns | _named(part) | ids, rows=len(which))


def _named(heard: Heard) -> dict[str, object]:
    count = len(heard.row)
    return {
        "time_us": pa.array(heard.time_us).view(TIME),
        "time_source": np.full(count, TimeSource.TAG_BLOCK, dtype=np.uint8),
        "source": pa.repeat(SOURCE, count),
    }


def _thinned(heard: Heard, every_s: float) -> Heard:
    """Keep of each ship the first message of every span."""
    order = np.lexsort((heard.sent_s, heard.row))
    key = heard.row[order] * 10_000_000 + (heard.sent_s[order] / every_s).astype(np.int64)
    return heard.part(order[np.diff(key, prepend=-1) != 0])


def _rounded(said: Said) -> dict[str, F64]:
    """Round to what the fields of a position report hold."""
    cog = np.round(said.cog_deg, 1)
    code = np.minimum(np.round(_TURN_SCALE * np.sqrt(np.abs(said.rot_deg_min))), _FASTEST_TURN)
    return {
        "lat_deg": np.round(said.lat_deg * _PLACE_UNITS) / _PLACE_UNITS,
        "lon_deg": np.round(said.lon_deg * _PLACE_UNITS) / _PLACE_UNITS,
        "sog_kn": np.minimum(np.round(said.sog_kn, 1), 102.2),
        "cog_deg": np.where(cog >= 360.0, 0.0, cog),
        "heading_deg": np.round(said.heading_deg) % 360.0,
        "rot_deg_min": np.copysign((code / _TURN_SCALE) ** 2, said.rot_deg_min),
    }


def _stated(ships: Sequence[Ship]) -> tuple[pa.Table, I64]:
    """Give what ships say of themselves, and for each ship her first row in it and how many she has."""
    rows: list[dict[str, object]] = []
    where = []
    for ship in ships:
        said = (
            [_name(ship) | _build(ship) | _voyage(ship)] if not ship.class_b else [_name(ship), _build(ship)]
        )
        where.append((len(rows), len(said)))
        kind = Transceiver.CLASS_B if ship.class_b else Transceiver.CLASS_A
        head = {"mmsi": ship.mmsi, "msg_type": 24 if ship.class_b else 5, "transceiver": int(kind)}
        rows += [head | one for one in said]
    names = [f for f in VESSELS if f.name not in {"report_id", "time_us", "time_source", "source"}]
    return pa.Table.from_pylist(rows, schema=pa.schema(names)), np.array(where, dtype=np.int64).reshape(-1, 2)


def _name(ship: Ship) -> dict[str, object]:
    return {"name": ship.name or None}


def _build(ship: Ship) -> dict[str, object]:
    sides = ship.dimensions
    known = any(vars(sides).values())
    length, beam = sides.to_bow_m + sides.to_stern_m, sides.to_port_m + sides.to_starboard_m
    return {
        "callsign": ship.callsign or None,
        "ship_type": ship.ship_type or None,
        "length_m": float(length) if length else None,
        "beam_m": float(beam) if beam else None,
        **{name: float(metres) if known else None for name, metres in vars(sides).items()},
    }


def _voyage(ship: Ship) -> dict[str, object]:
    return {"draught_m": ship.draught_m or None, "destination": ship.destination or None}
