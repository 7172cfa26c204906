"""Files of weather: answers of Open-Meteo (forecast, archive, marine) and a plain CSV."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seavigil.assets.check import Finding
from seavigil.inputs.files import (
    UnreadableSurroundings,
    as_paths,
    number,
    position,
    rejected,
    rows_of,
    text_of,
)
from seavigil.normal.weather import WAVES, WIND, Sea, Weather
from seavigil.records import SECOND_US, parse_time_us

_COLUMNS = (*WIND, *WAVES)
#: Open-Meteo's names of what is taken.
_VARIABLES = {
    "wind_speed_10m": "wind_ms",
    "windspeed_10m": "wind_ms",
    "wind_direction_10m": "wind_from_deg",
    "winddirection_10m": "wind_from_deg",
    "wind_gusts_10m": "gust_ms",
    "windgusts_10m": "gust_ms",
    "wave_height": "wave_m",
    "wave_direction": "wave_from_deg",
    "wave_period": "wave_period_s",
}
#: Units of Open-Meteo, in m/s, m, s or degrees.
_UNITS = {
    "km/h": 1 / 3.6,
    "m/s": 1.0,
    "mp/h": 0.44704,
    "mph": 0.44704,
    "kn": 1852 / 3600,
    "m": 1.0,
    "ft": 0.3048,
    "s": 1.0,
    "°": 1.0,
}
#: Beyond these a value is no measurement: 113 m/s is the strongest gust, 19 m the highest significant
#: wave height ever measured (WMO archive of extremes).
_MOST = {
    "wind_ms": 113.0,
    "wind_from_deg": 360.0,
    "gust_ms": 113.5,
    "wave_m": 25.0,
    "wave_from_deg": 360.0,
    "wave_period_s": 40.0,
}
#: The year 2500.
_LAST_US = parse_time_us("2500-01-01")
_Rows = list[tuple[float, float, int, dict[str, float]]]


@dataclass(frozen=True)
class WeatherRead:
    """The weather of some files, and what was left out and why (values of one kind counted together)."""

    weather: Weather
    findings: tuple[Finding, ...]


def read_weather(paths: Iterable[str | Path] | str | Path) -> WeatherRead:
    """Read hourly wind and waves from JSON of Open-Meteo or CSV, plain or gzipped.

    JSON: one answer, a list of them, or an object that holds some. CSV: columns ``time, lat_deg,
    lon_deg`` and any of those of ``Sea``. Raises ``UnreadableSurroundings`` for a file that cannot
    be read or has nothing usable in it.
    """
    rows: _Rows = []
    findings: list[Finding] = []
    for path in as_paths(paths):
        text = text_of(path)
        found, faults = (_json if text.lstrip()[:1] in ("{", "[") else _table)(path, text)
        if not found:
            first = f"; first: {faults[0].asset}: {faults[0].message}" if faults else ""
            raise UnreadableSurroundings(f"{path}: no weather in it{first}")
        rows += found
        findings += faults
    return WeatherRead(_weather(rows), tuple(findings))


def _weather(rows: _Rows) -> Weather:
    lat, lon = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    time_us = np.array([r[2] for r in rows], dtype=np.int64)
    columns = (np.array([r[3].get(name, np.nan) for r in rows]) for name in _COLUMNS)
    return Weather(lat, lon, time_us, Sea(*columns))


def _table(path: Path, text: str) -> tuple[_Rows, list[Finding]]:
    rows: _Rows = []
    findings: list[Finding] = []
    for line, row in rows_of(path, text, ("time", "lat_deg", "lon_deg")):
        try:
            lat, lon = position(row)
            told = {name: number(row, name) for name in _COLUMNS}
            sound = {name: value for name, value in told.items() if value is not None}
            beyond = [f"{name} {value:g}" for name, value in sound.items() if not _possible(name, value)]
            if beyond:
                raise ValueError(f"{', '.join(beyond)} cannot be")
            rows.append((lat, lon, _hour_us(row["time"]), sound))
        except ValueError as fault:
            findings.append(rejected("bad_row", f"line {line}", path, str(fault)))
    return rows, findings


def _possible(name: str, value: float) -> bool:
    return 0.0 <= value <= _MOST[name]


def _json(path: Path, text: str) -> tuple[_Rows, list[Finding]]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise UnreadableSurroundings(f"{path}: not JSON: {str(fault).splitlines()[0]}") from fault
    rows: _Rows = []
    findings: list[Finding] = []
    for where, answer in _answers(document, "answer"):
        try:
            found, bad = _hours(answer)
            rows += found
        except (ValueError, TypeError, KeyError, OverflowError, OSError) as fault:
            findings.append(rejected("bad_answer", where, path, f"not as Open-Meteo writes it: {fault}"))
        else:
            told = (f"{n} values: {what}" for what, n in sorted(bad.items()))
            findings += [rejected("bad_value", where, path, said) for said in told]
    return rows, findings


def _answers(document: Any, where: str, depth: int = 4) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Find the answers in a document: objects with hours."""
    if isinstance(document, dict) and isinstance(document.get("hourly"), dict):
        yield where, document
    elif depth and isinstance(document, dict | list):
        inside = document.items() if isinstance(document, dict) else enumerate(document)
        for key, value in inside:
            yield from _answers(value, f"{where} {key}", depth - 1)


def _hours(answer: Mapping[str, Any]) -> tuple[_Rows, Counter[str]]:
    """Give the rows of one answer, and how many values of each kind could not be used."""
    hourly, units = answer["hourly"], dict(answer.get("hourly_units") or {})
    lat, lon = float(answer["latitude"]), float(answer["longitude"])
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError(f"position {lat:g}, {lon:g} is out of range")
    offset_us = int(answer.get("utc_offset_seconds", 0)) * SECOND_US
    times_us = [_hour_us(t, offset_us) for t in hourly["time"]]
    told: list[dict[str, float]] = [{} for _ in times_us]
    bad: Counter[str] = Counter()
    for variable, name in _VARIABLES.items():
        values = hourly.get(variable)
        if values is None or not any(value is not None for value in values):
            continue
        factor = _UNITS.get(units.get(variable, ""))
        if factor is None:
            bad[f"{variable} in {str(units.get(variable))[:20]!r}, an unknown unit"] += len(values)
            continue
        if len(values) != len(times_us):
            raise ValueError(f"{variable} has {len(values)} values for {len(times_us)} hours")
        for row, value in zip(told, values, strict=True):
            if isinstance(value, int | float) and _possible(name, value * factor):
                row[name] = float(value * factor)
            elif value is not None:
                bad[f"{variable} cannot be"] += 1
    return [(lat, lon, t, row) for t, row in zip(times_us, told, strict=True) if row], bad


def _hour_us(said: Any, offset_us: int = 0) -> int:
    """Read Open-Meteo's two ways of giving an hour: local ISO 8601 and Unix seconds."""
    time_us = said * SECOND_US if isinstance(said, int) else parse_time_us(said) - offset_us
    if not 0 <= time_us < _LAST_US:
        raise ValueError(f"time {str(said)[:40]} is out of range")
    return time_us
