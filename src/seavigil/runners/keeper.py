"""Reads the raw log, has it judged and keeps what comes of it: one thread, one step after another.

The order of every step: judge, save in one transaction, go on. A crash anywhere loses nothing: the log is
there, the newest checkpoint is where judging begins again, and what was saved is saved again as it is.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice, takewhile
from typing import Protocol, TypeVar

import pyarrow as pa

from seavigil.runners.catching_up import CatchingUp, Settled, Silences, Stored, answers, seq_at
from seavigil.runners.failing import Failing
from seavigil.runners.faults import Fault
from seavigil.runners.insisting import save
from seavigil.runners.judge import Judge, Step
from seavigil.runners.kept import batch_of
from seavigil.runners.live import Outcome
from seavigil.runners.telling import Desk
from seavigil.store.checkpoints import Checkpoints
from seavigil.store.database import Database
from seavigil.store.days import DayFiles
from seavigil.store.rawlog import Record
from seavigil.store.rows import FeedRow
from seavigil.store.sightings import Unwritten

#: A step takes at most so many records and bytes: what has piled up is worked off piece by piece. Lines of
#: one letter are judged at some 200 kB/s: even then a step takes less than a watchdog waits.
STEP_RECORDS, STEP_BYTES = 5_000, 4 << 20
#: Rows kept in memory before they are written as a part of their day (own choice: some 60 MB).
PART_ROWS = 300_000
#: Where the store takes nothing, it is tried again so often.
_AGAIN_S = 1.0
#: Too many open files, here or on the machine, and too little memory: they pass without anybody's help.
_PASSING = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN})
#: While nothing comes, the thread looks so often whether it shall end.
_LOOK_S = 0.5

T = TypeVar("T")


class Log(Protocol):
    """The raw log, as far as it is read."""

    def read(self, from_seq: int = 1) -> Iterator[Record]:
        """Give what was written from a number on."""

    def sync(self) -> None:
        """Bring what was written onto the disk: a power cut loses none of it."""

    def keep_from(self, seq: int) -> None:
        """Note that what was written from a number on is needed after a crash."""

    @property
    def feeds(self) -> tuple[Record, ...]:
        """The newest FEED record of each feed."""


@dataclass
class Progress:
    """How far the keeper is; read by others while it works.

    ``trouble``: why the store takes nothing, while it does not; ``checkpoint_trouble``: why the last
    checkpoint could not be written. ``behind_us``: from the newest record judged
    back to when it came in. ``alive_s``: steady time at which it last did something.
    """

    position: int = 0
    wall_us: int = 0
    behind_us: int = 0
    trouble: str | None = None
    checkpoint_trouble: str | None = None
    alive_s: float = field(default_factory=time.monotonic)
    checkpoint: int = 0
    checkpoint_bytes: int = 0
    steps: int = 0
    reports: int = 0
    failed: str | None = None
    failing: Failing = field(default_factory=Failing)


@dataclass
class Keeper:
    """One watch at work. ``told`` is called with each step once what it led to is kept."""

    log: Log
    judge: Judge
    database: Database
    days: DayFiles
    checkpoints: Checkpoints
    fingerprint: str
    desk: Desk
    now_us: Callable[[], int]
    checkpoint_every_s: float = 300.0
    #: Judging began anew, for instance under other settings: up to this record all was kept before, and the
    #: hours ahead of it are judged once more to know what was going on. Rows were kept up to ``rows_to``.
    again_to: int = 0
    again_us: int = 0
    rows_to: int = 0
    again_s: float = _AGAIN_S
    told: Callable[[Step], None] = lambda step: None
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        self.more = threading.Event()
        self.stopping = threading.Event()
        self.ended = threading.Event()
        #: Rows in no file yet, and the record from which on they are: put in place together, for who reads.
        self._held: tuple[int, dict[str, list[pa.Table]]] = (self.rows_to + 1, {})
        self._part_rows = 0
        self._checked_s = time.monotonic()
        #: The feeds as they were met before this run writes anything: while it does, others read them.
        self._met = self.log.feeds if self.again_to else ()
        #: How the feeds stood after the last step.
        self.feeds: Sequence[FeedRow] = ()

    def run(self) -> None:
        """Work until told to stop, or until the data end; then write a last checkpoint."""
        try:
            self._catch_up()
            while not self.stopping.is_set() and not self.ended.is_set():
                if not self._worked():
                    self.more.wait(_LOOK_S)
                    self.more.clear()
                self.progress.alive_s = time.monotonic()
            self.checkpoint()
        except _Stopped:  # what was not kept is judged again after the next start
            pass
        except Exception as fault:  # said by whoever looks after us: nothing here may end in silence
            self.progress.failed = f"{type(fault).__name__}: {fault}"
            raise
        finally:
            self.ended.set()

    def _catch_up(self) -> None:
        """Judge the hours before ``again_to`` once more; what they say of what was kept is kept."""
        if self.judge.position >= self.again_to:
            return
        last = next(self.log.read(self.again_to), None)
        kept = last is not None and last.seq == self.again_to  # if not, a power cut took it
        last_us = last.wall_us if last is not None and kept else self._insist(self.database.position_us)
        from_seq = seq_at(self.log.read, last_us - self.again_us, self.again_to)
        records = takewhile(lambda record: record.seq <= self.again_to, self.log.read(from_seq))
        self._insist(lambda: Silences.before(from_seq, self.database)).held_by(self.judge)
        self._recall(last_us - self.again_us)
        again = CatchingUp()
        for stretch in self._steps(chain(self._met, records)):
            step = self._judged(stretch)
            again.take(step)
            self._gather(step)
            self.progress.alive_s = time.monotonic()
            if self.stopping.is_set():
                raise _Stopped
        self.judge.position, self.judge.wall_us = self.again_to, last_us
        stored = self._insist(lambda: Stored.of(self.database))
        settled = again.settled(self.judge, stored)
        self.feeds = self.judge.health.rows()
        self._insist(lambda: self._settle(settled))
        self.told(settled.step)
        self.checkpoint()  # no older one may go on from where alerts had other numbers

    def _recall(self, from_us: int) -> None:
        said = self._insist(lambda: answers(self.database, from_us))
        known = self._insist(self.database.newest_revisions)
        for book in (self.judge.watch.book, self.judge.feed_alerts):
            book.recall(said, known)

    def _settle(self, settled: Settled) -> None:
        ends = self.desk.asks(settled.letters) | {row.alert_id for row, _ in settled.closed}
        before = self.database.letters_of(ends)
        letters = self.desk.messages(settled.letters, before)
        for row, step in settled.closed:
            letters += self.desk.ended(row, step, before, settled.step.wall_us)
        batch = batch_of(settled.step, self.feeds, letters)
        alerts, transitions = [*batch.alerts, *settled.rows], [*batch.transitions, *settled.steps]
        save(self.database, replace(batch, alerts=alerts, transitions=transitions))

    def _worked(self) -> bool:
        """Do `work`; where the log cannot be opened for a moment, say so and go on from where it stands."""
        try:
            found = self.work()
        except OSError as fault:
            if fault.errno not in _PASSING:
                raise
            self.progress.trouble = f"the log cannot be read now: {fault}"
            self.stopping.wait(self.again_s)
            return False
        self.progress.trouble = None
        return found

    def work(self) -> bool:
        """Judge and keep what the log has more; gives whether there was anything."""
        found = False
        for records in self._steps(self.log.read(self.judge.position + 1)):
            found = True
            self.progress.alive_s = time.monotonic()  # working off what has piled up is no standing still
            self._keep(self._judged(records))
            if time.monotonic() - self._checked_s >= self.checkpoint_every_s:
                self.checkpoint()
            if self.stopping.is_set() or self.ended.is_set():
                break
        return found

    def _judged(self, records: Sequence[Record]) -> Step:
        """Judge records; what nobody foresaw costs these, is kept as a fault, and the watch goes on."""
        try:
            return self.judge.step(records)
        except Exception as fault:
            self.judge.position, self.judge.wall_us = records[-1].seq, records[-1].wall_us
            where = f"records {records[0].seq} to {records[-1].seq}"
            broken = Outcome(faults=(Fault("all ships", where, f"{type(fault).__name__}: {fault}"),))
            step = Step(records[-1].seq, records[-1].wall_us, outcomes=[broken])
            step.first_seq, step.first_wall_us = records[0].seq, records[0].wall_us
            return step

    def _keep(self, step: Step) -> None:
        self._gather(step)
        self.feeds = self.judge.health.rows()
        self._insist(lambda: self._save(step))
        self.told(step)
        progress = self.progress
        progress.failing.take(step)
        progress.alive_s = time.monotonic()
        progress.position, progress.wall_us = step.position, step.wall_us
        progress.behind_us = max(self.now_us() - step.wall_us, 0)
        progress.steps += 1
        progress.reports += sum(outcome.reports.num_rows for outcome in step.outcomes)
        if step.ended:
            self.ended.set()

    def _save(self, step: Step) -> None:
        letters = self.desk.messages(step, self.database.letters_of(self.desk.asks(step)))
        batch = batch_of(step, self.feeds, letters)
        if batch.alerts or batch.transitions or batch.commands:
            with suppress(OSError):  # the log says so itself; what it led to is told all the same
                self.log.sync()
        save(self.database, batch)

    def _insist(self, write: Callable[[], T]) -> T:
        """Write; where the disk or the database does not take it, say so and try again: the log keeps all."""
        while True:
            try:
                done = write()
            except OSError as fault:
                self.progress.trouble = str(fault)
                self.progress.alive_s = time.monotonic()
                if self.stopping.wait(self.again_s):
                    raise _Stopped from fault
            else:
                self.progress.trouble = None
                return done

    def _gather(self, step: Step) -> None:
        """Take the rows that a step led to, if they do not lie in files already."""
        if step.position <= self.rows_to:
            return
        for outcome in step.outcomes:
            self._part("reports", outcome.reports)
            self._part("vessels", outcome.decoded.vessels)
        for decoded in step.decoded:
            self._part("rejects", decoded.rejects)
        if self._part_rows >= PART_ROWS:
            self._insist(lambda: self._write_parts(step.position))

    def _part(self, name: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self._held[1].setdefault(name, []).append(rows)
            self._part_rows += rows.num_rows

    def _write_parts(self, position: int) -> None:
        from_seq, parts = self._held
        for name, tables in parts.items():
            self.days.write(name, pa.concat_tables(tables), from_seq, position, self.judge.wall_us)
        self._held, self._part_rows = (position + 1, {}), 0

    def unwritten(self) -> Unwritten:
        """Give the rows that are in no file yet; called from any thread."""
        from_seq, parts = self._held
        return Unwritten(from_seq, {name: tuple(tables) for name, tables in list(parts.items())})

    def checkpoint(self) -> None:
        """Write down where everything stands; should that fail, for whatever reason, the one before holds."""
        self._checked_s = time.monotonic()
        position = self.judge.position
        if position == self.progress.checkpoint or self.progress.failing.unjudged:
            return  # what is not judged now is judged again, from the one before, after the next start
        try:
            self._write_parts(position)
            self.log.keep_from(self.checkpoints.oldest_position() + 1)
            size = self.checkpoints.save(position, self.fingerprint, self.judge)
        except Exception as fault:
            self.progress.checkpoint_trouble = f"the checkpoint could not be written: {fault}"
        else:
            self.progress.checkpoint, self.progress.checkpoint_bytes = position, size
            self.progress.checkpoint_trouble = None

    def _steps(self, records: Iterator[Record]) -> Iterator[list[Record]]:
        """Cut what is read into steps of bounded size; what is kept in files already ends with one."""
        while step := _bounded(records, self.rows_to):
            yield step


class _Stopped(Exception):
    """We are told to stop while the store takes nothing."""


def _bounded(records: Iterator[Record], end_seq: int) -> list[Record]:
    step, size = [], 0
    for record in islice(records, STEP_RECORDS):
        step.append(record)
        size += len(record.payload)
        if size >= STEP_BYTES or record.seq == end_seq:
            break
    return step
