"""The connections of live feeds, each decoded by a receiver of its own, its format recognised by content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from seavigil.feeds.formats import (
    HEAD_BYTES,
    Format,
    Mapping,
    Receiver,
    UnknownFormat,
    format_named,
    generic,
    recognise,
)
from seavigil.feeds.formats.rows import reject
from seavigil.records import Decoded, join, rejects_table

#: Any text with commas may be a table: so many lines must come before it is taken for one (own choice).
_TABLE_LINES = 8


@dataclass
class _Stream:
    """One connection: its receiver once its format is known, and until then what has come.

    ``tried``: so many bytes of the head were looked at; ``lines``: at the end of so many lines.
    """

    name: str
    format: Format | None
    mapping: Mapping | None
    receiver: Receiver | None = None
    head: bytes = b""
    tried: int = 0
    lines: int = 0
    passed: int = 0

    def receive(self, chunk: bytes, received_us: int) -> Decoded:
        if self.receiver is None:
            self.head += chunk
            return self._begin(received_us)
        return self._decoded(self.receiver, chunk, received_us)

    def finish(self, received_us: int) -> Decoded:
        parts: list[Decoded] = []
        if self.receiver is None and self.head.strip():
            self._open(self._known(self.head, table=True))
            parts.append(self._begin(received_us, last=True))
        if self.receiver is not None:
            parts.append(self._finished(self.receiver, received_us))
            self.receiver = None
        return join(parts)

    def _begin(self, received_us: int, *, last: bool = False) -> Decoded:
        """Look at the head at the end of line after line, so that it is told the same however it is cut."""
        parts = []
        while self.receiver is None and self.head:
            if self.format is not None:
                self._open(self.format)
                break
            end = self.head.find(b"\n", self.tried, HEAD_BYTES) + 1
            if end:
                self._look(end)
            elif last or len(self.head) >= HEAD_BYTES:
                parts.append(self._unknown())
            else:
                break
        if self.receiver is not None:
            head, self.head = self.head, b""
            parts.append(self._decoded(self.receiver, head, received_us))
        return join(parts)

    def _look(self, end: int) -> None:
        self.tried, self.lines = end, self.lines + 1
        if self.lines <= _TABLE_LINES or self.lines & (self.lines - 1) == 0:
            self._open(self._known(self.head[:end], table=self.lines >= _TABLE_LINES))

    def _known(self, head: bytes, *, table: bool) -> Format | None:
        if self.mapping is not None:
            return generic.JSON if generic.looks_like_json(head) else generic.CSV
        try:
            known = recognise(head, self.name)
        except UnknownFormat:
            return None
        return known if table or known not in (generic.CSV, generic.JSON) else None

    def _open(self, known: Format | None) -> None:
        if known is not None:
            mapped = self.mapping is not None and known in (generic.CSV, generic.JSON)
            self.receiver = known.open(self.name, **({"mapping": self.mapping} if mapped else {}))

    def _unknown(self) -> Decoded:
        """Give up on what has come so far; what follows may be known again."""
        lost, self.head = self.head[:HEAD_BYTES], self.head[HEAD_BYTES:]
        at, self.passed = self.passed, self.passed + len(lost)
        self.tried = self.lines = 0
        return _rejected(self.name, at, "unknown_format", lost, "these bytes match no known format")

    def _decoded(self, receiver: Receiver, chunk: bytes, received_us: int) -> Decoded:
        at, self.passed = self.passed, self.passed + len(chunk)
        try:
            return receiver.receive(chunk, received_us=received_us)
        except Exception as fault:  # one broken feed cannot stop the watch
            self.receiver, self.tried, self.lines = None, 0, 0
            return _rejected(self.name, at, "decoder_failed", chunk, f"{type(fault).__name__}: {fault}")

    def _finished(self, receiver: Receiver, received_us: int) -> Decoded:
        try:
            return receiver.finish(received_us=received_us)
        except Exception as fault:
            return _rejected(
                self.name, self.passed, "decoder_failed", b"", f"{type(fault).__name__}: {fault}"
            )


def _rejected(name: str, at: int, fault: str, lost: bytes, why: str) -> Decoded:
    return Decoded(rejects=rejects_table([reject(at, fault, lost[:200], why[:200])], name), counts={fault: 1})


@dataclass
class Streams:
    """All open connections of all feeds. The same bytes give the same however they were cut."""

    #: By feed: its name, and its format and columns where they were given.
    feeds: dict[int, tuple[str, str | None, Mapping | None]] = field(default_factory=dict)
    _open: dict[tuple[int, int], _Stream] = field(default_factory=dict)

    def feed(self, number: int, name: str, format_name: str | None, mapping: Mapping | None = None) -> None:
        """Make a feed known. Raises `UnknownFormat` for a format there is not."""
        if format_name is not None:
            format_named(format_name)
        self.feeds[number] = (name, format_name, mapping)

    def receive(self, feed: int, stream: int, chunk: bytes, received_us: int) -> Decoded:
        """Take the next bytes of a connection."""
        return self._stream(feed, stream).receive(chunk, received_us)

    def close(self, feed: int, stream: int, received_us: int) -> Decoded:
        """End a connection: give what its bytes left unfinished."""
        ended = self._open.pop((feed, stream), None)
        return Decoded() if ended is None else ended.finish(received_us)

    def close_all(self, received_us: int) -> Iterator[Decoded]:
        """End all connections."""
        for feed, stream in sorted(self._open):
            yield self.close(feed, stream, received_us)

    def _stream(self, feed: int, stream: int) -> _Stream:
        if (feed, stream) not in self._open:
            name, known, mapping = self.feeds.get(feed, (f"feed {feed}", None, None))
            self._open[feed, stream] = _Stream(name, None if known is None else format_named(known), mapping)
        return self._open[feed, stream]
