"""A recording watched from end to end into a store: what its console shows, and what operators ask of it.

It is watched by `batch.run` and kept as a service keeps what its log led to, so the web interface reads the
same tables of both.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from seavigil import __version__
from seavigil.alerts import Command, Refused
from seavigil.fault import Fault, Withdrawal
from seavigil.feeds.formats import UnreadableInput
from seavigil.inputs.faults import named, notice_of
from seavigil.reasons import many
from seavigil.records import NEVER_US, Decoded
from seavigil.runners import batch
from seavigil.runners.bulletin import Bulletin
from seavigil.runners.faults import Faults
from seavigil.runners.judge import Step
from seavigil.runners.kept import batch_of
from seavigil.runners.live import Outcome, Watch
from seavigil.runners.news import News
from seavigil.runners.plan import Plan
from seavigil.runners.status import JudgeStatus, LogStatus, Statement, StatusSnapshot, StoreStatus
from seavigil.runners.summary import Summary
from seavigil.store.database import Database
from seavigil.store.days import DayFiles
from seavigil.store.rows import CommandDone, FeedRow, StatementRow
from seavigil.store.trail import Entry

#: Rejects are written when there are so many (own choice: at most 20 MB of them are held).
_REJECT_ROWS = 20_000
#: What else is told of a recording beside numbers and times.
_LISTED = ("quiet", "assets_not_heard", "rejects", "unreadable", "shortfalls")
#: Commands are looked for so often.
_LOOK_S = 0.25


@dataclass
class _Source:
    """What one file of the recording held."""

    name: str
    state: str = "ended"
    why: str = ""
    first_us: int | None = None
    last_us: int | None = None
    reports: int = 0
    rejects: int = 0
    ships: set[int] = field(default_factory=set)

    def take(self, decoded: Decoded) -> None:
        """Count what was read."""
        rows = decoded.reports
        self.reports += rows.num_rows
        self.rejects += decoded.rejects.num_rows
        self.ships.update(pc.unique(rows["mmsi"]).to_pylist())
        span = pc.min_max(rows["time_us"].cast(pa.int64())).as_py()
        if span["min"] is not None:
            self.first_us = span["min"] if self.first_us is None else min(self.first_us, span["min"])
            self.last_us = span["max"] if self.last_us is None else max(self.last_us, span["max"])


@dataclass
class Recorded:
    """One recording, its store and the watch that has come to its end. ``recording``: what it is called."""

    folder: Path
    plan: Plan
    database: Database
    recording: str
    now_us: Callable[[], int]
    bulletin: Bulletin = field(default_factory=Bulletin)
    summary: Summary = field(default_factory=Summary)

    def __post_init__(self) -> None:
        self.days = DayFiles(self.folder)
        self.news = News(self.bulletin)
        self.began_us = self.now_us()
        self._position = self.database.position()
        self._sources: dict[str, _Source] = {}
        self._rejects: list[pa.Table] = []
        self._reject_parts = 0
        self._watch: Watch | None = None
        self._statement: Statement | None = None
        self._alerts: Mapping[str, Mapping[str, int]] = {}
        self._lock = threading.Lock()

    # --- watching it --------------------------------------------------------------------------

    def watch(
        self,
        job: batch.Job,
        read: batch.Reader,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Summary:
        """Watch all of it and keep what it leads to. Raises what `batch.run` raises, and ``OSError``."""

        def reading(source: str) -> Iterator[Decoded]:
            return self._read(source, read)

        expected = replace(job, notices=job.notices or (lambda: ()))  # or its events are not kept for one
        hooks = batch.Hooks(progress=progress, outcome=self._take, ended=self._ended)
        self.summary = batch.run(expected, reading, hooks)
        self._write_rejects()
        self._say()
        return self.summary

    def _read(self, source: str, read: batch.Reader) -> Iterator[Decoded]:
        found = self._sources.setdefault(source, _Source(Path(source).name))
        try:
            for decoded in read(source):
                found.take(decoded)
                self._hold_rejects(decoded.rejects)
                yield decoded
        except UnreadableInput as fault:
            found.state, found.why = "unreadable", str(fault)
            raise

    def _hold_rejects(self, rejects: pa.Table) -> None:
        if rejects.num_rows:
            self._rejects.append(rejects)
        if sum(table.num_rows for table in self._rejects) >= _REJECT_ROWS:
            self._write_rejects()

    def _write_rejects(self) -> None:
        if self._rejects:
            self._reject_parts += 1
            number, rows = self._reject_parts, pa.concat_tables(self._rejects)
            self.days.write("rejects", rows, number, number, self.began_us)
            self._rejects = []

    def _take(self, outcome: Outcome) -> None:
        """Keep what one piece led to: its rows first, so that no alert is there without them."""
        for name, rows in (("reports", outcome.reports), ("vessels", outcome.decoded.vessels)):
            self.days.write(name, rows, self._position + 1, self._position + 1)
        self._keep([outcome])

    def _keep(self, outcomes: Sequence[Outcome], **more: Any) -> None:
        """Save in one transaction what came next, and tell of it."""
        now_us, self._position = self.now_us(), self._position + 1
        alerts = [alert for outcome in outcomes for alert in outcome.alerts]
        steps = [step for outcome in outcomes for step in outcome.transitions]
        step = Step(self._position, now_us, outcomes=[*outcomes], alerts=alerts, transitions=steps, **more)
        self.database.save(batch_of(step, self.feeds(), ()))
        self._alerts = self.database.alert_counts()
        if self._watch is not None:  # before, nobody looks yet
            self.news.alerts(alerts)

    def _ended(self, watch: Watch) -> None:
        self._watch = watch

    def _say(self) -> None:
        """Say in words what was heard, as a service does every hour."""
        told, now_us = self.summary, self.now_us()
        text = (
            f"{many(told.reports, 'report')} of {many(len(told.vessels - told.other_stations), 'vessel')}, "
            f"{told.hours_covered:.2f} hours covered; {many(len(told.alerts), 'alert')}"
        )
        every = told.as_json().items()
        figures = {k: v for k, v in every if k in _LISTED or isinstance(v, int | float | str)}
        self._statement = Statement(now_us, text)
        watched = Entry(now_us, "seavigil", "recording watched", "done", about=self.recording)
        self.database.trail.add(watched)
        row = StatementRow(now_us, told.last_us or now_us, text, figures)
        self._keep([], statements=[row])

    # --- as the web interface sees it ----------------------------------------------------------

    def as_of_us(self) -> int:
        """Give the data time of its end; NEVER_US where nothing was heard."""
        return NEVER_US if self._watch is None else self._watch.as_of_us

    def feeds(self) -> list[FeedRow]:
        """Give each file of the recording as a feed that has ended, or that could not be read."""
        rows = enumerate(self._sources.items(), start=1)
        return [_feed_row(number, source, found, self.began_us) for number, (source, found) in rows]

    def status(self) -> StatusSnapshot:
        """Give how it does: it was watched to its end, and nothing more comes."""
        now_us, faults = self.now_us(), self.summary.faults
        return StatusSnapshot(
            taken_us=now_us,
            started_us=self.began_us,
            version=__version__,
            pid=os.getpid(),
            assets=0 if self.plan.assets is None else len(self.plan.assets),
            feeds=tuple(self.feeds()),
            judge=JudgeStatus(position=self._position, reports=self.summary.reports),
            log=LogStatus(position=self._position),
            store=StoreStatus(self.database.shown),
            alerts=self._alerts,
            statement=self._statement,
            faults=len(faults),
            faults_of_all=sum(fault.vessel_id == "all ships" for fault in faults),
        )

    def faults(self) -> list[dict[str, Any]]:
        """Give the outage notices with what came of them, in order of time."""
        with self._lock:
            return [] if self._watch is None else self._watch.notices.as_json()

    async def notice(self, told: Mapping[str, Any]) -> Fault | Withdrawal:
        """Take an outage notice; it is looked into at once. Raises ``ValueError`` for one of no sense."""
        if self.plan.assets is None:
            raise ValueError("no assets are watched: a notice is about an asset")
        found = notice_of(named(told), self.plan.assets)
        await asyncio.to_thread(self._look_into, found)
        return found

    def _look_into(self, notice: Fault | Withdrawal) -> None:
        if self._watch is None:
            raise ValueError("nothing has been heard yet")
        with self._lock:
            faults = Faults()
            self._watch.notices.notice([notice])
            self._watch.notices.end(faults)
            self.summary.fault_notices = self._watch.notices.as_json()
            if faults.found:
                self._keep([Outcome(faults=faults.found)])

    # --- what operators ask --------------------------------------------------------------------

    def obey_waiting(self) -> int:
        """Do what operators asked for meanwhile, at the data time of the end; gives how many commands."""
        with self._lock:
            waiting = self.database.waiting_commands()
            for told in waiting:
                self._obey(told)
            return len(waiting)

    def _obey(self, told: Mapping[str, Any]) -> None:
        command_id, outcomes = str(told["command_id"]), []
        try:
            if self._watch is None:
                raise Refused(f"{told['kind']}: nothing has been heard, so there is no time to do it at")
            outcomes = [self._watch.obey(Command.from_json(told))]
            done = CommandDone(command_id, "done", "", self._position + 1)
        except (Refused, ValueError) as why:
            done = CommandDone(command_id, "refused", str(why), self._position + 1)
        self._keep(outcomes, commands=[done])

    async def work(self) -> None:
        """Look for commands again and again, until cancelled."""
        while True:
            await asyncio.to_thread(self.obey_waiting)
            await asyncio.sleep(_LOOK_S)


def _feed_row(number: int, source: str, found: _Source, began_us: int) -> FeedRow:
    return FeedRow(
        feed=number,
        name=found.name,
        url=source,
        state=found.state,
        why=found.why,
        since_us=found.first_us or began_us,
        last_bytes_us=None,
        last_report_us=found.last_us,
        bytes=0,
        reports=found.reports,
        rejects=found.rejects,
        ships=len(found.ships),
        delay_s_median=None,
        delay_s_p95=None,
        usual_reports_per_s=None,
        reports_per_s=None,
    )
