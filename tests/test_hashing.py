"""Ids: the same for ever, and different for different things."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seavigil.hashing import hash_bytes, hash_texts, mix, short_id

M64 = (1 << 64) - 1


def finalise(z: int) -> int:
    """SplitMix64's finaliser, as published (Steele, Lea, Flood 2014), in plain integers."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & M64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & M64
    return z ^ (z >> 31)


def slow_hash(data: bytes) -> int:
    """Hash as documented: the length, then eight bytes at a time, the last filled up with zeros."""
    state = len(data)
    for at in range(0, len(data), 8):
        word = int.from_bytes(data[at : at + 8].ljust(8, b"\0"), "little")
        state = finalise(((state ^ word) + 0x9E3779B97F4A7C15) & M64)
    return state


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_bytes_hash_as_documented(parts: list[bytes]) -> None:
    """The columnar hash is the published mixing step, word by word, on every slice."""
    buffer = np.frombuffer(b"".join(parts), dtype=np.uint8)
    lengths = np.array([len(p) for p in parts], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)])[:-1].astype(np.int64)
    assert hash_bytes(buffer, starts, lengths).tolist() == [slow_hash(p) for p in parts]


def test_texts_hash_by_their_utf_8_bytes() -> None:
    """A station's name has one id on every machine."""
    assert hash_texts(["2190067", "Träger"]).tolist() == [slow_hash(b"2190067"), slow_hash("Träger".encode())]


def test_zero_has_one_sign_and_nothing_is_one_nothing() -> None:
    """-0.0 is 0.0 and every NaN is alike; the order of the parts counts."""
    quiet, other = np.array([np.nan]), np.array([0x7FF0000000000001], dtype=np.uint64).view(np.float64)
    assert mix(np.array([-0.0])) == mix(np.array([0.0]))
    assert mix(quiet) == mix(other)
    assert mix(np.array([1]), np.array([2])) != mix(np.array([2]), np.array([1]))


def test_short_ids_keep_their_parts_apart() -> None:
    """Two parts are not one part that looks like both."""
    assert short_id("a", "b") != short_id("ab")
    assert short_id("a", None) == short_id("a", "None")
    assert len(short_id("x")) == 16
