"""When ships send and who hears them, against ITU-R M.1371-5."""

from __future__ import annotations

import numpy as np
import pytest

from seavigil.exercises.chance import Chance
from seavigil.exercises.payload import Payload
from seavigil.exercises.radio import Sent, Station, intervals_a_s, intervals_b_s, receive, send_times_s


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
