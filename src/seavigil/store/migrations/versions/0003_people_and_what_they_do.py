"""People, their tokens and sessions, what they did; edits of assets, inquiries; events found by more."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TYPES: dict[str, Any] = {"int": sa.BigInteger().with_variant(sa.Integer(), "sqlite"), "text": sa.Text()}
#: Name: (columns, the first of which is the key; columns that are unique). ``?`` may be null.
_TABLES: dict[str, tuple[str, str | None]] = {
    "users": (
        "name text, shown text, role text, organisation text?, password text, created_us int, changed_us int",
        None,
    ),
    "tokens": (
        (
            "token_id text, hash text, name text, role text, organisation text?, owner text?, made_by text,"
            " created_us int, expires_us int?, last_used_us int?, revoked_us int?"
        ),
        "hash",
    ),
    "sessions": (
        (
            "hash text, owner text?, token_id text?, name text, role text, organisation text?, method text,"
            " began_us int, used_us int"
        ),
        None,
    ),
    "audit": (
        (
            "number int, at_us int, who text, role text?, organisation text?, address text?, what text,"
            " about text?, outcome text, detail text"
        ),
        None,
    ),
    "asset_edits": (
        (
            "number int, edit_id text, at_us int, who text, asset_id text, field text, before text,"
            " after text, why text"
        ),
        "edit_id",
    ),
    "inquiries": (
        (
            "inquiry_id text, at_us int, who text, organisation text?, asked text, state text, result text?,"
            " error text?, done_us int?"
        ),
        None,
    ),
}
_INDEXES = {
    "tokens": ("owner",),
    "sessions": ("owner", "used_us"),
    "audit": ("at_us", "who"),
    "asset_edits": ("asset_id",),
    "inquiries": ("at_us",),
    "events": ("asset_id began_us", "vessel_id began_us", "behaviour began_us"),
}


def upgrade() -> None:
    """Make the tables and indexes."""
    for name, (columns, unique) in _TABLES.items():
        made = [_column(words) for words in columns.split(", ")]
        keys: list[sa.Constraint] = [sa.PrimaryKeyConstraint(made[0].name, name=f"pk_{name}")]
        if unique is not None:
            keys.append(sa.UniqueConstraint(unique, name=f"uq_{name}_{unique}"))
        op.create_table(name, *made, *keys, sqlite_strict=True)
    for name, wanted in _indexes():
        op.create_index(f"ix_{name}_{'_'.join(wanted)}", name, wanted)


def downgrade() -> None:
    """Take them away, with all that is in them."""
    for name, wanted in _indexes():
        op.drop_index(f"ix_{name}_{'_'.join(wanted)}", name)
    for name in reversed(_TABLES):
        op.drop_table(name)


def _indexes() -> list[tuple[str, list[str]]]:
    return [(name, columns.split()) for name, several in _INDEXES.items() for columns in several]


def _column(words: str) -> sa.Column[Any]:
    name, kind = words.split(" ")
    null = kind.endswith("?")
    return sa.Column(name, _TYPES[kind.rstrip("?")], nullable=null, autoincrement=name == "number")
