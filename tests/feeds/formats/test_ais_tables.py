"""REPORTS and VESSELS from payloads: what each "not available" code becomes (ITU-R M.1371-5, annex 8)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.feeds.formats.ais import SUPPORTED, Payloads, decode_fields
from seavigil.feeds.formats.ais.fields import LEAST_BITS
from seavigil.feeds.formats.nmea import NmeaReceiver
from seavigil.records import REPORTS, VESSELS, Decoded, Transceiver
from tests.feeds.cutting import feed
from tests.feeds.nmea_writing import ARMOUR, armour, position_report, six_bit, vdm

MMSI = 219_000_001
LON_N_A, LAT_N_A = 181 * 600_000, 91 * 600_000
HEAD = ((0, 2), (MMSI, 30))


def read(*payloads: tuple[str, int]) -> Decoded:
    """Give what payloads decode to, each in a sentence of its own."""
    return feed(NmeaReceiver("a"), "\n".join(vdm(p, f) for p, f in payloads).encode())


def report(payload: tuple[str, int]) -> dict[str, Any]:
    """Give the one report of a payload."""
    (row,) = read(payload).reports.to_pylist()
    return row


def vessel(payload: tuple[str, int]) -> dict[str, Any]:
    """Give the one row of static data of a payload."""
    (row,) = read(payload).vessels.to_pylist()
    return row


@pytest.mark.parametrize(
    ("sent", "column", "value"),
    [
        ({"lon": LON_N_A}, "lat_deg", None),
        ({"lat": LAT_N_A}, "lon_deg", None),
        ({"lon": 205 * 600_000}, "lon_deg", 205.0),
        ({"lat": -101 * 600_000}, "lat_deg", -101.0),
        ({"lon": -1}, "lon_deg", -1 / 600_000),
        ({"speed": 1023}, "sog_kn", None),
        ({"speed": 1022}, "sog_kn", 102.2),
        ({"course": 3600}, "cog_deg", None),
        ({"course": 3599}, "cog_deg", 359.9),
        ({"course": 4095}, "cog_deg", None),
        ({"heading": 511}, "heading_deg", None),
        ({"heading": 360}, "heading_deg", None),
        ({"heading": 359}, "heading_deg", 359.0),
        ({"second": 60}, "utc_second", None),
        ({"second": 63}, "utc_second", None),
        ({"second": 59}, "utc_second", 59),
        ({"status": 15}, "nav_status", None),
        ({"status": 14}, "nav_status", 14),
        ({"turn": -128}, "rot_deg_min", None),
        ({"turn": 127}, "rot_deg_min", None),
        ({"turn": -127}, "rot_deg_min", None),
        ({"turn": 0}, "rot_deg_min", 0.0),
        ({"turn": 126}, "rot_deg_min", pytest.approx(708.7, abs=0.05)),
        ({"turn": -5}, "rot_deg_min", pytest.approx(-1.116, abs=0.0005)),
    ],
)
def test_class_a_codes(sent: dict[str, int], column: str, value: object) -> None:
    """Codes for "not available" are null, "or more" is kept, impossible positions are left to tracks."""
    assert report(position_report(**sent))[column] == value


def test_sar_aircraft() -> None:
    """Type 9: speed in whole knots, 1023 not available, 1022 "or more"."""
    rest = ((1, 1), (0, 28), (1, 27), (900, 12), (61, 6), (0, 34))
    rows = [report(armour((9, 6), *HEAD, (300, 12), (speed, 10), *rest)) for speed in (168, 1022, 1023)]
    assert [row["sog_kn"] for row in rows] == [168.0, 1022.0, None]
    assert {(row["transceiver"], row["utc_second"], row["heading_deg"]) for row in rows} == {
        (Transceiver.SAR_AIRCRAFT, None, None)
    }


@pytest.mark.parametrize(
    ("speed", "course", "sog_kn", "cog_deg"),
    [(62, 359, 62.0, 359.0), (63, 511, None, None), (0, 360, 0.0, None)],
)
def test_long_range(speed: int, course: int, sog_kn: float | None, cog_deg: float | None) -> None:
    """Type 27: tenths of a minute, whole knots and degrees; it does not say which class sends it."""
    row = report(
        armour((27, 6), *HEAD, (1, 2), (5, 4), (7200, 18), (-33000, 17), (speed, 6), (course, 9), (0, 2))
    )
    assert (row["lon_deg"], row["lat_deg"], row["sog_kn"], row["cog_deg"]) == (12.0, -55.0, sog_kn, cog_deg)
    assert (row["transceiver"], row["nav_status"], row["raim"]) == (None, 5, True)


def test_long_range_without_position() -> None:
    """Type 27 codes 181 and 91 degrees in its own unit."""
    row = report(
        armour((27, 6), *HEAD, (0, 2), (15, 4), (181 * 600, 18), (91 * 600, 17), (63, 6), (511, 9), (0, 2))
    )
    assert {row[n] for n in ("lon_deg", "lat_deg", "sog_kn", "cog_deg", "nav_status")} == {None}


@pytest.mark.parametrize(("msg_type", "transceiver"), [(4, Transceiver.BASE_STATION), (11, None)])
def test_utc_reports(msg_type: int, transceiver: int | None) -> None:
    """Types 4 and 11 give the position and the second, no motion."""
    when = ((2013, 14), (11, 4), (12, 5), (23, 5), (59, 6), (58, 6))
    row = report(armour((msg_type, 6), *HEAD, *when, (1, 1), (LON_N_A, 28), (LAT_N_A, 27), (0, 15), (0, 19)))
    assert (row["transceiver"], row["utc_second"], row["lat_deg"], row["sog_kn"]) == (
        transceiver,
        58,
        None,
        None,
    )


def class_b(extra: tuple[tuple[int, int], ...], msg_type: int) -> tuple[str, int]:
    """Give a class B report; 18 and 19 begin alike."""
    motion = ((0, 8), (51, 10), (0, 1), (7_200_000, 28), (33_600_000, 27), (3491, 12), (511, 9), (7, 6))
    return armour((msg_type, 6), *HEAD, *motion, *extra)


def test_class_b() -> None:
    """Type 18 gives a report of class B without status and rate of turn."""
    row = report(class_b(((0, 29),), 18))
    assert (row["transceiver"], row["lat_deg"], row["lon_deg"], row["sog_kn"]) == (
        Transceiver.CLASS_B,
        56.0,
        12.0,
        5.1,
    )
    assert (row["cog_deg"], row["heading_deg"], row["nav_status"], row["rot_deg_min"]) == (
        349.1,
        None,
        None,
        None,
    )


def test_extended_class_b_gives_both_rows() -> None:
    """Type 19 gives a report and static data under one report_id."""
    extra = ((0, 4), six_bit("CAPT", 20), (36, 8), (5, 9), (21, 9), (4, 6), (3, 6), (1, 4), (0, 7))
    decoded = read(class_b(extra, 19))
    (ship,) = decoded.vessels.to_pylist()
    assert (ship["name"], ship["ship_type"], ship["length_m"], ship["beam_m"]) == ("CAPT", 36, 26.0, 7.0)
    assert decoded.reports["report_id"].to_pylist() == [ship["report_id"]]


def aid(name: str, extension: str) -> tuple[str, int]:
    """Give an aid to navigation report."""
    place = ((1, 1), (7_200_000, 28), (33_600_000, 27), (2, 9), (3, 9), (0, 6), (0, 6), (1, 4), (60, 6))
    return armour(
        (21, 6), *HEAD, (30, 5), six_bit(name, 20), *place, (0, 13), six_bit(extension, len(extension))
    )


def test_aid_to_navigation() -> None:
    """Type 21 gives a report and a row with its name, the extension joined space by space."""
    decoded = read(aid("FORT PIERCE INLET LB", " 6"))
    assert decoded.vessels["name"].to_pylist() == ["FORT PIERCE INLET LB 6"]
    assert decoded.vessels["ship_type"].to_pylist() == [None]
    assert decoded.reports["transceiver"].to_pylist() == [Transceiver.AID_TO_NAVIGATION]


def voyage(
    imo: int = 9_134_270,
    name: str = "EVER DIADEM",
    size: tuple[int, int, int, int] = (225, 70, 1, 31),
    eta: tuple[int, int, int, int] = (5, 15, 14, 0),
    draught: int = 122,
    ship_type: int = 70,
) -> tuple[str, int]:
    """Give a type 5."""
    who = ((0, 2), (imo, 30), six_bit("3FOF8", 7), six_bit(name, 20), (ship_type, 8))
    where = tuple(zip(size, (9, 9, 6, 6), strict=True)), tuple(zip(eta, (4, 5, 5, 6), strict=True))
    return armour(
        (5, 6), *HEAD, *who, *where[0], (1, 4), *where[1], (draught, 8), six_bit("NEW YORK", 20), (0, 2)
    )


def test_voyage_data() -> None:
    """Type 5 gives one row of static and voyage data of a class A ship."""
    row = vessel(voyage())
    assert row["transceiver"] == Transceiver.CLASS_A
    assert (row["imo"], row["callsign"], row["name"], row["destination"]) == (
        9134270,
        "3FOF8",
        "EVER DIADEM",
        "NEW YORK",
    )
    assert (row["length_m"], row["beam_m"], row["to_bow_m"], row["to_starboard_m"]) == (
        295.0,
        32.0,
        225.0,
        31.0,
    )
    assert (row["draught_m"], row["eta"], row["ship_type"]) == (12.2, "05-15T14:00", 70)


@pytest.mark.parametrize(
    ("sent", "column", "value"),
    [
        ({"imo": 0}, "imo", None),
        ({"imo": 10_000_000}, "imo", None),
        ({"name": ""}, "name", None),
        ({"name": "   "}, "name", None),
        ({"name": "  A B  "}, "name", "A B"),
        ({"name": "A@B"}, "name", "A"),
        ({"draught": 0}, "draught_m", None),
        ({"draught": 255}, "draught_m", 25.5),
        ({"ship_type": 0}, "ship_type", None),
        ({"ship_type": 100}, "ship_type", None),
        ({"ship_type": 99}, "ship_type", 99),
        ({"eta": (0, 15, 14, 0)}, "eta", None),
        ({"eta": (13, 15, 14, 0)}, "eta", None),
        ({"eta": (5, 0, 14, 0)}, "eta", None),
        ({"eta": (5, 15, 24, 60)}, "eta", "05-15"),
        ({"size": (0, 0, 0, 0)}, "length_m", None),
        ({"size": (0, 0, 0, 0)}, "to_bow_m", None),
        ({"size": (0, 30, 0, 8)}, "length_m", 30.0),
        ({"size": (0, 30, 0, 8)}, "to_bow_m", None),
        ({"size": (0, 30, 2, 6)}, "to_bow_m", 0.0),
        ({"size": (30, 0, 0, 0)}, "beam_m", None),
        ({"size": (30, 0, 0, 0)}, "to_stern_m", 0.0),
    ],
)
def test_voyage_codes(sent: dict[str, Any], column: str, value: object) -> None:
    """Zero, empty and impossible are null; A = C = 0 beside a size leaves the size (M.1371-5, Message 5)."""
    assert vessel(voyage(**sent))[column] == value


@pytest.mark.parametrize(
    ("bits", "destination"), [(422, "NEW YORK"), (420, "NEW YORK"), (320, "NEW"), (302, None)]
)
def test_short_voyage_data(bits: int, destination: str | None) -> None:
    """Type 5 is often sent a few bits short: what is there is read, cut characters are left out."""
    payload, _ = voyage()
    chars = -(-bits // 6)
    row = vessel((payload[:chars], 6 * chars - bits))
    assert (row["destination"], row["draught_m"]) == (destination, 12.2)


def test_static_report_parts() -> None:
    """Type 24: part A has the name, part B the rest; an auxiliary craft's size is its mother's MMSI."""
    part_b = ((1, 2), (37, 8), six_bit("SRT", 3), (0, 24), six_bit("TC6163", 7))
    rows = read(
        armour((24, 6), *HEAD, (0, 2), six_bit("PROGUY", 20)),
        armour((24, 6), *HEAD, *part_b, (3, 9), (12, 9), (2, 6), (3, 6), (0, 6)),
        armour((24, 6), (0, 2), (982_190_001, 30), *part_b, (MMSI, 30), (0, 6)),
    ).vessels.to_pylist()
    assert [r["name"] for r in rows] == ["PROGUY", None, None]
    assert [r["callsign"] for r in rows] == [None, "TC6163", "TC6163"]
    assert [r["length_m"] for r in rows] == [None, 15.0, None]


def test_mothership_is_a_field_of_auxiliary_craft_only() -> None:
    """``decode_fields`` masks the size of an auxiliary craft, and its mother ship for all others."""
    part_b = ((1, 2), (37, 8), six_bit("SRT", 3), (0, 24), six_bit("TC6163", 7))
    made = [
        armour((24, 6), (0, 2), (mmsi, 30), *part_b, (MMSI, 30), (0, 6))[0] for mmsi in (MMSI, 982_190_001)
    ]
    fields = decode_fields(24, Payloads.from_texts(made))
    assert fields["mothership_mmsi"].tolist() == [None, MMSI]
    assert fields["to_bow"].mask.tolist() == [False, True]


def test_rows_keep_the_order_of_the_stream() -> None:
    """Types are decoded together but rows stay in the order of their sentences."""
    decoded = read(class_b(((0, 29),), 18), position_report(), aid("A", ""), position_report(3), voyage())
    assert decoded.reports["msg_type"].to_pylist() == [18, 1, 21, 3]
    assert decoded.vessels["msg_type"].to_pylist() == [21, 5]
    assert decoded.reports.schema.equals(REPORTS)
    assert decoded.vessels.schema.equals(VESSELS)


def test_no_armour_is_refused() -> None:
    """Payload text with other characters is an error for who calls ``from_texts``."""
    with pytest.raises(ValueError, match="characters"):
        Payloads.from_texts(["13 "])


@given(
    st.sampled_from(sorted(SUPPORTED)),
    st.lists(st.text(ARMOUR, max_size=75), max_size=6),
    st.integers(0, 5),
)
def test_any_payload_decodes_and_short_fields_are_masked(msg_type: int, tails: list[str], fill: int) -> None:
    """Whatever a payload holds and however short it is, fields are read; what is cut is masked."""
    texts = [ARMOUR[msg_type] + tail for tail in tails]
    fields = decode_fields(msg_type, Payloads.from_texts(texts, [fill] * len(texts)))
    bits = np.array([6 * len(t) - fill for t in texts])
    assert fields["type"].tolist() == [msg_type if b >= 6 else None for b in bits]
    assert np.array_equal(np.ma.getmaskarray(fields["mmsi"]), bits < 38)


@given(st.sampled_from(sorted(SUPPORTED)), st.text(ARMOUR, min_size=6, max_size=75))
def test_every_payload_is_a_row_or_a_reject(msg_type: int, tail: str) -> None:
    """A payload long enough gives its rows, one too short a reject; nothing vanishes."""
    decoded = read((ARMOUR[msg_type] + tail, 0))
    rows = decoded.reports.num_rows + decoded.vessels.num_rows
    assert (rows > 0) != (decoded.rejects.num_rows > 0)
    if rows:
        assert 6 * (len(tail) + 1) >= LEAST_BITS[msg_type]
