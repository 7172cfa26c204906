"""PostgreSQL's own programs for copies: `pg_dump` and `pg_restore`, told where to, never shown a password."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import URL

from seavigil.store.engine import shown


def dump(url: URL, copy: Path, snapshot: str, tables: Sequence[str]) -> None:
    """Copy tables as they are in an exported snapshot. Raises ``OSError`` with the program's words."""
    wanted = [f"--table={name}" for name in (*tables, "alembic_version")]
    _run("pg_dump", url, f"--file={copy}", "--format=custom", "--no-owner", f"--snapshot={snapshot}", *wanted)


def restore(url: URL, copy: Path) -> None:
    """Bring tables back, all or none. Raises ``OSError`` with the program's words."""
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", str(copy))


def _run(program: str, url: URL, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise FileNotFoundError(2, "not installed: it comes with PostgreSQL's client programs", program)
    where = url.set(drivername="postgresql", password=None).render_as_string()
    secret = {} if url.password is None else {"PGPASSWORD": url.password}
    done = subprocess.run(
        [found, f"--dbname={where}", *arguments],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = " ".join(done.stderr.split())[:300] or f"ended with {done.returncode}"
        raise OSError(5, f"{program}: {words}", shown(url))
