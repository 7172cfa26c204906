"""Whose a store is: of the one log that its rows come from, and of the one service that works on it now.

Of two logs on one store each would leave out what the other was told, and number its letters as the other's.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable

from sqlalchemy import Connection, Engine, select, text, update

from seavigil.store.engine import said, shown, writing
from seavigil.store.saving import hold
from seavigil.store.tables import LOG_POSITION

#: An arbitrary number of ours; beside it stands the schema in which the tables are.
_LOCK = 1_728_356_194
#: A service that was just killed may still hold the store for a moment: so often it is tried, so far apart
#: (own choices).
_TRIES, _APART_S = 12, 0.25
#: Within half a minute a server is to know that a service's machine has gone (own choice).
_ALIVE = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}


def belong(engine: Engine, log_id: str) -> None:
    """Note which log the store is of. Raises ``ValueError`` where it is of another."""
    with writing(engine) as connection:
        hold(connection)
        found = connection.execute(select(LOG_POSITION.c.log_id)).scalar_one()
        if found is None:
            connection.execute(update(LOG_POSITION).values(log_id=log_id))
    if found not in (None, log_id):
        raise ValueError(
            f"{shown(engine.url)}: what is stored here came from another log ({found}, this one is {log_id});"
            f" take another store, or, if that log is gone for good, write {found} into this log's file id"
        )


def alone(engine: Engine) -> Callable[[], None]:
    """Take the store for one service; gives what lets go of it (the end of the process does too).

    Raises ``OSError`` where another service has it.
    """
    if engine.dialect.name == "sqlite":
        return _file(engine)
    with said(engine.url):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # the lock lasts as long as the connection: the pool must not have it back
        try:
            taken = _session(connection)
        except BaseException:
            connection.close()
            raise
    if not taken:
        connection.close()
        raise _in_use(engine)
    return connection.close


def _session(connection: Connection) -> bool:
    for name, value in _ALIVE.items():
        connection.execute(text(f"SET {name} = {value}"))
    asked = text("SELECT pg_try_advisory_lock(:key, hashtext(current_schema()))")
    for _ in range(_TRIES):
        if connection.execute(asked, {"key": _LOCK}).scalar_one():
            return True
        connection.execute(text(f"SELECT pg_sleep({_APART_S})"))
    return False


def _file(engine: Engine) -> Callable[[], None]:
    """Hold a file beside a SQLite store: a lock on its own file would be in SQLite's way."""
    path = f"{engine.url.database}.lock"
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        os.close(number)
        raise _in_use(engine) from fault
    return lambda: os.close(number)


def _in_use(engine: Engine) -> OSError:
    return OSError(errno.EBUSY, "another service works on this store", shown(engine.url))
