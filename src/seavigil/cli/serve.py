"""`seavigil serve`: feeds, watch, channels and web interface as one service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from seavigil.cli.serving import Serving


def serve(
    folder: Annotated[
        Path, typer.Option(help="Folder with seavigil.toml, in which everything is kept; or the file itself.")
    ] = Path(),
) -> int:
    """Watch live feeds around the clock: keep everything, tell the channels, serve the web interface.

    It ends in good order on Ctrl-C or SIGTERM, and goes on where it was when it is started again, also
    after a crash.

    Example: seavigil config example > watch/seavigil.toml  (say what is watched)  then
    seavigil serve --folder watch
    """
    import asyncio

    from seavigil.cli.serving import serving

    found = serving(folder)
    if not found.feeds:
        raise ValueError(f"{found.path}: no table [feeds.NAME]: nothing to watch")
    asyncio.run(_serve(found))
    return found.code


async def _serve(found: Serving) -> None:
    import asyncio
    import signal
    import sys

    from seavigil.cli.live import say_states, tell_news
    from seavigil.cli.serving import opened
    from seavigil.runners.status import NO_ASSETS

    with opened(found) as service:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, service.stop)
        if found.plan.assets is None:
            print(NO_ASSETS, file=sys.stderr, flush=True)
        print(f"watching {', '.join(feed.name for feed in found.feeds)}", file=sys.stderr, flush=True)
        saying = asyncio.create_task(say_states(service))
        try:
            await service.run()
        finally:
            saying.cancel()
            tell_news(service)
        unkept = service.unkept()
    end = f"ended; {unkept}: the next start judges it again from the log" if unkept else "ended in good order"
    print(end, file=sys.stderr, flush=True)
