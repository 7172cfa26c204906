"""`seavigil inspect`: what is in a recording."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from seavigil.reasons import many

#: The exit code when something given was not, or hardly, read.
INCOMPLETE = 2
#: So many kinds are named of each thing counted.
MOST = 12


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
    with reader(input_format, mapping, contents.recognised) as (read, progress):
        job = batch.Job(sources=recorded(sources), catalogue=())
        summary = batch.run(
            job, contents.reading(read), batch.Hooks(progress=progress, outcome=contents.watched)
        )
    facts = contents.as_json(summary)
    if as_json:
        print(json.dumps(facts, ensure_ascii=False, indent=1))
    else:
        print("\n".join(_lines(facts)))
    for why in summary.shortfalls:
        print(why, file=sys.stderr)
    if summary.shortfalls:
        print(f"exit code {INCOMPLETE}: what is said above is not all that was given", file=sys.stderr)
    return INCOMPLETE if summary.shortfalls else 0


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    from seavigil.cli.coverage_map import draw, latitude, longitude
    from seavigil.cli.output import quiet_lines

    for source, name in facts["formats"].items():
        yield f"{source}: {name}"
    yield from _when_and_howmany(facts)
    if box := facts["box"]:
        yield (
            f"box {latitude(box['south_deg'], 3)} to {latitude(box['north_deg'], 3)}, "
            f"{longitude(box['west_deg'], 3)} to {longitude(box['east_deg'], 3)}"
        )
    yield from _rates(facts["vessel_rates"])
    yield from _counts(facts)
    yield from quiet_lines(facts)
    yield from draw(facts["cells"])


def _when_and_howmany(facts: dict[str, Any]) -> Iterator[str]:
    if facts["began"]:
        yield f"from {facts['began']} to {facts['ended']}, {facts['hours_covered']:.2f} hours covered"
    rate = f", {facts['reports_per_s']:.2f} a second" if facts["reports_per_s"] else ""
    reports = many(facts["reports"], "report") if facts["reports"] else "no reports"
    yield f"{reports}{rate}, {many(facts['vessels'], 'vessel')}"
    if facts["duplicates"]:
        said = many(facts["duplicates"], "duplicate")
        yield f"{said} left out ({facts['duplicate_share']:.1%} of what was heard)"
    if facts["without_clock"]:
        said = many(facts["without_clock"], "report")
        carry = "carries" if facts["without_clock"] == 1 else "carry"
        piped = "-" in facts["formats"]
        stands = "the time of reading" if piped else "the file's own time (when it was last written)"
        yield f"{said} {carry} no time of their own: {stands} stands for it"


def _rates(rates: list[dict[str, Any]]) -> Iterator[str]:
    medians = sorted(r["median_interval_s"] for r in rates if r["median_interval_s"] is not None)
    if len(medians) == 1:
        yield f"report rate: median interval {medians[0]} s"
    elif medians:
        middle, ships = medians[(len(medians) - 1) // 2], len(medians)
        yield (
            f"report rates: median interval {middle} s, from {medians[0]} s to {medians[-1]} s "
            f"by ship ({ships:,} ships with two reports or more; each ship's in --json)"
        )


def _counts(facts: dict[str, Any]) -> Iterator[str]:
    """Say what was counted; the decoder's counts by type are those of the reports with duplicates."""
    read = {name: n for name, n in facts["counts"].items() if not name.startswith("type_")}
    titles = {
        "reports by message type": facts["message_types"],
        "stations": facts["stations"],
        "time sources": facts["time_sources"],
        "flags": facts["flags"],
        "rejects": facts["rejects"],
        "as read, duplicates and all": read,
    }
    for title, counted in titles.items():
        if counted:
            said = ", ".join(f"{name} {n:,}" for name, n in list(counted.items())[:MOST])
            rest = f" and {len(counted) - MOST} more (--json)" if len(counted) > MOST else ""
            yield f"{title}: {said}{rest}"
