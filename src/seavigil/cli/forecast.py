"""`seavigil forecast`: which assets a ship reaches next, when, how surely, and until when a call helps."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seavigil.cli import given

if TYPE_CHECKING:
    from seavigil.forecast.next_assets import CallParams

CallNeeds = Annotated[
    str | None,
    typer.Option(
        help="What a call needs to stop a ship: reach=5m,reaction=5m,lengths=15,length_m=200 (any of them)."
    ),
]


#: Less probable assets are left to the ndjson.
_WORTH_A_ROW = 0.05


class Format(StrEnum):
    """How a forecast is printed."""

    TABLE = "table"
    NDJSON = "ndjson"


def forecast(
    sources: given.Sources,
    mmsi: Annotated[str, typer.Option(help="Her MMSI; 219165000#2 for the second ship under a number.")],
    assets: Annotated[
        list[Path], typer.Option(help="Cables, pipelines, wind farms...; may be given several times.")
    ],
    at: Annotated[
        str | None,
        typer.Option(help="The moment (RFC 3339); nothing later is looked at. Else her last report."),
    ] = None,
    call_needs: CallNeeds = None,
    output_format: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
    input_format: given.InputFormat = None,
    mapping: given.ColumnsOf = None,
    places: given.Places = None,
    normal: given.Normal = None,
) -> int:
    """Say which assets a ship may reach within 24 hours, when, how surely, and until when a call helps.

    She is tried many times over, by the ways of ships heard before, lanes, history and her destination;
    probabilities are shares of the tries, and nine of ten ships come between the two times given.

    Example: seavigil forecast day.nmea.gz --assets cables.geojson --mmsi 219165000 --at 2025-11-20T10:26Z
    """
    from seavigil.assets.read import load
    from seavigil.cli.assets import said
    from seavigil.cli.recording import reader, recorded
    from seavigil.records import parse_time_us
    from seavigil.runners import batch
    from seavigil.runners.forecasts import forecast as look_ahead
    from seavigil.runners.forecasts import vessel_of

    vessel_of(mmsi)
    at_us = None if at is None else parse_time_us(at)
    call = call_params(call_needs)
    loaded = load(assets)
    told = given.read_given(places=places, normal=normal)
    job = batch.Job(recorded(sources), loaded.assets, known=told.known, call=call)
    with reader(input_format, mapping) as (read, progress):
        found = look_ahead(job, read, mmsi, at_us, batch.Hooks(progress=progress))
    if output_format is Format.NDJSON:
        print(json.dumps(found.line, ensure_ascii=False))
    else:
        _print(dict(found.line))
    return max(2 if found.summary.shortfalls else 0, said(loaded), told.code)


def call_params(text: str | None) -> CallParams | None:
    """Read ``--call-needs``. Raises ``ValueError`` for a name or a value of no sense."""
    from seavigil.forecast.next_assets import CallParams
    from seavigil.inputs.faults import duration_s

    if text is None:
        return None
    names = {
        "reach": "reach_s",
        "reaction": "reaction_s",
        "lengths": "stops_in_lengths",
        "length_m": "length_m",
    }
    values: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if name not in names or not equals:
            raise ValueError(
                f"--call-needs: {part.strip()!r} is none of {', '.join(f'{n}=...' for n in names)}"
            )
        try:
            values[names[name]] = duration_s(value) if name.startswith("reac") else float(value)
        except ValueError as fault:
            raise ValueError(f"--call-needs: {name}={value}: {fault}") from fault
    try:
        return CallParams(**values)
    except ValueError as fault:
        raise ValueError(f"--call-needs: {fault}") from fault


def _print(line: dict[str, Any]) -> None:
    from rich.table import Table

    from seavigil import words
    from seavigil.cli.output import for_people

    console = for_people()
    name = line["vessel"]["name"] or "unnamed"
    going = "speed not known" if line["sog_kn"] is None else f"{line['sog_kn']:.1f} kn"
    course = "" if line["cog_deg"] is None else f" on {line['cog_deg']:03.0f}"
    silent = f", last heard {line['silent_s'] // 60} min before" if line["silent_s"] >= 60 else ""
    console.print(
        f"{name} ({line['vessel']['vessel_id']}) at {line['at']}: "
        f"{words.place(line)}, {going}{course}{silent}"
    )
    if not line["next_assets"]:
        console.print("reaches no asset within 24 hours, as far as can be told")
    else:
        table = Table(title="Next within 24 hours", title_justify="left")
        for column in ("Asset", "Likely (UTC)", "Between", "Probability", "Call by"):
            table.add_column(column, overflow="fold")
        likely = [one for one in line["next_assets"] if one["probability"] >= _WORTH_A_ROW]
        for one in likely:
            table.add_row(*_row(one, line["at"]))
        console.print(table)
        if len(likely) < len(line["next_assets"]):
            rest = len(line["next_assets"]) - len(likely)
            console.print(f"{rest} more below {_WORTH_A_ROW:.0%} not shown (--format ndjson has them)")
    console.print(f"reckoned from {_from(line['reckoned_from'], line['destination'])}")


def _row(one: dict[str, Any], at: str) -> list[str]:
    from seavigil import words

    late = one["call_by"] <= at
    between = f"{words.clock(one['eta_earliest'], at)} to {words.clock(one['eta_latest'], at)}"
    return [
        one["name"],
        words.clock(one["eta_likely"], at),
        between,
        f"{one['probability']:.0%}",
        "too late to stop her short" if late else words.clock(one["call_by"], at),
    ]


def _from(known: dict[str, Any], destination: str | None) -> str:
    parts = [f"{known['ways_of_ships_heard']:,} stretches of ships heard the day before"]
    for name, said in (("lanes", "lanes"), ("land", "land"), ("history", "history")):
        parts.append(f"{said} {'given' if known[f'{name}_given'] else 'not given'}")
    if destination:
        port = "a port known" if known["destination_known"] else "no port known"
        parts.append(f"destination {destination!r} ({port})")
    return "; ".join(parts)
