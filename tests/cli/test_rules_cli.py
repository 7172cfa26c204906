"""`seavigil rules try` from the command line: what differs, and one clear line for what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Hour, Said

Run = Callable[..., Said]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Give a file that switches drifting off and holds one table that has expired."""
    path = tmp_path / "rules.toml"
    path.write_text("[drifting]\nenabled = false\n[loitering]\nenabled = false\nexpires = 2020-01-01\n")
    return path


def test_the_dragging_ship_vanishes_without_drifting(hour: Hour, rules: Path, seavigil: Run) -> None:
    """Of the invented hour the warning goes and nothing else appears; the expired table is said."""
    said = seavigil("rules", "try", str(rules), hour.nmea, "--assets", hour.assets, "--json")
    assert said.code == 0
    tried = json.loads(said.out)
    assert tried["alerts"]["before"]["warning"] == 1
    assert tried["alerts"]["after"]["warning"] == 0
    assert not [change for change in tried["changes"] if change["before"] is None]
    assert tried["expired"] == ["rule for loitering expired at 2020-01-01T00:00:00Z and is ignored"]
    assert all(change["exercise"] for change in tried["changes"])
    assert "reports of" in said.err


def test_without_a_recording_the_file_is_checked(rules: Path, seavigil: Run) -> None:
    """It says how many rules hold; at an earlier time both do."""
    assert "1 of 2 rules hold" in seavigil("rules", "try", str(rules)).out
    assert "2 of 2 rules hold" in seavigil("rules", "try", str(rules), "--at", "2019-06-01").out


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[drifing]\n", "did you mean drifting"),
        ("[drifting\n", "rules.toml: "),
        ("\xff\xfe", "rules.toml: "),
        ("[drifting]\nwindow_s = -5\n", "drifting.window_s must be more than 0"),
    ],
)
def test_a_broken_file_is_one_line(tmp_path: Path, seavigil: Run, written: str, said: str) -> None:
    """Unknown names, broken TOML, bytes that are no text, values of no sense: exit code 1 and one line."""
    path = tmp_path / "rules.toml"
    path.write_bytes(written.encode("latin-1"))
    for command in (("rules", "try", path), ("watch", "x.nmea", "--rules", path)):
        run = seavigil(*command)
        assert run.code == 1
        assert said in run.err
        assert len(run.err.splitlines()) == 1


def test_an_empty_file_is_said_to_change_nothing(hour: Hour, tmp_path: Path, seavigil: Run) -> None:
    """Whoever saved nothing learns it in the trial and in the watch; a rule is taken in silence."""
    path = tmp_path / "rules.toml"
    for text, said in (("", True), ("[drifting]\nenabled = false\n", False)):
        path.write_text(text)
        for command in (("rules", "try", path), ("watch", hour.nmea, "--rules", path)):
            run = seavigil(*command)
            assert run.code == 0
            assert ("rules.toml: changes nothing" in run.err) is said


def test_rules_are_tried_with_what_is_known(hour: Hour, rules: Path, tmp_path: Path, seavigil: Run) -> None:
    """A listed ship is told of in both runs, so the trial speaks of the watch that will go live."""
    listed = tmp_path / "list.csv"
    listed.write_text("mmsi,name\n299000001,\n")
    known = ("--watchlist", str(listed), "--json")
    said = seavigil("rules", "try", str(rules), hour.nmea, "--assets", hour.assets, *known)
    assert said.code == 0
    assert any("watchlisted_near" in change["behaviours"] for change in json.loads(said.out)["changes"])
