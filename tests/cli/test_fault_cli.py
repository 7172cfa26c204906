"""`seavigil fault` and `watch --faults`: notices written, listed, taken up, and what comes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Hour, Said

Command = Callable[..., Said]
#: ALDER of the demo crosses this link at 04:21:14.
BROKE = ("--asset", "Demo Link 1", "--at", "2025-11-20T04:21:30Z", "--within", "30s")


@pytest.fixture
def outages(seavigil: Command, hour: Hour, tmp_path: Path) -> Path:
    """Give a folder with one notice of the link that ALDER dragged over."""
    said = seavigil("fault", "add", *BROKE, "--assets", hour.assets, "--to", tmp_path / "outages")
    assert said.code == 0
    assert [f.stem for f in (tmp_path / "outages").iterdir()] == [said.out.strip()]
    return tmp_path / "outages"


def test_a_notice_is_listed_as_it_was_written(seavigil: Command, hour: Hour, outages: Path) -> None:
    """In words and as JSON, with the time it was noticed: when it can have happened at the latest."""
    said = seavigil("fault", "list", outages, "--assets", hour.assets)
    assert "2025-11-20T04:21:30Z (+- 30 s)  Demo Link 1; noticed 2025-11-20T04:22:00Z" in said.out
    line = json.loads(seavigil("fault", "list", outages, "--assets", hour.assets, "--json").out)
    assert (line["asset"], line["within_s"], line["confidence"]) == ("demo-link-1", 30.0, 1.0)


def test_the_same_notice_is_not_written_twice(seavigil: Command, hour: Hour, outages: Path) -> None:
    """One line says that it is there; nothing is written over."""
    said = seavigil("fault", "add", *BROKE, "--assets", hour.assets, "--to", outages)
    assert said.code == 1
    assert "File exists" in said.err
    assert said.err.count("\n") == 1
    assert len(list(outages.iterdir())) == 1


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--asset", "Demo Link 9"], "no asset has the id or name 'Demo Link 9'"),
        (["--km-along", "900"], "kilometre 900 is beyond Demo Link 1, which is 71.8 km long"),
        (["--at", "noon"], "'noon' is not a time"),
        (["--within", "soon"], "'soon' is no length of time"),
        (["--confidence", "2"], "confidence must be above 0"),
    ],
)
def test_a_notice_that_cannot_be_is_one_line(
    seavigil: Command, hour: Hour, tmp_path: Path, more: list[str], why: str
) -> None:
    """Nothing is written, exit code 1."""
    said = seavigil("fault", "add", *BROKE, *more, "--assets", hour.assets, "--to", tmp_path / "o")
    assert said.code == 1
    assert why in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "o").exists()


def test_the_watch_names_who_was_there(seavigil: Command, hour: Hour, outages: Path, tmp_path: Path) -> None:
    """ALDER's alert says so from the notice's data time on, is a warning at least, and gains her drift."""
    watch = ("watch", hour.nmea, "--assets", hour.assets, "--faults", outages)
    said = seavigil(*watch, "--format", "ndjson", "--out", tmp_path / "out")
    assert said.code == 0
    lines = [json.loads(line) for line in said.out.splitlines()]
    named = [li for li in lines if "fault_match" in li["behaviours"]]
    assert {li["vessel"]["name"] for li in named} == {"EXERCISE ALDER"}
    assert len({li["alert_id"] for li in named}) == 1
    assert named[0]["revised_at"] == "2025-11-20T04:22:00Z"
    assert {li["priority"] for li in named} <= {"warning", "urgent"}
    assert "drifting" in named[-1]["behaviours"]
    assert "1 fault notice, 1 matched" in said.err
    assert "EXERCISE ALDER (299000001), there 16 s before it" in said.err
    (told,) = json.loads((tmp_path / "out/faults.json").read_text())["faults"]
    assert told["findings"]["suspects"][0]["vessel"]["mmsi"] == 299000001
    assert json.loads((tmp_path / "out/summary.json").read_text())["fault_notices"][0]["state"] == "matched"


def test_the_table_says_it_in_words(seavigil: Command, hour: Hour, outages: Path) -> None:
    """What she did, why, and what else it may be."""
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--faults", outages).out
    words = " ".join(said.split())
    assert "EXERCISE ALDER (299000001): fits a fault of, drifting, crossed" in words
    assert "the cause of a fault there (probability 0." in words
    assert "crossed 16 s before the fault (known to 30 s)" in words
    assert "the fault may have another cause than a ship" in words


def test_an_unmatched_notice_is_visible_too(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """Nobody crossed Demo Pipe 3 at 04:10: no alert, but a line at the end."""
    table = tmp_path / "outages.csv"
    table.write_text("time,asset,within\n2025-11-20T04:10Z,Demo Pipe 3,30s\n2025-11-20T04:10Z,Nowhere,30s\n")
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--faults", table, "--format", "ndjson")
    assert said.code == 2
    assert "fault_match" not in said.out
    assert "1 fault notice, 0 matched" in said.err
    assert "1 left out; first: error: bad_fault: line 3: no asset has the id or name 'Nowhere'" in said.err


def test_notices_want_assets_and_files_that_are_there(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """Each is one line."""
    none = tmp_path / "none.csv"
    for more in (["--faults", tmp_path], ["--faults", none, "--assets", hour.assets]):
        said = seavigil("watch", hour.nmea, *more)
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert "No such file" in said.err


def test_an_empty_folder_is_no_error(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """A folder may fill later: the watch says nothing of notices."""
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--faults", tmp_path, "--format", "ndjson")
    assert said.code == 0
    assert "fault notice" not in said.err


def test_suspects_of_notices_some_of_which_cannot_be_used(
    seavigil: Command, hour: Hour, tmp_path: Path
) -> None:
    """Those that can be are looked into; exit code 2 says that others were left out, as everywhere else."""
    table = tmp_path / "outages.csv"
    table.write_text("time,asset\n2025-11-20T04:21Z,Demo Link 1\n2025-11-20T04:21Z,Nowhere\n")
    said = seavigil("suspects", hour.nmea, "--assets", hour.assets, "--faults", table, "--format", "ndjson")
    assert said.code == 2
    assert json.loads(said.out.splitlines()[0])["vessel"]["mmsi"] == 299000001
    assert "'Nowhere'" in said.err
