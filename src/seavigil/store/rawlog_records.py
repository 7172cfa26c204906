"""The raw log's records as bytes: a segment's head, records, and how far bytes can be trusted.

All numbers are little-endian. A head is `SEAVIGIL`, version, flags, length of the whole head, first
sequence number, wall time, number of repeated FEED records, CRC-32; behind it the repeats. A record is
CRC-32 of all that follows, length of the payload, sequence number, wall time, stream, feed, kind, flags,
payload. CRC-32 is that of zip and Ethernet (ITU-T V.42), so that anybody can check it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from operator import sub
from typing import NamedTuple

from isal.isal_zlib import crc32


class Kind(IntEnum):
    """What a record tells; everything that can change what is judged is one of these."""

    FEED = 1  #: a feed begins: JSON with ``feed`` (its number), ``name``, ``url``, ``format``
    OPENED = 2  #: a connection: JSON ``{"peer"}``
    DATA = 3  #: bytes as they came
    CLOSED = 4  #: a connection is over: JSON ``{"why"}``
    STATE = 5  #: how the feed does: JSON ``{"state", "why"}``
    COUNT = 6  #: what was lost or cut: JSON ``{"what", "n"}``
    TICK = 7  #: the wall clock went on; no payload
    COMMAND = 8  #: what an operator asks for: JSON
    NOTICE = 9  #: an outage notice: JSON
    END = 10  #: the data end here for good


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written down; its place in the order is given by the log. ``wall_us``: UTC."""

    kind: Kind
    wall_us: int
    feed: int = 0
    stream: int = 0
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Record:
    """What was written down, with its place in the one order of all that came. ``wall_us``: UTC."""

    seq: int
    kind: Kind
    wall_us: int
    feed: int = 0
    stream: int = 0
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Head:
    """What a segment begins with; ``repeats`` are the newest FEED records from before it."""

    first_seq: int
    begun_us: int
    after_gap: bool  #: sequence numbers before the first were left out on purpose
    repeats: tuple[Record, ...]
    size: int = 0  #: bytes, the repeats among them; as read


class Parsed(NamedTuple):
    """What bytes held: records, where the first byte behind them is, and whether damage stopped us."""

    records: list[Record]
    next_seq: int  #: number that the record at ``stopped_at`` has or will have
    stopped_at: int
    damaged: bool


class Times(NamedTuple):
    """Wall times of records: of the first, the last, the earliest, the latest, and how long they ran.

    ``running_us`` is the sum of the steps forward from record to record, none counted as more than
    ``LONGEST_STEP_US``: a clock that leaps a year ahead and back adds a minute to it.
    """

    first_us: int
    last_us: int
    earliest_us: int
    latest_us: int
    running_us: int


class Surveyed(NamedTuple):
    """What a look over bytes found; as `Parsed`, with times (null without records) for records."""

    times: Times | None
    next_seq: int
    stopped_at: int
    damaged: bool


#: Longer payloads are refused: a reader never holds more, and a damaged length is seen at once. Own
#: choice: sixteen times the longest line that a transport lets through.
MAX_PAYLOAD_BYTES = 16 << 20
#: Own choice: the service writes a tick every five seconds, so a longer step is no time in which it ran.
LONGEST_STEP_US = 60_000_000
VERSION = 1
_MAGIC = b"SEAVIGIL"
_HEAD = struct.Struct("<8sHHIQqII")
_RECORD = struct.Struct("<IIQqIHBB")
_BODY = struct.Struct("<IQqIHBB")
_CRC = struct.Struct("<I")
_NUMBER = struct.Struct("<Q")
HEAD_BYTES, RECORD_BYTES = _HEAD.size, _RECORD.size
_AFTER_GAP = 1
_REPEAT = 1
_KINDS = {int(kind): kind for kind in Kind}


def pack(entries: Iterable[Entry], first_seq: int) -> bytes:
    """Give entries as records with numbers from ``first_seq`` on.

    Raises ``ValueError`` where one does not fit: a payload too long, a number out of range.
    """
    return _pack(entries, first_seq, 0)


def _pack(entries: Iterable[Entry | Record], seq: int, flags: int) -> bytes:
    parts: list[bytes] = []
    body_of, crc_of, add = _BODY.pack, _CRC.pack, parts.append
    try:
        for entry in entries:
            payload = entry.payload
            if len(payload) > MAX_PAYLOAD_BYTES:
                raise ValueError(f"a record of {len(payload):,} bytes: the log takes {MAX_PAYLOAD_BYTES:,}")
            body = body_of(len(payload), seq, entry.wall_us, entry.stream, entry.feed, entry.kind, flags)
            add(crc_of(crc32(payload, crc32(body))))
            add(body)
            add(payload)
            seq += 1
    except struct.error as fault:
        raise ValueError(f"a record does not fit the log: {fault}") from fault
    return b"".join(parts)


def parse(data: bytes, at: int, seq: int, from_seq: int = 0) -> Parsed:
    """Give the records of ``data`` from byte ``at`` on, the first of which has number ``seq``.

    Those before ``from_seq`` are checked and left out. Stops before the first that is not whole
    (``damaged`` is false: more may come) or not true. Any bytes will do; nothing raises.
    """
    records: list[Record] = []
    add, unpack, view, end, kinds = records.append, _RECORD.unpack_from, memoryview(data), len(data), _KINDS
    while at + RECORD_BYTES <= end:
        crc, length, number, wall_us, stream, feed, kind, flags = unpack(data, at)
        stop = at + RECORD_BYTES + length
        if number != seq or flags or kind not in kinds or length > MAX_PAYLOAD_BYTES:
            return Parsed(records, seq, at, damaged=True)
        if stop > end:
            break
        if crc32(view[at + 4 : stop]) != crc:
            return Parsed(records, seq, at, damaged=True)
        if seq >= from_seq:
            add(Record(seq, kinds[kind], wall_us, feed, stream, data[at + RECORD_BYTES : stop]))
        seq += 1
        at = stop
    return Parsed(records, seq, at, damaged=False)


def survey(data: bytes, at: int, seq: int, before: Times | None = None) -> Surveyed:
    """Check records as `parse` does, but only add up their times, going on from those ``before``."""
    unpack, view, end, kinds = _RECORD.unpack_from, memoryview(data), len(data), _KINDS
    damaged = False
    walls: list[int] = []
    while at + RECORD_BYTES <= end:
        crc, length, number, wall_us, _, _, kind, flags = unpack(data, at)
        stop = at + RECORD_BYTES + length
        damaged = number != seq or flags != 0 or kind not in kinds or length > MAX_PAYLOAD_BYTES
        if damaged or stop > end:
            break
        damaged = crc32(view[at + 4 : stop]) != crc
        if damaged:
            break
        walls.append(wall_us)
        seq += 1
        at = stop
    return Surveyed(_times(walls, before), seq, at, damaged)


def goes_on(data: bytes, seq: int) -> bool:
    """Whether a record that begins ``data`` and seems not to be whole is damaged: the next one is in there.

    Its own number is ``seq``. What a feed sent may look like a record, so nothing is read from there; and
    a thousand places that might be one are taken for damage.
    """
    number, found = _NUMBER.pack(seq + 1), RECORD_BYTES
    for _ in range(1_000):
        found = data.find(number, found + 1)
        if found < 0 or parse(data, found - 8, seq + 1).records:
            return found >= 0
    return True


def _times(walls: list[int], before: Times | None) -> Times | None:
    if not walls:
        return before
    known = before or Times(walls[0], walls[0], walls[0], walls[0], 0)
    steps = map(sub, walls, [known.last_us, *walls[:-1]])
    running_us = sum(min(step, LONGEST_STEP_US) for step in steps if step > 0)
    earliest, latest = min(known.earliest_us, *walls), max(known.latest_us, *walls)
    return Times(known.first_us, walls[-1], earliest, latest, known.running_us + running_us)


def pack_head(head: Head) -> bytes:
    """Give a segment's head as bytes."""
    tail = b"".join(_pack([record], record.seq, _REPEAT) for record in head.repeats)
    flags, size = head.after_gap * _AFTER_GAP, HEAD_BYTES + len(tail)
    fields = (_MAGIC, VERSION, flags, size, head.first_seq, head.begun_us, len(head.repeats))
    packed = _HEAD.pack(*fields, 0)[:-4]
    return packed + _CRC.pack(crc32(packed)) + tail


def head_size(data: bytes) -> int:
    """Give the length of the head that ``data`` begins with, repeats and all.

    Raises ``ValueError`` when it is none, or of a version that is not known here.
    """
    if len(data) < HEAD_BYTES or data[: len(_MAGIC)] != _MAGIC:
        raise ValueError("not a segment of a raw log")
    _, version, _, size, _, _, _, crc = _HEAD.unpack_from(data)
    if crc != crc32(memoryview(data)[: HEAD_BYTES - 4]):
        raise ValueError("the segment's head is damaged")
    if version != VERSION:
        raise ValueError(f"a raw log of version {version}: this program knows version {VERSION}")
    return int(size)


def parse_head(data: bytes) -> Head:
    """Give the head that ``data`` begins with; raises ``ValueError`` when it is damaged or not whole."""
    size = head_size(data)
    _, _, flags, _, first_seq, begun_us, count, _ = _HEAD.unpack_from(data)
    repeats, at = [], HEAD_BYTES
    for _ in range(count):
        if at + RECORD_BYTES > size or size > len(data):
            raise ValueError("the segment's head is not whole")
        crc, length, seq, wall_us, stream, feed, kind, _ = _RECORD.unpack_from(data, at)
        stop = at + RECORD_BYTES + length
        if stop > size or kind not in _KINDS or crc32(data[at + 4 : stop]) != crc:
            raise ValueError("the segment's head is damaged")
        payload = data[at + RECORD_BYTES : stop]
        repeats.append(Record(seq, _KINDS[kind], wall_us, feed, stream, payload))
        at = stop
    return Head(first_seq, begun_us, bool(flags & _AFTER_GAP), tuple(repeats), size)
