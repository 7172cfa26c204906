"""Whatever the bytes and however they are cut, the result is the same and nothing raises."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.feeds.formats import (
    Receiver,
    UnreadableInput,
    aisstream,
    digitraffic,
    dma_csv,
    generic,
    marinecadastre,
)
from tests.feeds.cutting import cut_places, every_step, feed, same

Open = Callable[[str], Receiver]

DMA = b"# Timestamp,Type of mobile,MMSI,Latitude,Longitude,SOG,COG,Name\n"
NOAA = b"MMSI,BaseDateTime,LAT,LON,SOG,COG,VesselName\r\n"
PLAIN = b"time;mmsi;lat;lon;name\n"
LINES: dict[str, tuple[Open, bytes, list[bytes]]] = {
    "dma": (
        dma_csv.open_receiver,
        DMA,
        [
            b"01/06/2018 00:00:01,Class A,219000001,55.5,11.25,10.1,359.9,ANNA\n",
            b"01/06/2018 00:00:02,Class B,219000002,91.000000,181.000000,,,\n",
            b'01/06/2018 00:00:02,Class A,219000003,55.5,11.25,1.0,2.0,"ANNA, OF ""X"""\r\n',
            b"01/06/2018 00:00:02,Class A,219000003,55.5\n",
            b"01/06/2018 00:00:02,Class A,zero,55.5,11.25,1.0,2.0,A\n",
            b'01/06/2018 00:00:02,Class A,219000003,55.5,11.25,1.0,2.0,"A\n',
            b"\n",
            b"\xff\xfe\n",
            DMA,
        ],
    ),
    "noaa": (
        marinecadastre.open_receiver,
        NOAA,
        [
            b"367000001,2023-01-11T00:00:00,43.5,-70.5,1.0,-49.6,ANNA\r\n",
            b"367000001,2023-01-11T00:00:10,43.5,-70.5,102.3,10.0,BERTA\r\n",
            b"367000001,2023-01-11T25:00:10,43.5,-70.5,1,10.0,BERTA\r\n",
            b"367000001,2023-01-11T00:00:20,43.5,-70.5,inf,10.0,BERTA\r\n",
            b"\r\r\n",
            b"  \r\n",
        ],
    ),
    "csv": (
        generic.open_receiver,
        PLAIN,
        [
            b"2016-01-12 13:02:11.218;235000001;50.7;-1.0;A,B\n",
            b"1452603731;235000001;50.7;-1.0;\n",
            b";;;;\n",
        ],
    ),
    "json": (
        generic.open_json_receiver,
        b'{"mmsi": 1, "time": 1452603731, "lat": 1, "lon": 2}\n',
        [
            b'{"mmsi": 2, "time": "2016-01-12T13:02:11Z", "lat": 1.5, "lon": 2, "speed": 3}\n',
            b'{"mmsi": 3, "time": 1, "lat": "x", "lon": null}',
            b'{"mmsi": 4, "na\\"me": "{[", "lat": 1\n',
            b"junk } ] here\n",
            b'{"a": [1}',
            b'{"a": "\\',
        ],
    ),
    "digitraffic": (
        digitraffic.DigitrafficReceiver,
        b'{"timestamp": "2025-12-12T12:31:24+00:00", "vessels": [\n',
        [
            b'{"mmsi": 230000001, "name": "A", "lon": 19.5, "lat": 59.5, "sog": 6.5, "cog": 205.7},\n',
            (
                b'{"mmsi": 230000001, "type": "Feature", "geometry": '
                b'{"type": "Point", "coordinates": [24.5, 59.5]}, '
                b'"properties": {"sog": 1.0, "navStat": 0, "timestampExternal": 1635869039497}}\n'
            ),
            (
                b'{"topic": "vessels-v2/230000002/location", '
                b'"payload": {"time": 1668075025, "lat": 1, "lon": 2}}\n'
            ),
            b"], ",
            b'"vessels": [',
            b"}",
        ],
    ),
    "aisstream": (
        aisstream.AisstreamReceiver,
        b"[",
        [
            (
                b'{"MessageType": "PositionReport", "MetaData": {"ShipName": "A", "time_utc": '
                b'"2022-12-29 18:22:32.318353 +0000 UTC"}, "Message": {"PositionReport": '
                b'{"UserID": 259000001, "Sog": 1.5, "Latitude": 66.0, "Longitude": 12.5}}},\n'
            ),
            b'{"MessageType": "Interrogation"},',
            b'{"MessageType": 5}]',
        ],
    ),
}


@pytest.mark.parametrize("name", LINES)
@given(data=st.data())
def test_result_does_not_depend_on_cuts(name: str, data: st.DataObject) -> None:
    """Good and bad lines in any order give the same tables whole and cut anywhere."""
    open_receiver, header, lines = LINES[name]
    noise = st.binary(max_size=12) | st.sampled_from(lines)
    body = b"".join(data.draw(st.lists(st.sampled_from(lines) | noise, max_size=8)))
    whole = feed(open_receiver("a"), header + body)
    cut = feed(open_receiver("a"), header + body, data.draw(cut_places))
    assert same(whole, cut)


@pytest.mark.parametrize("name", LINES)
def test_byte_by_byte(name: str) -> None:
    """One byte at a time is only the extreme of cutting."""
    open_receiver, header, lines = LINES[name]
    data = header + b"".join(lines) * 2
    assert same(feed(open_receiver("a"), data), every_step(open_receiver, data, 1))


@pytest.mark.parametrize("name", LINES)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_survived(name: str, data: bytes) -> None:
    """Arbitrary bytes give rejects or one clear error, never another exception."""
    open_receiver, header, _ = LINES[name]
    feed(open_receiver("a"), header + data)
    with contextlib.suppress(UnreadableInput):
        feed(open_receiver("a"), data)


@pytest.mark.parametrize("name", LINES)
def test_over_long_record_is_rejected_and_the_next_is_read(name: str) -> None:
    """A record beyond the limit is one reject, kept in part, wherever the cuts are."""
    open_receiver, header, lines = LINES[name]
    long = b'{"a": "' + b"x" * 200_000 + b'"}' if header[:1] in b"{[" else b"x" * 200_000
    data = header + lines[0] + long + b"\n" + lines[0]
    whole = feed(open_receiver("a"), data)
    assert whole.rejects["fault"].to_pylist().count("too_long") == 1
    assert whole.reports.num_rows == 2 + (name == "json")
    for step in (1_000, 65_536, 70_001):
        assert same(whole, every_step(open_receiver, data, step))


@pytest.mark.parametrize(
    ("open_receiver", "file"),
    [
        (dma_csv.open_receiver, "dk-dma-20180601.csv"),
        (marinecadastre.open_receiver, "us-noaa-20230111.csv"),
        (generic.open_receiver, "uk-solent-20160112-1302.csv.gz"),
        (generic.open_json_receiver, "shared-mmsi/tests_data_338013000.json"),
        (digitraffic.DigitrafficReceiver, "fi-digitraffic/locations-20250303.json.gz"),
        (digitraffic.DigitrafficReceiver, "fi-digitraffic/vessel_locations_star_276672000"),
        (digitraffic.DigitrafficReceiver, "fi-digitraffic/locations-metadata-20251212.json.gz"),
    ],
)
def test_real_recordings_cut_in_odd_steps(shared_data: Path, open_receiver: Open, file: str) -> None:
    """Real recordings give the same tables in steps of 997 bytes as whole."""
    data = (shared_data / "ais" / file).read_bytes()
    data = gzip.decompress(data) if file.endswith(".gz") else data
    data = data[:150_000]
    assert same(feed(open_receiver("a"), data), every_step(open_receiver, data, 997))
