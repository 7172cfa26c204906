"""A recording, or many, of any size and order: read, put in order of time, and watched piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from seavigil.alerts import Alert
from seavigil.assets import Assets
from seavigil.behaviours import CATALOGUE, Behaviour
from seavigil.behaviours.areas import AREA_CATALOGUE, AreaBehaviour
from seavigil.events import events_table
from seavigil.fault import Notice
from seavigil.feeds.formats import UnreadableInput
from seavigil.forecast.next_assets import CallParams
from seavigil.records import Decoded
from seavigil.risk import Policy
from seavigil.runners.faults import Faults
from seavigil.runners.geojson import feature
from seavigil.runners.known import Known
from seavigil.runners.live import Outcome, Watch
from seavigil.runners.summary import Summary
from seavigil.store.results import Results, alerts_table
from seavigil.store.spool import MEMORY_ROWS, Spool

#: Opens one source and gives what it holds piece by piece.
Reader = Callable[[str], Iterator[Decoded]]


@dataclass(frozen=True)
class Job:
    """What to watch and how. ``as_of_us``: nothing later is looked at. ``memory_rows``: see Spool.

    ``from_us``: reports before it are left out; what ships said of themselves before it still holds.

    ``notices``: gives the fault notices that came in since it was last called; None: none are expected.
    ``call``: what a call needs to stop a ship, for the last moment at which it helps (None: as usual).
    """

    sources: Sequence[str]
    assets: Assets | None = None
    out: Path | None = None
    as_of_us: int | None = None
    from_us: int | None = None
    catalogue: tuple[Behaviour, ...] = CATALOGUE
    memory_rows: int = MEMORY_ROWS
    known: Known | None = None
    policy: Policy | None = None
    areas: tuple[AreaBehaviour, ...] = AREA_CATALOGUE
    notices: Callable[[], Sequence[Notice]] | None = None
    call: CallParams | None = None


@dataclass(frozen=True)
class Hooks:
    """What the caller wants to hear while the work goes on.

    ``progress``: rows watched, rows in all. ``ended``: the watch with all that it knows, at the end.
    """

    alert: Callable[[Alert], None] = lambda alert: None
    progress: Callable[[int, int], None] = lambda done, total: None
    outcome: Callable[[Outcome], None] = lambda outcome: None
    ended: Callable[[Watch], None] = lambda watch: None


def run(job: Job, read: Reader, hooks: Hooks | None = None) -> Summary:
    """Watch recordings from end to end; gives the summary. The order of the sources does not matter.

    Alerts are handed to ``hooks.alert`` in data-time order. A source that cannot be read is
    reported and left out; raises ``UnreadableInput`` when none can be, ``OSError`` when ``out``
    or the temporary folder cannot be written (nothing half-written stays behind).
    """
    hooks = hooks or Hooks()
    summary = Summary(assets=job.assets)
    if job.out is None:
        _run(job, read, hooks, summary, None)
    else:
        with Results(job.out) as results:
            _run(job, read, hooks, summary, results)
            results.write_json("summary.json", summary.as_json())
            summary.written = tuple(str(path) for path in results.commit())
    return summary


def _run(job: Job, read: Reader, hooks: Hooks, summary: Summary, results: Results | None) -> None:
    with Spool(None if job.out is None else job.out, job.memory_rows) as spool:
        for source in sorted(job.sources):
            try:
                for decoded in read(source):
                    spool.add(_since(_until(decoded, job.as_of_us), job.from_us))
                    summary.read(decoded)
                    if results is not None:
                        results.add("rejects", decoded.rejects)
            except UnreadableInput as fault:
                summary.unreadable[source] = str(fault)
        if len(summary.unreadable) == len(job.sources):
            raise UnreadableInput("; ".join(summary.unreadable.values()) or "no source given")
        _watch(job, spool, hooks, summary, results)


def _watch(job: Job, spool: Spool, hooks: Hooks, summary: Summary, results: Results | None) -> None:
    watch = Watch(job.assets, job.catalogue, job.known, job.policy, job.areas, job.call)
    summary.contacts = watch.contacts
    done = 0
    for piece in spool.pieces():
        _notice(job, watch)
        _take(watch.take(piece), hooks, summary, results)
        done += piece.reports.num_rows + piece.vessels.num_rows
        hooks.progress(done, spool.rows)
        del piece  # or it would be held while the next one is put together
        pa.default_memory_pool().release_unused()
    _notice(job, watch)
    _take(watch.take(Decoded(), final=True), hooks, summary, results)
    faults = Faults()
    watch.notices.end(faults)
    summary.watched(Outcome(faults=faults.found))
    summary.fault_notices = watch.notices.as_json()
    hooks.ended(watch)
    if results is not None and job.notices is not None:
        results.write_json("faults.json", {"faults": summary.fault_notices})
    if results is not None:
        results.write_geojson("alerts.geojson", map(feature, results.newest_alerts()))


def _notice(job: Job, watch: Watch) -> None:
    if job.notices is not None:
        watch.notices.notice(job.notices())


def _take(outcome: Outcome, hooks: Hooks, summary: Summary, results: Results | None) -> None:
    summary.watched(outcome)
    hooks.outcome(outcome)
    for alert in outcome.alerts:
        hooks.alert(alert)
    if results is None:
        return
    results.add("reports", outcome.reports)
    results.add("vessels", outcome.decoded.vessels)
    if outcome.events:
        results.add("events", events_table(outcome.events))
    if outcome.alerts:
        results.add(
            "alerts", alerts_table([a.as_json() for a in outcome.alerts], [_times(a) for a in outcome.alerts])
        )


def _times(alert: Alert) -> dict[str, int | None]:
    return {
        name: getattr(alert, name) for name in ("began_us", "ended_us", "detected_at_us", "revised_at_us")
    }


def _until(decoded: Decoded, as_of_us: int | None) -> Decoded:
    """Leave out what is later than ``as_of_us``."""
    if as_of_us is None:
        return decoded
    reports, vessels = (t.filter(_not_after(t, as_of_us)) for t in (decoded.reports, decoded.vessels))
    return Decoded(reports, vessels, decoded.rejects, decoded.counts)


def _since(decoded: Decoded, from_us: int | None) -> Decoded:
    """Leave out reports before ``from_us``."""
    if from_us is None:
        return decoded
    reports = decoded.reports
    later = pc.greater_equal(reports["time_us"].cast(pa.int64()), from_us)
    return Decoded(reports.filter(later), decoded.vessels, decoded.rejects, decoded.counts)


def _not_after(rows: pa.Table, as_of_us: int) -> Any:
    return pc.less_equal(rows["time_us"].cast(pa.int64()), as_of_us)
