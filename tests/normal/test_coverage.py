"""Coverage and the data clock: what was heard where, and from when on that may be known."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from seavigil.normal.coverage import Clock, CoverageLearner
from seavigil.records import MINUTE_US, SECOND_US, parse_time_us
from tests.cases.judge import in_order, tracked
from tests.cases.sail import sail

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")


def ships(count: int = 3, minutes: float = 30, every_s: float = 30) -> pa.Table:
    """Give ships that lie a little apart from one another."""
    drawn = [sail((59.5, 24.5 + 0.01 * i), every_s=every_s).stop(for_min=minutes) for i in range(count)]
    return tracked(in_order(*(s.reports(mmsi=299_100_000 + i) for i, s in enumerate(drawn))))


def test_a_bin_counts_each_ship_once_however_often_it_reports() -> None:
    """Three ships with ten reports each in five minutes are three ships."""
    learner = CoverageLearner()
    learner.add(ships())
    coverage, _ = learner.learned()
    assert coverage.ships_around(np.array([0, 1]), 59.5, 24.5).tolist() == [3, 3]


def test_far_away_nothing_was_heard() -> None:
    """A place half a degree off has no ships around it."""
    learner = CoverageLearner()
    learner.add(ships())
    coverage, _ = learner.learned()
    assert coverage.ships_around(np.array([0]), 60.1, 24.5).tolist() == [0]


def test_a_bin_is_seen_only_after_it_closed_and_the_delay_passed() -> None:
    """The bin of 00:00 to 00:05 is visible at the first report at or after 00:06."""
    learner = CoverageLearner()
    learner.add(ships(every_s=50))
    coverage, _ = learner.learned()
    first_after_us = BEGIN_US + 400 * SECOND_US  # reports stand every 50 s: 350 s is too early
    assert coverage.visible_us[0] == first_after_us


def test_cells_join_across_the_antimeridian() -> None:
    """A ship just west of 180 is heard around a place just east of it."""
    ship = sail((59.5, 179.99), every_s=30).stop(for_min=20).reports()
    learner = CoverageLearner()
    learner.add(tracked(ship))
    coverage, _ = learner.learned()
    assert coverage.ships_around(np.array([0]), 59.5, -179.99).tolist() == [1]


@given(st.lists(st.integers(0, 300), max_size=8))
def test_learning_in_pieces_is_learning_at_once(cuts: list[int]) -> None:
    """Coverage and ticks do not depend on where the reports were cut."""
    rows = ships()
    edges = sorted({0, rows.num_rows, *(min(c, rows.num_rows) for c in cuts)})
    whole, pieces = CoverageLearner(), CoverageLearner()
    whole.add(rows)
    for begin, end in itertools.pairwise(edges):
        pieces.add(rows.slice(begin, end - begin))
    for one, other in zip(whole.learned(), pieces.learned(), strict=True):
        for name, value in vars(one).items():
            np.testing.assert_array_equal(value, getattr(other, name), err_msg=name)


def test_a_gap_of_years_in_the_data_costs_no_memory() -> None:
    """Between recordings of different years only the bins that are kept are made; old ones are let go."""
    later = sail((59.5, 24.5), start="2035-01-01T00:00:00Z", every_s=30).stop(for_min=30).reports()
    learner = CoverageLearner()
    learner.add(ships())
    learner.add(tracked(later))
    coverage, _ = learner.learned()
    assert len(coverage.starts_us) < 2_000
    assert np.sum(np.diff(coverage.starts_us) != coverage.bin_us) == 1
    learner.add(tracked(sail((59.5, 24.5), start="2035-01-01T00:30:00Z").stop(for_min=30).reports()))
    coverage, _ = learner.learned()
    assert np.all(np.diff(coverage.starts_us) == coverage.bin_us)


def test_the_clock_moves_only_with_reports() -> None:
    """The first tick at or after a time is a report's time; without a later report there is none."""
    clock = Clock(np.array([0, 10, 20], dtype=np.int64) * MINUTE_US)
    assert clock.first_tick_us(5 * MINUTE_US, 20 * MINUTE_US) == 10 * MINUTE_US
    assert clock.first_tick_us(5 * MINUTE_US, 9 * MINUTE_US) is None
    assert clock.first_tick_us(21 * MINUTE_US, 60 * MINUTE_US) is None
