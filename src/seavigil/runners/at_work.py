"""Whether a service or a watch is at work in a folder, looked at from outside, without being in its way."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from seavigil.runners.beginning import LAST_RECORDS
from seavigil.store.rawlog_read import read_log
from seavigil.store.rawlog_records import Kind
from seavigil.store.rawlog_recover import LOCK


def writer_of(folder: Path) -> int | None:
    """Give the process that writes the log of a folder now (0: not known which), None where nobody does."""
    try:
        number = os.open(folder / "log" / LOCK, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        told = os.pread(number, 100, 0).decode(errors="replace").strip()
        return int(told) if told.isdecimal() else 0
    else:
        return None
    finally:
        os.close(number)


def has_ended(folder: Path, position: int) -> bool:
    """Whether the data of a folder have ended for good; ``position``: how far its store has the log."""
    try:
        last = read_log(folder / "log", max(position - LAST_RECORDS, 1), say=lambda _: None)
        return any(record.kind == Kind.END for record in last)
    except (OSError, ValueError):
        return False
