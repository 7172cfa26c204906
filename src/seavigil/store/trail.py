"""Who did what, and when: rows that are added, never changed, and taken away when they are old."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, delete, select

from seavigil.store.engine import reading, writing
from seavigil.store.tables import AUDIT
from seavigil.store.written import as_json, as_text

#: No field of an entry is longer (own choice): what was tried may be of any length.
_MOST = 300
_MOST_DETAIL = 4_000


@dataclass(frozen=True)
class Entry:
    """One thing that somebody did, or tried. ``detail`` holds no password and no token."""

    at_us: int
    who: str
    what: str
    outcome: str
    role: str | None = None
    organisation: str | None = None
    address: str | None = None
    about: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


class Trail:
    """The store's audit trail."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, entry: Entry) -> None:
        """Write an entry; on return it survives a power cut. Raises ``OSError`` where it cannot be."""
        texts = ("who", "what", "outcome", "role", "organisation", "address", "about")
        row: dict[str, Any] = {name: _short(getattr(entry, name)) for name in texts}
        detail = as_json(dict(entry.detail))
        if len(detail) > _MOST_DETAIL:
            detail = as_json({"begins": detail[:_MOST_DETAIL]})
        with writing(self._engine) as connection:
            connection.execute(AUDIT.insert().values(at_us=entry.at_us, detail=detail, **row))

    def entries(
        self,
        *,
        since_us: int | None = None,
        who: str | None = None,
        organisation: str | None = None,
        after: int | None = None,
        limit: int = 100,
    ) -> list[tuple[int, Entry]]:
        """Give entries with their numbers, the newest first.

        ``after``: the number with which the page before ended. ``organisation``: only of its people.
        """
        row = AUDIT.c
        same = ((row.who, as_text(who)), (row.organisation, as_text(organisation)))
        asked = select(AUDIT).where(*(column == value for column, value in same if value is not None))
        if since_us is not None:
            asked = asked.where(row.at_us >= since_us)
        if after is not None:
            asked = asked.where(row.number < after)
        with reading(self._engine) as connection:
            found = connection.execute(asked.order_by(row.number.desc()).limit(limit)).all()
        return [_entry(dict(one._mapping)) for one in found]

    def prune(self, before_us: int) -> int:
        """Take away entries of before then; gives how many."""
        with writing(self._engine) as connection:
            return connection.execute(delete(AUDIT).where(AUDIT.c.at_us < before_us)).rowcount


def _entry(row: dict[str, Any]) -> tuple[int, Entry]:
    number, detail = int(row.pop("number")), json.loads(row.pop("detail"))
    return number, Entry(**row, detail=detail)


def _short(text: str | None) -> str | None:
    return None if text is None else as_text(text[:_MOST])
