"""CSV files of the Danish Maritime Authority (one a day, since 2006).

Times are UTC, turn is in deg/min already, draught in metres. Ship types are words: `ship_type` is
the ITU code whose second digit says nothing more, as "Cargo" (70) no longer tells its category.
The static columns repeat with every position; only what changes for a ship becomes a vessel row.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from seavigil.feeds.formats.cells import (
    NAV_STATUS,
    TRANSCEIVERS,
    Cell,
    imo,
    mmsi,
    number,
    strptime,
    text_but,
    words,
)
from seavigil.feeds.formats.contract import Format, Receiver
from seavigil.feeds.formats.csv_lines import first_line_names
from seavigil.feeds.formats.decoding import CsvReceiver, Layout, need

_TIME_FORM = "%d/%m/%Y %H:%M:%S"
_UNKNOWN = frozenset({"Unknown", "Unknown value", "Undefined"})

#: ITU-R M.1371-5, table 53, by the words of the Danish files.
SHIP_TYPES = {
    "WIG": 20,
    "Fishing": 30,
    "Towing": 31,
    "Towing long/wide": 32,
    "Dredging": 33,
    "Diving": 34,
    "Military": 35,
    "Sailing": 36,
    "Pleasure": 37,
    "HSC": 40,
    "Pilot": 50,
    "SAR": 51,
    "Tug": 52,
    "Port tender": 53,
    "Anti-pollution": 54,
    "Law enforcement": 55,
    "Spare 1": 56,
    "Spare 2": 57,
    "Medical": 58,
    "Not party to conflict": 59,
    "Ships not party to armed conflict": 59,
    "Passenger": 60,
    "Cargo": 70,
    "Tanker": 80,
    "Other": 90,
}


def _eta(text: pl.Expr) -> pl.Expr:
    return text.str.to_datetime(_TIME_FORM, strict=False).dt.strftime("%m-%dT%H:%M")


_REPORT = (
    ("mmsi", "MMSI", mmsi),
    ("lat_deg", "Latitude", number),
    ("lon_deg", "Longitude", number),
    ("sog_kn", "SOG", number),
    ("cog_deg", "COG", number),
    ("heading_deg", "Heading", number),
    ("rot_deg_min", "ROT", number),
)
_STATIC = (
    ("imo", "IMO", imo),
    ("name", "Name", text_but(_UNKNOWN)),
    ("callsign", "Callsign", text_but(_UNKNOWN)),
    ("ship_type", "Ship type", words(SHIP_TYPES)),
    ("length_m", "Length", number),
    ("beam_m", "Width", number),
    ("to_bow_m", "A", number),
    ("to_stern_m", "B", number),
    ("to_port_m", "C", number),
    ("to_starboard_m", "D", number),
    ("draught_m", "Draught", number),
    ("destination", "Destination", text_but(_UNKNOWN)),
    ("eta", "ETA", _eta),
)


def _lay_out(names: Sequence[str]) -> Layout:
    time = "# Timestamp" if "# Timestamp" in names else "Timestamp"
    need(names, [time, "MMSI", "Latitude", "Longitude"], "Danish AIS CSV")
    report = [
        Cell("time_us", time, strptime(_TIME_FORM)),
        *(Cell(ours, theirs, parse, _UNKNOWN) for ours, theirs, parse in _REPORT),
        Cell("transceiver", "Type of mobile", words(TRANSCEIVERS), _UNKNOWN, soft=True),
        Cell("nav_status", "Navigational status", words(NAV_STATUS), _UNKNOWN, soft=True),
    ]
    static = [Cell(ours, theirs, parse, _UNKNOWN, soft=True) for ours, theirs, parse in _STATIC]
    return Layout(
        tuple(c for c in report if c.theirs in names), tuple(c for c in static if c.theirs in names)
    )


def looks_like(head: bytes) -> bool:
    """Tell whether ``head`` begins with the header of a Danish file."""
    names = first_line_names(head)
    return "Type of mobile" in names and any(n in names for n in ("# Timestamp", "Timestamp"))


def open_receiver(source: str) -> Receiver:
    """Give a receiver of Danish AIS CSV."""
    return CsvReceiver(source, _lay_out)


FORMAT = Format("dma-csv", looks_like, open_receiver)
