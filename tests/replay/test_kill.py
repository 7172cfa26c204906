"""A service killed again and again, at any moment, loses nothing, tells nothing twice, and judges the same.

Ten kills as a rule; ``SEAVIGIL_KILLS=100`` (`make torture`) for more.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest

from seavigil.assets.read import read as read_assets
from seavigil.exercises import gulf_of_finland
from seavigil.store.database import Database
from seavigil.store.rawlog import Kind
from seavigil.store.rawlog_read import read_log
from tests.brokers import nats_server
from tests.replay.streaming import batch_run, disturbed, messages

KILLS = int(os.environ.get("SEAVIGIL_KILLS", "10"))
SETTINGS = """
[watch]
assets = ["assets.geojson"]
[alerts]
open_from = "info"
escalate_after_min = 0
[feeds.coast]
url = "{broker}"
stream = "AIS"
consumer = "watch"
[channels.book]
kind = "file"
path = "told.ndjson"
min_priority = "info"
max_per_hour = 100000
group_by = "alert"
[channels.hook]
kind = "webhook"
url = "http://127.0.0.1:{port}/"
secret = "env:HOOK_SECRET"
allow_plain = true
min_priority = "info"
max_per_hour = 100000
group_by = "alert"
[health]
checkpoint_every_s = 1
[api]
enabled = false
"""


class Subscriber(BaseHTTPRequestHandler):
    """Takes messages, and notes how often each came."""

    came: ClassVar[Counter[str]] = Counter()
    keys: ClassVar[Counter[str]] = Counter()

    def do_POST(self) -> None:
        """Take one."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.came[self.headers["webhook-id"]]:
            self.keys.update(json.loads(body)["keys"])
        self.came[self.headers["webhook-id"]] += 1
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def subscriber() -> Iterator[int]:
    """Run a subscriber; gives its port."""
    Subscriber.came, Subscriber.keys = Counter(), Counter()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Subscriber)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Start the service, and wait until it runs."""
    log = (folder / "said.txt").open("ab")
    before = log.tell()
    child = subprocess.Popen(
        [sys.executable, "-m", "seavigil", "serve", "--folder", str(folder)],
        stderr=log,
        env={**os.environ, "HOOK_SECRET": "whsec_" + "c2VjcmV0" * 4},
    )
    log.close()
    until_s = time.monotonic() + 60
    while b"watching" not in (folder / "said.txt").read_bytes()[before:]:
        assert child.poll() is None, (folder / "said.txt").read_text()[-2000:]
        assert time.monotonic() < until_s
        time.sleep(0.02)
    return child


class Broker:
    """A JetStream of messages, and its one consumer."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def make(self) -> None:
        """Make stream and consumer; what is not acknowledged comes again after a second."""
        import nats
        from nats.js.api import AckPolicy, ConsumerConfig

        client = await nats.connect(self._url)
        await client.jetstream().add_stream(name="AIS", subjects=["ais"])
        config = ConsumerConfig(durable_name="watch", ack_policy=AckPolicy.EXPLICIT, ack_wait=1.0)
        await client.jetstream().add_consumer("AIS", config)
        await client.close()

    async def publish(self, pieces: list[bytes]) -> None:
        """Publish messages."""
        import nats

        client = await nats.connect(self._url)
        for piece in pieces:
            await client.publish("ais", piece)
        await client.flush()
        await client.close()

    async def left(self) -> int:
        """Give how many messages are not acknowledged yet."""
        import nats

        client = await nats.connect(self._url)
        info = await client.jetstream().consumer_info("AIS", "watch")
        await client.close()
        return int((info.num_pending or 0) + (info.num_ack_pending or 0))


def wait_for(what: object, within_s: float = 90.0) -> None:
    """Wait until something holds."""
    until_s = time.monotonic() + within_s
    while not what():  # type: ignore[operator]
        assert time.monotonic() < until_s
        time.sleep(0.1)


@pytest.mark.slow
def test_killed_at_any_moment_it_loses_nothing_tells_nothing_twice_and_judges_the_same(
    tmp_path: Path, subscriber: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every message acknowledged is in the raw log; alerts are the recording's; each is told once."""
    exercise, random = gulf_of_finland(seed=1), Random(1)
    (tmp_path / "assets.geojson").write_text(exercise.assets_geojson)
    recording = tmp_path / "recording.nmea"
    recording.write_bytes(exercise.nmea)
    pieces = disturbed(messages(exercise.nmea), seed=1)
    with nats_server() as url:
        (tmp_path / "seavigil.toml").write_text(SETTINGS.format(broker=url, port=subscriber))
        broker = Broker(url)
        asyncio.run(broker.make())
        share = len(pieces) // KILLS + 1
        for life in range(KILLS):
            child = start(tmp_path)
            asyncio.run(broker.publish(pieces[life * share : (life + 1) * share]))
            time.sleep(random.uniform(0.0, 2.0))
            child.send_signal(signal.SIGKILL)
            child.wait()
        child = start(tmp_path)
        wait_for(lambda: asyncio.run(broker.left()) == 0)
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 0, (tmp_path / "said.txt").read_text()[-2000:]
    monkeypatch.setenv("HOOK_SECRET", "whsec_" + "c2VjcmV0" * 4)
    again = log_alone(tmp_path, tmp_path / "again")
    end(tmp_path)
    lost: list[object] = []
    logged = b"".join(
        r.payload for r in read_log(tmp_path / "log", 1, say=lost.append) if r.kind == Kind.DATA
    )
    assert not lost
    missing = Counter(pieces) - Counter(_pieces_in(logged))
    assert not missing, f"{sum(missing.values())} of {len(pieces)} messages are not in the log"
    assert kept(tmp_path) == in_the_recording(recording, tmp_path / "assets.geojson")
    end(again, tell=False)
    for table in ("revisions", "transitions", "events", "statements", "commands"):
        assert stored(tmp_path, table) == stored(again, table), table
    told = [
        key
        for line in (tmp_path / "told.ndjson").read_text().splitlines()
        for key in json.loads(line)["keys"]
    ]
    assert newest_letters(tmp_path) <= {*told, *Subscriber.keys}
    assert max(Counter(told).values()) == 1
    assert max(Subscriber.keys.values()) == 1
    twice = sum(Subscriber.came.values()) - len(Subscriber.came)
    print(
        f"\n{KILLS} kills: {len(pieces)} messages, {len(told)} told, {twice} posted again, under their old id"
    )


def _pieces_in(logged: bytes) -> list[bytes]:
    return [m.data for m in messages(logged)]


def end(folder: Path, *, tell: bool = True) -> None:
    """Let the data of a folder end, so that nothing more is waited for, and have all be told."""
    from seavigil.cli.serving import opened, serving

    with opened(serving(folder)) as service:
        service.feeds, service.until_closed = (), True
        service.beside = service.beside if tell else ()

        async def run() -> None:
            await service.run()

        async def told() -> None:
            beside = [asyncio.create_task(work(service)) for work in service.beside]
            async with asyncio.timeout(60):
                while service.database.outbox_counts()["waiting"]:
                    await asyncio.sleep(0.1)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

        asyncio.run(run())
        if tell:
            asyncio.run(told())


def log_alone(folder: Path, other: Path) -> Path:
    """Give a folder with the log of another and no store: it is judged from its beginning."""
    other.mkdir()
    shutil.copytree(folder / "log", other / "log")
    for name in ("seavigil.toml", "assets.geojson"):
        shutil.copy(folder / name, other / name)
    return other


def stored(folder: Path, table: str) -> list[str]:
    """Give what the store of a folder keeps, in order, without the moment at which it was kept."""
    with Database.open(folder) as database:
        ids = [alert["alert_id"] for alert in database.alerts(limit=1000)]
        rows = {
            "revisions": lambda: [line for one in ids for line in database.revisions(one)],
            "transitions": lambda: [
                {k: v for k, v in row.items() if k not in ("number", "wall_us")}
                for row in database.transitions(limit=100_000)
            ],
            "events": lambda: [line for one in ids for line in database.events(one)],
            "statements": lambda: database.statements(0),
            "commands": lambda: database.commands(("acknowledge", "silence")),
        }[table]()
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)


def newest_letters(folder: Path) -> set[str]:
    """Give the key of the newest letter of each alert to each channel; all must have been sent."""
    with closing(sqlite3.connect(folder / "seavigil.sqlite")) as store:
        assert {state for (state,) in store.execute("SELECT DISTINCT state FROM outbox")} == {"sent"}
        rows = store.execute("SELECT key, max(revision) FROM outbox GROUP BY channel, alert_id").fetchall()
    return {key for key, _ in rows}


def kept(folder: Path) -> list[dict[str, object]]:
    """Give all revisions of alerts about ships and areas that the store keeps."""
    with Database.open(folder) as database:
        ids = [alert["alert_id"] for alert in database.alerts(limit=1000)]
        lines = [line for alert_id in ids for line in database.revisions(alert_id)]
    return _in_order([line for line in lines if line["feed"] is None])


def in_the_recording(recording: Path, assets: Path) -> list[dict[str, object]]:
    """Give what the recording leads to, read at once."""
    found = [alert.as_json() for alert in batch_run(recording, read_assets([assets]))]
    return _in_order(json.loads(json.dumps(found)))


def _in_order(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    for line in lines:
        line["coverage"] = line["coverage"]["ships_heard_around"]  # type: ignore[index]
    return sorted(lines, key=lambda line: (str(line["alert_id"]), int(str(line["revision"]))))
