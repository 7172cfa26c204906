"""Depth: the nearest sounding or none, and what a ship's anchor reaches."""

from __future__ import annotations

import numpy as np
import pytest

from seavigil.normal.depth import NO_DEPTH, Depth, anchor_reach_m, chain_m
from seavigil.normal.nearest import Points


def test_the_nearest_sounding_speaks_within_its_reach() -> None:
    """300 m away it does, 700 m away nothing is known, and neither is it without soundings."""
    depth = Depth(Points(np.array([59.0, 59.01]), np.array([24.0, 24.0])), np.array([40.0, 60.0]), 500.0)
    lat = [59.0 + 300 / 111_400, 59.0 - 700 / 111_400, 59.01, np.nan]
    assert depth.at(lat, [24.0] * 4) == pytest.approx([40.0, np.nan, 60.0, np.nan], nan_ok=True)
    assert np.isnan(NO_DEPTH.at([59.0], [24.0])).all()


@pytest.mark.parametrize(
    ("length_m", "low_m", "high_m"),
    [(28, 85, 95), (90, 180, 220), (190, 275, 330), (330, 357, 386)],
)
def test_chain_is_of_the_length_that_class_rules_ask_for(
    length_m: float, low_m: float, high_m: float
) -> None:
    """IACS: 90 m a side at EN 50, 206 at EN 500, 302 at EN 2080 and 385 at EN 6500, of ships so long."""
    assert low_m <= chain_m(length_m) <= high_m


def test_five_shackles_reach_sixty_metres() -> None:
    """A ship of 54 m has a little more than five shackles (137.5 m) a side: she reaches 60 m under way."""
    assert chain_m(54.0) == pytest.approx(151, abs=2)
    assert anchor_reach_m(54.0) * 137.5 / chain_m(54.0) == pytest.approx(60.0)


def test_a_large_ship_reaches_every_cable_of_the_baltic_and_a_yacht_does_not() -> None:
    """229 m (Eagle S) reach the 70 m of the gulf of Finland; a yacht of 15 m does not reach 40."""
    assert anchor_reach_m(229.0, 80) > 70
    assert anchor_reach_m(15.0, 37) < 40


def test_an_unknown_length_has_no_reach() -> None:
    """Length 0 is what AIS sends for "not available"; neither it nor NaN is a length."""
    assert np.isnan(anchor_reach_m([0.0, np.nan])).all()
