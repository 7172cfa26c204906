"""What a user gives beside recordings and assets: the options, how they are read, and what was left out."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seavigil.reasons import many

if TYPE_CHECKING:
    from seavigil.assets import Assets
    from seavigil.assets.check import Finding
    from seavigil.inputs.faults import Notices
    from seavigil.risk.rates import Rates
    from seavigil.runners.known import Known

#: Own choice: in so much traffic an alert that comes once in 1,000 ship-days shows at all.
LEAST_SHIP_DAYS = 1000

Sources = Annotated[list[str], typer.Argument(help="Files, folders, globs, or - for standard input.")]
InputFormat = Annotated[
    str | None, typer.Option(help="Take this format instead of recognising it by content.")
]
ColumnsOf = Annotated[
    str | None,
    typer.Option(help="Columns of a CSV or Parquet file: time=Time,mmsi=MMSI,... or a TOML file."),
]
Places = Annotated[
    list[Path] | None,
    typer.Option("--places", help="Anchorages, ports, pilot places, lanes, land; several may be given."),
]
Weather = Annotated[
    list[Path] | None, typer.Option("--weather", help="Hourly wind and waves (Open-Meteo JSON or CSV).")
]
Depth = Annotated[list[Path] | None, typer.Option("--depth", help="Depths (CSV or xyz), positive down.")]
Normal = Annotated[Path | None, typer.Option("--normal", help="Folder that `seavigil normal learn` wrote.")]
Watchlists = Annotated[
    list[Path] | None, typer.Option("--watchlist", help="Ships to be told of when near (CSV or JSON lines).")
]
Contacts = Annotated[
    list[Path] | None, typer.Option("--contacts", help="What radar, optics or sensors saw (CSV or GeoJSON).")
]
Faults = Annotated[
    list[Path] | None,
    typer.Option("--faults", help="Outage notices: files, or folders looked at again while it runs."),
]


@dataclass(frozen=True)
class Given:
    """What was read. ``rates``: of the history, if any. ``code``: 2 where something was left out."""

    known: Known
    rates: Rates | None
    code: int


def read_given(
    *,
    places: Sequence[Path] | None = None,
    weather: Sequence[Path] | None = None,
    depth: Sequence[Path] | None = None,
    normal: Path | None = None,
    watchlist: Sequence[Path] | None = None,
    contacts: Sequence[Path] | None = None,
) -> Given:
    """Read what was given and tell on stderr what was left out.

    Raises ``ValueError`` that names a file that cannot be used.
    """
    from seavigil.runners.known import Known

    fields: dict[str, Any] = {}
    findings: list[Any] = []
    for name, paths in (
        ("places", places),
        ("weather", weather),
        ("depth", depth),
        ("watchlist", watchlist),
        ("contacts", contacts),
    ):
        if paths:
            found = _readers()[name](paths)
            fields[name] = getattr(found, name)
            findings += found.findings
    rates = None
    if normal is not None:
        fields["pattern"], rates = _history(normal)
    return Given(Known(**fields), rates, say_left_out(findings))


def say_left_out(findings: Sequence[Finding]) -> int:
    """Tell on stderr how much was left out, and of the first why; gives the exit code, 2 if anything was."""
    errors = [finding for finding in findings if finding.level == "error"]
    if errors:
        print(f"{len(errors)} left out; first: {errors[0].line()}", file=sys.stderr)
    return 2 if errors else 0


def read_notices(paths: Sequence[Path] | None, assets: Assets | None) -> Notices | None:
    """Open files and folders of outage notices, None where none are given.

    Raises ``ValueError`` without assets, and for a file without a notice.
    """
    if not paths:
        return None
    if assets is None:
        raise ValueError("--faults wants --assets: a notice is about an asset")
    from seavigil.inputs.faults import Notices

    return Notices(paths, assets)


def say_unused(known: Known, summary: Mapping[str, Any], depth_known: bool | None) -> None:
    """Tell on stderr what was of no use: given for other days than those watched, or for other waters.

    ``depth_known``: whether the depth was known at any alert; None where there was none.
    """
    if len(known.depth) and depth_known is False:
        within = f"within {known.depth.within_m:g} m"
        print(f"no depth given lies {within} of any alert: depths stay unknown", file=sys.stderr)
    if not summary["began"]:
        return
    from seavigil.normal.weather import HOLDS_US
    from seavigil.records import parse_time_us

    began_us, ended_us = parse_time_us(summary["began"]), parse_time_us(summary["ended"])
    hours = known.weather.time_us
    if len(hours) and not ((hours >= began_us - HOLDS_US) & (hours <= ended_us)).any():
        print("the weather given is of other days: none of it was used", file=sys.stderr)
    if others := summary["contacts"]["at_other_times"]:
        print(f"{many(others, 'contact')} of other times than the reports: not judged", file=sys.stderr)


def _readers() -> dict[str, Any]:
    from seavigil.inputs.contacts import read_contacts
    from seavigil.inputs.depth import read_depth
    from seavigil.inputs.places import read_places
    from seavigil.inputs.watchlists import read_watchlists
    from seavigil.inputs.weather import read_weather

    return {
        "places": read_places,
        "weather": read_weather,
        "depth": read_depth,
        "watchlist": read_watchlists,
        "contacts": read_contacts,
    }


def _history(folder: Path) -> tuple[Any, Rates | None]:
    from seavigil.risk.rates import Rates
    from seavigil.store import patterns

    pattern, counted = patterns.pattern(folder)
    try:
        rates = None if counted is None else Rates.from_json(counted)
    except ValueError as fault:
        raise ValueError(f"{folder}: {fault}") from fault
    if rates is not None and rates.ship_days < LEAST_SHIP_DAYS:
        said = f"{rates.ship_days:.0f} ship-days of alerts counted, {LEAST_SHIP_DAYS} wanted"
        print(f"{folder}: {said}: the prior's rates are used", file=sys.stderr)
        rates = None
    return pattern, rates
