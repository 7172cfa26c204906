"""Column contracts: the Arrow schemas that every part of Seavigil meets in.

A field name carries its unit (``sog_kn``, ``within_m``, ``gap_s``); the same unit stands in
the field's metadata. Missing is null, never a magic number. Times are UTC and named ``*_us``:
Arrow ``timestamp[us, UTC]`` in tables, ``int64`` microseconds since 1970-01-01 in NumPy arrays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, IntFlag
from typing import Any

import pyarrow as pa

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 3_600 * SECOND_US
DAY_US = 24 * HOUR_US

#: "From the beginning": nothing is settled yet, an event may begin in any row.
NEVER_US = -(2**62)
#: Later than any data.
END_OF_DATA_US = 2**62

#: A rejected line is kept up to this many bytes.
MAX_REJECT_BYTES = 1024

TIME = pa.timestamp("us", tz="UTC")

_SHIP = re.compile(r"([0-9]{9})(?:#([1-9][0-9]{0,2}))?")


class TimeSource(IntEnum):
    """Where a report's time came from, most trusted first; the numbers, once given, stay."""

    MESSAGE = 1  #: the message itself or the provider's own time column
    TAG_BLOCK = 2  #: NMEA 4 tag block ``c:``
    PGHP = 3  #: ``$PGHP`` line of the base station before the sentence
    TRAILER = 4  #: receiver's Unix time after the checksum
    INSTRUMENTS = 6  #: the own ship's instruments: the last ``ZDA`` or ``RMC`` heard before the sentence
    RECEIVED = 5  #: when our end read the bytes; for a file, when it was last written


class Transceiver(IntEnum):
    """Kind of AIS station (ITU-R M.1371-5, table 46)."""

    CLASS_A = 1
    CLASS_B = 2
    BASE_STATION = 3
    AID_TO_NAVIGATION = 4
    SAR_AIRCRAFT = 5


class Flag(IntFlag):
    """What the plausibility check found on a row; rows are flagged, never dropped."""

    NO_POSITION = 1  #: no position in the message
    IMPOSSIBLE_POSITION = 2  #: outside -90..90, -180..180, or exactly 0, 0
    JUMP = 4  #: unreachable from the ship's other rows
    IMPOSSIBLE_SPEED = 8  #: SOG above what such a craft can do
    SPEED_DISAGREES = 16  #: SOG and change of position do not fit
    LATE = 32  #: came after its time had been settled: kept, not judged
    NOT_A_SHIP = 64  #: base station, aid to navigation, SAR aircraft
    SHARED_MMSI = 128  #: one of several ships under this MMSI
    WRONG_CLOCK = 256  #: its time lies far ahead of everything else heard: kept, not judged


#: A row with one of these has no position a behaviour may use.
UNUSABLE_POSITION = (
    Flag.NO_POSITION | Flag.IMPOSSIBLE_POSITION | Flag.JUMP | Flag.LATE | Flag.NOT_A_SHIP | Flag.WRONG_CLOCK
)


def _f(name: str, kind: pa.DataType, unit: str = "", says: str = "", *, null: bool = True) -> pa.Field:
    meta = {k: v for k, v in (("unit", unit), ("says", says)) if v}
    return pa.field(name, kind, nullable=null, metadata=meta)


REPORTS = pa.schema(
    [
        _f("report_id", pa.uint64(), says="hash of payload, station and second", null=False),
        _f(
            "payload_id",
            pa.uint64(),
            says="hash of the payload alone: equal for one message heard twice",
            null=False,
        ),
        _f("time_us", TIME, "us UTC", null=False),
        _f("time_source", pa.uint8(), says="TimeSource", null=False),
        _f("received_us", TIME, "us UTC", "when our end or the provider's got it"),
        _f("source", pa.string(), says="file or feed"),
        _f("offset_bytes", pa.int64(), "byte", "where the raw sentence begins in the uncompressed source"),
        _f("station", pa.string(), says="base station or receiver named by the source"),
        _f("mmsi", pa.uint32(), null=False),
        _f("msg_type", pa.uint8(), says="ITU-R M.1371 message number; null when the source does not tell"),
        _f("transceiver", pa.uint8(), says="Transceiver"),
        _f("lat_deg", pa.float64(), "deg", "WGS 84"),
        _f("lon_deg", pa.float64(), "deg", "WGS 84"),
        _f("sog_kn", pa.float64(), "kn"),
        _f("cog_deg", pa.float64(), "deg", "0..360, true"),
        _f("heading_deg", pa.float64(), "deg", "0..359, true"),
        _f("rot_deg_min", pa.float64(), "deg/min", "+ to starboard"),
        _f("nav_status", pa.uint8(), says="ITU-R M.1371 navigational status 0..14; 15 is null"),
        _f("position_accuracy_high", pa.bool_(), says="true: better than 10 m"),
        _f("raim", pa.bool_()),
        _f("utc_second", pa.uint8(), "s", "second of the fix as sent, 0..59"),
    ]
)

#: Reports after `tracks`: in time order, each message once, with its ship and its flags.
TRACKED = pa.schema(
    [
        *REPORTS,
        _f(
            "vessel_part",
            pa.uint8(),
            says="0 for the first ship under this MMSI, 1 for the second..",
            null=False,
        ),
        _f("flags", pa.uint32(), says="Flag", null=False),
        _f("implied_speed_kn", pa.float64(), "kn", "from the ship's last sound position"),
    ]
)

VESSELS = pa.schema(
    [
        _f("report_id", pa.uint64(), null=False),
        _f("time_us", TIME, "us UTC", "when this became known", null=False),
        _f("time_source", pa.uint8(), says="TimeSource", null=False),
        _f("source", pa.string()),
        _f("offset_bytes", pa.int64(), "byte"),
        _f("mmsi", pa.uint32(), null=False),
        _f("msg_type", pa.uint8()),
        _f("transceiver", pa.uint8(), says="Transceiver"),
        _f("imo", pa.uint32(), says="IMO number; 0 is null"),
        _f("name", pa.string()),
        _f("callsign", pa.string()),
        _f("ship_type", pa.uint8(), says="ITU-R M.1371 type of ship and cargo, 1..99"),
        _f("length_m", pa.float64(), "m"),
        _f("beam_m", pa.float64(), "m"),
        _f("to_bow_m", pa.float64(), "m", "reference point to bow"),
        _f("to_stern_m", pa.float64(), "m"),
        _f("to_port_m", pa.float64(), "m"),
        _f("to_starboard_m", pa.float64(), "m"),
        _f("draught_m", pa.float64(), "m"),
        _f("destination", pa.string()),
        _f("eta", pa.string(), says="month-day hour:minute UTC as sent, MM-DDThh:mm"),
    ]
)

REJECTS = pa.schema(
    [
        _f("source", pa.string()),
        _f("offset_bytes", pa.int64(), "byte"),
        _f("fault", pa.string(), says="short code, counted in the summary", null=False),
        _f("detail", pa.string()),
        _f("raw", pa.binary(), says=f"what was rejected, first {MAX_REJECT_BYTES} bytes"),
    ]
)

ASSETS = pa.schema(
    [
        _f("asset_id", pa.string(), null=False),
        _f("name", pa.string(), null=False),
        _f("kind", pa.string(), says="see assets.KINDS", null=False),
        _f("shape", pa.string(), says="line, area or point", null=False),
        _f(
            "geometry_wkb",
            pa.binary(),
            says="WGS 84, ISO WKB; (Multi)LineString, (Multi)Polygon or (Multi)Point",
            null=False,
        ),
        _f(
            "position_uncertainty_m", pa.float64(), "m", "95 % of the true route lies within this", null=False
        ),
        _f(
            "uncertainty_source",
            pa.string(),
            says="given, or the default class it was taken from",
            null=False,
        ),
        _f("length_km", pa.float64(), "km"),
        _f("operator", pa.string()),
        _f("countries", pa.list_(pa.string())),
        _f("voltage_kv", pa.float64(), "kV"),
        _f("source", pa.string()),
        _f("properties_json", pa.string(), says="the source's own properties"),
    ]
)

REASON = pa.struct(
    [
        pa.field("code", pa.string()),
        pa.field("observed", pa.float64()),
        pa.field("expected", pa.float64()),
        pa.field("unit", pa.string()),
        pa.field("weight", pa.float64()),
    ]
)

#: One row is one revision of one event: what was known of it at ``known_at_us``, not later.
EVENTS = pa.schema(
    [
        _f(
            "event_id", pa.string(), says="hash of behaviour, vessel, asset, first report, params", null=False
        ),
        _f("revision", pa.uint16(), says="1 when it first stood, 2 when it ended", null=False),
        _f("known_at_us", TIME, "us UTC", "data time at which this revision became known", null=False),
        _f("detected_at_us", TIME, "us UTC", "data time at which it first stood", null=False),
        _f("behaviour", pa.string(), null=False),
        _f("params_hash", pa.string(), null=False),
        _f(
            "vessel_id",
            pa.string(),
            says="MMSI, with #2, #3.. when ships share it; area:, contact:",
            null=False,
        ),
        _f("mmsi", pa.uint32(), says="null for an area, or a contact that is no AIS ship"),
        _f("asset_id", pa.string()),
        _f("others", pa.list_(pa.string()), says="vessel ids of the other ships concerned"),
        _f("began_us", TIME, "us UTC", null=False),
        _f("ended_us", TIME, "us UTC", "null while it goes on"),
        _f("first_report_id", pa.uint64(), null=False),
        _f("last_report_id", pa.uint64(), null=False),
        _f("reports", pa.uint32(), says="rows that took part so far", null=False),
        _f("lat_deg", pa.float64(), "deg", "last position that took part"),
        _f("lon_deg", pa.float64(), "deg"),
        _f("peak_score", pa.float64(), null=False),
        _f("distance_m", pa.float64(), "m", "least distance to the asset"),
        _f("crossed_at_us", TIME, "us UTC", "crossing of the charted line"),
        _f("crossed_within_s", pa.float64(), "s", "half the gap between the reports around it"),
        _f("km_along", pa.float64(), "km", "along the asset from its first vertex"),
        _f("angle_deg", pa.float64(), "deg", "between track and asset, 0..90"),
        _f("sog_kn", pa.float64(), "kn", "speed there"),
        _f("probability_over", pa.float64(), "1", "that the ship was over the true line"),
        _f("south_deg", pa.float64(), "deg", "bounds of an area"),
        _f("west_deg", pa.float64(), "deg"),
        _f("north_deg", pa.float64(), "deg"),
        _f("east_deg", pa.float64(), "deg"),
        _f("reasons", pa.list_(REASON)),
    ]
)


def empty(schema: pa.Schema) -> pa.Table:
    """Give a table of ``schema`` with no rows."""
    return schema.empty_table()


def table(schema: pa.Schema, columns: Mapping[str, Any], rows: int | None = None) -> pa.Table:
    """Give a table of ``schema`` from the columns that are there; the others are null.

    ``columns`` maps field names to NumPy, Arrow or list values of one length. NumPy NaN in a
    float column becomes null. Raises ``KeyError`` for a name that the schema does not have.
    """
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"not in the schema: {sorted(unknown)}")
    n = rows if rows is not None else len(next(iter(columns.values())))
    return pa.Table.from_arrays([_column(f, columns.get(f.name), n) for f in schema], schema=schema)


def _column(f: pa.Field, values: Any, n: int) -> pa.Array | pa.ChunkedArray:
    if values is None:
        return pa.nulls(n, f.type)
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values if values.type == f.type else values.cast(f.type)
    return pa.array(values, type=f.type, from_pandas=pa.types.is_floating(f.type))


@dataclass(frozen=True)
class Decoded:
    """What a format made of some bytes: reports, static data, rejects, and counts by name."""

    reports: pa.Table = field(default_factory=lambda: empty(REPORTS))
    vessels: pa.Table = field(default_factory=lambda: empty(VESSELS))
    rejects: pa.Table = field(default_factory=lambda: empty(REJECTS))
    counts: Mapping[str, int] = field(default_factory=dict)


def join(parts: Sequence[Decoded]) -> Decoded:
    """Put several results of one format one after another; counts add up."""
    if len(parts) == 1:
        return parts[0]
    counts: dict[str, int] = {}
    for part in parts:
        for name, n in part.counts.items():
            counts[name] = counts.get(name, 0) + n
    return Decoded(
        pa.concat_tables([p.reports for p in parts]) if parts else empty(REPORTS),
        pa.concat_tables([p.vessels for p in parts]) if parts else empty(VESSELS),
        pa.concat_tables([p.rejects for p in parts]) if parts else empty(REJECTS),
        counts,
    )


@dataclass(frozen=True)
class Reject:
    """One piece of input that could not be used, and why."""

    offset_bytes: int | None
    fault: str
    raw: bytes
    detail: str | None = None


def rejects_table(rejects: Iterable[Reject], source: str | None = None) -> pa.Table:
    """Give the REJECTS table of ``rejects``; each raw part is cut to MAX_REJECT_BYTES."""
    rows = list(rejects)
    return table(
        REJECTS,
        {
            "source": [source] * len(rows),
            "offset_bytes": [r.offset_bytes for r in rows],
            "fault": [r.fault for r in rows],
            "detail": [r.detail for r in rows],
            "raw": [r.raw[:MAX_REJECT_BYTES] for r in rows],
        },
        rows=len(rows),
    )


def vessel_id(mmsi: int, part: int) -> str:
    """Give the id of ship number ``part`` (from 0) under ``mmsi``: ``219165000``, ``219165000#2``."""
    return f"{mmsi:09d}" if part == 0 else f"{mmsi:09d}#{part + 1}"


def ship_named(text: str) -> tuple[int, int | None]:
    """Read `219165000`, or `219165000#2` for the second ship under a number; gives MMSI and part.

    The part counts from 0, None where none is told. Raises ``ValueError`` that says what is wanted.
    """
    found = _SHIP.fullmatch(text.strip())
    if found is None or int(found[2] or 1) > 256:
        raise ValueError(f"{text!r} is no MMSI: nine digits, and #2, #3.. for ships that share one")
    return int(found[1]), None if found[2] is None else int(found[2]) - 1


def rfc3339(time_us: int | None) -> str | None:
    """Write a time as RFC 3339 UTC, with milliseconds where it has any; ``None`` stays ``None``.

    >>> rfc3339(1735122360000000)
    '2024-12-25T10:26:00Z'
    """
    if time_us is None:
        return None
    moment = datetime.fromtimestamp(time_us // SECOND_US, UTC).replace(tzinfo=None)
    ms = time_us % SECOND_US // 1000
    return moment.isoformat() + (f".{ms:03d}Z" if ms else "Z")


def parse_time_us(text: str) -> int:
    """Read an RFC 3339 or ISO 8601 time; one without a zone is UTC.

    Raises ``ValueError`` that names the text and the form wanted.

    >>> parse_time_us("2024-12-25T10:26Z")
    1735122360000000
    """
    try:
        moment = datetime.fromisoformat(text.strip().upper())
    except ValueError as fault:
        raise ValueError(f"{text!r} is not a time; write 2024-12-25T10:26:00Z") from fault
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * SECOND_US + delta.microseconds
