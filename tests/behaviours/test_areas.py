"""States of areas: jamming is many ships at once, lost coverage is everybody gone while others are heard."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.behaviours import Surroundings
from seavigil.behaviours.areas import AREA_CATALOGUE, AreaBehaviour
from seavigil.behaviours.coverage_lost import BEHAVIOUR as COVERAGE_LOST
from seavigil.behaviours.gnss_degraded import BEHAVIOUR as GNSS_DEGRADED
from seavigil.events import Event
from seavigil.feeds import recordings
from seavigil.normal.coverage import CoverageLearner
from seavigil.normal.gnss import GnssLearner
from seavigil.records import MINUTE_US, NEVER_US, SECOND_US, join, parse_time_us
from seavigil.tracks import Tracker
from tests.cases.judge import tracked
from tests.cases.sail import sail

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")


def ship(number: int, lat_deg: float, lon_deg: float, minutes: int = 180, every_s: int = 20) -> pa.Table:
    """Give a ship that sails east at 8 kn."""
    drawn = sail((lat_deg, lon_deg), at_kn=8, every_s=every_s, start=BEGIN_US)
    return drawn.on(90, for_min=minutes).noisy(seed=number).reports(mmsi=299_100_000 + number)


def fleet(count: int, lat_deg: float, lon_deg: float, first: int = 0, minutes: int = 180) -> list[pa.Table]:
    """Give ships a mile apart on the same course."""
    return [ship(first + i, lat_deg + 0.015 * i, lon_deg, minutes) for i in range(count)]


def leaping(reports: pa.Table, seed: int, from_min: int, until_min: int) -> pa.Table:
    """Scatter the positions of a time by some 30 km, as a jammed receiver does."""
    draw = np.random.default_rng(seed)
    time_us = reports["time_us"].cast(pa.int64()).to_numpy()
    jammed = (time_us >= BEGIN_US + from_min * MINUTE_US) & (time_us < BEGIN_US + until_min * MINUTE_US)
    for name, spread in (("lat_deg", 0.3), ("lon_deg", 0.5)):
        values = reports[name].to_numpy() + np.where(jammed, draw.normal(0, spread, len(jammed)), 0.0)
        at = reports.schema.get_field_index(name)
        reports = reports.set_column(at, reports.schema.field(name), pa.array(values))
    return reports


def without(reports: pa.Table, from_min: int, until_min: int) -> pa.Table:
    """Leave out what was sent in a time."""
    time_us = reports["time_us"].cast(pa.int64()).to_numpy()
    heard = (time_us < BEGIN_US + from_min * MINUTE_US) | (time_us >= BEGIN_US + until_min * MINUTE_US)
    return reports.filter(pa.array(heard))


class Watched:
    """What a runner does for areas: learn, detect, tell what is new."""

    def __init__(self, behaviour: AreaBehaviour) -> None:
        self.behaviour, self.coverage, self.gnss = behaviour, CoverageLearner(), GnssLearner()
        self.settled_us = self.told_us = NEVER_US

    def take(self, rows: pa.Table) -> list[Event]:
        """Take rows in order of time and give the revisions that became known."""
        if not rows.num_rows:
            return []
        as_of_us = int(rows["time_us"][-1].value)
        self.coverage.add(rows)
        coverage, clock = self.coverage.learned()
        self.gnss.add(rows, coverage)
        surroundings = Surroundings(None, coverage, clock, gnss=self.gnss.learned())
        found = self.behaviour.detect(
            surroundings,
            self.behaviour.params,
            settled_until_us=self.settled_us,
            as_of_us=as_of_us,
        )
        told_us, self.told_us, self.settled_us = self.told_us, as_of_us, found.settled_until_us
        return [event for event in found.events if event.known_at_us > told_us]


def judge(behaviour: AreaBehaviour, *ships: pa.Table) -> list[Event]:
    """Give the event revisions of one whole recording."""
    return Watched(behaviour).take(tracked(*ships))


def minutes(time_us: int | None) -> float:
    """Give minutes since the recording began."""
    assert time_us is not None
    return (time_us - BEGIN_US) / MINUTE_US


def test_five_ships_that_leap_together_are_jamming() -> None:
    """Jammed from 60 to 100 min: known after two bins, over half an hour after the last; the area is told."""
    ships = [leaping(s, i, 60, 100) for i, s in enumerate(fleet(5, 59.8, 25.1))]
    stood, ended = judge(GNSS_DEGRADED, *ships)
    assert (stood.mmsi, stood.vessel_id[:5], stood.others) == (None, "area:", ())
    assert minutes(stood.known_at_us) == pytest.approx(71, abs=1)  # bins 60-65 and 65-70, and the delay
    assert 125 <= minutes(ended.ended_us) <= 130
    assert ended.event_id == stood.event_id
    assert stood.bounds is not None
    assert stood.bounds.south_deg <= 59.83 <= stood.bounds.north_deg
    assert stood.bounds.west_deg <= 25.4 <= stood.bounds.east_deg
    assert {r.code: r.observed for r in stood.reasons} == {"ships_disturbed": 5, "share_disturbed": 1.0}


def test_one_ship_that_leaps_alone_is_not_jamming() -> None:
    """A broken set among four sound ones marks nothing, for however long."""
    first, *others = fleet(5, 59.8, 25.1)
    assert judge(GNSS_DEGRADED, leaping(first, 1, 60, 170), *others) == []


def test_three_of_thirty_that_leap_are_no_jamming() -> None:
    """A share of a tenth is not far more than usual."""
    ships = fleet(30, 59.55, 25.1)
    spoilt = [leaping(s, i, 60, 120) for i, s in enumerate(ships[:3])]
    assert judge(GNSS_DEGRADED, *spoilt, *ships[3:]) == []


def test_degraded_is_known_only_from_when_its_bin_is_visible() -> None:
    """At 65 min nothing is known of the jamming that began at 60, at 67 it is; elsewhere never."""
    rows = tracked(*(leaping(s, i, 60, 100) for i, s in enumerate(fleet(5, 59.8, 25.1))))
    coverage, gnss = CoverageLearner(), GnssLearner()
    coverage.add(rows)
    gnss.add(rows, coverage.learned()[0])
    at_us = BEGIN_US + np.array([65, 67, 100, 160, 67]) * MINUTE_US
    lat = np.array([59.8, 59.8, 59.8, 59.8, 56.0])
    found = gnss.learned().degraded(lat, np.full(5, 25.4), at_us)
    assert found.tolist() == [False, True, True, False, False]


def test_positions_lost_by_all_ships_at_once_are_jamming() -> None:
    """Sets that have lost their position go on sending without one."""
    lost = []
    for one in fleet(4, 59.8, 25.1):
        time_us = one["time_us"].cast(pa.int64()).to_numpy()
        gone = (time_us >= BEGIN_US + 60 * MINUTE_US) & (time_us < BEGIN_US + 90 * MINUTE_US)
        for name in ("lat_deg", "lon_deg"):
            at = one.schema.get_field_index(name)
            values = pa.array(np.where(gone, np.nan, one[name].to_numpy()), from_pandas=True)
            one = one.set_column(at, one.schema.field(name), values)  # noqa: PLW2901
        lost.append(one)
    assert [e.revision for e in judge(GNSS_DEGRADED, *lost)] == [1, 2]


def inaccurate(reports: pa.Table, from_min: int) -> pa.Table:
    """Take the flag "better than 10 m" away from a time on."""
    time_us = reports["time_us"].cast(pa.int64()).to_numpy()
    at = reports.schema.get_field_index("position_accuracy_high")
    high = pa.array(time_us < BEGIN_US + from_min * MINUTE_US)
    return reports.set_column(at, reports.schema.field(at), high)


@pytest.mark.parametrize(("ships", "events"), [(6, [1, 2]), (4, [])])
def test_accuracy_lost_by_all_is_a_weak_sign_and_takes_more_ships(ships: int, events: list[int]) -> None:
    """Six of six ships that lose it together are an event, four are a differential beacon off the air."""
    found = judge(GNSS_DEGRADED, *(inaccurate(s, 40) for s in fleet(ships, 59.55, 25.1, minutes=240)))
    assert [e.revision for e in found] == events


@pytest.mark.parametrize("name", ["uk-solent-20160112-1302.csv.gz", "dk-frio-20140928.nmea.gz"])
def test_real_recordings_have_neither(name: str, shared_data: Path) -> None:
    """A harbour with a glitch and a ship adrift: no jamming, and no reception lost."""
    decoded = join(list(recordings.read(str(shared_data / "ais" / name), received_us=BEGIN_US)))
    rows = Tracker().add(decoded, final=True).reports
    assert [Watched(behaviour).take(rows) for behaviour in (GNSS_DEGRADED, COVERAGE_LOST)] == [[], []]


def test_jamming_over_two_areas_is_one_event_that_grows() -> None:
    """Fleets in neighbouring areas, the eastern one half an hour later: the bounds of the end hold both."""
    west = [leaping(s, i, 60, 120) for i, s in enumerate(fleet(5, 59.6, 25.05))]
    east = [leaping(s, 50 + i, 90, 120) for i, s in enumerate(fleet(5, 59.6, 26.1, first=50))]
    stood, ended = judge(GNSS_DEGRADED, *west, *east)
    assert stood.bounds is not None
    assert ended.bounds is not None
    assert (stood.bounds.west_deg, stood.bounds.east_deg) == (25.0, 26.0)
    assert (ended.bounds.west_deg, ended.bounds.east_deg) == (25.0, 27.0)


def test_an_area_that_falls_silent_at_once_while_others_are_heard() -> None:
    """Six ships gone from 90 to 150 min: known after three bins of nothing, over when heard again."""
    gone = [without(s, 90, 150) for s in fleet(6, 59.55, 25.1)]
    stood, ended = judge(COVERAGE_LOST, *gone, *fleet(4, 57.5, 20.0, first=50))
    assert minutes(stood.known_at_us) == pytest.approx(106, abs=1)
    assert minutes(ended.ended_us) == pytest.approx(150, abs=5)
    assert {r.code: r.observed for r in stood.reasons} == {"ships_fell_silent": 6, "ships_heard_elsewhere": 4}


def test_a_quiet_night_is_no_lost_coverage() -> None:
    """Six ships of one area switch off one after another, 15 minutes apart: there is nobody, not nothing."""
    going = [without(s, 60 + 15 * i, 999) for i, s in enumerate(fleet(6, 59.55, 25.1))]
    assert judge(COVERAGE_LOST, *going, *fleet(4, 57.5, 20.0, first=50)) == []


def test_a_convoy_that_sails_on_is_no_lost_coverage() -> None:
    """Six ships leave the area together and are heard in the next: nobody fell silent."""
    assert judge(COVERAGE_LOST, *fleet(6, 59.55, 25.8, minutes=240), *fleet(4, 57.5, 20.0, first=50)) == []


def test_a_feed_that_falls_silent_is_no_matter_of_an_area() -> None:
    """Nobody is heard anywhere: that is the feed."""
    gone = [without(s, 90, 150) for s in (*fleet(6, 59.55, 25.1), *fleet(4, 57.5, 20.0, first=50))]
    assert judge(COVERAGE_LOST, *gone) == []


scene = [
    *(leaping(s, i, 40, 75) for i, s in enumerate(fleet(4, 59.8, 25.1, minutes=170))),
    *(leaping(s, 20 + i, 60, 100) for i, s in enumerate(fleet(4, 59.6, 26.1, first=20, minutes=170))),
    *(without(s, 70, 130) for s in fleet(6, 58.55, 22.1, first=40, minutes=170)),
    *fleet(4, 57.5, 20.0, first=60, minutes=170),
]
ROWS = tracked(*scene)


@settings(max_examples=15)
@given(st.sampled_from([GNSS_DEGRADED, COVERAGE_LOST]), st.lists(st.floats(0, 1), max_size=12))
def test_cut_anywhere_is_the_whole(behaviour: AreaBehaviour, cuts: list[float]) -> None:
    """Every revision, every field and their order: the same however the rows were cut."""
    edges = sorted({0, ROWS.num_rows, *(int(c * ROWS.num_rows) for c in cuts)})
    watched = Watched(behaviour)
    pieces = [watched.take(ROWS.slice(a, b - a)) for a, b in pairwise(edges)]
    whole = Watched(behaviour).take(ROWS)
    assert whole
    assert sorted(map(repr, (e for p in pieces for e in p))) == sorted(map(repr, whole))


@settings(max_examples=10)
@given(st.sampled_from([GNSS_DEGRADED, COVERAGE_LOST]), st.integers(30, 165))
def test_nothing_looks_ahead(behaviour: AreaBehaviour, until_min: int) -> None:
    """A recording that ends at a time gives just the revisions that the whole gave until then."""
    early = ROWS.filter(
        pa.array(ROWS["time_us"].cast(pa.int64()).to_numpy() <= BEGIN_US + until_min * MINUTE_US)
    )
    last_us = int(early["time_us"][-1].value)
    known = [e for e in Watched(behaviour).take(ROWS) if e.known_at_us <= last_us]
    assert Watched(behaviour).take(early) == known


def test_both_are_in_the_catalogue() -> None:
    """A runner finds them there, each under its own name."""
    assert {"gnss_degraded", "coverage_lost"} <= {b.name for b in AREA_CATALOGUE}


def test_learning_minute_by_minute_is_learning_at_once() -> None:
    """The state, every array of it, does not depend on where the reports were cut."""
    minute = (ROWS["time_us"].cast(pa.int64()).to_numpy() - BEGIN_US) // (60 * SECOND_US)
    edges = [0, *(np.flatnonzero(np.diff(minute)) + 1).tolist(), ROWS.num_rows]
    whole, pieces = Watched(GNSS_DEGRADED), Watched(GNSS_DEGRADED)
    whole.take(ROWS)
    for a, b in pairwise(edges):
        pieces.take(ROWS.slice(a, b - a))
    for name, value in vars(whole.gnss.learned()).items():
        np.testing.assert_array_equal(value, getattr(pieces.gnss.learned(), name), err_msg=name)
