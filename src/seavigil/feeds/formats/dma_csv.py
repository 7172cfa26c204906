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
    codes,
    imo,
    mmsi,
    number,
    plain_text,
    strptime,
)
from seavigil.feeds.formats.contract import Format, Receiver
from seavigil.feeds.formats.csv_lines import first_line_names
from seavigil.feeds.formats.decoding import CsvReceiver, Layout, need

_TIME_FORM = "%d/%m/%Y %H:%M:%S"
_UNKNOWN = frozenset({"Unknown", "Unknown value", "Undefined"})

#: ITU-R M.1371-5, table 53, by the words of the Danish files.
SHIP_TYPES = {
    "wig": 20,
    "fishing": 30,
    "towing": 31,
    "towing long/wide": 32,
    "dredging": 33,
    "diving": 34,
    "military": 35,
    "sailing": 36,
    "pleasure": 37,
    "hsc": 40,
    "pilot": 50,
    "sar": 51,
    "tug": 52,
    "port tender": 53,
    "anti-pollution": 54,
    "law enforcement": 55,
    "spare 1": 56,
    "spare 2": 57,
    "medical": 58,
    "not party to conflict": 59,
    "ships not party to armed conflict": 59,
    "passenger": 60,
    "cargo": 70,
    "tanker": 80,
    "other": 90,
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
    ("name", "Name", plain_text),
    ("callsign", "Callsign", plain_text),
    ("ship_type", "Ship type", codes(SHIP_TYPES)),
    ("length_m", "Length", number),
    ("beam_m", "Width", number),
    ("to_bow_m", "A", number),
    ("to_stern_m", "B", number),
    ("to_port_m", "C", number),
    ("to_starboard_m", "D", number),
    ("draught_m", "Draught", number),
    ("destination", "Destination", plain_text),
    ("eta", "ETA", _eta),
)


def _lay_out(names: Sequence[str]) -> Layout:
    time = "# Timestamp" if "# Timestamp" in names else "Timestamp"
    need(names, [time, "MMSI", "Latitude", "Longitude"], "Danish AIS CSV")
    report = [
        Cell("time_us", time, strptime(_TIME_FORM)),
        *(Cell(ours, theirs, parse, _UNKNOWN) for ours, theirs, parse in _REPORT),
        Cell("transceiver", "Type of mobile", codes(TRANSCEIVERS), _UNKNOWN, soft=True),
        Cell("nav_status", "Navigational status", codes(NAV_STATUS), _UNKNOWN, soft=True),
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
