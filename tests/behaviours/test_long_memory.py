"""What remembers hours through the logs is the same however the stream is cut, over midnight too."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.assets import Assets
from seavigil.behaviours import asset_following, rendezvous, repeated_crossing, survey_pattern, zigzag
from seavigil.records import Decoded
from seavigil.runners.live import Watch
from tests.cases.judge import cable, in_order
from tests.cases.sail import sail

BEGIN = "2025-01-01T17:00:00Z"
ASSETS = Assets([cable((58.8, 20.5), (59.2, 20.5)), cable((58.7, 20.0), (58.7, 21.0), asset_id="south")])
BEHAVIOURS = tuple(
    b.BEHAVIOUR for b in (asset_following, rendezvous, repeated_crossing, survey_pattern, zigzag)
)


@lru_cache(maxsize=1)
def scene() -> pa.Table:
    """Draw thirty hours of tows, mowing, following, zigzag and lying together, from one day into the next."""
    tows, mows = (sail(place, at_kn=4, start=BEGIN, every_s=60) for place in ((59.0, 20.45), (58.9, 20.47)))
    for i in range(20):
        tows = tows.to((59.0 + 0.001 * i, 20.45 if i % 2 else 20.55))
        mows = mows.on(270 if i % 2 else 90, for_min=40).on(0, for_min=2)
    zigzags = sail((59.12, 20.49), at_kn=3, start=BEGIN, every_s=60)
    for i in range(16):
        zigzags = zigzags.to((59.1 + 0.02 * (i % 2), 20.47))
    follows = sail((58.7, 20.1), (58.7, 20.8), (58.7, 20.1), at_kn=2, start=BEGIN, every_s=60)
    pair = [
        sail((lat, 20.3), at_kn=0.7, start=BEGIN, every_s=60).drift(0.7, 60, for_min=1200)
        for lat in (58.85, 58.851)
    ]
    lies = sail((59.1, 20.9), at_kn=0.2, start=BEGIN, every_s=120).stop(for_min=30 * 60)
    ships = (tows, mows, follows, *pair, lies, zigzags)
    return in_order(*(ship.reports(299_100_001 + i) for i, ship in enumerate(ships)))


def watch(pieces: Sequence[pa.Table]) -> list[str]:
    """Give the event revisions of all pieces as text."""
    one = Watch(ASSETS, BEHAVIOURS)
    outcomes = [*(one.take(Decoded(reports=piece)) for piece in pieces), one.take(Decoded(), final=True)]
    assert not [fault for o in outcomes for fault in o.faults]
    return sorted(repr(event) for o in outcomes for event in o.events)


@lru_cache(maxsize=1)
def whole() -> list[str]:
    """Give what the whole gives."""
    return watch([scene()])


@settings(max_examples=6)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_cut_anywhere_is_the_whole(cuts: list[float]) -> None:
    """Every field of every event is the same from pieces as from the whole."""
    rows = scene()
    edges = sorted({0, rows.num_rows, *(int(c * rows.num_rows) for c in cuts)})
    assert watch([rows.slice(a, b - a) for a, b in pairwise(edges)]) == whole()


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda b: b.name)
def test_the_scene_raises_it(behaviour: object) -> None:
    """Otherwise the test above would prove nothing."""
    name = behaviour.name  # type: ignore[attr-defined]
    assert any(f"behaviour='{name}'" in event for event in whole())
