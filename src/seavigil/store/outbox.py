"""What becomes of a letter in the outbox: sent, put off, given up, tried again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from seavigil.store.tables import OUTBOX
from seavigil.store.written import as_text

WAITING, SENT, DEAD = "waiting", "sent", "dead"


def together(connection: Connection, keys: Sequence[str], at_us: int) -> None:
    """Take note that waiting letters are sent as one, before they are: all of them are due at ``at_us``.

    Who finds them after a crash knows by it which belong together. It is no try yet.
    """
    row = OUTBOX.c
    connection.execute(update(OUTBOX).where(row.key.in_(keys), row.state == WAITING).values(next_us=at_us))


def sent(connection: Connection, keys: Sequence[str], now_us: int, says: str) -> None:
    """Mark letters as sent; they stay so whatever is told of them later."""
    _tried(connection, keys, {"state": SENT, "done_us": now_us, "says": as_text(says)}, (WAITING, DEAD))


def put_off(connection: Connection, keys: Sequence[str], until_us: int, why: str) -> None:
    """Count a try that failed and may succeed later."""
    _tried(connection, keys, {"next_us": until_us, "last_error": as_text(why)}, (WAITING,))


def dead(connection: Connection, keys: Sequence[str], now_us: int, why: str) -> None:
    """Give letters up: they wait for an operator."""
    values = {"state": DEAD, "done_us": now_us, "last_error": as_text(why)}
    _tried(connection, keys, values, (WAITING,))


def abandon(connection: Connection, channel: str, now_us: int, why: str) -> int:
    """Give up the waiting letters of a channel, untried; gives how many."""
    row = OUTBOX.c
    waiting = update(OUTBOX).where(row.channel == channel, row.state == WAITING)
    return connection.execute(waiting.values(state=DEAD, done_us=now_us, last_error=as_text(why))).rowcount


def retry(connection: Connection, key: str) -> None:
    """Let a letter that was given up be tried again at once. Raises ``ValueError`` for any other."""
    again = {"state": WAITING, "next_us": 0, "done_us": None}
    row = OUTBOX.c
    if not connection.execute(update(OUTBOX).where(row.key == key, row.state == DEAD).values(again)).rowcount:
        raise ValueError(f"no dead letter {key!r}")


def _tried(
    connection: Connection, keys: Sequence[str], values: dict[str, Any], from_states: tuple[str, ...]
) -> None:
    row = OUTBOX.c
    change = update(OUTBOX).where(row.key.in_(keys), row.state.in_(from_states))
    if connection.execute(change.values(attempts=row.attempts + 1, **values)).rowcount < len(keys):
        known = {key for (key,) in connection.execute(select(row.key).where(row.key.in_(keys)))}
        if missing := set(keys) - known:
            raise ValueError(f"no letter {min(missing)!r} in the outbox")
