"""What the judge finds is kept whole, in order, once; what cannot be kept waits, or costs itself alone."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seavigil.alerts import BookParams
from seavigil.records import SECOND_US
from seavigil.runners import keeper as keepers
from seavigil.runners.feed_health import FeedHealth
from seavigil.runners.judge import Judge
from seavigil.runners.keeper import Keeper
from seavigil.runners.live import Outcome
from seavigil.runners.plan import code_digest
from seavigil.runners.telling import Desk
from seavigil.store.checkpoints import Checkpoints
from seavigil.store.database import Database
from seavigil.store.days import DayFiles
from seavigil.store.rawlog import Kind, Record
from tests.replay.streaming import plan_of
from tests.runners.rig import BEGIN_US
from tests.runners.test_hazards import heard


class Log:
    """A log in memory of one feed, five seconds a piece."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.feeds: tuple[Record, ...] = ()
        self.now_us, self.seq, self.needed = BEGIN_US, 0, 0
        told = {"feed": 1, "name": "coast", "url": "tcp://coast:1", "format": "nmea"}
        self.write(Kind.FEED, json.dumps(told).encode(), feed=1)

    def write(self, kind: Kind, payload: bytes = b"", *, feed: int = 0) -> None:
        self.seq += 1
        self.records.append(Record(self.seq, kind, self.now_us, feed, feed, payload))

    def go_on(self, pieces: int) -> None:
        """Let a feed bring reports and the clock tick."""
        for _ in range(pieces):
            self.now_us += 5 * SECOND_US
            self.write(Kind.DATA, heard(self.now_us / SECOND_US), feed=1)
            self.write(Kind.TICK)

    def read(self, from_seq: int = 1) -> Iterator[Record]:
        return iter(self.records[max(from_seq - 1, 0) :])

    def keep_from(self, seq: int) -> None:
        self.needed = seq

    def sync(self) -> None:
        pass


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Callable[..., Keeper]]:
    """Make a keeper over a log, in a folder."""
    with Database.open(tmp_path) as database:

        def make(log: Log, **more: Any) -> Keeper:
            book = BookParams()
            judge = Judge(plan_of(None).watch(book), None, FeedHealth(), book)
            parts = (DayFiles(tmp_path), Checkpoints(tmp_path / "checkpoints"), "tested", Desk())
            given = {"now_us": lambda: log.now_us, "again_s": 0.001, **more}
            return Keeper(log, judge, database, *parts, **given)

        yield make


def test_working_off_what_has_piled_up_shows_that_it_lives(
    kept: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After every step, not when all is done: or it would be taken for stuck, and begin again, and again."""
    monkeypatch.setattr(keepers, "STEP_RECORDS", 10)
    log = Log()
    log.go_on(20)
    alive: list[float] = []
    keeper = kept(log, told=lambda _: alive.append(keeper.progress.alive_s))
    assert keeper.work()
    assert len(alive) == 5
    assert alive == sorted(set(alive))


def test_a_row_that_the_store_cannot_take_costs_itself_alone(
    kept: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept as a fault, and what came beside it is stored."""
    log = Log()
    log.go_on(2)
    keeper = kept(log)
    sound = Database.save

    def picky(self: Database, batch: Any) -> None:
        if any(row.name == "coast" for row in batch.feeds):
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        sound(self, batch)

    monkeypatch.setattr(Database, "save", picky)
    assert keeper.work()
    assert keeper.database.position() == log.seq
    (fault,) = keeper.database.step_faults(0)
    assert (fault["step"], fault["vessel_id"]) == ("storing feeds", "feeds")
    assert "OverflowError" in fault["error"]


def test_a_store_that_takes_nothing_is_waited_for(
    kept: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is told of before it is stored; told to stop meanwhile, the next start does it."""
    log, told, tries = Log(), list[int](), list[int]()
    log.go_on(1)
    keeper = kept(log, told=lambda step: told.append(step.position))
    sound = Database.save

    def away(self: Database, batch: Any) -> None:
        tries.append(1)
        if len(tries) < 4:
            assert not told
            raise OSError(28, "the disk is full")
        sound(self, batch)

    monkeypatch.setattr(Database, "save", away)
    keeper.work()
    assert (told, keeper.progress.trouble, len(tries)) == ([log.seq], None, 4)


def test_told_to_stop_while_the_store_takes_nothing_it_ends(
    kept: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a checkpoint: what was not stored is judged again after the next start."""
    log, told = Log(), list[int]()
    log.go_on(1)
    keeper = kept(log, told=lambda step: told.append(step.position))

    def away(self: Database, _: Any) -> None:
        keeper.stopping.set()
        raise OSError(28, "the disk is full")

    monkeypatch.setattr(Database, "save", away)
    keeper.run()
    assert (keeper.progress.failed, told, keeper.checkpoints.newest_position()) == (None, [], 0)
    assert keeper.ended.is_set()


def test_a_checkpoint_that_cannot_be_written_is_said_and_the_watch_goes_on(
    kept: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the reason; the one before holds."""
    log = Log()
    log.go_on(1)
    keeper = kept(log)
    keeper.work()
    keeper.checkpoint()
    first = keeper.checkpoints.newest_position()
    assert first == log.seq
    monkeypatch.setattr(Checkpoints, "save", lambda *_: 1 / 0)
    log.go_on(1)
    keeper.work()
    keeper.checkpoint()
    assert "checkpoint could not be written" in str(keeper.progress.checkpoint_trouble)
    assert keeper.checkpoints.newest_position() == first
    monkeypatch.undo()
    log.go_on(1)
    keeper.work()
    keeper.checkpoint()
    assert keeper.progress.checkpoint_trouble is None
    assert keeper.checkpoints.newest_position() == log.seq
    assert log.needed == first + 1


def test_a_judge_that_fails_is_not_taken_for_one_that_watches(kept: Callable[..., Keeper]) -> None:
    """It is followed, and no checkpoint is made of it: after the next start what it missed is judged."""

    def breaks(*_: object, **__: object) -> Outcome:
        raise AttributeError("'Watch' object has no attribute '_new'")

    log = Log()
    log.go_on(4)
    keeper = kept(log)
    keeper.work()
    keeper.checkpoint()
    right, before = keeper.judge.watch.take, keeper.progress.checkpoint
    keeper.judge.watch.take = breaks  # type: ignore[method-assign]
    log.go_on(4)
    keeper.work()
    keeper.checkpoint()
    assert (keeper.progress.failing.unjudged, keeper.progress.checkpoint) == (1, before)
    assert "_new" in keeper.progress.failing.why
    keeper.judge.watch.take = right  # type: ignore[method-assign]
    log.go_on(4)
    keeper.work()
    keeper.checkpoint()
    assert (keeper.progress.failing.unjudged, keeper.progress.checkpoint) == (0, log.seq)


def test_other_code_takes_up_nothing_stored(tmp_path: Path) -> None:
    """Of the same version it may have other fields; what judges nothing may change."""
    for name in ("tracks", "cli"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("one = 1")
    first = code_digest(tmp_path)
    (tmp_path / "cli" / "a.py").write_text("one = 2")
    code_digest.cache_clear()
    assert code_digest(tmp_path) == first
    (tmp_path / "tracks" / "a.py").write_text("one = 2")
    code_digest.cache_clear()
    assert code_digest(tmp_path) != first


def test_too_many_open_files_are_waited_out(
    kept: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log cannot be opened while others hold every file: it is told, tried again, and nothing is lost."""
    log = Log()
    log.go_on(20)
    keeper = kept(log)
    read, tries, told = log.read, [], []

    def full(from_seq: int = 1) -> Iterator[Record]:
        tries.append(from_seq)
        told.append(keeper.progress.trouble)
        if len(tries) <= 3:
            raise OSError(errno.EMFILE, "Too many open files", "log")
        return read(from_seq)

    monkeypatch.setattr(log, "read", full)
    log.write(Kind.END)
    keeper.run()
    assert (keeper.progress.failed, keeper.progress.position) == (None, log.seq)
    assert [text is not None for text in told[:4]] == [False, True, True, True]
    assert keeper.progress.trouble is None
