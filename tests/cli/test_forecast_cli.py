"""`seavigil forecast`: what a ship reaches next, in a table and as one line; every error one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Proj

from seavigil.assets.read import load
from seavigil.cli.forecast import call_params
from seavigil.forecast.next_assets import CallParams
from seavigil.records import parse_time_us
from seavigil.words import ahead
from tests.cli.conftest import Hour, Said

Command = Callable[..., Said]
#: ALDER of the demo goes west with 10 kn; she crosses two cables from 04:21 on, dragging.
ALDER, AT = "299000001", "2025-11-20T04:15Z"
KEYS = {"asset_id", "name", "kind", "eta_earliest", "eta_likely", "eta_latest", "probability", "call_by"}


@pytest.fixture
def asked(seavigil: Command, hour: Hour) -> Callable[..., Said]:
    """Ask for a forecast in the demo's hour; later options go before earlier ones."""

    def ask(*more: object, mmsi: str = ALDER) -> Said:
        return seavigil("forecast", hour.nmea, "--assets", hour.assets, "--mmsi", mmsi, *more)

    return ask


def line(said: Said) -> dict[str, Any]:
    """Give the one object that was printed."""
    assert said.code == 0
    assert said.out.count("\n") == 1
    return json.loads(said.out)


def test_one_object_says_it_all(asked: Callable[..., Said]) -> None:
    """The keys that the manual names, times in order, the nearest link first and not yet crossed."""
    found = line(asked("--at", AT, "--format", "ndjson"))
    assert list(found) == [
        "vessel",
        "at",
        "last_heard",
        "silent_s",
        "position",
        "sog_kn",
        "cog_deg",
        "destination",
        "next_assets",
        "reckoned_from",
    ]
    assert (found["vessel"]["name"], found["at"]) == ("EXERCISE ALDER", "2025-11-20T04:15:00Z")
    assert found["sog_kn"] == pytest.approx(10.0, abs=0.5)
    assert [n["name"] for n in found["next_assets"]][:2] == ["Demo Link 1", "Demo Fibre 2"]
    for one in found["next_assets"]:
        assert set(one) == KEYS
        assert one["eta_earliest"] <= one["eta_likely"] <= one["eta_latest"]
        assert one["call_by"] < one["eta_earliest"]
        assert 0 < one["probability"] <= 1


def test_the_time_is_that_of_her_way_to_the_corridor(asked: Callable[..., Said], hour: Hour) -> None:
    """On PROJ's plane about her: at the speed and on the course said, to the link's corridor, to a minute."""
    found = line(asked("--at", AT, "--format", "ndjson"))
    here, link = found["position"], load([hour.assets]).assets.find("Demo Link 1")
    plane = Proj(proj="aeqd", ellps="WGS84", lat_0=here["lat_deg"], lon_0=here["lon_deg"])
    # an edge is straight in longitude and latitude: cut small, it is in the plane
    route = shapely.transform(link.geometry.segmentize(0.01), lambda c: np.column_stack(plane(*c.T)))
    corridor = route.buffer(link.position_uncertainty_m + 200.0, quad_segs=64)
    course = np.radians(found["cog_deg"])
    way = shapely.LineString([(0, 0), (50_000 * np.sin(course), 50_000 * np.cos(course))])
    metres = shapely.Point(0, 0).distance(way.intersection(corridor))
    expected_us = parse_time_us(AT) + metres / (found["sog_kn"] * 1852 / 3600) * 1e6
    assert parse_time_us(found["next_assets"][0]["eta_likely"]) == pytest.approx(expected_us, abs=60e6)


def test_the_table_says_it_in_words(asked: Callable[..., Said]) -> None:
    """Who and where she is, the assets with times, and what it was reckoned from."""
    words = " ".join(asked("--at", AT).out.split())
    assert "EXERCISE ALDER (299000001) at 2025-11-20T04:15:00Z: 59.9" in words
    assert "10.0 kn on 260" in words
    assert words.index("Demo Link 1") < words.index("Demo Fibre 2")
    assert "too late to stop her short" in words  # six minutes before the first corridor
    assert "lanes not given; land not given; history not given; destination 'NLRTM' (no port known)" in words


@pytest.mark.parametrize("columns", [80, 110])
def test_the_table_keeps_to_the_terminal(
    asked: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """No line is wider than the terminal says it is, though the output is piped."""
    monkeypatch.setenv("COLUMNS", str(columns))
    assert max(map(len, asked("--at", AT).out.splitlines())) <= columns


def test_without_a_moment_it_is_her_last_report(asked: Callable[..., Said]) -> None:
    """The end of the hour and a quarter; she was not silent, and others have been heard by then."""
    found = line(asked("--format", "ndjson"))
    assert found["at"] == found["last_heard"]
    assert found["at"].startswith("2025-11-20T05:14")
    assert found["reckoned_from"]["ways_of_ships_heard"] > 0


def test_it_does_not_look_ahead(
    asked: Callable[..., Said], hour: Hour, tmp_path: Path, seavigil: Command
) -> None:
    """The recording cut at the moment gives the same object."""
    sentences = hour.nmea.read_bytes().splitlines(keepends=True)
    cut = tmp_path / "cut.nmea"
    until_s = parse_time_us(AT) // 1_000_000
    cut.write_bytes(b"".join(s for s in sentences if int(s.split(b"c:")[1][:10]) <= until_s))
    options = ("--assets", hour.assets, "--mmsi", ALDER, "--at", AT, "--format", "ndjson")
    assert line(seavigil("forecast", cut, *options)) == line(asked("--at", AT, "--format", "ndjson"))


def test_a_silent_ship_is_said_to_be(asked: Callable[..., Said]) -> None:
    """An hour after the recording ends: an hour of silence."""
    said = asked("--at", "2025-11-20T06:15Z")
    assert said.code == 0
    assert "last heard 60 min before" in " ".join(said.out.split())


def test_what_a_call_needs_is_taken(asked: Callable[..., Said]) -> None:
    """Ten minutes more to reach her: the last moment is ten minutes sooner, the rest as before."""
    usual = line(asked("--at", AT, "--format", "ndjson"))["next_assets"]
    later = line(asked("--at", AT, "--format", "ndjson", "--call-needs", "reach=15m"))["next_assets"]
    for one, other in zip(usual, later, strict=True):
        assert parse_time_us(one["call_by"]) - parse_time_us(other["call_by"]) == 600 * 1_000_000
        assert {**one, "call_by": None} == {**other, "call_by": None}


def test_a_port_of_the_given_places_is_known(asked: Callable[..., Said], tmp_path: Path) -> None:
    """Her NLRTM stands in a table of ports: her destination counts, and the words say so."""
    ports = tmp_path / "ports.csv"
    ports.write_text("name,unlocode,lat_deg,lon_deg\nRotterdam,NL RTM,51.95,4.05\n")
    said = asked("--at", AT, "--places", ports)
    assert "destination 'NLRTM' (a port known)" in " ".join(said.out.split())


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--mmsi", "ALDER"], "'ALDER' is no MMSI: nine digits"),
        (["--mmsi", "299000001#0"], "'299000001#0' is no MMSI: nine digits, and #2, #3"),
        (["--mmsi", "299999999"], "299999999 was not heard in these recordings"),
        (["--mmsi", "299999999", "--at", AT], "299999999 was not heard by 2025-11-20T04:15:00Z"),
        (["--at", "2025-11-20T12:00Z"], "more than six hours before 2025-11-20T12:00:00Z"),
        (["--at", "2020-01-01"], "299000001 was not heard by 2020-01-01T00:00:00Z"),
        (["--at", "noon"], "'noon' is not a time"),
        (["--call-needs", "reach"], "--call-needs: 'reach' is none of reach=..., reaction=..."),
        (["--call-needs", "luck=3"], "'luck=3' is none of"),
        (["--call-needs", "reach=soon"], "--call-needs: reach=soon: "),
        (["--call-needs", "lengths=many"], "--call-needs: lengths=many: "),
        (["--assets", "nowhere.geojson"], "nowhere.geojson"),
    ],
)
def test_what_cannot_be_is_one_line(asked: Callable[..., Said], more: list[str], why: str) -> None:
    """Exit code 1, nothing on standard output."""
    said = asked(*more)
    assert (said.code, said.out) == (1, "")
    assert why in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "value", ["reach=-5m", "lengths=-1", "lengths=nan", "length_m=inf", "length_m=-3", "length_m=0"]
)
def test_numbers_of_no_sense_are_refused(asked: Callable[..., Said], value: str) -> None:
    """A call that needs less than nothing would come too late."""
    said = asked("--call-needs", value)
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert "--call-needs" in said.err


def test_the_watch_refuses_them_too(seavigil: Command, hour: Hour) -> None:
    """The same option, the same line."""
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--call-needs", "luck=3")
    assert (said.code, said.out) == (1, "")
    assert "'luck=3' is none of" in said.err


def test_assets_must_be_given(seavigil: Command, hour: Hour) -> None:
    """Without them nothing lies ahead of any ship: a usage error that names the option."""
    said = seavigil("forecast", hour.nmea, "--mmsi", ALDER)
    assert said.code == 1
    assert "--assets" in said.err


def test_call_needs_are_read() -> None:
    """Any of the four, in any order, blanks allowed; none of them leaves what is usual."""
    assert call_params(None) is None
    assert call_params("reach=3m") == CallParams(reach_s=180.0)
    expected = CallParams(reach_s=90.0, reaction_s=600.0, stops_in_lengths=12.0, length_m=150.0)
    assert call_params("length_m=150, lengths = 12,reaction=10m,reach=90s") == expected


def test_help_has_an_example(seavigil: Command) -> None:
    """One that can be run as it stands but for the files."""
    said = seavigil("forecast", "--help")
    assert said.code == 0
    assert "Example: seavigil forecast" in " ".join(said.out.replace("│", " ").split())


def test_the_manual_s_example_is_a_real_one(seavigil: Command, hour: Hour) -> None:
    """`--at 2025-11-20T04:30Z` with its three needs, on the demo's files."""
    options = (
        "--mmsi",
        ALDER,
        "--at",
        "2025-11-20T04:30Z",
        "--call-needs",
        "reach=3m,reaction=10m,lengths=12",
    )
    said = seavigil("forecast", hour.nmea, "--assets", hour.assets, *options)
    assert said.code == 0
    assert "Demo Fibre 2" in said.out


def next_asset(name: str, probability: float, call_by: str = "2025-01-01T01:30:00Z") -> dict[str, Any]:
    """Give one asset ahead between 02:00 and 03:10 of the first of January."""
    eta = {"eta_earliest": "2025-01-01T02:00:00Z", "eta_latest": "2025-01-01T03:10:00Z"}
    return {"asset_id": name, "name": name, "probability": probability, "call_by": call_by, **eta}


def test_a_table_s_row_names_the_three_likeliest_in_order_of_time() -> None:
    """From one in ten on; the rest is counted; over what she has crossed already she comes again."""
    line = {"revised_at": "2025-01-01T01:00:00Z", "assets": [{"asset_id": "D", "crossed_at": "x"}]}
    shares = {"A": 0.9, "B": 0.09, "C": 0.1, "D": 0.5, "E": 0.3}
    many = [next_asset(name, share) for name, share in shares.items()]
    assert ahead({**line, "next_assets": many}) == (
        "A 02:00 to 03:10Z (90%), call by 01:30Z; D again 02:00 to 03:10Z (50%), call by 01:30Z; "
        "E 02:00 to 03:10Z (30%), call by 01:30Z and 1 more"
    )


def test_a_table_s_row_says_when_to_call() -> None:
    """Or that it is too late; another day's time has its date; nothing ahead is nothing said."""
    line = {"revised_at": "2025-01-01T01:00:00Z", "assets": [{"asset_id": "A", "crossed_at": None}]}
    late = [next_asset("A", 1.0, call_by="2025-01-01T01:00:00Z")]
    assert ahead({**line, "next_assets": late}) == "A 02:00 to 03:10Z (100%), too late to stop her short"
    eve = {**line, "revised_at": "2024-12-31T23:00:00Z", "next_assets": [next_asset("A", 1.0)]}
    assert ahead(eve) == "A 01-01 02:00 to 01-01 03:10Z (100%), call by 01-01 01:30Z"
    assert ahead({**line, "next_assets": []}) == ""
