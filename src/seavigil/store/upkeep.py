"""Looking after a store: what is in it, taking away what is old, copies and bringing them back."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    and_,
    delete,
    exists,
    func,
    inspect,
    or_,
    select,
    text,
    update,
)

from seavigil.store import postgres_tools, schema
from seavigil.store.disk import named
from seavigil.store.engine import make_engine, reading, said, shown, store_url, writing
from seavigil.store.saving import hold
from seavigil.store.tables import (
    ALERT_LINKS,
    ALERTS,
    COMMANDS,
    COMMANDS_DONE,
    EVENTS,
    FEED_HOURS,
    LOG_POSITION,
    METADATA,
    OUTBOX,
    STATEMENTS,
    STEP_FAULTS,
    TRANSITIONS,
)
from seavigil.store.written import in_portions

KIND = "backup of a seavigil store"
MANIFEST = "manifest.json"
#: Pages of SQLite given back at once: own choice, 8 MB.
_PAGES_AT_ONCE = 2000
_COPIES = {"sqlite": "seavigil.sqlite", "postgresql": "seavigil.pgdump"}


# --- what is in it ----------------------------------------------------------------------------


def status(place: str | Path) -> dict[str, Any]:
    """Say what a store is and holds, without changing anything of it.

    Raises ``ValueError`` where there are no tables of ours, else as `Database.open`.
    """
    engine = make_engine(store_url(place), read_only=True)
    try:
        with reading(engine) as connection:
            return {"url": shown(store_url(place)), **_contents(engine, connection)}
    finally:
        engine.dispose()


def _contents(engine: Engine, connection: Connection) -> dict[str, Any]:
    found = schema.version(connection)
    if found is None:
        raise ValueError(f"{shown(engine.url)}: no store of Seavigil in it")
    schema.check(engine, found)
    there = set(inspect(connection).get_table_names())
    tables = [t for t in METADATA.sorted_tables if t.name in there and t is not LOG_POSITION]
    rows = {t.name: _count(connection, t) for t in tables}
    states = select(OUTBOX.c.state, func.count()).group_by(OUTBOX.c.state)
    position = connection.execute(select(LOG_POSITION.c.position, LOG_POSITION.c.wall_us)).first()
    return {
        "schema": found,
        "newest_schema": schema.newest(),
        "size_bytes": _size_bytes(engine, connection),
        "position": position[0] if position else 0,
        "wall_us": position[1] if position else None,
        "rows": rows,
        "outbox": {state: int(count) for state, count in connection.execute(states)},
    }


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _size_bytes(engine: Engine, connection: Connection) -> int:
    if engine.dialect.name == "postgresql":
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages, page_bytes = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
    )
    return int(pages) * int(page_bytes)


# --- taking away what is old ------------------------------------------------------------------


def prune(engine: Engine, before_us: int) -> dict[str, int]:
    """Take away what was over before a time; gives how many rows of what.

    Alerts go when they are closed or retracted, were last revised before then, nobody did anything about
    them since and no letter about them waits; their revisions and transitions go with them. Events go
    when no alert that stays names them, letters when they were sent or given up before then, commands
    when they were submitted before then and are done. What still goes on stays, however old.
    """
    gone = {"alerts": _prune_alerts(engine, before_us)}
    for name, table, old in _old(before_us, _raise_floor(engine, before_us)):
        with writing(engine) as connection:
            hold(connection)
            gone[name] = connection.execute(delete(table).where(old)).rowcount
    _give_back(engine)
    return gone


def _raise_floor(engine: Engine, before_us: int) -> int:
    """Note from which time on letters are still told; gives it. What is not judged yet is later."""
    floor, wall = LOG_POSITION.c.pruned_us, LOG_POSITION.c.wall_us
    with writing(engine) as connection:
        wall_us = connection.execute(select(wall)).scalar_one_or_none()
        told_us = min(before_us, (wall_us or 0) + 1)
        connection.execute(update(LOG_POSITION).where(floor < told_us).values(pruned_us=told_us))
    return told_us


def _prune_alerts(engine: Engine, before_us: int) -> int:
    """Some at a time: a watch that runs beside it need not wait for long."""
    step, letter, row = TRANSITIONS.c, OUTBOX.c, ALERTS.c
    touched = exists().where(step.alert_id == row.alert_id, step.wall_us >= before_us)
    waits = exists().where(letter.alert_id == row.alert_id, letter.state == "waiting")
    over = and_(row.status.in_(["closed", "retracted"]), row.revised_at_us < before_us)
    with reading(engine) as connection:
        old = connection.execute(select(row.alert_id).where(over, ~touched, ~waits)).scalars().all()
    count = 0
    for some in in_portions(old):
        with writing(engine) as connection:
            hold(connection)
            still = select(row.alert_id).where(row.alert_id.in_(some), over, ~touched, ~waits)
            found = connection.execute(still).scalars().all()
            connection.execute(delete(TRANSITIONS).where(step.alert_id.in_(found)))
            count += connection.execute(delete(ALERTS).where(row.alert_id.in_(found))).rowcount
    return count


def _old(before_us: int, told_us: int) -> Iterator[tuple[str, Table, ColumnElement[bool]]]:
    event, letter, step = EVENTS.c, OUTBOX.c, TRANSITIONS.c
    named_by_one = exists().where(ALERT_LINKS.c.kind == "event", ALERT_LINKS.c.value == event.event_id)
    alert_stays = exists().where(ALERTS.c.alert_id == step.alert_id)
    done = exists().where(COMMANDS_DONE.c.command_id == COMMANDS.c.command_id)
    told = and_(letter.state.in_(["sent", "dead"]), letter.created_us < told_us)
    yield (
        "events",
        EVENTS,
        and_(event.ended_us.is_not(None), event.known_at_us < before_us, ~named_by_one),
    )
    yield "transitions", TRANSITIONS, and_(step.wall_us < before_us, ~alert_stays)
    yield "outbox", OUTBOX, and_(told, or_(letter.done_us.is_(None), letter.done_us < before_us))
    yield "commands", COMMANDS, and_(COMMANDS.c.submitted_us < before_us, done)
    yield "feed_hours", FEED_HOURS, FEED_HOURS.c.hour_us < before_us
    yield "statements", STATEMENTS, STATEMENTS.c.wall_us < before_us
    yield "step_faults", STEP_FAULTS, STEP_FAULTS.c.wall_us < before_us


def _give_back(engine: Engine) -> None:
    """Give the room that was freed back to the disk."""
    if engine.dialect.name != "sqlite":  # PostgreSQL's autovacuum does it
        return
    with said(engine.url), closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        free = cursor.execute("PRAGMA freelist_count").fetchone()[0]
        for _ in range(-(-free // _PAGES_AT_ONCE)):  # all at once would keep a watch waiting
            # execute() would give one page back
            cursor.executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


# --- copies -----------------------------------------------------------------------------------


def backup(engine: Engine, path: Path) -> dict[str, Any]:
    """Copy a store, in use or not, into a new folder: one file, and a manifest with its SHA-256; gives that.

    The copy is of one moment, and the manifest says up to which position of the log: a watch started on
    it goes on from there, as long as the log still has what follows. The folder is whole or not there.
    Raises ``FileExistsError`` where it is there already.
    """
    if path.exists():
        raise FileExistsError(17, "is there already; a backup is never written over", str(path))
    with named(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
        try:
            manifest = _copy(engine, half / _COPIES[engine.dialect.name])
            _put(half / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
            half.rename(path)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    _sync(path.parent)
    return manifest


def _copy(engine: Engine, copy: Path) -> dict[str, Any]:
    if engine.dialect.name == "postgresql":
        contents = _dump(engine, copy)
    else:
        with (
            said(engine.url),
            closing(sqlite3.connect(copy)) as to,
            closing(engine.raw_connection()) as from_,
        ):
            from_.driver_connection.backup(to)  # type: ignore[union-attr]
        contents = _contents_of(copy)
    _sync(copy)
    file = {"file": copy.name, "bytes": copy.stat().st_size, "sha256": _sha256(copy)}
    return {"kind": KIND, "database": engine.dialect.name, **contents, **file}


def _contents_of(copy: Path) -> dict[str, Any]:
    """Say what a copied file holds, and leave nothing beside it."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    engine = make_engine(store_url(copy))
    try:
        with reading(engine) as connection:
            return _contents(engine, connection)
    finally:
        engine.dispose()


def _dump(engine: Engine, copy: Path) -> dict[str, Any]:
    """Let pg_dump copy the very state that is counted here."""
    with (
        said(engine.url),
        engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
    ):
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        contents = _contents(engine, connection)
        postgres_tools.dump(engine.url, copy, str(snapshot), [t.name for t in METADATA.sorted_tables])
        return contents


# --- and bringing them back -------------------------------------------------------------------


def restore(folder: Path, place: str | Path) -> dict[str, Any]:
    """Put a backup into a store that is empty or not there, all of it or nothing; gives its manifest.

    Raises ``ValueError`` where the folder is no whole backup, is one of the other kind of database or of a
    newer Seavigil, and where the store has something in it.
    """
    url = store_url(place)
    kind = "sqlite" if url.drivername == "sqlite" else "postgresql"
    manifest = _checked(folder, kind)
    copy = folder / _COPIES[kind]
    engine = make_engine(url)
    try:
        schema.check(engine, manifest["schema"])
        _refuse_full(engine)
        _bring_back(engine, copy)
    finally:
        engine.dispose()
    return manifest


def _checked(folder: Path, kind: str) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise ValueError(f"{folder}: no backup in it (no {MANIFEST})") from None
    except ValueError:
        raise ValueError(f"{folder / MANIFEST}: no JSON") from None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise ValueError(f"{folder / MANIFEST}: not the manifest of a store's backup")
    if manifest.get("database") != kind:
        raise ValueError(f"{folder}: a backup of {manifest.get('database')}, the store is {kind}")
    copy = folder / _COPIES[kind]
    if not copy.is_file() or _sha256(copy) != manifest.get("sha256"):
        raise ValueError(f"{copy}: not the file that the manifest tells of: damaged or changed")
    return manifest


def _refuse_full(engine: Engine) -> None:
    path = Path(str(engine.url.database))
    if engine.dialect.name == "sqlite" and not path.exists():
        return
    with reading(engine) as connection:
        there = set(inspect(connection).get_table_names())
        ours = [t for t in METADATA.sorted_tables if t.name in there]
        full = sorted(t.name for t in ours if _count(connection, t))
    if full:
        raise ValueError(
            f"{shown(engine.url)}: has something in it ({', '.join(full)}); restore into an empty store"
        )
    if engine.dialect.name == "sqlite" and there - {t.name for t in ours} - {"alembic_version"}:
        raise ValueError(f"{shown(engine.url)}: a database of something else")


def _bring_back(engine: Engine, copy: Path) -> None:
    if engine.dialect.name == "postgresql":
        _clear(engine)
        postgres_tools.restore(engine.url, copy)
        return
    Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    with said(engine.url), closing(sqlite3.connect(copy)) as from_, closing(engine.raw_connection()) as to:
        from_.backup(to.driver_connection)  # type: ignore[arg-type]


def _clear(engine: Engine) -> None:
    """Take away tables that hold nothing, and the word of which step they stand at."""
    schema.migrate(engine, schema.BASE)
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def _put(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    _sync(path)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
