"""The open segment of the raw log: written at its end, cut back where a write failed, synced."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress

from seavigil.store.rawlog_read import Start
from seavigil.store.rawlog_records import Head, Record, pack_head
from seavigil.store.rawlog_segments import LogNotWritable, Segment, write_durably

#: A reader that begins in the middle looks over at most so many bytes. Own choice: a tenth of a millisecond.
_MARK_BYTES = 64 << 10


class Tail:
    """One writer's hold on the open segment; calls do not overlap, except `place` and `sync`."""

    def __init__(self, segment: Segment, size: int, marks: Sequence[tuple[int, int]], next_seq: int) -> None:
        """Go on at byte ``size``, where record ``next_seq`` will be. Raises ``LogNotWritable``."""
        self.segment, self.size = segment, size
        self.empty = next_seq == segment.first_seq
        self._marks = list(marks)
        self._ragged = False
        try:
            self._number = os.open(segment.plain_path, os.O_WRONLY | os.O_APPEND)
        except OSError as fault:
            raise not_writable(segment, fault) from fault

    @classmethod
    def create(cls, segment: Segment, head: Head) -> Tail:
        """Begin a segment. Raises ``LogNotWritable``; then none was begun."""
        try:
            write_durably(segment.plain_path, [content := pack_head(head)])
        except OSError as fault:
            raise not_writable(segment, fault) from fault
        return cls(segment, len(content), [(head.first_seq, len(content))], head.first_seq)

    def write(self, data: bytes, first_seq: int) -> None:
        """Put records at the end, in one write. Raises ``LogNotWritable``; then none was put there."""
        if self._ragged:
            self._cut_back()
        try:
            done = os.write(self._number, data)
            while done < len(data):  # what little room there was is full: the next says so
                done += os.write(self._number, memoryview(data)[done:])
        except OSError as fault:
            with suppress(LogNotWritable):
                self._cut_back()
            raise not_writable(self.segment, fault) from fault
        if self.size - self._marks[-1][1] >= _MARK_BYTES:
            self._marks.append((first_seq, self.size))
        self.size += len(data)
        self.empty = False

    def _cut_back(self) -> None:
        self._ragged = True
        try:
            os.ftruncate(self._number, self.size)
        except OSError as fault:
            raise not_writable(self.segment, fault) from fault
        self._ragged = False

    def place(self, seq: int) -> Start | None:
        """Give where to begin reading to come to record ``seq``; null if that is before this segment."""
        at = bisect_right(self._marks, seq, key=lambda mark: mark[0]) - 1
        return None if at < 0 else Start(self.segment.first_seq, *self._marks[at])

    def sync(self) -> None:
        """Bring what was written before the call onto the disk.

        Raises ``LogNotWritable``, and any other ``OSError`` where it was not tried.
        """
        number = os.dup(self._number)  # it may be closed meanwhile
        try:
            os.fdatasync(number)
        except OSError as fault:
            raise not_writable(self.segment, fault) from fault
        finally:
            os.close(number)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._number)


def not_writable(segment: Segment, fault: OSError) -> LogNotWritable:
    """Give the error that says which log cannot be written, and why."""
    words = f"the raw log cannot be written: {fault.strerror or fault}"
    return LogNotWritable(fault.errno, words, str(segment.folder))


def newest(feeds: dict[int, Record]) -> tuple[Record, ...]:
    """Give the newest FEED record of each feed, in the log's order."""
    return tuple(sorted(feeds.values(), key=lambda record: record.seq))
