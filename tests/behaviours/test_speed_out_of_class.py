"""Speed out of class: what no hull of her kind does, what nobody did there, and what only looks like it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from seavigil.behaviours.speed_out_of_class import BEHAVIOUR, limit_kn
from seavigil.events import Event
from seavigil.normal.pattern import CLASSES, SPEED_STEPS, Pattern, Tally, cells_around, speed_step
from seavigil.normal.pattern_class import ShipClass
from seavigil.records import VESSELS, parse_time_us, table
from tests.cases.judge import judge
from tests.cases.sail import Sail, sail

BEGIN = "2025-01-01T00:00:00Z"
HOME = (59.525, 24.5)


def says(ship_type: int | None, length_m: float | None = 90.0) -> pa.Table:
    """Give the static data of the drawn ship."""
    columns = {
        "report_id": [1],
        "time_us": [parse_time_us(BEGIN)],
        "mmsi": [299_100_001],
        "ship_type": [ship_type],
        "length_m": [length_m],
    }
    return table(VESSELS, columns, rows=1)


def run(at_kn: float, minutes: float = 40) -> Sail:
    """Draw a ship that keeps a speed, after and before twenty minutes at 8 kn."""
    ship = sail(HOME, at_kn=8, start=BEGIN, every_s=20).on(90, for_min=20)
    return ship.slow_to(at_kn, for_min=minutes).slow_to(8, for_min=20)


def seen(at_kn: float, bins: int = 500, visits: int = 30, kind: ShipClass = ShipClass.CARGO) -> Pattern:
    """Give a pattern in which the class went at one speed all around, with so much in each cell."""
    cell = np.unique(cells_around(np.full(13, 59.525), 24.25 + 0.1 * np.arange(13)))
    key = (cell * CLASSES + kind) * SPEED_STEPS + speed_step(np.array([at_kn]))
    each = np.full(len(cell), bins)
    visited = Tally.of(cell * CLASSES + kind, np.full(len(cell), visits))
    return Pattern(days=30, ship_days=100.0, speeds=Tally.of(key, each), visits=visited)


def codes(event: Event) -> set[str]:
    """Give the codes of an event's reasons."""
    return {r.code for r in event.reasons}


def test_hull_speed_is_the_textbook_s() -> None:
    """A dredger's limit is Froude 0.4: 1.34 kn per root foot of waterline (1 ft is 0.3048 m)."""
    assert limit_kn(33, 60.0) == pytest.approx(1.34 * (60.0 / 0.3048) ** 0.5, rel=0.01)


@pytest.mark.parametrize(
    ("ship_type", "length_m", "sea_speed_kn"),
    [(70, 90, 12), (70, 400, 25), (80, 333, 16), (80, 100, 14), (52, 30, 14), (30, 25, 11), (60, 200, 27)],
)
def test_ordinary_ships_stay_well_below_their_limit(
    ship_type: int, length_m: float, sea_speed_kn: float
) -> None:
    """Usual sea speeds of such ships, with a knot or two of current, are no speed out of class."""
    assert sea_speed_kn + 1.5 < limit_kn(ship_type, length_m)


def test_fires_on_a_coaster_at_thirty_knots() -> None:
    """A 90 m cargo ship does 20 kn at the very most: 30 kn for forty minutes is told within twenty-five."""
    opened, ended = judge(BEHAVIOUR, run(30).reports(), vessels=says(70))
    reasons = {r.code: r for r in opened.reasons}
    assert reasons["speed_limit_of_class"].observed == pytest.approx(30.0, abs=0.5)
    assert reasons["speed_limit_of_class"].expected == pytest.approx(20.2, abs=0.1)
    assert "speed_never_seen_here" not in reasons
    began_us = parse_time_us("2025-01-01T00:20:00Z")
    assert opened.detected_at_us - began_us <= 25 * 60_000_000
    assert ended.ended_us is not None


def test_near_miss_a_fast_coaster() -> None:
    """At 17 kn she is fast for her length, and could be."""
    assert not judge(BEHAVIOUR, run(17).reports(), vessels=says(70))


def test_near_miss_a_spurt_of_ten_minutes() -> None:
    """Two bins of nonsense are a fault of the set, not a voyage."""
    assert not judge(BEHAVIOUR, run(30, minutes=10).reports(), vessels=says(70))


@pytest.mark.parametrize("ship_type", [None, 0, 35, 37, 50, 55])
def test_near_miss_kinds_without_a_limit(ship_type: int | None) -> None:
    """Motor yachts, pilots, warships and ships that say nothing may be that fast."""
    assert not judge(BEHAVIOUR, run(30).reports(), vessels=says(ship_type))


def test_near_miss_a_short_boat_that_says_cargo() -> None:
    """Crew boats of 25 m say cargo and plane at 28 kn."""
    assert not judge(BEHAVIOUR, run(28).reports(), vessels=says(79, 25.0))


def test_fires_on_what_was_never_seen_there() -> None:
    """Where thousands of bins of cargo ships went 9 kn, 17 kn is told, and that it rests on history."""
    opened, _ = judge(BEHAVIOUR, run(17).reports(), vessels=says(70), pattern=seen(9))
    assert codes(opened) == {"out_of_class_for", "speed_never_seen_here", "learned_ship_bins"}
    learned = next(r for r in opened.reasons if r.code == "learned_ship_bins")
    assert learned.observed == 9 * 500


@pytest.mark.parametrize(
    "pattern",
    [seen(14), seen(9, bins=100), seen(9, visits=5), seen(9, kind=ShipClass.TANKER)],
    ids=["others went nearly as fast", "few bins", "few visits", "another class"],
)
def test_near_miss_of_history(pattern: Pattern) -> None:
    """Where ships like her went 14 kn, or hardly any were seen, 17 kn says nothing."""
    assert not judge(BEHAVIOUR, run(17).reports(), vessels=says(70), pattern=pattern)
