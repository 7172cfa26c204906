"""Payload to NMEA 0183 sentences: parts, checksum, tag block.

The sentence: IEC 61162-1 (82 characters at most). Tag blocks: IEC 61162-450.
"""

from __future__ import annotations

from collections.abc import Iterator

from seavigil.exercises.payload import MAX_PAYLOAD_CHARS, Payload


def sentences(
    payload: Payload,
    *,
    talker: str = "AIVDM",
    channel: str = "A",
    sequence: int = 0,
    station: str | None = None,
    time_s: int | None = None,
) -> bytes:
    """Write ``payload`` as one or more lines ending in CR LF, each at most 82 characters.

    ``sequence`` (0..9) marks the parts of one message. With ``station`` or ``time_s`` every line
    is led by a tag block, which does not count towards the 82 characters.
    """
    tag = tag_block(station=station, time_s=time_s)
    return b"".join(tag + line + b"\r\n" for line in _lines(payload, talker, channel, sequence))


def tag_block(*, station: str | None = None, time_s: int | None = None) -> bytes:
    """Write ``\\s:STATION,c:UNIX*hh\\``, or nothing when there is nothing to say."""
    said = []
    if station is not None:
        if not 1 <= len(station) <= 15 or not station.isascii() or set(station) & set("\\*,"):
            raise ValueError(f"station {station!r}: a tag block takes 1 to 15 characters without \\ * ,")
        said.append(f"s:{station}")
    if time_s is not None:
        said.append(f"c:{time_s}")
    body = ",".join(said)
    return f"\\{body}*{checksum(body):02X}\\".encode("ascii") if body else b""


def checksum(body: str) -> int:
    """Give the exclusive or of all characters, as NMEA 0183 wants it."""
    total = 0
    for byte in body.encode("ascii"):
        total ^= byte
    return total


def _lines(payload: Payload, talker: str, channel: str, sequence: int) -> Iterator[bytes]:
    chars = payload.armoured
    total = payload.parts
    mark = str(sequence) if total > 1 else ""
    for part in range(total):
        piece = chars[part * MAX_PAYLOAD_CHARS : (part + 1) * MAX_PAYLOAD_CHARS]
        fill = payload.fill_bits if part == total - 1 else 0
        body = f"{talker},{total},{part + 1},{mark},{channel},{piece},{fill}"
        yield f"!{body}*{checksum(body):02X}".encode("ascii")
