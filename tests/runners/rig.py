"""A real service with real sockets whose clock goes by hand: a minute of silence takes no minute."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from seavigil.feeds.transports.contract import FeedState
from seavigil.feeds.transports.urls import transport_of
from seavigil.records import SECOND_US, Flag, parse_time_us
from seavigil.runners.judge import Step
from seavigil.runners.plan import Plan
from seavigil.runners.service import Feed, Service
from seavigil.runners.wall import WallClock
from seavigil.store.database import Database
from seavigil.store.rawlog import Kind, RawLog
from seavigil.store.rows import FeedRow
from tests.feeds.nmea_writing import position_report, tag_block, vdm
from tests.replay.streaming import plan_of

BEGIN_US = parse_time_us("2026-11-22T13:40:00Z")
#: Only what is broken takes so long.
LIMIT_S = 60.0
NEVER_S = 1e9


class HandClock:
    """Steady and wall time that pass when they are told to."""

    def __init__(self) -> None:
        self.steady_us, self.wall_us = 5_000_000, BEGIN_US

    def pass_s(self, seconds: float, *, set_by_s: float = 0.0) -> None:
        """Let time go by; somebody may set the clock meanwhile."""
        self.steady_us += round(seconds * SECOND_US)
        self.wall_us += round((seconds + set_by_s) * SECOND_US)

    def clock(self) -> WallClock:
        """Give the clock as a service reads it."""
        return WallClock(lambda: self.wall_us, lambda: self.steady_us)


class Shore:
    """A server that sends what it is told to whoever is connected to it."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._writers: list[asyncio.StreamWriter] = []
        self.met = asyncio.Event()
        self.sent = 0

    async def __aenter__(self) -> Shore:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{'tcp' if self._context is None else 'tcps'}://127.0.0.1:{self.port}"

    async def _meet(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self.met.set()

    async def send(self, data: bytes) -> None:
        """Send to who came last; waits as long as he reads nothing."""
        await self.met.wait()
        self._writers[-1].write(data)
        self.sent += len(data)
        await self._writers[-1].drain()

    async def kill(self) -> None:
        """Close every connection, and listen no more."""
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.sleep(0)


def report(mmsi: int, time_s: float, *, lat_deg: float = 59.8, lon_deg: float = 24.8) -> bytes:
    """Write one position report, timed by the station that heard it."""
    at = {"lat": round(lat_deg * 600_000), "lon": round(lon_deg * 600_000), "second": int(time_s) % 60}
    return f"{tag_block(f's:shore,c:{int(time_s)}')}{vdm(*position_report(mmsi=mmsi, **at))}\r\n".encode()


@dataclass
class Rig:
    """A running service. ``told``: every step that was kept."""

    service: Service
    hand: HandClock
    told: list[Step] = field(default_factory=list)
    #: The feed that does as it should, where there is one beside others.
    good: Shore = field(default_factory=Shore)

    @property
    def now_s(self) -> float:
        """The time by the service's clock."""
        return self.service.clock.now_us() / SECOND_US

    def row(self, name: str) -> FeedRow:
        """Give how a feed does."""
        return next(row for row in self.service.keeper.feeds if row.name == name)

    def alerts(self, behaviour: str) -> list[dict[str, Any]]:
        """Give the alerts of the store that have a behaviour."""
        return self.service.database.alerts(behaviours=[behaviour])

    def rows(self) -> pa.Table:
        """Give the reports that were tracked, in their order."""
        return pa.concat_tables([o.reports for step in self.told for o in step.outcomes])

    async def judged(self) -> None:
        """Wait until everything that was written has been judged and kept."""
        await until(lambda: self.service.keeper.progress.position >= self.service.intake.position)

    async def tick(self) -> None:
        """Write the clock into the log, and have it judged."""
        await self.service.intake.noted(Kind.TICK, {})
        await self.judged()

    async def step(self, sends: Mapping[str, tuple[Shore, bytes]], seconds: float = 5.0) -> None:
        """Let seconds go by, feeds bring something, and the clock tick."""
        self.hand.pass_s(seconds)
        for name, (shore, data) in sends.items():
            before = self.row(name).bytes
            await shore.send(data)
            await until(lambda n=name, b=before, d=data: self.row(n).bytes >= b + len(d))
        await self.tick()


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition; fail when it does not come."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():
            await asyncio.sleep(0.002)


@asynccontextmanager
async def running(
    folder: Path,
    feeds: Sequence[Feed],
    *,
    plan: Plan | None = None,
    store: str | Path | None = None,
    hand: HandClock | None = None,
    connected: Sequence[str] = (),
    **more: Any,
) -> AsyncIterator[Rig]:
    """Run a service; on leaving it is stopped in good order. ``connected``: wait for these feeds."""
    hand, told = hand or HandClock(), list[Step]()
    more = {"again_s": 0.02, "tick_s": NEVER_S, "told": told.append, **more}
    with RawLog(folder / "log") as log, Database.open(store or folder) as database:
        service = Service(folder, plan or plan_of(None), feeds, log, database, clock=hand.clock(), **more)
        task = asyncio.create_task(service.run())
        try:
            rig = Rig(service, hand, told)
            wanted = {feed.number for feed in feeds if feed.name in connected}
            await until(lambda: task.done() or all(_is_connected(service, n) for n in wanted))
            await until(lambda: task.done() or service.keeper.feeds or not feeds)
            yield rig
        finally:
            service.stop()
            await asyncio.wait_for(task, LIMIT_S)


def _is_connected(service: Service, number: int) -> bool:
    return service.intake.states.get(number, ("", ""))[0] == FeedState.CONNECTED


def feed(name: str, url: str, **options: Any) -> Feed:
    """Give a feed."""
    return Feed(name, transport_of(url, options))


def flagged(rows: pa.Table) -> int:
    """Count the rows that came too late or with a wrong clock."""
    aside = int(Flag.LATE | Flag.WRONG_CLOCK)
    return sum(1 for flags in rows["flags"].to_pylist() if flags & aside)
