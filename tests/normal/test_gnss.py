"""The state of satellite navigation: which ships count where, what is usual, and how long it holds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seavigil.normal.coverage import CoverageLearner
from seavigil.normal.gnss import GnssLearner, GnssState, areas_around, bounds_of
from seavigil.normal.gnss_ships import area_of
from seavigil.records import MINUTE_US, Flag, parse_time_us
from tests.cases.judge import tracked
from tests.cases.sail import sail

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")


def learned(rows: pa.Table) -> GnssState:
    """Give what is known at the end of TRACKED rows."""
    coverage, gnss = CoverageLearner(), GnssLearner()
    coverage.add(rows)
    gnss.add(rows, coverage.learned()[0])
    return gnss.learned()


def fleet(count: int, minutes: float = 60) -> pa.Table:
    """Give ships that sail east together in one area, tracked."""
    drawn = [
        sail((59.55 + 0.01 * i, 25.1), at_kn=6, every_s=30, start=BEGIN_US).on(90, for_min=minutes)
        for i in range(count)
    ]
    return tracked(*(s.reports(mmsi=299_100_000 + i) for i, s in enumerate(drawn)))


def flagged(rows: pa.Table, ships: int, flag: Flag, from_min: float = 0, share: float = 1.0) -> pa.Table:
    """Set a flag on rows of the first ships from a time on, on about a share of them."""
    mmsi, time_us = rows["mmsi"].to_numpy(), rows["time_us"].cast(pa.int64()).to_numpy()
    one_in = round(1 / share)
    hit = (mmsi < 299_100_000 + ships) & (time_us >= BEGIN_US + from_min * MINUTE_US)
    hit &= (time_us // (30 * 1_000_000)) % one_in == 0
    flags = np.where(hit, rows["flags"].to_numpy() | np.uint32(flag), rows["flags"].to_numpy())
    at = rows.schema.get_field_index("flags")
    return rows.set_column(at, rows.schema.field(at), pa.array(flags, type=pa.uint32()))


def at_minute(state: GnssState, minute: int, column: str) -> list[int]:
    """Give a column's values in the bin that begins at a minute."""
    return getattr(state, column)[state.start_us == BEGIN_US + minute * MINUTE_US].tolist()


def test_ships_are_counted_once_an_area_and_bin() -> None:
    """Four ships of ten reports a bin each are four; none leaps."""
    state = learned(fleet(4))
    assert at_minute(state, 20, "ships") == [4]
    assert not state.leapt.any()
    assert not state.disturbed.any()


def test_three_disturbed_ships_mark_the_area_and_two_do_not() -> None:
    """Of four ships: three is a state of the area, two may be two broken sets."""
    rows = fleet(4)
    assert at_minute(learned(flagged(rows, 3, Flag.JUMP, 20)), 30, "disturbed") == [True]
    assert at_minute(learned(flagged(rows, 2, Flag.JUMP, 20)), 30, "disturbed") == [False]


def test_one_bad_report_in_a_bin_is_a_bit_error() -> None:
    """One report in ten, one a bin, of every ship: nobody is disturbed."""
    state = learned(flagged(fleet(4), 4, Flag.JUMP, 20, share=0.1))
    assert not state.leapt.any()


def test_ships_stand_for_where_they_were_before_they_leapt() -> None:
    """Positions leapt to far away are no area with ships."""
    rows = flagged(fleet(4), 4, Flag.JUMP, 20)
    lat = np.where(rows["flags"].to_numpy() > 0, 10.0, rows["lat_deg"].to_numpy())
    at = rows.schema.get_field_index("lat_deg")
    state = learned(rows.set_column(at, rows.schema.field(at), pa.array(lat)))
    assert set(state.area.tolist()) == set(area_of(np.array([59.55]), np.array([25.1])).tolist())


def test_a_ship_never_seen_with_a_position_is_nowhere() -> None:
    """A set without a position from the first report on tells of no area."""
    state = learned(flagged(fleet(4), 4, Flag.NO_POSITION))
    assert len(state.area) == 0


def test_what_is_usual_in_a_feed_is_not_jamming() -> None:
    """Where half of all ships leap all the time, that is the feed: after an hour it marks nothing."""
    state = learned(flagged(fleet(8, minutes=120), 4, Flag.JUMP, share=0.5))
    assert at_minute(state, 90, "usual") == [0.5]
    assert at_minute(state, 90, "disturbed") == [False]


def test_it_holds_for_half_an_hour_after_the_last_disturbed_bin() -> None:
    """Disturbed to minute 40 (bin 35 the last): degraded while that bin is one of the last six visible."""
    whole = flagged(fleet(4, minutes=120), 4, Flag.JUMP, 20)
    later = fleet(4, minutes=120)
    time_us = whole["time_us"].cast(pa.int64()).to_numpy()
    over = pa.array(time_us >= BEGIN_US + 40 * MINUTE_US)
    flags = pa.array(np.where(over, later["flags"].to_numpy(), whole["flags"].to_numpy()), type=pa.uint32())
    at = whole.schema.get_field_index("flags")
    state = learned(whole.set_column(at, whole.schema.field(at), flags))
    minute = np.array([25, 26.5, 45, 70.5, 71.5])
    found = state.degraded(
        np.full(5, 59.55), np.full(5, 25.2), BEGIN_US + (minute * MINUTE_US).astype(np.int64)
    )
    assert found.tolist() == [False, True, True, True, False]
    assert not state.degraded([np.nan], [25.2], BEGIN_US + 45 * MINUTE_US).any()


def test_ships_that_fall_silent_are_counted_where_they_were() -> None:
    """Three ships of six heard no more from minute 30 on: from the third bin of silence on they count."""
    rows = fleet(6, minutes=90)
    mmsi, time_us = rows["mmsi"].to_numpy(), rows["time_us"].cast(pa.int64()).to_numpy()
    rows = rows.filter(pa.array((mmsi >= 299_100_003) | (time_us < BEGIN_US + 30 * MINUTE_US)))
    state = learned(rows)
    silent = {m: at_minute(state, m, "silent") for m in (35, 40, 65, 70)}
    assert silent == {35: [0], 40: [3], 65: [3], 70: [0]}  # last heard in bin 25; counted for six bins


@given(st.floats(-90, 90), st.floats(-180, 180, exclude_max=True))
@example(0.0, 179.99999999999997)
def test_a_position_lies_within_the_outline_of_its_area(lat: float, lon: float) -> None:
    """Whatever the position; and an area is among those around itself."""
    area = area_of(np.array([lat]), np.array([lon]))
    bounds = bounds_of(int(area[0]))
    assert bounds.south_deg - 1e-9 <= lat <= bounds.north_deg
    assert bounds.west_deg - 1e-9 <= lon <= bounds.east_deg
    assert area[0] in areas_around(area)


@pytest.mark.parametrize(("west", "east"), [(-180.0, 179.5), (-0.5, 0.5)])
def test_areas_touch_across_the_antimeridian(west: float, east: float) -> None:
    """179.5 east and 180 west are neighbours, as are both sides of Greenwich."""
    one, other = area_of(np.array([59.0, 59.0]), np.array([west, east])).tolist()
    assert other in areas_around(np.array([one])).ravel().tolist()
