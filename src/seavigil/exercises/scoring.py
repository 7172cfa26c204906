"""What a watch was worth: its alerts held against the truth of an exercise.

Pure: truth and alerts in, figures out. The same functions score our catalogue and the published rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

from seavigil.exercises.traffic import Crossing, Inject
from seavigil.records import HOUR_US, MINUTE_US, SECOND_US

PRIORITIES = ("info", "advisory", "warning", "urgent")
#: Alarms of one ship no farther apart than this are one to whoever gets them.
ONE_ALARM_US = HOUR_US
#: "At the first hit": until this long after it.
AT_HIT_US = 10 * MINUTE_US
#: Two crossings closer in time than this are one hit (5 min: the shortest documented interval).
APART_US = 5 * MINUTE_US
#: A drag slows "by 15 % or more" from here on.
SLOWS_BY = 0.15


@dataclass(frozen=True)
class Raised:
    """One alert or alarm as an operator got it: when it first stood at each priority or higher.

    ``expected``: the least rate it stated, in alerts per 1,000 ship-days; None: it states none.
    """

    mmsi: int | None
    reached_us: Mapping[str, int]
    priority: str
    behaviours: tuple[str, ...]
    expected: float | None = None
    retracted: bool = False

    def at_least_us(self, priority: str) -> int | None:
        """Give when it first stood at this priority or a higher one."""
        times = [t for p, t in self.reached_us.items() if PRIORITIES.index(p) >= PRIORITIES.index(priority)]
        return min(times, default=None)


@dataclass(frozen=True)
class Case:
    """One injected incident and when it was found; times None: never.

    ``first_hit_us``, ``second_hit_us``: when she crossed the first asset, and the next after it.
    """

    incident: str
    seed: int
    mmsi: int
    drags: bool
    slows_by: float | None
    began_us: int
    ended_us: int
    first_hit_us: int | None
    second_hit_us: int | None
    found_us: int | None
    behaviours: tuple[str, ...] = ()

    @property
    def before_first(self) -> bool | None:
        """Whether it was found before the first hit; None where there is none."""
        return None if self.first_hit_us is None else self._by(self.first_hit_us - 1)

    @property
    def at_first(self) -> bool | None:
        """Whether it was found by ten minutes after the first hit."""
        return None if self.first_hit_us is None else self._by(self.first_hit_us + AT_HIT_US)

    @property
    def before_second(self) -> bool | None:
        """Whether it was found before the second hit; None where there is none."""
        return None if self.second_hit_us is None else self._by(self.second_hit_us - 1)

    @property
    def found(self) -> bool:
        """Whether it was found at all."""
        return self.found_us is not None

    @property
    def early(self) -> bool:
        """Whether the drag began at least 45 minutes before the first hit."""
        return self.first_hit_us is not None and self.first_hit_us - self.began_us >= 45 * MINUTE_US

    @property
    def lead_s(self) -> float | None:
        """Give the time from the alert to the next hit, None where none came after it."""
        hits = [h for h in (self.first_hit_us, self.second_hit_us) if h is not None]
        ahead = [h - self.found_us for h in hits if self.found_us is not None and h > self.found_us]
        return min(ahead) / SECOND_US if ahead else None

    def _by(self, at_us: int) -> bool:
        return self.found_us is not None and self.found_us <= at_us


def case(inject: Inject, seed: int, raised: Iterable[Raised], *, priority: str = "advisory") -> Case:
    """Hold what was raised against one injected incident.

    An alert counts that came to ``priority`` or higher while the incident went on, what she is known to have
    done before the anchor went down included; one that stood before it began was about something else.
    """
    began_us = inject.drag_began_us if inject.drag_began_us is not None else inject.began_us
    until_us = inject.ended_us + HOUR_US
    found: list[tuple[int, tuple[str, ...]]] = []
    for one in raised:
        at_us = one.at_least_us(priority)
        if one.mmsi in inject.mmsis and at_us is not None and inject.began_us <= at_us <= until_us:
            found.append((at_us, one.behaviours))
    first, second = hits_us(inject.crossings, began_us)
    at_us, behaviours = min(found, default=(None, ()))
    return Case(
        inject.incident or inject.kind,
        seed,
        inject.mmsi,
        inject.drag_began_us is not None,
        inject.slows_by,
        began_us,
        inject.ended_us,
        first,
        second,
        at_us,
        behaviours,
    )


def hits_us(crossings: Sequence[Crossing], from_us: int) -> tuple[int | None, int | None]:
    """Give when the first asset was hit from ``from_us`` on, and the next other asset after it."""
    ordered = sorted((c for c in crossings if c.crossed_at_us >= from_us), key=lambda c: c.crossed_at_us)
    if not ordered:
        return None, None
    first = ordered[0]
    later = (
        c for c in ordered if c.asset != first.asset and c.crossed_at_us - first.crossed_at_us >= APART_US
    )
    second = next(later, None)
    return first.crossed_at_us, None if second is None else second.crossed_at_us


@dataclass(frozen=True)
class Share:
    """So many of so many, with Wilson's 95 % interval (Wilson, J. Am. Stat. Assoc. 22, 1927)."""

    hits: int
    of: int

    @property
    def share(self) -> float | None:
        """Give the share, None of nothing."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Give the interval in which the true share lies with 95 % confidence."""
        if not self.of:
            return None
        n, p, z = self.of, self.hits / self.of, 1.96
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(round(middle - half, 12), 0.0), min(round(middle + half, 12), 1.0)

    def as_json(self) -> dict[str, object]:
        """Give it as figures."""
        return {"hits": self.hits, "of": self.of, "share": self.share, "interval_95": self.interval}


def share(answers: Iterable[bool | None]) -> Share:
    """Count the yeses among the answers that are not None."""
    known = [answer for answer in answers if answer is not None]
    return Share(sum(known), len(known))


@dataclass(frozen=True)
class Rate:
    """So many alerts in so many ship-days."""

    alerts: int
    ship_days: float

    @property
    def per_1000(self) -> float:
        """Give alerts per 1,000 ship-days."""
        return 1000.0 * self.alerts / self.ship_days if self.ship_days else 0.0

    def as_json(self) -> dict[str, float]:
        """Give it as figures."""
        return {"alerts": self.alerts, "per_1000_ship_days": round(self.per_1000, 4)}


@dataclass
class Ordinary:
    """What was raised by ordinary traffic, over all plays of it."""

    ship_days: float = 0.0
    raised: list[Raised] = field(default_factory=list)

    def add(self, ship_days: float, raised: Iterable[Raised]) -> None:
        """Take one play's alerts."""
        self.ship_days += ship_days
        self.raised += raised

    def by_priority(self) -> dict[str, Rate]:
        """Give the alerts of ships at each priority or higher."""
        ships = [one for one in self.raised if one.mmsi is not None]
        return {
            p: Rate(sum(one.at_least_us(p) is not None for one in ships), self.ship_days) for p in PRIORITIES
        }

    def by_behaviour(self, priority: str) -> dict[str, Rate]:
        """Give how many alerts of at least ``priority`` each behaviour took part in, the most first."""
        counted: dict[str, int] = {}
        for one in self.raised:
            if one.at_least_us(priority) is not None:
                for behaviour in one.behaviours:
                    counted[behaviour] = counted.get(behaviour, 0) + 1
        return {b: Rate(n, self.ship_days) for b, n in sorted(counted.items(), key=lambda i: (-i[1], i[0]))}

    def calibration(self, stated: Sequence[float]) -> list[dict[str, float | int | None]]:
        """Give, for each stated rate, how many alerts in fact stated that rate or less."""
        known = [o.expected for o in self.raised if o.expected is not None and o.mmsi is not None]
        rows: list[dict[str, float | int | None]] = []
        for rate in stated:
            seen = Rate(sum(expected <= rate for expected in known), self.ship_days)
            ratio = seen.per_1000 / rate if rate else None
            rows.append(
                {
                    "stated": rate,
                    "alerts": seen.alerts,
                    "observed": seen.per_1000,
                    "observed_to_stated": ratio,
                }
            )
        return rows


def one_alarm(times_us: Mapping[int, Sequence[int]], name: str, priority: str = "advisory") -> list[Raised]:
    """Put each ship's alarms together that are less than an hour apart; for rules that only say yes."""
    raised = []
    for mmsi, all_us in sorted(times_us.items()):
        last_us: int | None = None
        for at_us in sorted(all_us):
            if last_us is None or at_us - last_us > ONE_ALARM_US:
                raised.append(Raised(mmsi, {priority: at_us}, priority, (name,)))
            last_us = at_us
    return raised
