"""A service stopped, crashed, damaged, told otherwise: what it told stays, the rest is judged the same."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from seavigil.alerts.notify import Telling
from seavigil.assets.read import read as read_assets
from seavigil.exercises import gulf_of_finland
from seavigil.feeds.transports.contract import FeedState, Sink
from seavigil.runners.live import Watch
from seavigil.runners.plan import Plan
from seavigil.runners.service import Feed
from seavigil.runners.telling import Desk
from seavigil.store.database import Database
from seavigil.store.days import DayFiles
from seavigil.store.rawlog import Kind, RawLog
from seavigil.store.rawlog_segments import segments
from tests.replay.streaming import messages, plan_of
from tests.runners.rig import HandClock, Rig, running, until

PIECES = 15


class Idle:
    """A feed whose bytes the test brings itself."""

    shown = "idle://"

    async def run(self, sink: Sink) -> None:
        """Wait."""
        sink.state(FeedState.CONNECTED)
        await asyncio.Event().wait()


def test_what_the_store_did_not_take_is_said_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stops a service on a full disk is not told that all is kept; started again it has kept all."""

    def full(*_: object) -> None:
        raise OSError(28, "the disk is full", "sqlite:///here")

    async def work(*, room: bool) -> str:
        async with running(tmp_path, [Feed("test", Idle(), "nmea")], drain_s=0.1) as rig:
            if not room:
                monkeypatch.setattr(Database, "save", full)
                rig.service.intake.note(Kind.TICK)
                await until(lambda: rig.service.keeper.progress.trouble)
        return rig.service.unkept()

    assert "the store did not take all ([Errno 28] the disk is full" in asyncio.run(work(room=False))
    monkeypatch.undo()
    assert asyncio.run(work(room=True)) == ""


@dataclass(frozen=True)
class Gulf:
    """The invented hour, in pieces, what is watched in it, and the revisions it leads to unbroken."""

    plan: Plan
    pieces: Sequence[bytes]
    unbroken: Sequence[dict[str, Any]]
    folder: Path


@pytest.fixture(scope="module")
def gulf(tmp_path_factory: pytest.TempPathFactory) -> Gulf:
    """Give the hour; it is watched once without a break."""
    folder = tmp_path_factory.mktemp("gulf")
    exercise = gulf_of_finland(seed=1)
    (folder / "assets.geojson").write_text(exercise.assets_geojson)
    plan = plan_of(read_assets([folder / "assets.geojson"]))
    whole = [m.data for m in messages(exercise.nmea)]
    share = len(whole) // PIECES + 1
    pieces = [b"".join(whole[at : at + share]) for at in range(0, len(whole), share)]
    found = Gulf(plan, pieces, [], folder)
    live(folder, found, pieces, end=True)
    return replace(found, unbroken=stored(folder))


async def pour(rig: Rig, pieces: Sequence[bytes]) -> None:
    """Bring pieces by one connection, ten seconds apart, and have all of them judged."""
    sink = rig.service.intake.sink(rig.service.feeds[0].number)
    stream = sink.opened("test")
    for piece in pieces:
        await sink.received(stream, piece)
        rig.hand.pass_s(10)
        await rig.tick()


def live(
    folder: Path,
    gulf: Gulf,
    pieces: Sequence[bytes],
    *,
    end: bool = False,
    hand: HandClock | None = None,
    **more: Any,
) -> Rig:
    """Run a service over pieces, and stop it in good order; ``end``: the data end there for good."""

    async def story() -> Rig:
        feeds = [Feed("test", Idle(), "nmea")]
        desk = Desk({"book": Telling("info")})
        given = {"plan": gulf.plan, "desk": desk, "hand": hand or HandClock(), **more}
        async with running(folder, feeds, **given) as rig:
            await pour(rig, pieces)
            if end:
                await rig.service.intake.noted(Kind.END, {})
                await until(rig.service.keeper.ended.is_set)
        return rig

    return asyncio.run(story())


def stored(folder: Path) -> list[dict[str, Any]]:
    """Give all revisions of alerts about ships, but for what feeds add."""
    with Database.open(folder) as database:
        ids = sorted(alert["alert_id"] for alert in database.alerts(limit=1_000))
        lines = [line for alert_id in ids for line in database.revisions(alert_id) if line["feed"] is None]
    for line in lines:
        line["coverage"] = line["coverage"]["ships_heard_around"]
    return lines


def letters(folder: Path) -> list[tuple[str, int, str]]:
    """Give what the channel is told: alert, revision, step."""
    with Database.open(folder) as database:
        found = database.due(1 << 60, limit=10_000)
    return [(item.alert_id, item.revision, item.what) for item in found if item.payload["feed"] is None]


def steps(folder: Path) -> Counter[tuple[Any, ...]]:
    """Count the steps of alerts by all but when they were written down."""
    with Database.open(folder) as database:
        found = database.transitions(limit=10_000)
    return Counter(tuple(v for k, v in sorted(step.items()) if k != "wall_us") for step in found)


def checkpoints(folder: Path) -> list[Path]:
    """Give the files of checkpoints, the newest first."""
    return sorted((folder / "checkpoints").iterdir(), reverse=True)


def rows_kept(folder: Path) -> int:
    """Count the reports in the files by day."""
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(part.path).num_rows for part in DayFiles(folder).parts("reports"))


def test_stopped_and_started_again_and_again_it_finds_the_same(tmp_path: Path, gulf: Gulf) -> None:
    """Each part of the hour in a run of its own."""
    hand = HandClock()
    for at in range(0, PIECES, 3):
        live(tmp_path, gulf, gulf.pieces[at : at + 3], end=at + 3 >= PIECES, hand=hand)
    assert stored(tmp_path) == gulf.unbroken


def test_a_stop_under_load_loses_nothing_that_was_acknowledged(tmp_path: Path, gulf: Gulf) -> None:
    """What came last is in the log, and is judged after the next start if there was no time before."""
    done: list[bytes] = []

    async def story() -> None:
        feeds = [Feed("test", Idle(), "nmea")]
        async with running(tmp_path, feeds, plan=gulf.plan, drain_s=0.0) as rig:
            sink = rig.service.intake.sink(feeds[0].number)
            stream = sink.opened("test")

            async def load() -> None:
                for piece in gulf.pieces:
                    await sink.received(stream, piece)
                    done.append(piece)

            loading = asyncio.create_task(load())
            await until(lambda: len(done) >= 5)
            rig.service.stop()
            loading.cancel()

    asyncio.run(story())
    with RawLog(tmp_path / "log") as log:
        logged = b"".join(r.payload for r in log.read() if r.kind == Kind.DATA)
    assert logged.startswith(b"".join(done))
    live(tmp_path, gulf, gulf.pieces[len(done) :], end=True)
    assert stored(tmp_path) == gulf.unbroken


@pytest.mark.parametrize("damaged", [1, 2])
def test_a_damaged_checkpoint_costs_time_and_nothing_else(tmp_path: Path, gulf: Gulf, damaged: int) -> None:
    """The one before it is taken, or the whole log; nothing is told, stored or written twice."""
    live(tmp_path, gulf, gulf.pieces[:8])
    live(tmp_path, gulf, gulf.pieces[8:10])
    told, taken = letters(tmp_path), steps(tmp_path)
    for path in checkpoints(tmp_path)[:damaged]:
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    rig = live(tmp_path, gulf, [])
    assert rig.service.keeper.again_to == 0
    assert letters(tmp_path) == told
    live(tmp_path, gulf, gulf.pieces[10:], end=True)
    assert stored(tmp_path) == gulf.unbroken
    assert steps(tmp_path).most_common(1)[0][1] == 1
    assert taken <= steps(tmp_path)
    assert rows_kept(tmp_path) == rows_kept(gulf.folder)


def test_under_other_settings_it_is_judged_again_and_told_once(tmp_path: Path, gulf: Gulf) -> None:
    """What stood goes on with the next number; nothing is told twice, and what follows is told."""
    other = replace(gulf.plan, fingerprint="other settings")
    live(tmp_path, gulf, gulf.pieces[:9])
    before, told = stored(tmp_path), letters(tmp_path)
    live(tmp_path, replace(gulf, plan=other), [])
    assert (stored(tmp_path), letters(tmp_path)) == (before, told)
    live(tmp_path, replace(gulf, plan=other), gulf.pieces[9:], end=True)
    assert stored(tmp_path) == gulf.unbroken
    after = letters(tmp_path)
    assert after[: len(told)] == told
    assert len(after) == len({(alert_id, revision) for alert_id, revision, _ in after}) > len(told)


def test_settings_that_see_less_number_on_and_close_what_nothing_speaks_for(
    tmp_path: Path, gulf: Gulf
) -> None:
    """Without assets nothing is near one: what stood open is closed, for a reason that is told."""
    live(tmp_path, gulf, gulf.pieces[:10])
    opened = {line["alert_id"]: line for line in stored(tmp_path) if line["status"] == "open"}
    standing = {i for i, line in opened.items() if newest(tmp_path, i)["status"] == "open"}
    assert standing
    blind = replace(gulf.plan, assets=None, fingerprint="nothing is watched")
    live(tmp_path, replace(gulf, plan=blind), [])
    for alert_id in standing:
        line = newest(tmp_path, alert_id)
        assert (line["status"], line["revision"]) == ("closed", opened[alert_id]["revision"] + 1)
        with Database.open(tmp_path) as database:
            last = database.transitions(alert_id)[-1]
        assert (last["what"], last["before"], last["after"]) == ("judged_again", "open", "closed")
    live(tmp_path, gulf, [])
    for alert_id in standing:
        line = newest(tmp_path, alert_id)
        assert (line["status"], line["revision"]) == ("open", opened[alert_id]["revision"] + 2)


def newest(folder: Path, alert_id: str) -> dict[str, Any]:
    """Give an alert as it is stored."""
    with Database.open(folder) as database:
        found = database.alert(alert_id)
    assert found is not None
    return found


def test_settings_that_see_more_tell_at_once_what_stands(tmp_path: Path, gulf: Gulf) -> None:
    """A case that goes on when its asset is first watched is stored and told."""
    blind = replace(gulf.plan, assets=None, fingerprint="nothing is watched")
    live(tmp_path, replace(gulf, plan=blind), gulf.pieces[:10])
    before = {alert_id for alert_id, *_ in letters(tmp_path)}
    live(tmp_path, gulf, [])
    told = Counter(alert_id for alert_id, *_ in letters(tmp_path) if alert_id not in before)
    assert told
    assert set(told.values()) == {1}
    assert all(newest(tmp_path, alert_id)["status"] == "open" for alert_id in told)


def test_without_checkpoints_and_without_the_logs_beginning_what_was_told_stays(
    tmp_path: Path, gulf: Gulf
) -> None:
    """The log is judged from where it still is, to know what goes on; its numbers go on from those stored."""
    live(tmp_path, gulf, gulf.pieces[:5])
    with RawLog(tmp_path / "log") as log:
        log.roll()
        assert log.settle()
    live(tmp_path, gulf, gulf.pieces[5:10])
    before, told, rows = stored(tmp_path), letters(tmp_path), rows_kept(tmp_path)
    first, *_ = segments(tmp_path / "log")
    first.zst_path.unlink()
    for path in checkpoints(tmp_path):
        path.write_bytes(b"?")
    rig = live(tmp_path, gulf, [])
    assert rig.service.keeper.again_to > 0
    assert letters(tmp_path)[: len(told)] == told
    assert rows_kept(tmp_path) == rows
    live(tmp_path, gulf, gulf.pieces[10:], end=True)
    numbers = Counter((line["alert_id"], line["revision"]) for line in stored(tmp_path))
    assert max(numbers.values()) == 1
    unbroken = {line["alert_id"]: line["status"] for line in (*before, *gulf.unbroken)}
    other = {i for i, status in unbroken.items() if newest(tmp_path, i)["status"] != status}
    # what began in the part that is gone, and nothing speaks for any more
    assert {newest(tmp_path, alert_id)["status"] for alert_id in other} <= {"closed"}
    assert len(other) <= 2


def test_data_that_have_ended_are_not_followed_by_others(tmp_path: Path, gulf: Gulf) -> None:
    """A folder whose recording was watched to its end is refused in words."""
    live(tmp_path, gulf, gulf.pieces[:2], end=True)
    with pytest.raises(ValueError, match=r"the data of this folder have ended .* take another folder"):
        live(tmp_path, gulf, gulf.pieces[2:3])


def test_what_nobody_foresaw_costs_what_came_then_and_no_more(
    tmp_path: Path, gulf: Gulf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept as a fault, and the watch goes on."""
    sound, calls = Watch.take, [0]

    def broken(self: Watch, *given: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == 3:
            raise ZeroDivisionError("unforeseen")
        return sound(self, *given, **named)

    monkeypatch.setattr(Watch, "take", broken)
    rig = live(tmp_path, gulf, gulf.pieces, end=True)
    with Database.open(tmp_path) as database:
        assert [f["error"] for f in database.step_faults(0)] == ["ZeroDivisionError: unforeseen"]
    assert rig.service.keeper.progress.failed is None
    assert len({line["alert_id"] for line in stored(tmp_path)}) >= 10


def test_a_log_that_lost_its_end_in_a_power_cut_goes_on_behind_what_was_judged(
    tmp_path: Path, gulf: Gulf
) -> None:
    """After a power cut no number is given twice: what was stored of the lost records stays."""
    live(tmp_path, gulf, gulf.pieces[:10])
    told = letters(tmp_path)
    with Database.open(tmp_path) as database:
        kept_to = database.position()
    (segment,) = segments(tmp_path / "log")
    whole = segment.plain_path.read_bytes()
    segment.plain_path.write_bytes(whole[: len(whole) * 3 // 4])
    rig = live(tmp_path, gulf, gulf.pieces[10:], end=True)
    assert rig.service.intake.position > kept_to
    assert letters(tmp_path)[: len(told)] == told
    assert stored(tmp_path) == gulf.unbroken


def test_a_run_leaves_no_thread_and_no_task(tmp_path: Path, gulf: Gulf) -> None:
    """Beside those of the event loop's own pool, which end with it."""
    before = set(threading.enumerate())
    live(tmp_path, gulf, gulf.pieces[:3])
    asyncio.run(asyncio.sleep(0))
    assert {t.name for t in set(threading.enumerate()) - before} <= {"intake_0"}
