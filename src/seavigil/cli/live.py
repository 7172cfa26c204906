"""`seavigil watch` over live feeds, or over recordings as if they came now."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seavigil.cli import output

if TYPE_CHECKING:
    from seavigil.cli.recording import Printer
    from seavigil.inputs.faults import Notices
    from seavigil.runners.judge import Step
    from seavigil.runners.plan import Plan
    from seavigil.runners.service import Feed, Service
    from seavigil.runners.summary import Summary


@dataclass(frozen=True)
class Live:
    """What is watched. ``out``: the folder that everything is kept in; None: nothing is kept."""

    feeds: Sequence[Feed]
    plan: Plan
    out: Path | None = None
    until_closed: bool = False
    notices: Notices | None = None


def watch_live(live: Live, printer: Printer) -> Summary:
    """Watch until the feeds have ended or somebody stops it; each revision is printed as it is made.

    Gives what was heard. Raises ``OSError`` where the folder cannot be written.
    """
    from seavigil.runners.summary import Summary

    summary = Summary(assets=live.plan.assets)
    gone: list[BaseException] = []

    def told(step: Step) -> None:
        for decoded in step.decoded:
            summary.read(decoded)
        for outcome in step.outcomes:
            summary.watched(outcome)
        summary.alerts.update((alert.alert_id, alert.priority) for alert in step.alerts)
        try:
            for alert in step.alerts:
                printer.alert(alert)
            _print_news(step, printer)
        except (OSError, SystemExit) as fault:  # nobody reads what we print any more
            gone.append(fault)
            service.stop_soon()

    with ExitStack() as stack:
        service = stack.enter_context(_opened(live))
        service.told = service.keeper.told = told
        asyncio.run(_run(service, live.feeds))
    summary.contacts = service.keeper.judge.watch.contacts
    summary.fault_notices = service.keeper.judge.watch.notices.as_json()
    if live.out is not None:
        summary.written = (str(live.out),)
        if not service.keeper.judge.ended:
            held = (
                "what came in the last minute is held back for its order, and judged when the watch goes on"
            )
            print(held, file=sys.stderr)
    if gone:
        output.drop_stdout()
    return summary


def _print_news(step: Step, printer: Printer) -> None:
    """Tell a person at the terminal what is new, as it comes; and each hour what was seen and heard."""
    from seavigil.alerts.notify import worth_telling

    for told in worth_telling(step.transitions, step.alerts):
        line = told.alert.as_json()
        if printer.form == "table" and output.at_least([line], printer.least):
            what = told.transition.what.replace("_", " ")
            output.print_alerts([line], title=f"{line['revised_at'][:16]}Z {what}")
    for statement in step.statements:
        print(statement.text, file=sys.stderr, flush=True)


@contextmanager
def _opened(live: Live) -> Iterator[Service]:
    from seavigil.runners.service import Service
    from seavigil.store.database import Database
    from seavigil.store.rawlog import RawLog

    with ExitStack() as stack:
        folder = live.out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seavigil-")))
        folder.mkdir(parents=True, exist_ok=True)
        log = stack.enter_context(RawLog(folder / "log"))
        database = stack.enter_context(Database.open(folder))
        yield Service(
            folder,
            live.plan,
            live.feeds,
            log,
            database,
            until_closed=live.until_closed,
            ends_when_stopped=live.out is None,
            notices=live.notices,
        )


async def _run(service: Service, feeds: Sequence[Feed]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, service.stop)
    print(f"watching {', '.join(feed.transport.shown for feed in feeds)}", file=sys.stderr, flush=True)
    saying = asyncio.create_task(say_states(service))
    try:
        await service.run()
    finally:
        saying.cancel()
        tell_news(service)


def tell_news(service: Service) -> None:
    """Tell on stderr what feeds said of themselves since it was last told."""
    names = {feed.number: feed.name for feed in service.feeds}
    while service.intake.news:
        number, name, why = service.intake.news.popleft()
        print(f"{names[number]}: {name}{f' ({why})' if why else ''}", file=sys.stderr, flush=True)


async def say_states(service: Service) -> None:
    """Tell on stderr how feeds do, whenever that changes."""
    told: list[str] = []
    while True:
        tell_news(service)
        troubles = list(_troubles(service))
        for trouble in troubles:
            if trouble not in told:
                print(trouble, file=sys.stderr, flush=True)
        if told and not troubles:
            print("everything can be written again", file=sys.stderr, flush=True)
        told = troubles
        await asyncio.sleep(1.0)


def _troubles(service: Service) -> Iterator[str]:
    """Say what cannot be written, and what failed beside watching."""
    progress = service.keeper.progress
    if service.intake.trouble is not None:
        yield f"the raw log cannot be written, feeds have to wait: {service.intake.trouble}"
    if progress.trouble is not None:
        yield f"the store takes nothing, judging waits: {progress.trouble}"
    if progress.checkpoint_trouble is not None:
        yield progress.checkpoint_trouble
    if service.trouble is not None:
        yield f"something failed beside watching: {service.trouble}"
