"""What is usual for a feed at an hour: learned from the like hours alone, and not known before."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest

from seavigil.normal.feed_rates import FeedRates, hour_of_week
from seavigil.records import DAY_US, HOUR_US, parse_time_us

#: A Monday, 14:00 UTC.
MONDAY = parse_time_us("2026-11-16T14:00:00Z")
WEEK_US = 7 * DAY_US


def learned(*hours: tuple[int, float]) -> FeedRates:
    """Give rates learned from whole hours: when each began, and its reports per second."""
    rates = FeedRates()
    for start_us, per_s in hours:
        assert rates.add(start_us, round(per_s * 3600), 3600.0)
    return rates


@pytest.mark.parametrize("text", ["2026-11-16T00:00Z", "2026-11-22T23:59Z", "1969-12-29T05:00Z"])
def test_hours_of_the_week_are_those_of_the_calendar(text: str) -> None:
    """The standard library's weekday and hour say the same, before 1970 too."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo == UTC
    assert hour_of_week(parse_time_us(text)) == moment.weekday() * 24 + moment.hour


def test_one_hour_is_not_enough() -> None:
    """What was seen once may have been odd: the usual is not known."""
    assert FeedRates().usual(MONDAY) is None
    assert learned((MONDAY, 10.0)).usual(MONDAY + WEEK_US) is None


def test_two_like_hours_are_enough() -> None:
    """The median of two weeks' Mondays at two is told for the third."""
    usual = learned((MONDAY, 10.0), (MONDAY + WEEK_US, 14.0)).usual(MONDAY + 2 * WEEK_US + HOUR_US // 2)
    assert usual is not None
    assert (usual.reports_per_s, usual.hours, usual.of) == (12.0, 2, "hour_of_week")


def test_until_then_the_hour_of_the_day_stands_in() -> None:
    """On the third day of a new feed two hours of that time of day are known, and stand in by name."""
    rates = learned((MONDAY, 10.0), (MONDAY + DAY_US, 20.0))
    usual = rates.usual(MONDAY + 2 * DAY_US)
    assert usual is not None
    assert (usual.reports_per_s, usual.of) == (15.0, "hour_of_day")
    assert rates.usual(MONDAY + 2 * DAY_US + HOUR_US) is None


def test_one_odd_week_does_not_move_the_median() -> None:
    """A storm that doubles one Monday, and one that empties another, leave the usual as it was."""
    weeks = [(MONDAY + n * WEEK_US, per_s) for n, per_s in enumerate((10.0, 0.1, 10.0, 80.0, 10.0))]
    usual = learned(*weeks).usual(MONDAY + 5 * WEEK_US)
    assert usual is not None
    assert usual.reports_per_s == 10.0


def test_an_hour_half_heard_teaches_nothing() -> None:
    """Of a feed dead for half of the hour the rate is not that of the hour; nine tenths are enough."""
    rates = FeedRates()
    assert not rates.add(MONDAY, 100, 1800.0)
    assert rates.add(MONDAY, 100, 3240.0)


def test_memory_is_bounded_and_follows() -> None:
    """After eight weeks at a new rate the old one is forgotten; years cost no more than that."""
    rates = learned(*((MONDAY + n * WEEK_US, 10.0 if n < 100 else 3.0) for n in range(108)))
    usual = rates.usual(MONDAY)
    assert usual is not None
    assert (usual.reports_per_s, usual.hours) == (3.0, 8)
    assert pickle.loads(pickle.dumps(rates)).usual(MONDAY) == usual
