"""Where a service begins: what it will need of the log is kept, and what a power cut took is known."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seavigil.alerts.notify import Telling
from seavigil.records import SECOND_US
from seavigil.runners.service import Service
from seavigil.runners.telling import Desk
from seavigil.store.database import Database
from seavigil.store.rawlog import Entry, Kind, RawLog, RawLogParams
from tests.replay.streaming import plan_of

START_US = 1_790_000_000_000_000


@pytest.mark.parametrize("damaged", [False, True])
def test_nothing_is_pruned_before_it_was_judged(tmp_path: Path, damaged: bool) -> None:
    """Ten times as much as is to be kept has come, and no checkpoint stands for it: all of it stays."""
    with (
        RawLog(tmp_path / "log", RawLogParams(segment_bytes=50_000)) as log,
        Database.open(tmp_path) as database,
    ):
        service = Service(tmp_path, plan_of(None), [], log, database)
        if damaged:
            service.keeper.checkpoints.save(90, service._fingerprint, None)
            (path,) = service.keeper.checkpoints.folder.iterdir()
            path.write_bytes(path.read_bytes()[:-1] + b"?")
            log.keep_from(91)
        for second in range(100):
            log.append([Entry(Kind.DATA, START_US + second * 1_000_000, 1, 1, os.urandom(5_000))])
        if damaged:
            Service(tmp_path, plan_of(None), [], log, database)
        assert log.settle()
        assert log.prune(keep_bytes=50_000) == []
        assert next(log.read()).seq == 1


def ticks(first: int, last: int) -> list[Entry]:
    """Give ticks every five seconds."""
    return [Entry(Kind.TICK, START_US + n * 5 * SECOND_US) for n in range(first, last + 1)]


def connected(at_us: int) -> list[Entry]:
    """Say that a run begins, with one feed that is connected and has to be heard every 45 seconds."""
    told = {"feed": 7, "name": "coast", "url": "tcp://coast:1", "format": "nmea", "mute_after_s": 45.0}
    return [
        Entry(Kind.STATE, at_us, payload=json.dumps({"state": "started", "why": ""}).encode()),
        Entry(Kind.FEED, at_us, 7, payload=json.dumps(told).encode()),
        Entry(Kind.STATE, at_us, 7, payload=json.dumps({"state": "connected", "why": ""}).encode()),
    ]


def judged(folder: Path, do: Callable[[RawLog, Service], Any], *entries: Entry) -> Any:
    """Begin a service without its threads, judge what the log has and these entries, and do something."""
    with RawLog(folder / "log") as log, Database.open(folder) as database:
        service = Service(folder, plan_of(None), [], log, database, desk=Desk({"mail": Telling()}))
        log.append(entries)
        service.keeper._catch_up()
        service.keeper.work()
        return do(log, service)


def stored(_: RawLog, service: Service) -> list[tuple[str, int]]:
    """Give status and revision of each alert."""
    return [(alert["status"], alert["revision"]) for alert in service.database.alerts()]


def letters(_: RawLog, service: Service) -> list[str]:
    """Give what the channel is told, in order."""
    return [item.what for item in service.database.due(1 << 60)]


def cut(folder: Path, before: Callable[[], object]) -> None:
    """Let the log lose what is written into it, as a power cut does where nothing was synced."""
    (tail,) = (folder / "log").glob("*.log")
    size = tail.stat().st_size
    before()
    os.truncate(tail, size)


def mute(folder: Path) -> None:
    """Let a feed be heard of for 40 s, with a checkpoint at the end, and be mute at the next tick."""
    judged(folder, lambda _, service: service.keeper.checkpoint(), *connected(START_US), *ticks(1, 8))


def test_an_alert_whose_records_a_power_cut_took_ends(tmp_path: Path) -> None:
    """A feed's death was stored and told; the log lost it, the feed came back: it is closed, and told so.

    A crash right behind it changes nothing of that.
    """
    mute(tmp_path)
    cut(tmp_path, lambda: judged(tmp_path, stored, *ticks(9, 12)))
    line = b"!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24\r\n"
    at_us = START_US + 65 * SECOND_US
    assert judged(tmp_path, stored, *connected(at_us), Entry(Kind.DATA, at_us, 7, 5, line)) == [("closed", 2)]
    assert judged(tmp_path, letters) == ["opened", "ended"]
    for n in range(2):
        more = [Entry(Kind.DATA, at_us + n * SECOND_US, 7, 5, line), Entry(Kind.TICK, at_us + n * SECOND_US)]
        assert judged(tmp_path, stored, *more) == [("closed", 2)]


def test_what_led_to_nothing_may_be_lost(tmp_path: Path) -> None:
    """Ticks alone are gone: judging goes on at the checkpoint, behind them."""
    judged(tmp_path, lambda _, s: s.keeper.checkpoint(), *connected(START_US), *ticks(1, 5))
    cut(tmp_path, lambda: judged(tmp_path, stored, *ticks(6, 7)))
    begun = judged(tmp_path, lambda log, service: (service.keeper.again_to, log.next_seq))
    assert begun == (0, 11)


def test_the_log_is_on_the_disk_before_an_alert_is_stored(tmp_path: Path) -> None:
    """At a step that leads to an alert nothing of the log is unsynced when the store takes it."""
    mute(tmp_path)
    unsynced = []

    def watched(log: RawLog, service: Service) -> None:
        save = service.database.save

        def saving(batch: Any) -> None:
            unsynced.append((bool(batch.alerts), log.unsynced_bytes))
            save(batch)

        service.database.save = saving  # type: ignore[method-assign]
        log.append(ticks(9, 12))
        service.keeper.work()

    judged(tmp_path, watched)
    assert unsynced == [(True, 0)]
