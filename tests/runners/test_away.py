"""Disk full, store away, clock set, garbage at full speed, commands given: the watch goes on, and says so."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from seavigil.runners.beside import snapshot
from seavigil.runners.service import Feed, Unfinished
from seavigil.runners.status import problems
from seavigil.store import engine
from seavigil.store.database import Database
from seavigil.store.rawlog import Entry, Kind, RawLog
from seavigil.store.rawlog_read import read_log
from tests.postgres import Cluster, cluster
from tests.runners.rig import HandClock, Shore, feed, flagged, report, running, until
from tests.runners.test_hazards import heard
from tests.runners.test_service import Idle


@contextmanager
def small_disk(folder: Path, size: str = "1m") -> Iterator[Path]:
    """Mount a disk of so little room; skipped where that may not be done."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.decode(errors='replace').strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def lines(time_s: float, count: int) -> bytes:
    """Give reports of as many ships."""
    return b"".join(report(219_000_000 + n, time_s) for n in range(count))


def test_a_full_disk_makes_senders_wait_and_loses_nothing(tmp_path: Path) -> None:
    """Said in the status; once there is room everything that was sent is in the log, in order."""
    much = lines(0, 10) + b"\r\n" * 12_000_000

    def fill(disk: Path) -> None:
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        (disk / "ballast").write_bytes(bytes(free))

    async def story(disk: Path) -> None:
        (tmp_path / "log").symlink_to(disk)
        async with (
            Shore() as shore,
            running(tmp_path, [feed("shore", shore.url)], connected=["shore"]) as rig,
        ):
            await rig.step({"shore": (shore, heard(rig.now_s + 5))})
            await asyncio.to_thread(fill, disk)
            sending = asyncio.create_task(shore.send(much))
            await until(lambda: rig.service.intake.trouble)
            told = {p.code: p.words for p in problems(snapshot(rig.service, None, None))}
            assert "nothing can be written down" in told["log_not_writable"]
            assert rig.service.intake._held_bytes < 2_000_000
            assert not sending.done()
            (disk / "ballast").unlink()
            await sending
            await until(lambda: rig.row("shore").bytes == shore.sent)
            assert rig.service.intake.trouble is None
            assert not rig.alerts("feed_dead")
        logged = b"".join(r.payload for r in read_log(disk, 1, say=print) if r.kind == Kind.DATA)
        assert logged.endswith(much)

    with small_disk(tmp_path / "disk", "64m") as disk:
        asyncio.run(story(disk))


def test_a_read_only_disk_is_said_at_the_start(tmp_path: Path) -> None:
    """In one line, with the folder's name."""
    with small_disk(tmp_path / "disk") as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(OSError, match="Read-only file system") as told:
            RawLog(disk)
        assert told.value.filename == str(disk)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the store's file as another program does that writes."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_while_another_program_locks_the_store_bytes_are_kept_and_judging_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The raw log does not need the store; once it is free, all is judged and nothing doubled."""
    monkeypatch.setattr(engine, "WAIT_S", 0.05)

    async def story() -> None:
        async with (
            Shore() as shore,
            running(tmp_path, [feed("shore", shore.url)], connected=["shore"]) as rig,
        ):
            await rig.step({"shore": (shore, heard(rig.now_s + 5))})
            with locked(tmp_path / "seavigil.sqlite"):
                await shore.send(heard(rig.now_s))
                await until(lambda: rig.service.keeper.progress.trouble)
                assert "locked by another program" in str(rig.service.keeper.progress.trouble)
                told = [p.code for p in problems(snapshot(rig.service, None, None))]
                assert "store_not_writable" in told
                position = rig.service.intake.position
                for _ in range(20):
                    await shore.send(heard(rig.now_s))
                    await rig.service.intake.noted(Kind.TICK, {})
                assert rig.service.intake.position >= position + 20
                assert rig.service.intake.trouble is None
            await rig.judged()
            assert rig.service.keeper.progress.trouble is None
            assert rig.service.database.position() == rig.service.intake.position

    asyncio.run(story())


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """Give a throwaway PostgreSQL."""
    with cluster() as found:
        yield found


def test_a_database_that_goes_away_is_waited_for(tmp_path: Path, server: Cluster) -> None:
    """PostgreSQL throws everybody out and lets nobody in; later it does again."""
    url = server.database()
    name = url.rpartition("/")[2].partition("?")[0]

    def let_in(allowed: str) -> None:
        server.run("postgres", f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}")
        server.run(
            "postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )

    async def story() -> None:
        async with (
            Shore() as shore,
            running(tmp_path, [feed("shore", shore.url)], store=url, connected=["shore"]) as rig,
        ):
            await rig.step({"shore": (shore, heard(rig.now_s + 5))})
            await asyncio.to_thread(let_in, "false")
            await shore.send(heard(rig.now_s))
            await rig.service.intake.noted(Kind.TICK, {})
            await until(lambda: rig.service.keeper.progress.trouble)
            assert rig.service.intake.trouble is None
            await asyncio.to_thread(let_in, "true")
            await rig.judged()
            assert rig.service.keeper.progress.trouble is None
            assert rig.service.database.position() == rig.service.intake.position

    asyncio.run(story())


@pytest.mark.parametrize("by_s", [3600, -3600], ids=["forward", "back"])
def test_a_clock_that_is_set_by_an_hour_kills_no_feed_and_loses_no_report(tmp_path: Path, by_s: int) -> None:
    """It is said; every report is in time, before and after."""

    async def story() -> None:
        async with (
            Shore() as shore,
            running(tmp_path, [feed("shore", shore.url)], connected=["shore"]) as rig,
        ):
            true_s = rig.now_s
            for n in range(50):
                rig.hand.pass_s(0.0, set_by_s=by_s if n == 10 else 0.0)
                true_s += 5
                await rig.step({"shore": (shore, heard(true_s))})
            assert not rig.alerts("feed_dead")
            assert rig.row("shore").counts["alive"] == 1
            assert rig.row("shore").reports == 50 * 10
            rig.service.intake.tell_clock()
            assert rig.rows().num_rows > 300
            assert flagged(rig.rows()) == 0
            await rig.tick()
        said = [r.payload for r in read_log(tmp_path / "log", 1, say=print) if r.kind == Kind.STATE]
        way = b"forward" if by_s > 0 else b"back"
        assert any(b"clock was set " + way + b" by 3,600 s" in payload for payload in said)

    asyncio.run(story())


def test_garbage_at_full_speed_is_counted_and_holds_up_no_other(tmp_path: Path) -> None:
    """Ten megabytes of lines of nonsense between the reports of another feed."""
    nonsense = b"!AIVDM,x\r\n~~~~ garbage ~~~~\n" * 10_000

    async def story() -> None:
        async with Shore() as good, Shore() as bad:
            feeds = [feed("good", good.url), feed("bad", bad.url)]
            async with running(tmp_path, feeds, connected=["good", "bad"]) as rig:
                for _ in range(20):
                    at = rig.now_s + 5
                    await rig.step({"bad": (bad, nonsense), "good": (good, heard(at))})
                assert rig.row("bad").state == "garbage"
                assert rig.row("bad").rejects + rig.row("bad").counts.get("unknown_format", 0) > 0
                assert rig.row("good").state == "connected"
                assert rig.row("good").reports == 20 * 10
                assert flagged(rig.rows()) == 0
                assert rig.service.intake._held_bytes < 1_000_000
                assert rig.service.keeper._part_rows < 400_000

    asyncio.run(story())


def ask(**more: Any) -> dict[str, Any]:
    """Give a command."""
    told = {"kind": "silence", "who": "Ada", "why": "tried", "arguments": {"feeds": ["test"], "for_s": 3600}}
    return {**told, **more}


def silences(database: Database) -> int:
    """Count the silences that were begun."""
    return sum(step["what"] == "silence" for step in database.silence_steps())


def test_a_command_is_done_once_whenever_it_is_given(tmp_path: Path) -> None:
    """While it runs, while it does not, and when a crash came between the log and the store."""
    feeds, hand = [Feed("test", Idle(), "nmea")], HandClock()

    async def run(*commands: dict[str, Any]) -> None:
        async with running(tmp_path, feeds, hand=hand) as rig:
            hand.pass_s(5)
            await rig.tick()
            for command in commands:
                rig.service.database.submit(command)
            await until(lambda: not rig.service.database.waiting_commands())

    asyncio.run(run(ask(command_id="running")))
    with Database.open(tmp_path) as database:
        assert database.command("running")["state"] == "done"  # type: ignore[index]
        database.submit(ask(command_id="stopped"))
    asyncio.run(run())
    with Database.open(tmp_path) as database, RawLog(tmp_path / "log") as log:
        assert silences(database) == 2
        database.submit(ask(command_id="killed"))
        (told,) = database.waiting_commands()
        log.append([Entry(Kind.COMMAND, hand.wall_us, 0, 0, json.dumps(told).encode())])
    asyncio.run(run(ask(command_id="refused", kind="acknowledge", alert_id="nobody", arguments={})))
    with Database.open(tmp_path) as database:
        assert silences(database) == 3
        states = {name: database.command(name) for name in ("stopped", "killed", "refused")}
        assert [s["state"] for s in states.values() if s] == ["done", "done", "refused"]
        assert "nothing has been heard yet" in states["refused"]["says"]  # type: ignore[index]


def test_a_work_beside_that_fails_is_said_and_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Channels, web and upkeep: none of them ends in silence."""
    monkeypatch.setattr("seavigil.runners.service._RESTART_S", 0.001)
    tries: list[int] = []

    async def work(_: object) -> None:
        tries.append(1)
        raise ZeroDivisionError("unforeseen")

    async def story() -> None:
        async with running(tmp_path, [Feed("test", Idle(), "nmea")], beside=(work,)):
            await until(lambda: len(tries) > 3)

    asyncio.run(story())
    said = [r.payload for r in read_log(tmp_path / "log", 1, say=print) if r.kind == Kind.STATE]
    assert any(b"ZeroDivisionError: unforeseen" in payload for payload in said)


def test_where_writing_fails_in_a_way_nobody_foresaw_the_service_ends_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Feeds that wait for good would be worse: whoever looks after it starts it anew."""

    def broken(*_: object) -> int:
        raise ZeroDivisionError("unforeseen")

    async def story() -> None:
        async with running(tmp_path, [Feed("test", Idle(), "nmea")]) as rig:
            monkeypatch.setattr(RawLog, "append", broken)
            rig.service.intake.note(Kind.TICK)
            await until(rig.service.keeper.stopping.is_set)

    with pytest.raises(Unfinished, match="writing the raw log ended: ZeroDivisionError: unforeseen"):
        asyncio.run(story())


def test_a_channel_that_hangs_holds_up_no_judging(tmp_path: Path) -> None:
    """What is told waits in the outbox."""

    async def hang(_: object) -> None:
        await asyncio.Event().wait()

    async def story() -> None:
        async with (
            Shore() as shore,
            running(tmp_path, [feed("shore", shore.url)], connected=["shore"], beside=(hang,)) as rig,
        ):
            for _ in range(5):
                await rig.step({"shore": (shore, heard(rig.now_s + 5))})
            assert rig.row("shore").reports == 50

    asyncio.run(story())
