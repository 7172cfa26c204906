"""`seavigil suspects` as a user runs it, over the demo's hour: ALDER is adrift over two cables in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from seavigil.cli.suspect_words import ship_type
from seavigil.forecast.fit import CURVES, WORTH, Line
from seavigil.forecast.suspects import Note
from seavigil.records import SECOND_US, parse_time_us
from seavigil.runners.suspect_words import LINES, NOTES, note, said

FAULT = ("--asset", "Demo Link 1", "--at", "2025-11-20T04:21Z")
SECOND = ("--asset", "Demo Fibre 2", "--at", "2025-11-20T04:43Z")

#: From the first report of the demo to its last.
SPAN = "is outside of what was heard, which is of 2025-11-20T03:59:59Z to 2025-11-20T05:15:01Z"


@pytest.fixture
def suspects(seavigil: Callable[..., Any], hour: Any) -> Callable[..., Any]:
    """Ask about the demo's recording."""
    return lambda *more: seavigil("suspects", hour.nmea, "--assets", hour.assets, *more)


def test_ndjson_has_one_ship_a_line(suspects: Callable[..., Any]) -> None:
    """Best first, with what speaks for and against each, and ALDER at the head."""
    told = suspects(*FAULT, "--format", "ndjson")
    *lines, limits = [json.loads(line) for line in told.out.splitlines()]
    assert told.code == 0
    assert list(limits) == ["faults", "as_of", "none_probability", "notes"]
    assert [line["rank"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[0]["vessel"]["mmsi"] == 299000001
    assert lines[0]["crossed_at"].startswith("2025-11-20T04:21:")
    assert abs(lines[0]["time_offset_s"]) <= 30
    assert {"time_fits", "drifting"} <= {line["code"] for line in lines[0]["for"]}
    assert all(line["nats"] < 0 for one in lines for line in one["against"])
    assert all(a["probability"] >= b["probability"] for a, b in pairwise(lines))


def test_table_names_her_and_why(suspects: Callable[..., Any]) -> None:
    """People get the fault, her name, and the reasons in words."""
    told = suspects(*FAULT, "--within", "2m")
    words = " ".join(told.out.split())
    assert "Fault of Demo Link 1 at 2025-11-20T04:21:00Z (within 2 min)" in words
    assert "ALDER" in words.split("GINGER", maxsplit=1)[0]
    assert "was adrift" in words
    assert "none of these: probability" in words
    assert "18,666 reports of 56 vessels" in told.err


def test_two_faults_are_taken_together(suspects: Callable[..., Any]) -> None:
    """With both cables' faults ALDER alone was at both, and is likely."""
    told = suspects(*FAULT, *SECOND, "--within", "2m", "--format", "ndjson")
    first, *others, _ = [json.loads(line) for line in told.out.splitlines()]
    assert (first["vessel"]["mmsi"], first["says"]) == (299000001, "likely")
    assert first["faults"] == ["fault 1", "fault 2"]
    assert all(len(other["faults"]) < 2 for other in others)


def test_kilometre_of_fibre_is_longer_than_the_route(suspects: Callable[..., Any]) -> None:
    """An OTDR's 29.8 km are kilometre 29.2 of the route at 2 % slack: where ALDER crossed."""
    told = suspects(*FAULT, "--km-along", 29.8, "--km-error", 1, "--slack", 1.02, "--format", "ndjson")
    fits = next(line for line in json.loads(told.out.splitlines()[0])["for"] if line["code"] == "place_fits")
    # 29.8 / 1.02 = 29.2; she crossed at 29.2
    assert fits["observed"] < 0.15


def test_notices_from_a_file(suspects: Callable[..., Any], tmp_path: Path) -> None:
    """A file of fault notices serves as well as options, and not together with them."""
    file = tmp_path / "faults.csv"
    file.write_text("time,asset,within\n2025-11-20T04:21Z,Demo Link 1,2m\n")
    told = suspects("--faults", file, "--format", "ndjson")
    assert json.loads(told.out.splitlines()[0])["vessel"]["mmsi"] == 299000001
    assert suspects("--faults", file, *FAULT).code == 1


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--asset", "Nope", "--at", "2025-11-20T04:21Z"), "no asset has the id or name 'Nope'"),
        (("--asset", "Demo Link 1"), "1 --asset and 0 --at: give both for each fault"),
        (("--asset", "Demo Link 1", "--at", "yesterday"), "'yesterday' is not a time"),
        ((*FAULT, "--km-along", "500"), "kilometre 500 is beyond Demo Link 1"),
        ((*FAULT, *SECOND, "--km-along", "5"), "1 --km-along for 2 faults"),
        ((*FAULT, "--within", "soon"), "'soon' is no length of time"),
        (("--asset", "Demo Link 1", "--at", "2025-11-21T04:21Z"), f"{SPAN}: 23 h after it"),
        (("--asset", "Demo Link 1", "--at", "2030-11-20T04:21Z"), f"{SPAN}: 1,826 days after it"),
        (("--asset", "Demo Link 1", "--at", "2025-11-20T03:57Z"), f"{SPAN}: 119 s before it"),
        (("--asset", "Demo Link 1", "--at", "2025-11-20T05:18Z"), f"{SPAN}: 119 s after it"),
        ((*FAULT, "--km-error", "1"), "--km-error says something of --km-along, which is not given"),
        ((*FAULT, "--slack", "1.02"), "--slack says something of --km-along, which is not given"),
        ((*FAULT, "--km-from", "end"), "--km-from says something of --km-along, which is not given"),
    ],
)
def test_what_cannot_be_asked_is_one_line(suspects: Callable[..., Any], options: Any, why: str) -> None:
    """Every mistake is one line on stderr and exit code 1."""
    told = suspects(*options)
    assert (told.code, told.out) == (1, "")
    assert why in told.err
    assert told.err.count("\n") == 1


@pytest.fixture
def gap(hour: Any, tmp_path: Path) -> Path:
    """Give the demo's recording without what was sent from 04:10 to 04:35Z, by the time of receipt."""
    from_s, to_s = (parse_time_us(f"2025-11-20T04:{m}:00Z") // SECOND_US for m in (10, 35))
    lines = hour.nmea.read_text().splitlines(keepends=True)
    times_s = [int(found[1]) if (found := re.search(r"c:(\d+)", line)) else 0 for line in lines]
    path = tmp_path / "gap.nmea"
    path.write_text("".join(li for li, t in zip(lines, times_s, strict=True) if not from_s <= t < to_s))
    return path


def test_fault_in_a_gap_of_the_recording(seavigil: Callable[..., Any], hour: Any, gap: Path) -> None:
    """Nobody is likely, the silence is told with the ships, and the crossing with how well it is known."""
    told = seavigil("suspects", gap, "--assets", hour.assets, *FAULT, "--km-along", 29)
    words = " ".join(told.out.split())
    assert told.code == 0
    assert "nothing at all was recorded from 2025-11-20T04:09:59Z to 2025-11-20T04:35:00Z" in words
    assert "crossed 11-20 04:26:13 +- 13 min" in words
    assert "other ships, not heard, cannot be excluded" in words
    assert not re.search(r"[0-9] likely ", words)


def test_what_cannot_be_known_stands_with_the_ships(suspects: Callable[..., Any]) -> None:
    """Notes are printed where the ships are, and are in the last line of the ndjson."""
    table, lines = suspects(*FAULT), suspects(*FAULT, "--format", "ndjson")
    words = " ".join(table.out.split())
    assert re.search(
        r"at [0-9.]+ % of other moments some ship fits as well; likely asks for 2 % at most", words
    )
    limits = json.loads(lines.out.splitlines()[-1])
    assert "others_fit_as_well_at_other_times" in {one["code"] for one in limits["notes"]}


def test_no_ship_heard_is_not_no_ship(suspects: Callable[..., Any]) -> None:
    """Where ships were heard and none of them was over the place, that is said with how much was covered."""
    words = " ".join(suspects(*FAULT, "--km-along", 0).out.split())
    assert (
        "no ship heard was there at the time, though ships were heard (100 % of the place covered)" in words
    )
    assert "no ship was there" not in words


def test_table_says_what_the_figures_are(suspects: Callable[..., Any]) -> None:
    """Weights are explained, the ship is described, and the commands that go on about her are named."""
    words = " ".join(suspects(*FAULT).out.split())
    assert "in brackets: weight in nats" in words
    assert "(299000001, cargo, call sign Q0001, 150 m)" in words
    assert re.search(r"last heard: 11-20 05:0\d:\d\d at 59\.\d+ N 25\.\d+ E, 5\.5 kn", words)
    assert "seavigil track 299000001 " in words
    assert "--mmsi 299000001 --assets" in words


def test_with_two_faults_each_line_names_its_own(suspects: Callable[..., Any]) -> None:
    """It is said which fault each thing speaks of, and one drift over both is told once."""
    words = " ".join(suspects(*FAULT, *SECOND, "--within", "2m").out.split())
    first = words.split(" 2 unlikely ", maxsplit=1)[0]
    assert "fault 1: 14 s before she crossed" in first
    assert first.count("was adrift") == 1


def test_two_notices_of_one_outage(suspects: Callable[..., Any], tmp_path: Path) -> None:
    """A file with two notices five seconds apart asks about one fault, and says so."""
    file = tmp_path / "faults.csv"
    file.write_text("id,time,asset\na,2025-11-20T04:21:00Z,Demo Link 1\nb,2025-11-20T04:21:05Z,Demo Link 1\n")
    words = " ".join(suspects("--faults", file).out.split())
    assert "2 notices tell of one outage and count as one (a + b)" in words
    assert " 1 possible " in words


@pytest.mark.parametrize(("columns", "most"), [(80, 80), (110, 110), (160, 160)])
def test_width_of_the_terminal_is_kept(
    suspects: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, columns: int, most: int
) -> None:
    """No line but the commands to copy is wider than the terminal."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = suspects(*FAULT).out.splitlines()
    assert max(len(line) for line in lines if "seavigil " not in line) <= most


@pytest.mark.parametrize(
    ("seconds", "said_so"),
    [(16, "16 s"), (90, "90 s"), (119, "119 s"), (120, "2 min"), (150, "2.5 min"), (3600, "60 min")],
)
def test_lengths_of_time_are_not_rounded_away(seconds: float, said_so: str) -> None:
    """90 s are 90 s wherever they are told."""
    assert said(Line("time_fits", seconds, 60.0, "s", 1.0)) == f"{said_so} after she crossed (+1.0)"


@pytest.mark.parametrize(
    ("code", "words"),
    [(70, "cargo"), (79, "cargo"), (30, "fishing"), (52, "tug"), (90, "type 90"), (0, None)],
)
def test_types_of_ship_in_words(code: int, words: str | None) -> None:
    """Types are those of ITU-R M.1371-5, table 53; 0 is none told."""
    assert ship_type(code) == words


def test_every_code_has_words() -> None:
    """Each thing for or against a ship, and each note, is said in words, whatever its figures."""
    kinds = {
        "time_fits",
        "near_then",
        "silent_then",
        "place_fits",
        "over_the_line",
        "misses_fault",
        "too_fast_to_drag",
    }
    kinds |= {"light_anchor", "on_duty", "anchor_reach", "crosses_routinely", "lies_in_roads"}
    assert kinds | set(CURVES) | set(WORTH) == set(LINES)
    for code in LINES:
        assert "_" not in said(Line(code, 2.0, 5.0, "1", 1.25))
        assert said(Line(code, 2.0, 5.0, "1", 1.25)).endswith("(+1.2)")
    for code in NOTES:
        assert "_" not in note(Note(code, 1.0, "1", "fault 1"), several=True)


def test_page_explains_every_code(repository: Path) -> None:
    """The reference page has each key of a line, each code and each note."""
    page = (repository / "docs/reference/suspects.md").read_text()
    firsts = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = {name for first in firsts for name in re.findall(r"`(\w+)`", first)}
    assert {*LINES, *NOTES} <= named
