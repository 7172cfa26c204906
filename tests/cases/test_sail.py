"""The drawer draws what it says, as PROJ measures it."""

from __future__ import annotations

import numpy as np
import pytest

from seavigil.records import MINUTE_US, REPORTS, SECOND_US, Transceiver, parse_time_us
from tests.cases.sail import KN_MS, WGS84, sail, together

A, B = (59.9, 25.6), (59.9, 25.4)


def gone_m(track):
    """Give the distance between neighbouring rows on WGS 84."""
    drawn = track.columns()
    lat, lon = drawn["lat_deg"], drawn["lon_deg"]
    return WGS84.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2]


def test_a_leg_runs_at_its_speed_from_place_to_place():
    """At 12 kn every ten seconds 61.73 m lie between rows, and the leg ends at B after its length."""
    track = sail(A, B, at_kn=12, start="2025-01-01T00:00Z", every_s=10)
    assert gone_m(track) == pytest.approx(12 * KN_MS * 10, abs=1e-6)
    length_m = WGS84.inv(A[1], A[0], B[1], B[0])[2]
    assert track.place == pytest.approx(B, abs=1e-9)
    assert track.end_us - track.start_us == pytest.approx(length_m / (12 * KN_MS) * 1e6, abs=2)
    assert track.columns()["time_us"][:2].tolist() == [
        parse_time_us("2025-01-01T00:00Z"),
        parse_time_us("2025-01-01T00:00:10Z"),
    ]
    assert track.columns()["heading_deg"] == pytest.approx(track.columns()["cog_deg"])


def test_slowing_down_is_sudden_or_even():
    """Without ``over_min`` the speed drops at once; with it the drop is even, and both last ``for_min``."""
    sudden = sail(A, B, at_kn=12).slow_to(6, for_min=20)
    assert set(sudden.columns()["sog_kn"].tolist()) == {12.0, 6.0}
    even = sail(A, B, at_kn=12).slow_to(6, for_min=20, over_min=10)
    assert even.end_us == sudden.end_us
    slowing = even.columns()["sog_kn"][-120:]
    assert slowing[:60] == pytest.approx(np.linspace(slowing[0], slowing[0] - 5.9, 60), abs=1e-9)
    assert slowing[61:] == pytest.approx(6.0)


def test_every_row_moves_as_its_speed_says():
    """Over a whole drawn track no two rows are further apart than the greater SOG allows."""
    track = (
        sail(A, B, at_kn=12, every_s=5)
        .slow_to(4, for_min=15, over_min=5)
        .drift(2.5, 200, for_min=20)
        .circle(400, for_min=30, at_kn=3)
        .anchor(150, for_min=30)
        .on(90, for_min=10, at_kn=8)
        .to(A)
    )
    sog = track.columns()["sog_kn"]
    assert (gone_m(track) <= np.maximum(sog[1:], sog[:-1]) * KN_MS * 5 * 1.001 + 1e-6).all()


def test_a_stopped_ship_lies_still_and_then_goes_on():
    """Stopping takes no way, keeps the bow, and leaves the speed from before to be taken up again."""
    track = sail(A, B, at_kn=12).stop(for_min=10).keep_on(for_min=5)
    drawn = track.columns()
    still = drawn["sog_kn"] == 0.0
    assert still.sum() == 60
    assert np.ptp(drawn["lat_deg"][still]) == 0.0
    assert drawn["sog_kn"][-1] == 12.0


def test_a_drifting_ship_points_elsewhere():
    """The bow lies across the drift unless it is put somewhere, and the course is that of the drift."""
    drawn = sail(A, course_deg=270).drift(2.0, 200, for_min=20).columns()
    assert drawn["cog_deg"] == pytest.approx(200, abs=0.05)
    assert drawn["heading_deg"] == pytest.approx(290)
    put = sail(A).drift(2.0, 200, for_min=20, heading_deg=330).columns()
    assert put["heading_deg"] == pytest.approx(330)


def test_silence_drops_rows_and_not_way():
    """For half an hour there is no row, and the next one is as far on as the speed says."""
    track = sail(A, B, at_kn=12).silent(for_min=30).keep_on(for_min=5)
    gaps = np.diff(track.columns()["time_us"])
    assert sorted(set(gaps.tolist()))[0] == 10 * SECOND_US
    longest = int(gaps.argmax())
    assert 30 * MINUTE_US <= gaps[longest] <= 30 * MINUTE_US + 20 * SECOND_US
    assert gone_m(track)[longest] == pytest.approx(12 * KN_MS * gaps[longest] / 1e6, abs=0.01)


def test_a_ship_at_anchor_swings_on_her_circle():
    """She stays the radius from the anchor, her bow to it, with status 1; later her own status is back."""
    track = sail(A, B, at_kn=6).anchor(120, for_min=60, arc_deg=80)
    drawn = track.columns()
    there = drawn["nav_status"] == 1
    anchor_lon, anchor_lat, _ = WGS84.fwd(B[1], B[0], track.course_deg, 120)
    n = int(there.sum())
    lon, lat = drawn["lon_deg"][there], drawn["lat_deg"][there]
    bow, _, off = WGS84.inv(lon, lat, np.full(n, anchor_lon), np.full(n, anchor_lat))
    assert off == pytest.approx(120, abs=0.01)
    assert np.abs((bow - drawn["heading_deg"][there] + 180) % 360 - 180).max() < 0.01
    assert track.keep_on(for_min=1).columns()["nav_status"][-1] == 0


def test_a_circle_comes_back_to_where_it_began():
    """After one lap she is at the same place on the same course."""
    radius_m, kn = 500.0, 5.0
    lap_min = 2 * np.pi * radius_m / (kn * KN_MS) / 60
    track = sail(A, B, at_kn=5).circle(radius_m, for_min=lap_min)
    assert WGS84.inv(B[1], B[0], track.place[1], track.place[0])[2] < 0.01
    assert track.course_deg == pytest.approx(sail(A, B).course_deg, abs=0.01)


def test_reports_fit_the_contract():
    """The table has the schema of REPORTS, ids differ, and missing is null."""
    table = sail(A, B, at_kn=12).reports(mmsi=299_000_042)
    assert table.schema.equals(REPORTS)
    assert len(set(table["report_id"].to_pylist())) == table.num_rows
    assert set(table["mmsi"].to_pylist()) == {299_000_042}
    bare = sail(A, B).without_heading().reports(transceiver=Transceiver.CLASS_B)
    assert bare["heading_deg"].null_count == bare["nav_status"].null_count == bare.num_rows
    assert set(bare["msg_type"].to_pylist()) == {18}


def test_noise_is_seeded_and_of_its_size():
    """The same seed gives the same errors; their deviation is the one asked for; the times stay."""
    exact = sail(A, at_kn=10).keep_on(for_min=600)
    noisy = exact.noisy(seed=3, position_m=5.0)
    assert noisy.reports().equals(exact.noisy(seed=3, position_m=5.0).reports())
    assert not noisy.reports().equals(exact.noisy(seed=4, position_m=5.0).reports())
    one, other = exact.columns(), noisy.columns()
    off = WGS84.inv(one["lon_deg"], one["lat_deg"], other["lon_deg"], other["lat_deg"])[2]
    assert np.sqrt((off**2).mean() / 2) == pytest.approx(5.0, rel=0.05)
    assert (one["time_us"] == other["time_us"]).all()


def test_ships_put_together_are_in_time_order():
    """Several ships make one table in the order of time."""
    table = together(sail(A, B).reports(1), sail(B, A, start="2025-01-01T00:00:05Z").reports(2))
    times = table["time_us"].cast("int64").to_numpy()
    assert (np.diff(times) >= 0).all()
    assert table["mmsi"][:2].to_pylist() == [1, 2]


def test_nothing_drawn_is_an_error_that_says_so():
    """One place without a verb has no track."""
    with pytest.raises(ValueError, match="nothing drawn yet"):
        sail(A).columns()
