"""`seavigil suspects`: a fault in, the ships that may have caused it out, best first."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seavigil.cli import given

if TYPE_CHECKING:
    from seavigil.assets import Assets
    from seavigil.fault import Fault
    from seavigil.forecast.suspects import Findings
    from seavigil.inputs.faults import Notices
    from seavigil.runners.investigate import Investigated


class Format(StrEnum):
    """How suspects are printed."""

    TABLE = "table"
    NDJSON = "ndjson"


class End(StrEnum):
    """From which end of the asset's route kilometres are counted."""

    START = "start"
    END = "end"


def suspects(
    sources: given.Sources,
    assets: Annotated[
        list[Path], typer.Option(help="Cables, pipelines, wind farms...; may be given several times.")
    ],
    asset: Annotated[
        list[str] | None, typer.Option(help="Id or name of the asset that failed; again for each fault.")
    ] = None,
    at: Annotated[
        list[str] | None, typer.Option(help="When it failed (RFC 3339); again for each fault.")
    ] = None,
    within: Annotated[str, typer.Option(help="How sure the time is, to either side: 90s, 30m, 1h.")] = "60s",
    km_along: Annotated[
        list[float] | None, typer.Option(help="Kilometre of the fault; again for each fault.")
    ] = None,
    km_error: Annotated[
        float | None, typer.Option(min=0.0, help="How sure the kilometre is, to either side.")
    ] = None,
    km_from: Annotated[
        End, typer.Option(help="Which end of the route kilometres are counted from.")
    ] = End.START,
    slack: Annotated[
        float, typer.Option(help="Metres of fibre to a metre of route, for kilometres an OTDR gave: 1.02.")
    ] = 1.0,
    faults: Annotated[Path | None, typer.Option(help="Fault notices (CSV or JSON) instead.")] = None,
    before: Annotated[str, typer.Option(help="Look at so much before the first fault.")] = "30h",
    after: Annotated[str, typer.Option(help="Look at so much after the last fault.")] = "3h",
    output_format: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
    input_format: given.InputFormat = None,
    mapping: given.ColumnsOf = None,
    places: given.Places = None,
    weather: given.Weather = None,
    depth: given.Depth = None,
    normal: given.Normal = None,
) -> int:
    """Rank the ships that may have caused a fault, with what speaks for and against each.

    Several faults (--asset and --at again, in order) are taken as one ship's doing. A ship is called
    likely only where hardly any other ever fits as well by chance; even then nothing is proved.

    Example: seavigil suspects day.nmea.gz --assets cables.geojson --asset "Link 2" --at 2025-11-20T10:26Z
    """
    from seavigil.assets.read import load
    from seavigil.cli.assets import said
    from seavigil.cli.recording import reader, recorded
    from seavigil.inputs.faults import duration_s
    from seavigil.records import SECOND_US
    from seavigil.runners import batch
    from seavigil.runners.investigate import investigate

    loaded = load(assets)
    place = {"km_error": km_error, "km_from": km_from.value, "slack": slack}
    _only_with_a_kilometre(place, km_along)
    asked, left_out = _asked(
        loaded.assets, faults, asset or [], at or [], {"within": within, **place}, km_along or []
    )
    told = given.read_given(places=places, weather=weather, depth=depth, normal=normal)
    job = batch.Job(sources=recorded(sources), assets=loaded.assets, known=told.known)
    before_us, after_us = (int(duration_s(text) * SECOND_US) for text in (before, after))
    with reader(input_format, mapping) as (read, progress):
        done = investigate(
            job, read, asked, before_us=before_us, after_us=after_us, hooks=batch.Hooks(progress=progress)
        )
    _print(done.findings, loaded.assets, output_format, _goes_on(sources, assets))
    short = _say(done)
    return max(2 if short else 0, said(loaded), told.code, left_out)


def _only_with_a_kilometre(place: dict[str, Any], km_along: list[float] | None) -> None:
    """Refuse what is said of a kilometre where none is given: it would go for nothing."""
    usual = {"km_error": None, "km_from": End.START.value, "slack": 1.0}
    for name, value in place.items():
        if value != usual[name] and not km_along:
            raise ValueError(f"--{name.replace('_', '-')} says something of --km-along, which is not given")


def _asked(
    assets: Assets,
    file: Path | None,
    names: list[str],
    times: list[str],
    more: dict[str, Any],
    km: list[float],
) -> tuple[list[Fault], int]:
    """Give the faults asked about, and the exit code: 2 where a notice was left out.

    Raises ``ValueError`` where options do not belong together.
    """
    from seavigil.inputs.faults import Notices, fault_of

    if file is not None:
        if names or times:
            raise ValueError("give either --faults, or --asset and --at")
        return _told(Notices([file], assets))
    if not names or len(names) != len(times):
        raise ValueError(f"{len(names)} --asset and {len(times)} --at: give both for each fault")
    if km and len(km) != len(names):
        raise ValueError(f"{len(km)} --km-along for {len(names)} faults: give one for each, or none")
    rows = [
        {
            "id": "fault" if len(names) == 1 else f"fault {n}",
            "asset": name,
            "time": time,
            **{k: str(v) for k, v in more.items() if v is not None},
            **({"km_along": str(km[n - 1])} if km else {}),
        }
        for n, (name, time) in enumerate(zip(names, times, strict=True), start=1)
    ]
    return [fault_of(row, assets) for row in rows], 0


def _told(notices: Notices) -> tuple[list[Fault], int]:
    """Give the notices that none of them takes back, and tell on stderr what was left out."""
    from seavigil.cli.findings import say_read

    notices.fresh()
    code = say_read(notices)
    if not notices.standing:
        raise ValueError(f"{notices.paths[0]}: no fault notice in it that still holds")
    return notices.standing, code


def _goes_on(sources: list[str], assets: list[Path]) -> tuple[str, str]:
    """Give the sources and the assets as they are typed for the next command."""
    from shlex import join, quote

    return join(sources), " ".join(f"--assets {quote(str(path))}" for path in assets)


def _print(findings: Findings, assets: Assets, form: Format, typed: tuple[str, str]) -> None:
    import json

    from seavigil.cli.suspect_words import closing, report
    from seavigil.runners.suspect_words import cannot_know

    if form is Format.NDJSON:
        for one in findings.suspects:
            print(json.dumps(one.as_json(), ensure_ascii=False))
        print(json.dumps(findings.limits(), ensure_ascii=False))
        sys.stdout.flush()
        for text in cannot_know(findings):
            print(text, file=sys.stderr)
        return
    report(findings, {asset.asset_id: asset.name for asset in assets})
    for text in closing(findings, *typed):
        print(text)
    sys.stdout.flush()


def _say(done: Investigated) -> bool:
    """Say on stderr what was read; gives whether input was rejected too much."""
    from seavigil.reasons import many

    short = False
    for summary in done.summaries:
        told = summary.as_json()
        print(
            f"{many(told['reports'], 'report')} of {many(told['vessels'], 'vessel')} "
            f"from {told['began']} to {told['ended']}",
            file=sys.stderr,
        )
        for why in summary.shortfalls:
            print(why, file=sys.stderr)
        short |= bool(summary.shortfalls)
    return short
