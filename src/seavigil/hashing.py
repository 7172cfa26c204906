"""Stable 64-bit ids: the same bytes give the same id on every machine, version and year.

The mixing step is SplitMix64's finaliser (Steele, Lea, Flood, "Fast splittable pseudorandom
number generators", OOPSLA 2014). Ids only have to be stable and spread; they are no seal, the
evidence chain uses SHA-256.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)


def mix(*parts: NDArray[np.generic]) -> U64:
    """Hash rows: element ``i`` of the result depends on element ``i`` of every part, in order.

    Integers are taken as they are, floats by their bits (-0.0 counts as 0.0, every NaN alike).
    """
    state = np.zeros(np.broadcast_shapes(*(np.shape(p) for p in parts)), dtype=np.uint64)
    for part in parts:
        state = _finalise((state ^ _bits(np.asarray(part))) + _GOLDEN)
    return state


def hash_bytes(buffer: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> U64:
    """Hash slices ``buffer[starts[i] : starts[i] + lengths[i]]``; empty slices are allowed."""
    state = lengths.astype(np.uint64)
    padded = np.concatenate([buffer, np.zeros(8, dtype=np.uint8)])
    # every unaligned 8-byte word of the buffer, without a copy
    at_byte: U64 = np.ndarray((len(buffer) + 1,), dtype="<u8", buffer=padded.data, strides=(1,))
    words = -(-lengths // 8)
    for word in range(int(words.max(initial=0))):
        rows = np.flatnonzero(words > word)
        left = np.minimum(lengths[rows] - 8 * word, 8).astype(np.uint64)
        kept = np.uint64(0xFFFFFFFFFFFFFFFF) >> (np.uint64(64) - np.uint64(8) * left)
        state[rows] = _finalise((state[rows] ^ (at_byte[starts[rows] + 8 * word] & kept)) + _GOLDEN)
    return state


def hash_texts(texts: list[str]) -> U64:
    """Hash each text by its UTF-8 bytes, as ``hash_bytes`` does."""
    raw = [t.encode() for t in texts]
    lengths = np.array([len(r) for r in raw], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64) if raw else lengths
    return hash_bytes(np.frombuffer(b"".join(raw), dtype=np.uint8), starts, lengths)


def short_id(*parts: object) -> str:
    """Give 16 hexadecimal digits that stand for ``parts`` (SHA-256 of their text, cut)."""
    return hashlib.sha256("\x1f".join(str(p) for p in parts).encode()).hexdigest()[:16]


def _bits(part: NDArray[np.generic]) -> U64:
    if part.dtype.kind == "f":
        alike = np.where(np.isnan(part), np.nan, part).astype(np.float64)
        return (alike + 0.0).view(np.uint64)  # -0.0 + 0.0 is 0.0
    return part.astype(np.int64).view(np.uint64) if part.dtype.kind == "i" else part.astype(np.uint64)


def _finalise(z: U64) -> U64:
    z = (z ^ (z >> np.uint64(30))) * _M1
    z = (z ^ (z >> np.uint64(27))) * _M2
    return z ^ (z >> np.uint64(31))
