"""One segment of the raw log, opened for reading: plain, sealed, or sealed with its seal lost."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

import zstandard

from seavigil.store.rawlog_records import HEAD_BYTES, Head, Record, goes_on, head_size, parse, parse_head
from seavigil.store.rawlog_segments import Frame, Seal, Segment, read_seal

#: Bytes read at once: some thousand records. Own choice: little memory, few calls.
BLOCK_BYTES = 256 << 10


class Opened(Protocol):
    """A segment that is open: removing its files takes nothing away any more."""

    def head(self) -> Head:
        """Give what it begins with. Raises ``ValueError`` when that is damaged."""

    def runs(self, from_seq: int, damaged: Callable[[str], None]) -> Iterator[list[Record]]:
        """Give its records from ``from_seq`` on, some at a time; damage is told where it is met."""

    def close(self) -> None:
        """Let go of the file."""


def open_segment(segment: Segment, start: tuple[int, int] | None = None) -> Opened | None:
    """Open a segment wherever it lies by now; null when it is gone. Raises ``OSError``.

    ``start``: number of a record and the byte at which it begins in the plain segment, where known.
    """
    with suppress(FileNotFoundError):
        return Plain(os.open(segment.plain_path, os.O_RDONLY), segment, start)
    with suppress(FileNotFoundError):
        return _sealed(os.open(segment.zst_path, os.O_RDONLY), segment)
    return None


def _sealed(number: int, segment: Segment) -> Opened:
    try:
        seal = read_seal(segment)
    except ValueError:
        seal = None
    return Unindexed(number, segment) if seal is None else Sealed(number, segment, seal)


class Plain:
    """A segment as it is written."""

    def __init__(self, number: int, segment: Segment, start: tuple[int, int] | None = None) -> None:
        self._number, self._segment = number, segment
        self._at = 0
        self._start = start
        self._broken = False

    def head(self) -> Head:
        """See `Opened`."""
        self._at = 0
        first = self._take(HEAD_BYTES)
        return parse_head(first + self._take(head_size(first) - HEAD_BYTES))

    def runs(self, from_seq: int, damaged: Callable[[str], None]) -> Iterator[list[Record]]:
        """See `Opened`."""
        seq, self._at = self._start or self._behind_head()
        data, bad = b"", False
        while not bad and (block := self._take(BLOCK_BYTES)):
            data += block
            parsed = parse(data, 0, seq, from_seq)
            if parsed.records:
                yield parsed.records
            data, seq, bad = data[parsed.stopped_at :], parsed.next_seq, parsed.damaged
        if bad or self._broken or goes_on(data, seq):
            damaged(f"{self._segment.name} is damaged from byte {self._at - len(data)} on")

    def _behind_head(self) -> tuple[int, int]:
        try:
            head = self.head()
        except ValueError:  # whoever asked for the head has been told
            return 0, os.fstat(self._number).st_size
        return head.first_seq, head.size

    def _take(self, size: int) -> bytes:
        data = os.pread(self._number, size, self._at)
        self._at += len(data)
        return data

    def close(self) -> None:
        """See `Opened`."""
        os.close(self._number)


class Unindexed(Plain):
    """A sealed segment whose seal is lost: it is read from the beginning, up to the first damage."""

    def __init__(self, number: int, segment: Segment) -> None:
        super().__init__(number, segment)
        self._pieces = self._unpacked()
        self._left = b""

    def head(self) -> Head:
        """See `Opened`."""
        self._pieces, self._left = self._unpacked(), b""
        return super().head()

    def _take(self, size: int) -> bytes:
        while len(self._left) < size and (piece := next(self._pieces, b"")):
            self._left += piece
        data, self._left = self._left[:size], self._left[size:]
        self._at += len(data)
        return data

    def _unpacked(self) -> Iterator[bytes]:
        """Give frame after frame, none of them empty."""
        at, packed = 0, b""
        unpacker = zstandard.ZstdDecompressor().decompressobj()
        while block := packed or os.pread(self._number, BLOCK_BYTES, at):
            at += 0 if packed else len(block)
            try:
                piece = unpacker.decompress(block)
            except zstandard.ZstdError:
                self._broken = True
                return
            packed = b""
            if unpacker.eof:
                packed, unpacker = unpacker.unused_data, zstandard.ZstdDecompressor().decompressobj()
            if piece:
                yield piece


class Sealed:
    """A sealed segment: damage in one frame leaves the others."""

    def __init__(self, number: int, segment: Segment, seal: Seal) -> None:
        self._number, self._segment, self.seal = number, segment, seal

    def head(self) -> Head:
        """See `Opened`."""
        return parse_head(self.plain(0))

    def runs(self, from_seq: int, damaged: Callable[[str], None]) -> Iterator[list[Record]]:
        """See `Opened`."""
        frames = self.seal.frames
        begin = bisect_right(frames, from_seq, lo=1, key=_first_seq) - 1
        for at in range(max(1, begin), len(frames)):
            seq = frames[at].first_seq
            try:
                data = self.plain(at)
            except ValueError as fault:
                damaged(str(fault))
                continue
            if seq is None:
                damaged(f"{self._segment.name} was damaged when it was sealed")
                continue
            parsed = parse(data, 0, seq, from_seq)
            if parsed.records:
                yield parsed.records
            if parsed.stopped_at < len(data):
                damaged(f"{self._segment.name} holds other records than its seal says")

    def plain(self, at: int) -> bytes:
        """Give the bytes of frame ``at`` as they were written; raises ``ValueError`` where it is damaged."""
        frame, (plain_end, zst_end) = self.seal.frames[at], self._ends(at)
        packed = os.pread(self._number, zst_end - frame.zst_at, frame.zst_at)
        size = plain_end - frame.plain_at
        try:
            data = zstandard.ZstdDecompressor().decompress(packed, max_output_size=size)
        except zstandard.ZstdError as fault:
            raise ValueError(
                f"{self._segment.zst_path.name} is damaged at byte {frame.zst_at} ({fault})"
            ) from fault
        if len(data) != size:
            raise ValueError(f"{self._segment.zst_path.name} is damaged at byte {frame.zst_at}")
        return data

    def _ends(self, at: int) -> tuple[int, int]:
        if at + 1 == len(self.seal.frames):
            return self.seal.plain_bytes, self.seal.zst_bytes
        after = self.seal.frames[at + 1]
        return after.plain_at, after.zst_at

    def close(self) -> None:
        """See `Opened`."""
        os.close(self._number)


def _first_seq(frame: Frame) -> int:
    return (1 << 64) if frame.first_seq is None else frame.first_seq
