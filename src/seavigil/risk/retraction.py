"""What explains a case only after it was told: jamming, late reports, a better suspect, a notice taken back.

A case is retracted when everything odd in it is explained; what was known before the case is no
retraction but holds it back (`held`). New evidence that nothing explains opens it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from seavigil.events import Event
from seavigil.records import SECOND_US
from seavigil.risk.cases import CONTEXT, Case

#: What rests on positions, courses and speeds, which a jammed receiver gets wrong.
KINEMATIC = frozenset(
    {
        "anchor_drag_under_way",
        "anchored_near",
        "asset_following",
        "dragging_at_anchor",
        "drifting",
        "loitering",
        "position_spoofed",
        "rendezvous",
        "repeated_crossing",
        "slow_crossing",
        "speed_out_of_class",
        "sudden_stop",
        "survey_pattern",
        "trawling_over",
        "unusual_route",
        "zigzag",
    }
)
#: Own choice: where the area was degraded for half of the time on which the event rests, it explains it.
SHARE = 0.5
#: The least silence that `gone_dark` judges; a ship heard more often than that was not silent.
SILENCE_US = 1800 * SECOND_US

GNSS_DEGRADED, HEARD_LATE = "gnss_degraded", "heard_late"
#: Reasons of a fault match that take it back.
TAKEN_BACK = frozenset({"fault_fits_no_more", "fault_withdrawn"})


@dataclass(frozen=True)
class HeardLate:
    """A report of a ship that came after its time had been settled: ``time_us`` its own time."""

    vessel_id: str
    time_us: int
    known_at_us: int


@dataclass
class Retractions:
    """What is known to explain events: areas, late reports, and the events explained, by code."""

    _areas: dict[str, Event] = field(default_factory=dict)
    _late: dict[str, list[int]] = field(default_factory=dict)
    _explained: dict[str, str] = field(default_factory=dict)
    _held: dict[str, str] = field(default_factory=dict)

    def take(self, event: Event, every: Iterable[Case]) -> list[Case]:
        """Take an event; gives those of all cases that it explains."""
        if event.behaviour == GNSS_DEGRADED:
            self._areas[event.event_id] = event
            return [c for c in every if self._explain(c, event)]
        for code in TAKEN_BACK & {reason.code for reason in event.reasons}:
            self._explained[event.event_id] = code
        if event.revision == 1:
            self._hold(event)
        return []

    def late(self, heard: HeardLate, cases: Iterable[Case]) -> list[Case]:
        """Take a late report of one ship; gives her cases that it explains."""
        self._late.setdefault(heard.vessel_id, []).append(heard.time_us)
        return [case for case in cases if self._explain(case, None)]

    def because(self, case: Case) -> str | None:
        """Give what explains the whole case, or None while something odd in it stands."""
        open_to_doubt = [e.event_id for e in _odd(case) if e.event_id not in self._held]
        codes = [self._explained.get(event_id, "") for event_id in open_to_doubt]
        return min(codes) if codes and all(codes) else None

    def held(self, case: Case) -> frozenset[str]:
        """Give what was known to explain events of the case already when they were found."""
        return frozenset(self._held[e] for e in case.events if e in self._held)

    def forget(self, before_us: int, events: set[str]) -> None:
        """Let go of what ended, or was told of, before ``before_us``, and of all but these events."""
        gone = {k for k, e in self._areas.items() if e.ended_us is not None and e.ended_us < before_us}
        self._areas = {k: e for k, e in self._areas.items() if k not in gone}
        self._late = {k: [t for t in v if t >= before_us] for k, v in self._late.items()}
        self._late = {k: v for k, v in self._late.items() if v}
        self._explained = {k: v for k, v in self._explained.items() if k in events}
        self._held = {k: v for k, v in self._held.items() if k in events}

    def _hold(self, event: Event) -> None:
        code = self._reads(event)
        if code is not None:
            self._held[event.event_id] = code

    def _explain(self, case: Case, area: Event | None) -> bool:
        """Note what is explained now and was not yet; whether the case changed by it."""
        fresh = [e for e in _odd(case) if e.event_id not in self._explained and e.event_id not in self._held]
        before = self.because(case)
        for event in fresh:
            code = self._reads(event) if area is None or covers(area, event) else None
            if code is not None:
                self._explained[event.event_id] = code
        return self.because(case) != before

    def _reads(self, event: Event) -> str | None:
        if event.behaviour == "gone_dark":
            return HEARD_LATE if heard_all_the_while(event, self._late.get(event.vessel_id, [])) else None
        return GNSS_DEGRADED if any(covers(area, event) for area in self._areas.values()) else None


def _odd(case: Case) -> list[Event]:
    return [e for e in case.events.values() if e.behaviour not in CONTEXT and e.bounds is None]


def covers(area: Event, event: Event) -> bool:
    """Whether GNSS was degraded where the event was found, for SHARE of the time on which it rests."""
    if event.behaviour not in KINEMATIC or area.bounds is None:
        return False
    if event.lat_deg is None or event.lon_deg is None:
        return False
    box = area.bounds
    inside = box.south_deg <= event.lat_deg <= box.north_deg and box.west_deg <= event.lon_deg <= box.east_deg
    until_us = area.known_at_us if area.ended_us is None else area.ended_us
    rests_us = max(event.detected_at_us - event.began_us, 1)
    shared_us = min(event.detected_at_us, until_us) - max(event.began_us, area.began_us)
    return inside and shared_us >= SHARE * rests_us - 1


def heard_all_the_while(silence: Event, late_us: Iterable[int]) -> bool:
    """Whether late reports leave no stretch of the silence as long as what makes one."""
    until_us = silence.known_at_us if silence.ended_us is None else silence.ended_us
    times_us = [silence.began_us, *sorted(t for t in late_us if silence.began_us < t < until_us), until_us]
    return len(times_us) > 2 and all(b - a < SILENCE_US for a, b in pairwise(times_us))
