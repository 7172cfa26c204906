"""Faults put to the watch of a play: the hits of its incidents, or moments at which no ship did anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from seavigil.assets import Assets
from seavigil.behaviours import Surroundings
from seavigil.events import Event
from seavigil.exercises.chance import Chance
from seavigil.exercises.fault_scoring import HOUR, MINUTE, Answer, Suspected
from seavigil.exercises.traffic import Inject
from seavigil.fault import Fault
from seavigil.forecast.suspects import LIKELY, Findings
from seavigil.records import DAY_US, HOUR_US, SECOND_US
from seavigil.runners.inquiry import EVENTS_KEPT_US, inquire

#: How surely a fault's time is told, and by how much it is then wrong at most, in seconds.
TOLD = {MINUTE: (60.0, 60.0), HOUR: (3600.0, 1800.0)}
#: So long after a fault suspects are asked for: the default of `seavigil suspects`.
ASKED_AFTER_US = 3 * HOUR_US
#: Of each ship so many hits, or a trawler's thirty passages would outweigh all anchors.
MOST_HITS = 4
#: Faults without a ship in a day of ordinary traffic: more than 200 in the scorecard's plays.
A_DAY = 10


class Draw(IntEnum):
    """First key of every number drawn here."""

    ERROR = 661
    ASSET = 662
    TIME = 663


@dataclass(frozen=True)
class _Case:
    fault: Fault
    known: str
    kind: str | None
    mmsis: tuple[int, ...]


class FaultPlay:
    """Asks for suspects as a play goes on: for each hit of its incidents; without any, for faults drawn."""

    def __init__(self, assets: Assets, incidents: Sequence[Inject] = ()) -> None:
        self._assets = assets
        self._cases = list(_hits(assets, incidents))
        self._drawn = bool(incidents)
        self._events: list[Event] = []
        self._surroundings = Surroundings()
        self._suspected = Suspected()

    def add(self, events: Sequence[Event], surroundings: Surroundings) -> None:
        """Take what one piece of the play led to, and ask about the faults that are now due."""
        self._events += events
        self._surroundings = surroundings
        self._ask()

    def result(self) -> Suspected:
        """Ask about what is left, and give all answers."""
        self._ask(final=True)
        return self._suspected

    def _ask(self, *, final: bool = False) -> None:
        seen = self._surroundings.coverage
        if not len(seen.visible_us):
            return
        if not self._drawn:
            self._cases, self._drawn = list(_nobodys(self._assets, int(seen.starts_us[0]))), True
        now_us = int(seen.visible_us[-1])
        due = [c for c in self._cases if c.fault.noticed_us <= now_us or (final and c.fault.at_us <= now_us)]
        for case in due:
            as_of_us = min(case.fault.noticed_us, now_us)
            findings = inquire([case.fault], self._events, self._surroundings, as_of_us)
            self._suspected.answers.append(_answer(case, findings))
        self._cases = [case for case in self._cases if case not in due]
        self._events = [e for e in self._events if e.known_at_us > now_us - 2 * EVENTS_KEPT_US]


def _hits(assets: Assets, incidents: Sequence[Inject]) -> Iterator[_Case]:
    """Give the first hits of each ship of an incident as faults, told to the minute and within an hour."""
    ids = {asset.name: asset.asset_id for asset in assets}
    for number, inject in enumerate(incidents):
        from_us = inject.began_us if inject.drag_began_us is None else inject.drag_began_us
        hits = [hit for hit in inject.crossings if hit.crossed_at_us >= from_us and hit.asset in ids]
        for at, hit in enumerate(sorted(hits, key=lambda one: one.crossed_at_us)[:MOST_HITS]):
            for key, known in enumerate(TOLD):
                share = 2.0 * float(Chance(hit.mmsi).uniform(Draw.ERROR, number, at, key)[0]) - 1.0
                at_us = hit.crossed_at_us + int(share * TOLD[known][1] * SECOND_US)
                fault = _fault(ids[hit.asset], at_us, known)
                yield _Case(fault, known, inject.incident or inject.kind, inject.mmsis)


def _nobodys(assets: Assets, began_us: int) -> Iterator[_Case]:
    """Give faults of any line at any time of a day, with no ship that did it."""
    lines = [asset for asset in assets if asset.shape == "line"]
    chance = Chance(began_us // DAY_US)
    for number in range(A_DAY if lines else 0):
        which = lines[int(float(chance.uniform(Draw.ASSET, number)[0]) * len(lines))]
        at_us = began_us + int(float(chance.uniform(Draw.TIME, number)[0]) * 0.95 * DAY_US) + HOUR_US // 2
        known = (MINUTE, HOUR)[number % 2]
        yield _Case(_fault(which.asset_id, at_us, known), known, None, ())


def _fault(asset_id: str, at_us: int, known: str) -> Fault:
    return Fault("fault", asset_id, at_us, at_us + ASKED_AFTER_US, within_s=TOLD[known][0])


def _answer(case: _Case, findings: Findings) -> Answer:
    own = next((one for one in findings.suspects if one.mmsi in case.mmsis), None)
    named = sum(one.says == LIKELY and one.mmsi not in case.mmsis for one in findings.suspects)
    rank, says = (None, None) if own is None else (own.rank, own.says)
    return Answer(case.known, case.kind, rank, says, named)
