"""How ships go on from here: many tries of each ship, by the ways of others and by her own unsteadiness.

A ship under way keeps a mean velocity and comes back to it: her velocity is an Ornstein-Uhlenbeck process and
her way its integral (Millefiori, Braca, Bryan and Willett, "Modeling vessel kinematics using a stochastic
mean-reverting process for long-term prediction", IEEE Transactions on Aerospace and Electronic Systems 52,
2016). The mean itself changes where ships turn: at every step a try goes on as one of the ships did
that were there on such a course (`forecast.ways`), the surer the more of them there were; where nobody
was, it holds its course and now and then alters it. Where a ship has named a port that is known, most of her
tries make for it. What runs aground turns away or stops.

The numbers drawn are the same for every ship and every moment: a try is a fixed fate, so that a forecast
made again is the same, and one made a minute later moves by a minute's worth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from math import exp, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from seavigil.forecast.ways import STEP_S, Ways
from seavigil.geodesy import metres_per_degree, turn_deg
from seavigil.hashing import mix

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: Tells which places are land; arrays of one shape.
Land = Callable[[F64, F64], Bool]

_MS_PER_KN = 1852.0 / 3600.0
#: Within a step land is looked for at these parts of it too: every cell of the shore at 12 kn.
_LOOKS = (1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6)
#: What a ship tries in turn that would run ashore.
_WAYS_OUT_DEG = (30.0, -30.0, 60.0, -60.0, 90.0, -90.0)


@dataclass(frozen=True)
class MotionParams:
    """How ships go on. Set on exercise seeds below 1000 (decision 13); none is of one sea.

    ``tries`` of each ship, for ``horizon_s``. ``follows_from``: of so many ways known half are followed.
    ``turns_per_h, turn_deg``: how often and by how much (scale of a Laplace distribution) a ship alters
    course where nothing is known. ``stops_per_h, leaves_per_h``: how often she stops there, and how often
    one at rest leaves, then at ``leaves_kn`` on any course. ``speed_share``: standard deviation of the
    speed she keeps in the long run, as a share, reached within ``speed_settles_s``. ``lost_share`` of the
    way she has lost against her usual speed adds to it: who is slower may be slower yet. ``regains_share``:
    of the tries return to her own usual speed meanwhile. ``yaw_deg``: of the course made good in one step.
    ``swing_s``: her speed forgets its wavering in so long; ``wavers_share`` of it counts. ``heeds_share``: of
    the tries make for the destination that she told, by ``helm_deg`` a step at most, until within
    ``arrived_m`` of it (own choices: what crews type in is often the last voyage's or none; so near to it, or
    bound away from it, she heeds it no more; 5 km is a port's approach, see `normal.places`).
    """

    tries: int = 48
    horizon_s: float = 24 * 3600.0
    follows_from: float = 1.0
    turns_per_h: float = 0.5
    turn_deg: float = 40.0
    stops_per_h: float = 0.03
    leaves_per_h: float = 0.08
    leaves_kn: float = 10.0
    speed_share: float = 0.08
    speed_settles_s: float = 3600.0
    lost_share: float = 0.5
    regains_share: float = 0.3
    yaw_deg: float = 2.0
    swing_s: float = 1800.0
    wavers_share: float = 1.0
    heeds_share: float = 0.7
    helm_deg: float = 15.0
    arrived_m: float = 5000.0


@dataclass(frozen=True, eq=False)
class State:
    """Where ships are and how they go, one element a ship; NaN: not known.

    ``swing_kn``: standard deviation of her speed about its mean, from her own last half hour. ``usual_kn``:
    her own usual speed under way. ``to_*_deg``: the port that she says she is bound for.
    """

    lat_deg: F64
    lon_deg: F64
    sog_kn: F64
    cog_deg: F64
    swing_kn: F64
    usual_kn: F64
    to_lat_deg: F64
    to_lon_deg: F64

    def __len__(self) -> int:
        return len(self.lat_deg)

    def part(self, rows: slice) -> State:
        """Give some of them."""
        return State(*(getattr(self, f.name)[rows] for f in fields(self)))


@dataclass(frozen=True, eq=False)
class Paths:
    """Tries of ships: places (shape: ships, tries, steps + 1) ``STEP_S`` apart; longitudes unwrapped."""

    lat_deg: F64
    lon_deg: F64


def paths(state: State, ways: Ways, params: MotionParams, land: Land | None = None) -> Paths:
    """Let each ship go on in ``params.tries`` ways; one whose speed is not known stays where she is.

    ``land``: tells what is land; without it ships go over what they do not know.
    """
    steps = round(params.horizon_s / STEP_S)
    tries = _Tries(state, _fate(params.tries, steps), params)
    lats, lons = np.empty((steps + 1, tries.lat.size)), np.empty((steps + 1, tries.lat.size))
    lats[0], lons[0] = tries.lat, tries.lon
    for step in range(steps):
        tries.go(step, ways, land)
        lats[step + 1], lons[step + 1] = tries.lat, tries.lon
    whole = (len(state), params.tries, steps + 1)
    return Paths(lats.T.reshape(whole), lons.T.reshape(whole))


class _Tries:
    """All tries of some ships, step by step; arrays of one length (ships times tries)."""

    def __init__(self, state: State, fate: dict[str, F64], params: MotionParams) -> None:
        self._params, self._fate, self._ships = params, fate, len(state)
        each = {f.name: np.repeat(getattr(state, f.name), params.tries) for f in fields(State)}
        self.lat, self.lon = each["lat_deg"], each["lon_deg"]
        self._stuck = ~np.isfinite(each["sog_kn"])
        self._rests = ~(each["sog_kn"] > 0) | ~np.isfinite(each["cog_deg"])
        self._course = np.nan_to_num(each["cog_deg"])
        self._usual, self._now = each["usual_kn"], np.nan_to_num(each["sog_kn"])
        lost = np.clip(np.nan_to_num(1.0 - self._now / self._usual), 0.0, 1.0)
        lost = np.where(self._rests, 0.0, lost)  # who lies still will leave as she usually goes
        self._pace = np.exp(np.hypot(params.speed_share, params.lost_share * lost) * self._drawn("pace"))
        regains = (self._drawn("regains") < params.regains_share) & (self._usual > self._now)
        self._lasting = np.where(regains, self._usual, self._now) * self._pace
        self._waver, self._swing = np.zeros(self.lat.size), np.nan_to_num(each["swing_kn"])
        self._swing *= params.wavers_share
        self._to = each["to_lat_deg"], each["to_lon_deg"]
        self._heeds = np.isfinite(self._to[0]) & (self._drawn("heeds") < params.heeds_share)
        bound_deg, off_m = self._bound()
        away = ~self._rests & (np.abs(turn_deg(bound_deg - self._course)) > 90.0)
        self._heeds &= (off_m > params.arrived_m) & ~away

    def _drawn(self, name: str, step: int = 0) -> F64:
        return np.tile(self._fate[name][step], self._ships)

    def go(self, step: int, ways: Ways, land: Land | None) -> None:
        """Go one step on."""
        first, count = ways.at(self.lat, self.lon, self._course, self._rests)
        follows = self._drawn("follow", step) * (count + self._params.follows_from) < count
        bound_deg = self._arrive()
        record = self._record(step, ways, np.where(follows, first, 0), np.where(follows, count, 1), bound_deg)
        made_deg, next_deg, stops, sog_kn = self._turns(step, ways, follows, record, bound_deg)
        leaves = self._rests & ~stops & ~self._stuck
        self._set_out(leaves, sog_kn)
        moves = ~self._rests | leaves
        run_m = np.where(moves & ~self._stuck, self._speed_kn(step) * _MS_PER_KN * STEP_S, 0.0)
        run_m[leaves] /= 2.0  # some time within the step
        aground = self._advance(made_deg, next_deg, run_m, land)
        self._rests = np.where(self._rests, ~leaves, stops) | aground

    def _arrive(self) -> F64:
        """Give the bearing of the port that each try makes for, NaN of none; who has arrived stays there."""
        if not self._heeds.any():
            return np.full(len(self.lat), np.nan)
        bound_deg, off_m = self._bound()
        self._stuck |= self._heeds & (off_m <= self._params.arrived_m)
        return np.where(self._heeds, bound_deg, np.nan)

    def _bound(self) -> tuple[F64, F64]:
        """Give bearing and distance (m) of the port that each ship named, in the local plane."""
        per_lat, per_lon = metres_per_degree((self.lat + np.nan_to_num(self._to[0])) / 2.0)
        north, east = (self._to[0] - self.lat) * per_lat, turn_deg(self._to[1] - self.lon) * per_lon
        return np.degrees(np.arctan2(east, north)), np.hypot(north, east)

    def _record(self, step: int, ways: Ways, first: I64, count: I64, bound_deg: F64) -> I64:
        """Choose the record that each try follows; of two, who is bound somewhere takes the better."""
        one = first + (self._drawn("which", step) * count).astype(np.int64)
        if not self._heeds.any() or not len(ways.keys):
            return one
        other = first + (self._drawn("other", step) * count).astype(np.int64)
        off_one, off_other = (np.abs(turn_deg(ways.next_deg[at] - bound_deg)) for at in (one, other))
        return np.asarray(np.where(off_other < off_one, other, one))

    def _turns(
        self, step: int, ways: Ways, follows: Bool, record: I64, bound_deg: F64
    ) -> tuple[F64, F64, Bool, F64]:
        """Give the course of this step, the course after it, who rests at its end, and the speed there."""
        params, hour_share = self._params, STEP_S / 3600.0
        alters = self._drawn("alter", step) < -np.expm1(-params.turns_per_h * hour_share)
        own = self._course + np.where(alters, params.turn_deg * self._drawn("turn", step), 0.0)
        own = np.where(self._rests, 360.0 * self._drawn("which", step), own)
        helm_deg = np.clip(turn_deg(bound_deg - self._course), -params.helm_deg, params.helm_deg)
        own = np.where(self._heeds, self._course + helm_deg, own)
        stop = self._drawn("stop", step)
        stops = np.where(
            self._rests,
            stop >= -np.expm1(-params.leaves_per_h * hour_share),
            stop < -np.expm1(-params.stops_per_h * hour_share),
        )
        yaw = params.yaw_deg * self._drawn("yaw", step)
        unknown = np.full(len(own), np.nan)
        if not len(ways.keys):
            return own + yaw, own % 360.0, stops, unknown
        step_deg, next_deg = ways.step_deg[record], ways.next_deg[record]
        # known to a sector only: a course within it is as good
        as_she_goes = ways.rough[record] & (np.abs(turn_deg(step_deg - self._course)) <= 10.0)
        step_deg, next_deg = (np.where(as_she_goes, self._course, x) for x in (step_deg, next_deg))
        return (
            np.where(follows, step_deg, own) + yaw,
            np.where(follows, next_deg, own) % 360.0,
            np.where(follows, ways.stops[record], stops),
            np.where(follows, ways.sog_kn[record], unknown),
        )

    def _set_out(self, leaves: Bool, sog_kn: F64) -> None:
        """Give those who leave a speed: their usual one, or that of whom they follow, or any."""
        kn = np.where(np.isfinite(self._usual), self._usual, sog_kn)
        kn = np.where(np.isfinite(kn), kn, self._params.leaves_kn) * self._pace
        self._now, self._lasting = np.where(leaves, kn, self._now), np.where(leaves, kn, self._lasting)

    def _speed_kn(self, step: int) -> F64:
        """Give the mean speed over a step: an Ornstein-Uhlenbeck process about a mean that settles."""
        params = self._params
        settled = exp(-(step + 0.5) * STEP_S / params.speed_settles_s)
        mean = self._lasting + (self._now - self._lasting) * settled
        kept = exp(-STEP_S / params.swing_s)
        self._waver = self._waver * kept + self._swing * sqrt(1.0 - kept**2) * self._drawn("waver", step)
        return np.asarray(np.maximum(mean + self._waver, 0.0))

    def _advance(self, made_deg: F64, next_deg: F64, run_m: F64, land: Land | None) -> Bool:
        """Move; who would run ashore takes the nearest course that is clear, or stops. Gives who stopped."""
        to_lat, to_lon = ahead(self.lat, self.lon, made_deg, run_m)
        course = np.where(run_m > 0, next_deg, self._course)
        aground = np.zeros(len(run_m), dtype=np.bool_)
        if land is not None:
            ashore = np.flatnonzero(run_m > 0)
            ashore = ashore[_ashore(land, self.lat[ashore], self.lon[ashore], to_lat[ashore], to_lon[ashore])]
            for off_deg in _WAYS_OUT_DEG:
                if not len(ashore):
                    break
                turned = made_deg[ashore] + off_deg
                try_lat, try_lon = ahead(self.lat[ashore], self.lon[ashore], turned, run_m[ashore])
                clear = ~_ashore(land, self.lat[ashore], self.lon[ashore], try_lat, try_lon)
                at = ashore[clear]
                to_lat[at], to_lon[at], course[at] = try_lat[clear], try_lon[clear], turned[clear] % 360.0
                ashore = ashore[~clear]
            to_lat[ashore], to_lon[ashore] = self.lat[ashore], self.lon[ashore]
            aground[ashore] = True
        self.lat, self.lon, self._course = to_lat, to_lon, course
        return aground


def _ashore(land: Land, lat: F64, lon: F64, to_lat: F64, to_lon: F64) -> Bool:
    """Tell which steps end on land or go over it; a quay on land, as coarse coasts have it, may be left."""
    between = np.zeros(len(lat), dtype=np.bool_)
    for part in _LOOKS:
        between |= land(lat + part * (to_lat - lat), lon + part * (to_lon - lon))
    return np.asarray(land(to_lat, to_lon) | (between & ~land(lat, lon)))


def ahead(lat: F64, lon: F64, course_deg: F64, run_m: F64) -> tuple[F64, F64]:
    """Give the place so far on along a rhumb line, in the local plane (good to metres over some miles)."""
    course = np.radians(course_deg % 360.0)
    north_m = run_m * np.cos(course)
    per_lat, _ = metres_per_degree(lat)
    to_lat = np.clip(lat + north_m / per_lat, -89.9, 89.9)
    _, per_lon = metres_per_degree((lat + to_lat) / 2.0)
    return to_lat, lon + run_m * np.sin(course) / per_lon


#: What is drawn once a try, and once a step and try.
_BY_TRY = ("pace", "regains", "heeds")
_BY_STEP = ("follow", "which", "other", "alter", "turn", "stop", "yaw", "waver")


@lru_cache(maxsize=2)
def _fate(tries: int, steps: int) -> dict[str, F64]:
    """Draw the fates: evenly spread over the tries (a shuffled ladder at every step), so that few suffice."""
    fate: dict[str, F64] = {}
    for number, name in enumerate((*_BY_TRY, *_BY_STEP)):
        rows = 1 if name in _BY_TRY else steps
        luck = _uniform(number, rows, tries)
        ladder = (np.argsort(np.argsort(luck, axis=1), axis=1) + _uniform(number + 100, rows, tries)) / tries
        fate[name] = _shaped(name, ladder)
    return fate


def _shaped(name: str, even: F64) -> F64:
    if name in ("pace", "yaw", "waver"):
        return _normal(even)
    if name == "turn":  # Laplace of scale 1
        return np.where(even < 0.5, np.log(2.0 * even + 1e-300), -np.log(2.0 * (1.0 - even) + 1e-300))
    return even


def _normal(even: F64) -> F64:
    """Give the quantiles of the standard normal distribution."""
    quantile = NormalDist().inv_cdf
    clipped = np.clip(even, 1e-12, 1.0 - 1e-12)
    return np.array([quantile(float(share)) for share in clipped.ravel()]).reshape(clipped.shape)


def _uniform(number: int, rows: int, tries: int) -> F64:
    keys = (np.full((rows, tries), number), np.arange(rows)[:, None], np.arange(tries)[None, :])
    return (mix(*keys) >> np.uint64(11)).astype(np.float64) * 2.0**-53
