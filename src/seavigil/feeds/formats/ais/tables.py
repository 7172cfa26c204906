"""From AIS fields to the columns of REPORTS and VESSELS: every "not available" code becomes null.

Codes are those of ITU-R M.1371-5, annex 8, under the message of each type. In the arrays
here a missing float is NaN, a missing small integer is ABSENT, a missing text is a row of zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.feeds.formats.ais.fields import (
    COARSE_POSITION_SCALE,
    LAYOUTS,
    POSITION_SCALE,
    STATIC_A,
    STATIC_B,
    Field,
    is_auxiliary,
)
from seavigil.feeds.formats.ais.payloads import U8, Bits, Payloads, trim
from seavigil.records import Transceiver

Values = NDArray[Any]
Columns = dict[str, Values]

#: Stands for a missing value in uint8 arrays until the table is made.
ABSENT = 255

#: Types that give a row of REPORTS, and of VESSELS.
REPORT_TYPES = (1, 2, 3, 4, 9, 11, 18, 19, 21, 27)
VESSEL_TYPES = (5, 19, 21, 24)

#: Types 11 (any mobile station) and 27 (class A or B) do not tell which kind sends them.
_TRANSCEIVERS = {
    1: Transceiver.CLASS_A,
    2: Transceiver.CLASS_A,
    3: Transceiver.CLASS_A,
    4: Transceiver.BASE_STATION,
    5: Transceiver.CLASS_A,
    9: Transceiver.SAR_AIRCRAFT,
    18: Transceiver.CLASS_B,
    19: Transceiver.CLASS_B,
    21: Transceiver.AID_TO_NAVIGATION,
    24: Transceiver.CLASS_B,
}
#: Speed not available, as sent; one less means "or more" and is kept.
_NO_SPEED = {9: 1023, 27: 63}
_NO_SPEED_TENTHS = 1023
#: Turn rates as sent: 127 to either side says "more than 5 deg in 30 s", -128 not available.
_FASTEST_TURN = 126
_TURN_SCALE = 4.733
#: IMO numbers have seven digits; larger ones in the field are national numbers.
_IMO_MAX = 9_999_999

REPORT_DTYPES: dict[str, Any] = {
    "mmsi": np.uint32,
    "msg_type": np.uint8,
    "transceiver": np.uint8,
    "lat_deg": np.float64,
    "lon_deg": np.float64,
    "sog_kn": np.float64,
    "cog_deg": np.float64,
    "heading_deg": np.float64,
    "rot_deg_min": np.float64,
    "nav_status": np.uint8,
    "position_accuracy_high": np.bool_,
    "raim": np.bool_,
    "utc_second": np.uint8,
}


def report_columns(msg_type: int, payloads: Payloads) -> Columns:
    """Give the REPORTS columns that messages of one of REPORT_TYPES hold."""
    bits, layout = Bits(payloads), LAYOUTS[msg_type]
    columns: Columns = {
        "mmsi": _sent(layout, "mmsi", bits),
        "msg_type": np.full(len(bits), msg_type, dtype=np.uint8),
        "transceiver": np.full(len(bits), _TRANSCEIVERS.get(msg_type, ABSENT), dtype=np.uint8),
        "position_accuracy_high": bits.flag(layout["accuracy"].start),
        "raim": bits.flag(layout["raim"].start),
    }
    columns["lat_deg"], columns["lon_deg"] = _position(layout, bits)
    if "speed" in layout:
        columns["sog_kn"] = _speed(msg_type, layout, bits)
        columns["cog_deg"] = _course(layout["course"], bits)
    if "heading" in layout:
        columns["heading_deg"] = _below(_sent(layout, "heading", bits), 360)
    if "turn" in layout:
        columns["rot_deg_min"] = _turn_rate(_sent(layout, "turn", bits))
    if "status" in layout:
        columns["nav_status"] = _code_below(_sent(layout, "status", bits), 15)
    if "second" in layout:
        columns["utc_second"] = _code_below(_sent(layout, "second", bits), 60)
    return columns


def vessel_columns(msg_type: int, payloads: Payloads) -> Iterator[tuple[NDArray[np.intp], Columns]]:
    """Give the VESSELS columns of messages of one of VESSEL_TYPES, with the rows they stand for."""
    if msg_type != 24:
        yield np.arange(len(payloads.bits)), _vessel(msg_type, LAYOUTS[msg_type], Bits(payloads))
        return
    part = Bits(payloads).unsigned(38, 2)
    for layout, number in ((STATIC_A, 0), (STATIC_B, 1)):
        rows = np.flatnonzero(part == number)
        yield rows, _vessel(24, layout, Bits(payloads.take(rows)))


def _vessel(msg_type: int, layout: dict[str, Field], bits: Bits) -> Columns:
    mmsi = _sent(layout, "mmsi", bits)
    columns: Columns = {
        "mmsi": mmsi,
        "msg_type": np.full(len(bits), msg_type, dtype=np.uint8),
        "transceiver": np.full(len(bits), _TRANSCEIVERS[msg_type], dtype=np.uint8),
    }
    if "to_bow" in layout:
        columns |= _size(layout, bits, is_auxiliary(mmsi) & (msg_type == 24))
    if "shiptype" in layout:
        code = _sent(layout, "shiptype", bits)
        columns["ship_type"] = np.where(code > 0, _code_below(code, 100), ABSENT).astype(np.uint8)
    if "imo" in layout:
        imo = _sent(layout, "imo", bits)
        columns["imo"] = np.where(imo <= _IMO_MAX, imo, 0)
        columns["draught_m"] = _above(_sent(layout, "draught", bits), 0) / 10.0
        columns["eta"] = _eta(layout, bits)
    return columns | _texts(layout, bits)


def _sent(layout: dict[str, Field], name: str, bits: Bits) -> Values:
    field = layout[name]
    return (bits.signed if field.kind == "i" else bits.unsigned)(field.start, field.width)


def _below(value: Values, limit: int) -> Values:
    return np.where(value < limit, value, np.nan)


def _above(value: Values, limit: int) -> Values:
    return np.where(value > limit, value, np.nan)


def _code_below(value: Values, limit: int) -> U8:
    return np.where(value < limit, value, ABSENT).astype(np.uint8)


def _position(layout: dict[str, Field], bits: Bits) -> tuple[Values, Values]:
    """Give latitude and longitude; both are missing when either is 91 or 181 deg as sent."""
    lon, lat = _sent(layout, "lon", bits), _sent(layout, "lat", bits)
    scale = layout["lon"].scale
    assert scale in {POSITION_SCALE, COARSE_POSITION_SCALE}
    there = (lon != int(181 * scale)) & (lat != int(91 * scale))
    return np.where(there, lat / scale, np.nan), np.where(there, lon / scale, np.nan)


def _speed(msg_type: int, layout: dict[str, Field], bits: Bits) -> Values:
    sent = _sent(layout, "speed", bits)
    return _below(sent, _NO_SPEED.get(msg_type, _NO_SPEED_TENTHS)) / layout["speed"].scale


def _course(field: Field, bits: Bits) -> Values:
    return _below(bits.unsigned(field.start, field.width), int(360 * field.scale)) / field.scale


def _turn_rate(sent: Values) -> Values:
    """Give degrees a minute from 4.733 times the root of it (M.1371-5, Message 1)."""
    rate = np.copysign((sent / _TURN_SCALE) ** 2, sent)
    return np.where(np.abs(sent) <= _FASTEST_TURN, rate, np.nan)


def _size(layout: dict[str, Field], bits: Bits, none: NDArray[np.bool_]) -> Columns:
    """Give size and reference point; A = C = 0 beside a size means that the point is not known."""
    sides = ("to_bow", "to_stern", "to_port", "to_starboard")
    bow, stern, port, starboard = (_sent(layout, side, bits) for side in sides)
    length = np.where(none, np.nan, _above(bow + stern, 0))
    beam = np.where(none, np.nan, _above(port + starboard, 0))
    unknown_point = (bow == 0) & (port == 0) & (stern > 0) & (starboard > 0)
    along, across = unknown_point | np.isnan(length), unknown_point | np.isnan(beam)
    return {
        "length_m": length,
        "beam_m": beam,
        "to_bow_m": np.where(along, np.nan, bow),
        "to_stern_m": np.where(along, np.nan, stern),
        "to_port_m": np.where(across, np.nan, port),
        "to_starboard_m": np.where(across, np.nan, starboard),
    }


def _texts(layout: dict[str, Field], bits: Bits) -> Columns:
    texts: Columns = {}
    for column in ("name", "callsign", "destination"):
        field = layout.get(column) or layout.get(f"ship{column}")
        if field:
            texts[column] = bits.text(field.start, field.width // 6)
    if "name_ext" in layout:
        texts["name"] = np.concatenate([texts["name"], bits.text(layout["name_ext"].start, 14)], axis=1)
    return {name: trim(codes) for name, codes in texts.items()}


def _eta(layout: dict[str, Field], bits: Bits) -> U8:
    """Write MM-DDThh:mm; without a valid time of day MM-DD; nothing without a valid day."""
    month, day, hour, minute = (_sent(layout, n, bits) for n in ("month", "day", "hour", "minute"))
    digits = [digit for part in (month, day, hour, minute) for digit in (part // 10, part % 10)]
    text = np.empty((len(bits), 11), dtype=np.uint8)
    text[:, [0, 1, 3, 4, 6, 7, 9, 10]] = np.stack(digits, axis=1) + ord("0")
    text[:, [2, 5, 8]] = np.frombuffer(b"-T:", dtype=np.uint8)
    text[(hour > 23) | (minute > 59), 5:] = 0
    text[(month < 1) | (month > 12) | (day < 1)] = 0
    return text


def codes_array(values: U8) -> pa.Array:
    """Give a uint8 column in which ABSENT is null."""
    return pa.array(values, mask=values == ABSENT)


def vessel_texts(columns: list[Columns], name: str) -> U8:
    """Stack one text column of several groups of rows, absent where a group does not have it."""
    parts = [group.get(name, np.zeros((len(group["mmsi"]), 1), dtype=np.uint8)) for group in columns]
    width = max((p.shape[1] for p in parts), default=1)
    return np.concatenate([np.pad(p, ((0, 0), (0, width - p.shape[1]))) for p in parts])
