"""`seavigil suspects` as a user runs it, over the demo's hour: ALDER is adrift over two cables in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from seavigil.cli.suspect_words import LINES, NOTES, note, said
from seavigil.forecast.fit import CURVES, WORTH, Line
from seavigil.forecast.suspects import Note

FAULT = ("--asset", "Demo Link 1", "--at", "2025-11-20T04:21Z")
SECOND = ("--asset", "Demo Fibre 2", "--at", "2025-11-20T04:43Z")


@pytest.fixture
def suspects(seavigil: Callable[..., Any], hour: Any) -> Callable[..., Any]:
    """Ask about the demo's recording."""
    return lambda *more: seavigil("suspects", hour.nmea, "--assets", hour.assets, *more)


def test_ndjson_has_one_ship_a_line(suspects: Callable[..., Any]) -> None:
    """Best first, with what speaks for and against each, and ALDER at the head."""
    told = suspects(*FAULT, "--format", "ndjson")
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert told.code == 0
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
    first, *others = [json.loads(line) for line in told.out.splitlines()]
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
        (("--asset", "Demo Link 1", "--at", "2025-11-21T04:21Z"), "is outside of what was heard"),
    ],
)
def test_what_cannot_be_asked_is_one_line(suspects: Callable[..., Any], options: Any, why: str) -> None:
    """Every mistake is one line on stderr and exit code 1."""
    told = suspects(*options)
    assert (told.code, told.out) == (1, "")
    assert why in told.err
    assert told.err.count("\n") == 1


def test_every_code_has_words() -> None:
    """Each thing for or against a ship, and each note, is said in words, whatever its figures."""
    kinds = {"time_fits", "silent_then", "place_fits", "over_the_line", "misses_fault", "too_fast_to_drag"}
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
