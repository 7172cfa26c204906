"""Batches for tests of the database: small alerts and all that comes with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from seavigil.store.database import Database
from seavigil.store.engine import reading
from seavigil.store.rows import (
    AlertRow,
    Batch,
    CommandDone,
    EventRow,
    FeedRow,
    OutboxRow,
    StatementRow,
    StepFaultRow,
    TransitionRow,
    alert_row,
)
from seavigil.store.tables import METADATA

#: 2026-01-01T00:00:00Z.
NEW_YEAR_US = 1_767_225_600_000_000
SECOND_US = 1_000_000


def alert(alert_id: str = "a", revision: int = 1, *, at_s: int = 0, **changes: Any) -> AlertRow:
    """Give one revision of an alert, revised ``at_s`` after New Year."""
    line = {
        "alert_id": alert_id,
        "revision": revision,
        "status": "open",
        "priority": "warning",
        "behaviours": ["crossing"],
        "vessel": {"vessel_id": "299000001", "mmsi": 299_000_001, "name": "EXERCISE ALDER"},
        "other_vessels": [],
        "assets": [{"asset_id": "link-1", "name": "Demo Link 1"}],
        "position": {"lat_deg": 59.8, "lon_deg": 25.4},
        "event_ids": [f"event-of-{alert_id}"],
        **changes,
    }
    times = {
        "began_us": NEW_YEAR_US,
        "ended_us": None,
        "detected_at_us": NEW_YEAR_US,
        "revised_at_us": NEW_YEAR_US + at_s * SECOND_US,
    }
    return alert_row(line, times)


def transition(alert_id: str = "a", revision: int = 1, *, at_s: int = 0, **changes: Any) -> TransitionRow:
    """Give the opening of an alert, or another step of its life."""
    at_us = NEW_YEAR_US + at_s * SECOND_US
    opened = TransitionRow(alert_id, revision, "opened", None, "open", "seavigil", at_us, at_us)
    return replace(opened, **changes)


def event(event_id: str = "event-of-a", revision: int = 1, *, at_s: int = 0, **changes: Any) -> EventRow:
    """Give one revision of a crossing."""
    at_us = NEW_YEAR_US + at_s * SECOND_US
    line = {"event_id": event_id, "revision": revision, "distance_m": 12.5}
    row = EventRow(
        event_id,
        revision,
        "crossing",
        "299000001",
        299_000_001,
        "link-1",
        at_us,
        None,
        at_us,
        59.8,
        25.4,
        line,
    )
    return replace(row, **changes)


def letter(alert_id: str = "a", revision: int = 1, channel: str = "hook", *, at_s: int = 0) -> OutboxRow:
    """Give what is to be told of a revision to a channel."""
    key, at_us = f"{alert_id}:{revision}:{channel}", NEW_YEAR_US + at_s * SECOND_US
    payload = {"alert_id": alert_id, "transition": {"what": "opened"}}
    return OutboxRow(key, channel, alert_id, revision, "warning", "opened", at_us, payload)


def feed(number: int = 1, **changes: Any) -> FeedRow:
    """Give how a feed does."""
    row = FeedRow(
        feed=number,
        name="coast",
        url="tcp://127.0.0.1:4001",
        state="connected",
        why="",
        since_us=NEW_YEAR_US,
        last_bytes_us=NEW_YEAR_US,
        last_report_us=None,
        bytes=100,
        reports=3,
        rejects=1,
        ships=2,
        delay_s_median=0.5,
        delay_s_p95=1.5,
        usual_reports_per_s=None,
        reports_per_s=0.25,
        counts={"kernel_drops": 2},
    )
    return replace(row, **changes)


def statement(*, at_s: int = 0, text: str = "nothing seen, 97 % of expected reports heard") -> StatementRow:
    """Give a coverage statement."""
    at_us = NEW_YEAR_US + at_s * SECOND_US
    return StatementRow(at_us, at_us, text, {"heard": 0.97})


def step_fault(*, at_s: int = 0) -> StepFaultRow:
    """Give a step that failed on a ship."""
    at_us = NEW_YEAR_US + at_s * SECOND_US
    return StepFaultRow(at_us, at_us, "299000001", "behaviours", "ValueError: no", at_us + SECOND_US)


def batch(position: int = 1, *, at_s: int = 0, **rows: Any) -> Batch:
    """Give a batch with these rows."""
    return Batch(position, NEW_YEAR_US + at_s * SECOND_US, **rows)


def full(position: int = 1, *, at_s: int = 0) -> Batch:
    """Give a batch that has some of everything."""
    return batch(
        position,
        at_s=at_s,
        alerts=[alert(at_s=at_s)],
        transitions=[transition(at_s=at_s)],
        events=[event(at_s=at_s)],
        outbox=[letter(at_s=at_s)],
        feeds=[feed()],
        statements=[statement(at_s=at_s)],
        commands=[CommandDone("c-1", "done", "", position)],
        faults=[step_fault(at_s=at_s)],
    )


def content(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Give all rows of all tables, in order of key; numbers count as the order of rows alone."""
    with reading(database._engine) as connection:
        return {
            table.name: [
                tuple(v for k, v in row._mapping.items() if k != "number")
                for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in METADATA.sorted_tables
        }
