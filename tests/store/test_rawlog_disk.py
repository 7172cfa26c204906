"""A disk that is full, read-only or broken: said in words, nothing half-written, and on it goes later."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from seavigil.store import rawlog_tail
from seavigil.store.rawlog import Entry, LogNotWritable, RawLog, RawLogParams
from seavigil.store.rawlog_segments import segments
from tests.store.logs import data, feed, numbered, read, small

REAL_WRITE = os.write


class Disk:
    """Stands for a disk that takes so many bytes more, then fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = 1 << 40
        self.code = errno.ENOSPC
        self.cut_fails = self.sync_fails = False
        for name in ("write", "ftruncate", "fdatasync"):
            monkeypatch.setattr(rawlog_tail.os, name, getattr(self, name))

    def write(self, number: int, content: bytes) -> int:
        if self.left <= 0:
            raise OSError(self.code, os.strerror(self.code))
        done = REAL_WRITE(number, bytes(content)[: self.left])
        self.left -= done
        return done

    def ftruncate(self, number: int, size: int) -> None:
        if self.cut_fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        os.truncate(number, size)

    def fdatasync(self, number: int) -> None:
        if self.sync_fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        os.fsync(number)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Let the open segment be written to a disk that can fail."""
    return Disk(monkeypatch)


@pytest.mark.parametrize("room", [0, 1, 31, 32, 60, 150])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT])
def test_a_write_that_fails_midway_leaves_nothing(tmp_path: Path, disk: Disk, room: int, code: int) -> None:
    """All of a batch or none of it, wherever the room ends, though whole records of it fitted."""
    with RawLog(tmp_path, small(100_000)) as log:
        log.append([data(1)])
        disk.left, disk.code = room, code
        for _ in range(2):
            with pytest.raises(
                LogNotWritable, match=f"raw log cannot be written: {os.strerror(code)}"
            ) as told:
                log.append([data(n) for n in range(2, 8)])
        assert told.value.filename == str(tmp_path)
        assert told.value.errno == code
        assert (log.next_seq, list(log.read())) == (2, numbered([data(1)]))
        assert read(tmp_path) == (numbered([data(1)]), [])
        disk.left = 1 << 40
        assert log.append([data(9)]) == 2
    assert read(tmp_path) == (numbered([data(1), data(9)]), [])


def test_what_cannot_be_cut_back_at_once_is_later(tmp_path: Path, disk: Disk) -> None:
    """Nobody sees the half: not the writer's readers meanwhile, nor anybody once it works again."""
    with RawLog(tmp_path, small(100_000)) as log:
        log.append([data(1)])
        disk.left, disk.cut_fails = 100, True
        with pytest.raises(LogNotWritable, match="No space left"):
            log.append([data(n) for n in range(2, 8)])
        disk.left = 1 << 40
        with pytest.raises(LogNotWritable, match="Input/output error"):
            log.append([data(2)])
        assert list(log.read()) == numbered([data(1)])
        disk.cut_fails = False
        assert log.append([data(3)]) == 2
        assert list(log.read()) == numbered([data(1), data(3)])
        assert log.notices() == []
    assert read(tmp_path) == (numbered([data(1), data(3)]), [])


def test_a_failed_sync_is_raised_and_made_good(tmp_path: Path, disk: Disk) -> None:
    """What a disk failed to write is written anew, into another file, before a sync succeeds again."""
    with RawLog(tmp_path, small(100_000)) as log:
        log.append([data(1)])
        disk.sync_fails = True
        with pytest.raises(LogNotWritable, match="Input/output error"):
            log.sync()
        assert log.unsynced_bytes > 0
        disk.sync_fails = False
        assert log.append([data(2)]) == 2
        log.sync()
        assert log.unsynced_bytes == 0
        assert [(s.first_seq, s.sealed) for s in segments(tmp_path)] == [(1, True), (2, False)]
        assert list(log.read()) == numbered([data(1), data(2)])


def test_syncing_in_the_background_says_once_that_it_fails(tmp_path: Path, disk: Disk) -> None:
    """Appending goes on as long as it can; one notice, not one a second."""
    with RawLog(tmp_path, RawLogParams(sync_s=0.001)) as log:
        disk.sync_fails = True
        log.append([data(1)])
        said: list[str] = []
        while not said:
            said = log.notices()
        assert "not brought onto the disk" in said[0]
        assert "Input/output error" in said[0]
        disk.sync_fails = False
        log.append([data(2)])
        while log.unsynced_bytes:
            pass
        assert said[1:] == log.notices() == []


def test_enough_bytes_wake_the_sync(tmp_path: Path) -> None:
    """Where much comes in, it does not wait for its time."""
    with RawLog(tmp_path, RawLogParams(sync_s=1e6, sync_bytes=1_000)) as log:
        log.append([data(1, bytes(900))])
        assert log.unsynced_bytes > 900
        log.append([data(2, bytes(900))])
        while log.unsynced_bytes:
            pass


def test_a_segment_that_cannot_be_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no room for a new segment nothing is appended, and nothing of it is left."""
    with RawLog(tmp_path, small(300)) as log:
        log.append([data(n) for n in range(6)])

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            patch.setattr(rawlog_tail, "write_durably", full)
            with pytest.raises(LogNotWritable, match="No space left"):
                log.append([data(7)])
        assert [s.first_seq for s in segments(tmp_path)] == [1]
        assert log.append([data(7)]) == 7
        assert [r.seq for r in log.read()] == list(range(1, 8))


def test_sealing_that_fails_is_said_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain segment stays and is read; with the next one it is tried again; one notice in all."""
    with RawLog(tmp_path, small(300)) as log:

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            patch.setattr("seavigil.store.rawlog_seal.write_durably", full)
            for n in range(20):
                log.append([data(n)])
                assert log.settle() is (n < 5)  # five records of some 48 bytes go into 300
            assert log.notices() == ["000000000001 cannot be sealed yet: No space left on device"]
            assert [r.seq for r in log.read()] == list(range(1, 21))
        for n in range(20, 30):
            log.append([data(n)])
        assert log.settle()
        assert log.notices() == []
        assert all(s.sealed and not s.plain for s in segments(tmp_path)[:-1])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 256 KiB in memory, or skip where that is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
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


def fill(log: RawLog, taken: list[Entry]) -> None:
    """Append batches without end; those that were appended are added to ``taken``."""
    while True:
        log.append(batch := [data(len(taken) + i, os.urandom(50)) for i in range(5)])
        taken += batch


def test_a_real_disk_that_is_full(small_disk: Path) -> None:
    """Filled to the last byte, emptied again, and again: what was taken is there, and nothing else."""
    taken: list[Entry] = []
    with RawLog(small_disk / "log", small(16_000, 4_000)) as log:
        for round_ in range(3):
            ballast = small_disk / "ballast"
            ballast.write_bytes(bytes(100_000))
            with pytest.raises(LogNotWritable, match="No space left on device"):
                fill(log, taken)
            assert list(log.read()) == numbered(taken)
            ballast.unlink()
            log.append([data(round_)])
            taken.append(data(round_))
    records, lost = read(small_disk / "log")
    assert (records, lost) == (numbered(taken), [])


def test_a_disk_that_becomes_read_only(small_disk: Path) -> None:
    """Said when appending, and when opening; it can be read all the same; writable again, it goes on."""
    with RawLog(small_disk / "log", small()) as log:
        log.append([feed(1, "coast"), data(1)])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(LogNotWritable, match="Read-only file system"):
        RawLog(small_disk / "log")
    assert [r.seq for r in read(small_disk / "log")[0]] == [1, 2]
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    with RawLog(small_disk / "log", small()) as log:
        assert log.append([data(2)]) == 3


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    """A file in the place of the folder: said, and nothing is written over."""
    (tmp_path / "log").write_text("mine")
    with pytest.raises(LogNotWritable, match="cannot be written"):
        RawLog(tmp_path / "log")
    assert (tmp_path / "log").read_text() == "mine"


def test_too_many_open_files_do_not_end_syncing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was tried, so nothing is in doubt: it is told, and done as soon as there is a file again."""
    real, failed, again = os.dup, threading.Event(), threading.Event()

    def dup(number: int) -> int:
        if not again.is_set():
            failed.set()
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return real(number)

    monkeypatch.setattr(rawlog_tail.os, "dup", dup)
    with RawLog(tmp_path, RawLogParams(sync_s=0.01)) as log:
        log.append([data(1)])
        with pytest.raises(LogNotWritable, match="Too many open files"):
            log.sync()
        assert failed.wait(20)
        again.set()
        until_s = time.monotonic() + 20
        while log.unsynced_bytes and time.monotonic() < until_s:
            time.sleep(0.005)
        assert log.unsynced_bytes == 0
        assert len(segments(tmp_path)) == 1
