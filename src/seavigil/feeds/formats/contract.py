"""What a format is: bytes in, reports and rejects out; no I/O, no clock, a bounded buffer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from seavigil.records import Decoded

#: No record of any format is longer; a longer one is rejected instead of being kept in memory.
MAX_RECORD_BYTES = 65_536


class UnreadableInput(ValueError):
    """The input as a whole cannot be read; the message is one line for the person who passed it."""


class UnknownFormat(UnreadableInput):
    """The bytes look like none of the known formats."""


#: An error names so many columns of a table.
_NAMED = 12


def listed(names: Sequence[str]) -> str:
    """Name the first columns of a table and say how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(str, names[:_NAMED])) + more


class Receiver(Protocol):
    """Turns one stream of bytes into reports; however the stream is cut, the result is the same."""

    def receive(self, chunk: bytes, *, received_us: int) -> Decoded:
        """Take the next bytes and give what they completed."""

    def finish(self, *, received_us: int) -> Decoded:
        """End the stream: give what was held back for its end."""


@dataclass(frozen=True)
class Format:
    """A format: its name, whether bytes look like it, and how to open a receiver for a source.

    ``looks_like`` gets the first bytes of a stream (uncompressed; the last line may be cut).
    ``open(source, **options)`` gives a new receiver whose rows carry ``source``.
    """

    name: str
    looks_like: Callable[[bytes], bool]
    open: Callable[..., Receiver]
