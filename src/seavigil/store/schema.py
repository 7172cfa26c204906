"""The state of a database's tables: which step it stands at, and the way to another, up or down."""

from __future__ import annotations

import errno
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from seavigil.store.engine import shown, writing

#: One program at a time changes tables; the number is an arbitrary one of ours.
_LOCK = 7_283_561_948
BASE, HEAD = "base", "head"


def script() -> ScriptDirectory:
    """Give the steps that this program knows."""
    return ScriptDirectory(str(Path(__file__).with_name("migrations")))


def newest() -> str:
    """Give the newest step that this program knows."""
    return str(script().get_current_head())


def version(connection: Connection) -> str | None:
    """Give the step at which a database stands; None where there are no tables of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def check(engine: Engine, found: str | None) -> None:
    """Raise ``ValueError`` where a database stands at a step that this program does not know."""
    known = {step.revision for step in script().walk_revisions()}
    if found is not None and found not in known:
        raise ValueError(
            f"{shown(engine.url)}: made by a newer Seavigil (schema {found}, this one knows {newest()});"
            " use that one, or restore a backup of before"
        )


def migrate(engine: Engine, to: str = HEAD) -> tuple[str | None, str | None]:
    """Bring the tables to a step, up or down, all of the way or not at all; gives the steps before and after.

    Down to ``base`` takes away all that is stored. Raises ``ValueError`` for a newer schema, a step that
    is not known and a PostgreSQL database without PostGIS; ``OSError`` where it cannot be written.
    """
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            _require_writable(engine, connection)
            _require_postgis(engine, connection)
        before = version(connection)
        check(engine, before)
        wanted = newest() if to == HEAD else None if to == BASE else to
        if wanted != before:
            _run(connection, before, wanted)
        return before, version(connection)


def _run(connection: Connection, before: str | None, wanted: str | None) -> None:
    steps = script()
    order = [None, *(s.revision for s in reversed(list(steps.walk_revisions())))]
    if wanted not in order:
        raise ValueError(f"no step {wanted!r}; there are {', '.join(str(s) for s in order[1:])}")
    up = order.index(wanted) > order.index(before)
    target = wanted or BASE
    move = steps._upgrade_revs if up else steps._downgrade_revs  # as alembic's own commands do
    with EnvironmentContext(Config(), steps, fn=lambda now, _: move(target, now)) as environment:
        environment.configure(connection=connection)
        with environment.begin_transaction():
            environment.run_migrations()


def _require_writable(engine: Engine, connection: Connection) -> None:
    if connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on":
        raise OSError(errno.EROFS, "cannot be written: the database is read-only", shown(engine.url))


def _require_postgis(engine: Engine, connection: Connection) -> None:
    """Raise ``ValueError`` where a PostgreSQL database has no PostGIS."""
    found = connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")).first()
    if found is None:
        raise ValueError(
            f"{shown(engine.url)}: no PostGIS in this database; let its owner run: CREATE EXTENSION postgis"
        )
