"""Kinds of ship as people at a map tell them apart, and what a ship says she is doing, in words."""

from __future__ import annotations

from seavigil.normal.pattern_class import ShipClass, ship_class

#: ITU-R M.1371-5, table 53, where a kind of `pattern_class` holds several that look different on a chart.
_FINER = {
    **dict.fromkeys((31, 32, 52), "tug"),
    **dict.fromkeys((50, 51, 55), "pilot_sar"),
    35: "service",
}
_BY_CLASS = {
    ShipClass.UNKNOWN: "unknown",
    ShipClass.CARGO: "cargo",
    ShipClass.TANKER: "tanker",
    ShipClass.PASSENGER: "passenger",
    ShipClass.HIGH_SPEED: "high_speed",
    ShipClass.FISHING: "fishing",
    ShipClass.SERVICE: "service",
    ShipClass.PLEASURE: "sailing_pleasure",
    ShipClass.OTHER: "other",
}
#: All there are.
KINDS = (*dict.fromkeys([*_BY_CLASS.values(), *_FINER.values()]),)
#: ITU-R M.1371-5, table 45 (message 1, navigational status).
NAV_STATUS = {
    0: "under way using engine",
    1: "at anchor",
    2: "not under command",
    3: "restricted manoeuvrability",
    4: "constrained by her draught",
    5: "moored",
    6: "aground",
    7: "engaged in fishing",
    8: "under way sailing",
    11: "towing astern",
    12: "pushing ahead or towing alongside",
    14: "AIS-SART, MOB or EPIRB active",
}


def ship_kind(ship_type: int | None) -> str:
    """Give the kind of an ITU-R M.1371 type of ship and cargo: one of ``KINDS``.

    >>> ship_kind(71), ship_kind(52), ship_kind(51), ship_kind(33), ship_kind(None)
    ('cargo', 'tug', 'pilot_sar', 'service', 'unknown')
    """
    return _FINER.get(ship_type or 0) or _BY_CLASS[ship_class(ship_type)]


def nav_status_words(code: int | None) -> str | None:
    """Say a navigational status; None where she says none, or one that is reserved.

    >>> nav_status_words(5), nav_status_words(9), nav_status_words(None)
    ('moored', None, None)
    """
    return None if code is None else NAV_STATUS.get(code)
