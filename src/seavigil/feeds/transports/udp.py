"""UDP: datagrams from whoever sends to a port or a multicast group, and a count of those lost on the way."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seavigil.feeds.transports.backoff import BackoffParams
from seavigil.feeds.transports.contract import Sink
from seavigil.feeds.transports.lines import whole
from seavigil.feeds.transports.retrying import Attempts, Trouble
from seavigil.feeds.transports.sockets import (
    STOPPED,
    above_nothing,
    cannot_listen,
    readable,
    shown_address,
    shown_peer,
)
from seavigil.feeds.transports.tls import network_words

#: Socket options of Linux that Python does not name (include/uapi/asm-generic/socket.h).
_SO_RCVBUFFORCE = 33
_SO_MEMINFO = 55
#: What SO_MEMINFO gives: nine counters, the last one of datagrams dropped (include/uapi/linux/sock_diag.h).
_MEMINFO = struct.Struct("=9I")
_WRAPS_AT = 2**32
#: No datagram is longer: its length has 16 bits (RFC 768).
_DATAGRAM_BYTES = 65_535

#: Who sent a datagram, as the socket tells it.
_Address = tuple[Any, ...]


@dataclass(frozen=True)
class UdpParams:
    """How datagrams are taken; all limits are own choices."""

    #: Room in the kernel for what comes while the sink waits: some 20,000 short datagrams (832 bytes each, as
    #: the kernel counts, of double the size asked for). The usual 208 KiB hold 256.
    receive_buffer_bytes: int = 8 * 1024 * 1024
    #: At most so many are taken at once, about 10 ms of work, so that other feeds get their turn.
    batch_datagrams: int = 4_096
    #: So many senders have a stream of their own; for one more, the one not heard for longest is closed.
    max_senders: int = 256
    #: A sender not heard for so long is closed: what its datagrams left unfinished will stay so.
    idle_s: float = 600.0
    backoff: BackoffParams = field(default_factory=BackoffParams)

    def __post_init__(self) -> None:
        above_nothing(self, "receive_buffer_bytes", "batch_datagrams", "max_senders")


class UdpServer:
    """Listens on ``host:port``; ``host`` may be a multicast group, joined on ``interface`` (by its name).

    Each sender's address and port is a stream of its own: parts of messages and time lines of one must not
    be taken for another's. ``by_host`` makes one stream of all ports of a host, for senders that open a new
    socket for each datagram. A datagram without a line end gets one. While the sink waits nothing is taken
    from the kernel; what it drops then is counted as ``kernel_drops``.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        interface: str = "",
        by_host: bool = False,
        params: UdpParams | None = None,
    ) -> None:
        self._host, self._asked_port = host, port
        self._interface = interface
        self._by_host = by_host
        self._params = params or UdpParams()
        #: The port that is listened on, once it is.
        self.port = port

    @property
    def shown(self) -> str:
        """The URL, which holds no secrets."""
        return f"udp://{shown_address(self._host, self.port)}"

    async def run(self, sink: Sink) -> None:
        """Take datagrams until cancelled."""
        attempts = Attempts(sink, self._params.backoff)
        await attempts.run(lambda: self._listen(sink, attempts))

    async def _listen(self, sink: Sink, attempts: Attempts) -> str:
        try:
            sock = await self._open()
        except OSError as fault:
            raise cannot_listen(fault, shown_address(self._host, self._asked_port)) from None
        senders, drops = _Senders(sink, self._params), _Drops(sock)
        try:
            self.port = sock.getsockname()[1]
            attempts.connected(f"listening on {self.shown.removeprefix('udp://')}{self._lacking(sock)}")
            while True:
                await readable(sock.fileno())
                await senders.hand_on(self._take(sock))
                drops.tell(sink)
        finally:
            drops.tell(sink)
            senders.close(STOPPED)
            sock.close()

    async def _open(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(
            self._host or None, self._asked_port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            _enlarge(sock, self._params.receive_buffer_bytes)
            group = ipaddress.ip_address(str(address[0]).partition("%")[0])
            if group.is_multicast:  # several programs of one machine may listen to a group
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
            if group.is_multicast:
                _join(sock, group, self._interface)
        except BaseException:
            sock.close()
            raise
        return sock

    def _take(self, sock: socket.socket) -> dict[_Address, list[bytes]]:
        """Take what the kernel holds, by sender; never waits."""
        taken: dict[_Address, list[bytes]] = {}
        size = 0
        for _ in range(self._params.batch_datagrams):
            if size >= _BATCH_BYTES:
                break
            try:
                data, address = sock.recvfrom(_DATAGRAM_BYTES)
            except BlockingIOError:
                break
            except OSError as fault:
                raise Trouble(network_words(fault, shown_address(self._host, self.port))) from None
            size += len(data)
            if data:
                taken.setdefault(address[:1] if self._by_host else address, []).append(whole(data))
        return taken

    def _lacking(self, sock: socket.socket) -> str:
        """Say what the kernel did not give."""
        if _dropped(sock) is None:
            return "; what this system drops on the way cannot be counted"
        asked = self._params.receive_buffer_bytes
        given = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2  # told doubled: socket(7)
        if given >= asked:
            return ""
        return f"; room for {given // 1024} KiB instead of {asked // 1024}: raise net.core.rmem_max"


#: So much is taken at once at most (own choice: 16 datagrams of the largest size, 80,000 sentences).
_BATCH_BYTES = 1 << 20


class _Senders:
    """The streams of a port: one for each sender, those not heard for longest first."""

    def __init__(self, sink: Sink, params: UdpParams) -> None:
        self._sink = sink
        self._params = params
        self._streams: OrderedDict[_Address, tuple[int, float]] = OrderedDict()

    async def hand_on(self, taken: Mapping[_Address, list[bytes]]) -> None:
        """Write down what was taken, that of many senders at once; on return it is written."""
        now_s = asyncio.get_running_loop().time()
        self._close_idle(now_s)
        waiting = list(taken.items())
        for begin in range(0, len(waiting), self._params.max_senders):
            some = waiting[begin : begin + self._params.max_senders]
            pieces = [(self._stream(address, now_s), b"".join(parts)) for address, parts in some]
            await asyncio.gather(*(self._sink.received(stream, data) for stream, data in pieces))

    def _stream(self, address: _Address, now_s: float) -> int:
        known = self._streams.pop(address, None)
        if known is None and len(self._streams) >= self._params.max_senders:
            self._close_oldest("too many senders")
        stream = self._sink.opened(_shown(address)) if known is None else known[0]
        self._streams[address] = stream, now_s
        return stream

    def _close_idle(self, now_s: float) -> None:
        while self._streams and now_s - next(iter(self._streams.values()))[1] > self._params.idle_s:
            self._close_oldest(f"not heard for {self._params.idle_s:.0f} s")

    def _close_oldest(self, why: str) -> None:
        _, (stream, _) = self._streams.popitem(last=False)
        self._sink.closed(stream, why)

    def close(self, why: str) -> None:
        """Close all streams."""
        while self._streams:
            self._close_oldest(why)


def _shown(address: _Address) -> str:
    return shown_peer(address) if len(address) > 1 else str(address[0])


class _Drops:
    """How many datagrams the kernel dropped at one socket since that was last told."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._told = 0

    def tell(self, sink: Sink) -> None:
        """Count those that are new."""
        dropped = _dropped(self._sock)
        if dropped is not None and dropped != self._told:
            sink.count("kernel_drops", (dropped - self._told) % _WRAPS_AT)
            self._told = dropped


def _dropped(sock: socket.socket) -> int | None:
    """Give how many datagrams found no room at this socket so far; None where the system does not tell."""
    try:
        told = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
    except OSError:
        return None
    return int(_MEMINFO.unpack(told)[-1]) if len(told) == _MEMINFO.size else None


def _enlarge(sock: socket.socket, size_bytes: int) -> None:
    """Ask for room: beyond net.core.rmem_max where we may (CAP_NET_ADMIN), else up to that."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, size_bytes)
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size_bytes)


def _join(sock: socket.socket, group: ipaddress.IPv4Address | ipaddress.IPv6Address, interface: str) -> None:
    """Take part in a multicast group; raises ``OSError`` where no interface does."""
    index = socket.if_nametoindex(interface) if interface else 0
    if group.version == 4:
        wanted = struct.pack("=4s4si", group.packed, bytes(4), index)  # struct ip_mreqn, ip(7)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, wanted)
    else:
        wanted = struct.pack("=16si", group.packed, index)  # struct ipv6_mreq, ipv6(7)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, wanted)
