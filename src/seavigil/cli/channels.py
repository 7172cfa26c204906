"""`seavigil channels`: how people are told: what there is, whether it works, what could not be brought."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from seavigil.runners.settings import Settings
    from seavigil.store.database import Database
    from seavigil.store.rows import OutboxItem

app = typer.Typer(help="How people are told: what there is, whether it works, what could not be brought.")

Folder = Annotated[Path, typer.Option(help="Folder of the service, or its settings file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_channels(folder: Folder = Path(), as_json: AsJson = False) -> int:
    """List the channels of the settings: kind, what each is told, how many letters wait, were sent, are dead.

    Example: seavigil channels list --folder ./watch
    """
    import json

    path, settings = _settings(folder)
    with _database(path, settings, to_read=True) as database:
        counts = database.outbox_channels()
    names = [*settings.channels, *(name for name in counts if name not in settings.channels)]
    found = [_of_channel(name, settings, counts.get(name, {})) for name in names]
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for one in found:
        print(_said(one))
    if not found:
        print(f"{path}: no channel: nobody is told")
    return 0


@app.command("test")
def try_channel(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the channel in the settings.")],
    folder: Folder = Path(),
) -> int:
    """Send a message through one channel that says it is a test; on success say what the other side said.

    Example: seavigil channels test mail --folder ./watch
    """
    import asyncio
    import time

    from seavigil.alerts.channels import PassingFailure, PermanentFailure
    from seavigil.alerts.channels.compose import trial
    from seavigil.runners.lines import line_of

    path, settings = _settings(folder)
    if name not in settings.channels:
        raise ValueError(f"{path}: no channel {name!r}; there are {', '.join(settings.channels) or 'none'}")
    try:
        channel = line_of(name, settings.channels[name], path.resolve().parent).channel
        sent = asyncio.run(channel.send(trial(name, time.time_ns() // 1000)))
    except PassingFailure as failure:
        raise ValueError(f"channel {name}: {failure.why} (may pass: a service would try again)") from failure
    except PermanentFailure as failure:
        raise ValueError(f"channel {name}: {failure.why} (will not pass: mend it first)") from failure
    print(f"{name}: {sent.says}" + (f"; not arrived: {sent.short}" if sent.short else ""))
    return 2 if sent.short else 0


@app.command("dead")
def dead(folder: Folder = Path(), as_json: AsJson = False) -> int:
    """List what was given up: key, what it told, when, and why it could not be brought.

    Example: seavigil channels dead --folder ./watch
    """
    import json

    path, settings = _settings(folder)
    with _database(path, settings, to_read=True) as database:
        letters = database.dead_letters()
    if as_json:
        print(json.dumps([_letter(one) for one in letters], ensure_ascii=False))
        return 0
    for one in letters:
        told = _letter(one)
        print(f"{told['key']}  {told['subject']}")
        print(f"    given up {told['given_up']} after {told['tries']} tries: {told['why']}")
    if not letters:
        print("nothing was given up")
    return 0


@app.command("retry")
def retry(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="KEY...", help="Keys, as `dead` lists them.")
    ] = None,
    folder: Folder = Path(),
    everything: Annotated[bool, typer.Option("--all", help="All that was given up.")] = False,
) -> int:
    """Have what was given up tried anew: the service takes it up at its next look.

    What has been waiting for longer than `give_up_after_s` is tried once.

    Example: seavigil channels retry 3bb711db5a773f21:6:mail --folder ./watch
    """
    if everything == bool(keys):
        raise ValueError("say which: KEY..., or --all")
    path, settings = _settings(folder)
    with _database(path, settings) as database:
        wanted = keys or [one.key for one in database.dead_letters()]
        for key in wanted:
            database.retry(key)
    print(f"{len(wanted)} to be tried anew")
    return 0


def _settings(folder: Path) -> tuple[Path, Settings]:
    from seavigil.cli.serving import settings_path
    from seavigil.runners.settings import read_settings

    path = settings_path(folder)
    return path, read_settings(path)


def _database(path: Path, settings: Settings, *, to_read: bool = False) -> Database:
    """Open the store; where there is none yet, one is made. ``to_read``: one that is there is not written."""
    from seavigil.store.database import Database

    place = settings.store.url or str(path.resolve().parent)
    if to_read:
        with suppress(FileNotFoundError):
            return Database.to_read(place)
    return Database.open(place)


def _of_channel(name: str, settings: Settings, counts: dict[str, int]) -> dict[str, Any]:
    from seavigil.records import rfc3339

    table = settings.channels.get(name)
    return {
        "name": name,
        "kind": None if table is None else table.kind,
        "min_priority": None if table is None else table.min_priority,
        "exercises": None if table is None else table.exercises,
        **{state: counts.get(state, 0) for state in ("waiting", "sent", "dead")},
        "oldest_waiting": rfc3339(counts.get("oldest_us") or None),
    }


def _said(one: dict[str, Any]) -> str:
    if one["kind"] is None:
        head = f"{one['name']}: in no settings any more, so nothing of it is sent"
    else:
        drills = {"also": "exercises too", "only": "exercises only", "never": "no exercises"}
        head = f"{one['name']}: {one['kind']}, from {one['min_priority']} on, {drills[one['exercises']]}"
    since = f" (the oldest since {one['oldest_waiting']})" if one["oldest_waiting"] else ""
    return f"{head}; {one['waiting']:,} waiting{since}, {one['sent']:,} sent, {one['dead']:,} dead"


def _letter(item: OutboxItem) -> dict[str, Any]:
    from seavigil.records import rfc3339

    return {
        "key": item.key,
        "channel": item.channel,
        "alert_id": item.alert_id,
        "revision": item.revision,
        "priority": item.priority,
        "subject": _subject(item),
        "created": rfc3339(item.created_us),
        "given_up": rfc3339(item.done_us),
        "tries": item.attempts,
        "why": item.last_error,
    }


def _subject(item: OutboxItem) -> str:
    """Say what it would have told; where it cannot be said, that may be why it is dead."""
    from seavigil.runners.outgoing import subject_of

    return subject_of(item)
