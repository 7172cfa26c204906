"""From judged sentences to messages: those of one sentence at once, those of several part by part."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from seavigil.feeds.formats.ais.payloads import PADDING
from seavigil.feeds.formats.nmea_clocks import (
    Clocks,
    Spans,
    clocks,
    find_pghp,
    find_tag_blocks,
)
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
    raw: Spans


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
    raw: Spans  #: the whole of each sentence
    offset: int
    received_us: int

    def text(self, spans: Spans, i: int) -> bytes:
        """Give the bytes of slice ``i``."""
        return self.lines.buffer[spans.begin[i] : spans.end[i]].tobytes()


def read_messages(lines: Lines, offset: int, received_us: int, parts: PartTable, seen: int) -> Found:
    """Read a buffer that begins at ``offset``; ``seen`` AIS sentences of the stream came before it."""
    sentences = find_sentences(lines)
    tags, pghp = find_tag_blocks(lines, sentences), find_pghp(lines, sentences)
    ais, fault = judge(lines, sentences, pghp)
    around = clocks(lines, sentences, tags, pghp, ais.row, ais.total > 1)
    raw = Spans(sentences.at[ais.row], sentences.end[ais.row])
    batch = _Batch(lines, sentences, ais, around, raw, offset, received_us)
    counts = count(lines, sentences, tags, fault)
    if batch.clocks.strangers:
        counts["pghp_of_another_sentence"] = batch.clocks.strangers
    rejects = [
        *sentence_rejects(lines, sentences, fault, offset),
        *line_rejects(lines, offset),
        *tag_rejects(lines, tags, offset),
    ]
    slow = _needs_parts(ais, batch.clocks)
    wholes = _join_parts(batch, np.flatnonzero(slow), parts, seen, rejects)
    return Found(_messages(batch, np.flatnonzero(~slow), wholes), rejects, counts)


def _needs_parts(ais: AisFields, around: Clocks) -> Mask:
    """Tell which sentences are parts of a message, or of a tag-block group that may hold its time."""
    return (ais.total > 1) | (around.group.end > around.group.begin)


def _join_parts(
    batch: _Batch, rows: I64, parts: PartTable, seen: int, rejects: list[Placed]
) -> list[tuple[int, Whole]]:
    wholes = []
    for row in rows.tolist():
        order = int(batch.raw.begin[row])
        whole, dropped = parts.add(_part(batch, row), seen + row, batch.received_us)
        rejects += [Placed(order, reject) for reject in dropped]
        if whole is not None:
            wholes.append((order, whole))
    return wholes


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


def _messages(batch: _Batch, rows: I64, wholes: list[tuple[int, Whole]]) -> Messages:
    around = batch.clocks
    single = Messages(
        batch.lines.buffer,
        batch.raw.begin[rows],
        batch.raw.begin[rows] + batch.offset,
        batch.ais.payload.take(rows),
        batch.ais.fill[rows],
        around.time_us[rows],
        around.source[rows],
        around.station.take(rows),
        batch.raw.take(rows),
    )
    return _received(_with_wholes(single, wholes) if wholes else single, batch.received_us)


def _with_wholes(single: Messages, wholes: list[tuple[int, Whole]]) -> Messages:
    """Put messages joined from parts at their places; their bytes go behind the buffer."""
    texts = [text for _, w in wholes for text in (w.payload, w.station, w.raw)]
    ends = np.cumsum([len(t) for t in texts]) + len(single.buffer)
    begins = ends - [len(t) for t in texts]
    extra = np.frombuffer(b"".join(texts) + bytes(PADDING), dtype=np.uint8)
    clock = [w.clock or (0, -1) for _, w in wholes]
    order = np.concatenate([single.order, [o for o, _ in wholes]]).astype(np.int64)
    place = np.argsort(order, kind="stable")

    def merge(own: I64, others: list[int]) -> I64:
        return np.concatenate([own, np.array(others, dtype=np.int64)])[place]

    def spans(own: Spans, which: int) -> Spans:
        begin = np.concatenate([own.begin, begins[which::3]])[place]
        return Spans(begin, np.concatenate([own.end, ends[which::3]])[place])

    return Messages(
        np.concatenate([single.buffer, extra]),
        order[place],
        merge(single.offset, [w.parts[0].offset_bytes for _, w in wholes]),
        spans(single.payload, 0),
        merge(single.fill, [w.parts[-1].fill_bits for _, w in wholes]),
        merge(single.time_us, [time_us for _, time_us in clock]),
        merge(single.time_source, [source for source, _ in clock]),
        spans(single.station, 1),
        spans(single.raw, 2),
    )


def _received(messages: Messages, received_us: int) -> Messages:
    """Give messages without a clock the time at which they were received."""
    without = messages.time_source == 0
    messages.time_us[without] = received_us
    messages.time_source[without] = TimeSource.RECEIVED
    return messages
