"""A ship's own normal: from before, from under way, and slow to follow."""

from __future__ import annotations

import numpy as np
import pytest

from seavigil.normal.own import LEAST_BINS
from tests.cases.sail import sail
from tests.normal.logs import FIRST, log_of

A = (57.0, 19.0)
HOUR = 12  # bins


def at_sea(kn=12.0, hours=6.0, **more):
    """Draw a steady passage."""
    return sail(A, at_kn=kn, course_deg=30, every_s=30, **more).on(30, for_min=hours * 60)


def test_usual_speed_is_that_under_way_before():
    """After hours at 12 kn, and a stop among them, her usual speed is 12 kn."""
    ship = at_sea(hours=3).stop(for_min=120).keep_on(for_min=60)
    log = log_of(ship).of(FIRST, 0)
    assert log.own_sog_kn[-1] == pytest.approx(12.0, abs=1e-6)
    assert log.own_bins[-1] < len(log) - 2 * HOUR + 1


def test_too_short_a_history_is_no_normal():
    """Until half an hour under way has been followed by another half hour nothing is called usual."""
    log = log_of(at_sea(hours=2)).of(FIRST, 0)
    known = np.isfinite(log.own_sog_kn)
    assert not known[: 2 * LEAST_BINS - 1].any()
    assert known[2 * LEAST_BINS :].all()


@pytest.mark.parametrize("hours", [1.0, 4.0, 8.0])
def test_a_drag_of_hours_does_not_become_usual(hours):
    """Yi Peng 3 went 9.5 and then 5.5 kn for hours (YP3-1): 9.5 stays her normal all the while."""
    log = log_of(at_sea(9.5, 12.0).slow_to(5.5, for_min=hours * 60)).of(FIRST, 0)
    assert log.own_sog_kn[-1] == pytest.approx(9.5, abs=1e-6)


def test_a_new_speed_does_become_usual():
    """A ship that keeps 8 kn for half a day is a ship of 8 kn."""
    log = log_of(at_sea(12.0, 4.0).slow_to(8.0, for_min=13 * 60)).of(FIRST, 0)
    assert log.own_sog_kn[-1] == pytest.approx(8.0, abs=1e-6)


def test_an_even_change_of_speed_is_not_unsteady():
    """Slowing evenly over an hour makes hardly a step; a speed that goes up and down makes large ones."""
    even = log_of(at_sea(12, 2).slow_to(6, for_min=60, over_min=60)).of(FIRST, 0)
    assert np.nanmax(even.step_kn[-HOUR:-1]) < 0.15
    ship = at_sea(12, 2)
    for _ in range(6):
        ship = ship.on(30, for_min=5, at_kn=12).on(30, for_min=5, at_kn=10)
    stop_go = log_of(ship).of(FIRST, 0)
    assert np.nanmedian(stop_go.step_kn[-HOUR:-1]) == pytest.approx(2 / np.sqrt(2), rel=0.1)


def test_a_sudden_step_is_one_row():
    """One order to the engine is one odd bin, not two."""
    log = log_of(at_sea(12, 2).slow_to(8, for_min=60)).of(FIRST, 0)
    assert (log.step_kn > 0.2).sum() <= 1


def test_the_bow_is_compared_on_like_courses():
    """Leeway of 5 degrees on one leg says nothing of the next leg."""
    ship = at_sea(12, 1).drift(12, 30, for_min=120, heading_deg=25)
    assert log_of(ship).of(FIRST, 0).own_bow_off_deg[-1] == pytest.approx(-5, abs=0.3)
    turned = ship.drift(12, 120, for_min=30, heading_deg=120)
    assert np.isnan(log_of(turned).of(FIRST, 0).own_bow_off_deg[-2])


def test_cut_anywhere_is_the_whole():
    """What is usual does not depend on the pieces the reports came in."""
    ships = [at_sea(12, 5).noisy(), at_sea(10, 3).slow_to(7, for_min=90).noisy(seed=2)]
    whole, cut = log_of(*ships), log_of(*ships, pieces=[0.01, 0.2, 0.21, 0.5, 0.77])
    for name in vars(whole).keys() & {f.name for f in whole.__dataclass_fields__.values()}:
        np.testing.assert_array_equal(getattr(whole, name), getattr(cut, name), err_msg=name)
