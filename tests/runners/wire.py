"""A raw log written by hand: feeds that connect, send, fall silent, and ticks of the wall clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from seavigil.alerts import Alert
from seavigil.records import REJECTS, REPORTS, SECOND_US, Decoded, TimeSource, empty, parse_time_us, table
from seavigil.runners.feed_health import FeedHealth
from seavigil.runners.statements import Statements
from seavigil.store.rawlog import Kind, Record
from seavigil.store.rows import StatementRow

#: A Sunday, twenty to two in the afternoon.
BEGIN_US = parse_time_us("2026-11-22T13:40:00Z")


def reports(
    n: int, time_us: int, *, lat: float = 59.9, lon: float = 25.0, mmsi: int = 265_000_000
) -> pa.Table:
    """Give so many reports, each of a ship of its own, at one place and time."""
    said = {
        "report_id": np.arange(n),
        "payload_id": np.arange(n),
        "time_us": np.full(n, time_us),
        "time_source": [int(TimeSource.TAG_BLOCK)] * n,
        "mmsi": mmsi + np.arange(n),
        "lat_deg": np.full(n, lat),
        "lon_deg": np.full(n, lon),
    }
    return table(REPORTS, said) if n else empty(REPORTS)


def rejects(n: int) -> pa.Table:
    """Give so many rejected lines."""
    return table(REJECTS, {"fault": ["checksum"] * n}) if n else empty(REJECTS)


@dataclass
class Wire:
    """Writes records and has the health take them, a tick every five seconds."""

    health: FeedHealth = field(default_factory=FeedHealth)
    statements: Statements = field(default_factory=Statements)
    now_us: int = BEGIN_US
    tick_s: float = 5.0
    told: list[Alert] = field(default_factory=list)
    said: list[StatementRow] = field(default_factory=list)
    records: list[tuple[Record, Decoded | None]] = field(default_factory=list)

    def put(self, kind: Kind, feed: int = 0, content: dict[str, Any] | None = None, **more: Any) -> None:
        """Write one record."""
        payload = more.pop("payload", b"" if content is None else json.dumps(content).encode())
        self._take(Record(len(self.records) + 1, kind, self.now_us, feed, more.get("stream", 0), payload))

    def feed(self, number: int, name: str, **more: Any) -> None:
        """Make a feed known and connect it."""
        self.put(Kind.FEED, number, {"feed": number, "name": name, "url": f"tcp://{name}:1", **more})
        self.state(number, "connected")

    def state(self, number: int, state: str, why: str = "") -> None:
        """Let a connection say how it does."""
        self.put(Kind.STATE, number, {"state": state, "why": why})

    def data(self, number: int, decoded: Decoded, size: int = 400) -> None:
        """Let bytes come, and be decoded."""
        record = Record(len(self.records) + 1, Kind.DATA, self.now_us, number, 1, b"x" * size)
        self._take(record, decoded)

    def run(
        self,
        seconds: float,
        rates: dict[int, float] | None = None,
        *,
        late_s: float = 1.0,
        growing: float = 0.0,
        bad: dict[int, int] | None = None,
        step_s: float | None = None,
        **place: float,
    ) -> Wire:
        """Let time go by: ``rates`` reports per second of each feed, ``bad`` rejects in each tick.

        ``growing``: so many seconds later with each second.
        """
        step_s = step_s or self.tick_s
        began_us = self.now_us
        for _ in range(round(seconds / step_s)):
            self.now_us += round(step_s * SECOND_US)
            late_us = round((late_s + growing * (self.now_us - began_us) / SECOND_US) * SECOND_US)
            for number, per_s in (rates or {}).items():
                came = reports(round(per_s * step_s), self.now_us - late_us, **place)
                self.data(number, Decoded(came, rejects=rejects((bad or {}).get(number, 0))))
            for number, n in (bad or {}).items():
                if number not in (rates or {}):
                    self.data(number, Decoded(rejects=rejects(n)))
            self.put(Kind.TICK)
        return self

    def row(self, number: int = 1) -> Any:
        """Give the row of one feed."""
        return next(row for row in self.health.rows() if row.feed == number)

    def _take(self, record: Record, decoded: Decoded | None = None) -> None:
        self.records.append((record, decoded))
        self._judge(record, decoded)

    def _judge(self, record: Record, decoded: Decoded | None) -> None:
        self.health.take(record)
        if decoded is not None:
            self.health.heard(decoded, record.wall_us, record.feed)
        if record.kind == Kind.TICK:
            self.told += self.health.alerts()
            self.said += self.statements.tick(record.wall_us, self.health, None)


def again(wire: Wire, health: FeedHealth) -> Iterator[FeedHealth]:
    """Have another health take the same records, one after another; gives it after each."""
    for record, decoded in wire.records:
        health.take(record)
        if decoded is not None:
            health.heard(decoded, record.wall_us, record.feed)
        yield health
