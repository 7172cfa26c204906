"""What a row tells of itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seavigil.records import Flag, Transceiver
from seavigil.tracks import TrackParams
from seavigil.tracks.plausible import not_a_ship, row_flags
from tests.tracks.rows import column, danish, reports, track

PARAMS = TrackParams()


def _flags(lat: float, lon: float, sog: float, mmsi: int = 219_000_001, kind: int = 1) -> Flag:
    one = [np.array([v], dtype=np.float64) for v in (lat, lon, sog)]
    ship, transceiver = np.array([mmsi], dtype=np.uint32), np.array([kind], dtype=np.uint8)
    return Flag(int(row_flags(*one, ship, transceiver, PARAMS)[0]))


@pytest.mark.parametrize(
    ("lat", "lon", "flag"),
    [
        (55.0, 11.0, Flag(0)),
        (0.0, 11.0, Flag(0)),
        (-90.0, 180.0, Flag(0)),
        (0.0, 0.0, Flag.IMPOSSIBLE_POSITION),
        (90.1, 11.0, Flag.IMPOSSIBLE_POSITION),
        (55.0, -180.1, Flag.IMPOSSIBLE_POSITION),
        (np.nan, np.nan, Flag.NO_POSITION),
        (np.nan, 11.0, Flag.NO_POSITION),
    ],
)
def test_positions(lat: float, lon: float, flag: Flag) -> None:
    """A place outside the globe, or exactly 0, 0, is impossible; none at all is no position."""
    assert _flags(lat, lon, 5.0) == flag


@pytest.mark.parametrize(
    ("sog", "kind", "impossible"),
    [
        (58.1, Transceiver.CLASS_A, False),  # HSC Francisco, the fastest ferry
        (66.0, Transceiver.CLASS_A, True),
        (66.0, Transceiver.CLASS_B, False),
        (102.2, Transceiver.CLASS_B, True),  # "102.2 kn or higher", ITU-R M.1371-5, table 48
        (150.0, Transceiver.SAR_AIRCRAFT, False),
        (66.0, 0, True),
        (np.nan, Transceiver.CLASS_A, False),
    ],
)
def test_speeds_by_kind_of_craft(sog: float, kind: int, impossible: bool) -> None:
    """A SOG no craft of that class makes is flagged; an aircraft's speed is none of our business."""
    assert (Flag.IMPOSSIBLE_SPEED in _flags(55.0, 11.0, sog, kind=kind)) == impossible


@pytest.mark.parametrize(
    ("mmsi", "kind", "expected"),
    [
        (219_000_001, Transceiver.CLASS_A, False),
        (2_190_047, 0, True),  # 00MIDxxxx coast station
        (2_190_045, Transceiver.CLASS_A, False),  # sends as a ship does
        (11_388, Transceiver.CLASS_A, False),  # wrong number
        (11_388, 0, False),
        (111_219_501, 0, True),  # 111MIDxxx SAR aircraft
        (992_191_234, 0, True),  # 99MIDxxxx aid to navigation
        (970_012_345, Transceiver.CLASS_A, True),  # AIS-SART
        (972_012_345, Transceiver.CLASS_A, True),  # man overboard
        (974_012_345, Transceiver.CLASS_A, True),  # EPIRB-AIS
        (982_191_234, Transceiver.CLASS_B, False),  # 98MIDxxxx craft of a parent ship
        (219_000_001, Transceiver.BASE_STATION, True),
        (219_000_001, Transceiver.AID_TO_NAVIGATION, True),
        (219_000_001, Transceiver.SAR_AIRCRAFT, True),
    ],
)
def test_what_is_not_a_ship(mmsi: int, kind: int, expected: bool) -> None:
    """Stations, marks, aircraft and beacons by kind or by the forms of ITU-R M.585-9."""
    answer = not_a_ship(np.array([mmsi], dtype=np.uint32), np.array([kind], dtype=np.uint8))
    assert answer.tolist() == [expected]


def test_the_bogus_speed_of_lotus_is_the_only_flag(shared_data: Path) -> None:
    """LOTUS at anchor reports 102.2 kn once: that row is IMPOSSIBLE_SPEED, its place stays sound."""
    released = track(danish(shared_data, "dk-lotus-20141005.nmea").reports)
    flagged = [
        (s, f) for s, f in zip(column(released, "sog_kn"), column(released, "flags"), strict=True) if f
    ]
    assert flagged == [(102.2, Flag.IMPOSSIBLE_SPEED)]


def test_sog_that_says_sailing_while_the_place_stands_still() -> None:
    """Twelve knots by SOG and no movement for three minutes is SPEED_DISAGREES; lying still is not."""
    frozen = track(reports([(219_000_001, t, 55.0, 11.0, 12.0) for t in (0, 180, 360)]))
    moored = track(reports([(219_000_001, t, 55.0, 11.0, 0.1) for t in (0, 180, 360)]))
    assert column(frozen, "flags") == [0, Flag.SPEED_DISAGREES, Flag.SPEED_DISAGREES]
    assert column(moored, "flags") == [0, 0, 0]


def test_place_that_moves_while_sog_says_at_rest() -> None:
    """Five kilometres in three minutes (54 kn) is within reach, but not with a SOG of nought."""
    released = track(reports([(219_000_001, t, 55.0 + t / 4_000, 11.0, 0.0) for t in (0, 180)]))
    assert column(released, "flags") == [0, Flag.SPEED_DISAGREES]
