"""What people changed of assets: kept one after another, with who, when and why; never taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, insert, select

from seavigil.store.engine import reading, writing
from seavigil.store.tables import ASSET_EDITS
from seavigil.store.written import as_json, as_text

#: What may be changed; labels and contacts hold at once, the uncertainty from the next start of the watch on.
UNCERTAINTY, CONTACTS, LABELS = "position_uncertainty_m", "contacts", ("owner", "tlp", "shared_with")
FIELDS = (UNCERTAINTY, CONTACTS, *LABELS)


@dataclass(frozen=True)
class Edit:
    """One change of one field of an asset."""

    at_us: int
    who: str
    asset_id: str
    field: str
    before: Any
    after: Any
    why: str


class AssetEdits:
    """The edits of one store. Methods raise ``OSError`` where the store cannot do it now."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, asset_id: str) -> list[Edit]:
        """Give the edits of an asset, the oldest first."""
        row = ASSET_EDITS.c
        asked = select(ASSET_EDITS).where(row.asset_id == asset_id).order_by(row.number)
        with reading(self._engine) as connection:
            return [_edit(dict(found._mapping)) for found in connection.execute(asked)]

    def newest(self, field: str) -> dict[str, Any]:
        """Give what a field was last changed to, by the asset's id."""
        with reading(self._engine) as connection:
            return _newest(connection, field)

    def add(
        self,
        asset_id: str,
        changes: Mapping[str, Any],
        was: Mapping[str, Any],
        who: str,
        why: str,
        at_us: int,
    ) -> list[Edit]:
        """Change fields, all or none; gives the edits. ``was``: what fields never changed before were.

        A field that is already so is no edit. Raises ``ValueError`` for a field that cannot be changed.
        """
        unknown = set(changes) - set(FIELDS)
        if unknown:
            raise ValueError(f"{min(unknown)} of an asset cannot be changed; there are {', '.join(FIELDS)}")
        with writing(self._engine) as connection:
            before = {name: _newest(connection, name).get(asset_id, was.get(name)) for name in changes}
            edits = [
                Edit(at_us, as_text(who) or "", asset_id, name, before[name], after, as_text(why) or "")
                for name, after in changes.items()
                if after != before[name]
            ]
            if edits:
                connection.execute(insert(ASSET_EDITS), [_row(edit) for edit in edits])
        return edits


def _newest(connection: Connection, field: str) -> dict[str, Any]:
    row = ASSET_EDITS.c
    asked = select(row.asset_id, row.after).where(row.field == field).order_by(row.number)
    return {asset_id: json.loads(after) for asset_id, after in connection.execute(asked)}


def _row(edit: Edit) -> dict[str, Any]:
    told = {"before": as_json(edit.before), "after": as_json(edit.after)}
    return {"edit_id": uuid4().hex, **vars(edit), **told}


def _edit(row: Mapping[str, Any]) -> Edit:
    told = {"before": json.loads(row["before"]), "after": json.loads(row["after"])}
    return Edit(**{name: row[name] for name in ("at_us", "who", "asset_id", "field", "why")}, **told)
