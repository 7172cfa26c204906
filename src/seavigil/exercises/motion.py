"""How invented ships move: an autopilot on waypoints, first-order speed and turn, wind and anchors.

A ship answers a speed order as exp(-t / ``speed_tau_s``) and a turn order with a rate that itself
lags (Nomoto's first-order model, K and T indices, 1957). What wind and sea do to her is a velocity
added to her way through the water (``set_kn`` towards ``set_deg``). Ships at anchor swing on an
arc; ships at a berth lie still. Everything is drawn on WGS 84 in steps of one second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from seavigil.geodesy import metres_per_degree

F64 = NDArray[np.float64]

KN_MS = 1852.0 / 3600.0

#: Wind and sea take hold of a ship, or let go, over about this long.
SET_TAU_S = 240.0
#: The autopilot turns to the next waypoint this many seconds before it.
WHEEL_OVER_S = 45.0
WHEEL_OVER_MIN_M = 100.0
#: On the last leg to her berth a ship goes no faster than the distance to go in this time (an even
#: 0.06 m/s2 from 18 kn, which ferries do with their engines astern).
BERTHING_TAU_S = 150.0

UNDER_WAY_USING_ENGINE = 0
AT_ANCHOR = 1
MOORED = 5

Place = tuple[float, float]


@dataclass(frozen=True)
class Order:
    """What is asked of a ship from ``at_s`` on, until the next order; no heading: follow the route."""

    at_s: float
    speed_kn: float
    heading_deg: float | None = None
    set_kn: float = 0.0
    set_deg: float = 0.0
    nav_status: int = UNDER_WAY_USING_ENGINE


@dataclass(frozen=True)
class Handling:
    """How quickly a ship answers engine and rudder."""

    speed_tau_s: float = 240.0
    turn_tau_s: float = 12.0
    turn_rate_max_deg_s: float = 0.5


@dataclass(frozen=True)
class Passage:
    """A ship under way: from ``route[0]`` along the route, under ``orders`` (the first at 0 s)."""

    route: tuple[Place, ...]
    orders: tuple[Order, ...]
    handling: Handling = Handling()
    berths_at_end: bool = False


@dataclass(frozen=True)
class Swing:
    """A ship at anchor: her antenna ``radius_m`` from the anchor, to and fro over ``arc_deg``."""

    anchor: Place
    radius_m: float
    towards_deg: float
    arc_deg: float
    period_s: float
    phase_deg: float = 0.0


@dataclass(frozen=True)
class Berth:
    """A ship alongside."""

    place: Place
    heading_deg: float


Motion = Passage | Swing | Berth


@dataclass(frozen=True)
class Tracks:
    """Where every ship truly was: each array is ships by seconds, from second 0 to the last."""

    lat_deg: F64
    lon_deg: F64
    east_kn: F64
    north_kn: F64
    heading_deg: F64
    rot_deg_min: F64
    nav_status: NDArray[np.int64]


def move(motions: Sequence[Motion], seconds: int) -> Tracks:
    """Move all ships from second 0 to ``seconds``; row ``i`` of the result is ``motions[i]``."""
    passages = [i for i, motion in enumerate(motions) if isinstance(motion, Passage)]
    parts = [_lie(motion, seconds) for motion in motions if not isinstance(motion, Passage)]
    others = [i for i, motion in enumerate(motions) if not isinstance(motion, Passage)]
    if passages:
        parts.insert(0, _sail([m for m in motions if isinstance(m, Passage)], seconds))
    order = np.argsort(np.array(passages + others), kind="stable")
    return Tracks(*(np.concatenate([getattr(p, f.name) for p in parts])[order] for f in fields(Tracks)))


def _sail(passages: Sequence[Passage], seconds: int) -> Tracks:
    """Integrate all passages together, one step a second."""
    orders = _Orders.of(passages, seconds)
    helm = _Helm(passages)
    out = np.empty((6, len(passages), seconds + 1))
    set_east, set_north = orders.set_east_ms[:, 0].copy(), orders.set_north_ms[:, 0].copy()
    speed = orders.speed_ms[:, 0].copy()
    for t in range(seconds + 1):
        if t:
            speed += (orders.speed_ms[:, t] - speed) / helm.speed_tau_s
            np.minimum(speed, helm.speed_cap_ms(), out=speed)
            set_east += (orders.set_east_ms[:, t] - set_east) / SET_TAU_S
            set_north += (orders.set_north_ms[:, t] - set_north) / SET_TAU_S
            helm.turn(orders.heading_deg[:, t])
        way = np.radians(helm.heading_deg)
        east, north = speed * np.sin(way) + set_east, speed * np.cos(way) + set_north
        out[:, :, t] = helm.lat_deg, helm.lon_deg, east, north, helm.heading_deg, helm.rate_deg_s
        helm.run(east, north)
    lat, lon, east, north, heading, rate = out
    status = _moored_at_end(passages, orders.nav_status, lat, lon, np.hypot(east, north))
    return Tracks(lat, lon, east / KN_MS, north / KN_MS, heading % 360.0, rate * 60.0, status)


@dataclass(frozen=True)
class _Orders:
    """The orders in force, ships by seconds; heading NaN where the ship follows her route."""

    speed_ms: F64
    heading_deg: F64
    set_east_ms: F64
    set_north_ms: F64
    nav_status: NDArray[np.int64]

    @classmethod
    def of(cls, passages: Sequence[Passage], seconds: int) -> _Orders:
        clock = np.arange(seconds + 1)
        rows = []
        for passage in passages:
            at = np.array([order.at_s for order in passage.orders])
            now = np.searchsorted(at, clock, side="right") - 1
            rows.append(np.array([_numbers(order) for order in passage.orders])[now].T)
        speed, heading, east, north, status = np.array(rows).transpose(1, 0, 2)
        return cls(speed, heading, east, north, status.astype(np.int64))


def _numbers(order: Order) -> tuple[float, float, float, float, float]:
    towards = np.radians(order.set_deg)
    drift = order.set_kn * KN_MS
    heading = np.nan if order.heading_deg is None else order.heading_deg
    east, north = drift * np.sin(towards), drift * np.cos(towards)
    return order.speed_kn * KN_MS, heading, east, north, order.nav_status


class _Helm:
    """Heads and places of all ships while they are being moved: the one thing here that changes."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        legs = max(len(p.route) for p in passages)
        padded = np.array([p.route + (p.route[-1],) * (legs - len(p.route)) for p in passages])
        self._to_lat, self._to_lon = padded[:, :, 0], padded[:, :, 1]
        self._last = np.array([len(p.route) - 1 for p in passages])
        self._next = np.minimum(1, self._last)
        self._ships = np.arange(len(passages))
        self._berths = np.array([p.berths_at_end for p in passages])
        self.speed_tau_s = np.array([p.handling.speed_tau_s for p in passages])
        self._turn_tau_s = np.array([p.handling.turn_tau_s for p in passages])
        self._rate_max = np.array([p.handling.turn_rate_max_deg_s for p in passages])
        self.lat_deg, self.lon_deg = self._to_lat[:, 0].copy(), self._to_lon[:, 0].copy()
        self.rate_deg_s = np.zeros(len(passages))
        self._past = np.zeros(len(passages), dtype=bool)
        self._aim(np.zeros(len(passages)))
        ordered = np.array([_numbers(p.orders[0])[1] for p in passages])
        self.heading_deg = np.where(np.isnan(ordered), self._bearing_deg, ordered)

    def speed_cap_ms(self) -> F64:
        """Give the speed that the berth ahead allows; no limit for those not berthing."""
        berthing = self._berths & (self._next == self._last)
        return np.where(berthing, self._to_go_m / BERTHING_TAU_S, np.inf)

    def turn(self, ordered_deg: F64) -> None:
        """Answer the rudder for one second, to the heading ordered or else to the next waypoint."""
        close = self._berths & (self._next == self._last) & (self._to_go_m < WHEEL_OVER_MIN_M)
        route = np.where(close | self._past, self.heading_deg, self._bearing_deg)
        wanted = np.where(np.isnan(ordered_deg), route, ordered_deg)
        off = (wanted - self.heading_deg + 180.0) % 360.0 - 180.0
        rate = np.clip(off / (3.0 * self._turn_tau_s), -self._rate_max, self._rate_max)
        self.rate_deg_s += (rate - self.rate_deg_s) / self._turn_tau_s
        self.heading_deg = self.heading_deg + self.rate_deg_s

    def run(self, east_ms: F64, north_ms: F64) -> None:
        """Go one second at these speeds over ground, then look for the next waypoint."""
        north_m, east_m = metres_per_degree(self.lat_deg)
        self.lat_deg = self.lat_deg + north_ms / north_m
        self.lon_deg = self.lon_deg + east_ms / east_m
        self._aim(np.hypot(east_ms, north_ms))

    def _aim(self, speed_ms: F64) -> None:
        self._look()
        near = self._to_go_m < np.maximum(WHEEL_OVER_MIN_M, WHEEL_OVER_S * speed_ms)
        self._past |= near & (self._next == self._last) & ~self._berths
        if np.any(near & (self._next < self._last)):
            self._next = np.minimum(self._next + near, self._last)
            self._look()

    def _look(self) -> None:
        north_m, east_m = metres_per_degree(self.lat_deg)
        north = (self._to_lat[self._ships, self._next] - self.lat_deg) * north_m
        east = (self._to_lon[self._ships, self._next] - self.lon_deg) * east_m
        self._to_go_m, self._bearing_deg = np.hypot(east, north), np.degrees(np.arctan2(east, north))


def _moored_at_end(
    passages: Sequence[Passage], ordered: NDArray[np.int64], lat: F64, lon: F64, speed_ms: F64
) -> NDArray[np.int64]:
    """Give the status sent: moored once a berthing ship lies within a ship's breadth of her place."""
    status = ordered.copy()
    for ship, passage in enumerate(passages):
        if passage.berths_at_end:
            north_m, east_m = metres_per_degree(lat[ship])
            end_lat, end_lon = passage.route[-1]
            off = np.hypot((lat[ship] - end_lat) * north_m, (lon[ship] - end_lon) * east_m)
            status[ship, (off < 60.0) & (speed_ms[ship] < 0.5 * KN_MS)] = MOORED
    return status


def _lie(motion: Swing | Berth, seconds: int) -> Tracks:
    """Draw one ship at anchor or alongside."""
    clock = np.arange(seconds + 1.0)
    if isinstance(motion, Berth):
        still = np.zeros(seconds + 1)
        return _row(motion.place, still, still, still + motion.heading_deg, MOORED)
    swing = 2.0 * np.pi * clock / motion.period_s + np.radians(motion.phase_deg)
    bearing = np.radians(motion.towards_deg + motion.arc_deg / 2.0 * np.sin(swing))
    yaw = motion.arc_deg / 6.0 * np.cos(swing)  # the bow falls off before the stern follows
    east, north = motion.radius_m * np.sin(bearing), motion.radius_m * np.cos(bearing)
    return _row(motion.anchor, east, north, np.degrees(bearing) + 180.0 + yaw, AT_ANCHOR)


def _row(place: Place, east_m: F64, north_m: F64, heading_deg: F64, status: int) -> Tracks:
    lat, lon = place
    north_per, east_per = metres_per_degree(np.array([lat]))
    heading = heading_deg % 360.0
    rot = np.gradient(heading_deg) * 60.0
    return Tracks(
        (lat + north_m / north_per)[None, :],
        (lon + east_m / east_per)[None, :],
        (np.gradient(east_m) / KN_MS)[None, :],
        (np.gradient(north_m) / KN_MS)[None, :],
        heading[None, :],
        rot[None, :],
        np.full((1, len(heading)), status, dtype=np.int64),
    )
