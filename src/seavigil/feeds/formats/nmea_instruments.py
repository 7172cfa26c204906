"""The time that the own ship's instruments say: ZDA and RMC sentences among those of AIS.

Recordings made on board have no tag blocks; their satellite receiver says the time every second
or so. Sentences after IEC 61162-1:2010 (NMEA 0183 version 4), 8.3, "Approved sentences"::

    $--ZDA,hhmmss.ss,dd,mm,yyyy,xx,xx*hh                                     time and date, zone
    $--RMC,hhmmss.ss,A,llll.ll,a,yyyyy.yy,a,x.x,x.x,ddmmyy,x.x,a,a,a*hh      A: valid, V: void
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seavigil.feeds.formats.nmea_clocks import LATEST_US, calendar_us
from seavigil.feeds.formats.nmea_lines import I64, U8, Lines, Mask, Sentences, spells, whole_numbers
from seavigil.records import DAY_US, SECOND_US

#: A time holds for AIS sentences that begin within this, which is more than a minute of the
#: fastest link an AIS receiver has (38,400 baud, 3,840 byte/s: NMEA 0183-HS, IEC 61162-2)..
INSTRUMENT_REACH_BYTES = 256 * 1024
#: ..and so long by our own clock: a live feed must not go on with the time of a receiver gone silent.
INSTRUMENT_REACH_US = 120 * SECOND_US
#: 2002-01-01, the year in which ships had to begin to carry AIS (SOLAS V/19.2.4, from 2002-07-01).
EARLIEST_INSTRUMENT_US = 1_009_843_200_000_000
#: The date of an old receiver falls back by 1,024 weeks (IS-GPS-200, 20.3.3.3.1.1).
ROLLOVER_US = 1_024 * 7 * DAY_US

#: Two digits of a year from here on belong to the 20th century: GPS time begins in 1980.
_CENTURY_TURNS_AT = 80
_ZDA_COMMAS = 5
_RMC_COMMAS = 10
_MAX_DECIMALS = 9


@dataclass(frozen=True)
class Heard:
    """The times that hold for one buffer: where in the stream each was said, in order, and what."""

    at: I64
    time_us: I64

    def before(self, at: I64) -> I64:
        """Give the last time said before each place in the stream, -1 where none is within reach."""
        if not len(self.at):
            return np.full(len(at), -1, dtype=np.int64)
        index = np.searchsorted(self.at, at) - 1
        last = np.maximum(index, 0)
        there = (index >= 0) & (at - self.at[last] <= INSTRUMENT_REACH_BYTES)
        return np.where(there, self.time_us[last], -1)


_NOTHING = Heard(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass
class Instruments:
    """The last time said in a stream; the next one takes its place, earlier or later as it may be."""

    _last: Heard = _NOTHING
    _received_us: int = 0

    def hear(self, lines: Lines, sentences: Sentences, offset: int, received_us: int) -> tuple[Heard, int]:
        """Read a buffer that begins at ``offset``; also give how many times in it were unusable."""
        before = self._last if received_us - self._received_us <= INSTRUMENT_REACH_US else _NOTHING
        at, time_us = _times(lines, sentences)
        if not len(at):
            return before, 0
        good = (time_us >= 0) & ~_fallen_back(time_us, received_us)
        unusable, at, time_us = int((~good).sum()), at[good] + offset, time_us[good]
        if not len(at):
            return before, unusable
        self._last, self._received_us = Heard(at[-1:], time_us[-1:]), received_us
        return Heard(np.concatenate([before.at, at]), np.concatenate([before.time_us, time_us])), unusable


def _fallen_back(time_us: I64, received_us: int) -> Mask:
    """Tell which times lie 1,024 weeks before their receipt, give or take a day."""
    return np.abs(received_us - time_us - ROLLOVER_US) <= DAY_US


def _times(lines: Lines, sentences: Sentences) -> tuple[I64, I64]:
    """Give where sound ZDA and RMC sentences begin, and their times; -1 for those that say none."""
    rows = np.flatnonzero(sentences.sound & ~sentences.ais & ~sentences.pghp)
    if not len(rows):
        return rows, rows
    at = sentences.at[rows]
    talks = (lines.buffer[at] == ord("$")) & (lines.buffer[at + 1] != ord("P"))  # $P: proprietary
    zda, rmc = (rows[talks & spells(lines.buffer, at + 3, address)] for address in (b"ZDA,", b"RMC,"))
    if not len(zda) and not len(rmc):
        return zda, zda
    said = np.concatenate([sentences.at[zda], sentences.at[rmc]])
    time_us = np.concatenate([_zda_us(lines, sentences, zda), _rmc_us(lines, sentences, rmc)])
    order = np.argsort(said)
    return said[order], time_us[order]


def _zda_us(lines: Lines, sentences: Sentences, rows: I64) -> I64:
    whole, comma = _commas(lines, sentences, rows, _ZDA_COMMAS)
    day, month = (whole_numbers(lines.buffer, comma[i] + 1, comma[i + 1], 2) for i in (1, 2))
    year = _year(lines.buffer, comma[3] + 1, comma[4])
    return _plausible_us(lines.buffer, whole, comma, (year, month, day))


def _rmc_us(lines: Lines, sentences: Sentences, rows: I64) -> I64:
    whole, comma = _commas(lines, sentences, rows, _RMC_COMMAS)
    valid = (lines.buffer[comma[1] + 1] == ord("A")) & (comma[2] == comma[1] + 2)
    begin = comma[8] + 1
    valid &= comma[9] == begin + 6
    day, month = (whole_numbers(lines.buffer, begin + i, begin + i + 2) for i in (0, 2))
    year = _year(lines.buffer, begin + 4, comma[9])
    return _plausible_us(lines.buffer, whole & valid, comma, (year, month, day))


def _commas(lines: Lines, sentences: Sentences, rows: I64, needed: int) -> tuple[Mask, list[I64]]:
    """Tell which sentences have so many commas at least, and give the places of those."""
    at, star = sentences.at[rows], sentences.star[rows]
    first = np.searchsorted(lines.commas, at)
    enough = np.searchsorted(lines.commas, star) - first >= needed
    return enough, [lines.commas[np.where(enough, first + i, 0)] for i in range(needed)]


def _year(buffer: U8, begin: I64, end: I64) -> I64:
    """Read years of four digits, or of two as RMC has them and some write in ZDA; others are -1."""
    year, digits = whole_numbers(buffer, begin, end, 4), end - begin
    century = np.where(year < _CENTURY_TURNS_AT, 2_000, 1_900)
    return np.where(digits == 4, year, np.where((digits == 2) & (year >= 0), year + century, -1))


def _plausible_us(buffer: U8, whole: Mask, comma: list[I64], date: tuple[I64, I64, I64]) -> I64:
    """Put the time of day, the first field, to the date; -1 where either is none."""
    begin, end = comma[0] + 1, comma[1]
    hour, minute, second = (whole_numbers(buffer, begin + i, begin + i + 2) for i in (0, 2, 4))
    decimals = end - begin - 7
    fraction = whole_numbers(buffer, begin + 7, end, _MAX_DECIMALS)
    ms = np.where(decimals > 0, fraction * 1_000 // 10 ** np.clip(decimals, 0, _MAX_DECIMALS), 0)
    formed = whole & ((decimals == -1) | (decimals >= 0) & (buffer[begin + 6] == ord(".")))
    time_us = calendar_us(*date, hour, minute, second, ms)
    return np.where(formed & (time_us >= EARLIEST_INSTRUMENT_US) & (time_us < LATEST_US), time_us, -1)
