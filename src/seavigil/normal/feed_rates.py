"""How many reports a feed usually brings at this hour of the week: learned from its own past.

Ferries keep timetables and fishing fleets go out on Mondays, so an hour is compared with the same hour of
the same weekday (UTC); until that was seen twice, with the same hour of whatever day; until that was seen
twice, with nothing: then the usual rate is not known, and is said to be so. Hours in which the feed was
dead, or the watch did not run, teach nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from seavigil.records import HOUR_US

_HOURS_OF_WEEK = 168
#: 1970-01-01 was a Thursday; the week of the slots begins on Monday.
_THURSDAY = 3 * 24


@dataclass(frozen=True)
class FeedRateParams:
    """All own choices: two hours alike are the fewest that can disagree; eight weeks follow the seasons,
    and a receiver that was moved is learned anew in them; an hour that was heard for less than nine tenths
    may have missed its busy part.
    """

    least_hours: int = 2
    keep_weeks: int = 8
    least_share: float = 0.9


@dataclass(frozen=True)
class Usual:
    """Reports per second usual for an hour: median, and the tenth and ninetieth percentile of the hours seen.

    ``of``: ``hour_of_week``, or ``hour_of_day`` while that one is not known.
    """

    reports_per_s: float
    low_per_s: float
    high_per_s: float
    hours: int
    of: str


@dataclass
class FeedRates:
    """The rates of one feed's past hours; bounded: ``keep_weeks`` values for each hour of the week."""

    params: FeedRateParams = field(default_factory=FeedRateParams)
    _past: dict[int, deque[float]] = field(default_factory=dict)

    def add(self, hour_start_us: int, reports: int, heard_s: float) -> bool:
        """Learn one hour: so many reports came in the seconds in which the feed was heard.

        Gives whether it was taken: an hour of which less than ``least_share`` was heard is not.
        """
        if heard_s < self.params.least_share * 3600.0:
            return False
        slot = hour_of_week(hour_start_us)
        past = self._past.setdefault(slot, deque(maxlen=self.params.keep_weeks))
        past.append(reports / heard_s)
        return True

    def usual(self, at_us: int) -> Usual | None:
        """Give what is usual for the hour of a moment, or None where that is not known yet."""
        slot = hour_of_week(at_us)
        same = list(self._past.get(slot, ()))
        if len(same) >= self.params.least_hours:
            return _usual(same, "hour_of_week")
        alike = [rate for s, past in sorted(self._past.items()) if s % 24 == slot % 24 for rate in past]
        return _usual(alike, "hour_of_day") if len(alike) >= self.params.least_hours else None


def hour_of_week(at_us: int) -> int:
    """Give the hour of the week, 0 for Monday from midnight UTC, of a moment.

    >>> hour_of_week(0)  # 1970-01-01, a Thursday
    72
    """
    return (at_us // HOUR_US + _THURSDAY) % _HOURS_OF_WEEK


def _usual(rates: list[float], of: str) -> Usual:
    low, median, high = np.quantile(rates, (0.1, 0.5, 0.9)).tolist()
    return Usual(median, low, high, len(rates), of)
