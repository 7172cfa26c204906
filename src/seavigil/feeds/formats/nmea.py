"""NMEA 0183 streams with AIS sentences (VDM, VDO): bytes in, reports, vessels and rejects out.

A `NmeaReceiver` works on whole buffers: `nmea_lines` finds sentences, `nmea_clocks` the times and
stations around them, `nmea_instruments` the times of the own ship's instruments, `nmea_sentences`
judges them, `nmea_parts` joins messages in several parts, `nmea_messages` gives payloads with their
times, `nmea_tables` makes tables of them. However a stream is cut, the result is the same.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from seavigil.feeds.formats.ais.payloads import PADDING
from seavigil.feeds.formats.contract import Format
from seavigil.feeds.formats.nmea_clocks import waiting_from
from seavigil.feeds.formats.nmea_instruments import Instruments
from seavigil.feeds.formats.nmea_lines import MAX_LINE_BYTES, find_lines
from seavigil.feeds.formats.nmea_messages import read_messages
from seavigil.feeds.formats.nmea_parts import PartTable
from seavigil.feeds.formats.nmea_tables import decode, nothing
from seavigil.records import Decoded, join, rejects_table

_LINE_ENDS = b"\r\n"
_PAD = bytes(PADDING)
#: Long chunks are worked through in blocks that fit the processor's cache.
_BLOCK_BYTES = 1 << 20
_SENTENCE = re.compile(
    rb"^[^\r\n{\[<#]{0,160}![A-Z0-9]{2}VD[MO],\d,\d,"
    rb"|^(?:\\[^\\\r\n]{1,160}\\)?[!$][A-Z]{2}[A-Z0-9]{1,3},[^\r\n]*\*[0-9A-Fa-f]{2}"
    rb"|^\\[a-z]{1,2}:[^\\\r\n]*\*[0-9A-Fa-f]{2}\\",
    re.MULTILINE,
)


class NmeaReceiver:
    """Decodes one stream; keeps a line, what waits for its sentence, unfinished messages, one time."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._named = pa.scalar(source, pa.string())
        self._carry = b""
        self._offset = 0  # of the carry, in the stream
        self._overlong = False  # within a line that has been rejected already
        self._parts = PartTable()
        self._instruments = Instruments()
        self._sentences = 0

    def receive(self, chunk: bytes, *, received_us: int) -> Decoded:
        """Take the next bytes; give the messages they complete. Any bytes will do, nothing raises."""
        blocks = (chunk[at : at + _BLOCK_BYTES] for at in range(0, len(chunk), _BLOCK_BYTES))
        done = [self._receive(block, received_us) for block in blocks]
        return join(done) if done else nothing()

    def _receive(self, chunk: bytes, received_us: int) -> Decoded:
        chunk = self._after_overlong(chunk)
        data = self._carry + chunk
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if len(data) - cut > MAX_LINE_BYTES:
            self._overlong = True
            return self._decode(data, data[: cut + MAX_LINE_BYTES + 1] + b"\n", len(data), received_us)
        keep = waiting_from(data, cut)
        return self._decode(data, data[:keep], keep, received_us)

    def finish(self, *, received_us: int) -> Decoded:
        """End the stream: the last line needs no line end; unfinished messages become rejects."""
        data, self._overlong = self._carry, False
        last = self._decode(data, data + b"\n", len(data), received_us)
        rejects = self._parts.finish()
        if not rejects:
            return last
        unfinished = Decoded(rejects=rejects_table(rejects, self._source), counts={"rejects": len(rejects)})
        return join([last, unfinished])

    def _after_overlong(self, chunk: bytes) -> bytes:
        if not self._overlong:
            return chunk
        found = re.search(rb"[\r\n]", chunk)
        begin = found.start() if found else len(chunk)
        self._overlong = found is None
        self._offset += begin
        return chunk[begin:]

    def _decode(self, data: bytes, lines: bytes, used: int, received_us: int) -> Decoded:
        offset, self._carry, self._offset = self._offset, data[used:], self._offset + used
        if not lines.strip(_LINE_ENDS):
            return nothing()
        buffer = np.frombuffer(lines + _PAD, dtype=np.uint8)
        found = read_messages(
            find_lines(buffer), offset, received_us, self._parts, self._instruments, self._sentences
        )
        self._sentences += found.counts.get("sentences", 0)
        return decode(found, self._named, received_us)


def _looks_like(head: bytes) -> bool:
    return _SENTENCE.search(head) is not None


FORMAT = Format("nmea", _looks_like, NmeaReceiver)
