"""What is given beside recordings and assets: read, used, and said when it cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seavigil.cli.given import read_given
from seavigil.cli.main import run
from seavigil.risk.rates import Rates
from seavigil.store import patterns
from tests.cases.sail import sail

PLACES = """{"type": "FeatureCollection", "features": [{"type": "Feature",
 "properties": {"kind": "anchorage", "name": "EXERCISE ROADS"},
 "geometry": {"type": "Polygon", "coordinates":
  [[[20, 59], [20.2, 59], [20.2, 59.1], [20, 59.1], [20, 59]]]}}]}"""


def test_everything_given_is_known(tmp_path: Path) -> None:
    """Places, weather, depths, lists and contacts are each read by their own reader."""
    texts = {
        "places.geojson": PLACES,
        "weather.csv": "time,lat_deg,lon_deg,wind_ms,wind_from_deg\n2025-01-01T00:00Z,59,20,12,270\n",
        "depth.csv": "lat_deg,lon_deg,depth_m\n59.05,20.1,80\n",
        "list.csv": "mmsi,imo,name,reason\n299000001,,EXERCISE ALDER,test\n",
        "contacts.csv": "time,lat_deg,lon_deg,error_m,sensor\n2025-01-01T00:00Z,59,20,100,SAR\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    given = read_given(
        places=[tmp_path / "places.geojson"],
        weather=[tmp_path / "weather.csv"],
        depth=[tmp_path / "depth.csv"],
        watchlist=[tmp_path / "list.csv"],
        contacts=[tmp_path / "contacts.csv"],
    )
    assert given.code == 0
    assert given.known.places.knows("anchorage")
    assert given.known.depth.at([59.05], [20.1])[0] == 80
    assert len(given.known.weather) == 1
    assert given.known.watchlist != read_given().known.watchlist
    assert given.known.contacts != read_given().known.contacts


@pytest.mark.parametrize(
    "option", ["--places", "--weather", "--depth", "--watchlist", "--contacts", "--normal"]
)
def test_a_file_of_no_use_is_one_clear_line(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever cannot be used is named, and nothing is watched as if it were known."""
    junk = tmp_path / "junk"
    junk.write_bytes(b"\x00\x01 no such thing")
    recording = tmp_path / "ships.csv"
    recording.write_text("time,mmsi,lat,lon\n2025-01-01T00:00Z,299000001,59,20\n")
    assert run(["watch", str(recording), option, str(junk)]) == 1
    said = capsys.readouterr().err.strip()
    assert said.count("\n") == 0
    assert str(junk) in said


def test_a_file_for_a_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--normal` wants a folder: the line says so and what writes one."""
    file = tmp_path / "normal.json"
    file.write_text("{}")
    assert run(["normal", "show", str(file)]) == 1
    assert "no folder; give the one that `seavigil normal learn` wrote" in capsys.readouterr().err


def _learned(folder: Path, ship_days: float) -> Path:
    recording = folder / "ships.csv"
    ship = sail((59.0, 20.0), at_kn=10, every_s=60).on(90, for_min=180).columns()
    rows = zip(ship["time_us"], ship["lat_deg"], ship["lon_deg"], ship["sog_kn"], strict=True)
    lines = [f"{int(t) // 1_000_000},299000001,{a},{o},{s}" for t, a, o, s in rows]
    recording.write_text("\n".join(["time,mmsi,lat,lon,sog", *lines]) + "\n")
    assert run(["normal", "learn", str(recording), "--out", str(folder / "normal")]) == 0
    patterns.write_rates(folder / "normal", Rates(ship_days, (5, 1)).as_json())
    return folder / "normal"


def test_thin_history_gives_no_rates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts of a few ship-days say nothing of what is rare: the prior stands, and that is said."""
    assert read_given(normal=_learned(tmp_path, 3.0)).rates is None
    assert "3 ship-days of alerts counted, 1000 wanted" in capsys.readouterr().err


def test_history_enough_gives_its_own_rates(tmp_path: Path) -> None:
    """From a thousand ship-days on the history's own counts are used."""
    rates = read_given(normal=_learned(tmp_path, 1500.0)).rates
    assert rates is not None
    assert rates.ship_days == 1500.0


def test_learning_with_assets_counts_alerts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same recording, learned with assets, leaves the alerts it raised in the folder."""
    assert run(["demo", "--write", str(tmp_path / "demo")]) == 0
    nmea = next((tmp_path / "demo").glob("*.nmea"))
    out = tmp_path / "normal"
    asked = [
        "normal",
        "learn",
        str(nmea),
        "--out",
        str(out),
        "--assets",
        str(tmp_path / "demo/assets.geojson"),
    ]
    assert run(asked) == 0
    rates = Rates.from_json(patterns.pattern(out)[1] or {})
    assert rates.ship_days > 1
    assert sum(rates.counts) > 3
    capsys.readouterr()
    assert run([*asked, "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["rates"] == rates.as_json()


def test_what_is_of_other_days_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Weather and contacts of another year are of no use, which is said; of those of the hour nothing."""
    recording = tmp_path / "ships.csv"
    rows = "".join(f"2025-01-01T00:{minute:02}Z,299000001,59,20\n" for minute in range(0, 60, 5))
    recording.write_text(f"time,mmsi,lat,lon\n{rows}")
    weather, contacts = tmp_path / "weather.csv", tmp_path / "contacts.csv"
    asked = ["watch", str(recording), "--weather", str(weather), "--contacts", str(contacts)]
    for year, of_no_use in ((2024, True), (2025, False)):
        weather.write_text(f"time,lat_deg,lon_deg,wind_ms,wind_from_deg\n{year}-01-01T00:00Z,59,20,12,270\n")
        contacts.write_text(f"time,lat_deg,lon_deg,error_m,sensor\n{year}-01-01T00:30Z,59,20,100,SAR\n")
        assert run(asked) == 0
        said = capsys.readouterr().err
        assert ("the weather given is of other days" in said) is of_no_use
        assert ("1 contact of other times than the reports: not judged" in said) is of_no_use
        judged = 0 if of_no_use else 1
        assert f"1 contact given, {judged} judged, 0 too late to be judged" in said


@pytest.mark.parametrize(("lat_deg", "of_no_use"), [(59.0, False), (58.9, True)])
def test_depths_of_other_waters_are_said(
    lat_deg: float, of_no_use: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sounding where she crosses is used in silence; one six miles off is of no use, and that is said."""
    cable = {"type": "LineString", "coordinates": [[20.2, 58.8], [20.2, 59.2]]}
    feature = {"type": "Feature", "properties": {"name": "Demo", "kind": "power_cable"}, "geometry": cable}
    assets, depth = tmp_path / "assets.geojson", tmp_path / "depth.csv"
    assets.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    soundings = "".join(f"{lat_deg},{20.18 + i * 0.004:.3f},40\n" for i in range(20))
    depth.write_text(f"lat_deg,lon_deg,depth_m\n{soundings}")
    _learned(tmp_path, 3.0)
    ships = str(tmp_path / "ships.csv")
    assert run(["watch", ships, "--assets", str(assets), "--depth", str(depth)]) == 0
    assert ("no depth given lies within 500 m of any alert" in capsys.readouterr().err) is of_no_use
