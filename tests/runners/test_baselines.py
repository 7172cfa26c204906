"""The published rules do what their publications say, on ships drawn for and against each."""

from __future__ import annotations

import pytest

from seavigil.runners.baselines import BASELINES, SAID
from tests.cases.judge import cable, judge
from tests.cases.sail import Sail, sail

CABLE = cable((58.8, 20.5), (59.2, 20.5))
RULES = {rule.name: rule for rule in BASELINES}

#: For each rule a ship that it is for, and one it must let pass.
DRAWN = {
    "dma_drift": (
        sail((59.0, 20.6), at_kn=3).drift(3, 90, for_min=30),
        sail((59.0, 20.6), at_kn=3).on(90, for_min=30),
    ),
    "low_speed_near_cable": (
        sail((59.0, 20.49), at_kn=3).on(90, for_min=45),
        sail((59.0, 20.49), at_kn=9).on(90, for_min=45),
    ),
    "anchor_status_moving": (
        sail((59.0, 20.6), at_kn=8, nav_status=1).on(90, for_min=10),
        sail((59.0, 20.6), at_kn=2, nav_status=1).on(90, for_min=10),
    ),
    "slow_proximity": (
        sail((59.0, 20.49), at_kn=2).on(90, for_min=10),
        sail((59.0, 20.60), at_kn=2).on(90, for_min=10),
    ),
}


@pytest.mark.parametrize("name", sorted(RULES))
def test_each_rule_fires_and_lets_pass(name: str) -> None:
    """A baseline that never fires or always fires would be no peer."""

    def found(ship: Sail) -> bool:
        return bool(judge(RULES[name], ship.reports(mmsi=299_000_001), assets=[CABLE]))

    fires, passes = DRAWN[name]
    assert (found(fires), found(passes)) == (True, False)


def test_every_rule_is_named_where_it_comes_from() -> None:
    """The scorecard says of every rule what it is."""
    assert set(SAID) == set(RULES)


@pytest.mark.parametrize(
    ("off_km", "at_kn", "for_min", "fires"),
    [(2.9, 3.0, 45, True), (3.1, 3.0, 45, False), (2.9, 5.2, 45, False), (2.9, 3.0, 25, False)],
)
def test_the_low_speed_rule_is_as_it_says(off_km: float, at_kn: float, for_min: int, fires: bool) -> None:
    """Each figure of "0.3-5 kn for 30 min within 3 km of the cable" counts: a ship beyond any is passed."""
    assert "0.3-5 kn for 30 min within 3 km of the cable" in SAID["low_speed_near_cable"]
    ship = sail((58.95, 20.5), at_kn=at_kn).on(0, for_min=for_min)
    line = cable((58.8, 20.5 + off_km / 57.5), (59.2, 20.5 + off_km / 57.5))  # 57.5 km a degree at 59 N
    rule = RULES["low_speed_near_cable"]
    assert bool(judge(rule, ship.reports(mmsi=299_000_001), assets=[line])) is fires
