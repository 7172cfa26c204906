"""The weather and the water of an exercise: wind, waves and current, hour by hour and place by place.

Wind wanders about a mean of its season and rises to a gale on some days; waves follow the wind with a
delay; the current is a set of slow eddies and what the wind drives. Wind and waves are the same all
over the sea (it is as wide as one weather chart is coarse); the current differs from place to place.

Waves: the fetch-limited height of JONSWAP (Hasselmann and others, 1973), ``0.0016 sqrt(g F) U / g``, no
higher than the fully grown sea of Pierson and Moskowitz (1964), ``0.24 U**2 / g``. Everything else is
own choice, because an invented sea has no record; the real hours kept with the incidents of 2024 and
2025 (winds up to 54 km/h, waves up to 3 m) lie within what is drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises.chance import Chance
from seavigil.records import HOUR_US, SECOND_US

F64 = NDArray[np.float64]

GRAVITY_MS2 = 9.81
HOUR_S = 3600.0
KMH_MS = 1.0 / 3.6
#: Fetch of a sea some 200 km wide.
FETCH_M = 200_000.0
#: Waves are behind the wind by about this long at that fetch.
WAVE_TAU_H = 4.0
#: Winds: mean 7.5 m/s, wandering over a day and a half; a gale on about one day in five adds 7 to 12 m/s.
WIND_MEAN_MS, WIND_SPREAD_MS, WIND_TAU_H = 7.5, 2.6, 36.0
GALE_ODDS, GALE_LEAST_MS, GALE_SPAN_MS = 0.2, 7.0, 5.0
#: Surface current: eddies of up to 0.25 kn, and 1.5 % of the wind (own choice, as above).
EDDY_MS, WIND_DRIVEN = 0.13, 0.015
EDDY_KM = 90.0


class Draw(IntEnum):
    """First key of every number drawn here."""

    WIND = 401
    TURN = 402
    GALE = 403
    EDDY = 404


@dataclass(frozen=True)
class Water:
    """Wind and waves by the hour from the exercise's beginning on (one value more than hours).

    ``wind_ms`` blows and waves run from ``wind_from_deg``; ``phases`` place the eddies.
    """

    wind_ms: F64
    wind_from_deg: F64
    wave_height_m: F64
    phases: tuple[float, ...]

    def at(self, clock_s: F64) -> Hours:
        """Give wind and waves at seconds of the exercise."""
        hour = np.asarray(clock_s, dtype=np.float64) / HOUR_S
        hours = np.arange(len(self.wind_ms))
        turned = np.degrees(np.unwrap(np.radians(self.wind_from_deg)))
        towards = np.radians(np.interp(hour, hours, turned) + 180.0)
        wind = np.interp(hour, hours, self.wind_ms)
        waves = np.interp(hour, hours, self.wave_height_m)
        return Hours(wind * np.sin(towards), wind * np.cos(towards), waves, towards)

    def eddies_ms(self, east_m: F64, north_m: F64) -> tuple[F64, F64]:
        """Give the current east and north at places in metres from a fixed point: two crossed swirls."""
        wave = 2.0 * np.pi / (EDDY_KM * 1000.0)
        a, b, c = self.phases
        east = EDDY_MS * np.sin(wave * north_m + a) + 0.4 * EDDY_MS * np.sin(0.6 * wave * north_m + c)
        north = EDDY_MS * np.sin(wave * east_m + b) + 0.4 * EDDY_MS * np.sin(0.7 * wave * east_m + c)
        return east, north


@dataclass(frozen=True)
class Hours:
    """Wind (m/s, where it blows to), wave height (m) and where waves run to (rad), one value per time."""

    wind_east_ms: F64
    wind_north_ms: F64
    wave_height_m: F64
    towards_rad: F64


def weather(chance: Chance, hours: int, *, gale: bool | None = None) -> Water:
    """Draw the weather of so many hours; ``gale`` True or False settles whether it blows, None leaves it."""
    count = hours + 1
    wind = WIND_MEAN_MS + WIND_SPREAD_MS * _wander(chance, Draw.WIND, count, WIND_TAU_H)
    wind += _gales(chance, count, gale)
    wind = np.clip(wind, 0.5, 26.0)
    begins_deg = 360.0 * float(chance.uniform(Draw.TURN, 1)[0])
    turned = begins_deg + 55.0 * _wander(chance, Draw.TURN, count, 24.0)
    grown = np.minimum(
        0.0016 * np.sqrt(GRAVITY_MS2 * FETCH_M) * wind / GRAVITY_MS2, 0.24 * wind**2 / GRAVITY_MS2
    )
    waves = _lagged(grown, WAVE_TAU_H)
    phases = 2.0 * np.pi * chance.uniform(Draw.EDDY, np.arange(3))
    return Water(wind, turned % 360.0, waves, tuple(phases.tolist()))


def open_meteo(water: Water, began_us: int, *, lat_deg: float, lon_deg: float) -> dict[str, Any]:
    """Give wind and waves as two Open-Meteo answers (``marine``, ``atmosphere``), marked as invented."""
    begins_s = began_us // HOUR_US * (HOUR_US // SECOND_US)
    clock = begins_s + np.arange(len(water.wind_ms)) * int(HOUR_S)
    times = [datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M") for t in clock.tolist()]
    now = water.at(np.asarray(clock - began_us / SECOND_US, dtype=np.float64))
    wind_ms = np.hypot(now.wind_east_ms, now.wind_north_ms)
    come_from = (np.degrees(now.towards_rad) + 180.0) % 360.0
    place = {"latitude": lat_deg, "longitude": lon_deg, "utc_offset_seconds": 0, "timezone": "GMT"}
    marine = {
        "wave_height": ("m", now.wave_height_m.round(2)),
        "wave_direction": ("°", come_from.round()),
        "wave_period": ("s", (3.9 * np.sqrt(now.wave_height_m)).round(2)),
    }
    atmosphere = {
        "wind_speed_10m": ("km/h", (wind_ms / KMH_MS).round(1)),
        "wind_direction_10m": ("°", come_from.round()),
        "wind_gusts_10m": ("km/h", (1.35 * wind_ms / KMH_MS).round(1)),
    }
    return {
        "lat": lat_deg,
        "lon": lon_deg,
        "exercise": True,
        "note": "EXERCISE: invented weather of an invented sea.",
        "marine": place | _hourly(times, marine),
        "atmosphere": place | _hourly(times, atmosphere),
    }


def _hourly(times: list[str], columns: dict[str, tuple[str, F64]]) -> dict[str, Any]:
    units = {"time": "iso8601"} | {name: unit for name, (unit, _) in columns.items()}
    hourly = {"time": times} | {name: values.tolist() for name, (_, values) in columns.items()}
    return {"hourly_units": units, "hourly": hourly}


def _gales(chance: Chance, count: int, gale: bool | None) -> F64:
    """Give what gales add to the wind: each rises and falls within about a day, its middle anywhere in it."""
    hour = np.arange(count, dtype=np.float64)
    more = np.zeros(count)
    for day in range(-(-count // 24)):
        odds, when, how, long = chance.uniform(Draw.GALE, day, np.arange(4)).tolist()
        blows = odds < GALE_ODDS if gale is None else gale and day == 0
        if blows:
            middle = 24.0 * day + min(24.0, count) * when
            width_h = 3.5 + 4.0 * long
            more += (GALE_LEAST_MS + GALE_SPAN_MS * how) * np.exp(-(((hour - middle) / width_h) ** 2))
    return more


def _wander(chance: Chance, what: int, count: int, tau_h: float) -> F64:
    """Give an Ornstein-Uhlenbeck process of unit variance, hour by hour."""
    kept = float(np.exp(-1.0 / tau_h))
    drawn = chance.normal(what, 7, np.arange(count)).tolist()
    out = drawn[:1]
    for number in drawn[1:]:
        out.append(kept * out[-1] + float(np.sqrt(1.0 - kept**2)) * number)
    return np.array(out)


def _lagged(values: F64, tau_h: float) -> F64:
    out = [float(values[0])]
    for value in values[1:].tolist():
        out.append(out[-1] + (value - out[-1]) * (1.0 - float(np.exp(-1.0 / tau_h))))
    return np.array(out)
