"""A throwaway PostgreSQL with PostGIS, started once for a test session: nothing of it outlives the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text

#: Where Debian puts programs that are not in the path, by version.
_DEBIAN = Path("/usr/lib/postgresql")
_USER = "postgres"
#: Durability is not what the tests are about; the cluster listens on a socket in its own folder alone.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
}


class Cluster:
    """A running server, in which each test gets a database of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._has_template = False

    def url(self, database: str) -> str:
        """Give the URL of a database."""
        where = URL.create("postgresql", username=_USER, database=database, query={"host": str(self._folder)})
        return where.render_as_string(hide_password=False)

    def database(self, *, postgis: bool = True) -> str:
        """Make an empty database; gives its URL."""
        number = next(self._numbers)
        if postgis and not self._has_template:
            self.run("postgres", "CREATE DATABASE with_postgis")
            self.run("with_postgis", "CREATE EXTENSION postgis")
            self._has_template = True
        template = "with_postgis" if postgis else "template1"
        self.run("postgres", f"CREATE DATABASE test_{number} TEMPLATE {template}")
        return self.url(f"test_{number}")

    def run(self, database: str, statement: str) -> None:
        """Run one statement in a database, outside a transaction."""
        engine = create_engine(
            self.url(database).replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a server and stop it afterwards; skip with the reason where that cannot be done."""
    programs = _programs()
    # a folder of the system's own, not pytest's: the server's user may not look into root's
    folder = Path(tempfile.mkdtemp(prefix="seavigil-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _USER)
        data = folder / "data"
        _as_user(programs / "initdb", "-D", str(data), "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = " ".join(f"-c {k}='{v}'" for k, v in _SETTINGS.items())
        options = f"-k {folder} {settings}"
        log = str(folder / "server.log")
        _as_user(programs / "pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", log, "-o", options, "start")
        try:
            yield Cluster(folder)
        finally:
            _as_user(programs / "pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda p: p.parts[-3].zfill(3))
    inside = shutil.which("initdb")
    if not found and inside is None:
        pytest.skip("no PostgreSQL server on this machine (Debian: postgresql, postgresql-15-postgis-3)")
    if not any(Path("/usr/share/postgresql").glob("*/extension/postgis.control")) and inside is None:
        pytest.skip("no PostGIS on this machine (Debian: postgresql-15-postgis-3)")
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        pytest.skip("PostgreSQL refuses to run as root, and there is no runuser to be somebody else")
    return found[-1].parent if found else Path(str(inside)).parent


def _as_user(*command: str | Path) -> None:
    """Run one of the server's programs, as its user where we are root."""
    other = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*other, *map(str, command)], capture_output=True, text=True, timeout=90, check=False
    )
    if done.returncode:
        pytest.skip(
            f"PostgreSQL does not start here: {' '.join((done.stderr or done.stdout).split())[-300:]}"
        )
