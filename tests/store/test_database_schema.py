"""The tables: made, taken away and made again; and what is refused, in words."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from seavigil.store import saving, schema, tables
from seavigil.store.database import Database
from seavigil.store.engine import make_engine, reading, shown, writing
from seavigil.store.engine import store_url as parsed
from tests.postgres import Cluster
from tests.store import batches


def differences(url: str) -> list[object]:
    """Give what alembic finds different between the tables as they are and as the program thinks."""

    def ours(_item: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
        return not (kind == "table" and reflected and name == "spatial_ref_sys")  # PostGIS's own

    engine = make_engine(parsed(url))
    with reading(engine) as connection:
        options = {"compare_type": True, "include_object": ours}
        context = MigrationContext.configure(connection, opts=options)
        found = compare_metadata(context, tables.metadata(engine.dialect.name))
    engine.dispose()
    return found


def test_the_tables_are_what_the_program_thinks(store_url: str) -> None:
    """After all steps up, down to nothing and up again, columns, types, keys and indexes are as declared."""
    Database.open(store_url).close()
    assert differences(store_url) == []
    engine = make_engine(parsed(store_url))
    assert schema.migrate(engine, schema.BASE) == (schema.newest(), None)
    with reading(engine) as connection:
        left = set(inspect(connection).get_table_names())
    assert left <= {"alembic_version", "spatial_ref_sys"}
    assert schema.migrate(engine) == (None, schema.newest())
    assert schema.migrate(engine) == (schema.newest(), schema.newest())
    engine.dispose()
    assert differences(store_url) == []


def test_every_step_goes_both_ways(store_url: str) -> None:
    """Each step alone can be undone and done again."""
    engine = make_engine(parsed(store_url))
    known = [step.revision for step in reversed(list(schema.script().walk_revisions()))]
    for before, after in zip([schema.BASE, *known], known, strict=False):
        schema.migrate(engine, after)
        assert schema.migrate(engine, before)[1] == (None if before == schema.BASE else before)
        schema.migrate(engine, after)
    with pytest.raises(ValueError, match="no step 'x1'; there are 0001"):
        schema.migrate(engine, "x1")
    engine.dispose()


def test_a_step_that_fails_leaves_the_tables_as_they_were(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taking the tables up is all or nothing: killed or failing halfway, none of them is there."""
    from alembic import op

    make = op.create_index

    def failing(name: str, *arguments: object, **options: object) -> None:
        if name == "ix_outbox_state_next_us":
            raise RuntimeError("halfway")
        make(name, *arguments, **options)

    monkeypatch.setattr(op, "create_index", failing)
    with pytest.raises(RuntimeError, match="halfway"):
        Database.open(store_url)
    monkeypatch.undo()
    engine = make_engine(parsed(store_url))
    with reading(engine) as connection:
        assert "alerts" not in inspect(connection).get_table_names()
    engine.dispose()
    with Database.open(store_url) as database:
        assert database.position() == 0


def test_tables_of_a_newer_program_are_left_alone(store_url: str) -> None:
    """A store that a newer version made is not opened, and the reason says what to do."""
    Database.open(store_url).close()
    engine = make_engine(parsed(store_url))
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ValueError, match=r"made by a newer Seavigil \(schema 9999, this one knows 0003\)"):
        Database.open(store_url)


def test_positions_are_points_of_the_chart(postgres: Cluster) -> None:
    """In PostGIS an alert's place is a point in WGS 84, longitude first, indexed; none where it has none."""
    with Database.open(postgres.database()) as database:
        database.save(batches.batch(1, alerts=[batches.alert("a"), batches.alert("b", position=None)]))
        with reading(database._engine) as connection:
            asked = text("SELECT ST_AsEWKT(place) FROM alerts ORDER BY alert_id")
            found = connection.execute(asked).scalars().all()
            index = connection.execute(
                text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_alerts_place'")
            ).scalar_one()
    assert found == ["SRID=4326;POINT(25.4 59.8)", None]
    assert "USING gist (place)" in index


def test_no_postgis_is_said(postgres: Cluster) -> None:
    """A database without PostGIS is refused with the statement that its owner has to run."""
    with pytest.raises(
        ValueError, match="no PostGIS in this database; let its owner run: CREATE EXTENSION postgis"
    ):
        Database.open(postgres.database(postgis=False))


def test_what_a_server_refuses_is_said_in_words(postgres: Cluster) -> None:
    """No such database, user or server: a line with the URL and the reason, and no password."""
    url = postgres.url("no_such").replace("postgres@", "postgres:secret@")
    with pytest.raises(OSError, match="no such database") as missing:
        Database.open(url)
    assert "***" in str(missing.value.filename)
    with pytest.raises(OSError, match="no such user"):
        Database.open(postgres.database().replace("postgres@", "nobody@"))
    with pytest.raises(ConnectionRefusedError, match="no connection to the server") as refused:
        Database.open("postgresql://ops:secret@127.0.0.1:1/watch")
    assert "secret" not in str(refused.value)


def test_a_read_only_database_is_said(postgres: Cluster) -> None:
    """A server that only lets read, such as a standby, is said so when a watch opens it."""
    url = postgres.database()
    Database.open(url).close()
    name = url.partition("?")[0].rpartition("/")[2]
    postgres.run("postgres", f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(OSError, match="the database is read-only") as caught:
        Database.open(url)
    assert caught.value.errno == errno.EROFS


def test_a_connection_that_was_cut_is_made_again(postgres: Cluster) -> None:
    """A server that was started anew, or cut the connection, costs no batch: the next call connects again."""
    url = postgres.database()
    with Database.open(url) as database:
        name = url.partition("?")[0].rpartition("/")[2]
        cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        postgres.run("postgres", cut)
        database.save(batches.full())
        assert database.position() == 1


def test_a_connection_that_is_cut_amid_a_batch_is_said(postgres: Cluster) -> None:
    """Cut in its midst, a transaction ends with an error in words that may pass, and leaves nothing."""
    with Database.open(postgres.database()) as database:
        with pytest.raises(ConnectionRefusedError, match="the server"):
            _cut_amid_a_batch(database, postgres)
        assert database.position() == 0


def _cut_amid_a_batch(database: Database, postgres: Cluster) -> None:
    with writing(database._engine) as connection:
        saving.save(connection, batches.full())
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        postgres.run("postgres", f"SELECT pg_terminate_backend({pid}, 5000)")
        connection.execute(text("SELECT 1"))


# --- SQLite's own faults ------------------------------------------------------------------------


def test_a_full_disk_is_said_and_passes(tmp_path: Path) -> None:
    """A batch for which there is no room is refused with ENOSPC; with room again it can be saved."""
    with Database.open(tmp_path) as database:
        with database._engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        big = batches.batch(1, alerts=[batches.alert(f"a{n}", text="x" * 9000) for n in range(50)])
        with pytest.raises(OSError, match="the disk is full") as caught:
            database.save(big)
        assert (caught.value.errno, database.position()) == (errno.ENOSPC, 0)
        assert caught.value.filename == f"sqlite:///{tmp_path}/seavigil.sqlite"
        with database._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        database.save(big)
        assert database.position() == 1


def test_a_lock_of_another_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program holds the store no batch can be saved, but alerts can be read; then it passes."""
    monkeypatch.setattr("seavigil.store.engine.WAIT_S", 0)
    with Database.open(tmp_path) as database:
        other = sqlite3.connect(tmp_path / "seavigil.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="locked by another program") as caught:
            database.save(batches.full())
        assert caught.value.errno == errno.EBUSY
        assert database.alerts() == []
        other.execute("ROLLBACK")
        other.close()
        database.save(batches.full())


def test_what_is_no_store_is_said(tmp_path: Path) -> None:
    """A file of something else and a folder that is not there are errors with the file's name."""
    (tmp_path / "notes.sqlite").write_text("these are notes, and long enough to have a header")
    with pytest.raises(OSError, match="is no SQLite database"):
        Database.open(tmp_path / "notes.sqlite")
    with pytest.raises(FileNotFoundError, match="it is not there, or we have no right to it"):
        Database.open(tmp_path / "missing" / "watch.sqlite")


def test_a_file_that_may_only_be_read_is_said(tmp_path: Path) -> None:
    """Writing to a store that may only be read is refused in words."""
    Database.open(tmp_path).close()
    engine = make_engine(parsed(tmp_path), read_only=True)
    with pytest.raises(OSError, match="the disk is read-only") as caught:
        schema.migrate(engine, schema.BASE)
    engine.dispose()
    assert caught.value.errno == errno.EROFS


def test_sqlite_survives_kill_and_power_cut_by_its_settings(tmp_path: Path) -> None:
    """Readers go on beside a writer (WAL), commits are on the disk (FULL), types are strict."""
    with Database.open(tmp_path) as database, database._engine.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "auto_vacuum")
        }
        made = dict(
            connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
        )
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "auto_vacuum": 2}
    ours = {name for name in made if name not in {"alembic_version", "sqlite_sequence"}}
    assert {name for name in ours if "STRICT" in made[name]} == set(tables.METADATA.tables)


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("watch", "sqlite:///watch/seavigil.sqlite"),
        ("watch.sqlite", "sqlite:///watch.sqlite"),
        ("sqlite:////srv/watch.db", "sqlite:////srv/watch.db"),
        ("postgres://ops:secret@db:5433/watch", "postgresql://ops:***@db:5433/watch"),
        ("postgresql+psycopg2://db/watch?password=secret", "postgresql://db/watch?password=%2A%2A%2A"),
    ],
)
def test_places_of_stores(place: str, url: str) -> None:
    """A folder, a file or a URL is told the same way, and never with a password."""
    assert shown(parsed(place)) == url


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("mysql://ops:secret@db/watch", "mysql: not a kind of store"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("://ops:secret@", "this is no URL of a store"),
        ("postgresql://ops:secret@db:port/watch", "this is no URL of a store"),
    ],
)
def test_places_that_are_none(place: str, why: str) -> None:
    """What is no store's place is refused with what a place looks like, and without the password."""
    with pytest.raises(ValueError, match=why) as caught:
        parsed(place)
    assert "a store is a folder" in str(caught.value)
    assert "secret" not in str(caught.value)
