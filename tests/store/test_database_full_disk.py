"""A store on a full disk is still read, also when no service has it open."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from seavigil.store.database import Database
from tests.store import batches


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 2 MiB in memory, or skip where that is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except OSError:
        pytest.skip("no mount command here")
    if done.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> None:
    """Leave no byte of it."""
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while filler.write(b"x" * 4096):
            pass
    assert shutil.disk_usage(disk).free == 0


@pytest.mark.parametrize("running", [True, False])
def test_a_store_on_a_full_disk_is_read(disk: Path, *, running: bool) -> None:
    """Beside a service that has it open, and without one; to write it is refused in words."""
    service = Database.open(disk)
    service.save(batches.batch(1, alerts=[batches.alert("a")]))
    if not running:
        service.close()
    fill(disk)
    with Database.to_read(disk) as store:
        assert store.alert("a") is not None
    with (
        pytest.raises(OSError, match=r"disk is full|cannot be written|disk failed"),
        Database.open(disk) as store,
    ):
        store.save(batches.batch(2, alerts=[batches.alert(f"b{n}") for n in range(50)]))
    service.close()


def test_a_store_on_a_read_only_disk_is_read(disk: Path) -> None:
    """As a copy looked into: SQLite can make no file beside it."""
    with Database.open(disk) as service:
        service.save(batches.batch(1, alerts=[batches.alert("a")]))
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with Database.to_read(disk) as store:
        assert store.alert("a") is not None


def test_what_is_not_there_is_not_made_to_be_read(tmp_path: Path) -> None:
    """A path mistyped stays away."""
    with pytest.raises(FileNotFoundError):
        Database.to_read(tmp_path / "none")
    assert not (tmp_path / "none").exists()
