"""Gives back what a feed sent: its bytes as they came, one stream behind another in order of opening."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from seavigil.store.rawlog_open import open_segment
from seavigil.store.rawlog_read import Lost, Way, records_of
from seavigil.store.rawlog_records import Kind, Record
from seavigil.store.rawlog_segments import Segment, read_seal, segments


@dataclass(frozen=True)
class Exported:
    """What was written out. ``parted``: line ends put between streams of which one ended within a line."""

    streams: int
    records: int
    size: int  #: bytes
    parted: int


@dataclass
class _Stream:
    size: int = 0
    last: bytes = b""


def export(
    folder: Path,
    feed: str,
    out: Path,
    *,
    from_us: int | None = None,
    to_us: int | None = None,
    tag_blocks: bool = False,
    say: Callable[[Lost], None],
) -> Exported:
    """Write what ``feed`` sent from ``from_us`` until before ``to_us`` (receipt, UTC) to a file.

    They are byte for byte what came, streams one behind another in order of opening; where one ends
    within a line and another follows, a line end is put between. With ``tag_blocks`` a sentence whose
    time nobody tells gets a tag block with that of its receipt. Lost records are told to ``say``.
    Raises ``ValueError`` when no such feed is in the log, and ``OSError``.
    """
    walk = _Walk(folder, feed, from_us, to_us, tag_blocks=tag_blocks)
    sizes: list[_Stream] = []
    written = 0
    for stream, data in walk.data(say):
        sizes += [_Stream() for _ in range(len(sizes), stream + 1)]
        sizes[stream].size += len(data)
        sizes[stream].last = data[-1:] or sizes[stream].last
        written += 1
    if not walk.known:
        heard = ", ".join(sorted(walk.names)) or "none"
        raise ValueError(f"{folder}: no feed {feed!r} in this log then (there are: {heard})")
    places, size, parted = _places(sizes)
    _fill(out, walk, places, sizes, size)
    return Exported(sum(s.size > 0 for s in sizes), written, size, parted)


def _places(streams: list[_Stream]) -> tuple[list[int], int, int]:
    """Give where each stream begins, where all end, and how many line ends go between."""
    places, at, parted = [], 0, 0
    within_line = False
    for stream in streams:
        if stream.size and within_line:
            at, parted = at + 1, parted + 1
        places.append(at)
        at += stream.size
        within_line = stream.last != b"\n" if stream.size else within_line
    return places, at, parted


def _fill(out: Path, walk: _Walk, places: list[int], streams: list[_Stream], size: int) -> None:
    """Write every piece to its place; the file is there whole or not at all."""
    ends = [place + stream.size for place, stream in zip(places, streams, strict=True)]
    at = list(places)
    half = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with half.open("wb") as file:
            os.truncate(file.fileno(), size)
            for place in places:
                if place:  # a line end, unless the stream before ends with its own, which is written over it
                    os.pwrite(file.fileno(), b"\n", place - 1)
            for number, data in walk.data(lambda lost: None):
                os.pwrite(file.fileno(), data, at[number])
                at[number] += len(data)
        if at != ends:
            raise ValueError(f"{walk.folder}: it was pruned while it was exported; try again")
        half.replace(out)
    finally:
        half.unlink(missing_ok=True)


class _Walk:
    """Goes through a log, as often as wanted, to the record that was the last at the first time."""

    def __init__(
        self, folder: Path, feed: str, from_us: int | None, to_us: int | None, *, tag_blocks: bool
    ) -> None:
        self.folder, self._feed = folder, feed
        self._from_us = -(1 << 63) if from_us is None else from_us
        self._to_us = 1 << 63 if to_us is None else to_us
        self._tag_blocks = tag_blocks
        self._last_seq: int | None = None
        self.names: set[str] = set()

    @property
    def known(self) -> bool:
        """Whether a feed of that name was met."""
        return self._feed in self.names

    def data(self, say: Callable[[Lost], None]) -> Iterator[tuple[int, bytes]]:
        """Give pieces with the number of their stream, streams counted in order of opening."""
        names: dict[int, str] = {}
        current: dict[tuple[int, int], int] = {}
        taggers: dict[int, _Tagger] = {}
        streams = seq = 0
        for record in self._records(say):
            seq = record.seq
            key = (record.feed, record.stream)
            if record.kind is Kind.FEED:
                names[record.feed] = _name(record)
                self.names.add(names[record.feed])
            elif names.get(record.feed) != self._feed:
                continue
            elif record.kind is Kind.OPENED or (record.kind is Kind.DATA and key not in current):
                current[key] = streams
                streams += 1
            elif record.kind is Kind.CLOSED:
                current.pop(key, None)
            if record.kind is Kind.DATA and self._from_us <= record.wall_us < self._to_us:
                stream, data = current[key], record.payload
                if self._tag_blocks:
                    data = taggers.setdefault(stream, _Tagger()).take(data, record.wall_us)
                yield stream, data
        self._last_seq = self._last_seq or seq

    def _records(self, say: Callable[[Lost], None]) -> Iterator[Record]:
        """Give the records of the segments that touch the time wanted, each after its repeated FEEDs."""
        way: Way | None = None
        apart = True  # from the segment before: that one is not wanted
        for segment in segments(self.folder):
            opened = open_segment(segment) if self._touches(segment) else None
            if opened is None:
                apart = True
                continue
            with closing(opened):
                if way is None or apart:
                    if way is not None:
                        way.over()
                    way = Way(segment.first_seq, self._last_seq, say)
                with suppress(ValueError):  # damage is told by what follows
                    yield from opened.head().repeats
                yield from records_of(opened, way)
            apart = False
        if way is not None:
            way.over()

    def _touches(self, segment: Segment) -> bool:
        if self._last_seq is not None and segment.first_seq > self._last_seq:
            return False
        try:
            seal = None if segment.plain else read_seal(segment)
        except ValueError:
            return True
        if seal is None or seal.times is None or seal.damaged_at is not None:
            return True
        return seal.times.latest_us >= self._from_us and seal.times.earliest_us < self._to_us


def _name(record: Record) -> str:
    with suppress(ValueError, TypeError, KeyError):
        return str(json.loads(record.payload)["name"])
    return f"feed {record.feed}"


class _Tagger:
    """Puts a tag block before each sentence of one stream that has no time, cut anywhere.

    NMEA 0183 version 4.10, section 7: ``c`` is Unix time, the checksum is the exclusive or of what
    stands between the backslash and the asterisk.
    """

    def __init__(self) -> None:
        self._line = b""
        self._timed = False  # the line before tells the time of this one

    def take(self, data: bytes, wall_us: int) -> bytes:
        """Give the stream's next bytes, with tags put in."""
        out: list[bytes] = []
        for piece in data.splitlines(keepends=True):
            if not self._line and piece[:1] == b"!" and not self._timed:
                out.append(tag_block(wall_us))
            out.append(piece)
            self._line = (self._line + piece)[-4096:] if self._line else piece
            if self._line[-1:] in {b"\r", b"\n"}:
                self._end_line(self._line.strip())
        return b"".join(out)

    def _end_line(self, line: bytes) -> None:
        if line:  # else the second half of a line end
            self._timed = line.startswith(b"$PGHP") or (line.startswith(b"\\") and line.endswith(b"\\"))
        self._line = b""


def tag_block(wall_us: int) -> bytes:
    r"""Give a tag block with a time to the second.

    >>> print(tag_block(1735122360000000).decode())
    \c:1735122360*5D\
    """
    text = f"c:{wall_us // 1_000_000}".encode()
    checksum = 0
    for byte in text:
        checksum ^= byte
    return b"\\" + text + f"*{checksum:02X}\\".encode()
