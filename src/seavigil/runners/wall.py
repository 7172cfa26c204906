"""The wall clock as the live watch reads it: it never goes back, and a leap is told, not believed at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from seavigil.records import SECOND_US

#: The two clocks drift apart by far less than this between two looks (own choice).
LEAP_US = 2 * SECOND_US
#: A leap forward is believed once the clock has kept to it for so long (own choice: a clock that is set twice
#: is set within a minute).
BELIEVED_AFTER_US = 60 * SECOND_US


def _wall_us() -> int:
    return time.time_ns() // 1000


def _steady_us() -> int:
    return time.monotonic_ns() // 1000


@dataclass
class WallClock:
    """Gives the time of day; where the system's clock is set, time goes on as it went.

    A clock set forward is followed after a minute; one that is set back is not followed until the
    program starts again or it has caught up: nothing may have come before what came before it.
    """

    wall_us: Callable[[], int] = _wall_us
    steady_us: Callable[[], int] = _steady_us
    #: What is to be told of the clock, in words, not fetched yet.
    told: list[str] = field(default_factory=list)
    _ahead_us: int = 0  # of the steady clock
    _leapt_us: int | None = None  # where the system's clock went, ahead of the steady one
    _since_us: int = 0
    _last_us: int = 0

    def __post_init__(self) -> None:
        self._ahead_us = self.wall_us() - self.steady_us()

    def now_us(self) -> int:
        """Give the time in microseconds UTC; never less than before."""
        steady_us = self.steady_us()
        ahead_us = self.wall_us() - steady_us
        off_us = ahead_us - self._ahead_us
        if abs(off_us) <= LEAP_US:
            if self._leapt_us is None:
                self._ahead_us = ahead_us
            else:
                self._leapt_us = None
                self.told.append("the system's clock is back where it was")
        elif self._leapt_us is None or abs(ahead_us - self._leapt_us) > LEAP_US:
            self._leapt_us, self._since_us = ahead_us, steady_us
            way = "forward" if off_us > 0 else "back"
            self.told.append(f"the system's clock was set {way} by {abs(off_us) / SECOND_US:,.0f} s")
        elif off_us > 0 and steady_us - self._since_us >= BELIEVED_AFTER_US:
            self._ahead_us, self._leapt_us = ahead_us, None
            self.told.append(f"times of receipt leap forward by {off_us / SECOND_US:,.0f} s with the clock")
        self._last_us = max(self._last_us, steady_us + self._ahead_us)
        return self._last_us

    def tell(self) -> list[str]:
        """Give what is to be told since the last call."""
        told, self.told = self.told, []
        return told
