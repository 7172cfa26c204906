"""What a ship's sets measure and say: position, speed, course and heading with their errors, jamming, slips.

Positions wander by some metres, speeds are off by 0.04 kn on each axis, compasses by 0.4 degrees. In a
jammed area some ships lose their position, some send poor ones, and some are carried to one false place
together, as seen around the Baltic since 2023. All figures are own choices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises.chance import Chance
from seavigil.exercises.encode import UNKNOWN, Dimensions
from seavigil.exercises.orders import Place, Tracks
from seavigil.geodesy import metres_per_degree

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
I8 = NDArray[np.int8]
Bool = NDArray[np.bool_]

#: The slow waves of a position's error: periods and sizes, and the noise of each fix.
WANDER_PERIODS_S = np.array([97.0, 311.0, 1013.0])
WANDER_M = np.array([1.0, 1.5, 2.0])
JITTER_M = 0.7
VELOCITY_NOISE_KN = 0.04
COMPASS_NOISE_DEG = 0.4
#: Of the ships in a jammed area so many lose their position, send poor ones, or are carried away.
LOST, POOR, CARRIED = 0.45, 0.35, 0.12
#: Jamming bites in this share of the minutes.
BITES = 0.75
POOR_M = 400.0
CARRIED_RADIUS_M = 900.0


class Draw(IntEnum):
    """First key of every number drawn, so that no two uses share their luck."""

    PHASE = 1
    SLOT = 2
    FIX = 3
    VELOCITY = 4
    HEADING = 5
    HEARD = 6
    DELAY = 7
    STATIC = 8
    JAMMED = 9
    SLIP = 10


@dataclass(frozen=True)
class Ship:
    """What a ship says of herself, and when her set is off (``silent_s``: from, to)."""

    mmsi: int
    name: str
    callsign: str
    ship_type: int
    dimensions: Dimensions = UNKNOWN
    draught_m: float = 0.0
    destination: str = ""
    class_b: bool = False
    has_compass: bool = True
    accurate: bool = True
    silent_s: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Jamming:
    """GNSS jammed within ``radius_km`` of a place, from ``began_s`` to ``ended_s``.

    ``carried_to`` is where the ships that take the false signals believe they are.
    """

    lat_deg: float
    lon_deg: float
    radius_km: float
    began_s: float
    ended_s: float
    carried_to: Place


@dataclass(frozen=True)
class Faults:
    """What is wrong with the sets of an exercise: areas jammed, and the odds of one wild fix per report."""

    jamming: tuple[Jamming, ...] = ()
    slip_odds: float = 0.0


#: Nothing is.
SOUND = Faults()


@dataclass(frozen=True)
class Said:
    """What is sent, report by report; NaN is not available."""

    lat_deg: F64
    lon_deg: F64
    sog_kn: F64
    cog_deg: F64
    heading_deg: F64
    rot_deg_min: F64
    nav_status: I8
    accurate: Bool

    def facts(self, i: int) -> dict[str, Any]:
        """Give report ``i`` as the encoder takes it."""
        values = {name: float(getattr(self, name)[i]) for name in _SENT}
        facts: dict[str, Any] = {name: None if np.isnan(v) else v for name, v in values.items()}
        return facts | {"position_accuracy_high": bool(self.accurate[i])}


_SENT = ("lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg")


@dataclass(frozen=True)
class Sets:
    """The sets of a fleet."""

    ships: Sequence[Ship]
    chance: Chance
    faults: Faults = SOUND

    def measure(self, tracks: Tracks, row: I64, fix: I64) -> Said:
        """Give what ships ``row`` (rows of ``tracks``) say of the whole seconds ``fix``."""
        now = tracks.at(row, fix)
        mmsi, accurate = self._mmsi[row], self._accurate[row]
        lat, lon = self._fixes(now.place, row, fix)
        east, north = (
            way + VELOCITY_NOISE_KN * self.chance.normal(Draw.VELOCITY, mmsi, axis, fix)
            for axis, way in enumerate(now.way_kn)
        )
        bow = (now.heading_deg + COMPASS_NOISE_DEG * self.chance.normal(Draw.HEADING, mmsi, fix)) % 360.0
        sog, cog = np.hypot(east, north), np.degrees(np.arctan2(east, north)) % 360.0
        bow = np.where(self._compass[row], bow, np.nan)
        said = Said(lat, lon, sog, cog, bow, now.rot_deg_min, now.nav_status, accurate)
        for which, jamming in enumerate(self.faults.jamming):
            said = self._jammed(said, now.place, mmsi, fix, jamming, which)
        return self._slipped(said, mmsi, fix) if self.faults.slip_odds else said

    @cached_property
    def _mmsi(self) -> I64:
        return np.array([ship.mmsi for ship in self.ships], dtype=np.int64)

    @cached_property
    def _accurate(self) -> Bool:
        return np.array([ship.accurate for ship in self.ships], dtype=bool)

    @cached_property
    def _compass(self) -> Bool:
        return np.array([ship.has_compass for ship in self.ships], dtype=bool)

    @cached_property
    def _phases(self) -> F64:
        """Give the phases of the slow waves: ships by axes by waves."""
        waves = np.arange(3)
        drawn = [self.chance.uniform(Draw.FIX, self._mmsi[:, None], axis, waves) for axis in (0, 1)]
        return 2.0 * np.pi * np.stack(drawn, axis=1)

    def _fixes(self, place: tuple[F64, F64], row: I64, fix: I64) -> tuple[F64, F64]:
        """Give positions with GNSS error: a slow wander of some metres and a little noise on each fix."""
        turn = 2.0 * np.pi * fix[:, None] / WANDER_PERIODS_S
        size = np.where(self._accurate[row], 1.0, 2.0)
        north_m, east_m = metres_per_degree(place[0])
        out = []
        for axis, per_degree in enumerate((north_m, east_m)):
            wander = np.sin(turn + self._phases[row, axis]) @ WANDER_M
            jitter = JITTER_M * self.chance.normal(Draw.FIX, self._mmsi[row], axis + 10, fix)
            out.append(place[axis] + (wander * size + jitter) / per_degree)
        return out[0], out[1]

    def _jammed(
        self, said: Said, place: tuple[F64, F64], mmsi: I64, fix: I64, jamming: Jamming, which: int
    ) -> Said:
        north_m, east_m = metres_per_degree(np.array([jamming.lat_deg]))
        off_m = np.hypot((place[0] - jamming.lat_deg) * north_m, (place[1] - jamming.lon_deg) * east_m)
        during = (fix >= jamming.began_s) & (fix < jamming.ended_s) & (off_m < 1000.0 * jamming.radius_km)
        rows = np.flatnonzero(during)
        if not len(rows):
            return said
        bites = self.chance.uniform(Draw.JAMMED, which, mmsi[rows], 2, fix[rows] // 60) < BITES
        rows = rows[bites]
        fate = self.chance.uniform(Draw.JAMMED, which, mmsi[rows], 1)
        out = {name: getattr(said, name).copy() for name in (*_SENT, "accurate")}
        out["accurate"][rows] = False
        for name in _SENT[:4]:
            out[name][rows[fate < LOST]] = np.nan
        self._make_poor(out, mmsi, fix, rows[(fate >= LOST) & (fate < LOST + POOR)])
        carried = rows[(fate >= LOST + POOR) & (fate < LOST + POOR + CARRIED)]
        self._carry(out, mmsi, fix, carried, jamming)
        return Said(**out, rot_deg_min=said.rot_deg_min, nav_status=said.nav_status)

    def _make_poor(self, out: dict[str, Any], mmsi: I64, fix: I64, rows: I64) -> None:
        """Throw positions about, minute by minute, and spoil speeds and courses."""
        minute, ship = fix[rows] // 60, mmsi[rows]
        for axis, (name, per_degree) in enumerate((("lat_deg", 111_000.0), ("lon_deg", 58_000.0))):
            out[name][rows] += POOR_M * self.chance.normal(Draw.JAMMED, 3, ship, axis, minute) / per_degree
        out["sog_kn"][rows] += np.abs(2.0 * self.chance.normal(Draw.JAMMED, 4, ship, minute))
        out["cog_deg"][rows] = (
            out["cog_deg"][rows] + 40.0 * self.chance.normal(Draw.JAMMED, 5, ship, minute)
        ) % 360.0

    def _carry(self, out: dict[str, Any], mmsi: I64, fix: I64, rows: I64, jamming: Jamming) -> None:
        """Take ships round a circle about one false place."""
        turn = 2.0 * np.pi * (fix[rows] / 600.0 + self.chance.uniform(Draw.JAMMED, 6, mmsi[rows]))
        north_m, east_m = metres_per_degree(np.array([jamming.carried_to[0]]))
        out["lat_deg"][rows] = jamming.carried_to[0] + CARRIED_RADIUS_M * np.cos(turn) / north_m
        out["lon_deg"][rows] = jamming.carried_to[1] + CARRIED_RADIUS_M * np.sin(turn) / east_m
        out["sog_kn"][rows] = 2.0 * np.pi * CARRIED_RADIUS_M / 600.0 * 3600.0 / 1852.0
        out["cog_deg"][rows] = (np.degrees(turn) + 90.0) % 360.0

    def _slipped(self, said: Said, mmsi: I64, fix: I64) -> Said:
        """Make a few fixes wild: up to a degree and a half off, as damaged or misread messages are."""
        wild = self.chance.uniform(Draw.SLIP, mmsi, fix) < self.faults.slip_odds
        off = np.where(wild, 3.0 * (self.chance.uniform(Draw.SLIP, mmsi, 1, fix) - 0.5), 0.0)
        return Said(**(vars(said) | {"lat_deg": said.lat_deg + off}))
