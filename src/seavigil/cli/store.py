"""`seavigil store`: what a service's store holds, and looking after it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

app = typer.Typer(
    help="The store of a service: what is in it, bringing it up to date, copies, and taking away what is old."
)

Place = Annotated[
    str,
    typer.Argument(
        metavar="STORE",
        help="Folder of the service, sqlite:///FILE or postgresql://USER@HOST/DATABASE"
        " (its password is best left to PGPASSWORD or ~/.pgpass).",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command("status")
def status(place: Place, as_json: AsJson = False) -> int:
    """Say what a store is, how far its log was saved, and how many rows it holds; changes nothing.

    Example: seavigil store status ./watch
    """
    from seavigil.store import upkeep

    found = upkeep.status(place)
    if as_json:
        _print_json(found)
        return 0
    for line in _status_lines(found):
        print(line)
    return 0


@app.command("migrate")
def migrate(
    place: Place,
    to: Annotated[
        str, typer.Option(help="Step to go to; `base` takes all tables away, with what is in them.")
    ] = "head",
    yes: Annotated[
        bool, typer.Option("--yes", help="Go back a step, though what it added is lost with it.")
    ] = False,
) -> int:
    """Bring a store's tables up to date, or back to an earlier step. Make a backup first.

    `seavigil serve` brings its store up to date by itself; this is for doing it at another time.

    Example: seavigil store migrate postgresql://seavigil@db/seavigil
    """
    from seavigil.store import schema
    from seavigil.store.engine import make_engine, shown, store_url

    if to != schema.HEAD and not yes:
        raise ValueError(f"going back to {to} loses what later steps added; say --yes if that is meant")
    url = store_url(place)
    engine = make_engine(url)
    try:
        before, after = schema.migrate(engine, to)
    finally:
        engine.dispose()
    done = "already at" if before == after else f"from {before or 'no tables'} to"
    print(f"{shown(url)}: {done} {after or 'no tables'}")
    return 0


@app.command("backup")
def backup(
    place: Place,
    to: Annotated[Path, typer.Argument(metavar="FOLDER", help="New folder for the copy.")],
    as_json: AsJson = False,
) -> int:
    """Copy a store, also while it is in use, into a new folder with a manifest and its SHA-256.

    Keep the service's `log` folder too: a watch on the copy goes on from the position that is printed.

    Example: seavigil store backup ./watch backups/2026-11-22
    """
    from seavigil.store import upkeep
    from seavigil.store.engine import make_engine, store_url

    upkeep.status(place)  # a copy of nothing is no backup
    engine = make_engine(store_url(place))
    try:
        manifest = upkeep.backup(engine, to)
    finally:
        engine.dispose()
    if as_json:
        _print_json(manifest)
    else:
        print(f"{to}: {_words(manifest)}, sha256 {manifest['sha256']}")
    return 0


@app.command("restore")
def restore(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder that `store backup` made.")],
    place: Place,
    as_json: AsJson = False,
) -> int:
    """Bring a backup back into a store that is empty or not there; one that holds something is left alone.

    Example: seavigil store restore backups/2026-11-22 ./watch
    """
    from seavigil.store import upkeep
    from seavigil.store.engine import shown, store_url

    manifest = upkeep.restore(folder, place)
    if as_json:
        _print_json(manifest)
    else:
        print(f"{shown(store_url(place))}: {_words(manifest)}")
    return 0


@app.command("prune")
def prune(
    place: Place,
    older_than: Annotated[
        str | None, typer.Option(help="Take away what was over so long ago: 90d, 12h.")
    ] = None,
    before: Annotated[str | None, typer.Option(help="Or what was over before then (RFC 3339).")] = None,
    as_json: AsJson = False,
) -> int:
    """Take away what is over and old: closed and retracted alerts, letters sent, statements, done commands.

    Alerts that are open, and letters that wait, stay however old they are.

    Example: seavigil store prune ./watch --older-than 90d
    """
    from seavigil.records import rfc3339
    from seavigil.store import upkeep
    from seavigil.store.database import Database

    before_us = _before_us(older_than, before)
    upkeep.status(place)  # makes no new store where there is none
    with Database.open(place) as database:
        gone = database.prune(before_us)
    if as_json:
        _print_json({"before": rfc3339(before_us), "rows": gone})
    else:
        counts = ", ".join(f"{n:,} {name}" for name, n in gone.items() if n) or "nothing"
        print(f"taken away from before {rfc3339(before_us)}: {counts}")
    return 0


def _before_us(older_than: str | None, before: str | None) -> int:
    import time

    from seavigil.records import SECOND_US, parse_time_us

    if (older_than is None) == (before is None):
        raise ValueError("say either --older-than or --before")
    if before is not None:
        return parse_time_us(before)
    return time.time_ns() // 1000 - round(_seconds(str(older_than)) * SECOND_US)


def _seconds(text: str) -> float:
    units = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
    number, unit = text[:-1], text[-1:]
    try:
        seconds = float(number) * units[unit]
    except (KeyError, ValueError):
        raise ValueError(f"{text!r} is no length of time; write 90d, 12h, 30m or 45s") from None
    if not 0 <= seconds < 1e11:  # beyond it no year has four digits
        raise ValueError(f"{text!r} is no length of time to look back")
    return seconds


def _status_lines(found: Mapping[str, Any]) -> list[str]:
    from seavigil.records import rfc3339

    newest = found["newest_schema"]
    behind = "" if found["schema"] == newest else f", to be brought to {newest} (seavigil store migrate)"
    saved = f", written down at {rfc3339(found['wall_us'])}" if found["position"] else ""
    rows = [f"  {count:>12,}  {name}" for name, count in found["rows"].items()]
    letters = ", ".join(f"{n:,} {state}" for state, n in sorted(found["outbox"].items()))
    return [
        found["url"],
        f"schema {found['schema']}{behind}; {found['size_bytes'] / 1e6:,.1f} MB",
        f"log saved up to record {found['position']:,}{saved}",
        *([f"letters: {letters}"] if letters else []),
        "rows:",
        *rows,
    ]


def _words(manifest: Mapping[str, Any]) -> str:
    alerts = manifest["rows"].get("alerts", 0)
    return f"{alerts:,} alerts, the log up to record {manifest['position']:,}, {manifest['bytes']:,} bytes"


def _print_json(content: Mapping[str, Any]) -> None:
    import json

    print(json.dumps(content, ensure_ascii=False))
