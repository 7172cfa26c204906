"""`seavigil config`: what a service can be told, and whether a file of settings is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Settings of `seavigil serve`: an example with every key, and a check.\n\n"
    "Example: seavigil config example > watch/seavigil.toml  then  seavigil config check watch"
)


@app.command()
def example() -> None:
    """Print a settings file with every key, its default and what it is.

    Example: seavigil config example > seavigil.toml
    """
    from seavigil.runners.settings import example as text

    print(text(), end="")


@app.command()
def check(
    settings: Annotated[Path, typer.Argument(help="Settings file (TOML), or the folder it lies in.")],
) -> int:
    """Read a settings file and everything it names, without watching.

    Files of assets and the like are read, feeds and channels are set up but not connected. Exit code 1 says
    what is wrong, 2 that something of an input was left out.

    Example: seavigil config check /var/lib/seavigil/seavigil.toml
    """
    from seavigil.cli.serving import serving
    from seavigil.reasons import many
    from seavigil.runners.service import told_apart
    from seavigil.store.engine import make_engine, store_url

    found = serving(settings)
    try:
        told_apart(found.feeds)
        make_engine(store_url(found.store)).dispose()
    except ValueError as fault:
        raise ValueError(f"{found.path}: {fault}") from fault
    feeds = ", ".join(f"{feed.name} ({feed.transport.shown})" for feed in found.feeds) or "no feed"
    channels = ", ".join(found.channels) or "no channel: nobody is told"
    assets = "no assets: no alert about a cable or plant can come"
    if found.plan.assets is not None:
        assets = many(len(found.plan.assets), "asset")
    print(f"{found.path}: sound; {assets}; {feeds}; {channels}")
    return found.code
