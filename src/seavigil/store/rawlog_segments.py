"""The raw log's files: their names, what a seal says, and writing so that a power cut undoes nothing."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from seavigil.store.rawlog_records import Times

#: A segment is called by the number of its first record.
_NAME = re.compile(r"(\d{12,19})\.log(\.zst)?")


class LogNotWritable(OSError):
    """The disk is full, read-only or broken; the log is whole, and may be tried again."""


class LogInUse(OSError):
    """Another process writes this log."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the log. For a moment it is there twice: sealed, and plain as it was written."""

    folder: Path
    first_seq: int
    plain: bool = False
    sealed: bool = False

    @property
    def name(self) -> str:
        """What its files' names begin with."""
        return f"{self.first_seq:012d}"

    @property
    def plain_path(self) -> Path:
        """Where it is written."""
        return self.folder / f"{self.name}.log"

    @property
    def zst_path(self) -> Path:
        """Where it lies once it is sealed."""
        return self.folder / f"{self.name}.log.zst"

    @property
    def seal_path(self) -> Path:
        """Where its seal is."""
        return self.folder / f"{self.name}.seal.json"


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of a sealed segment that is compressed by itself, so that damage ends with it."""

    plain_at: int
    zst_at: int
    first_seq: int | None  #: null for the head, and for bytes that could not be read when it was sealed


@dataclass(frozen=True, slots=True)
class Seal:
    """What is written down of a segment when it is closed. Digests are SHA-256 in hexadecimal."""

    first_seq: int
    last_seq: int
    plain_bytes: int
    plain_sha256: str
    zst_bytes: int
    zst_sha256: str
    times: Times | None
    damaged_at: int | None  #: plain byte from which on it could not be read when it was sealed
    previous: str | None  #: digest of the seal before: they are a chain
    frames: tuple[Frame, ...]

    def as_bytes(self) -> bytes:
        """Give the seal's file."""
        fields: dict[str, Any] = {"version": 1, "records": self.records, **asdict(self)}
        fields["times"] = None if self.times is None else self.times._asdict()
        fields["frames"] = [[f.plain_at, f.zst_at, f.first_seq] for f in self.frames]
        return (json.dumps(fields) + "\n").encode()

    @property
    def records(self) -> int:
        """How many records it has."""
        return self.last_seq + 1 - self.first_seq

    @property
    def digest(self) -> str:
        """What the next seal calls this one."""
        return sha256(self.as_bytes()).hexdigest()


def segments(folder: Path) -> list[Segment]:
    """Give the segments in the log's order; none where there is no folder."""
    found: dict[int, dict[str, bool]] = {}
    with suppress(FileNotFoundError):
        for name in os.listdir(folder):  # noqa: PTH208 (half the time, and it is done for every read)
            if match := _NAME.fullmatch(name):
                found.setdefault(int(match[1]), {})["sealed" if match[2] else "plain"] = True
    return [Segment(folder, seq, **kinds) for seq, kinds in sorted(found.items())]


def read_seal(segment: Segment) -> Seal | None:
    """Give a segment's seal, or nothing where there is none. Raises ``ValueError`` where it is damaged."""
    try:
        content = segment.seal_path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        seal = _seal(json.loads(content))
    except (ValueError, TypeError, KeyError) as fault:
        raise ValueError(f"{segment.seal_path.name}: no seal that can be read ({fault})") from fault
    if seal.as_bytes() != content:
        raise ValueError(f"{segment.seal_path.name}: the seal was changed")
    return seal


def _seal(fields: dict[str, Any]) -> Seal:
    if fields.pop("version") != 1:
        raise ValueError("a version not known here")
    fields.pop("records")
    times, frames = fields.pop("times"), fields.pop("frames")
    return Seal(
        **fields,
        times=None if times is None else Times(**times),
        frames=tuple(Frame(*frame) for frame in frames),
    )


def write_durably(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that is there whole or not at all, and is there after a power cut. Raises ``OSError``."""
    half = path.with_name(f".{path.name}.part")
    try:
        with half.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except BaseException:
        with suppress(OSError):
            half.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut. Raises ``OSError``."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
