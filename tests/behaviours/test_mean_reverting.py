"""The Ornstein-Uhlenbeck test against simulated ships."""

from __future__ import annotations

import numpy as np
import pytest

from seavigil.behaviours.mean_reverting import Way, expected_way, off_by


@pytest.mark.parametrize("lasted_s", [600.0, 3_600.0])
def test_mean_and_spread_are_those_of_simulated_ships(lasted_s: float) -> None:
    """Of 40,000 simulated velocities those that end near a given one have the mean way and spread stated."""
    mean, spread, returns_s, steps, n = 5.0, 0.3, 1_200.0, 200, 40_000
    draw = np.random.default_rng(1)
    dt = lasted_s / steps
    kept = np.exp(-dt / returns_s)
    before = mean + 0.4
    v, way = np.full(n, before), np.zeros(n)
    for _ in range(steps):
        new = mean + (v - mean) * kept + spread * np.sqrt(1 - kept**2) * draw.standard_normal(n)
        way += (v + new) / 2 * dt
        v = new
    after = mean - 0.1
    near = np.abs(v - after) < 0.02
    told = expected_way(
        (before, 0.0),
        (after, 0.0),
        mean_m_s=(mean, 0.0),
        lasted_s=lasted_s,
        spread_m_s=spread,
        returns_in_s=returns_s,
    )
    assert told.east_m == pytest.approx(way[near].mean(), abs=3 * told.sigma_m / np.sqrt(near.sum()) + 2)
    assert told.sigma_m == pytest.approx(way[near].std(), rel=0.07)


def test_off_by_counts_standard_deviations() -> None:
    """Three sigma east is 3; an unknown moment of turning and the errors of fixes take from it."""
    way = Way(10_000.0, 0.0, 200.0)
    assert off_by(way, (10_600.0, 0.0), turn_m_s=0.0, lasted_s=3600.0, position_m=0.0) == pytest.approx(3)
    assert off_by(way, (10_600.0, 0.0), turn_m_s=2.0, lasted_s=3600.0, position_m=500.0) < 0.3
