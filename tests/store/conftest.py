"""Stores to test against: SQLite always, PostgreSQL where this machine has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seavigil.store.database import Database
from tests.postgres import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """Give a running PostgreSQL, one for the whole session, or skip."""
    with cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/seavigil.sqlite"
    running: Cluster = request.getfixturevalue("postgres")
    return running.database()


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    """Give an open store of each kind."""
    with Database.open(store_url) as opened:
        yield opened
