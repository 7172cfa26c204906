"""Recordings to a pattern of life: read, put in order of time, tracked and logged as the watch does it.

Each UTC day is learned by itself, from a fresh start: so days learned one after another, in any order,
are the same as all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.assets import Assets
from seavigil.feeds.formats import UnreadableInput
from seavigil.normal.coverage import NOTHING_HEARD, Coverage
from seavigil.normal.log import Log, LogLearner
from seavigil.normal.pattern_class import ship_class
from seavigil.normal.pattern_history import BIN_US, learn, together
from seavigil.records import DAY_US, END_OF_DATA_US, TRACKED, Decoded, Flag, empty
from seavigil.risk.rates import Rates
from seavigil.runners import batch
from seavigil.runners.batch import Reader
from seavigil.runners.counted import Counted
from seavigil.runners.known import Known
from seavigil.store.patterns import Learned, Source
from seavigil.store.spool import MEMORY_ROWS, Spool
from seavigil.tracks import StaticBook, Tracker

I64 = NDArray[np.int64]
_NOT_JUDGED = np.uint32(Flag.NOT_A_SHIP | Flag.LATE | Flag.WRONG_CLOCK)
_PARTS = 256
#: A UTC day with less (an hour of one ship) is a wrong clock, not a day. Own choice.
LEAST_SHIP_BINS = 12


@dataclass(frozen=True)
class Job:
    """What to learn. ``digest``: gives a source's SHA-256, None where it has none (a pipe)."""

    sources: Sequence[str]
    digest: Callable[[str], str | None]
    memory_rows: int = MEMORY_ROWS


@dataclass
class Report:
    """What learning came to: ``known`` were learned before, ``unreadable`` could not be, with the reason.

    ``rejects``: what was read and could not be used, by fault. ``ship_bins`` were in the recordings,
    ``new_ship_bins`` of them not learned before. ``stray_days`` had hardly a report and were left out.
    """

    learned: tuple[Source, ...] = ()
    known: tuple[str, ...] = ()
    unreadable: dict[str, str] = field(default_factory=dict)
    rejects: dict[str, int] = field(default_factory=dict)
    ship_bins: int = 0
    new_ship_bins: int = 0
    stray_days: int = 0


def run(
    job: Job, read: Reader, before: Learned, progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[Learned, Report]:
    """Give what was learned before and from the job's recordings together, and how it went.

    A recording learned before, by its bytes, is left out; of other recordings only ships and bins not held
    yet count. Raises ``UnreadableInput`` when no source can be read.
    """
    report = Report()
    with Spool(memory_rows=job.memory_rows) as spool:
        _read(job, read, before, spool, report)
        parts = [before.history]
        done = 0
        for day in _days(spool.pieces()):
            log, classes, rows = _log(day)
            done += rows
            progress(done, spool.rows)
            if 0 < len(log) < LEAST_SHIP_BINS:
                report.stray_days += 1
                continue
            part = learn(log, classes, before.history)
            report.ship_bins += len(log)
            report.new_ship_bins += int(part.reception["ship_bins"].sum())
            parts.append(part)
    sources = (*before.sources, *report.learned)
    # the rates are those of the history they were counted on
    rates = before.rates if not report.new_ship_bins else None
    return Learned(together(parts), sources, rates), report


def counted(
    sources: Sequence[str],
    assets: Assets,
    known: Known,
    before: Mapping[str, Any] | None,
    read: Reader,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Rates | None:
    """Watch recordings of ordinary traffic and count their alerts by strength; None where no ship was heard.

    ``before``: what was counted on earlier recordings, in plain values; the counts add up.
    Raises ``UnreadableInput`` when no source can be read.
    """
    tally = Counted()
    batch.run(
        batch.Job(sources, assets, known=known), read, batch.Hooks(progress=progress, outcome=tally.take)
    )
    earlier, new = None if before is None else Rates.from_json(before), tally.rates()
    return earlier + new if earlier is not None and new is not None else new or earlier


def _read(job: Job, read: Reader, before: Learned, spool: Spool, report: Report) -> None:
    for source in sorted(job.sources):
        sha256 = job.digest(source)
        if before.holds(sha256) or any(sha256 and s.sha256 == sha256 for s in report.learned):
            report.known = (*report.known, source)
            continue
        try:
            reports = 0
            for decoded in read(source):
                spool.add(decoded)
                reports += decoded.reports.num_rows
                for fault in decoded.rejects["fault"].to_pylist():
                    report.rejects[fault] = report.rejects.get(fault, 0) + 1
            report.learned = (*report.learned, Source(source, sha256, reports))
        except UnreadableInput as fault:
            report.unreadable[source] = str(fault)
    if len(report.unreadable) == len(job.sources):
        raise UnreadableInput("; ".join(report.unreadable.values()) or "no source given")


def _days(pieces: Iterator[Decoded]) -> Iterator[Iterator[Decoded]]:
    """Give, day by day, what the spool gives; each day is to be used up before the next is asked for."""
    cut = (part for piece in pieces for part in _cut(piece))
    for _, parts in groupby(cut, key=itemgetter(0)):
        yield (decoded for _, decoded in parts)


def _cut(piece: Decoded) -> list[tuple[int, Decoded]]:
    """Cut a piece into UTC days, in order."""
    days = [_times(t) // DAY_US for t in (piece.reports, piece.vessels)]
    parts = []
    for day in np.unique(np.concatenate(days)).tolist():
        reports, vessels = (
            t.filter(pa.array(d == day)) for t, d in zip((piece.reports, piece.vessels), days, strict=True)
        )
        parts.append((day, Decoded(reports, vessels)))
    return parts


def _log(day: Iterator[Decoded]) -> tuple[Log, I64, int]:
    """Give a day's log, the class of the ship of each row, and how many rows came in."""
    tracker, logger, statics = Tracker(), LogLearner(), StaticBook()
    rows = 0
    for decoded in day:
        rows += decoded.reports.num_rows + decoded.vessels.num_rows
        statics.add(decoded.vessels)
        released = tracker.add(decoded)
        _take(logger, released.reports, released.watermark_us)
    released = tracker.add(Decoded(), final=True)
    _take(logger, released.reports, released.watermark_us)
    _take(logger, empty(TRACKED), released.watermark_us + BIN_US)  # the last bin ends with the day's data
    log = logger.learned()
    ships = np.unique(log.ship)
    of_ship = np.array([_class(statics, ship) for ship in ships.tolist()], dtype=np.int64)
    return log, of_ship[np.searchsorted(ships, log.ship)], rows


def _class(statics: StaticBook, ship: int) -> int:
    """Give a ship's class by all she said that day; of several ships under one MMSI nobody knows who did."""
    mmsi, part = divmod(ship, _PARTS)
    return int(ship_class(None if part else statics.known(mmsi, END_OF_DATA_US).ship_type))


def _take(logger: LogLearner, reports: pa.Table, complete_us: int) -> None:
    """Log released reports; bins that ended by ``complete_us`` are closed."""
    ordered = reports.filter(pa.array((reports["flags"].to_numpy() & _NOT_JUDGED) == 0))
    logger.add(ordered, _closed(complete_us))


def _closed(until_us: int) -> Coverage:
    """Give the bins of a day that ended by a time: the log asks no more of coverage."""
    last = until_us // BIN_US
    if last < 1:
        return NOTHING_HEARD
    starts = np.arange(max(last - 2 * DAY_US // BIN_US, 0), last) * BIN_US
    none = np.zeros(0, dtype=np.int64)
    return Coverage(starts, starts + BIN_US, none, none, BIN_US)


def _times(table: pa.Table) -> I64:
    return np.asarray(table["time_us"].cast(pa.int64()).to_numpy())
