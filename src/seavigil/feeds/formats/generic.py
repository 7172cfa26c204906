"""Any table of positions: CSV, JSON objects, Parquet; columns found by name or given by a mapping."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from seavigil.feeds.formats.contract import Format, Receiver, UnreadableInput
from seavigil.feeds.formats.csv_lines import first_line_names
from seavigil.feeds.formats.decoding import CsvReceiver, TextDecoder, rejects_of
from seavigil.feeds.formats.json_stream import Found, JsonCutter, Record
from seavigil.feeds.formats.mapping import Mapping, complete, lay_out
from seavigil.feeds.formats.rows import reject
from seavigil.records import Decoded, Reject, join, rejects_table

#: Names beyond this many in one stream of JSON objects are not looked at.
_MAX_NAMES = 500


class JsonTableReceiver:
    """Receives JSON objects with positions; a name first seen later in the stream counts from there.

    ``receive`` and ``finish`` raise `UnreadableInput` when the first object lacks a needed name.
    """

    def __init__(self, source: str, mapping: Mapping) -> None:
        self.source = source
        self._mapping = mapping
        self._cutter = JsonCutter()
        self._names: dict[str, None] = {}
        self._decoder: TextDecoder | None = None

    def receive(self, chunk: bytes, *, received_us: int) -> Decoded:  # noqa: ARG002 - rows carry their time
        """Take the next bytes and decode the objects they complete."""
        return self._decode(list(self._cutter.add(chunk)))

    def finish(self, *, received_us: int) -> Decoded:  # noqa: ARG002
        """End the stream; an unfinished object is rejected."""
        return self._decode(list(self._cutter.rest()))

    def _decode(self, found: list[Found]) -> Decoded:
        found = [_with_content(piece) for piece in found]
        rejects = [piece for piece in found if isinstance(piece, Reject)]
        parts = [Decoded(counts={"rows": len(rejects)})]
        run: list[Record] = []
        for record in (piece for piece in found if isinstance(piece, Record)):
            if not self._names.keys() >= record.value.keys() and len(self._names) < _MAX_NAMES:
                parts.append(self._run(run, rejects))
                run = []
                self._learn(record.value)
            run.append(record)
        parts.append(self._run(run, rejects))
        rejects.sort(key=lambda r: r.offset_bytes or 0)
        return replace(join(parts), rejects=rejects_table(rejects, self.source))

    def _learn(self, value: dict[str, Any]) -> None:
        self._names.update(dict.fromkeys(value))
        try:
            layout = lay_out(list(self._names), self._mapping)
        except UnreadableInput as fault:
            raise UnreadableInput(f"{self.source}: {fault}") from fault
        if self._decoder is None:
            self._decoder = TextDecoder(self.source, layout)
        self._decoder.layout = layout

    def _run(self, run: list[Record], rejects: list[Reject]) -> Decoded:
        if not run or self._decoder is None:
            return Decoded()
        wanted = self._decoder.layout.wanted()
        texts = {n: [_as_text(r.value.get(n)) for r in run] for n in wanted}
        raw = pl.DataFrame(texts, schema=dict.fromkeys(wanted, pl.String()))
        offsets = np.array([r.offset_bytes for r in run], dtype=np.int64)
        decoded, bad = self._decoder.decode(raw, offsets)
        rejects += rejects_of(bad, lambda i: (run[i].offset_bytes, run[i].raw))
        return decoded


def _with_content(piece: Found) -> Found:
    """Reject an object that says nothing: before the first names it would pass unseen."""
    if isinstance(piece, Reject) or piece.value:
        return piece
    return reject(piece.offset_bytes, "no_message", piece.raw, "an empty object")


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if value else None
    return json.dumps(value)


class ParquetRows:
    """Decodes tables that come whole, as those of Parquet: ``rows`` for each, in order.

    Raises `UnreadableInput` when a needed column is not among ``names``.
    """

    def __init__(self, source: str, names: Sequence[str], mapping: Mapping) -> None:
        self.source = source
        try:
            self._decoder = TextDecoder(source, lay_out(names, mapping))
        except UnreadableInput as fault:
            raise UnreadableInput(f"{source}: {fault}") from fault
        self._row = 0

    def wanted(self) -> list[str]:
        """Name the columns to read."""
        return self._decoder.layout.wanted()

    def rows(self, frame: pl.DataFrame) -> Decoded:
        """Decode the next rows; ``offset_bytes`` is null, a reject's raw part is its row as JSON."""
        try:
            texts = frame.select(_column_text(frame[name]) for name in self.wanted())
        except UnreadableInput as fault:
            raise UnreadableInput(f"{self.source}: {fault}") from fault
        first, self._row = self._row, self._row + frame.height
        decoded, bad = self._decoder.decode(texts, None)
        rejects = rejects_of(
            bad, lambda i: (None, json.dumps({"row": first + i, **texts.row(i, named=True)}).encode())
        )
        return Decoded(decoded.reports, decoded.vessels, rejects_table(rejects, self.source), decoded.counts)


def _column_text(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if isinstance(kind, pl.Datetime):
        utc = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if kind.time_zone else column
        return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f")
    if kind.is_nested() or kind == pl.Binary:
        raise UnreadableInput(f"column {column.name} holds {kind}, not numbers or text")
    return column.cast(pl.String)


def open_receiver(source: str, *, mapping: Mapping | None = None) -> Receiver:
    """Give a receiver of CSV with these or the usual column names."""
    given = mapping or Mapping()
    return CsvReceiver(source, lambda names: lay_out(names, given))


def open_json_receiver(source: str, *, mapping: Mapping | None = None) -> Receiver:
    """Give a receiver of JSON objects with these or the usual names."""
    return JsonTableReceiver(source, mapping or Mapping())


def looks_like_csv(head: bytes) -> bool:
    """Tell whether ``head`` begins with a header: three or more names, none of them a number.

    A header that lacks a needed column is let through: opening it says which, and how to help.
    """
    names = first_line_names(head)
    known = complete(Mapping(), names).columns
    printable = all(n.isprintable() and n and not n[:1].isdigit() for n in names)
    return len(names) >= 3 and printable and (len(known) > 0 or b"\n" in head)


def looks_like_json(head: bytes) -> bool:
    """Tell whether ``head`` begins with a JSON object or an array of them."""
    plain = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return plain[:1] == b"{" or (plain[:1] == b"[" and plain[1:].lstrip()[:1] in (b"{", b""))


CSV = Format("csv", looks_like_csv, open_receiver)
JSON = Format("json", looks_like_json, open_json_receiver)
