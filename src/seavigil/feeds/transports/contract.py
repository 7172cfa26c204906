"""What a transport is: it brings bytes and says how its connection does, not what they mean."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class FeedState(StrEnum):
    """How a feed's connection does."""

    CONNECTING = "connecting"
    CONNECTED = "connected"  #: or listening, for a server
    WAITING = "waiting"  #: it failed, and will be tried again
    REFUSED = "refused"  #: the other side wants another key, certificate or subscription: somebody must look
    ENDED = "ended"  #: nothing more will come


class Sink(Protocol):
    """Where bytes go: written down before anything is made of them."""

    def opened(self, peer: str) -> int:
        """Tell of a new connection; gives its stream's number. Each stream is decoded by itself."""

    async def received(self, stream: int, data: bytes) -> None:
        """Write bytes down; on return a killed process loses them no more, so the sender may be told.

        Waits while the disk cannot take more: who can make the sender wait, does; who cannot, counts what
        it drops (`count`).
        """

    def closed(self, stream: int, why: str = "") -> None:
        """Tell that a connection is over: what its bytes left unfinished is finished."""

    def state(self, state: FeedState, why: str = "") -> None:
        """Tell how the feed does; ``why`` in words for the person who can mend it, without secrets."""

    def count(self, what: str, number: int = 1) -> None:
        """Count what was lost or cut: ``kernel_drops``, ``overlong_lines``, ``shed_bytes``..."""


class Transport(Protocol):
    """One feed's connection."""

    @property
    def shown(self) -> str:
        """The URL as it may be shown: without passwords and keys."""

    async def run(self, sink: Sink) -> None:
        """Bring bytes until cancelled, or until the feed has ended for good. Never raises for what the
        network does: that is a state, and is tried again.
        """
