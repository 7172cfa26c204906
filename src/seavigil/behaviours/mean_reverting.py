"""A ship's way over a silence, if her speed only wavered about its mean: the Ornstein-Uhlenbeck test.

Ships under way keep a mean velocity and come back to it; their velocity is well described by a
mean-reverting process (Millefiori, Braca, Bryan and Willett, "Modeling vessel kinematics using a
stochastic mean-reverting process for long-term prediction", IEEE Transactions on Aerospace and
Electronic Systems 52, 2016), and a deviation from it can be tested (d'Afflisio, Braca, Millefiori and
Willett, "Detecting anomalous deviations from standard maritime routes using the Ornstein-Uhlenbeck
process", IEEE Transactions on Signal Processing 66, 2018). Unlike a random walk, what it allows grows
with the square root of time only.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt, tanh

Vector = tuple[float, float]


@dataclass(frozen=True)
class Way:
    """The way to be expected (m, east and north) and its standard deviation in each direction."""

    east_m: float
    north_m: float
    sigma_m: float


def expected_way(
    before_m_s: Vector,
    after_m_s: Vector,
    *,
    mean_m_s: Vector,
    lasted_s: float,
    spread_m_s: float,
    returns_in_s: float,
) -> Way:
    """Give the way over a time of which the velocities at both ends are known.

    The velocity wavers about ``mean_m_s`` with standard deviation ``spread_m_s`` and forgets in
    ``returns_in_s``. For a velocity v with dv = -(v - mean) dt / r + noise, given v at both ends, the
    integral has mean ``mean T + (v0 + v1 - 2 mean) r tanh(T / 2r)`` and variance
    ``2 s^2 r (T - 2 r tanh(T / 2r))``.
    """
    kept_s = returns_in_s * tanh(lasted_s / (2.0 * returns_in_s))
    east_m, north_m = (
        mean * lasted_s + (v0 + v1 - 2.0 * mean) * kept_s
        for v0, v1, mean in zip(before_m_s, after_m_s, mean_m_s, strict=True)
    )
    variance = 2.0 * spread_m_s**2 * returns_in_s * (lasted_s - 2.0 * kept_s)
    return Way(east_m, north_m, sqrt(max(variance, 0.0)))


def off_by(way: Way, made_m: Vector, *, turn_m_s: float, lasted_s: float, position_m: float) -> float:
    """Give how far the way made is off the way expected, in standard deviations (1 is usual, 3 is rare).

    A ship whose velocity is another by ``turn_m_s`` afterwards has turned at some unknown moment: equally
    likely at any, which adds a variance of ``(turn T)^2 / 12``. ``position_m``: error of both fixes.
    """
    unknown_m = turn_m_s * lasted_s / sqrt(12.0)
    sigma_m = hypot(way.sigma_m, unknown_m, position_m)
    return hypot(made_m[0] - way.east_m, made_m[1] - way.north_m) / sigma_m
