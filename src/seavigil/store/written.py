"""Values as a database takes them: JSON and text of anything; and statements that may be repeated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

#: Ids asked for at once: SQLite takes 32,766 values in a statement, PostgreSQL 65,535; own choice.
_AT_ONCE = 500


def as_text(value: str | None) -> str | None:
    """Give text that every database takes: NUL and halves of letters become U+FFFD."""
    if value is None or (value.isascii() and "\0" not in value):
        return value
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def as_json(value: Any) -> str:
    """Write an object with sorted keys, in ASCII; what JSON does not know (NaN, infinity) becomes null.

    >>> as_json({"b": float("nan"), "a": "Å"})
    '{"a":"\\\\u00c5","b":null}'
    """
    try:
        return _dump(value)
    except ValueError:
        return _dump(_finite(value))


def _dump(value: Any) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":"))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def in_portions(items: Iterable[T]) -> Iterator[list[T]]:
    """Give items in portions that a statement takes."""
    every = list(items)
    for at in range(0, len(every), _AT_ONCE):
        yield every[at : at + _AT_ONCE]


def add_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; those whose key is there already are left as they are."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)


def put(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    unless_newer: str | None = None,
) -> None:
    """Insert rows, in the place of those with the same key, unless these are newer by a column."""
    if not rows:
        return
    insert = _insert(connection, table)
    new = {c.name: insert.excluded[c.name] for c in table.columns if not c.primary_key}
    where = None if unless_newer is None else insert.excluded[unless_newer] >= table.c[unless_newer]
    keys = [c.name for c in table.primary_key]
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=new, where=where), rows)


def _insert(connection: Connection, table: Table) -> Any:
    # the same statement in two dialects: SQLAlchemy has it in each, not in common
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
