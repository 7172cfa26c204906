"""`seavigil normal`: learn the pattern of life from history, and show what was learned."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seavigil.cli import given
from seavigil.reasons import many

if TYPE_CHECKING:
    from seavigil.runners.learning import Report

app = typer.Typer(
    no_args_is_help=True, help="The pattern of life: learned from history, looked up by the watch."
)

#: The exit code when something given was not read.
INCOMPLETE = 2


@app.command()
def learn(
    sources: given.Sources,
    out: Annotated[Path, typer.Option(help="Folder of the pattern; what it holds already is added to.")],
    input_format: given.InputFormat = None,
    mapping: Annotated[
        str | None, typer.Option(help="Columns of a CSV or Parquet file, or a TOML file with them.")
    ] = None,
    assets: Annotated[
        list[Path] | None,
        typer.Option(help="Also count how often this traffic raises alerts about these assets."),
    ] = None,
    places: given.Places = None,
    weather: given.Weather = None,
    depth: given.Depth = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Learn where ships of each kind go, how fast and which way, where they slow and stop.

    Days add up: learning one day after another is the same as all at once, and no report counts twice.

    Example: seavigil normal learn december/*.zip --out normal
    """
    from seavigil.assets.read import load
    from seavigil.cli.recording import reader, recorded
    from seavigil.runners import learning
    from seavigil.store import patterns

    if assets and "-" in sources:
        raise ValueError("-: standard input can be read only once; give files to count alerts with --assets")
    before = patterns.read(out) if patterns.is_pattern(out) else patterns.Learned()
    with reader(input_format, mapping) as (read, progress):
        job = learning.Job(recorded(sources, out), digest)
        learned, report = learning.run(job, read, before, progress)
        patterns.write(out, learned)
        if assets and report.learned:
            told = given.read_given(places=places, weather=weather, depth=depth, normal=out)
            new = [source.name for source in report.learned]
            rates = learning.counted(new, load(assets).assets, told.known, before.rates, read, progress)
            if rates is not None:
                patterns.write_rates(out, rates.as_json())
    _say(report)
    _print(learned.summary(), as_json)
    return INCOMPLETE if report.unreadable else 0


@app.command()
def show(
    folder: Annotated[Path, typer.Argument(help="Folder that `normal learn` wrote.")],
    places: Annotated[
        list[Path] | None, typer.Option(help="Anchorages and ports to hold the stops against.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Say what a pattern of life holds: days, ships, lanes, stops, and what it was learned from.

    Example: seavigil normal show normal --json
    """
    from seavigil.inputs.places import read_places
    from seavigil.normal.places import NO_PLACES
    from seavigil.runners.pattern_contents import contents
    from seavigil.store import patterns

    learned = patterns.read(folder)
    known = read_places(places).places if places else NO_PLACES
    _print({**learned.summary(), **contents(learned.history, known)}, as_json)
    return 0


def digest(source: str) -> str | None:
    """Give the SHA-256 of a file's bytes in hexadecimal; None for a pipe. Raises ``OSError``."""
    path = Path(source)
    if source == "-" or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _say(report: Report) -> None:
    for source in report.known:
        _to_stderr(f"{source}: learned before, left out")
    for source, why in report.unreadable.items():
        _to_stderr(f"{source}: {why}")
    for fault, count in sorted(report.rejects.items()):
        _to_stderr(f"rejected: {count:,} {fault}")
    if report.stray_days:
        _to_stderr(f"{many(report.stray_days, 'day')} with hardly a report left out: a wrong clock")
    held = report.ship_bins - report.new_ship_bins
    if held:
        _to_stderr(f"{held:,} of {report.ship_bins:,} ship-bins were held already and count once")


def _print(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    days = facts["days"]
    span = f", {min(days)} to {max(days)}" if days else ""
    print(f"{many(len(days), 'day')}{span}: {facts['ships']:,} ships, {facts['ship_days']:,.1f} ship-days")
    print(f"learned from {many(len(facts['sources']), 'recording')}")
    for line in _more(facts):
        print(line)


def _more(facts: dict[str, Any]) -> list[str]:
    if "classes" not in facts:
        return []
    kinds = ", ".join(f"{name.lower()} {count:,}" for name, count in facts["classes"].items())
    lines = [
        f"ships by class, summed over the days: {kinds}",
        f"{facts['cells']:,} cells visited, {many(len(facts['lanes']), 'lane cell')}",
    ]
    lines += [_stop(stop) for stop in facts["stops"][:10]]
    if len(facts["stops"]) > 10:
        lines.append(f"and {len(facts['stops']) - 10} more places to stop (--json gives all)")
    return lines


def _stop(stop: dict[str, Any]) -> str:
    where = f"{stop['kind']} at {stop['lat_deg']:.3f}, {stop['lon_deg']:.3f}"
    port = f", {stop['port_m'] / 1000:.1f} km from a port" if stop["port_m"] is not None else ""
    charted = ", in a charted anchorage" if stop["in_charted_anchorage"] else ""
    return f"{where}: {many(stop['ships'], 'ship')}, {many(stop['visits'], 'visit')}{charted}{port}"


def _to_stderr(text: str) -> None:
    print(text, file=sys.stderr)
