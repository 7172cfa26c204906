"""What other decoders said of the same sentences, and the payloads of those sentences.

The payloads are cut out here by a regular expression and not by the product, so that the two
check each other.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seavigil.feeds.formats.ais import SUPPORTED, Payloads, decode_fields

SENTENCE = re.compile(rb"!(..VD[MO]),(\d),(\d),(\w?),(\w?),([^,]+),(\d)(?:,\d)?\*..")
Row = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """An armoured payload and the sentences it came in."""

    sentences: tuple[bytes, ...]
    payload: str
    fill_bits: int

    @property
    def msg_type(self) -> int:
        """Give the message type: the first six bits."""
        code = ord(self.payload[0]) - 48
        return code if code < 40 else code - 8


def messages(data: bytes) -> Iterator[Message]:
    """Give the messages of supported types in a recording, those of several parts joined."""
    parts: dict[tuple[bytes, ...], list[tuple[bytes, bytes]]] = defaultdict(list)
    for line in data.splitlines():
        found = None if line.startswith(b"#") else SENTENCE.search(line)
        if not found:
            continue
        talker, of, number, sequence, channel, payload, fill = found.groups()
        key = (talker, sequence, channel)
        if number == b"1":
            parts[key] = []
        parts[key].append((found.group(), payload))
        if number == of:
            sentences, payloads = zip(*parts.pop(key), strict=True)
            message = Message(sentences, b"".join(payloads).decode(), int(fill))
            if message.msg_type in SUPPORTED and len(sentences) == int(of):
                yield message


def decoded(found: list[Message]) -> list[Row]:
    """Decode messages with the product, all of one type at a time; absent fields are None."""
    rows: list[Row] = [{} for _ in found]
    for msg_type in {m.msg_type for m in found}:
        places = [i for i, m in enumerate(found) if m.msg_type == msg_type]
        chosen = [found[i] for i in places]
        payloads = Payloads.from_texts([m.payload for m in chosen], [m.fill_bits for m in chosen])
        for name, column in decode_fields(msg_type, payloads).items():
            for place, value in zip(places, column.tolist(), strict=True):
                rows[place][name] = value
    return rows


def expected(path: Path) -> list[Row]:
    """Read the JSON lines of a reference decode, supported types only."""
    lines = (json.loads(line) for line in path.read_text().splitlines() if line.startswith("{"))
    return [row for row in lines if row.get("type") in SUPPORTED]


def in_float32(value: float, reference: float) -> bool:
    """Tell whether a value is the reference within two roundings to 32-bit floats."""
    return abs(value - reference) <= 2 * float(np.spacing(np.float32(abs(reference))))
