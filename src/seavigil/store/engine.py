"""Connections to the store: where it is, how it is opened, and what goes wrong there, in words."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

#: The store's file in the folder of a service.
FILE_NAME = "seavigil.sqlite"
#: How long to wait for another program that writes: own choice, longer than any transaction of ours.
WAIT_S = 10

_WANTED = "a store is a folder, sqlite:///FILE or postgresql://USER@HOST/DATABASE"
#: SQLite's primary result codes (https://www.sqlite.org/rescode.html).
_SQLITE_WORDS = {
    3: (errno.EACCES, "permission denied"),
    5: (errno.EBUSY, f"locked by another program for {WAIT_S} s"),
    6: (errno.EBUSY, "locked by another connection"),
    8: (errno.EROFS, "cannot be written: the file, its folder or the disk is read-only"),
    10: (errno.EIO, "the disk failed"),
    11: (errno.EIO, "damaged; restore a backup"),
    13: (errno.ENOSPC, "the disk is full"),
    14: (errno.ENOENT, "cannot be opened: it is not there, or we have no right to it"),
    26: (errno.EINVAL, "is no SQLite database"),
}
#: READONLY, IOERR, FULL, CANTOPEN: what SQLite says where it cannot make the file beside the store.
_NO_ROOM_BESIDE = frozenset({8, 10, 13, 14})
#: SQLSTATE codes or classes of PostgreSQL (https://www.postgresql.org/docs/15/errcodes-appendix.html).
_POSTGRES_WORDS = {
    "08": (errno.ECONNREFUSED, "the connection was lost"),
    "25006": (errno.EROFS, "cannot be written: the database is read-only"),
    "28": (errno.EACCES, "the server refuses this user or password"),
    "3D": (errno.ENOENT, "no such database on that server"),
    "40": (errno.EBUSY, "another program was in the way; try again"),
    "42501": (errno.EACCES, "this user has no right to do that there"),
    "53100": (errno.ENOSPC, "the server's disk is full"),
    "53": (errno.EBUSY, "the server has no room for another connection or more memory"),
    "55P03": (errno.EBUSY, f"locked by another program for {WAIT_S} s"),
    "57P": (errno.ECONNREFUSED, "the server is stopping or starting"),
    "58": (errno.EIO, "the server's disk failed"),
    "XX": (errno.EIO, "damaged; restore a backup"),
}


def store_url(place: str | Path) -> URL:
    """Give the URL of a store: a URL, a file of SQLite, or a folder (a path that is one, or has no suffix).

    Raises ``ValueError`` for any other, without saying what may be a password.
    """
    text = str(place)
    if "://" not in text:
        path = Path(text)
        is_folder = path.is_dir() or not (path.suffix or path.exists())
        return URL.create("sqlite", database=str(path / FILE_NAME if is_folder else path))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError(f"this is no URL of a store; {_WANTED}") from None
    kind = url.drivername.partition("+")[0]
    if kind in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise ValueError(f"{kind}: not a kind of store; {_WANTED}")
    if not url.database or url.database == ":memory:" or url.host:
        raise ValueError(f"{shown(url)}: names no file; {_WANTED}, of a full path sqlite:////FILE")
    return url.set(drivername="sqlite", query={})


def shown(url: URL) -> str:
    """Give the URL as it may be shown: without passwords, and without the driver's name."""
    plain = url.set(drivername=url.drivername.partition("+")[0])
    secret = {k: "***" for k in plain.query if "password" in k.lower()}
    return plain.update_query_dict(secret).render_as_string(hide_password=True)


def make_engine(url: URL, *, read_only: bool = False) -> Engine:
    """Give an engine for a URL of `store_url`; nothing is opened yet.

    Raises ``ValueError`` where the driver is not installed.
    """
    if url.drivername == "sqlite":
        return _sqlite(url, read_only=read_only)
    try:
        import geoalchemy2  # noqa: F401  the tables' point needs it
        import psycopg  # noqa: F401

        engine = create_engine(url, pool_pre_ping=True, connect_args=_alive())
    except (ImportError, NoSuchModuleError):
        raise ValueError("a store in PostgreSQL needs: pip install 'seavigil[postgres]'") from None
    event.listen(engine, "connect", _begin_postgres)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that sees one state of the store."""
    with said(engine.url), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that writes: all of it or nothing stays. One writes at a time."""
    with said(engine.url), engine.execution_options(writes=True).begin() as connection:
        yield connection


@contextmanager
def said(url: URL) -> Iterator[None]:
    """Turn what a database says into ``OSError`` with its number, words and the store's URL.

    ENOSPC, EBUSY and ECONNREFUSED may pass by themselves; of the others somebody must take care. What is
    a fault of ours is let through.
    """
    try:
        yield
    except DBAPIError as fault:
        number, words = _words(fault.orig)
        if number is None:
            raise
        raise OSError(number, words, shown(url)) from fault
    except PoolTimeout:
        raise OSError(errno.EBUSY, "too many wait for a connection at once", shown(url)) from None
    except sqlite3.Error as fault:
        number, words = _words(fault)
        if number is None:
            raise
        raise OSError(number, words, shown(url)) from fault


def _words(fault: BaseException | None) -> tuple[int | None, str]:
    code = getattr(fault, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE_WORDS.get(code & 0xFF, (None, ""))
    state = getattr(fault, "sqlstate", None)
    if state is not None:
        found = (_POSTGRES_WORDS[state[:n]] for n in (5, 3, 2) if state[:n] in _POSTGRES_WORDS)
        return next(found, (None, ""))
    if type(fault).__name__ == "OperationalError" and hasattr(fault, "pgconn"):
        return _unconnected(str(fault))
    return None, ""


def _unconnected(text: str) -> tuple[int, str]:
    """Say why there is no connection; before there is one, libpq gives its words alone."""
    low = " ".join(text.split()).lower()
    if "no pg_hba.conf entry" in low or "authentication" in low or "password" in low:
        return errno.EACCES, "the server refuses this user or password"
    if "database" in low and "does not exist" in low:
        return errno.ENOENT, "no such database on that server"
    if "role" in low and "does not exist" in low:
        return errno.EACCES, "no such user on that server"
    if "translate host name" in low or "resolve" in low:
        return errno.EHOSTUNREACH, "no such host"
    return errno.ECONNREFUSED, "no connection to the server"


def _alive() -> dict[str, Any]:
    """Notice within half a minute that a server has gone (libpq's names; own choice of times)."""
    alive = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    return {"connect_timeout": WAIT_S, "tcp_user_timeout": 20_000, **alive}


def _begin_postgres(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{WAIT_S}s'")
    connection.commit()


def _sqlite(url: URL, *, read_only: bool) -> Engine:
    name = Path(str(url.database)).absolute().as_uri()

    def connect() -> sqlite3.Connection:
        return _connected_to_read(name) if read_only else _connected(name)

    engine = create_engine(url, creator=connect, poolclass=QueuePool)
    if not read_only:
        event.listen(engine, "connect", _begin_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _connected(name: str) -> sqlite3.Connection:
    # transactions begin by our word, not by the driver's guess: isolation_level None; the pool lends a
    # connection to one thread at a time
    return sqlite3.connect(name, uri=True, timeout=WAIT_S, isolation_level=None, check_same_thread=False)


def _connected_to_read(name: str) -> sqlite3.Connection:
    """Connect to read. On a full or read-only disk on which no service has it open, read the file alone.

    To read beside a writer SQLite keeps a file beside the store, which cannot be made there. What stands in
    its write-ahead log and not in the file yet is not seen then.
    """
    connection = _connected(f"{name}?mode=ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as fault:
        connection.close()
        if fault.sqlite_errorcode & 0xFF not in _NO_ROOM_BESIDE:
            raise
        connection = _connected(f"{name}?mode=ro&immutable=1")
    return connection


def _begin_sqlite(connection: Any, _record: Any) -> None:
    # FULL: what was told as sent, and what an operator asked for, stays so after a power cut. A killed
    # process loses nothing either way.
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "auto_vacuum = INCREMENTAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # who means to write waits for the others at once, and never finds in its midst that it has to give way
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
