"""Suspects out of recordings: the hours about the faults are watched, then the inquiry is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from seavigil.events import Event
from seavigil.fault import Fault
from seavigil.forecast.presence import Sight
from seavigil.forecast.same_fault import joined
from seavigil.forecast.suspects import Findings, suspects
from seavigil.records import HOUR_US, SECOND_US, Decoded
from seavigil.runners import batch
from seavigil.runners.batch import Hooks, Job, Reader
from seavigil.runners.hearing import outside
from seavigil.runners.inquiry import look
from seavigil.runners.live import Outcome, Watch
from seavigil.runners.summary import Summary

#: Faults that lie farther apart are watched one after another: a watch keeps the log of a little over a day.
APART_US = 20 * HOUR_US


@dataclass(frozen=True)
class Investigated:
    """What was found, and the summary of each stretch of the recordings that was watched for it."""

    findings: Findings
    summaries: tuple[Summary, ...]


def investigate(
    job: Job,
    read: Reader,
    faults: Sequence[Fault],
    *,
    before_us: int = 30 * HOUR_US,
    after_us: int = 3 * HOUR_US,
    hooks: Hooks | None = None,
) -> Investigated:
    """Watch the recordings of ``job`` from so long before the first fault to so long after the last.

    Faults more than APART_US apart are each looked into with the data about them; the sources are then read
    again. Notices that tell of one outage are one fault. Raises what `batch.run` and `inquiry.look` raise.
    """
    told = joined(faults)
    heard = _Heard(read)
    sights: list[Sight] = []
    summaries: list[Summary] = []
    for group in _groups([one.fault for one in told]):
        events: list[Event] = []
        watched: list[Watch] = []
        as_of_us = max(fault.at_us + int(fault.within_s * SECOND_US) for fault in group) + after_us
        hours = replace(job, from_us=group[0].at_us - before_us, as_of_us=as_of_us)
        more = replace(hooks or Hooks(), outcome=_gather(events), ended=watched.append)
        summaries.append(batch.run(hours, heard, more))
        for fault in group:
            heard.hold(fault)
        sights += [look(fault, events, watched[0].surroundings, as_of_us) for fault in group]
    return Investigated(suspects(sights, told), tuple(summaries))


class _Heard:
    """Reads sources and remembers from when to when all their reports are, looked at or not."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._began_us: int | None = None
        self._ended_us: int | None = None

    def __call__(self, source: str) -> Iterator[Decoded]:
        """Give what the source holds."""
        for decoded in self._read(source):
            span = pc.min_max(decoded.reports["time_us"].cast(pa.int64())).as_py()
            if span["min"] is not None:
                self._began_us = min(span["min"], self._began_us or span["min"])
                self._ended_us = max(span["max"], self._ended_us or span["max"])
            yield decoded

    def hold(self, fault: Fault) -> None:
        """Raise ``ValueError`` where the fault lies before or after all of them."""
        if self._began_us is not None and self._ended_us is not None:
            outside(fault, self._began_us, self._ended_us)


def _gather(events: list[Event]) -> Callable[[Outcome], None]:
    def take(outcome: Outcome) -> None:
        events.extend(outcome.events)

    return take


def _groups(faults: Sequence[Fault]) -> Iterator[list[Fault]]:
    """Give the faults in order of time, those together that one watch remembers."""
    group: list[Fault] = []
    for fault in sorted(faults, key=lambda one: one.at_us):
        if group and fault.at_us - group[0].at_us > APART_US:
            yield group
            group = []
        group.append(fault)
    if group:
        yield group
