"""When sessions and tokens were used last: remembered at once, written down when there is time for it.

That a request can be answered must not hang on a disk that takes this.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

_LOG = logging.getLogger("seavigil.api")
#: So many sessions and tokens are remembered; of more, those used longest ago are forgotten (own choice).
_MOST = 10_000
#: More than this many that wait to be written are not taken (own choice): they are noted at their next use.
_MOST_WAITING = 1_000


class Uses:
    """Notes of use, written by a thread of their own one after another, as far as the store takes them."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._noted: OrderedDict[str, int] = OrderedDict()
        self._waiting: OrderedDict[str, Callable[[], None]] = OrderedDict()
        self._working = False

    def last_us(self, key: str) -> int | None:
        """Give when something was last noted as used, None where that is not remembered."""
        with self._lock:
            return self._noted.get(key)

    def note(self, key: str, used_us: int, write: Callable[[], None]) -> None:
        """Remember a use and have it written by ``write``; waits for nothing and raises nothing."""
        with self._lock:
            self._noted[key] = max(used_us, self._noted.pop(key, used_us))
            while len(self._noted) > _MOST:
                self._noted.popitem(last=False)
            if key not in self._waiting and len(self._waiting) >= _MOST_WAITING:
                return
            self._waiting[key] = write
            if not self._working:
                self._working = True
                threading.Thread(target=self._work, name="uses", daemon=True).start()

    def written(self, within_s: float) -> bool:
        """Wait until nothing waits any more; tells whether that came about."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._working, within_s)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._working = False
                    self._lock.notify_all()
                    return
                _, write = self._waiting.popitem(last=False)
            try:
                write()
            except Exception as fault:  # it is noted again at a later use; no fault of it may end this thread
                _LOG.debug("a use was not noted: %s", fault)
