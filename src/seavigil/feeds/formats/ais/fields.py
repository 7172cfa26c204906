"""The fields of the AIS messages that Seavigil reads, as ITU-R M.1371-5 (annex 8) lays them out.

Names follow those in general use among open decoders. `decode_fields` gives every field as it was
sent, "not available" codes included; `tables` is where those become null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seavigil.feeds.formats.ais.payloads import Bits, Payloads, strings

Values = NDArray[Any]
Masked = dict[str, np.ma.MaskedArray[Any, Any]]

#: One unit of longitude or latitude is 1/10,000 minute, in type 27 1/10 minute.
POSITION_SCALE = 600_000.0
COARSE_POSITION_SCALE = 600.0


@dataclass(frozen=True)
class Field:
    """One field: ``kind`` is u(nsigned), i(signed), b(oolean) or t(ext); sent value / scale = value."""

    name: str
    start: int
    width: int
    kind: str = "u"
    scale: float = 1.0

    @property
    def end(self) -> int:
        """Give the first bit after the field."""
        return self.start + self.width

    def read(self, bits: Bits) -> Values:
        """Give the field's value in every payload, scaled; a field past the end reads as 0 or ''."""
        if self.kind == "t":
            return strings(bits.text(self.start, self.width // 6))
        if self.kind == "b":
            return bits.flag(self.start)
        value = (bits.signed if self.kind == "i" else bits.unsigned)(self.start, self.width)
        return value if self.scale == 1.0 else value / self.scale


def _flag(name: str, start: int) -> Field:
    return Field(name, start, 1, "b")


def _text(name: str, start: int, chars: int) -> Field:
    return Field(name, start, 6 * chars, "t")


def _position(start: int) -> tuple[Field, ...]:
    return (
        Field("lon", start, 28, "i", POSITION_SCALE),
        Field("lat", start + 28, 27, "i", POSITION_SCALE),
    )


def _size(start: int) -> tuple[Field, ...]:
    return (
        Field("to_bow", start, 9),
        Field("to_stern", start + 9, 9),
        Field("to_port", start + 18, 6),
        Field("to_starboard", start + 24, 6),
    )


def _layout(*fields: Field | tuple[Field, ...]) -> dict[str, Field]:
    head = (Field("type", 0, 6), Field("repeat", 6, 2), Field("mmsi", 8, 30))
    flat = [f for item in (head, *fields) for f in (item if isinstance(item, tuple) else (item,))]
    return {f.name: f for f in flat}


_CLASS_A = _layout(
    Field("status", 38, 4),
    Field("turn", 42, 8, "i"),
    Field("speed", 50, 10, scale=10.0),
    _flag("accuracy", 60),
    _position(61),
    Field("course", 116, 12, scale=10.0),
    Field("heading", 128, 9),
    Field("second", 137, 6),
    Field("maneuver", 143, 2),
    Field("spare", 145, 3),
    _flag("raim", 148),
    Field("radio", 149, 19),
)
_UTC = _layout(
    Field("year", 38, 14),
    Field("month", 52, 4),
    Field("day", 56, 5),
    Field("hour", 61, 5),
    Field("minute", 66, 6),
    Field("second", 72, 6),
    _flag("accuracy", 78),
    _position(79),
    Field("epfd", 134, 4),
    _flag("transmission_ctl", 138),
    Field("spare", 139, 9),
    _flag("raim", 148),
    Field("radio", 149, 19),
)
_VOYAGE = _layout(
    Field("ais_version", 38, 2),
    Field("imo", 40, 30),
    _text("callsign", 70, 7),
    _text("shipname", 112, 20),
    Field("shiptype", 232, 8),
    _size(240),
    Field("epfd", 270, 4),
    Field("month", 274, 4),
    Field("day", 278, 5),
    Field("hour", 283, 5),
    Field("minute", 288, 6),
    Field("draught", 294, 8, scale=10.0),
    _text("destination", 302, 20),
    _flag("dte", 422),
    Field("spare", 423, 1),
)
_SAR_AIRCRAFT = _layout(
    Field("alt", 38, 12),
    Field("speed", 50, 10),
    _flag("accuracy", 60),
    _position(61),
    Field("course", 116, 12, scale=10.0),
    Field("second", 128, 6),
    Field("regional", 134, 8),
    _flag("alt_sensor", 134),
    _flag("dte", 142),
    Field("spare", 143, 3),
    _flag("assigned", 146),
    _flag("raim", 147),
    Field("radio", 148, 20),
)
_CLASS_B = _layout(
    Field("reserved", 38, 8),
    Field("speed", 46, 10, scale=10.0),
    _flag("accuracy", 56),
    _position(57),
    Field("course", 112, 12, scale=10.0),
    Field("heading", 124, 9),
    Field("second", 133, 6),
    Field("regional", 139, 2),
    _flag("cs", 141),
    _flag("display", 142),
    _flag("dsc", 143),
    _flag("band", 144),
    _flag("msg22", 145),
    _flag("assigned", 146),
    _flag("raim", 147),
    Field("radio", 148, 20),
)
_CLASS_B_EXTENDED = _layout(
    Field("reserved", 38, 8),
    Field("speed", 46, 10, scale=10.0),
    _flag("accuracy", 56),
    _position(57),
    Field("course", 112, 12, scale=10.0),
    Field("heading", 124, 9),
    Field("second", 133, 6),
    Field("regional", 139, 4),
    _text("shipname", 143, 20),
    Field("shiptype", 263, 8),
    _size(271),
    Field("epfd", 301, 4),
    _flag("raim", 305),
    _flag("dte", 306),
    _flag("assigned", 307),
    Field("spare", 308, 4),
)
_AID_TO_NAVIGATION = _layout(
    Field("aid_type", 38, 5),
    _text("name", 43, 20),
    _flag("accuracy", 163),
    _position(164),
    _size(219),
    Field("epfd", 249, 4),
    Field("second", 253, 6),
    _flag("off_position", 259),
    Field("regional", 260, 8),
    _flag("raim", 268),
    _flag("virtual_aid", 269),
    _flag("assigned", 270),
    Field("spare", 271, 1),
    _text("name_ext", 272, 14),
)
_LONG_RANGE = _layout(
    _flag("accuracy", 38),
    _flag("raim", 39),
    Field("status", 40, 4),
    Field("lon", 44, 18, "i", COARSE_POSITION_SCALE),
    Field("lat", 62, 17, "i", COARSE_POSITION_SCALE),
    Field("speed", 79, 6),
    Field("course", 85, 9),
    _flag("gnss", 94),
    Field("spare", 95, 1),
)
_PART = Field("partno", 38, 2)
#: Part A of the class B static data report.
STATIC_A = _layout(_PART, _text("shipname", 40, 20), Field("spare", 160, 8))
_STATIC_B = _layout(
    _PART,
    Field("shiptype", 40, 8),
    _text("vendorid", 48, 3),
    Field("model", 66, 4),
    Field("serial", 70, 20),
    _text("callsign", 90, 7),
)
#: Part B; an auxiliary craft (MMSI 98XXXYYYY) sends its mother ship's MMSI in place of its size.
STATIC_B = {**_STATIC_B, **{f.name: f for f in _size(132)}, "epfd": Field("epfd", 162, 4)}
STATIC_B_AUXILIARY = {**_STATIC_B, "mothership_mmsi": Field("mothership_mmsi", 132, 30)}

#: Fields by message type; type 24 has its three layouts above.
LAYOUTS: dict[int, dict[str, Field]] = {
    1: _CLASS_A,
    2: _CLASS_A,
    3: _CLASS_A,
    4: _UTC,
    5: _VOYAGE,
    9: _SAR_AIRCRAFT,
    11: _UTC,
    18: _CLASS_B,
    19: _CLASS_B_EXTENDED,
    21: _AID_TO_NAVIGATION,
    27: _LONG_RANGE,
}
#: Message types whose fields are read; others are recognised and counted.
SUPPORTED = frozenset(LAYOUTS) | {24}
#: Highest message type of ITU-R M.1371-5.
LAST_TYPE = 27
#: Bits up to the end of the last field the tables need; type 5's destination may be cut.
LEAST_BITS = {
    **dict.fromkeys((1, 2, 3, 4, 11), 149),
    **dict.fromkeys((9, 18), 148),
    5: 302,
    19: 306,
    21: 269,
    24: 160,
    27: 94,
}
#: Type 24 part B must reach to the end of the size, which part A does not have.
LEAST_BITS_24B = 162


def is_auxiliary(mmsi: Values) -> NDArray[np.bool_]:
    """Tell which MMSI have the form 98XXXYYYY: craft associated with a parent ship (ITU-R M.585)."""
    return np.asarray(mmsi // 10_000_000 == 98)


def decode_fields(msg_type: int, payloads: Payloads) -> Masked:
    """Give every field of messages of one type, by name, one element per payload.

    Numbers are scaled (knots, degrees, metres) but "not available" codes are left as sent; text
    ends at the first ``@`` and loses trailing spaces. A field that the payload does not hold whole
    is masked, except text, which loses cut characters, and the communication state ``radio``,
    which keeps the bits that are there. Raises ``KeyError`` for a type that is not SUPPORTED.
    """
    if msg_type != 24:
        return _read(LAYOUTS[msg_type], Bits(payloads))
    bits = Bits(payloads)
    part, auxiliary = bits.unsigned(38, 2), is_auxiliary(bits.unsigned(8, 30))
    kinds = (
        (STATIC_A, part == 0),
        (STATIC_B, (part == 1) & ~auxiliary),
        (STATIC_B_AUXILIARY, (part == 1) & auxiliary),
    )
    merged = _read(_layout(_PART), bits)
    for layout, applies in kinds:
        for name, value in _read(layout, bits).items():
            value[~applies] = np.ma.masked
            if name in merged:
                merged[name][applies] = value[applies]
            else:
                merged[name] = value
    return merged


def _read(layout: dict[str, Field], bits: Bits) -> Masked:
    return {name: _masked(field, bits) for name, field in layout.items()}


def _masked(field: Field, bits: Bits) -> np.ma.MaskedArray[Any, Any]:
    value = field.read(bits)
    if field.kind == "t":
        return np.ma.MaskedArray(value, bits.bits <= field.start)
    if field.name == "radio":
        value >>= np.clip(field.end - bits.bits, 0, field.width).astype(value.dtype)
        return np.ma.MaskedArray(value, bits.bits <= field.start)
    return np.ma.MaskedArray(value, ~bits.has(field.end))
