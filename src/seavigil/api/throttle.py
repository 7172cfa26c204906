"""How often somebody may try: sign-ins with growing waits, requests by a bucket that fills again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from threading import Lock

#: So many names and addresses are remembered; of more, those heard longest ago are forgotten (own choice).
_MOST = 10_000
#: The longest wait (own choice): a quarter of an hour; whoever comes from elsewhere waits no minute for it.
MOST_WAIT_S = 900.0
#: So many failures in a row cost no wait: of a name by one address, of an address, behind which many may sit,
#: and of a name wherever from, which many addresses together reach and one alone never does (own choice).
FREE: Mapping[str, int] = {"pair": 5, "address": 15, "user": 100}
#: The longest wait of a name for what others try: who is meant may come in between (own choice).
USER_WAIT_S = 30.0
#: Of a name's failures one is forgotten so often: an address that keeps trying makes four in an hour.
_FORGOTTEN_S = 120.0
#: Providers give a customer this much of IPv6 (RFC 6177): each address of it is the same somebody.
_PREFIX = 64


@dataclass(frozen=True)
class _Tries:
    failed: int = 0
    until_s: float = float("-inf")
    last_s: float = float("-inf")


@dataclass(frozen=True)
class Keys:
    """What a try is counted by: the name (or what stands for it), the address, and both together."""

    user: str
    address: str

    def __iter__(self) -> Iterator[tuple[str, str]]:
        yield "pair", f"{self.address} {self.user}"
        yield "address", self.address
        yield "user", self.user


def behind(address: str) -> str:
    """Give by what an address is counted: one of IPv6 by its network.

    >>> behind("192.0.2.7"), behind("2001:db8:1:2:3::4"), behind("::ffff:192.0.2.7"), behind("unix")
    ('192.0.2.7', '2001:db8:1:2::/64', '192.0.2.7', 'unix')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _PREFIX), strict=False))


class Throttle:
    """Failed sign-ins by name and address; each beyond the first few doubles the wait for the next."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()

    def begin(self, keys: Keys) -> float:
        """Take note of a try; gives the seconds to wait, 0 where it may be made.

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

    def succeeded(self, keys: Keys) -> None:
        """Forget a user's failures by this address; of the address and of the user only this try was none."""
        pair, *others = keys
        with self._lock:
            self._tries.pop(pair, None)
            for key in others:
                tries = self._tries.get(key)
                if tries is not None:
                    self._tries[key] = _Tries(max(tries.failed - 1, 0), last_s=tries.last_s)

    def _count(self, key: tuple[str, str], now_s: float) -> None:
        before = self._tries.pop(key, _Tries())
        failed = 1 + _remembered(key[0], before, now_s)
        beyond = failed - FREE[key[0]]
        most_s = USER_WAIT_S if key[0] == "user" else MOST_WAIT_S
        wait_s = min(most_s, 2.0 ** min(beyond, 20)) if beyond >= 0 else 0.0
        self._tries[key] = _Tries(failed, now_s + wait_s, now_s)
        while len(self._tries) > _MOST:
            self._tries.popitem(last=False)


def _remembered(kind: str, before: _Tries, now_s: float) -> int:
    """Give how many earlier failures still count: those of long ago are forgotten."""
    since_s = now_s - before.last_s
    if since_s > 2 * MOST_WAIT_S:
        return 0
    return max(0, before.failed - int(since_s // _FORGOTTEN_S)) if kind == "user" else before.failed


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


class Refusals:
    """Which refusals of people who are not known are written down, so that nobody fills the trail.

    Of an address the first few, then one a minute; of all together more at once, and then as few (own choice:
    some 1,500 rows a day at the most). The rest is counted, and the count told with the next.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._each, self._all = Buckets(1 / 60, 10, clock), Buckets(1 / 60, 200, clock)
        self._lock = Lock()
        self._left_out = 0

    def left_out(self, address: str) -> int | None:
        """Give how many were left out since the last; None where this one is to be as well."""
        written = not self._each.spend(behind(address)) and not self._all.spend("")
        with self._lock:
            found, self._left_out = self._left_out, 0 if written else self._left_out + 1
        return found if written else None
