"""Events to drafts of alerts: one ship, one case, its reasons, how rare the like is and how pressing it is.

A case gathers what belongs together on one ship and grows with each event (`risk.cases`). Ordinary
crossings make a case too; one that was made within the hour before odd conduct (drifting, loitering,
lying, dark) belongs to it. Its strength (`risk.weights`) never falls; how often ordinary traffic raises
one as strong is counted (`risk.rates`); its priority follows from what can be harmed and how soon, and
never exceeds what its rarity allows (`risk.priority`). An alert keeps the highest priority it had.

A ship that a fault notice names (`fault_match`) is as pressing as the notice makes her, however common
her conduct: an asset that failed while she was over it is evidence from outside of her track.

Where an innocent reading fits (`risk.innocent`) the priority is one step less, and info where one fits
strongly. What explains a case only later retracts it (`risk.retraction`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from seavigil.events import Bounds, Event, Reason
from seavigil.hashing import short_id
from seavigil.risk.budget import Traffic, within_budget
from seavigil.risk.cases import BOTTOM, FAULT_MATCH, Case
from seavigil.risk.innocent import Innocent, lowered, readings
from seavigil.risk.knowledge import Knowledge
from seavigil.risk.priority import PRIORITIES, by_fault, highest
from seavigil.risk.rates import Rates
from seavigil.risk.retraction import HeardLate, Retractions

__all__ = ["PRIORITIES", "Assessor", "Draft", "Knowledge", "Policy"]


@dataclass(frozen=True)
class Policy:
    """What an operator decides. ``rates``: how often ordinary traffic raises alerts, None: not counted.

    ``caps``: the highest priority of a case made of these behaviours only. ``alarms_per_day``: more
    alerts above info than so many a day are not wanted (None: no such limit).
    """

    rates: Rates | None = None
    caps: Mapping[str, str] = field(default_factory=dict)
    alarms_per_day: float | None = None


@dataclass(frozen=True)
class Draft:
    """What is to be said of one case at one data time; lifecycle and numbering come later.

    ``ahead``: assets she reaches within the hour as she goes now, with the seconds until then.
    ``expected_per_1000_ship_days``: alerts at least as strong that so much ordinary traffic raises, and
    ``expected_from``: which traffic that was counted in.
    ``retracted_because``: what later explained all of it.
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
    strength: float = 0.0
    expected_per_1000_ship_days: float | None = None
    expected_from: Mapping[str, Any] | None = None
    others: tuple[str, ...] = ()
    bounds: Bounds | None = None
    depth_known: bool = False
    retracted_because: str | None = None

    @property
    def open(self) -> bool:
        """Whether anything in the case still goes on."""
        return any(e.ended_us is None for e in self.events)


#: Calls one step about one ship, (ship, step, call, arguments); gives None where it kept a fault of it.
Guard = Callable[..., Any]


def _unguarded(_ship: str, _step: str, call: Callable[..., Any], *args: Any) -> Any:
    return call(*args)


@dataclass
class Assessor:
    """Gathers events into cases; one for a whole watch, state bounded by ``forget``."""

    policy: Policy = field(default_factory=Policy)
    _cases: dict[str, list[Case]] = field(default_factory=dict)
    _retractions: Retractions = field(default_factory=Retractions)

    def assess(
        self,
        events: Iterable[tuple[Event, Knowledge]],
        late: Iterable[HeardLate] = (),
        traffic: Traffic | None = None,
        guard: Guard = _unguarded,
    ) -> list[Draft]:
        """Give one draft for every case and data time at which something changed it, in that order.

        ``late``: reports that came after their time, in the order in which they came. ``traffic``: how
        much of it was heard; without it there is no alarm budget to keep. ``guard``: calls what may fail,
        ship by ship, so that one broken ship costs the others nothing.
        """
        steps: list[tuple[_Order, tuple[Event, Knowledge] | HeardLate]] = [(_order(e), e) for e in events]
        steps += [((heard.known_at_us, 2, "", 0), heard) for heard in late]
        drafts: list[Draft] = []
        for known_at_us, group in groupby(sorted(steps, key=_first), key=lambda s: s[0][0]):
            touched: dict[str, Case] = {}
            for _, step in group:
                ship = step.vessel_id if isinstance(step, HeardLate) else step[0].vessel_id
                cases: list[Case] = guard(ship, "risk", self._note, step) or []
                touched |= {case.case_id: case for case in cases}
            ready = (guard(_ship(c), "risk", self._draft, c, known_at_us, traffic) for c in touched.values())
            drafts += [draft for draft in ready if draft is not None]
        return drafts

    @property
    def live_cases(self) -> set[str]:
        """The ids of the cases kept: the others can no longer change."""
        return {case.case_id for cases in self._cases.values() for case in cases}

    def forget(self, before_us: int) -> None:
        """Drop cases of which everything ended before ``before_us`` and that can no longer grow."""
        kept = {ship: [c for c in cases if c.live(before_us)] for ship, cases in self._cases.items()}
        self._cases = {ship: cases for ship, cases in kept.items() if cases}
        self._retractions.forget(before_us, {e for v in self._cases.values() for c in v for e in c.events})

    def _note(self, step: tuple[Event, Knowledge] | HeardLate) -> list[Case]:
        return self._late(step) if isinstance(step, HeardLate) else self._take(*step)

    def _take(self, event: Event, knowledge: Knowledge) -> list[Case]:
        """Note an event; gives its case, and those that it explains."""
        case = self._case_of(event)
        case.note(event, knowledge)
        every = (c for cases in self._cases.values() for c in cases)
        return [case, *self._retractions.take(event, every)]

    def _late(self, heard: HeardLate) -> list[Case]:
        return self._retractions.late(heard, self._cases.get(heard.vessel_id, []))

    def _case_of(self, event: Event) -> Case:
        """Give the ship's case that holds the event, or the newest that it belongs to, or a new one."""
        cases = self._cases.setdefault(event.vessel_id, [])
        holding = [case for case in cases if event.event_id in case.events]
        if holding:
            return holding[0]
        if event.behaviour == FAULT_MATCH:  # it may come in hours later: her case of then, not the newest
            then = [case for case in cases if case.held_then(event.began_us)]
            return then[-1] if then else self._new(cases, event)
        dragging = [case for case in cases if case.drags_on(event)]
        if dragging:
            return dragging[-1]
        if cases and cases[-1].takes(event):
            return cases[-1]
        return self._new(cases, event)

    def _new(self, cases: list[Case], event: Event) -> Case:
        cases.append(Case(short_id("alert", event.event_id)))
        return cases[-1]

    def _draft(self, case: Case, known_at_us: int, traffic: Traffic | None) -> Draft:
        policy = self.policy
        events = tuple(sorted(case.events.values(), key=lambda e: (e.began_us, e.event_id)))
        newest = max(events, key=lambda e: (e.known_at_us, e.event_id))
        innocent = readings(events, case.knowledge[newest.event_id], self._retractions.held(case))
        rates = policy.rates
        expected = None if rates is None else rates.expected_per_1000_ship_days(case.strength)
        now = lowered(highest(case, expected, policy.caps), innocent)
        if not within_budget(expected, policy.alarms_per_day, traffic, known_at_us):
            now = PRIORITIES[0]
        case.priority = max(case.priority, now, by_fault(case, policy.caps), key=PRIORITIES.index)
        return Draft(
            case.case_id,
            known_at_us,
            newest.vessel_id,
            newest.mmsi,
            case.priority,
            events,
            _reasons(case, events),
            innocent,
            case.ahead_now(),
            strength=case.strength,
            expected_per_1000_ship_days=expected,
            expected_from=None if rates is None else rates.origin(),
            others=tuple(dict.fromkeys(o for e in events for o in e.others)),
            bounds=newest.bounds,
            depth_known=any(k.depth_m is not None for k in case.knowledge.values()),
            retracted_because=self._retractions.because(case),
        )


def _ship(case: Case) -> str:
    return next(iter(case.events.values())).vessel_id


_Order = tuple[int, int, str, int]


def _first(step: tuple[_Order, object]) -> _Order:
    return step[0]


def _order(found: tuple[Event, Knowledge]) -> _Order:
    """Put events in order of when they became known; of one time, areas first: they say how far to trust."""
    event = found[0]
    return event.known_at_us, 0 if event.bounds is not None else 1, event.event_id, event.revision


def _reasons(case: Case, events: tuple[Event, ...]) -> tuple[Reason, ...]:
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
    known = [case.knowledge[e.event_id] for e in events if e.behaviour in BOTTOM | {"crossing"}]
    for one in known:
        if one.depth_m is not None and one.anchor_reach_m is not None:
            weight = 1.5 if one.anchor_reaches else 0.5
            best["anchor_reach"] = Reason("anchor_reach", one.anchor_reach_m, one.depth_m, "m", weight)
    hits = case.hits()
    if len(hits) > 1:
        best["hits"] = Reason("hits", len(hits), 0.0, "assets", 3.0)
    return tuple(sorted(best.values(), key=lambda r: (-r.weight, r.code)))
