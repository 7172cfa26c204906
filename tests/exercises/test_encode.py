"""The encoder against pyais, an independent decoder: what is written is read back the same."""

from __future__ import annotations

import gzip
from itertools import islice
from pathlib import Path

import pyais
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyais.constants import ShipType

from seavigil.exercises import encode
from seavigil.exercises.encode import Dimensions
from seavigil.exercises.payload import Payload, pack
from seavigil.exercises.sentences import sentences, tag_block

MMSI = st.integers(0, 999_999_999)
#: M.1371-5, table 47: the six-bit characters; "@" ends a text, so it is no part of one.
TEXT = st.characters(min_codepoint=32, max_codepoint=95, exclude_characters="@")
FLAG = st.booleans()
LAT = st.none() | st.floats(-90, 90)
LON = st.none() | st.floats(-180, 180)
SOG = st.none() | st.floats(0, 102.2)
COG = st.none() | st.floats(0, 359.94)
HEADING = st.none() | st.integers(0, 359)
SECOND = st.none() | st.integers(0, 59)
DIMENSIONS = st.builds(
    Dimensions, st.integers(0, 511), st.integers(0, 511), st.integers(0, 63), st.integers(0, 63)
)
#: pyais' names of the navigational positioning devices 0..8; the others are reserved.
DEVICE = st.integers(0, 8)
#: Those ship types that pyais has a name for; it reads the reserved ones as 0.
SHIP_TYPE = st.sampled_from(sorted(int(kind) for kind in ShipType))


def text(chars: int) -> st.SearchStrategy[str]:
    """Give six-bit texts up to a length; pyais strips spaces at both ends."""
    return st.text(TEXT, max_size=chars).map(str.strip)


def read(payload: Payload) -> dict[str, object]:
    """Let pyais decode the sentences of a payload."""
    return pyais.decode(*sentences(payload, sequence=7).splitlines()).asdict()


def near(value: float | None, missing: float, step: float) -> object:
    """Expect a number to within half a step of its field, or the value for "not available"."""
    return missing if value is None else pytest.approx(value, abs=step / 2 + 1e-6)


def check_place_and_way(got: dict[str, object], said: dict[str, object]) -> None:
    """Compare what types 1, 18 and 19 share."""
    assert got["mmsi"] == said["mmsi"]
    assert got["lat"] == near(said["lat_deg"], 91.0, 1 / 600_000)
    assert got["lon"] == near(said["lon_deg"], 181.0, 1 / 600_000)
    assert got["speed"] == near(said["sog_kn"], 102.3, 0.1)
    assert got["course"] == near(said["cog_deg"], 360.0, 0.1)
    assert got["heading"] == (511 if said["heading_deg"] is None else said["heading_deg"])
    assert got["second"] == (60 if said["utc_second"] is None else said["utc_second"])
    assert got["accuracy"] is said["position_accuracy_high"]
    assert got["raim"] is said["raim"]


PLACE_AND_WAY = {
    "mmsi": MMSI,
    "lat_deg": LAT,
    "lon_deg": LON,
    "sog_kn": SOG,
    "cog_deg": COG,
    "heading_deg": HEADING,
    "utc_second": SECOND,
    "position_accuracy_high": FLAG,
    "raim": FLAG,
}


@given(
    st.fixed_dictionaries(PLACE_AND_WAY),
    st.sampled_from([1, 2, 3]),
    st.none() | st.integers(0, 14),
    st.none() | st.floats(-700, 700),
    st.integers(0, 2**19 - 1),
)
def test_class_a_positions_read_back(said, msg_type, nav_status, rot_deg_min, radio_status):
    """Types 1, 2 and 3 give pyais the position, motion, status and radio state that were written."""
    mmsi = said["mmsi"]
    rest = {k: v for k, v in said.items() if k != "mmsi"}
    got = read(
        encode.position_a(
            mmsi,
            msg_type=msg_type,
            nav_status=nav_status,
            rot_deg_min=rot_deg_min,
            radio_status=radio_status,
            **rest,
        )
    )
    check_place_and_way(got, said)
    assert got["msg_type"] == msg_type
    assert got["status"] == (15 if nav_status is None else nav_status)
    assert got["radio"] == radio_status
    if rot_deg_min is None:
        assert got["turn"] == -128
    else:  # one step of 4.733 sqrt(rate), and pyais rounds to whole degrees a minute
        step = 2 * abs(rot_deg_min) ** 0.5 / 4.733 / 2 + (0.5 / 4.733) ** 2
        assert got["turn"] == pytest.approx(rot_deg_min, abs=step + 0.5)


@given(st.fixed_dictionaries(PLACE_AND_WAY), FLAG)
def test_class_b_positions_read_back(said, carrier_sense):
    """Type 18 gives pyais the position and motion that were written."""
    rest = {k: v for k, v in said.items() if k != "mmsi"}
    got = read(encode.position_b(said["mmsi"], carrier_sense=carrier_sense, **rest))
    check_place_and_way(got, said)
    assert got["msg_type"] == 18
    assert got["cs"] is carrier_sense


@given(st.fixed_dictionaries(PLACE_AND_WAY), text(20), SHIP_TYPE, DIMENSIONS, DEVICE)
def test_extended_class_b_positions_read_back(said, name, ship_type, dimensions, device):
    """Type 19 gives pyais the position, motion and ship that were written."""
    rest = {k: v for k, v in said.items() if k != "mmsi"}
    got = read(
        encode.position_b_extended(
            said["mmsi"],
            name=name,
            ship_type=ship_type,
            dimensions=dimensions,
            position_device=device,
            **rest,
        )
    )
    check_place_and_way(got, said)
    assert got["shipname"] == name
    assert got["ship_type"] == ship_type
    assert got["epfd"] == device
    check_dimensions(got, dimensions)


def check_dimensions(got: dict[str, object], dimensions: Dimensions) -> None:
    """Compare the four sides."""
    sides = (got["to_bow"], got["to_stern"], got["to_port"], got["to_starboard"])
    expected = (
        dimensions.to_bow_m,
        dimensions.to_stern_m,
        dimensions.to_port_m,
        dimensions.to_starboard_m,
    )
    assert sides == expected


@given(
    MMSI,
    st.none() | st.integers(1, 2**30 - 1),
    text(7),
    text(20),
    SHIP_TYPE,
    DIMENSIONS,
    st.none() | st.tuples(st.integers(1, 12), st.integers(1, 31), st.integers(0, 23), st.integers(0, 59)),
    st.floats(0, 25.5),
    text(20),
)
def test_static_data_read_back(mmsi, imo, callsign, name, ship_type, dimensions, eta, draught_m, destination):
    """Type 5 takes two sentences and gives pyais the ship and voyage that were written."""
    payload = encode.static_a(
        mmsi,
        imo=imo,
        callsign=callsign,
        name=name,
        ship_type=ship_type,
        dimensions=dimensions,
        eta=eta,
        draught_m=draught_m,
        destination=destination,
    )
    got = read(payload)
    assert payload.parts == 2
    assert (got["mmsi"], got["imo"], got["callsign"]) == (mmsi, imo or 0, callsign)
    assert (got["shipname"], got["destination"], got["ship_type"]) == (name, destination, ship_type)
    assert got["draught"] == near(draught_m, 0.0, 0.1)
    assert (got["month"], got["day"], got["hour"], got["minute"]) == (eta or (0, 0, 24, 60))
    check_dimensions(got, dimensions)


@given(MMSI, text(20), text(7), SHIP_TYPE, DIMENSIONS, text(3), st.integers(0, 15))
def test_class_b_static_data_read_back(mmsi, name, callsign, ship_type, dimensions, vendor, model):
    """Type 24 parts A and B give pyais the name and the ship that were written."""
    part_a = read(encode.static_b_name(mmsi, name=name))
    assert (part_a["mmsi"], part_a["partno"], part_a["shipname"]) == (mmsi, 0, name)
    part_b = read(
        encode.static_b_ship(
            mmsi,
            ship_type=ship_type,
            vendor=vendor,
            vendor_model=model,
            vendor_serial=12345,
            callsign=callsign,
            dimensions=dimensions,
        )
    )
    assert (part_b["mmsi"], part_b["partno"], part_b["callsign"]) == (mmsi, 1, callsign)
    assert (part_b["vendorid"], part_b["model"], part_b["serial"]) == (vendor, model, 12345)
    assert part_b["ship_type"] == ship_type
    if not str(mmsi).startswith("98"):  # a tender's field holds her mother ship's MMSI instead
        check_dimensions(part_b, dimensions)


@given(MMSI, st.datetimes().map(lambda d: d.replace(year=2000 + d.year % 100)), LAT, LON, DEVICE, FLAG)
def test_base_stations_read_back(mmsi, moment, lat_deg, lon_deg, device, raim):
    """Type 4 gives pyais the station's UTC and place."""
    time_s = (moment.date().toordinal() - 719_163) * 86_400 + moment.hour * 3600 + moment.minute * 60
    time_s += moment.second
    got = read(
        encode.base_station(
            mmsi, time_s=time_s, lat_deg=lat_deg, lon_deg=lon_deg, position_device=device, raim=raim
        )
    )
    assert (got["year"], got["month"], got["day"]) == (moment.year, moment.month, moment.day)
    assert (got["hour"], got["minute"], got["second"]) == (moment.hour, moment.minute, moment.second)
    assert got["lat"] == near(lat_deg, 91.0, 1 / 600_000)
    assert got["lon"] == near(lon_deg, 181.0, 1 / 600_000)
    assert (got["mmsi"], got["epfd"], got["raim"]) == (mmsi, device, raim)


@given(MMSI, st.integers(0, 31), text(20), LAT, LON, DIMENSIONS, SECOND, FLAG, FLAG)
def test_aids_to_navigation_read_back(mmsi, kind, name, lat_deg, lon_deg, dimensions, second, off, virtual):
    """Type 21 gives pyais the aid, its name and place, and whether it is off station or virtual."""
    got = read(
        encode.aid_to_navigation(
            mmsi,
            aid_type=kind,
            name=name,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            dimensions=dimensions,
            utc_second=second,
            off_position=off,
            virtual=virtual,
        )
    )
    assert (got["mmsi"], got["aid_type"], got["name"]) == (mmsi, kind, name)
    assert (got["off_position"], got["virtual_aid"]) == (off, virtual)
    assert got["second"] == (60 if second is None else second)
    assert got["lat"] == near(lat_deg, 91.0, 1 / 600_000)
    assert got["lon"] == near(lon_deg, 181.0, 1 / 600_000)
    check_dimensions(got, dimensions)


@given(
    MMSI,
    LAT,
    LON,
    st.none() | st.floats(0, 62),
    st.none() | st.floats(0, 359.4),
    st.none() | st.integers(0, 14),
    FLAG,
)
def test_long_range_positions_read_back(mmsi, lat_deg, lon_deg, sog_kn, cog_deg, nav_status, old_fix):
    """Type 27 gives pyais the position to a tenth of a minute, whole knots and whole degrees."""
    got = read(
        encode.position_long_range(
            mmsi,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            sog_kn=sog_kn,
            cog_deg=cog_deg,
            nav_status=nav_status,
            old_fix=old_fix,
        )
    )
    assert got["lat"] == near(lat_deg, 91.0, 1 / 600)
    assert got["lon"] == near(lon_deg, 181.0, 1 / 600)
    assert got["speed"] == near(sog_kn, 63.0, 1.0)
    assert got["course"] == near(cog_deg, 511.0, 1.0)
    assert (got["mmsi"], got["gnss"]) == (mmsi, old_fix)
    assert got["status"] == (15 if nav_status is None else nav_status)


def test_real_class_a_payloads_are_written_again_bit_by_bit(shared_data: Path):
    """Real type 1 and 3 sentences, decoded by pyais and encoded by us, give the same payload again.

    Left out: the turn indicator, which pyais rounds to whole degrees a minute, and messages of sets
    that use the spare bits or send a value beyond its field's range.
    """
    again = 0
    with gzip.open(shared_data / "ais" / "dk-network-20131112.nmea.gz", "rb") as lines:
        for line in islice(lines, 20_000):
            sentence = line[line.rfind(b"!") :].strip()
            fields = sentence.split(b",")
            if len(fields) != 7 or fields[1] != b"1" or fields[5][:1] not in b"13" or len(fields[5]) != 28:
                continue
            got = pyais.decode(sentence)
            if got.spare_1 != b"\0" or got.course > 360 or abs(got.lat) > 91 or got.second > 60:
                continue
            assert _without_rot(_again(got).armoured) == _without_rot(fields[5].decode()), sentence
            again += 1
    assert again > 1_000


def _again(got: pyais.messages.MessageType1) -> Payload:
    """Encode what pyais decoded."""
    return encode.position_a(
        got.mmsi,
        msg_type=got.msg_type,
        repeat=got.repeat,
        lat_deg=None if got.lat == 91 else got.lat,
        lon_deg=None if got.lon == 181 else got.lon,
        sog_kn=None if got.speed == 102.3 else got.speed,
        cog_deg=None if got.course == 360 else got.course,
        heading_deg=None if got.heading == 511 else got.heading,
        nav_status=int(got.status),
        utc_second=got.second,
        position_accuracy_high=got.accuracy,
        raim=got.raim,
        manoeuvre=int(got.maneuver),
        radio_status=got.radio,
    )


def _without_rot(armoured: str) -> str:
    """Drop the two characters that hold the turn indicator."""
    return armoured[:7] + armoured[9:]


def test_a_sentence_is_at_most_82_characters():
    """IEC 61162-1 allows 82 characters with CR LF; the longest message here, type 5, keeps to it."""
    for line in sentences(encode.static_a(1, name="A" * 20), sequence=9).splitlines(keepends=True):
        assert len(line) <= 82
        assert line.endswith(b"\r\n")


def test_the_tag_block_has_station_and_time():
    """A tag block names station and Unix time; gpsd's documentation of IEC 61162-450 has the form."""
    line = sentences(encode.position_a(299_000_001), station="EXERCISE-NORTH", time_s=1763611200)
    assert line.startswith(b"\\s:EXERCISE-NORTH,c:1763611200*4F\\!AIVDM,1,1,,A,")
    parsed = pyais.messages.NMEASentenceFactory.produce(line.strip())
    assert parsed.tag_block is not None
    parsed.tag_block.init()
    assert parsed.tag_block.source_station == "EXERCISE-NORTH"
    assert parsed.tag_block.receiver_timestamp == "1763611200"
    assert parsed.tag_block.is_valid


@pytest.mark.parametrize(
    ("write", "names"),
    [
        (lambda: encode.position_a(1_000_000_000), "mmsi"),
        (lambda: encode.position_a(1, lat_deg=90.5), "lat_deg"),
        (lambda: encode.position_a(1, sog_kn=-1.0), "sog_kn"),
        (lambda: encode.position_a(1, nav_status=16), "nav_status"),
        (lambda: encode.position_a(1, msg_type=5), "msg_type"),
        (lambda: encode.static_a(1, name="small"), "name"),
        (lambda: encode.static_a(1, callsign="TOO LONG"), "callsign"),
        (lambda: encode.static_a(1, draught_m=25.6), "draught_m"),
        (lambda: encode.static_b_ship(1, dimensions=Dimensions(to_port_m=64)), "to_port_m"),
        (lambda: tag_block(station="A NAME TOO LONG FOR IT"), "station"),
        (lambda: pack(("field", -5, -3)), "field"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_by_name(write, names):
    """A value outside its field raises ValueError that names the field."""
    with pytest.raises(ValueError, match=names):
        write()


def test_a_course_just_short_of_north_is_north():
    """359.96 degrees rounds to 0.0, not to 360.0, which would mean "not available"."""
    assert read(encode.position_a(1, cog_deg=359.96))["course"] == 0.0
    assert read(encode.position_a(1, heading_deg=359.7))["heading"] == 0


def test_a_speed_beyond_the_field_is_sent_as_its_highest():
    """M.1371-5: 1022 stands for 102.2 kn or more."""
    assert read(encode.position_b(1, sog_kn=140.0))["speed"] == 102.2
