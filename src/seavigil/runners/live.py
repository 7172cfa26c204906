"""One report's way from wire to alert: five calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seavigil.alerts import Alert, AlertBook, BookParams, Command, Refused, Transition
from seavigil.assets import Assets
from seavigil.assets.index import AssetIndex
from seavigil.behaviours import CATALOGUE, Behaviour, Surroundings
from seavigil.behaviours.areas import AREA_CATALOGUE, AreaBehaviour
from seavigil.events import Event
from seavigil.feeds.formats import Receiver
from seavigil.forecast.next_assets import CallParams
from seavigil.normal.coverage import Clock
from seavigil.records import HOUR_US, NEVER_US, TRACKED, Decoded, Flag, empty
from seavigil.risk import Assessor, Policy
from seavigil.runners.ahead import Ahead
from seavigil.runners.areas import Areas
from seavigil.runners.contacts import ContactsJudged
from seavigil.runners.facts import Facts, traffic
from seavigil.runners.fault_watch import FaultWatch
from seavigil.runners.faults import Fault, Faults
from seavigil.runners.known import Known
from seavigil.runners.learners import Learners
from seavigil.runners.priors import prior_rates
from seavigil.runners.ships import FORGET_AFTER_US, Ships
from seavigil.track import split
from seavigil.tracks import Tracked, Tracker

_HALF_DAY_US = 12 * HOUR_US


@dataclass(frozen=True)
class Outcome:
    """What one piece of input led to; everything in data-time order. ``surroundings``: as known after it."""

    decoded: Decoded = field(default_factory=Decoded)
    reports: pa.Table = field(default_factory=lambda: empty(TRACKED))
    events: tuple[Event, ...] = ()
    alerts: tuple[Alert, ...] = ()
    transitions: tuple[Transition, ...] = ()
    faults: tuple[Fault, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    surroundings: Surroundings = field(default_factory=Surroundings)


class Watch:
    """The state of one watch. Feeding it in one piece or in many gives the same alerts."""

    def __init__(
        self,
        assets: Assets | None = None,
        catalogue: tuple[Behaviour, ...] = CATALOGUE,
        known: Known | None = None,
        policy: Policy | None = None,
        areas: tuple[AreaBehaviour, ...] = AREA_CATALOGUE,
        call: CallParams | None = None,
        book: BookParams | None = None,
    ) -> None:
        self._index = AssetIndex(assets) if assets else None
        self._tracker = Tracker()
        self._facts = Facts(self._index)
        known = known or Known()
        self._learners = Learners(self._index, known, self._facts.statics)
        self._ships = Ships(catalogue)
        self._areas = Areas(areas)
        judges = any(behaviour.name == "unmatched_detection" for behaviour in areas)
        #: How many contacts were judged so far.
        self.contacts = ContactsJudged(known.contacts, judges)
        #: The fault notices taken so far, and what came of them.
        self.notices = FaultWatch()
        self._assessor = Assessor(policy or Policy(prior_rates()))
        self._alerts = AlertBook(book or BookParams())
        self._as_of_us = NEVER_US
        #: Looks ahead of ships.
        self.ahead = Ahead(self._index, call=call)
        #: What is known after the newest reports.
        self.surroundings = Surroundings(self._index)

    @property
    def book(self) -> AlertBook:
        """The alerts about ships and areas, with their life."""
        return self._alerts

    def receive(self, receiver: Receiver, chunk: bytes, received_us: int) -> Outcome:
        """Take one piece of a feed's bytes, cut anywhere."""
        return self.take(receiver.receive(chunk, received_us=received_us))

    def take(self, decoded: Decoded, *, final: bool = False, receipt_off_us: int | None = None) -> Outcome:
        """Take decoded reports; with ``final`` the data end here and nothing more is waited for.

        ``receipt_off_us``: what times of receipt say of the reports' clocks, as `Tracker.add` has it.
        """
        tracked = self._tracker.add(decoded, final=final, receipt_off_us=receipt_off_us)
        counts = {**tracked.counts, "static_too_far_ahead": self._facts.hold(decoded.vessels)}
        events: list[Event] = []
        alerts: list[Alert] = []
        faults = Faults()
        for reports, as_of_us in _by_half_day(tracked):
            surroundings = self.surroundings = self._learn(reports, as_of_us, faults)
            found = self._detect(reports, surroundings, as_of_us, faults)
            found += self.notices.match(found, surroundings, as_of_us, faults)
            known = self._facts.around(found, surroundings, faults)
            heard = traffic(surroundings.coverage)
            drafts = self._assessor.assess(known, self._facts.late(), heard, faults.guard)
            revised = self._alerts.advance(self._facts.alerts(drafts, surroundings, faults), as_of_us)
            alerts += self.ahead.told(revised, surroundings, faults)
            events += found
            self._as_of_us = as_of_us
            self._forget(surroundings.clock)
        return Outcome(
            decoded,
            tracked.reports,
            tuple(events),
            tuple(alerts),
            tuple(self._alerts.transitions()),
            faults.found,
            counts,
            self.surroundings,
        )

    def obey(self, command: Command) -> Outcome:
        """Do what a person asks, at the data time that the watch has come to.

        Raises ``Refused``, in words for that person, where it cannot be done.
        """
        if self._as_of_us == NEVER_US:
            raise Refused(f"{command.kind}: nothing has been heard yet, so there is no time to do it at")
        faults = Faults()
        revised = self._alerts.obey(command, self._as_of_us)
        alerts = self.ahead.told(revised, self.surroundings, faults)
        steps = tuple(self._alerts.transitions())
        return Outcome(
            alerts=tuple(alerts), transitions=steps, faults=faults.found, surroundings=self.surroundings
        )

    @property
    def as_of_us(self) -> int:
        """The data time that the watch has come to; NEVER_US before any."""
        return self._as_of_us

    def wait(self, until_us: int) -> Outcome:
        """Let time go by for the alerts alone, while nothing is heard: nothing is judged.

        What falls due by then (an alert that nobody answers, the end of a silence) happens; what is heard
        later of a time before is taken as it comes.
        """
        faults = Faults()
        alerts = self.ahead.told(self._alerts.advance((), until_us), self.surroundings, faults)
        steps = tuple(self._alerts.transitions())
        return Outcome(
            alerts=tuple(alerts), transitions=steps, faults=faults.found, surroundings=self.surroundings
        )

    def _learn(self, reports: pa.Table, as_of_us: int, faults: Faults) -> Surroundings:
        """Give what is known after these reports; should that fail, the assets alone."""
        faults.guard("all ships", "facts", self._facts.learn, reports, as_of_us)
        faults.guard("all ships", "fixes", self.ahead.heard, reports)
        surroundings = faults.guard("all ships", "surroundings", self._learners.learn, reports)
        return surroundings or Surroundings(self._index)

    def _detect(
        self, reports: pa.Table, surroundings: Surroundings, as_of_us: int, faults: Faults
    ) -> list[Event]:
        self.contacts.add(surroundings.coverage)
        found = self._ships.detect(split(ships_in_order(reports)), surroundings, as_of_us, faults)
        return found + self._areas.detect(surroundings, as_of_us, faults)

    def _forget(self, clock: Clock) -> None:
        """Let go of cases that can no longer change, by what was heard: the next report may end a silence."""
        if clock.ticks_us is not None and len(clock.ticks_us):
            self._assessor.forget(int(clock.ticks_us[-1]) - FORGET_AFTER_US)
            self._alerts.keep(self._assessor.live_cases)


def _by_half_day(tracked: Tracked) -> Iterator[tuple[pa.Table, int]]:
    """Cut what was released into half days, so that what is learned need not be kept for long after."""
    rows = tracked.reports
    half = np.maximum.accumulate(rows["time_us"].cast(pa.int64()).to_numpy()) // _HALF_DAY_US
    edges = [0, *(np.flatnonzero(np.diff(half)) + 1).tolist(), rows.num_rows]
    for begin, end in pairwise(edges):
        last = end == rows.num_rows
        yield (
            rows.slice(begin, end - begin),
            tracked.watermark_us if last else int(half[begin] + 1) * _HALF_DAY_US - 1,
        )


def left_out(reports: pa.Table) -> pa.Table:
    """Give those that came too late or with a wrong clock: kept, not judged."""
    return reports.filter(
        pc.not_equal(pc.bit_wise_and(reports["flags"], int(Flag.LATE | Flag.WRONG_CLOCK)), 0)
    )


def ships_in_order(reports: pa.Table) -> pa.Table:
    """Leave out what is no ship and what came too late or with a wrong clock: kept, not judged."""
    left_out = int(Flag.NOT_A_SHIP | Flag.LATE | Flag.WRONG_CLOCK)
    return reports.filter(pc.equal(pc.bit_wise_and(reports["flags"], left_out), 0))
