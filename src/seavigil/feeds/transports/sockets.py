"""What transports on sockets and other file descriptors have in common."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from seavigil.feeds.transports.retrying import Trouble
from seavigil.feeds.transports.tls import network_words

#: Why a stream ended when this end stopped.
STOPPED = "stopped here"


def above_nothing(params: object, *names: str) -> None:
    """Raise `ValueError` for the first of these fields that is not above 0."""
    for name in names:
        if not getattr(params, name) > 0:
            raise ValueError(f"{name} must be above 0, not {getattr(params, name)}")


class HasOptions(Protocol):
    """A socket, or asyncio's cover of one."""

    def setsockopt(self, level: int, option: int, value: int, /) -> None:
        """Set an option."""


@dataclass(frozen=True)
class KeepAlive:
    """When a peer that says nothing is asked whether it still lives, and given up (tcp(7)).

    Own choice: one that lost its power or its network is noticed after 20 + 3 * 10 = 50 s, within the minute
    in which the state of a feed must be right; the system's own defaults take over two hours.
    """

    idle_s: int = 20
    interval_s: int = 10
    probes: int = 3

    def __post_init__(self) -> None:
        above_nothing(self, "idle_s", "interval_s", "probes")

    def set_on(self, sock: HasOptions) -> None:
        """Switch it on for a connected or unconnected TCP socket."""
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, self.idle_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, self.interval_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, self.probes)


def shown_address(host: str, port: int) -> str:
    """Give ``host:port``, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def shown_peer(address: Any) -> str:
    """Give the address of a socket as ``host:port``."""
    if isinstance(address, Sequence) and len(address) >= 2 and not isinstance(address, str):
        return shown_address(str(address[0]), int(address[1]))
    return "unknown"


async def readable(fd: int) -> None:
    """Wait until something can be read; cancelled, nothing is left behind."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(fd, lambda: None if ready.done() else ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(fd)


def cannot_listen(fault: OSError, where: str) -> Trouble:
    """Say why a port cannot be listened on, and what to do about it."""
    if fault.errno == errno.EADDRINUSE:
        return Trouble(f"{where}: another program listens there already")
    if fault.errno in (errno.EACCES, errno.EPERM):
        says = "this user may not listen there (a port below 1024 needs CAP_NET_BIND_SERVICE)"
        return Trouble(f"{where}: {says}", refused=True)
    if fault.errno == errno.EADDRNOTAVAIL or "could not bind on any" in str(fault):  # asyncio since 3.13
        return Trouble(f"{where}: this machine has no such address, or not yet")
    if fault.errno == errno.ENODEV:
        return Trouble(f"{where}: no network interface takes part in multicast; name the one to listen on")
    return Trouble(network_words(fault, where))
