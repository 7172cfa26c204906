"""Field by field against gpsd, libais and pyais; every deliberate difference is named and counted.

docs/reference/decoder.md lists the differences for readers.
"""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pyais
import pytest
from pyais.exceptions import UnknownPartNoException

from tests.feeds.formats.references import Message, Row, decoded, expected, in_float32, messages

#: Not fields of the message.
NO_FIELDS = {"class", "device", "scaled", "timestamp", "eta", "msg_type"}
TURN_NAMES = {-128: "n/a", -127: "fastleft", 127: "fastright"}


def read(path: Path) -> list[Message]:
    """Give the messages in a file."""
    raw = path.read_bytes()
    return list(messages(gzip.decompress(raw) if path.suffix == ".gz" else raw))


# --- gpsd ---------------------------------------------------------------------------------------


def gpsd_rows(found: list[Message]) -> list[Row]:
    """Give our fields in gpsd's form: part A of type 24 waits for part B, names are joined."""
    names: dict[int, str] = {}
    rows = []
    for row in decoded(found):
        if row["type"] == 24 and row["partno"] == 0:
            names[row["mmsi"]] = row["shipname"]
        elif row["type"] != 24 or (row["partno"] == 1 and row["mmsi"] in names):
            rows.append(row | {"shipname": names.pop(row["mmsi"])} if row["type"] == 24 else row)
    return rows


def gpsd_value(row: Row, name: str, scaled: bool) -> object:
    """Give one of our values as gpsd would print it."""
    value = row[name]
    if name == "name":
        return value + (row["name_ext"] or "")
    if name == "turn" and scaled:
        turn = f"{abs(value) / value * (value / 4.733) ** 2 if value else 0.0:.2f}"
        return TURN_NAMES.get(value, turn)
    coarse = row["type"] == 27
    if name in {"lon", "lat"}:
        return round(value, 4 if coarse else 7) if scaled else round(value * (600 if coarse else 600_000))
    if name in {"speed", "course", "draught"} and not scaled and not coarse:
        return round(value * (1 if row["type"] == 9 and name == "speed" else 10))
    return value


def gpsd_times(row: Row) -> Row:
    """Give the composite times gpsd prints."""
    day = "{month:02d}-{day:02d}T{hour:02d}:{minute:02d}"
    if "year" in row:
        return {"timestamp": ("{year:04d}-" + day + ":{second:02d}Z").format(**row)}
    return {"eta": (day + "Z").format(**row)} if "month" in row else {}


@pytest.mark.parametrize(
    ("name", "reference", "differences", "compared"),
    [
        ("sample.aivdm", "sample.aivdm.js.chk", {"vendorid": 2}, 26),
        ("ais-18-27.log", "ais-18-27.log.chk", {}, 138),
        ("ais_unpack_sixbit.log", "ais_unpack_sixbit.log.chk", {"vendorid": 0}, 12),
    ],
)
def test_gpsd(shared_data: Path, name: str, reference: str, differences: Row, compared: int) -> None:
    """Every field that gpsd prints is ours, except the vendor, which it reads after the older standard."""
    folder = shared_data / "decoder/gpsd"
    ours = gpsd_rows(read(folder / name))
    theirs = expected(folder / reference)
    found: Counter[str] = Counter()
    for row, want in zip(ours, theirs, strict=True):
        scaled = want["scaled"]
        got = {k: gpsd_value(row, k, scaled) for k in want if k in row} | gpsd_times(row)
        fields = {
            k: v
            for k, v in want.items()
            if k not in NO_FIELDS - {"timestamp", "eta"} and not k.endswith("_text")
        }
        assert fields.keys() <= got.keys()
        for field, value in fields.items():
            if got[field] != value:
                assert (field, value[:3]) == ("vendorid", got[field]), (row, want)
                found[field] += 1
    assert len(ours) == compared
    assert found == Counter(differences)


# --- libais -------------------------------------------------------------------------------------


def radio_fields(row: Row) -> Row:
    """Take the communication state apart as libais prints it (M.1371-5, annex 2, 3.3.7.2 and 3.3.7.3)."""
    radio = row["radio"]
    state: Row = {"sync_state": radio >> 17 & 3}
    if row["type"] == 3 or (row["type"] == 9 and radio >> 19):
        return state | {
            "slot_increment": radio >> 4 & 0x1FFF,
            "slots_to_allocate": radio >> 1 & 7,
            "keep_flag": bool(radio & 1),
        }
    timeout, message = radio >> 14 & 7, radio & 0x3FFF
    state["slot_timeout"] = timeout
    if timeout in {3, 5, 7}:
        return state | {"received_stations": message}
    if timeout in {2, 4, 6}:
        return state | {"slot_number": message}
    if timeout == 1:
        return state | {"utc_hour": message >> 9, "utc_min": message >> 2 & 0x7F, "utc_spare": message & 3}
    return state | {"slot_offset": message}


def libais_fields(row: Row) -> Row:
    """Give our fields under libais' names where those differ."""
    got = row | (radio_fields(row) if "radio" in row and row["type"] != 18 else {})
    if row["type"] == 18:
        got |= {
            "unit": row["cs"],
            "mode": row["assigned"],
            "spare": row["reserved"],
            "spare2": row["regional"],
        }
        got["commstate_cs_fill"] = row["radio"] & 0x7FFFF
    if row["type"] == 9:
        got |= {"spare": row["regional"] & 0x7F, "spare2": row["spare"], "alt_sensor": row["regional"] >> 7}
    if row["type"] == 24:
        got["part_num"] = row["partno"]
    if "turn" in row:
        sign = -1 if row["turn"] < 0 else 1
        got["turn"] = None if row["turn"] == -128 else sign * (row["turn"] / 4.733) ** 2
    if row["type"] in {4, 11}:
        got |= gpsd_times(row)
    return got


def libais_agrees(field: str, ours: object, theirs: object) -> bool:
    """Tell whether values agree; libais computes in 32-bit floats."""
    if isinstance(theirs, float):
        return isinstance(ours, int | float) and in_float32(ours, theirs)
    return ours == theirs


#: (type, field): ours and theirs as they are in the sample.
LIBAIS_DIFFERENCES = {
    (5, "imo"): (9383663, "9383663"),
    (9, "speed"): (168, 16.799999237060547),
    (21, "name"): ("9%&//3*37_+P]['<RD^6", "9%&//3*37-+P][`<RD^6"),
    (27, "gnss"): (True, False),
}


@pytest.mark.parametrize(("stem", "compared"), [("typeexamples", 11), ("tagblock", 4)])
def test_libais(shared_data: Path, stem: str, compared: int) -> None:
    """Every field that libais prints is ours, except the four differences of LIBAIS_DIFFERENCES."""
    folder = shared_data / "decoder/libais"
    found = read(folder / f"{stem}.nmea")
    want = expected(folder / f"{stem}.json")
    assert len(want) == compared
    for ours, theirs in zip(decoded(found), want, strict=True):
        row = libais_fields(ours)
        skip = {"class", "device", "scaled"} | ({"timestamp"} - row.keys())
        for field, value in theirs.items():
            if field in skip or field.endswith("_text") or field.startswith("tagblock"):
                continue
            if not libais_agrees(field, row[field], value):
                differs = LIBAIS_DIFFERENCES.get((row["type"], field))
                assert differs == (row[field], value) or (field, value) == ("imo", str(row["imo"])), (
                    field,
                    row,
                )


def test_libais_tag_blocks(shared_data: Path) -> None:
    """Times and stations of tag blocks are those libais gives, through the group of a type 5 too."""
    from seavigil.feeds.formats.nmea import NmeaReceiver
    from tests.feeds.cutting import feed

    folder = shared_data / "decoder/libais"
    got = feed(NmeaReceiver("a"), (folder / "tagblock.nmea").read_bytes())
    rows = [*got.reports.to_pylist(), *got.vessels.to_pylist()]
    ours = {
        (row["msg_type"], row["time_us"].strftime("%Y-%m-%dT%H:%M:%S.%fZ"), row.get("station"))
        for row in rows
    }
    theirs = {
        (row["type"], row["tagblock_timestamp"], row["tagblock_station"] if row["type"] != 5 else None)
        for row in expected(folder / "tagblock.json")
    }
    assert ours == theirs


# --- pyais --------------------------------------------------------------------------------------

PYAIS_NAMES = {"ship_type": "shiptype"}


def pyais_fields(row: Row) -> Row:
    """Give our fields under pyais' names where those differ."""
    kind = row["type"]
    got = row | {"ship_type": row.get("shiptype")}
    if kind == 18:
        got |= {"reserved_1": row["reserved"], "reserved_2": row["regional"]}
    if kind == 19:
        got |= {"reserved_1": row["reserved"], "reserved_2": row["regional"]}
    if kind == 9:
        got["reserved_1"] = row["regional"]
    if kind == 21:
        got |= {"reserved_1": row["regional"], "full_name": row["name"] + (row["name_ext"] or "")}
    return got


def pyais_turn(turn: int) -> float:
    """Give the turn rate as pyais rounds it; its codes stay codes."""
    if turn in TURN_NAMES:
        return float(turn)
    return float(round((turn / 4.733) ** 2) * (-1 if turn < 0 else 1))


def pyais_difference(field: str, ours: object, theirs: object) -> str:
    """Name a deliberate difference; anything else is a failure, named by its field."""
    if isinstance(ours, str) and isinstance(theirs, str):
        if "@" in theirs and theirs.startswith(ours):
            return "text after @"
        if field in {"name_ext", "full_name"} and ours.replace(" ", "") == theirs.replace(" ", ""):
            return "space in joined name"
        if ours.lstrip() == theirs:
            return "leading space"
    if theirs == 0 and (field, ours) in {("epfd", 14), ("ship_type", 38)}:
        return "reserved code"
    return f"{field}: {ours!r} against {theirs!r}"


def compare_with_pyais(found: list[Message]) -> tuple[int, Counter[str]]:
    """Compare every field pyais gives; return how many agree, and the differences by name."""
    same, differences = 0, Counter()
    for message, row in zip(found, decoded(found), strict=True):
        try:
            theirs = pyais.decode(*message.sentences).asdict(enum_as_int=True)
        except UnknownPartNoException:
            differences["unknown part of type 24"] += 1
            continue
        ours = pyais_fields(row)
        for field, value in theirs.items():
            mine = ours["type" if field == "msg_type" else field]
            if field == "turn":
                mine = pyais_turn(mine)
            agree = mine == value or (isinstance(value, float) and abs(mine - value) < 1e-6)
            same += agree
            if not agree:
                differences[pyais_difference(field, mine, value)] += 1
    return same, differences


@pytest.mark.parametrize(
    ("path", "fields", "differences"),
    [
        ("ais/dk-network-20131112.nmea.gz", 393_000, {"text after @": 1}),
        ("ais/dk-frio-20140928.nmea.gz", 79_000, {}),
        ("ais/nl-onboard-nmea0183.log.gz", 20_000, {"leading space": 1}),
        ("decoder/pyais/nmea_data_sample.txt", 11_000, {}),
        ("decoder/gpsd/sample.aivdm", 450, {"text after @": 2, "reserved code": 1}),
        ("decoder/gpsd/ais-18-27.log", 2_300, {"unknown part of type 24": 69}),
        ("decoder/gpsd/ais_unpack_sixbit.log", 220, {"space in joined name": 4, "reserved code": 1}),
        ("decoder/libais/typeexamples.nmea", 160, {}),
    ],
)
def test_pyais(shared_data: Path, path: str, fields: int, differences: dict[str, int]) -> None:
    """Every field of every sentence is what pyais says, except the named differences, counted."""
    same, found = compare_with_pyais(read(shared_data / path))
    assert found == Counter(differences)
    assert same > fields
