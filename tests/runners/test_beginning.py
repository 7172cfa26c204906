"""Where a service begins: what it will need of the log is kept from its first moment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seavigil.runners.service import Service
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
