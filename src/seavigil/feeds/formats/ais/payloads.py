"""Armoured payloads as columns of six-bit values, and bit fields read from many at once.

The armouring is that of IEC 61162-1 (NMEA 0183) for VDM and VDO: characters ``0``..``W`` and
`````..``w`` stand for 0..63. Text inside a message uses the six-bit ASCII of ITU-R M.1371-5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
Ints = NDArray[np.signedinteger]
I64 = NDArray[np.int64]

#: Bytes that must follow the last payload in its buffer, so that columns may be read past its end.
PADDING = 80
#: Values of `dearmour` from here on stand for characters that are no armour.
NOT_ARMOUR = 128

_KEEP = np.array([0, 32, 48, 56, 60, 62, 63], dtype=np.int32)


@dataclass(frozen=True)
class Payloads:
    """Payloads as slices of one buffer: ``six[starts[i]:]`` holds ``bits[i]`` bits, six a byte."""

    six: U8
    starts: I64
    bits: I64

    def take(self, rows: NDArray[np.intp]) -> Payloads:
        """Give the payloads at ``rows``."""
        return Payloads(self.six, self.starts[rows], self.bits[rows])

    @classmethod
    def from_texts(cls, texts: Sequence[str], fill_bits: Sequence[int] | None = None) -> Payloads:
        """Make payloads from armoured text; ``fill_bits`` (0 when not given) end each of them.

        Raises ``ValueError`` for a character that is no armour.
        """
        raw = np.frombuffer("".join(texts).encode("latin-1", "replace"), dtype=np.uint8)
        six = dearmour(raw)
        if len(six) and int(six.max()) >= NOT_ARMOUR:
            raise ValueError("a payload holds characters other than 0..W and `..w")
        chars = np.array([len(t) for t in texts], dtype=np.int64)
        starts = np.cumsum(chars) - chars
        fill = np.array([0] * len(chars) if fill_bits is None else fill_bits, dtype=np.int64)
        return cls(np.concatenate([six, np.zeros(PADDING, dtype=np.uint8)]), starts, 6 * chars - fill)


def dearmour(buffer: U8) -> U8:
    """Give the six-bit value of every byte; those that are no armour get NOT_ARMOUR or more."""
    value = buffer - np.uint8(48)
    bad = (value >= 40) & (value < 48) | (value >= 72)
    value -= (value >= 48).view(np.uint8) << np.uint8(3)
    value |= bad.view(np.uint8) << np.uint8(7)
    return value


class Bits:
    """Bit fields of payloads of one kind, read column by column; bits past the end read as 0."""

    def __init__(self, payloads: Payloads) -> None:
        self.payloads = payloads
        self.bits = payloads.bits
        self._whole = int(payloads.bits.min(initial=1 << 30))
        self._columns: dict[int, NDArray[np.int32]] = {}

    def __len__(self) -> int:
        return len(self.bits)

    def unsigned(self, start: int, width: int) -> Ints:
        """Read an unsigned field of at most 52 bits."""
        first, last = start // 6, (start + width - 1) // 6
        value: Ints = self._column(first) & (63 >> start % 6)
        if last - first >= 5:
            value = value.astype(np.int64)
        for column in range(first + 1, last + 1):
            value <<= 6
            value |= self._column(column)
        value >>= (last + 1) * 6 - start - width
        return value

    def signed(self, start: int, width: int) -> Ints:
        """Read a two's complement field."""
        value = self.unsigned(start, width)
        value -= (value >> (width - 1)) << width
        return value

    def flag(self, at: int) -> NDArray[np.bool_]:
        """Read one bit."""
        return self.unsigned(at, 1).astype(bool)

    def text(self, start: int, chars: int) -> U8:
        """Read six-bit text as rows of ASCII codes; 0 is ``@`` or a character the payload's end cuts."""
        codes = np.empty((len(self), chars), dtype=np.uint8)
        for i in range(chars):
            end = start + 6 * i + 6
            code = self.unsigned(end - 6, 6)
            codes[:, i] = code + 64 * ((code > 0) & (code < 32))
            if end > self._whole:
                codes[self.bits < end, i] = 0
        return codes

    def has(self, end: int) -> NDArray[np.bool_]:
        """Tell which payloads reach to bit ``end``."""
        return self.bits >= end

    def _column(self, index: int) -> NDArray[np.int32]:
        found = self._columns.get(index)
        if found is None:
            found = self._columns[index] = self._gather(index)
        return found

    def _gather(self, index: int) -> NDArray[np.int32]:
        six = self.payloads.six
        column = six[np.minimum(self.payloads.starts + index, len(six) - 1)].astype(np.int32)
        if 6 * (index + 1) > self._whole:
            column &= _KEEP[np.clip(self.bits - 6 * index, 0, 6)]
        return column


def trim(codes: U8) -> U8:
    """Give text rows with everything from the first ``@`` on, and spaces at the end, as zeros."""
    text = np.where(np.logical_and.accumulate(codes > 0, axis=1), codes, 0)
    ink = text > 32
    text[~np.logical_or.accumulate(ink[:, ::-1], axis=1)[:, ::-1]] = 0
    return text


def strings(codes: U8) -> NDArray[np.str_]:
    """Give trimmed text rows as a NumPy array of strings."""
    whole = np.ascontiguousarray(trim(codes))
    width = whole.shape[1]
    if not width or not len(whole):
        return np.zeros(len(whole), dtype="U1")
    return whole.view(f"S{width}")[:, 0].astype(f"U{width}")
