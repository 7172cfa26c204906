"""Survey pattern: lines of one field, and what else goes up and down."""

from __future__ import annotations

import pytest

from seavigil.behaviours.survey_pattern import BEHAVIOUR
from tests.cases.judge import cable, judge
from tests.cases.sail import Sail, sail
from tests.cases.vessels import typed

CABLE = cable((58.8, 20.5), (59.2, 20.5))
METRES_A_MIN_PER_KN = 1852 / 60


def lawn(
    lines: int, *, at_kn: float = 4.5, spacing_m: float = 200.0, line_min: float = 40, lon: float = 20.47
) -> Sail:
    """Draw lines east and west across the meridian of the cable, each a step farther north."""
    ship = sail((59.0, lon), at_kn=at_kn)
    for i in range(lines):
        ship = ship.on(90 if i % 2 == 0 else 270, for_min=line_min)
        ship = ship.on(0, for_min=spacing_m / (at_kn * METRES_A_MIN_PER_KN))
    return ship


@pytest.mark.parametrize(("line_min", "spacing_m"), [(25, 60), (40, 200), (61, 900)])
def test_fires_on_the_fourth_line(line_min: float, spacing_m: float) -> None:
    """Four lines over the cable: told within twenty minutes of the fourth's beginning, with their spacing."""
    ship = lawn(5, line_min=line_min, spacing_m=spacing_m)
    opened, *_ = judge(BEHAVIOUR, ship.reports(), assets=[CABLE])
    observed = {r.code: r.observed for r in opened.reasons}
    assert observed["survey_lines"] == 4
    assert observed["line_spacing"] == pytest.approx(spacing_m, rel=0.1)
    assert observed["survey_speed"] == pytest.approx(4.5, abs=0.2)


def test_noise_of_position_and_course_does_not_hide_it() -> None:
    """With the errors of real sets it is still seen."""
    assert judge(BEHAVIOUR, lawn(6).noisy(seed=3, cog_deg=3).reports(), assets=[CABLE])


def test_near_miss_three_lines() -> None:
    """Up, down and up again is not yet a field."""
    assert not judge(BEHAVIOUR, lawn(3).reports(), assets=[CABLE])


def test_near_miss_a_search_at_speed() -> None:
    """A rescue craft sweeps the same lines at 12 kn."""
    assert not judge(BEHAVIOUR, lawn(8, at_kn=12).reports(), assets=[CABLE])


def test_near_miss_a_field_far_from_the_cable() -> None:
    """The same lawn ten miles west concerns no asset."""
    assert not judge(BEHAVIOUR, lawn(6, lon=20.1).reports(), assets=[CABLE])


def test_near_miss_tows_on_the_same_ground() -> None:
    """A trawler or dredger goes back and forth between two lines: she does not move on."""
    ship = sail((59.0, 20.47), at_kn=4)
    for course, across in ((90, 0), (270, 180), (90, 0), (270, 180), (90, 0), (270, 180)):
        ship = ship.on(course, for_min=40).on(across, for_min=2)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])


def test_near_miss_fishing_with_irregular_turns() -> None:
    """Tows of all lengths on all courses."""
    ship = sail((59.0, 20.47), at_kn=4)
    for course, minutes in ((80, 40), (300, 25), (120, 60), (210, 30), (20, 45), (250, 35), (95, 50)):
        ship = ship.on(course, for_min=minutes)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])


def test_near_miss_a_trawler_that_tows_in_lines() -> None:
    """The same lawn, mown by a ship that says she fishes, is for `trawling_over`."""
    assert not judge(BEHAVIOUR, lawn(6).reports(), assets=[CABLE], vessels=typed(30))


def test_near_miss_a_swing_at_anchor() -> None:
    """To and fro on an arc, slowly."""
    ship = sail((59.0, 20.48), (59.0, 20.4985), at_kn=6).anchor(200, for_min=600, arc_deg=160)
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])


def test_near_miss_an_expanding_square() -> None:
    """A search in squares turns by right angles."""
    ship = sail((59.0, 20.5), at_kn=5)
    for i in range(10):
        ship = ship.on(90 * i % 360, for_min=16 + 4 * (i // 2))
    assert not judge(BEHAVIOUR, ship.reports(), assets=[CABLE])
