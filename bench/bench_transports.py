# ruff: noqa: ARG002 - a sink takes what its transport tells
"""What TCP and UDP carry over loopback: `python bench/bench_transports.py [--seconds 10]`.

A sender in a process of its own sends AIS sentences: over TCP as fast as they are taken, over UDP at several
rates. The sink takes 25 ms to write down each piece, about what the live watch does. One JSON line a case.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import resource
import socket
import time
from collections import Counter
from collections.abc import Callable

from seavigil.feeds.transports.contract import FeedState, Transport
from seavigil.feeds.transports.tcp import TcpServer
from seavigil.feeds.transports.udp import UdpServer

SENTENCE = b"!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*23\r\n"
WRITING_S = 0.025
UDP_RATES = (30_000, 60_000, 120_000)
TICKS_A_SECOND = 100


class SlowSink:
    """Counts what comes; takes its time over each piece."""

    def __init__(self) -> None:
        self.bytes = 0
        self.calls = 0
        self.counts: Counter[str] = Counter()
        self.connected = asyncio.Event()
        self.over = asyncio.Event()

    def opened(self, peer: str) -> int:
        """Number every connection the same."""
        return len(peer)

    async def received(self, stream: int, data: bytes) -> None:
        """Write nothing down, slowly."""
        await asyncio.sleep(WRITING_S)
        self.bytes += len(data)
        self.calls += 1

    def closed(self, stream: int, why: str = "") -> None:
        """Note that the sender is done."""
        self.over.set()

    def state(self, state: FeedState, why: str = "") -> None:
        """Note when it listens."""
        if state == FeedState.CONNECTED:
            self.connected.set()

    def count(self, what: str, number: int = 1) -> None:
        """Add up."""
        self.counts[what] += number


def send_tcp(port: int, seconds: float, _: int) -> None:
    """Send as fast as it is taken."""
    block, until_s = SENTENCE * 5_000, time.perf_counter() + seconds
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while time.perf_counter() < until_s:
            connection.sendall(block)


def send_udp(port: int, seconds: float, rate: int) -> None:
    """Send ``rate`` datagrams a second, in portions of a hundredth of that."""
    began_s = time.perf_counter()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        for tick in range(1, round(seconds * TICKS_A_SECOND) + 1):
            for _ in range(rate // TICKS_A_SECOND):
                sock.send(SENTENCE)
            time.sleep(max(began_s + tick / TICKS_A_SECOND - time.perf_counter(), 0))


async def carried(
    server: TcpServer | UdpServer, send: Callable[[int, float, int], None], seconds: float, rate: int
) -> dict[str, object]:
    """Run one case to its end."""
    sink, cpu_s = SlowSink(), time.process_time()
    task = asyncio.create_task(_run(server, sink))
    await sink.connected.wait()
    sender = multiprocessing.get_context("spawn").Process(target=send, args=(server.port, seconds, rate))
    began_s = time.perf_counter()
    sender.start()
    await asyncio.to_thread(sender.join)
    if isinstance(server, TcpServer):
        await sink.over.wait()
    else:
        await asyncio.sleep(0.5)  # what the kernel still holds
    took_s = time.perf_counter() - began_s
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return {
        "sentences": sink.bytes // len(SENTENCE),
        "sentences_per_s": round(sink.bytes / len(SENTENCE) / took_s),
        "lost": sink.counts["kernel_drops"],
        "calls": sink.calls,
        "cpu_s": round(time.process_time() - cpu_s, 2),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


async def _run(transport: Transport, sink: SlowSink) -> None:
    await transport.run(sink)


def main() -> None:
    """Measure all cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    seconds = parser.parse_args().seconds
    with contextlib.suppress(KeyboardInterrupt):
        found = asyncio.run(carried(TcpServer("127.0.0.1", 0), send_tcp, seconds, 0))
        print(json.dumps({"case": "tcp", **found}))
        for rate in UDP_RATES:
            found = asyncio.run(carried(UdpServer("127.0.0.1", 0), send_udp, seconds, rate))
            print(json.dumps({"case": "udp", "sent_per_s": rate, **found}))


if __name__ == "__main__":
    main()
