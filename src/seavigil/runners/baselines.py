"""Published rules of others, from their documented thresholds: what ours are measured against.

They run through the same engine (`detect`, `episodes`) as our own behaviours and are no part of the
catalogue. Where a publication leaves something open the reading kinder to the rule is taken: alarms of
one ship less than an hour apart count as one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours import Behaviour, Surroundings, drifting
from seavigil.behaviours.detect import Detail
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.windows import displacement_m, held_us
from seavigil.records import SECOND_US
from seavigil.track import Track

F64 = NDArray[np.float64]

_HELD_TO_THE_GROUND = (1, 5)


@dataclass(frozen=True)
class LowSpeedNearCable:
    """0.3 to 5 kn, kept up for 30 min within 3 km of an asset, getting no farther than 3 km meanwhile."""

    min_sog_kn: float = 0.3
    max_sog_kn: float = 5.0
    window_s: float = 1800.0
    stretch_m: float = 3000.0
    within_m: float = 3000.0
    max_gap_s: float = 400.0


@dataclass(frozen=True)
class AnchorStatusMoving:
    """Status "at anchor" or "moored" and moving. 3 kn: from there on ITU-R M.1371-5 (annex 1, table 1)
    takes such a ship for one that moves.
    """

    min_sog_kn: float = 3.0


@dataclass(frozen=True)
class SlowProximity:
    """Under 3 kn within a nautical mile of an asset (the publication names no distance; ours for it)."""

    max_sog_kn: float = 3.0
    within_m: float = 1852.0


def _low_speed(track: Track, surroundings: Surroundings, params: LowSpeedNearCable) -> Iterable[Scores]:
    window_us = int(params.window_s * SECOND_US)
    slow = (track.sog_kn >= params.min_sog_kn) & (track.sog_kn <= params.max_sog_kn)
    holds = slow & _within(track, surroundings, params.within_m)
    held = held_us(holds, track.time_us, window_us=window_us, max_gap_us=int(params.max_gap_s * SECOND_US))
    stays = displacement_m(track, window_us) <= params.stretch_m
    yield Scores(track.time_us, np.where(stays, held / (0.9 * window_us), 0.0))


def _anchor_status(track: Track, _: Surroundings, params: AnchorStatusMoving) -> Iterable[Scores]:
    moving = np.isin(track.nav_status, _HELD_TO_THE_GROUND) & (track.sog_kn > params.min_sog_kn)
    yield Scores(track.time_us, moving.astype(np.float64))


def _proximity(track: Track, surroundings: Surroundings, params: SlowProximity) -> Iterable[Scores]:
    slow = track.sog_kn < params.max_sog_kn
    yield Scores(track.time_us, (slow & _within(track, surroundings, params.within_m)).astype(np.float64))


def _within(track: Track, surroundings: Surroundings, within_m: float) -> NDArray[np.bool_]:
    near = np.zeros(len(track), dtype=bool)
    if surroundings.assets is not None and len(track):
        lat, lon = track.lat_deg, track.lon_deg
        near[surroundings.assets.candidates(lat, lon, lat, lon, within_m=within_m)[0]] = True
    return near


def _nothing_to_say(*_: object) -> Detail:
    return Detail()


def _baseline(name: str, params: object, score: object, history_s: float) -> Behaviour:
    rule = Rule(on=1.0, off=0.5, max_gap_s=1800.0)
    return Behaviour(name, params, history_s, lambda _: rule, score, _nothing_to_say)  # type: ignore[arg-type]


#: Name, who published it, and the rule.
BASELINES: tuple[Behaviour, ...] = (
    replace(drifting.BEHAVIOUR, name="dma_drift"),
    _baseline("low_speed_near_cable", LowSpeedNearCable(), _low_speed, 2200.0),
    _baseline("anchor_status_moving", AnchorStatusMoving(), _anchor_status, 0.0),
    _baseline("slow_proximity", SlowProximity(), _proximity, 0.0),
)

SAID = {
    "dma_drift": "Danish Maritime Authority, drift: SOG 1-5 kn, |COG - heading| > 45 deg, 10 min, 500 m",
    "low_speed_near_cable": (
        "Low speed near a cable: 0.3-5 kn for 30 min within 3 km of the cable, getting no farther than 3 km"
    ),
    "anchor_status_moving": "Status at anchor or moored, and moving faster than 3 kn",
    "slow_proximity": "Under 3 kn within 1 nautical mile of an asset",
}
