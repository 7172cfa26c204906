"""What a service does beside watching: says how it does, tells people, and takes away what is old."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import shutil
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from seavigil import __version__
from seavigil.alerts.channels.marks import one_line
from seavigil.records import DAY_US, SECOND_US
from seavigil.runners.bulletin import Bulletin
from seavigil.runners.dispatch import Dispatcher, Line
from seavigil.runners.faults import OF_ALL
from seavigil.runners.judge import Step
from seavigil.runners.news import News
from seavigil.runners.service import Service
from seavigil.runners.status import (
    Failing,
    JudgeStatus,
    LogStatus,
    OutboxStatus,
    Statement,
    StatusSnapshot,
    StoreStatus,
    write_status,
)
from seavigil.store.database import Database

_LOG = logging.getLogger("seavigil.channels")

#: The status is taken so often, and what is old taken away so often.
STATUS_S, UPKEEP_S = 2.0, 600.0
#: Who did what is kept for two years, inquiries as long as the reports they read (own choices).
TRAIL_DAYS, INQUIRIES_DAYS = 730, 90


@dataclass(frozen=True)
class Kept:
    """For how long what is kept: days, and bytes of the log. None: for good."""

    log_days: float | None = None
    log_bytes: int | None = None
    store_days: float | None = None
    reports_days: float | None = None


@dataclass
class Beside:
    """The works beside one service; `works` gives them to it. ``trouble``: what upkeep could not do."""

    lines: Sequence[Line] = ()
    kept: Kept = field(default_factory=Kept)
    more: Sequence[Callable[[Service], Coroutine[Any, Any, None]]] = ()
    trouble: str | None = None
    #: Tells whoever has the console open.
    news: News = field(default_factory=lambda: News(Bulletin()))
    #: Why the status could not be written, while it cannot.
    status_trouble: str | None = None
    #: What is wrong with how it is reached, in words.
    exposed: str = ""

    def __post_init__(self) -> None:
        self._dispatcher: Dispatcher | None = None
        self._feeds: list[Any] = []

    @property
    def works(self) -> Sequence[Callable[[Service], Coroutine[Any, Any, None]]]:
        """Give the works."""
        return (self._say, self._dispatch, self._upkeep, *self.more)

    def told(self, step: Step) -> None:
        """Take note that a step was kept: there may be something to tell."""
        self.news.alerts(step.alerts)
        if step.alerts and self._dispatcher is not None:
            self._dispatcher.wake()

    async def _dispatch(self, service: Service) -> None:
        """Tell people, until it ends; a last look goes to what judging left in the end."""
        if self.lines:
            self._dispatcher = Dispatcher(
                service.database, self.lines, now_us=service.clock.now_us, chance=random.random
            )
            await self._dispatcher.run()

    async def _say(self, service: Service) -> None:
        """Take the status every few seconds, for the web and for `seavigil status`."""
        taking: asyncio.Task[None] | None = None
        try:
            while True:
                taking = asyncio.create_task(asyncio.to_thread(self._take, service))
                await asyncio.shield(taking)
                await asyncio.sleep(STATUS_S)
        finally:
            if taking is not None:  # what it writes must not stand above the last
                await asyncio.wait([taking])
            self._take(service, stopped=service.keeper.progress.failed is None)

    def _take(self, service: Service, *, stopped: bool = False) -> None:
        """Take the status and write it; where it cannot be written, the web still tells it."""
        trouble = self.trouble or self.status_trouble
        try:
            service.snapshot = replace(
                snapshot(service, self._dispatcher, trouble), stopped=stopped, exposed=self.exposed
            )
            self.news.picture(service.as_of_us(), service.snapshot.taken_us)
            self.news.status(service.snapshot)
            write_status(service.folder, service.snapshot)
        except OSError as fault:
            self.status_trouble = str(fault)
        else:
            self.status_trouble = None

    async def _upkeep(self, service: Service) -> None:
        while True:
            await asyncio.to_thread(self._tidy, service)
            await asyncio.sleep(UPKEEP_S)

    def _tidy(self, service: Service) -> None:
        """Take away what is older than it is to be kept."""
        kept, now_us = self.kept, service.clock.now_us()
        today = datetime.fromtimestamp(now_us / SECOND_US, UTC).date()
        days = service.keeper.days
        try:
            self._give_up_strays(service.database, now_us)
            if kept.log_days is not None or kept.log_bytes is not None:
                keep_s = None if kept.log_days is None else kept.log_days * 86_400.0
                service.log.prune(keep_s, kept.log_bytes)
            if kept.store_days is not None:
                service.database.prune(now_us - round(kept.store_days * DAY_US))
            service.database.trail.prune(now_us - TRAIL_DAYS * DAY_US)
            service.database.inquiries.prune(now_us - INQUIRIES_DAYS * DAY_US)
            if kept.reports_days is not None:
                days.prune(today - timedelta(days=kept.reports_days))
            days.compact(today, service.keeper.checkpoints.oldest_position())
        except (OSError, ValueError) as fault:
            self.trouble = str(fault)
        else:
            self.trouble = None

    def _give_up_strays(self, database: Database, now_us: int) -> None:
        """Give up letters to channels that are in the settings no more, and say so: nobody else would."""
        there = {line.name for line in self.lines}
        for name, counts in database.outbox_channels().items():
            if counts["waiting"] and name not in there:
                why = "no channel of this name in the settings any more"
                number = database.abandon(name, now_us, why)
                _LOG.warning("channel %s: %d given up: %s (seavigil channels dead)", name, number, why)


def snapshot(service: Service, dispatcher: Dispatcher | None, trouble: str | None) -> StatusSnapshot:
    """Give how a service does now. What the store cannot tell is left out, and the store said to be away."""
    database, progress = service.database, service.keeper.progress
    now_us = service.clock.now_us()
    why = progress.trouble or progress.checkpoint_trouble or trouble or ""
    try:
        told: dict[str, Any] = {
            "alerts": database.alert_counts(),
            "statement": _statement(database.statements(now_us - DAY_US)),
            **_faults(database.step_faults(now_us - DAY_US)),
        }
        counts = database.outbox_counts()
        due = database.due(now_us, 1)
    except OSError as fault:
        told, counts, due, why = {}, {}, [], str(fault)
    oldest_s = max((now_us - due[0].created_us) / SECOND_US, 0.0) if due else None
    return StatusSnapshot(
        taken_us=now_us,
        started_us=service.began_us,
        version=__version__,
        pid=os.getpid(),
        assets=0 if service.plan.assets is None else len(service.plan.assets),
        feeds=tuple(service.keeper.feeds),
        judge=_judge(service, now_us),
        log=_log(service),
        store=StoreStatus(database.shown, not why, why),
        outbox=OutboxStatus(counts.get("waiting", 0), counts.get("sent", 0), counts.get("dead", 0), oldest_s),
        channels={} if dispatcher is None else _channels(dispatcher, now_us),
        failing=() if dispatcher is None else tuple(_failing(dispatcher)),
        **told,
    )


def _faults(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    return {"faults": len(rows), "faults_of_all": sum(row["vessel_id"] in OF_ALL for row in rows)}


def _judge(service: Service, now_us: int) -> JudgeStatus:
    progress = service.keeper.progress
    behind = service.intake.position > progress.position
    return JudgeStatus(
        alive=service.judging and progress.failed is None,
        idle_s=time.monotonic() - progress.alive_s,
        position=progress.position,
        lag_s=max((now_us - progress.wall_us) / SECOND_US, 0.0) if behind and progress.wall_us else 0.0,
        reports=progress.reports,
        why=progress.failed or "",
        failing=progress.failing.steps,
        unjudged=progress.failing.unjudged,
        unjudged_s=progress.failing.unjudged_s,
        fails_by=progress.failing.why,
    )


def _log(service: Service) -> LogStatus:
    trouble = service.intake.trouble
    return LogStatus(
        writable=trouble is None,
        why=trouble or "",
        position=service.intake.position,
        bytes=_size_bytes(service.log.folder),
        free_bytes=shutil.disk_usage(service.log.folder).free,
    )


def _size_bytes(folder: Path) -> int:
    sizes = 0
    for path in folder.iterdir():
        try:
            sizes += path.stat().st_size
        except OSError:  # sealed or taken away meanwhile
            continue
    return sizes


def _statement(rows: Sequence[dict[str, Any]]) -> Statement | None:
    return Statement(rows[-1]["wall_us"], rows[-1]["text"]) if rows else None


def _failing(dispatcher: Dispatcher) -> Iterator[Failing]:
    for name, health in dispatcher.health.items():
        if health.failing_since_us is not None:
            yield Failing(name, health.failing_since_us, one_line(health.last_error, 300))


def _channels(dispatcher: Dispatcher, now_us: int) -> dict[str, dict[str, float]]:
    return {
        name: {
            "sent_total": health.sent,
            "failed_total": health.failed,
            "dead_total": health.dead,
            "waiting": health.waiting,
            "oldest_waiting_seconds": health.oldest_waiting_s(now_us),
            "failing": float(health.failing_since_us is not None),
        }
        for name, health in dispatcher.health.items()
    }
