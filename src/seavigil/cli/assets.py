"""`seavigil assets`: check, list and normalise the routes and areas to be watched."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from seavigil.assets.check import Finding
    from seavigil.assets.model import Asset
    from seavigil.assets.read import Loaded

#: Lines printed for one kind of finding; --json prints all.
_LINES = 20

app = typer.Typer(help="Check, list and normalise assets: cables, pipelines, wind farms, platforms.")

Paths = Annotated[
    list[Path],
    typer.Argument(help="GeoJSON, GeoPackage, Shapefile, FlatGeobuf, CSV with WKT, Parquet, or a folder."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Land = Annotated[Path | None, typer.Option(help="Land polygons: finds routes that run over land.")]


@app.command()
def check(paths: Paths, land: Land = None, as_json: Json = False) -> int:
    """Say what is wrong with assets and how to mend it. Exit code 2 when any had to be left out.

    Example: seavigil assets check cables.geojson --land countries.geojson
    """
    from seavigil.assets.read import load

    loaded = load(paths, land=land)
    if as_json:
        facts = {"assets": len(loaded.assets), "errors": loaded.errors, "land_checked": loaded.land_checked}
        print(
            json.dumps(
                {**facts, "findings": [_finding(f) for f in loaded.findings]}, ensure_ascii=False, indent=1
            )
        )
    else:
        _print_findings(loaded.findings)
        _print_verdict(loaded)
    return 2 if loaded.errors else 0


@app.command("list")
def list_(paths: Paths, as_json: Json = False) -> int:
    """List assets: id, name, kind, length, and how far the true route may lie from the one given.

    Example: seavigil assets list cables.geojson --json
    """
    from seavigil.assets.read import load

    loaded = load(paths)
    if as_json:
        print(json.dumps([_facts(a) for a in loaded.assets], ensure_ascii=False, indent=1))
    else:
        _print_assets(loaded.assets)
    return said(loaded)


@app.command("import")
def import_(
    paths: Paths,
    out: Annotated[Path, typer.Option(help="File to write: .parquet or .geojson.")],
) -> int:
    """Write assets normalised, pieces joined, into one file that every command reads.

    Example: seavigil assets import cables.gpkg farms.geojson --out assets.parquet
    """
    from seavigil.assets.read import load
    from seavigil.assets.sources import write

    loaded = load(paths)
    write(loaded.assets, out)
    print(f"{out}: {len(loaded.assets)} assets")
    return said(loaded)


def said(loaded: Loaded) -> int:
    """Tell on stderr what was left out; gives the exit code."""
    if loaded.errors:
        first = next(f for f in loaded.findings if f.level == "error")
        print(
            f"{loaded.errors} left out (see: seavigil assets check); first: {first.line()}", file=sys.stderr
        )
    return 2 if loaded.errors else 0


def _finding(finding: Finding) -> dict[str, str]:
    return {name: getattr(finding, name) for name in ("level", "code", "asset", "path", "message", "fix")}


def _print_findings(findings: Iterable[Finding]) -> None:
    printed: Counter[tuple[str, str]] = Counter()
    for finding in sorted(findings, key=lambda f: (f.level, f.code)):
        kind = (finding.level, finding.code)
        printed[kind] += 1
        if printed[kind] <= _LINES:
            print(finding.line())
    for (level, code), count in printed.items():
        if count > _LINES:
            print(f"{level}: {code}: and {count - _LINES} more (--json lists all)")


def _print_verdict(loaded: Loaded) -> None:
    warnings = len(loaded.findings) - loaded.errors
    print(f"{len(loaded.assets)} assets usable, {loaded.errors} errors, {warnings} warnings")
    if not loaded.land_checked:
        print("not checked: routes over land (give --land with land polygons)")


def _facts(asset: Asset) -> dict[str, Any]:
    names = ("asset_id", "name", "kind", "shape", "length_km", "position_uncertainty_m", "uncertainty_source")
    more = ("operator", "voltage_kv", "source")
    facts = {name: getattr(asset, name) for name in (*names, *more)}
    facts["length_km"] = None if asset.length_km is None else round(asset.length_km, 3)
    return {**facts, "countries": list(asset.countries), "piece_ids": list(asset.piece_ids)}


def _print_assets(assets: Iterable[Asset]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table()
    for column in ("Id", "Name", "Kind"):
        table.add_column(column, overflow="fold")
    for column in ("Length km", "95 % within m"):
        table.add_column(column, justify="right")
    table.add_column("Uncertainty from", overflow="fold")
    for a in assets:
        km = "" if a.length_km is None else f"{a.length_km:.1f}"
        within = f"{a.position_uncertainty_m:.0f}"
        table.add_row(escape(a.asset_id), escape(a.name), a.kind, km, within, escape(a.uncertainty_source))
    Console(width=None if sys.stdout.isatty() else 120).print(table)
