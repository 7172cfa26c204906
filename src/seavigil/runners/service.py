"""A live watch at work: feeds bring bytes, the raw log keeps them, one thread judges, channels tell.

Feeds, channels and the web interface share one event loop; judging has a thread of its own. What ends
first is what brings bytes, then what keeps them, then what judges, last what tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import zlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from errno import EAGAIN, EIO
from pathlib import Path
from typing import Any

from seavigil.alerts import BookParams
from seavigil.fault import Notice, Withdrawal
from seavigil.feeds.transports.contract import FeedState, Transport
from seavigil.inputs import faults as notices
from seavigil.reasons import many
from seavigil.records import HOUR_US, rfc3339
from seavigil.runners.beginning import beginning
from seavigil.runners.bulletin import Bulletin
from seavigil.runners.feed_health import FeedHealth
from seavigil.runners.intake import TICK_S, Intake
from seavigil.runners.judge import Judge, Step
from seavigil.runners.keeper import Keeper
from seavigil.runners.plan import Plan
from seavigil.runners.statements import StatementParams, Statements
from seavigil.runners.status import StatusSnapshot
from seavigil.runners.telling import Desk
from seavigil.runners.wall import WallClock
from seavigil.store.checkpoints import Checkpoints
from seavigil.store.database import Database
from seavigil.store.days import DayFiles
from seavigil.store.rawlog import Kind, RawLog
from seavigil.store.sightings import Unwritten

#: Commands and notices are looked for so often.
_LOOK_S = 0.5
#: Who hands in a notice is told so soon where it cannot be written down yet (own choice).
_WRITTEN_WITHIN_S = 10.0
#: A transport that fails in a way nobody foresaw is started again after so long.
_RESTART_S = 30.0
#: On being told to stop, so long may be spent on judging what has come.
DRAIN_S = 30.0


class Unfinished(ValueError):
    """A watch ended by a fault of its own."""


@dataclass(frozen=True)
class Feed:
    """One feed: what it is called, what brings it, and how its bytes are read where that was said."""

    name: str
    transport: Transport
    format: str | None = None
    columns: str | None = None
    mute_after_s: float = 45.0
    replay: bool = False  #: a recording: its times are not those of today

    @property
    def number(self) -> int:
        """Its number in the log: that of its name, the same in every run."""
        return zlib.crc32(self.name.encode()) & 0xFFFF or 1


@dataclass
class Service:
    """One watch over live feeds, in one folder. ``told``: called from the judging thread with each step."""

    folder: Path
    plan: Plan
    feeds: Sequence[Feed]
    log: RawLog
    database: Database
    book: BookParams = field(default_factory=BookParams)
    desk: Desk = field(default_factory=Desk)
    history_us: int = 26 * HOUR_US
    checkpoint_every_s: float = 300.0
    statement_every_us: int = HOUR_US
    until_closed: bool = False
    #: Nothing is kept: when it is stopped, what is held back for its order is judged as well.
    ends_when_stopped: bool = False
    notices: notices.Notices | None = None
    told: Callable[[Step], None] = lambda step: None
    clock: WallClock = field(default_factory=WallClock)
    #: What is done beside: channels, web interface, upkeep. It ends last.
    beside: Sequence[Callable[[Service], Coroutine[Any, Any, None]]] = ()
    #: How often the clock is written into the log, and how often a disk or store that failed is tried again.
    tick_s: float = TICK_S
    again_s: float = 1.0
    drain_s: float = DRAIN_S
    #: What failed beside watching, in a way nobody foresaw: it is begun again.
    trouble: str | None = None
    #: Where it says what is new.
    bulletin: Bulletin = field(default_factory=Bulletin)
    #: It watches live feeds.
    recording: None = None

    def __post_init__(self) -> None:
        told_apart(self.feeds)
        self.intake = Intake(self.log, self.clock, self._heard, self.tick_s, self.again_s)
        self.keeper = self._keeper()
        self.began_us = self.clock.now_us()
        #: How it does, taken every few seconds; whether the judging thread runs.
        self.snapshot = StatusSnapshot(taken_us=self.began_us)
        self.judging = False
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def _heard(self) -> None:
        self.keeper.more.set()

    @property
    def _fingerprint(self) -> str:
        """Give what changes with anything that a judge goes by: the plan, the life of alerts, statements."""
        return f"{self.plan.fingerprint} {self.book} {self.statement_every_us}"

    def _keeper(self) -> Keeper:
        """Go on where the newest checkpoint stands, or from the log where there is none of this plan."""
        checkpoints, days = Checkpoints(self.folder / "checkpoints"), DayFiles(self.folder)
        start = beginning(
            self.log, self.database, days, checkpoints, self._fingerprint, fresh=self._new_judge
        )
        return Keeper(
            log=self.log,
            judge=start.judge,
            database=self.database,
            days=days,
            checkpoints=checkpoints,
            fingerprint=self._fingerprint,
            desk=self.desk,
            now_us=self.clock.now_us,
            checkpoint_every_s=self.checkpoint_every_s,
            told=self.told,
            again_to=start.again_to,
            again_us=self.history_us,
            rows_to=start.rows_to,
            again_s=self.again_s,
        )

    def _new_judge(self) -> Judge:
        health = FeedHealth(assets=self.plan.assets)
        statements = Statements(StatementParams(every_us=self.statement_every_us))
        return Judge(self.plan.watch(self.book), self.plan.assets, health, self.book, statements)

    def stop(self) -> None:
        """Ask it to end: everything that has come is kept, and judged as far as time allows."""
        self._stop.set()

    def stop_soon(self) -> None:
        """Ask it to end, from another thread than that of the event loop."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)

    async def run(self) -> None:
        """Watch until asked to stop, or, with ``until_closed``, until every feed has ended.

        Raises ``Unfinished`` when writing or judging ended by a fault, and ``OSError`` when what came last
        could not be written.
        """
        self._loop = asyncio.get_running_loop()
        judging = threading.Thread(target=self.keeper.run, name="judge", daemon=True)
        writing = asyncio.create_task(self.intake.run())
        self._begin()
        judging.start()
        self.judging = True
        feeding = [asyncio.create_task(self._feed(feed)) for feed in self.feeds]
        works = (_commands, _notices, *self.beside)
        beside = [asyncio.create_task(self._keep_up(work)) for work in works]
        try:
            await self._wait(feeding, writing)
        finally:
            await _end(feeding)
            if self.ends_when_stopped or (self.until_closed and not self._stop.is_set()):
                self.intake.note(Kind.END)
            self.intake.stop()
            await asyncio.wait([writing])
            await asyncio.to_thread(self._drain, judging)
            self.judging = False
            await _end(beside)
        self._check(writing)

    def _check(self, writing: asyncio.Task[None]) -> None:
        """Say what kept it from ending in good order."""
        fault = writing.exception()
        if fault is not None:
            raise Unfinished(f"writing the raw log ended: {type(fault).__name__}: {fault}")
        if self.keeper.progress.failed is not None:
            raise Unfinished(f"judging ended: {self.keeper.progress.failed}")
        if self.intake.trouble is not None:
            raise OSError(EIO, f"what came last is lost: {self.intake.trouble}", str(self.log.folder))

    def unkept(self) -> str:
        """Say, after `run`, what is in the log alone and judged again at the next start; empty: nothing."""
        progress = self.keeper.progress
        if progress.trouble is not None:
            return f"the store did not take all ({progress.trouble})"
        left = self.intake.position - max(progress.position, self.keeper.again_to)
        if left > 0:
            return f"{many(left, 'record')} of the log not judged yet"
        return progress.checkpoint_trouble or ""

    def _begin(self) -> None:
        """Say in the log that a run begins: connections of the one before are over."""
        self.intake.note(Kind.STATE, {"state": "started", "why": rfc3339(self.began_us)})
        for feed in self.feeds:
            told = {
                "feed": feed.number,
                "name": feed.name,
                "url": feed.transport.shown,
                "format": feed.format,
                "columns": feed.columns,
                "mute_after_s": feed.mute_after_s,
                "replay": feed.replay,
            }
            self.intake.note(Kind.FEED, told, feed=feed.number)

    async def _feed(self, feed: Feed) -> None:
        """Run one feed's transport; should it fail in a way nobody foresaw, say so and start it again."""
        sink = self.intake.sink(feed.number)
        while True:
            try:
                await feed.transport.run(sink)
            except Exception as fault:
                sink.state(FeedState.WAITING, f"{type(fault).__name__}: {fault}")
                await asyncio.sleep(_RESTART_S)
            else:
                return

    async def _keep_up(self, work: Callable[[Service], Coroutine[Any, Any, None]]) -> None:
        """Do something beside; should it fail in a way nobody foresaw, say so and begin it again."""
        while True:
            try:
                await work(self)
            except Exception as fault:
                self.trouble = f"{type(fault).__name__}: {fault}"
                self.intake.note(Kind.STATE, {"state": "service", "why": self.trouble})
                await asyncio.sleep(_RESTART_S)
                self.trouble = None
            else:
                return

    async def _wait(self, feeding: Sequence[asyncio.Task[None]], writing: asyncio.Task[None]) -> None:
        """Wait until asked to stop, until writing or judging has ended, or until all feeds have."""
        asked = asyncio.create_task(self._stop.wait())
        judged = asyncio.create_task(asyncio.to_thread(self.keeper.ended.wait))
        waits: list[asyncio.Task[Any]] = [asked, judged, writing]
        if self.until_closed:
            waits.append(asyncio.create_task(_all(feeding)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
            if self.until_closed:
                waits[-1].cancel()

    def _drain(self, judging: threading.Thread) -> None:
        """Let judging come to the end of what was written, if it does so in time, and end it."""
        until_s = time.monotonic() + self.drain_s
        while judging.is_alive() and self.keeper.judge.position < self.intake.position:
            asked = self._stop.is_set() or not self.until_closed
            if asked and time.monotonic() > until_s:
                break
            self.keeper.more.set()
            self.keeper.ended.wait(0.05)
        self.keeper.stopping.set()
        self.keeper.more.set()
        judging.join()

    def as_of_us(self) -> int:
        """Give the data time that the watch has come to; NEVER_US before any."""
        return self.keeper.judge.watch.as_of_us

    def unwritten(self) -> Unwritten:
        """Give the rows that are in no file yet."""
        return self.keeper.unwritten()

    def status(self) -> StatusSnapshot:
        """Give how it does."""
        return self.snapshot

    def faults(self) -> list[dict[str, Any]]:
        """Give the outage notices that the watch remembers with what came of them, in order of time."""
        return self.keeper.judge.watch.notices.as_json()

    async def notice(self, told: Mapping[str, Any]) -> Notice:
        """Take an outage notice; on return it is written. Raises ``ValueError`` for one of no sense."""
        if self.plan.assets is None:
            raise ValueError("no assets are watched: a notice is about an asset")
        found = notices.notice_of(notices.named(told), self.plan.assets)
        try:
            await asyncio.wait_for(self.intake.noted(Kind.NOTICE, _as_json(found)), _WRITTEN_WITHIN_S)
        except TimeoutError as late:
            why = self.intake.trouble or "the log is slow"
            raise OSError(EAGAIN, f"not written down yet, it will be as soon as it can: {why}") from late
        return found


def told_apart(feeds: Sequence[Feed]) -> None:
    """Raise ``ValueError`` where two feeds have one name, or one number in the log (a pair in 65,535)."""
    names: dict[int, str] = {}
    for feed in feeds:
        other = names.get(feed.number)
        if other == feed.name:
            raise ValueError(f"two feeds are called {other}: the log could not tell them apart")
        if other is not None:
            raise ValueError(f"the log cannot tell feeds {other} and {feed.name} apart: rename one")
        names[feed.number] = feed.name


async def _all(tasks: Sequence[asyncio.Task[None]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


async def _end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)


async def _commands(service: Service) -> None:
    """Write the commands that operators gave into the log; the judge says what became of them."""
    given: set[str] = set()
    while True:
        waiting = await asyncio.to_thread(_quietly, service.database.waiting_commands)
        for told in waiting:
            if told["command_id"] not in given:
                given.add(told["command_id"])
                await service.intake.noted(Kind.COMMAND, told)
        given &= {told["command_id"] for told in waiting}
        await asyncio.sleep(_LOOK_S)


def _quietly(read: Callable[[], Sequence[Any]]) -> Sequence[Any]:
    """Give what can be read; while the database is away, nothing (the judge says that it is)."""
    try:
        return read()
    except OSError:
        return []


async def _notices(service: Service) -> None:
    """Write the outage notices of files and folders into the log as they come in."""
    while service.notices is not None:
        for found in await asyncio.to_thread(service.notices.fresh):
            await service.intake.noted(Kind.NOTICE, _as_json(found))
        await asyncio.sleep(10 * _LOOK_S)


def _as_json(notice: Notice) -> dict[str, Any]:
    if isinstance(notice, Withdrawal):
        noticed = None if notice.noticed_us is None else rfc3339(notice.noticed_us)
        return {"withdraws": notice.fault_id, "noticed": noticed}
    return notices.as_json(notice)
