"""Zigzag: hours of to and fro beside an asset, and what only looks like it."""

from __future__ import annotations

import pytest

from seavigil.behaviours.zigzag import BEHAVIOUR
from seavigil.records import parse_time_us
from tests.cases.judge import cable, judge
from tests.cases.sail import Sail, sail

CABLE = cable((58.8, 20.5), (59.2, 20.5))
#: Some 1.2 nautical miles apart, half a mile west of the cable and beyond.
NORTH, SOUTH = (59.01, 20.485), (58.99, 20.47)


def to_and_fro(times: int, at_kn: float = 3.5, off_deg: float = 0.0) -> Sail:
    """Draw a ship that goes up and down beside the cable, ``off_deg`` of longitude farther west."""
    north, south = ((lat, lon - off_deg) for lat, lon in (NORTH, SOUTH))
    return sail(north, *((south, north)[i % 2] for i in range(times)), at_kn=at_kn)


def test_fires_after_three_hours_of_it() -> None:
    """Four hours up and down at 3.5 kn: told once three are full, with time, speed and way made good."""
    opened, *_ = judge(BEHAVIOUR, to_and_fro(12).reports(), assets=[CABLE])
    said = {r.code: r.observed for r in opened.reasons}
    assert 3 * 3600 - 600 <= said["to_and_fro_for"] <= 3 * 3600 + 300
    assert said["to_and_fro_speed"] == pytest.approx(3.5, abs=0.3)
    assert said["made_good_share"] <= 0.25
    assert said["turned_back"] >= 4
    assert opened.detected_at_us - opened.began_us >= (3 * 3600 - 600) * 1_000_000


@pytest.mark.parametrize("late_s", [0, 75, 150, 225])
@pytest.mark.parametrize("leg_min", [10, 13, 15, 16, 20, 27, 35])
def test_turns_count_wherever_the_bins_are_cut(leg_min: float, late_s: int) -> None:
    """Legs of ten to 35 minutes, however they lie to the bins of the log: told."""
    start_us = parse_time_us("2025-01-01T00:00:00Z") + late_s * 1_000_000
    ship = sail(NORTH, at_kn=3.5, start=start_us)
    for i in range(int(300 / leg_min)):
        ship = ship.on((200, 20)[i % 2], for_min=leg_min)
    assert judge(BEHAVIOUR, ship.reports(), assets=[CABLE])


@pytest.mark.parametrize(
    ("ship", "why"),
    [
        (to_and_fro(7), "two hours of it"),
        (to_and_fro(12, off_deg=0.1), "as long, but miles away from the cable"),
        (to_and_fro(30, at_kn=9.0), "at the speed of a passage"),
        (to_and_fro(12).status(7), None),
        (sail((58.9, 20.48), (59.3, 20.48), at_kn=4.5), "a slow passage along the cable"),
        (
            sail((58.96, 20.48), *(((59.03, 20.48), (58.96, 20.48)) * 3), at_kn=4),
            "an hour to each leg",
        ),
        (sail(NORTH, (59.009, 20.485), at_kn=3).drift(1.0, 90.0, for_min=240), "adrift"),
        (sail(NORTH, (59.009, 20.485), at_kn=3).anchor(150, for_min=300), "at anchor"),
    ],
)
def test_near_misses(ship: Sail, why: str | None) -> None:
    """What is shorter, farther off, faster, straight, adrift or held is none; a status clears nobody."""
    assert bool(judge(BEHAVIOUR, ship.reports(), assets=[CABLE])) == (why is None)
