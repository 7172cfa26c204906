"""What stands around a sentence: tag blocks, ``$PGHP`` lines, and what receivers append to it.

Tag blocks after NMEA 0183 version 4.10, section 7 (``c`` time, ``s`` station, ``g`` group); ``si``
is the Danish network's own. ``$PGHP`` is written by GateHouse base stations: type, year, month,
day, hour, minute, second, millisecond, country, region, station, online, checksum of the sentence
that follows. The United States' NAIS appends station (``r...`` or ``b...``) and Unix time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seavigil.feeds.formats.nmea_lines import (
    I64,
    MAX_LINE_BYTES,
    Lines,
    Mask,
    Sentences,
    hex_byte,
    spells,
    split,
    tag_lines,
    whole_numbers,
)
from seavigil.records import TimeSource

#: No AIS report is older than 1990-01-01 or younger than 2100-01-01: other numbers are no clock.
EARLIEST_US = 631_152_000_000_000
LATEST_US = 4_102_444_800_000_000
#: A ``c:`` from here on counts milliseconds; as seconds it would lie in the year 5138.
_MILLISECONDS_FROM = 100_000_000_000

#: A tag block or $PGHP on a line of its own belongs to the next sentence if that begins within this.
REACH_BYTES = 4096
_PGHP_COMMAS = 13
#: Stands for a time that was given but is none.
UNUSABLE = -2

#: So many spaces may follow a tag block that is alone on its line.
_MAX_SPACES = 3


@dataclass(frozen=True)
class Spans:
    """Slices of the buffer, one per row; an empty one is absent."""

    begin: I64
    end: I64

    @classmethod
    def absent(cls, rows: int) -> Spans:
        """Give ``rows`` empty slices."""
        return cls(np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64))

    def or_else(self, other: Spans) -> Spans:
        """Give each slice, or the other's where it is absent."""
        own = self.end > self.begin
        return Spans(np.where(own, self.begin, other.begin), np.where(own, self.end, other.end))

    def take(self, rows: I64) -> Spans:
        """Give the slices at ``rows``; absent where the row number is negative."""
        if not len(self.begin):
            return Spans.absent(len(rows))
        there = rows >= 0
        return Spans(np.where(there, self.begin[rows], 0), np.where(there, self.end[rows], 0))

    def put(self, rows: I64, begin: I64, end: I64) -> None:
        """Set the slices at ``rows``."""
        self.begin[rows], self.end[rows] = begin, end


@dataclass(frozen=True)
class TagBlocks:
    """Tag blocks in the order of their places ``at``; those not ``sound`` have no content."""

    at: I64
    end: I64
    sound: Mask
    time_us: I64  #: -1 without a ``c``, UNUSABLE when that is no plausible time
    station: Spans
    network: Spans
    group: Spans


def find_tag_blocks(lines: Lines, sentences: Sentences) -> TagBlocks:
    """Read the tag blocks before sentences and those alone on their line."""
    if not len(lines.slashes):
        return _no_tag_blocks()
    own = np.flatnonzero(sentences.tag_open >= 0)
    alone_at, alone_close = _alone(lines)
    at = np.concatenate([sentences.tag_open[own], alone_at])
    close = np.concatenate([sentences.at[own] - 1, alone_close])
    order = np.argsort(at, kind="stable")
    return _read_tag_blocks(lines, at[order], close[order])


def _no_tag_blocks() -> TagBlocks:
    none = np.zeros(0, dtype=np.int64)
    spans = Spans(none, none)
    return TagBlocks(none, none, none > 0, none, spans, spans, spans)


def _alone(lines: Lines) -> tuple[I64, I64]:
    rows = tag_lines(lines)
    at, close = lines.line_begin[rows], lines.line_end[rows] - 1
    for _ in range(_MAX_SPACES):
        close = close - (lines.buffer[close] == ord(" "))
    return at, np.where((lines.buffer[close] == ord("\\")) & (close > at), close, -1)


def _read_tag_blocks(lines: Lines, at: I64, close: I64) -> TagBlocks:
    closed = np.where(close > at + 1, close, at + 2)
    star = lines.star_before(at, closed)
    safe = np.maximum(star, at + 2)
    sound = (close > at + 1) & (star > at + 1) & (safe + 3 == closed)
    sound &= hex_byte(lines.buffer, safe + 1) == lines.checksum(at + 1, safe)
    rows = np.flatnonzero(sound)
    blocks = TagBlocks(
        at,
        np.where(close > at, close + 1, at),
        sound,
        np.full(len(at), -1, dtype=np.int64),
        Spans.absent(len(at)),
        Spans.absent(len(at)),
        Spans.absent(len(at)),
    )
    if len(rows):
        _fill(lines, blocks, rows, at[rows] + 1, star[rows])
    return blocks


def _fill(lines: Lines, blocks: TagBlocks, rows: I64, begin: I64, end: I64) -> None:
    buffer, pieces = lines.buffer, split(lines.commas, begin, end)
    owner, key, after = rows[pieces.owner], buffer[pieces.begin], buffer[pieces.begin + 1]
    simple = after == ord(":")
    for letter, spans in (("s", blocks.station), ("g", blocks.group)):
        found = simple & (key == ord(letter))
        spans.put(owner[found], pieces.begin[found] + 2, pieces.end[found])
    found = (key == ord("s")) & (after == ord("i")) & (buffer[pieces.begin + 2] == ord(":"))
    blocks.network.put(owner[found], pieces.begin[found] + 3, pieces.end[found])
    found = simple & (key == ord("c"))
    given = unix_us(lines, pieces.begin[found] + 2, pieces.end[found])
    blocks.time_us[owner[found]] = np.where(given >= 0, given, UNUSABLE)


def unix_us(lines: Lines, begin: I64, end: I64) -> I64:
    """Read Unix times in seconds or milliseconds; -1 for what is no plausible time."""
    value = whole_numbers(lines.buffer, begin, end)
    us = np.where(value >= _MILLISECONDS_FROM, value * 1_000, value * 1_000_000)
    return np.where((us >= EARLIEST_US) & (us < LATEST_US), us, -1)


@dataclass(frozen=True)
class Pghp:
    """``$PGHP`` lines in order: place, time (-1 when malformed), station, checksum announced."""

    at: I64
    time_us: I64
    station: Spans
    announces: I64


def find_pghp(lines: Lines, sentences: Sentences) -> Pghp:
    """Read the ``$PGHP`` sentences; a damaged one has time -1."""
    rows = np.flatnonzero(sentences.pghp)
    at, time_us = sentences.at[rows], np.full(len(rows), -1, dtype=np.int64)
    station, announces = Spans.absent(len(rows)), time_us.copy()
    first = np.searchsorted(lines.commas, at)
    count = np.searchsorted(lines.commas, sentences.star[rows]) - first
    good = np.flatnonzero((count == _PGHP_COMMAS) & sentences.sound[rows])
    if len(good):
        comma = [lines.commas[first[good] + i] for i in range(_PGHP_COMMAS)]
        parts = (whole_numbers(lines.buffer, comma[i] + 1, comma[i + 1], 4) for i in range(1, 8))
        time_us[good] = calendar_us(*parts)
        station.put(good, comma[10] + 1, comma[11])
        announces[good] = hex_byte(lines.buffer, comma[12] + 1)
    return Pghp(at, time_us, station, announces)


def calendar_us(year: I64, month: I64, day: I64, hour: I64, minute: I64, second: I64, ms: I64) -> I64:
    """Give times of the calendar, -1 for what is none or lies before 1990 or from 2100 on."""
    good = (year >= 1990) & (year < 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    for part, limit in ((hour, 24), (minute, 60), (second, 60), (ms, 1000)):
        good &= (part >= 0) & (part < limit)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (np.where(good, day, 1) - 1)
    good &= days.astype("datetime64[M]") == months
    seconds = days.astype(np.int64) * 86_400 + hour * 3_600 + minute * 60 + second
    return np.where(good, seconds * 1_000_000 + ms * 1_000, -1)


@dataclass(frozen=True)
class Trailers:
    """What receivers append to a sentence: Unix time (-1 without) and station."""

    time_us: I64
    station: Spans


def find_trailers(lines: Lines, begin: I64, end: I64) -> Trailers:
    """Read the comma-separated fields after the checksums; the first time and station count."""
    time_us, station = np.full(len(begin), -1, dtype=np.int64), Spans.absent(len(begin))
    rows = np.flatnonzero(end > begin + 1)
    if len(rows):
        pieces = split(lines.commas, begin[rows], end[rows])
        owner, length = rows[pieces.owner], pieces.end - pieces.begin
        times = np.where(length >= 9, unix_us(lines, pieces.begin, pieces.end), -1)
        first = _first_of(owner, times >= 0)
        time_us[owner[first]] = times[first]
        head, second = lines.buffer[pieces.begin], lines.buffer[pieces.begin + 1]
        named = ((head == ord("r")) | (head == ord("b"))) & (length > 4) & (second >= 48) & (second <= 90)
        first = _first_of(owner, named)
        station.put(owner[first], pieces.begin[first], pieces.end[first])
    return Trailers(time_us, station)


def _first_of(owner: I64, there: Mask) -> I64:
    found = np.flatnonzero(there)
    return found[np.unique(owner[found], return_index=True)[1]]


@dataclass(frozen=True)
class Clocks:
    """Per sentence asked for: time source (0 without a clock), time, station, tag-block group."""

    source: I64
    time_us: I64
    station: Spans
    group: Spans
    announced: I64  #: checksum of the whole message as its $PGHP line gives it, -1 without
    strangers: int  #: $PGHP lines that announce another sentence than the one that follows


def clocks(
    lines: Lines, sentences: Sentences, tags: TagBlocks, pghp: Pghp, rows: I64, several: Mask
) -> Clocks:
    """Find what applies to the sentences at ``rows``, the most trusted source first.

    A $PGHP line applies when it announces the sentence's checksum, or 00 before VDO. Before a
    message of ``several`` sentences it announces all their checksums together (exclusive or),
    which is left to be checked when they are.
    """
    at, before = sentences.at[rows], _last_use(lines, sentences, sentences.at[rows])
    tag = _latest(tags.at, _waits(lines, sentences, tags.at), at, before)
    line = _latest(pghp.at, _waits(lines, sentences, pghp.at), at, before)
    announced = (line >= 0) & (_at(pghp.time_us, line) >= 0)
    checksum = _at(pghp.announces, line)
    own_station = spells(lines.buffer, at + 5, b"O") & (checksum == 0)
    own = announced & (several | own_station | (checksum == sentences.stated[rows]))
    line = np.where(own, line, -1)
    trailers = find_trailers(lines, sentences.star[rows] + 3, sentences.end[rows])
    offers = (
        (TimeSource.TAG_BLOCK, _at(tags.time_us, tag)),
        (TimeSource.PGHP, _at(pghp.time_us, line)),
        (TimeSource.TRAILER, trailers.time_us),
    )
    source = np.zeros(len(rows), dtype=np.int64)
    time_us = np.full(len(rows), -1, dtype=np.int64)
    for which, offered in offers:
        taken = (source == 0) & (offered >= 0)
        source[taken], time_us[taken] = which, offered[taken]
    station = tags.station.take(tag).or_else(pghp.station.take(line)).or_else(trailers.station)
    station = station.or_else(tags.network.take(tag))
    announced_all = np.where(own & several, checksum, -1)
    strangers = int((announced & ~own).sum())
    return Clocks(source, time_us, station, tags.group.take(tag), announced_all, strangers)


def _last_use(lines: Lines, sentences: Sentences, at: I64) -> I64:
    """Give for each place the last sentence or overlong line before it: those use up what waits."""
    uses = np.concatenate([sentences.at[~sentences.pghp], lines.line_begin[lines.too_long], [-1]])
    uses.sort()
    return uses[np.searchsorted(uses, at) - 1]


def _waits(lines: Lines, sentences: Sentences, items: I64) -> I64:
    """Give the items that may wait for a sentence: not a $PGHP behind another sentence on its line."""
    if not len(items) or not len(lines.starts):
        return np.arange(len(items))
    line = np.searchsorted(lines.line_end, items)
    index = np.minimum(np.searchsorted(lines.starts, items), len(lines.starts) - 1)
    own = (lines.start_line[index] == line) & ~sentences.pghp[index]
    behind = _last_use(lines, sentences, items) >= lines.line_begin[line]
    return np.flatnonzero(own | ~behind)


def _latest(items: I64, rows: I64, at: I64, after: I64) -> I64:
    """Give for each place the last of the items at ``rows`` before it, -1 where nothing applies."""
    if not len(rows):
        return np.full(len(at), -1, dtype=np.int64)
    index = np.searchsorted(items[rows], at) - 1
    found = items[rows][np.maximum(index, 0)]
    there = (index >= 0) & (found > after) & (at - found <= REACH_BYTES)
    return np.where(there, rows[np.maximum(index, 0)], -1)


def _at(values: I64, rows: I64) -> I64:
    return np.where(rows >= 0, values[rows], -1) if len(values) else np.full(len(rows), -1, dtype=np.int64)


def waiting_from(data: bytes, cut: int) -> int:
    """Tell from where lines before ``cut`` must be kept for a sentence still to come.

    Tag blocks and $PGHP lines at the end wait; a sentence or an overlong line uses them up.
    """
    keep = end = cut
    while end > 0 and cut - end <= REACH_BYTES:
        floor = max(end - MAX_LINE_BYTES - 1, 0)
        begin = max(data.rfind(b"\n", floor, end), data.rfind(b"\r", floor, end), floor - 1) + 1
        line = data[begin:end]
        starts = 0 if line.startswith(b"#") else line.count(b"!") + line.count(b"$")
        if len(line) > MAX_LINE_BYTES or starts > line.count(b"$PGHP,"):
            break
        if starts or line.startswith(b"\\"):
            keep = begin
        end = begin - 1
    return keep
