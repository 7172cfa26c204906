"""Wind and sea by the hour, and what they take from a ship's speed.

A value holds from its hour on, for 90 minutes, within 100 km of its point: the latest that is not
later than the moment asked for, so nothing looks ahead. Whether it was a forecast, an analysis or
comes from a reanalysis made days later is the source's affair: it describes the sea of that hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seavigil.normal.nearest import Points
from seavigil.records import MINUTE_US, SECOND_US

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Own choices: reanalyses have points every 25 to 50 km, and one missing hour may be bridged.
WITHIN_M = 100_000.0
HOLDS_US = 90 * MINUTE_US

WIND = ("wind_ms", "wind_from_deg", "gust_ms")
WAVES = ("wave_m", "wave_from_deg", "wave_period_s")

_KN_MS = 1852.0 / 3600.0
_GRAVITY_MS2 = 9.81
_SEA_WATER_KG_M3 = 1025.0
_AIR_KG_M3 = 1.225
_POINT_BITS = 34  # seconds since 1970 fit into them until the year 2500


@dataclass(frozen=True)
class Sea:
    """Wind and waves, one value for each place and moment asked for; NaN: not known.

    Directions are where wind and waves come from, degrees true. ``wind_ms`` is the mean at 10 m,
    ``wave_m`` the significant height of wind sea and swell together.
    """

    wind_ms: F64
    wind_from_deg: F64
    gust_ms: F64
    wave_m: F64
    wave_from_deg: F64
    wave_period_s: F64


@dataclass(frozen=True)
class Series:
    """Values by point and hour. ``key``: point and second, ascending; ``values``: one row for each."""

    points: Points
    key: I64
    values: F64

    @classmethod
    def of(cls, lat_deg: F64, lon_deg: F64, time_us: I64, values: F64) -> Series:
        """Put rows in order, without those that lack the first value; of two for one hour the last counts."""
        known = np.isfinite(values[:, 0])
        lat, lon, time_us, values = lat_deg[known], lon_deg[known], time_us[known], values[known]
        places, number = np.unique(np.stack([lat, lon]), axis=1, return_inverse=True)
        key = (number.reshape(-1).astype(np.int64) << _POINT_BITS) + time_us // SECOND_US
        order = np.argsort(key, kind="stable")
        last = np.append(np.diff(key[order]) != 0, True)[: len(order)]
        return cls(Points(places[0], places[1]), key[order][last], values[order][last])

    def at(self, lat_deg: F64, lon_deg: F64, time_us: I64) -> F64:
        """Give the values at the nearest point, the latest that still hold (NaN: none)."""
        found = np.full((len(lat_deg), self.values.shape[1]), np.nan)
        if not len(self.key):
            return found
        point, _ = self.points.nearest(lat_deg, lon_deg, within_m=WITHIN_M)
        wanted = (point << _POINT_BITS) + time_us // SECOND_US
        row = np.searchsorted(self.key, wanted, side="right") - 1
        holds = (point >= 0) & (row >= 0) & (wanted - self.key[row] <= HOLDS_US // SECOND_US)
        found[holds] = self.values[row[holds]]
        return found


@dataclass(frozen=True)
class Weather:
    """Hourly rows in arrays of one length, NaN where a row does not tell. See ``Sea`` for the units."""

    lat_deg: F64
    lon_deg: F64
    time_us: I64
    told: Sea

    def __len__(self) -> int:
        return len(self.time_us)

    def at(self, lat_deg: ArrayLike, lon_deg: ArrayLike, time_us: ArrayLike) -> Sea:
        """Give wind and waves at places and moments; wind and waves may come from different points."""
        lat, lon = (np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in (lat_deg, lon_deg))
        moment = np.broadcast_to(np.asarray(time_us, dtype=np.int64), lat.shape)
        return Sea(*self._winds.at(lat, lon, moment).T, *self._waves.at(lat, lon, moment).T)

    def _series(self, names: tuple[str, ...]) -> Series:
        values = np.stack([getattr(self.told, name) for name in names], axis=1)
        return Series.of(self.lat_deg, self.lon_deg, self.time_us, values)

    @cached_property
    def _winds(self) -> Series:
        return self._series(WIND)

    @cached_property
    def _waves(self) -> Series:
        return self._series(WAVES)


_NONE = np.zeros(0)
NO_WEATHER = Weather(_NONE, _NONE, np.zeros(0, dtype=np.int64), Sea(*[_NONE] * 6))


@dataclass(frozen=True)
class Hull:
    """What a kind of ship is like: block coefficient, and the bow's length to full beam over all."""

    block: float
    bow_share: float


#: By the first digit of the ITU-R M.1371 ship type. Own choices, in the usual range of such ships: tankers
#: and bulk carriers are full and blunt, ferries and fast craft fine and sharp. AIS does not tell a
#: container ship from a bulk carrier.
HULLS = {
    4: Hull(0.50, 0.30),
    6: Hull(0.60, 0.28),
    7: Hull(0.75, 0.20),
    8: Hull(0.80, 0.15),
}
OTHER_HULL = Hull(0.65, 0.25)
#: Length over beam and beam over draught of merchant ships; a ship that does not tell her length.
_LENGTH_BEAM, _BEAM_DRAUGHT, _USUAL_LENGTH_M = 6.5, 2.6, 120.0
#: Total resistance coefficient of a slow full ship in calm water, and the Froude number at which
#: wave-making has doubled it (own choices: a 230 m tanker then needs 6.8 MW of effective power at 14 kn).
_CALM_COEFFICIENT, _DOUBLED_AT_FROUDE = 0.003, 0.28
#: Front above water over beam squared, and its drag coefficient (near 0.8 for most ships from ahead).
_FRONT_SHARE, _AIR_DRAG = 0.7, 0.8
#: From ahead to 45 degrees off, waves take all (the range of STAWAVE-1), from here on nothing.
_WAVES_TO_DEG, _WAVES_NOTHING_DEG = 45.0, 120.0
#: Fetch where the waves are not known (own choice: the width of the Baltic).
_FETCH_M = 200_000.0


def expected_speed_share(
    sea: Sea, length_m: ArrayLike, cog_deg: ArrayLike, sog_kn: ArrayLike, ship_type: int | None = None
) -> F64:
    """Give the share (0..1) of her calm-water speed ``sog_kn`` that wind and sea leave her; NaN: not known.

    The engine gives constant power, and calm-water resistance grows with the square of speed, so
    that her speed falls to the share x with ``x**3 + a x = 1``, where ``a`` is added over calm
    resistance. Added resistance in waves: STAWAVE-1 of ISO 15016:2015,
    ``rho g H^2 B sqrt(B / L_bow) / 16``, for waves within 45 degrees of ahead, falling to nothing at 120
    (own choice). Wind: drag on the front. Calm: ``rho S C V^2 / 2`` with the wetted
    surface of Denny and Mumford, ``S = 1.7 L T + volume / T``. Kwon's percentages (The Naval Architect,
    2008) are not taken: they go by the Beaufort number of the open ocean, and short fetches
    have lower waves. Small craft ride over long waves and lose less than this. Only what she loses
    against her will; her master may slow down more.

    ``length_m`` NaN or 0: taken as 120 m.
    """
    length = np.asarray(length_m, dtype=np.float64)
    length = np.where(length > 0, length, _USUAL_LENGTH_M)
    ship_ms = np.asarray(sog_kn, dtype=np.float64) * _KN_MS
    hull = HULLS.get((ship_type or 0) // 10, OTHER_HULL)
    course = np.asarray(cog_deg, dtype=np.float64)
    wind_n = _wind_n(sea, length, course, ship_ms)
    waves_n = _waves_n(sea, length, course, hull)
    known = np.isfinite(wind_n) | np.isfinite(waves_n)
    added = np.nan_to_num(wind_n, nan=0.0) + np.nan_to_num(waves_n, nan=0.0)
    share = _share_left(np.maximum(added, 0.0) / _calm_n(length, ship_ms, hull))
    return np.where(known & (ship_ms > 0), share, np.nan)


def _share_left(ratio: F64) -> F64:
    """Solve ``x**3 + ratio x = 1`` by Cardano's formula (``ratio`` >= 0: one real root, 0..1)."""
    with np.errstate(invalid="ignore", over="ignore"):
        root = np.sqrt(0.25 + (ratio / 3.0) ** 3)
        exact = np.cbrt(0.5 + root) + np.cbrt(0.5 - root)
        return np.where(ratio < 1e3, exact, 1.0 / np.maximum(ratio, 1.0))  # beyond, x**3 is nothing


def _calm_n(length_m: F64, ship_ms: F64, hull: Hull) -> F64:
    beam = length_m / _LENGTH_BEAM
    draught = beam / _BEAM_DRAUGHT
    surface_m2 = 1.7 * length_m * draught + hull.block * length_m * beam
    froude = ship_ms / np.sqrt(_GRAVITY_MS2 * length_m)
    coefficient = _CALM_COEFFICIENT * (1.0 + (froude / _DOUBLED_AT_FROUDE) ** 4)
    return np.maximum(_SEA_WATER_KG_M3 / 2.0 * surface_m2 * coefficient * ship_ms**2, 1e-9)


def _wind_n(sea: Sea, length_m: F64, cog_deg: F64, ship_ms: F64) -> F64:
    """Give the wind's drag against her course, less that of her own way in still air, in newtons."""
    off = np.radians(sea.wind_from_deg - cog_deg)
    ahead = sea.wind_ms * np.cos(off) + ship_ms
    across = sea.wind_ms * np.sin(off)
    front_m2 = _FRONT_SHARE * (length_m / _LENGTH_BEAM) ** 2
    pressure = ahead * np.hypot(ahead, across) - ship_ms**2
    return np.asarray(_AIR_KG_M3 / 2.0 * _AIR_DRAG * front_m2 * pressure)


def _waves_n(sea: Sea, length_m: F64, cog_deg: F64, hull: Hull) -> F64:
    """Give the added resistance in waves in newtons; where waves are not known, in those the wind raises."""
    height = np.where(np.isfinite(sea.wave_m), sea.wave_m, _wave_of_wind_m(sea.wind_ms))
    coming = np.where(np.isfinite(sea.wave_from_deg), sea.wave_from_deg, sea.wind_from_deg)
    off = np.abs((coming - cog_deg + 180.0) % 360.0 - 180.0)
    part = np.clip((_WAVES_NOTHING_DEG - off) / (_WAVES_NOTHING_DEG - _WAVES_TO_DEG), 0.0, 1.0)
    beam = length_m / _LENGTH_BEAM
    blunt = np.sqrt(beam / (hull.bow_share * length_m))
    return np.asarray(_SEA_WATER_KG_M3 * _GRAVITY_MS2 / 16.0 * height**2 * beam * blunt * part)


def _wave_of_wind_m(wind_ms: F64) -> F64:
    """Give the significant height of a sea limited by fetch, at most that of a fully grown one.

    JONSWAP (Hasselmann et al. 1973): ``g H / U^2 = 0.0016 sqrt(g F / U^2)``; Pierson and Moskowitz
    (1964): ``g H / U^2 = 0.21``.
    """
    fetch = 0.0016 * wind_ms * np.sqrt(_FETCH_M / _GRAVITY_MS2)
    return np.asarray(np.minimum(fetch, 0.21 * wind_ms**2 / _GRAVITY_MS2))
