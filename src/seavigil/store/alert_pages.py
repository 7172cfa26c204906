"""Pages of alerts: as they are now, or as they stood at a moment, leaving out what somebody may not see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, or_, select

from seavigil.events import Bounds
from seavigil.records import parse_time_us
from seavigil.store import reading
from seavigil.store.engine import reading as read
from seavigil.store.tables import ALERT_REVISIONS, ALERTS
from seavigil.store.written import as_json

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
        same. Raises ``ValueError`` where the alert to go on after is gone, or may not be shown.
        """
        found: list[_Object] = []
        with read(self._engine) as connection:
            if after is not None and not any(map(seen, _as_it_was(connection, after, at_us))):
                raise reading.gone(after)
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
        with read(self._engine) as connection:
            return _then_of(connection, alert_id, at_us)

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


def _as_it_was(connection: Connection, alert_id: str, at_us: int | None) -> list[_Object]:
    """Give an alert as it is now and as it was then: what a page ends with was shown in one of the two."""
    lines = [reading.alert(connection, alert_id)]
    if at_us is not None:
        lines.append(_then_of(connection, alert_id, at_us))
    return [line for line in lines if line is not None]


def _then_of(connection: Connection, alert_id: str, at_us: int) -> _Object | None:
    row = ALERT_REVISIONS.c
    asked = select(row.line).where(row.alert_id == alert_id, row.revised_at_us <= at_us)
    line = connection.execute(asked.order_by(row.revision.desc()).limit(1)).scalar_one_or_none()
    return None if line is None else json.loads(line)


def _then(wanted: reading.Wanted, at_us: int) -> Select[Any]:
    """Ask for the revisions that were the newest then.

    What they are about is looked for in their text: it finds all that fit, and some more (`_fits` tells). The
    links of an alert are those of its newest revision, which may be about less.
    """
    alert, row, earlier = ALERTS.c, ALERT_REVISIONS.c, ALERT_REVISIONS.alias("earlier").c
    newest = (
        select(func.max(earlier.revision))
        .where(earlier.alert_id == alert.alert_id, earlier.revised_at_us <= at_us)
        .correlate(ALERTS)
        .scalar_subquery()
    )
    asked: list[ColumnElement[bool]] = [alert.detected_at_us <= at_us]
    if wanted.until_us is not None:
        asked.append(alert.detected_at_us < wanted.until_us)
    for column, values in ((row.status, wanted.states), (row.priority, wanted.priorities)):
        if values is not None:
            asked.append(column.in_(list(values)))
    asked += [or_(*(row.line.contains(text, autoescape=True) for text in texts)) for texts in _texts(wanted)]
    same = (row.alert_id == alert.alert_id) & (row.revision == newest)
    return select(row.line).select_from(ALERTS.join(ALERT_REVISIONS, same)).where(*asked)


def _texts(wanted: reading.Wanted) -> Iterator[list[str]]:
    """Give what stands in the text of a line that fits, one of each list at least."""
    if wanted.behaviours is not None:
        yield [as_json(behaviour) for behaviour in wanted.behaviours] or ["\0"]
    if wanted.asset is not None:
        yield [f'"asset_id":{as_json(wanted.asset)}']
    if wanted.mmsi is not None:
        yield [f'"mmsi":{wanted.mmsi}']


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
