"""How often somebody may try: sign-ins with growing waits, requests by a bucket that fills again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from threading import Lock

#: So many names and addresses are remembered; of more, those heard longest ago are forgotten (own choice).
_MOST = 10_000
#: The longest wait (own choice): a quarter of an hour, so that nobody can lock another out for long.
MOST_WAIT_S = 900.0
#: So many failures in a row cost no wait: of a name, of an address, behind which many may sit (own choice).
FREE: Mapping[str, int] = {"user": 5, "address": 15}


@dataclass(frozen=True)
class _Tries:
    failed: int = 0
    until_s: float = float("-inf")
    last_s: float = float("-inf")


class Throttle:
    """Failed sign-ins by name and by address; each beyond the first few doubles the wait for the next."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()

    def begin(self, *keys: tuple[str, str]) -> float:
        """Take note of a try of each key (kind and value); gives the seconds to wait, 0 where it may be made.

        It counts as failed until `succeeded`: tries made at the same time wait for each other's.
        """
        now_s = self._clock()
        with self._lock:
            wait_s = max(self._tries.get(key, _Tries()).until_s for key in keys) - now_s
            if wait_s > 0:
                return wait_s
            for key in keys:
                self._count(key, now_s)
        return 0.0

    def succeeded(self, user: tuple[str, str], address: tuple[str, str]) -> None:
        """Forget a user's failures; of an address only this try was none."""
        with self._lock:
            self._tries.pop(user, None)
            tries = self._tries.get(address)
            if tries is not None:
                self._tries[address] = _Tries(tries.failed - 1, last_s=tries.last_s)

    def _count(self, key: tuple[str, str], now_s: float) -> None:
        before = self._tries.pop(key, _Tries())
        # what was long ago is forgotten
        failed = 1 if now_s - before.last_s > 2 * MOST_WAIT_S else before.failed + 1
        beyond = failed - FREE[key[0]]
        wait_s = min(MOST_WAIT_S, 2.0 ** min(beyond, 20)) if beyond >= 0 else 0.0
        self._tries[key] = _Tries(failed, now_s + wait_s, now_s)
        while len(self._tries) > _MOST:
            self._tries.popitem(last=False)


class Buckets:
    """So many requests a second by each who asks, more of them after a rest."""

    def __init__(self, per_s: float, burst: int, clock: Callable[[], float]) -> None:
        self._per_s, self._burst, self._clock = per_s, burst, clock
        self._lock = Lock()
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def spend(self, key: Hashable) -> float:
        """Take one request out of the bucket of ``key``; gives the seconds to wait where it is empty."""
        now_s = self._clock()
        with self._lock:
            left, at_s = self._left.pop(key, (float(self._burst), now_s))
            left = min(float(self._burst), left + max(0.0, now_s - at_s) * self._per_s)
            wait_s = 0.0 if left >= 1.0 else (1.0 - left) / self._per_s
            self._left[key] = (left if wait_s else left - 1.0, now_s)
            while len(self._left) > _MOST:
                self._left.popitem(last=False)
        return wait_s
