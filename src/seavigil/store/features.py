"""Alerts and events as map layers are asked for: what lies in a box and a stretch of time, page by page.

Pages follow an order that does not change while somebody turns them: nothing is left out, and an event that
is revised meanwhile may come again at the end.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Table, and_, func, or_, select, tuple_

from seavigil.events import Bounds
from seavigil.records import END_OF_DATA_US, NEVER_US
from seavigil.store.engine import reading as read
from seavigil.store.tables import ALERTS, EVENTS

#: Where a row stands in the order of its table: a time, and its id.
Place = tuple[int, str]
#: A row's place, and its object.
Found = tuple[Place, dict[str, Any]]


@dataclass(frozen=True)
class Within:
    """What is asked for: in one of some boxes (none: anywhere), and going on at some time between two.

    What has no place is in every box, and what has not ended goes on.
    """

    boxes: Sequence[Bounds] = ()
    from_us: int = NEVER_US
    to_us: int = END_OF_DATA_US


class Features:
    """Reads them; each method is one transaction. Raises ``OSError`` as `Database` does."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def alerts(self, within: Within, limit: int, after: Place | None = None) -> list[Found]:
        """Give the newest revisions of alerts in the order in which they first stood."""
        return self._page(ALERTS, ALERTS.c.detected_at_us, ALERTS.c.alert_id, within, limit, after)

    def events(self, within: Within, limit: int, after: Place | None = None) -> list[Found]:
        """Give the newest revisions of events in the order in which these became known."""
        return self._page(EVENTS, EVENTS.c.known_at_us, EVENTS.c.event_id, within, limit, after)

    def event(self, event_id: str) -> dict[str, Any] | None:
        """Give an event's newest revision, None where there is no such event."""
        with read(self._engine) as connection:
            asked = select(EVENTS.c.line).where(EVENTS.c.event_id == event_id)
            line = connection.execute(asked).scalar_one_or_none()
            return None if line is None else json.loads(line)

    def _page(
        self,
        table: Table,
        time: ColumnElement[int],
        key: ColumnElement[str],
        within: Within,
        limit: int,
        after: Place | None,
    ) -> list[Found]:
        asked = select(time, key, table.c.line).where(*_inside(table, within)).order_by(time, key)
        if after is not None:
            asked = asked.where(tuple_(time, key) > tuple_(*after))
        with read(self._engine) as connection:
            rows = connection.execute(asked.limit(limit))
            return [((int(at), one), json.loads(line)) for at, one, line in rows]


def _inside(table: Table, within: Within) -> list[ColumnElement[bool]]:
    row, asked = table.c, []
    if within.to_us < END_OF_DATA_US:
        asked.append(row.began_us <= within.to_us)
    if within.from_us > NEVER_US:
        asked.append(func.coalesce(row.ended_us, END_OF_DATA_US) >= within.from_us)
    if within.boxes:
        places = [
            and_(
                row.lat_deg.between(box.south_deg, box.north_deg),
                row.lon_deg.between(box.west_deg, box.east_deg),
            )
            for box in within.boxes
        ]
        asked.append(or_(row.lat_deg.is_(None), *places))
    return asked
