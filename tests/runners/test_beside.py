"""What a service does beside watching: its status is taken whatever fails, and what is old is taken away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seavigil.assets.model import Assets
from seavigil.records import DAY_US
from seavigil.runners import beside as besides
from seavigil.runners.beside import Beside, Kept
from seavigil.runners.dispatch import Line
from seavigil.runners.service import Feed, Service
from seavigil.runners.status import problems, read_status
from seavigil.store.database import Database
from seavigil.store.days import DayFiles
from seavigil.store.inquiries import InquiryRow
from seavigil.store.rows import Batch, OutboxRow
from seavigil.store.trail import Entry
from tests.cases.judge import cable
from tests.runners.rig import Rig, running, until
from tests.runners.telling import Scripted, away, letter
from tests.runners.test_service import Idle

FEEDS = [Feed("test", Idle(), "nmea")]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(besides, "STATUS_S", 0.001)
    monkeypatch.setattr(besides, "UPKEEP_S", 0.001)


def said(service: Service) -> dict[str, str]:
    """Give what is wrong, by its code."""
    return {problem.code: problem.words for problem in problems(service.status())}


def play(folder: Path, beside: Beside, story: Any) -> None:
    """Run a service with works beside it while a story is told."""

    async def told() -> None:
        async with running(folder, FEEDS, beside=beside.works) as rig:
            await story(rig)

    asyncio.run(told())


def test_a_status_that_cannot_be_written_is_still_told_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The web tells it; and that it could not be written, as long as it cannot."""
    sound = besides.write_status

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    async def story(rig: Rig) -> None:
        await until(lambda: read_status(tmp_path))
        monkeypatch.setattr(besides, "write_status", full)
        await until(lambda: "No space left" in said(rig.service).get("store_not_writable", ""))
        monkeypatch.setattr(besides, "write_status", sound)
        await until(lambda: "store_not_writable" not in said(rig.service))

    play(tmp_path, Beside(), story)
    status = read_status(tmp_path)
    assert status is not None
    assert status.stopped


def test_a_store_that_cannot_be_asked_is_said_to_be_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How feeds and log do is told nevertheless."""

    def away(*_: object) -> None:
        raise OSError(111, "the connection was lost", "postgresql://here")

    async def story(rig: Rig) -> None:
        monkeypatch.setattr(Database, "alert_counts", away)
        await until(lambda: "the connection was lost" in said(rig.service).get("store_not_writable", ""))
        assert rig.service.status().feeds
        assert rig.service.status().log.writable
        monkeypatch.undo()

    play(tmp_path, Beside(), story)


def test_letters_of_a_channel_that_is_no_more_are_given_up_by_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A channel was renamed: what waits for its old name is dead and said, the rest waits."""
    rows = [
        OutboxRow(f"a:1:{name}", name, "a", 1, "warning", "opened", 1, {"alert_id": "a"})
        for name in ("old", "new")
    ]
    with Database.open(tmp_path) as database:
        database.save(Batch(0, 1, outbox=rows))
        beside = Beside([Line("new", Scripted())])
        beside._give_up_strays(database, 2)
        (dead,) = database.dead_letters()
        assert (dead.key, dead.done_us, dead.attempts) == ("a:1:old", 2, 0)
        assert dead.last_error == "no channel of this name in the settings any more"
        assert [item.key for item in database.due(2)] == ["a:1:new"]
        database.retry("a:1:old")
        assert len(database.due(2)) == 2
    assert "channel old: 1 given up" in caplog.text

    async def story(rig: Rig) -> None:
        await until(rig.service.database.dead_letters)

    play(tmp_path, Beside(), story)


def test_a_service_without_assets_says_so(tmp_path: Path) -> None:
    """All may be well but that no alert about a cable can ever come."""

    async def story(rig: Rig) -> None:
        await until(lambda: "no_assets" in said(rig.service))
        rig.service.plan = replace(rig.service.plan, assets=Assets([cable((59.0, 22.3), (60.0, 22.3))]))
        await until(lambda: "no_assets" not in said(rig.service))

    play(tmp_path, Beside(), story)


def test_a_channel_that_fails_is_in_the_status_from_its_first_failure_on(tmp_path: Path) -> None:
    """By its name, with what it said."""
    row = OutboxRow("a:1:hook", "hook", "a", 1, "warning", "opened", 1, letter("a").payload)
    with Database.open(tmp_path) as database:
        database.save(Batch(0, 1, outbox=[row]))

    async def story(rig: Rig) -> None:
        await until(lambda: "channel hook fails since " in said(rig.service).get("channel_fails", ""))
        assert said(rig.service)["channel_fails"].endswith("Z: HTTP 503")

    play(tmp_path, Beside([Line("hook", Scripted(*(away() for _ in range(99))))]), story)


def test_what_people_did_is_taken_away_when_it_is_old(tmp_path: Path) -> None:
    """Two years for the trail, 90 days for inquiries, whatever else is kept for good."""

    async def story(rig: Rig) -> None:
        database, now_us = rig.service.database, rig.service.clock.now_us()
        old_us = now_us - 91 * DAY_US, now_us - 731 * DAY_US
        for at_us in old_us:
            database.trail.add(Entry(at_us, "ada", "settings", "read"))
            database.inquiries.put(InquiryRow(str(at_us), at_us, "ada", None, {}))
        await until(lambda: len(database.trail.entries()) == 1)
        await until(lambda: database.inquiries.get(str(old_us[0])) is None)
        assert database.trail.entries()[0][1].at_us == old_us[0]

    play(tmp_path, Beside(), story)


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), ValueError("damaged")])
def test_upkeep_that_fails_is_said_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """What is old stays until it can be taken away."""
    beside = Beside(kept=Kept(log_days=1.0, store_days=1.0, reports_days=1.0))

    def failing(*_: object) -> None:
        raise fault

    async def story(_: Rig) -> None:
        monkeypatch.setattr(DayFiles, "compact", failing)
        await until(lambda: beside.trouble)
        assert str(fault) == beside.trouble
        monkeypatch.undo()
        monkeypatch.setattr(besides, "UPKEEP_S", 0.001)
        await until(lambda: beside.trouble is None)

    play(tmp_path, beside, story)
