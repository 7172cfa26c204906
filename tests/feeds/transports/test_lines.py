"""Where streams of lines are cut, and how long lines are counted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.feeds.transports.lines import LineBlocks, LineGauge, whole

texts = st.lists(st.sampled_from([b"\n", b"\r", b"x", b"xxxxx"]), max_size=40).map(b"".join)
cuts = st.lists(st.integers(0, 200), max_size=8)


def pieces(data: bytes, at: list[int]) -> list[bytes]:
    """Cut ``data`` before the bytes at ``at``."""
    edges = [0, *sorted(c for c in at if c < len(data)), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges) if b > a]


def test_a_message_alone_becomes_a_line() -> None:
    """What has no line end gets one; what has one stays as it is."""
    assert [whole(b"a"), whole(b"a\n"), whole(b"a\r\n"), whole(b"a\r")] == [
        b"a\n",
        b"a\n",
        b"a\r\n",
        b"a\r\n",
    ]


@given(texts, cuts)
def test_long_lines_are_counted_however_cut(data: bytes, at: list[int]) -> None:
    """Lines of more than 6 bytes between line ends are counted once each, wherever the stream is cut."""
    gauge = LineGauge(6)
    expected = sum(len(line) > 6 for line in re.split(rb"[\r\n]", data))
    assert sum(gauge.take(piece) for piece in pieces(data, at)) == expected


def test_a_line_that_never_ends_is_counted_once() -> None:
    """A megabyte in a thousand pieces without a line end is one long line."""
    gauge = LineGauge(65_536)
    assert sum(gauge.take(b"x" * 1_000) for _ in range(1_000)) == 1


@given(texts, cuts, st.integers(1, 12))
def test_blocks_are_the_same_bytes(data: bytes, at: list[int], block_bytes: int) -> None:
    """Joined, the blocks are what came in; all but the last end at a line end, or are too long for a line."""
    blocks = list(LineBlocks(pieces(data, at), block_bytes=block_bytes, max_line_bytes=10))
    assert b"".join(blocks) == data
    assert all(block.endswith(b"\n") or len(block) >= 10 for block in blocks[:-1])
    assert all(blocks)


def test_blocks_are_about_as_large_as_asked() -> None:
    """Lines of 10 bytes in blocks of 35 come three by three; a change counts from the next block on."""
    cutter = LineBlocks([b"123456789\n" * 10], block_bytes=35, max_line_bytes=100)
    blocks = iter(cutter)
    sizes = [len(next(blocks)), len(next(blocks))]
    cutter.block_bytes = 10
    assert [*sizes, *map(len, blocks)] == [30, 30, 10, 10, 10, 10]


def test_a_line_longer_than_the_block_stays_whole() -> None:
    """A block is at least one line, up to the longest line there may be; beyond that it is cut."""
    chunks = [b"x" * 50 + b"\n", b"y" * 500 + b"\n"]
    sizes = list(map(len, LineBlocks(chunks, block_bytes=10, max_line_bytes=100)))
    assert sizes[0] == 51
    assert max(sizes) <= 101
    assert sum(sizes) == 552


def test_what_came_before_a_fault_comes_first() -> None:
    """Damage in a recording: the bytes before it are given, cut line and all, then the fault is raised."""

    def damaged() -> Iterator[bytes]:
        yield b"one\ntw"
        raise OSError("damaged")

    blocks = iter(LineBlocks(damaged(), block_bytes=1_000, max_line_bytes=1_000))
    assert next(blocks) == b"one\ntw"
    with pytest.raises(OSError, match="damaged"):
        next(blocks)
