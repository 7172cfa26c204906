"""Whose a store is: of one log, and of one service at a time."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from seavigil.runners.service import Service
from seavigil.store import schema
from seavigil.store.database import Database
from seavigil.store.engine import make_engine
from seavigil.store.engine import store_url as parsed
from seavigil.store.rawlog import RawLog
from tests.replay.streaming import plan_of
from tests.store import batches


def test_a_store_of_another_log_is_refused_in_words(store_url: str) -> None:
    """What the first log led to is there, so the second is told whose it is."""
    for _ in range(2):
        with Database.open(store_url) as database:
            database.claim("a" * 32)
            database.save(batches.batch(7))
        with Database.open(store_url) as database, pytest.raises(ValueError, match="from another log") as no:
            database.claim("b" * 32)
        assert "a" * 32 in str(no.value)


def test_a_store_made_before_logs_had_ids_takes_the_next(store_url: str) -> None:
    """It goes on with what is stored, and is of that log from then on."""
    engine = make_engine(parsed(store_url))
    schema.migrate(engine, "0001")
    engine.dispose()
    with Database.open(store_url) as database:
        database.save(batches.batch(7))
        database.claim("a" * 32)
        assert database.position() == 7
    with Database.open(store_url) as database, pytest.raises(ValueError, match="from another log"):
        database.claim("b" * 32)


def test_one_service_at_a_time_works_on_a_store(store_url: str) -> None:
    """A copy of a running service's folder, with the same log, is refused; others may read and command."""
    with Database.open(store_url) as running:
        running.claim("a" * 32)
        running.claim("a" * 32)
        with Database.open(store_url) as other:
            with pytest.raises(OSError, match="another service works on this store") as no:
                other.claim("a" * 32)
            assert no.value.errno == errno.EBUSY
            assert other.position() == 0
    with Database.open(store_url) as again:
        again.claim("a" * 32)


def test_a_service_does_not_begin_on_the_store_of_another(tmp_path: Path, store_url: str) -> None:
    """Two folders with one store: the second does not start, and its log stays empty."""
    folders = [tmp_path / "one", tmp_path / "other"]
    with RawLog(folders[0] / "log") as log, Database.open(store_url) as database:
        Service(folders[0], plan_of(None), [], log, database)
        database.save(batches.batch(7))
    with RawLog(folders[1] / "log") as log, Database.open(store_url) as database:
        with pytest.raises(ValueError, match="from another log"):
            Service(folders[1], plan_of(None), [], log, database)
        assert log.next_seq == 1


def test_a_log_keeps_its_id(tmp_path: Path) -> None:
    """Opened again it is the same; another log has another; the id of a log that is gone can be given on."""
    ids = []
    for name in ("one", "one", "other"):
        with RawLog(tmp_path / name) as log:
            ids.append(log.log_id)
    assert ids[0] == ids[1] != ids[2]
    (tmp_path / "other" / "id").write_text(f"{ids[0]}\n")
    with RawLog(tmp_path / "other") as log:
        assert log.log_id == ids[0]
