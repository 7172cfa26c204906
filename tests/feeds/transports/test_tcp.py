"""TCP: whatever the other side does, bytes arrive whole and in order, or it is told why they do not."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import socket
import ssl
import struct
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.feeds.transports.contract import FeedState
from seavigil.feeds.transports.pipe import PipeParams
from seavigil.feeds.transports.serial_port import SerialParams
from seavigil.feeds.transports.sockets import KeepAlive
from seavigil.feeds.transports.tcp import TcpClient, TcpParams, TcpServer
from seavigil.feeds.transports.tls import TlsParams
from seavigil.feeds.transports.udp import UdpParams
from tests.feeds.transports.sinks import SOON, RecordingSink, play, running, until

LINES = b"".join(b"!AIVDM,1,1,,A,line-%06d,0*00\r\n" % number for number in range(2_000))
QUICK = TcpParams(backoff=SOON)
Writers = list[asyncio.StreamWriter]


@asynccontextmanager
async def peer(port: int = 0, **options: object) -> AsyncIterator[tuple[int, Writers]]:
    """Listen on loopback; gives the port and those who connected, whom the test writes to."""
    writers: Writers = []
    server = await asyncio.start_server(
        lambda reader, writer: writers.append(writer), "127.0.0.1", port, **options
    )
    try:
        yield server.sockets[0].getsockname()[1], writers
    finally:
        server.close()
        for writer in writers:
            if not writer.is_closing():
                writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)
        await server.wait_closed()


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection in order: what was written arrives."""
    writer.close()
    await writer.wait_closed()


def client(port: int, *, params: TcpParams = QUICK, **options: object) -> TcpClient:
    """Give a client of loopback that tries again quickly."""
    return TcpClient("127.0.0.1", port, params=params, **options)  # type: ignore[arg-type]


@settings(max_examples=15)
@given(st.lists(st.integers(0, len(LINES)), max_size=12))
def test_bytes_arrive_however_they_are_cut(cuts: list[int]) -> None:
    """Cut anywhere, the bytes of one connection come out as they went in, in one stream."""

    async def story() -> None:
        sink = RecordingSink()
        async with peer() as (port, writers):
            task = asyncio.create_task(client(port, until_closed=True).run(sink))
            await until(lambda: writers)
            edges = [0, *sorted(cuts), len(LINES)]
            for begin, end in itertools.pairwise(edges):
                writers[0].write(LINES[begin:end])
                await writers[0].drain()
            await hang_up(writers[0])
            await task
        assert sink.data() == LINES
        assert list(sink.ends) == [1]

    play(story())


def test_until_closed_ends_with_the_connection() -> None:
    """A feed that is to end when the peer closes goes connecting, connected, ended, each told once."""

    async def story() -> None:
        sink = RecordingSink()
        async with peer() as (port, writers):
            task = asyncio.create_task(client(port, until_closed=True).run(sink))
            await until(lambda: writers)
            await hang_up(writers[0])
            await task
        states = [state for state, _ in sink.states]
        assert states == [FeedState.CONNECTING, FeedState.CONNECTED, FeedState.ENDED]
        assert "closed the connection" in sink.states[-1][1]

    play(story())


def test_connects_again_after_the_server_died() -> None:
    """Server gone, port closed, server back: the second connection is a stream of its own."""

    async def story() -> None:
        sink = RecordingSink()
        async with peer() as (port, writers):
            task = asyncio.create_task(client(port).run(sink))
            await until(lambda: writers)
            writers[0].write(b"before\n")
            await until(lambda: sink.data(1) == b"before\n")
        await until(lambda: any("nothing listens" in why for why in sink.said(FeedState.WAITING)))
        async with peer(port) as (_, writers):
            await until(lambda: writers)
            writers[0].write(b"after\n")
            await until(lambda: sink.data(2) == b"after\n")
            assert sink.last() == FeedState.CONNECTED
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert set(sink.ends) == {1, 2}
        assert "closed the connection" in sink.ends[1]

    play(story())


def test_trying_in_vain_is_told_once() -> None:
    """Where nothing listens, many attempts are one message that says so."""

    async def story() -> None:
        sink, tries = RecordingSink(), 0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
            transport = client(port)
            connect = transport._connect

            async def counted() -> object:
                nonlocal tries
                tries += 1
                return await connect()

            transport._connect = counted  # type: ignore[method-assign,assignment]

            async def during() -> None:
                await until(lambda: tries > 20)

            await running(transport, sink, during)
        assert sink.states == [
            (FeedState.CONNECTING, ""),
            (FeedState.WAITING, f"127.0.0.1:{port}: nothing listens there"),
        ]

    play(story())


def test_mute_peer_is_connected_and_nothing_else() -> None:
    """A server that takes the connection and says nothing: connected, no stream closed, no bytes.

    That nothing comes is for the feed's health to tell; when the machine behind it is gone, keep-alive does.
    """

    async def story() -> None:
        sink = RecordingSink()
        async with peer() as (port, writers):

            async def during() -> None:
                await until(lambda: writers and sink.last() == FeedState.CONNECTED)

            await running(client(port), sink, during)
        assert sink.total_bytes == 0
        assert sink.ends == {1: "stopped here"}

    play(story())


def test_keep_alive_is_on() -> None:
    """A connection asks after 20 s of silence, every 10 s, three times: a dead peer is found in 50 s."""
    with socket.socket() as sock:
        KeepAlive().set_on(sock)
        tcp = socket.IPPROTO_TCP
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert [
            sock.getsockopt(tcp, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        ] == [20, 10, 3]


def test_peer_that_never_answers_is_given_up() -> None:
    """A listener whose queue is full answers no more: that is told within the limit, and tried again."""

    async def story() -> None:
        sink = RecordingSink()
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            queued = [socket.socket() for _ in range(3)]
            for one in queued:
                one.setblocking(False)
                one.connect_ex(full.getsockname())

            async def during() -> None:
                await until(lambda: sink.last() == FeedState.WAITING)

            params = replace(QUICK, connect_within_s=0.05)
            await running(client(full.getsockname()[1], params=params), sink, during)
            for one in queued:
                one.close()
        assert "no answer in time" in sink.said(FeedState.WAITING)[0]

    play(story())


def test_unknown_host_is_told() -> None:
    """A name that no name server knows is a waiting feed, said in words."""

    async def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def story() -> None:
        sink = RecordingSink()
        asyncio.get_running_loop().getaddrinfo = unknown  # type: ignore[method-assign,assignment]

        async def during() -> None:
            await until(lambda: sink.last() == FeedState.WAITING)

        await running(TcpClient("ais.example", 4001, params=QUICK), sink, during)
        assert sink.said(FeedState.WAITING)[0].startswith("ais.example:4001: no such host name")

    play(story())


def test_garbage_passes_untouched() -> None:
    """A transport knows nothing of meaning: bytes that are no AIS arrive as they were sent."""
    garbage = bytes(range(256)) * 4_096

    async def story() -> None:
        sink = RecordingSink()
        async with peer() as (port, writers):
            task = asyncio.create_task(client(port, until_closed=True).run(sink))
            await until(lambda: writers)
            writers[0].write(garbage)
            await hang_up(writers[0])
            await task
        assert sink.data() == garbage

    play(story())


def test_a_megabyte_line_is_counted_and_kept() -> None:
    """A line of 1 MB is one overlong line; its bytes are handed on all the same, the decoder rejects them."""
    line = b"x" * 1_000_000 + b"\n"

    async def story() -> None:
        sink = RecordingSink()
        async with peer() as (port, writers):
            task = asyncio.create_task(client(port, until_closed=True).run(sink))
            await until(lambda: writers)
            writers[0].write(b"short\n" + line + b"short\n")
            await hang_up(writers[0])
            await task
        assert sink.data() == b"short\n" + line + b"short\n"
        assert sink.counts == {"overlong_lines": 1}

    play(story())


def test_first_line_is_sent() -> None:
    """A server that wants to be asked gets the line, ended by CR LF."""

    async def story() -> None:
        sink, asked = RecordingSink(), asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert await reader.readline() == b"LOGIN anon\r\n"
            asked.set()
            await hang_up(writer)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await client(port, first_line="LOGIN anon", until_closed=True).run(sink)
        assert asked.is_set()
        server.close()
        await server.wait_closed()

    play(story())


async def flood(writer: asyncio.StreamWriter, most_bytes: int) -> int:
    """Send until the other side takes no more, before ``most_bytes``; gives how much was sent."""
    for sent in range(0, most_bytes, len(LINES)):
        writer.write(LINES)
        try:
            async with asyncio.timeout(0.3):
                await writer.drain()
        except TimeoutError:
            return sent + len(LINES)
    raise AssertionError(f"{most_bytes} bytes taken though nothing was written down")


def test_slow_sink_makes_the_server_wait() -> None:
    """While the sink waits, nothing more is read: the sender is stopped, little is held, nothing is lost."""

    async def story() -> None:
        sink = RecordingSink(gate=asyncio.Event())
        async with peer() as (port, writers):
            task = asyncio.create_task(client(port, until_closed=True).run(sink))
            await until(lambda: writers)
            writers[0].write(LINES)
            await until(lambda: sink.waiting_bytes)
            sent = len(LINES) + await flood(writers[0], 100_000_000)
            assert 0 < sink.waiting_bytes <= QUICK.read_bytes
            assert sink.total_bytes == 0
            assert sink.gate is not None
            sink.gate.set()
            await hang_up(writers[0])
            await task
        assert sink.total_bytes == sent
        assert sink.data() == LINES * (sent // len(LINES))

    play(story())


def test_cancelled_while_the_sink_waits() -> None:
    """Stopped while the disk is full: the connection is closed and told so, no task is left."""

    async def story() -> None:
        sink = RecordingSink(gate=asyncio.Event())
        async with peer() as (port, writers):

            async def during() -> None:
                await until(lambda: writers)
                writers[0].write(LINES)
                await until(lambda: sink.waiting_bytes)

            await running(client(port), sink, during)
        assert sink.ends == {1: "stopped here"}

    play(story())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate for ``localhost`` that nobody else has signed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, own = folder / "key.pem", folder / "own.pem"
    command = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -keyout {key} -out {own}"
    naming = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command.split(), *naming], check=True, capture_output=True)
    return own, key


@asynccontextmanager
async def tls_peer(certificate: tuple[Path, Path]) -> AsyncIterator[tuple[int, Writers]]:
    """Listen on loopback with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    async with peer(ssl=context) as found:
        asyncio.get_running_loop().set_exception_handler(None)
        yield found


async def first_failure(transport: TcpClient) -> tuple[FeedState, str]:
    """Run until something failed; gives what was told of it."""
    sink = RecordingSink()

    async def during() -> None:
        await until(lambda: sink.last() in (FeedState.REFUSED, FeedState.WAITING))

    await running(transport, sink, during)
    return sink.states[1]


def test_tls_carries_bytes(certificate: tuple[Path, Path]) -> None:
    """With a certificate from an authority that is trusted, bytes arrive as they do in the clear."""

    async def story() -> None:
        sink = RecordingSink()
        async with tls_peer(certificate) as (port, writers):
            trusted = TlsParams(ca_file=certificate[0])
            transport = TcpClient("localhost", port, tls=trusted, until_closed=True, params=QUICK)
            assert transport.shown == f"tcps://localhost:{port}"
            task = asyncio.create_task(transport.run(sink))
            await until(lambda: writers)
            writers[0].write(LINES)
            await hang_up(writers[0])
            await task
        assert sink.data() == LINES

    play(story())


def test_untrusted_certificate_is_refused_in_words(certificate: tuple[Path, Path]) -> None:
    """A certificate from an unknown authority: refused, and told what to do; no bytes are taken."""

    async def story() -> None:
        async with tls_peer(certificate) as (port, _):
            state, why = await first_failure(TcpClient("localhost", port, tls=TlsParams(), params=QUICK))
        assert state == FeedState.REFUSED
        assert "unknown authority" in why
        assert "ca_file" in why

    play(story())


def test_certificate_of_another_host_is_refused(certificate: tuple[Path, Path]) -> None:
    """A trusted certificate for another name than the one connected to is refused."""

    async def story() -> None:
        async with tls_peer(certificate) as (port, _):
            state, why = await first_failure(client(port, tls=TlsParams(ca_file=certificate[0])))
        assert state == FeedState.REFUSED
        assert "another host name" in why

    play(story())


def test_server_without_tls_is_refused_in_words() -> None:
    """A server that speaks in the clear where TLS is expected: refused, with the question about the port."""

    async def story() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(LINES)
            await reader.read(1)
            await hang_up(writer)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        state, why = await first_failure(client(port, tls=TlsParams()))
        server.close()
        await server.wait_closed()
        assert state == FeedState.REFUSED
        assert "no TLS is spoken" in why

    play(story())


def test_server_that_wants_our_certificate_is_refused_in_words(certificate: tuple[Path, Path]) -> None:
    """A server that wants to know who we are says so only once TLS stands (TLS 1.3): refused as well."""
    own, key = certificate
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = f"openssl s_server -accept {port} -cert {own} -key {key} -Verify 1 -CAfile {own} -quiet"
    quiet = asyncio.subprocess.DEVNULL

    async def story() -> None:
        sink = RecordingSink()
        program = await asyncio.create_subprocess_exec(
            *command.split(), stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet
        )

        async def during() -> None:
            await until(lambda: sink.last() == FeedState.REFUSED)

        transport = TcpClient("localhost", port, tls=TlsParams(ca_file=own), until_closed=True, params=QUICK)
        await running(transport, sink, during)
        program.kill()
        await program.communicate()
        assert "client certificate" in sink.said(FeedState.REFUSED)[0]

    play(story())


def test_mute_server_where_tls_is_expected_is_waited_for() -> None:
    """A server that never says a word of TLS is given up within the limit and tried again."""

    async def story() -> None:
        async with peer() as (port, _):
            params = replace(QUICK, connect_within_s=0.05)
            state, why = await first_failure(client(port, tls=TlsParams(), params=params))
        assert state == FeedState.WAITING
        assert "no answer in time" in why

    play(story())


def test_certificate_file_that_went_away_is_refused(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    """The file is read anew for each connection: gone, that is told; back, it goes on without a restart."""
    own = tmp_path / "ca.pem"
    shutil.copy(certificate[0], own)

    async def story() -> None:
        sink = RecordingSink()
        async with tls_peer(certificate) as (port, writers):
            transport = TcpClient("localhost", port, tls=TlsParams(ca_file=own), params=QUICK)
            own.unlink()

            async def during() -> None:
                await until(lambda: sink.last() == FeedState.REFUSED)
                shutil.copy(certificate[0], own)
                await until(lambda: sink.last() == FeedState.CONNECTED and writers)

            await running(transport, sink, during)
        assert str(own) in sink.said(FeedState.REFUSED)[0]

    play(story())


def test_unusable_certificate_file_is_an_error_at_once(tmp_path: Path) -> None:
    """A file that is not there is told before anything is connected."""
    with pytest.raises(ValueError, match=r"gone\.pem"):
        TcpClient("localhost", 1, tls=TlsParams(ca_file=tmp_path / "gone.pem"))


def server(**params: object) -> TcpServer:
    """Give a server on any free port of loopback."""
    return TcpServer("127.0.0.1", 0, params=replace(QUICK, **params))  # type: ignore[arg-type]


async def connect(listening: TcpServer, sink: RecordingSink) -> asyncio.StreamWriter:
    """Connect to it as a sender, once it listens."""
    await until(lambda: sink.last() == FeedState.CONNECTED)
    _, writer = await asyncio.open_connection("127.0.0.1", listening.port)
    return writer


def test_many_senders_are_streams_of_their_own() -> None:
    """Fifty senders at once, each cut elsewhere: nobody's bytes come into another's stream."""

    async def story() -> None:
        sink, listening = RecordingSink(), server()

        async def send(name: bytes) -> None:
            writer = await connect(listening, sink)
            for number in range(100):
                writer.write(b"%s says %d\n" % (name, number))
                if number % (1 + len(name)) == 0:
                    await writer.drain()
                    await asyncio.sleep(0)
            await hang_up(writer)

        async def during() -> None:
            await asyncio.gather(*(send(b"s" * (1 + number)) for number in range(50)))
            await until(lambda: len(sink.ends) == 50)

        await running(listening, sink, during)
        expected = {b"".join(b"%s says %d\n" % (b"s" * (1 + n), i) for i in range(100)) for n in range(50)}
        assert {sink.data(stream) for stream in sink.peers} == expected
        assert all(peer.startswith("127.0.0.1:") for peer in sink.peers.values())
        assert sink.states[1] == (FeedState.CONNECTED, f"listening on 127.0.0.1:{listening.port}")
        assert len(sink.states) == 2

    play(story())


def test_one_sender_too_many_is_turned_away_and_counted() -> None:
    """Beyond the limit a connection is closed, counted and told; when one has gone the next is taken."""

    async def story() -> None:
        sink, listening = RecordingSink(), server(max_senders=2)

        async def during() -> None:
            first, second = await connect(listening, sink), await connect(listening, sink)
            await until(lambda: len(sink.peers) == 2)
            third_reader, third = await asyncio.open_connection("127.0.0.1", listening.port)
            with contextlib.suppress(ConnectionError):
                assert await third_reader.read() == b""
            assert sink.counts == {"refused_connections": 1}
            assert "turned away" in sink.states[-1][1]
            await hang_up(first)
            await until(lambda: "turned away" not in sink.states[-1][1])
            fourth = await connect(listening, sink)
            await until(lambda: len(sink.peers) == 3)
            for writer in (second, third, fourth):
                with contextlib.suppress(ConnectionError):
                    await hang_up(writer)

        await running(listening, sink, during)

    play(story())


def test_slow_sink_makes_each_sender_wait() -> None:
    """While the sink waits, three senders at full speed are stopped; then all they sent arrives."""

    async def story() -> None:
        sink, listening = RecordingSink(gate=asyncio.Event()), server()

        async def during() -> None:
            writers = [await connect(listening, sink) for _ in range(3)]
            for writer in writers:
                writer.write(LINES)
            await until(lambda: sink.waiting_bytes)
            sent = await asyncio.gather(*(flood(writer, 100_000_000) for writer in writers))
            assert sink.waiting_bytes <= 3 * QUICK.read_bytes
            assert sink.gate is not None
            sink.gate.set()
            await asyncio.gather(*map(hang_up, writers))
            await until(lambda: len(sink.ends) == 3)
            assert sink.total_bytes == sum(sent) + 3 * len(LINES)

        await running(listening, sink, during)

    play(story())


def test_sender_that_breaks_off_ends_only_its_stream() -> None:
    """A sender that resets its connection is closed with the reason; the others go on."""

    async def story() -> None:
        sink, listening = RecordingSink(), server()

        async def during() -> None:
            rude, kind = await connect(listening, sink), await connect(listening, sink)
            await until(lambda: len(sink.peers) == 2)
            linger = struct.pack("ii", 1, 0)  # closing sends a reset: socket(7), SO_LINGER
            rude.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            rude.transport.abort()
            await until(lambda: len(sink.ends) == 1)
            kind.write(b"still here\n")
            await until(lambda: sink.total_bytes)
            await hang_up(kind)
            await until(lambda: len(sink.ends) == 2)

        await running(listening, sink, during)
        assert all("closed the connection" in why for why in sink.ends.values())

    play(story())


def test_port_in_use_is_told_and_taken_when_free() -> None:
    """While another program listens there it says so; as soon as that ends the port is taken."""

    async def story() -> None:
        sink = RecordingSink()
        async with peer() as (port, _):
            listening = TcpServer("127.0.0.1", port, params=QUICK)
            task = asyncio.create_task(listening.run(sink))
            await until(lambda: sink.last() == FeedState.WAITING)
            assert "another program" in sink.states[-1][1]
        await until(lambda: sink.last() == FeedState.CONNECTED)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(sink.states) == 3

    play(story())


def test_address_of_another_machine_is_told() -> None:
    """An address that is none of this machine's (TEST-NET-1, RFC 5737) cannot be listened on."""

    async def story() -> None:
        sink = RecordingSink()

        async def during() -> None:
            await until(lambda: sink.last() == FeedState.WAITING)

        await running(TcpServer("192.0.2.1", 0, params=QUICK), sink, during)
        assert "no such address" in sink.states[-1][1]

    play(story())


def test_fault_of_the_sink_is_not_hidden() -> None:
    """What goes wrong in the sink itself is no matter of the network: it comes out of `run`."""

    class Broken(RecordingSink):
        async def received(self, stream: int, data: bytes) -> None:
            raise RuntimeError("a fault in the program")

    async def story() -> None:
        sink, listening = Broken(), server()
        task = asyncio.create_task(listening.run(sink))
        writer = await connect(listening, sink)
        writer.write(b"x\n")
        with pytest.raises(RuntimeError, match="a fault in the program"):
            await task
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        assert set(sink.ends) == set(sink.peers)

    play(story())


def test_shown_addresses() -> None:
    """What is shown is the URL; an IPv6 address stands in brackets."""
    assert client(4001).shown == "tcp://127.0.0.1:4001"
    assert TcpClient("::1", 4001).shown == "tcp://[::1]:4001"
    assert TcpServer("0.0.0.0", 4001).shown == "tcp-listen://0.0.0.0:4001"


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        (TcpParams, "read_bytes"),
        (TcpParams, "connect_within_s"),
        (UdpParams, "receive_buffer_bytes"),
        (SerialParams, "max_line_bytes"),
        (PipeParams, "read_bytes"),
        (KeepAlive, "idle_s"),
    ],
)
def test_limits_of_nothing_are_refused(params: Callable[..., object], wrong: str) -> None:
    """A limit that lets nothing through is an error that names it."""
    with pytest.raises(ValueError, match=f"{wrong} must be above 0, not 0"):
        params(**{wrong: 0})
