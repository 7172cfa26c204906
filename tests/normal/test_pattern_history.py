"""Days of history: what they teach, and that they add up."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.normal.coverage import Coverage
from seavigil.normal.log import Log, LogLearner
from seavigil.normal.pattern import NO_PATTERN, cell_of, corner_of
from seavigil.normal.pattern_class import ShipClass, ship_class
from seavigil.normal.pattern_day import own_speed_kn
from seavigil.normal.pattern_history import BIN_US, History, learn, together
from seavigil.records import DAY_US, parse_time_us
from tests.cases.judge import in_order, tracked
from tests.cases.sail import AT_ANCHOR, MOORED, sail

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
NOWHERE = (np.array([40.0]), np.array([-30.0]))


def logged(*reports: pa.Table) -> Log:
    """Give the log of drawn ships, every bin closed."""
    starts = BEGIN_US + np.arange(4 * 288) * BIN_US
    none = np.zeros(0, dtype=np.int64)
    learner = LogLearner(keep_s=4 * 86_400)
    learner.add(tracked(in_order(*reports)), Coverage(starts, starts + BIN_US, none, none, BIN_US))
    return learner.learned()


def of_class(log: Log, kind: ShipClass = ShipClass.CARGO) -> np.ndarray:
    """Give every row the same class."""
    return np.full(len(log), int(kind))


def lane(ships: int = 10, start: str = "2025-01-01T00:00:00Z", at_kn: float = 12.0) -> Log:
    """Give ships that go east along 59.5 N, four hours each, a few minutes apart."""
    drawn = [
        sail((59.525, 24.05 + 0.01 * i), at_kn=at_kn, every_s=60, start=start).on(90, for_min=240)
        for i in range(ships)
    ]
    return logged(*(s.reports(mmsi=299_100_000 + i) for i, s in enumerate(drawn)))


TABLE_53 = {
    "CARGO": (70, 79),
    "TANKER": (80, 89),
    "PASSENGER": (60, 69),
    "HIGH_SPEED": (40, 49),
    "FISHING": (30,),
    "SERVICE": (31, 33, 50, 52, 55),
    "PLEASURE": (36, 37),
    "OTHER": (35, 90),
    "UNKNOWN": (0, None, 120),
}


@pytest.mark.parametrize(("name", "types"), TABLE_53.items())
def test_the_class_is_that_of_the_table_of_types(name: str, types: tuple[int | None, ...]) -> None:
    """ITU-R M.1371-5, table 53, names the kinds."""
    assert {ship_class(t).name for t in types} == {name}


def test_a_cell_has_its_corner_south_west_of_what_lies_in_it() -> None:
    """A position lies within 0.05 deg north and 0.1 deg east of its cell's corner."""
    south, west = corner_of(cell_of(np.array([59.53]), np.array([24.17])))
    assert (round(float(south[0]), 6), round(float(west[0]), 6)) == (59.5, 24.1)


def test_speeds_of_the_class_are_known_on_the_lane_and_of_no_other() -> None:
    """Ten ships at 12 kn: nothing at 10 kn or less, all at 12.4 kn or less; tankers were not seen."""
    log = lane()
    pattern = learn(log, of_class(log)).pattern()
    at = np.full(3, 59.525), np.full(3, 24.5)
    slower = pattern.speed_share_below(*at, ShipClass.CARGO, np.array([10.0, 12.4, 30.0]))
    assert slower.share.tolist() == [0.0, 1.0, 1.0]
    assert slower.rests_on[0] >= 50  # three cells of 3.0 nm each at 1 nm a bin, ten ships
    other = pattern.speed_share_below(*at, ShipClass.TANKER, np.array([10.0, 12.4, 30.0]))
    assert np.isnan(other.share).all()
    assert not other.rests_on.any()


def test_courses_of_the_lane_are_alike_and_against_it_nobody_went() -> None:
    """All went about east; a course 20 deg off is alike, west and no course at all are not."""
    log = lane()
    pattern = learn(log, of_class(log)).pattern()
    shares = pattern.course_share(
        np.full(4, 59.525), np.full(4, 24.5), None, np.array([90.0, 70.0, 270.0, np.nan])
    ).share
    assert shares.tolist() == [1.0, 1.0, 0.0, 0.0]


def test_nothing_learned_answers_that_nothing_is_known() -> None:
    """Shares are NaN and rest on nothing, with no pattern and far from what was learned."""
    log = lane()
    for pattern in (NO_PATTERN, learn(log, of_class(log)).pattern()):
        answers = (
            pattern.speed_share_below(*NOWHERE, ShipClass.CARGO, np.array([10.0])),
            pattern.course_share(*NOWHERE, None, np.array([90.0])),
            pattern.slowdown_usual(*NOWHERE),
            pattern.stop_place(*NOWHERE),
        )
        assert all(np.isnan(a.share[0]) and a.rests_on[0] == 0 for a in answers)
        assert pattern.visited(*NOWHERE).tolist() == [0]
    assert not NO_PATTERN.known


def test_own_speed_stands_for_half_an_hour_after_the_last_way_made() -> None:
    """Two hours at 12 kn, then stopped: her own 12 kn stands over six bins of lying still, then no more."""
    ship = sail((59.5, 24.0), at_kn=12, every_s=60).on(90, for_min=120).stop(for_min=90)
    own = own_speed_kn(logged(ship.reports()))
    assert np.isnan(own[:6]).all()  # a little of her way must be known first
    assert own[18:30] == pytest.approx(12.0)
    assert np.isnan(own[31:]).all()


def test_slowing_to_half_counts_where_it_happened_and_slowing_by_a_tenth_does_not() -> None:
    """Of two ships on one lane one slows to half her speed on the last hour, the other by a tenth."""
    half = sail((59.525, 24.05), at_kn=12, every_s=60).on(90, for_min=120)
    tenth = half.slow_to(10.8, for_min=60)
    half = half.slow_to(6, for_min=60)
    log = logged(half.reports(mmsi=299_100_001), tenth.reports(mmsi=299_100_002))
    pattern = learn(log, of_class(log)).pattern()
    slow = pattern.slowdown_usual(np.array([59.525, 59.525]), np.array([24.96, 24.3]))
    assert slow.share[0] == pytest.approx(0.5, abs=0.2)  # the tenth-slower ship leaves these cells sooner
    assert slow.share[1] == 0.0


def test_a_stop_of_an_hour_is_a_place_to_stop_and_one_of_half_an_hour_is_not() -> None:
    """An anchorage with one ship at anchor, a berth with one moored; a halt of 30 min leaves no place."""
    anchored = sail((59.50, 24.50), every_s=120).stop(for_min=180, nav_status=AT_ANCHOR)
    moored = sail((59.60, 24.50), every_s=120).stop(for_min=180, nav_status=MOORED)
    halted = sail((59.70, 24.50), every_s=60).stop(for_min=30).on(90, for_min=60)
    log = logged(*(s.reports(mmsi=299_100_000 + i) for i, s in enumerate((anchored, moored, halted))))
    found = learn(log, of_class(log)).pattern().stop_place(np.array([59.5, 59.6, 59.7]), np.full(3, 24.5))
    assert found.rests_on.tolist() == [1, 1, 0]
    assert found.share[:2].tolist() == [1.0, 0.0]


def test_reports_once_a_minute_are_an_interval_of_a_minute() -> None:
    """Ships that report every 60 s at midnight have that interval then, and none at noon."""
    log = lane()
    at = np.full(2, 59.525), np.full(2, 24.3)
    interval = learn(log, of_class(log)).pattern().report_interval_s(*at, np.array([0, 12]))
    assert interval.share[0] == pytest.approx(60.0, rel=0.05)
    assert np.isnan(interval.share[1])


def test_days_add_up_in_any_order() -> None:
    """Two days, one after the other either way, are the same as both at once."""
    first, second = lane(), lane(start="2025-01-02T03:00:00Z", at_kn=9)
    both = [learn(log, of_class(log)) for log in (first, second)]
    assert together(both).equals(together(both[::-1]))
    pattern = together(both).pattern()
    assert pattern.days == 2
    assert pattern.ship_days == pytest.approx(20 * 4 / 24, rel=0.03)  # twenty times four hours


def test_what_was_learned_before_adds_nothing() -> None:
    """The same log again, alone or with new rows, counts once."""
    log = lane()
    half = log.rows(log.start_us < BEGIN_US + 2 * 3_600_000_000)
    before = learn(half, of_class(half))
    assert not learn(half, of_class(half), before).reception.height
    rest = learn(log, of_class(log), before)
    assert together([before, rest]).speeds.equals(learn(log, of_class(log)).speeds)
    assert (
        together([before, rest])
        .visits.select("day", "ship", "cell")
        .equals(learn(log, of_class(log)).visits.select("day", "ship", "cell"))
    )


def test_a_class_once_known_stays_known() -> None:
    """Half a day without static data and half a day with: on that day she is a tanker."""
    log = lane(ships=1)
    early = log.start_us < BEGIN_US + 2 * 3_600_000_000
    parts = [
        learn(log.rows(early), of_class(log.rows(early), ShipClass.UNKNOWN)),
        learn(log.rows(~early), of_class(log.rows(~early), ShipClass.TANKER)),
    ]
    assert together(parts).held["ship_class"].to_list() == [int(ShipClass.TANKER)]


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3 * 288 - 1)), max_size=40), st.integers(0, 40))
def test_every_ship_and_bin_counts_once_however_history_is_dealt_out(
    rows: list[tuple[int, int]], cut: int
) -> None:
    """Rows of ships and bins, some repeated, learned in two parts: each ship and bin is one ship-bin."""
    whole = lane(ships=1)
    history = History()
    for part in (rows[:cut], rows[cut:]):
        unique = sorted(set(part))
        at = np.zeros(len(unique), dtype=np.int64)
        log = whole.rows(at)
        ship = np.array([s for s, _ in unique], dtype=np.int64)
        start_us = BEGIN_US + np.array([b for _, b in unique], dtype=np.int64) * BIN_US
        log = Log(**{**vars(log), "ship": ship, "start_us": start_us})
        history = together([history, learn(log, of_class(log), history)])
    assert int(history.reception["ship_bins"].sum()) == len(set(rows))
    assert history.held.height == len({(s, b // 288) for s, b in rows})
    assert DAY_US // BIN_US == 288
