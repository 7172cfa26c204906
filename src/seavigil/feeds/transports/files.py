"""Bytes from files, folders, globs and standard input, unpacked by what they are, not by name."""

from __future__ import annotations

import glob
import io
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from seavigil.feeds.transports.compressed import (
    GZIP_MAGIC,
    READ_BYTES,
    ZIP_MAGICS,
    ZSTD_MAGIC,
    DamagedStream,
    gunzip,
    unzip,
    unzstd,
    zip_members,
)

STDIN = "-"
PARQUET_MAGIC = b"PAR1"
#: A gzip in a zip in a zip is still read, deeper nesting is somebody's joke.
_MAX_LAYERS = 4

#: Called with the number of bytes just read from disk, for a progress bar.
OnBytes = Callable[[int], None]


class UnreadableFile(ValueError):
    """A file cannot be opened or unpacked; the message is one line that names it."""


class Chunks:
    """An iterator of bytes whose beginning can be looked at first.

    A `DamagedStream` met while looking ahead is raised when the reader gets there.
    """

    def __init__(self, chunks: Iterable[bytes], head_bytes: int) -> None:
        self._rest = iter(chunks)
        self._fault: DamagedStream | None = None
        parts: list[bytes] = []
        try:
            while sum(map(len, parts)) < head_bytes and (part := next(self._rest, None)) is not None:
                parts.append(part)
        except DamagedStream as fault:
            self._fault = fault
        self._begin = b"".join(parts)
        self.head = self._begin[:head_bytes]

    def __iter__(self) -> Iterator[bytes]:
        begin, self._begin = self._begin, b""
        if begin:
            yield begin
        if self._fault:
            raise self._fault
        yield from self._rest


@dataclass(frozen=True)
class Stream:
    """One stream of unpacked bytes (or, for Parquet, a file to seek in), and what it is called."""

    name: str
    chunks: Chunks
    packed: bool = False
    alone: bool = True  #: the only stream of its source
    table_file: BinaryIO | None = None


def expand(sources: Iterable[str]) -> list[str]:
    """Replace folders and globs by the files they stand for, sorted; anything else stays as it is.

    Folders are searched at any depth; names that begin with a dot are left out. A folder without
    files, one that may not be read and a glob without a match stay too: reading them says what is wrong.
    """
    files: list[str] = []
    for source in sources:
        if source != STDIN and os.path.isdir(source):  # noqa: PTH112 - unlike Path's, never raises
            files += _files_in(source) or [source]
        elif "://" not in source and not os.path.lexists(source) and glob.has_magic(source):
            found = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - takes absolute patterns too
            files += expand(found) if found else [source]
        else:
            files.append(source)
    return files


def _files_in(folder: str) -> list[str]:
    found: list[Path] = []
    closed: list[str] = []
    for at, folders, names in os.walk(folder, onerror=lambda fault: closed.append(str(fault.filename))):
        folders[:] = [f for f in folders if not f.startswith(".")]
        found += [Path(at) / n for n in names if not n.startswith(".")]
    return sorted([*closed, *(str(f) for f in found if _to_be_read(f))])


def _to_be_read(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # opening it says what is wrong
        return True


def open_streams(source: str, *, head_bytes: int, on_bytes: OnBytes | None = None) -> Iterator[Stream]:
    """Give the streams in one file or standard input (``-``), each to be read before the next.

    Raises `UnreadableFile`; reading a stream raises `DamagedStream` where its bytes end too soon.
    """
    if source == STDIN:
        yield from _unpack("stdin", _pipe_chunks(sys.stdin.buffer, on_bytes), head_bytes)
        return
    path = Path(source)
    try:
        if path.is_dir():
            with os.scandir(source):  # raises where it may not be looked into
                raise UnreadableFile(f"{source}: a folder without files")
        if not path.exists():
            what = "no file matches" if glob.has_magic(source) else "no such file or folder"
            raise UnreadableFile(f"{source}: {what}")
        with io.BufferedReader(_Counted(path, on_bytes)) as file:
            yield from _unpack(source, _file_chunks(file), head_bytes, file)
    except OSError as fault:
        raise UnreadableFile(f"{source}: {fault.strerror or fault}") from fault


class _Counted(io.FileIO):
    """A file that tells how many bytes were read from it."""

    def __init__(self, path: Path, on_bytes: OnBytes | None) -> None:
        super().__init__(path)
        self._on_bytes = on_bytes

    def readinto(self, buffer: Any, /) -> int | None:
        size = super().readinto(buffer)
        if self._on_bytes and size:
            self._on_bytes(size)
        return size


def _file_chunks(file: BinaryIO) -> Iterator[bytes]:
    while data := file.read(READ_BYTES):
        yield data


def _pipe_chunks(pipe: BinaryIO, on_bytes: OnBytes | None) -> Iterator[bytes]:
    read = getattr(pipe, "read1", pipe.read)
    while data := read(READ_BYTES):
        if on_bytes:
            on_bytes(len(data))
        yield data


def _unpack(
    name: str,
    raw: Iterable[bytes],
    head_bytes: int,
    file: BinaryIO | None = None,
    *,
    layer: int = 0,
    alone: bool = True,
) -> Iterator[Stream]:
    if layer > _MAX_LAYERS:
        raise UnreadableFile(f"{name}: packed more than {_MAX_LAYERS} times over")
    chunks = Chunks(raw, head_bytes)
    head = chunks.head
    if head.startswith(GZIP_MAGIC):
        yield from _unpack(name, gunzip(chunks), head_bytes, layer=layer + 1, alone=alone)
    elif head.startswith(ZSTD_MAGIC):
        yield from _unpack(name, unzstd(chunks), head_bytes, layer=layer + 1, alone=alone)
    elif head.startswith(ZIP_MAGICS):
        with _seekable(name, chunks, file) as archive:
            yield from _unpack_zip(name, archive, head_bytes, layer, alone)
    elif head.startswith(PARQUET_MAGIC):
        with _seekable(name, chunks, file) as table:
            yield Stream(name, chunks, layer > 0, alone, table)
    else:
        yield Stream(name, chunks, layer > 0, alone)


def _unpack_zip(name: str, archive: BinaryIO, head_bytes: int, layer: int, alone: bool) -> Iterator[Stream]:
    try:
        members = zip_members(archive)
    except zipfile.BadZipFile as fault:
        raise UnreadableFile(f"{name}: damaged zip ({fault})") from fault
    if not members:
        raise UnreadableFile(f"{name}: a zip without files")
    only = alone and len(members) == 1
    for info in members:
        inside = f"{name}!{info.filename}"
        yield from _unpack(inside, unzip(archive, info), head_bytes, layer=layer + 1, alone=only)


class _Borrowed:
    """Lets a ``with`` use a file without closing it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __enter__(self) -> BinaryIO:
        return self._file

    def __exit__(self, *_: object) -> None:
        pass


def _seekable(name: str, chunks: Chunks, file: BinaryIO | None) -> _Borrowed | BinaryIO:
    """Give a file to seek in: the one at hand, or a temporary one with the stream's bytes."""
    if file is not None:
        file.seek(0)
        return _Borrowed(file)
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        for chunk in chunks:
            spool.write(chunk)
    except DamagedStream as fault:
        spool.close()
        raise UnreadableFile(f"{name}: {fault}") from fault
    spool.seek(0)
    return spool


def gather(chunks: Iterable[bytes], chunk_bytes: int) -> Iterator[bytes]:
    """Join small pieces to chunks of about ``chunk_bytes``; what came before a fault comes first."""
    parts: list[bytes] = []
    held = 0
    try:
        for part in chunks:
            parts.append(part)
            held += len(part)
            if held >= chunk_bytes:
                yield b"".join(parts)
                parts, held = [], 0
    except DamagedStream:
        if parts:
            yield b"".join(parts)
        raise
    if parts:
        yield b"".join(parts)
