"""The one hysteresis: where episodes begin, stand, end, and when that became known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.behaviours.episodes import Episode, Rule, Scores, episodes
from seavigil.normal.coverage import Clock
from seavigil.records import NEVER_US, SECOND_US

EVERY_MOMENT = Clock()


def run(
    values: list[float], rule: Rule, *, every_s: int = 10, as_of_s: int | None = None
) -> tuple[list[Episode], int]:
    """Run rows ``every_s`` apart, complete to the last row unless said otherwise."""
    time_us = np.arange(len(values), dtype=np.int64) * every_s * SECOND_US
    as_of_us = int(time_us[-1]) if as_of_s is None else as_of_s * SECOND_US
    return episodes(
        Scores(time_us, np.array(values)),
        rule,
        settled_until_us=NEVER_US,
        as_of_us=as_of_us,
        clock=EVERY_MOMENT,
    )


def test_hysteresis_keeps_an_episode_through_scores_between_off_and_on() -> None:
    """A score between off and on neither begins an episode nor ends one."""
    found, _ = run([0.6, 1.0, 0.6, 0.6, 0.2, 0.6], Rule(on=1.0, off=0.5))
    assert found == [Episode(first=1, last=3, stood=1, ended_known_us=40 * SECOND_US)]


def test_an_episode_stands_only_after_its_least_duration() -> None:
    """Twenty seconds are wanted: the third row of ten seconds each makes it stand, two do not."""
    rule = Rule(on=1.0, off=0.5, min_duration_s=20.0)
    assert run([1, 1, 1, 0], rule)[0][0].stood == 2
    assert run([1, 1, 0, 0], rule)[0][0].stood is None


def test_a_silence_longer_than_the_gap_ends_it_at_the_last_row() -> None:
    """When the silence is longer than allowed the end is known by the clock, without a new row."""
    rule = Rule(on=1.0, off=0.5, max_gap_s=60.0)
    assert run([1, 1], rule, as_of_s=70)[0][0].ended_known_us is None
    assert run([1, 1], rule, as_of_s=71)[0][0].ended_known_us == 70 * SECOND_US + 1


def test_an_open_episode_is_not_settled() -> None:
    """What still goes on may change: the settled time stays at its first row."""
    _, settled_us = run([0, 1, 1], Rule(on=1.0, off=0.5))
    assert settled_us == 10 * SECOND_US


def test_one_that_lasts_too_long_is_cut_and_the_next_begins_after_it() -> None:
    """No episode is longer than its greatest duration; going on makes another."""
    found, _ = run([1] * 10, Rule(on=1.0, off=0.5, max_duration_s=30.0))
    assert [(e.first, e.last) for e in found] == [(0, 3), (4, 7), (8, 9)]


def test_nothing_begins_before_the_settled_time() -> None:
    """Rows before the settled time are history only."""
    time_us = np.arange(4, dtype=np.int64) * SECOND_US
    scores = Scores(time_us, np.array([1.0, 0.0, 1.0, 1.0]))
    found, _ = episodes(scores, Rule(), settled_until_us=1, as_of_us=3 * SECOND_US, clock=EVERY_MOMENT)
    assert [e.first for e in found] == [2]


@given(
    st.lists(st.tuples(st.integers(1, 90), st.sampled_from([0.0, 0.6, 1.0])), min_size=1, max_size=60),
    st.sets(st.integers(0, 59), max_size=8),
)
@pytest.mark.parametrize("max_duration_s", [50.0, 1e9])
def test_cut_anywhere_gives_the_same_episodes(
    max_duration_s: float, rows: list[tuple[int, float]], cuts: set[int]
) -> None:
    """Rows taken in pieces, each from the settled time on, give what the whole gives."""
    rule = Rule(on=1.0, off=0.5, min_duration_s=20.0, max_gap_s=60.0, max_duration_s=max_duration_s)
    time_us = np.cumsum([s for s, _ in rows]).astype(np.int64) * SECOND_US
    value = np.array([v for _, v in rows])

    def over(ends: list[int]) -> dict[int, tuple[int, int | None, int | None]]:
        settled_us, seen = NEVER_US, {}
        for end in ends:
            begin = int(np.searchsorted(time_us, settled_us))
            found, settled_us = episodes(
                Scores(time_us[begin:end], value[begin:end]),
                rule,
                settled_until_us=settled_us,
                as_of_us=int(time_us[end - 1]),
                clock=EVERY_MOMENT,
            )
            for e in found:
                stood = None if e.stood is None else e.stood + begin
                seen[e.first + begin] = (e.last + begin, stood, e.ended_known_us)
        return seen

    ends = sorted({c + 1 for c in cuts if c < len(rows)} | {len(rows)})
    assert over(ends) == over([len(rows)])


def test_an_episode_does_not_stand_before_it_begins() -> None:
    """Of two rows of one moment the second is the first that scores: it stands there."""
    time_us = np.array([0, 10, 10], dtype=np.int64) * SECOND_US
    scores = Scores(time_us, np.array([0.0, 0.0, 1.0]))
    found, _ = episodes(scores, Rule(), settled_until_us=NEVER_US, as_of_us=10, clock=EVERY_MOMENT)
    assert (found[0].first, found[0].stood) == (2, 2)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.6, 1.2])), min_size=1, max_size=30),
    st.sampled_from([0.0, 2.0]),
    st.sampled_from([3.0, 60.0]),
)
def test_rows_of_one_moment_leave_no_episode_empty(
    rows: list[tuple[int, float]], lasts_s: float, longest_s: float
) -> None:
    """However many reports share a moment, an episode has rows, and stands and ends at some of them."""
    time_us = np.cumsum([step for step, _ in rows]).astype(np.int64) * SECOND_US
    scores = Scores(time_us, np.array([value for _, value in rows]))
    rule = Rule(min_duration_s=lasts_s, max_gap_s=2.0, max_duration_s=longest_s)
    found, _ = episodes(
        scores, rule, settled_until_us=NEVER_US, as_of_us=int(time_us[-1]), clock=EVERY_MOMENT
    )
    for one in found:
        assert one.first <= one.last < len(rows)
        assert one.stood is None or one.first <= one.stood <= one.last
