"""Lets old segments of the raw log go, by age and by size, without asking any clock."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from seavigil.store.rawlog_notes import Pruned, needed_from, note_pruned, pruned
from seavigil.store.rawlog_segments import Seal, Segment, read_seal, segments, sync_folder


@dataclass(frozen=True)
class _Old:
    """A sealed segment that might go. ``age_us``: how long the log has run since it was closed."""

    segment: Segment
    seal: Seal | None
    last_seq: int
    age_us: int
    size: int


def prune(
    folder: Path,
    keep_s: float | None = None,
    keep_bytes: int | None = None,
    *,
    keep_from_seq: int | None = None,
) -> list[Pruned]:
    """Remove the oldest sealed segments; gives those that went.

    A segment goes when the log has run for ``keep_s`` since, or while the whole log has more than
    ``keep_bytes``. Never those that hold ``keep_from_seq`` or later, or what the log notes as still
    needed, nor the newest sealed one. Age is the time in which the log was written (`Times.running_us`):
    a clock that leaps ahead makes nothing old. Raises ``OSError``, also when what is
    needed cannot be known.
    """
    with _alone(folder):
        going = list(_going(folder, keep_s, keep_bytes, keep_from_seq))
        notes = [_note(old) for old in going]
        known = {note.first_seq for note in pruned(folder)}
        if going:
            note_pruned(folder, [note for note in notes if note.first_seq not in known])
        for old in going:
            old.segment.zst_path.unlink(missing_ok=True)
            old.segment.seal_path.unlink(missing_ok=True)
        if going:
            sync_folder(folder)
    return notes


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time prune."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def _going(
    folder: Path, keep_s: float | None, keep_bytes: int | None, keep_from_seq: int | None
) -> Iterator[_Old]:
    limits = [seq for seq in (keep_from_seq, needed_from(folder)) if seq is not None]
    total = sum(size(segment) for segment in segments(folder))
    for old in _candidates(folder):
        too_old = keep_s is not None and old.age_us >= keep_s * 1e6
        too_much = keep_bytes is not None and total > keep_bytes
        if not (too_old or too_much) or any(old.last_seq >= seq for seq in limits):
            return
        total -= old.size
        yield old


def _candidates(folder: Path) -> list[_Old]:
    """Give the sealed segments but the newest, oldest first."""
    there = segments(folder)
    found: list[_Old] = []
    age_us = 0
    for segment, after in reversed(list(pairwise(there))):
        seal = None if segment.plain else _seal(segment)
        if not segment.plain:
            last_seq = after.first_seq - 1 if seal is None else seal.last_seq
            found.append(_Old(segment, seal, last_seq, age_us, size(segment)))
        if seal is not None and seal.times is not None:
            age_us += seal.times.running_us
    return found[:0:-1]


def _seal(segment: Segment) -> Seal | None:
    try:
        return read_seal(segment)
    except ValueError:
        return None


def size(segment: Segment) -> int:
    """Give the bytes that a segment takes on disk."""
    paths = (segment.plain_path, segment.zst_path, segment.seal_path)
    return sum(path.stat().st_size for path in paths if path.exists())


def _note(old: _Old) -> Pruned:
    seal = old.seal
    times = None if seal is None else seal.times
    return Pruned(
        first_seq=old.segment.first_seq,
        last_seq=old.last_seq,
        size=old.size,
        first_us=None if times is None else times.first_us,
        last_us=None if times is None else times.last_us,
        plain_sha256=None if seal is None else seal.plain_sha256,
        previous=None if seal is None else seal.previous,
        digest=None if seal is None else seal.digest,
    )
