"""Sentences judged: the fields of those that are sound, the fault of those that are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seavigil.feeds.formats.nmea_clocks import UNUSABLE, Pghp, Spans, TagBlocks
from seavigil.feeds.formats.nmea_lines import I64, U8, Lines, Mask, Sentences, tag_lines
from seavigil.records import MAX_REJECT_BYTES, Reject

_FAULTS = (
    "",
    "not_nmea",
    "no_checksum",
    "checksum",
    "malformed_sentence",
    "part_numbers",
    "fill_bits",
    "empty_payload",
    "pghp_malformed",
)
_CODE = {name: code for code, name in enumerate(_FAULTS)}
_COMMAS = 6


class Placed(NamedTuple):
    """A reject and the place in the buffer where it arose, which is its place among the others."""

    order: int
    reject: Reject


@dataclass(frozen=True)
class AisFields:
    """AIS sentences without fault: their row numbers among all sentences, and their fields."""

    row: I64
    total: I64
    number: I64
    sequence: Spans
    channel: Spans
    payload: Spans
    fill: I64

    def take(self, rows: I64) -> AisFields:
        """Give the sentences at ``rows``."""
        return AisFields(
            self.row[rows],
            self.total[rows],
            self.number[rows],
            self.sequence.take(rows),
            self.channel.take(rows),
            self.payload.take(rows),
            self.fill[rows],
        )


def judge(lines: Lines, sentences: Sentences, pghp: Pghp) -> tuple[AisFields, U8]:
    """Give the fields of sound AIS sentences, and every sentence's fault code (0 for none)."""
    fault = np.zeros(len(sentences.at), dtype=np.uint8)
    rows = np.flatnonzero(sentences.ais & sentences.sound)
    mark(fault, ~sentences.addressed, "not_nmea")
    mark(fault, (sentences.star < 0) & (sentences.ais | sentences.pghp), "no_checksum")
    ours = (lines.buffer[sentences.at] == ord("!")) | sentences.pghp
    mark(fault, (sentences.star >= 0) & ~sentences.sound & ours, "checksum")
    malformed = sentences.pghp.copy()
    malformed[malformed] = pghp.time_us < 0
    mark(fault, malformed, "pghp_malformed")
    fields = _fields(lines, sentences, rows)
    for name, found in _field_faults(fields):
        wrong = np.zeros(len(fault), dtype=bool)
        wrong[rows] = found
        mark(fault, wrong, name)
    good = fault[rows] == 0
    return fields.take(np.flatnonzero(good)), fault


def mark(fault: U8, where: Mask, name: str) -> None:
    """Give a fault to those rows that have none yet."""
    fault[where & (fault == 0)] = _CODE[name]


def _fields(lines: Lines, sentences: Sentences, rows: I64) -> AisFields:
    """Cut sentences at their commas; total is -1 where there are too few."""
    at, star = sentences.at[rows], sentences.star[rows]
    commas = np.concatenate([lines.commas, np.zeros(_COMMAS + 1, dtype=np.int64)])
    first = np.searchsorted(lines.commas, at)
    count = np.searchsorted(lines.commas, star) - first
    c = [commas[first + i] for i in range(_COMMAS)]
    enough = count >= _COMMAS
    c = [np.where(enough, place, at + 1) for place in c]
    end = np.where(count > _COMMAS, commas[first + _COMMAS], np.where(enough, star, at + 1))
    total, number = _digit(lines, c[0] + 1, c[1]), _digit(lines, c[1] + 1, c[2])
    fill = _digit(lines, c[5] + 1, end)
    sequence, channel, payload = (Spans(c[i] + 1, c[i + 1]) for i in (2, 3, 4))
    return AisFields(rows, np.where(enough, total, -1), number, sequence, channel, payload, fill)


def _digit(lines: Lines, begin: I64, end: I64) -> I64:
    value = lines.buffer[begin] - np.uint8(48)
    return np.where((end == begin + 1) & (value < 10), value.astype(np.int64), -1)


def _field_faults(fields: AisFields) -> Iterable[tuple[str, Mask]]:
    total, number = fields.total, fields.number
    yield "malformed_sentence", (total < 0) | (number < 0)
    yield "part_numbers", (total < 1) | (number < 1) | (number > total)
    yield "empty_payload", fields.payload.end <= fields.payload.begin
    yield "fill_bits", (fields.fill < 0) | (fields.fill > 5) | ((fields.fill > 0) & (number < total))


def sentence_rejects(lines: Lines, sentences: Sentences, fault: U8, offset: int) -> Iterable[Placed]:
    """Give the sentences that have a fault."""
    for row in np.flatnonzero(fault).tolist():
        at, end = int(sentences.at[row]), int(sentences.end[row])
        yield placed(lines.buffer, at, at, end, _FAULTS[fault[row]], offset)


def line_rejects(lines: Lines, offset: int) -> Iterable[Placed]:
    """Give the lines that are too long, or hold neither sentence, tag block nor comment."""
    tagged = np.zeros(len(lines.line_begin), dtype=bool)
    tagged[lines.start_line] = True
    tagged[tag_lines(lines)] = True
    for row in np.flatnonzero(~tagged & ~lines.comment | lines.too_long).tolist():
        begin, end = int(lines.line_begin[row]), int(lines.line_end[row])
        long = bool(lines.too_long[row])
        if long or lines.buffer[begin:end].tobytes().strip():
            yield placed(lines.buffer, begin, begin, end, "line_too_long" if long else "not_nmea", offset)


def tag_rejects(lines: Lines, tags: TagBlocks, offset: int) -> Iterable[Placed]:
    """Give the tag blocks that are damaged; the sentence beside them stands for itself."""
    for row in np.flatnonzero(~tags.sound).tolist():
        begin, end = int(tags.at[row]), int(tags.end[row])
        yield placed(lines.buffer, begin, begin, end, "tag_block", offset)


def placed(buffer: U8, order: int, begin: int, end: int, fault: str, offset: int) -> Placed:
    """Give a reject of ``buffer[begin:end]``; the buffer begins at ``offset`` in the stream."""
    raw = buffer[begin : min(end, begin + MAX_REJECT_BYTES)].tobytes()
    return Placed(order, Reject(offset + begin, fault, raw))


def count(lines: Lines, sentences: Sentences, tags: TagBlocks, fault: U8) -> Counter[str]:
    """Count sentences, tag blocks and comments by name."""
    sound = fault == 0
    other = sound & ~sentences.ais & ~sentences.pghp
    counts = {
        "sentences": int((sentences.ais & sound).sum()),
        "other_sentences": int(other.sum()),
        "other_sentences_checksum": int((other & (sentences.star >= 0) & ~sentences.sound).sum()),
        "pghp": int((sentences.pghp & sound).sum()),
        "tag_blocks": int(tags.sound.sum()),
        "tag_block_time_unusable": int((tags.time_us == UNUSABLE).sum()),
        "comments": int((lines.comment & ~lines.too_long).sum()),
    }
    return Counter({name: n for name, n in counts.items() if n})
