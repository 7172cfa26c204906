"""When ships send and who hears them, against ITU-R M.1371-5."""

from __future__ import annotations

import numpy as np
import pytest

from seavigil.exercises.chance import Chance
from seavigil.exercises.motion import Berth, move
from seavigil.exercises.payload import Payload
from seavigil.exercises.radio import Sent, Station, intervals_a_s, intervals_b_s, receive, send_times_s
from seavigil.exercises.sets import Faults, Jamming, Sets, Ship


@pytest.mark.parametrize(
    ("sog_kn", "nav_status", "turn_deg_s", "interval_s"),
    [
        (0.0, 1, 0.0, 180.0),
        (3.0, 5, 0.0, 180.0),
        (3.1, 1, 0.0, 10.0),
        (0.0, 0, 0.0, 10.0),
        (14.0, 0, 0.0, 10.0),
        (14.0, 0, 1.0, 10.0 / 3.0),
        (14.1, 0, 0.0, 6.0),
        (23.0, 0, 1.0, 2.0),
        (23.1, 0, 0.0, 2.0),
        (23.1, 0, 1.0, 2.0),
    ],
)
def test_class_a_sends_as_often_as_table_1_says(sog_kn, nav_status, turn_deg_s, interval_s):
    """M.1371-5, annex 1, table 1: by status, speed, and whether the ship is changing course."""
    seconds = np.arange(120)
    interval = intervals_a_s(
        np.full(120, sog_kn), 350.0 + turn_deg_s * seconds % 360, np.full(120, nav_status)
    )
    assert interval[-1] == pytest.approx(interval_s)


def test_a_swing_through_north_is_no_turn():
    """Headings to and fro over 360 degrees by one degree do not count as changing course."""
    heading = np.where(np.arange(120) % 2, 359.5, 0.5)
    assert (intervals_a_s(np.full(120, 10.0), heading, np.zeros(120, dtype=int)) == 10.0).all()


def test_class_b_sends_as_often_as_table_2_says():
    """M.1371-5, annex 1, table 2: carrier-sense class B every 3 minutes up to 2 kn, else every 30 s."""
    assert intervals_b_s(np.array([0.0, 2.0, 2.1, 30.0])).tolist() == [180.0, 180.0, 30.0, 30.0]


def test_a_ship_that_gets_under_way_soon_sends_faster():
    """The interval may change at any second; the messages before and after keep their own pace."""
    interval = np.concatenate([np.full(1800, 180.0), np.full(1800, 10.0)])
    times = send_times_s(interval, 0.5, Chance(1), 299_000_001)
    assert len(times[times < 1800]) == 10
    assert len(times[times >= 1800]) == pytest.approx(180, abs=1)
    late = np.diff(times[times > 1810])
    assert late.min() >= 8.0
    assert late.max() <= 12.0


def test_loss_grows_with_distance():
    """Nearly every message is heard close by, half of them at the station's range, none far beyond."""
    station = Station("EXERCISE-TEST", 2_990_009, 0.0, 0.0, range_km=50.0, clock_error_s=0.0, delay_s=0.1)
    shares = []
    for lon_deg in (0.05, 50.0 / 111.32, 1.0):
        sent = [Sent(1000.0 + i, Payload("1", 0), 299_000_001, 0.0, lon_deg) for i in range(2000)]
        shares.append(receive(sent, [station], Chance(3)).count(b"\n") / 2000)
    assert shares[0] == pytest.approx(0.985, abs=0.02)
    assert shares[1] == pytest.approx(0.49, abs=0.05)
    assert shares[2] < 0.01


def test_one_more_ship_leaves_the_luck_of_the_others():
    """Chance depends on its keys alone, so numbers drawn together or apart are the same."""
    chance = Chance(5)
    together = chance.uniform(7, np.arange(10))
    assert [float(chance.uniform(7, i)[0]) for i in range(10)] == together.tolist()
    assert Chance(6).uniform(7, np.arange(10)).tolist() != together.tolist()


def test_chance_is_spread_as_it_says():
    """A hundred thousand numbers have the mean and deviation of their distributions."""
    keys = np.arange(100_000)
    uniform, normal = Chance(1).uniform(9, keys), Chance(1).normal(9, keys)
    assert uniform.mean() == pytest.approx(0.5, abs=0.005)
    assert uniform.std() == pytest.approx(12**-0.5, abs=0.005)
    assert normal.mean() == pytest.approx(0.0, abs=0.02)
    assert normal.std() == pytest.approx(1.0, abs=0.02)


def test_chance_is_splitmix64():
    """The numbers are SplitMix64 (Steele, Lea, Flood 2014) chained over the keys, in plain integers."""
    mask = 2**64 - 1
    state = 0
    for key in (1, 2, 3):
        z = ((state ^ key) + 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        state = z ^ (z >> 31)
    assert Chance(1).uniform(2, 3).tolist() == [(state >> 11) / 2**53]


def test_a_receiver_that_is_out_hears_nothing_meanwhile():
    """From 100 s to 200 s of the exercise not one message is heard; before and after nearly all are."""
    station = Station("EXERCISE-TEST", 2_990_009, 0.0, 0.0, 50.0, 0.0, 0.1, silent_s=((100.0, 200.0),))
    sent = [Sent(1000.0 + i, Payload("1", 0), 299_000_001, 0.0, 0.05) for i in range(300)]
    lines = receive(sent, [station], Chance(3), began_s=1000).splitlines()
    clock_s = [int(line.split(b"c:")[1].split(b"*")[0]) - 1000 for line in lines]
    assert not [at for at in clock_s if 100 <= at < 200]
    assert len([at for at in clock_s if at < 100]) > 90
    assert len([at for at in clock_s if at >= 200]) > 90


@pytest.mark.parametrize("step_s", [1, 10])
def test_send_times_do_not_hang_on_the_step(step_s):
    """Ten minutes at 10 s, then ten at 2 s, are 60 and 300 messages, whatever the step of the tracks."""
    count = 600 // step_s
    interval = np.concatenate([np.full(count, 10.0), np.full(count + 1, 2.0)])
    times = send_times_s(interval, 0.5, Chance(1), 299_000_001, step_s)
    assert len(times[times < 600]) == pytest.approx(60, abs=1)
    assert len(times[times >= 600]) == pytest.approx(300, abs=2)
    assert times.max() <= 1200.0


def test_jammed_sets_lose_throw_about_or_carry_away_their_positions():
    """Of many ships in a jammed area some send no position, some poor ones, some all the same false place."""
    ships = [Ship(299_000_001 + i, "EXERCISE", "Q", 70) for i in range(200)]
    track = move([Berth((58.0, -27.0), 0.0)] * 200, 600, 10)
    jamming = Jamming(58.0, -27.0, 20.0, 0.0, 600.0, (58.5, -27.0))
    rows, fix = np.arange(200), np.full(200, 300)
    said = Sets(ships, Chance(1), Faults((jamming,))).measure(track, rows, fix)
    off_km = np.hypot((said.lat_deg - 58.0) * 111.4, (said.lon_deg + 27.0) * 59.1)
    lost, carried = np.isnan(off_km), off_km > 50.0
    poor = (off_km > 0.05) & ~carried
    assert 0.2 < lost.mean() < 0.5
    assert 0.1 < poor.mean() < 0.4
    assert 0.02 < carried.mean() < 0.2
    assert np.ptp(said.lat_deg[carried]) * 111.4 < 2.0
    clean = Sets(ships, Chance(1)).measure(track, rows, fix)
    assert np.hypot((clean.lat_deg - 58.0) * 111_400, (clean.lon_deg + 27.0) * 59_100).max() < 25.0


def test_wild_fixes_are_as_rare_as_asked():
    """One in a hundred asked for: about one in a hundred positions is thrown off, the others are not."""
    track = move([Berth((58.0, -27.0), 0.0)], 20_000, 10)
    fix = np.arange(20_000)
    said = Sets([Ship(299_000_001, "EXERCISE", "Q", 70)], Chance(1), Faults(slip_odds=0.01)).measure(
        track, np.zeros(20_000, dtype=int), fix
    )
    wild = np.abs(said.lat_deg - 58.0) > 0.001
    assert wild.mean() == pytest.approx(0.01, abs=0.003)
