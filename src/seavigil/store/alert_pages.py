"""Pages of alerts: as they are now, or as they stood at a moment, leaving out what somebody may not see."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, select

from seavigil.events import Bounds
from seavigil.records import parse_time_us
from seavigil.store import reading
from seavigil.store.engine import reading as read
from seavigil.store.tables import ALERT_REVISIONS, ALERTS

#: Rows read at once while a page is filled (own choice: some 2 MB).
_AT_ONCE = 200
_Object = dict[str, Any]


class AlertPages:
    """Reads alerts page by page; each page is one transaction. Raises ``OSError`` as `Database` does."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(
        self,
        wanted: reading.Wanted,
        limit: int,
        after: str | None = None,
        *,
        at_us: int | None = None,
        seen: Callable[[Mapping[str, Any]], _Object | None] = dict,
    ) -> tuple[list[_Object], str | None]:
        """Give a page of alerts, those first that stood last, and the id to go on after (None: the end).

        ``at_us``: each in its newest revision by then, which all that is wanted is held against; None: the
        newest. ``seen`` gives a line as it may be shown, None for one that may not: the page is full all the
        same. Raises ``ValueError`` where the alert to go on after is gone.
        """
        found: list[_Object] = []
        with read(self._engine) as connection:
            while True:
                rows = self._some(connection, wanted, after, at_us)
                for line in rows:
                    after = line["alert_id"]
                    told = seen(line) if at_us is None or _fits(line, wanted) else None
                    if told is None:
                        continue
                    if len(found) == limit:
                        return found, found[-1]["alert_id"]
                    found.append(told)
                if len(rows) < _AT_ONCE:
                    return found, None

    def as_of(self, alert_id: str, at_us: int) -> _Object | None:
        """Give an alert in its newest revision by then, None where it did not stand yet."""
        row = ALERT_REVISIONS.c
        asked = select(row.line).where(row.alert_id == alert_id, row.revised_at_us <= at_us)
        with read(self._engine) as connection:
            line = connection.execute(asked.order_by(row.revision.desc()).limit(1)).scalar_one_or_none()
        return None if line is None else json.loads(line)

    def _some(
        self, connection: Connection, wanted: reading.Wanted, after: str | None, at_us: int | None
    ) -> list[_Object]:
        if at_us is None:
            return reading.alerts(connection, wanted, _AT_ONCE, after)
        asked = _then(wanted, at_us)
        if after is not None:
            asked = asked.where(reading.beyond(connection, after))
        row = ALERTS.c
        rows = connection.execute(asked.order_by(row.detected_at_us.desc(), row.alert_id).limit(_AT_ONCE))
        return [json.loads(line) for (line,) in rows]


def _then(wanted: reading.Wanted, at_us: int) -> Select[Any]:
    """Ask for the revisions that were the newest then; what else is wanted stands in the lines."""
    alert, row = ALERTS.c, ALERT_REVISIONS.c
    newest = (
        select(row.alert_id, func.max(row.revision).label("revision"))
        .where(row.revised_at_us <= at_us)
        .group_by(row.alert_id)
        .subquery()
    )
    same = (row.alert_id == newest.c.alert_id) & (row.revision == newest.c.revision)
    asked: list[ColumnElement[bool]] = []
    for column, values in ((row.status, wanted.states), (row.priority, wanted.priorities)):
        if values is not None:
            asked.append(column.in_(list(values)))
    if wanted.until_us is not None:
        asked.append(alert.detected_at_us < wanted.until_us)
    joined = ALERT_REVISIONS.join(newest, same).join(ALERTS, alert.alert_id == row.alert_id)
    return select(row.line).select_from(joined).where(*asked)


def _fits(line: Mapping[str, Any], wanted: reading.Wanted) -> bool:
    """Tell whether a revision is what is wanted, by what stands in it."""
    ships = [line["vessel"], *line.get("other_vessels", ())]
    return (
        (wanted.behaviours is None or bool(set(wanted.behaviours) & set(line["behaviours"])))
        and (wanted.asset is None or any(a["asset_id"] == wanted.asset for a in line["assets"]))
        and (wanted.mmsi is None or any(v is not None and v["mmsi"] == wanted.mmsi for v in ships))
        and (wanted.since_us is None or parse_time_us(line["revised_at"]) >= wanted.since_us)
        and (wanted.box is None or _lies_in(line["position"], wanted.box))
    )


def _lies_in(position: Mapping[str, float] | None, box: Bounds) -> bool:
    if position is None or not box.south_deg <= position["lat_deg"] <= box.north_deg:
        return False
    lon_deg = position["lon_deg"]
    if box.west_deg <= box.east_deg:
        return box.west_deg <= lon_deg <= box.east_deg
    return lon_deg >= box.west_deg or lon_deg <= box.east_deg  # over the date line
