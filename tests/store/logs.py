"""Small raw logs for tests: what goes in, and small segments so that a few records fill several."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

from seavigil.store.rawlog import Entry, Kind, RawLog, RawLogParams, Record
from seavigil.store.rawlog_read import Lost, read_log

#: 2025-11-20T04:00:00Z.
BEGAN_US = 1_763_611_200_000_000
SECOND_US = 1_000_000

entries = st.builds(
    Entry,
    st.sampled_from(Kind),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**32 - 1),
    st.binary(max_size=60),
)


def small(segment_bytes: int = 2_000, frame_bytes: int = 500) -> RawLogParams:
    """Let a few records fill a segment; sync and seal by age play no part."""
    return RawLogParams(segment_bytes=segment_bytes, frame_bytes=frame_bytes, segment_s=1e6, sync_s=1e6)


def data(number: int, payload: bytes | None = None, *, stream: int = 1, feed: int = 1) -> Entry:
    """Give bytes of a feed that came in the second ``number``."""
    text = f"line {number} of many\n".encode() if payload is None else payload
    return Entry(Kind.DATA, BEGAN_US + number * SECOND_US, feed, stream, text)


def feed(number: int, name: str, at: int = 0) -> Entry:
    """Give the record of a feed."""
    told = json.dumps({"feed": number, "name": name}).encode()
    return Entry(Kind.FEED, BEGAN_US + at * SECOND_US, number, 0, told)


def numbered(given: Sequence[Entry], first_seq: int = 1) -> list[Record]:
    """Give entries as the records that they become."""
    return [
        Record(seq, e.kind, e.wall_us, e.feed, e.stream, e.payload) for seq, e in enumerate(given, first_seq)
    ]


def written(folder: Path, given: Sequence[Entry], params: RawLogParams | None = None) -> list[Record]:
    """Write a log of these entries, one by one, all but its open segment sealed; gives its records."""
    with RawLog(folder, params or small()) as log:
        for entry in given:
            log.append([entry])
        assert log.settle()
    return numbered(given)


def read(folder: Path, from_seq: int = 1) -> tuple[list[Record], list[Lost]]:
    """Read a log as another process would; gives its records and what is lost."""
    lost: list[Lost] = []
    return list(read_log(folder, from_seq, say=lost.append)), lost
