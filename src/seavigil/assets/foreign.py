"""What is often given as assets and is none: a recording of AIS."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

_HEAD_BYTES = 16_384
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WBITS = 31
#: An AIS sentence at the beginning of a line, alone, after a tag block or after a receiver's time.
_SENTENCE = re.compile(rb"^(?:\\[^\\\r\n]*\\|[^!\r\n]{0,80})![A-Z]{2}VD[MO],", re.MULTILINE)
_MMSI = re.compile(rb"mmsi|\"MessageType\"", re.IGNORECASE)
_TABLE_ENDS = re.compile(rb"[,;\t|]")


def recording_in(path: Path) -> str | None:
    """Name the kind of AIS recording that ``path`` begins like: ``nmea``, ``csv`` or ``json``.

    None for anything else. A look at the first bytes, unpacked when gzipped. Raises ``OSError``.
    """
    head = _head(path)
    if _SENTENCE.search(head):
        return "nmea"
    if not _MMSI.search(head):
        return None
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return "json"
    first = head.split(b"\n", 1)[0]
    return "csv" if _MMSI.search(first) and _TABLE_ENDS.search(first) else None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.startswith(_GZIP_MAGIC):
        return head
    try:
        return zlib.decompressobj(_GZIP_WBITS).decompress(head, _HEAD_BYTES)
    except zlib.error:
        return head
