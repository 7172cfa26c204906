"""The database's tables, the same for SQLite and PostgreSQL; where they differ is said once, here.

Times are integers, microseconds UTC (``*_us``); objects are JSON text with sorted keys. ``number``
counts rows in the order in which they first came.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    Column,
    Computed,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

#: A STRICT table of SQLite takes these names of types only: INTEGER (64 bits there), REAL, TEXT.
_INT = BigInteger().with_variant(Integer(), "sqlite")
_REAL: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")


def _table(name: str, *items: Any) -> Table:
    return Table(name, METADATA, *items, sqlite_strict=True)


def _int(name: str, *, null: bool = False, key: bool = False) -> Column[int]:
    return Column(name, _INT, nullable=null, primary_key=key, autoincrement=key and name == "number")


def _real(name: str) -> Column[float]:
    return Column(name, _REAL, nullable=True)


def _text(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, Text(), nullable=null, primary_key=key)


def _of_alert(*, key: bool) -> Column[str]:
    link = ForeignKey("alerts.alert_id", ondelete="CASCADE")
    return Column("alert_id", Text(), link, nullable=False, primary_key=key)


#: One row: how far the log has been saved, up to which time told letters were pruned, and which log it is.
LOG_POSITION = _table(
    "log_position",
    _int("one", key=True),
    _int("position"),
    _int("wall_us"),
    _int("pruned_us"),
    _text("log_id", null=True),
)

#: The newest revision of every alert.
ALERTS = _table(
    "alerts",
    _text("alert_id", key=True),
    _int("revision"),
    _text("status"),
    _text("priority"),
    _text("vessel_id", null=True),
    _int("mmsi", null=True),
    _text("name", null=True),
    _int("began_us"),
    _int("ended_us", null=True),
    _int("detected_at_us"),
    _int("revised_at_us"),
    _real("lat_deg"),
    _real("lon_deg"),
    _int("exercise"),
    _text("line"),
    Index(None, "detected_at_us", "alert_id"),
    Index(None, "status", "revised_at_us"),
)

#: What an alert's newest revision is found by: kind is behaviour, asset, event or mmsi.
ALERT_LINKS = _table(
    "alert_links",
    _of_alert(key=True),
    _text("kind", key=True),
    _text("value", key=True),
    Index(None, "kind", "value"),
)

#: Every revision, as it was told.
ALERT_REVISIONS = _table(
    "alert_revisions",
    _of_alert(key=True),
    _int("revision", key=True),
    _text("status"),
    _text("priority"),
    _int("revised_at_us"),
    _text("line"),
)

TRANSITIONS = _table(
    "transitions",
    _int("number", key=True),
    _text("transition_id"),
    _text("alert_id", null=True),
    _int("revision"),
    _text("what"),
    _text("before", null=True),
    _text("after", null=True),
    _text("who"),
    _int("data_us"),
    _int("wall_us"),
    _text("why"),
    UniqueConstraint("transition_id"),
    Index(None, "alert_id"),
    Index(None, "wall_us"),
)

EVENTS = _table(
    "events",
    _text("event_id", key=True),
    _int("revision"),
    _text("behaviour"),
    _text("vessel_id"),
    _int("mmsi", null=True),
    _text("asset_id", null=True),
    _int("began_us"),
    _int("ended_us", null=True),
    _int("known_at_us"),
    _real("lat_deg"),
    _real("lon_deg"),
    _text("line"),
    Index(None, "known_at_us"),
    Index(None, "asset_id", "began_us"),
    Index(None, "vessel_id", "began_us"),
    Index(None, "behaviour", "began_us"),
)

OUTBOX = _table(
    "outbox",
    _int("number", key=True),
    _text("key"),
    _text("channel"),
    _text("alert_id"),
    _int("revision"),
    _text("priority"),
    _text("what"),
    _int("created_us"),
    _text("payload"),
    _int("attempts"),
    _text("state"),
    _int("next_us"),
    _text("last_error"),
    _text("says"),
    _int("done_us", null=True),
    UniqueConstraint("key"),
    Index(None, "state", "next_us"),
)


def _health() -> list[Column[Any]]:
    return [
        *(_text(name) for name in ("name", "url", "state", "why")),
        _int("since_us"),
        *(_int(name, null=True) for name in ("last_bytes_us", "last_report_us")),
        *(_int(name) for name in ("bytes", "reports", "rejects", "ships")),
        *(_real(name) for name in ("delay_s_median", "delay_s_p95", "usual_reports_per_s", "reports_per_s")),
        _text("counts"),
        *(_int(name) for name in ("position", "wall_us")),
    ]


#: How each feed stands, and how it stood at the end of each hour.
FEEDS = _table("feeds", _int("feed", key=True), *_health())
FEED_HOURS = _table("feed_hours", _int("feed", key=True), _int("hour_us", key=True), *_health())

STATEMENTS = _table(
    "statements",
    _int("number", key=True),
    _text("statement_id"),
    _int("wall_us"),
    _int("data_us"),
    _text("text"),
    _text("figures"),
    UniqueConstraint("statement_id"),
    Index(None, "wall_us"),
)

#: What operators asked for; what became of it stands in the other table, which the log alone fills.
COMMANDS = _table(
    "commands",
    _int("number", key=True),
    _text("command_id"),
    _text("kind"),
    _text("alert_id", null=True),
    _text("who"),
    _text("why"),
    _text("arguments"),
    _int("submitted_us"),
    UniqueConstraint("command_id"),
)
COMMANDS_DONE = _table(
    "commands_done", _text("command_id", key=True), _text("state"), _text("why"), _int("position")
)

STEP_FAULTS = _table(
    "step_faults",
    _int("number", key=True),
    _text("fault_id"),
    _int("wall_us"),
    _int("data_us"),
    _text("vessel_id"),
    _text("step"),
    _text("error"),
    _int("until_us", null=True),
    UniqueConstraint("fault_id"),
    Index(None, "wall_us"),
)

#: People who sign in with a password; ``name`` is as it is compared, ``shown`` as it was written.
USERS = _table(
    "users",
    _text("name", key=True),
    _text("shown"),
    _text("role"),
    _text("organisation", null=True),
    _text("password"),
    _int("created_us"),
    _int("changed_us"),
)

#: Of tokens and sessions only hashes are kept. ``owner``: the user whose it is.
TOKENS = _table(
    "tokens",
    _text("token_id", key=True),
    _text("hash"),
    *(_text(name) for name in ("name", "role")),
    _text("organisation", null=True),
    _text("owner", null=True),
    _text("made_by"),
    _int("created_us"),
    *(_int(name, null=True) for name in ("expires_us", "last_used_us", "revoked_us")),
    UniqueConstraint("hash"),
    Index(None, "owner"),
)
SESSIONS = _table(
    "sessions",
    _text("hash", key=True),
    *(_text(name, null=True) for name in ("owner", "token_id")),
    *(_text(name) for name in ("name", "role")),
    _text("organisation", null=True),
    _text("method"),
    *(_int(name) for name in ("began_us", "used_us")),
    Index(None, "owner"),
    Index(None, "used_us"),
)

#: Who did what: rows are added, never changed.
AUDIT = _table(
    "audit",
    _int("number", key=True),
    _int("at_us"),
    _text("who"),
    *(_text(name, null=True) for name in ("role", "organisation", "address")),
    _text("what"),
    _text("about", null=True),
    _text("outcome"),
    _text("detail"),
    Index(None, "at_us"),
    Index(None, "who"),
)

#: What people changed of assets; ``before`` and ``after`` are JSON.
ASSET_EDITS = _table(
    "asset_edits",
    _int("number", key=True),
    _text("edit_id"),
    _int("at_us"),
    *(_text(name) for name in ("who", "asset_id", "field", "before", "after", "why")),
    UniqueConstraint("edit_id"),
    Index(None, "asset_id"),
)

#: Questions about outages that take a while to answer; ``asked`` and ``result`` are JSON.
INQUIRIES = _table(
    "inquiries",
    _text("inquiry_id", key=True),
    _int("at_us"),
    _text("who"),
    _text("organisation", null=True),
    _text("asked"),
    _text("state"),
    *(_text(name, null=True) for name in ("result", "error")),
    _int("done_us", null=True),
    Index(None, "at_us"),
)

#: PostGIS makes the point of an alert itself: nothing that writes or reads rows needs to know of it.
PLACE = "ST_SetSRID(ST_MakePoint(lon_deg, lat_deg), 4326)"


def metadata(dialect: str) -> MetaData:
    """Give the tables as they are in a database of this kind (``sqlite`` or ``postgresql``)."""
    if dialect != "postgresql":
        return METADATA
    from geoalchemy2 import Geometry

    spatial = MetaData(naming_convention=METADATA.naming_convention)
    for table in METADATA.sorted_tables:
        table.to_metadata(spatial)
    place = Geometry("POINT", srid=4326, spatial_index=False)
    alerts = spatial.tables["alerts"]
    alerts.append_column(Column("place", place, Computed(PLACE, persisted=True)))
    Index("ix_alerts_place", alerts.c.place, postgresql_using="gist")
    return spatial
