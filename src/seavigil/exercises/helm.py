"""Integrate passages: all ships together, one step at a time (the model is told in ``motion``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises.orders import (
    AT_ANCHOR,
    BERTHING_TAU_S,
    KN_MS,
    MOORED,
    SET_TAU_S,
    WHEEL_OVER_MIN_M,
    WHEEL_OVER_S,
    Call,
    Lies,
    Order,
    Passage,
    Tracks,
)
from seavigil.exercises.water import WIND_DRIVEN, Hours, Water
from seavigil.geodesy import metres_per_degree

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: A ship that is to stop takes her way off over at least this many of her own time constants.
STOPPING_TAUS = 1.5
#: She lies once this close to the place of a call.
LYING_M = 60.0
#: Within this of it wind and current lose their hold on her.
SHELTER_M = 1000.0
#: At anchor: she falls back to her place within minutes and yaws to and fro over a quarter of an hour.
SWING_TAU_S, SWING_PERIOD_S, SWING_DEG = 180.0, 900.0, 20.0
SWING_MOST_MS = 0.35
#: Without way a ship turns slowly.
ADRIFT_TURN_DEG_S = 0.05

# way left of a ship under constant power against a pull, x**3 + pull x = 1, tabled
_WAY = np.linspace(1.0, 0.2, 161)
_PULL = (1.0 - _WAY**3) / _WAY


def sail(passages: Sequence[Passage], seconds: int, step_s: float, water: Water | None) -> Tracks:
    """Integrate all passages together."""
    clock = np.arange(0.0, seconds + step_s / 2.0, step_s)
    orders = _Orders.of(passages, clock)
    hindered = _Hindered.of(passages, clock)
    helm = _Helm(passages, step_s)
    hours = None if water is None else water.at(clock)
    out = np.empty((6, len(passages), len(clock)))
    status = np.empty((len(passages), len(clock)), dtype=np.int8)
    set_east, set_north = orders.set_east_ms[:, 0].copy(), orders.set_north_ms[:, 0].copy()
    speed = helm.wanted_ms(orders.speed_ms[:, 0]) * hindered.way_share[:, 0]
    held = orders.held
    takes_set = _within(np.full(1, SET_TAU_S), step_s)
    for t in range(len(clock)):
        if t:
            wanted = helm.wanted_ms(orders.speed_ms[:, t]) * hindered.way_share[:, t]
            if hours is not None:
                wanted *= helm.way_in_waves(hours, t)
            speed += (wanted - speed) * helm.takes_speed
            np.minimum(speed, helm.speed_cap_ms(), out=speed)
            set_east += (orders.set_east_ms[:, t] - set_east) * takes_set
            set_north += (orders.set_north_ms[:, t] - set_north) * takes_set
            helm.turn(orders.heading_deg[:, t], hindered.course_deg[:, t], hours, t)
        way = np.radians(helm.heading_deg)
        east, north = speed * np.sin(way) + set_east, speed * np.cos(way) + set_north
        if water is not None and hours is not None:
            helm.set_down(east, north, water, hours, t, held[:, t])
        helm.hold(east, north, hours, t)
        bow = helm.heading_deg + hindered.yaw_deg[:, t]
        out[:, :, t] = helm.lat_deg, helm.lon_deg, east, north, bow, helm.rate_deg_s
        status[:, t] = helm.status(orders.nav_status[:, t])
        helm.run(east, north, float(clock[t]))
    lat, lon, east, north, heading, rate = out
    _moor_at_end(passages, status, lat, lon, np.hypot(east, north))
    east, north = east / KN_MS, north / KN_MS
    return Tracks(lat, lon, east, north, heading % 360.0, rate * 60.0, status, helm.reached_s, step_s)


def _within(tau_s: F64, step_s: float) -> F64:
    """Give what a first-order lag makes good in one step: as many steps of a second together."""
    share: F64 = 1.0 - (1.0 - 1.0 / tau_s) ** step_s
    return share


@dataclass(frozen=True)
class _Orders:
    """The orders in force, ships by steps; heading NaN where the ship follows her route."""

    speed_ms: F64
    heading_deg: F64
    set_east_ms: F64
    set_north_ms: F64
    nav_status: I64

    @property
    def held(self) -> Bool:
        """Where an order has her at anchor or moored: no water sets her down."""
        return np.isin(self.nav_status, (AT_ANCHOR, MOORED))

    @classmethod
    def of(cls, passages: Sequence[Passage], clock: F64) -> _Orders:
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


@dataclass(frozen=True)
class _Hindered:
    """Burdens and unrest, ships by steps: share of way left, error of the course steered, bow off it."""

    way_share: F64
    course_deg: F64
    yaw_deg: F64

    @classmethod
    def of(cls, passages: Sequence[Passage], clock: F64) -> _Hindered:
        shape = len(passages), len(clock)
        way, course, yaw = np.ones(shape), np.zeros(shape), np.zeros(shape)
        for row, passage in enumerate(passages):
            for burden in passage.burdens:
                first = int(np.searchsorted(clock, burden.began_s))
                part = slice(first, min(first + len(burden.share_lost), len(clock)))
                count = part.stop - part.start
                way[row, part] *= 1.0 - burden.share_lost[:count]
                yaw[row, part] += burden.yaw_deg[:count]
            if passage.unrest is not None:
                knots = passage.unrest.every_s * np.arange(len(passage.unrest.speed_share))
                way[row] *= 1.0 + np.interp(clock, knots, passage.unrest.speed_share)
                course[row] += np.interp(clock, knots, passage.unrest.course_deg)
        return cls(way, course, yaw)


class _Helm:
    """Heads and places of all ships while they are being moved: the one thing here that changes."""

    def __init__(self, passages: Sequence[Passage], step_s: float) -> None:
        legs = max(len(p.route) for p in passages)
        padded = np.array([p.route + (p.route[-1],) * (legs - len(p.route)) for p in passages])
        self._step_s = step_s
        self._to_lat, self._to_lon = padded[:, :, 0], padded[:, :, 1]
        self._last = np.array([len(p.route) - 1 for p in passages])
        self._next = np.minimum(1, self._last)
        self._ships = np.arange(len(passages))
        self._berths = np.array([p.berths_at_end for p in passages])
        self._of_handling(passages)
        self.lat_deg, self.lon_deg = self._to_lat[:, 0].copy(), self._to_lon[:, 0].copy()
        self._anchor_lat, self._anchor_lon = self.lat_deg.copy(), self.lon_deg.copy()
        self.rate_deg_s = np.zeros(len(passages))
        self._past = np.zeros(len(passages), dtype=bool)
        self.reached_s = np.full((len(passages), legs), np.nan)
        self._calls = _Calls.of(passages, legs)
        self._lying = np.zeros(len(passages), dtype=np.int64)
        self._lies_until_s = np.zeros(len(passages))
        self._speed_ms = np.full(len(passages), np.inf)
        self._status = np.full(len(passages), -1, dtype=np.int64)
        self._measure()
        ordered = np.array([_numbers(p.orders[0])[1] for p in passages])
        self.heading_deg = np.where(np.isnan(ordered), self._bearing_deg, ordered)
        self._begin()

    def _of_handling(self, passages: Sequence[Passage]) -> None:
        handlings = [p.handling for p in passages]
        speed_tau_s = np.array([h.speed_tau_s for h in handlings])
        turn_tau_s = np.array([h.turn_tau_s for h in handlings])
        self.takes_speed = _within(speed_tau_s, self._step_s)
        self._takes_turn = _within(turn_tau_s, self._step_s)
        # in one long step she must not turn beyond the course wanted
        self._turns_in_s = np.maximum(3.0 * turn_tau_s, self._step_s)
        self._stops_in_s = np.maximum(BERTHING_TAU_S, STOPPING_TAUS * speed_tau_s)
        self._rate_max = np.array([h.turn_rate_max_deg_s for h in handlings])
        self._sea_pull = np.array([h.sea_pull for h in handlings])
        self._windage = np.array([h.windage for h in handlings])

    def _begin(self) -> None:
        """Heed the calls at the first waypoints: speeds and status, and who lies there to begin with."""
        first = np.zeros(len(self._ships), dtype=np.int64)
        lies = self._calls.lies[:, 0] > 0
        self._next = np.where(lies, 0, self._next)
        self._lie_down(lies, first, 0.0)
        self._heed(~lies, first)
        self.reached_s[:, 0] = 0.0
        self._measure()

    def wanted_ms(self, ordered_ms: F64) -> F64:
        """Give the speed asked for: the lower of order and call, none while she lies."""
        speed: F64 = np.where(self._lying > 0, 0.0, np.minimum(ordered_ms, self._speed_ms))
        return speed

    def status(self, ordered: I64) -> I64:
        """Give the status sent: of the call in force, else of the order."""
        lying = self._calls.lying_status[self._ships, self._next]
        by_call = np.where((self._lying > 0) & (lying >= 0), lying, self._status)
        status: I64 = np.where(by_call >= 0, by_call, ordered)
        return status

    def speed_cap_ms(self) -> F64:
        """Give the speed that the place to stop at allows; no limit for those not stopping."""
        berthing = self._berths & (self._next == self._last)
        stopping = self._gentle & (self._lying == 0)
        cap = np.where(stopping, self._to_go_m / self._stops_in_s, np.inf)
        return np.where(berthing, self._to_go_m / BERTHING_TAU_S, cap)

    def way_in_waves(self, hours: Hours, t: int) -> F64:
        """Give the share of her way that a ship keeps in these waves: least head on, all with them astern."""
        against = -np.cos(np.radians(self.heading_deg) - hours.towards_rad[t])
        pull = self._sea_pull * hours.wave_height_m[t] ** 2 * ((1.0 + against) / 2.0) ** 1.5
        left: F64 = np.interp(pull, _PULL, _WAY)
        return left

    def turn(self, ordered_deg: F64, error_deg: F64, hours: Hours | None, t: int) -> None:
        """Answer the rudder for one step, to the heading ordered or else to the next waypoint."""
        close = self._berths & (self._next == self._last) & (self._to_go_m < WHEEL_OVER_MIN_M)
        stays = close | self._past | (self._lying > 0)
        route = np.where(stays, self.heading_deg, self._bearing_deg + error_deg)
        wanted = np.where(np.isnan(ordered_deg), route, ordered_deg)
        most = self._rate_max
        adrift = self._lying == Lies.ADRIFT
        if hours is not None and adrift.any():
            wanted = np.where(adrift, np.degrees(hours.towards_rad[t]) + 80.0, wanted)
            most = np.where(adrift, ADRIFT_TURN_DEG_S, most)
        off = (wanted - self.heading_deg + 180.0) % 360.0 - 180.0
        rate = np.clip(off / self._turns_in_s, -most, most)
        self.rate_deg_s += (rate - self.rate_deg_s) * self._takes_turn
        self.heading_deg = self.heading_deg + self.rate_deg_s * self._step_s

    def set_down(self, east: F64, north: F64, water: Water, hours: Hours, t: int, held: Bool) -> None:
        """Add to the ways over ground what current and wind do to all that are not held by the ground.

        Close to the place where she is to lie, a ship is helped: tugs, thrusters, the lee of the shore.
        """
        exposed = np.where(self._gentle, np.minimum(self._to_go_m / SHELTER_M, 1.0), 1.0)
        exposed[held] = 0.0
        blown = self._windage + WIND_DRIVEN
        eddy_east, eddy_north = water.eddies_ms(self.lon_deg * self._per_lon, self.lat_deg * self._per_lat)
        east += exposed * (eddy_east + blown * hours.wind_east_ms[t])
        north += exposed * (eddy_north + blown * hours.wind_north_ms[t])

    def hold(self, east: F64, north: F64, hours: Hours | None, t: int) -> None:
        """Keep those alongside where they are, and those at anchor near their anchors."""
        fast = self._lying == Lies.ALONGSIDE
        east[fast], north[fast] = 0.0, 0.0
        self.rate_deg_s[fast] = 0.0
        ships = np.flatnonzero(self._lying == Lies.AT_ANCHOR)
        if not len(ships):
            return
        downwind = 0.0 if hours is None else np.degrees(hours.towards_rad[t])
        turn = 2.0 * np.pi * (t * self._step_s / SWING_PERIOD_S + ships * 0.37)
        bearing = downwind + SWING_DEG * np.sin(turn)
        radius = self._calls.swing_m[ships, self._next[ships]]
        north_m = (self._anchor_lat[ships] - self.lat_deg[ships]) * self._per_lat[ships]
        east_m = (self._anchor_lon[ships] - self.lon_deg[ships]) * self._per_lon[ships]
        for way, off_m, part in ((east, east_m, np.sin), (north, north_m, np.cos)):
            wanted = (off_m + radius * part(np.radians(bearing))) / max(SWING_TAU_S, 2.0 * self._step_s)
            way[ships] = np.clip(wanted, -SWING_MOST_MS, SWING_MOST_MS)
        off = (bearing + 180.0 + 6.0 * np.cos(turn) - self.heading_deg[ships] + 180.0) % 360.0 - 180.0
        self.rate_deg_s[ships] = np.clip(off / 120.0, -0.3, 0.3)

    def run(self, east_ms: F64, north_ms: F64, now_s: float) -> None:
        """Go one step at these speeds over ground, then look for the next waypoint."""
        self.lat_deg = self.lat_deg + north_ms * self._step_s / self._per_lat
        self.lon_deg = self.lon_deg + east_ms * self._step_s / self._per_lon
        self._measure()
        speed = np.hypot(east_ms, north_ms)
        now_s += self._step_s
        lying = self._lying > 0
        over = lying & (now_s >= self._lies_until_s)
        near = self._to_go_m < np.maximum(WHEEL_OVER_MIN_M, WHEEL_OVER_S * speed)
        # a ship bound to lie somewhere comes close first; one that stops her engine to drift does it at once
        arrived = self._stops & ~lying & np.where(self._gentle, self._to_go_m < LYING_M, near)
        passed = (near & ~self._stops & ~self._past) | over
        if arrived.any():
            self._lie_down(arrived, self._next, now_s)
        if passed.any():
            self._pass(passed, over, now_s)

    def _pass(self, passed: Bool, over: Bool, now_s: float) -> None:
        at_end = self._next == self._last
        fresh = passed & ~over & np.isnan(self.reached_s[self._ships, self._next])
        self.reached_s[fresh, self._next[fresh]] = now_s
        self._heed(passed, self._next)
        self._lying[over] = 0
        self._past |= passed & at_end & ~self._berths
        self._next = np.minimum(self._next + passed, self._last)
        self._measure()

    def _lie_down(self, ships: Bool, at: I64, now_s: float) -> None:
        """Begin to lie: for as long as asked and until the time given; at the last waypoint for good."""
        rows = np.flatnonzero(ships)
        calls, where = self._calls, at[rows]
        until = np.maximum(now_s + calls.for_s[rows, where], calls.until_s[rows, where])
        self._lies_until_s[rows] = np.where(where == self._last[rows], np.inf, until)
        self._lying[rows] = calls.lies[rows, where]
        self._anchor_lat[rows], self._anchor_lon[rows] = self.lat_deg[rows], self.lon_deg[rows]
        self.reached_s[rows, where] = now_s

    def _heed(self, ships: Bool, at: I64) -> None:
        """Take over speed and status of the calls at these waypoints."""
        speed = self._calls.speed_ms[self._ships, at]
        status = self._calls.nav_status[self._ships, at]
        self._speed_ms = np.where(ships & ~np.isnan(speed), speed, self._speed_ms)
        self._status = np.where(ships & (status >= 0), status, self._status)

    def _measure(self) -> None:
        self._per_lat, self._per_lon = metres_per_degree(self.lat_deg)
        north = (self._to_lat[self._ships, self._next] - self.lat_deg) * self._per_lat
        east = (self._to_lon[self._ships, self._next] - self.lon_deg) * self._per_lon
        self._to_go_m, self._bearing_deg = np.hypot(east, north), np.degrees(np.arctan2(east, north))
        lies = self._calls.lies[self._ships, self._next]
        self._stops = lies > 0
        self._gentle = self._stops & (lies != Lies.ADRIFT)


@dataclass(frozen=True)
class _Calls:
    """Calls, ships by waypoints; NaN or -1 where nothing is said, 0 where she does not lie."""

    speed_ms: F64
    for_s: F64
    until_s: F64
    swing_m: F64
    lies: I64
    nav_status: I64
    lying_status: I64

    @classmethod
    def of(cls, passages: Sequence[Passage], legs: int) -> _Calls:
        def column(of: Callable[[Call], float | None], blank: float) -> F64:
            filled = np.full((len(passages), legs), blank)
            for row, passage in enumerate(passages):
                for call in passage.calls:
                    value = of(call)
                    filled[row, call.at] = blank if value is None else value
            return filled

        return cls(
            column(lambda c: c.speed_kn, np.nan) * KN_MS,
            column(lambda c: c.for_s, 0.0),
            column(lambda c: c.until_s, 0.0),
            column(lambda c: c.swing_m, 0.0),
            column(lambda c: c.lies, 0.0).astype(np.int64),
            column(lambda c: c.nav_status, -1.0).astype(np.int64),
            column(lambda c: c.lying_status, -1.0).astype(np.int64),
        )


def _moor_at_end(
    passages: Sequence[Passage], status: NDArray[np.int8], lat: F64, lon: F64, speed_ms: F64
) -> None:
    """Put the status to moored once a berthing ship lies within a ship's breadth of her place."""
    for ship, passage in enumerate(passages):
        if passage.berths_at_end:
            north_m, east_m = metres_per_degree(lat[ship])
            end_lat, end_lon = passage.route[-1]
            off = np.hypot((lat[ship] - end_lat) * north_m, (lon[ship] - end_lon) * east_m)
            status[ship, (off < 60.0) & (speed_ms[ship] < 0.5 * KN_MS)] = MOORED
