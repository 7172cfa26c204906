"""What is done to a raw log before it is written on: the lock, the torn end, what a crash left about."""

from __future__ import annotations

import fcntl
import os
from collections import deque
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from uuid import uuid4

from seavigil.store.rawlog_notes import pruned
from seavigil.store.rawlog_open import open_segment
from seavigil.store.rawlog_read import read_log
from seavigil.store.rawlog_records import RECORD_BYTES, Head, Kind, Record
from seavigil.store.rawlog_seal import extent
from seavigil.store.rawlog_segments import (
    LogInUse,
    LogNotWritable,
    Segment,
    read_seal,
    segments,
    sync_folder,
    write_durably,
)
from seavigil.store.rawlog_tail import Tail, newest, not_writable

LOCK = "lock"
ID = "id"
TORN = "torn"


@dataclass(frozen=True)
class Recovered:
    """Where writing goes on, the newest FEED record of each feed, and what was found and done, in words."""

    tail: Tail
    next_seq: int
    feeds: dict[int, Record]
    said: list[str]


def lock(folder: Path) -> int:
    """Take hold of a log as its one writer, making the folder; gives the lock's file number.

    Raises `LogInUse` when another process has it, and `LogNotWritable`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as fault:
        raise not_writable(Segment(folder, 0), fault) from fault
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        holder = os.pread(number, 100, 0).decode(errors="replace").strip() or "unknown"
        os.close(number)
        raise LogInUse(fault.errno, f"process {holder} is writing this log already", str(folder)) from fault
    with suppress(OSError):  # a full disk is told where records are lost by it
        os.ftruncate(number, 0)
        os.pwrite(number, f"{os.getpid()}\n".encode(), 0)
    return number


def own_id(folder: Path) -> str:
    """Give a log's own id, made when it is opened for the first time. Raises `LogNotWritable`."""
    path = folder / ID
    try:
        with suppress(FileNotFoundError):
            if found := path.read_text(encoding="utf-8", errors="replace").strip():
                return found
        made = uuid4().hex
        write_durably(path, [f"{made}\n".encode()])
    except OSError as fault:
        raise not_writable(Segment(folder, 0), fault) from fault
    return made


def recover(folder: Path) -> Recovered:
    """Find where a log goes on, and repair what a crash left. Raises ``LogNotWritable``."""
    try:
        _sweep(folder)
        there = segments(folder)
        if there and there[-1].plain:
            return _resume(there[-1], [])
        return _begin(folder, _following(folder), _feeds_before(folder), [])
    except LogNotWritable:
        raise
    except OSError as fault:
        raise not_writable(Segment(folder, 0), fault) from fault


def _sweep(folder: Path) -> None:
    """Remove halves of files, and plain segments that had been sealed already."""
    for half in folder.glob(".*.part"):
        half.unlink()
    for segment in segments(folder):
        if segment.plain and segment.sealed and _is_sealed(segment):
            segment.plain_path.unlink()
    sync_folder(folder)


def _is_sealed(segment: Segment) -> bool:
    with suppress(ValueError):
        seal = read_seal(segment)
        return seal is not None and sha256(segment.plain_path.read_bytes()).hexdigest() == seal.plain_sha256
    return False


def _resume(segment: Segment, said: list[str]) -> Recovered:
    """Go on in a plain segment, or behind it where its end is damaged."""
    found = extent(segment)
    feeds = feeds_in(segment)
    torn = found.size - found.sound_bytes
    if torn:
        _set_aside(segment, found.sound_bytes, said)
        os.truncate(segment.plain_path, found.sound_bytes)
    if found.head is None:
        segment.plain_path.unlink()
        feeds = _feeds_before(segment.folder)
    if found.damaged:  # there may have been whole records in it: their numbers are not given again
        return _begin(segment.folder, found.next_seq + torn // RECORD_BYTES + 1, feeds, said)
    tail = Tail(segment, found.sound_bytes, found.marks, found.next_seq)
    tail.sync()
    return Recovered(tail, found.next_seq, feeds, said)


def _set_aside(segment: Segment, at: int, said: list[str]) -> None:
    """Keep what is behind byte ``at`` in a file of its own."""
    with segment.plain_path.open("rb") as file:
        file.seek(at)
        torn = file.read()
    folder = segment.folder / TORN
    folder.mkdir(exist_ok=True)
    path = next(p for n in count() if not (p := folder / f"{segment.name}.at{at}.{n}.bytes").exists())
    write_durably(path, [torn])
    where = f"byte {at} of {segment.plain_path.name}"
    said.append(
        f"{len(torn):,} bytes from {where} on are no whole records: cut off, kept as {TORN}/{path.name}"
    )


def _begin(folder: Path, first_seq: int, feeds: dict[int, Record], said: list[str]) -> Recovered:
    repeats = newest(feeds)
    tail = Tail.create(Segment(folder, first_seq), Head(first_seq, 0, after_gap=False, repeats=repeats))
    return Recovered(tail, first_seq, feeds, said)


def _following(folder: Path) -> int:
    """Give the number behind the last of a log that has no open segment."""
    there = segments(folder)
    if not there:
        return max((note.last_seq for note in pruned(folder)), default=0) + 1
    try:
        seal = read_seal(there[-1])
    except ValueError:
        seal = None
    if seal is None:
        found = deque(read_log(folder, there[-1].first_seq, say=lambda lost: None), maxlen=1)
        return found[-1].seq + 1 if found else there[-1].first_seq + 1
    unread = 0 if seal.damaged_at is None else seal.plain_bytes - seal.damaged_at
    return seal.last_seq + 1 + unread // RECORD_BYTES + (unread > 0)


def _feeds_before(folder: Path) -> dict[int, Record]:
    there = segments(folder)
    return feeds_in(there[-1]) if there else {}


def feeds_in(segment: Segment) -> dict[int, Record]:
    """Give the newest FEED record of each feed that a segment knows, its repeats among them."""
    opened = open_segment(segment)
    if opened is None:
        return {}
    with closing(opened):
        try:
            feeds = {record.feed: record for record in opened.head().repeats}
        except ValueError:
            feeds = {}
        for run in opened.runs(0, lambda why: None):
            feeds |= {record.feed: record for record in run if record.kind is Kind.FEED}
    return feeds
