"""A batch into the store, where a row that the store cannot take costs that row alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from seavigil.store.database import Database
from seavigil.store.rows import Batch, StepFaultRow

_PARTS = ("alerts", "transitions", "events", "outbox", "feeds", "statements", "commands", "faults")


def save(database: Database, batch: Batch) -> None:
    """Save a batch; where that fails in a way nobody foresaw, its rows one by one, and what failed as faults.

    Raises ``OSError`` where the store takes nothing now.
    """
    try:
        database.save(batch)
    except OSError:
        raise
    except Exception:
        faults = [fault for piece in _pieces(batch) if (fault := _tried(database, piece)) is not None]
        database.save(Batch(batch.position, batch.wall_us, faults=faults))


def _pieces(batch: Batch) -> Iterator[Batch]:
    """Give a batch's rows each by itself, at a position of which nothing is said yet."""
    nothing = Batch(0, batch.wall_us)
    for part in _PARTS:
        for row in getattr(batch, part):
            given: dict[str, Any] = {part: (row,)}
            yield replace(nothing, **given)


def _tried(database: Database, piece: Batch) -> StepFaultRow | None:
    try:
        database.save(piece)
    except OSError:
        raise
    except Exception as fault:
        (part,) = (name for name in _PARTS if getattr(piece, name))
        (row,) = getattr(piece, part)
        about = str(getattr(row, "alert_id", None) or getattr(row, "event_id", None) or part)
        error = f"{type(fault).__name__}: {str(fault).partition(chr(10))[0]}"[:500]
        return StepFaultRow(piece.wall_us, piece.wall_us, about, f"storing {part}", error)
    return None
