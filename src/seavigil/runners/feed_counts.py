"""What one feed brought, tick by tick: rates of the last minute, hours for what is usual, ships of late."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from seavigil.normal.feed_rates import FeedRates, Usual
from seavigil.records import HOUR_US, SECOND_US, Decoded
from seavigil.runners.feed_delays import Delays, delays_us, together

I64 = NDArray[np.int64]

#: Rates, rejects and delays are those of the last minute; ships and coverage those of the last ten.
MINUTE_S, LATELY_S = 60.0, 600.0
#: What its delay is now, is that of the last ticks, so that a clock that is set is seen at once (own choice).
_NOW_TICKS = 3
#: A delay is only spoken of from so many reports on, and its growth from so much time (own choice).
_LEAST_TIMED, _LEAST_GROWTH_S = 5, 25.0


@dataclass
class Tick:
    """What came between two ticks. ``run_us``: time the watch had run at its end; ``seconds``: its length.

    ``aside``: reports, of those of the ticks before as well, that were kept and could not be judged.
    ``fresh``: the connection had just been made, so what came may be what had piled up.
    ``median_s``: of the delays, once it is closed; ``delays`` are let go of when the minute is over.
    """

    run_us: int = 0
    seconds: float = 0.0
    bytes: int = 0
    reports: int = 0
    rejects: int = 0
    aside: int = 0
    fresh: bool = False
    delays: Delays | None = None
    median_s: float | None = None

    @property
    def judged(self) -> int:
        """Count the reports that were judged: none where most could not be."""
        return 0 if mostly_aside(self) else self.reports - self.aside


@dataclass(frozen=True)
class Minute:
    """The last minute of one feed, or as much of it as the watch has run."""

    seconds: float
    bytes: int
    reports: int
    rejects: int
    aside: int
    delay_s_median: float | None
    delay_s_p95: float | None
    delay_s_now: float | None
    delay_growth_s_min: float | None
    fresh_s: float = 0.0
    fresh_reports: int = 0

    @property
    def steady_per_s(self) -> float | None:
        """Give the rate without what came at once with a new connection; None where nothing else came."""
        seconds, reports = self.seconds - self.fresh_s, self.reports - self.fresh_reports
        return reports / seconds if seconds > 0 and reports else None

    @property
    def reports_per_s(self) -> float | None:
        """Give the rate; None before the first tick."""
        return self.reports / self.seconds if self.seconds > 0 else None

    def counts(self) -> dict[str, int]:
        """Give what it brought, by the names in a feed's row."""
        return {
            "minute_bytes": self.bytes,
            "minute_reports": self.reports,
            "minute_rejects": self.rejects,
            "minute_s": round(self.seconds),
        }


def rejected_share(one: Tick | Minute) -> float:
    """Give the share of records that could not be read."""
    return one.rejects / max(one.rejects + one.reports, 1)


def mostly_aside(one: Tick | Minute) -> bool:
    """Whether most reports could not be judged (own choice: more than half; a few ships are always off)."""
    return 2 * one.aside > one.reports


@dataclass
class FeedCounts:
    """All that is counted of one feed. It moves with ``tick``; between ticks the order does not matter."""

    bytes: int = 0
    reports: int = 0
    rejects: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    last_bytes_us: int | None = None
    last_report_us: int | None = None
    rates: FeedRates = field(default_factory=FeedRates)
    _now: Tick = field(default_factory=Tick)
    _timed: list[I64] = field(default_factory=list)
    _ticks: deque[Tick] = field(default_factory=deque)
    _ships: dict[int, int] = field(default_factory=dict)
    _new_ships: set[int] = field(default_factory=set)
    _hour_us: int | None = None
    _hour_reports: int = 0
    _hour_heard_s: float = 0.0

    def came(self, count: int, wall_us: int) -> None:
        """Count bytes."""
        self.bytes += count
        self._now.bytes += count
        self.last_bytes_us = wall_us

    def heard(self, decoded: Decoded, wall_us: int, *, timed: bool) -> None:
        """Count what bytes became; ``timed``: whether its own times may be held against the wall clock."""
        reports, rejects = decoded.reports.num_rows + decoded.vessels.num_rows, decoded.rejects.num_rows
        self.reports, self.rejects = self.reports + reports, self.rejects + rejects
        self._now.reports, self._now.rejects = self._now.reports + reports, self._now.rejects + rejects
        if not reports:
            return
        self.last_report_us = wall_us
        for rows in (decoded.reports, decoded.vessels):
            self._new_ships.update(np.unique(rows["mmsi"].to_numpy()).tolist())
        if timed:
            self._timed.append(delays_us(decoded.reports, wall_us))

    def set_aside(self, count: int) -> None:
        """Count reports that were heard and could not be judged."""
        self._now.aside += count
        self.lost["not_judged"] += count

    def tick(self, run_us: int, seconds: float, *, fresh: bool = False) -> Tick:
        """Close the time since the last tick; gives what came in it."""
        now, self._now = self._now, Tick()
        now.fresh = fresh
        now.run_us, now.seconds, now.delays = run_us, seconds, Delays()
        timed, self._timed = np.concatenate([np.zeros(0, dtype=np.int64), *self._timed]), []
        if len(timed):
            now.delays.add(timed)
            now.median_s = float(np.median(timed)) / SECOND_US
        self._ticks.append(now)
        while self._ticks and run_us - self._ticks[0].run_us >= LATELY_S * SECOND_US:
            self._ticks.popleft()
        for old in islice(reversed(self._ticks), 1, None):
            if run_us - old.run_us >= MINUTE_S * SECOND_US:
                if old.delays is None:
                    break
                old.delays = None  # only the last minute's are asked for
        late_us = run_us - round(LATELY_S * SECOND_US)
        kept = {ship: seen_us for ship, seen_us in self._ships.items() if seen_us > late_us}
        self._ships, self._new_ships = kept | dict.fromkeys(self._new_ships, run_us), set()
        return now

    def learn(self, wall_us: int, tick: Tick, *, alive: bool) -> None:
        """Let a tick count for the hour it ended in; an hour that is over is learned."""
        hour_us = wall_us - wall_us % HOUR_US
        if self._hour_us != hour_us:
            if self._hour_us is not None:
                self.rates.add(self._hour_us, self._hour_reports, self._hour_heard_s)
            self._hour_us, self._hour_reports, self._hour_heard_s = hour_us, 0, 0.0
        self._hour_reports += tick.reports
        self._hour_heard_s += tick.seconds if alive else 0.0

    def minute(self, seconds: float = MINUTE_S) -> Minute:
        """Give the last minute, or less of it."""
        ticks = self._since(seconds)
        delays = together(t.delays for t in ticks if t.delays is not None)
        timed = delays.number >= _LEAST_TIMED
        return Minute(
            seconds=sum(t.seconds for t in ticks),
            bytes=sum(t.bytes for t in ticks),
            reports=sum(t.reports for t in ticks),
            rejects=sum(t.rejects for t in ticks),
            aside=sum(t.aside for t in ticks),
            delay_s_median=_median(ticks) if timed else None,
            delay_s_p95=delays.quantile_s(0.95) if timed else None,
            delay_s_now=_median(ticks[-_NOW_TICKS:]) or _median(ticks) if timed else None,
            delay_growth_s_min=_growth(ticks) if timed else None,
            fresh_s=sum(t.seconds for t in ticks if t.fresh),
            fresh_reports=sum(t.reports for t in ticks if t.fresh),
        )

    def lately(self) -> tuple[float, int]:
        """Give seconds and judged reports of the last ten minutes, as far as the watch has run."""
        return sum(t.seconds for t in self._ticks), sum(t.judged for t in self._ticks)

    def ships(self) -> int:
        """Count the ships and stations (MMSI) heard in the last ten minutes."""
        return len(self._ships)

    def usual(self, wall_us: int) -> Usual | None:
        """Give what is usual at this hour."""
        return self.rates.usual(wall_us)

    def _since(self, seconds: float) -> list[Tick]:
        if not self._ticks:
            return []
        from_us = self._ticks[-1].run_us - seconds * SECOND_US
        return [t for t in self._ticks if t.run_us > from_us]


def _growth(ticks: list[Tick]) -> float | None:
    """Give by how much the median delay grows, in seconds a minute: the last third against the first."""
    third = max(len(ticks) // 3, 1)
    first, last = _median(ticks[:third]), _median(ticks[-third:])
    between_s = (ticks[-1].run_us - ticks[third - 1].run_us) / SECOND_US
    if first is None or last is None or between_s < _LEAST_GROWTH_S:
        return None
    return (last - first) / between_s * 60.0


def _median(ticks: Iterable[Tick]) -> float | None:
    """Give the median of the ticks' medians, seconds."""
    medians = [t.median_s for t in ticks if t.median_s is not None]
    return float(np.median(medians)) if medians else None
