"""Recordings: files, folders, globs and standard input to `Decoded`, one bounded piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from seavigil.feeds.formats import (
    HEAD_BYTES,
    Format,
    Mapping,
    Receiver,
    UnreadableInput,
    format_named,
    generic,
    mapping_from_toml,
    parse_mapping,
    recognise,
)
from seavigil.feeds.formats.contract import MAX_RECORD_BYTES
from seavigil.feeds.formats.foreign import GIVE_AS_ASSETS, looks_like_utf16
from seavigil.feeds.formats.rows import reject
from seavigil.feeds.transports.compressed import DamagedStream
from seavigil.feeds.transports.files import (
    OnBytes,
    Stream,
    UnreadableFile,
    expand,
    gather,
    open_streams,
)
from seavigil.records import Decoded, rejects_table

__all__ = ["expand", "load_mapping", "read"]

#: Called with a stream's name and the name of its format.
OnFormat = Callable[[str, str], None]

CHUNK_BYTES = 4 * 1024 * 1024
_PARQUET_ROWS = 65_536


def read(
    source: str,
    *,
    received_us: int | Callable[[], int],
    format_name: str | None = None,
    mapping: Mapping | None = None,
    chunk_bytes: int = CHUNK_BYTES,
    on_bytes: OnBytes | None = None,
    on_format: OnFormat | None = None,
) -> Iterator[Decoded]:
    """Give what ``source`` holds: a file, a folder, a glob, or ``-`` for standard input.

    ``.gz``, ``.zst`` and ``.zip`` are unpacked by their content, each member of a zip is a stream of
    its own. ``received_us`` is the time for rows that carry none, or gives it for each piece.
    ``on_bytes`` is called with the number of bytes read from disk, ``on_format`` with each stream's
    name and its format. Raises `UnreadableInput`, one line, when the source cannot be read at all;
    of several files or members the unreadable ones become rejects (``unreadable_file``) and the
    others are read.
    """
    files = expand([source])
    clock = received_us if callable(received_us) else lambda: received_us
    for file in files:
        try:
            for stream in open_streams(file, head_bytes=HEAD_BYTES, on_bytes=on_bytes):
                yield from _stream(
                    stream, format_name, mapping, clock, chunk_bytes, len(files) == 1, on_format
                )
        except (UnreadableFile, UnreadableInput) as fault:
            if len(files) == 1:
                raise fault if isinstance(fault, UnreadableInput) else UnreadableInput(str(fault)) from fault
            yield _unreadable(file, str(fault))


def load_mapping(text: str) -> Mapping:
    """Give a mapping from the name of a TOML file or from ``time=Time,mmsi=MMSI,..`` itself.

    Raises `UnreadableInput`.
    """
    if "=" in text:
        return parse_mapping(text)
    try:
        return mapping_from_toml(Path(text).read_text(encoding="utf-8"))
    except UnreadableInput as fault:
        raise UnreadableInput(f"{text}: {fault}") from fault
    except (OSError, UnicodeDecodeError) as fault:
        raise UnreadableInput(f"{text}: mapping cannot be read: {fault}") from fault


def _stream(
    stream: Stream,
    format_name: str | None,
    mapping: Mapping | None,
    clock: Callable[[], int],
    chunk_bytes: int,
    only_file: bool,
    on_format: OnFormat | None,
) -> Iterator[Decoded]:
    say = on_format or (lambda name, found: None)
    try:
        if stream.table_file is not None:
            say(stream.name, "parquet")
            yield from _parquet(stream, mapping)
        else:
            receiver = _receiver(stream, format_name, mapping, say)
            pace = 1 if stream.name == "stdin" else chunk_bytes
            yield from _bytes(stream, receiver, clock, pace)
    except UnreadableInput as fault:
        if stream.alone and only_file:
            raise
        yield _unreadable(stream.name, str(fault))
    except DamagedStream as fault:  # before the first byte
        yield _damaged(stream.name, 0, fault, b"")


def _receiver(stream: Stream, format_name: str | None, mapping: Mapping | None, say: OnFormat) -> Receiver:
    head = stream.chunks.head
    if not head.strip():
        next(iter(stream.chunks), None)  # a damaged stream says so itself
        raise UnreadableInput(f"{stream.name}: empty, nothing to read")
    known = _format(head, stream.name, format_name, mapping)
    say(stream.name, known.name)
    if mapping is not None and known in (generic.CSV, generic.JSON):
        return known.open(stream.name, mapping=mapping)
    return known.open(stream.name)


def _format(head: bytes, name: str, format_name: str | None, mapping: Mapping | None) -> Format:
    if looks_like_utf16(head):
        return recognise(head, name)  # which says what to do about it
    if format_name is not None:
        return format_named(format_name)
    if mapping is not None:
        return generic.JSON if generic.looks_like_json(head) else generic.CSV
    return recognise(head, name)


def _bytes(
    stream: Stream, receiver: Receiver, clock: Callable[[], int], chunk_bytes: int
) -> Iterator[Decoded]:
    passed, held = 0, b""
    fault: DamagedStream | None = None
    try:
        for chunk in gather(stream.chunks, chunk_bytes):
            data, held = _whole_lines(held + chunk) if stream.packed else (chunk, b"")
            passed += len(data)
            yield receiver.receive(data, received_us=clock())
    except DamagedStream as damage:
        fault = damage
    if fault is None and held:
        yield receiver.receive(held, received_us=clock())
    yield receiver.finish(received_us=clock())
    if fault is not None:
        yield _damaged(stream.name, passed, fault, held)


def _whole_lines(data: bytes) -> tuple[bytes, bytes]:
    """Hold the last, perhaps cut line back: a damaged stream must not end in half a number."""
    cut = data.rfind(b"\n") + 1
    return (data[:cut], data[cut:]) if len(data) - cut <= MAX_RECORD_BYTES else (data, b"")


def _parquet(stream: Stream, mapping: Mapping | None) -> Iterator[Decoded]:
    import polars as pl
    import pyarrow as pa
    from pyarrow import parquet

    assert stream.table_file is not None
    try:
        table = parquet.ParquetFile(stream.table_file)
        if "geometry_wkb" in table.schema_arrow.names:
            raise UnreadableInput(f"{stream.name}: {GIVE_AS_ASSETS}")
        rows = generic.ParquetRows(stream.name, table.schema_arrow.names, mapping or Mapping())
        for batch in table.iter_batches(batch_size=_PARQUET_ROWS, columns=rows.wanted()):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            yield rows.rows(frame)
    except pa.ArrowException as fault:
        raise UnreadableInput(f"{stream.name}: damaged Parquet ({str(fault).splitlines()[0]})") from fault


def _unreadable(name: str, says: str) -> Decoded:
    return Decoded(
        rejects=rejects_table([reject(None, "unreadable_file", b"", says)], name),
        counts={"unreadable_files": 1},
    )


def _damaged(name: str, at: int, fault: DamagedStream, held: bytes) -> Decoded:
    return Decoded(rejects=rejects_table([reject(at, fault.fault, held, str(fault))], name))
