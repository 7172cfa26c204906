"""Feeding a receiver in pieces: what every format must not notice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from hypothesis import strategies as st

from seavigil.feeds.formats import Receiver
from seavigil.records import Decoded, join

RECEIVED_US = 1_700_000_000_000_000


def feed(receiver: Receiver, data: bytes, cuts: Iterable[int] = ()) -> Decoded:
    """Give what ``receiver`` makes of ``data`` cut before the bytes at ``cuts``."""
    edges = [0, *sorted(c for c in cuts if 0 <= c <= len(data)), len(data)]
    parts = [receiver.receive(data[a:b], received_us=RECEIVED_US) for a, b in itertools.pairwise(edges)]
    return join([*parts, receiver.finish(received_us=RECEIVED_US)])


def same(one: Decoded, other: Decoded) -> bool:
    """Tell whether two results agree in every row and count."""
    tables = (one.reports, one.vessels, one.rejects), (other.reports, other.vessels, other.rejects)
    return all(a.equals(b) for a, b in zip(*tables, strict=True)) and _counted(one) == _counted(other)


def _counted(decoded: Decoded) -> dict[str, int]:
    return {name: n for name, n in decoded.counts.items() if n}


def every_step(open_receiver: Callable[[str], Receiver], data: bytes, step: int) -> Decoded:
    """Give the result of ``data`` handed over ``step`` bytes at a time."""
    return feed(open_receiver("a"), data, range(step, len(data), step))


cut_places = st.lists(st.integers(0, 6_000), max_size=4)
