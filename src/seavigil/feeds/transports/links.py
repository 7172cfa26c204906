"""What the clients of brokers have in common: a connection as the sink sees it, and its faults in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from seavigil.feeds.transports.backoff import BackoffParams
from seavigil.feeds.transports.contract import Sink
from seavigil.feeds.transports.retrying import Attempts, Trouble
from seavigil.feeds.transports.secrets import Secret, is_place
from seavigil.feeds.transports.sockets import STOPPED
from seavigil.feeds.transports.tls import is_refusal, network_words


class Link:
    """One connection's stream: opened once it stands, closed with the reason for which it fell."""

    def __init__(self, sink: Sink, attempts: Attempts) -> None:
        self.sink = sink
        self._attempts = attempts
        self._stream: int | None = None

    def connected(self, peer: str, why: str = "") -> None:
        """Tell that it stands."""
        self._stream = self.sink.opened(peer)
        self._attempts.connected(why)

    async def received(self, data: bytes) -> None:
        """Write bytes down; on return their sender may be told."""
        if self._stream is None:
            raise RuntimeError("bytes before the connection stood")
        await self.sink.received(self._stream, data)

    def over(self, why: str) -> None:
        """Tell that it is over, if it ever stood."""
        if self._stream is not None:
            self.sink.closed(self._stream, why)
            self._stream = None


async def keep_connected(
    sink: Sink, attempt: Callable[[Link], Awaitable[None]], retry: BackoffParams, *, apart_s: float = 0.0
) -> None:
    """Connect, and connect again, until cancelled.

    ``attempt`` makes one connection, calls `Link.connected`, brings bytes, and raises `Trouble` when it is
    over. Two attempts begin at least ``apart_s`` seconds apart: some providers count them.
    """
    attempts = Attempts(sink, retry)
    next_s = 0.0

    async def once() -> str:
        nonlocal next_s
        now_s = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, next_s - now_s()))
        next_s = now_s() + apart_s
        link, why = Link(sink, attempts), STOPPED
        try:
            await attempt(link)
            raise Trouble("the other side closed the connection")
        except Trouble as trouble:
            why = str(trouble)
            raise
        finally:
            link.over(why)

    await attempts.run(once)


@asynccontextmanager
async def network_faults(host: str) -> AsyncIterator[None]:
    """Turn what the network raises into `Trouble`, in words."""
    try:
        yield
    except (OSError, EOFError, UnicodeError) as fault:  # the last of host names that cannot be
        raise Trouble(network_words(fault, host), refused=is_refusal(fault)) from None


async def first_of(*works: Awaitable[None]) -> None:
    """Run all until the first has ended or failed; the others are stopped, then its fault is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def revealed(secret: Secret) -> str:
    """Read a secret for an attempt; raises `Trouble` in words where there is none."""
    try:
        return secret.reveal()
    except ValueError as fault:
        raise Trouble(str(fault), refused=True) from None


def filled_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Replace header values that say where a secret lies by the secret; raises `Trouble`."""
    filled = {name: revealed(Secret(value)) if is_place(value) else value for name, value in headers.items()}
    for name, value in filled.items():
        if not value.isprintable():
            raise Trouble(f"headers: the value of {name} must be one line", refused=True)
    return filled
