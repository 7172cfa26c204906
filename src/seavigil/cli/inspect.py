"""`seavigil inspect`: what is in a recording."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer


def inspect(
    sources: Annotated[list[str], typer.Argument(help="Files, folders, globs, or - for standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    input_format: Annotated[
        str | None, typer.Option(help="Take this format instead of recognising it by content.")
    ] = None,
    mapping: Annotated[
        str | None, typer.Option(help="Columns of a CSV or Parquet file, or a TOML file with them.")
    ] = None,
) -> int:
    """Say what is in a recording: format, span, box, vessels, rates, duplicates, rejects, coverage.

    Example: seavigil inspect recording.nmea.gz --json
    """
    from seavigil.cli.recording import reader, recorded
    from seavigil.runners import batch
    from seavigil.runners.contents import Contents

    contents = Contents()
    with reader(input_format, mapping, contents.recognised) as (read, hour):
        job = batch.Job(sources=recorded(sources), catalogue=())
        summary = batch.run(job, contents.reading(read), batch.Hooks(hour=hour, outcome=contents.watched))
    facts = contents.as_json(summary)
    if as_json:
        print(json.dumps(facts, ensure_ascii=False, indent=1))
    else:
        _print(facts)
    return 2 if summary.too_many_rejects else 0


def _print(facts: dict[str, Any]) -> None:
    from rich.console import Console

    from seavigil.cli.coverage_map import draw
    from seavigil.cli.output import quiet_lines

    console = Console(highlight=False)
    for source, name in facts["formats"].items():
        console.print(f"{source}: {name}", markup=False)
    console.print(f"from {facts['began']} to {facts['ended']}, {facts['hours_covered']:.2f} hours covered")
    if facts["box"]:
        console.print(
            "box {south_deg:.3f} to {north_deg:.3f} N, {west_deg:.3f} to {east_deg:.3f} E".format(
                **facts["box"]
            )
        )
    console.print(
        f"{facts['reports']:,} reports, {facts['reports_per_s']:.2f} a second, {facts['vessels']:,} vessels"
    )
    console.print(
        f"{facts['duplicates']:,} duplicates left out ({facts['duplicate_share']:.1%} of what was heard)"
    )
    for title in ("message_types", "stations", "time_sources", "flags", "rejects", "counts"):
        if facts[title]:
            said = ", ".join(f"{k} {v:,}" for k, v in list(facts[title].items())[:12])
            console.print(f"{title.replace('_', ' ')}: {said}", markup=False)
    for said in quiet_lines(facts):
        console.print(said)
    for line in draw(facts["cells"]):
        console.print(line, markup=False)
