"""Events to drafts of alerts: one ship, one case, its reasons and how pressing it is.

A case gathers what belongs together on one ship and grows with each event. Ordinary crossings make
a case too; one that was made within the hour before odd conduct (drifting, loitering, lying, dark)
belongs to it. Priority goes by what was seen together:

- ``urgent``: drifted, and crossed two or more assets at least five minutes apart (the shortest
  time between two hits on one documented track is five minutes);
- ``warning``: drifted and crossed an asset;
- ``advisory``: drifting towards an asset within the hour, dark on a course over one, lying where the
  true line is more likely than not within 463 m (a quarter of a mile), or two kinds of odd conduct
  near assets;
- ``info``: everything else, ordinary crossings above all.

Where an innocent reading fits this kind of ship (a tug adrift, a pilot boat waiting) it is one step
less. An alert keeps the highest priority it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from math import erf, sqrt

from seavigil.events import Event, Reason
from seavigil.hashing import short_id
from seavigil.records import MINUTE_US, SECOND_US
from seavigil.risk.innocent import Innocent, readings

PRIORITIES = ("info", "advisory", "warning", "urgent")

#: Events of one ship no farther apart than this are one case.
LINK_S = 7200.0
#: Once all odd conduct ended this long ago, a crossing is a new passage.
LINK_CROSSING_S = 600.0
#: Crossings no farther apart than this are one passage.
LINK_PASSAGE_S = 1800.0
#: Crossings this long before odd conduct belong to its case.
LOOK_BACK_S = 3600.0
#: A crossing this long before a drift was established was made in its first minutes.
BEFORE_DRIFT_S = 900.0
#: Two crossings at least this far apart in time are two hits.
APART_US = 5 * MINUTE_US
#: A ship that lies nearer to the true line than this may foul it as she swings.
FOULING_M = 463.0


@dataclass(frozen=True)
class Knowledge:
    """What the runner knows around one event when it is assessed, as of its ``known_at_us``.

    ``ahead``: assets that the ship reaches within the hour on her present course and speed, each
    with the seconds until then (below zero: she would be over it already), soonest first. ``sigma_m``:
    standard deviation of the event's asset. ``small_craft``: class B.
    """

    ship_type: int | None = None
    ahead: tuple[tuple[str, float], ...] = ()
    sigma_m: float = 0.0
    small_craft: bool = False


@dataclass(frozen=True)
class Draft:
    """What is to be said of one case at one data time; lifecycle and numbering come later.

    ``ahead``: assets she reaches within the hour as she goes now, with the seconds until then.
    """

    case_id: str
    known_at_us: int
    vessel_id: str
    mmsi: int | None
    priority: str
    events: tuple[Event, ...]
    reasons: tuple[Reason, ...]
    innocent_readings: tuple[Innocent, ...]
    ahead: tuple[tuple[str, float], ...] = ()

    @property
    def open(self) -> bool:
        """Whether anything in the case still goes on."""
        return any(e.ended_us is None for e in self.events)


@dataclass
class _Case:
    case_id: str
    events: dict[str, Event] = field(default_factory=dict)
    ahead: dict[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)
    fouls: set[str] = field(default_factory=set)
    priority: str = PRIORITIES[0]

    def takes(self, event: Event) -> bool:
        """Whether a new event belongs to this case."""
        conduct = [e for e in self.events.values() if e.behaviour != "crossing"]
        if event.behaviour != "crossing":
            return _live(conduct, event.began_us, LINK_S) or _live(
                self.events.values(), event.began_us, LOOK_BACK_S
            )
        if conduct:
            return _live(conduct, event.began_us, LINK_CROSSING_S)
        return _live(self.events.values(), event.began_us, LINK_PASSAGE_S)

    def live(self, at_us: int) -> bool:
        """Whether anything in it goes on or ended within LINK_S before ``at_us``."""
        return _live(self.events.values(), at_us, LINK_S)

    def ahead_now(self) -> tuple[tuple[str, float], ...]:
        """Give the assets ahead of what still goes on, the soonest first."""
        legs = [self.ahead[e.event_id] for e in self.events.values() if e.ended_us is None]
        soonest = {asset: in_s for leg in legs for asset, in_s in sorted(leg, key=lambda a: -a[1])}
        return tuple(sorted(soonest.items(), key=lambda a: (a[1], a[0])))


@dataclass
class Assessor:
    """Gathers events into cases; one for a whole watch, state bounded by ``forget``."""

    _cases: dict[str, list[_Case]] = field(default_factory=dict)

    def assess(self, events: Iterable[tuple[Event, Knowledge]]) -> list[Draft]:
        """Give one draft for every case and data time at which ``events`` changed it, in that order."""
        drafts = []
        ordered = sorted(events, key=lambda e: (e[0].known_at_us, e[0].event_id, e[0].revision))
        for known_at_us, group in groupby(ordered, key=lambda e: e[0].known_at_us):
            touched: dict[str, tuple[_Case, Knowledge, Event]] = {}
            for event, knowledge in group:
                case = self._case_of(event)
                _note(case, event, knowledge)
                touched[case.case_id] = (case, knowledge, event)
            drafts += [_draft(c, known_at_us, k, e) for c, k, e in touched.values()]
        return drafts

    @property
    def live_cases(self) -> set[str]:
        """The ids of the cases kept: the others can no longer change."""
        return {case.case_id for cases in self._cases.values() for case in cases}

    def forget(self, before_us: int) -> None:
        """Drop cases of which everything ended before ``before_us`` and that can no longer grow."""
        kept = {ship: [c for c in cases if c.live(before_us)] for ship, cases in self._cases.items()}
        self._cases = {ship: cases for ship, cases in kept.items() if cases}

    def _case_of(self, event: Event) -> _Case:
        """Give the ship's case that holds the event, or the newest that it belongs to, or a new one."""
        cases = self._cases.setdefault(event.vessel_id, [])
        holding = [case for case in cases if event.event_id in case.events]
        if holding:
            return holding[0]
        if cases and cases[-1].takes(event):
            return cases[-1]
        cases.append(_Case(short_id("alert", event.event_id)))
        return cases[-1]


def _live(events: Iterable[Event], at_us: int, link_s: float) -> bool:
    return any(e.ended_us is None or at_us - e.ended_us <= link_s * SECOND_US for e in events)


def _note(case: _Case, event: Event, knowledge: Knowledge) -> None:
    case.events[event.event_id] = event
    case.ahead[event.event_id] = knowledge.ahead
    if event.behaviour == "anchored_near" and _may_foul(event, knowledge):
        case.fouls.add(event.event_id)


def _may_foul(event: Event, knowledge: Knowledge) -> bool:
    """Whether the true line more likely than not lies within her swing; small craft carry no such anchor."""
    if event.distance_m is None or knowledge.small_craft:
        return False
    sigma_m = max(knowledge.sigma_m, 1.0)
    ends = ((event.distance_m + reach_m) / sigma_m for reach_m in (-FOULING_M, FOULING_M))
    beyond, within = (0.5 * (1.0 + erf(end / sqrt(2.0))) for end in ends)
    return within - beyond >= 0.5


def _draft(case: _Case, known_at_us: int, knowledge: Knowledge, event: Event) -> Draft:
    events = tuple(sorted(case.events.values(), key=lambda e: (e.began_us, e.event_id)))
    innocent = readings(events, knowledge.ship_type)
    now = _priority(case, explained=any(i.fits for i in innocent))
    case.priority = max(case.priority, now, key=PRIORITIES.index)
    return Draft(
        case.case_id,
        known_at_us,
        event.vessel_id,
        event.mmsi,
        case.priority,
        events,
        _reasons(case, events),
        innocent,
        case.ahead_now(),
    )


def _reasons(case: _Case, events: tuple[Event, ...]) -> tuple[Reason, ...]:
    """Give every behaviour's reasons, the weightiest first, then the asset it is heading for."""
    best: dict[str, Reason] = {}
    for event in events:
        for reason in event.reasons:
            kept = best.get(reason.code)
            if kept is None or (reason.weight, reason.observed) > (kept.weight, kept.observed):
                best[reason.code] = reason
    ahead = case.ahead_now()
    if ahead:
        best["asset_ahead_in"] = Reason("asset_ahead_in", round(ahead[0][1]), 3600.0, "s", 1.5)
    return tuple(sorted(best.values(), key=lambda r: (-r.weight, r.code)))


def _priority(case: _Case, *, explained: bool) -> str:
    """Give how pressing the case is now; work that her kind of ship does caps it one step lower."""
    urgency = PRIORITIES.index(_unexplained(case))
    return PRIORITIES[max(urgency - 1, 0)] if explained else PRIORITIES[urgency]


def _unexplained(case: _Case) -> str:
    seen = _by_behaviour(case.events)
    hits = _hits([c for c in seen.get("crossing", ()) if _adrift(c, seen.get("drifting", ()))])
    if hits:
        return "urgent" if hits > 1 else "warning"
    lying = any(e.event_id in case.fouls for e in seen.get("anchored_near", ()))
    heading = any(case.ahead[e.event_id] for kind in ("drifting", "gone_dark") for e in seen.get(kind, ()))
    near_assets = {e.behaviour for e in case.events.values() if e.asset_id is not None} - {"crossing"}
    conduct = set(seen) - {"crossing"}
    return "advisory" if lying or heading or (near_assets and len(conduct) > 1) else "info"


def _adrift(crossing: Event, drifts: Iterable[Event]) -> bool:
    """Whether a crossing was made while the ship drifted, or in the minutes before that was established."""
    for drift in drifts:
        from_us = drift.began_us - BEFORE_DRIFT_S * SECOND_US
        until_us = drift.ended_us + LINK_CROSSING_S * SECOND_US if drift.ended_us is not None else None
        if crossing.began_us >= from_us and (until_us is None or crossing.began_us <= until_us):
            return True
    return False


def _hits(crossings: list[Event]) -> int:
    """Count crossings of different assets that lie at least APART_US apart."""
    times: dict[str | None, int] = {}
    for crossing in crossings:
        times.setdefault(crossing.asset_id, crossing.began_us)
    hits, last_us = 0, None
    for time_us in sorted(times.values()):
        if last_us is None or time_us - last_us >= APART_US:
            hits, last_us = hits + 1, time_us
    return hits


def _by_behaviour(events: Mapping[str, Event]) -> dict[str, list[Event]]:
    seen: dict[str, list[Event]] = {}
    for event in sorted(events.values(), key=lambda e: (e.began_us, e.event_id)):
        seen.setdefault(event.behaviour, []).append(event)
    return seen
