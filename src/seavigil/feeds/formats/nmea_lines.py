"""Where things are in a buffer of NMEA 0183 lines: lines, sentences, their fields and checksums.

Everything is found with array operations over the whole buffer; nothing here looks at one line at
a time. Sentence structure after NMEA 0183 version 4.10, section 5.3 (IEC 61162-1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
I64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: A line is at most this long, without its end; NMEA 0183 allows 82 beside the tag block.
MAX_LINE_BYTES = 1024

_NEWLINE, _COMMA, _STAR, _START, _SLASH = 1, 2, 3, 4, 5
_KIND = np.zeros(256, dtype=np.uint8)
_KIND[[10, 13]] = _NEWLINE
_KIND[ord(",")] = _COMMA
_KIND[ord("*")] = _STAR
_KIND[[ord("!"), ord("$")]] = _START
_KIND[ord("\\")] = _SLASH

_HEX = np.full(256, 255, dtype=np.uint8)
for _digits in (b"0123456789ABCDEF", b"0123456789abcdef"):
    _HEX[np.frombuffer(_digits, dtype=np.uint8)] = np.arange(16)
_ALNUM = np.zeros(256, dtype=bool)
_ALNUM[[c for c in range(256) if chr(c).isalnum() and c < 128]] = True
_ADDRESS = np.zeros(256, dtype=bool)
_ADDRESS[np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", dtype=np.uint8)] = True


@dataclass(frozen=True)
class Lines:
    """A buffer that ends with a line end and padding, and the places of what structures it."""

    buffer: U8
    commas: I64
    stars: I64
    slashes: I64
    starts: I64  #: every ``!`` and ``$`` that may open a sentence
    start_line: I64  #: the line each of them is on
    line_begin: I64
    line_end: I64
    too_long: Mask
    comment: Mask
    xor: U8  #: exclusive or of all bytes up to and including each

    def checksum(self, begin: I64, end: I64) -> U8:
        """Give the exclusive or of ``buffer[begin:end]``; ``begin`` is 1 or more, spans not empty."""
        return self.xor[end - 1] ^ self.xor[begin - 1]

    def star_before(self, begin: I64, end: I64) -> I64:
        """Give the first ``*`` in each span, -1 where there is none."""
        return _first(self.stars, begin, end)


def find_lines(buffer: U8) -> Lines:
    """Find lines and sentence starts; lines end at CR, LF or both."""
    at = np.flatnonzero((buffer < 48) | (buffer == 92))
    kind = _KIND[buffer[at]]
    end = at[kind == _NEWLINE]
    begin = np.concatenate([[0], end + 1])[: len(end)]
    filled = end > begin
    begin, end = begin[filled], end[filled]
    too_long, comment = end - begin > MAX_LINE_BYTES, buffer[begin] == ord("#")
    starts = at[kind == _START]
    line = np.searchsorted(end, starts)
    open_ = ~(too_long | comment)[line] if len(starts) else np.zeros(0, dtype=bool)
    return Lines(
        buffer,
        at[kind == _COMMA],
        at[kind == _STAR],
        at[kind == _SLASH],
        starts[open_],
        line[open_],
        begin,
        end,
        too_long,
        comment,
        np.bitwise_xor.accumulate(buffer),
    )


@dataclass(frozen=True)
class Sentences:
    """Sentences, one per start: ``buffer[at:end]``, the tag block before it and its checksum."""

    at: I64
    end: I64
    tag_open: I64  #: the backslash that opens the tag block right before, -1 without one
    star: I64  #: -1 without a checksum
    stated: I64  #: checksum as sent, -1 when it is no two hexadecimal digits
    sound: Mask  #: a checksum is there and right
    addressed: Mask  #: begins as a sentence should
    ais: Mask  #: VDM or VDO of any talker
    pghp: Mask


def find_sentences(lines: Lines) -> Sentences:
    """Tell the sentences of a buffer apart and check their checksums."""
    buffer, at = lines.buffer, lines.starts
    tag_open = _tag_before(lines)
    begin = np.where(tag_open >= 0, tag_open, at)
    end = lines.line_end[lines.start_line] if len(at) else at
    if len(at) > 1:
        shared = lines.start_line[1:] == lines.start_line[:-1]
        end[:-1] = np.where(shared, begin[1:], end[:-1])
    star = lines.star_before(at, end)
    has, safe = star > at + 1, np.maximum(star, at + 1)
    stated = np.where(has, hex_byte(buffer, safe + 1), -1)
    stated[_ALNUM[buffer[safe + 3]] & (safe + 3 < end)] = -1
    sound = has & (stated == lines.checksum(at + 1, np.maximum(safe, at + 2)))
    addressed = _ADDRESS[buffer[at + 1]] & _ADDRESS[buffer[at + 2]] & _ADDRESS[buffer[at + 3]]
    ais, pghp = _is_ais(buffer, at), spells(buffer, at, b"$PGHP,")
    return Sentences(at, end, tag_open, star, stated, sound, addressed, ais, pghp)


def tag_lines(lines: Lines) -> I64:
    """Give the numbers of the lines that begin as a tag block and hold no sentence."""
    alone = (lines.buffer[lines.line_begin] == ord("\\")) & ~lines.too_long
    alone[lines.start_line] = False
    return np.flatnonzero(alone)


def _tag_before(lines: Lines) -> I64:
    at, slashes = lines.starts, lines.slashes
    if not len(slashes) or not len(at):
        return np.full(len(at), -1, dtype=np.int64)
    close = np.searchsorted(slashes, at) - 1
    open_ = slashes[np.maximum(close - 1, 0)]
    floor = lines.line_begin[lines.start_line]
    floor[1:] = np.where(lines.start_line[1:] == lines.start_line[:-1], at[:-1], floor[1:])
    there = (close >= 1) & (slashes[np.maximum(close, 0)] == at - 1) & (open_ >= floor)
    return np.where(there, open_, -1)


def _is_ais(buffer: U8, at: I64) -> Mask:
    kind = spells(buffer, at + 3, b"VDM,") | spells(buffer, at + 3, b"VDO,")
    return kind & spells(buffer, at, b"!")


def spells(buffer: U8, at: I64, text: bytes) -> Mask:
    """Tell where ``text`` stands."""
    there = np.ones(len(at), dtype=bool)
    for i, code in enumerate(text):
        there &= buffer[at + i] == code
    return there


def _first(marks: I64, begin: I64, end: I64) -> I64:
    if not len(marks):
        return np.full(len(begin), -1, dtype=np.int64)
    index = np.searchsorted(marks, begin)
    found = marks[np.minimum(index, len(marks) - 1)]
    return np.where((index < len(marks)) & (found < end), found, -1)


def hex_byte(buffer: U8, at: I64) -> I64:
    """Read two hexadecimal digits at each place; -1 where there are none."""
    high, low = _HEX[buffer[at]], _HEX[buffer[at + 1]]
    return np.where((high < 16) & (low < 16), high.astype(np.int64) * 16 + low, -1)


def whole_numbers(buffer: U8, begin: I64, end: I64, max_digits: int = 15) -> I64:
    """Read decimal digits ``buffer[begin:end]``; -1 where there is anything else, nothing or too many."""
    length = end - begin
    value = np.zeros(len(begin), dtype=np.int64)
    good = (length > 0) & (length <= max_digits)
    for i in range(int(length[good].max(initial=0))):
        inside = i < length
        digit = buffer[np.where(inside, begin + i, 0)] - np.uint8(48)
        value = np.where(inside, value * 10 + digit, value) if i else digit.astype(np.int64)
        good &= (digit < 10) | ~inside
    return np.where(good, value, -1)


@dataclass(frozen=True)
class Pieces:
    """Comma-separated pieces of spans: piece ``i`` is ``buffer[begin[i]:end[i]]`` of span ``owner[i]``."""

    owner: I64
    begin: I64
    end: I64


def split(commas: I64, begin: I64, end: I64) -> Pieces:
    """Split spans at their commas."""
    first = np.searchsorted(commas, begin)
    count = np.searchsorted(commas, end) - first + 1
    owner = np.repeat(np.arange(len(begin)), count)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    place = first[owner] + within
    marks = np.concatenate([commas, [0]])
    left = np.where(within == 0, begin[owner], marks[place - 1] + 1)
    right = np.where(within == count[owner] - 1, end[owner], marks[np.minimum(place, len(commas))])
    return Pieces(owner, left, right)
