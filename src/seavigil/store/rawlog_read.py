"""Reads a raw log, also one that is written, sealed or pruned meanwhile, and says what of it is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from seavigil.store.rawlog_open import Opened, open_segment
from seavigil.store.rawlog_records import Record
from seavigil.store.rawlog_segments import Segment, segments


@dataclass(frozen=True, slots=True)
class Lost:
    """Records that cannot be read; without ``last_seq`` nobody knows how many."""

    first_seq: int
    last_seq: int | None
    why: str

    def __str__(self) -> str:
        first, last = self.first_seq, self.last_seq
        which = f"record {first}" if last == first else f"records {first} to {last}"
        which = f"records from {first} on" if last is None else which
        return f"{which} cannot be read: {self.why}"


class Way:
    """How far a reader is: the number that comes next, and what damage it has met since the last record."""

    def __init__(self, from_seq: int, last_seq: int | None, say: Callable[[Lost], None]) -> None:
        self.next_seq = from_seq
        self.last_seq = last_seq
        self.damage = ""
        self._say = say

    @property
    def done(self) -> bool:
        """Whether the last record wanted is behind us."""
        return self.last_seq is not None and self.next_seq > self.last_seq

    def hit(self, why: str) -> None:
        """Note damage; whether a record is lost by it shows at the next one."""
        self.damage = self.damage or why

    def at(self, seq: int, why: str = "they are not in the log") -> None:
        """Go on at ``seq``, and say what is lost before it."""
        if self.last_seq is not None:
            seq = min(seq, self.last_seq + 1)
        if seq > self.next_seq:
            self._say(Lost(self.next_seq, seq - 1, self.damage or why))
            self.next_seq = seq
        self.damage = ""

    def over(self) -> None:
        """Say what is lost at the end, where nothing follows."""
        if self.last_seq is not None:
            self.at(self.last_seq + 1)
        elif self.damage:
            self._say(Lost(self.next_seq, None, self.damage))


@dataclass(frozen=True, slots=True)
class Start:
    """Where to begin: in the segment ``first_seq`` the record ``seq`` is at byte ``at``."""

    first_seq: int
    seq: int
    at: int


def read_log(
    folder: Path,
    from_seq: int = 1,
    *,
    say: Callable[[Lost], None],
    last_seq: int | None = None,
    start: Start | None = None,
) -> Iterator[Record]:
    """Give the records from ``from_seq`` on, in order, to ``last_seq`` or as far as they are written.

    What cannot be read is told to ``say`` before the next record that can. Where records before a
    segment are missing, its repeats of FEED records stand in for theirs; the log's beginning may have
    been pruned, which is told only to who asks from another number than 1. Raises ``OSError``.
    """
    way = Way(from_seq, last_seq, say)
    segment = Segment(folder, start.first_seq) if start is not None else _first(folder, from_seq)
    while segment is not None and not way.done:
        opened = open_segment(segment, None if start is None else (start.seq, start.at))
        if opened is None:
            way.hit(f"{segment.name} was removed while it was read")
        else:
            with closing(opened):
                if start is None:
                    yield from _begin(opened, segment, way, anew=way.next_seq == 1 and not way.damage)
                yield from records_of(opened, way)
        start = None
        segment = _next(folder, segment)
    way.over()


def _first(folder: Path, from_seq: int) -> Segment | None:
    there = segments(folder)
    before = [segment for segment in there if segment.first_seq <= from_seq]
    return before[-1] if before else next(iter(there), None)


def _next(folder: Path, segment: Segment) -> Segment | None:
    return next((s for s in segments(folder) if s.first_seq > segment.first_seq), None)


def _begin(opened: Opened, segment: Segment, way: Way, *, anew: bool) -> Iterator[Record]:
    """Step over what is missing before a segment; give the repeats that stand in for it."""
    try:
        head = opened.head()
    except ValueError as fault:
        way.hit(f"{segment.name}: {fault}")
        return
    repeats = [record for record in head.repeats if record.seq >= way.next_seq]
    if head.after_gap or anew:
        way.next_seq = max(way.next_seq, head.first_seq)
    way.at(head.first_seq, "their segment is not there")
    yield from repeats


def records_of(opened: Opened, way: Way) -> Iterator[Record]:
    """Give what an open segment has from ``way`` on, and move ``way``."""
    for run in opened.runs(way.next_seq, way.hit):
        way.at(run[0].seq)
        way.next_seq = run[-1].seq + 1
        if way.done:
            yield from (record for record in run if record.seq <= (way.last_seq or 0))
            return
        yield from run
