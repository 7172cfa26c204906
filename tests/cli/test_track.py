"""`seavigil track`: one ship's path as table, lines, GeoJSON and picture."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases.sail import sail
from tests.cli.conftest import Hour, Said

ALDER = "299000001"
Command = Callable[..., Said]


def test_the_table_tells_her_crossings_and_alert(seavigil: Command, hour: Hour) -> None:
    """ALDER of the demo crosses both cables, at the times that the demo's alert has."""
    said = seavigil("track", ALDER, hour.nmea, "--assets", hour.assets)
    assert said.code == 0
    assert "EXERCISE ALDER (299000001)" in said.out
    assert "04:21:14   crossed Demo Link 1 at 6.9 kn, km 29.2" in said.out
    assert "04:43:10   crossed Demo Fibre 2 at 2.8 kn, km 28.6" in said.out


def test_an_alert_is_told_as_it_stood_then(seavigil: Command, hour: Hour) -> None:
    """ALDER's alert, as the watch gave it: nothing stands at a time at which it was not known."""
    watched = seavigil("watch", hour.nmea, "--assets", hour.assets, "--format", "ndjson").out.splitlines()
    hers = [line for line in map(json.loads, watched) if line["vessel"]["mmsi"] == int(ALDER)]
    said = seavigil("track", ALDER, hour.nmea, "--assets", hour.assets, "--format", "ndjson").out.splitlines()
    told = [line for line in map(json.loads, said) if line["type"] == "alert"]
    assert [(t["time"][11:19], t["alert"]["priority"], t["alert"]["behaviours"]) for t in told] == [
        ("04:21:17", "info", ["crossing"]),
        ("04:39:29", "info", ["drifting", "crossing"]),
        ("04:43:18", "advisory", ["drifting", "crossing"]),
        ("04:45:47", "warning", ["drifting", "crossing"]),
    ]
    # What comes next is told anew with each look ahead, and is no part of the revision.
    bare = [{k: v for k, v in line.items() if k != "next_assets"} for line in hers]
    assert all({k: v for k, v in t["alert"].items() if k != "next_assets"} in bare for t in told)


def test_a_stretch_begins_with_the_alert_as_it_was(seavigil: Command, hour: Hour) -> None:
    """From 04:44 on: the advisory that stood then, and the warning; what it was before is not shown."""
    since = ("--from", "2025-11-20T04:44:00Z", "--format", "ndjson")
    said = seavigil("track", ALDER, hour.nmea, "--assets", hour.assets, *since).out.splitlines()
    told = [line["alert"]["priority"] for line in map(json.loads, said) if line["type"] == "alert"]
    assert told == ["advisory", "warning"]


def test_the_strip_steps_with_the_priority() -> None:
    """Begun at 00:10, info at 00:20, warning at 00:50, over at 01:00: empty, info, warning; cut at 00:15."""
    from seavigil.cli.plots import _bars, _steps

    minute, begin_us = 60_000_000, 1735689600 * 1_000_000  # 2025-01-01T00:00:00Z
    steps = [
        {"revised_at": "2025-01-01T00:20:00Z", "priority": "info", "retracted_because": None},
        {"revised_at": "2025-01-01T00:30:00Z", "priority": "info", "retracted_because": None},
        {"revised_at": "2025-01-01T00:50:00Z", "priority": "warning", "retracted_because": None},
    ]
    last = {"began": "2025-01-01T00:10:00Z", "ended": "2025-01-01T01:00:00Z"}
    bars = _bars(steps, last, begin_us + 15 * minute, begin_us + 90 * minute)
    assert [((a - begin_us) // minute, (b - begin_us) // minute, p) for a, b, p in bars] == [
        (15, 20, None),
        (20, 50, "info"),
        (50, 60, "warning"),
    ]
    assert _steps(steps) == "info, warning 00:50"
    assert _steps([*steps, steps[-1] | {"retracted_because": "heard_late"}]).endswith(", taken back")


def test_reports_without_a_position_are_said_to_be_that(seavigil: Command, tmp_path: Path) -> None:
    """One of hers has the latitude that stands for none, 91: left out of the path, and told as that."""
    recording = _csv(tmp_path / "a.csv", {299000001: sail((59, 20), at_kn=12, every_s=60).on(90, for_min=30)})
    recording.write_text(recording.read_text() + "1735691460,299000001,91,181,12\n")
    said = seavigil("track", ALDER, recording)
    assert "1 report without a sound position" in " ".join(said.out.split())


def test_a_gap_says_whether_others_were_heard(seavigil: Command, hour: Hour) -> None:
    """AMBER falls silent at 04:32:56 while others are heard all the while."""
    said = seavigil("track", "299000002", hour.nmea, "--assets", hour.assets)
    assert "04:32:56   silent for 42 min, not heard again" in said.out
    assert "13 other ships" in said.out


def test_lines_are_in_order_of_time(seavigil: Command, hour: Hour) -> None:
    """First who she is, then everything in the order in which it happened, each with its type."""
    said = seavigil("track", ALDER, hour.nmea, "--assets", hour.assets, "--format", "ndjson")
    ship, *rest = [json.loads(line) for line in said.out.splitlines()]
    assert (ship["type"], ship["vessel"]["name"], ship["exercise"]) == ("ship", "EXERCISE ALDER", True)
    assert {line["type"] for line in rest} == {"position", "crossing", "alert"}
    assert [line["time"] for line in rest] == sorted(line["time"] for line in rest)
    assert sum(line["type"] == "position" for line in rest) == ship["positions"] == 448


def test_geojson_has_the_track_with_its_times(seavigil: Command, hour: Hour) -> None:
    """One LineString as long as its list of times, and a point for each crossing and alert."""
    said = seavigil("track", ALDER, hour.nmea, "--assets", hour.assets, "--format", "geojson")
    track, *points = json.loads(said.out)["features"]
    assert track["geometry"]["type"] == "LineString"
    assert len(track["geometry"]["coordinates"]) == len(track["properties"]["times"]) == 448
    assert sorted(p["properties"]["type"] for p in points) == ["alert"] * 4 + ["crossing"] * 2
    crossing = points[0]["properties"]
    lon, lat = points[0]["geometry"]["coordinates"]
    assert (lat, lon) == (crossing["lat_deg"], crossing["lon_deg"])


def _csv(path: Path, ships: dict[int, object]) -> Path:
    lines = ["time,mmsi,lat,lon,sog"]
    for mmsi, ship in ships.items():
        c = ship.columns()  # type: ignore[attr-defined]
        rows = zip(c["time_us"], c["lat_deg"], c["lon_deg"], c["sog_kn"], strict=True)
        lines += [f"{int(t) // 1_000_000},{mmsi},{a},{o},{s}" for t, a, o, s in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_track_over_the_antimeridian_is_cut_there(seavigil: Command, tmp_path: Path) -> None:
    """RFC 7946 (3.1.9): no line goes round the world; both pieces are there."""
    recording = _csv(
        tmp_path / "a.csv", {299000001: sail((10, 179.9), at_kn=12, every_s=60).on(90, for_min=90)}
    )
    said = seavigil("track", ALDER, recording, "--format", "geojson")
    lines = [f for f in json.loads(said.out)["features"] if f["geometry"]["type"] == "LineString"]
    sides = [{lon > 0 for lon, _ in f["geometry"]["coordinates"]} for f in lines]
    assert sides == [{True}, {False}]


def test_the_picture_is_the_same_when_made_again(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """Two runs give the same bytes of SVG, and it names what she crossed."""
    pytest.importorskip("matplotlib", reason="pip install seavigil[plot] to test the pictures")
    made = []
    for name in ("one.svg", "two.svg"):
        said = seavigil("track", ALDER, hour.nmea, "--assets", hour.assets, "--plot", tmp_path / name)
        assert said.code == 0
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    assert b"Demo Link 1 04:21Z" in made[0]
    assert b"<dc:date>" not in made[0]
    assert [f.name for f in sorted(tmp_path.iterdir())] == ["one.svg", "two.svg"]


def test_everything_at_once_fits_on_the_picture(seavigil: Command, tmp_path: Path) -> None:
    """Twelve cables, a stop, a gap, two ships under one number, a name with a dollar: it is drawn."""
    pytest.importorskip("matplotlib", reason="pip install seavigil[plot] to test the pictures")
    lines = [[[20 + i * 0.03, 58.8], [20 + i * 0.03, 59.2]] for i in range(12)]
    cables = [
        {
            "type": "Feature",
            "properties": {"name": f"Cable $x_{i}$", "kind": "power_cable"},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for i, line in enumerate(lines)
    ]
    assets = tmp_path / "cables.geojson"
    assets.write_text(json.dumps({"type": "FeatureCollection", "features": cables}))
    ship = sail((59.0, 19.95), at_kn=11, every_s=60).on(90, for_min=70).stop(for_min=40)
    ship = ship.silent(for_min=30, at_kn=6).on(90, for_min=30, at_kn=11)
    recording = _csv(
        tmp_path / "ships.csv", {299000001: ship, 299000002: sail((59, 20), every_s=60).stop(for_min=170)}
    )
    picture = tmp_path / "all.png"
    assert seavigil("track", ALDER, recording, "--assets", assets, "--plot", picture).code == 0
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_names_above_the_speed_never_overlap() -> None:
    """Names close in time take rows of their own; one far from the others the lowest again."""
    from seavigil.cli.plots import _rows_of_names

    marks = [{"name": "A cable", "time": f"2025-01-01T00:{m:02}:00Z"} for m in (1, 2, 3, 55)]
    begin_us = 1735689600 * 1_000_000  # 2025-01-01T00:00:00Z
    assert _rows_of_names(marks, begin_us, begin_us + 3600 * 1_000_000) == [0, 1, 2, 0]


def test_without_matplotlib_the_error_says_what_to_install(
    seavigil: Command, hour: Hour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said before anything is read, in one line."""
    real = builtins.__import__

    def none(name: str, *rest: object) -> object:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", none)
    said = seavigil("track", ALDER, hour.nmea, "--plot", tmp_path / "a.svg")
    assert said.code == 1
    assert said.err == "seavigil: plots want matplotlib: pip install 'seavigil[plot]'\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["299000099"], "MMSI 299000099 is not among the"),
        (["alder"], "'alder' is no MMSI"),
        ([ALDER, "--from", "2026-01-01T00:00Z"], "lies outside: the data are of 2025-11-20"),
        ([ALDER, "--plot", "alder.pdf"], "a picture's name ends in .svg or .png"),
    ],
)
def test_what_cannot_be_shown_is_one_line(
    seavigil: Command, hour: Hour, arguments: list[str], why: str
) -> None:
    """Exit code 1, one line on stderr, nothing printed."""
    mmsi, *rest = arguments
    said = seavigil("track", mmsi, hour.nmea, *rest)
    assert (said.code, said.out) == (1, "")
    assert why in said.err
    assert said.err.count("\n") == 1


def test_out_writes_both_files(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """The folder has the GeoJSON and the lines, whole, and nothing half-written."""
    assert seavigil("track", ALDER, hour.nmea, "--assets", hour.assets, "--out", tmp_path / "o").code == 0
    assert sorted(f.name for f in (tmp_path / "o").iterdir()) == ["track.geojson", "track.ndjson"]
    assert len(json.loads((tmp_path / "o/track.geojson").read_text())["features"]) == 7


def test_a_real_drift_is_drawn_and_told(seavigil: Command, shared_data: Path, tmp_path: Path) -> None:
    """FRIO in the Kattegat: her drift is the alert, and her ten bad rows are counted."""
    pytest.importorskip("matplotlib", reason="pip install seavigil[plot] to test the pictures")
    recording = shared_data / "ais/dk-frio-20140928.nmea.gz"
    said = seavigil("track", "538004030", recording, "--plot", tmp_path / "frio.svg")
    assert said.code == 0
    assert "FRIO (538004030, MH): 906 positions" in said.out
    assert "alert: drifting" in said.out
    assert b"drifting" in (tmp_path / "frio.svg").read_bytes()
    assert b"only while she makes 3 kn, after half an hour of that" in (tmp_path / "frio.svg").read_bytes()
