"""`seavigil console`: a recording on the map, in the browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seavigil.cli import given
from seavigil.cli.forecast import CallNeeds

if TYPE_CHECKING:
    from socket import socket

    from seavigil.inputs.faults import Notices
    from seavigil.runners.plan import Plan
    from seavigil.runners.recorded import Recorded

HOST = "127.0.0.1"


def console(
    recordings: Annotated[
        list[str] | None, typer.Argument(help="Files, folders, globs, or - for standard input.")
    ] = None,
    assets: Annotated[
        list[Path] | None, typer.Option(help="Cables, pipelines, wind farms...; may be given several times.")
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on this machine; 0: any free one.")
    ] = 8640,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")
    ] = True,
    out: Annotated[
        Path | None, typer.Option(help="Keep what the recording led to in this new folder.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Look at nothing later than this time (RFC 3339).")
    ] = None,
    input_format: Annotated[
        str | None,
        typer.Option("--input-format", "--format", help="Take this format instead of recognising it."),
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option("--mapping", "--columns", help="Columns of a CSV or Parquet file, as of `watch`."),
    ] = None,
    places: given.Places = None,
    weather: given.Weather = None,
    depth: given.Depth = None,
    normal: given.Normal = None,
    watchlist: given.Watchlists = None,
    contacts: given.Contacts = None,
    faults: given.Faults = None,
    rules: Annotated[
        Path | None, typer.Option(help="Changes to what the watch goes by (see: seavigil rules try).")
    ] = None,
    alarm_budget: Annotated[
        float | None,
        typer.Option(min=0.0, help="So many alerts a day above info; the rest are info."),
    ] = None,
    call_needs: CallNeeds = None,
) -> int:
    """Watch a recording and show it in the browser: the map, the alerts, the ships, the assets.

    The page is served on this machine alone, until Ctrl-C. Without --out nothing is kept. A live watch
    (seavigil serve) serves the same page itself.

    Example: seavigil console recording.nmea.gz --assets cables.geojson
    """
    from seavigil.cli.plan import Wanted, planned

    if not recordings:
        raise ValueError("give a recording to show; a live watch shows its own console: seavigil serve")
    wanted = Wanted(
        assets, places, weather, depth, normal, watchlist, contacts, rules, alarm_budget, call_needs, as_of
    )
    plan, code = planned(wanted, live=False)
    notices = given.read_notices(faults, plan.assets)
    shown = Shown(recordings, plan, notices, as_of, input_format, mapping, out)
    return max(code, show(shown, port, browser=browser))


@dataclass(frozen=True)
class Shown:
    """A recording and all that is watched with. ``out``: the folder that is kept; None: a temporary one."""

    sources: Sequence[str]
    plan: Plan
    notices: Notices | None = None
    as_of: str | None = None
    input_format: str | None = None
    mapping: str | None = None
    out: Path | None = None


def show(shown: Shown, port: int, *, browser: bool) -> int:
    """Watch the recording, then serve its console until somebody ends it; gives the exit code.

    Raises ``ValueError``, ``OSError`` where it cannot be read, kept, or served.
    """
    import asyncio

    with ExitStack() as stack:
        taken = stack.enter_context(_port(port))  # first: nobody waits for a page that cannot be served
        recorded = stack.enter_context(watched(shown))
        address = f"http://{HOST}:{taken.getsockname()[1]}/"
        asyncio.run(_serve(recorded, taken, address, browser=browser))
        return 2 if recorded.summary.shortfalls else 0


def _port(port: int) -> socket:
    """Take the port. Raises ``OSError`` that says how to get another."""
    from seavigil.api.serve import bound

    try:
        return bound(HOST, port)
    except OSError as fault:
        why = (fault.strerror or "").partition(":")[0]
        raise OSError(fault.errno, f"{why}: --port 0 takes any free one", f"{HOST}:{port}") from fault


@contextmanager
def watched(shown: Shown) -> Iterator[Recorded]:
    """Watch a recording into a store, with a progress bar; a temporary folder is gone in the end.

    Raises ``ValueError``, ``OSError`` where it cannot be read or kept.
    """
    from tempfile import TemporaryDirectory
    from time import time_ns

    from seavigil.cli.recording import reader, recorded
    from seavigil.records import parse_time_us
    from seavigil.runners import batch
    from seavigil.runners.recorded import Recorded
    from seavigil.store.database import Database

    with ExitStack() as stack:
        temporary = shown.out is None
        folder = shown.out or Path(stack.enter_context(TemporaryDirectory(prefix="seavigil-console-")))
        if not temporary:
            _new(folder)
        plan = shown.plan
        job = batch.Job(
            sources=recorded([*shown.sources]),
            assets=plan.assets,
            as_of_us=None if shown.as_of is None else parse_time_us(shown.as_of),
            known=plan.known,
            policy=plan.policy,
            call=plan.call,
            notices=None if shown.notices is None else shown.notices.fresh,
            catalogue=plan.catalogue,
            areas=plan.areas,
        )
        database = stack.enter_context(Database.open(folder))
        found = Recorded(folder, plan, database, _called(job.sources), lambda: time_ns() // 1000)
        with reader(shown.input_format, shown.mapping) as (read, progress):
            found.watch(job, read, progress)
        yield found


def _new(folder: Path) -> None:
    """Make the folder that is kept. Raises ``ValueError`` where something lies in it already."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ValueError(f"{folder}: not empty; --out wants a new folder, so that no two recordings mix")


def _called(sources: Sequence[str]) -> str:
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    return f"{Path(sources[0]).name}{more}"


async def _serve(recorded: Recorded, taken: socket, address: str, *, browser: bool) -> None:
    """Serve until a signal ends it."""
    import asyncio
    import signal
    import sys

    from seavigil.api import Access, Context
    from seavigil.api.serve import serve
    from seavigil.console import missing
    from seavigil.runners.status import NO_ASSETS

    ends = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ends.set)
    context = Context(recorded, recorded.database, Access())
    works = [asyncio.create_task(work) for work in (serve(context, taken), recorded.work(), ends.wait())]
    said = [NO_ASSETS if recorded.plan.assets is None else None, missing()]
    for text in filter(None, said):
        print(text, file=sys.stderr)
    taken.listen()  # who opens the address the moment it is printed waits, and is not refused
    print(f"{recorded.recording}: {address} (Ctrl-C ends it)", flush=True)
    if browser:
        await asyncio.to_thread(_open, address)
    done, _ = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    for work in done:
        work.result()


def _open(address: str) -> None:
    """Open the page; where there is no browser the address was printed."""
    import webbrowser
    from contextlib import suppress

    with suppress(webbrowser.Error, OSError):
        webbrowser.open(address)
