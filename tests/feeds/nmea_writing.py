"""Writing NMEA sentences and AIS payloads bit by bit, for tests that need one that is just so."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import xor

ARMOUR = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"


def checksum(body: str) -> str:
    """Give the two hexadecimal digits that end a sentence or tag block."""
    return f"{reduce(xor, body.encode('latin-1'), 0):02X}"


def sentence(body: str) -> str:
    """Give ``body`` (without ``!`` or ``$``) with its checksum."""
    return f"{body}*{checksum(body)}"


def vdm(
    payload: str, fill: int = 0, of: int = 1, number: int = 1, sequence: str = "", channel: str = "A"
) -> str:
    """Give an AIVDM sentence."""
    return "!" + sentence(f"AIVDM,{of},{number},{sequence},{channel},{payload},{fill}")


def tag_block(body: str) -> str:
    """Give a tag block."""
    return f"\\{sentence(body)}\\"


def pghp(announces: str, station: str = "2190067", time: str = "2013,11,12,12,0,0,11") -> str:
    """Give a $PGHP line that announces a checksum."""
    return "$" + sentence(f"PGHP,1,{time},219,,{station},1,{announces}")


def zda(time: str) -> str:
    """Give the ZDA sentence of a satellite receiver for an ISO 8601 time, to a hundredth of a second."""
    moment = datetime.fromisoformat(time)
    return "$" + sentence(f"GPZDA,{_hundredths(moment)},{moment:%d,%m,%Y},00,00")


def rmc(time: str, status: str = "A") -> str:
    """Give the RMC sentence of a satellite receiver, valid (A) or void (V)."""
    moment, place = datetime.fromisoformat(time), "5310.8115,N,00525.7025,E,0.0,0.0"
    return "$" + sentence(f"GPRMC,{_hundredths(moment)},{status},{place},{moment:%d%m%y},0.7,E,A")


def _hundredths(moment: datetime) -> str:
    return f"{moment:%H%M%S}.{moment.microsecond // 10_000:02d}"


def armour(*fields: tuple[int, int]) -> tuple[str, int]:
    """Give payload and fill bits of (value, width) fields; negative values as two's complement."""
    bits = "".join(f"{value % (1 << width):0{width}b}" for value, width in fields)
    fill = -len(bits) % 6
    bits += "0" * fill
    return "".join(ARMOUR[int(bits[i : i + 6], 2)] for i in range(0, len(bits), 6)), fill


def six_bit(text: str, chars: int) -> tuple[int, int]:
    """Give text as one field, filled up with ``@``."""
    value = 0
    for char in text.ljust(chars, "@"):
        value = value << 6 | ord(char) % 64
    return value, 6 * chars


def position_report(
    msg_type: int = 1,
    mmsi: int = 219_000_001,
    *,
    status: int = 0,
    turn: int = 0,
    speed: int = 101,
    lon: int = 12 * 600_000,
    lat: int = 56 * 600_000,
    course: int = 900,
    heading: int = 91,
    second: int = 30,
) -> tuple[str, int]:
    """Give payload and fill bits of a class A position report (ITU-R M.1371-5, Message 1)."""
    head = ((msg_type, 6), (0, 2), (mmsi, 30), (status, 4), (turn, 8), (speed, 10), (1, 1))
    return armour(*head, (lon, 28), (lat, 27), (course, 12), (heading, 9), (second, 6), (0, 6), (0, 19))
