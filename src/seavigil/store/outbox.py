"""What becomes of a letter in the outbox: sent, put off, given up, tried again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from seavigil.store.tables import OUTBOX
from seavigil.store.written import as_text

WAITING, SENT, DEAD = "waiting", "sent", "dead"


def sent(connection: Connection, key: str, now_us: int, says: str) -> None:
    """Mark a letter as sent; it stays so whatever is told of it later."""
    _tried(connection, key, {"state": SENT, "done_us": now_us, "says": as_text(says)}, (WAITING, DEAD))


def put_off(connection: Connection, key: str, until_us: int, why: str) -> None:
    """Count a try that failed and may succeed later."""
    _tried(connection, key, {"next_us": until_us, "last_error": as_text(why)}, (WAITING,))


def dead(connection: Connection, key: str, now_us: int, why: str) -> None:
    """Give a letter up: it waits for an operator."""
    values = {"state": DEAD, "done_us": now_us, "last_error": as_text(why)}
    _tried(connection, key, values, (WAITING,))


def retry(connection: Connection, key: str) -> None:
    """Let a letter that was given up be tried again at once. Raises ``ValueError`` for any other."""
    again = {"state": WAITING, "next_us": 0, "done_us": None}
    row = OUTBOX.c
    if not connection.execute(update(OUTBOX).where(row.key == key, row.state == DEAD).values(again)).rowcount:
        raise ValueError(f"no dead letter {key!r}")


def _tried(connection: Connection, key: str, values: dict[str, Any], from_states: tuple[str, ...]) -> None:
    row = OUTBOX.c
    change = update(OUTBOX).where(row.key == key, row.state.in_(from_states))
    if not connection.execute(change.values(attempts=row.attempts + 1, **values)).rowcount:
        known = connection.execute(select(row.key).where(row.key == key)).first()
        if known is None:
            raise ValueError(f"no letter {key!r} in the outbox")
