"""The kind of ship by which a pattern of life is kept."""

from __future__ import annotations

from enum import IntEnum


class ShipClass(IntEnum):
    """Kinds that keep to waters, speeds and hours of their own; the numbers, once given, stay."""

    UNKNOWN = 0  #: she sends no type, or 0 or one that is reserved
    CARGO = 1
    TANKER = 2
    PASSENGER = 3
    HIGH_SPEED = 4
    FISHING = 5
    SERVICE = 6  #: tugs and tows, dredging, diving, pilots, rescue, port tenders, law, medical
    PLEASURE = 7
    OTHER = 8


#: ITU-R M.1371-5, table 53: what the two digits of type of ship and cargo mean, where the second counts.
_BY_TYPE = {
    30: ShipClass.FISHING,
    **dict.fromkeys((31, 32, 33, 34), ShipClass.SERVICE),
    35: ShipClass.OTHER,
    **dict.fromkeys((36, 37), ShipClass.PLEASURE),
    **dict.fromkeys((50, 51, 52, 53, 54, 55, 58), ShipClass.SERVICE),
    **dict.fromkeys((56, 57, 59), ShipClass.OTHER),
}
#: ITU-R M.1371-5, table 53: where the first digit says it.
_BY_FIRST_DIGIT = {
    4: ShipClass.HIGH_SPEED,
    6: ShipClass.PASSENGER,
    7: ShipClass.CARGO,
    8: ShipClass.TANKER,
    9: ShipClass.OTHER,
    2: ShipClass.OTHER,
}


def ship_class(ship_type: int | None) -> ShipClass:
    """Give the class of an ITU-R M.1371 type of ship and cargo.

    Length takes no part: what a hull of her length can do is physics and needs no class.

    >>> ship_class(71).name, ship_class(52).name, ship_class(None).name
    ('CARGO', 'SERVICE', 'UNKNOWN')
    """
    if ship_type is None:
        return ShipClass.UNKNOWN
    return _BY_TYPE.get(ship_type) or _BY_FIRST_DIGIT.get(ship_type // 10, ShipClass.UNKNOWN)
