"""Lines of comma-separated text to columns of text, in whole-line blocks.

Good blocks go to Arrow's reader at once. Only suspicious lines are looked at one by one: wrong
number of fields, broken quotes, bytes that are no UTF-8 (each becomes U+FFFD and the line is
counted: a ship's name in another encoding must not cost her position). A quoted field may hold
separators but no line break: a record is one line, so one stray quote cannot swallow the lines
after it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from seavigil.feeds.formats.contract import MAX_RECORD_BYTES, UnreadableInput
from seavigil.feeds.formats.rows import reject
from seavigil.records import Reject

_BOM = b"\xef\xbb\xbf"
#: Stands for a separator inside a quoted field while a line is on its way through the reader.
_HIDDEN = "\x1f"
_LINE_END_BYTES = 2


class LineCutter:
    """Cuts a stream into blocks of whole lines; keeps at most one unfinished line of bounded length."""

    def __init__(self) -> None:
        self._held = b""
        self._at = 0  # offset of the first held byte
        self._skipping = False

    def add(self, chunk: bytes) -> tuple[int, bytes, list[Reject]]:
        """Give the offset and bytes of the lines now whole, and a reject for a line that is too long."""
        rejects: list[Reject] = []
        if self._skipping:
            chunk = self._skip(chunk)
        data = self._held + chunk
        cut = data.rfind(b"\n") + 1
        begin, block, self._held = self._at, data[:cut], data[cut:]
        self._at += cut
        if len(self._held) > MAX_RECORD_BYTES:
            rejects.append(self._too_long())
        return begin, block, rejects

    def rest(self) -> tuple[int, bytes]:
        """Give the last line when the stream ended without a line break."""
        begin, block, self._held = self._at, self._held, b""
        self._at += len(block)
        return begin, block + b"\n" if block else b""

    def _skip(self, chunk: bytes) -> bytes:
        end = chunk.find(b"\n") + 1
        self._skipping = end == 0
        dropped = end or len(chunk)
        self._at += dropped
        return chunk[dropped:]

    def _too_long(self) -> Reject:
        rejected = too_long(self._at, self._held)
        self._at += len(self._held)
        self._held, self._skipping = b"", True
        return rejected


def too_long(offset_bytes: int, line: bytes) -> Reject:
    """Give the reject for a line over the limit, the same wherever the stream was cut."""
    return reject(offset_bytes, "too_long", line, f"over {MAX_RECORD_BYTES} bytes without a line break")


@dataclass(frozen=True)
class Block:
    """Rows of text columns, where each line begins and ends, and what was set aside."""

    rows: pl.DataFrame
    begins: NDArray[np.int64]  #: in the stream
    lines: NDArray[np.int64]  #: (n, 2) begin and end in ``data``
    data: bytes
    rejects: list[Reject] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def raw(self, row: int) -> bytes:
        """Give the bytes of one row, without its line break."""
        begin, end = self.lines[row]
        return self.data[begin:end].rstrip(b"\r\n")


class TextTable:
    """Reads blocks of lines under one header."""

    def __init__(self, header: bytes, separator: str | None = None) -> None:
        self.header = header.removeprefix(_BOM).strip()
        self.separator = separator or find_separator(self.header)
        self.names = header_names(self.header, self.separator)
        if len(set(self.names)) < len(self.names):
            twice = sorted({n for n in self.names if self.names.count(n) > 1})
            raise UnreadableInput(f"the header names a column twice: {', '.join(twice)}")

    def read(self, at: int, data: bytes, wanted: Sequence[str]) -> Block:
        """Read whole lines that begin ``at`` in the stream; ``wanted`` names the columns to give."""
        ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == 10) + 1
        lines = np.column_stack([np.concatenate([[0], ends[:-1]]), ends]).astype(np.int64)
        rejects: list[Reject] = []
        counts: dict[str, int] = {}
        text = data
        if not self._is_plain(data, lines):
            text, keep = self._sift(at, data, lines, rejects, counts)
            lines = lines[keep]
        frame, ragged = self._parse(text, wanted)
        for row, fields in ragged:
            detail = f"{fields} fields, not {len(self.names)}"
            rejects.append(reject(at + int(lines[row, 0]), "ragged", _line(data, lines[row]), detail))
        if ragged:
            lines = np.delete(lines, [row for row, _ in ragged], axis=0)
        return Block(frame, at + lines[:, 0], lines, data, rejects, counts)

    def _is_plain(self, data: bytes, lines: NDArray[np.int64]) -> bool:
        """Tell whether Arrow's reader may see the lines as they are."""
        if b'"' in data or _HIDDEN.encode() in data:
            return False
        if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
            return False
        sizes = lines[:, 1] - lines[:, 0]
        if len(sizes) and (sizes.min() <= _LINE_END_BYTES or sizes.max() > MAX_RECORD_BYTES):
            return False
        like_header = np.abs(sizes - len(self.header)) <= _LINE_END_BYTES
        if any(data.startswith(self.header, begin) for begin in lines[like_header, 0].tolist()):
            return False
        return data.isascii() or _is_utf8(data)

    def _parse(self, text: bytes, wanted: Sequence[str]) -> tuple[pl.DataFrame, list[tuple[int, int]]]:
        ragged: list[tuple[int, int]] = []
        if not text:
            return pl.DataFrame(schema=dict.fromkeys(wanted, pl.String())), ragged

        def skip(row: arrow_csv.InvalidRow) -> str:
            ragged.append((row.number - 1, row.actual_columns))
            return "skip"

        parsed = arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(
                column_names=self.names, use_threads=False, block_size=len(text) + 1
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self.separator,
                quote_char=False,
                ignore_empty_lines=False,
                invalid_row_handler=skip,
            ),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=list(wanted), column_types=dict.fromkeys(wanted, pa.string())
            ),
        )
        frame = pl.from_arrow(parsed)
        assert isinstance(frame, pl.DataFrame)
        return (self._show(frame) if _HIDDEN.encode() in text else frame), ragged

    def _sift(
        self,
        at: int,
        data: bytes,
        lines: NDArray[np.int64],
        rejects: list[Reject],
        counts: dict[str, int],
    ) -> tuple[bytes, NDArray[np.bool_]]:
        """Set aside what Arrow's reader must not see, and rewrite quoted lines without quotes."""
        good: list[bytes] = []
        keep = np.zeros(len(lines), dtype=bool)
        for i, (begin, end) in enumerate(lines.tolist()):
            line = _line(data, lines[i])
            if line in (b"", self.header):
                name = "repeated_headers" if line else "blank_lines"
                counts[name] = counts.get(name, 0) + 1
                continue
            if end - begin - 1 > MAX_RECORD_BYTES:
                rejects.append(too_long(at + begin, line))
                continue
            if not _is_utf8(line):
                counts["not_utf8"] = counts.get("not_utf8", 0) + 1
            plain = self._plain_line(line)
            if plain is None:
                rejects.append(reject(at + begin, "bad_quotes", line))
                continue
            keep[i] = True
            good.append(plain)
        return b"".join(part + b"\n" for part in good), keep

    def _plain_line(self, line: bytes) -> bytes | None:
        """Give a line without quotes; None when its quotes are broken."""
        text = line.decode(errors="replace").replace("\r", " ").replace(_HIDDEN, " ")
        if '"' in text:
            try:
                fields = next(csv.reader([text], delimiter=self.separator, strict=True))
            except csv.Error:
                return None
            text = self.separator.join(f.replace(self.separator, _HIDDEN) for f in fields)
        return text.encode()

    def _show(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(pl.all().str.replace_all(_HIDDEN, self.separator, literal=True))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _line(data: bytes, span: NDArray[np.int64]) -> bytes:
    return data[span[0] : span[1]].rstrip(b"\r\n")


def find_separator(header: bytes) -> str:
    """Give the separator that occurs most often in a header: comma, semicolon, tab or bar."""
    return max(",;\t|", key=lambda c: header.count(c.encode()))


def told_separator(line: bytes) -> str | None:
    """Give the separator that a spreadsheet states in a line ``sep=;`` before the header."""
    told = re.fullmatch(rb'"?sep=([,;\t|])"?[\r\n]*', line.removeprefix(_BOM), re.IGNORECASE)
    return told[1].decode() if told else None


def header_names(header: bytes, separator: str | None = None) -> list[str]:
    """Give the column names of a header line; raises `UnreadableInput` when it cannot be taken apart."""
    plain = header.removeprefix(_BOM).strip()
    text = plain.decode() if _is_utf8(plain) else plain.decode("latin-1")
    try:
        fields = next(csv.reader([text], delimiter=separator or find_separator(plain)), [])
    except csv.Error as fault:
        raise UnreadableInput("the first line is no header of a CSV file") from fault
    return [f.strip() for f in fields]


def first_line_names(head: bytes) -> list[str]:
    """Give the column names of the first line that is not empty; none when it is no CSV header."""
    plain = head.removeprefix(_BOM).lstrip(b"\r\n")
    first, _, rest = plain.partition(b"\n")
    separator = told_separator(first)
    if separator:
        first = rest.lstrip(b"\r\n").split(b"\n", 1)[0]
    try:
        return header_names(first, separator)
    except UnreadableInput:
        return []
