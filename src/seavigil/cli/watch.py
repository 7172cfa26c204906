"""`seavigil watch`: recordings in, alerts out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from seavigil.cli import given
from seavigil.cli.forecast import CallNeeds, call_params


class Format(StrEnum):
    """How alerts are printed."""

    TABLE = "table"
    NDJSON = "ndjson"
    GEOJSON = "geojson"


class Priority(StrEnum):
    """How pressing an alert is."""

    INFO = "info"
    ADVISORY = "advisory"
    WARNING = "warning"
    URGENT = "urgent"


def watch(
    sources: given.Sources,
    assets: Annotated[
        list[Path] | None, typer.Option(help="Cables, pipelines, wind farms...; may be given several times.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for reports, events, alerts and rejects as Parquet and GeoJSON."),
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
    as_of: Annotated[
        str | None, typer.Option(help="Look at nothing later than this time (RFC 3339).")
    ] = None,
    final: Annotated[
        bool, typer.Option("--final", help="ndjson: only the last revision of each alert.")
    ] = False,
    min_priority: Annotated[
        Priority | None, typer.Option(help="Leave out what is less pressing (table: advisory; else info).")
    ] = None,
    input_format: given.InputFormat = None,
    mapping: given.ColumnsOf = None,
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
    memory_rows: Annotated[
        int | None, typer.Option(min=10_000, help="Rows held in memory before they go to a temporary folder.")
    ] = None,
) -> int:
    """Watch recordings for what should not happen near assets.

    Formats are recognised by content: NMEA (tag blocks, $PGHP), Danish and American CSV,
    Digitraffic, AISStream, generic CSV, JSON lines and Parquet; .gz .zst .zip are opened.

    Example: seavigil watch recording.nmea.gz --assets cables.geojson --format ndjson
    """
    from seavigil.assets.read import load
    from seavigil.cli import findings
    from seavigil.cli.assets import said
    from seavigil.cli.recording import Printer, reader, recorded
    from seavigil.cli.rules import changed
    from seavigil.records import parse_time_us
    from seavigil.risk import Policy
    from seavigil.runners import batch
    from seavigil.runners.priors import prior_rates
    from seavigil.store.spool import MEMORY_ROWS

    loaded = load(assets) if assets else None
    told = given.read_given(
        places=places,
        weather=weather,
        depth=depth,
        normal=normal,
        watchlist=watchlist,
        contacts=contacts,
    )
    notices = given.read_notices(faults, loaded.assets if loaded else None)
    changes = {} if rules is None else changed(rules, as_of)
    policy = Policy(told.rates or prior_rates(), changes.pop("caps", {}), alarm_budget)
    job = batch.Job(
        sources=recorded(sources, out),
        assets=loaded.assets if loaded else None,
        out=out,
        as_of_us=None if as_of is None else parse_time_us(as_of),
        memory_rows=memory_rows or MEMORY_ROWS,
        known=told.known,
        policy=policy,
        call=call_params(call_needs),
        notices=None if notices is None else notices.fresh,
        **changes,
    )
    least = min_priority.value if min_priority else None
    printer = Printer(output_format.value, least, final=final, files=out is not None)
    with reader(input_format, mapping) as (read, progress):
        summary = batch.run(job, read, batch.Hooks(printer.alert, progress))
    code = printer.finish(summary)
    given.say_unused(told.known, summary.as_json(), printer.depth_known)
    left_out = 0 if notices is None else findings.say_read(notices)
    return max(code, said(loaded) if loaded else 0, told.code, left_out)
