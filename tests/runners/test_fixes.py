"""Fixes: where a ship was last heard at a moment and how she went, however the reports came in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from seavigil.records import HOUR_US, MINUTE_US, SECOND_US, Flag, parse_time_us
from seavigil.runners.fixes import Fix, Fixes, key_of, ships_of
from tests.cases.judge import in_order, tracked
from tests.cases.sail import Sail, sail

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
ONE, OTHER = 299_100_001, 299_100_002
A, B = str(ONE), str(OTHER)


def minute(minutes: float) -> int:
    """Give a moment."""
    return BEGIN_US + round(minutes * MINUTE_US)


def going(kn: float = 10.0, course: float = 90.0, every_s: float = 30.0, lat: float = 59.0) -> Sail:
    """Draw a ship for an hour."""
    return sail((lat, 20.0), at_kn=kn, every_s=every_s, start=BEGIN_US).on(course, for_min=60)


def told(*pieces: pa.Table) -> Fixes:
    """Give fixes that took tables one after another."""
    fixes = Fixes()
    for piece in pieces:
        fixes.add(piece)
    return fixes


def one(fixes: Fixes, at_us: int, ship: str = A) -> dict[str, float]:
    """Give the fix of a ship."""
    found = fixes.at([(ship, at_us)])
    return {name: getattr(found, name)[0].item() for name in vars(found)}


def test_where_she_was_last_heard_by_the_moment() -> None:
    """At 10:10 that is the report of 10:00, not the one of 10:30; a report at the moment counts."""
    ship = going()
    fixes = told(tracked(ship.reports(ONE)))
    row = ship.columns()
    for seconds, last in ((610, 600), (630, 630), (629.9, 600)):
        at = row["time_us"].tolist().index(BEGIN_US + last * SECOND_US)
        found = one(fixes, BEGIN_US + round(seconds * SECOND_US))
        assert found["time_us"] == BEGIN_US + last * SECOND_US
        assert (found["lat_deg"], found["lon_deg"]) == (row["lat_deg"][at], row["lon_deg"][at])
    assert (found["sog_kn"], found["cog_deg"]) == pytest.approx((10.0, 90.0), abs=0.2)


def test_before_her_first_report_and_of_a_stranger_nothing_is_known() -> None:
    """NaN everywhere, 0 for the time; others are still answered in the same call."""
    fixes = told(tracked(going().reports(ONE)))
    found = fixes.at([(A, BEGIN_US - 1), (B, minute(30)), (A, minute(30))])
    assert found.time_us.tolist() == [0, 0, minute(30)]
    assert np.isnan(found.lat_deg).tolist() == [True, True, False]
    assert np.isnan(found.sog_kn).tolist() == [True, True, False]
    assert (fixes.last_us(B), fixes.last_us(A)) == (None, minute(60))


def test_what_comes_after_the_moment_changes_nothing() -> None:
    """The recording cut at the moment gives the same fix, whatever she did then."""
    ship = going().on(0, for_min=30, at_kn=20)
    early = tracked(ship.reports(ONE))
    cut = early.filter(pa.array(early["time_us"].cast(pa.int64()).to_numpy() <= minute(60)))
    assert one(told(early), minute(60)) == one(told(cut), minute(60))
    assert one(told(early), minute(60))["sog_kn"] != pytest.approx(20.0)


def test_speed_and_course_are_means_over_three_minutes() -> None:
    """One minute after going from 9 to 12 kn, a report every half minute: three of each."""
    ship = sail((59.0, 20.0), at_kn=9, every_s=30, start=BEGIN_US).on(90, for_min=30)
    ship = ship.on(90, for_min=30, at_kn=12)
    fixes = told(tracked(ship.reports(ONE)))
    # 28:30, 29:00, 29:30 at 9 kn and 30:00, 30:30, 31:00 at 12 kn; the report of 28:00 is three minutes old
    assert one(fixes, minute(31))["sog_kn"] == pytest.approx((3 * 9 + 3 * 12) / 6)
    assert one(fixes, minute(29.9))["sog_kn"] == pytest.approx(9.0)
    assert one(fixes, minute(34))["sog_kn"] == pytest.approx(12.0)


def test_a_mean_course_is_that_of_the_mean_velocity() -> None:
    """Yawing 10 deg to either side of north gives north, not the 180 that an average of numbers would be."""
    ship = sail((59.0, 20.0), at_kn=10, every_s=30, start=BEGIN_US)
    for i in range(60):
        ship = ship.on(350 if i % 2 else 10, for_min=0.5)
    found = one(told(tracked(ship.reports(ONE))), minute(20))
    assert min(found["cog_deg"], 360.0 - found["cog_deg"]) < 1e-6


@pytest.mark.parametrize(("kn", "moves"), [(0.4, False), (0.6, True)])
def test_below_half_a_knot_she_lies_still(kn: float, moves: bool) -> None:
    """Speed 0 and no course; just above it both are told."""
    found = one(told(tracked(going(kn).reports(ONE))), minute(30))
    assert found["sog_kn"] == pytest.approx(kn if moves else 0.0)
    assert np.isfinite(found["cog_deg"]) == moves


def test_who_sends_no_speed_has_none() -> None:
    """A place without speed or course is still a place."""
    reports = tracked(going().reports(ONE))
    for name in ("sog_kn", "cog_deg"):
        at = reports.schema.get_field_index(name)
        none = pa.nulls(reports.num_rows, reports.schema.field(name).type)
        reports = reports.set_column(at, reports.schema.field(name), none)
    found = one(told(reports), minute(30))
    assert np.isfinite(found["lat_deg"])
    assert np.isnan([found["sog_kn"], found["cog_deg"]]).all()


def test_two_ships_under_one_number_are_two() -> None:
    """The second under it is asked for as #2, and is where she is; neither is taken for the other."""
    here, there = going(8.0), going(12.0, 0.0, lat=40.0)
    rows = tracked(here.reports(ONE), there.reports(ONE))
    fixes = told(rows)
    lat = {ship: one(fixes, minute(50), ship)["lat_deg"] for ship in (A, f"{A}#2")}
    assert sorted(lat.values()) == pytest.approx([40.0 + 10 / 60, 59.0], abs=0.02)
    assert fixes.heard(BEGIN_US, minute(50)) == [A, f"{A}#2"]
    assert sorted(np.unique(ships_of(rows)).tolist()) == [key_of(A), key_of(f"{A}#2")]


@pytest.mark.parametrize(
    ("flag", "counts"),
    [
        (Flag.JUMP, False),
        (Flag.LATE, False),
        (Flag.WRONG_CLOCK, False),
        (Flag.NOT_A_SHIP, False),
        (Flag.SHARED_MMSI, True),
        (Flag.SPEED_DISAGREES, True),
    ],
)
def test_rows_that_tell_no_place_are_left_out(flag: Flag, counts: bool) -> None:
    """Those whose flag says that the position cannot be used; other flags leave a row as it is."""
    rows = tracked(going().reports(ONE))
    flags = np.where(np.arange(rows.num_rows) >= 100, int(flag), 0).astype(np.uint32)
    rows = rows.set_column(rows.schema.get_field_index("flags"), rows.schema.field("flags"), pa.array(flags))
    last_us = told(rows).last_us(A)
    assert last_us == (minute(60) if counts else BEGIN_US + 99 * 30 * SECOND_US)


def test_heard_within_is_after_one_moment_and_up_to_another() -> None:
    """Her last report of minute 60 is heard up to 60 and not after it."""
    fixes = told(tracked(going().reports(ONE), going(lat=59.5).on(90, for_min=30).reports(OTHER)))
    assert fixes.heard(minute(59), minute(60)) == [A, B]
    assert fixes.heard(minute(60), minute(90)) == [B]
    assert fixes.heard(minute(90), minute(95)) == []


def mixed() -> pa.Table:
    """Give three ships: often heard, seldom heard, and silent from minute 20 on."""
    silent = sail((59.2, 20.0), at_kn=7, every_s=60, start=BEGIN_US).on(45, for_min=20)
    rows = [going(11.0).noisy(1).reports(ONE), going(6.0, 200.0, 400.0, 59.4).reports(OTHER)]
    return tracked(*rows, silent.reports(299_100_003))


def same(one: Fix, other: Fix) -> None:
    """Demand that both say the same, to the last bit."""
    for name in vars(one):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("pieces", [1, 2, 7, 61])
def test_cut_anywhere_is_the_whole(pieces: int) -> None:
    """Asked as soon as a piece has come of moments within it: what the whole gives at those moments."""
    rows = mixed()
    time_us = rows["time_us"].cast(pa.int64()).to_numpy()
    whole, fixes = told(rows), Fixes()
    ships, begin_us = [A, B, "299100003"], BEGIN_US
    for part in np.array_split(np.unique(time_us), pieces):
        fixes.add(rows.filter(pa.array((time_us >= part[0]) & (time_us <= part[-1]))))
        end_us = int(part[-1])
        for at_us in np.linspace(begin_us, end_us, 5).astype(np.int64).tolist():
            asked: Sequence[tuple[str, int]] = [(ship, at_us) for ship in ships]
            same(fixes.at(asked), whole.at(asked))
        assert fixes.heard(end_us - MINUTE_US, end_us) == whole.heard(end_us - MINUTE_US, end_us)
        begin_us = end_us


def test_pieces_that_nobody_asks_about_are_put_together_too() -> None:
    """Six hundred pieces, more than may wait: the last of each ship is still known, and where."""
    rows = mixed()
    fixes = told(*(rows.slice(i, 1) for i in range(rows.num_rows)))
    assert rows.num_rows > 256 / 2
    same(fixes.at([("299100003", minute(60))]), told(rows).at([("299100003", minute(60))]))


def test_who_was_silent_for_more_than_two_days_is_let_go() -> None:
    """After 49 hours her last report is kept, after 51 it is not: what is kept stays bounded."""
    for hours, kept in ((49, True), (51, False)):
        late = sail((59.0, 25.0), every_s=60, start=BEGIN_US + hours * HOUR_US).on(0, for_min=10)
        fixes = told(tracked(going(every_s=600).reports(ONE)).slice(0, 1))
        fixes.add(tracked(late.reports(OTHER)))
        fixes.at([(B, BEGIN_US + (hours + 1) * HOUR_US)])
        fixes.add(tracked(late.reports(OTHER)).slice(0, 0))
        assert (fixes.last_us(A) is not None) == kept


def test_nothing_heard_yet_is_no_error() -> None:
    """An empty table, then a question."""
    fixes = told(tracked(going().reports(ONE)).slice(0, 0))
    assert one(fixes, BEGIN_US)["time_us"] == 0
    assert fixes.heard(0, BEGIN_US) == []


def test_reports_of_one_moment_are_in_order_of_ships() -> None:
    """Many ships that report at the same moments do not disturb each other."""
    rows = in_order(*(going(8.0 + i, every_s=60, lat=58.0 + 0.1 * i).reports(ONE + i) for i in range(9)))
    fixes = told(tracked(rows))
    found = fixes.at([(str(ONE + i), minute(30)) for i in range(9)])
    assert found.sog_kn == pytest.approx(8.0 + np.arange(9))
