"""`seavigil demo`: an hour that anyone can see at once, plainly marked as invented."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Hour, Said

Run = Callable[..., Said]


def test_table(seavigil: Run) -> None:
    """The dragging ship stands first, her two cables named, and the last line says it is an exercise."""
    said = seavigil("demo")
    assert said.code == 0
    assert "EXERCISE ALDER" in said.out
    assert said.out.index("EXERCISE ALDER") == said.out.index("EXERCISE ")
    assert "Demo Link 1" in said.out
    assert "Demo Fibre 2" in said.out
    assert said.out.splitlines()[-1] == "Everything above is invented: an exercise, not the sea."


def test_lines_are_those_of_watch(hour: Hour, seavigil: Run) -> None:
    """The demo prints what `watch` prints for the files that it writes."""
    watched = seavigil("watch", hour.nmea, "--assets", hour.assets, "--format", "ndjson")
    assert seavigil("demo", "--format", "ndjson").out == watched.out


def test_write(tmp_path: Path, hour: Hour, seavigil: Run) -> None:
    """--write gives the recording, its assets and the truth, and watches nothing."""
    said = seavigil("demo", "--write", tmp_path)
    assert said.code == 0
    assert [Path(line).name for line in said.out.splitlines()] == [
        hour.nmea.name,
        "assets.geojson",
        "truth.json",
    ]
    assert (tmp_path / hour.nmea.name).read_bytes() == hour.nmea.read_bytes()


def test_another_seed(seavigil: Run) -> None:
    """Another seed is another hour with the same ships to be found."""
    one, other = (seavigil("demo", "--format", "ndjson", "--seed", seed).out for seed in (2, 3))
    assert one != other
    for lines in (one, other):
        pressing = [json.loads(li) for li in lines.splitlines() if json.loads(li)["priority"] == "warning"]
        assert "EXERCISE ALDER" in {line["vessel"]["name"] for line in pressing}
