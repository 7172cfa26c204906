"""Messages of aisstream.io: one JSON object a message, as lines, an array, or one after another.

Units are decoded already (knots, degrees, metres) except turn, which is the AIS code. The provider's
``time_utc`` is the report's time. Ship's name in the meta data of a position message makes a
vessel row when it is new. Kinds of message without ship data are counted as ``other_messages``.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from seavigil.feeds.formats import json_rows as rows
from seavigil.feeds.formats.changes import Changes
from seavigil.feeds.formats.contract import Format
from seavigil.feeds.formats.digitraffic import turn_rate
from seavigil.feeds.formats.json_rows import BadRecord, Batch, JsonReceiver, Row, number, part
from seavigil.feeds.formats.json_stream import Record
from seavigil.hashing import hash_texts
from seavigil.records import Transceiver

#: Message kind: its ITU-R M.1371 number where the message does not say, and who sends it.
_POSITIONS: dict[str, tuple[int, Transceiver | None]] = {
    "PositionReport": (1, Transceiver.CLASS_A),
    "StandardClassBPositionReport": (18, Transceiver.CLASS_B),
    "ExtendedClassBPositionReport": (19, Transceiver.CLASS_B),
    "LongRangeAisBroadcastMessage": (27, None),
    "StandardSearchAndRescueAircraftReport": (9, Transceiver.SAR_AIRCRAFT),
    "BaseStationReport": (4, Transceiver.BASE_STATION),
    "AidsToNavigationReport": (21, Transceiver.AID_TO_NAVIGATION),
}
_STATICS: dict[str, tuple[int, Transceiver | None]] = {
    "ShipStaticData": (5, Transceiver.CLASS_A),
    "StaticDataReport": (24, Transceiver.CLASS_B),
}
#: Long-range messages have six bits of speed and nine of course (M.1371-5, message 27).
_LONG_RANGE_NONE = {"Sog": 63, "Cog": 511}


class AisstreamReceiver(JsonReceiver):
    """Receives aisstream.io messages; remembers the ships' names it has told."""

    def __init__(self, source: str) -> None:
        super().__init__(source, self._message)
        self._names = Changes()

    def _message(self, record: Record, received_us: int, batch: Batch) -> None:
        kind = record.value.get("MessageType")
        known = {**_POSITIONS, **_STATICS}.get(kind) if isinstance(kind, str) else None
        if known is None or kind is None:
            self._other(kind, batch)
            return
        body = part(part(record.value, "Message"), kind)
        if body.get("Valid") is False:
            raise BadRecord("invalid_message", f"{kind}: marked invalid by the provider")
        meta = record.value.get("MetaData") or record.value.get("Metadata") or {}
        base = _base(record, body, meta if isinstance(meta, dict) else {}, known, received_us)
        if kind in _STATICS:
            batch.statics.append(base | _ship(body, batch))
            return
        batch.reports.append(base | _position(body, kind))
        if "Dimension" in body:
            batch.statics.append(base | _ship(body, batch))
        elif name := self._new_name(base["mmsi"], meta):
            batch.statics.append(base | {"name": name})

    def _other(self, kind: Any, batch: Batch) -> None:
        if not isinstance(kind, str):
            raise BadRecord("no_message", "no MessageType in the record")
        batch.counts["other_messages"] += 1

    def _new_name(self, mmsi: int, meta: Any) -> str | None:
        name = (rows.text(meta.get("ShipName")) or "").strip() if isinstance(meta, dict) else ""
        return name if name and self._names.new(np.array([mmsi]), hash_texts([name]))[0] else None


def _base(
    record: Record, body: dict[str, Any], meta: dict[str, Any], known: tuple[int, Any], received_us: int
) -> Row:
    number_of, transceiver = known
    said = body.get("MessageID")
    is_number = isinstance(said, int) and not isinstance(said, bool) and 1 <= said <= 27
    return {
        **_time(meta.get("time_utc"), received_us),
        "offset_bytes": record.offset_bytes,
        "mmsi": rows.mmsi(body.get("UserID", meta.get("MMSI"))),
        "msg_type": said if is_number else number_of,
        "transceiver": None if transceiver is None else int(transceiver),
    }


def _time(value: Any, received_us: int) -> Row:
    if isinstance(value, str):
        value = re.sub(r"^(\S+) (\S+) ([+-]\d{4})( .*)?$", r"\1T\2\3", value.strip())
    return rows.time_of(value, per_s=None, received_us=received_us)


def _position(body: dict[str, Any], kind: str) -> Row:
    none = _LONG_RANGE_NONE if kind == "LongRangeAisBroadcastMessage" else {}
    sog, cog = (None if number(body, n) == none.get(n) else number(body, n) for n in ("Sog", "Cog"))
    return {
        "lat_deg": number(body, "Latitude"),
        "lon_deg": number(body, "Longitude"),
        "sog_kn": sog,
        "cog_deg": cog,
        "heading_deg": number(body, "TrueHeading"),
        "rot_deg_min": turn_rate(number(body, "RateOfTurn")),
        "nav_status": number(body, "NavigationalStatus"),
        "position_accuracy_high": rows.flag(body.get("PositionAccuracy")),
        "raim": rows.flag(body.get("Raim")),
        "utc_second": number(body, "Timestamp"),
    }


def _ship(body: dict[str, Any], batch: Batch) -> Row:
    fields = dict(body)
    for name in ("ReportA", "ReportB"):
        report = body.get(name)
        if isinstance(report, dict) and report.get("Valid") is not False:
            fields.update({k: v for k, v in report.items() if k != "Valid"})
    size, when = (fields[n] if isinstance(fields.get(n), dict) else {} for n in ("Dimension", "Eta"))

    def soft(name: str, within: dict[str, Any] = fields) -> float | None:
        return rows.soft_number(within, name, batch.counts)

    return {
        "imo": soft("ImoNumber"),
        "name": rows.text(fields.get("Name")),
        "callsign": rows.text(fields.get("CallSign")),
        "ship_type": soft("ShipType" if "ShipType" in fields else "Type"),
        "to_bow_m": soft("A", size),
        "to_stern_m": soft("B", size),
        "to_port_m": soft("C", size),
        "to_starboard_m": soft("D", size),
        "draught_m": soft("MaximumStaticDraught"),
        "destination": rows.text(fields.get("Destination")),
        "eta": rows.eta(*(soft(n, when) for n in ("Month", "Day", "Hour", "Minute"))),
    }


def looks_like(head: bytes) -> bool:
    """Tell whether ``head`` begins like messages of aisstream.io."""
    is_json = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    return is_json and b'"MessageType"' in head and b'"Message"' in head


FORMAT = Format("aisstream", looks_like, AisstreamReceiver)
