"""Forecasts of a play: asked at every full hour or at each hit, held against what ships then entered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from seavigil.assets.index import AssetIndex
from seavigil.behaviours import Surroundings
from seavigil.exercises.forecast_scoring import OURS, STRAIGHT_LINE, Forecasts, figures
from seavigil.exercises.traffic import Crossing, Inject
from seavigil.records import MINUTE_US, parse_time_us
from seavigil.runners.forecast_plays import STRAIGHT, ForecastPlay, Way
from tests.cases.futures import KN_MS, east_of
from tests.cases.judge import cable, tracked
from tests.cases.sail import Sail, sail

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
ONE, OTHER = 299_100_001, 299_100_002
LAT, LON, NM_M = 59.0, 20.0, 1852.0
CORRIDOR_M = 250.0


def minute(minutes: float) -> int:
    """Give a moment."""
    return BEGIN_US + round(minutes * MINUTE_US)


def index(*miles: float) -> AssetIndex:
    """Give cables along meridians so many miles east of where ships begin."""
    lons = [east_of(LAT, LON, nm * NM_M) for nm in miles]
    return AssetIndex(
        [cable((58.5, lon), (59.5, lon), asset_id=f"at {nm:g}") for lon, nm in zip(lons, miles, strict=True)]
    )


def eastward(hours: float, kn: float = 10.0, lat: float = LAT, every_s: float = 60.0) -> Sail:
    """Draw a ship on course 90."""
    return sail((lat, LON), at_kn=kn, every_s=every_s, start=BEGIN_US).on(90, for_min=60 * hours)


def played(
    known: AssetIndex,
    *reports: pa.Table,
    pieces: int = 1,
    incidents: Sequence[Inject] = (),
    hourly: bool = True,
) -> Forecasts:
    """Give what the forecasts of a play were worth, its reports taken in pieces."""
    rows, play = tracked(*reports), ForecastPlay(known, incidents, hourly=hourly)
    time_us = rows["time_us"].cast(pa.int64()).to_numpy()
    for part in np.array_split(np.unique(time_us), pieces):
        play.add(rows.filter(pa.array((time_us >= part[0]) & (time_us <= part[-1]))), Surroundings(known))
    return play.result()


def test_the_baseline_goes_on_as_she_goes() -> None:
    """One try, and nothing in it that would alter course or speed."""
    shares = ("turns_per_h", "stops_per_h", "leaves_per_h", "speed_share", "lost_share", "regains_share")
    still = (*shares, "yaw_deg", "heeds_share", "wavers_share")
    assert STRAIGHT.tries == 1
    assert {getattr(STRAIGHT, name) for name in still} == {0.0}


def test_a_straight_play_is_known_to_the_straight_line() -> None:
    """Ships that hold course and speed to the end: its Brier score is 0, ours a little more."""
    known = index(15, 37)
    found = played(known, eastward(7).reports(ONE), eastward(7, 7.0, 59.2).reports(OTHER))
    rows = {row["hours"]: row for row in figures(found)["brier"]}
    # asked from the full hour after the first on: of 7 hours, at 1..6 one hour later was heard, at 1..4 three
    assert [rows[h]["moments"] for h in (1, 3, 6, 12, 24)] == [2 * 6, 2 * 4, 2 * 1, 0, 0]
    for hours in (1, 3, 6):
        assert rows[hours]["straight_line"] == pytest.approx(0.0)
        assert 0.0 <= rows[hours]["brier"] < 0.5


def test_a_ship_that_turns_away_costs_the_straight_line_one() -> None:
    """At hour 1 it is sure that she enters within three hours; she turns at 70 min and never does."""
    ship = eastward(70 / 60).on(180, for_min=230, at_kn=10.0)
    found = played(index(25), ship.reports(ONE))
    # asked at 1, 2 and 3, each of which was followed for an hour; three hours followed 1 and 2
    assert found.brier[STRAIGHT_LINE][3].squares == pytest.approx(1.0)
    assert found.brier[STRAIGHT_LINE][3].ships == 2
    assert found.brier[OURS][3].squares < 1.0


@pytest.mark.parametrize("pieces", [2, 7, 40])
@pytest.mark.parametrize("late_min", [0, 30])
def test_the_pieces_of_a_play_do_not_matter(pieces: int, late_min: int) -> None:
    """Nothing is learned here: the figures of the whole, also where it does not begin on a full hour."""
    start_us = BEGIN_US + late_min * MINUTE_US
    ways = ((ONE, 10.0, LAT), (OTHER, 12.0, 59.2))
    reports = [
        sail((lat, LON), at_kn=kn, every_s=60.0, start=start_us).on(90, for_min=300).noisy(i).reports(ship)
        for i, (ship, kn, lat) in enumerate(ways)
    ]
    known = index(15, 30)
    assert figures(played(known, *reports, pieces=pieces)) == figures(played(known, *reports))


def test_who_is_in_the_corridor_at_the_hour_is_not_judged() -> None:
    """At hour 1 she is on the line 10 miles on, ten minutes later away: no forecast of it counts."""
    found = played(index(10), eastward(4).reports(ONE))
    assert sum(found.forecast) == 0
    assert found.brier[STRAIGHT_LINE][1].squares == 0.0
    assert found.brier[STRAIGHT_LINE][1].ships == 3
    near = played(index(11), eastward(4).reports(ONE))  # the near miss: a mile on she is before it
    assert sum(near.forecast) > 0


def test_ships_silent_at_the_hour_are_not_asked_about() -> None:
    """Heard until minute 45, the hour is 15 min later; the other is asked about."""
    both = [eastward(0.75).reports(ONE), eastward(3, lat=59.2).reports(OTHER)]
    found = played(index(15), *both)
    assert found.brier[OURS][1].ships == 2  # the other at 1 and at 2
    late = played(index(15), eastward(55 / 60).reports(ONE), both[1])
    assert late.brier[OURS][1].ships == 3


def test_when_a_corridor_was_entered_is_known_to_the_minute() -> None:
    """250 m before a line 15 miles on at 10 kn: 89.2 min; the report of minute 90 is the first within."""
    way = Way()
    way.add(
        tracked(
            eastward(3).reports(ONE),
            sail((50.0, LON), every_s=60, start=BEGIN_US).on(90, for_min=30).reports(OTHER),
        )
    )
    entered = way.entered(index(15, 99))
    after_s = entered.after_s(minute(60), [str(ONE), str(OTHER)], 2)
    expected_s = (15 * NM_M - CORRIDOR_M) / (10 * KN_MS) - 3600
    assert 0 <= after_s[0, 0] - expected_s <= 60
    assert np.isinf(after_s[0, 1])
    assert np.isinf(after_s[1]).all()
    assert np.isinf(entered.after_s(minute(100), [str(ONE)], 2)).all()  # over it by then: not entered again


def test_a_cable_crossed_between_two_reports_is_entered() -> None:
    """A report every 20 min, none within: the step between went through it. Over four hours: unknown."""
    for every_s, known in ((1200.0, True), (4 * 3600.0, False)):
        way = Way()
        way.add(tracked(eastward(8, every_s=every_s).reports(ONE)))
        found = way.entered(index(15)).after_s(BEGIN_US, [str(ONE)], 1)
        assert np.isfinite(found[0, 0]) == known


HITS = ("at 15", "at 30", "at 45")


def hit(asset: str, minutes: float) -> Crossing:
    """Give a hit."""
    return Crossing(ONE, asset, minute(minutes), LAT, LON, 10.0, heard=True)


def drag(*hits: Crossing, began: float | None = 60.0) -> Inject:
    """Give an incident of a ship that dragged from a minute on."""
    return Inject(
        kind="anchor_drag",
        mmsi=ONE,
        name="DRAWN",
        says="drags",
        began_us=minute(0),
        ended_us=minute(300),
        expects=(),
        assets=HITS,
        crossings=hits,
        drag_began_us=None if began is None else minute(began),
    )


#: When she is over each, in minutes.
REACHES = [nm / 10 * 60 for nm in (15, 30, 45)]


def test_after_each_hit_of_a_drag_the_next_is_asked_for() -> None:
    """Three hits, two next ones: both listed, and both times held, for she goes on as she went."""
    incident = drag(*(hit(name, at) for name, at in zip(HITS, REACHES, strict=True)))
    found = played(index(15, 30, 45), eastward(5.5).reports(ONE), incidents=[incident], hourly=False)
    assert [(hit.place, hit.held) for hit in found.next_hits] == [(1, True), (1, True)]
    assert all(2 <= hit.listed <= 3 for hit in found.next_hits)  # and back over the first, perhaps
    assert found.brier == {}  # nobody else is asked about without ``hourly``


def test_an_asset_hit_next_that_was_not_in_reach_is_missed() -> None:
    """400 miles on is more than a day at 10 kn: not listed. One that is not among the assets asks nothing."""
    ship = eastward(4).reports(ONE)
    far = drag(hit("at 15", 90), hit("at 400", 200))
    found = played(index(15, 400), ship, incidents=[far])
    assert [(hit.place, hit.held) for hit in found.next_hits] == [(None, None)]
    unknown = drag(hit("at 15", 90), hit("nowhere", 200))
    assert played(index(15, 400), ship, incidents=[unknown]).next_hits == []


def test_a_hit_that_cannot_be_asked_about_is_counted() -> None:
    """She is not heard about her first hit: nothing can be asked then, and that is said."""
    silent = sail((LAT, LON), at_kn=10, every_s=60, start=BEGIN_US).on(90, for_min=60).silent(for_min=60)
    ship = silent.on(90, for_min=120).reports(ONE)
    found = played(index(15, 30), ship, incidents=[drag(hit("at 15", 90), hit("at 30", 180))], hourly=False)
    assert (found.next_hits, found.not_asked) == ([], 1)


def test_hits_before_the_drag_and_of_one_asset_alone_ask_nothing() -> None:
    """A crossing before the anchor was down, the same cable twice, and no drag at all: full hours as ever."""
    ship = eastward(4).reports(ONE)
    for incident in (
        drag(hit("at 15", 90), hit("at 30", 180), began=170.0),
        drag(hit("at 15", 90), hit("at 15", 120)),
        drag(hit("at 15", 90), hit("at 30", 180), began=None),
    ):
        found = played(index(15, 30), ship, incidents=[incident])
        assert (found.next_hits, found.not_asked) == ([], 0)
        assert found.brier[OURS][1].ships == 3


def test_an_empty_play_is_worth_nothing() -> None:
    """A ship heard for less than an hour is asked about at no full hour."""
    found = played(index(15), eastward(0.9).reports(ONE))
    assert found.brier == {}
    assert figures(found)["intervals"]["held"]["of"] == 0


def test_moments_lie_an_hour_after_the_first_report() -> None:
    """Begun at half past, the first full hour with an hour heard before it is 02:00."""
    late = sail((LAT, LON), at_kn=10, every_s=60, start=BEGIN_US + 30 * MINUTE_US).on(90, for_min=200)
    found = played(index(15), late.reports(ONE))
    # heard until 03:50: asked at 02:00 and 03:00, an hour heard after the first of them alone
    assert found.brier[OURS][1].ships == 1
