"""`seavigil fault` and `watch --faults`: notices written, listed, taken up, and what comes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Hour, Said

Command = Callable[..., Said]
#: ALDER of the demo crosses this link at 04:21:14.
BROKE = ("--asset", "Demo Link 1", "--at", "2025-11-20T04:21:30Z", "--within", "30s")


def flat(text: str) -> str:
    """Give a text without its line breaks."""
    return " ".join(text.split())


@pytest.fixture
def outages(seavigil: Command, hour: Hour, tmp_path: Path) -> Path:
    """Give a folder with one notice of the link that ALDER dragged over."""
    said = seavigil("fault", "add", *BROKE, "--assets", hour.assets, "--to", tmp_path / "outages")
    assert said.code == 0
    assert [f.stem for f in (tmp_path / "outages").iterdir()] == [said.out.split()[0]]
    assert said.err == ""
    return tmp_path / "outages"


def test_a_notice_is_listed_as_it_was_written(seavigil: Command, hour: Hour, outages: Path) -> None:
    """In words and as JSON, with the time it was noticed: when it can have happened at the latest."""
    said = seavigil("fault", "list", outages, "--assets", hour.assets)
    assert "2025-11-20T04:21:30Z (+- 30 s) Demo Link 1; noticed 2025-11-20T04:22:00Z" in flat(said.out)
    line = json.loads(seavigil("fault", "list", outages, "--assets", hour.assets, "--json").out)
    assert (line["asset"], line["within_s"], line["confidence"]) == ("demo-link-1", 30.0, 1.0)


def test_the_same_notice_is_not_written_twice(seavigil: Command, hour: Hour, outages: Path) -> None:
    """One line says that it is there; nothing is written over."""
    said = seavigil("fault", "add", *BROKE, "--assets", hour.assets, "--to", outages)
    assert said.code == 1
    (file,) = outages.iterdir()
    assert f"this notice is already there: {file.stem}" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--asset", "Demo Link 9"], "no asset has the id or name 'Demo Link 9'"),
        (["--km-along", "900"], "kilometre 900 is beyond Demo Link 1, which is 71.8 km long"),
        (["--at", "noon"], "'noon' is not a time"),
        (["--within", "soon"], "'soon' is no length of time"),
        (["--km-along", "-3"], "kilometre -3 of Demo Link 1: they count from 0 at its start"),
        (["--confidence", "2"], "seavigil: confidence must be above 0 and at most 1, not 2"),
        (["--confidence", "0"], "seavigil: confidence must be above 0 and at most 1, not 0"),
        (["--at", "2025-11-20"], "'2025-11-20' is a whole day: give the time of day"),
        (["--replaces", "none"], "no folder of notices"),
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
    assert "of Demo Link 1 at 2025-11-20T04:21:30Z (+- 30 s): " in said.err
    assert "EXERCISE ALDER (299000001), there 16 s before it (+- 5 s), probability" in said.err
    (fault,) = named[0]["faults"]
    (file,) = outages.iterdir()
    assert (fault["fault_id"], fault["name"], fault["rank"]) == (file.stem, "Demo Link 1", 1)
    (told,) = json.loads((tmp_path / "out/faults.json").read_text())["faults"]
    assert told["findings"]["suspects"][0]["vessel"]["mmsi"] == 299000001
    assert json.loads((tmp_path / "out/summary.json").read_text())["fault_notices"][0]["state"] == "matched"


def test_the_table_says_it_in_words(seavigil: Command, hour: Hour, outages: Path) -> None:
    """What she did, why, and what else it may be."""
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--faults", outages).out
    words = flat(said)
    assert "ALDER (299000001): best fits a fault of Demo Link 1 at 04:21:30Z" in words
    assert ", drifting, crossed" in words
    assert "by chance (probability 0." in words
    assert "crossed 16 s before the fault (its time known to +- 30 s)" in words
    assert "cause of a fault" not in words
    assert "the fault may have another cause than a ship" in words


def test_an_unmatched_notice_is_visible_too(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """Nobody crossed Demo Pipe 3 at 04:10: no alert, but a line at the end."""
    table = tmp_path / "outages.csv"
    table.write_text("time,asset,within\n2025-11-20T04:10Z,Demo Pipe 3,30s\n2025-11-20T04:10Z,Nowhere,30s\n")
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--faults", table, "--format", "ndjson")
    assert said.code == 2
    assert "fault_match" not in said.out
    assert "1 fault notice, 0 matched" in said.err
    assert "outages.csv, line 3: no asset has the id or name 'Nowhere'" in said.err


def test_notices_want_assets_and_files_that_are_there(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """Each is one line."""
    none = tmp_path / "none.csv"
    for more in (["--faults", tmp_path], ["--faults", none, "--assets", hour.assets]):
        said = seavigil("watch", hour.nmea, *more)
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert "No such file" in said.err


def test_an_empty_folder_is_no_error(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """A folder may fill later; but a wrong one is seen, because the watch says that it holds none."""
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--faults", tmp_path, "--format", "ndjson")
    assert said.code == 0
    assert f"0 fault notices in {tmp_path}\n" in said.err


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


def test_a_notice_added_is_told_as_it_was_understood(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """Words of the asset's name are enough: which asset, the time in UTC and the place are told."""
    told = ("--asset", "Link 1", "--at", "2025-11-20T06:21:30+02:00", "--within", "90", "--km-along", "29")
    said = seavigil("fault", "add", *told, "--assets", hour.assets, "--to", tmp_path / "o")
    (file,) = (tmp_path / "o").iterdir()
    words = f"{file.stem} 2025-11-20T04:21:30Z (+- 90 s) Demo Link 1, km 29.0; noticed 2025-11-20T04:23:00Z"
    assert flat(said.out) == words
    assert flat(seavigil("fault", "list", tmp_path / "o", "--assets", hour.assets).out) == words


def test_a_fault_still_to_come_is_doubted(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """A slip in the year: the notice is written, and its time is said to lie ahead."""
    told = ("--asset", "Demo Link 1", "--at", "2135-11-20T04:21Z")
    said = seavigil("fault", "add", *told, "--assets", hour.assets, "--to", tmp_path / "o")
    assert said.code == 0
    assert said.err == "2135-11-20T04:21:00Z is still to come: are day and year right?\n"


def test_a_notice_is_corrected(seavigil: Command, hour: Hour, outages: Path) -> None:
    """The new one has the kilometre and names the old one, which is listed as replaced, once only."""
    (old,) = (file.stem for file in outages.iterdir())
    better = (*BROKE, "--km-along", "29", "--replaces", old, "--assets", hour.assets, "--to", outages)
    new = seavigil("fault", "add", *better).out.split()[0]
    lines = seavigil("fault", "list", outages, "--assets", hour.assets, "--json").out.splitlines()
    assert {n["id"]: n["gone"] for n in map(json.loads, lines)} == {old: f"replaced by {new}", new: None}
    again = seavigil("fault", "add", *better, "--km-error", "1")
    assert (again.code, again.err) == (1, f"seavigil: notice {old} is already replaced by {new}\n")
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--faults", outages, "--format", "ndjson")
    assert "2 fault notices, 1 matched, 1 withdrawn or replaced" in said.err
    assert f"replaced by {new}" in said.err
    faults = [f["fault_id"] for line in said.out.splitlines() for f in json.loads(line)["faults"]]
    assert set(faults) == {new}


def test_a_notice_is_taken_back(seavigil: Command, hour: Hour, outages: Path) -> None:
    """Its file stays as it is, it is listed as withdrawn, no watch looks into it, and once is enough."""
    (file,) = outages.iterdir()
    was = file.read_bytes()
    remove = ("fault", "remove", file.stem, outages, "--assets", hour.assets)
    said = seavigil(*remove)
    assert (said.code, file.read_bytes()) == (0, was)
    assert flat(said.out).startswith(f"withdrawn: {file.stem} 2025-11-20T04:21:30Z (+- 30 s) Demo Link 1;")
    listed = seavigil("fault", "list", outages, "--assets", hour.assets)
    assert listed.code == 0
    assert flat(listed.out).endswith("; withdrawn")
    again = seavigil(*remove)
    assert (again.code, again.err) == (1, f"seavigil: notice {file.stem} is already withdrawn\n")
    watched = seavigil("watch", hour.nmea, "--assets", hour.assets, "--faults", outages, "--format", "ndjson")
    assert "fault_match" not in watched.out
    assert "1 fault notice, 0 matched, 1 withdrawn or replaced" in watched.err


def test_a_notice_taken_back_at_a_time_held_until_then(seavigil: Command, hour: Hour, outages: Path) -> None:
    """Withdrawn at 04:50: until then ALDER is named for it, from then on the alert says so."""
    (file,) = outages.iterdir()
    at = ("--noticed", "2025-11-20T04:50:00Z")
    seavigil("fault", "remove", file.stem, outages, "--assets", hour.assets, *at)
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--faults", outages, "--format", "ndjson")
    lines = [line for line in map(json.loads, said.out.splitlines()) if line["faults"]]
    gone = [line["revised_at"] for line in lines if line["faults"][0]["says"] == "withdrawn"]
    assert gone[0] == "2025-11-20T04:50:00Z"
    assert lines[0]["faults"][0]["says"] in {"likely", "possible"}


def test_what_is_not_there_is_not_taken_back(seavigil: Command, hour: Hour, outages: Path) -> None:
    """One line that names the id and the folder, nothing written."""
    said = seavigil("fault", "remove", "5b0c", outages, "--assets", hour.assets)
    assert (said.code, said.err) == (1, f"seavigil: {outages}: no notice '5b0c' among 1\n")
    assert len(list(outages.iterdir())) == 1


def test_every_notice_that_cannot_be_used_is_told(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """One line each with file, line and what is wrong; times without a zone are counted once."""
    table = tmp_path / "o.csv"
    rows = ["2025-11-20T04:21,Demo Link 1", "2025-11-20,Demo Link 1", "2025-11-20T04:21Z,Nowhere"]
    table.write_text("\n".join(["time,asset", *rows, "2025-11-20 04:30,Demo Link 1"]) + "\n")
    (tmp_path / "b.json").write_text("{")
    said = seavigil("fault", "list", tmp_path, "--assets", hour.assets)
    assert said.code == 2
    zone, *left_out = said.err.splitlines()
    assert zone == "2 times without a zone taken as UTC"
    assert left_out[0].startswith(f"left out: {tmp_path / 'b.json'}, ")
    assert left_out[1].startswith(f"left out: {table}, line 3: '2025-11-20' is a whole day")
    assert left_out[2].startswith(f"left out: {table}, line 4: no asset has the id or name 'Nowhere'")
    assert len(left_out) == 3


def test_a_list_fits_a_narrow_terminal(
    seavigil: Command, hour: Hour, outages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In 60 columns a notice takes more lines than one, none wider, the further ones set in."""
    monkeypatch.setenv("COLUMNS", "60")
    first, *more = seavigil("fault", "list", outages, "--assets", hour.assets).out.splitlines()
    assert more
    assert all(len(line) <= 60 for line in (first, *more))
    assert all(line.startswith("    ") for line in more)


def test_suspects_of_a_notice_that_was_corrected_are_those_of_the_new_one(
    seavigil: Command, hour: Hour, tmp_path: Path
) -> None:
    """Of a table in which one replaces another the new one is looked into; where none holds, it says so."""
    table = tmp_path / "outages.csv"
    rows = ["a,2025-11-20T04:10,Demo Pipe 3,,", "b,2025-11-20T04:21Z,Demo Link 1,a,"]
    table.write_text("\n".join(["id,time,asset,replaces,withdraws", *rows]) + "\n")
    asked = ("suspects", hour.nmea, "--assets", hour.assets, "--faults", table, "--format", "ndjson")
    said = seavigil(*asked)
    assert said.code == 0
    assert {tuple(json.loads(line)["faults"]) for line in said.out.splitlines()} <= {("b",), ()}
    assert "1 time without a zone taken as UTC" in said.err
    table.write_text(table.read_text() + ",,,,b\n")
    said = seavigil(*asked)
    assert (said.code, said.err.splitlines()[-1]) == (
        1,
        f"seavigil: {table}: no fault notice in it that still holds",
    )


def test_of_a_time_in_which_nothing_was_recorded_nobody_is_cleared(
    seavigil: Command, hour: Hour, outages: Path, tmp_path: Path
) -> None:
    """The feed fell silent from 04:10 to 04:35, over the fault: no telling who was there, and why is told."""
    begin, end = 1763611800, 1763613300  # 2025-11-20T04:10:00Z and T04:35:00Z
    lines = hour.nmea.read_text().splitlines(keepends=True)
    times = [int(found[1]) if (found := re.search(r"c:(\d+)", line)) else 0 for line in lines]
    kept = [line for line, at in zip(lines, times, strict=True) if not begin <= at < end]
    (tmp_path / "gap.nmea").write_text("".join(kept))
    watch = ("watch", tmp_path / "gap.nmea", "--assets", hour.assets, "--faults", outages)
    said = seavigil(*watch, "--format", "ndjson").err
    assert ": too little was heard there then: no telling who it was" in said
    assert "nothing at all was recorded from 2025-11-20T04:09:59Z" in said
    assert "though ships were heard" not in said


def test_a_ship_named_has_the_caveat_beside_her() -> None:
    """Of a matched notice too it is told that the place was hardly covered, but nothing twice."""
    from seavigil.cli.findings import lines

    ship = {"says": "possible", "name": "A", "vessel_id": "299000001", "probability": 0.4, "dark": True}
    notice = {
        "id": "f",
        "asset_name": "Link",
        "time": "2025-11-20T04:21:30Z",
        "within_s": 90.0,
        "state": "matched",
        "replaced_by": None,
        "refused": None,
        "looks_left": [],
        "named": [{**ship, "time_offset_s": None, "crossed_within_s": None}],
        "notes": [{"code": "hardly_heard_there", "observed": 0.23, "unit": "1", "fault_id": "f"}],
    }
    first, second = lines(notice)
    about, _, said = first.partition("): ")
    assert about == "fault f of Link at 2025-11-20T04:21:30Z (+- 90 s"
    assert said == "possible A (299000001), silent then, probability 0.40"
    assert "23 % of it covered" in second
    assert len(list(lines(notice | {"state": "no_coverage", "named": []}))) == 1
