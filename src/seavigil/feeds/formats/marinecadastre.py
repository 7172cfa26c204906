"""CSV files of NOAA's MarineCadastre, in the names of 2015 to 2024 and the snake case since 2025.

Times are UTC. In some years course and speed came out of a decoder that took them for signed
numbers: a course is then 409.6 too small (12 bits of 0.1 deg) and a speed 102.4 (10 bits of 0.1
kn). Values are put right before "not available" (360.0, 102.3) is looked for.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from seavigil.feeds.formats.cells import (
    NAV_STATUS,
    TRANSCEIVERS,
    Cell,
    Parse,
    codes,
    imo,
    iso_time,
    mmsi,
    number,
    text_but,
)
from seavigil.feeds.formats.contract import Format, Receiver
from seavigil.feeds.formats.csv_lines import first_line_names
from seavigil.feeds.formats.decoding import CsvReceiver, Layout, need


def _unwrapped(span: float) -> Parse:
    def parse(text: pl.Expr) -> pl.Expr:
        value = number(text)
        return pl.when(value < 0).then((value + span).round(1)).otherwise(value)

    return parse


_TEXT = text_but(frozenset())

#: Our column, the name until 2024, the name since 2025, how it is read.
_REPORT = (
    ("time_us", "BaseDateTime", "base_date_time", iso_time),
    ("mmsi", "MMSI", "mmsi", mmsi),
    ("lat_deg", "LAT", "latitude", number),
    ("lon_deg", "LON", "longitude", number),
    ("sog_kn", "SOG", "sog", _unwrapped(102.4)),
    ("cog_deg", "COG", "cog", _unwrapped(409.6)),
    ("heading_deg", "Heading", "heading", number),
)
_SOFT = (
    ("nav_status", "Status", "status", codes(NAV_STATUS)),
    ("transceiver", "TransceiverClass", "transceiver", codes(TRANSCEIVERS)),
)
_STATIC = (
    ("imo", "IMO", "imo", imo),
    ("name", "VesselName", "vessel_name", _TEXT),
    ("callsign", "CallSign", "call_sign", _TEXT),
    ("ship_type", "VesselType", "vessel_type", number),
    ("length_m", "Length", "length", number),
    ("beam_m", "Width", "width", number),
    ("draught_m", "Draft", "draft", number),
)
_ALSO = {"TranscieverClass": "TransceiverClass", "transceiver_class": "transceiver"}


def _lay_out(names: Sequence[str]) -> Layout:
    now = "base_date_time" in names
    need(names, [new if now else old for _, old, new, _ in _REPORT[:4]], "MarineCadastre CSV")
    spelt = {_ALSO.get(n, n): n for n in names}

    def cells(rows: Sequence[tuple[str, str, str, Parse]], *, soft: bool) -> tuple[Cell, ...]:
        named = [(ours, spelt.get(new if now else old), parse) for ours, old, new, parse in rows]
        return tuple(Cell(ours, theirs, parse, soft=soft) for ours, theirs, parse in named if theirs)

    return Layout(cells(_REPORT, soft=False) + cells(_SOFT, soft=True), cells(_STATIC, soft=True))


def looks_like(head: bytes) -> bool:
    """Tell whether ``head`` begins with the header of a MarineCadastre file."""
    names = first_line_names(head)
    return {"BaseDateTime", "LAT"} <= set(names) or {"base_date_time", "latitude"} <= set(names)


def open_receiver(source: str) -> Receiver:
    """Give a receiver of MarineCadastre CSV."""
    return CsvReceiver(source, _lay_out)


FORMAT = Format("marinecadastre-csv", looks_like, open_receiver)
