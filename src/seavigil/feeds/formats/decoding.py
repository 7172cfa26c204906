"""Typed rows to `Decoded`, and the receivers for lines of comma-separated text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.feeds.formats.cells import Bad, Cell, read_cells, with_decimal_comma
from seavigil.feeds.formats.changes import Changes
from seavigil.feeds.formats.contract import MAX_RECORD_BYTES, UnreadableInput, listed
from seavigil.feeds.formats.csv_lines import Block, LineCutter, TextTable, told_separator
from seavigil.feeds.formats.rows import (
    clean_reports,
    clean_static,
    has_static,
    payload_ids,
    reject,
    report_ids,
    reports_table,
    vessels_table,
)
from seavigil.records import VESSELS, Decoded, Reject, empty, rejects_table


@dataclass(frozen=True)
class Layout:
    """Which columns of a table make a report, and which the ship's static data."""

    report: tuple[Cell, ...]
    static: tuple[Cell, ...] = ()

    def wanted(self) -> list[str]:
        """Name the columns to read, each once."""
        return list(dict.fromkeys(c.theirs for c in (*self.report, *self.static)))

    def with_decimal_commas(self) -> Layout:
        """Give the same layout for a table whose numbers are written ``59,61``."""
        wordy = ("name", "callsign", "destination", "station")
        report, static = (
            tuple(c if c.ours in wordy else with_decimal_comma(c) for c in cells)
            for cells in (self.report, self.static)
        )
        return Layout(report, static)


class TextDecoder:
    """Decodes tables of text columns under one layout; remembers what each ship last said of itself."""

    def __init__(self, source: str, layout: Layout) -> None:
        self.source = source
        self.layout = layout
        self._said = Changes()
        self._told = Changes()

    def decode(self, raw: pl.DataFrame, offsets: NDArray[np.int64] | None) -> tuple[Decoded, dict[int, Bad]]:
        """Give reports and vessels of ``raw``, and the bad rows by number (not yet as rejects)."""
        typed, bad, counts = read_cells(raw, self.layout.report)
        frame = typed if offsets is None else typed.with_columns(pl.Series("offset_bytes", offsets))
        if bad:
            keep = np.ones(raw.height, dtype=bool)
            keep[list(bad)] = False
            frame, raw = frame.filter(keep), raw.filter(keep)
        frame = clean_reports(frame)
        payload = payload_ids(frame)
        ids = report_ids(frame, payload)
        vessels = self._vessels(raw, frame, ids, counts)
        counts = {"rows": raw.height + len(bad), **counts}
        return Decoded(reports_table(frame, self.source, payload, ids), vessels, counts=counts), bad

    def _vessels(
        self, raw: pl.DataFrame, frame: pl.DataFrame, ids: NDArray[np.uint64], counts: dict[str, int]
    ) -> pa.Table:
        if not self.layout.static or not raw.height:
            return empty(VESSELS)
        said = raw.select(list(dict.fromkeys(c.theirs for c in self.layout.static)))
        rows = np.flatnonzero(self._said.new(frame["mmsi"].to_numpy(), said.hash_rows().to_numpy()))
        if not len(rows):
            return empty(VESSELS)
        static, _, unread = read_cells(said[rows], self.layout.static)
        counts.update(unread)
        static = clean_static(static)
        known = np.flatnonzero(has_static(static).to_numpy())
        static, rows = static[known], rows[known]
        new = np.flatnonzero(self._told.new(frame["mmsi"].to_numpy()[rows], static.hash_rows().to_numpy()))
        rows = rows[new]
        return vessels_table(pl.concat([frame[rows], static[new]], how="horizontal"), self.source, ids[rows])


class CsvReceiver:
    """Receives CSV: the first line is the header, ``lay_out`` makes a layout of its column names.

    A line ``sep=;`` may stand before it. Where the separator is no comma, numbers may have decimal commas.
    ``receive`` and ``finish`` raise `UnreadableInput` when the header is none or lacks a column.
    """

    def __init__(self, source: str, lay_out: Callable[[Sequence[str]], Layout]) -> None:
        self.source = source
        self._lay_out = lay_out
        self._cutter = LineCutter()
        self._separator: str | None = None
        self._table: TextTable | None = None
        self._decoder: TextDecoder | None = None

    def receive(self, chunk: bytes, *, received_us: int) -> Decoded:  # noqa: ARG002 - rows carry their time
        """Take the next bytes and decode the lines they complete."""
        at, data, rejects = self._cutter.add(chunk)
        if self._table is None and rejects and not data.strip(b"\r\n"):
            raise self._no_header()
        return self._lines(at, data, rejects)

    def finish(self, *, received_us: int) -> Decoded:  # noqa: ARG002
        """Decode the last line when no line break follows it."""
        return self._lines(*self._cutter.rest(), [])

    def _lines(self, at: int, data: bytes, rejects: list[Reject]) -> Decoded:
        while self._table is None and data.strip(b"\r\n"):
            lead = len(data) - len(data.lstrip(b"\r\n"))
            end = data.index(b"\n", lead) + 1
            self._begin(data[lead:end])
            at, data = at + end, data[end:]
        if not data or self._table is None or self._decoder is None:
            counts = {"rows": len(rejects)} if rejects else {}
            return Decoded(rejects=rejects_table(rejects, self.source), counts=counts)
        block = self._table.read(at, data, self._decoder.layout.wanted())
        decoded, bad = self._decoder.decode(block.rows, block.begins)
        return _with_rejects(decoded, block, bad, rejects, self.source)

    def _no_header(self) -> UnreadableInput:
        return UnreadableInput(f"{self.source}: no header line in the first {MAX_RECORD_BYTES} bytes")

    def _begin(self, header: bytes) -> None:
        if len(header) > MAX_RECORD_BYTES + 1:
            raise self._no_header()
        if self._separator is None and (told := told_separator(header)):
            self._separator = told
            return
        try:
            self._table = TextTable(header, self._separator)
            layout = self._lay_out(self._table.names)
            if self._table.separator != ",":
                layout = layout.with_decimal_commas()
            self._decoder = TextDecoder(self.source, layout)
        except UnreadableInput as fault:
            raise UnreadableInput(f"{self.source}: {fault}") from fault


def _with_rejects(
    decoded: Decoded, block: Block, bad: dict[int, Bad], late: list[Reject], source: str
) -> Decoded:
    rejects = block.rejects + rejects_of(bad, lambda i: (int(block.begins[i]), block.raw(i)))
    rejects.sort(key=lambda r: r.offset_bytes or 0)
    counts = dict(decoded.counts)
    for name, n in block.counts.items():
        counts[name] = counts.get(name, 0) + n
    counts["rows"] = counts.get("rows", 0) + len(block.rejects) + len(late)
    return Decoded(decoded.reports, decoded.vessels, rejects_table([*rejects, *late], source), counts)


def rejects_of(bad: dict[int, Bad], raw: Callable[[int], tuple[int | None, bytes]]) -> list[Reject]:
    """Give the rejects of bad rows in row order; ``raw`` gives offset and bytes of a row."""
    rejects = []
    for row in sorted(bad):
        offset_bytes, text = raw(row)
        rejects.append(reject(offset_bytes, bad[row].fault, text, bad[row].detail))
    return rejects


def need(names: Sequence[str], wanted: Sequence[str], kind: str) -> None:
    """Raise `UnreadableInput` when one of the ``wanted`` columns is not among ``names``."""
    lacking = [w for w in wanted if w not in names]
    if lacking:
        raise UnreadableInput(
            f"{kind} without {', '.join(lacking)}; found {listed(names)}; "
            "pass --mapping 'time=..,mmsi=..,lat=..,lon=..' to name the columns yourself"
        )
