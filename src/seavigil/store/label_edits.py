"""What people changed of the labels of assets: whose they are, and who may see them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Engine, func, select

from seavigil.store.engine import reading
from seavigil.store.tables import ASSET_EDITS

FIELDS = ("owner", "tlp", "shared_with")


class LabelEdits:
    """The store's edits of labels. Methods raise ``OSError`` where the store cannot do it now."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self) -> int:
        """Give by what it is known whether there is a newer edit of any asset: how many there are.

        Numbers would not do: PostgreSQL gives them out before edits are there, and 6 may come before 5.
        """
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.count()).select_from(ASSET_EDITS)).scalar_one())

    def all(self) -> dict[str, dict[str, Any]]:
        """Give the edited fields of labels as they are now, by the asset's id."""
        row = ASSET_EDITS.c
        asked = select(row.asset_id, row.field, row.after).where(row.field.in_(FIELDS)).order_by(row.number)
        found: dict[str, dict[str, Any]] = {}
        with reading(self._engine) as connection:
            for asset_id, name, after in connection.execute(asked):
                found.setdefault(asset_id, {})[name] = json.loads(after)
        return found
