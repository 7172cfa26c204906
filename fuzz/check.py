"""What must hold for any bytes given to any format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from seavigil.feeds.formats import FORMATS, Format, Receiver, UnreadableInput, recognise
from seavigil.records import Decoded, join

RECEIVED_US = 1_735_122_400_000_000
#: A receiver may hold back a record that is not complete, some parts of messages and its bookkeeping.
MAX_HELD_BYTES = 512 << 10
#: First bytes from here on also ask for the flood.
FLOOD = 0xF8
#: So much more input than that is given to see whether it keeps it.
FLOOD_BYTES = 1 << 20


def decode(known: Format, data: bytes, step: int) -> Decoded | str:
    """Give what ``known`` makes of ``data`` in pieces of ``step`` bytes, or why it refused the whole."""
    try:
        receiver = known.open("fuzz")
        pieces = [data[at : at + step] for at in range(0, len(data), step)]
        parts = [receiver.receive(piece, received_us=RECEIVED_US) for piece in pieces]
        return join([*parts, receiver.finish(received_us=RECEIVED_US)])
    except UnreadableInput as refused:
        return str(refused)


def same(one: Decoded | str, other: Decoded | str) -> bool:
    """Tell whether two results are equal, to the last row and count."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    tables = ((getattr(one, name), getattr(other, name)) for name in ("reports", "vessels", "rejects"))
    return dict(one.counts) == dict(other.counts) and all(a.equals(b) for a, b in tables)


def check_cut_anywhere(known: Format, data: bytes, step: int) -> None:
    """Raise ``AssertionError`` when a cut changes what comes out; any other exception is a fault too."""
    whole, cut = decode(known, data, max(len(data), 1)), decode(known, data, step)
    assert same(whole, cut), f"{known.name}: pieces of {step} bytes give another result than the whole"


def check_bounded(known: Format, data: bytes) -> None:
    """Raise ``AssertionError`` when a receiver keeps what it was flooded with."""
    receiver = known.open("fuzz")
    flood = data * max(1, (1 << 18) // max(len(data), 1))
    try:
        for _ in range(FLOOD_BYTES // len(flood)):
            receiver.receive(flood, received_us=RECEIVED_US)
    except UnreadableInput:
        return
    held = held_bytes(receiver)
    assert held <= MAX_HELD_BYTES, f"{known.name}: holds {held} bytes back"


def held_bytes(receiver: Receiver) -> int:
    """Count the bytes and characters that a receiver holds, through all its attributes."""
    return sum(len(text) for text in _texts(receiver, set()))


def _texts(value: object, seen: set[int]) -> Iterator[bytes | bytearray | str]:
    if isinstance(value, bytes | bytearray | str):
        yield value
    elif id(value) not in seen and not isinstance(value, type):
        seen.add(id(value))
        slots = (getattr(value, name, None) for name in getattr(type(value), "__slots__", ()))
        inside = [*getattr(value, "__dict__", {}).values(), *slots]
        if isinstance(value, dict):
            inside += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set | frozenset) or type(value).__name__ == "deque":
            inside += list(value)  # type: ignore[call-overload]
        for item in inside:
            yield from _texts(item, seen)


def check(data: bytes) -> None:
    """Check one input: its first two bytes choose the format and the size of the pieces."""
    if len(data) < 3:
        return
    choice, step, body = data[0], 1 + data[1], data[2:]
    check_cut_anywhere(FORMATS[choice % len(FORMATS)], body, step)
    if choice >= FLOOD:
        check_bounded(FORMATS[choice % len(FORMATS)], body)
    with suppress(UnreadableInput):
        recognise(body, "fuzz")
