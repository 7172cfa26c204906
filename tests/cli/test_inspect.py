"""What `inspect` says of a recording: what was left out, what stands for a missing time, rates and places."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Hour, Said

Run = Callable[..., Said]
HEAD = "timestamp,mmsi,lat,lon,sog,cog\n"


@pytest.fixture
def recording(tmp_path: Path) -> Callable[..., Path]:
    """Write a CSV of one ship, a row for each second of the day given, from south-west of 0, 0."""

    def write(*seconds: int) -> Path:
        rows = [
            f"2025-11-20T00:{s // 60:02d}:{s % 60:02d}Z,211000001,-12.3{s:03d},-70.5,10,0\n" for s in seconds
        ]
        file = tmp_path / "ship.csv"
        file.write_text(HEAD + "".join(rows))
        return file

    return write


def test_left_out(recording: Callable[..., Path], tmp_path: Path, seavigil: Run) -> None:
    """A source that is no recording is named with the reason, and the exit code is explained."""
    other = tmp_path / "shopping.txt"
    other.write_text("eggs\nmilk\n")
    said = seavigil("inspect", recording(0, 10), other)
    assert said.code == 2
    assert "left out" in said.err
    assert "shopping.txt" in said.err
    assert "exit code 2" in said.err


def test_own_time_stands_for_none(hour: Hour, tmp_path: Path, seavigil: Run) -> None:
    """A recording without a clock is called out: its times are the file's."""
    file = tmp_path / "bare.nmea"
    sentences = [line.rpartition("\\")[2] for line in hour.nmea.read_text().splitlines()[:50]]
    file.write_text("\n".join(sentences) + "\n")
    said = seavigil("inspect", file)
    assert "carry no time of their own: the file's own time" in said.out
    assert json.loads(seavigil("inspect", file, "--json").out)["without_clock"] > 0


def test_no_reports(recording: Callable[..., Path], seavigil: Run) -> None:
    """A recording in which nothing is to be found is said to have no reports, and has no map."""
    said = seavigil("inspect", recording())
    assert "no reports, 0 vessels" in said.out
    assert "None" not in said.out


def test_one_of_a_thing(recording: Callable[..., Path], seavigil: Run) -> None:
    """One is singular, and one report has no interval."""
    said = seavigil("inspect", recording(0))
    assert "1 report, 1 vessel\n" in said.out
    assert "median" not in said.out


def test_south_and_west_have_their_letters(recording: Callable[..., Path], seavigil: Run) -> None:
    """South and west are said with S and W, not with a sign, in the box and at the map's corners."""
    said = seavigil("inspect", recording(4, 14))
    assert "box 12.301 S to 12.300 S, 70.500 W to 70.500 W" in said.out
    assert "12.30 S, 70.50 W (north-western corner)" in said.out
    assert "12.32 S, 70.48 W (south-eastern)" in said.out


def test_report_rate(recording: Callable[..., Path], seavigil: Run) -> None:
    """The rate is the median interval: of 10, 10, 10 and 40 s it is 10 s."""
    file = recording(0, 10, 20, 30, 70)
    assert "report rate: median interval 10 s" in seavigil("inspect", file).out
    facts = json.loads(seavigil("inspect", file, "--json").out)
    assert facts["vessel_rates"] == [{"vessel_id": "211000001", "reports": 5, "median_interval_s": 10}]


def test_rates_of_the_hour(hour: Hour, seavigil: Run) -> None:
    """Over many pieces of input, each ship's reports add up to those of all ships."""
    facts = json.loads(seavigil("inspect", hour.nmea, "--json").out)
    ships = sum(rate["reports"] for rate in facts["vessel_rates"])
    assert ships == facts["reports"] - facts["flags"]["not_a_ship"]
    medians = sorted(rate["median_interval_s"] for rate in facts["vessel_rates"])
    # ITU-R M.1371-5, tables 1 and 2: 2 s (fast ships) to 3 min (at anchor); noise shifts it by seconds
    assert 2 <= medians[0] <= medians[-1] <= 200


def test_types_are_counted_once(hour: Hour, seavigil: Run) -> None:
    """The numbers by message type stand there once; the decoder's own, with duplicates, are in the JSON."""
    said = seavigil("inspect", hour.nmea)
    assert "reports by message type: 1 " in said.out
    assert "type_1" not in said.out
    assert "type_1" in json.loads(seavigil("inspect", hour.nmea, "--json").out)["counts"]


def test_as_a_module() -> None:
    """`python -m seavigil` is the program."""
    run = [sys.executable, "-m", "seavigil", "--version"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[0]) == (0, "seavigil")
