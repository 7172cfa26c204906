"""Formats: bytes in, reports and rejects out. No I/O, no clock; cut anywhere, the result is the same.

`FORMATS` lists them in the order they are tried: the particular before the general.
"""

from __future__ import annotations

from seavigil.feeds.formats import aisstream, digitraffic, dma_csv, generic, marinecadastre, nmea
from seavigil.feeds.formats.contract import Format, Receiver, UnknownFormat, UnreadableInput
from seavigil.feeds.formats.foreign import GIVE_AS_ASSETS, looks_like_assets, looks_like_utf16
from seavigil.feeds.formats.mapping import Mapping, mapping_from_toml, parse_mapping

__all__ = [
    "FORMATS",
    "HEAD_BYTES",
    "Format",
    "Mapping",
    "Receiver",
    "UnknownFormat",
    "UnreadableInput",
    "format_named",
    "mapping_from_toml",
    "parse_mapping",
    "recognise",
]

#: So many first bytes of a stream tell its format.
HEAD_BYTES = 65_536

FORMATS: tuple[Format, ...] = (
    nmea.FORMAT,
    aisstream.FORMAT,
    digitraffic.FORMAT,
    dma_csv.FORMAT,
    marinecadastre.FORMAT,
    generic.JSON,
    generic.CSV,
)


def recognise(head: bytes, source: str) -> Format:
    """Give the format of a stream from its first bytes (`HEAD_BYTES` or all there are).

    Raises `UnknownFormat` that names the source and what was tried.
    """
    if looks_like_utf16(head):
        raise UnknownFormat(f"{source}: text in UTF-16; save it as UTF-8 (in a spreadsheet: CSV UTF-8)")
    known = next((known for known in FORMATS if known.looks_like(head)), None)
    if known in (None, generic.CSV, generic.JSON) and looks_like_assets(head):
        raise UnknownFormat(f"{source}: {GIVE_AS_ASSETS}")
    if known is not None:
        return known
    tried = ", ".join(f.name for f in FORMATS)
    kind = "binary data" if b"\x00" in head else "text"
    raise UnknownFormat(
        f"{source}: {kind} that matches none of {tried}; pass --input-format if it is one of them"
    )


def format_named(name: str) -> Format:
    """Give the format called ``name``; raises `UnknownFormat` that names those there are."""
    for known in FORMATS:
        if known.name == name:
            return known
    raise UnknownFormat(f"no format {name!r}; known are {', '.join(f.name for f in FORMATS)}")
