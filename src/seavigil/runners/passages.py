"""Every passage of one asset, from the crossings that a watch found and from the ships' logs.

A crossing event knows the moment to seconds, but there is one only where the charted line was crossed and the
passage made a new one. The log has a row for every five minutes; joined by straight steps it also shows who
passed alongside, within reach of where the asset may truly lie, and who went over the line again and again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from seavigil.assets.index import AssetIndex
from seavigil.assets.model import Asset
from seavigil.behaviours.surroundings import LEAST_SIGMA_M, REACH_M
from seavigil.events import Event
from seavigil.forecast.presence import Presence
from seavigil.normal.log import Log
from seavigil.records import MINUTE_US, SECOND_US, vessel_id
from seavigil.vessel import Static, Statics

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: A longer step between two rows of the log is no way but a gap.
GAP_US = 15 * MINUTE_US
#: Passages of one ship closer together in time than this are one (own choice: two bins of the log).
SAME_US = 10 * MINUTE_US


@dataclass(frozen=True)
class Way:
    """The ways of many ships as points in order of ship and time; ``step``: whether one leads to the next."""

    ship: I64
    time_us: I64
    lat_deg: F64
    lon_deg: F64
    sog_kn: F64
    step: NDArray[np.bool_]


def way_of(log: Log) -> Way:
    """Give both ends of every row of the log, in order; rows farther apart than GAP_US are not joined."""
    ends = zip(
        (log.ship, log.first_us, log.first_lat_deg, log.first_lon_deg, log.sog_kn),
        (log.ship, log.last_us, log.lat_deg, log.lon_deg, log.sog_kn),
        strict=True,
    )
    ship, time_us, lat, lon, sog = (np.stack(pair, axis=1).ravel() for pair in ends)
    step = (np.diff(ship) == 0) & (np.diff(time_us) <= GAP_US)
    return Way(ship, time_us, lat, lon, sog, np.append(step, False))


def passages(
    asset: Asset, events: Iterable[Event], way: Way, statics: Statics, as_of_us: int
) -> list[Presence]:
    """Give every passage of ``asset``, in order of time; what ships say of themselves as of ``as_of_us``."""
    crossed = [e for e in events if e.behaviour == "crossing" and e.asset_id == asset.asset_id]
    exact = [p for e in crossed if (p := from_event(e, statics, as_of_us)) is not None]
    known: dict[str, list[int]] = {}
    for one in exact:
        known.setdefault(one.vessel_id, []).append(one.crossed_at_us)
    more = [
        one
        for one in _from_way(asset, way, statics, as_of_us)
        if all(abs(one.crossed_at_us - at_us) > SAME_US for at_us in known.get(one.vessel_id, ()))
    ]
    return sorted([*exact, *more], key=lambda one: (one.crossed_at_us, one.vessel_id))


def from_event(event: Event, statics: Statics, as_of_us: int) -> Presence | None:
    """Give the passage of a crossing event; None where it tells of none."""
    passage = event.passage
    if passage is None or passage.crossed_at_us is None or event.mmsi is None:
        return None
    return Presence(
        statics.known(event.mmsi, as_of_us),
        event.vessel_id,
        passage.crossed_at_us,
        passage.crossed_within_s or 0.0,
        passage.probability_over,
        km_along=passage.km_along,
        sog_kn=_crossing_speed(event),
        angle_deg=passage.angle_deg,
    )


def _crossing_speed(event: Event) -> float | None:
    """Give her speed at the crossing itself; the event's own is that of its last report."""
    said = (r.observed for r in event.reasons if r.code == "crossing_speed")
    return next(said, event.sog_kn)


def _from_way(asset: Asset, way: Way, statics: Statics, as_of_us: int) -> Iterator[Presence]:
    """Give the passages that the log shows: each crossing of the line, and each approach without one."""
    index = AssetIndex((asset,))
    from_ = np.flatnonzero(way.step)
    places = (way.lat_deg[from_], way.lon_deg[from_], way.lat_deg[from_ + 1], way.lon_deg[from_ + 1])
    row, _ = index.candidates(*places, within_m=asset.position_uncertainty_m + REACH_M)
    if not len(row):
        return
    places = (places[0][row], places[1][row], places[2][row], places[3][row])
    steps, zeros = from_[row], np.zeros(len(row), dtype=np.int64)
    met = index.crossings(*places, zeros)
    ends = [index.measure(lat, lon, zeros) for lat, lon in (places[:2], places[2:])]
    far_m = np.stack([end.distance_m for end in ends], axis=1)
    km = np.stack([end.km_along for end in ends], axis=1)
    stays = np.flatnonzero(
        (np.diff(way.ship[steps], prepend=-1) != 0) | (np.diff(way.time_us[steps], prepend=0) > GAP_US)
    )
    over = np.isfinite(met.fraction) & (asset.shape == "line")
    for stay in np.split(np.arange(len(steps)), stays[1:]):
        ship = int(way.ship[steps[stay[0]]])
        facts = (statics.known(ship // 256, as_of_us), vessel_id(ship // 256, ship % 256))
        crossings = stay[over[stay]]
        for at in crossings.tolist():
            yield _crossed(way, int(steps[at]), float(met.fraction[at]), float(met.km_along[at]), facts)
        if not len(crossings):
            yield _alongside(asset, way, steps[stay], far_m[stay], km[stay], facts)


def _crossed(way: Way, step: int, part: float, km_along: float, facts: tuple[Static, str]) -> Presence:
    took_us = int(way.time_us[step + 1] - way.time_us[step])
    at_us = int(way.time_us[step]) + round(took_us * part)
    return _presence(facts, way, step, at_us, took_us / 2 / SECOND_US, 1.0, 0.0, km_along)


def _alongside(
    asset: Asset, way: Way, steps: I64, far_m: F64, km: F64, facts: tuple[Static, str]
) -> Presence:
    """Give the closest approach; within it the stay that was nearly as close, up to its half either way."""
    sigma_m = max(asset.sigma_m, LEAST_SIGMA_M)
    nearest = int(np.argmin(far_m))
    step, end = int(steps[nearest // 2]), nearest % 2
    off_m = float(far_m.ravel()[nearest])
    close = np.flatnonzero((far_m <= off_m + sigma_m).any(axis=1))
    began_us, ended_us = int(way.time_us[steps[close[0]]]), int(way.time_us[steps[close[-1]] + 1])
    at_us = (began_us + ended_us) // 2
    probability = 1.0 - 0.5 * (1.0 + erf(off_m / sigma_m / sqrt(2.0)))
    if asset.shape != "line":  # no line to be gone over: inside, or as near as the chart may be off
        probability = min(2.0 * probability, 1.0)
    km_along = float(km.ravel()[nearest])
    within_s = (ended_us - began_us) / 2 / SECOND_US
    return _presence(facts, way, step + end, at_us, within_s, probability, off_m, km_along)


def _presence(
    facts: tuple[Static, str],
    way: Way,
    at: int,
    at_us: int,
    within_s: float,
    probability: float,
    off_m: float,
    km_along: float,
) -> Presence:
    sog_kn = float(way.sog_kn[at])
    return Presence(
        facts[0],
        facts[1],
        at_us,
        within_s,
        probability,
        off_m,
        km_along if np.isfinite(km_along) else None,
        sog_kn if np.isfinite(sog_kn) else None,
    )
