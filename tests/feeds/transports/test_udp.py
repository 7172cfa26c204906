"""UDP: every datagram that finds room arrives whole, by sender; every other one is counted."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

import pytest

from seavigil.feeds.transports import udp
from seavigil.feeds.transports.contract import FeedState
from seavigil.feeds.transports.udp import UdpParams, UdpServer
from tests.feeds.transports.sinks import SOON, RecordingSink, play, running, stopped, until

QUICK = UdpParams(backoff=SOON)
SENTENCE = b"!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*%02X"


@contextmanager
def sender(port: int) -> Iterator[Callable[[bytes], object]]:
    """Give a function that sends a datagram from a socket of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        yield sock.send


def listen(
    sink: RecordingSink, during: Callable[[UdpServer], Awaitable[None]], **options: object
) -> UdpServer:
    """Listen on any free port of loopback while ``during`` lasts."""
    params = options.pop("params", QUICK)
    server = UdpServer("127.0.0.1", 0, params=params, **options)  # type: ignore[arg-type]

    async def once_it_listens() -> None:
        await until(lambda: sink.last() == FeedState.CONNECTED)
        await during(server)

    play(running(server, sink, once_it_listens))
    return server


def test_each_datagram_is_a_line() -> None:
    """A datagram without a line end gets one, one with several lines stays whole, an empty one is nothing."""
    sink = RecordingSink()

    async def during(server: UdpServer) -> None:
        with sender(server.port) as send:
            for datagram in (b"one", b"", b"two\r\n", b"three\nfour\n", b"five"):
                send(datagram)
            await until(lambda: sink.data().endswith(b"five\n"))

    server = listen(sink, during)
    assert sink.data() == b"one\ntwo\r\nthree\nfour\nfive\n"
    assert sink.states[1:] == [(FeedState.CONNECTED, f"listening on 127.0.0.1:{server.port}")]
    assert server.shown == f"udp://127.0.0.1:{server.port}"
    assert sink.ends == {1: "stopped here"}


def test_the_longest_datagram_arrives_whole() -> None:
    """65,507 bytes (65,535 less the headers of IP and UDP) are the most; none of them is lost."""
    sink, longest = RecordingSink(), bytes(range(11, 244)) * 281 + b"y" * 34

    async def during(server: UdpServer) -> None:
        with sender(server.port) as send:
            send(longest)
            await until(lambda: sink.total_bytes)

    listen(sink, during)
    assert len(longest) == 65_507
    assert sink.data() == longest + b"\n"


def test_senders_are_streams_of_their_own() -> None:
    """Two senders taking turns: parts of a message of one never come between those of the other."""
    sink = RecordingSink()

    async def during(server: UdpServer) -> None:
        with sender(server.port) as one, sender(server.port) as other:
            for number in range(200):
                one(b"one %d" % number)
                other(b"other %d" % number)
            await until(lambda: sink.total_bytes == sum(map(len, expected)))

    expected = [b"".join(b"%s %d\n" % (name, i) for i in range(200)) for name in (b"one", b"other")]
    listen(sink, during)
    assert sorted(sink.data(stream) for stream in sink.peers) == expected
    assert len(set(sink.peers.values())) == 2


def test_ports_of_one_host_can_be_one_stream() -> None:
    """For a sender that opens a new socket for each datagram all of them are one stream, if asked for."""
    sink = RecordingSink()

    async def during(server: UdpServer) -> None:
        for number in range(5):
            with sender(server.port) as send:
                send(b"%d" % number)
                await until(partial(arrived, number + 1))

    def arrived(lines: int) -> bool:
        return sink.data().count(b"\n") == lines

    listen(sink, during, by_host=True)
    assert sink.data() == b"0\n1\n2\n3\n4\n"
    assert sink.peers == {1: "127.0.0.1"}


def test_more_senders_than_streams() -> None:
    """Beyond the limit the sender not heard for longest is closed, and comes again as a new stream."""
    sink = RecordingSink()

    async def during(server: UdpServer) -> None:
        with ExitStack() as stack:
            sends = [stack.enter_context(sender(server.port)) for _ in range(10)]
            for number in range(3):
                for send in sends:
                    send(b"%d" % number)
            await until(lambda: sink.total_bytes == 10 * 3 * 2)

    listen(sink, during, params=replace(QUICK, max_senders=4))
    assert "too many senders" in sink.ends.values()
    assert len(sink.peers) >= 10


def test_a_sender_not_heard_for_long_is_closed() -> None:
    """After the limit (none here) the next datagram of anybody closes it; its own begins a new stream."""
    sink = RecordingSink()

    async def during(server: UdpServer) -> None:
        with sender(server.port) as send:
            for number in range(3):
                send(b"x")
                await until(partial(sink.data, number + 1))

    listen(sink, during, params=replace(QUICK, idle_s=0))
    assert len(sink.peers) == 3
    assert "not heard for" in sink.ends[1]


def test_a_burst_is_kept_while_the_sink_waits() -> None:
    """2,000 datagrams at once, of which the usual buffer holds 256, all arrive, in few calls."""
    sink = RecordingSink(gate=asyncio.Event())
    datagrams = [SENTENCE % (number % 256) for number in range(2_000)]

    async def during(server: UdpServer) -> None:
        with sender(server.port) as send:
            for datagram in datagrams:
                send(datagram)
            assert sink.gate is not None
            sink.gate.set()
            await until(lambda: sink.data().count(b"\n") + sink.counts["kernel_drops"] >= 2_000)

    listen(sink, during)
    assert sink.counts["kernel_drops"] == 0
    assert sink.data() == b"".join(datagram + b"\n" for datagram in datagrams)
    assert len(sink.pieces[1]) < 200


def test_what_the_kernel_drops_is_counted() -> None:
    """While the sink waits a small buffer overflows: what arrived and what was counted is all."""
    sink = RecordingSink(gate=asyncio.Event())
    small = replace(QUICK, receive_buffer_bytes=16_384)

    async def during(server: UdpServer) -> None:
        assert sink.gate is not None
        with sender(server.port) as send:
            send(b"first")
            await until(lambda: sink.waiting_bytes)
            for number in range(5_000):
                send(SENTENCE % (number % 256))
            assert sink.waiting_bytes <= len(b"first\n")  # nothing piles up in the process
            sink.gate.set()
            await until(lambda: sink.counts["kernel_drops"])

    listen(sink, during, params=small)
    assert sink.data().count(b"\n") + sink.counts["kernel_drops"] == 5_001
    assert sink.counts["kernel_drops"] > 4_000


def test_drops_are_counted_when_stopped() -> None:
    """What was dropped since the last datagram was taken is counted when the port is closed."""
    sink = RecordingSink(gate=asyncio.Event())

    async def during(server: UdpServer) -> None:
        with sender(server.port) as send:
            send(b"first")
            await until(lambda: sink.waiting_bytes)
            for _ in range(5_000):
                send(b"x" * 100)

    listen(sink, during, params=replace(QUICK, receive_buffer_bytes=16_384))
    assert sink.counts["kernel_drops"] > 4_000


def test_too_small_a_buffer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel gives less room than asked for, the state says how much, and what to raise."""
    sink = RecordingSink()
    monkeypatch.setattr(udp, "_SO_RCVBUFFORCE", 9_999)  # as for a user without the right

    async def during(server: UdpServer) -> None:
        pass

    listen(sink, during, params=replace(QUICK, receive_buffer_bytes=1 << 30))
    assert "instead of 1048576: raise net.core.rmem_max" in sink.states[1][1]


def test_a_system_that_counts_no_drops_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where drops cannot be read they are not taken for none: the state says that nobody counts."""
    sink = RecordingSink()
    monkeypatch.setattr(udp, "_SO_MEMINFO", 9_999)

    async def during(server: UdpServer) -> None:
        with sender(server.port) as send:
            send(b"x")
            await until(lambda: sink.total_bytes)

    listen(sink, during)
    assert "cannot be counted" in sink.states[1][1]
    assert not sink.counts


def test_thirty_thousand_datagrams_in_batches() -> None:
    """30,000 datagrams, sent in portions as fast as they are taken, arrive complete and in order."""
    sink = RecordingSink()

    async def during(server: UdpServer) -> None:
        with sender(server.port) as send:
            for begin in range(0, 30_000, 3_000):
                for number in range(begin, begin + 3_000):
                    send(b"%06d" % number)
                await until(partial(arrived, begin + 3_000))

    def arrived(lines: int) -> bool:
        return sink.total_bytes == 7 * lines

    listen(sink, during)
    assert sink.data() == b"".join(b"%06d\n" % number for number in range(30_000))
    assert not sink.counts


def multicast_works() -> bool:
    """Tell whether loopback takes part in multicast here."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            sock.sendto(b"", ("239.192.0.4", 9))
        except OSError:
            return False
    return True


def test_multicast_group_is_joined() -> None:
    """What is sent to a group arrives at whoever listens to it, two of them on one machine included."""
    if not multicast_works():
        pytest.skip("this machine's loopback takes no part in multicast")

    async def story() -> None:
        sinks = RecordingSink(), RecordingSink()
        first = UdpServer("239.192.0.4", 0, interface="lo", params=QUICK)
        tasks = [asyncio.create_task(first.run(sinks[0]))]
        await until(lambda: sinks[0].last() == FeedState.CONNECTED)
        second = UdpServer("239.192.0.4", first.port, interface="lo", params=QUICK)
        tasks.append(asyncio.create_task(second.run(sinks[1])))
        await until(lambda: sinks[1].last() == FeedState.CONNECTED)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            sock.sendto(b"to all", ("239.192.0.4", first.port))
        await until(lambda: all(sink.total_bytes for sink in sinks))
        for task in tasks:
            await stopped(task)
        assert [sink.data() for sink in sinks] == [b"to all\n"] * 2

    play(story())


def test_unknown_interface_is_told() -> None:
    """An interface that is not there is a waiting feed, said in words: it may come."""

    async def story() -> None:
        sink = RecordingSink()

        async def during() -> None:
            await until(lambda: sink.last() == FeedState.WAITING)

        await running(UdpServer("239.192.0.4", 0, interface="none0", params=QUICK), sink, during)
        assert "interface" in sink.states[-1][1]

    play(story())


def test_port_in_use_is_told_and_taken_when_free() -> None:
    """While another program listens there it says so; as soon as that ends the port is taken."""

    async def story() -> None:
        sink = RecordingSink()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            task = asyncio.create_task(UdpServer("127.0.0.1", other.getsockname()[1], params=QUICK).run(sink))
            await until(lambda: sink.last() == FeedState.WAITING)
            assert "another program" in sink.states[-1][1]
        await until(lambda: sink.last() == FeedState.CONNECTED)
        await stopped(task)

    play(story())


def test_ipv6_is_listened_on() -> None:
    """An IPv6 address works like any other, and is shown in brackets."""
    sink = RecordingSink()
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 here")

    async def story() -> None:
        server = UdpServer("::1", 0, params=QUICK)

        async def during() -> None:
            await until(lambda: sink.last() == FeedState.CONNECTED)
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
                sock.sendto(b"six", ("::1", server.port))
            await until(lambda: sink.total_bytes)

        await running(server, sink, during)
        assert server.shown == f"udp://[::1]:{server.port}"

    play(story())
    assert sink.data() == b"six\n"
    assert sink.peers[1].startswith("[::1]:")
