"""Every ship's steps at once: arrays where all is well, row by row only where something is odd."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seavigil.records import HOUR_US, SECOND_US, Flag
from seavigil.tracks.assign import Ship, Vessel, judge
from seavigil.tracks.duplicates import Echoes
from seavigil.tracks.params import TrackParams, us
from seavigil.tracks.steps import Place, explained, implied_kn, stands_still, way_m

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]
U32 = NDArray[np.uint32]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """Rows of ships with a possible position, in order of time; ``sog_kn`` NaN: no sound value."""

    time_us: I64
    mmsi: U32
    lat_deg: F64
    lon_deg: F64
    sog_kn: F64
    top_kn: F64
    payload_id: NDArray[np.uint64]

    def take(self, order: I64) -> Rows:
        """Give the rows in another order."""
        return Rows(*(getattr(self, name)[order] for name in self.__dataclass_fields__))

    def one_before(self) -> Rows:
        """Give for each row the one before it; the first stands for itself."""
        columns = (getattr(self, name) for name in self.__dataclass_fields__)
        return Rows(*(np.concatenate([column[:1], column[:-1]]) for column in columns))

    def place(self, i: int) -> Place:
        """Give one row as scalars."""
        return Place(
            int(self.time_us[i]), float(self.lat_deg[i]), float(self.lon_deg[i]), float(self.sog_kn[i])
        )


@dataclass
class Ships:
    """What is remembered of every MMSI: bounded by ``forget_after_s`` and ``max_vessels``."""

    params: TrackParams
    vessels: dict[int, Vessel] = field(default_factory=dict)
    swept_us: int = 0
    echoes: Echoes = field(init=False)

    def __post_init__(self) -> None:
        self.echoes = Echoes(self.params)

    def judge(self, rows: Rows) -> tuple[U8, U32, F64]:
        """Give for each row its part, its flags and the implied speed (NaN: none)."""
        order = _by_mmsi(rows.mmsi)
        n = len(order)
        part, flags, implied = np.zeros(n, np.uint8), np.zeros(n, np.uint32), np.full(n, np.nan)
        if n:
            self.echoes.remember(rows.payload_id, rows.time_us)
            part[order], flags[order], implied[order] = self._by_vessel(rows.take(order))
            self._sweep(int(rows.time_us[-1]))
        return part, flags, implied

    def _by_vessel(self, rows: Rows) -> tuple[U8, U32, F64]:
        n = len(rows.mmsi)
        starts = np.flatnonzero(np.concatenate([[True], rows.mmsi[1:] != rows.mmsi[:-1]]))
        ends = np.append(starts[1:], n)
        before, simple = self._before(rows, starts)
        metres = way_m(before.lat_deg, before.lon_deg, rows.lat_deg, rows.lon_deg)
        seconds = (rows.time_us - before.time_us) / SECOND_US
        ok = np.isnan(metres) | (
            (seconds <= self.params.forget_after_s)
            & explained(metres, seconds, before.sog_kn, rows.sog_kn, rows.top_kn, self.params)
        )
        clean = simple & np.logical_and.reduceat(ok, starts)
        part = np.zeros(n, dtype=np.uint8)
        still = stands_still(metres, seconds, before.sog_kn, rows.sog_kn, self.params)
        flags = np.where(still, np.uint32(Flag.SPEED_DISAGREES), np.uint32(0))
        implied = implied_kn(metres, seconds)
        self._keep_last(rows, ends[clean] - 1)
        odd = np.flatnonzero(np.repeat(~clean, ends - starts))
        echo = self.echoes.repeated(rows.payload_id[odd], rows.time_us[odd])
        for i, is_echo in zip(odd.tolist(), echo.tolist(), strict=True):
            part[i], flags[i], implied[i] = self._one(rows, i, is_echo)
        return part, flags, implied

    def _before(self, rows: Rows, starts: I64) -> tuple[Rows, Bool]:
        """Give for each row the one before it of the same MMSI, from memory for the first (NaN: none).

        Also tells which MMSIs are remembered as one ship, surely where it was last.
        """
        before = rows.one_before()
        simple = np.ones(len(starts), dtype=np.bool_)
        for group, (at, mmsi) in enumerate(zip(starts.tolist(), rows.mmsi[starts].tolist(), strict=True)):
            vessel = self.vessels.get(mmsi)
            if vessel is None:
                before.lat_deg[at], before.time_us[at] = np.nan, rows.time_us[at]
                continue
            ship = vessel.ships[0]
            simple[group] = len(vessel.ships) == 1 and ship.home is None
            before.time_us[at], before.lat_deg[at] = ship.last.time_us, ship.last.lat_deg
            before.lon_deg[at], before.sog_kn[at] = ship.last.lon_deg, ship.last.sog_kn
        return before, simple

    def _keep_last(self, rows: Rows, at: I64) -> None:
        for mmsi, i in zip(rows.mmsi[at].tolist(), at.tolist(), strict=True):
            place, vessel = rows.place(i), self.vessels.get(mmsi)
            if vessel is None:
                self.vessels[mmsi] = Vessel(place.time_us, [Ship(place)])
            else:
                vessel.heard_us, vessel.ships[0].last = place.time_us, place

    def _one(self, rows: Rows, i: int, echo: bool) -> tuple[int, int, float]:
        place, mmsi = rows.place(i), int(rows.mmsi[i])
        vessel = self.vessels.setdefault(mmsi, Vessel(place.time_us))
        return judge(vessel, place, float(rows.top_kn[i]), self.params, echo=echo)

    def _sweep(self, now_us: int) -> None:
        """Forget the long silent, once an hour of data; more often only beyond ``max_vessels``."""
        too_many = len(self.vessels) > self.params.max_vessels
        if now_us - self.swept_us < HOUR_US and not too_many:
            return
        self.swept_us = now_us
        oldest_us = now_us - us(self.params.forget_after_s)
        self.vessels = {mmsi: v for mmsi, v in self.vessels.items() if v.heard_us >= oldest_us}
        if len(self.vessels) > self.params.max_vessels:
            latest = sorted(self.vessels.items(), key=lambda item: item[1].heard_us)
            self.vessels = dict(latest[-self.params.max_vessels * 9 // 10 :])


def _by_mmsi(mmsi: U32) -> I64:
    """Give the stable order of rows by MMSI: one plain sort with the row number in the low bits."""
    key = (mmsi.astype(np.uint64) << np.uint64(32)) | np.arange(len(mmsi), dtype=np.uint64)
    return (np.sort(key) & np.uint64(0xFFFFFFFF)).astype(np.int64)
