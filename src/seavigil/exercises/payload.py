"""Bits to armoured characters: the six-bit packing under every AIS message.

Bit order and six-bit text: ITU-R M.1371-5, annex 8 (tables 47 and 44). Armouring: IEC 61162-1.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TypeVar

#: Armoured characters that fit one sentence of 82 characters with a two-part header.
MAX_PAYLOAD_CHARS = 60

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ARMOUR = bytes(range(48, 88)) + bytes(range(96, 120))
_TO_ARMOUR = bytes.maketrans(_BASE64, _ARMOUR)

#: Name, value, width in bits; a negative width is a signed field.
Field = tuple[str, int, int]
N = TypeVar("N", int, float)


@dataclass(frozen=True)
class Payload:
    """A message as armoured characters, and how many bits of the last one are fill."""

    armoured: str
    fill_bits: int

    @property
    def parts(self) -> int:
        """Give how many sentences it takes."""
        return max(1, -(-len(self.armoured) // MAX_PAYLOAD_CHARS))


def pack(*fields: Field) -> Payload:
    """Pack (name, value, bits) fields into a payload; a negative width is two's complement.

    Raises ``ValueError`` naming the field whose value does not fit.
    """
    bits = width = 0
    for name, value, size in fields:
        span = 1 << abs(size)
        low = -span // 2 if size < 0 else 0
        if not low <= value < low + span:
            within(name, value, low, low + span - 1)
        bits = bits << abs(size) | value % span
        width += abs(size)
    return _armour(bits, width)


def _armour(bits: int, width: int) -> Payload:
    """Armour by base64 under another alphabet: both cut the bits into sixes, high bit first."""
    chars = -(-width // 6)
    whole = -(-width // 24) * 24
    raw = (bits << whole - width).to_bytes(whole // 8, "big")
    return Payload(base64.b64encode(raw).translate(_TO_ARMOUR)[:chars].decode("ascii"), chars * 6 - width)


def text(name: str, text: str, chars: int) -> Field:
    """Give six-bit text filled with ``@``: capitals, digits and the ASCII signs from space to ``_``."""
    if len(text) > chars or any(not 32 <= ord(char) <= 95 for char in text):
        raise ValueError(f"{name} {text!r}: at most {chars} characters of six-bit ASCII (no small letters)")
    bits = 0
    for char in text.ljust(chars, "@"):
        bits = bits << 6 | ord(char) & 63
    return (name, bits, 6 * chars)


def within(name: str, value: N, low: N, high: N) -> N:
    """Give ``value`` back, or raise ``ValueError`` that names the field and its limits."""
    if not low <= value <= high:
        raise ValueError(f"{name} {value} is outside {low}..{high}")
    return value
