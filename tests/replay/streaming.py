"""A recording taken apart into messages, sent through every transport, and watched live."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from seavigil.alerts import Alert, BookParams
from seavigil.assets import Assets
from seavigil.feeds import recordings
from seavigil.feeds.transports.urls import transport_of
from seavigil.risk import Policy
from seavigil.runners import batch
from seavigil.runners.judge import Step
from seavigil.runners.known import Known
from seavigil.runners.plan import Plan
from seavigil.runners.priors import prior_rates
from seavigil.runners.service import Feed, Service
from seavigil.store.database import Database
from seavigil.store.rawlog import Kind, RawLog
from tests.brokers import free_port

_TAGGED = re.compile(rb"\\[^\\]*c:(\d+)[^\\]*\\![A-Z]{2}VD[MO],(\d),(\d)")
_CLOCK = re.compile(rb"\$PGHP,1,(\d+),(\d+),(\d+),(\d+),(\d+),(\d+),")
_PART = re.compile(rb"![A-Z]{2}VD[MO],(\d),(\d)")
#: So much may be on its way: a socket's buffer holds it.
_AHEAD_BYTES = 400_000
WITHIN_S = 60.0


@dataclass(frozen=True)
class Message:
    """What a station wrote of one AIS message: one line or several, and the time of its clock in seconds."""

    data: bytes
    time_s: float


def messages(recording: bytes) -> list[Message]:
    """Take an NMEA recording apart; what stands before a sentence (tag block, $PGHP) goes with it."""
    found: list[Message] = []
    waiting, time_s, more = b"", 0.0, 0
    for line in recording.splitlines(keepends=True):
        waiting += line
        tagged, clock, part = _TAGGED.match(line), _CLOCK.match(line), _PART.search(line)
        if tagged:
            time_s = float(tagged[1])
        elif clock:
            hour, minute, second = (int(clock[i]) for i in (4, 5, 6))
            time_s = hour * 3600.0 + minute * 60.0 + second
        if part is None:
            continue
        more = int(part[1]) - int(part[2])
        if more == 0:
            found.append(Message(waiting, time_s))
            waiting = b""
    return [*found, Message(waiting, time_s)] if waiting else found


def disturbed(
    whole: Sequence[Message], *, seed: int, within_s: float = 30.0, again: float = 0.2
) -> list[bytes]:
    """Shuffle messages within ``within_s`` of their time, and let a share of them come twice."""
    random = Random(seed)
    twice = [m for m in whole if random.random() < again]
    late = [
        (m.time_s + random.uniform(0.0, within_s), number, m.data)
        for number, m in enumerate([*whole, *twice])
    ]
    return [data for _, _, data in sorted(late)]


def plan_of(assets: Assets | None) -> Plan:
    """Give a plan of nothing but assets."""
    return Plan(assets, Known(), Policy(prior_rates()), "as tested")


def batch_run(path: Path, assets: Assets | None) -> list[Alert]:
    """Give the revisions that the recording leads to, read at once."""
    found: list[Alert] = []
    plan = plan_of(assets)
    job = batch.Job([str(path)], assets, known=plan.known, policy=plan.policy)
    batch.run(job, lambda s: recordings.read(s, received_us=0), batch.Hooks(alert=found.append))
    return found


def same(alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """Give what must be the same of ship and area alerts however they came: all but what feeds add."""
    lines = [alert.as_json() for alert in alerts if alert.feed is None]
    for line in lines:
        line["coverage"] = line["coverage"]["ships_heard_around"]
    return lines


#: Sends pieces, given how many bytes have been received so far.
Send = Callable[[Sequence[bytes], Callable[[], int]], Awaitable[None]]


def watch_live(
    folder: Path, url: str, assets: Assets | None, pieces: Sequence[bytes], send: Send, **options: Any
) -> list[Alert]:
    """Watch what is sent to a feed from its first byte to its last; gives the revisions, in order."""
    alerts: list[Alert] = []

    def told(step: Step) -> None:
        alerts.extend(step.alerts)

    with RawLog(folder / "log") as log, Database.open(folder) as database:
        feed = Feed("tested", transport_of(url, options), "nmea")
        service = Service(folder, plan_of(assets), [feed], log, database, book=BookParams(), told=told)
        asyncio.run(_to_the_end(service, pieces, send))
        assert service.keeper.progress.failed is None
    return alerts


async def _to_the_end(service: Service, pieces: Sequence[bytes], send: Send) -> None:
    running = asyncio.create_task(service.run())

    def received() -> int:
        return sum(row.bytes for row in service.keeper.feeds)

    try:
        async with asyncio.timeout(WITHIN_S):
            while service.intake.states.get(service.feeds[0].number, ("", ""))[0] != "connected":
                await asyncio.sleep(0.01)
            await send(pieces, received)
            while received() < sum(map(len, pieces)):
                await asyncio.sleep(0.02)
    finally:
        service.intake.note(Kind.END)
        await running


class Peer:
    """A server that a TCP client connects to; sends what it is given, cut anywhere, then waits to be left."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(1)
        self.url = f"tcp://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Peer:
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._sender.close()

    def _accept(self) -> None:
        self._sender, _ = self._socket.accept()

    async def send(self, pieces: Sequence[bytes], received: Callable[[], int]) -> None:
        """Send everything as one stream of bytes."""
        await asyncio.to_thread(self._accepting.join)  # the client may know of the connection first
        data, at = b"".join(pieces), 0
        while at < len(data):
            size = self._random.choice((1, 7, 100, 4_000, 60_000))
            await asyncio.to_thread(self._sender.sendall, data[at : at + size])
            at += size


def udp_url() -> str:
    """Give the URL of a UDP port that is free."""
    return f"udp://127.0.0.1:{free_port()}"


def udp_sender(url: str) -> Send:
    """Send each message as a datagram, never more on the way than a buffer holds."""
    port = int(url.rsplit(":", 1)[1])

    async def send(pieces: Sequence[bytes], received: Callable[[], int]) -> None:
        sent = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for piece in pieces:
                while sent - received() > _AHEAD_BYTES:
                    await asyncio.sleep(0.005)
                out.sendto(piece, ("127.0.0.1", port))
                sent += len(piece)

    return send


def mqtt_sender(url: str, topic: str) -> Send:
    """Publish each message with QoS 1."""
    host, _, port = url.removeprefix("mqtt://").partition(":")

    async def send(pieces: Sequence[bytes], received: Callable[[], int]) -> None:
        import aiomqtt

        async with aiomqtt.Client(host, int(port), max_inflight_messages=1_000) as client:
            for bundle in _bundles(pieces, 500):
                await asyncio.gather(*(client.publish(topic, piece, qos=1) for piece in bundle))

    return send


def nats_sender(url: str, stream: str, subject: str) -> Send:
    """Publish each message into JetStream."""

    async def send(pieces: Sequence[bytes], received: Callable[[], int]) -> None:
        import nats

        client = await nats.connect(url)
        try:
            for bundle in _bundles(pieces, 500):
                for piece in bundle:
                    await client.publish(subject, piece)
                await client.flush()
        finally:
            await client.close()

    return send


def _bundles(pieces: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    return (pieces[at : at + size] for at in range(0, len(pieces), size))
