"""One batch into the tables: whole, and the same however often, or cut however, it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, delete, select, update

from seavigil.hashing import short_id
from seavigil.records import HOUR_US
from seavigil.store.outbox import WAITING
from seavigil.store.rows import (
    AlertRow,
    Batch,
    EventRow,
    FeedRow,
    OutboxRow,
    StatementRow,
    StepFaultRow,
    TransitionRow,
)
from seavigil.store.tables import (
    ALERT_LINKS,
    ALERT_REVISIONS,
    ALERTS,
    COMMANDS_DONE,
    EVENTS,
    FEED_HOURS,
    FEEDS,
    LOG_POSITION,
    OUTBOX,
    STATEMENTS,
    STEP_FAULTS,
    TRANSITIONS,
)
from seavigil.store.written import add_new, as_json, as_text, in_portions, put

_R = TypeVar("_R", AlertRow, EventRow)
_Rows = list[dict[str, Any]]


def save(connection: Connection, batch: Batch) -> None:
    """Write a batch within the transaction that is open."""
    pruned_us = hold(connection)
    _alerts(connection, batch.alerts)
    _events(connection, batch.events)
    add_new(connection, TRANSITIONS, [_transition(t) for t in batch.transitions])
    # letters told long ago may have been pruned: a log read again from its beginning must not tell them twice
    add_new(connection, OUTBOX, [_letter(o) for o in batch.outbox if o.created_us >= pruned_us])
    _feeds(connection, batch)
    add_new(connection, STATEMENTS, [_statement(s) for s in batch.statements])
    add_new(connection, COMMANDS_DONE, [_columns(c, COMMANDS_DONE) for c in batch.commands])
    add_new(connection, STEP_FAULTS, [_step_fault(f) for f in batch.faults])
    _advance(connection, batch)


def hold(connection: Connection) -> int:
    """Hold the row of the position, made if need be, to the transaction's end; gives the time pruned to.

    Whoever writes many rows does so first: in PostgreSQL they would else wait for each other in a circle.
    """
    add_new(connection, LOG_POSITION, [{"one": 1, "position": 0, "wall_us": 0, "pruned_us": 0}])
    return int(connection.execute(select(LOG_POSITION.c.pruned_us).with_for_update()).scalar_one())


def _advance(connection: Connection, batch: Batch) -> None:
    row = LOG_POSITION.c
    forward = update(LOG_POSITION).where(row.position < batch.position)
    connection.execute(forward.values(position=batch.position, wall_us=batch.wall_us))


def _alerts(connection: Connection, rows: Sequence[AlertRow]) -> None:
    lines = {(r.alert_id, r.revision): as_json(r.line) for r in rows}
    newer = _newer(connection, ALERTS, "alert_id", rows)
    put(connection, ALERTS, [_alert(r, lines[r.alert_id, r.revision]) for r in newer])
    for some in in_portions(r.alert_id for r in newer):
        connection.execute(delete(ALERT_LINKS).where(ALERT_LINKS.c.alert_id.in_(some)))
    add_new(connection, ALERT_LINKS, [link for r in newer for link in _links(r)])
    revisions = [
        {**_columns(r, ALERT_REVISIONS, "line"), "line": lines[r.alert_id, r.revision]} for r in rows
    ]
    add_new(connection, ALERT_REVISIONS, revisions)


def _events(connection: Connection, rows: Sequence[EventRow]) -> None:
    newer = _newer(connection, EVENTS, "event_id", rows)
    put(connection, EVENTS, [{**_columns(r, EVENTS, "line"), "line": as_json(r.line)} for r in newer])


def _newer(connection: Connection, table: Table, key: str, rows: Sequence[_R]) -> list[_R]:
    """Give the newest row of each key that is newer than the one stored."""
    newest: dict[str, _R] = {}
    for row in rows:
        there = newest.get(getattr(row, key))
        if there is None or row.revision > there.revision:
            newest[getattr(row, key)] = row
    stored: dict[str, int] = {}
    for some in in_portions(newest):
        found = connection.execute(select(table.c[key], table.c.revision).where(table.c[key].in_(some)))
        stored.update((k, revision) for k, revision in found)
    return [row for k, row in newest.items() if row.revision > stored.get(k, -1)]


def _feeds(connection: Connection, batch: Batch) -> None:
    rows = [_feed(f, batch) for f in batch.feeds]
    hour_us = batch.wall_us - batch.wall_us % HOUR_US
    put(connection, FEEDS, rows, unless_newer="position")
    put(connection, FEED_HOURS, [{**r, "hour_us": hour_us} for r in rows], unless_newer="position")


def _alert(row: AlertRow, line: str) -> dict[str, Any]:
    own = {"line": line, "exercise": int(row.exercise)}
    return {**_columns(row, ALERTS, *own), **own}


def _links(row: AlertRow) -> _Rows:
    mmsis = (*row.other_mmsis, *(() if row.mmsi is None else (row.mmsi,)))
    values: Mapping[str, Sequence[object]] = {
        "behaviour": row.behaviours,
        "asset": row.asset_ids,
        "event": row.event_ids,
        "mmsi": mmsis,
    }
    return [
        {"alert_id": row.alert_id, "kind": kind, "value": as_text(str(value))}
        for kind, found in values.items()
        for value in sorted({str(v) for v in found})
    ]


def _transition(row: TransitionRow) -> dict[str, Any]:
    columns = _columns(row, TRANSITIONS, "number", "transition_id")
    # when it was written down hangs on how the log was cut into steps, what happened does not
    named = (value for name, value in columns.items() if name != "wall_us")
    return {**columns, "transition_id": short_id(*named)}


def _letter(row: OutboxRow) -> dict[str, Any]:
    fresh = {
        "payload": as_json(row.payload),
        "attempts": 0,
        "state": WAITING,
        "next_us": row.created_us,
        "last_error": "",
        "says": "",
        "done_us": None,
    }
    return {**_columns(row, OUTBOX, "number", *fresh), **fresh}


def _feed(row: FeedRow, batch: Batch) -> dict[str, Any]:
    own = {"position": batch.position, "wall_us": batch.wall_us, "counts": as_json(row.counts)}
    return {**_columns(row, FEEDS, *own), **own}


def _statement(row: StatementRow) -> dict[str, Any]:
    columns = _columns(row, STATEMENTS, "number", "statement_id", "figures")
    return {**columns, "figures": as_json(row.figures), "statement_id": short_id(*columns.values())}


def _step_fault(row: StepFaultRow) -> dict[str, Any]:
    columns = _columns(row, STEP_FAULTS, "number", "fault_id")
    return {**columns, "fault_id": short_id(*columns.values())}


def _columns(row: Any, table: Table, *without: str) -> dict[str, Any]:
    """Give a row's fields that are columns, texts as every database takes them."""
    values = {c.name: getattr(row, c.name) for c in table.columns if c.name not in without}
    return {k: as_text(v) if isinstance(v, str) else v for k, v in values.items()}
