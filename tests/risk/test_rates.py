"""Rates: what was counted is the estimate, beyond it a tail, and nothing is ever called impossible."""

from __future__ import annotations

import json
from itertools import pairwise
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.risk.rates import LEARNED, PRIOR, STEP, Rates, count
from seavigil.runners.priors import prior_rates

STRENGTHS = st.lists(st.floats(0, 60), max_size=200)
DAYS = st.floats(0.1, 1e6)


def test_counted_is_expected() -> None:
    """Twenty alerts of strength 5 in 4,000 ship-days are five in 1,000."""
    rates = count([5.0] * 20 + [1.0] * 100, 4_000)
    assert rates.expected_per_1000_ship_days(5.0) == 5.0
    assert rates.expected_per_1000_ship_days(1.0) == 30.0


def test_beyond_what_was_counted_the_tail_is_exponential() -> None:
    """Of alerts with exponential strengths (mean 2; here its quantiles), exp(-s / 2) are stronger than s:
    within a factor of two out to what one in a hundred thousand reaches, ten times beyond the data.
    """
    strengths = -2.0 * np.log((np.arange(10_000) + 0.5) / 10_000)
    rates = count(strengths.tolist(), 10_000)
    for share in (1e-2, 1e-3, 1e-4, 1e-5):
        told = rates.expected_per_1000_ship_days(-2.0 * log(share)) / 1000
        assert share / 2 <= told <= share * 2


def test_a_lone_strongest_alert_is_not_called_rarer_than_it_was() -> None:
    """One alert of strength 50 in 1,000 ship-days happened once in 1,000 ship-days."""
    rates = count([1.0] * 500 + [50.0], 1_000)
    assert rates.expected_per_1000_ship_days(50.0) >= 1.0


def test_nothing_seen_is_not_never() -> None:
    """After n ship-days without an alert half a one is expected: Gamma(1/2), Jeffreys' prior."""
    assert count([], 500).expected_per_1000_ship_days(3.0) == 1.0
    assert count([1.0] * 50, 100).expected_per_1000_ship_days(1e6) > 0


@given(STRENGTHS, DAYS, st.lists(st.floats(0, 100), min_size=2, max_size=10))
def test_stronger_is_never_commoner(strengths: list[float], days: float, asked: list[float]) -> None:
    """The rate falls with strength, is above 0, and never below what was counted."""
    rates = count(strengths, days)
    told = [rates.expected_per_1000_ship_days(s) for s in sorted(asked)]
    assert all(a >= b > 0 for a, b in pairwise(told))
    for strength, rate in zip(sorted(asked), told, strict=True):
        seen = sum(s >= strength for s in strengths)
        assert rate >= 1000 * seen / days * (1 - 1e-9)


@given(STRENGTHS, STRENGTHS, DAYS, DAYS)
def test_histories_add_up(one: list[float], other: list[float], days: float, more: float) -> None:
    """Two histories learned apart are the same as both at once, in either order."""
    apart = count(one, days) + count(other, more)
    assert apart == count(other, more) + count(one, days)
    assert apart.counts == count(one + other, days + more).counts
    assert apart.ship_days == pytest.approx(days + more)


@given(STRENGTHS, DAYS, st.sampled_from([PRIOR, LEARNED]))
def test_written_and_read_is_the_same(strengths: list[float], days: float, normal: str) -> None:
    """What goes into a folder comes out of it, through JSON, whatever else lies beside it."""
    rates = count(strengths, days, normal)
    assert Rates.from_json(json.loads(json.dumps({**rates.as_json(), "made_by": "me"}))) == rates


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"normal": "learned", "ship_days": 0, "step": STEP, "counts": []},
        {"normal": "learned", "ship_days": 1, "step": STEP, "counts": [-1]},
        {"normal": "guessed", "ship_days": 1, "step": STEP, "counts": []},
        {"normal": "learned", "ship_days": 1, "step": 0.1, "counts": []},
        {"normal": "learned", "ship_days": None, "step": STEP, "counts": []},
        {"normal": "learned", "ship_days": 1, "step": STEP, "counts": 3},
    ],
)
def test_broken_rates_are_refused(broken: dict[str, object]) -> None:
    """Counts that cannot be are no ground for a priority."""
    with pytest.raises(ValueError, match=r"rates|must be"):
        Rates.from_json(broken)


def test_invented_and_real_traffic_do_not_mix() -> None:
    """A figure says which it is from; a sum of both could not."""
    with pytest.raises(ValueError, match="do not add up"):
        count([], 1, PRIOR) + count([], 1, LEARNED)


@given(STRENGTHS, DAYS, st.floats(0.01, 100))
def test_the_strength_of_a_rate_is_at_most_that_often(
    strengths: list[float], days: float, rate: float
) -> None:
    """The cut that a budget asks for keeps the budget, wherever the counts reach so far."""
    rates = count(strengths, days)
    cut = rates.strength_at(rate)
    reached = cut < 4 * len(rates.counts) * STEP
    assert not reached or rates.expected_per_1000_ship_days(cut) <= rate
    assert cut == 0 or rates.expected_per_1000_ship_days(cut - STEP) > rate


def test_what_is_shipped_is_invented_and_says_so() -> None:
    """The prior rests on a thousand ship-days at least and is called a prior."""
    prior = prior_rates()
    assert prior.normal == PRIOR
    assert prior.ship_days >= 1_000
    assert prior.expected_per_1000_ship_days(0.0) > prior.expected_per_1000_ship_days(6.0)


def test_the_tail_is_the_one_written_down() -> None:
    """Ten alerts half a step beyond the edge have mean excess half a step: each step is exp(-2)."""
    rates = count([4.0] * 10, 1_000)
    assert rates.expected_per_1000_ship_days(4.0) == 10.0
    assert rates.expected_per_1000_ship_days(4.0 + STEP) == pytest.approx(10 * exp(-2))
