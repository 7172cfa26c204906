"""Which column of a table is which: given by hand, or found by the names the field uses."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from seavigil.feeds.formats.cells import (
    NAV_STATUS,
    TRANSCEIVERS,
    Cell,
    Parse,
    any_time,
    codes,
    epoch,
    imo,
    mmsi,
    number,
    strptime,
    text_but,
    within,
)
from seavigil.feeds.formats.contract import UnreadableInput, listed
from seavigil.feeds.formats.decoding import Layout
from seavigil.records import TimeSource, Transceiver

#: Short names a mapping may use, and the columns they stand for.
SHORT = {
    "time": "time_us",
    "mmsi": "mmsi",
    "lat": "lat_deg",
    "lon": "lon_deg",
    "sog": "sog_kn",
    "cog": "cog_deg",
    "heading": "heading_deg",
    "rot": "rot_deg_min",
    "nav_status": "nav_status",
    "transceiver": "transceiver",
    "msg_type": "msg_type",
    "station": "station",
    "time_source": "time_source",
    "imo": "imo",
    "name": "name",
    "callsign": "callsign",
    "ship_type": "ship_type",
    "length": "length_m",
    "beam": "beam_m",
    "draught": "draught_m",
    "destination": "destination",
}
NEEDED = ("time", "mmsi", "lat", "lon")

_SYNONYMS: dict[str, tuple[str, ...]] = {
    "time": ("time", "time_us", "timestamp", "datetime", "date_time", "base_date_time", "basedatetime",
             "time_utc", "timestamp_utc", "utc", "dt", "received_at", "event_time", "date_time_utc", "tstamp",
             "t", "ts"),
    "mmsi": ("mmsi", "ssvid", "mmsi_number", "user_id", "userid", "sourcemmsi", "source_mmsi"),
    "lat": ("lat", "latitude", "lat_deg", "latitude_degrees", "latitude_deg", "y"),
    "lon": ("lon", "long", "lng", "longitude", "lon_deg", "longitude_degrees", "longitude_deg", "x"),
    "sog": ("sog", "speed", "speed_knots", "sog_knots", "sog_kn", "speed_over_ground", "speedoverground",
            "speed_kn"),
    "cog": ("cog", "course", "cog_degrees", "cog_deg", "course_over_ground", "courseoverground",
            "course_deg"),
    "heading": ("heading", "true_heading", "trueheading", "heading_deg", "heading_degrees", "hdg"),
    "rot": ("rot_deg_min",),
    "nav_status": ("nav_status", "navstatus", "navigational_status", "navigationalstatus", "status",
                   "navstat", "navigation_status"),
    "transceiver": ("transceiver", "transceiver_class", "transceiverclass", "type_of_mobile"),
    "msg_type": ("msg_type", "msgtype", "message_type"),
    "station": ("station",),
    "time_source": ("time_source",),
    "imo": ("imo", "imo_number"),
    "name": ("name", "vessel_name", "vesselname", "ship_name", "shipname"),
    "callsign": ("callsign", "call_sign"),
    "ship_type": ("ship_type", "shiptype", "vessel_type", "vesseltype", "type_and_cargo"),
    "length": ("length", "length_m", "loa"),
    "beam": ("beam", "width", "beam_m"),
    "draught": ("draught", "draft", "draught_m"),
    "destination": ("destination", "dest"),
}  # fmt: skip

_BLANKS = frozenset({"null", "None", "NULL", "NaN", "nan", "NA", "N/A", "-", "\\N", "Unknown"})
_PARSE: dict[str, Parse] = {
    "mmsi": mmsi,
    "nav_status": codes(NAV_STATUS),
    "transceiver": within(codes(TRANSCEIVERS), min(Transceiver), max(Transceiver)),
    "msg_type": within(number, 1, 27),
    "station": text_but(_BLANKS),
    "time_source": lambda text: within(number, 1, max(TimeSource))(text).fill_null(int(TimeSource.MESSAGE)),
    "imo": imo,
    "name": text_but(_BLANKS),
    "callsign": text_but(_BLANKS),
    "destination": text_but(_BLANKS),
}
_REPORT = ("time", "mmsi", "lat", "lon", "sog", "cog", "heading", "rot", "nav_status", "transceiver",
           "msg_type", "station", "time_source")  # fmt: skip
_SOFT = ("nav_status", "transceiver", "msg_type", "station", "time_source")
_UNITS = ("s", "ms", "us", "ns")


@dataclass(frozen=True)
class Mapping:
    """Our short names to the names of a table: ``Mapping({"time": "Time", "mmsi": "MMSI"})``.

    Columns left out are found by their names. ``time_format`` is a strptime form such as
    ``%d.%m.%Y %H:%M``, ``time_unit`` one of s, ms, us, ns since 1970; without both, ISO 8601 and
    numbers are told apart by their look. Raises `UnreadableInput` for a name that is not ours.
    """

    columns: AnyMapping[str, str] = field(default_factory=dict)
    time_format: str | None = None
    time_unit: str | None = None

    def __post_init__(self) -> None:
        wrong = [n for n in self.columns if n not in SHORT]
        if wrong:
            raise UnreadableInput(f"mapping names {', '.join(wrong)}; known are {', '.join(SHORT)}")
        if self.time_unit not in (None, *_UNITS):
            raise UnreadableInput(f"time_unit is {self.time_unit!r}; known are {', '.join(_UNITS)}")


def parse_mapping(text: str) -> Mapping:
    """Read ``time=Time,mmsi=MMSI,..``; ``time_format`` and ``time_unit`` may stand among them.

    >>> parse_mapping("time=When,mmsi=Id,time_unit=ms").columns["mmsi"]
    'Id'
    """
    pairs: dict[str, str] = {}
    for part in text.split(","):
        ours, equals, theirs = part.partition("=")
        if not equals or not theirs.strip():
            raise UnreadableInput(f"mapping part {part!r} is not of the form ours=theirs")
        pairs[ours.strip()] = theirs.strip()
    return _from_pairs(pairs)


def mapping_from_toml(text: str) -> Mapping:
    """Read a mapping from TOML: keys at the top or under ``[columns]``."""
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise UnreadableInput(f"mapping is no TOML: {fault}") from fault
    pairs = {**read, **read.get("columns", {})} if isinstance(read.get("columns", {}), dict) else read
    pairs.pop("columns", None)
    if not all(isinstance(v, str) for v in pairs.values()):
        raise UnreadableInput("every value of a mapping is the name of a column, in quotes")
    return _from_pairs(pairs)


def _from_pairs(pairs: dict[str, str]) -> Mapping:
    columns = {k: v for k, v in pairs.items() if k not in ("time_format", "time_unit")}
    return Mapping(columns, pairs.get("time_format"), pairs.get("time_unit"))


def complete(mapping: Mapping, names: Sequence[str]) -> Mapping:
    """Add the columns that the names themselves tell; those given by hand stay."""
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(_plain(name), name)
    found = dict(mapping.columns)
    for ours, synonyms in _SYNONYMS.items():
        theirs = next((by_plain[s] for s in synonyms if s in by_plain), None)
        if theirs is not None:
            found.setdefault(ours, theirs)
    return replace(mapping, columns=found)


def _plain(name: str) -> str:
    return name.strip().lstrip("#").strip().lower().replace(" ", "_").replace("-", "_").replace(".", "_")


def lay_out(names: Sequence[str], mapping: Mapping) -> Layout:
    """Give the layout of a table with these column names.

    Raises `UnreadableInput` that names the columns wanted and found.
    """
    given = complete(mapping, names).columns
    absent = [f"{ours} ({given[ours]})" for ours in given if given[ours] not in names]
    lacking = [ours for ours in NEEDED if ours not in given] + absent
    if lacking:
        raise UnreadableInput(
            f"no column for {', '.join(lacking)}; found {listed(names) or 'none'}; "
            "pass --mapping 'time=..,mmsi=..,lat=..,lon=..' with their names"
        )
    report = tuple(_cell(ours, given[ours], mapping) for ours in _REPORT if ours in given)
    static = tuple(
        _cell(ours, given[ours], mapping) for ours in SHORT if ours in given and ours not in _REPORT
    )
    return Layout(report, static)


def _cell(ours: str, theirs: str, mapping: Mapping) -> Cell:
    soft = ours in _SOFT or ours not in _REPORT
    parse = _time(mapping) if ours == "time" else _PARSE.get(ours, number)
    hint = _time_hint(mapping) if ours == "time" else ""
    return Cell(SHORT[ours], theirs, parse, _BLANKS, soft, hint)


def _time(mapping: Mapping) -> Parse:
    if mapping.time_format:
        return strptime(mapping.time_format)
    return epoch(mapping.time_unit) if mapping.time_unit else any_time


def _time_hint(mapping: Mapping) -> str:
    if mapping.time_format:
        return f"not of the form time_format={mapping.time_format}"
    if mapping.time_unit:
        return f"not {mapping.time_unit} since 1970 (time_unit), or not in 1990 to 2100"
    return "neither ISO 8601 nor a number since 1970 in 1990 to 2100: give time_format or time_unit"
