"""A feed that dies while another goes on: the feed is told, and so is the area that nobody hears any more."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely

from seavigil.alerts import Alert
from seavigil.assets import Assets
from seavigil.assets.model import Asset
from seavigil.records import MINUTE_US, SECOND_US, Decoded
from seavigil.runners.feed_health import FeedHealth
from seavigil.runners.live import Watch
from seavigil.store.rawlog import Kind, Record
from tests.cases.sail import sail
from tests.runners.wire import BEGIN_US

_DIES_US = BEGIN_US + 60 * MINUTE_US
_ENDS_US = BEGIN_US + 95 * MINUTE_US


def fleet(first: int, lat: float, lon: float, feed: str) -> pa.Table:
    """Give six ships a mile apart that sail slowly east, as one feed hears them."""
    ships = [
        sail((lat + 0.015 * i, lon), at_kn=3, every_s=30, start=BEGIN_US)
        .on(90, for_min=95)
        .noisy(seed=first + i)
        for i in range(6)
    ]
    rows = [one.reports(mmsi=265_000_000 + first + i, source=feed) for i, one in enumerate(ships)]
    joined = pa.concat_tables(rows)
    return joined.take(np.argsort(joined["time_us"].cast(pa.int64()).to_numpy(), kind="stable"))


def between(rows: pa.Table, from_us: int, until_us: int) -> pa.Table:
    """Give the reports of a stretch of time."""
    times = rows["time_us"].cast(pa.int64()).to_numpy()
    a, b = np.searchsorted(times, [from_us, until_us])
    return rows.slice(a, b - a)


@pytest.fixture(scope="module")
def told() -> tuple[list[Alert], list[Alert], FeedHealth]:
    """Give the alerts about feeds, those of the watch, and the health, half an hour after one feed died."""
    line = shapely.LineString([(25.05, 59.8), (25.05, 60.0)])
    assets = Assets([Asset("east", "East Link", "power_cable", line, 100.0, "given")])
    health, watch = FeedHealth(assets=assets), Watch(assets)
    feeds = {1: fleet(100, 59.85, 25.0, "coast"), 2: fleet(200, 57.85, 19.0, "sky")}
    seq, of_feeds, of_watch = 0, [], []
    for number in feeds:
        payload = b'{"feed": %d, "name": "feed %d", "url": ""}' % (number, number)
        health.take(Record(seq := seq + 1, Kind.FEED, BEGIN_US, number, 0, payload))
        connected = b'{"state": "connected"}'
        health.take(Record(seq := seq + 1, Kind.STATE, BEGIN_US, number, 0, connected))
    for now_us in range(BEGIN_US + 15 * SECOND_US, _ENDS_US, 15 * SECOND_US):
        for number, rows in feeds.items():
            came = between(rows, now_us - 15 * SECOND_US, now_us)
            if came.num_rows and (number == 2 or now_us <= _DIES_US):
                health.take(Record(seq := seq + 1, Kind.DATA, now_us, number, 1, b"x"))
                health.heard(Decoded(came), now_us, number)
                of_watch += [health.beside(a) for a in watch.take(Decoded(came)).alerts]
        health.take(Record(seq := seq + 1, Kind.TICK, now_us))
        of_feeds += health.alerts()
    return of_feeds, of_watch, health


def test_the_dead_feed_is_told_first_with_what_it_leaves_blind(
    told: tuple[list[Alert], list[Alert], FeedHealth],
) -> None:
    """Within a minute, with the cable that only it hears ships near."""
    (alert,) = told[0]
    assert alert.revised_at_us - _DIES_US <= 60 * SECOND_US
    assert ([a.asset_id for a in alert.assets], alert.priority) == (["east"], "warning")


def test_the_area_is_told_by_the_ships_that_fell_silent(
    told: tuple[list[Alert], list[Alert], FeedHealth],
) -> None:
    """Coverage is lost where the dead feed heard six ships; the statement beside it says who listens."""
    lost = [a for a in told[1] if "coverage_lost" in a.behaviours]
    assert len({a.alert_id for a in lost}) == 1
    assert lost[0].area is not None
    south, north = lost[0].area.south_deg or 0.0, lost[0].area.north_deg or 0.0
    assert south <= 59.9 <= north
    assert lost[0].coverage["feeds"]["alive"] == 1
    assert "from 1 of 2 feeds" in lost[0].coverage["statement"]
    assert told[2].areas_lost == {lost[0].area.area_id}
    assert [asset for asset, _, _ in told[2].blind()] == ["east"]
