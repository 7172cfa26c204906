"""TCP: a client that connects again, and a server that many senders connect to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field

from seavigil.feeds.transports.backoff import BackoffParams
from seavigil.feeds.transports.contract import Sink
from seavigil.feeds.transports.lines import LineGauge
from seavigil.feeds.transports.retrying import Attempts, Trouble
from seavigil.feeds.transports.sockets import (
    STOPPED,
    KeepAlive,
    above_nothing,
    cannot_listen,
    shown_address,
    shown_peer,
)
from seavigil.feeds.transports.tls import TlsParams, client_context, is_refusal, network_words

CLOSED = "the other side closed the connection"


@dataclass(frozen=True)
class TcpParams:
    """How connections are made, kept and read; all limits are own choices."""

    #: A name is looked up, and each address it stands for connected to, within this. The kernel asks again
    #: after 1, 3 and 7 s (RFC 6298: first time-out 1 s, doubled).
    connect_within_s: float = 10.0
    #: Read at most so much at once. Beside it, a connection holds up to double that while the sink waits.
    read_bytes: int = 262_144
    #: Longer lines are counted; the longest record of any format.
    max_line_bytes: int = 65_536
    keep_alive: KeepAlive = field(default_factory=KeepAlive)
    backoff: BackoffParams = field(default_factory=BackoffParams)
    #: A server takes so many senders at once.
    max_senders: int = 100

    def __post_init__(self) -> None:
        above_nothing(self, "connect_within_s", "read_bytes", "max_line_bytes", "max_senders")


class TcpClient:
    """Connects to ``host:port`` and again whenever that ends; raises `ValueError` where ``tls`` is unusable.

    ``first_line`` is sent, with CR LF, as soon as the connection stands: some servers want to be asked.
    ``until_closed``: the feed ends when the other side closes the connection, however it does.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: TlsParams | None = None,
        first_line: str = "",
        until_closed: bool = False,
        params: TcpParams | None = None,
    ) -> None:
        self._host, self._port = host, port
        self._tls = tls
        self._first_line = first_line
        self._until_closed = until_closed
        self._params = params or TcpParams()
        self._where = shown_address(host, port)
        if tls is not None:
            client_context(tls)

    @property
    def shown(self) -> str:
        """The URL, which holds no secrets."""
        return f"{'tcp' if self._tls is None else 'tcps'}://{self._where}"

    async def run(self, sink: Sink) -> None:
        """Bring bytes until cancelled, or until the other side closed if that is the end."""
        attempts = Attempts(sink, self._params.backoff)
        await attempts.run(lambda: self._connection(sink, attempts))

    async def _connection(self, sink: Sink, attempts: Attempts) -> str:
        try:
            reader, writer = await self._connect()
        except OSError as fault:  # first: a certificate not accepted is both
            raise Trouble(network_words(fault, self._where), refused=is_refusal(fault)) from None
        except ValueError as fault:
            raise Trouble(str(fault), refused=True) from None
        stream = sink.opened(self._where)
        attempts.connected()
        if self._first_line:
            writer.write(self._first_line.encode() + b"\r\n")
        why = STOPPED
        try:
            why = await _pour(reader, stream, sink, self._params, self._where)
        except Trouble as trouble:
            why = str(trouble)
            if trouble.refused or not self._until_closed:
                raise
        finally:
            sink.closed(stream, why)
            await _hang_up(writer)
        if self._until_closed:
            return why
        raise Trouble(why)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the first address that takes it; raises ``OSError``, or ``ValueError`` of a bad file."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._params.connect_within_s):
            found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        last: OSError = socket.gaierror(socket.EAI_NONAME, "no address")
        for family, _, protocol, _, address in found:
            try:
                async with asyncio.timeout(self._params.connect_within_s):
                    return await self._connect_to(family, protocol, address)
            except OSError as fault:
                last = fault
                if is_refusal(fault):
                    break
        raise last

    async def _connect_to(
        self, family: int, protocol: int, address: tuple[object, ...]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        context = None if self._tls is None else client_context(self._tls)
        sock = socket.socket(family, socket.SOCK_STREAM, protocol)
        try:
            sock.setblocking(False)
            self._params.keep_alive.set_on(sock)
            await asyncio.get_running_loop().sock_connect(sock, address)
        except BaseException:
            sock.close()
            raise
        host = None if context is None else self._host
        return await asyncio.open_connection(
            sock=sock, ssl=context, server_hostname=host, limit=self._params.read_bytes
        )


class TcpServer:
    """Listens on ``host:port`` for senders, each a stream of its own; ``port`` 0 takes any free one.

    A sender whose bytes cannot be written down is made to wait: nothing more is read from it.
    """

    def __init__(self, host: str, port: int, *, params: TcpParams | None = None) -> None:
        self._host, self._asked_port = host, port
        self._params = params or TcpParams()
        #: The port that is listened on, once it is.
        self.port = port

    @property
    def shown(self) -> str:
        """The URL, which holds no secrets."""
        return f"tcp-listen://{shown_address(self._host, self.port)}"

    async def run(self, sink: Sink) -> None:
        """Take senders until cancelled."""
        attempts = Attempts(sink, self._params.backoff)
        await attempts.run(lambda: self._listen(sink, attempts))

    async def _listen(self, sink: Sink, attempts: Attempts) -> str:
        senders = _Senders(sink, attempts, self._params)
        server = await self._open(senders)
        try:
            self.port = server.sockets[0].getsockname()[1]
            senders.listening(shown_address(self._host, self.port))
            return await senders.failed
        finally:
            server.close()
            await senders.stop()

    async def _open(self, senders: _Senders) -> asyncio.Server:
        try:
            return await asyncio.start_server(
                senders.take, self._host or None, self._asked_port, limit=self._params.read_bytes
            )
        except OSError as fault:
            raise cannot_listen(fault, shown_address(self._host, self._asked_port)) from None


class _Senders:
    """The connections of one server. ``failed`` never ends, but raises what should not have happened."""

    def __init__(self, sink: Sink, attempts: Attempts, params: TcpParams) -> None:
        self._sink = sink
        self._attempts = attempts
        self._params = params
        self._tasks: set[asyncio.Task[None]] = set()
        self._where = ""
        self.failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def listening(self, where: str) -> None:
        """Tell where senders are taken."""
        self._where = where
        self._tell()

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a new sender, or turn it away and count it."""
        if self._full():
            self._sink.count("refused_connections")
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._sender(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._gone)
        self._tell()

    async def stop(self) -> None:
        """Hang up on everybody."""
        for task in self._tasks:
            task.remove_done_callback(self._gone)
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _full(self) -> bool:
        return len(self._tasks) >= self._params.max_senders

    def _tell(self) -> None:
        more = f"; {len(self._tasks)} senders, more are turned away" if self._full() else ""
        self._attempts.connected(f"listening on {self._where}{more}")

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._tell()
        fault = None if task.cancelled() else task.exception()
        if fault is not None and not self.failed.done():
            self.failed.set_exception(fault)

    async def _sender(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = shown_peer(writer.get_extra_info("peername"))
        with contextlib.suppress(OSError):  # gone already: reading says so
            self._params.keep_alive.set_on(writer.get_extra_info("socket"))
        stream = self._sink.opened(peer)
        why = STOPPED
        try:
            why = await _pour(reader, stream, self._sink, self._params, peer)
        except Trouble as trouble:
            why = str(trouble)
        finally:
            self._sink.closed(stream, why)
            await _hang_up(writer)


async def _pour(reader: asyncio.StreamReader, stream: int, sink: Sink, params: TcpParams, peer: str) -> str:
    """Bring what comes, each piece written down before the next is read; gives why it ended.

    Raises `Trouble` when the connection broke.
    """
    gauge = LineGauge(params.max_line_bytes)
    while data := await _read(reader, params.read_bytes, peer):
        if over := gauge.take(data):
            sink.count("overlong_lines", over)
        await sink.received(stream, data)
    return f"{peer}: {CLOSED}"


async def _read(reader: asyncio.StreamReader, most_bytes: int, peer: str) -> bytes:
    try:
        return await reader.read(most_bytes)
    except OSError as fault:
        raise Trouble(network_words(fault, peer), refused=is_refusal(fault)) from None


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection at once: nothing waits to be sent."""
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
