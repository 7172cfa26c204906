"""Inquiries into faults: what was asked, how far it is, what was found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, select

from seavigil.store.engine import reading, writing
from seavigil.store.tables import INQUIRIES
from seavigil.store.written import as_json, as_text, put

#: What an inquiry may be.
RUNNING, DONE, FAILED = "running", "done", "failed"


@dataclass(frozen=True)
class InquiryRow:
    """One inquiry. ``result``: what was found, once it is done; ``error``: why not, in words."""

    inquiry_id: str
    at_us: int
    who: str
    organisation: str | None
    asked: Mapping[str, Any]
    state: str = RUNNING
    result: Mapping[str, Any] | None = None
    error: str | None = None
    done_us: int | None = None


class Inquiries:
    """The store's inquiries; each method is one transaction. Raises ``OSError`` as `Database` does."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, row: InquiryRow) -> None:
        """Write an inquiry as it is now."""
        told = {**vars(row), "asked": as_json(dict(row.asked)), "error": as_text(row.error)}
        told["who"], told["organisation"] = as_text(row.who), as_text(row.organisation)
        told["result"] = None if row.result is None else as_json(dict(row.result))
        with writing(self._engine) as connection:
            put(connection, INQUIRIES, [told])

    def get(self, inquiry_id: str) -> InquiryRow | None:
        """Give an inquiry, None where there is none."""
        asked = select(INQUIRIES).where(INQUIRIES.c.inquiry_id == inquiry_id)
        with reading(self._engine) as connection:
            found = connection.execute(asked).one_or_none()
        if found is None:
            return None
        row = dict(found._mapping)
        row["asked"] = json.loads(row["asked"])
        row["result"] = None if row["result"] is None else json.loads(row["result"])
        return InquiryRow(**row)

    def prune(self, before_us: int) -> int:
        """Take away inquiries that were asked before then; gives how many."""
        with writing(self._engine) as connection:
            return connection.execute(delete(INQUIRIES).where(INQUIRIES.c.at_us < before_us)).rowcount
