"""`seavigil rules`: what other parameters would have said, before they go live."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seavigil.cli import given

if TYPE_CHECKING:
    from seavigil.runners.rules import Rules

app = typer.Typer(
    help="Change what the watch goes by, and try the changes over the past.", no_args_is_help=True
)


@app.callback()
def _rules() -> None:
    pass


@app.command("try")
def try_rules(
    rules: Annotated[Path, typer.Argument(help="Rules file (TOML).")],
    recordings: Annotated[list[str] | None, typer.Argument(help="Files, folders, globs, or -.")] = None,
    assets: Annotated[
        list[Path] | None, typer.Option(help="Cables, pipelines, wind farms...; may be given several times.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    at: Annotated[
        str | None, typer.Option(help="Rules that expired by this time are ignored (RFC 3339; now).")
    ] = None,
    input_format: given.InputFormat = None,
    mapping: Annotated[
        str | None, typer.Option(help="Columns of a CSV or Parquet file: time=Time,mmsi=MMSI,...")
    ] = None,
    places: given.Places = None,
    weather: given.Weather = None,
    depth: given.Depth = None,
    normal: given.Normal = None,
    watchlist: given.Watchlists = None,
    contacts: given.Contacts = None,
) -> int:
    """Watch recordings without and with the rules, and show what differs. Nothing goes live.

    Without recordings only the file is checked. Give the same places, weather, history.. as you watch with.

    Example: seavigil rules try quieter.toml last-week/*.nmea.gz --assets cables.geojson
    """
    import json

    from seavigil.assets.read import load
    from seavigil.cli import output
    from seavigil.cli.assets import said
    from seavigil.cli.recording import reader, recorded
    from seavigil.risk import Policy
    from seavigil.runners import batch
    from seavigil.runners.priors import prior_rates
    from seavigil.runners.trial import trial

    read, at_us = load_rules(rules), _moment(at)
    if not recordings:
        print(f"{rules}: {len(read.holding(at_us))} of {len(read.rules)} rules hold; no recording given")
        for line in read.expired(at_us):
            print(line)
        return 0
    loaded = load(assets) if assets else None
    told = given.read_given(
        places=places,
        weather=weather,
        depth=depth,
        normal=normal,
        watchlist=watchlist,
        contacts=contacts,
    )
    job = batch.Job(
        sources=recorded(recordings),
        assets=loaded.assets if loaded else None,
        known=told.known,
        policy=Policy(told.rates or prior_rates()),
    )
    with reader(input_format, mapping) as (source, progress):
        run = trial(job, source, read, at_us, batch.Hooks(progress=progress))
    tried = run.as_json()
    if as_json:
        print(json.dumps(tried, ensure_ascii=False), flush=True)
    else:
        _print(tried)
    output.print_summary(run.summary.as_json())
    return max(2 if run.summary.shortfalls else 0, said(loaded) if loaded else 0, told.code)


def load_rules(path: Path) -> Rules:
    """Read a rules file; that it changes nothing is told on stderr.

    Raises ``ValueError`` that names the file and what is wrong in it, ``OSError``.
    """
    import sys
    import tomllib

    from seavigil.behaviours import CATALOGUE
    from seavigil.behaviours.areas import AREA_CATALOGUE
    from seavigil.runners.rules import Known, read_rules

    known: Known = {b.name: b for b in CATALOGUE} | {b.name: b for b in AREA_CATALOGUE}
    try:
        with path.open("rb") as file:
            rules = read_rules(tomllib.load(file), known)
    except UnicodeDecodeError as fault:
        raise ValueError(f"{path}: not UTF-8 text") from fault
    except (ValueError, RecursionError) as fault:
        raise ValueError(f"{path}: {fault}") from fault
    if rules.change_nothing:
        print(f"{path}: changes nothing: no table in it has a setting", file=sys.stderr)
    return rules


def changed(path: Path, at: str | None) -> dict[str, Any]:
    """Give what a rules file changes in a watch at a time (now): its catalogues and caps.

    Rules that expired by then are told on stderr and ignored.

    Raises as ``load_rules``.
    """
    import sys

    from seavigil.behaviours import CATALOGUE
    from seavigil.behaviours.areas import AREA_CATALOGUE
    from seavigil.runners.rules import apply

    rules, at_us = load_rules(path), _moment(at)
    for line in rules.expired(at_us):
        print(line, file=sys.stderr)
    return {
        "catalogue": apply(rules, CATALOGUE, at_us),
        "areas": apply(rules, AREA_CATALOGUE, at_us),
        "caps": rules.caps(at_us),
    }


def _moment(at: str | None) -> int:
    from time import time_ns

    from seavigil.records import parse_time_us

    return parse_time_us(at) if at is not None else time_ns() // 1000


def _print(tried: dict[str, Any]) -> None:
    """Show the counts side by side, then each alert that differs."""
    for line in tried["expired"]:
        print(line)
    print(f"{tried['ship_days']:g} ship-days watched; alerts, and how many in 1,000 ship-days:")
    for priority, before in tried["alerts"]["before"].items():
        after = tried["alerts"]["after"][priority]
        rates = [tried["per_1000_ship_days"][run][priority] for run in ("before", "after")]
        told = ", ".join("not known" if rate is None else f"{rate:g}" for rate in rates)
        print(f"  {priority:<9}{before:>6} -> {after:<6} ({told})")
    if not tried["changes"]:
        print("no alert differs")
    for change in tried["changes"]:
        print(f"{change['change']}: {_told(change)}", flush=True)


def _told(change: dict[str, Any]) -> str:
    from seavigil import words

    levels = " -> ".join(change[run] for run in ("before", "after") if change[run])
    ship = words.ship(change)
    return f"{levels} {ship}: {words.what(change)}, since {change['began'][:16].replace('T', ' ')}"
