"""What is asked of the tables: alerts and their lives, feeds, statements, letters, commands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, func, or_, select

from seavigil.events import Bounds
from seavigil.store.rows import OutboxItem
from seavigil.store.tables import (
    ALERT_LINKS,
    ALERT_REVISIONS,
    ALERTS,
    COMMANDS,
    COMMANDS_DONE,
    EVENTS,
    OUTBOX,
    TRANSITIONS,
)

_Object = dict[str, Any]
#: Columns that hold JSON, of all tables.
_JSON = ("line", "payload", "counts", "figures", "arguments")


@dataclass(frozen=True)
class Wanted:
    """Which alerts are asked for; None asks for all. See `Database.alerts`."""

    states: Sequence[str] | None = None
    priorities: Sequence[str] | None = None
    behaviours: Sequence[str] | None = None
    asset: str | None = None
    mmsi: int | None = None
    since_us: int | None = None
    until_us: int | None = None
    box: Bounds | None = None


def alerts(connection: Connection, wanted: Wanted, limit: int, after: str | None) -> list[_Object]:
    """Give the newest revisions of alerts, those first that stood last."""
    row = ALERTS.c
    asked = select(row.line).where(*_asked(wanted), *_inside(connection, wanted.box))
    if after is not None:
        asked = asked.where(beyond(connection, after))
    rows = connection.execute(asked.order_by(row.detected_at_us.desc(), row.alert_id).limit(limit))
    return [json.loads(line) for (line,) in rows]


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    row = ALERTS.c
    among = ((row.status, wanted.states), (row.priority, wanted.priorities))
    asked: list[ColumnElement[bool]] = [
        column.in_(list(values)) for column, values in among if values is not None
    ]
    if wanted.since_us is not None:
        asked.append(row.revised_at_us >= wanted.since_us)
    if wanted.until_us is not None:
        asked.append(row.detected_at_us < wanted.until_us)
    mmsi = None if wanted.mmsi is None else [str(wanted.mmsi)]
    asset = None if wanted.asset is None else [wanted.asset]
    links = (("behaviour", wanted.behaviours), ("asset", asset), ("mmsi", mmsi))
    return [*asked, *(_linked(kind, values) for kind, values in links if values is not None)]


def _linked(kind: str, values: Iterable[str]) -> ColumnElement[bool]:
    link = ALERT_LINKS.c
    of_kind = select(link.alert_id).where(link.kind == kind, link.value.in_(list(values)))
    return ALERTS.c.alert_id.in_(of_kind)


def _inside(connection: Connection, box: Bounds | None) -> list[ColumnElement[bool]]:
    if box is None:
        return []
    halves = [(box.west_deg, box.east_deg)]
    if box.west_deg > box.east_deg:  # over the date line
        halves = [(box.west_deg, 180.0), (-180.0, box.east_deg)]
    half = _half_place if connection.dialect.name == "postgresql" else _half
    return [or_(*(half(box, west, east) for west, east in halves))]


def _half(box: Bounds, west_deg: float, east_deg: float) -> ColumnElement[bool]:
    row = ALERTS.c
    return and_(row.lat_deg.between(box.south_deg, box.north_deg), row.lon_deg.between(west_deg, east_deg))


def _half_place(box: Bounds, west_deg: float, east_deg: float) -> ColumnElement[bool]:
    from sqlalchemy import literal_column

    envelope = func.ST_MakeEnvelope(west_deg, box.south_deg, east_deg, box.north_deg, 4326)
    inside: ColumnElement[bool] = literal_column("alerts.place").bool_op("&&")(envelope)
    return inside


def beyond(connection: Connection, after: str) -> ColumnElement[bool]:
    """Ask for the alerts that come after one in order. Raises ``ValueError`` where that is gone."""
    row = ALERTS.c
    at = connection.execute(select(row.detected_at_us).where(row.alert_id == after)).scalar_one_or_none()
    if at is None:
        raise gone(after)
    return or_(row.detected_at_us < at, and_(row.detected_at_us == at, row.alert_id > after))


def gone(after: str) -> ValueError:
    """Say that the alert to go on after is not there; of one that is not shown the same is said."""
    return ValueError(f"no alert {after[:100]!r} to go on after: it may have been pruned")


def alert(connection: Connection, alert_id: str) -> _Object | None:
    """Give the newest revision of an alert."""
    line = connection.execute(select(ALERTS.c.line).where(ALERTS.c.alert_id == alert_id)).scalar_one_or_none()
    return None if line is None else json.loads(line)


def revisions(connection: Connection, alert_id: str) -> list[_Object]:
    """Give all revisions of an alert, in order."""
    row = ALERT_REVISIONS.c
    asked = select(row.line).where(row.alert_id == alert_id).order_by(row.revision)
    return [json.loads(line) for (line,) in connection.execute(asked)]


def transitions(connection: Connection, alert_id: str | None, limit: int) -> list[_Object]:
    """Give the last transitions, of one alert or all, in the order in which they came."""
    asked = select(TRANSITIONS).order_by(TRANSITIONS.c.number.desc()).limit(limit)
    if alert_id is not None:
        asked = asked.where(TRANSITIONS.c.alert_id == alert_id)
    rows = connection.execute(asked).all()
    return [_without(_plain(r), "number", "transition_id") for r in reversed(rows)]


def events(connection: Connection, alert_id: str) -> list[_Object]:
    """Give the events that an alert's newest revision names, in order of beginning."""
    link = ALERT_LINKS.c
    named = select(link.value).where(link.alert_id == alert_id, link.kind == "event")
    row = EVENTS.c
    asked = select(row.line).where(row.event_id.in_(named)).order_by(row.began_us, row.event_id)
    return [json.loads(line) for (line,) in connection.execute(asked)]


def letters(
    connection: Connection, state: str, until_us: int | None, limit: int | None, channel: str | None = None
) -> list[OutboxItem]:
    """Give rows of the outbox in a state, the oldest first; with ``until_us`` those due by then.

    Of one ``channel`` the urgent ones come first: what waits for a turn keeps none of them waiting.
    """
    row = OUTBOX.c
    asked = select(OUTBOX).where(row.state == state)
    if channel is not None:
        asked = asked.where(row.channel == channel).order_by(row.priority != "urgent")
    asked = asked.order_by(row.number)
    if until_us is not None:
        asked = asked.where(row.next_us <= until_us)
    found = connection.execute(asked if limit is None else asked.limit(limit))
    return [OutboxItem(**_without(_plain(r), "number")) for r in found]


def commands(
    connection: Connection, *, command_id: str | None = None, waiting: bool = False
) -> list[_Object]:
    """Give commands with what became of them (state ``waiting`` until then), the oldest first."""
    done = COMMANDS_DONE.c
    same = COMMANDS.c.command_id == done.command_id
    result = (done.state, done.why.label("says"), done.position)
    asked = select(COMMANDS, *result).outerjoin(COMMANDS_DONE, same).order_by(COMMANDS.c.number)
    if command_id is not None:
        asked = asked.where(COMMANDS.c.command_id == command_id)
    if waiting:
        asked = asked.where(done.command_id.is_(None))
    rows = (_without(_plain(r), "number") for r in connection.execute(asked))
    return [{**r, "state": r["state"] or "waiting", "says": r["says"] or ""} for r in rows]


def since(connection: Connection, table: Table, since_us: int) -> list[_Object]:
    """Give rows of a table with a ``wall_us`` from then on, as they came."""
    asked = select(table).where(table.c.wall_us >= since_us).order_by(table.c.wall_us, table.c.number)
    return [_without(_plain(r), "number", "statement_id", "fault_id") for r in connection.execute(asked)]


def health(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> list[_Object]:
    """Give rows of feeds, by number and, of their history, by hour."""
    asked = select(table).where(*conditions).order_by(*table.primary_key)
    return [_plain(r) for r in connection.execute(asked)]


def _plain(row: Row[Any]) -> _Object:
    found = dict(row._mapping)
    return {**found, **{name: json.loads(found[name]) for name in _JSON if name in found}}


def _without(found: Mapping[str, Any], *names: str) -> _Object:
    return {k: v for k, v in found.items() if k not in names}
