"""The Finnish open feed (Digitraffic marine): REST documents, vessel snapshots, MQTT messages.

Documents: GeoJSON features (bare array, FeatureCollection or one a line), vessel metadata, and a
snapshot of vessels under one time. MQTT: a location message does not name its ship, the topic does;
live messages come through `message`, recorded ones as lines ``{"topic": .., "payload": {..}}``.
Turn is the AIS code, draught in 0.1 m, ETA 20 packed bits (month 4, day 5, hour 5, minute 6).
"""

from __future__ import annotations

import re
from typing import Any

from seavigil.feeds.formats import json_rows as rows
from seavigil.feeds.formats.contract import Format
from seavigil.feeds.formats.json_rows import BadRecord, Batch, JsonReceiver, Row, number, part
from seavigil.feeds.formats.json_stream import Record, loads
from seavigil.feeds.formats.rows import reject
from seavigil.records import Decoded, Reject

_TOPIC = re.compile(r"vessels(?:-v2)?/(\d{1,9})/(locations?|metadata)")
_HEAD_MARKS = (rb'"navStat"', rb'"timestampExternal"', rb'"posType"', rb'"referencePointA"')


class DigitrafficReceiver(JsonReceiver):
    """Receives Digitraffic documents and recorded messages; live MQTT messages through `message`."""

    def __init__(self, source: str) -> None:
        super().__init__(source, convert)
        self._message_at = 0

    def message(self, topic: str, payload: bytes, *, received_us: int) -> Decoded:
        """Decode one MQTT message; offsets count the payload bytes of all messages so far."""
        at, self._message_at = self._message_at, self._message_at + len(payload)
        try:
            record: Record | Reject = Record(at, payload, {"topic": topic, "payload": loads(payload)})
        except ValueError as fault:
            record = reject(at, "bad_json", payload, str(fault)[:120])
        return self.decode([record], received_us=received_us)


def convert(record: Record, received_us: int, batch: Batch) -> None:
    """Put one record of any kind into the batch; raises `BadRecord`."""
    value = record.value
    if "topic" in value:
        _message(record, received_us, batch)
    elif value.get("type") == "Feature" and "geometry" in value:
        _feature(record, value, received_us, batch)
    elif "navStat" in value or "time" in value:
        _location(record, value, value.get("mmsi"), received_us, batch)
    elif "lat" in value and "lon" in value:
        _snapshot(record, received_us, batch)
    elif "name" in value or "callSign" in value or "imo" in value:
        _metadata(record, value, value.get("mmsi"), received_us, batch)
    else:
        raise BadRecord("no_message", "neither a location nor metadata")


def _message(record: Record, received_us: int, batch: Batch) -> None:
    topic = record.value["topic"]
    match = _TOPIC.fullmatch(topic) if isinstance(topic, str) else None
    if match is None:
        batch.counts["other_messages"] += 1
        return
    payload = record.value.get("payload")
    try:
        fields = loads(payload) if isinstance(payload, str) else part(record.value, "payload")
    except ValueError as fault:
        raise BadRecord("no_message", str(fault)[:120]) from fault
    if match[2] == "metadata":
        _metadata(record, fields, match[1], received_us, batch)
    elif "geometry" in fields:
        _feature(record, {"mmsi": match[1], **fields}, received_us, batch)
    else:
        _location(record, fields, match[1], received_us, batch)


def _feature(record: Record, value: dict[str, Any], received_us: int, batch: Batch) -> None:
    properties = part(value, "properties")
    at = part(value, "geometry").get("coordinates")
    lon, lat = at[:2] if isinstance(at, list) and len(at) >= 2 else (None, None)
    fields = {**properties, "lon": lon, "lat": lat}
    time = rows.time_of(properties.get("timestampExternal"), per_s=1000, received_us=received_us)
    ship = properties.get("mmsi", value.get("mmsi"))
    batch.reports.append(_report(record, fields, ship, time) | {"utc_second": number(fields, "timestamp")})


def _location(record: Record, fields: dict[str, Any], ship: Any, received_us: int, batch: Batch) -> None:
    time = rows.time_of(fields.get("time"), per_s=1, received_us=received_us)
    batch.reports.append(_report(record, fields, ship, time))


def _snapshot(record: Record, received_us: int, batch: Batch) -> None:
    fields = record.value
    said = record.around.get("timestamp", fields.get("timestamp"))
    time = rows.time_of(said, per_s=None if isinstance(said, str) else 1000, received_us=received_us)
    batch.reports.append(_report(record, fields, fields.get("mmsi"), time))
    batch.statics.append(_static(record, fields, fields.get("mmsi"), time, batch))


def _metadata(record: Record, fields: dict[str, Any], ship: Any, received_us: int, batch: Batch) -> None:
    time = rows.time_of(fields.get("timestamp"), per_s=1000, received_us=received_us)
    batch.statics.append(_static(record, fields, ship, time, batch))


def _report(record: Record, fields: dict[str, Any], ship: Any, time: Row) -> Row:
    return {
        **time,
        "offset_bytes": record.offset_bytes,
        "mmsi": rows.mmsi(ship),
        "lat_deg": number(fields, "lat"),
        "lon_deg": number(fields, "lon"),
        "sog_kn": number(fields, "sog"),
        "cog_deg": number(fields, "cog"),
        "heading_deg": number(fields, "heading"),
        "rot_deg_min": turn_rate(number(fields, "rot")),
        "nav_status": number(fields, "navStat"),
        "position_accuracy_high": rows.flag(fields.get("posAcc")),
        "raim": rows.flag(fields.get("raim")),
    }


def turn_rate(rot_ais: float | None) -> float | None:
    """Turn code -126..126 to deg/min: (code / 4.733) squared, with its sign (M.1371-5, table 48)."""
    if rot_ais is None or abs(rot_ais) > 126:
        return None
    return float((rot_ais / 4.733) ** 2) * (1 if rot_ais >= 0 else -1)


def _static(record: Record, fields: dict[str, Any], ship: Any, time: Row, batch: Batch) -> Row:
    def soft(*names: str) -> float | None:
        given = next((n for n in names if n in fields), names[0])
        return rows.soft_number(fields, given, batch.counts)

    draught_dm = soft("draught")
    return {
        **time,
        "offset_bytes": record.offset_bytes,
        "mmsi": rows.mmsi(ship),
        "imo": soft("imo"),
        "name": rows.text(fields.get("name")),
        "callsign": rows.text(fields.get("callSign")),
        "ship_type": soft("shipType", "type", "ship_type"),
        "to_bow_m": soft("referencePointA", "refA"),
        "to_stern_m": soft("referencePointB", "refB"),
        "to_port_m": soft("referencePointC", "refC"),
        "to_starboard_m": soft("referencePointD", "refD"),
        "draught_m": None if draught_dm is None else draught_dm / 10,
        "destination": rows.text(fields.get("destination")),
        "eta": _eta(soft("eta")),
    }


def _eta(packed: float | None) -> str | None:
    if packed is None or not 0 <= packed < 2**20:
        return None
    bits = int(packed)
    return rows.eta(bits >> 16, bits >> 11 & 31, bits >> 6 & 31, bits & 63)


def looks_like(head: bytes) -> bool:
    """Tell whether ``head`` begins like a Digitraffic document or a recording of its messages."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return False
    snapshot = b'"vessels"' in head and b'"mmsi"' in head
    recorded = re.search(rb'"topic"\s*:\s*"vessels', head) is not None
    return snapshot or recorded or any(mark in head for mark in _HEAD_MARKS)


FORMAT = Format("digitraffic", looks_like, DigitrafficReceiver)
