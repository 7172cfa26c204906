"""Lines in streams of bytes: where to cut, and how long they are. Nothing is dropped here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_LINE_END = b"\n"


def whole(message: bytes) -> bytes:
    """Give a message that came by itself (a datagram, say) as a line: with a line end, whatever it had."""
    return message if message.endswith(_LINE_END) else message + _LINE_END


class LineGauge:
    """Counts the lines of one stream that are longer than ``max_line_bytes``; keeps two numbers.

    The decoders reject such lines and keep only their beginning, so nothing needs to be cut: the count
    tells which feed brings them. A line ends at LF or CR.
    """

    def __init__(self, max_line_bytes: int) -> None:
        self._most = max_line_bytes
        self._open_bytes = 0
        self._counted = False

    def take(self, data: bytes) -> int:
        """Give how many lines grew too long with these bytes; each counts once."""
        if self._open_bytes + len(data) <= self._most:
            return self._short(data)
        over = 0
        for place, piece in enumerate(data.replace(b"\r", _LINE_END).split(_LINE_END)):
            if place:
                self._open_bytes, self._counted = 0, False
            self._open_bytes += len(piece)
            if self._open_bytes > self._most and not self._counted:
                self._counted = True
                over += 1
        return over

    def _short(self, data: bytes) -> int:
        """Take bytes with which no line can be too long: only where the last one begins matters."""
        last = max(data.rfind(_LINE_END), data.rfind(b"\r"))
        if last < 0:
            self._open_bytes += len(data)
        else:
            self._open_bytes, self._counted = len(data) - last - 1, False
        return 0


class LineBlocks:
    """Whole lines in blocks of about ``block_bytes``, which may be changed between two blocks.

    A line longer than ``max_line_bytes`` is cut; the last one needs no line end. What ``chunks`` raise comes
    after the bytes before it.
    """

    def __init__(self, chunks: Iterable[bytes], *, block_bytes: int, max_line_bytes: int) -> None:
        self.block_bytes = block_bytes
        self._chunks = chunks
        self._most = max_line_bytes

    def __iter__(self) -> Iterator[bytes]:
        held = b""
        try:
            for chunk in self._chunks:
                held += chunk
                begin = 0
                while (end := self._cut(held, begin)) > begin:
                    yield held[begin:end]
                    begin = end
                held = held[begin:]
        except Exception:
            if held:
                yield held
            raise
        if held:
            yield held

    def _cut(self, held: bytes, begin: int) -> int:
        """Give where the block that starts at ``begin`` ends; ``begin`` where there is not enough yet."""
        enough = begin + max(self.block_bytes, 1)
        if len(held) < enough:
            return begin
        before = held.rfind(_LINE_END, begin, enough) + 1
        if before > begin:
            return before
        after = held.find(_LINE_END, enough) + 1
        if after:
            return min(after, begin + max(self._most, self.block_bytes))
        return len(held) if len(held) - begin > self._most else begin
