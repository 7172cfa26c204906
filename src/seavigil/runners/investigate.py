"""Suspects out of recordings: the hours about the faults are watched, then the inquiry is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from seavigil.events import Event
from seavigil.fault import Fault
from seavigil.forecast.presence import Sight
from seavigil.forecast.suspects import Findings, suspects
from seavigil.records import HOUR_US
from seavigil.runners import batch
from seavigil.runners.batch import Hooks, Job, Reader
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
    again. Raises what `batch.run` and `inquiry.look` raise.
    """
    sights: list[Sight] = []
    summaries: list[Summary] = []
    for group in _groups(faults):
        events: list[Event] = []
        watched: list[Watch] = []
        as_of_us = group[-1].at_us + after_us
        hours = replace(job, from_us=group[0].at_us - before_us, as_of_us=as_of_us)
        more = replace(hooks or Hooks(), outcome=_gather(events), ended=watched.append)
        summaries.append(batch.run(hours, read, more))
        sights += [look(fault, events, watched[0].surroundings, as_of_us) for fault in group]
    return Investigated(suspects(sights), tuple(summaries))


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
