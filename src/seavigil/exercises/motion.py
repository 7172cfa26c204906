"""How invented ships move: an autopilot on waypoints, first-order speed and turn, wind and anchors.

A ship answers a speed order as exp(-t / ``speed_tau_s``) and a turn order with a rate that itself
lags (Nomoto's first-order model, K and T indices, 1957). What wind and sea do to her is a velocity
added to her way through the water (``set_kn`` towards ``set_deg``). Ships at anchor swing on an
arc; ships at a berth lie still. Everything is drawn on WGS 84, in steps of one second or longer.

What is asked of a ship goes by the clock (``Order``) or by her waypoints (``Call``: from here on so
fast, lie here so long). What hinders her is a ``Burden`` (a dragged anchor, a failing engine), the
``Unrest`` of her own engine and helm, and the ``Water``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises.helm import sail
from seavigil.exercises.orders import (
    ARRAYS,
    AT_ANCHOR,
    FISHING,
    KN_MS,
    MOORED,
    NOT_DEFINED,
    NOT_UNDER_COMMAND,
    RESTRICTED,
    UNDER_WAY_USING_ENGINE,
    Berth,
    Burden,
    Call,
    Handling,
    Lies,
    Motion,
    Order,
    Passage,
    Place,
    Swing,
    Tracks,
    Unrest,
)
from seavigil.exercises.water import Water
from seavigil.geodesy import metres_per_degree

__all__ = [
    "ARRAYS",
    "AT_ANCHOR",
    "FISHING",
    "KN_MS",
    "MOORED",
    "NOT_DEFINED",
    "NOT_UNDER_COMMAND",
    "RESTRICTED",
    "UNDER_WAY_USING_ENGINE",
    "Berth",
    "Burden",
    "Call",
    "Handling",
    "Lies",
    "Motion",
    "Order",
    "Passage",
    "Place",
    "Swing",
    "Tracks",
    "Unrest",
    "join",
    "move",
]

F64 = NDArray[np.float64]


def move(motions: Sequence[Motion], seconds: int, step_s: float = 1, water: Water | None = None) -> Tracks:
    """Move all ships from second 0 to ``seconds``; row ``i`` of the result is ``motions[i]``.

    A longer step does what as many steps of a second would, but for the turns within it; with up to
    10 s tracks differ by some tens of metres. Raises ``ValueError`` if ``seconds`` is no whole number
    of steps.
    """
    if seconds % step_s:
        raise ValueError(f"{seconds} s are no whole number of steps of {step_s} s")
    passages = [i for i, motion in enumerate(motions) if isinstance(motion, Passage)]
    others = [i for i, motion in enumerate(motions) if not isinstance(motion, Passage)]
    parts = [_lie(motion, seconds, step_s) for motion in motions if not isinstance(motion, Passage)]
    if passages:
        under_way = [m for m in motions if isinstance(m, Passage)]
        parts.insert(0, sail(under_way, seconds, step_s, water))
    return join(parts).rows(np.argsort(np.array(passages + others), kind="stable").tolist())


def join(parts: Sequence[Tracks]) -> Tracks:
    """Put the ships of several tracks of one length and step one after another."""
    most = max(part.reached_s.shape[1] for part in parts)
    reached = [
        np.pad(p.reached_s, ((0, 0), (0, most - p.reached_s.shape[1])), constant_values=np.nan) for p in parts
    ]
    whole = {name: np.concatenate([getattr(p, name) for p in parts]) for name in ARRAYS[:-1]}
    return Tracks(**whole, reached_s=np.concatenate(reached), step_s=parts[0].step_s)


def _lie(motion: Swing | Berth, seconds: int, step_s: float) -> Tracks:
    """Draw one ship at anchor or alongside."""
    clock = np.arange(0.0, seconds + step_s / 2.0, step_s)
    if isinstance(motion, Berth):
        still = np.zeros(len(clock))
        return _row(motion.place, still, still, still + motion.heading_deg, MOORED, step_s)
    swing = 2.0 * np.pi * clock / motion.period_s + np.radians(motion.phase_deg)
    bearing = np.radians(motion.towards_deg + motion.arc_deg / 2.0 * np.sin(swing))
    yaw = motion.arc_deg / 6.0 * np.cos(swing)  # the bow falls off before the stern follows
    east, north = motion.radius_m * np.sin(bearing), motion.radius_m * np.cos(bearing)
    return _row(motion.anchor, east, north, np.degrees(bearing) + 180.0 + yaw, AT_ANCHOR, step_s)


def _row(place: Place, east_m: F64, north_m: F64, heading_deg: F64, status: int, step_s: float) -> Tracks:
    lat, lon = place
    north_per, east_per = metres_per_degree(np.array([lat]))
    heading = heading_deg % 360.0
    rot = np.gradient(heading_deg, step_s) * 60.0
    return Tracks(
        (lat + north_m / north_per)[None, :],
        (lon + east_m / east_per)[None, :],
        (np.gradient(east_m, step_s) / KN_MS)[None, :],
        (np.gradient(north_m, step_s) / KN_MS)[None, :],
        heading[None, :],
        rot[None, :],
        np.full((1, len(heading)), status, dtype=np.int8),
        np.zeros((1, 0)),
        step_s,
    )
