"""A watch spares itself most looks at most ships, and tells no less, no later and nothing else for it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.behaviours import CATALOGUE, Behaviour
from seavigil.records import SECOND_US, Decoded
from seavigil.runners.live import Outcome, Watch
from tests.contract.test_cut_anywhere import ASSETS, BROKEN, KNOWN, SCENE, ships, told, traffic

#: The same behaviours asked about every ship with every report, bin and tick.
UNSPARED = tuple(
    replace(b, least_s=0.0, screen=None, quiet=None, silent_from=None, screen_log=None) for b in CATALOGUE
)

#: Ships of the scene that raises every behaviour, those together that meet.
GROUPS = ((0, 1), (2, 3), (4,), (5, 6, 7), (8,), (9,), (10,))


def watched(reports: pa.Table, catalogue: tuple[Behaviour, ...], every_s: int) -> list[Outcome]:
    """Watch reports in pieces of so many seconds."""
    watch = Watch(ASSETS, catalogue, known=KNOWN)
    watch.notices.notice(BROKEN)
    second = reports["time_us"].cast(pa.int64()).to_numpy() // (every_s * SECOND_US)
    edges = [0, *(np.flatnonzero(np.diff(second)) + 1).tolist(), reports.num_rows]
    pieces = told([reports.slice(a, b - a) for a, b in pairwise(edges)])
    outcomes = [watch.take(piece) for piece in pieces]
    outcomes.append(watch.take(Decoded(), final=True))
    assert not [fault for outcome in outcomes for fault in outcome.faults]
    return outcomes


def said(outcome: Outcome) -> tuple[list[str], list[str]]:
    """Give what one call told: events, whatever their order, and alerts in theirs."""
    return sorted(map(repr, outcome.events)), list(map(repr, outcome.alerts))


@pytest.mark.parametrize("few", GROUPS, ids=str)
def test_each_call_tells_what_it_would_tell_if_it_looked_at_everything(few: tuple[int, ...]) -> None:
    """Not only the same in all, but in the same call: nothing is found later for being spared."""
    reports = traffic([SCENE[ship] for ship in few])
    spared, unspared = (watched(reports, catalogue, every_s=330) for catalogue in (CATALOGUE, UNSPARED))
    assert list(map(said, spared)) == list(map(said, unspared))
    assert any(outcome.events for outcome in spared)


@pytest.mark.slow
@settings(max_examples=3)
@given(st.lists(ships, min_size=1, max_size=2), st.sampled_from([40, 110, 290]))
def test_whatever_ships_do_nothing_is_found_later(
    chosen: list[tuple[float, float, int, int, list[tuple[str, int, float, int]]]], every_s: int
) -> None:
    """As above, for ships drawn at random."""
    reports = traffic(chosen).slice(0, 700)
    spared, unspared = (watched(reports, catalogue, every_s) for catalogue in (CATALOGUE, UNSPARED))
    assert list(map(said, spared)) == list(map(said, unspared))
