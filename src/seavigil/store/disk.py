"""Files that are whole or not there, and what goes wrong on a disk, said with the folder's name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def named(folder: Path) -> Iterator[None]:
    """Let an ``OSError`` that names no file, as pyarrow's do, name ``folder`` and say the system's words."""
    try:
        yield
    except OSError as fault:
        if fault.filename is not None or fault.errno is None:
            raise
        raise OSError(fault.errno, os.strerror(fault.errno), str(folder)) from fault


def _link(half: Path, path: Path) -> None:
    """Give a file its name unless that is taken; the error then names what is there."""
    try:
        path.hardlink_to(half)
    except FileExistsError as fault:
        raise FileExistsError(fault.errno, fault.strerror, str(path)) from fault


def write_whole(path: Path, content: bytes, *, anew: bool = False) -> Path:
    """Write a file that nobody ever sees half-written, and the folders above it; gives its path.

    With ``anew`` a file of that name is never written over: raises ``FileExistsError``, as well as any
    other ``OSError``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        half.write_bytes(content)
        if anew:
            _link(half, path)
        else:
            half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path
