"""How long a connection may be held, and how many at once: who hangs must not take the watch's files.

Each connection is an open file of the process, and the watch needs files to write down what it hears. uvicorn
bounds neither who connects and asks nothing, nor who sends a request drop by drop (RFC 9110, 15.5.9: such a
client may be let go at any time).
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

#: Who has not asked by then is let go; so is who has not sent all of it (own choice: ten times what a slow
#: line needs for the 64 KiB that a request may have).
ASKS_WITHIN_S = 15.0
#: Open at once (own choice): two hundred open pages with a stream and five requests each.
MOST = 1_200


class BoundedConnection(H11Protocol):
    """A connection over HTTP/1.1 that is let go when it stands still, or when there are too many."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or end it at once where there are too many."""
        super().connection_made(transport)
        self._asking: Any = None
        self._look: asyncio.TimerHandle | None = None
        if len(self.connections) > MOST:
            transport.abort()
        else:
            self._look = self.loop.call_later(ASKS_WITHIN_S, self._check)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of it."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _check(self) -> None:
        """End a connection that waits for the same request as when it was last looked at."""
        cycle: RequestResponseCycle | None = self.cycle
        answering = cycle is not None and not cycle.response_complete
        whole = self.conn.their_state is not h11.SEND_BODY
        if answering and whole:
            self._asking = None
        elif self._asking is not None and self._asking == (cycle,):
            self.transport.abort()
            return
        else:
            self._asking = (cycle,)
        self._look = self.loop.call_later(ASKS_WITHIN_S, self._check)
