"""From armoured payloads to the REPORTS, VESSELS and REJECTS tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from seavigil.feeds.formats.ais.fields import LAST_TYPE, LEAST_BITS, LEAST_BITS_24B, SUPPORTED
from seavigil.feeds.formats.ais.payloads import NOT_ARMOUR, Bits, Payloads, dearmour
from seavigil.feeds.formats.ais.tables import (
    ABSENT,
    REPORT_DTYPES,
    REPORT_TYPES,
    VESSEL_TYPES,
    Columns,
    Values,
    codes_array,
    report_columns,
    vessel_columns,
    vessel_texts,
)
from seavigil.feeds.formats.nmea_lines import I64, U8, Mask
from seavigil.feeds.formats.nmea_messages import Found, Messages
from seavigil.feeds.formats.nmea_sentences import Placed
from seavigil.feeds.formats.text_columns import TextColumn
from seavigil.hashing import U64, hash_bytes, mix
from seavigil.records import (
    MAX_REJECT_BYTES,
    REJECTS,
    REPORTS,
    SECOND_US,
    TIME,
    VESSELS,
    Decoded,
    Reject,
    empty,
    rejects_table,
    table,
)

_FAULTS = ("", "bad_armour", "unknown_type", "too_short", "unknown_part", "bad_mmsi")
_NO_REPORTS, _NO_VESSELS, _NO_REJECTS = empty(REPORTS), empty(VESSELS), empty(REJECTS)
#: An MMSI has nine digits (ITU-R M.585); the field has room for larger numbers.
_MMSI_MAX = 999_999_999
#: Message types whose fields are read, by number; and the bits each needs.
_READ = np.isin(np.arange(256), list(SUPPORTED))
_LEAST = np.full(256, 38)
_LEAST[list(LEAST_BITS)] = list(LEAST_BITS.values())
_CODES = ("transceiver", "nav_status", "utc_second")
_TEXTS = ("name", "callsign", "destination", "eta")
_FLOATS = ("length_m", "beam_m", "to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m", "draught_m")


@dataclass(frozen=True)
class _Decoding:
    """Messages of one buffer with what all their rows share."""

    messages: Messages
    payloads: Payloads
    msg_type: U8
    fault: U8
    source: pa.StringScalar
    received_us: int
    payload_id: U64
    report_id: U64
    station: TextColumn

    def rows_by_type(self, types: Iterable[int]) -> dict[int, I64]:
        """Give the rows of each of the message types that occur, without the faulty ones."""
        sound = np.where(self.fault == 0, self.msg_type, 0)
        there = np.flatnonzero(np.bincount(sound)).tolist()
        return {t: np.flatnonzero(sound == t) for t in types if t in there}


def decode(found: Found, source: pa.StringScalar, received_us: int) -> Decoded:
    """Decode the messages of one buffer and give its tables and counts."""
    counts = found.counts
    rejects = found.rejects
    reports, vessels = _NO_REPORTS, _NO_VESSELS
    if len(found.messages.order):
        decoding = _prepare(found.messages, source, received_us)
        rejects = [*rejects, *_payload_rejects(decoding)]
        for msg_type, n in enumerate(np.bincount(decoding.msg_type[decoding.fault == 0]).tolist()):
            if n:
                counts["messages"] += n
                counts[f"type_{msg_type}"] += n
        reports, vessels = _reports(decoding), _vessels(decoding)
    if not rejects:
        return Decoded(reports, vessels, _NO_REJECTS, dict(counts))
    counts["rejects"] += len(rejects)
    ordered = [p.reject for p in sorted(rejects, key=lambda p: p.order)]
    return Decoded(reports, vessels, rejects_table(ordered, source.as_py()), dict(counts))


def nothing() -> Decoded:
    """Give the result of bytes that completed no line."""
    return Decoded(_NO_REPORTS, _NO_VESSELS, _NO_REJECTS, {})


def _prepare(messages: Messages, source: pa.StringScalar, received_us: int) -> _Decoding:
    begin, length = messages.payload.begin, messages.payload.end - messages.payload.begin
    payloads = Payloads(dearmour(messages.buffer), begin, 6 * length - messages.fill)
    msg_type = payloads.six[begin]
    payload_id = hash_bytes(messages.buffer, begin, length)
    station, station_hash = _stations(messages)
    report_id = mix(payload_id, station_hash, messages.time_us // SECOND_US)
    fault = _payload_faults(payloads, begin + length, msg_type)
    return _Decoding(messages, payloads, msg_type, fault, source, received_us, payload_id, report_id, station)


def _payload_faults(payloads: Payloads, end: I64, msg_type: U8) -> U8:
    fault = np.zeros(len(end), dtype=np.uint8)
    edges = np.stack([payloads.starts, end], axis=1).ravel()
    worst = np.maximum.reduceat(payloads.six, edges)[::2]
    bits = Bits(payloads)
    part = np.where(msg_type == 24, bits.unsigned(38, 2), 0)
    short = (payloads.bits < _LEAST[msg_type]) | (part == 1) & (payloads.bits < LEAST_BITS_24B)
    _mark(fault, worst >= NOT_ARMOUR, "bad_armour")
    _mark(fault, (msg_type == 0) | (msg_type > LAST_TYPE), "unknown_type")
    _mark(fault, short, "too_short")
    _mark(fault, part > 1, "unknown_part")
    mmsi = bits.unsigned(8, 30)
    _mark(fault, _READ[msg_type] & ((mmsi < 1) | (mmsi > _MMSI_MAX)), "bad_mmsi")
    return fault


def _mark(fault: U8, where: Mask, name: str) -> None:
    fault[where & (fault == 0)] = _FAULTS.index(name)


def _payload_rejects(decoding: _Decoding) -> list[Placed]:
    messages, rejects = decoding.messages, []
    for row in np.flatnonzero(decoding.fault).tolist():
        raw = messages.raw_text(row)[:MAX_REJECT_BYTES]
        fault = _FAULTS[decoding.fault[row]]
        rejects.append(Placed(int(messages.order[row]), Reject(int(messages.offset[row]), fault, raw)))
    return rejects


def _stations(messages: Messages) -> tuple[TextColumn, U64]:
    """Give the station column and the hash of each station's text, 0 without one."""
    texts = TextColumn.from_spans(messages.buffer, messages.station.begin, messages.station.end)
    length = np.diff(texts.offsets)
    hashes = hash_bytes(texts.data, texts.offsets[:-1], length)
    return texts, np.where(length > 0, hashes, np.uint64(0))


def _reports(decoding: _Decoding) -> pa.Table:
    groups = decoding.rows_by_type(REPORT_TYPES)
    if not groups:
        return _NO_REPORTS
    columns = _blank_reports(len(decoding.fault))
    for msg_type, rows in groups.items():
        for name, values in report_columns(msg_type, decoding.payloads.take(rows)).items():
            columns[name][rows] = values
    keep = np.sort(np.concatenate(list(groups.values())))
    if len(keep) < len(decoding.fault):
        columns = {name: values[keep] for name, values in columns.items()}
    arrays = {n: codes_array(v) if n in _CODES else v for n, v in columns.items()}
    received = np.full(len(keep), decoding.received_us)
    shared = _shared(decoding, keep) | {
        "received_us": pa.array(received).view(TIME),
        "payload_id": decoding.payload_id[keep],
        "station": decoding.station.take(keep).array(),
    }
    return table(REPORTS, arrays | shared)


def _blank_reports(rows: int) -> Columns:
    blank = {np.float64: np.nan, np.uint8: ABSENT}
    return {name: np.full(rows, blank.get(dtype, 0), dtype=dtype) for name, dtype in REPORT_DTYPES.items()}


def _vessels(decoding: _Decoding) -> pa.Table:
    rows: list[I64] = []
    groups: list[Columns] = []
    for msg_type, of_type in decoding.rows_by_type(VESSEL_TYPES).items():
        for part, columns in vessel_columns(msg_type, decoding.payloads.take(of_type)):
            rows.append(of_type[part])
            groups.append(columns)
    if not rows:
        return _NO_VESSELS
    place = np.concatenate(rows)
    order = np.argsort(place, kind="stable")
    arrays = {name: TextColumn.from_codes(vessel_texts(groups, name)[order]).array() for name in _TEXTS}
    for name in ("msg_type", "transceiver", "ship_type"):
        arrays[name] = codes_array(_stacked(groups, name, ABSENT)[order])
    imo = _stacked(groups, "imo", 0)[order].astype(np.uint32)
    mmsi = _stacked(groups, "mmsi", 0)[order].astype(np.uint32)
    arrays |= {"imo": pa.array(imo, mask=imo == 0), "mmsi": mmsi}
    arrays |= {name: _stacked(groups, name, np.nan)[order] for name in _FLOATS}
    return table(VESSELS, arrays | _shared(decoding, place[order]))


def _stacked(groups: list[Columns], name: str, blank: float) -> Values:
    parts = [g[name] if name in g else np.full(len(g["mmsi"]), blank) for g in groups]
    joined = np.concatenate(parts)
    return joined.astype(np.uint8) if blank == ABSENT else joined


def _shared(decoding: _Decoding, keep: I64) -> dict[str, object]:
    messages = decoding.messages
    return {
        "report_id": decoding.report_id[keep],
        "time_us": pa.array(messages.time_us[keep]).view(TIME),
        "time_source": messages.time_source[keep].astype(np.uint8),
        "source": pa.repeat(decoding.source, len(keep)),
        "offset_bytes": messages.offset[keep],
    }
