"""From judged sentences to messages: those of one sentence at once, those of several part by part."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from seavigil.feeds.formats.ais.payloads import PADDING
from seavigil.feeds.formats.nmea_clocks import (
    Clocks,
    Spans,
    clocks,
    find_pghp,
    find_tag_blocks,
)
from seavigil.feeds.formats.nmea_instruments import Heard, Instruments
from seavigil.feeds.formats.nmea_lines import I64, U8, Lines, Mask, Sentences, find_sentences
from seavigil.feeds.formats.nmea_parts import Part, PartTable, Whole
from seavigil.feeds.formats.nmea_sentences import (
    AisFields,
    Placed,
    count,
    judge,
    line_rejects,
    sentence_rejects,
    tag_rejects,
)
from seavigil.feeds.formats.text_columns import gather
from seavigil.records import TimeSource


@dataclass(frozen=True)
class Messages:
    """Armoured payloads with their time and station; every span is a slice of ``buffer``."""

    buffer: U8
    order: I64  #: where the last part begins in the buffer: messages come in this order
    offset: I64  #: of the first part's ``!`` in the stream
    payload: Spans
    fill: I64
    time_us: I64
    time_source: I64
    station: Spans
    raw: Spans  #: the sentence, or all of them
    raw_2: Spans  #: the second sentence, where ``raw`` is the first

    def raw_text(self, row: int) -> bytes:
        """Give the sentences of a message, one a line."""
        parts = (self.buffer[s.begin[row] : s.end[row]].tobytes() for s in (self.raw, self.raw_2))
        return b"\n".join(p for p in parts if p)


@dataclass(frozen=True)
class Found:
    """What one buffer held."""

    messages: Messages
    rejects: list[Placed]
    counts: Counter[str]


@dataclass(frozen=True)
class _Batch:
    """One buffer's sound AIS sentences and what stands around them."""

    lines: Lines
    sentences: Sentences
    ais: AisFields
    clocks: Clocks
    heard: Heard  #: what the own ship's instruments said
    raw: Spans  #: the whole of each sentence
    offset: int
    received_us: int

    def text(self, spans: Spans, i: int) -> bytes:
        """Give the bytes of slice ``i``."""
        return self.lines.buffer[spans.begin[i] : spans.end[i]].tobytes()


def read_messages(
    lines: Lines, offset: int, received_us: int, parts: PartTable, instruments: Instruments, seen: int
) -> Found:
    """Read a buffer that begins at ``offset``; ``seen`` AIS sentences of the stream came before it."""
    sentences = find_sentences(lines)
    tags, pghp = find_tag_blocks(lines, sentences), find_pghp(lines, sentences)
    ais, fault = judge(lines, sentences, pghp)
    around = clocks(lines, sentences, tags, pghp, ais.row, ais.total > 1)
    raw = Spans(sentences.at[ais.row], sentences.end[ais.row])
    heard, unusable = instruments.hear(lines, sentences, offset, received_us)
    batch = _Batch(lines, sentences, ais, around, heard, raw, offset, received_us)
    counts = count(lines, sentences, tags, fault)
    if unusable:
        counts["instrument_time_unusable"] = unusable
    if batch.clocks.strangers:
        counts["pghp_of_another_sentence"] = batch.clocks.strangers
    rejects = [
        *sentence_rejects(lines, sentences, fault, offset),
        *line_rejects(lines, offset),
        *tag_rejects(lines, tags, offset),
    ]
    joined = _join_parts(batch, parts, seen)
    rejects += joined.rejects
    single = np.flatnonzero(~_needs_parts(ais, around))
    return Found(_messages(batch, single, joined), rejects, counts)


def _needs_parts(ais: AisFields, around: Clocks) -> Mask:
    """Tell which sentences are parts of a message, or of a tag-block group that may hold its time."""
    return (ais.total > 1) | (around.group.end > around.group.begin)


def _pairs(batch: _Batch) -> Mask:
    """Tell which sentences are the first of two that follow each other: by far the most frequent case."""
    ais, buffer, at = batch.ais, batch.lines.buffer, batch.raw.begin
    pair = np.zeros(len(ais.row), dtype=bool)
    first = np.flatnonzero((ais.total[:-1] == 2) & (ais.total[1:] == 2) & (ais.number[:-1] == 1))
    good = ais.number[first + 1] == 2
    for letter in range(1, 6):
        good &= buffer[at[first] + letter] == buffer[at[first + 1] + letter]
    for spans in (ais.sequence, ais.channel):
        length = spans.end - spans.begin
        good &= (length[first] == length[first + 1]) & (length[first] <= 1)
        good &= (length[first] == 0) | (buffer[spans.begin[first]] == buffer[spans.begin[first + 1]])
    grouped = batch.clocks.group.end > batch.clocks.group.begin
    pair[first[good & ~grouped[first] & ~grouped[first + 1]]] = True
    return pair


@dataclass
class _Joined:
    """Messages in several sentences: rows that begin a pair, others whole, and what was dropped."""

    pairs: list[int]
    wholes: list[tuple[int, Whole]]
    rejects: list[Placed]


def _join_parts(batch: _Batch, parts: PartTable, seen: int) -> _Joined:
    joined, done = _Joined([], [], []), -1
    several = np.flatnonzero(_needs_parts(batch.ais, batch.clocks)).tolist()
    pair = _pairs(batch) if several else np.zeros(0, dtype=np.bool_)
    for row in several:
        if row == done:
            continue
        if pair[row] and not parts.waiting:
            joined.pairs.append(row)
            done = row + 1
            continue
        order = int(batch.raw.begin[row])
        whole, dropped = parts.add(_part(batch, row), seen + row, batch.received_us)
        joined.rejects += [Placed(order, reject) for reject in dropped]
        if whole is not None:
            joined.wholes.append((order, whole))
    return joined


def _part(batch: _Batch, row: int) -> Part:
    ais, around = batch.ais, batch.clocks
    at = int(batch.raw.begin[row])
    address = batch.lines.buffer[at + 1 : at + 6].tobytes()
    source = int(around.source[row])
    return Part(
        key=(address, batch.text(ais.sequence, row), batch.text(ais.channel, row)),
        group=batch.text(around.group, row),
        number=int(ais.number[row]),
        of=int(ais.total[row]),
        payload=batch.text(ais.payload, row),
        fill_bits=int(ais.fill[row]),
        offset_bytes=batch.offset + at,
        raw=batch.text(batch.raw, row),
        clock=(source, int(around.time_us[row])) if source else None,
        station=batch.text(around.station, row),
        checksum=int(batch.sentences.stated[ais.row[row]]),
        announced=int(around.announced[row]),
    )


class _Buffer:
    """The bytes of a batch, and behind them those of payloads that were put together."""

    def __init__(self, first: U8) -> None:
        self._pieces = [first]
        self._size = len(first)

    def put(self, piece: U8) -> int:
        """Append bytes; give the place where they begin."""
        self._pieces.append(piece)
        self._size += len(piece)
        return self._size - len(piece)

    def whole(self) -> U8:
        """Give all bytes, padded so that columns may be read past the last payload."""
        if len(self._pieces) == 1:
            return self._pieces[0]
        return np.concatenate([*self._pieces, np.zeros(PADDING, dtype=np.uint8)])


def _messages(batch: _Batch, single: I64, joined: _Joined) -> Messages:
    buffer, kinds = _Buffer(batch.lines.buffer), [_singles(batch, single)]
    if joined.pairs:
        kinds.append(_paired(batch, np.array(joined.pairs, dtype=np.int64), buffer))
    if joined.wholes:
        kinds.append(_put_together(joined.wholes, buffer))
    return _timed(_merged(kinds, buffer.whole()), batch)


def _singles(batch: _Batch, rows: I64) -> Messages:
    around, at = batch.clocks, batch.raw.begin[rows]
    return Messages(
        batch.lines.buffer,
        at,
        at + batch.offset,
        batch.ais.payload.take(rows),
        batch.ais.fill[rows],
        around.time_us[rows],
        around.source[rows],
        around.station.take(rows),
        batch.raw.take(rows),
        Spans.absent(len(rows)),
    )


def _paired(batch: _Batch, first: I64, buffer: _Buffer) -> Messages:
    """Join two sentences that follow each other, many at once, as `PartTable` would one by one."""
    one, two = _singles(batch, first), _singles(batch, first + 1)
    halves = np.stack([first, first + 1], axis=1).ravel()
    payload = batch.ais.payload.take(halves)
    data, offsets = gather(batch.lines.buffer, payload.begin, payload.end)
    edges = offsets[::2] + buffer.put(data)
    later = (two.time_source > 0) & ((one.time_source == 0) | (two.time_source < one.time_source))
    source = np.where(later, two.time_source, one.time_source)
    stated = batch.sentences.stated[batch.ais.row]
    announced = batch.clocks.announced[first] == (stated[first] ^ stated[first + 1])
    sure = (source != TimeSource.PGHP) | announced
    station = one.station.or_else(two.station)
    return Messages(
        batch.lines.buffer,
        two.order,
        one.offset,
        Spans(edges[:-1], edges[1:]),
        two.fill,
        np.where(sure, np.where(later, two.time_us, one.time_us), -1),
        np.where(sure, source, 0),
        Spans(station.begin, np.where(sure, station.end, station.begin)),
        one.raw,
        two.raw,
    )


def _put_together(wholes: list[tuple[int, Whole]], buffer: _Buffer) -> Messages:
    texts = [text for _, w in wholes for text in (w.payload, w.station, w.raw)]
    ends = np.cumsum([len(t) for t in texts]) + buffer.put(np.frombuffer(b"".join(texts), dtype=np.uint8))
    begins = ends - [len(t) for t in texts]
    clock = np.array([w.clock or (0, -1) for _, w in wholes], dtype=np.int64)
    return Messages(
        np.zeros(0, dtype=np.uint8),
        np.array([order for order, _ in wholes], dtype=np.int64),
        np.array([w.parts[0].offset_bytes for _, w in wholes], dtype=np.int64),
        Spans(begins[0::3], ends[0::3]),
        np.array([w.parts[-1].fill_bits for _, w in wholes], dtype=np.int64),
        clock[:, 1],
        clock[:, 0],
        Spans(begins[1::3], ends[1::3]),
        Spans(begins[2::3], ends[2::3]),
        Spans.absent(len(wholes)),
    )


def _merged(kinds: list[Messages], buffer: U8) -> Messages:
    """Put messages at their places in the stream, all in one buffer."""
    if len(kinds) == 1:
        return replace(kinds[0], buffer=buffer)
    order = np.concatenate([k.order for k in kinds])
    place = np.argsort(order, kind="stable")

    def merge(name: str) -> I64:
        return np.concatenate([getattr(k, name) for k in kinds])[place]

    def spans(name: str) -> Spans:
        each = [getattr(k, name) for k in kinds]
        return Spans(
            np.concatenate([s.begin for s in each])[place], np.concatenate([s.end for s in each])[place]
        )

    return Messages(
        buffer,
        order[place],
        merge("offset"),
        spans("payload"),
        merge("fill"),
        merge("time_us"),
        merge("time_source"),
        spans("station"),
        spans("raw"),
        spans("raw_2"),
    )


def _timed(messages: Messages, batch: _Batch) -> Messages:
    """Give messages without a clock the time of the instruments, else that at which they were received."""
    without = np.flatnonzero(messages.time_source == 0)
    if len(without):
        said_us = batch.heard.before(messages.order[without] + batch.offset)
        messages.time_us[without] = np.where(said_us >= 0, said_us, batch.received_us)
        messages.time_source[without] = np.where(said_us >= 0, TimeSource.INSTRUMENTS, TimeSource.RECEIVED)
    return messages
