"""What a dragged anchor does to a ship under way: how deep it hangs, what way she loses, how she yaws.

Three pieces of physics, each with its source or its reason:

Pull and way
    The engine gives constant power and resistance grows with the square of the speed, so that she
    loses way until ``x**3 + pull * x = 1``: ``x`` is her way as a share of that without the anchor,
    ``pull`` the anchor's pull as a share of the thrust she has without it.
Pull and time
    The anchor ploughs, fouls, skips and catches again. Its pull wanders by an Ornstein-Uhlenbeck
    process (a ploughing anchor feels the ground over its own length and the ship's surge), and at
    times it breaks out and skips (a renewal process). All time constants are own choices, because
    no case gives its AIS reports second by second; they are spread wide instead.
Depth
    A heavy chain towed far enough hangs at its critical angle, where weight and drag across it are
    in balance (L. Pode, David Taylor Model Basin report 687, 1951).

Real ships that dragged lost from nothing to half their way (incidents EAGLES-1: 9.3 to 8.8 kn at the
cable; NNPB-2: 11 kn, 9.5 for 5 minutes at the pipe; YP3-1: 9 to 10, then 5 to 6 for hours and 3 to 4
at a ridge; BORNHOLM-2022: 9 to 10 kn; DRAG-VELA-2018: 3 to 6 kn by hanging chain alone).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises.chance import Chance
from seavigil.exercises.orders import KN_MS

F64 = NDArray[np.float64]

#: A shackle of anchor chain is 15 fathoms (ISO 1704 takes it as 27.5 m).
SHACKLE_M = 27.5
#: Stud-link chain of bar diameter d (m): mass 21.9 d2 t/m, and 2.6 its drag coefficient across,
#: both on the bar's diameter (OrcaFlex documentation, chain; DNV-OS-E301 has the same 2.6).
CHAIN_T_M3 = 21.9
CHAIN_DRAG = 2.6
SEA_WATER_T_M3 = 1.025
STEEL_T_M3 = 7.8
GRAVITY_MS2 = 9.81
#: Bar diameter to ship's length: 0.36 mm a metre gives 81 mm at 225 m, 48 mm at 132 m (own choice,
#: because the rules go by equipment number, which needs more than an invented ship has).
CHAIN_MM_PER_M = 0.36
#: An anchor that has broken out and skips over the ground still pulls with its chain: so much of what it did.
SKIPPING_SHARE = 0.3
#: It holds and skips for so long on average, in seconds, at unsteadiness 1 (own choice, see above).
HOLDS_S, SKIPS_S = 900.0, 90.0
#: The bow goes to and fro about its mean angle over about this long: rudder and yaw of a large ship.
YAW_TAU_S = 90.0
#: No ship of the cases lost all her way to her anchor: her engine drags it on.
MOST_LOST = 0.93


class Draw(IntEnum):
    """First key of every number drawn here."""

    PULL = 601
    SKIP = 602
    YAW = 603


@dataclass(frozen=True)
class Hit:
    """The anchor catches a cable or pipe at ``at_s``: for ``for_s`` seconds she loses ``dip`` of her way.

    ``dip`` is the share of her speed at that moment which is gone when the anchor comes free. In
    NNPB-2 it was 0.14 in 5 minutes, in EAGLES-1 0.05 in 2.
    """

    at_s: float
    for_s: float
    dip: float


@dataclass(frozen=True)
class Drag:
    """A drag from ``began_s`` to ``ended_s``: mean share of way lost, and how unsteadily.

    ``unsteadiness`` 0 is an even pull, 1 a pull that swings by its own size. ``pull_tau_s`` is the
    memory of the pull, ``split_deg`` the mean angle by which the bow stands off the course
    (+ to starboard), ``speed_tau_s`` the ship's own time constant (``motion.Handling``).
    """

    began_s: float
    ended_s: float
    mean_loss: float
    unsteadiness: float
    pull_tau_s: float = 240.0
    split_deg: float = 2.0
    speed_tau_s: float = 400.0
    hits: tuple[Hit, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.mean_loss <= 0.8:
            raise ValueError(f"mean_loss {self.mean_loss}: a share of her way from 0 to 0.8")
        if not self.began_s < self.ended_s:
            raise ValueError(f"the drag ends at {self.ended_s} s, before it began at {self.began_s} s")


@dataclass(frozen=True)
class Pulled:
    """What a drag does, one value per step from its beginning; the last is 0: the anchor is home."""

    share_lost: F64
    yaw_deg: F64


def way_left(pull: F64) -> F64:
    """Give her way, as a share of that without the anchor, for a pull as a share of thrust (>= 0).

    Solves ``x**3 + pull * x = 1`` by Newton's rule from above, where it cannot overshoot.
    """
    x = np.ones_like(pull)
    for _ in range(24):
        x -= (x**3 + pull * x - 1.0) / (3.0 * x**2 + pull)
    return x


def pull_for(loss: float) -> float:
    """Give the pull, as a share of thrust, that takes ``loss`` (0 to below 1) of a ship's way."""
    x = 1.0 - loss
    return (1.0 - x**3) / x


def chain_mm(length_m: float) -> float:
    """Give the bar diameter of the anchor chain of a ship so long, mm."""
    return CHAIN_MM_PER_M * length_m


def reach_m(chain_m: float, sog_kn: float, bar_mm: float) -> float:
    """Give how deep an anchor hangs on ``chain_m`` of chain at a speed: at 14 kn still some 60 m of 137.

    The chain hangs straight at its critical angle to the horizontal; the anchor's own weight, which
    would make it steeper, is left out, so the depth is on the safe side.
    """
    bar_m, speed_ms = bar_mm / 1000.0, sog_kn * KN_MS
    if speed_ms <= 0.0:
        return chain_m
    weight_n_m = CHAIN_T_M3 * 1000.0 * bar_m**2 * (1.0 - SEA_WATER_T_M3 / STEEL_T_M3) * GRAVITY_MS2
    drag_n_m = 0.5 * SEA_WATER_T_M3 * 1000.0 * CHAIN_DRAG * bar_m * speed_ms**2
    ratio = weight_n_m / drag_n_m
    cosine = (np.sqrt(ratio**2 + 4.0) - ratio) / 2.0  # ratio * cos = sin**2
    return float(chain_m * np.sqrt(1.0 - cosine**2))


def shackles_for(depth_m: float, sog_kn: float, bar_mm: float) -> int:
    """Give how many whole shackles must run out before the anchor reaches so deep at a speed."""
    per_shackle_m = reach_m(SHACKLE_M, sog_kn, bar_mm)
    return int(np.ceil(depth_m / per_shackle_m))


def pulled(drag: Drag, step_s: float, chance: Chance, key: int) -> Pulled:
    """Give what the anchor does, step by step; ``key`` (say, her MMSI) keeps her luck her own."""
    steps = max(1, round((drag.ended_s - drag.began_s) / step_s))
    ground = _ground(drag, steps, step_s, chance, key)
    pull = _scaled(ground, drag.mean_loss)
    lost = 1.0 - way_left(pull)
    for hit in drag.hits:
        lost = _caught(lost, hit, drag, step_s)
    lost = np.minimum(lost, MOST_LOST)
    swing = _wander(steps, step_s, YAW_TAU_S, chance, Draw.YAW, key)
    # the bow is held off by what the anchor pulls; 0.35 is the swing of an autopilot fighting it
    firm = np.clip(pull / max(pull.mean(), 1e-9), 0.3, 2.5)
    yaw = drag.split_deg * np.sqrt(firm) * (1.0 + 0.35 * swing)
    home = np.zeros(1)
    return Pulled(np.concatenate([lost, home]), np.concatenate([yaw, home]))


def _ground(drag: Drag, steps: int, step_s: float, chance: Chance, key: int) -> F64:
    """Give how firmly the ground holds the anchor, about 1 on average and never negative."""
    sigma = np.sqrt(np.log1p(drag.unsteadiness**2))  # of a lognormal pull with that coefficient of variation
    wander = _wander(steps, step_s, drag.pull_tau_s, chance, Draw.PULL, key)
    firm: F64 = np.exp(sigma * wander - sigma**2 / 2.0)
    firm[_skips(steps, step_s, drag.unsteadiness, chance, key)] *= SKIPPING_SHARE
    return firm


def _wander(steps: int, step_s: float, tau_s: float, chance: Chance, what: int, key: int) -> F64:
    """Give an Ornstein-Uhlenbeck process of unit variance, from its stationary state on."""
    kept = float(np.exp(-step_s / tau_s))
    push = np.sqrt(1.0 - kept**2)
    drawn = chance.normal(what, key, np.arange(steps)).tolist()
    out = drawn[:1]
    for number in drawn[1:]:
        out.append(kept * out[-1] + push * number)
    return np.array(out)


def _skips(steps: int, step_s: float, unsteadiness: float, chance: Chance, key: int) -> NDArray[np.bool_]:
    """Tell in which steps the anchor skips: by turns it holds and skips, each for an exponential time."""
    skipping = np.zeros(steps, dtype=bool)
    if unsteadiness <= 0.0:
        return skipping
    at_s, turn = 0.0, 0
    while at_s < steps * step_s:
        holds_s, skips_s = (
            -mean_s * float(np.log1p(-chance.uniform(Draw.SKIP, key, turn, i)[0]))
            for i, mean_s in enumerate((HOLDS_S / unsteadiness, SKIPS_S))
        )
        at_s += holds_s
        skipping[int(at_s / step_s) : int((at_s + skips_s) / step_s)] = True
        at_s += skips_s
        turn += 1
    return skipping


def _scaled(ground: F64, mean_loss: float) -> F64:
    """Scale the pull so that the mean way lost is ``mean_loss``, by halving (it grows with the pull)."""
    low, high = 0.0, 4.0 * max(pull_for(mean_loss), 0.01) / max(float(ground.mean()), 0.05)
    for _ in range(40):
        middle = (low + high) / 2.0
        if float(np.mean(1.0 - way_left(middle * ground))) < mean_loss:
            low = middle
        else:
            high = middle
    pull: F64 = (low + high) / 2.0 * ground
    return pull


def _caught(lost: F64, hit: Hit, drag: Drag, step_s: float) -> F64:
    """Add what a hit takes: so much that she, lagging by her time constant, is down by ``dip`` at its end."""
    first = round((hit.at_s - drag.began_s) / step_s)
    last = round((hit.at_s + hit.for_s - drag.began_s) / step_s)
    answered = 1.0 - float(np.exp(-hit.for_s / drag.speed_tau_s))
    caught = lost.copy()
    part = slice(max(first, 0), max(last, 0))
    caught[part] += (1.0 - caught[part]) * min(hit.dip / answered, 1.0)
    return caught
