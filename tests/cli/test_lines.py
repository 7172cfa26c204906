"""What `watch` prints: the promised keys and types, last revisions alone, GeoJSON, and a run cut short."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from seavigil.records import parse_time_us
from tests.cli.conftest import Hour, Said

Run = Callable[..., Said]
Line = dict[str, Any]

#: RFC 3339, section 5.6, in UTC.
TIME = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d+)?Z")
TEXT, NUMBER = (str,), (int, float)
#: The keys that other tools may rely on, and the types of their values.
KEYS: dict[str, tuple[type, ...]] = {
    "alert_id": TEXT,
    "revision": (int,),
    "status": TEXT,
    "priority": TEXT,
    "behaviours": (list,),
    "behaviour_first_seen": (dict,),
    "vessel": (dict,),
    "other_vessels": (list,),
    "area": (dict, type(None)),
    "feed": (dict, type(None)),
    "assets": (list,),
    "faults": (list,),
    "began": TEXT,
    "ended": (str, type(None)),
    "detected_at": TEXT,
    "revised_at": TEXT,
    "position": (dict, type(None)),
    "reasons": (list,),
    "innocent_readings": (list,),
    "strength": NUMBER,
    "expected_per_1000_ship_days": (int, float, type(None)),
    "expected_from": (dict, type(None)),
    "retracted_because": (str, type(None)),
    "next_assets": (list,),
    "coverage": (dict,),
    "data_quality": (dict,),
    "event_ids": (list,),
}
VESSEL_KEYS = {"mmsi", "vessel_id", "imo", "name", "callsign", "ship_type", "length_m", "flag"}


@pytest.fixture
def lines(hour: Hour, seavigil: Run) -> list[Line]:
    """Give the lines of the whole invented hour."""
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--format", "ndjson")
    assert said.code == 0
    return [json.loads(line) for line in said.out.splitlines()]


def test_keys_and_types(lines: list[Line]) -> None:
    """Every line has every promised key with a value of its type; one more marks an exercise."""
    assert lines
    for line in lines:
        assert set(line) - {"exercise"} == set(KEYS)
        assert {k: v for k, v in line.items() if k in KEYS and not isinstance(v, KEYS[k])} == {}
        assert line["status"] in {"open", "acknowledged", "escalated", "closed", "retracted"}
        assert line["priority"] in {"urgent", "warning", "advisory", "info"}
        assert set(line["vessel"]) == VESSEL_KEYS
        assert all({"asset_id", "name", "kind"} <= set(a) for a in line["assets"])
        assert all(set(r) == {"code", "observed", "expected", "unit", "weight"} for r in line["reasons"])
        assert line["position"] is None or set(line["position"]) == {"lat_deg", "lon_deg"}
        assert set(line["behaviour_first_seen"]) == set(line["behaviours"])
        assert line["exercise"] is True


def test_times(lines: list[Line]) -> None:
    """Times are RFC 3339 UTC and lie in their order; nothing is known before it is revised."""
    for line in lines:
        times = [
            line["began"],
            line["detected_at"],
            line["revised_at"],
            *line["behaviour_first_seen"].values(),
        ]
        times += [a["crossed_at"] for a in line["assets"] if a["crossed_at"]]
        times += [line["ended"]] if line["ended"] else []
        assert [t for t in times if not TIME.fullmatch(t)] == []
        assert max(times, key=parse_time_us) == line["revised_at"]
        assert parse_time_us(line["began"]) <= parse_time_us(line["detected_at"])


def test_revisions(lines: list[Line]) -> None:
    """Lines come in the order of their data time; revisions count 1, 2, 3..; `detected_at` stays."""
    revised = [parse_time_us(line["revised_at"]) for line in lines]
    assert revised == sorted(revised)
    seen: dict[str, Line] = {}
    for line in lines:
        before = seen.get(line["alert_id"], {"revision": 0, "detected_at": line["revised_at"]})
        assert (line["revision"], line["detected_at"]) == (before["revision"] + 1, before["detected_at"])
        seen[line["alert_id"]] = line


def test_final(lines: list[Line], hour: Hour, seavigil: Run) -> None:
    """With --final each alert is printed once, as its last revision had it."""
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--format", "ndjson", "--final")
    last = {line["alert_id"]: line for line in lines}
    printed = [json.loads(line) for line in said.out.splitlines()]
    assert {line["alert_id"]: line for line in printed} == last
    assert len(printed) == len(last)


def test_geojson(lines: list[Line], hour: Hour, seavigil: Run) -> None:
    """GeoJSON is a FeatureCollection of points as RFC 7946 (sections 3 and 4) has them."""
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--format", "geojson")
    whole = json.loads(said.out)
    last = {line["alert_id"]: line for line in lines}
    assert set(whole) == {"type", "features"}
    assert whole["type"] == "FeatureCollection"
    assert len(whole["features"]) == len(last)
    for feature in whole["features"]:
        line = last[feature["id"]]
        assert feature["type"] == "Feature"
        assert feature["properties"] == line
        assert feature["geometry"] == {
            "type": "Point",
            "coordinates": [line["position"]["lon_deg"], line["position"]["lat_deg"]],
        }


def test_min_priority(lines: list[Line], hour: Hour, seavigil: Run) -> None:
    """What is less pressing is left out, and a table says how much that was."""
    options = (hour.nmea, "--assets", hour.assets, "--min-priority", "warning")
    said = seavigil("watch", *options, "--format", "ndjson")
    assert [json.loads(li) for li in said.out.splitlines()] == [
        line for line in lines if line["priority"] in {"warning", "urgent"}
    ]
    last = {line["alert_id"]: line["priority"] for line in lines}
    hidden = sum(priority in {"info", "advisory"} for priority in last.values())
    assert f"{hidden} below warning not shown" in seavigil("watch", *options).out


def test_as_of(lines: list[Line], hour: Hour, seavigil: Run) -> None:
    """A run that looks at nothing later than T prints the lines of the whole run up to T and no others."""
    revised = sorted({line["revised_at"] for line in lines}, key=parse_time_us)
    for as_of in (*revised[:: max(len(revised) // 10, 1)], "2025-11-20T04:30:00Z"):
        known = [line for line in lines if parse_time_us(line["revised_at"]) <= parse_time_us(as_of)]
        options = ("--assets", hour.assets, "--format", "ndjson", "--as-of", as_of)
        said = seavigil("watch", hour.nmea, *options)
        assert [json.loads(line) for line in said.out.splitlines()] == known


def test_recording_cut_at_the_revision(lines: list[Line], hour: Hour, tmp_path: Any, seavigil: Run) -> None:
    """The recording cut at `revised_at` prints the same line: nothing looked ahead."""
    cut = tmp_path / "cut.nmea"
    sentences = hour.nmea.read_bytes().splitlines(keepends=True)
    clocks = [int(re.search(rb"c:(\d+)", line)[1]) for line in sentences]  # type: ignore[index]
    pressing = [line for line in lines if line["priority"] != "info"]
    for line in pressing[:: max(len(pressing) // 3, 1)]:
        until = parse_time_us(line["revised_at"])
        cut.write_bytes(b"".join(s for s, c in zip(sentences, clocks, strict=True) if c * 1_000_000 <= until))
        said = seavigil("watch", cut, "--assets", hour.assets, "--format", "ndjson")
        assert line in [json.loads(printed) for printed in said.out.splitlines()]


def test_as_of_before_everything(hour: Hour, seavigil: Run) -> None:
    """A time before the first report leaves nothing to see and is no error."""
    said = seavigil("watch", hour.nmea, "--format", "ndjson", "--as-of", "2000-01-01")
    assert (said.code, said.out) == (0, "")
    assert "0 reports of 0 vessels" in said.err


def test_inspect(hour: Hour, seavigil: Run) -> None:
    """`inspect` names format, span, box, rates, message types, stations, and draws where ships were heard."""
    facts = json.loads(seavigil("inspect", hour.nmea, "--json").out)
    assert facts["formats"] == {str(hour.nmea): "nmea"}
    assert set(facts["box"]) == {"south_deg", "north_deg", "west_deg", "east_deg"}
    assert sum(facts["message_types"].values()) == facts["reports"]
    assert set(facts["stations"]) == {"EXERCISE-NORTH", "EXERCISE-SOUTH"}
    assert facts["time_sources"] == {"tag_block": facts["reports"]}
    assert 0 < facts["duplicate_share"] < 1
    assert sum(c["reports"] for c in facts["cells"]) <= facts["reports"]
    drawn = seavigil("inspect", hour.nmea).out
    assert "box " in drawn
    assert "+---" in drawn
