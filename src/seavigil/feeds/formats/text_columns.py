"""String columns made from bytes by array operations, without a Python string per row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
I64 = NDArray[np.int64]

_OTHER = ord("?")


def gather(buffer: U8, begin: I64, end: I64) -> tuple[U8, I64]:
    """Copy slices of a buffer one after another; give them and the places where each begins and ends."""
    length = end - begin
    offsets = np.concatenate([[0], np.cumsum(length)])
    return buffer[np.arange(offsets[-1]) + np.repeat(begin - offsets[:-1], length)], offsets


@dataclass(frozen=True)
class TextColumn:
    """Texts as ASCII ``data``; text ``i`` is ``data[offsets[i]:offsets[i + 1]]``, empty when absent."""

    data: U8
    offsets: I64

    @classmethod
    def from_spans(cls, buffer: U8, begin: I64, end: I64) -> TextColumn:
        """Copy slices of a buffer; bytes outside printable ASCII become ``?``."""
        data, offsets = gather(buffer, begin, end)
        data[(data < 32) | (data > 126)] = _OTHER
        return cls(data, offsets)

    @classmethod
    def from_codes(cls, codes: U8) -> TextColumn:
        """Copy rows of ASCII codes that end in zeros, without the spaces before them."""
        ink = np.logical_or.accumulate(codes > 32, axis=1) & (codes > 0)
        return cls(codes[ink], np.concatenate([[0], np.cumsum(ink.sum(axis=1))]))

    def take(self, rows: I64) -> TextColumn:
        """Give the texts at ``rows``."""
        if len(rows) == len(self.offsets) - 1:
            return self
        return TextColumn.from_spans(self.data, self.offsets[rows], self.offsets[rows + 1])

    def array(self) -> pa.Array:
        """Give the Arrow column; an empty text is null."""
        length = np.diff(self.offsets)
        valid = pa.py_buffer(np.packbits(length > 0, bitorder="little"))
        places = pa.py_buffer(self.offsets.astype(np.int32))
        return pa.StringArray.from_buffers(len(length), places, pa.py_buffer(self.data), valid)
