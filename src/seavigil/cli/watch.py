"""`seavigil watch`: recordings in, alerts out."""

from __future__ import annotations

from collections.abc import Container
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seavigil.cli import given
from seavigil.cli.forecast import CallNeeds

if TYPE_CHECKING:
    from seavigil.runners.service import Feed


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
    speed: Annotated[
        float | None,
        typer.Option(min=0.001, help="Play recordings as if they came now, so many times as fast."),
    ] = None,
    until_closed: Annotated[
        bool, typer.Option("--until-closed", help="End when the other side closes the connection.")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Watch standard input (-) as it comes, not when it has ended.")
    ] = False,
    memory_rows: Annotated[
        int | None, typer.Option(min=10_000, help="Rows held in memory before they go to a temporary folder.")
    ] = None,
) -> int:
    """Watch recordings or live feeds for what should not happen near assets.

    Formats are recognised by content: NMEA (tag blocks, $PGHP), Danish and American CSV,
    Digitraffic, AISStream, generic CSV, JSON lines and Parquet; .gz .zst .zip are opened.
    Live feeds are tcp:// tcp-listen:// udp:// mqtt(s):// ws(s):// nats:// serial: or by name:
    digitraffic, kystverket, aisstream. With --out they are kept there and gone on with next time.

    Example: seavigil watch recording.nmea.gz --assets cables.geojson --format ndjson
    Example: seavigil watch kystverket --assets cables.geojson --out watch
    """
    from seavigil.cli import findings
    from seavigil.cli.plan import Wanted, planned
    from seavigil.cli.recording import Printer, reader, recorded
    from seavigil.records import parse_time_us
    from seavigil.runners import batch
    from seavigil.store.spool import MEMORY_ROWS

    feeds = _feeds(sources, input_format, mapping, speed, until_closed=until_closed, piped=live)
    wanted = Wanted(
        assets, places, weather, depth, normal, watchlist, contacts, rules, alarm_budget, call_needs, as_of
    )
    plan, code = planned(wanted, live=bool(feeds))
    notices = given.read_notices(faults, plan.assets)
    least = min_priority.value if min_priority else None
    printer = Printer(output_format.value, least, final=final, files=out is not None)
    if feeds:
        from seavigil.cli.live import Live, watch_live

        ends = until_closed or live or speed is not None
        summary = watch_live(Live(feeds, plan, out, ends, notices), printer)
    else:
        job = batch.Job(
            sources=recorded(sources, out),
            assets=plan.assets,
            out=out,
            as_of_us=None if as_of is None else parse_time_us(as_of),
            memory_rows=memory_rows or MEMORY_ROWS,
            known=plan.known,
            policy=plan.policy,
            call=plan.call,
            notices=None if notices is None else notices.fresh,
            catalogue=plan.catalogue,
            areas=plan.areas,
        )
        with reader(input_format, mapping) as (read, progress):
            summary = batch.run(job, read, batch.Hooks(printer.alert, progress))
    left = printer.finish(summary)
    given.say_unused(plan.known, summary.as_json(), printer.depth_known)
    left_out = 0 if notices is None else findings.say_read(notices)
    return max(left, code, left_out)


def _feeds(
    sources: list[str],
    input_format: str | None,
    columns: str | None,
    speed: float | None,
    *,
    until_closed: bool,
    piped: bool,
) -> list[Feed]:
    """Give the live feeds among the sources; none of them where all are recordings to be read at once.

    Raises ``ValueError`` where recordings and feeds are mixed, and for a feed that makes no sense.
    """
    from seavigil.feeds.transports.presets import PRESETS

    if speed is None and not piped and not any(_alive(source, PRESETS) for source in sources):
        return []
    from seavigil.runners.feeding import feeds_of, live, replayed

    alive = [s for s in sources if live(s) or "://" in s or (piped and s == "-")]
    if speed is not None:
        if alive:
            raise ValueError(f"--speed is for recordings; {alive[0]} comes at its own pace")
        return [replayed(sources, speed, input_format, columns)]
    if len(alive) < len(sources):
        other = next(source for source in sources if source not in alive)
        raise ValueError(f"{other}: recordings and live feeds are watched apart")
    return feeds_of(sources, input_format, columns, until_closed=until_closed or piped)


def _alive(source: str, presets: Container[str]) -> bool:
    """Whether a source looks like a live feed: an address, or the name of an open one (and of no file)."""
    return (
        "://" in source or source.startswith("serial:") or (source in presets and not Path(source).exists())
    )
