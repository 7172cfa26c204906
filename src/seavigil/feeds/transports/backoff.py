"""When to try again: the longer it fails, the longer the wait, and never all clients at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: Beyond so many doublings the longest wait has long been reached; keeps the power finite.
_MOST_DOUBLINGS = 32


@dataclass(frozen=True)
class BackoffParams:
    """How long to wait. The scheme is "exponential backoff and full jitter" (AWS Architecture Blog, 2015)."""

    #: The first wait is at most this; own choice: a server that restarts is back within some seconds.
    first_s: float = 1.0
    #: Each further failure may wait so many times longer; the usual doubling.
    factor: float = 2.0
    #: No wait is longer; own choice: whatever happens is noticed within a minute.
    most_s: float = 30.0
    #: A connection that stood so long was a good one, the next failure is a first one again; own choice:
    #: as long as the longest wait, so that one that falls again and again is not asked more often.
    held_s: float = 30.0
    #: Where somebody must mend something first (a certificate, a key) it is tried about so often; own choice.
    refused_s: float = 60.0

    def __post_init__(self) -> None:
        if not (0 < self.first_s <= self.most_s and self.factor >= 1 and self.refused_s > 0):
            raise ValueError("waits must be above 0, factor 1 or more, most_s no less than first_s")


class Backoff:
    """The waits of one connection. Times are given, in seconds of any steady clock; ``chance`` gives 0..1."""

    def __init__(self, params: BackoffParams, chance: Callable[[], float]) -> None:
        self._params = params
        self._chance = chance
        self._failures = 0
        self._since_s: float | None = None

    def connected(self, now_s: float) -> None:
        """Note that the connection stands."""
        self._since_s = now_s

    def failed(self, now_s: float, *, refused: bool = False) -> float:
        """Give how many seconds to wait after it failed: nothing to ``first_s``, then to double that...

        ``refused``: trying soon will not help; between half of ``refused_s`` and all of it.
        """
        since_s, self._since_s = self._since_s, None
        if since_s is not None and now_s - since_s >= self._params.held_s:
            self._failures = 0
        if refused:
            return self._params.refused_s * (1 + self._chance()) / 2
        most_s = self._params.first_s * self._params.factor ** min(self._failures, _MOST_DOUBLINGS)
        self._failures += 1
        return self._chance() * min(most_s, self._params.most_s)
