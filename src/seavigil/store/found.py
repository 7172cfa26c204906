"""What the log led to, as pages ask for it: alerts that stand at a moment, events by ship, asset and time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from seavigil.records import END_OF_DATA_US
from seavigil.store.engine import reading as read
from seavigil.store.tables import ALERT_LINKS, ALERT_REVISIONS, ALERTS, EVENTS
from seavigil.store.written import in_portions

#: An alert in one of these stands: somebody may have to do something.
STANDING = ("open", "acknowledged", "escalated")
#: What else an alert can be: it stands no more, or not yet.
_OVER = ("closed", "retracted", "candidate")
Revision = tuple[str, int]


@dataclass(frozen=True)
class Span:
    """Events that lie in part at least between two times, at most ``limit`` of them, the newest first."""

    from_us: int
    to_us: int
    limit: int = 1000


class Found:
    """Reads alerts and events; each method is one transaction. Raises ``OSError`` as `Database` does."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def standing(self, at_us: int | None = None) -> list[Revision]:
        """Give id and revision of each alert that stood at a moment (None: now), in order of id.

        The revision is the newest by then. One that has been closed since is found by its later revision.
        """
        row = ALERTS.c
        asked = select(row.alert_id, row.revision).where(row.status.in_(STANDING))
        with read(self._engine) as connection:
            if at_us is None:
                return sorted((i, int(n)) for i, n in connection.execute(asked))
            return sorted(_stood(connection, at_us))

    def lines(self, wanted: Collection[Revision]) -> dict[Revision, dict[str, Any]]:
        """Give the ndjson objects of some revisions of alerts."""
        row = ALERT_REVISIONS.c
        found: dict[Revision, dict[str, Any]] = {}
        with read(self._engine) as connection:
            for few in in_portions(sorted(wanted)):
                asked = select(row.alert_id, row.revision, row.line).where(
                    row.alert_id.in_({i for i, _ in few}), row.revision.in_({n for _, n in few})
                )
                rows = connection.execute(asked)
                found |= {(i, int(n)): json.loads(line) for i, n, line in rows if (i, int(n)) in set(few)}
        return found

    def events_of_ship(self, vessel_id: str, span: Span) -> list[dict[str, Any]]:
        """Give the events of one ship."""
        return self._events([EVENTS.c.vessel_id == vessel_id], span)

    def events_of_asset(
        self, asset_id: str, span: Span, behaviours: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """Give the events about one asset, of some behaviours or all."""
        asked = [EVENTS.c.asset_id == asset_id]
        if behaviours is not None:
            asked.append(EVENTS.c.behaviour.in_(list(behaviours)))
        return self._events(asked, span)

    def alerts_of_events(self, event_ids: Iterable[str], until_us: int = END_OF_DATA_US) -> dict[str, str]:
        """Give the alert that an event is part of, by the event's id; of those that stood by a moment."""
        link, alert = ALERT_LINKS.c, ALERTS.c
        stood = select(alert.alert_id).where(alert.detected_at_us <= until_us)
        found: dict[str, str] = {}
        with read(self._engine) as connection:
            for few in in_portions(event_ids):
                asked = select(link.value, link.alert_id).where(link.kind == "event", link.value.in_(few))
                asked = asked.where(link.alert_id.in_(stood))
                found |= {row[0]: row[1] for row in connection.execute(asked)}
        return found

    def events(self, event_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Give events by their ids, each in its newest revision."""
        row, found = EVENTS.c, dict[str, dict[str, Any]]()
        with read(self._engine) as connection:
            for few in in_portions(sorted(set(event_ids))):
                asked = select(row.event_id, row.line).where(row.event_id.in_(few))
                found |= {event_id: json.loads(line) for event_id, line in connection.execute(asked)}
        return found

    def _events(self, asked: list[Any], span: Span) -> list[dict[str, Any]]:
        row = EVENTS.c
        lies = (row.began_us <= span.to_us, func.coalesce(row.ended_us, row.known_at_us) >= span.from_us)
        newest = row.began_us.desc(), row.event_id
        found = select(row.line).where(*asked, *lies).order_by(*newest).limit(span.limit)
        with read(self._engine) as connection:
            return [json.loads(line) for (line,) in connection.execute(found)]


def _stood(connection: Connection, at_us: int) -> list[Revision]:
    """Give what stood then: what still stands or was revised since, at its newest revision by then."""
    alert, row = ALERTS.c, ALERT_REVISIONS.c
    # by status and time, as the index has them: a table of years of alerts is not read through
    since = alert.status.in_(_OVER) & (alert.revised_at_us > at_us)
    may = select(alert.alert_id).where(alert.detected_at_us <= at_us, alert.status.in_(STANDING) | since)
    newest = (
        select(row.alert_id, func.max(row.revision).label("revision"))
        .where(row.alert_id.in_(may), row.revised_at_us <= at_us)
        .group_by(row.alert_id)
        .subquery()
    )
    asked = (
        select(row.alert_id, row.revision)
        .join(newest, (row.alert_id == newest.c.alert_id) & (row.revision == newest.c.revision))
        .where(row.status.in_(STANDING))
    )
    return [(alert_id, int(revision)) for alert_id, revision in connection.execute(asked)]
