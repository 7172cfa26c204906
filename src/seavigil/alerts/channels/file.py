"""A file of JSON lines: each alert once, and on the disk before it counts as sent.

Exactly once even when the program is killed between writing and taking note of it: before the first line is
written the keys at the file's end are read, and a line half written is cut off.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from seavigil.alerts.channels.compose import each
from seavigil.alerts.channels.contract import Channel, Message, Params, PassingFailure, Sent, Tools

#: Own choice: at a start so much of the file's end is read for keys, and so many keys are remembered. What is
#: sent again is what was written last.
_TAIL_BYTES, _REMEMBERED = 16 << 20, 100_000


@dataclass(frozen=True, kw_only=True)
class FileParams(Params):
    """Parameters of a file."""

    path: str = field(
        default="alerts.ndjson", metadata={"path": True, "says": "The file; lines are added at its end."}
    )


class File(Channel[FileParams]):
    """Adds a line for each alert."""

    params_type = FileParams

    def __init__(self, params: FileParams, tools: Tools) -> None:
        super().__init__(params, tools)
        self._path = tools.folder / params.path
        self._written: OrderedDict[str, None] | None = None
        self._inode = -1

    async def deliver(self, message: Message) -> Sent:
        """Write the lines that are not there yet, in a thread: disks wait."""
        try:
            number = await asyncio.to_thread(self._add, each(message))
        except OSError as fault:
            raise PassingFailure(f"{fault.filename or self._path.name}: {fault.strerror or fault}") from fault
        return Sent(f"{number} line{'' if number == 1 else 's'} written" if number else "written before")

    def _add(self, messages: Sequence[Message]) -> int:
        with _opened(self._path) as file:
            written = self._keys(file)
            new = [one for one in messages if one.key not in written]
            _write_all(file, b"".join(line(one) for one in new))
            for one in new:
                written[one.key] = None
            while len(written) > _REMEMBERED:
                written.popitem(last=False)
        return len(new)

    def _keys(self, file: int) -> OrderedDict[str, None]:
        """Give the keys of the file's end: read anew when the file is another one than before."""
        inode = os.fstat(file).st_ino
        if self._written is None or inode != self._inode:
            self._written, self._inode = OrderedDict.fromkeys(_mended(file)), inode
        return self._written


def line(message: Message) -> bytes:
    """Give a message's line."""
    return json.dumps(message.as_json(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open the file for one writer at a time, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file
    finally:
        os.close(file)


def _mended(file: int) -> list[str]:
    """End the file with a whole line, and give the keys of its end."""
    size = os.fstat(file).st_size
    start = max(0, size - _TAIL_BYTES)
    tail = os.pread(file, size - start, start)
    whole, _, torn = tail.rpartition(b"\n")
    if torn and _key(torn) is not None:  # whole but for its end, as an editor may leave it
        os.write(file, b"\n")
        whole = tail
    elif torn:
        os.ftruncate(file, size - len(torn))
    return [key for one in whole.split(b"\n") if (key := _key(one)) is not None]


def _key(text: bytes) -> str | None:
    try:
        key = json.loads(text)["key"]
    except (ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, str) else None


def _write_all(file: int, content: bytes) -> None:
    """Write all of it to the disk, or none: what a full disk took of it is cut off again."""
    if not content:
        return
    size = os.fstat(file).st_size
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(file, left) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise
