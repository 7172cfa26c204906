"""`seavigil normal` as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Hour, Said


def test_learn_then_show(seavigil: Callable[..., Said], hour: Hour, tmp_path: Path) -> None:
    """The invented hour is learned once; the second time it is left out and nothing changes."""
    first = seavigil("normal", "learn", hour.nmea, "--out", tmp_path / "normal", "--json")
    assert first.code == 0
    facts = json.loads(first.out)
    assert facts["ships"] > 10
    assert 0 < facts["ship_days"] <= facts["ships"] * 1.5 / 24  # the drawn hour is a little longer
    again = seavigil("normal", "learn", hour.nmea, "--out", tmp_path / "normal", "--json")
    assert "learned before, left out" in again.err
    assert json.loads(again.out) == facts
    shown = seavigil("normal", "show", tmp_path / "normal")
    assert f"{facts['ship_days']:.1f} ship-days" in shown.out
    assert "ships by class" in shown.out


def test_the_folder_may_lie_among_the_recordings(
    seavigil: Callable[..., Said], hour: Hour, tmp_path: Path
) -> None:
    """A folder of recordings with the pattern in it can be learned again: the pattern is no recording."""
    (tmp_path / "a.nmea").write_bytes(hour.nmea.read_bytes())
    for _ in range(2):
        said = seavigil("normal", "learn", tmp_path, "--out", tmp_path / "normal")
        assert said.code == 0, said.err


def test_no_pattern_is_one_line_and_exit_code_1(seavigil: Callable[..., Said], tmp_path: Path) -> None:
    """Showing an empty folder fails with a line that names it."""
    said = seavigil("normal", "show", tmp_path)
    assert (said.code, said.out) == (1, "")
    assert said.err.count("\n") == 1
    assert str(tmp_path) in said.err


def test_a_file_that_is_no_recording_is_said_with_exit_code_2(
    seavigil: Callable[..., Said], hour: Hour, tmp_path: Path
) -> None:
    """The other is learned; exit code 2 says that not all was."""
    bad = tmp_path / "bad.bin"
    bad.write_bytes(b"\x00\x01 nothing of the kind")
    said = seavigil("normal", "learn", bad, hour.nmea, "--out", tmp_path / "normal")
    assert said.code == 2
    assert "bad.bin" in said.err
