"""What a dragged anchor does, against the equations it follows and against the public record."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.exercises.anchor import (
    SHACKLE_M,
    Drag,
    Hit,
    chain_mm,
    pull_for,
    pulled,
    reach_m,
    shackles_for,
    way_left,
)
from seavigil.exercises.chance import Chance

HOURS_4 = 4 * 3600.0


@given(st.floats(0.0, 50.0))
def test_the_way_left_solves_the_balance_of_power(pull):
    """Constant power against resistance by the square of speed: x**3 + pull * x = 1."""
    (x,) = way_left(np.array([pull]))
    assert x**3 + pull * x == pytest.approx(1.0, abs=1e-9)


@given(st.floats(0.0, 0.95))
def test_pull_and_loss_are_each_other_turned_round(loss):
    """The pull for a loss takes just that loss."""
    assert 1.0 - way_left(np.array([pull_for(loss)]))[0] == pytest.approx(loss, abs=1e-9)


def test_a_pull_by_half_takes_less_than_half():
    """x**3 + x/2 = 1 has the root 0.835 (solved by hand): half the thrust costs a sixth of the way."""
    assert way_left(np.array([0.5]))[0] == pytest.approx(0.835, abs=5e-4)


@pytest.mark.parametrize("sog_kn", [6.0, 10.0, 14.0])
def test_five_shackles_reach_sixty_metres_up_to_fourteen_knots(sog_kn):
    """Being too fast to drag clears nobody where the sea is 60 m deep (a ship of 230 m, 137 m of chain)."""
    assert reach_m(5 * SHACKLE_M, sog_kn, chain_mm(230.0)) >= 60.0


def test_the_anchor_comes_up_with_speed_and_down_with_chain():
    """Faster is shallower, more chain is deeper, and without way it hangs straight down."""
    bar_mm = chain_mm(180.0)
    depths = [reach_m(137.5, kn, bar_mm) for kn in (0.0, 4.0, 9.0, 14.0)]
    assert depths[0] == 137.5
    assert depths == sorted(depths, reverse=True)
    assert shackles_for(90.0, 11.0, bar_mm) > shackles_for(45.0, 11.0, bar_mm) > 1


def test_the_critical_angle_balances_weight_and_drag_across():
    """At 10 kn a chain of 81 mm lies where weight * cos(phi) = drag * sin(phi)**2 (Pode, 1951)."""
    bar_m, speed = 0.081, 10 * 1852 / 3600
    sine = reach_m(1.0, 10.0, 81.0)
    weight = 21_900 * bar_m**2 * (1 - 1.025 / 7.8) * 9.81
    drag = 0.5 * 1025 * 2.6 * bar_m * speed**2
    assert weight * np.sqrt(1 - sine**2) == pytest.approx(drag * sine**2, rel=1e-9)


@pytest.mark.parametrize("mean_loss", [0.0, 0.05, 0.3, 0.45])
@pytest.mark.parametrize("unsteadiness", [0.0, 0.5, 1.0])
def test_the_mean_loss_is_what_was_asked_for(mean_loss, unsteadiness):
    """However unsteady the pull, the mean share of way lost is the drag's."""
    done = pulled(Drag(0.0, HOURS_4, mean_loss, unsteadiness), 10.0, Chance(3), 7)
    assert done.share_lost[:-1].mean() == pytest.approx(mean_loss, abs=2e-3)
    assert done.share_lost[-1] == done.yaw_deg[-1] == 0.0


def test_an_unsteady_drag_is_stop_go_and_a_steady_one_is_not():
    """Unsteadiness 0 gives an even pull; with 0.8 the way lost differs by a third of her speed and more."""
    steady, rough = (
        pulled(Drag(0.0, HOURS_4, 0.4, u), 10.0, Chance(3), 7).share_lost[:-1] for u in (0.0, 0.8)
    )
    assert np.ptp(steady) < 1e-9
    low, high = np.percentile(rough, [5, 95])
    assert high - low > 0.33


def test_a_hit_takes_its_dip_and_lets_go():
    """She is down by the dip, for all her lag, when the anchor comes free (NNPB-2: 11 to 9.5 kn in 5 min)."""
    drag = Drag(0.0, HOURS_4, 0.0, 0.0, speed_tau_s=400.0, hits=(Hit(3600.0, 300.0, 0.136),))
    lost = pulled(drag, 1.0, Chance(1), 1).share_lost
    speed, speeds = 11.0, []
    for share in lost.tolist():
        speed += (11.0 * (1.0 - share) - speed) / 400.0
        speeds.append(speed)
    assert speeds[3599] == pytest.approx(11.0, abs=0.01)
    assert min(speeds) == pytest.approx(9.5, abs=0.03)
    assert np.argmin(speeds) == pytest.approx(3900, abs=2)


def test_the_bow_stands_off_by_a_few_degrees():
    """The bow is held to one side by 1 to 4 degrees on average, to the side that was drawn."""
    for split_deg in (-3.0, 1.5):
        yaw = pulled(Drag(0.0, HOURS_4, 0.2, 0.5, split_deg=split_deg), 10.0, Chance(2), 5).yaw_deg[:-1]
        assert np.median(yaw) == pytest.approx(split_deg, rel=0.25)
        assert np.abs(yaw).max() < 4 * abs(split_deg)


def test_luck_is_her_own():
    """The same key gives the same drag, another key another."""
    drag = Drag(0.0, HOURS_4, 0.2, 0.5)
    one, again, other = (pulled(drag, 10.0, Chance(2), key).share_lost for key in (5, 5, 6))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("wrong", [{"mean_loss": 0.9}, {"mean_loss": -0.1}, {"ended_s": 0.0}])
def test_impossible_drags_are_refused(wrong):
    """A loss beyond what was ever seen, a gain, and a drag that ends before it began."""
    with pytest.raises(ValueError, match=r"way|ends"):
        Drag(**{"began_s": 0.0, "ended_s": 1.0, "mean_loss": 0.1, "unsteadiness": 0.0, **wrong})
