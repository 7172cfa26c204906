"""What all transports that reconnect have in common: try, tell once, wait, try again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from seavigil.feeds.transports.backoff import Backoff, BackoffParams
from seavigil.feeds.transports.contract import FeedState, Sink


class Trouble(Exception):
    """The connection failed or fell; the message tells the person who can mend it what to look at.

    ``refused``: the other side, or this machine, wants something changed first.
    """

    def __init__(self, says: str, *, refused: bool = False) -> None:
        super().__init__(says)
        self.refused = refused


class Attempts:
    """Tells a sink how one feed does, each state once, and tries again for as long as it fails."""

    def __init__(
        self, sink: Sink, params: BackoffParams, chance: Callable[[], float] = random.random
    ) -> None:
        self._sink = sink
        self._backoff = Backoff(params, chance)
        self._told: tuple[FeedState, str] | None = None

    def tell(self, state: FeedState, why: str = "") -> None:
        """Tell a state, unless it was the last one told."""
        if self._told != (state, why):
            self._told = state, why
            self._sink.state(state, why)

    def connected(self, why: str = "") -> None:
        """Tell that the connection stands."""
        self._backoff.connected(asyncio.get_running_loop().time())
        self.tell(FeedState.CONNECTED, why)

    async def run(self, attempt: Callable[[], Awaitable[str]]) -> None:
        """Run ``attempt`` until it returns, which ends the feed with what it gives as the reason.

        It raises `Trouble` when it failed. Between two tries that fail alike nothing is told.
        """
        self.tell(FeedState.CONNECTING)
        while True:
            try:
                why = await attempt()
            except Trouble as trouble:
                wait_s = self._failed(trouble)
            else:
                self.tell(FeedState.ENDED, why)
                return
            await asyncio.sleep(wait_s)

    def _failed(self, trouble: Trouble) -> float:
        self.tell(FeedState.REFUSED if trouble.refused else FeedState.WAITING, str(trouble))
        return self._backoff.failed(asyncio.get_running_loop().time(), refused=trouble.refused)
