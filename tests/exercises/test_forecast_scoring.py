"""What forecasts were worth: scores, reliability and intervals by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.exercises.forecast_scoring import (
    HORIZONS_H,
    OURS,
    STRAIGHT_LINE,
    Asked,
    Forecasts,
    NextHit,
    figures,
    must_hold,
    tables,
)

NEVER = np.inf


def asked(
    after_h: list[list[float]],
    within: Mapping[int, list[list[float]]] | list[list[float]],
    *,
    heard_h: float = 24.0,
    judged: list[list[bool]] | None = None,
    from_h: list[list[float]] | None = None,
    until_h: list[list[float]] | None = None,
) -> Asked:
    """Give forecasts of ships (rows) into assets (columns), in hours; one table stands for all horizons."""
    after = np.array(after_h, dtype=np.float64)
    tables_h = within if isinstance(within, Mapping) else dict.fromkeys(HORIZONS_H, within)
    unknown = np.full(after.shape, np.nan)
    return Asked(
        after * 3600.0,
        np.ones(after.shape, dtype=np.bool_) if judged is None else np.array(judged),
        {hours: np.array(table, dtype=np.float64) for hours, table in tables_h.items()},
        unknown if from_h is None else np.array(from_h) * 3600.0,
        unknown if until_h is None else np.array(until_h) * 3600.0,
        heard_h * 3600.0,
    )


def brier(forecasts: Forecasts) -> dict[int, float | None]:
    """Give our score by horizon."""
    return {row["hours"]: row["brier"] for row in figures(forecasts)["brier"]}


def test_the_brier_score_is_the_squares_summed_over_assets_for_each_ship() -> None:
    """Two ships: 0.8 of what came after 2 h, 0.3 of what did not; 0.5 of both, one of which came soon."""
    told = asked([[2.0, NEVER], [0.5, 7.0]], [[0.8, 0.3], [0.5, 0.5]])
    forecasts = Forecasts()
    forecasts.score(OURS, told)
    first_h = (0.8**2 + 0.3**2 + 0.5**2 + 0.5**2) / 2  # within one hour 0.5 came, once
    third_h = ((1 - 0.8) ** 2 + 0.3**2 + 0.5**2 + 0.5**2) / 2
    assert brier(forecasts) == pytest.approx({1: first_h, **dict.fromkeys((3, 6, 12, 24), third_h)})


def test_who_is_sure_and_right_scores_nothing_and_who_is_wrong_one() -> None:
    """0 for certain and came, 1 for certain and did not; what comes at the horizon itself counts as come."""
    for after_h, score in ((6.0, 0.0), (6.001, 1.0)):
        forecasts = Forecasts()
        forecasts.score(OURS, asked([[after_h]], [[1.0]]))
        assert brier(forecasts)[6] == score


def test_horizons_not_heard_to_the_end_are_left_out() -> None:
    """Four hours were heard: 1 and 3 are scored, 6 and more are not, and say so."""
    forecasts = Forecasts()
    forecasts.score(OURS, asked([[2.0]], [[0.5]], heard_h=4.0))
    rows = {row["hours"]: row for row in figures(forecasts)["brier"]}
    assert [rows[h]["moments"] for h in HORIZONS_H] == [1, 1, 0, 0, 0]
    assert [rows[h]["brier"] for h in HORIZONS_H] == [0.25, 0.25, None, None, None]
    forecasts.score(OURS, asked([[2.0]], [[0.5]], heard_h=6.0))  # heard to the very end
    assert figures(forecasts)["brier"][2]["moments"] == 1


def test_pairs_in_the_corridor_then_do_not_count() -> None:
    """A ship that was in it when asked has nothing to enter: her miss costs nothing, she counts as asked."""
    forecasts = Forecasts()
    forecasts.score(OURS, asked([[0.1, NEVER]], [[0.0, 0.5]], judged=[[False, True]]))
    assert brier(forecasts)[12] == 0.25


def test_reliability_bins_hold_what_was_stated_and_what_came() -> None:
    """0.15 and 0.19 in the second of ten steps, one of which came; 1.0 in the last; 0 was not listed."""
    forecasts = Forecasts()
    forecasts.rely(asked([[3.0, NEVER, 5.0, NEVER]], [[0.15, 0.19, 1.0, 0.0]]))
    rows = figures(forecasts)["reliability"]
    assert [row["forecast"] for row in rows] == [0, 2, 0, 0, 0, 0, 0, 0, 0, 1]
    assert (rows[1]["stated"], rows[1]["came"]) == (pytest.approx(0.17), 0.5)
    assert (rows[9]["from"], rows[9]["stated"], rows[9]["came"]) == (0.9, 1.0, 1.0)
    assert rows[0]["stated"] is None
    assert figures(forecasts)["unlisted"] == {"forecast": 1, "came": 0}
    forecasts.rely(asked([[3.0]], [[0.0]]))  # it came, and nobody had said so
    assert figures(forecasts)["unlisted"] == {"forecast": 2, "came": 1}


def test_reliability_is_of_the_longest_horizon_heard() -> None:
    """Five hours heard: that of 3 h; half an hour heard: none."""
    within = {1: [[0.11]], 3: [[0.33]], 6: [[0.66]], 12: [[0.99]], 24: [[0.99]]}
    forecasts = Forecasts()
    forecasts.rely(asked([[4.0]], within, heard_h=0.5))
    assert sum(forecasts.forecast) == 0
    forecasts.rely(asked([[4.0]], within, heard_h=5.0))
    assert forecasts.forecast == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert forecasts.came[3] == 0  # it came after four hours, not within three


@pytest.mark.parametrize(
    ("after_h", "counts"),
    [
        (2.0, (1, 0, 0)),
        (1.0, (1, 0, 0)),
        (3.0, (1, 0, 0)),
        (0.9, (0, 1, 0)),
        (3.1, (0, 0, 1)),
        (NEVER, (0, 0, 0)),
    ],
)
def test_an_interval_holds_or_the_ship_comes_before_or_after_it(
    after_h: float, counts: tuple[int, int, int]
) -> None:
    """From 1 h to 3 h, ends included; who does not come at all says nothing of when."""
    forecasts = Forecasts()
    forecasts.hold(asked([[after_h]], [[0.5]], from_h=[[1.0]], until_h=[[3.0]]))
    assert (sum(forecasts.held), sum(forecasts.early), sum(forecasts.late)) == counts


def test_intervals_of_moments_not_followed_for_a_day_are_left_out() -> None:
    """Else only those would count in which she came early. So are assets not forecast and not judged."""
    forecasts = Forecasts()
    one = {"from_h": [[1.0]], "until_h": [[3.0]]}
    forecasts.hold(asked([[2.0]], [[0.5]], heard_h=23.9, **one))
    forecasts.hold(asked([[2.0]], [[0.5]], judged=[[False]], **one))
    forecasts.hold(asked([[2.0]], [[0.5]]))
    forecasts.hold(asked([[25.0]], [[0.5]], heard_h=30.0, **one))  # within a day she does not come
    assert sum(forecasts.held) + sum(forecasts.late) == 0
    forecasts.hold(asked([[2.0]], [[0.5]], heard_h=24.0, **one))
    assert sum(forecasts.held) == 1


def test_intervals_are_counted_by_how_far_ahead_they_begin() -> None:
    """From 2, 3, 11.9 and 20 h on: up to 3, up to 6, up to 12 and up to 24 hours."""
    forecasts = Forecasts()
    from_h = [[2.0, 3.0, 11.9, 20.0]]
    forecasts.hold(
        asked([[2.5, 3.5, 14.0, 19.0]], [[0.5] * 4], from_h=from_h, until_h=[[3.0, 4.0, 13.0, 24.0]])
    )
    assert (forecasts.held, forecasts.late, forecasts.early) == ([1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1])


def test_intervals_are_given_as_shares_of_all() -> None:
    """Nine held, one early, none late."""
    forecasts = Forecasts(held=[4, 5, 0, 0], early=[0, 0, 0, 1])
    told = figures(forecasts)["intervals"]
    assert [told[name]["share"] for name in ("held", "before", "after")] == [0.9, 0.1, 0.0]


def test_forecasts_of_two_plays_add_up() -> None:
    """Scored apart and added, or scored together: the same figures."""
    plays = [
        asked([[2.0, NEVER]], [[0.8, 0.3]], from_h=[[1.0, 1.0]], until_h=[[3.0, 3.0]]),
        asked([[4.0, 0.2]], [[0.1, 0.6]], from_h=[[1.0, 1.0]], until_h=[[3.0, 3.0]]),
    ]
    together, apart = Forecasts(), Forecasts()
    for play in plays:
        one = Forecasts()
        for forecasts in (together, one):
            forecasts.score(OURS, play)
            forecasts.score(STRAIGHT_LINE, play)
            forecasts.rely(play)
            forecasts.hold(play)
            forecasts.next_hit(NextHit(1, play is plays[0], 2) if play is plays[0] else None)
        apart.add(one)
    assert figures(apart) == figures(together)
    assert must_hold(apart) == must_hold(together)
    assert (len(apart.next_hits), apart.not_asked) == (1, 1)


def worth(ours: float, straight: float) -> Forecasts:
    """Give forecasts in which what came was said with these probabilities."""
    forecasts = Forecasts()
    for who, stated in ((OURS, ours), (STRAIGHT_LINE, straight)):
        forecasts.score(who, asked([[0.5]], [[stated]]))
    return forecasts


def holds(forecasts: Forecasts) -> list[bool]:
    """Give which of the five promises hold."""
    return [promise["holds"] for promise in must_hold(forecasts)]


def test_promises_hold_where_they_are_kept_and_nowhere_else() -> None:
    """Next assets listed and foremost, nine of ten intervals held, better than the straight line."""
    kept = worth(0.9, 0.8)
    kept.held, kept.late = [90, 0, 0, 0], [10, 0, 0, 0]
    for i in range(100):
        place = None if i < 2 else 4 if i < 10 else 3
        kept.next_hit(NextHit(place, i < 90, 12))
    assert holds(kept) == [True, True, True, True, True]
    kept.next_hit(NextHit(None, None, 12))
    assert holds(kept) == [False, False, True, True, True]  # 98 of 101 listed, 90 of 101 foremost
    assert figures(kept)["next"] == {"hits": 101, "not_asked": 0, "listed_mean": 12.0}


@pytest.mark.parametrize(("held", "well"), [(84, False), (85, True), (95, True), (96, False)])
def test_intervals_may_be_neither_too_narrow_nor_too_wide(held: int, well: bool) -> None:
    """From 85 % to 95 %."""
    assert holds(Forecasts(held=[held, 0, 0, 0], early=[100 - held, 0, 0, 0]))[3] == well


def test_no_better_than_the_straight_line_is_no_kept_promise() -> None:
    """The same score at each horizon is not below it; nor is a promise kept of which nothing is known."""
    assert holds(worth(0.8, 0.8))[4] is False
    assert holds(Forecasts()) == [False] * 5


def test_tables_say_it_in_words() -> None:
    """A row a horizon and a step, a dash where nothing is known."""
    scores, reliability, leads = tables(figures(worth(0.9, 0.8)))
    assert leads[3][0] == ["up to 3 h", "0", "0", "0", "-"]
    assert scores[3][0] == ["1 h", "1", "0.010", "0.040"]
    assert reliability[3][0] == ["0% to 10%", "0", "-", "-"]
    assert len(reliability[3]) == 10


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.booleans()), min_size=1, max_size=8),
)
def test_saying_what_one_believes_scores_best(drawn: list[tuple[float, float, bool]]) -> None:
    """Brier's score is proper: over what happens with chance p nobody expects less than by saying p."""
    for p, other, _ in drawn:
        expected = {}
        for said in (p, other):
            forecasts = {came: Forecasts() for came in (True, False)}
            for came, one in forecasts.items():
                one.score(OURS, asked([[0.5 if came else NEVER]], [[said]]))
            scores = {came: brier(one)[12] or 0.0 for came, one in forecasts.items()}
            expected[said] = p * scores[True] + (1 - p) * scores[False]
        assert expected[p] <= expected[other] + 1e-12
