"""Unusual route: her kind never goes there, or nobody that way, and the near misses of both."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from seavigil.behaviours.unusual_route import BEHAVIOUR
from seavigil.events import Event
from seavigil.normal.pattern import CLASSES, COURSE_STEPS, Pattern, Tally, cells_around, sector
from seavigil.normal.pattern_class import ShipClass
from seavigil.records import VESSELS, parse_time_us, table
from tests.cases.judge import judge
from tests.cases.sail import sail

BEGIN = "2025-01-01T00:00:00Z"
CELLS = np.unique(cells_around(np.full(15, 59.525), 24.05 + 0.1 * np.arange(15)))
TANKER, FISHING, CARGO = ShipClass.TANKER, ShipClass.FISHING, ShipClass.CARGO


def says(ship_type: int | None) -> pa.Table:
    """Give the static data of the drawn ship."""
    columns = {
        "report_id": [1],
        "time_us": [parse_time_us(BEGIN)],
        "mmsi": [299_100_001],
        "ship_type": [ship_type],
    }
    return table(VESSELS, columns, rows=1)


def went(
    visits: dict[ShipClass, int], *, course_deg: float | None = None, days: int = 30, elsewhere: int = 5_000
) -> Pattern:
    """Give a pattern with so many visits to each cell by class, and all courses alike if one is given.

    ``elsewhere``: visits of every class far away.
    """
    keys = np.concatenate([CELLS * CLASSES + kind for kind in visits])
    counts = np.repeat(list(visits.values()), len(CELLS))
    courses = Tally.of(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    if course_deg is not None:
        key = (CELLS * CLASSES + CARGO) * COURSE_STEPS + sector(np.array([course_deg]))
        courses = Tally.of(key, np.full(len(CELLS), 600))
    classes = Tally.of(np.arange(9), np.full(9, elsewhere))
    return Pattern(
        days=days, ship_days=1.0, visits=Tally.of(keys, counts), class_visits=classes, courses=courses
    )


def passage(ship_type: int | None, pattern: Pattern | None, *, minutes: float = 90) -> list[Event]:
    """Judge a ship that goes east at 12 kn through the cells."""
    ship = sail((59.525, 24.15), at_kn=12, every_s=30, start=BEGIN).on(90, for_min=minutes)
    more = {} if pattern is None else {"pattern": pattern}
    return judge(BEHAVIOUR, ship.reports(), vessels=says(ship_type), **more)


def test_fires_on_a_tanker_among_the_fishing_fleet() -> None:
    """Of 900 visits around her not one was by a tanker: told, with the share and what it rests on."""
    opened, *_ = passage(80, went({FISHING: 100}))
    reasons = {r.code: r for r in opened.reasons}
    assert reasons["class_share_here"].observed == 0.0
    assert reasons["learned_days"].observed == 30
    assert "course_share_here" not in reasons
    assert opened.detected_at_us - opened.began_us <= 45 * 60_000_000


def test_fires_on_a_cargo_ship_against_the_lane() -> None:
    """Everybody steers west there; she goes east."""
    opened, *_ = passage(70, went({CARGO: 100}, course_deg=270.0))
    assert "course_share_here" in {r.code for r in opened.reasons}


@pytest.mark.parametrize(
    "pattern",
    [
        went({FISHING: 100, TANKER: 2}),
        went({FISHING: 20}),
        went({FISHING: 100}, days=6),
        went({FISHING: 100}, elsewhere=20),
        None,
    ],
    ids=["one visit in fifty", "thin traffic", "six days", "a class never learned", "no history"],
)
def test_near_miss_of_the_fishing_ground(pattern: Pattern | None) -> None:
    """Tankers that come now and then, or too little history: nothing can be called unusual."""
    assert not passage(80, pattern)


@pytest.mark.parametrize(("ship_type", "course_deg"), [(70, 90.0), (70, 75.0), (30, 270.0), (None, 270.0)])
def test_near_miss_of_the_lane(ship_type: int | None, course_deg: float) -> None:
    """With the lane or nearly so; a fishing vessel, and a ship that sends no type, on any course."""
    assert not passage(ship_type, went({CARGO: 100, FISHING: 100}, course_deg=course_deg))


def test_near_miss_a_short_cut() -> None:
    """Twenty minutes there are a cut corner."""
    assert not passage(80, went({FISHING: 100}), minutes=20)
