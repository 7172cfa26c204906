"""One ship's path: stops, gaps with who was heard meanwhile, and what of it lies in the time asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from seavigil.assets import Assets
from seavigil.records import MINUTE_US, Decoded, Flag, parse_time_us
from seavigil.runners import batch
from seavigil.runners.hindcast import Path, asked, gaps, hindcast, stops
from seavigil.track import split
from tests.cases.judge import cable, in_order, tracked
from tests.cases.sail import sail

HERS = 299_000_001
BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
CABLE = Assets([cable((58.9, 20.2), (59.1, 20.2))])


def seen(
    *reports: pa.Table, asks: str = f"{HERS}", since: int | None = None, until: int | None = None
) -> Path:
    """Give the first path through drawn reports, in minutes from the begin."""
    paths = every(*reports, asks=asks, since=since, until=until)
    return paths[0]


def every(
    *reports: pa.Table, asks: str = f"{HERS}", since: int | None = None, until: int | None = None
) -> list[Path]:
    """Give all paths through drawn reports."""

    def read(_source: str) -> Iterator[Decoded]:
        yield Decoded(reports=in_order(*reports))

    from_us, to_us = (None if m is None else BEGIN_US + m * MINUTE_US for m in (since, until))
    return hindcast(batch.Job(["drawn"], CABLE), read, asked(asks, from_us, to_us))[0]


def others(n: int, for_min: float) -> list[pa.Table]:
    """Give ships that lie near and are heard all the time."""
    lie = [sail((59.0 + 0.01 * i, 20.1), every_s=60).stop(for_min=for_min) for i in range(n)]
    return [s.reports(mmsi=299_000_100 + i) for i, s in enumerate(lie)]


def test_a_crossing_a_stop_and_a_gap_are_told_in_one_path() -> None:
    """She goes over the cable, stops for 30 min, is silent for 40 and goes on: one of each."""
    ship = sail((59.0, 20.1), at_kn=10, every_s=30).on(90, for_min=40).stop(for_min=30)
    ship = ship.silent(for_min=40, at_kn=5).on(90, for_min=20)
    path = seen(ship.reports(mmsi=HERS), *others(3, 130))
    assert [c.asset_id for c in path.crossings] == ["cable"]
    assert [(s.ended_us - s.began_us) // MINUTE_US for s in path.stops] == [29]
    (gap,) = path.gaps
    assert round(gap.lasted_s / 60) == 40
    assert gap.others == 3
    assert gap.heard_bins == gap.bins > 5
    assert gap.made_good_m == pytest.approx(5 * 1852 * 40 / 60, rel=0.03)


def test_a_silence_that_nobody_broke_is_not_laid_at_her_door() -> None:
    """Where no other ship was heard meanwhile the gap says so: nobody, in none of the bins."""
    ship = sail((59.0, 20.1), at_kn=10, every_s=30).on(90, for_min=20).silent(for_min=60).on(90, for_min=20)
    far = sail((55.0, 10.0), every_s=60).stop(for_min=100).reports(mmsi=299_000_100)
    (gap,) = seen(ship.reports(mmsi=HERS), far).gaps
    assert (gap.heard_bins, gap.others) == (0, 0)
    assert gap.bins == 12  # heard last at 00:19:30 and again at 01:20: the bins from 00:20 to 01:20


def test_a_ship_not_heard_again_is_silent_to_the_end_of_the_data() -> None:
    """Her last report was at 30 min, the others' at 90: an open gap of an hour."""
    ship = sail((59.0, 20.1), at_kn=10, every_s=30).on(90, for_min=30)
    (gap,) = seen(ship.reports(mmsi=HERS), *others(2, 90)).gaps
    assert gap.ended_us is None
    assert gap.made_good_m is None
    assert 58 <= gap.lasted_s / 60 <= 61


@pytest.mark.parametrize(
    ("every_s", "silent_min", "found"), [(10, 11, 1), (10, 8, 0), (180, 22, 0), (180, 35, 1)]
)
def test_a_gap_is_ten_minutes_and_ten_of_her_intervals(every_s: float, silent_min: float, found: int) -> None:
    """A ship heard every 3 min is not silent after 22; one heard every 10 s is after 11, not after 8."""
    ship = sail((59.0, 20.1), at_kn=10, every_s=every_s).on(90, for_min=60)
    ship = ship.silent(for_min=silent_min).on(90, for_min=30)
    (track,) = split(tracked(ship.reports(mmsi=HERS)))
    assert len(gaps(track, int(track.time_us[-1]))) == found


def test_a_short_stop_and_a_slow_ship_are_no_stop() -> None:
    """Nine minutes are too short, and half a knot and more is way."""
    ship = sail((59.0, 20.1), at_kn=10, every_s=30).on(90, for_min=20).stop(for_min=9)
    ship = ship.on(90, for_min=20, at_kn=0.6)
    (track,) = split(tracked(ship.reports(mmsi=HERS)))
    assert stops(track) == []


def test_one_impossible_speed_does_not_end_a_stop() -> None:
    """A glitch of 102 kn amid an hour at anchor: one stop, not two."""
    (track,) = split(tracked(sail((59.0, 20.1), every_s=60).stop(for_min=60).reports(mmsi=HERS)))
    speed, flags = track.sog_kn.copy(), track.flags.copy()
    speed[30], flags[30] = 102.2, np.uint32(Flag.IMPOSSIBLE_SPEED)
    assert len(stops(replace(track, sog_kn=speed, flags=flags))) == 1


def test_only_what_lies_in_the_time_asked_for_is_shown() -> None:
    """The crossing at about 19 min is shown from 10 to 30, not from 30 on, nor up to 10; history stays."""
    ship = sail((59.0, 20.1), at_kn=10, every_s=30).on(90, for_min=120).reports(mmsi=HERS)
    near = others(2, 120)
    assert len(seen(ship, *near, since=10, until=30).crossings) == 1
    later = seen(ship, *near, since=80)
    assert later.crossings == ()
    assert later.track.time_us[0] >= BEGIN_US + 80 * MINUTE_US
    assert np.isfinite(later.usual_kn).any()
    assert seen(ship, *near, until=10).crossings == ()


def test_nothing_later_than_asked_for_is_looked_at() -> None:
    """Up to a time the path of the recording cut there is the same as that of the whole."""
    ship = sail((59.0, 20.1), at_kn=10, every_s=30).on(90, for_min=40).drift(2, 60, for_min=60)
    whole, near = ship.reports(mmsi=HERS), others(2, 100)
    cut = [
        t.filter(pa.array(t["time_us"].cast(pa.int64()).to_numpy() <= BEGIN_US + 70 * MINUTE_US))
        for t in (whole, *near)
    ]
    assert repr(seen(whole, *near, until=70)) == repr(seen(*cut))


def test_ships_under_one_number_are_told_apart() -> None:
    """Two ships far apart send one MMSI: two paths, and each can be asked for alone."""
    one = sail((59.0, 20.1), at_kn=10, every_s=30).on(90, for_min=120).reports(mmsi=HERS)
    two = sail((55.0, 10.0), at_kn=8, every_s=30).on(0, for_min=120).reports(mmsi=HERS)
    paths = every(one, two)
    assert [p.vessel_id for p in paths] == ["299000001", "299000001#2"]
    assert paths[1].static.name is None
    assert [p.vessel_id for p in every(one, two, asks="299000001#2")] == ["299000001#2"]


@pytest.mark.parametrize(
    ("asks", "since", "until", "why"),
    [
        ("299000009", None, None, "not among the 3 ships heard"),
        ("299000001#2", None, None, "sent by 1, not by 2 ships"),
        ("299000001", 600, None, "lies outside"),
        ("299000001", None, -10, "no report in the data up to"),
        ("299000001", 100, None, "was heard only from"),
    ],
)
def test_a_ship_that_is_not_there_is_one_clear_error(
    asks: str, since: int | None, until: int | None, why: str
) -> None:
    """Not heard, not so many under the number, or not then: each is said."""
    ship = sail((59.0, 20.1), at_kn=10, every_s=30).on(90, for_min=20).stop(for_min=75).reports(mmsi=HERS)
    near = others(2, 200)
    ship = ship.filter(pa.array(ship["time_us"].cast(pa.int64()).to_numpy() < BEGIN_US + 95 * MINUTE_US))
    if since == 100:  # a silence that reaches the time asked for would be shown
        near = others(2, 104)
    with pytest.raises(ValueError, match=why):
        seen(ship, *near, asks=asks, since=since, until=until)


@pytest.mark.parametrize(
    "text", ["", "29900000", "2990000011", "abc", "299000001#0", "299000001#999", "٢٩٩٠٠٠٠٠١"]
)
def test_what_is_no_mmsi_is_refused(text: str) -> None:
    """Nine plain digits, and perhaps which of the ships under them."""
    with pytest.raises(ValueError, match="no MMSI"):
        asked(text)
