"""Hours in which anybody was heard near an asset, read once for days that are over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely

from seavigil.assets import Asset
from seavigil.geodesy import destination
from seavigil.records import DAY_US, HOUR_US, SECOND_US, Flag
from seavigil.runners.heard_near import HeardNear, around
from seavigil.store.days import DayFiles
from seavigil.store.sightings import Sightings
from tests.store.test_sightings import MIDNIGHT_US, rows

CABLE = Asset("a", "Cable", "power_cable", shapely.from_wkt("LINESTRING (12 55, 12 56)"), 50.0, "given")


def heard(folder: Path, *spots: tuple[float, float, int]) -> HeardNear:
    """Give a store with a ship heard so many hours after midnight, so far east of the cable, flagged."""
    days = DayFiles(folder)
    for n, (hour, east_m, flags) in enumerate(spots, start=1):
        lat, lon = destination(55.5, 12.0, 90.0, east_m)
        given: dict[str, Any] = {"lat_deg": [float(lat)], "lon_deg": [float(lon)], "flags": [flags]}
        days.write("reports", rows([MIDNIGHT_US + round(hour * HOUR_US)], **given), n, n)
    return HeardNear(Sightings(days))


def hours(found: set[int]) -> list[int]:
    """Give them as hours after midnight."""
    return sorted(hour - MIDNIGHT_US // HOUR_US for hour in found)


def test_one_report_within_eleven_kilometres_makes_an_hour_heard(tmp_path: Path) -> None:
    """At 10.9 km it does; at 11.1 km, or with an unsound position, it does not."""
    near = heard(
        tmp_path, (1.5, 10_900.0, 0), (2.5, 11_100.0, 0), (3.5, 100.0, int(Flag.JUMP)), (5.0, 0.0, 0)
    )
    assert hours(near.hours(CABLE, MIDNIGHT_US, MIDNIGHT_US + DAY_US)) == [1, 5]


def test_a_stretch_ends_where_it_is_said_to(tmp_path: Path) -> None:
    """Neither what comes before its first nor after its last moment makes an hour heard."""
    near = heard(tmp_path, (0.9, 0.0, 0), (1.1, 0.0, 0), (2.1, 0.0, 0))
    begin_us = MIDNIGHT_US + HOUR_US
    assert hours(near.hours(CABLE, begin_us, begin_us + HOUR_US)) == [1]


def test_days_that_are_over_are_read_once_and_the_last_each_time(tmp_path: Path) -> None:
    """Over three days asked twice: two whole ones are remembered, with the same answer."""
    near = heard(tmp_path, (1.0, 0.0, 0), (25.0, 0.0, 0), (49.0, 0.0, 0))
    reads: list[int] = []
    read = near._read

    def counted(asset: Asset, from_us: int, to_us: int) -> frozenset[int]:
        reads.append((from_us - MIDNIGHT_US) // DAY_US)
        return read(asset, from_us, to_us)

    near._read = counted  # type: ignore[method-assign]
    first = near.hours(CABLE, MIDNIGHT_US, MIDNIGHT_US + 2 * DAY_US + 2 * HOUR_US)
    assert hours(first) == [1, 25, 49]
    assert near.hours(CABLE, MIDNIGHT_US, MIDNIGHT_US + 2 * DAY_US + 2 * HOUR_US) == first
    assert reads == [0, 1, 2, 2]


def test_a_day_just_over_is_not_remembered_yet(tmp_path: Path) -> None:
    """What is still put in order may come: half an hour after midnight nothing is taken as final."""
    near = heard(tmp_path, (1.0, 0.0, 0))
    near.hours(CABLE, MIDNIGHT_US, MIDNIGHT_US + DAY_US + 1800 * SECOND_US)
    assert not near._days


def test_the_box_around_an_asset_holds_what_is_within_reach() -> None:
    """At 75 N as at the equator: places so far off in eight directions lie in it."""
    for lat in (0.0, 75.0, -60.0):
        box = around(Asset("a", "A", "platform", shapely.Point(10.0, lat), 1.0, "given"), 20_000.0)
        for bearing in range(0, 360, 45):
            at_lat, at_lon = destination(lat, 10.0, bearing, 20_000.0)
            assert box.south_deg <= float(at_lat) <= box.north_deg
            assert box.west_deg <= float(at_lon) <= box.east_deg
