"""`seavigil status`: how a service does, what is wrong first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seavigil.runners.status import Problem, StatusSnapshot
    from seavigil.store.rows import FeedRow

_WRONG = 2
_PRIORITIES = ("urgent", "warning", "advisory", "info")
#: An alert in one of these is before somebody.
_STANDING = ("open", "escalated", "acknowledged")


def status(
    folder: Annotated[Path, typer.Option(help="Folder of the service, with its seavigil.toml.")] = Path(),
    store: Annotated[
        str | None, typer.Option(help="Folder or URL of the store, if no seavigil.toml tells it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> int:
    """Say how a service does: what is wrong first, then feeds, judging, log, alerts and the last statement.

    Works while the service runs, and after it has ended: then it tells what was last known. The exit code
    is 2 when anything is wrong.

    Example: seavigil status --folder ./watch
    """
    import time

    from seavigil.records import SECOND_US
    from seavigil.runners.status import StatusParams, problems

    now_us = time.time_ns() // 1000
    snapshot, source = _found(folder, store, now_us)
    fresh = now_us - snapshot.taken_us <= StatusParams().stale_s * SECOND_US
    running = source == "service" and fresh and not snapshot.stopped
    wrong = problems(snapshot, now_us)
    if source == "store":
        snapshot, wrong, running = _beside_store(folder, snapshot, wrong)
    if as_json:
        _print_json(snapshot, wrong, running=running, now_us=now_us)
    else:
        for line in _page(snapshot, wrong, running=running, now_us=now_us):
            print(line)
    return _WRONG if wrong else 0


def _found(folder: Path, store: str | None, now_us: int) -> tuple[StatusSnapshot, str]:
    """Give the status that the service wrote, or tells, else what its store last knew, and whose it is.

    A file that is old or broken may be that of a service whose disk is full: it is asked itself.
    """
    from seavigil.cli.asking import ask_status
    from seavigil.records import SECOND_US
    from seavigil.runners.status import StatusParams, read_status

    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder")
    try:
        told, broken = read_status(folder), None
    except ValueError as fault:
        told, broken = None, fault
    if told is not None and now_us - told.taken_us <= StatusParams().stale_s * SECOND_US:
        return told, "service"
    told = ask_status(folder) or told
    if told is not None:
        return told, "service"
    if broken is not None:
        raise broken
    return _stored(_store_of(folder, store)), "store"


def _beside_store(
    folder: Path, snapshot: StatusSnapshot, wrong: list[Problem]
) -> tuple[StatusSnapshot, list[Problem], bool]:
    """Add to what a store tells whether anybody is at work: a watch writes no status."""
    from dataclasses import replace

    from seavigil.runners.at_work import writer_of
    from seavigil.runners.status import DEAD, Problem

    pid = writer_of(folder)
    wrong = [problem for problem in wrong if problem.code != "not_running"]
    if pid is None:
        nobody = Problem(
            "not_running", DEAD, "nothing is watched now: no service or watch runs in this folder"
        )
        return snapshot, [nobody, *wrong], False
    return replace(snapshot, pid=pid), wrong, True


def _store_of(folder: Path, store: str | None) -> str:
    """Give where the store is: as told, as the settings say, or in the folder."""
    from seavigil.runners.settings import NAME, read_settings
    from seavigil.store.engine import FILE_NAME

    path = folder / NAME
    if store is None and path.is_file():
        store = read_settings(path).store.url
    if store is None and path.is_file() and not (folder / FILE_NAME).is_file():
        raise ValueError(f"{folder}: not started yet (seavigil serve --folder {folder})")
    if store is None and not (folder / FILE_NAME).is_file():
        raise ValueError(f"{folder}: no service was ever run here (no {NAME} with a store, no {FILE_NAME})")
    return store or str(folder)


def _stored(store: str) -> StatusSnapshot:
    """Give what a store last knew, changing nothing of it."""
    from seavigil.records import DAY_US
    from seavigil.runners.faults import OF_ALL
    from seavigil.runners.status import OutboxStatus, Statement, StatusSnapshot, StoreStatus, feed_row
    from seavigil.store.database import Database
    from seavigil.store.engine import make_engine, store_url

    with Database(make_engine(store_url(store), read_only=True)) as database:
        feeds = database.feeds()
        taken_us = max((row["wall_us"] for row in feeds), default=0)
        statements = database.statements(taken_us - DAY_US)
        counts, faults = database.outbox_counts(), database.step_faults(taken_us - DAY_US)
        last = statements[-1] if statements else None
        return StatusSnapshot(
            taken_us=taken_us,
            feeds=tuple(feed_row(row) for row in feeds),
            store=StoreStatus(database.shown),
            alerts=database.alert_counts(),
            outbox=OutboxStatus(counts["waiting"], counts["sent"], counts["dead"]),
            statement=None if last is None else Statement(last["wall_us"], last["text"]),
            faults=len(faults),
            faults_of_all=sum(fault["vessel_id"] in OF_ALL for fault in faults),
        )


def _print_json(snapshot: StatusSnapshot, wrong: list[Problem], *, running: bool, now_us: int) -> None:
    import json

    from seavigil.records import SECOND_US
    from seavigil.runners.told import status_json, told_problems

    age_s = round((now_us - snapshot.taken_us) / SECOND_US, 1)
    told = status_json(snapshot) | {"problems": told_problems(wrong)}
    print(json.dumps({"running": running, "age_s": age_s, **told}, ensure_ascii=False))


def _page(snapshot: StatusSnapshot, wrong: list[Problem], *, running: bool, now_us: int) -> Iterator[str]:
    """Give the lines of the page."""
    from seavigil.reasons import many, span
    from seavigil.records import SECOND_US

    if wrong:
        yield f"{many(len(wrong), 'thing')} wrong:"
        yield from (f"  {problem.words}" for problem in wrong)
    else:
        yield "all well"
    yield ""
    age_s = max((now_us - snapshot.taken_us) / SECOND_US, 0.0)
    up = f", up {span((snapshot.taken_us - snapshot.started_us) / SECOND_US)}" if snapshot.started_us else ""
    told = f"running (process {snapshot.pid}{up})" if running else "not running; what follows was last known"
    yield f"service   {told}, as of {span(age_s)} ago" if snapshot.taken_us else "service   nothing known yet"
    yield from _feeds(snapshot)
    yield from _works(snapshot)
    yield f"alerts    {_alerts(snapshot)}"
    yield f"messages  {_letters(snapshot)}"
    if snapshot.statement is not None:
        yield f"last said {snapshot.statement.text}"


def _feeds(snapshot: StatusSnapshot) -> Iterator[str]:
    if not snapshot.feeds:
        yield "feeds     none"
    for n, row in enumerate(snapshot.feeds):
        yield f"{'feeds' if n == 0 else '':<9} {_feed(row, snapshot.taken_us)}"


def _feed(row: FeedRow, taken_us: int) -> str:
    """Say one feed: state, rate against the usual, last report, delay, ships, rejects, what was lost."""
    from seavigil.reasons import many, span
    from seavigil.records import SECOND_US

    rate = "no rate yet" if row.reports_per_s is None else f"{_rate(row.reports_per_s)} reports/s"
    usual = row.usual_reports_per_s
    rate += " (usual not known yet)" if usual is None else f" (usual {usual:.3g})"
    last = "never a report"
    if row.last_report_us is not None:
        last = f"last report {span(max(taken_us - row.last_report_us, 0) / SECOND_US)} before"
    parts = [f"{row.name}: {row.state}", rate, last]
    if row.delay_s_median is not None:
        side = "late" if row.delay_s_median >= 0 else "ahead"
        delay_s = abs(row.delay_s_median)
        parts.append(f"{f'{delay_s:.2g} s' if delay_s < 120 else span(delay_s)} {side}")
    parts += [many(row.ships, "ship"), f"{row.rejects:,} rejected"]
    parts += [f"{count:,} {what.replace('_', ' ')}" for what, count in _lost(row).items() if count]
    return ", ".join(parts)


def _lost(row: FeedRow) -> dict[str, int]:
    return {
        what: count
        for what, count in row.counts.items()
        if not what.startswith("minute_") and what not in ("alive", "connections")
    }


def _works(snapshot: StatusSnapshot) -> Iterator[str]:
    judge, log = snapshot.judge, snapshot.log
    if log.position:
        room = "" if log.free_bytes is None else f", {_size(log.free_bytes)} left on its disk"
        yield f"judging   at record {judge.position:,} of {log.position:,}, {judge.lag_s:.1f} s behind"
        yield f"log       {_size(log.bytes)}{room}"
    if snapshot.store.shown:
        yield f"store     {snapshot.store.shown}"


def _alerts(snapshot: StatusSnapshot) -> str:
    counts = {p: sum(snapshot.alerts.get(p, {}).get(s, 0) for s in _STANDING) for p in _PRIORITIES}
    told = ", ".join(f"{count:,} {priority}" for priority, count in counts.items() if count)
    every = sum(sum(by_status.values()) for by_status in snapshot.alerts.values())
    return f"{told or 'none'} standing; {every:,} in the store"


def _letters(snapshot: StatusSnapshot) -> str:
    outbox = snapshot.outbox
    return f"{outbox.waiting:,} waiting, {outbox.sent:,} sent, {outbox.dead:,} given up"


def _size(size: int) -> str:
    """Say a size: `12 KiB`, `3.4 GiB`."""
    value: float = size
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def _rate(per_s: float) -> str:
    return f"{per_s:,.0f}" if per_s >= 100 else f"{per_s:.3g}"
