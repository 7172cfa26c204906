"""Fault notices in a watch: who was over the asset then is asked at the notice's own data time.

A notice is looked into twice: as soon as it has come in, and once more when its time window and the ten
minutes in which an anchor trails behind are over. Both looks know what was known at their data time, nothing
more, so the same notices give the same matches wherever the stream is cut. A notice that is withdrawn, or
replaced by another, holds from the data time of that on no more: who it named is sought no longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from seavigil.assets import Assets
from seavigil.behaviours import Surroundings
from seavigil.events import Event, Passage, Reason
from seavigil.fault import Fault, Notice, Withdrawal
from seavigil.forecast.suspects import (
    LEAST_PROBABILITY,
    LIKELY,
    MOST_CHANCE,
    POSSIBLE,
    UNLIKELY,
    Findings,
    Suspect,
)
from seavigil.hashing import short_id
from seavigil.inputs.faults import as_json
from seavigil.normal.log import Log
from seavigil.records import DAY_US, END_OF_DATA_US, MINUTE_US, NEVER_US, SECOND_US, rfc3339
from seavigil.risk.cases import FAULT_MATCH
from seavigil.runners.faults import Faults
from seavigil.runners.inquiry import EVENTS_KEPT_US, inquire

#: Own choices: more than three names help nobody; below one in five a ship is one of many.
MOST_NAMED, NAMED_FROM = 3, 0.2
#: An anchor trails behind its ship: what it breaks may break so long after she crossed (own choice, as the
#: lag of `forecast.fit` for a ship that makes 2 kn).
TRAILS_US = 10 * MINUTE_US
#: A ship named is sought for so long, and what she does meanwhile belongs to it: on record anchors broke the
#: next cable up to 18 h later (own choice: a day).
SOUGHT_US = DAY_US
#: Notes by which nobody's not being there can be told.
_NOT_HEARD = frozenset({"hardly_heard_there", "nothing_heard"})
#: Says that its notice holds no more.
WITHDRAWN = "fault_withdrawn"
_SAYS = {
    "fault_fits_likely": "likely",
    "fault_fits_possibly": "possible",
    "fault_fits_no_more": "fits_no_more",
    WITHDRAWN: "withdrawn",
}


@dataclass
class _Notice:
    """One notice: the data times at which it is still to be looked into, and what was found last.

    ``closes_us``: when the ships named are sought no longer. ``named``: by ship the newest event about her.
    ``fitting``: who was named at the newest look, best first.
    """

    fault: Fault
    due_us: list[int]
    closes_us: int | None = None
    findings: Findings | None = None
    refused: str | None = None
    named: dict[str, Event] = field(default_factory=dict)
    fitting: tuple[str, ...] = ()
    looks: int = 0
    #: From when on it holds no more, by which other notice, and whether that time has come.
    gone_us: int = END_OF_DATA_US
    replaced_by: str | None = None
    gone: bool = False

    @property
    def state(self) -> str:
        """Say what came of it, as a code."""
        if self.gone:
            return "replaced" if self.replaced_by else "withdrawn"
        if self.fitting:
            return "matched"
        if self.findings is None:
            return "outside_of_the_data" if self.refused else "not_looked_into"
        if not self.looks:
            return "noticed_after_the_data"
        if any(note.code in _NOT_HEARD for note in self.findings.notes):
            return "no_coverage"
        fits = any(one.says != UNLIKELY for one in self.findings.suspects)
        return "none_stands_out" if fits else "nobody_fits"

    @property
    def last_us(self) -> int:
        """When the last look is due, if the notice has come in by then."""
        return self.fault.at_us + int(self.fault.within_s * SECOND_US) + TRAILS_US


class FaultWatch:
    """Keeps the notices of one watch and, from the first on, the events that an inquiry needs (30 h)."""

    def __init__(self) -> None:
        self._asked = False
        self._told_us = NEVER_US
        self._events: list[Event] = []
        self._notices: dict[str, _Notice] = {}
        self._gone: dict[str, tuple[int, str | None]] = {}
        self._known = Surroundings()

    def notice(self, notices: Iterable[Notice]) -> None:
        """Take notices; one whose time the watch has passed already is looked into, or withdrawn, at once.

        To be called before the first reports, with none if there is none yet: events are kept from then on.
        """
        self._asked = True
        for notice in notices:
            if isinstance(notice, Withdrawal):
                self._take_back(notice.fault_id, notice.noticed_us, None)
                continue
            self._add(notice)
            if notice.replaces is not None:
                self._take_back(notice.replaces, notice.noticed_us, notice.fault_id)

    def _add(self, fault: Fault) -> None:
        first_us = max(fault.noticed_us, self._told_us + 1)
        notice = self._notices.setdefault(fault.fault_id, _Notice(fault, [first_us]))
        if notice.last_us > first_us and notice.due_us == [first_us]:
            notice.due_us.append(notice.last_us)
        if fault.fault_id in self._gone:
            notice.gone_us, notice.replaced_by = self._gone[fault.fault_id]

    def _take_back(self, fault_id: str, from_us: int | None, by: str | None) -> None:
        """Let a notice, here already or yet to come, hold no more from a time on; the earliest counts."""
        gone_us = max(NEVER_US if from_us is None else from_us, self._told_us + 1)
        self._gone[fault_id] = min((gone_us, by), self._gone.get(fault_id, (END_OF_DATA_US, by)), key=_time)
        notice = self._notices.get(fault_id)
        if notice is not None and not notice.gone:
            notice.gone_us, notice.replaced_by = self._gone[fault_id]

    def match(
        self, found: Sequence[Event], surroundings: Surroundings, as_of_us: int, faults: Faults
    ) -> list[Event]:
        """Give an event for each ship that a notice due by ``as_of_us`` names; ``found``: what is new."""
        if not self._asked:
            return []
        self._events += found
        self._known = surroundings
        matches: list[Event] = []
        for due_us, notice in self._due(as_of_us):
            matches += faults.guard("all ships", "fault", self._look, notice, due_us) or []
        for notice in self._notices.values():
            matches += [*_sought_no_more(notice, as_of_us), *_taken_back(notice, as_of_us)]
        self._told_us = max(self._told_us, as_of_us)
        self._events = [e for e in self._events if e.known_at_us > self._told_us - EVENTS_KEPT_US]
        return matches

    def end(self, faults: Faults) -> None:
        """Look into what came in only after the data ended: told in the findings, but no ship is named."""
        for notice in self._notices.values():
            asked = notice.gone or notice.findings is not None or notice.refused is not None
            if not asked and self._told_us != NEVER_US:
                faults.guard("all ships", "fault", self._inquire, notice, self._told_us)

    def as_json(self) -> list[dict[str, Any]]:
        """Give each notice with what came of it, and all that was found about it, in order of time."""
        ordered = sorted(self._notices.values(), key=lambda n: (n.fault.at_us, n.fault.fault_id))
        assets = Assets(() if self._known.assets is None else self._known.assets.assets)
        return [_told(notice, assets) for notice in ordered]

    def _due(self, as_of_us: int) -> list[tuple[int, _Notice]]:
        """Give the looks that are due, in order of time, and strike them off."""
        due = [(t, n) for n in self._notices.values() for t in n.due_us if t <= as_of_us and t < n.gone_us]
        for notice in self._notices.values():
            notice.due_us = [t for t in notice.due_us if as_of_us < t < notice.gone_us]
        return sorted(due, key=lambda look: (look[0], look[1].fault.fault_id))

    def _look(self, notice: _Notice, due_us: int) -> list[Event]:
        """Inquire at one data time; gives the events of those named, and of those named no more."""
        fault = notice.fault
        notice.looks += 1
        found = self._inquire(notice, due_us)
        suspects = () if found is None else found.suspects
        named = [s for s in suspects if _fits(s)][:MOST_NAMED]
        context = _Look(fault, suspects, self._daily(fault, due_us), self._known.log, due_us)
        events = [context.event(one, notice.named.get(one.vessel_id)) for one in named]
        gone = set(notice.named) - {one.vessel_id for one in named}
        events += [context.no_more(notice.named[vessel]) for vessel in sorted(gone)]
        notice.named |= {event.vessel_id: event for event in events}
        notice.fitting = tuple(one.vessel_id for one in named)
        notice.closes_us = due_us + SOUGHT_US if due_us >= notice.last_us else None
        return events

    def _inquire(self, notice: _Notice, as_of_us: int) -> Findings | None:
        """Ask who it was; where the data do not reach, keep why not."""
        known = (e for e in self._events if as_of_us - EVENTS_KEPT_US < e.known_at_us <= as_of_us)
        try:
            notice.findings, notice.refused = inquire([notice.fault], known, self._known, as_of_us), None
        except ValueError as why:
            notice.findings, notice.refused = None, str(why)
        return notice.findings

    def _daily(self, fault: Fault, due_us: int) -> int:
        """Count the crossings of the asset in the day before, whoever made them."""
        return sum(
            e.behaviour == "crossing"
            and e.asset_id == fault.asset_id
            and e.revision == 1
            and due_us - DAY_US < e.known_at_us <= due_us
            for e in self._events
        )


def _sought_no_more(notice: _Notice, as_of_us: int) -> list[Event]:
    """Give the last revisions of the ships named, once they have been sought for long enough."""
    closes_us = notice.closes_us
    if closes_us is None or closes_us > as_of_us or closes_us >= notice.gone_us:
        return []
    notice.closes_us = None
    return _ended(notice, closes_us)


def _taken_back(notice: _Notice, as_of_us: int) -> list[Event]:
    """Give the last revisions of the ships named that are still sought, once the notice holds no more."""
    if notice.gone or notice.gone_us > as_of_us:
        return []
    notice.gone, notice.closes_us, notice.fitting = True, None, ()
    return _ended(notice, notice.gone_us, peak_score=0.0, reasons=(Reason(WITHDRAWN, 1.0, None, ""),))


def _ended(notice: _Notice, ended_us: int, **more: Any) -> list[Event]:
    open_still = [e for e in notice.named.values() if e.ended_us is None]
    ended = [
        replace(e, revision=e.revision + 1, known_at_us=ended_us, ended_us=ended_us, **more)
        for e in open_still
    ]
    notice.named |= {event.vessel_id: event for event in ended}
    return ended


def _time(one: tuple[int, str | None]) -> int:
    return one[0]


def fitted(match: Event, asset_name: str) -> dict[str, Any]:
    """Say of a fault match which notice it is about, how well she fits it, or that she does no more.

    ``says``: likely, possible, fits_no_more or withdrawn; ``probability``, ``rank``: of the newest look.
    """
    fault = match.fault
    assert fault is not None  # what a fault match is about
    says, probability = next((_SAYS[r.code], r.observed) for r in match.reasons if r.code in _SAYS)
    return {
        "fault_id": fault.fault_id,
        "asset_id": fault.asset_id,
        "name": asset_name,
        "at": rfc3339(fault.at_us),
        "within_s": fault.within_s,
        "says": says,
        "probability": None if says == "withdrawn" else probability,
        "rank": next((int(r.observed) for r in match.reasons if r.code == "fault_rank"), None),
    }


def _fits(one: Suspect) -> bool:
    return one.says == LIKELY or (one.says == POSSIBLE and one.probability >= NAMED_FROM)


@dataclass(frozen=True)
class _Look:
    """One look into a notice at one data time. ``daily``: crossings of the asset in the day before."""

    fault: Fault
    suspects: Sequence[Suspect]
    daily: int
    log: Log
    due_us: int

    def event(self, one: Suspect, before: Event | None) -> Event:
        """Give the event that names a ship; a revision of the one from the first look, if there is one."""
        at = self._last_seen(one.vessel_id)
        crossed_us = None if one.dark else one.crossed_at_us
        passage = Passage(one.probability_over, crossed_us, one.crossed_within_s, one.km_along)
        return Event(
            event_id=short_id(FAULT_MATCH, one.vessel_id, self.fault.fault_id),
            revision=1 if before is None else before.revision + 1,
            known_at_us=self.due_us,
            detected_at_us=self.due_us if before is None else before.detected_at_us,
            behaviour=FAULT_MATCH,
            params_hash=short_id(FAULT_MATCH, MOST_NAMED, NAMED_FROM, TRAILS_US),
            vessel_id=one.vessel_id,
            mmsi=one.mmsi,
            asset_id=self.fault.asset_id,
            began_us=one.crossed_at_us if before is None else before.began_us,
            ended_us=None,
            peak_score=_nats(one),
            distance_m=one.distance_m,
            passage=passage,
            reasons=tuple(self._reasons(one)),
            fault=self.fault,
            **at,
        )

    def no_more(self, before: Event) -> Event:
        """Give the revision of a ship that was named at the first look and is not at the last."""
        fit = sum(one.probability for one in self.suspects if one.vessel_id == before.vessel_id)
        reasons = (Reason("fault_fits_no_more", round(fit, 3), NAMED_FROM, "1"),)
        return replace(
            before,
            revision=before.revision + 1,
            known_at_us=self.due_us,
            ended_us=self.due_us,
            peak_score=0.0,
            reasons=reasons,
        )

    def _reasons(self, one: Suspect) -> Iterator[Reason]:
        fault, fit = self.fault, round(one.probability, 3)
        if one.says == LIKELY:
            yield Reason("fault_fits_likely", fit, LEAST_PROBABILITY, "1", 4.0)
        else:
            yield Reason("fault_fits_possibly", fit, NAMED_FROM, "1", 2.0)
        if not one.dark:
            yield Reason("fault_time_offset", round(one.time_offset_s), round(fault.within_s), "s", 1.5)
        yield Reason("fault_rank", one.rank, len(self.suspects), "ships", 0.5)
        yield Reason("fault_chance", round(one.chance, 4), MOST_CHANCE, "1")
        if fault.km_along is not None and one.km_along is not None:
            off_km = round(abs(one.km_along - fault.km_along), 2)
            yield Reason("fault_place_offset", off_km, fault.km_error, "km")
        if fault.confidence < 1.0:
            yield Reason("fault_confidence", fault.confidence, 1.0, "1", 0.5)
        if one.dark:
            yield Reason("silent_at_fault", round(2.0 * one.crossed_within_s), None, "s")
        others = sum(_fits(other) for other in self.suspects) - 1
        if others > 0:
            yield Reason("others_fit_fault", others, 0, "ships", 0.5)
        yield Reason("asset_crossed_daily", self.daily, None, "times", 0.25)

    def _last_seen(self, vessel_id: str) -> dict[str, Any]:
        """Give where her log has her at the data time of the look: there she is to be looked for."""
        mmsi, _, part = vessel_id.partition("#")
        log = self.log.of(int(mmsi), int(part or 1) - 1)
        rows = np.flatnonzero(log.visible_us <= self.due_us)
        if not len(rows):
            place: dict[str, Any] = dict.fromkeys(("lat_deg", "lon_deg", "sog_kn", "cog_deg", "transceiver"))
            return {**place, "first_report_id": 0, "last_report_id": 0, "reports": 0}
        row, report_id = int(rows[-1]), int(log.last_report_id[rows[-1]])
        names = ("lat_deg", "lon_deg", "sog_kn", "cog_deg", "transceiver")
        place = {name: _known(getattr(log, name)[row]) for name in names}
        place["transceiver"] = None if place["transceiver"] is None else int(place["transceiver"])
        return {**place, "first_report_id": report_id, "last_report_id": report_id, "reports": 1}


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _nats(one: Suspect) -> float:
    """Give how surprising the fit is: minus the log of how often some ship fits as well at other times."""
    return float(-np.log(min(max(one.chance, 1e-6), 1.0)))


def _told(notice: _Notice, assets: Assets) -> dict[str, Any]:
    fault, found = notice.fault, notice.findings
    names = {asset.asset_id: asset.name for asset in assets}
    return {
        **as_json(fault),
        "asset_name": names.get(fault.asset_id, fault.asset_id),
        "state": notice.state,
        "replaced_by": notice.replaced_by if notice.gone else None,
        "named": list(notice.fitting),
        "looks_left": [rfc3339(due_us) for due_us in notice.due_us],
        "refused": notice.refused,
        "findings": None if found is None else found.as_json(),
    }
