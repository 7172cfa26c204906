"""Records of JSON to `Decoded`: what the formats of JSON messages share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import polars as pl
import pyarrow as pa

from seavigil.feeds.formats.json_stream import Found, JsonCutter, Record
from seavigil.feeds.formats.rows import (
    MMSI_MAX,
    REPORT_TYPES,
    STATIC_TYPES,
    TIME_US_MAX,
    clean_reports,
    clean_static,
    has_static,
    payload_ids,
    reject,
    report_ids,
    reports_table,
    vessels_table,
)
from seavigil.records import (
    REPORTS,
    VESSELS,
    Decoded,
    Reject,
    TimeSource,
    empty,
    parse_time_us,
    rejects_table,
)

#: One row of a table while decoding: our column names to values.
Row = dict[str, Any]
_COMMON = ("time_us", "time_source", "offset_bytes", "mmsi", "msg_type", "transceiver")


class BadRecord(ValueError):
    """A record that is no usable message: a fault code and what is wrong."""

    def __init__(self, fault: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


class Batch:
    """Collects the rows of one call: reports, static data, rejects, counts."""

    def __init__(self) -> None:
        self.reports: list[Row] = []
        self.statics: list[Row] = []
        self.rejects: list[Reject] = []
        self.counts: Counter[str] = Counter()

    def decoded(self, source: str) -> Decoded:
        """Give everything collected as tables."""
        reports, vessels = self._reports(source), self._vessels(source)
        return Decoded(reports, vessels, rejects_table(self.rejects, source), dict(self.counts))

    def _reports(self, source: str) -> pa.Table:
        if not self.reports:
            return empty(REPORTS)
        frame = clean_reports(_frame(self.reports, REPORT_TYPES))
        payload = payload_ids(frame)
        return reports_table(frame, source, payload, report_ids(frame, payload))

    def _vessels(self, source: str) -> pa.Table:
        if not self.statics:
            return empty(VESSELS)
        types = {n: t for n, t in REPORT_TYPES.items() if n in _COMMON} | STATIC_TYPES
        frame = clean_static(_frame(self.statics, types))
        frame = frame.filter(has_static(frame))
        return vessels_table(frame, source, report_ids(frame, payload_ids(frame)))


def _frame(rows: list[Row], types: dict[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame({name: [r.get(name) for r in rows] for name in types}, schema=types)


#: Puts the rows of one record into a batch; raises `BadRecord`.
Convert = Callable[[Record, int, Batch], None]


class JsonReceiver:
    """Receives JSON in any layout `json_stream` knows and hands each record to ``convert``."""

    def __init__(self, source: str, convert: Convert) -> None:
        self.source = source
        self._convert = convert
        self._cutter = JsonCutter()

    def receive(self, chunk: bytes, *, received_us: int) -> Decoded:
        """Take the next bytes and decode the records they complete."""
        return self.decode(self._cutter.add(chunk), received_us=received_us)

    def finish(self, *, received_us: int) -> Decoded:
        """End the stream; an unfinished record is rejected."""
        return self.decode(self._cutter.rest(), received_us=received_us)

    def decode(self, found: Iterable[Found], *, received_us: int) -> Decoded:
        """Decode records already cut."""
        batch = Batch()
        for piece in found:
            batch.counts["rows"] += 1
            if isinstance(piece, Reject):
                batch.rejects.append(piece)
                continue
            try:
                self._convert(piece, received_us, batch)
            except BadRecord as bad:
                batch.rejects.append(reject(piece.offset_bytes, bad.fault, piece.raw, str(bad)))
        return batch.decoded(self.source)


def part(fields: Any, name: str) -> dict[str, Any]:
    """Give an object inside an object; raises `BadRecord` when it is not there."""
    value = fields.get(name)
    if not isinstance(value, dict):
        raise BadRecord("no_message", f"no {name} in the record")
    return value


def number(fields: dict[str, Any], name: str) -> float | None:
    """Give a finite number; null and absent are None; raises `BadRecord` for anything else."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool):
            raise ValueError
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadRecord("bad_number", f"{name}: {str(value)[:60]!r}") from None
    if not math.isfinite(result):
        raise BadRecord("bad_number", f"{name}: {str(value)[:60]!r}")
    return result


def soft_number(fields: dict[str, Any], name: str, counts: Counter[str]) -> float | None:
    """Give a number of static data; one that cannot be read is counted and left out."""
    try:
        return number(fields, name)
    except BadRecord:
        counts[f"unread_{name}"] += 1
        return None


def mmsi(value: Any) -> int:
    """Give an MMSI 1..999999999; raises `BadRecord`."""
    whole = number({"mmsi": value}, "mmsi") if not isinstance(value, (dict, list)) else None
    if whole is None or whole != int(whole) or not 1 <= whole <= MMSI_MAX:
        raise BadRecord("bad_mmsi", f"mmsi: {str(value)[:60]!r}")
    return int(whole)


def text(value: Any) -> str | None:
    """Give text that any encoding can hold; anything but text is None."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def flag(value: Any) -> bool | None:
    """Give true or false; anything else is None."""
    return value if isinstance(value, bool) else None


def time_of(value: Any, *, per_s: int | None, received_us: int) -> Row:
    """Give ``time_us`` and ``time_source`` of a time in units of 1/``per_s`` s, or as text.

    Without a time it is the time of receipt, and the source says so. Raises `BadRecord`.
    """
    if value is None:
        return {"time_us": received_us, "time_source": int(TimeSource.RECEIVED)}
    try:
        if isinstance(value, str) and per_s is None:
            time_us = parse_time_us(value)
        else:
            time_us = round((number({"time": value}, "time") or 0) * 1_000_000 / (per_s or 1))
    except (BadRecord, OverflowError, ValueError):
        raise BadRecord("bad_time", f"time: {str(value)[:60]!r}") from None
    if not 0 < time_us <= TIME_US_MAX:
        raise BadRecord("bad_time", f"time: {str(value)[:60]!r}")
    return {"time_us": time_us, "received_us": time_us, "time_source": int(TimeSource.MESSAGE)}


def eta(month: float | None, day: float | None, hour: float | None, minute: float | None) -> str | None:
    """Write an ETA as ``MM-DDThh:mm``; None when the month, day, hour or minute is not set."""
    if month is None or day is None or hour is None or minute is None:
        return None
    if not (1 <= month <= 12 and 1 <= day <= 31 and 0 <= hour <= 23 and 0 <= minute <= 59):
        return None
    return f"{int(month):02d}-{int(day):02d}T{int(hour):02d}:{int(minute):02d}"
