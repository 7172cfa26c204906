"""How long a connection may be held, and how many at once: who hangs must not take the watch's files.

Each connection is an open file of the process, and the watch needs files to write down what it hears. uvicorn
bounds neither who connects and asks nothing, nor who sends a request drop by drop (RFC 9110, 15.5.9: such a
client may be let go at any time).
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

#: Who has not asked by then is let go; so is who has not sent all of it (own choice: ten times what a slow
#: line needs for the 64 KiB that a request may have).
ASKS_WITHIN_S = 15.0
#: Open at once (own choice): two hundred open pages with a stream and five requests each; and of the files
#: that the process may open never more than half.
MOST = 1_200
#: ... of one address: one machine cannot keep all others out (own choice: an office behind one router).
MOST_OF_ONE = 600


_HERE = ("127.0.0.1", "::1")


def most() -> int:
    """Give how many connections may be open at once."""
    return min(MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)


def more_files() -> None:
    """Let the process open as many files as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class BoundedConnection(H11Protocol):
    """A connection over HTTP/1.1 that is let go when it stands still, or when there are too many."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or end it at once where there are too many."""
        super().connection_made(transport)
        self._asking: Any = None
        self._look: asyncio.TimerHandle | None = None
        if len(self.connections) > most() or self._of_address() > min(MOST_OF_ONE, most() // 2):
            transport.abort()
        else:
            self._look = self.loop.call_later(ASKS_WITHIN_S, self._check)

    def _of_address(self) -> int:
        """Count the connections of this one's address; those of this machine are of a proxy, or our own."""
        if self.client is None or self.client[0] in _HERE:
            return 0
        peers = (getattr(other, "client", None) for other in self.connections)
        return sum(peer is not None and peer[0] == self.client[0] for peer in peers)

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
