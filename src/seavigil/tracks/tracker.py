"""Reports in, tracked rows out: order, one row a message, a ship and flags for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from seavigil.records import NEVER_US, REPORTS, TRACKED, Decoded, Flag, TimeSource, empty
from seavigil.tracks.duplicates import Duplicates
from seavigil.tracks.order import Arrival, Clock, in_order
from seavigil.tracks.params import TrackParams, us
from seavigil.tracks.plausible import row_flags, top_speed_kn
from seavigil.tracks.ships import Rows, Ships

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
U32 = NDArray[np.uint32]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class Tracked:
    """What one call released.

    ``reports`` has the schema TRACKED, in order of (time_us, report_id). Over the calls the rows
    without LATE and WRONG_CLOCK are in that order too. Every row with a time up to and including
    ``watermark_us`` that comes later will be LATE; it is NEVER_US before anything is complete.
    """

    reports: pa.Table = field(default_factory=lambda: empty(TRACKED))
    watermark_us: int = NEVER_US
    counts: Mapping[str, int] = field(default_factory=dict)


class Tracker:
    """Puts reports in order, drops repeats, flags what cannot be, tells ships apart.

    A state machine without clock or I/O: what it answers depends on the reports in their order of
    arrival alone, not on how they were cut into calls. It can be pickled between calls.
    """

    def __init__(self, params: TrackParams | None = None) -> None:
        self.params = params or TrackParams()
        self._clock = Clock(self.params)
        self._duplicates = Duplicates(self.params)
        self._ships = Ships(self.params)
        self._doubted = empty(REPORTS)
        self._held = empty(REPORTS)
        self._ended = False

    @property
    def held_rows(self) -> int:
        """The number of rows that wait for their order or for a doubt about their time."""
        return int(self._held.num_rows + self._doubted.num_rows)

    def add(self, decoded: Decoded, *, final: bool = False, receipt_off_us: int | None = None) -> Tracked:
        """Take decoded reports, give the rows that are complete; ``final`` gives all that are held.

        ``receipt_off_us``: the reports come as they are sent, and our clock is so far behind; None where
        times of receipt say nothing (recordings). Raises ``RuntimeError`` when called again after
        ``final``: what came then has no order.
        """
        if self._ended:
            raise RuntimeError("Tracker.add was called after final=True; open a new Tracker")
        self._ended = final
        fresh, early = self._by_receipt(decoded.reports, receipt_off_us)
        arrived = pa.concat_tables([self._doubted, fresh])
        own = _ints(fresh, "time_source", 0) != TimeSource.RECEIVED
        sure = own & self._near_receipt(fresh, receipt_off_us)
        status = self._clock.arrive(_times(fresh), own, sure, final=final)
        self._doubted = _where(arrived, status == Arrival.IN_DOUBT)
        self._held = pa.concat_tables([self._held, _where(arrived, status == Arrival.IN_TIME)])
        late = _where(arrived, status == Arrival.LATE)
        wrong = pa.concat_tables([early, _where(arrived, status == Arrival.WRONG_CLOCK)])
        ready, duplicates = self._release(final)
        aside = [(late, Flag.LATE), (wrong, Flag.WRONG_CLOCK)]
        reports = _merged(
            [self._judged(ready), *(self._set_aside(*rows) for rows in aside if rows[0].num_rows)]
        )
        return Tracked(reports, self._watermark_us(final), _counts(reports, duplicates))

    def _by_receipt(self, reports: pa.Table, off_us: int | None) -> tuple[pa.Table, pa.Table]:
        """Split off rows whose time lies too far after their receipt."""
        limit_s = self.params.max_ahead_of_receipt_s if off_us is None else self.params.receipt_slack_s
        if limit_s is None or reports.num_rows == 0:
            return reports, reports.slice(0, 0)
        received = _ints(reports, "received_us", NEVER_US)
        ahead = (received != NEVER_US) & (_times(reports) > received + us(limit_s) + (off_us or 0))
        return _where(reports, ~ahead), _where(reports, ahead)

    def _near_receipt(self, reports: pa.Table, off_us: int | None) -> Bool:
        """Whether rows came as soon as they were sent: then their clock is right."""
        if off_us is None:
            return np.zeros(reports.num_rows, dtype=np.bool_)
        received = _ints(reports, "received_us", NEVER_US)
        away_us = np.abs(_times(reports) - received - off_us)
        return np.asarray((received != NEVER_US) & (away_us <= us(self.params.receipt_slack_s)))

    def _watermark_us(self, final: bool) -> int:
        if self._clock.head_us is None:
            return NEVER_US
        return self._clock.head_us if final else self._clock.watermark_us or NEVER_US

    def _release(self, final: bool) -> tuple[pa.Table, int]:
        """Take what is complete from the held rows, in order and once each; also counts the repeats."""
        time_us = _times(self._held)
        ready = time_us <= self._watermark_us(final)
        rows = np.flatnonzero(ready)
        ids = _u64(self._held, "report_id")[rows]
        order = rows[in_order(time_us[rows], ids)]
        mmsi, payload = _u32(self._held, "mmsi")[order], _u64(self._held, "payload_id")[order]
        first = self._duplicates.first_heard(time_us[order], mmsi, payload)
        out = self._held.take(pa.array(order[first]))
        # One chunk: Arrow's take slows with their number, and a live feed adds one a call.
        self._held = _where(self._held, ~ready).combine_chunks()
        return out, int(len(first) - first.sum())

    def _judged(self, reports: pa.Table) -> pa.Table:
        rows, own = self._rows(reports)
        flags, n = own.copy(), len(own)
        part, implied = np.zeros(n, dtype=np.uint8), np.full(n, np.nan)
        unjudged = Flag.NO_POSITION | Flag.IMPOSSIBLE_POSITION | Flag.NOT_A_SHIP
        at = np.flatnonzero((own & np.uint32(unjudged)) == 0)
        part[at], moved, implied[at] = self._ships.judge(rows.take(at))
        flags[at] |= moved
        return _with_verdicts(reports, part, flags, implied)

    def _set_aside(self, reports: pa.Table, flag: Flag) -> pa.Table:
        """Flag rows that are not judged against other rows."""
        flags = self._rows(reports)[1] | np.uint32(flag)
        n = len(flags)
        return _with_verdicts(reports, np.zeros(n, dtype=np.uint8), flags, np.full(n, np.nan))

    def _rows(self, reports: pa.Table) -> tuple[Rows, U32]:
        """Give the columns that are judged, SOG only where it is sound, and each row's own flags."""
        mmsi = _u32(reports, "mmsi")
        transceiver = _ints(reports, "transceiver", 0).astype(np.uint8)
        lat, lon, sog = (_floats(reports, name) for name in ("lat_deg", "lon_deg", "sog_kn"))
        flags = row_flags(lat, lon, sog, mmsi, transceiver, self.params)
        sound_sog = np.where(flags & np.uint32(Flag.IMPOSSIBLE_SPEED), np.nan, sog)
        top_kn = top_speed_kn(transceiver, self.params)
        payload = _u64(reports, "payload_id")
        return Rows(_times(reports), mmsi, lat, lon, sound_sog, top_kn, payload), flags


def _with_verdicts(reports: pa.Table, part: NDArray[np.uint8], flags: U32, implied_kn: F64) -> pa.Table:
    columns = [*reports.columns, pa.array(part), pa.array(flags), pa.array(implied_kn, from_pandas=True)]
    return pa.Table.from_arrays(columns, schema=TRACKED)


def _merged(tables: list[pa.Table]) -> pa.Table:
    """Put tables of TRACKED rows into one order; the first alone is in order already."""
    if len(tables) == 1:
        return tables[0]
    rows = pa.concat_tables(tables)
    return rows.take(pa.array(in_order(_times(rows), _u64(rows, "report_id"))))


def _counts(reports: pa.Table, duplicates: int) -> dict[str, int]:
    """Count rows, repeats, and rows by flag (lower case names of ``Flag``)."""
    flags = _u32(reports, "flags")
    counts = {"reports": reports.num_rows, "duplicates": duplicates}
    return counts | {str(f.name).lower(): int(np.count_nonzero(flags & np.uint32(f))) for f in Flag}


def _where(rows: pa.Table, keep: NDArray[np.bool_]) -> pa.Table:
    if keep.all():
        return rows
    return rows.filter(pa.array(keep)) if keep.any() else rows.slice(0, 0)


def _times(rows: pa.Table) -> I64:
    return _ints(rows, "time_us", 0)


def _ints(rows: pa.Table, name: str, missing: int) -> I64:
    column = rows[name].cast(pa.int64())
    return np.asarray((pc.fill_null(column, missing) if column.null_count else column).to_numpy())


def _floats(rows: pa.Table, name: str) -> F64:
    return np.asarray(rows[name].to_numpy(), dtype=np.float64)


def _u32(rows: pa.Table, name: str) -> U32:
    return np.asarray(rows[name].to_numpy(), dtype=np.uint32)


def _u64(rows: pa.Table, name: str) -> NDArray[np.uint64]:
    return np.asarray(rows[name].to_numpy(), dtype=np.uint64)
