"""What an invented ship is asked to do, how she answers, and where she was: the words of ``motion``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import inf

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I8 = NDArray[np.int8]
I64 = NDArray[np.int64]

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
NOT_UNDER_COMMAND = 2
RESTRICTED = 3
MOORED = 5
FISHING = 7
NOT_DEFINED = 15

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
    """How quickly a ship answers engine and rudder, and what sea and wind do to her.

    ``sea_pull``: the pull of a head sea of one metre as a share of her thrust (it grows with the
    square of the height, as added resistance does). ``windage``: the share of the wind's speed at
    which she is blown sideways.
    """

    speed_tau_s: float = 240.0
    turn_tau_s: float = 12.0
    turn_rate_max_deg_s: float = 0.5
    sea_pull: float = 0.0
    windage: float = 0.0


@dataclass(frozen=True)
class Burden:
    """What holds a ship back from ``began_s`` on, one value per step: nothing after the last.

    ``share_lost``: share (0..1) of the speed her thrust would give that is lost at equilibrium, before
    inertia. ``yaw_deg``: angle of her bow from her course that the autopilot does not take out.
    """

    began_s: float
    share_lost: F64
    yaw_deg: F64


@dataclass(frozen=True)
class Unrest:
    """How unsteadily she goes, one value every ``every_s`` from second 0: straight in between.

    ``speed_share`` is added to 1 and multiplies her speed; ``course_deg`` is added to the course steered.
    """

    every_s: float
    speed_share: F64
    course_deg: F64


class Lies(IntEnum):
    """How a ship spends the time of a call."""

    ALONGSIDE = 1  #: fast, where she is
    AT_ANCHOR = 2  #: swings downwind of her anchor
    ADRIFT = 3  #: engine stopped, goes where wind and current take her


@dataclass(frozen=True)
class Call:
    """What is asked of a ship at waypoint ``at``: how fast to go on from there.

    With ``lies`` she first lies there for ``for_s`` and at least until ``until_s``; at the last waypoint
    she stays.
    ``nav_status`` holds from there on, ``lying_status`` meanwhile; None leaves them as they were.
    ``swing_m`` is how far her antenna lies from the anchor.
    """

    at: int
    speed_kn: float | None = None
    for_s: float = 0.0
    until_s: float = 0.0
    lies: Lies | None = None
    nav_status: int | None = None
    lying_status: int | None = None
    swing_m: float = 0.0


@dataclass(frozen=True)
class Passage:
    """A ship under way from ``route[0]`` along the route, by ``orders`` (the first at 0 s) and ``calls``.

    Where both speak of speed the lower holds; a call's status goes before an order's.
    """

    route: tuple[Place, ...]
    orders: tuple[Order, ...] = (Order(0.0, inf),)
    handling: Handling = Handling()
    berths_at_end: bool = False
    burdens: tuple[Burden, ...] = ()
    calls: tuple[Call, ...] = ()
    unrest: Unrest | None = None

    def __post_init__(self) -> None:
        first = min((c.at for c in self.calls if c.speed_kn is not None), default=None)
        if self.orders[0].speed_kn == inf and first != 0:
            raise ValueError("nothing says how fast she goes: give an order, or a call at waypoint 0")


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
    """Where every ship truly was: each array is ships by steps, from second 0 to the last.

    ``reached_s`` is ships by waypoints: when she came to each, NaN if not (no columns beyond the longest
    route; a swing or berth has none).
    """

    lat_deg: F64
    lon_deg: F64
    east_kn: F64
    north_kn: F64
    heading_deg: F64
    rot_deg_min: F64
    nav_status: I8
    reached_s: F64
    step_s: float = 1

    @property
    def seconds(self) -> float:
        """The last second."""
        return (int(self.lat_deg.shape[1]) - 1) * self.step_s

    def at(self, row: I64, time_s: I64 | F64) -> Now:
        """Give ships ``row`` at times (s), element by element: straight between steps."""
        step, rest = np.divmod(np.asarray(time_s, dtype=np.float64), self.step_s)
        here = step.astype(np.int64)
        there = np.minimum(here + 1, self.lat_deg.shape[1] - 1)
        share = rest / self.step_s

        def between(values: F64) -> F64:
            begin = values[row, here]
            out: F64 = begin + share * (values[row, there] - begin)
            return out

        bow = self.heading_deg[row, here]
        turned = (self.heading_deg[row, there] - bow + 180.0) % 360.0 - 180.0
        return Now(
            (between(self.lat_deg), between(self.lon_deg)),
            (between(self.east_kn), between(self.north_kn)),
            (bow + share * turned) % 360.0,
            self.rot_deg_min[row, here],
            self.nav_status[row, here],
        )

    def rows(self, keep: Sequence[int]) -> Tracks:
        """Give the ships in ``keep``, in that order."""
        rows = list(keep)
        return replace(self, **{name: getattr(self, name)[rows] for name in ARRAYS})


@dataclass(frozen=True)
class Now:
    """Ships at given times: place (lat, lon), way over ground (east, north), bow, turn and status."""

    place: tuple[F64, F64]
    way_kn: tuple[F64, F64]
    heading_deg: F64
    rot_deg_min: F64
    nav_status: I8


#: The arrays of ``Tracks``.
ARRAYS = (
    "lat_deg",
    "lon_deg",
    "east_kn",
    "north_kn",
    "heading_deg",
    "rot_deg_min",
    "nav_status",
    "reached_s",
)
