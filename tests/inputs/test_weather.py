"""Files of weather: real answers against json alone, units, broken values, any bytes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.inputs import UnreadableSurroundings, read_weather
from seavigil.records import parse_time_us

HOURS = ["2025-01-01T00:00", "2025-01-01T01:00"]


def answer(units: dict[str, str] | None = None, **hourly: Any) -> dict[str, Any]:
    """Give an answer as Open-Meteo writes it."""
    told = {"wind_speed_10m": "km/h", "wave_height": "m"} if units is None else units
    return {
        "latitude": 59.0,
        "longitude": 24.0,
        "utc_offset_seconds": 0,
        "hourly_units": told,
        "hourly": {"time": HOURS, **hourly},
    }


def write(path: Path, document: Any) -> Path:
    """Write a document as JSON."""
    path.write_text(json.dumps(document))
    return path


def test_the_sea_at_the_estlink_2_crossing(shared_data: Path) -> None:
    """25 December 2024, 10 h: wind and waves as the file has them, km/h made m/s."""
    path = shared_data / "weather/reference_marine_weather_INC-2024-12-25.json.gz"
    document = json.loads(gzip.decompress(path.read_bytes()))
    air, water = document["atmosphere"]["hourly"], document["marine"]["hourly"]
    hour = air["time"].index("2024-12-25T10:00")
    read = read_weather(path)
    found = read.weather.at([60.3], [26.5], parse_time_us("2024-12-25T10:26Z"))
    assert read.findings == ()
    assert found.wind_ms == pytest.approx([air["wind_speed_10m"][hour] / 3.6])
    assert found.gust_ms == pytest.approx([air["wind_gusts_10m"][hour] / 3.6])
    assert found.wind_from_deg.tolist() == [air["wind_direction_10m"][hour]]
    assert found.wave_m.tolist() == [water["wave_height"][hour]]
    assert found.wave_period_s.tolist() == [water["wave_period"][hour]]


def test_a_list_of_answers_is_read_whole(tmp_path: Path) -> None:
    """Several places in one answer, as Open-Meteo gives them for lists of coordinates."""
    second = {**answer(wave_height=[3.0, 4.0]), "latitude": 60.0}
    read = read_weather(write(tmp_path / "w.json", [answer(wave_height=[1.0, 2.0]), second]))
    found = read.weather.at([59.0, 60.0], [24.0, 24.0], parse_time_us(HOURS[1]))
    assert found.wave_m.tolist() == [2.0, 4.0]


def test_local_time_and_unix_time_are_utc_in_the_end(tmp_path: Path) -> None:
    """Two in the morning two hours east of Greenwich is midnight; Unix seconds are taken as they are."""
    east = {**answer(wave_height=[1.0, 2.0]), "utc_offset_seconds": 7200}
    east["hourly"]["time"] = ["2025-01-01T02:00", "2025-01-01T03:00"]
    unix = answer(wave_height=[1.0, 2.0])
    unix["hourly"]["time"] = [1735689600, 1735693200]
    for document in (east, unix):
        read = read_weather(write(tmp_path / "w.json", document))
        assert read.weather.at([59.0], [24.0], parse_time_us(HOURS[0])).wave_m.tolist() == [1.0]


@pytest.mark.parametrize(("unit", "factor"), [("m/s", 1.0), ("kn", 1852 / 3600), ("km/h", 1 / 3.6)])
def test_units_of_wind(tmp_path: Path, unit: str, factor: float) -> None:
    """Ten of whatever unit the answer names, in m/s."""
    document = answer({"wind_speed_10m": unit}, wind_speed_10m=[10.0, 10.0])
    found = read_weather(write(tmp_path / "w.json", document)).weather
    assert found.told.wind_ms == pytest.approx([10 * factor] * 2)


def test_values_that_cannot_be_are_told_and_the_others_used(tmp_path: Path) -> None:
    """A wave of 90 m and an unknown unit are told; a value that is missing is simply not known."""
    document = answer({"wave_height": "m", "wind_speed_10m": "furlongs"}, wave_height=[90.0, 2.0])
    document["hourly"] |= {"wind_speed_10m": [1.0, 1.0], "wave_period": [None, None]}
    read = read_weather(write(tmp_path / "w.json", document))
    assert [f.message for f in read.findings] == [
        "1 values: wave_height cannot be",
        "2 values: wind_speed_10m in 'furlongs', an unknown unit",
    ]
    assert read.weather.told.wave_m.tolist() == [2.0]


def test_an_answer_cut_short_is_told_and_the_others_used(tmp_path: Path) -> None:
    """One value for two hours: which hour it belongs to is not known."""
    read = read_weather(
        write(tmp_path / "w.json", [answer(wave_height=[1.0]), answer(wave_height=[1.0, 2.0])])
    )
    assert [f.code for f in read.findings] == ["bad_answer"]
    assert len(read.weather) == 2


def test_a_csv_of_weather(tmp_path: Path) -> None:
    """Own columns; an empty cell is not known, a bad one is told with its line."""
    path = tmp_path / "w.csv"
    path.write_text(
        "time,lat_deg,lon_deg,wind_ms,wind_from_deg,wave_m\n"
        "2025-01-01T00:00Z,59,24,10,270,\n"
        "2025-01-01T01:00Z,59,24,ten,270,\n"
        "yesterday,59,24,10,270,\n"
        "2025-01-01T02:00Z,59,24,10,400,1\n"
    )
    read = read_weather(path)
    assert read.weather.told.wind_ms.tolist() == [10.0]
    assert np.isnan(read.weather.told.wave_m).all()
    assert [f.asset for f in read.findings] == ["line 3", "line 4", "line 5"]


@pytest.mark.parametrize("content", ["{}", "[1, 2]", '{"hourly": 3}', "{", "time,lat_deg\n", "[" * 100_000])
def test_a_file_without_weather_is_one_line(tmp_path: Path, content: str) -> None:
    """Other JSON, broken JSON, a table without the columns: an error that names the file."""
    path = tmp_path / "w.json"
    path.write_text(content)
    with pytest.raises(UnreadableSurroundings, match=r"w\.json: ") as fault:
        read_weather(path)
    assert "\n" not in str(fault.value)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["hourly", "time", "wave_height", "latitude", "x"]), inside, max_size=4
        )
    ),
    max_leaves=12,
)


@given(values)
def test_any_json_beside_a_sound_answer_does_no_harm(
    tmp_path_factory: pytest.TempPathFactory, other: Any
) -> None:
    """Whatever else the file holds, the sound answer is read."""
    path = write(tmp_path_factory.mktemp("any") / "w.json", [answer(wave_height=[1.0, 2.0]), other])
    found = read_weather(path).weather.at([59.0], [24.0], parse_time_us(HOURS[0]))
    assert found.wave_m.tolist() == [1.0]


@given(values)
def test_any_hourly_values_are_read_or_told(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    """Whatever stands for the hours' values, the file is read or refused in one way."""
    document = answer(wave_height=value) | {"hourly_units": value}
    document["hourly"]["wind_speed_10m"] = value
    path = write(tmp_path_factory.mktemp("any") / "w.json", [document, answer(wave_height=[1.0, 2.0])])
    assert len(read_weather(path).weather) >= 2
