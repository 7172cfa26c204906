"""`seavigil exercise`: invented traffic from a scenario, with the truth."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Invent traffic with known truth, to try a watch and the people on it.")


class Written(StrEnum):
    """What the recording is written as."""

    NMEA = "nmea"
    DMA_CSV = "dma-csv"
    BOTH = "both"


@app.command()
def run(
    scenario: Annotated[Path | None, typer.Argument(help="A scenario in TOML; - is standard input.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; by default a folder of its name.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="Another seed than the scenario's.")
    ] = None,
    written: Annotated[
        Written, typer.Option("--format", help="NMEA with tag blocks, Danish AIS CSV, or both.")
    ] = Written.NMEA,
    example: Annotated[bool, typer.Option("--example", help="Print a scenario to begin with.")] = False,
) -> int:
    """Write the recording, assets, places, weather, depths and the truth of a scenario.

    Everything in it is invented and says so: stations and ships are called EXERCISE, MMSIs begin with 299.

    Example: seavigil exercise run --example > night.toml  then  seavigil exercise run night.toml --out night
    """
    from seavigil.exercises.scenario import EXAMPLE, read_scenario

    if example:
        sys.stdout.write(EXAMPLE)
        return 0
    if scenario is None:
        raise typer.BadParameter("give a scenario, or --example to see one", param_hint="SCENARIO")
    from dataclasses import replace

    from seavigil.exercises.staging import staged
    from seavigil.exercises.write import write_play

    try:
        asked = read_scenario(_text(scenario))
        play = staged(asked if seed is None else replace(asked, seed=seed))
    except ValueError as fault:
        raise ValueError(f"{scenario}: {fault}") from fault
    paths = write_play(
        play,
        Path(play.name) if out is None else out,
        nmea=written is not Written.DMA_CSV,
        dma_csv=written is not Written.NMEA,
    )
    for path in paths:
        print(path)
    return 0


@app.command("list")
def list_() -> int:
    """List what a scenario can hold: incidents, roles of ships, ports, receivers.

    Example: seavigil exercise list
    """
    from seavigil.exercises.incidents import INCIDENTS
    from seavigil.exercises.ordinary import ROLES
    from seavigil.exercises.sea import PORTS, stations

    print("incidents ([[inject]] kind):")
    for kind, tell in INCIDENTS.items():
        print(f"  {kind:18} {(tell.__doc__ or '').splitlines()[0]}")
    print("\nships ([traffic]):")
    for name, role in ROLES.items():
        print(f"  {name:18} {role.says}")
    print("\nports ([[jamming]] near):")
    for port in PORTS:
        print(f"  {port.name}")
    print(f"\nreceivers ([[outage]] station): 1 to {len(stations())}")
    return 0


def _text(path: Path) -> str:
    """Read a scenario; one that is no text is a ``ValueError``."""
    raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ValueError("not UTF-8 text") from fault
