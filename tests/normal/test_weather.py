"""Wind and sea: which value holds where and when, and what it takes from a ship's speed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.normal.weather import NO_WEATHER, Sea, Weather, expected_speed_share
from seavigil.records import HOUR_US, MINUTE_US, parse_time_us

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
NAN = np.nan


def sea(
    wind_ms: float = NAN, wind_from_deg: float = NAN, wave_m: float = NAN, wave_from_deg: float = NAN
) -> Sea:
    """Give one moment's sea."""
    values = (wind_ms, wind_from_deg, NAN, wave_m, wave_from_deg, NAN)
    return Sea(*(np.array([v], dtype=np.float64) for v in values))


def weather(*rows: tuple[float, float, float, float, float]) -> Weather:
    """Give hourly rows (lat, lon, hour, wind m/s from west, wave m)."""
    lat, lon, hour, wind, wave = (np.array(c, dtype=np.float64) for c in zip(*rows, strict=True))
    nothing = np.full(len(lat), NAN)
    told = Sea(wind, np.full(len(lat), 270.0), nothing, wave, nothing, nothing)
    return Weather(lat, lon, (BEGIN_US + hour * HOUR_US).astype(np.int64), told)


def test_a_value_holds_from_its_hour_on_and_not_before() -> None:
    """A second before the hour the value of the hour before still counts: nothing looks ahead."""
    known = weather((59.0, 24.0, 0, 5.0, 1.0), (59.0, 24.0, 1, 15.0, 3.0))
    at = [BEGIN_US + HOUR_US - 1_000_000, BEGIN_US + HOUR_US]
    assert known.at([59.0, 59.0], [24.0, 24.0], at).wind_ms.tolist() == [5.0, 15.0]


def test_a_value_holds_for_90_minutes() -> None:
    """At 90 minutes it does, a minute later nothing is known; before the first hour nothing either."""
    known = weather((59.0, 24.0, 0, 5.0, 1.0))
    at = np.array([BEGIN_US + 90 * MINUTE_US, BEGIN_US + 91 * MINUTE_US, BEGIN_US - MINUTE_US])
    found = known.at(np.full(3, 59.0), np.full(3, 24.0), at)
    assert found.wind_ms == pytest.approx([5.0, NAN, NAN], nan_ok=True)


def test_a_point_counts_up_to_100_km() -> None:
    """Half a degree of latitude (56 km) away it counts, one degree (111 km) away it does not."""
    known = weather((59.0, 24.0, 0, 5.0, 1.0))
    found = known.at([59.5, 60.0], [24.0, 24.0], BEGIN_US)
    assert found.wave_m == pytest.approx([1.0, NAN], nan_ok=True)


def test_wind_and_waves_come_from_the_nearest_point_that_tells_them() -> None:
    """A point on land has wind but never waves: the waves of the next point count."""
    known = weather((59.0, 24.0, 0, 5.0, NAN), (59.2, 24.0, 0, 9.0, 2.0))
    found = known.at([59.01], [24.0], BEGIN_US)
    assert (found.wind_ms.tolist(), found.wave_m.tolist()) == ([5.0], [2.0])


def test_without_weather_nothing_is_known() -> None:
    """No input gives NaN, not calm."""
    found = NO_WEATHER.at([59.0, 60.0], [24.0, 24.0], BEGIN_US)
    assert np.isnan(list(vars(found).values())).all()
    assert np.isnan(expected_speed_share(found, 100.0, 0.0, 10.0)).all()


def test_a_worked_value_of_the_speed_lost() -> None:
    """A 130 m cargo ship at 10 kn into waves of 2 m: by hand 44.1 kN on 158.9 kN, numpy solves the cubic."""
    waves_n = 1025 * 9.81 / 16 * 2**2 * 20 * np.sqrt(20 / 26)  # STAWAVE-1, beam 20 m, bow 26 m
    way_ms = 10 * 1852 / 3600
    froude = way_ms / np.sqrt(9.81 * 130)
    surface_m2 = 1.7 * 130 * (20 / 2.6) + 0.75 * 130 * 20  # Denny and Mumford
    calm_n = 1025 / 2 * surface_m2 * 0.003 * (1 + (froude / 0.28) ** 4) * way_ms**2
    assert (waves_n, calm_n) == (pytest.approx(44_100, rel=0.01), pytest.approx(158_900, rel=0.01))
    roots = np.roots([1, 0, waves_n / calm_n, -1])
    expected = roots[np.abs(roots.imag) < 1e-9].real[0]
    lost = expected_speed_share(sea(wave_m=2, wave_from_deg=90), 130.0, 90.0, 10.0, 70)
    assert lost == pytest.approx([expected], rel=1e-9)


def test_head_seas_cost_most_and_following_seas_nothing() -> None:
    """Six metres a second of wind and two of sea: from ahead, abeam, astern."""
    shares = [
        float(expected_speed_share(sea(12, d, 2, d), 150.0, 0.0, 12.0, 70)[0]) for d in (0, 30, 90, 180)
    ]
    assert shares[0] <= shares[1] < shares[2] < shares[3] == 1.0


def test_a_large_tanker_hardly_feels_what_stops_a_coaster() -> None:
    """Three metres of head sea: 230 m keep nine tenths at 14 kn, 80 m less than three quarters at 9 kn."""
    rough = sea(wave_m=3, wave_from_deg=0)
    assert expected_speed_share(rough, 230.0, 0.0, 14.0, 80) > 0.9
    assert expected_speed_share(rough, 80.0, 0.0, 9.0, 70) < 0.75


def test_calm_costs_nothing_and_an_unknown_length_is_taken() -> None:
    """Zero wind and sea leave all; a ship without a length is taken as 120 m."""
    assert expected_speed_share(sea(0, 0, 0, 0), 150.0, 0.0, 12.0) == pytest.approx([1.0])
    rough = sea(15, 0, 3, 0)
    assert expected_speed_share(rough, NAN, 0.0, 12.0) == expected_speed_share(rough, 120.0, 0.0, 12.0)


def test_waves_unknown_are_those_the_wind_raises() -> None:
    """15 m/s over 200 km of fetch raise 3.4 m (JONSWAP), as if that had been given."""
    by_wind = expected_speed_share(sea(15, 0), 150.0, 0.0, 12.0)
    height_m = 0.0016 * np.sqrt(9.81 * 200_000 / 15**2) * 15**2 / 9.81
    assert height_m == pytest.approx(3.4, abs=0.05)
    assert by_wind == pytest.approx(expected_speed_share(sea(15, 0, height_m, 0), 150.0, 0.0, 12.0))


@given(
    st.floats(0, 60),
    st.floats(0, 360),
    st.floats(0, 20),
    st.floats(0, 360),
    st.floats(5, 420),
    st.floats(0, 40),
)
def test_the_share_is_a_share(
    wind_ms: float, wind_from_deg: float, wave_m: float, cog_deg: float, length_m: float, sog_kn: float
) -> None:
    """Whatever the sea, ship and speed: between 0 and 1, or not known for a ship that lies still."""
    share = expected_speed_share(sea(wind_ms, wind_from_deg, wave_m, 0.0), length_m, cog_deg, sog_kn, 80)
    assert np.isnan(share).all() if sog_kn == 0 else ((share >= 0) & (share <= 1)).all()
