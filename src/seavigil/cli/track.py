"""`seavigil track`: one ship's path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seavigil.cli import given
from seavigil.cli.watch import Format

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from seavigil.runners.hindcast import Path as ShipsPath


def track(
    mmsi: Annotated[str, typer.Argument(help="Her MMSI; 219165000#2 for the second ship under a number.")],
    sources: given.Sources,
    assets: Annotated[
        list[Path] | None, typer.Option(help="Cables, pipelines, wind farms...; may be given several times.")
    ] = None,
    from_time: Annotated[
        str | None, typer.Option("--from", help="Show nothing earlier (RFC 3339); it counts as history.")
    ] = None,
    to_time: Annotated[
        str | None, typer.Option("--to", help="Look at nothing later than this time (RFC 3339).")
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
    plot: Annotated[
        Path | None, typer.Option(help="Draw her speed over time into this .svg or .png file.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for track.geojson and track.ndjson.")] = None,
    input_format: given.InputFormat = None,
    mapping: given.ColumnsOf = None,
    places: given.Places = None,
    weather: given.Weather = None,
    depth: given.Depth = None,
    normal: given.Normal = None,
    watchlist: given.Watchlists = None,
) -> int:
    """Show one ship's path: where she went, what she crossed, where she stopped or fell silent, her alerts.

    The recordings are watched as `seavigil watch` does; --format ndjson and geojson have every position.

    Example: seavigil track 299000001 demo/gulf-of-finland.nmea --assets demo/assets.geojson --plot alder.svg
    """
    from seavigil.assets.read import load
    from seavigil.cli import plots
    from seavigil.cli.assets import said
    from seavigil.cli.recording import reader, recorded
    from seavigil.records import parse_time_us
    from seavigil.risk import Policy
    from seavigil.runners import batch, hindcast
    from seavigil.runners.priors import prior_rates

    from_us, to_us = (None if t is None else parse_time_us(t) for t in (from_time, to_time))
    which = hindcast.asked(mmsi, from_us, to_us)
    if plot is not None:
        plots.check(plot)
    loaded = load(assets) if assets else None
    told = given.read_given(places=places, weather=weather, depth=depth, normal=normal, watchlist=watchlist)
    job = batch.Job(
        sources=recorded(sources, out),
        assets=loaded.assets if loaded else None,
        known=told.known,
        policy=Policy(told.rates or prior_rates()),
    )
    with reader(input_format, mapping) as (read, progress):
        paths, summary = hindcast.hindcast(job, read, which, batch.Hooks(progress=progress))
    names = {a.asset_id: a.name for a in job.assets or ()}
    _print(paths, names, output_format)
    if out is not None:
        _write(paths, names, out)
    if plot is not None:
        plots.draw(paths, names, plot)
    _say(summary.shortfalls)
    return max(2 if summary.shortfalls else 0, said(loaded) if loaded else 0, told.code)


def _print(paths: Sequence[ShipsPath], names: Mapping[str, str], form: Format) -> None:
    import json

    from seavigil.cli import path_lines

    if form is Format.GEOJSON:
        print(json.dumps(path_lines.features(paths, names), ensure_ascii=False))
    elif form is Format.NDJSON:
        for path in paths:
            for line in path_lines.lines(path, names):
                print(json.dumps(line, ensure_ascii=False))
    else:
        for path in paths:
            _table(path, names)


def _table(path: ShipsPath, names: Mapping[str, str]) -> None:
    """Print one ship's marks, in order of time."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from seavigil.cli import path_lines
    from seavigil.cli.output import for_people

    console = for_people()
    console.print(escape(path_lines.title(path)))
    marks = path_lines.marks(path, names)
    if not marks:
        console.print("nothing crossed, no stop, no gap, no alert\n")
        return
    table = Table("Time (UTC)", "What", "Where", box=box.SIMPLE, pad_edge=False)
    for when, what, where in map(path_lines.said, marks):
        table.add_row(when, escape(what), where)
    console.print(table)


def _write(paths: Sequence[ShipsPath], names: Mapping[str, str], folder: Path) -> None:
    import json
    import sys

    from seavigil.cli import path_lines
    from seavigil.store.disk import write_whole

    lines = [json.dumps(line, ensure_ascii=False) for p in paths for line in path_lines.lines(p, names)]
    collection: dict[str, Any] = path_lines.features(paths, names)
    geojson = json.dumps(collection, ensure_ascii=False)
    for name, text in (("track.geojson", geojson + "\n"), ("track.ndjson", "\n".join(lines) + "\n")):
        print(f"written: {write_whole(folder / name, text.encode())}", file=sys.stderr)


def _say(shortfalls: Sequence[str]) -> None:
    import sys

    for why in shortfalls:
        print(why, file=sys.stderr)
