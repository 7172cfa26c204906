"""Feeds that misbehave: each is told within a minute, in words, and harms no other."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from websockets.asyncio.server import ServerConnection, serve

from seavigil.records import SECOND_US
from tests.certificates import authority
from tests.runners.rig import Rig, Shore, feed, flagged, report, running

#: So many ships are heard by the feed that does as it should.
SHIPS = range(219_000_001, 219_000_006)
KEY = "0123456789abcdef0123456789abcdef01234567"
MEGABYTE = b"x" * 1_000_000


def heard(time_s: float) -> bytes:
    """Give what the good feed brings in five seconds: each ship twice, on her way east."""
    return b"".join(
        report(mmsi, at, lat_deg=59.0 + place / 10, lon_deg=24.0 + (at % 3_600) / 20_000)
        for at in (time_s - 3, time_s - 1)
        for place, mmsi in enumerate(SHIPS)
    )


Bring = Callable[[float], bytes]


@asynccontextmanager
async def beside(
    folder: Path, bad: str, *, names: tuple[str, ...] = (), **options: object
) -> AsyncIterator[Rig]:
    """Run a service with a good feed, already heard, and a bad one at an address."""
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(Shore())
        feeds = [feed("good", good.url), feed("bad", bad, **options)]
        rig = await stack.enter_async_context(running(folder, feeds, connected=("good", *names)))
        rig.good = good
        yield rig


async def a_minute(
    rig: Rig, bad: Shore | None = None, bring: Bring | None = None, *, seconds: int = 90
) -> None:
    """Let a minute, and that in which reports are put in order, go by, five seconds at a time."""
    for _ in range(seconds // 5):
        now_s = rig.now_s + 5
        sends = {"good": (rig.good, heard(now_s))}
        if bad is not None and bring is not None:
            sends = {"bad": (bad, bring(now_s)), **sends}
        await rig.step(sends)


def check_good(rig: Rig) -> None:
    """The good feed does as it should, and every report of its ships is in time and judged."""
    assert (rig.row("good").state, rig.row("good").counts["alive"]) == ("connected", 1)
    rows = rig.rows()
    ours = rows.filter(pa.array([mmsi in SHIPS for mmsi in rows["mmsi"].to_pylist()], pa.bool_()))
    assert ours.num_rows > 0
    assert flagged(ours) == 0


def check_told(rig: Rig, behaviour: str, since_us: int) -> dict[str, object]:
    """One alert, about the bad feed, that stood within a minute."""
    (alert,) = rig.alerts(behaviour)
    assert alert["feed"]["name"] == "bad"
    row = rig.service.database.newest_revisions()[alert["alert_id"]]
    assert row[1] == "open"
    (step,) = [
        s for s in rig.told if any(a.alert_id == alert["alert_id"] and a.revision == 1 for a in s.alerts)
    ]
    assert step.wall_us - since_us <= 60 * SECOND_US
    return alert


def test_a_feed_that_is_killed_is_waited_for_and_told(tmp_path: Path) -> None:
    """The other side closes, and listens no more."""

    async def story() -> None:
        async with Shore() as bad, beside(tmp_path, bad.url, names=("bad",), retry_first_s=0.01) as rig:
            await a_minute(rig, bad, lambda at: report(265_000_001, at), seconds=20)
            since_us = rig.service.clock.now_us()
            await bad.kill()
            await a_minute(rig)
            check_good(rig)
            check_told(rig, "feed_dead", since_us)
            assert rig.row("bad").state in ("waiting", "connecting")
            assert "127.0.0.1" in rig.row("bad").why

    asyncio.run(story())


def test_a_feed_that_is_connected_but_mute_is_told(tmp_path: Path) -> None:
    """Nothing has ever come."""

    async def story() -> None:
        async with Shore() as bad, beside(tmp_path, bad.url, names=("bad",)) as rig:
            since_us = rig.service.clock.now_us()
            await a_minute(rig)
            check_good(rig)
            check_told(rig, "feed_dead", since_us)
            assert rig.row("bad").state == "mute"
            assert "connected, and nothing has ever come" in rig.row("bad").why

    asyncio.run(story())


@pytest.mark.parametrize(
    "line", [MEGABYTE, MEGABYTE + b"\n", b"!AIVDM," + MEGABYTE + b"\r\n"], ids=["endless", "ended", "begun"]
)
def test_a_feed_of_lines_of_a_megabyte_is_garbage_and_held_nowhere(tmp_path: Path, line: bytes) -> None:
    """They are counted; no more than the beginning of one is kept."""

    async def story() -> None:
        async with Shore() as bad, beside(tmp_path, bad.url, names=("bad",)) as rig:
            since_us = rig.service.clock.now_us()
            await a_minute(rig, bad, lambda _: line)
            check_good(rig)
            check_told(rig, "feed_dead", since_us)
            assert rig.row("bad").state == "garbage"
            assert rig.row("bad").counts["overlong_lines"] >= 1
            streams = rig.service.keeper.judge.streams
            assert all(len(stream.head) <= 65_536 for stream in streams._open.values())

    asyncio.run(story())


@pytest.mark.parametrize(("off_s", "side"), [(3600, "ahead of"), (-3600, "behind")])
def test_a_feed_whose_clock_is_an_hour_off_is_told_and_takes_no_other_with_it(
    tmp_path: Path, off_s: int, side: str
) -> None:
    """Its reports are many; those of the good feed are judged as if it were not there."""

    def bring(at: float) -> bytes:
        return b"".join(report(265_000_000 + n, at + off_s - 1) for n in range(100))

    async def story() -> None:
        async with Shore() as bad, beside(tmp_path, bad.url, names=("bad",)) as rig:
            since_us = rig.service.clock.now_us()
            await a_minute(rig, bad, bring)
            check_good(rig)
            check_told(rig, "feed_clock_off", since_us)
            assert rig.row("bad").state == "clock_off"
            assert side in rig.row("bad").why
            assert "time zone" in rig.row("bad").why

    asyncio.run(story())


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    """Said in words that tell what to look at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority(tmp_path / "theirs").issue("server"))

    async def story() -> None:
        async with Shore(context) as bad, beside(tmp_path, bad.url) as rig:
            since_us = rig.service.clock.now_us()
            await a_minute(rig)
            check_good(rig)
            check_told(rig, "feed_dead", since_us)
            assert rig.row("bad").state == "refused"
            assert "certificate" in rig.row("bad").why

    asyncio.run(story())


def test_a_wrong_key_is_refused_and_shown_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AISStream's answer is passed on, the key is not."""
    monkeypatch.setenv("HAZARD_KEY", KEY)

    async def refuse(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(json.dumps({"error": f"Api Key {KEY} Is Not Valid"}))
        await socket.wait_closed()

    async def story() -> None:
        async with serve(refuse, "127.0.0.1", 0) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v0/stream"
            async with beside(tmp_path, url, key="env:HAZARD_KEY") as rig:
                since_us = rig.service.clock.now_us()
                await a_minute(rig)
                check_good(rig)
                alert = check_told(rig, "feed_dead", since_us)
                assert rig.row("bad").state == "refused"
                assert "Is Not Valid" in rig.row("bad").why
                assert KEY not in json.dumps(alert) + rig.row("bad").why
        written = b"".join(p.read_bytes() for p in (tmp_path / "log").iterdir() if p.is_file())
        assert KEY.encode() not in written

    asyncio.run(story())
