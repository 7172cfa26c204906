"""The first tables: alerts and their lives, the outbox, feeds, statements, commands, faults of steps."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REAL: Any = sa.Double().with_variant(sa.REAL(), "sqlite")
_TYPES: dict[str, Any] = {"int": _INT, "real": _REAL, "text": sa.Text()}

_HEALTH = (
    "name text, url text, state text, why text, since_us int, last_bytes_us int?, last_report_us int?,"
    " bytes int, reports int, rejects int, ships int, delay_s_median real?, delay_s_p95 real?,"
    " usual_reports_per_s real?, reports_per_s real?, counts text, position int, wall_us int"
)
#: Name: (columns, their number as key, columns that are unique). ``?`` may be null; keys come first.
_TABLES: dict[str, tuple[str, int, str | None]] = {
    "log_position": ("one int, position int, wall_us int, pruned_us int", 1, None),
    "alerts": (
        (
            "alert_id text, revision int, status text, priority text, vessel_id text?, mmsi int?,"
            " name text?, began_us int, ended_us int?, detected_at_us int, revised_at_us int, lat_deg real?,"
            " lon_deg real?, exercise int, line text"
        ),
        1,
        None,
    ),
    "alert_links": ("alert_id text, kind text, value text", 3, None),
    "alert_revisions": (
        "alert_id text, revision int, status text, priority text, revised_at_us int, line text",
        2,
        None,
    ),
    "transitions": (
        (
            "number int, transition_id text, alert_id text?, revision int, what text, before text?,"
            " after text?, who text, data_us int, wall_us int, why text"
        ),
        1,
        "transition_id",
    ),
    "events": (
        (
            "event_id text, revision int, behaviour text, vessel_id text, mmsi int?, asset_id text?,"
            " began_us int, ended_us int?, known_at_us int, lat_deg real?, lon_deg real?, line text"
        ),
        1,
        None,
    ),
    "outbox": (
        (
            "number int, key text, channel text, alert_id text, revision int, priority text, what text,"
            " created_us int, payload text, attempts int, state text, next_us int, last_error text,"
            " says text, done_us int?"
        ),
        1,
        "key",
    ),
    "feeds": (f"feed int, {_HEALTH}", 1, None),
    "feed_hours": (f"feed int, hour_us int, {_HEALTH}", 2, None),
    "statements": (
        "number int, statement_id text, wall_us int, data_us int, text text, figures text",
        1,
        "statement_id",
    ),
    "commands": (
        (
            "number int, command_id text, kind text, alert_id text?, who text, why text, arguments text,"
            " submitted_us int"
        ),
        1,
        "command_id",
    ),
    "commands_done": ("command_id text, state text, why text, position int", 1, None),
    "step_faults": (
        (
            "number int, fault_id text, wall_us int, data_us int, vessel_id text, step text, error text,"
            " until_us int?"
        ),
        1,
        "fault_id",
    ),
}
_INDEXES = {
    "alerts": ("detected_at_us alert_id", "status revised_at_us"),
    "alert_links": ("kind value",),
    "transitions": ("alert_id", "wall_us"),
    "events": ("known_at_us",),
    "outbox": ("state next_us",),
    "statements": ("wall_us",),
    "step_faults": ("wall_us",),
}
_OF_ALERTS = ("alert_links", "alert_revisions")


def upgrade() -> None:
    """Make the tables."""
    for name, (columns, keys, unique) in _TABLES.items():
        made = [_column(c) for c in columns.split(", ")]
        names = [c.name for c in made]
        op.create_table(name, *made, *_constraints(name, names[:keys], unique), sqlite_strict=True)
    for name, indexes in _INDEXES.items():
        for columns in indexes:
            wanted = columns.split()
            op.create_index(f"ix_{name}_{'_'.join(wanted)}", name, wanted)
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE alerts ADD COLUMN place geometry(Point, 4326)"
            " GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon_deg, lat_deg), 4326)) STORED"
        )
        op.execute("CREATE INDEX ix_alerts_place ON alerts USING gist (place)")


def downgrade() -> None:
    """Take the tables away, with all that is in them."""
    for name in reversed(_TABLES):
        op.drop_table(name)


def _column(words: str) -> sa.Column[Any]:
    name, kind = words.split(" ")
    null = kind.endswith("?")
    return sa.Column(name, _TYPES[kind.rstrip("?")], nullable=null, autoincrement=name == "number")


def _constraints(table: str, keys: list[str], unique: str | None) -> list[sa.Constraint]:
    made: list[sa.Constraint] = [sa.PrimaryKeyConstraint(*keys, name=f"pk_{table}")]
    if unique is not None:
        made.append(sa.UniqueConstraint(unique, name=f"uq_{table}_{unique}"))
    if table in _OF_ALERTS:
        made.append(
            sa.ForeignKeyConstraint(
                ["alert_id"], ["alerts.alert_id"], name=f"fk_{table}_alert_id", ondelete="CASCADE"
            )
        )
    return made
