"""The forecast of one ship out of recordings: as it stood at one moment, or one line that says why not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
import shapely

from seavigil.assets import Assets
from seavigil.feeds.formats import UnreadableInput
from seavigil.normal.places import LAND, LANE, PORT, Place, Places
from seavigil.records import MINUTE_US, SECOND_US, VESSELS, Decoded, parse_time_us, rfc3339, table
from seavigil.runners.batch import Hooks, Job
from seavigil.runners.forecasts import Forecast, forecast, vessel_of
from seavigil.runners.known import Known
from tests.cases.futures import KN_MS, east_of
from tests.cases.judge import cable, in_order
from tests.cases.sail import sail

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
SHIP, OTHER = 299_100_001, 299_100_002
LAT, LON, NM_M = 59.0, 20.0, 1852.0
AHEAD = east_of(LAT, LON, 30 * NM_M)
ASSETS = Assets([cable((58.5, AHEAD), (59.5, AHEAD), asset_id="ahead")])


def minute(minutes: float) -> int:
    """Give a moment."""
    return BEGIN_US + round(minutes * MINUTE_US)


#: She goes east for an hour and turns north; another lies there for nine hours.
SCENE = in_order(
    sail((LAT, LON), at_kn=10, every_s=30, start=BEGIN_US).on(90, for_min=60).on(0, for_min=30).reports(SHIP),
    sail((59.3, LON), at_kn=0.1, every_s=300, start=BEGIN_US).stop(for_min=540).reports(OTHER),
)
SAID = table(
    VESSELS,
    {
        "report_id": [1],
        "time_us": [BEGIN_US],
        "time_source": [1],
        "mmsi": [SHIP],
        "name": ["DRAWN"],
        "length_m": [90.0],
        "destination": ["DRPRT"],
    },
)


def read(source: str) -> Iterator[Decoded]:
    """Give the drawn recording."""
    if source != "drawn":
        raise UnreadableInput(f"{source}: matches no format")
    yield Decoded(reports=SCENE, vessels=SAID)


JOB = Job(["drawn"], ASSETS)


def told(at_us: int | None = None, ship: str = str(SHIP), job: Job = JOB) -> dict[str, Any]:
    """Give the line, as it is printed."""
    found = forecast(job, read, ship, at_us)
    assert isinstance(found, Forecast)
    return json.loads(json.dumps(dict(found.line)))


def test_a_ship_at_a_moment() -> None:
    """Who, when, where, how she goes, and the cable thirty miles from where she began, by arithmetic."""
    line = told(minute(40))
    assert line["vessel"] == {"mmsi": SHIP, "vessel_id": str(SHIP), "name": "DRAWN", "flag": None}
    assert (line["at"], line["last_heard"], line["silent_s"]) == (rfc3339(minute(40)), rfc3339(minute(40)), 0)
    assert line["position"]["lon_deg"] == pytest.approx(east_of(LAT, LON, 40 / 60 * 10 * NM_M), abs=1e-4)
    assert (line["sog_kn"], line["cog_deg"]) == pytest.approx((10.0, 90.0), abs=0.3)
    assert line["destination"] == "DRPRT"
    (one,) = [n for n in line["next_assets"] if n["asset_id"] == "ahead"]
    reaches_us = BEGIN_US + round((30 * NM_M - 250) / (10 * KN_MS)) * SECOND_US
    assert parse_time_us(one["eta_earliest"]) <= reaches_us <= parse_time_us(one["eta_latest"])
    assert one["probability"] > 0.4


def test_nothing_later_is_looked_at() -> None:
    """Of minute 50 the same line comes out of the recording cut there; her turn is not known yet."""
    cut = SCENE.filter(pa.array(SCENE["time_us"].cast(pa.int64()).to_numpy() <= minute(50)))
    whole = told(minute(50))
    early = forecast(JOB, lambda _: iter([Decoded(reports=cut, vessels=SAID)]), str(SHIP), minute(50))
    assert json.loads(json.dumps(dict(early.line))) == whole
    assert whole["cog_deg"] == pytest.approx(90.0, abs=1.0)


def test_without_a_moment_it_is_her_last_report() -> None:
    """Minute 90, long before the recording ends: on course north, the cable is less probable."""
    line = told()
    assert line["at"] == line["last_heard"] == rfc3339(minute(90))
    assert min(line["cog_deg"], 360 - line["cog_deg"]) < 1.0
    (before,) = told(minute(40))["next_assets"]
    assert sum(n["probability"] for n in line["next_assets"]) < before["probability"]


def test_a_silent_ship_is_said_to_be() -> None:
    """Two hours after her last report the line says so, and puts her as far on."""
    line = told(minute(210))
    assert line["silent_s"] == 7200
    assert line["position"]["lat_deg"] == pytest.approx(LAT + 25 / 60, abs=0.02)  # 5 and 20 miles north


def test_what_it_was_reckoned_from_is_said() -> None:
    """Places that were given, and the port that her destination stands for."""
    bare = told(minute(40))["reckoned_from"]
    assert bare == {
        "ways_of_ships_heard": 0,
        "lanes_given": False,
        "land_given": False,
        "history_given": False,
        "destination_known": False,
    }
    places = Places(
        (
            Place(PORT, "Drawn Port", shapely.Point(22.0, 59.0), 5000.0, also=("DR PRT",)),
            Place(LANE, "lane", shapely.LineString([(20.0, 58.0), (21.0, 58.0)]), 1852.0),
            Place(LAND, "land", shapely.box(30.0, 59.0, 31.0, 60.0), 0.0),
        )
    )
    rich = told(minute(40), job=replace(JOB, known=Known(places=places)))["reckoned_from"]
    assert rich == {**bare, "lanes_given": True, "land_given": True, "destination_known": True}
    assert told(minute(85))["reckoned_from"]["ways_of_ships_heard"] > 0


def test_six_hours_after_she_was_heard_nothing_is_forecast() -> None:
    """Six hours to the second are forecast, a minute more is refused with both times."""
    assert told(minute(90 + 360))["silent_s"] == 6 * 3600
    with pytest.raises(ValueError, match=r"last heard at 2025-01-01T01:30:00Z, more than six hours before"):
        told(minute(90 + 361))


def test_a_ship_not_heard_is_named() -> None:
    """Nobody of that number, and one whose first report comes later."""
    with pytest.raises(ValueError, match=r"299999999 was not heard in these recordings"):
        told(None, "299999999")
    with pytest.raises(ValueError, match=r"was not heard by 2024-12-31T23:59:00Z in these recordings"):
        told(minute(-1))


@pytest.mark.parametrize("assets", [None, Assets([])])
def test_without_assets_there_is_nothing_to_forecast(assets: Assets | None) -> None:
    """One line that names the option."""
    with pytest.raises(ValueError, match=r"no assets are given \(--assets\)"):
        told(minute(40), job=replace(JOB, assets=assets))


def test_a_recording_that_cannot_be_read_is_told() -> None:
    """As everywhere."""
    with pytest.raises(UnreadableInput, match="matches no format"):
        told(minute(40), job=replace(JOB, sources=["other"]))


def test_the_caller_hears_how_far_it_is() -> None:
    """Progress runs up to all rows; the summary says what was read."""
    heard: list[tuple[int, int]] = []
    found = forecast(JOB, read, str(SHIP), None, Hooks(progress=lambda *p: heard.append(p)))
    assert heard
    assert heard[-1][0] == heard[-1][1]
    assert found.summary.vessels == {SHIP, OTHER}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("219165000", "219165000"),
        ("219165000#2", "219165000#2"),
        ("219165000#1", "219165000"),
        (" 002655000#256 ", "002655000#256"),
    ],
)
def test_a_ship_s_id_is_read(said: str, meant: str) -> None:
    """An MMSI of nine digits, with the number of the ship under it; the first has none."""
    assert vessel_of(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "",
        "ALDER",
        "0",
        "-1",
        "2191650001",
        "219165000.0",
        "\u0662\u0661\u0669",
        "219 165 000",
        "2655",
        "219165000#257",
        "219165000#",
        "219165000#x",
        "#2",
    ],
)
def test_what_is_no_mmsi_is_refused(said: str) -> None:
    """In one line that repeats what was said."""
    with pytest.raises(ValueError, match="no MMSI") as fault:
        vessel_of(said)
    assert repr(said) in str(fault.value)
